#include "setup/theta_table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "setup/table_source.h"
#include "store/matrix.h"

static const char *const separators = ",; \t\r\n";

/* A CSV file being read. */
typedef struct {
    const char *path;
    const fsbi_model *model;
    size_t line;
    size_t *column; /* parameter that each column holds */
    double *thetas;
    size_t count, capacity;
} csv;

static bool is_number(const char *token) {
    char *end = NULL;
    strtod(token, &end);
    return end != token && *end == '\0';
}

static fsbi_status read_header(csv *table, char *line, fsbi_error *error) {
    const size_t n = table->model->parameter_count;
    size_t columns = 0;
    char *rest = NULL;
    for (char *token = strtok_r(line, separators, &rest); token != NULL;
         token = strtok_r(NULL, separators, &rest), columns++) {
        size_t k = 0;
        while (k < n && strcmp(table->model->parameters[k].name, token) != 0)
            k++;
        if (k == n || columns == n)
            return fsbi_error_set(
                error, FSBI_BAD_INPUT,
                "%s:%zu: '%s' is not one of the model's %zu parameters (%s ... %s)", table->path,
                table->line, token, n, table->model->parameters[0].name,
                table->model->parameters[n - 1].name);
        for (size_t other = 0; other < columns; other++)
            if (table->column[other] == k)
                return fsbi_error_set(error, FSBI_BAD_INPUT,
                                      "%s:%zu: the column '%s' stands there twice", table->path,
                                      table->line, token);
        table->column[columns] = k;
    }
    if (columns != n)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s:%zu: the header names %zu columns; the model has %zu parameters",
                              table->path, table->line, columns, n);
    return FSBI_OK;
}

static fsbi_status read_numbers(csv *table, char *line, fsbi_error *error) {
    const size_t n = table->model->parameter_count;
    if (table->count == table->capacity) {
        size_t capacity = 2 * table->capacity + 16;
        double *grown = realloc(table->thetas, (capacity * n + 1) * sizeof *grown);
        if (grown == NULL)
            return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory while reading '%s'",
                                  table->path);
        table->thetas = grown;
        table->capacity = capacity;
    }
    size_t columns = 0;
    char *rest = NULL;
    for (char *token = strtok_r(line, separators, &rest); token != NULL;
         token = strtok_r(NULL, separators, &rest), columns++) {
        double value = is_number(token) ? strtod(token, NULL) : NAN;
        if (!isfinite(value))
            return fsbi_error_set(error, FSBI_BAD_INPUT, "%s:%zu: '%s' is not a finite number",
                                  table->path, table->line, token);
        if (columns < n)
            table->thetas[table->count * n + table->column[columns]] = value;
    }
    if (columns != n)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s:%zu: expected %zu numbers, one for each parameter, found %zu",
                              table->path, table->line, n, columns);
    table->count++;
    return FSBI_OK;
}

static fsbi_status read_line(csv *table, char *line, bool *header_allowed, fsbi_error *error) {
    char first[64] = "";
    char *start = line + strspn(line, separators);
    if (*start == '\0' || *start == '#')
        return FSBI_OK;
    snprintf(first, sizeof first, "%.*s", (int)strcspn(start, separators), start);
    bool header = *header_allowed && !is_number(first);
    *header_allowed = false;
    return header ? read_header(table, start, error) : read_numbers(table, start, error);
}

static fsbi_status read_lines(csv *table, FILE *stream, fsbi_error *error) {
    char *line = NULL;
    size_t room = 0;
    bool header_allowed = true;
    fsbi_status status = FSBI_OK;
    while (getline(&line, &room, stream) >= 0) {
        table->line++;
        FSBI_TRY_DONE(read_line(table, line, &header_allowed, error));
    }
    if (table->count == 0)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' holds no thetas", table->path));
done:
    free(line);
    return status;
}

static fsbi_status read_csv(const char *path, const fsbi_model *model, double **thetas,
                            size_t *count, fsbi_error *error) {
    csv table = {.path = path, .model = model};
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "cannot read the thetas '%s': %s", path,
                              strerror(errno));
    fsbi_status status = FSBI_OK;
    table.column = fsbi_memory_allocate(model->parameter_count, sizeof *table.column, error);
    FSBI_TRY_DONE(table.column == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (size_t k = 0; k < model->parameter_count; k++)
        table.column[k] = k;
    FSBI_TRY_DONE(read_lines(&table, stream, error));
    *thetas = table.thetas;
    *count = table.count;
    table.thetas = NULL;
done:
    free(table.column);
    free(table.thetas);
    fclose(stream);
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
            "'%s' in '%s': %zu rules of %zu numbers; the model has %zu parameters", source->dataset,
            source->path, rules->rows, rules->columns, model->parameter_count);
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
    return table.named || fsbi_store_is_hdf5(source)
               ? read_hdf5(&table, model, thetas, count, error)
               : read_csv(source, model, thetas, count, error);
}
