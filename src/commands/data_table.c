#include "commands/data_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/filter.h"
#include "core/memory.h"
#include "rows/row_filter.h"
#include "setup/setup.h"
#include "store/campaign_file.h"
#include "store/matrix.h"

void fsbi_data_table_clear(fsbi_data_table *table) {
    fsbi_training_table_clear(&table->rows);
    free(table->theta_names);
    free(table->x_names);
    free(table->low);
    free(table->high);
    free(table->not_finite);
    *table = (fsbi_data_table){0};
}

/* Room for names and bounds; no bounds yet. */
static fsbi_status init_columns(fsbi_data_table *table, fsbi_error *error) {
    table->theta_names = fsbi_memory_allocate(table->theta_size, sizeof *table->theta_names, error);
    table->x_names = fsbi_memory_allocate(table->x_size, sizeof *table->x_names, error);
    table->low = fsbi_memory_allocate(table->theta_size, sizeof *table->low, error);
    table->high = fsbi_memory_allocate(table->theta_size, sizeof *table->high, error);
    table->not_finite =
        fsbi_memory_allocate(table->theta_size + table->x_size, sizeof *table->not_finite, error);
    if (table->theta_names == NULL || table->x_names == NULL || table->low == NULL ||
        table->high == NULL || table->not_finite == NULL)
        return FSBI_NO_MEMORY;
    for (size_t j = 0; j < table->theta_size; j++) {
        table->low[j] = -INFINITY;
        table->high[j] = INFINITY;
        snprintf(table->theta_names[j], sizeof *table->theta_names, "theta_%zu", j);
    }
    for (size_t j = 0; j < table->x_size; j++)
        snprintf(table->x_names[j], sizeof *table->x_names, "x_%zu", j);
    return FSBI_OK;
}

static bool all_finite(const double *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

bool fsbi_data_table_is_finite(const fsbi_data_table *table, size_t row) {
    return all_finite(table->rows.theta + row * table->theta_size, table->theta_size) &&
           all_finite(table->rows.x + row * table->x_size, table->x_size);
}

static void count_not_finite(fsbi_data_table *table, size_t row) {
    for (size_t j = 0; j < table->theta_size; j++)
        table->not_finite[j] += isfinite(table->rows.theta[row * table->theta_size + j]) ? 0 : 1;
    for (size_t j = 0; j < table->x_size; j++)
        table->not_finite[table->theta_size + j] +=
            isfinite(table->rows.x[row * table->x_size + j]) ? 0 : 1;
}

/* Takes out the rows that are not finite, and counts those beyond the bounds. */
static void keep_finite(fsbi_data_table *table) {
    fsbi_training_table *rows = &table->rows;
    size_t kept = 0;
    for (size_t row = 0; row < rows->rows; row++) {
        const double *theta = rows->theta + row * table->theta_size;
        const double *x = rows->x + row * table->x_size;
        count_not_finite(table, row);
        if (!fsbi_data_table_is_finite(table, row))
            continue;
        bool outside = false;
        for (size_t j = 0; j < table->theta_size; j++)
            outside = outside || theta[j] < table->low[j] || theta[j] > table->high[j];
        table->outside += outside;
        rows->origins[kept] = rows->origins[row];
        memmove(rows->theta + kept * table->theta_size, theta, table->theta_size * sizeof *theta);
        memmove(rows->x + kept * table->x_size, x, table->x_size * sizeof *x);
        kept++;
    }
    rows->left_out = rows->rows - kept;
    rows->rows = kept;
}

/* One bound of every parameter, or one for all, if the file has it or must have it. */
static fsbi_status read_bound(const fsbi_data_source *source, const char *given, const char *usual,
                              size_t theta_size, double *bound, fsbi_error *error) {
    fsbi_matrix matrix;
    if (given == NULL && !fsbi_store_has(source->path, usual))
        return FSBI_OK;
    const char *name = given != NULL ? given : usual;
    fsbi_status status = FSBI_OK;
    FSBI_TRY(fsbi_store_read_matrix(source->path, name, NULL, &matrix, error));
    const size_t given_count = matrix.rows * matrix.columns;
    if (given_count != theta_size && given_count != 1)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "'%s' in '%s' has %zu numbers, theta has %zu columns", name,
                                     source->path, given_count, theta_size));
    for (size_t j = 0; j < theta_size; j++)
        bound[j] = matrix.values[given_count == 1 ? 0 : j];
done:
    free(matrix.values);
    return status;
}

static const char turned[] =
    ". They have as many columns: MATLAB, Julia and R write the dimensions of an array in reverse "
    "order, so write the transposes";

static fsbi_status read_datasets(const fsbi_data_source *source, fsbi_data_table *table,
                                 fsbi_error *error) {
    const char *theta = source->theta != NULL ? source->theta : "theta";
    const char *x = source->x != NULL ? source->x : "x";
    fsbi_matrix thetas = {0};
    fsbi_matrix metrics = {0};
    FSBI_TRY(fsbi_store_read_matrix(source->path, theta, "theta", &thetas, error));
    table->rows.theta = thetas.values;
    table->rows.rows = thetas.rows;
    table->written = thetas.written;
    table->theta_size = thetas.columns;
    if (!source->no_x) {
        FSBI_TRY(fsbi_store_read_matrix(source->path, x, "x", &metrics, error));
        table->rows.x = metrics.values;
        table->x_size = metrics.columns;
        table->written = fmin(thetas.written, metrics.written);
    }
    if (!source->no_x && metrics.rows != thetas.rows)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s': '%s' has %zu rows and '%s' has %zu; they must be as many%s",
                              source->path, theta, thetas.rows, x, metrics.rows,
                              metrics.columns == thetas.columns ? turned : "");
    if (table->theta_size == 0 || (table->x_size == 0 && !source->no_x))
        return fsbi_error_set(error, FSBI_BAD_INPUT, "'%s': '%s' has no columns", source->path,
                              table->theta_size == 0 ? theta : x);
    FSBI_TRY(init_columns(table, error));
    table->rows.origins = fsbi_memory_allocate(thetas.rows, sizeof *table->rows.origins, error);
    if (table->rows.origins == NULL)
        return FSBI_NO_MEMORY;
    for (size_t row = 0; row < thetas.rows; row++)
        table->rows.origins[row].row = row;
    FSBI_TRY(read_bound(source, source->low, "prior/low", table->theta_size, table->low, error));
    FSBI_TRY(read_bound(source, source->high, "prior/high", table->theta_size, table->high, error));
    for (size_t j = 0; j < table->theta_size; j++)
        if (!(table->low[j] < table->high[j]))
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "'%s': the bounds of parameter %zu are %g and %g; the lower one "
                                  "must be below the higher one",
                                  source->path, j, table->low[j], table->high[j]);
    return FSBI_OK;
}

/* Which rows and metrics of a campaign are meant. */
typedef struct {
    const fsbi_setup *setup;
    fsbi_filter keep, infer;
} selection;

/* The metrics that the campaign's last posterior is trained on. */
static fsbi_status copy_last_infer(const fsbi_data_source *source, selection *s,
                                   fsbi_error *error) {
    const fsbi_config *config = s->setup->config;
    const fsbi_filter *infer = NULL;
    for (size_t i = 0; i < config->round_count; i++)
        if (config->rounds[i].has_posterior)
            infer = &config->rounds[i].infer;
    if (infer == NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' is a campaign that trains no posterior: name the metrics that "
                              "are x with --metrics",
                              source->path);
    s->infer.count = infer->count;
    s->infer.conditions =
        fsbi_memory_copy(infer->conditions, infer->count * sizeof *infer->conditions, error);
    return s->infer.conditions == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

static fsbi_status read_options(const fsbi_data_source *source, selection *s, fsbi_error *error) {
    const fsbi_model *model = s->setup->model;
    const char **names = fsbi_memory_allocate(model->metric_count, sizeof *names, error);
    if (names == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < model->metric_count; i++)
        names[i] = model->metrics[i].name;
    const fsbi_filter_context known = {.metrics = names, .metric_count = model->metric_count};
    fsbi_status status = FSBI_OK;
    for (size_t i = 0; i < source->condition_count; i++)
        FSBI_TRY_DONE(
            fsbi_filter_read_option("--keep", source->conditions[i], &known, &s->keep, error));
    if (source->no_x)
        goto done;
    FSBI_TRY_DONE(source->metrics != NULL
                      ? fsbi_filter_read_metrics_option("--metrics", source->metrics, &known,
                                                        &s->infer, error)
                      : copy_last_infer(source, s, error));
done:
    free(names);
    return status;
}

/* Adds the rows of one round that are kept. */
static void add_round(const selection *s, const fsbi_row_set *set, size_t round,
                      const fsbi_filter *keep, fsbi_data_table *table) {
    const fsbi_model *model = s->setup->model;
    for (size_t i = 0; i < set->rounds[round].simulations; i++) {
        const fsbi_row *row = fsbi_row_set_at(set, round, i);
        double *x = table->rows.x + table->rows.rows * table->x_size;
        if (!fsbi_filter_met(keep, set->shape, row))
            continue;
        fsbi_model_gather_inferred(model, row->values,
                                   table->rows.theta + table->rows.rows * table->theta_size);
        for (size_t j = 0; j < s->infer.count; j++)
            *x++ = row->values[model->parameter_count + s->infer.conditions[j].metric_index];
        table->rows.origins[table->rows.rows++] = (fsbi_training_origin){true, round, i};
    }
}

static fsbi_status make_room(fsbi_data_table *table, size_t rows, fsbi_error *error) {
    table->rows.theta = fsbi_memory_allocate(rows * table->theta_size, sizeof(double), error);
    table->rows.x = fsbi_memory_allocate(rows * table->x_size, sizeof(double), error);
    table->rows.origins = fsbi_memory_allocate(rows, sizeof *table->rows.origins, error);
    return table->rows.theta == NULL || table->rows.x == NULL || table->rows.origins == NULL
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

/* Adds the rows that are kept of all rounds. */
static fsbi_status add_rounds(const selection *s, fsbi_campaign_file *file, fsbi_data_table *table,
                              fsbi_error *error) {
    const fsbi_row_shape shape = fsbi_row_shape_of(s->setup->model);
    const fsbi_config *config = s->setup->config;
    fsbi_filter keep = {0};
    void **rows = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_read_all(file, &shape, config, &rows, error));
    const fsbi_row_set set = {&shape, config->rounds, rows, 0, config->round_count};
    FSBI_TRY_DONE(make_room(table, fsbi_row_set_count(&set), error));
    FSBI_TRY_DONE(fsbi_filter_resolve(&s->keep, &set, &keep, error));
    for (size_t round = 0; round < config->round_count; round++)
        add_round(s, &set, round, &keep, table);
done:
    free(keep.conditions);
    fsbi_rows_free(rows, config->round_count);
    return status;
}

static fsbi_status read_rounds(const fsbi_data_source *source, const selection *s,
                               fsbi_data_table *table, fsbi_error *error) {
    const fsbi_model *model = s->setup->model;
    fsbi_campaign_file *file = NULL;
    table->theta_size = fsbi_model_inferred_count(model);
    table->x_size = s->infer.count;
    FSBI_TRY(init_columns(table, error));
    fsbi_setup_list_inferred(s->setup, table->theta_names, table->low, table->high);
    for (size_t j = 0; j < table->x_size; j++)
        snprintf(table->x_names[j], sizeof *table->x_names, "%s", s->infer.conditions[j].metric);
    FSBI_TRY(fsbi_campaign_file_open_readonly(source->path, model, &file, error));
    const fsbi_status status = add_rounds(s, file, table, error);
    fsbi_campaign_file_close(file, NULL);
    return status;
}

static fsbi_status read_campaign(const fsbi_data_source *source, fsbi_data_table *table,
                                 fsbi_error *error) {
    fsbi_setup setup = {0};
    selection s = {.setup = &setup};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_of_campaign(source->path, &setup, error));
    FSBI_TRY_DONE(read_options(source, &s, error));
    FSBI_TRY_DONE(read_rounds(source, &s, table, error));
done:
    free(s.keep.conditions);
    free(s.infer.conditions);
    fsbi_setup_clear(&setup);
    return status;
}

fsbi_status fsbi_data_table_read(const fsbi_data_source *source, fsbi_data_table *table,
                                 fsbi_error *error) {
    *table = (fsbi_data_table){.written = 1};
    FSBI_TRY(fsbi_store_expect_hdf5(source->path, error));
    const bool campaign = fsbi_store_has(source->path, "rounds/00");
    if (!campaign && (source->metrics != NULL || source->condition_count > 0))
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' is no campaign file: --metrics and --keep are for these",
                              source->path);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(campaign ? read_campaign(source, table, error)
                           : read_datasets(source, table, error));
    if (!source->keep_all)
        keep_finite(table);
done:
    if (status != FSBI_OK)
        fsbi_data_table_clear(table);
    return status;
}
