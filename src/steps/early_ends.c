#include "steps/early_ends.h"

#include <math.h>
#include <stdlib.h>

#include "cluster/cluster.h"
#include "core/memory.h"
#include "setup/networks.h"
#include "steps/emulate.h"

/* A simulation goes on at least so often, so that weights stay bounded. */
static const double least_survival = 0.05;

/* Where a round expects less, its emulator knows too little to end anything. */
static const double least_reference = 0.05;

/* Adds what a row was at each checkpoint that it came to; `known` has room for what is known of its
 * rule. */
static void add_row(const fsbi_model *model, const fsbi_row *row, double *known,
                    fsbi_training_table *table) {
    const double *metrics = row->values + model->parameter_count;
    fsbi_search_inputs(model, row->values, known);
    for (size_t c = 1; c <= model->checkpoint_count; c++) {
        double *x = table->x + table->rows * fsbi_search_interim_input_size(model);
        if (!fsbi_search_interim_inputs(model, known, c, metrics, x))
            continue;
        fsbi_search_targets(model, metrics,
                            table->theta + table->rows * fsbi_search_target_size(model));
        table->weights[table->rows++] = fsbi_row_stands_for(row);
    }
}

/* Rank 0: the rows that came to each checkpoint, with what they were there. */
static fsbi_status collect_interim(const fsbi_campaign_state *state, size_t round,
                                   fsbi_training_table *table, fsbi_error *error) {
    const fsbi_model *model = fsbi_setup_model_of(state->setup, round);
    const fsbi_row_set set = fsbi_campaign_rows(state, 0, round);
    const size_t most = fsbi_row_set_count(&set) * model->checkpoint_count;
    double *known = fsbi_memory_allocate(fsbi_search_input_size(model), sizeof *known, error);
    table->theta =
        fsbi_memory_allocate(most * fsbi_search_target_size(model), sizeof(double), error);
    table->x =
        fsbi_memory_allocate(most * fsbi_search_interim_input_size(model), sizeof(double), error);
    table->weights = fsbi_memory_allocate(most, sizeof(double), error);
    fsbi_status status = FSBI_OK;
    if (known == NULL || table->theta == NULL || table->x == NULL || table->weights == NULL)
        FSBI_TRY_DONE(FSBI_NO_MEMORY);
    for (size_t r = 0; r < round; r++) {
        for (size_t i = 0; i < set.rounds[r].simulations; i++) {
            const fsbi_row *row = fsbi_row_set_at(&set, r, i);
            if (fsbi_campaign_same_search(state, r, round) && !fsbi_row_ended_early(row))
                add_row(model, row, known, table);
        }
    }
done:
    free(known);
    return status;
}

static fsbi_status read_reference(fsbi_campaign_file *file, size_t round, double *reference,
                                  fsbi_error *error) {
    fsbi_search_proposal proposal;
    FSBI_TRY(fsbi_campaign_file_read_search(file, round, &proposal, NULL, 0, error));
    const size_t count = proposal.levels.count;
    const double expected = count > 0 ? proposal.levels.levels[count - 1].predicted : 0;
    *reference = expected >= least_reference ? expected : 0;
    return FSBI_OK;
}

fsbi_status fsbi_early_ends_provide(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    static const fsbi_outcome_networks interim = {FSBI_NETWORKS_INTERIM, FSBI_PURPOSE_INTERIM,
                                                  FSBI_PURPOSE_INTERIM_SPLIT, collect_interim};
    if (!fsbi_setup_has_networks(state->setup, round, FSBI_NETWORKS_INTERIM))
        return FSBI_OK;
    fsbi_campaign_search *search = &state->searches[round];
    FSBI_TRY(
        fsbi_campaign_provide_outcome_networks(state, round, &interim, &search->interim, error));
    FSBI_TRY(fsbi_cluster_agree(
        state->comm,
        state->first_rank ? read_reference(state->file, round, &search->reference, error) : FSBI_OK,
        error));
    fsbi_cluster_broadcast(state->comm, &search->reference, sizeof search->reference);
    return FSBI_OK;
}

fsbi_status fsbi_early_ends_load(const fsbi_setup *setup, fsbi_campaign_file *file, size_t round,
                                 fsbi_campaign_search *search, fsbi_error *error) {
    const fsbi_posterior_place place = fsbi_campaign_file_place(file, round, FSBI_NETWORKS_INTERIM);
    fsbi_posterior_plan plan = {0};
    if (!fsbi_setup_has_networks(setup, round, FSBI_NETWORKS_INTERIM))
        return FSBI_OK;
    FSBI_TRY(read_reference(file, round, &search->reference, error));
    const fsbi_status status = fsbi_posterior_store_load(&place, &plan, &search->interim, error);
    fsbi_posterior_plan_clear(&plan);
    return status;
}

fsbi_status fsbi_early_ends_init(fsbi_early_ends *ends, const fsbi_campaign_state *state,
                                 size_t round, fsbi_error *error) {
    *ends = (fsbi_early_ends){0};
    if (state->searches == NULL || !(state->searches[round].reference > 0))
        return FSBI_OK;
    const fsbi_campaign_search *search = &state->searches[round];
    ends->active = true;
    ends->model = fsbi_setup_model_of(state->setup, round);
    ends->reference = search->reference;
    ends->stream = fsbi_random_allocate(error);
    ends->known = fsbi_memory_allocate(fsbi_search_input_size(ends->model), sizeof(double), error);
    ends->inputs =
        fsbi_memory_allocate(fsbi_search_interim_input_size(ends->model), sizeof(double), error);
    if (ends->stream == NULL || ends->known == NULL || ends->inputs == NULL)
        return FSBI_NO_MEMORY;
    return fsbi_condition_probability_init(&ends->computation, ends->model, &search->interim,
                                           &state->setup->config->rounds[round].towards, error);
}

void fsbi_early_ends_clear(fsbi_early_ends *ends) {
    fsbi_condition_probability_clear(&ends->computation);
    free(ends->known);
    free(ends->inputs);
    if (ends->stream != NULL)
        gsl_rng_free(ends->stream);
    *ends = (fsbi_early_ends){0};
}

void fsbi_early_ends_start(fsbi_early_ends *ends, const double *theta, uint64_t seed) {
    fsbi_search_inputs(ends->model, theta, ends->known);
    fsbi_random_seed(ends->stream, seed);
}

bool fsbi_early_ends_go_on(fsbi_early_ends *ends, size_t checkpoint, const double *metrics,
                           fsbi_row *row) {
    double log_probability = 0;
    const bool known =
        fsbi_search_interim_inputs(ends->model, ends->known, checkpoint, metrics, ends->inputs);
    if (!known)
        return true;
    fsbi_condition_probability_log_of_inputs(&ends->computation, ends->inputs, 1, &log_probability);
    const double promise = fmin(exp(log_probability) / ends->reference, 1);
    const double survival = least_survival + (1 - least_survival) * promise;
    if (gsl_rng_uniform(ends->stream) >= survival) {
        row->checkpoint = (int64_t)checkpoint;
        return false;
    }
    row->survival *= survival;
    return true;
}
