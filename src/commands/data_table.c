#include "commands/data_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    *table = (fsbi_data_table){0};
}

/* Room for names and bounds; no bounds yet. */
static fsbi_status init_columns(fsbi_data_table *table, fsbi_error *error) {
    table->theta_names = fsbi_memory_allocate(table->theta_size, sizeof *table->theta_names, error);
    table->x_names = fsbi_memory_allocate(table->x_size, sizeof *table->x_names, error);
    table->low = fsbi_memory_allocate(table->theta_size, sizeof *table->low, error);
    table->high = fsbi_memory_allocate(table->theta_size, sizeof *table->high, error);
    if (table->theta_names == NULL || table->x_names == NULL || table->low == NULL ||
        table->high == NULL)
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

/* Takes out the rows that are not finite, and counts those beyond the bounds. */
static void keep_finite(fsbi_data_table *table) {
    fsbi_training_table *rows = &table->rows;
    size_t kept = 0;
    for (size_t row = 0; row < rows->rows; row++) {
        const double *theta = rows->theta + row * table->theta_size;
        const double *x = rows->x + row * table->x_size;
        if (!fsbi_data_table_is_finite(table, row))
            continue;
        bool outside = false;
        for (size_t j = 0; j < table->theta_size; j++)
            outside = outside || theta[j] < table->low[j] || theta[j] > table->high[j];
        table->outside += outside;
        memmove(rows->theta + kept * table->theta_size, theta, table->theta_size * sizeof *theta);
        memmove(rows->x + kept * table->x_size, x, table->x_size * sizeof *x);
        kept++;
    }
    rows->left_out = rows->rows - kept;
    rows->rows = kept;
}

/* One bound of every parameter, if the file has it or must have it. */
static fsbi_status read_bound(const fsbi_data_source *source, const char *given, const char *usual,
                              size_t theta_size, double *bound, fsbi_error *error) {
    double *values = NULL;
    size_t rows = 0, columns = 0;
    if (given == NULL && !fsbi_store_has(source->path, usual))
        return FSBI_OK;
    const char *name = given != NULL ? given : usual;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_store_read_matrix(source->path, name, NULL, &values, &rows, &columns, error));
    if (rows * columns != theta_size)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "'%s' in '%s' has %zu numbers, theta has %zu columns", name,
                                     source->path, rows * columns, theta_size));
    memcpy(bound, values, theta_size * sizeof *bound);
done:
    free(values);
    return status;
}

static fsbi_status read_datasets(const fsbi_data_source *source, fsbi_data_table *table,
                                 fsbi_error *error) {
    const char *theta = source->theta != NULL ? source->theta : "theta";
    const char *x = source->x != NULL ? source->x : "x";
    size_t x_rows = 0;
    fsbi_training_table *rows = &table->rows;
    FSBI_TRY(fsbi_store_read_matrix(source->path, theta, "theta", &rows->theta, &rows->rows,
                                    &table->theta_size, error));
    FSBI_TRY(
        fsbi_store_read_matrix(source->path, x, "x", &rows->x, &x_rows, &table->x_size, error));
    if (x_rows != rows->rows)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s': '%s' has %zu rows and '%s' has %zu; they must be as many",
                              source->path, theta, rows->rows, x, x_rows);
    if (table->theta_size == 0 || table->x_size == 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "'%s': '%s' has no columns", source->path,
                              table->theta_size == 0 ? theta : x);
    FSBI_TRY(init_columns(table, error));
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

/* {METRIC: [LOW, HIGH], ...} of METRIC=LOW:HIGH ..., {METRIC: {top: SHARE}} of METRIC=top:SHARE,
 * for the reader of conditions. */
static fsbi_status add_conditions(const fsbi_data_source *source, fsbi_text *yaml,
                                  fsbi_error *error) {
    fsbi_text_append(yaml, "{");
    for (size_t i = 0; i < source->condition_count; i++) {
        const char *condition = source->conditions[i];
        const char *equals = strchr(condition, '=');
        const char *colon = equals == NULL ? NULL : strchr(equals, ':');
        if (colon == NULL)
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "--keep %s: expected METRIC=LOW:HIGH, as in --keep rate=1:50, or "
                                  "a best share, as in --keep cv_isi=top:0.1",
                                  condition);
        const int before = (int)(colon - equals - 1);
        const bool share = strncmp(equals + 1, "top:", (size_t)before + 1) == 0 ||
                           strncmp(equals + 1, "bottom:", (size_t)before + 1) == 0;
        fsbi_text_append(yaml, share ? "%s%.*s: {%.*s: %s}" : "%s%.*s: [%.*s, %s]",
                         i > 0 ? ", " : "", (int)(equals - condition), condition, before,
                         equals + 1, colon + 1);
    }
    fsbi_text_append(yaml, "}");
    return FSBI_OK;
}

/* The campaign's configuration, with one more round that says which rows and metrics are meant. */
static fsbi_status describe_selection(const fsbi_data_source *source, const fsbi_setup *setup,
                                      fsbi_text *override, fsbi_error *error) {
    const fsbi_config *config = setup->config;
    const fsbi_filter *infer = NULL;
    for (size_t i = 0; i < config->round_count; i++)
        if (config->rounds[i].infer.count > 0)
            infer = &config->rounds[i].infer;
    if (source->metrics == NULL && infer == NULL)
        return fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "'%s' is a campaign that trains no posterior: name the metrics that are "
            "x with --metrics",
            source->path);
    fsbi_text_append(override, "rounds=[{simulations: 1000000000, keep: ");
    fsbi_status status = add_conditions(source, override, error);
    fsbi_text_append(override, ", infer: [%s", source->metrics != NULL ? source->metrics : "");
    for (size_t i = 0; source->metrics == NULL && i < infer->count; i++)
        fsbi_text_append(override, "%s%s", i > 0 ? ", " : "", infer->conditions[i].metric);
    fsbi_text_append(override, "]}]");
    return status;
}

/* Adds the rows of one round that are kept. */
static void add_round(const fsbi_setup *setup, const fsbi_row_set *set, size_t round,
                      const fsbi_filter *keep, const fsbi_filter *metrics, fsbi_data_table *table) {
    const fsbi_model *model = setup->model;
    for (size_t i = 0; i < set->rounds[round].simulations; i++) {
        const fsbi_row *row = fsbi_row_at(set->shape, set->rows[round], i);
        double *theta = table->rows.theta + table->rows.rows * table->theta_size;
        double *x = table->rows.x + table->rows.rows * table->x_size;
        if (!fsbi_filter_met(keep, set->shape, row))
            continue;
        for (size_t j = 0; j < model->parameter_count; j++)
            if (!model->parameters[j].nuisance)
                *theta++ = row->values[j];
        for (size_t j = 0; j < metrics->count; j++)
            *x++ = row->values[model->parameter_count + metrics->conditions[j].metric_index];
        table->rows.rows++;
    }
}

static fsbi_status make_room(fsbi_data_table *table, size_t rows, fsbi_error *error) {
    table->rows.theta = fsbi_memory_allocate(rows * table->theta_size, sizeof(double), error);
    table->rows.x = fsbi_memory_allocate(rows * table->x_size, sizeof(double), error);
    return table->rows.theta == NULL || table->rows.x == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

/* Adds the rows that are kept of all rounds. */
static fsbi_status add_rounds(const fsbi_setup *setup, fsbi_campaign_file *file,
                              const fsbi_config_round *selection, fsbi_data_table *table,
                              fsbi_error *error) {
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    const fsbi_config *config = setup->config;
    fsbi_filter keep = {0};
    void **rows = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_row_set_read(file, &shape, config, &rows, error));
    const fsbi_row_set set = {&shape, config->rounds, rows, 0, config->round_count};
    FSBI_TRY_DONE(make_room(table, fsbi_row_set_count(&set), error));
    FSBI_TRY_DONE(fsbi_filter_resolve(&selection->keep, &set, &keep, error));
    for (size_t round = 0; round < config->round_count; round++)
        add_round(setup, &set, round, &keep, &selection->infer, table);
done:
    free(keep.conditions);
    fsbi_row_set_free(rows, config->round_count);
    return status;
}

static fsbi_status read_rounds(const fsbi_data_source *source, const fsbi_setup *setup,
                               const fsbi_config_round *selection, fsbi_data_table *table,
                               fsbi_error *error) {
    const fsbi_model *model = setup->model;
    table->theta_size = fsbi_setup_theta_size(setup);
    table->x_size = selection->infer.count;
    FSBI_TRY(init_columns(table, error));
    fsbi_status status = FSBI_OK;
    for (size_t i = 0, next = 0; i < model->parameter_count; i++) {
        if (model->parameters[i].nuisance)
            continue;
        snprintf(table->theta_names[next], sizeof *table->theta_names, "%s",
                 model->parameters[i].name);
        table->low[next] = model->parameters[i].low;
        table->high[next++] = model->parameters[i].high;
    }
    for (size_t j = 0; j < table->x_size; j++)
        snprintf(table->x_names[j], sizeof *table->x_names, "%s",
                 selection->infer.conditions[j].metric);
    fsbi_campaign_file *file = NULL;
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(source->path, model, &file, error));
    FSBI_TRY_DONE(add_rounds(setup, file, selection, table, error));
done:
    fsbi_campaign_file_close(file, NULL);
    return status;
}

static fsbi_status read_campaign(const fsbi_data_source *source, fsbi_data_table *table,
                                 fsbi_error *error) {
    char *text = NULL;
    fsbi_setup setup = {0};
    fsbi_setup selected = {0};
    fsbi_text override = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_read_config(source->path, &text, NULL, error));
    FSBI_TRY_DONE(fsbi_setup_parse(text, source->path, NULL, 0, &setup, error));
    FSBI_TRY_DONE(describe_selection(source, &setup, &override, error));
    const char *const overrides[] = {override.characters};
    FSBI_TRY_DONE(fsbi_setup_parse(text, source->path, overrides, 1, &selected, error));
    FSBI_TRY_DONE(read_rounds(source, &setup, &selected.config->rounds[0], table, error));
done:
    fsbi_text_clear(&override);
    fsbi_setup_clear(&selected);
    fsbi_setup_clear(&setup);
    free(text);
    return status;
}

fsbi_status fsbi_data_table_read(const fsbi_data_source *source, fsbi_data_table *table,
                                 fsbi_error *error) {
    *table = (fsbi_data_table){0};
    if (!fsbi_store_is_hdf5(source->path))
        return fsbi_error_set(error, FSBI_BAD_INPUT, "cannot read '%s': there is no such HDF5 file",
                              source->path);
    const bool campaign = fsbi_store_has(source->path, "rounds");
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
