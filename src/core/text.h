/** A string that grows: for YAML, tables and messages that are put together piece by piece. */
#ifndef FSBI_CORE_TEXT_H
#define FSBI_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/** Start as {0}; release with fsbi_text_clear. `characters` is NUL-terminated, or NULL while empty.
 */
typedef struct {
    char *characters;
    size_t length;
    size_t capacity;
    bool failed; /**< memory ran out: what was appended since is missing */
} fsbi_text;

/** Appends printf-formatted text. */
void fsbi_text_append(fsbi_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Appends the shortest decimal form of `value` that reads back as the same double; YAML's .inf and
 * .nan. */
void fsbi_text_append_real(fsbi_text *text, double value);

/** Frees the characters and makes the text empty. */
void fsbi_text_clear(fsbi_text *text);

/** Number of single-character edits between two strings (Levenshtein), for finding what a typo
 * meant. */
size_t fsbi_text_distance(const char *a, const char *b);

/**
 * The name nearest to `name` among `candidates`, or NULL if none is near enough to be a typo of it:
 * at most a third of its characters, and two at least, may differ.
 */
const char *fsbi_text_nearest(const char *name, const char *const *candidates, size_t count);

/** The first byte that is no UTF-8; NULL: there is none. */
const char *fsbi_text_find_foreign(const char *text);

#endif
