/* The rows that a posterior or a classifier is trained on. */
#include <math.h>
#include <stdlib.h>

#include "campaign/filter.h"
#include "campaign/state.h"
#include "core/memory.h"

/* Whether the row has an x that can be trained on. */
static bool is_finite(const fsbi_campaign_state *state, const fsbi_config_round *settings,
                      const fsbi_row *row) {
    for (size_t i = 0; i < settings->infer.count; i++)
        if (!isfinite(
                row->values[state->shape.theta_count + settings->infer.conditions[i].metric_index]))
            return false;
    return true;
}

static void copy_row(const fsbi_campaign_state *state, const fsbi_config_round *settings,
                     const fsbi_row *row, double *theta, double *x) {
    const fsbi_model *model = state->setup->model;
    for (size_t i = 0; i < model->parameter_count; i++)
        if (!model->parameters[i].nuisance)
            *theta++ = row->values[i];
    for (size_t i = 0; i < settings->infer.count; i++)
        *x++ = row->values[model->parameter_count + settings->infer.conditions[i].metric_index];
}

static fsbi_status collect_rows(const fsbi_campaign_state *state, size_t round, size_t kept,
                                const unsigned char *accepted, fsbi_training_table *table,
                                fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_config_round *settings = &config->rounds[round];
    const size_t theta_size = fsbi_setup_theta_size(state->setup);
    table->theta = fsbi_memory_allocate(kept * theta_size, sizeof *table->theta, error);
    table->x = fsbi_memory_allocate(kept * settings->infer.count, sizeof *table->x, error);
    if (table->theta == NULL || table->x == NULL)
        return FSBI_NO_MEMORY;
    for (size_t r = 0; r <= round; r++) {
        for (size_t row = 0; row < config->rounds[r].simulations; row++) {
            if (!*accepted++)
                continue;
            copy_row(state, settings, fsbi_campaign_row(state, r, row),
                     table->theta + table->rows * theta_size,
                     table->x + table->rows * settings->infer.count);
            table->rows++;
        }
    }
    return FSBI_OK;
}

static fsbi_status check_enough(const fsbi_campaign_state *state, size_t round, size_t kept,
                                size_t rows, fsbi_error *error) {
    long minimum = state->setup->config->inference.minimum_rows;
    if (kept >= (size_t)minimum)
        return FSBI_OK;
    return fsbi_error_set(
        error, FSBI_HOPELESS,
        "round %zu keeps only %zu of the %zu rows so far to train on (inference.minimum_rows "
        "is %ld): widen its 'keep' or run more simulations",
        round, kept, rows, minimum);
}

fsbi_status fsbi_campaign_select(fsbi_campaign_state *state, size_t round,
                                 fsbi_training_table *table, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_config_round *settings = &config->rounds[round];
    *table = (fsbi_training_table){0};
    size_t rows = 0;
    for (size_t r = 0; r <= round; r++)
        rows += config->rounds[r].simulations;
    unsigned char *accepted = fsbi_memory_allocate(rows, 1, error);
    int64_t *passed = fsbi_memory_allocate(settings->keep.count, sizeof *passed, error);
    fsbi_status status = accepted == NULL || passed == NULL ? FSBI_NO_MEMORY : FSBI_OK;
    size_t kept = 0;
    size_t position = 0;
    for (size_t r = 0; r <= round && status == FSBI_OK; r++) {
        for (size_t index = 0; index < config->rounds[r].simulations; index++, position++) {
            const fsbi_row *row = fsbi_campaign_row(state, r, index);
            for (size_t i = 0; i < settings->keep.count; i++)
                passed[i] += fsbi_condition_met(&settings->keep.conditions[i], &state->shape, row);
            const bool met = fsbi_filter_met(&settings->keep, &state->shape, row);
            accepted[position] = met && is_finite(state, settings, row);
            kept += accepted[position];
            table->left_out += met && !accepted[position];
        }
    }
    const fsbi_filter_result result = {settings->keep.count, passed, rows, accepted};
    if (status == FSBI_OK)
        status = fsbi_campaign_file_write_filter(state->file, round, &result, error);
    if (status == FSBI_OK)
        status = check_enough(state, round, kept, rows, error);
    if (status == FSBI_OK)
        status = collect_rows(state, round, kept, accepted, table, error);
    free(accepted);
    free(passed);
    return status;
}

void fsbi_campaign_count_met(const fsbi_config_round *settings, const fsbi_row_shape *shape,
                             void *rows, int64_t *met) {
    const size_t count = settings->ranges.count;
    for (size_t i = 0; i < count; i++) {
        met[i] = 0;
        for (size_t row = 0; row < settings->simulations; row++)
            met[i] += fsbi_condition_met(&settings->ranges.conditions[i], shape,
                                         fsbi_row_at(shape, rows, row));
    }
    met[count] = (int64_t)fsbi_filter_count(&settings->ranges, shape, rows, settings->simulations);
}

fsbi_status fsbi_campaign_label(fsbi_campaign_state *state, size_t round,
                                fsbi_training_table *table, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_config_round *settings = &config->rounds[round];
    const size_t theta_size = fsbi_setup_theta_size(state->setup);
    const long minimum = config->inference.minimum_rows;
    size_t rows = 0;
    long valid = 0;
    for (size_t r = 0; r <= round; r++)
        rows += config->rounds[r].simulations;
    *table = (fsbi_training_table){0};
    table->theta = fsbi_memory_allocate(rows, sizeof *table->theta, error);
    table->x = fsbi_memory_allocate(rows * theta_size, sizeof *table->x, error);
    if (table->theta == NULL || table->x == NULL)
        return FSBI_NO_MEMORY;
    const fsbi_config_round rules_only = {0};
    for (size_t r = 0; r <= round; r++) {
        for (size_t index = 0; index < config->rounds[r].simulations; index++) {
            const fsbi_row *row = fsbi_campaign_row(state, r, index);
            const bool is_valid = fsbi_filter_met(&settings->classify, &state->shape, row);
            table->theta[table->rows] = is_valid;
            copy_row(state, &rules_only, row, table->x + table->rows * theta_size, NULL);
            table->rows++;
            valid += is_valid;
        }
    }
    return valid >= minimum
               ? FSBI_OK
               : fsbi_error_set(
                     error, FSBI_HOPELESS,
                     "only %ld of the %zu rows so far are valid for the classifier of "
                     "round %zu (inference.minimum_rows is %ld): run more simulations, or "
                     "call more of them valid in 'classify'",
                     valid, rows, round, minimum);
}
