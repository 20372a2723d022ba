#include "setup/csv.h"

#include <ctype.h>
#include <iconv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/read_file.h"

/* Lines that a dialect is chosen by, and cells of them that are compared. */
enum { LINES = 100000, MOST_CELLS = 4096 };

static const fsbi_csv_dialect dialects[] = {{';', '.'}, {';', ','}, {'\t', '.'}, {'\t', ','},
                                            {',', '.'}, {',', ','}, {' ', '.'},  {' ', ','}};

enum { DIALECTS = sizeof dialects / sizeof *dialects };

/* UTF-16, as Excel's "Unicode text" and PowerShell write it, becomes UTF-8. */
static fsbi_status convert(const char *path, char **bytes, size_t *length, fsbi_error *error) {
    const size_t room = 2 * *length; /* two bytes become three at most */
    char *text = fsbi_memory_allocate(room + 1, 1, error);
    if (text == NULL)
        return FSBI_NO_MEMORY;
    iconv_t converter = iconv_open("UTF-8", "UTF-16");
    char *from = *bytes;
    char *to = text;
    size_t left = room;
    const bool converted = iconv(converter, &from, length, &to, &left) != (size_t)-1;
    iconv_close(converter);
    free(*bytes);
    *bytes = text;
    *length = room - left;
    return converted
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' begins as UTF-16 text, but is none: save it as UTF-8", path);
}

static void unify_lines(char *text) {
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '\r' && from[1] == '\n')
            continue;
        *to++ = (char)(*from == '\r' ? '\n' : *from);
    }
    *to = '\0';
}

static bool begins_with(const char *bytes, const char *mark) {
    return strncmp(bytes, mark, strlen(mark)) == 0;
}

static fsbi_status decode(const char *path, char **bytes, size_t length, fsbi_error *error) {
    static const char utf8_mark[] = "\xef\xbb\xbf";
    static const char excel_separator[] = "sep=";
    if (begins_with(*bytes, "\xff\xfe") || begins_with(*bytes, "\xfe\xff"))
        FSBI_TRY(convert(path, bytes, &length, error));
    if (strlen(*bytes) < length)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' is neither text, as CSV is, nor an HDF5 file: it holds NUL "
                              "bytes",
                              path);
    if (begins_with(*bytes, utf8_mark))
        memmove(*bytes, *bytes + sizeof utf8_mark - 1, length + 1 - (sizeof utf8_mark - 1));
    unify_lines(*bytes);
    if (begins_with(*bytes, excel_separator) && strcspn(*bytes, "\n") == sizeof excel_separator)
        memset(*bytes, ' ', sizeof excel_separator); /* its line is blank then, and still counts */
    return FSBI_OK;
}

fsbi_status fsbi_csv_load(const char *path, char **text, fsbi_error *error) {
    size_t length = 0;
    FSBI_TRY(fsbi_read_file(path, "thetas", text, &length, error));
    const fsbi_status status = decode(path, text, length, error);
    if (status != FSBI_OK) {
        free(*text);
        *text = NULL;
    }
    return status;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool fsbi_csv_next(fsbi_csv_lines *lines) {
    while (*lines->next != '\0') {
        lines->line = lines->next;
        lines->next += strcspn(lines->next, "\n");
        if (*lines->next == '\n')
            *lines->next++ = '\0';
        lines->number++;
        if (lines->line[strspn(lines->line, " \t")] != '\0')
            return true;
    }
    return false;
}

bool fsbi_csv_is_comment(const char *line) {
    static const char *const errors[] = {"#N/A",  "#DIV/0!", "#NUM!", "#VALUE!",
                                         "#REF!", "#NAME?",  "#NULL!"};
    const char *begin = line + strspn(line, " \t");
    bool error = false;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        error = error || begins_with(begin, errors[i]);
    return *begin == '#' && !error;
}

static bool ends_cell(char c, char separator) {
    return c == '\0' || (separator == ' ' ? is_blank(c) : c == separator);
}

/* Cuts a cell off, without quotes; `*rest` becomes what is behind it, NULL at the line's end. */
static char *cut_cell(char **rest, char separator) {
    char *from = *rest;
    while (is_blank(*from) && (separator == ' ' || *from != separator))
        from++;
    const char quote = (char)(*from == '"' || *from == '\'' ? *from : '\0');
    char *cell = from;
    char *to = from;
    if (quote != '\0') {
        for (from++; *from != '\0' && (*from != quote || from[1] == quote); from++) {
            from += *from == quote;
            *to++ = *from;
        }
        from += *from == quote;
    }
    while (!ends_cell(*from, separator))
        *to++ = *from++;
    *rest = *from == '\0' ? NULL : from + 1;
    while (to > cell && is_blank(to[-1]))
        to--;
    *to = '\0';
    return cell;
}

size_t fsbi_csv_split(char *line, char separator, char **cells, size_t most) {
    size_t length = strlen(line);
    while (separator == ' ' && length > 0 && is_blank(line[length - 1]))
        line[--length] = '\0';
    size_t count = 0;
    for (char *rest = line; rest != NULL; count++) {
        char *cell = cut_cell(&rest, separator);
        if (count < most)
            cells[count] = cell;
    }
    return count;
}

bool fsbi_csv_number(const char *cell, char decimal, double *value) {
    char number[64];
    const size_t length = strlen(cell);
    if (strcmp(cell, "NA") == 0) {
        *value = NAN;
        return true;
    }
    if (length == 0 || length >= sizeof number)
        return false;
    for (size_t i = 0; i <= length; i++) {
        number[i] = (char)(cell[i] == decimal ? '.' : cell[i]);
        if (decimal == ',' &&
            (cell[i] == '.' || (cell[i] == ',' && !isdigit((unsigned char)cell[i + 1]))))
            return false;
    }
    char *end = NULL;
    *value = strtod(number, &end);
    return *end == '\0';
}

/* The first lines as one dialect reads them. */
typedef struct {
    fsbi_csv_look look;
    bool fits;
    size_t empty_ends; /* lines whose last cell is empty */
    size_t lines;
    double first; /* number of the first column */
    double values[MOST_CELLS];
    size_t count; /* of them */
} reading;

/* Whether the first of them that is not empty is a name. */
static bool hold_names(char *const *cells, size_t count) {
    double value = 0;
    size_t first = 0;
    while (first < count && cells[first][0] == '\0')
        first++;
    return first < count && strchr("0123456789+-.", cells[first][0]) == NULL &&
           !fsbi_csv_number(cells[first], '.', &value);
}

/* Whether the first column goes on counting. */
static void count_row(reading *r, const char *cell) {
    double value = NAN;
    fsbi_csv_number(cell, '.', &value);
    if (r->lines == 0)
        r->first = value;
    r->look.counts = r->lines == 0 ? value == 0 || value == 1
                                   : r->look.counts && value == r->first + (double)r->lines;
}

/* A line of data: NaN for empty cells; the first one may be a name of the row under a header. */
static void read_values(reading *r, char *const *cells, size_t count) {
    count_row(r, cells[0]);
    for (size_t i = 0; i < count; i++) {
        double value = NAN;
        const bool number = fsbi_csv_number(cells[i], r->look.dialect.decimal, &value);
        if (!number && cells[i][0] != '\0' && (i > 0 || !r->look.header))
            r->fits = false;
        r->look.fractions = r->look.fractions || (number && value != floor(value));
        if (r->count < MOST_CELLS)
            r->values[r->count++] = number ? value : NAN;
    }
    r->fits = r->fits && (r->lines == 0 || count == r->look.columns);
    r->look.columns = count;
    r->empty_ends += cells[count - 1][0] == '\0';
    r->lines++;
}

/* Reads the copied first lines. */
static void read_as(reading *r, const fsbi_csv_dialect *dialect, char *text) {
    char *cells[MOST_CELLS];
    fsbi_csv_lines lines = {.next = text};
    r->look = (fsbi_csv_look){.dialect = *dialect};
    r->fits = true;
    r->empty_ends = r->lines = r->count = 0;
    for (bool first = true; fsbi_csv_next(&lines);) {
        if (fsbi_csv_is_comment(lines.line))
            continue;
        const size_t found = fsbi_csv_split(lines.line, dialect->separator, cells, MOST_CELLS);
        const size_t count = found < MOST_CELLS ? found : MOST_CELLS;
        r->look.header = r->look.header || (first && hold_names(cells, count));
        if (!first || !r->look.header)
            read_values(r, cells, count);
        first = false;
    }
    r->look.counts = r->look.counts && r->lines > 1;
    if (r->lines > 0 && r->empty_ends == r->lines && r->look.columns > 1)
        r->look.columns--;
}

/* Whether the lines hold as many numbers as are asked for, or one more. */
static bool is_possible(const reading *r, const size_t *widths, size_t width_count) {
    for (size_t i = 0; i < width_count; i++)
        if (r->fits && (r->look.columns == widths[i] || r->look.columns == widths[i] + 1))
            return true;
    return false;
}

static bool is_same(const reading *a, const reading *b) {
    bool same = a->look.columns == b->look.columns && a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++)
        same = a->values[i] == b->values[i] || (isnan(a->values[i]) && isnan(b->values[i]));
    return same;
}

static const char *name_of(const fsbi_csv_dialect *dialect) {
    return dialect->separator == ' '    ? "blanks"
           : dialect->separator == '\t' ? "tabs"
           : dialect->separator == ';'  ? "semicolons"
                                        : "commas";
}

/* Chooses among what is possible. Blanks count only where no tab separates: an empty cell between
 * tabs would vanish. */
static fsbi_status choose(const char *path, reading *found, bool *possible, fsbi_csv_look *look,
                          fsbi_error *error) {
    int chosen = -1;
    bool tabs = false;
    for (int i = 0; i < DIALECTS; i++) {
        const char separator = dialects[i].separator;
        tabs = tabs || (separator == '\t' && found[i].fits && found[i].look.columns > 1);
        if (!possible[i] || (separator == ' ' && tabs))
            continue;
        if (chosen >= 0 && !is_same(&found[chosen], &found[i]))
            return fsbi_error_set(
                error, FSBI_BAD_INPUT,
                "'%s' can be read in two ways: %zu columns between %s, or %zu between %s with "
                "decimal commas; write decimal points",
                path, found[chosen].look.columns, name_of(&dialects[chosen]), found[i].look.columns,
                name_of(&dialects[i]));
        if (chosen < 0)
            chosen = i;
    }
    if (chosen >= 0)
        *look = found[chosen].look;
    return FSBI_OK;
}

/* Where none is possible: by the separators that occur. */
static void guess(const char *sample, const reading *found, fsbi_csv_look *look) {
    for (int i = DIALECTS - 1; i >= 0; i--)
        if (dialects[i].decimal == '.' &&
            (dialects[i].separator == ' ' || strchr(sample, dialects[i].separator) != NULL))
            *look = found[i].look;
}

static char *copy_sample(const char *text, fsbi_error *error) {
    const char *end = text;
    for (int line = 0; line < LINES && *end != '\0'; line += *end != '#') {
        end += strcspn(end, "\n");
        end += *end == '\n';
    }
    char *sample = fsbi_memory_allocate((size_t)(end - text) + 1, 1, error);
    if (sample != NULL)
        memcpy(sample, text, (size_t)(end - text));
    return sample;
}

fsbi_status fsbi_csv_find(const char *path, const char *text, const size_t *widths,
                          size_t width_count, fsbi_csv_look *look, fsbi_error *error) {
    reading *found = fsbi_memory_allocate(DIALECTS, sizeof *found, error);
    bool possible[DIALECTS] = {false};
    char *sample = NULL;
    fsbi_status status = FSBI_OK;
    if (found == NULL)
        return FSBI_NO_MEMORY;
    for (int i = 0; i < DIALECTS; i++) {
        free(sample);
        sample = copy_sample(text, error);
        FSBI_TRY_DONE(sample == NULL ? FSBI_NO_MEMORY : FSBI_OK);
        read_as(&found[i], &dialects[i], sample);
        possible[i] = is_possible(&found[i], widths, width_count);
    }
    guess(text, found, look);
    FSBI_TRY_DONE(choose(path, found, possible, look, error));
done:
    free(sample);
    free(found);
    return status;
}
