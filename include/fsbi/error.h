/**
 * Status codes and the error that carries their context.
 *
 * Every function of libfsbi that can fail returns an fsbi_status and takes an fsbi_error as its
 * last argument. The library prints nothing and never exits: whoever calls decides what becomes of
 * an error.
 */
#ifndef FSBI_ERROR_H
#define FSBI_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    FSBI_OK = 0,
    FSBI_BAD_INPUT, /**< a command line, config or data file is wrong; the user can mend it */
    FSBI_IO,        /**< a file could not be read or written */
    FSBI_NO_MEMORY, /**< an allocation failed */
    FSBI_HOPELESS,  /**< a computation cannot go on with what it was given (too few rows, a leaking
                       posterior) */
    FSBI_INTERNAL,  /**< a library below us failed in a way that input does not explain */
    FSBI_UNFINISHED /**< it was asked to end; what is done is kept, and the same call goes on */
} fsbi_status;

/** Returns the status of `call` from the function around it, unless that is FSBI_OK: for where the
 * function owns nothing. */
#define FSBI_TRY(call)                                                                             \
    do {                                                                                           \
        const fsbi_status fsbi_try_status = (call);                                                \
        if (fsbi_try_status != FSBI_OK)                                                            \
            return fsbi_try_status;                                                                \
    } while (0)

/** Puts the status of `call` into `status`, and goes to the label `done` unless that is FSBI_OK:
 * for where the function owns something, which it gives back behind that label. */
#define FSBI_TRY_DONE(call)                                                                        \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != FSBI_OK)                                                                     \
            goto done;                                                                             \
    } while (0)

/** What went wrong: `message` names the place, what was found and the remedy. Start it as {0}. */
typedef struct {
    fsbi_status status;
    char message[2048];
} fsbi_error;

/** Fills `error` (may be NULL) with a printf-formatted message, in which control characters other
 * than line breaks and tabs become '?'; returns `status`, so that callers can return it. */
fsbi_status fsbi_error_set(fsbi_error *error, fsbi_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Puts printf-formatted context and ": " before the message already in `error`; returns its
 * status. */
fsbi_status fsbi_error_prefix(fsbi_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
