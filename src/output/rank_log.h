/** A log of what one rank does, for finding out where a run hangs or breaks. */
#ifndef FSBI_OUTPUT_RANK_LOG_H
#define FSBI_OUTPUT_RANK_LOG_H

#include <stdio.h>

#include "fsbi/error.h"

/**
 * Opens the log FOLDER/OUTPUT.rankNNNN.log, OUTPUT being the last part of `output`'s path, for
 * appending; makes the folder if it is missing. An empty `folder` means no log: `*log` is NULL.
 * Close with fclose. FSBI_IO.
 */
fsbi_status fsbi_rank_log_open(const char *folder, const char *output, int rank, FILE **log,
                               fsbi_error *error);

/** Writes a line, with the time before it, at once; nothing if `log` is NULL. */
void fsbi_rank_log_write(FILE *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
