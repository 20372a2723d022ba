/** What the name of an output means. */
#ifndef FSBI_CORE_TARGET_H
#define FSBI_CORE_TARGET_H

#include <stdbool.h>

#include "fsbi/error.h"

enum { FSBI_TARGET_PATH = 4096 };

/**
 * Follows symbolic links to the file that is meant, whether it is there yet or not; a link to
 * scratch stays one. FSBI_BAD_INPUT if that is no regular file (a pipe would be waited for), if the
 * links go round in a circle, or if the name is too long.
 */
fsbi_status fsbi_target_find(const char *path, char target[FSBI_TARGET_PATH], fsbi_error *error);

/** Whether two names lead to one file, which is there. */
bool fsbi_target_is_same(const char *a, const char *b);

/** "a pipe", "a folder" ...; NULL: a regular file, or nothing. */
const char *fsbi_target_kind(const char *path);

#endif
