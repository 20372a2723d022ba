/**
 * A portrait in an HDF5 file: groups /pictures/00 and so on, in their order, with attributes name,
 * title, x_label, y_label, log_x and wide; in each, datasets series_00 and so on (2 x points: x,
 * then y) with attributes label and kind (fsbi_series_kind), but for those without points. The
 * file's own attributes say what it is of.
 */
#ifndef FSBI_STORE_PORTRAIT_FILE_H
#define FSBI_STORE_PORTRAIT_FILE_H

#include "fsbi/portrait.h"

/** What the pictures are of. */
typedef struct {
    const char *campaign, *model;
    long round, row;
    const char *status;   /**< of the simulation */
    const char *pictured; /**< "simulated anew", "stored traces", or "the rule alone" */
} fsbi_portrait_caption;

/** Writes the file at `path` (store/new_file.h). Only one process may call it. */
fsbi_status fsbi_portrait_file_write(const char *path, const fsbi_portrait_caption *caption,
                                     const fsbi_portrait *portrait, fsbi_error *error);

#endif
