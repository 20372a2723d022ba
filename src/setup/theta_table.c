#include "setup/theta_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "core/target.h"
#include "setup/csv.h"
#include "setup/table_source.h"
#include "store/matrix.h"

/* What a column of a CSV file holds, if it is no parameter. */
enum { UNUSED = -1, INDEX_COLUMNS = 1 };

/* A CSV file being read. */
typedef struct {
    const char *path;
    const fsbi_model *model;
    fsbi_csv_look look;
    size_t line;
    char **cells;    /* of the line, with room for all columns and one more */
    size_t room;     /* of cells */
    long *parameter; /* that each column holds; UNUSED: an index */
    size_t columns;  /* of the data */
    bool named;      /* a header has named them */
    double *thetas;
    size_t count, capacity;
} csv;

static long find_parameter(const fsbi_model *model, const char *name) {
    for (size_t k = 0; k < model->parameter_count; k++)
        if (strcmp(model->parameters[k].name, name) == 0)
            return (long)k;
    return UNUSED;
}

/* Whether the first column is an index: without a name, as pandas writes it, or with one, and the
 * others are parameters. */
static bool begins_with_index(const csv *table, size_t count) {
    const bool complete = count >= fsbi_model_inferred_count(table->model) + INDEX_COLUMNS;
    bool index = complete && find_parameter(table->model, table->cells[0]) == UNUSED;
    for (size_t i = INDEX_COLUMNS; i < count && index && table->cells[0][0] != '\0'; i++)
        index = find_parameter(table->model, table->cells[i]) != UNUSED;
    return index;
}

/* A parameter that may be missing is a nuisance: it is drawn. */
static fsbi_status check_complete(const csv *table, size_t names, fsbi_error *error) {
    const fsbi_model *model = table->model;
    for (size_t k = 0; k < model->parameter_count; k++) {
        bool present = model->parameters[k].nuisance;
        for (size_t i = 0; i < table->columns && !present; i++)
            present = table->parameter[i] == (long)k;
        if (!present)
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "%s:%zu: the header names %zu columns; the model has %zu "
                                  "parameters, and '%s' is missing",
                                  table->path, table->line, names, model->parameter_count,
                                  model->parameters[k].name);
    }
    return FSBI_OK;
}

static fsbi_status name_column(csv *table, size_t column, const char *name, fsbi_error *error) {
    const fsbi_model *model = table->model;
    const size_t n = model->parameter_count;
    const long parameter = find_parameter(model, name);
    if (parameter == UNUSED)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s:%zu: '%s' is not one of the model's %zu parameters (%s ... %s)",
                              table->path, table->line, name, n, model->parameters[0].name,
                              model->parameters[n - 1].name);
    for (size_t other = 0; other < column; other++)
        if (table->parameter[other] == parameter)
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "%s:%zu: the column '%s' stands there twice", table->path,
                                  table->line, name);
    table->parameter[column] = parameter;
    return FSBI_OK;
}

/* Takes the names in table->cells for those of the columns. */
static fsbi_status read_header(csv *table, size_t count, fsbi_error *error) {
    if (count == table->look.columns + 1 && count <= table->room &&
        table->cells[count - 1][0] == '\0')
        count--;                                       /* a separator at the end */
    count = count < table->room ? count : table->room; /* more are too many anyway */
    const bool unnamed_index = count + INDEX_COLUMNS == table->look.columns; /* as R writes it */
    const size_t skipped = !unnamed_index && begins_with_index(table, count) ? INDEX_COLUMNS : 0;
    const size_t index = unnamed_index ? INDEX_COLUMNS : skipped;
    if (count - skipped + index > table->room)
        count = table->room - index + skipped; /* the last name is one too many */
    for (size_t column = 0; column < index; column++)
        table->parameter[column] = UNUSED;
    for (size_t i = skipped; i < count; i++)
        FSBI_TRY(name_column(table, i - skipped + index, table->cells[i], error));
    table->columns = count - skipped + index;
    table->named = true;
    return check_complete(table, count - skipped, error);
}

/* Whether the cells of a comment are names that no parameter has: with separators between them,
 * each is one word. */
static bool are_foreign_names(const csv *table, size_t count) {
    bool words = count > 1;
    for (size_t i = 0; i < count; i++) {
        const char *cell = table->cells[i];
        words = words && cell[0] != '\0' && strpbrk(cell, " \t:=") == NULL;
    }
    return words;
}

/* Collects the parameters' names among the words of a comment, whatever stands between them and
 * however they are capitalised, into the cells; returns how many there are. */
static size_t collect_names(csv *table, char *comment, size_t *other_words) {
    static const char others[] = " \t,;:=()[]{}<>\"'|#*&";
    char *rest = NULL;
    size_t count = 0;
    *other_words = 0;
    for (char *word = strtok_r(comment, others, &rest); word != NULL;
         word = strtok_r(NULL, others, &rest)) {
        const size_t before = count;
        for (size_t k = 0; k < table->model->parameter_count; k++)
            if (strcasecmp(word, table->model->parameters[k].name) == 0 && count < table->room)
                table->cells[count++] = word;
        *other_words += count == before;
    }
    return count;
}

/* A header in the midst of the data, where files were put one after another. */
static fsbi_status check_again(const csv *table, size_t count, fsbi_error *error) {
    const size_t index = table->parameter[0] == UNUSED ? INDEX_COLUMNS : 0;
    bool same = count + index == table->columns;
    for (size_t i = 0; i < count && same; i++)
        same = find_parameter(table->model, table->cells[i]) == table->parameter[i + index];
    return same ? FSBI_OK
                : fsbi_error_set(error, FSBI_BAD_INPUT,
                                 "%s:%zu: the comment names columns in another order than that of "
                                 "the rows above it: use one file for each order",
                                 table->path, table->line);
}

/* numpy.savetxt marks a header as a comment: it names as many columns as there are. */
static fsbi_status read_names(csv *table, char *comment, bool first, fsbi_error *error) {
    size_t other_words = 0;
    const size_t count = collect_names(table, comment, &other_words);
    const bool as_many =
        count == table->look.columns || count + INDEX_COLUMNS == table->look.columns;
    const bool prose = count == 0 || (count == 1 && table->look.columns > 1) || other_words > count;
    if (prose || table->look.header)
        return FSBI_OK;
    if (!first || table->named)
        return check_again(table, count, error);
    if (as_many)
        return read_header(table, count, error);
    return fsbi_error_set(error, FSBI_BAD_INPUT,
                          "%s:%zu: the comment names %zu parameters, but there are %zu columns: is "
                          "it a header? Write all names, or none",
                          table->path, table->line, count, table->look.columns);
}

static fsbi_status refuse_foreign_names(csv *table, char *comment, fsbi_error *error) {
    static const char separators[] = {',', ';', '\t'};
    for (size_t i = 0; i < sizeof separators; i++) {
        if (strchr(comment, separators[i]) == NULL)
            continue;
        const size_t count = fsbi_csv_split(comment, separators[i], table->cells, table->room);
        return count == table->look.columns && count <= table->room &&
                       are_foreign_names(table, count)
                   ? read_header(table, count, error)
                   : FSBI_OK;
    }
    return FSBI_OK;
}

static fsbi_status read_comment(csv *table, const char *comment, bool first, fsbi_error *error) {
    char *copy = fsbi_memory_copy(comment, strlen(comment) + 1, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(copy == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(read_names(table, copy, first, error));
    if (!first || table->named || table->look.header)
        goto done;
    memcpy(copy, comment, strlen(comment) + 1);
    FSBI_TRY_DONE(refuse_foreign_names(table, copy, error));
done:
    free(copy);
    return status;
}

/* pandas' header of columns that have no names is their numbers, 0, 1 and so on. */
static bool are_numbers_of_columns(const csv *table, size_t count) {
    bool numbers = count == table->look.columns && count > 1 && count <= table->room;
    for (size_t i = 0; i < count && numbers; i++) {
        char number[32];
        snprintf(number, sizeof number, "%zu", i);
        numbers = strcmp(table->cells[i], number) == 0;
    }
    return numbers;
}

/* Without a header the columns are the parameters, or those that are inferred, in the model's
 * order. */
static fsbi_status take_order(csv *table, fsbi_error *error) {
    const fsbi_model *model = table->model;
    const bool whole = table->look.columns != fsbi_model_inferred_count(model);
    table->columns = 0;
    for (size_t k = 0; k < model->parameter_count; k++)
        if (whole || !model->parameters[k].nuisance)
            table->parameter[table->columns++] = (long)k;
    table->named = true;
    if (table->look.counts &&
        table->look.columns == fsbi_model_inferred_count(model) + INDEX_COLUMNS)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s:%zu: the first of %zu columns counts the rows: an index, or a "
                              "parameter? Say so in a header that names the columns",
                              table->path, table->line, table->look.columns);
    return table->look.columns != table->columns + INDEX_COLUMNS
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "%s:%zu: expected %zu numbers, one for each parameter, found %zu; "
                                "if the first is an index, say so in a header that names the "
                                "columns",
                                table->path, table->line, table->columns, table->look.columns);
}

static fsbi_status make_room(csv *table, fsbi_error *error) {
    const size_t n = table->model->parameter_count;
    if (table->count < table->capacity)
        return FSBI_OK;
    const size_t capacity = 2 * table->capacity + 16;
    double *grown = realloc(table->thetas, (capacity * n + 1) * sizeof *grown);
    if (grown == NULL)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory while reading '%s'",
                              table->path);
    table->thetas = grown;
    table->capacity = capacity;
    return FSBI_OK;
}

/* A cell of a parameter's column; a nuisance that is not there is drawn. */
static fsbi_status read_cell(const csv *table, const char *cell, const fsbi_parameter *parameter,
                             double *value, fsbi_error *error) {
    const bool read = fsbi_csv_number(cell, table->look.dialect.decimal, value);
    const bool missing = cell[0] == '\0' || (read && isnan(*value));
    if (missing && parameter->nuisance)
        *value = NAN;
    if ((read && isfinite(*value)) || (missing && parameter->nuisance))
        return FSBI_OK;
    if (cell[0] == '\0')
        return fsbi_error_set(error, FSBI_BAD_INPUT, "%s:%zu: the cell of '%s' is empty",
                              table->path, table->line, parameter->name);
    return fsbi_error_set(error, FSBI_BAD_INPUT, "%s:%zu: '%s' is not a finite number", table->path,
                          table->line, cell);
}

static fsbi_status read_numbers(csv *table, size_t count, fsbi_error *error) {
    const fsbi_model *model = table->model;
    const size_t n = model->parameter_count;
    const size_t index = table->parameter[0] == UNUSED ? INDEX_COLUMNS : 0;
    if (count == table->columns + 1 && count <= table->room && table->cells[count - 1][0] == '\0')
        count--; /* a separator at the end */
    FSBI_TRY(make_room(table, error));
    double *theta = table->thetas + table->count * n;
    for (size_t k = 0; k < n; k++)
        theta[k] = NAN;
    for (size_t i = index; i < table->columns && i < count; i++)
        FSBI_TRY(read_cell(table, table->cells[i], &model->parameters[table->parameter[i]],
                           &theta[table->parameter[i]], error));
    if (count != table->columns)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s:%zu: expected %zu numbers, one for each parameter, found %zu",
                              table->path, table->line, table->columns - index, count - index);
    table->count++;
    return FSBI_OK;
}

static fsbi_status read_line(csv *table, char *line, bool first, fsbi_error *error) {
    const size_t count =
        fsbi_csv_split(line, table->look.dialect.separator, table->cells, table->room);
    if (first && table->look.header)
        return read_header(table, count, error);
    if (!table->named && are_numbers_of_columns(table, count) && table->look.fractions)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s:%zu: the columns are numbered here, as by pandas, which is no "
                              "rule: name them, or leave the line out (index=False, header=False)",
                              table->path, table->line);
    if (!table->named)
        FSBI_TRY(take_order(table, error));
    return read_numbers(table, count, error);
}

static fsbi_status read_lines(csv *table, char *text, fsbi_error *error) {
    fsbi_csv_lines lines = {.next = text};
    for (bool first = true; fsbi_csv_next(&lines);) {
        const char *begin = lines.line + strspn(lines.line, " \t");
        table->line = lines.number;
        if (fsbi_csv_is_comment(lines.line)) {
            FSBI_TRY(read_comment(table, begin + 1, first, error));
            continue;
        }
        FSBI_TRY(read_line(table, lines.line, first, error));
        first = false;
    }
    return table->count > 0
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' holds no thetas", table->path);
}

static fsbi_status read_csv(const char *path, const fsbi_model *model, double **thetas,
                            size_t *count, fsbi_error *error) {
    const size_t widths[] = {model->parameter_count, fsbi_model_inferred_count(model)};
    csv table = {.path = path, .model = model, .room = model->parameter_count + INDEX_COLUMNS + 1};
    char *text = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_csv_load(path, &text, error));
    FSBI_TRY_DONE(
        fsbi_csv_find(path, text, widths, sizeof widths / sizeof *widths, &table.look, error));
    table.parameter = fsbi_memory_allocate(table.room, sizeof *table.parameter, error);
    table.cells = fsbi_memory_allocate(table.room, sizeof *table.cells, error);
    FSBI_TRY_DONE(table.parameter == NULL || table.cells == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(read_lines(&table, text, error));
    *thetas = table.thetas;
    *count = table.count;
    table.thetas = NULL;
done:
    free(table.parameter);
    free(table.cells);
    free(table.thetas);
    free(text);
    return status;
}

/* Makes room for nuisance among rules that have none. */
static fsbi_status add_nuisance(const fsbi_model *model, fsbi_matrix *rules, fsbi_error *error) {
    const size_t size = model->parameter_count;
    double *whole = fsbi_memory_allocate(rules->rows * size, sizeof *whole, error);
    if (whole == NULL)
        return FSBI_NO_MEMORY;
    for (size_t k = 0; k < rules->rows * size; k++)
        whole[k] = NAN;
    for (size_t i = 0; i < rules->rows; i++)
        fsbi_model_scatter_inferred(model, rules->values + i * rules->columns, whole + i * size);
    free(rules->values);
    rules->values = whole;
    return FSBI_OK;
}

static fsbi_status check_rules(const fsbi_table_source *source, const fsbi_model *model,
                               const fsbi_matrix *rules, fsbi_error *error) {
    const bool whole = rules->columns == model->parameter_count;
    if (rules->rows == 0 || (!whole && rules->columns != fsbi_model_inferred_count(model)))
        return fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "'%s' in '%s': %zu rules of %zu numbers; the model has %zu parameters%s",
            source->dataset, source->path, rules->rows, rules->columns, model->parameter_count,
            rules->rows == model->parameter_count || rules->rows == fsbi_model_inferred_count(model)
                ? ": MATLAB, Julia and R write the dimensions of an array in reverse order, so "
                  "write the transpose"
                : "");
    if (rules->written < 1)
        return fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "'%s' in '%s': only %.3g %% of its chunks were ever written, the other "
            "rules are fill values: shorten it to what is there",
            source->dataset, source->path, 100 * rules->written);
    for (size_t k = 0; k < rules->rows * rules->columns; k++)
        if (!isfinite(rules->values[k]))
            return fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' in '%s': rule %zu is not finite",
                                  source->dataset, source->path, k / rules->columns);
    return FSBI_OK;
}

static fsbi_status read_hdf5(const fsbi_table_source *source, const fsbi_model *model,
                             double **thetas, size_t *count, fsbi_error *error) {
    fsbi_matrix rules;
    fsbi_status status = FSBI_OK;
    FSBI_TRY(fsbi_store_read_matrix(source->path, source->dataset, "theta", &rules, error));
    FSBI_TRY_DONE(check_rules(source, model, &rules, error));
    if (rules.columns != model->parameter_count)
        FSBI_TRY_DONE(add_nuisance(model, &rules, error));
    *thetas = rules.values;
    *count = rules.rows;
    rules.values = NULL;
done:
    free(rules.values);
    return status;
}

fsbi_status fsbi_theta_table_read(const char *source, const fsbi_model *model, double **thetas,
                                  size_t *count, fsbi_error *error) {
    *thetas = NULL;
    const fsbi_table_source table = fsbi_table_source_of(source, "theta");
    const char *kind = fsbi_target_kind(table.path);
    if (kind != NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' is %s: thetas are read more than once, so write them to a file "
                              "first",
                              table.path, kind);
    return table.named || fsbi_store_expect_hdf5(source, NULL) == FSBI_OK
               ? read_hdf5(&table, model, thetas, count, error)
               : read_csv(source, model, thetas, count, error);
}
