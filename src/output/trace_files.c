#include "output/trace_files.h"

#include <stdio.h>
#include <unistd.h>

fsbi_status fsbi_trace_files_path(const char *campaign, size_t round, char path[FSBI_OUTPUT_PATH],
                                  fsbi_error *error) {
    char rest[64];
    snprintf(rest, sizeof rest, ".round%02zu.traces.h5", round);
    return fsbi_output_file_name(campaign, rest, path, error);
}

fsbi_status fsbi_trace_files_folder(const char *campaign, char folder[FSBI_OUTPUT_PATH],
                                    fsbi_error *error) {
    return fsbi_output_file_name(campaign, ".traces", folder, error);
}

fsbi_status fsbi_trace_files_open(const char *campaign, const fsbi_model *model, size_t round,
                                  fsbi_trace_file *file, fsbi_error *error) {
    char path[FSBI_OUTPUT_PATH];
    *file = (fsbi_trace_file){0};
    FSBI_TRY(fsbi_trace_files_path(campaign, round, path, error));
    return access(path, F_OK) != 0 ? FSBI_OK : fsbi_trace_file_open(path, model, file, error);
}
