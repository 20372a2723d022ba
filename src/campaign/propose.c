#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/state.h"
#include "cluster/cluster.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "inference/prior.h"
#include "setup/theta_table.h"

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

bool fsbi_campaign_is_outside(const fsbi_model *model, const double *theta) {
    for (size_t i = 0; i < model->parameter_count; i++) {
        const fsbi_parameter *p = &model->parameters[i];
        if (!p->nuisance && (theta[i] < p->low || theta[i] > p->high))
            return true;
    }
    return false;
}

/* Draws what a rule of a table lacks, from the stream of its row. */
static void complete_rule(const fsbi_campaign_state *state, size_t round, size_t row, double *theta,
                          double *drawn) {
    const fsbi_model *model = state->setup->model;
    start_stream(state, round, row);
    fsbi_prior_draw(model->parameters, model->parameter_count, state->rng, drawn);
    for (size_t i = 0; i < model->parameter_count; i++)
        theta[i] = isnan(theta[i]) ? drawn[i] : theta[i];
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
    double *drawn = fsbi_memory_allocate(size, sizeof *drawn, error);
    if (status == FSBI_OK && drawn == NULL)
        status = FSBI_NO_MEMORY;
    for (size_t row = 0; row < count && status == FSBI_OK; row++) {
        const fsbi_row *present = fsbi_campaign_row(state, round, row);
        complete_rule(state, round, row, table + row * size, drawn);
        if ((fsbi_row_done(&state->shape, present) || fsbi_row_proposed(&state->shape, present)) &&
            memcmp(present->values, table + row * size, size * sizeof *table) != 0)
            status = fsbi_error_set(error, FSBI_BAD_INPUT,
                                    "rule %zu of '%s' is not the one that the output file already "
                                    "has there; use another output or --force-new",
                                    row, settings->table);
    }
    size_t outside = 0;
    for (size_t row = 0; row < count && status == FSBI_OK; row++)
        outside += fsbi_campaign_is_outside(state->setup->model, table + row * size);
    if (outside > 0)
        fprintf(state->report,
                "note: %zu of the %zu rules of '%s' lie outside the prior's bounds\n", outside,
                count, settings->table);
    if (status == FSBI_OK)
        memcpy(thetas, table, count * size * sizeof *thetas);
    free(drawn);
    free(table);
    return status;
}

/* Numbers that every rank has a share of: the thetas of a round, the x of each, candidates and
 * those inside; zero where another rank's share is. */
typedef struct {
    double *numbers;
    size_t count;
    double *thetas, *x, *acceptance;
} shared_draws;

static fsbi_status init_draws(const fsbi_campaign_state *state, const fsbi_config_round *settings,
                              shared_draws *draws, fsbi_error *error) {
    const size_t thetas = settings->simulations * state->shape.theta_count;
    const size_t x = settings->simulations * settings->ranges.count;
    draws->count = thetas + x + 2;
    draws->numbers = fsbi_memory_allocate(draws->count, sizeof *draws->numbers, error);
    if (draws->numbers == NULL)
        return FSBI_NO_MEMORY;
    draws->thetas = draws->numbers;
    draws->x = draws->thetas + thetas;
    draws->acceptance = draws->x + x;
    return FSBI_OK;
}

/* The entries of a rule that are inferred, from or to a whole theta. */
static void gather_inferred(const fsbi_model *model, const double *theta, double *inferred) {
    for (size_t i = 0; i < model->parameter_count; i++)
        if (!model->parameters[i].nuisance)
            *inferred++ = theta[i];
}

static void scatter_inferred(const fsbi_model *model, const double *inferred, double *theta) {
    for (size_t i = 0; i < model->parameter_count; i++)
        if (!model->parameters[i].nuisance)
            theta[i] = *inferred++;
}

/* A block of rules: nuisance entries from the prior and an x within the ranges, from the streams of
 * the rows; the other entries from the posterior, from the stream of the block. */
static fsbi_status propose_block(fsbi_campaign_state *state, size_t round, size_t first,
                                 size_t count, fsbi_posterior_workspace *workspace,
                                 double *inferred, shared_draws *draws, fsbi_acceptance *acceptance,
                                 fsbi_error *error) {
    const fsbi_model *model = state->setup->model;
    const fsbi_config *config = state->setup->config;
    const fsbi_filter *ranges = &config->rounds[round].ranges;
    const size_t theta_size = state->posterior.shape.theta_size;
    double *x = draws->x + first * ranges->count;
    double *thetas = draws->thetas + first * model->parameter_count;
    for (size_t i = 0; i < count; i++) {
        start_stream(state, round, first + i);
        fsbi_prior_draw(model->parameters, model->parameter_count, state->rng,
                        thetas + i * model->parameter_count);
        for (size_t k = 0; k < ranges->count; k++)
            x[i * ranges->count + k] =
                gsl_ran_flat(state->rng, ranges->conditions[k].low, ranges->conditions[k].high);
    }
    fsbi_random_seed(state->rng, fsbi_random_stream_seed((uint64_t)config->campaign.seed,
                                                         FSBI_PURPOSE_SAMPLE, round, first));
    FSBI_TRY(fsbi_posterior_sample(workspace, x, count, (size_t)config->inference.max_candidates,
                                   state->rng, inferred, acceptance, error));
    for (size_t i = 0; i < count; i++)
        scatter_inferred(model, inferred + i * theta_size, thetas + i * model->parameter_count);
    return FSBI_OK;
}

/* This rank's blocks. */
static fsbi_status propose_share(fsbi_campaign_state *state, size_t round, shared_draws *draws,
                                 fsbi_error *error) {
    const size_t rows = state->setup->config->rounds[round].simulations;
    const size_t stride = (size_t)fsbi_cluster_size(state->comm) * FSBI_POSTERIOR_BLOCK;
    fsbi_posterior_workspace workspace = {0};
    fsbi_acceptance acceptance = {0};
    double *inferred = fsbi_memory_allocate(
        FSBI_POSTERIOR_BLOCK * state->posterior.shape.theta_size, sizeof *inferred, error);
    fsbi_status status = inferred == NULL
                             ? FSBI_NO_MEMORY
                             : fsbi_posterior_workspace_init(&workspace, &state->posterior, error);
    for (size_t first = (size_t)fsbi_cluster_rank(state->comm) * FSBI_POSTERIOR_BLOCK;
         first < rows && status == FSBI_OK; first += stride) {
        const size_t left = rows - first;
        const size_t count = left < FSBI_POSTERIOR_BLOCK ? left : FSBI_POSTERIOR_BLOCK;
        status = propose_block(state, round, first, count, &workspace, inferred, draws, &acceptance,
                               error);
        if (status != FSBI_OK)
            fsbi_error_prefix(error, "round %zu", round);
    }
    draws->acceptance[0] = acceptance.candidates;
    draws->acceptance[1] = acceptance.inside;
    fsbi_posterior_workspace_clear(&workspace);
    free(inferred);
    return status;
}

/* Candidates that a classifier looks at together. */
enum { CANDIDATES = 16 };

/* One rule of the restricted prior: the first candidate from the prior that the classifier lets
 * pass.
 */
static fsbi_status propose_restricted(fsbi_campaign_state *state,
                                      fsbi_posterior_workspace *workspace, double *room,
                                      double *theta, fsbi_acceptance *acceptance,
                                      fsbi_error *error) {
    const fsbi_model *model = state->setup->model;
    const size_t size = model->parameter_count;
    const size_t inferred_size = state->classifier.shape.x_size;
    const size_t most = (size_t)state->setup->config->inference.max_candidates;
    double *inferred = room + CANDIDATES * size;
    double log_valid[CANDIDATES];
    for (size_t drawn = 0; drawn < most; drawn += CANDIDATES) {
        for (size_t i = 0; i < CANDIDATES; i++) {
            fsbi_prior_draw(model->parameters, size, state->rng, room + i * size);
            gather_inferred(model, room + i * size, inferred + i * inferred_size);
        }
        fsbi_status status =
            fsbi_restricted_prior_log_valid(workspace, inferred, CANDIDATES, log_valid, error);
        if (status != FSBI_OK)
            return status;
        for (size_t i = 0; i < CANDIDATES; i++) {
            acceptance->candidates++;
            if (log_valid[i] < state->threshold)
                continue;
            acceptance->inside++;
            memcpy(theta, room + i * size, size * sizeof *theta);
            return FSBI_OK;
        }
    }
    return fsbi_error_set(error, FSBI_HOPELESS,
                          "the classifier turns away %zu rules of the prior in a row: its "
                          "'classify' leaves next to nothing; call more rules valid, or propose "
                          "from the prior",
                          most);
}

static fsbi_status propose_restricted_share(fsbi_campaign_state *state, size_t round,
                                            shared_draws *draws, fsbi_error *error) {
    const size_t size = state->shape.theta_count;
    fsbi_posterior_workspace workspace = {0};
    fsbi_acceptance acceptance = {0};
    double *room = fsbi_memory_allocate(CANDIDATES * (size + state->classifier.shape.x_size),
                                        sizeof *room, error);
    fsbi_status status = room == NULL
                             ? FSBI_NO_MEMORY
                             : fsbi_posterior_workspace_init(&workspace, &state->classifier, error);
    for (size_t row = (size_t)fsbi_cluster_rank(state->comm);
         row < state->setup->config->rounds[round].simulations && status == FSBI_OK;
         row += (size_t)fsbi_cluster_size(state->comm)) {
        start_stream(state, round, row);
        status = propose_restricted(state, &workspace, room, draws->thetas + row * size,
                                    &acceptance, error);
        if (status != FSBI_OK)
            fsbi_error_prefix(error, "round %zu, rule %zu", round, row);
    }
    draws->acceptance[0] = acceptance.candidates;
    draws->acceptance[1] = acceptance.inside;
    fsbi_posterior_workspace_clear(&workspace);
    free(room);
    return status;
}

/* All ranks draw their shares by `share`; rank 0 gets all. */
static fsbi_status propose_together(fsbi_campaign_state *state, size_t round, double *thetas,
                                    fsbi_status (*share)(fsbi_campaign_state *, size_t,
                                                         shared_draws *, fsbi_error *),
                                    fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    shared_draws draws = {0};
    fsbi_status status =
        fsbi_cluster_agree(state->comm, init_draws(state, settings, &draws, error), error);
    if (status == FSBI_OK && draws.acceptance != NULL) {
        status = share(state, round, &draws, error);
        status = fsbi_cluster_agree(state->comm, status, error);
    }
    if (status == FSBI_OK && draws.acceptance != NULL) {
        fsbi_cluster_allreduce_sum(state->comm, draws.numbers, draws.count);
        if (state->first_rank) {
            const fsbi_acceptance acceptance = {draws.acceptance[0], draws.acceptance[1]};
            memcpy(thetas, draws.thetas,
                   settings->simulations * state->shape.theta_count * sizeof *thetas);
            if (settings->ranges.count > 0)
                status =
                    fsbi_campaign_file_write_proposal(state->file, round, settings->simulations,
                                                      settings->ranges.count, draws.x, error);
            if (status == FSBI_OK)
                status =
                    fsbi_campaign_file_write_acceptance(state->file, round, &acceptance, error);
        }
    }
    free(draws.numbers);
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
    case FSBI_PROPOSE_RULES:
        if (state->first_rank)
            status = fsbi_campaign_propose_rules(state, round, thetas, error);
        break;
    case FSBI_PROPOSE_IMPORT:
        break;
    case FSBI_PROPOSE_POSTERIOR:
        status = propose_together(state, round, thetas, propose_share, error);
        break;
    case FSBI_PROPOSE_RESTRICTED:
        status = propose_together(state, round, thetas, propose_restricted_share, error);
        break;
    }
    return fsbi_cluster_agree(state->comm, status, error);
}
