#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/state.h"
#include "campaign/theta_table.h"
#include "cluster/cluster.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "inference/prior.h"

static void start_stream(const fsbi_campaign_state *state, size_t round, size_t row) {
    fsbi_random_seed(state->rng,
                     fsbi_random_stream_seed((uint64_t)state->setup->config->campaign.seed,
                                             FSBI_PURPOSE_PROPOSE, round, row));
}

static void propose_from_prior(fsbi_campaign_state *state, size_t round, double *thetas) {
    const fsbi_model *model = state->setup->model;
    for (size_t row = 0; row < state->setup->config->rounds[round].simulations; row++) {
        start_stream(state, round, row);
        fsbi_prior_draw(model->parameters, model->parameter_count, state->rng,
                        thetas + row * model->parameter_count);
    }
}

static bool is_outside(const fsbi_model *model, const double *theta) {
    for (size_t i = 0; i < model->parameter_count; i++)
        if (theta[i] < model->parameters[i].low || theta[i] > model->parameters[i].high)
            return true;
    return false;
}

/* The table itself, or what is wrong with it. A row that ran before must have had the theta it has
 * now. */
static fsbi_status propose_from_table(fsbi_campaign_state *state, size_t round, double *thetas,
                                      fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const size_t size = state->shape.theta_count;
    double *table = NULL;
    size_t count = 0;
    fsbi_status status =
        fsbi_theta_table_read(settings->table, state->setup->model, &table, &count, error);
    if (status == FSBI_OK && count != settings->simulations)
        status = fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' holds %zu rules, but round %zu asks for %zu simulations",
                                settings->table, count, round, settings->simulations);
    for (size_t row = 0; row < count && status == FSBI_OK; row++) {
        const fsbi_row *present = fsbi_campaign_row(state, round, row);
        if (fsbi_row_done(&state->shape, present) &&
            memcmp(present->values, table + row * size, size * sizeof *table) != 0)
            status =
                fsbi_error_set(error, FSBI_BAD_INPUT,
                               "rule %zu of '%s' is not the one that the output file already has a "
                               "simulation of; use another output or --force-new",
                               row, settings->table);
    }
    size_t outside = 0;
    for (size_t row = 0; row < count && status == FSBI_OK; row++)
        outside += is_outside(state->setup->model, table + row * size);
    if (outside > 0)
        fprintf(state->report,
                "note: %zu of the %zu rules of '%s' lie outside the prior's bounds\n", outside,
                count, settings->table);
    if (status == FSBI_OK)
        memcpy(thetas, table, count * size * sizeof *thetas);
    free(table);
    return status;
}

/* One theta: nuisance entries from the prior, the others from the posterior at an x of its own. */
static fsbi_status propose_one(fsbi_campaign_state *state, const fsbi_config_round *settings,
                               fsbi_posterior_sampler *sampler, double *x, double *inferred,
                               double *theta, fsbi_error *error) {
    const fsbi_model *model = state->setup->model;
    const size_t most = (size_t)state->setup->config->inference.max_candidates;
    size_t candidates = 0;
    fsbi_prior_draw(model->parameters, model->parameter_count, state->rng, theta);
    for (size_t i = 0; i < settings->ranges.count; i++) {
        const fsbi_condition *range = &settings->ranges.conditions[i];
        x[i] = gsl_ran_flat(state->rng, range->low, range->high);
    }
    fsbi_status status =
        fsbi_posterior_sample(sampler, x, most, state->rng, inferred, &candidates, error);
    for (size_t i = 0, next = 0; i < model->parameter_count && status == FSBI_OK; i++)
        if (!model->parameters[i].nuisance)
            theta[i] = inferred[next++];
    return status;
}

/* This rank's share of the rows; the other rows of `thetas` and `x` stay 0. */
static fsbi_status propose_share(fsbi_campaign_state *state, size_t round, double *thetas,
                                 double *x, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const size_t ranks = (size_t)fsbi_cluster_size(state->comm);
    fsbi_posterior_sampler sampler = {0};
    double *inferred =
        fsbi_memory_allocate(state->posterior.shape.theta_size, sizeof *inferred, error);
    fsbi_status status = inferred == NULL
                             ? FSBI_NO_MEMORY
                             : fsbi_posterior_sampler_init(&sampler, &state->posterior, error);
    for (size_t row = (size_t)fsbi_cluster_rank(state->comm);
         row < settings->simulations && status == FSBI_OK; row += ranks) {
        start_stream(state, round, row);
        status = propose_one(state, settings, &sampler, x + row * settings->ranges.count, inferred,
                             thetas + row * state->shape.theta_count, error);
        if (status != FSBI_OK)
            fsbi_error_prefix(error, "round %zu, rule %zu", round, row);
    }
    fsbi_posterior_sampler_clear(&sampler);
    free(inferred);
    return status;
}

static fsbi_status propose_from_posterior(fsbi_campaign_state *state, size_t round, double *thetas,
                                          fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const size_t theta_numbers = settings->simulations * state->shape.theta_count;
    const size_t x_numbers = settings->simulations * settings->ranges.count;
    double *numbers = fsbi_memory_allocate(theta_numbers + x_numbers, sizeof *numbers, error);
    fsbi_status status =
        fsbi_cluster_agree(state->comm, numbers == NULL ? FSBI_NO_MEMORY : FSBI_OK, error);
    if (status == FSBI_OK && numbers != NULL) {
        status = propose_share(state, round, numbers, numbers + theta_numbers, error);
        status = fsbi_cluster_agree(state->comm, status, error);
    }
    if (status == FSBI_OK && numbers != NULL) {
        fsbi_cluster_merge(state->comm, numbers, theta_numbers + x_numbers);
        if (state->first_rank) {
            memcpy(thetas, numbers, theta_numbers * sizeof *thetas);
            status = fsbi_campaign_file_write_proposal(state->file, round, 0, settings->simulations,
                                                       numbers + theta_numbers, error);
        }
    }
    free(numbers);
    return status;
}

fsbi_status fsbi_campaign_propose(fsbi_campaign_state *state, size_t round, double *thetas,
                                  fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    switch (state->setup->config->rounds[round].propose) {
    case FSBI_PROPOSE_PRIOR:
        if (state->first_rank)
            propose_from_prior(state, round, thetas);
        break;
    case FSBI_PROPOSE_TABLE:
        if (state->first_rank)
            status = propose_from_table(state, round, thetas, error);
        break;
    case FSBI_PROPOSE_POSTERIOR:
        status = propose_from_posterior(state, round, thetas, error);
        break;
    }
    return fsbi_cluster_agree(state->comm, status, error);
}
