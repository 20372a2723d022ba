/** The campaign file as a run of the program finds or makes it. Only one process may call these. */
#ifndef FSBI_OUTPUT_OUTPUT_FILE_H
#define FSBI_OUTPUT_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "setup/setup.h"
#include "store/shard.h"

/** FSBI_BAD_INPUT, with the difference, unless the existing file `path` was made by this
 * configuration; what it does not depend on is not compared. */
fsbi_status fsbi_output_file_compare(const fsbi_setup *setup, const char *path, FILE *report,
                                     fsbi_error *error);

/** The same of a campaign file that is to be gone on with, which must also have everything in its
 * size: FSBI_IO, with the remedy. */
fsbi_status fsbi_output_file_check(const fsbi_setup *setup, const char *path, FILE *report,
                                   fsbi_error *error);

/** Leaves a file of this configuration at the output path: the one that is there, or a new one. An
 * existing one is kept under another name if `force_new`. */
fsbi_status fsbi_output_file_provide(const fsbi_setup *setup, bool force_new, FILE *report,
                                     fsbi_error *error);

/** Makes a new file at `path`: a whole campaign's, or that of a shard. */
fsbi_status fsbi_output_file_create(const fsbi_setup *setup, const char *path,
                                    const fsbi_shard *shard, fsbi_error *error);

enum { FSBI_OUTPUT_PATH = 4096 };

/** The name of something that stands beside the campaign file `campaign`: its name without the
 * ending, then `rest`. FSBI_BAD_INPUT if that is too long. */
fsbi_status fsbi_output_file_name(const char *campaign, const char *rest,
                                  char path[FSBI_OUTPUT_PATH], fsbi_error *error);

/** Moves an existing file out of the way, to the first free NAME.old-K. */
fsbi_status fsbi_output_file_move_away(const char *path, FILE *report, fsbi_error *error);

#endif
