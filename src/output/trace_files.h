/** Where the traces of a campaign's rounds stand: their files, and the folder of spools that ranks
 * write until a round is complete. */
#ifndef FSBI_OUTPUT_TRACE_FILES_H
#define FSBI_OUTPUT_TRACE_FILES_H

#include "output/output_file.h"
#include "store/trace_file.h"

/** The file of a round's traces: of search.h5, search.round00.traces.h5. FSBI_BAD_INPUT if it is
 * too long. */
fsbi_status fsbi_trace_files_path(const char *campaign, size_t round, char path[FSBI_OUTPUT_PATH],
                                  fsbi_error *error);

/** The folder of spools: of search.h5, search.traces. */
fsbi_status fsbi_trace_files_folder(const char *campaign, char folder[FSBI_OUTPUT_PATH],
                                    fsbi_error *error);

/** Opens a round's file; without such a file `file->rows` is 0. Close with fsbi_trace_file_close.
 */
fsbi_status fsbi_trace_files_open(const char *campaign, const fsbi_model *model, size_t round,
                                  fsbi_trace_file *file, fsbi_error *error);

#endif
