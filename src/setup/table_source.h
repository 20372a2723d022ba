/** Where a table stands: a file, or a dataset of an HDF5 file. Private to campaign/. */
#ifndef FSBI_SETUP_TABLE_SOURCE_H
#define FSBI_SETUP_TABLE_SOURCE_H

#include <stdbool.h>

#include "config/config.h"

typedef struct {
    char path[FSBI_CONFIG_STRING];
    const char *dataset;
    bool named; /**< the dataset is, in the text */
} fsbi_table_source;

/** Reads FILE or FILE:DATASET, both borrowed by the result; `fallback` is the dataset where none is
 * named. A file that is there by its whole name is that file. */
fsbi_table_source fsbi_table_source_of(const char *text, const char *fallback);

#endif
