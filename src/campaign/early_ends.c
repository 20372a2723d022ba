#include "campaign/early_ends.h"

#include <math.h>
#include <stdlib.h>

#include "campaign/emulate.h"
#include "cluster/cluster.h"
#include "core/memory.h"
#include "setup/networks.h"

/* A simulation goes on at least so often, so that weights stay bounded. */
static const double least_survival = 0.05;

/* Where a round expects less, its emulator knows too little to end anything. */
static const double least_reference = 0.05;

/* Rank 0: the rows that came to each checkpoint, with what they were there. */
static fsbi_status collect_interim(const fsbi_campaign_state *state, size_t round,
                                   fsbi_training_table *table, fsbi_error *error) {
    const fsbi_model *model = fsbi_setup_model_of(state->setup, round);
    const fsbi_row_set set = fsbi_campaign_rows(state, 0, round);
    const size_t most = fsbi_row_set_count(&set) * model->checkpoint_count;
    const size_t inputs = fsbi_search_interim_input_size(model);
    const size_t targets = fsbi_search_target_size(model);
    double *known = fsbi_memory_allocate(fsbi_search_input_size(model), sizeof *known, error);
    table->theta = fsbi_memory_allocate(most * targets, sizeof *table->theta, error);
    table->x = fsbi_memory_allocate(most * inputs, sizeof *table->x, error);
    table->weights = fsbi_memory_allocate(most, sizeof *table->weights, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(known == NULL || table->theta == NULL || table->x == NULL ||
                          table->weights == NULL
                      ? FSBI_NO_MEMORY
                      : FSBI_OK);
    for (size_t r = 0; r < round; r++) {
        for (size_t i = 0; i < set.rounds[r].simulations; i++) {
            const fsbi_row *row = fsbi_row_set_at(&set, r, i);
            const double *metrics = row->values + model->parameter_count;
            if (!fsbi_campaign_same_search(state, r, round) || fsbi_row_ended_early(row))
                continue;
            fsbi_search_inputs(model, row->values, known);
            for (size_t c = 1; c <= model->checkpoint_count; c++) {
                if (!fsbi_search_interim_inputs(model, known, c, metrics,
                                                table->x + table->rows * inputs))
                    continue;
                fsbi_search_targets(model, metrics, table->theta + table->rows * targets);
                table->weights[table->rows++] = fsbi_row_stands_for(row);
            }
        }
    }
done:
    free(known);
    return status;
}

static double reference_of(const fsbi_search_proposal *proposal) {
    const size_t count = proposal->levels.count;
    const double expected = count > 0 ? proposal->levels.levels[count - 1].predicted : 0;
    return expected >= least_reference ? expected : 0;
}

static fsbi_status read_reference(const fsbi_setup *setup, fsbi_campaign_file *file, size_t round,
                                  double *reference, fsbi_error *error) {
    const size_t rows = setup->config->rounds[round].simulations;
    double *log_probability = fsbi_memory_allocate(rows, sizeof *log_probability, error);
    fsbi_search_proposal proposal;
    if (log_probability == NULL)
        return FSBI_NO_MEMORY;
    const fsbi_status status =
        fsbi_campaign_file_read_search(file, round, &proposal, log_probability, rows, error);
    free(log_probability);
    *reference = status == FSBI_OK ? reference_of(&proposal) : 0;
    return status;
}

fsbi_status fsbi_early_ends_provide(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    static const fsbi_outcome_networks interim = {FSBI_NETWORKS_INTERIM, FSBI_PURPOSE_INTERIM,
                                                  FSBI_PURPOSE_INTERIM_SPLIT, collect_interim};
    if (!fsbi_setup_has_networks(state->setup, round, FSBI_NETWORKS_INTERIM))
        return FSBI_OK;
    fsbi_campaign_search *search = &state->searches[round];
    FSBI_TRY(
        fsbi_campaign_provide_outcome_networks(state, round, &interim, &search->interim, error));
    FSBI_TRY(fsbi_cluster_agree(state->comm,
                                state->first_rank ? read_reference(state->setup, state->file, round,
                                                                   &search->reference, error)
                                                  : FSBI_OK,
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
    FSBI_TRY(read_reference(setup, file, round, &search->reference, error));
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
