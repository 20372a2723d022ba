/** Reads simulations that another program or campaign made. The table is an HDF5 dataset of rows
 * with named fields: what tools/fsbi-data makes of fSBI's structured .npy files, or a campaign's
 * rows. */
#ifndef FSBI_STORE_IMPORTED_TABLE_H
#define FSBI_STORE_IMPORTED_TABLE_H

#include "core/text.h"
#include "rows/row.h"

enum {
    FSBI_IMPORTED_SEED = 64,     /**< room for what names a simulation, as text */
    FSBI_IMPORTED_COLUMNS = 4096 /**< room for the original's columns, as text */
};

/** A table that was read. */
typedef struct {
    size_t count;
    void *rows; /**< finished and sealed; NaN for metrics that the table lacks */
    char (*seeds)[FSBI_IMPORTED_SEED];   /**< as they stand in the table */
    char columns[FSBI_IMPORTED_COLUMNS]; /**< its attribute `npy_columns`; empty: none */
    fsbi_text lacking; /**< metrics of the model that it lacks, in words; empty: none */
    fsbi_text extra;   /**< fields that the model does not know; empty: none */
} fsbi_imported_table;

/**
 * Reads all rows: the fields `theta` (as many numbers as the model has parameters), `seed` (an
 * integer, or text of fixed length; others are left out), every metric by its name; of a campaign's
 * rows also status, reason, t_end, wall_time and rank. Other tables may have fields of these names:
 * nothing is known about them. Such a row is ok if any of its metrics is a number, and blown_up
 * otherwise, as fSBI has it. Rows that a campaign of this model wrote must be whole by their
 * checksums. Release with fsbi_imported_table_clear, also after failure. FSBI_BAD_INPUT with the
 * field or row.
 */
fsbi_status fsbi_imported_table_read(const char *path, const char *dataset, const fsbi_model *model,
                                     fsbi_imported_table *table, fsbi_error *error);
void fsbi_imported_table_clear(fsbi_imported_table *table);

#endif
