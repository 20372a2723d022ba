/** A posterior in a file of its own, or the last one of a campaign file. */
#ifndef FSBI_STORE_POSTERIOR_FILE_H
#define FSBI_STORE_POSTERIOR_FILE_H

#include <stdbool.h>

#include "store/posterior_store.h"

/** Where a posterior comes from, as the file keeps it. */
typedef struct {
    const char *settings;        /**< YAML */
    const char *data;            /**< what tells its training rows and seed from others */
    const char *program_version; /**< that trains it */
} fsbi_posterior_origin;

/**
 * Creates the file that becomes `path` (store/new_file.h), untrained. Only one process may call it.
 * FSBI_IO on failure.
 */
fsbi_status fsbi_posterior_file_begin(const char *path, const fsbi_posterior_plan *plan,
                                      const fsbi_posterior_origin *origin, fsbi_error *error);

/** Whether such a file of the same origin was begun and is there to be gone on with. */
bool fsbi_posterior_file_is_begun(const char *path, const fsbi_posterior_origin *origin);

/** Where the posterior stands in such a file, opened with fsbi_new_file_open. */
fsbi_posterior_place fsbi_posterior_file_place(fsbi_store_file file);

/**
 * Reads a posterior by one process: that of a file of its own, or of a campaign file that of round
 * `round`, or its last trained one if `round` is negative. FSBI_BAD_INPUT if there is none.
 */
fsbi_status fsbi_posterior_file_load(const char *path, long round, fsbi_posterior_plan *plan,
                                     fsbi_posterior *posterior, fsbi_error *error);

#endif
