#include "store/table_file.h"

#include "store/hdf5_util.h"
#include "store/new_file.h"

/* Tables to be created. */
typedef struct {
    const fsbi_table *tables;
    size_t count;
} table_list;

static fsbi_status create_tables(fsbi_store_file file, const void *context, fsbi_error *error) {
    const table_list *list = context;
    for (size_t i = 0; i < list->count; i++)
        FSBI_TRY(fsbi_hdf5_create_dataset(file.identifier,
                                          &(fsbi_hdf5_dataset){.name = list->tables[i].name,
                                                               .type = H5T_NATIVE_DOUBLE,
                                                               .rows = list->tables[i].rows,
                                                               .columns = list->tables[i].columns},
                                          error));
    return FSBI_OK;
}

fsbi_status fsbi_table_file_begin(const char *path, const fsbi_table *tables, size_t count,
                                  fsbi_error *error) {
    const table_list list = {tables, count};
    double bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += (double)sizeof(double) * (double)tables[i].rows *
                 (double)(tables[i].columns > 0 ? tables[i].columns : 1);
    FSBI_TRY(fsbi_new_file_check_room(path, bytes, error));
    return fsbi_new_file_begin(path, "file", create_tables, &list, error);
}

fsbi_status fsbi_table_file_write(fsbi_store_file file, const fsbi_table *table, size_t first,
                                  size_t count, const double *values, fsbi_error *error) {
    const fsbi_hdf5_rows rows = {table->name, H5T_NATIVE_DOUBLE, first, count,
                                 table->columns > 0 ? table->columns : 1};
    return fsbi_hdf5_write(file.identifier, &rows, values, error);
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

fsbi_status fsbi_table_file_add_attributes(const char *path, const fsbi_table_attribute *attributes,
                                           size_t count, fsbi_error *error) {
    fsbi_store_file file = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY(fsbi_new_file_open(path, MPI_COMM_NULL, &file, error));
    for (size_t i = 0; i < count && status == FSBI_OK; i++)
        status = write_attribute(file.identifier, &attributes[i], error);
    const fsbi_status closed = fsbi_new_file_close(path, file, status == FSBI_OK ? error : NULL);
    return status != FSBI_OK ? status : closed;
}
