/** Keeps two runs of the program from one campaign file. */
#ifndef FSBI_STORE_LOCK_FILE_H
#define FSBI_STORE_LOCK_FILE_H

#include <stdbool.h>

#include "core/target.h"

/** Held by this process until it is released or the process ends, however it ends. */
typedef struct {
    int descriptor; /**< below 0: none */
    char path[FSBI_TARGET_PATH + 8];
} fsbi_lock_file;

/**
 * Locks `path`.lock, which it creates, for `path`. FSBI_BAD_INPUT, with the other's host and
 * process, if another process holds it. Where the file system knows no locks, `*supported` is false
 * and nothing is locked.
 */
fsbi_status fsbi_lock_file_take(const char *path, fsbi_lock_file *lock, bool *supported,
                                fsbi_error *error);

/** Removes the lock file and releases the lock; one of {-1} is allowed. */
void fsbi_lock_file_release(fsbi_lock_file *lock);

#endif
