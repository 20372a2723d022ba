/** HDF5 calls as the store uses them: one status, errors with HDF5's own reason in them. Private to
 * store/. */
#ifndef FSBI_STORE_HDF5_UTIL_H
#define FSBI_STORE_HDF5_UTIL_H

#include <hdf5.h>
#include <stdbool.h>

#include "fsbi/error.h"

/** Stops HDF5 from printing its errors; they go into ours. */
void fsbi_hdf5_quiet(void);

/** FSBI_BAD_INPUT unless there is an HDF5 file that may be read: it is missing, a folder or pipe,
 * forbidden, empty, or something else. */
fsbi_status fsbi_hdf5_expect(const char *path, fsbi_error *error);

/**
 * Opens a file, of whatever origin, to be read and closed soon. FSBI_BAD_INPUT, and `*file`
 * negative, for the reasons of fsbi_hdf5_expect, or because it is damaged. A damaged one can crash
 * the HDF5 library; until fsbi_hdf5_close a crash is put down to it.
 */
fsbi_status fsbi_hdf5_open(const char *path, hid_t *file, fsbi_error *error);

void fsbi_hdf5_close(hid_t file);

/** Fills `error` with FSBI_IO, "what: HDF5's innermost reason". */
fsbi_status fsbi_hdf5_error(fsbi_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The same of a dataset that H5Dread has failed on; FSBI_BAD_INPUT, with its name, if it is
 * compressed in a way that the HDF5 library here does not have. */
fsbi_status fsbi_hdf5_read_error(hid_t dataset, const char *what, fsbi_error *error);

/** A string attribute. */
fsbi_status fsbi_hdf5_write_text(hid_t object, const char *name, const char *text,
                                 fsbi_error *error);

/** String attributes by name. */
typedef struct {
    const char *name, *text;
} fsbi_hdf5_text;
fsbi_status fsbi_hdf5_write_texts(hid_t object, const fsbi_hdf5_text *texts, size_t count,
                                  fsbi_error *error);

/** Reads a string attribute into memory of the caller's (free). */
fsbi_status fsbi_hdf5_read_text(hid_t object, const char *name, char **text, fsbi_error *error);

/** A 64-bit integer attribute. */
fsbi_status fsbi_hdf5_write_integer(hid_t object, const char *name, long value, fsbi_error *error);
fsbi_status fsbi_hdf5_read_integer(hid_t object, const char *name, long *value, fsbi_error *error);

/** A real attribute. */
fsbi_status fsbi_hdf5_write_real(hid_t object, const char *name, double value, fsbi_error *error);
fsbi_status fsbi_hdf5_read_real(hid_t object, const char *name, double *value, fsbi_error *error);

/** An attribute that is a list of strings, each at most 63 characters: element i at names + i *
 * stride. */
fsbi_status fsbi_hdf5_write_names(hid_t object, const char *name, const char *names, size_t stride,
                                  size_t count, fsbi_error *error);

/** Number of strings in such an attribute, and the strings themselves, 64 characters each. */
fsbi_status fsbi_hdf5_count_names(hid_t object, const char *name, size_t *count, fsbi_error *error);
fsbi_status fsbi_hdf5_read_names(hid_t object, const char *name, char *names, size_t count,
                                 fsbi_error *error);

/**
 * Checks, before room is made for a dataset, that it can be read. Having been damaged it may claim
 * any size, while what is stored is at most as long as the file; but compressed it may take a
 * thousandth, up to 1 GB may not be written yet, and what virtual datasets have is in other files.
 * One of which nothing was written holds no data. FSBI_BAD_INPUT.
 */
fsbi_status fsbi_hdf5_check_written(hid_t dataset, fsbi_error *error);

/** The share of a dataset's chunks that were ever written; 1 of one that is not cut into chunks. */
double fsbi_hdf5_written_share(hid_t dataset);

/** Rows and columns (1 if it is one-dimensional) of a dataset, which must have been written. */
fsbi_status fsbi_hdf5_measure(hid_t group, const char *name, size_t *rows, size_t *columns,
                              fsbi_error *error);
fsbi_status fsbi_hdf5_count_rows(hid_t group, const char *name, size_t *rows, fsbi_error *error);

/** A contiguous dataset to be created. */
typedef struct {
    const char *name;
    hid_t type;
    size_t rows, columns; /**< columns 0: one-dimensional */
    const void *fill;     /**< of this type; NULL: zeros */
} fsbi_hdf5_dataset;

/** Creates it; its space is allocated and filled at once. */
fsbi_status fsbi_hdf5_create_dataset(hid_t group, const fsbi_hdf5_dataset *dataset,
                                     fsbi_error *error);

/** Likewise, one-dimensional, without writing anything there: for large ones, which others fill. */
fsbi_status fsbi_hdf5_create_unfilled(hid_t group, const char *name, hid_t type, size_t rows,
                                      fsbi_error *error);

/** Rows of a dataset, as they are in memory: `count` (at least 1) from `first` on, each of
 * `columns` elements of `type`; 1 column: of a one-dimensional dataset too. */
typedef struct {
    const char *path;
    hid_t type;
    size_t first, count, columns;
} fsbi_hdf5_rows;

/** Writes or reads them, independently of other ranks; fails if the dataset has other columns. */
fsbi_status fsbi_hdf5_write(hid_t file, const fsbi_hdf5_rows *rows, const void *data,
                            fsbi_error *error);
fsbi_status fsbi_hdf5_read(hid_t file, const fsbi_hdf5_rows *rows, void *data, fsbi_error *error);

#endif
