#include "store/table_file.h"

#include "store/hdf5_util.h"
#include "store/new_file.h"

fsbi_status fsbi_table_file_create(const char *path, const fsbi_table *tables, size_t count,
                                   fsbi_error *error) {
    int64_t file = 0;
    fsbi_status status = fsbi_new_file_create(path, "file", &file, error);
    if (status != FSBI_OK)
        return status;
    for (size_t i = 0; i < count && status == FSBI_OK; i++)
        status = fsbi_hdf5_create_dataset(file, tables[i].name, H5T_NATIVE_DOUBLE, tables[i].rows,
                                          tables[i].columns, NULL, error);
    fsbi_status closed = fsbi_new_file_close(path, file, status == FSBI_OK ? error : NULL);
    status = status == FSBI_OK ? closed : status;
    if (status != FSBI_OK)
        fsbi_new_file_abandon(path);
    return status;
}

fsbi_status fsbi_table_file_write(int64_t file, const fsbi_table *table, size_t first, size_t count,
                                  const double *values, fsbi_error *error) {
    const fsbi_hdf5_rows rows = {table->name, H5T_NATIVE_DOUBLE, first, count,
                                 table->columns > 0 ? table->columns : 1};
    return fsbi_hdf5_write(file, &rows, values, error);
}

static fsbi_status write_attribute(hid_t file, const fsbi_table_attribute *attribute,
                                   fsbi_error *error) {
    hid_t dataset = H5Dopen2(file, attribute->dataset, H5P_DEFAULT);
    if (dataset < 0)
        return fsbi_hdf5_error(error, "cannot open the dataset '%s'", attribute->dataset);
    fsbi_status status =
        attribute->names == NULL
            ? fsbi_hdf5_write_real(dataset, attribute->name, attribute->value, error)
            : fsbi_hdf5_write_names(dataset, attribute->name, attribute->names, attribute->stride,
                                    attribute->count, error);
    H5Dclose(dataset);
    return status;
}

fsbi_status fsbi_table_file_finish(const char *path, const fsbi_table_attribute *attributes,
                                   size_t count, fsbi_error *error) {
    int64_t file = 0;
    fsbi_status status = fsbi_new_file_open(path, MPI_COMM_NULL, &file, error);
    if (status != FSBI_OK)
        return status;
    for (size_t i = 0; i < count && status == FSBI_OK; i++)
        status = write_attribute(file, &attributes[i], error);
    fsbi_status closed = fsbi_new_file_close(path, file, status == FSBI_OK ? error : NULL);
    status = status == FSBI_OK ? closed : status;
    return status != FSBI_OK ? status : fsbi_new_file_finish(path, error);
}
