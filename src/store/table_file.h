/** Tables of numbers in a new HDF5 file, which all ranks fill together. */
#ifndef FSBI_STORE_TABLE_FILE_H
#define FSBI_STORE_TABLE_FILE_H

#include <stdint.h>

#include "fsbi/error.h"

/** A dataset of doubles; `columns` 0: one-dimensional. */
typedef struct {
    const char *name;
    size_t rows, columns;
} fsbi_table;

/** Creates the file that becomes `path` (store/new_file.h). Only one process may call it. */
fsbi_status fsbi_table_file_create(const char *path, const fsbi_table *tables, size_t count,
                                   fsbi_error *error);

/** Writes rows of a table of an open file, independently of other ranks. */
fsbi_status fsbi_table_file_write(int64_t file, const fsbi_table *table, size_t first, size_t count,
                                  const double *values, fsbi_error *error);

/** A number, or names, beside a dataset. */
typedef struct {
    const char *dataset, *name;
    double value;
    const char *names; /**< NULL: the attribute is `value`; else `count` names `stride` apart */
    size_t stride, count;
} fsbi_table_attribute;

/** One process: adds attributes and gives the closed file its name. */
fsbi_status fsbi_table_file_finish(const char *path, const fsbi_table_attribute *attributes,
                                   size_t count, fsbi_error *error);

#endif
