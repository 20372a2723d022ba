/** Tables of numbers in HDF5 files of any origin. */
#ifndef FSBI_STORE_MATRIX_H
#define FSBI_STORE_MATRIX_H

#include <stdbool.h>

#include "fsbi/error.h"

/** Whether there is an HDF5 file. */
bool fsbi_store_is_hdf5(const char *path);

/** Whether that file has a dataset or group of this name. */
bool fsbi_store_has(const char *path, const char *name);

/** A table of numbers, row by row. */
typedef struct {
    double *values;
    size_t rows, columns;
} fsbi_matrix;

/**
 * Reads a dataset of numbers of one dimension (as one column) or two, or the array field `field`
 * (NULL: none) of a one-dimensional compound one, as doubles; `matrix->values` is the caller's
 * (free). FSBI_BAD_INPUT if there is no such thing.
 */
fsbi_status fsbi_store_read_matrix(const char *path, const char *dataset, const char *field,
                                   fsbi_matrix *matrix, fsbi_error *error);

#endif
