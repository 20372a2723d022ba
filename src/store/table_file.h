/** Tables of numbers in a new HDF5 file, which all ranks fill together. */
#ifndef FSBI_STORE_TABLE_FILE_H
#define FSBI_STORE_TABLE_FILE_H

#include <stddef.h>

#include "fsbi/error.h"
#include "store/file.h"

/** A dataset of doubles; `columns` 0: one-dimensional. */
typedef struct {
    const char *name;
    size_t rows, columns;
} fsbi_table;

/** One process: creates the file that becomes `path` (store/new_file.h), of zeros. */
fsbi_status fsbi_table_file_begin(const char *path, const fsbi_table *tables, size_t count,
                                  fsbi_error *error);

/** Writes rows of a table of an open file, independently of other ranks. */
fsbi_status fsbi_table_file_write(fsbi_store_file file, const fsbi_table *table, size_t first,
                                  size_t count, const double *values, fsbi_error *error);

/** A number, or names, beside a dataset. */
typedef struct {
    const char *dataset, *name;
    double value;
    const char *names; /**< NULL: the attribute is `value`; else `count` names `stride` apart */
    size_t stride, count;
} fsbi_table_attribute;

/** One process: adds attributes to the closed file, before it is finished. */
fsbi_status fsbi_table_file_add_attributes(const char *path, const fsbi_table_attribute *attributes,
                                           size_t count, fsbi_error *error);

#endif
