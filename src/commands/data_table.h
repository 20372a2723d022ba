/** Tables of (theta, x) of any origin: HDF5 files with two datasets, or campaign files. */
#ifndef FSBI_COMMANDS_DATA_TABLE_H
#define FSBI_COMMANDS_DATA_TABLE_H

#include <stdbool.h>

#include "fit/fit.h"

enum { FSBI_DATA_MOST_CONDITIONS = 64 };

/** What to read. Dataset names are for files that are no campaigns, metrics and conditions for
 * campaigns. */
typedef struct {
    const char *path;
    const char *theta, *x; /**< datasets; NULL: theta, x */
    const char *low,
        *high; /**< datasets of the bounds; NULL: prior/low and prior/high, if there are */
    const char *metrics; /**< comma-separated names of the metrics that are x; NULL: as the
                            campaign's last posterior */
    const char *conditions[FSBI_DATA_MOST_CONDITIONS]; /**< METRIC=LOW:HIGH, METRIC=top:SHARE or
                                                          METRIC=bottom:SHARE each: rows to keep */
    size_t condition_count;
    bool keep_all; /**< keep rows that are not finite too */
    bool no_x;     /**< there is none: of a posterior without */
} fsbi_data_source;

/** What was read; release with fsbi_data_table_clear. */
typedef struct {
    fsbi_training_table rows; /**< finite rows, unless all were to be kept */
    size_t theta_size, x_size;
    fsbi_posterior_name *theta_names;
    fsbi_posterior_name *x_names;
    double *low, *high; /**< infinite where the file names no bounds */
    size_t outside;     /**< rows with a theta beyond the bounds */
    double written;     /**< share of theta and x that was ever written; the rest is fill values */
    size_t *not_finite; /**< rows that each column of theta, then of x, is NaN or infinite in */
} fsbi_data_table;

/** Reads by one process. FSBI_BAD_INPUT with place and remedy. */
fsbi_status fsbi_data_table_read(const fsbi_data_source *source, fsbi_data_table *table,
                                 fsbi_error *error);
void fsbi_data_table_clear(fsbi_data_table *table);

/** Whether a row is finite throughout. */
bool fsbi_data_table_is_finite(const fsbi_data_table *table, size_t row);

#endif
