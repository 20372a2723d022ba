#include "steps/select.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "rows/row_filter.h"

/* A selection of rows under way. */
typedef struct {
    const fsbi_campaign_state *state;
    const fsbi_config_round *settings;
    fsbi_row_set so_far;     /* all rows up to the round */
    fsbi_row_set candidates; /* those that the filter chooses from */
    fsbi_filter keep;        /* with its shares resolved */
    unsigned char *accepted; /* of all rows so far */
    double *weights;         /* likewise, where they count; NULL: all alike */
    int64_t *passed;         /* rows that meet each condition */
    size_t *not_finite; /* rows that meet the filter, but cannot be trained on for each metric */
    size_t kept;
} selection;

static void clear(selection *s) {
    free(s->keep.conditions);
    free(s->accepted);
    free(s->passed);
    free(s->weights);
    free(s->not_finite);
}

static bool any_ended_early(const fsbi_row_set *set) {
    for (size_t r = set->first; r < set->end; r++)
        for (size_t i = 0; i < set->rounds[r].simulations; i++)
            if (fsbi_row_ended_early(fsbi_row_set_at(set, r, i)))
                return true;
    return false;
}

/* The weights of all rows so far: from the file; or, of rows that count alike, what stands for
 * those that ended early. */
static fsbi_status find_weights(selection *s, fsbi_error *error) {
    size_t number = 0;
    if (!s->settings->weighted && !any_ended_early(&s->so_far))
        return FSBI_OK;
    s->weights = fsbi_memory_allocate(fsbi_row_set_count(&s->so_far), sizeof *s->weights, error);
    if (s->weights == NULL)
        return FSBI_NO_MEMORY;
    for (size_t r = 0; r < s->so_far.end; r++) {
        const size_t rows = s->so_far.rounds[r].simulations;
        FSBI_TRY(
            fsbi_campaign_file_read_weights(s->state->file, r, s->weights + number, rows, error));
        number += rows;
    }
    return FSBI_OK;
}

/* Whether the row has an x that can be trained on. */
static bool is_finite(const selection *s, const fsbi_row *row) {
    const double *metrics = row->values + s->state->shape.theta_count;
    for (size_t i = 0; i < s->settings->infer.count; i++)
        if (!isfinite(metrics[s->settings->infer.conditions[i].metric_index]))
            return false;
    return true;
}

static void count_not_finite(selection *s, const fsbi_row *row) {
    const double *metrics = row->values + s->state->shape.theta_count;
    for (size_t i = 0; i < s->settings->infer.count; i++)
        s->not_finite[i] +=
            isfinite(metrics[s->settings->infer.conditions[i].metric_index]) ? 0 : 1;
}

/* The metric for which most rows are left out; NULL: none is. */
static const char *most_lacking(const selection *s, size_t *rows) {
    const char *name = NULL;
    *rows = 0;
    for (size_t i = 0; i < s->settings->infer.count; i++) {
        if (s->not_finite[i] <= *rows)
            continue;
        *rows = s->not_finite[i];
        name = s->settings->infer.conditions[i].metric;
    }
    return name;
}

/* Marks the rows that are kept, and counts those that meet each condition; returns how many rows
 * the filter keeps that cannot be trained on. */
static size_t mark_rows(selection *s) {
    unsigned char *accepted = s->accepted;
    size_t left_out = 0;
    for (size_t r = 0; r < s->candidates.end; r++) {
        for (size_t i = 0; i < s->so_far.rounds[r].simulations; i++, accepted++) {
            const fsbi_row *row = fsbi_row_set_at(&s->so_far, r, i);
            if (r < s->candidates.first)
                continue;
            for (size_t k = 0; k < s->keep.count; k++)
                s->passed[k] += fsbi_condition_met(&s->keep.conditions[k], s->so_far.shape, row);
            const bool met = fsbi_filter_met(&s->keep, s->so_far.shape, row) &&
                             (s->weights == NULL || s->weights[accepted - s->accepted] > 0);
            *accepted = met && is_finite(s, row);
            s->kept += *accepted;
            left_out += met && !*accepted;
            if (met && !*accepted)
                count_not_finite(s, row);
        }
    }
    return left_out;
}

static fsbi_status check_enough(const selection *s, fsbi_error *error) {
    const long minimum = s->state->setup->config->inference.minimum_rows;
    if (s->kept >= (size_t)minimum)
        return FSBI_OK;
    size_t lacking = 0;
    const char *metric = most_lacking(s, &lacking);
    if (metric != NULL && lacking + s->kept >= (size_t)minimum)
        return fsbi_error_set(error, FSBI_HOPELESS,
                              "round %zu has only %zu rows to train on (inference.minimum_rows is "
                              "%ld): '%s' is NaN or infinite in %zu of those that it keeps; leave "
                              "it out of 'infer'",
                              s->so_far.end - 1, s->kept, minimum, metric, lacking);
    return fsbi_error_set(error, FSBI_HOPELESS,
                          "round %zu keeps only %zu of %zu rows to train on "
                          "(inference.minimum_rows is %ld): widen its 'keep' or run more "
                          "simulations",
                          s->so_far.end - 1, s->kept, fsbi_row_set_count(&s->candidates), minimum);
}

static fsbi_status collect_rows(const selection *s, fsbi_training_table *table, fsbi_error *error) {
    const fsbi_model *model = s->state->setup->model;
    const size_t theta_size = fsbi_model_inferred_count(model);
    const size_t x_size = s->settings->infer.count;
    const unsigned char *accepted = s->accepted;
    table->theta = fsbi_memory_allocate(s->kept * theta_size, sizeof *table->theta, error);
    table->x = fsbi_memory_allocate(s->kept * x_size, sizeof *table->x, error);
    table->origins = fsbi_memory_allocate(s->kept, sizeof *table->origins, error);
    if (table->theta == NULL || table->x == NULL || table->origins == NULL)
        return FSBI_NO_MEMORY;
    for (size_t r = 0; r < s->so_far.end; r++) {
        for (size_t i = 0; i < s->so_far.rounds[r].simulations; i++) {
            const fsbi_row *row = fsbi_row_set_at(&s->so_far, r, i);
            if (!*accepted++)
                continue;
            fsbi_model_gather_inferred(model, row->values, table->theta + table->rows * theta_size);
            for (size_t k = 0; k < x_size; k++)
                table->x[table->rows * x_size + k] =
                    row->values[model->parameter_count +
                                s->settings->infer.conditions[k].metric_index];
            table->origins[table->rows++] = (fsbi_training_origin){true, r, i};
        }
    }
    return FSBI_OK;
}

/* The weights of the rows that are kept, as shares of their mean. None counts more than the square
 * root of their number: truncated importance sampling (Ionides 2008). */
static fsbi_status collect_weights(const selection *s, fsbi_training_table *table,
                                   fsbi_error *error) {
    const size_t rows = fsbi_row_set_count(&s->so_far);
    double sum = 0;
    size_t kept = 0;
    table->weights = fsbi_memory_allocate(s->kept, sizeof *table->weights, error);
    if (table->weights == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < rows; i++)
        if (s->accepted[i])
            sum += table->weights[kept++] = s->weights[i];
    const double mean = sum / (double)s->kept;
    const double cap = mean * sqrt((double)s->kept);
    for (size_t i = 0; i < s->kept; i++)
        table->weights[i] = fmin(table->weights[i], cap) / mean;
    const fsbi_posterior_place place =
        fsbi_campaign_file_place(s->state->file, s->so_far.end - 1, FSBI_NETWORKS_POSTERIOR);
    return fsbi_posterior_store_write_weight_cap(&place, cap, error);
}

fsbi_status fsbi_campaign_select(const fsbi_campaign_state *state, size_t round,
                                 fsbi_training_table *table, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    selection s = {.state = state,
                   .settings = settings,
                   .so_far = fsbi_campaign_rows(state, 0, round + 1),
                   .candidates =
                       fsbi_campaign_rows(state, settings->keep_this_round ? round : 0, round + 1)};
    const size_t rows = fsbi_row_set_count(&s.so_far);
    fsbi_filter_result result = {.keep = &s.keep, .row_count = rows};
    fsbi_status status = FSBI_OK;
    *table = (fsbi_training_table){0};
    result.accepted = s.accepted = fsbi_memory_allocate(rows, 1, error);
    result.condition_passed = s.passed =
        fsbi_memory_allocate(settings->keep.count, sizeof *s.passed, error);
    s.not_finite = fsbi_memory_allocate(settings->infer.count, sizeof *s.not_finite, error);
    FSBI_TRY_DONE(s.accepted == NULL || s.passed == NULL || s.not_finite == NULL ? FSBI_NO_MEMORY
                                                                                 : FSBI_OK);
    FSBI_TRY_DONE(fsbi_filter_resolve(&settings->keep, &s.candidates, &s.keep, error));
    FSBI_TRY_DONE(find_weights(&s, error));
    table->left_out = mark_rows(&s);
    FSBI_TRY_DONE(fsbi_campaign_file_write_filter(state->file, round, &result, error));
    FSBI_TRY_DONE(check_enough(&s, error));
    FSBI_TRY_DONE(collect_rows(&s, table, error));
    if (s.weights != NULL)
        FSBI_TRY_DONE(collect_weights(&s, table, error));
done:
    clear(&s);
    return status;
}

fsbi_status fsbi_campaign_label(const fsbi_campaign_state *state, size_t round,
                                fsbi_training_table *table, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_model *model = state->setup->model;
    const size_t theta_size = fsbi_model_inferred_count(model);
    const long minimum = config->inference.minimum_rows;
    const fsbi_row_set set = fsbi_campaign_rows(state, 0, round + 1);
    const size_t rows = fsbi_row_set_count(&set);
    fsbi_filter classify = {0};
    long valid = 0;
    *table = (fsbi_training_table){0};
    table->theta = fsbi_memory_allocate(rows, sizeof *table->theta, error);
    table->x = fsbi_memory_allocate(rows * theta_size, sizeof *table->x, error);
    if (any_ended_early(&set))
        table->weights = fsbi_memory_allocate(rows, sizeof *table->weights, error);
    if (table->theta == NULL || table->x == NULL)
        return FSBI_NO_MEMORY;
    FSBI_TRY(fsbi_filter_resolve(&config->rounds[round].classify, &set, &classify, error));
    for (size_t r = 0; r <= round; r++) {
        for (size_t i = 0; i < config->rounds[r].simulations; i++) {
            const fsbi_row *row = fsbi_row_set_at(&set, r, i);
            const bool is_valid = fsbi_filter_met(&classify, &state->shape, row);
            if (fsbi_row_ended_early(row))
                continue;
            if (table->weights != NULL)
                table->weights[table->rows] = fsbi_row_stands_for(row);
            table->theta[table->rows] = is_valid;
            fsbi_model_gather_inferred(model, row->values, table->x + table->rows * theta_size);
            valid += is_valid;
            table->rows++;
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

fsbi_status fsbi_campaign_count_met(const fsbi_campaign_state *state, size_t round, int64_t *met,
                                    fsbi_error *error) {
    const fsbi_filter *ranges = &state->setup->config->rounds[round].ranges;
    const fsbi_row_set set = fsbi_campaign_rows(state, round, round + 1);
    for (size_t i = 0; i <= ranges->count; i++) {
        const fsbi_filter one = {.conditions = &ranges->conditions[i], .count = 1};
        size_t count = 0;
        FSBI_TRY(fsbi_filter_count(i < ranges->count ? &one : ranges, &set, &count, error));
        met[i] = (int64_t)count;
    }
    return FSBI_OK;
}
