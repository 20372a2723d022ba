#include "store/matrix.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/hdf5_util.h"

/* The type to read a compound's field by, and its length; negative if there is no such array of
 * numbers. */
static hid_t field_type(hid_t file_type, const char *field, hsize_t *columns) {
    int index = H5Tget_member_index(file_type, field);
    hid_t member = index < 0 ? -1 : H5Tget_member_type(file_type, (unsigned)index);
    hid_t type = -1;
    if (member >= 0 && H5Tget_class(member) == H5T_ARRAY && H5Tget_array_ndims(member) == 1) {
        H5Tget_array_dims2(member, columns);
        hid_t array = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, columns);
        type = H5Tcreate(H5T_COMPOUND, *columns * sizeof(double));
        H5Tinsert(type, field, 0, array);
        H5Tclose(array);
    }
    if (member >= 0)
        H5Tclose(member);
    return type;
}

/* Rows of a campaign that have not been simulated hold no theta. */
static fsbi_status refuse_pending(hid_t dataset, hid_t file_type, size_t rows, fsbi_error *error) {
    if (H5Tget_member_index(file_type, "status") < 0 || rows == 0)
        return FSBI_OK;
    int32_t *row_status = fsbi_memory_allocate(rows, sizeof *row_status, error);
    if (row_status == NULL)
        return FSBI_NO_MEMORY;
    hid_t member =
        H5Tget_member_type(file_type, (unsigned)H5Tget_member_index(file_type, "status"));
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof *row_status);
    H5Tinsert(type, "status", 0, member);
    fsbi_status status = FSBI_OK;
    if (H5Tget_size(member) != sizeof *row_status ||
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, row_status) < 0)
        status = fsbi_hdf5_error(error, "the rows' status cannot be read");
    for (size_t row = 0; row < rows && status == FSBI_OK; row++)
        if (row_status[row] == 0)
            status = fsbi_error_set(
                error, FSBI_BAD_INPUT,
                "row %zu is pending and has no theta yet; finish that campaign first", row);
    H5Tclose(type);
    H5Tclose(member);
    free(row_status);
    return status;
}

bool fsbi_store_is_hdf5(const char *path) {
    fsbi_hdf5_quiet();
    return H5Fis_hdf5(path) > 0;
}

/* The way to a dataset must exist step by step. */
bool fsbi_store_has(const char *path, const char *name) {
    hid_t file = fsbi_hdf5_open(path);
    if (file < 0)
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

static fsbi_status read_open(hid_t dataset, const char *field, double **values, size_t *rows,
                             size_t *columns, fsbi_error *error) {
    hid_t space = H5Dget_space(dataset);
    hid_t file_type = H5Dget_type(dataset);
    hid_t type = -1;
    hsize_t size[2] = {0, 0};
    int dimensions = H5Sget_simple_extent_ndims(space);
    if (dimensions >= 1 && dimensions <= 2)
        H5Sget_simple_extent_dims(space, size, NULL);
    H5T_class_t class = H5Tget_class(file_type);
    if (dimensions == 1 && (class == H5T_FLOAT || class == H5T_INTEGER))
        size[1] = 1;
    if (size[1] > 0 && (class == H5T_FLOAT || class == H5T_INTEGER))
        type = H5Tcopy(H5T_NATIVE_DOUBLE);
    else if (dimensions == 1 && class == H5T_COMPOUND && field != NULL)
        type = field_type(file_type, field, &size[1]);
    fsbi_status status = FSBI_OK;
    if (type < 0) {
        status = fsbi_error_set(error, FSBI_BAD_INPUT,
                                "neither a table of numbers (of one or two dimensions) nor rows "
                                "with a field '%s'",
                                field != NULL ? field : "theta");
    } else {
        *rows = (size_t)size[0];
        *columns = (size_t)size[1];
        status = fsbi_hdf5_check_written(dataset, error);
        if (status == FSBI_OK) {
            *values = fsbi_memory_allocate(*rows * *columns, sizeof **values, error);
            status = *values == NULL ? FSBI_NO_MEMORY : FSBI_OK;
        }
        if (status == FSBI_OK && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0)
            status = fsbi_hdf5_error(error, "cannot be read");
        if (status == FSBI_OK && class == H5T_COMPOUND)
            status = refuse_pending(dataset, file_type, *rows, error);
        H5Tclose(type);
    }
    H5Tclose(file_type);
    H5Sclose(space);
    return status;
}

fsbi_status fsbi_store_read_matrix(const char *path, const char *dataset, const char *field,
                                   double **values, size_t *rows, size_t *columns,
                                   fsbi_error *error) {
    *values = NULL;
    hid_t file = fsbi_hdf5_open(path);
    if (file < 0) {
        fsbi_hdf5_error(error, "cannot read '%s' as an HDF5 file", path);
        return FSBI_BAD_INPUT;
    }
    hid_t open = H5Dopen2(file, dataset, H5P_DEFAULT);
    fsbi_status status = FSBI_OK;
    if (open < 0) {
        fsbi_hdf5_error(error, "there is no dataset '%s' in '%s'", dataset, path);
        status = FSBI_BAD_INPUT;
    } else {
        status = read_open(open, field, values, rows, columns, error);
        if (status != FSBI_OK)
            fsbi_error_prefix(error, "'%s' in '%s'", dataset, path);
        H5Dclose(open);
    }
    fsbi_hdf5_close(file);
    if (status != FSBI_OK) {
        free(*values);
        *values = NULL;
    }
    return status;
}
