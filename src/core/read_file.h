/** A whole file in memory. */
#ifndef FSBI_CORE_READ_FILE_H
#define FSBI_CORE_READ_FILE_H

#include <stddef.h>

#include "fsbi/error.h"

/** Reads it, a pipe included, into memory of the caller's (free); four zeros follow its `*length`
 * bytes. FSBI_BAD_INPUT, "cannot read the WHAT 'PATH'" and why. */
fsbi_status fsbi_read_file(const char *path, const char *what, char **bytes, size_t *length,
                           fsbi_error *error);

#endif
