/** Tables of numbers as text, in the dialects in which programs write them. */
#ifndef FSBI_SETUP_CSV_H
#define FSBI_SETUP_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "fsbi/error.h"

/** What stands between numbers, and within them. */
typedef struct {
    char separator; /**< ' ': blanks and tabs, as many as there are */
    char decimal;
} fsbi_csv_dialect;

/**
 * Reads a file into memory of the caller's (free): UTF-8 without a byte-order mark, whatever marks
 * its lines' ends a '\n'. FSBI_BAD_INPUT if it cannot be read, or is no text.
 */
fsbi_status fsbi_csv_load(const char *path, char **text, fsbi_error *error);

/** A text being read line by line; begin with {text}. */
typedef struct {
    char *next;
    size_t number; /**< of the line, from 1 */
    char *line;    /**< without its end, and without leading blanks */
} fsbi_csv_lines;

/** Goes to the next line that is not blank, which it cuts off; false at the end. */
bool fsbi_csv_next(fsbi_csv_lines *lines);

/** Whether a line is a comment: it begins with #, but not with one of Excel's errors (#N/A). */
bool fsbi_csv_is_comment(const char *line);

/**
 * Cuts a line into cells, in place: without surrounding blanks and quotes ("" is one within them).
 * Separators within quotes do not count. Returns their number; those from `most` on are not stored.
 */
size_t fsbi_csv_split(char *line, char separator, char **cells, size_t most);

/** Reads a whole cell as a number; NA is NaN. False if it is none. */
bool fsbi_csv_number(const char *cell, char decimal, double *value);

/** What a table looks like, by its first lines. */
typedef struct {
    fsbi_csv_dialect dialect;
    size_t columns; /**< of the data; a last one without any cells does not count */
    bool header;    /**< the first line that is no comment holds names */
    bool fractions; /**< numbers that are no whole ones occur */
    bool counts;    /**< there are several rows, and the first column counts them, from 0 or 1 */
} fsbi_csv_look;

/**
 * Finds the dialect in which all lines looked at hold as many numbers, `widths[i]` of them or one
 * more (an index). Where there is none, the one that the separators speak for, so that reading on
 * finds what is wrong. FSBI_BAD_INPUT if the numbers depend on the choice.
 */
fsbi_status fsbi_csv_find(const char *path, const char *text, const size_t *widths,
                          size_t width_count, fsbi_csv_look *look, fsbi_error *error);

#endif
