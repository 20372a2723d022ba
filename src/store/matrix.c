#include "store/matrix.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/hdf5_util.h"
#include "store/layout.h"

/* What HDF5 reads as a double: booleans are enumerations in h5py. */
static bool is_number(H5T_class_t class) {
    return class == H5T_FLOAT || class == H5T_INTEGER || class == H5T_ENUM;
}

/* The type to read a compound's field by, a number or an array of them, and its length; negative if
 * there is no such field. */
static hid_t field_type(hid_t file_type, const char *field, hsize_t *columns) {
    const int index = H5Tget_member_index(file_type, field);
    hid_t member = index < 0 ? -1 : H5Tget_member_type(file_type, (unsigned)index);
    const H5T_class_t class = member < 0 ? H5T_NO_CLASS : H5Tget_class(member);
    hid_t memory = -1;
    if (class == H5T_ARRAY && H5Tget_array_ndims(member) == 1) {
        H5Tget_array_dims2(member, columns);
        memory = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, columns);
    } else if (is_number(class)) {
        *columns = 1;
        memory = H5Tcopy(H5T_NATIVE_DOUBLE);
    }
    if (member >= 0)
        H5Tclose(member);
    if (memory < 0)
        return -1;
    hid_t type = H5Tcreate(H5T_COMPOUND, *columns * sizeof(double));
    H5Tinsert(type, field, 0, memory);
    H5Tclose(memory);
    return type;
}

/* Rows of a campaign that have not been simulated hold no theta; `type` and `member` read the rows'
 * status. */
static fsbi_status check_status(hid_t dataset, hid_t type, hid_t member, size_t rows,
                                fsbi_error *error) {
    int32_t *row_status = fsbi_memory_allocate(rows, sizeof *row_status, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(row_status == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    if (H5Tget_size(member) != sizeof *row_status ||
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, row_status) < 0)
        FSBI_TRY_DONE(fsbi_hdf5_error(error, "the rows' status cannot be read"));
    for (size_t row = 0; row < rows; row++)
        if (row_status[row] == 0)
            FSBI_TRY_DONE(fsbi_error_set(
                error, FSBI_BAD_INPUT,
                "row %zu is pending and has no theta yet; finish that campaign first", row));
done:
    free(row_status);
    return status;
}

static fsbi_status refuse_pending(hid_t dataset, hid_t file_type, size_t rows, fsbi_error *error) {
    if (!fsbi_layout_is_row_type(file_type) || rows == 0)
        return FSBI_OK;
    const int index = H5Tget_member_index(file_type, "status");
    hid_t member = H5Tget_member_type(file_type, (unsigned)index);
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(int32_t));
    H5Tinsert(type, "status", 0, member);
    const fsbi_status status = check_status(dataset, type, member, rows, error);
    H5Tclose(type);
    H5Tclose(member);
    return status;
}

fsbi_status fsbi_store_expect_hdf5(const char *path, fsbi_error *error) {
    return fsbi_hdf5_expect(path, error);
}

/* The way to a dataset must exist step by step. */
bool fsbi_store_has(const char *path, const char *name) {
    hid_t file = -1;
    if (fsbi_hdf5_open(path, &file, NULL) != FSBI_OK)
        return false;
    char part[1024];
    snprintf(part, sizeof part, "%s", name);
    bool found = true;
    for (char *slash = strchr(part + 1, '/'); slash != NULL && found;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        found = H5Lexists(file, part, H5P_DEFAULT) > 0;
        *slash = '/';
    }
    found = found && H5Lexists(file, part, H5P_DEFAULT) > 0;
    fsbi_hdf5_close(file);
    return found;
}

/* The type to read a dataset by, and its size; negative if it is no table of numbers. */
static hid_t find_type(hid_t dataset, hid_t file_type, const char *field, hsize_t size[2]) {
    hid_t space = H5Dget_space(dataset);
    const int dimensions = H5Sget_simple_extent_ndims(space);
    const bool holds = H5Sget_simple_extent_type(space) != H5S_NULL && dimensions <= 2;
    const H5T_class_t class = H5Tget_class(file_type);
    size[0] = size[1] = 1;
    if (holds)
        H5Sget_simple_extent_dims(space, size, NULL);
    H5Sclose(space);
    if (holds && size[1] > 0 && is_number(class))
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    return holds && dimensions == 1 && class == H5T_COMPOUND && field != NULL
               ? field_type(file_type, field, &size[1])
               : -1;
}

static fsbi_status read_numbers(hid_t dataset, hid_t file_type, hid_t type, fsbi_matrix *matrix,
                                fsbi_error *error) {
    FSBI_TRY(fsbi_hdf5_check_written(dataset, error));
    matrix->written = fsbi_hdf5_written_share(dataset);
    matrix->values =
        fsbi_memory_allocate(matrix->rows * matrix->columns, sizeof *matrix->values, error);
    if (matrix->values == NULL)
        return FSBI_NO_MEMORY;
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, matrix->values) < 0)
        return fsbi_hdf5_read_error(dataset, "cannot be read", error);
    return H5Tget_class(file_type) == H5T_COMPOUND
               ? refuse_pending(dataset, file_type, matrix->rows, error)
               : FSBI_OK;
}

static fsbi_status read_open(hid_t dataset, const char *field, fsbi_matrix *matrix,
                             fsbi_error *error) {
    hsize_t size[2] = {0, 0};
    hid_t file_type = H5Dget_type(dataset);
    hid_t type = find_type(dataset, file_type, field, size);
    fsbi_status status = FSBI_OK;
    if (type < 0)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "neither a table of numbers (of at most two dimensions) nor "
                                     "rows with a field '%s' of numbers",
                                     field != NULL ? field : "theta"));
    matrix->rows = (size_t)size[0];
    matrix->columns = (size_t)size[1];
    FSBI_TRY_DONE(read_numbers(dataset, file_type, type, matrix, error));
done:
    if (type >= 0)
        H5Tclose(type);
    H5Tclose(file_type);
    return status;
}

static fsbi_status open_and_read(hid_t file, const char *path, const char *dataset,
                                 const char *field, fsbi_matrix *matrix, fsbi_error *error) {
    hid_t open = H5Dopen2(file, dataset, H5P_DEFAULT);
    if (open < 0) {
        fsbi_hdf5_error(error, "there is no dataset '%s' in '%s'", dataset, path);
        return FSBI_BAD_INPUT;
    }
    const fsbi_status status = read_open(open, field, matrix, error);
    if (status != FSBI_OK)
        fsbi_error_prefix(error, "'%s' in '%s'", dataset, path);
    H5Dclose(open);
    return status;
}

fsbi_status fsbi_store_read_matrix(const char *path, const char *dataset, const char *field,
                                   fsbi_matrix *matrix, fsbi_error *error) {
    hid_t file = -1;
    *matrix = (fsbi_matrix){0};
    FSBI_TRY(fsbi_hdf5_open(path, &file, error));
    const fsbi_status status = open_and_read(file, path, dataset, field, matrix, error);
    fsbi_hdf5_close(file);
    if (status != FSBI_OK) {
        free(matrix->values);
        *matrix = (fsbi_matrix){0};
    }
    return status;
}
