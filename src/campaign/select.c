/* The rows that a posterior or a classifier is trained on. */
#include <math.h>
#include <stdlib.h>

#include "campaign/state.h"
#include "core/memory.h"
#include "rows/row_filter.h"

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
        "round %zu keeps only %zu of %zu rows to train on (inference.minimum_rows "
        "is %ld): widen its 'keep' or run more simulations",
        round, kept, rows, minimum);
}

/* The rows that a filter chooses from: those of the rounds from `first` to `round`. */
static fsbi_row_set row_set(const fsbi_campaign_state *state, size_t first, size_t round) {
    return (fsbi_row_set){.shape = &state->shape,
                          .rounds = state->setup->config->rounds,
                          .rows = state->rows,
                          .first = first,
                          .end = round + 1};
}

/* Marks in `accepted`, which begins with the first round's rows, those that are kept, and counts
 * those that meet each condition; returns how many are kept. */
static size_t mark_rows(const fsbi_campaign_state *state, const fsbi_config_round *settings,
                        const fsbi_filter *keep, const fsbi_row_set *set, unsigned char *accepted,
                        int64_t *passed, size_t *left_out) {
    size_t kept = 0;
    for (size_t r = 0; r < set->end; r++) {
        for (size_t index = 0; index < set->rounds[r].simulations; index++, accepted++) {
            const fsbi_row *row = fsbi_campaign_row(state, r, index);
            if (r < set->first)
                continue;
            for (size_t i = 0; i < keep->count; i++)
                passed[i] += fsbi_condition_met(&keep->conditions[i], set->shape, row);
            const bool met = fsbi_filter_met(keep, set->shape, row);
            *accepted = met && is_finite(state, settings, row);
            kept += *accepted;
            *left_out += met && !*accepted;
        }
    }
    return kept;
}

fsbi_status fsbi_campaign_select(fsbi_campaign_state *state, size_t round,
                                 fsbi_training_table *table, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_config_round *settings = &config->rounds[round];
    const fsbi_row_set set = row_set(state, settings->keep_this_round ? round : 0, round);
    *table = (fsbi_training_table){0};
    const fsbi_row_set so_far = row_set(state, 0, round);
    const size_t rows = fsbi_row_set_count(&so_far);
    size_t kept = 0;
    fsbi_filter keep = {0};
    unsigned char *accepted = fsbi_memory_allocate(rows, 1, error);
    int64_t *passed = fsbi_memory_allocate(settings->keep.count, sizeof *passed, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(accepted == NULL || passed == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_filter_resolve(&settings->keep, &set, &keep, error));
    {
        kept = mark_rows(state, settings, &keep, &set, accepted, passed, &table->left_out);
        const fsbi_filter_result result = {&keep, passed, rows, accepted};
        FSBI_TRY_DONE(fsbi_campaign_file_write_filter(state->file, round, &result, error));
    }
    FSBI_TRY_DONE(check_enough(state, round, kept, fsbi_row_set_count(&set), error));
    FSBI_TRY_DONE(collect_rows(state, round, kept, accepted, table, error));
done:
    free(keep.conditions);
    free(accepted);
    free(passed);
    return status;
}

fsbi_status fsbi_campaign_count_met(const fsbi_campaign_state *state, size_t round, int64_t *met,
                                    fsbi_error *error) {
    const fsbi_filter *ranges = &state->setup->config->rounds[round].ranges;
    const fsbi_row_set set = row_set(state, round, round);
    for (size_t i = 0; i <= ranges->count; i++) {
        const fsbi_filter one = {.conditions = &ranges->conditions[i], .count = 1};
        size_t count = 0;
        FSBI_TRY(fsbi_filter_count(i < ranges->count ? &one : ranges, &set, &count, error));
        met[i] = (int64_t)count;
    }
    return FSBI_OK;
}

fsbi_status fsbi_campaign_label(fsbi_campaign_state *state, size_t round,
                                fsbi_training_table *table, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_config_round *settings = &config->rounds[round];
    const size_t theta_size = fsbi_setup_theta_size(state->setup);
    const long minimum = config->inference.minimum_rows;
    const fsbi_row_set set = row_set(state, 0, round);
    const size_t rows = fsbi_row_set_count(&set);
    long valid = 0;
    *table = (fsbi_training_table){0};
    table->theta = fsbi_memory_allocate(rows, sizeof *table->theta, error);
    table->x = fsbi_memory_allocate(rows * theta_size, sizeof *table->x, error);
    if (table->theta == NULL || table->x == NULL)
        return FSBI_NO_MEMORY;
    fsbi_filter classify = {0};
    fsbi_status status = fsbi_filter_resolve(&settings->classify, &set, &classify, error);
    if (status != FSBI_OK)
        return status;
    const fsbi_config_round rules_only = {0};
    for (size_t r = 0; r <= round; r++) {
        for (size_t index = 0; index < config->rounds[r].simulations; index++) {
            const fsbi_row *row = fsbi_campaign_row(state, r, index);
            const bool is_valid = fsbi_filter_met(&classify, &state->shape, row);
            table->theta[table->rows] = is_valid;
            copy_row(state, &rules_only, row, table->x + table->rows * theta_size, NULL);
            table->rows++;
            valid += is_valid;
        }
    }
    free(classify.conditions);
    return valid >= minimum
               ? FSBI_OK
               : fsbi_error_set(
                     error, FSBI_HOPELESS,
                     "only %ld of the %zu rows so far are valid for the classifier of "
                     "round %zu (inference.minimum_rows is %ld): run more simulations, or "
                     "call more of them valid in 'classify'",
                     valid, rows, round, minimum);
}
