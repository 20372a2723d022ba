/** Tables of numbers in HDF5 files of any origin. */
#ifndef FSBI_STORE_MATRIX_H
#define FSBI_STORE_MATRIX_H

#include <stdbool.h>

#include "fsbi/error.h"

/** FSBI_BAD_INPUT unless there is an HDF5 file that may be read, with what there is instead. */
fsbi_status fsbi_store_expect_hdf5(const char *path, fsbi_error *error);

/** Whether that file has a dataset or group of this name. */
bool fsbi_store_has(const char *path, const char *name);

/** A table of numbers, row by row. */
typedef struct {
    double *values;
    size_t rows, columns;
    double written; /**< share of it that was ever written; the rest is fill values */
} fsbi_matrix;

/**
 * Reads a dataset of numbers or booleans, a single one, of one dimension (as one column) or two, or
 * the field `field` (NULL: none; numbers or arrays of them) of a one-dimensional compound one, as
 * doubles; `matrix->values` is the caller's (free). FSBI_BAD_INPUT if there is no such thing.
 */
fsbi_status fsbi_store_read_matrix(const char *path, const char *dataset, const char *field,
                                   fsbi_matrix *matrix, fsbi_error *error);

#endif
