#include "propose/propose_together.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "core/memory.h"
#include "fit/training_notes.h"
#include "fsbi/random.h"
#include "inference/prior.h"
#include "inference/restricted_prior.h"
#include "output/interruption.h"
#include "output/progress.h"
#include "propose/proposal.h"

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

/* What one rank draws with. */
typedef struct {
    fsbi_campaign_state *state;
    size_t round;
    shared_draws *draws;
    fsbi_posterior_workspace workspace;
    double *room; /* for a block of candidates */
    fsbi_acceptance acceptance;
    fsbi_progress progress; /* of rank 0, which speaks for all */
} drawing;

/* Shows how far the drawing is, by this rank's share, and whether it is to end. */
static fsbi_status look(void *context, const fsbi_acceptance *acceptance, fsbi_error *error) {
    drawing *d = context;
    fsbi_progress_show_share(&d->progress, d->state->comm, (size_t)acceptance->inside);
    return fsbi_interruption_check(error);
}

/* A block of rules: nuisance entries from the prior and an x within the ranges, from the streams of
 * the rows; the other entries from the posterior, from the stream of the block. */
static fsbi_status draw_block(drawing *d, size_t first, size_t count, fsbi_error *error) {
    const fsbi_model *model = d->state->setup->model;
    const fsbi_config *config = d->state->setup->config;
    const fsbi_filter *ranges = &config->rounds[d->round].ranges;
    const size_t theta_size = d->state->posterior.specification.theta_size;
    gsl_rng *rng = d->state->rng;
    double *x = d->draws->x + first * ranges->count;
    double *thetas = d->draws->thetas + first * model->parameter_count;
    for (size_t i = 0; i < count; i++) {
        fsbi_proposal_start_stream(d->state, d->round, first + i);
        fsbi_prior_draw(model->parameters, model->parameter_count, rng,
                        thetas + i * model->parameter_count);
        for (size_t k = 0; k < ranges->count; k++)
            x[i * ranges->count + k] =
                gsl_ran_flat(rng, ranges->conditions[k].low, ranges->conditions[k].high);
    }
    fsbi_random_seed(rng, fsbi_random_stream_seed((uint64_t)config->campaign.seed,
                                                  FSBI_PURPOSE_SAMPLE, d->round, first));
    FSBI_TRY(fsbi_posterior_sample(
        &d->workspace,
        &(fsbi_posterior_draws){.x = x,
                                .count = count,
                                .max_candidates = (size_t)config->inference.max_candidates,
                                .theta = d->room,
                                .look = look,
                                .context = d},
        rng, &d->acceptance, error));
    for (size_t i = 0; i < count; i++)
        fsbi_model_scatter_inferred(model, d->room + i * theta_size,
                                    thetas + i * model->parameter_count);
    return FSBI_OK;
}

/* This rank's blocks. */
static fsbi_status draw_from_posterior(drawing *d, fsbi_error *error) {
    const size_t rows = d->state->setup->config->rounds[d->round].simulations;
    FSBI_TRY(fsbi_posterior_workspace_init(&d->workspace, &d->state->posterior, error));
    d->room =
        fsbi_memory_allocate(FSBI_POSTERIOR_BLOCK * d->state->posterior.specification.theta_size,
                             sizeof *d->room, error);
    if (d->room == NULL)
        return FSBI_NO_MEMORY;
    fsbi_cluster_share share = fsbi_cluster_share_begin(d->state->comm, rows, FSBI_POSTERIOR_BLOCK);
    while (fsbi_cluster_share_next(&share))
        FSBI_TRY(draw_block(d, share.first, share.count, error));
    return FSBI_OK;
}

/* Candidates that a classifier looks at together. */
enum { CANDIDATES = 16 };

/* One rule of the restricted prior: the first candidate from the prior that the classifier lets
 * pass. */
static fsbi_status draw_restricted(drawing *d, double *theta, fsbi_error *error) {
    const fsbi_model *model = d->state->setup->model;
    const size_t size = model->parameter_count;
    const size_t inferred_size = d->state->classifier.specification.x_size;
    const size_t most = (size_t)d->state->setup->config->inference.max_candidates;
    double *inferred = d->room + CANDIDATES * size;
    double log_valid[CANDIDATES];
    for (size_t drawn = 0; drawn < most; drawn += CANDIDATES) {
        FSBI_TRY(look(d, &d->acceptance, error));
        for (size_t i = 0; i < CANDIDATES; i++) {
            fsbi_prior_draw(model->parameters, size, d->state->rng, d->room + i * size);
            fsbi_model_gather_inferred(model, d->room + i * size, inferred + i * inferred_size);
        }
        FSBI_TRY(
            fsbi_restricted_prior_log_valid(&d->workspace, inferred, CANDIDATES, log_valid, error));
        for (size_t i = 0; i < CANDIDATES; i++) {
            d->acceptance.candidates++;
            if (log_valid[i] < d->state->threshold)
                continue;
            d->acceptance.inside++;
            memcpy(theta, d->room + i * size, size * sizeof *theta);
            return FSBI_OK;
        }
    }
    return fsbi_error_set(error, FSBI_HOPELESS,
                          "the classifier turns away %zu rules of the prior in a row: its "
                          "'classify' leaves next to nothing; call more rules valid, or propose "
                          "from the prior",
                          most);
}

/* This rank's rules. */
static fsbi_status draw_from_restricted_prior(drawing *d, fsbi_error *error) {
    const fsbi_model *model = d->state->setup->model;
    const size_t size = model->parameter_count;
    const size_t rows = d->state->setup->config->rounds[d->round].simulations;
    FSBI_TRY(fsbi_posterior_workspace_init(&d->workspace, &d->state->classifier, error));
    d->room = fsbi_memory_allocate(CANDIDATES * (size + d->state->classifier.specification.x_size),
                                   sizeof *d->room, error);
    if (d->room == NULL)
        return FSBI_NO_MEMORY;
    fsbi_cluster_share share = fsbi_cluster_share_begin(d->state->comm, rows, 1);
    while (fsbi_cluster_share_next(&share)) {
        fsbi_proposal_start_stream(d->state, d->round, share.first);
        const fsbi_status status = draw_restricted(d, d->draws->thetas + share.first * size, error);
        if (status != FSBI_OK)
            return fsbi_error_prefix(error, "rule %zu", share.first);
    }
    return FSBI_OK;
}

/* This rank's share of the draws, by `draw`. */
static fsbi_status draw_share(fsbi_campaign_state *state, size_t round, shared_draws *draws,
                              fsbi_status (*draw)(drawing *, fsbi_error *), fsbi_error *error) {
    char what[64];
    snprintf(what, sizeof what, "round %zu: rules drawn", round);
    drawing d = {.state = state,
                 .round = round,
                 .draws = draws,
                 .progress = fsbi_progress_start(state->report, what,
                                                 state->setup->config->rounds[round].simulations)};
    const fsbi_status status = draw(&d, error);
    draws->acceptance[0] = d.acceptance.candidates;
    draws->acceptance[1] = d.acceptance.inside;
    fsbi_posterior_workspace_clear(&d.workspace);
    free(d.room);
    if (status != FSBI_OK)
        fsbi_error_prefix(error, "round %zu", round);
    return status;
}

/* Rank 0: what all have drawn becomes the round's. */
static fsbi_status take_over(const fsbi_campaign_state *state, size_t round,
                             const shared_draws *draws, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const fsbi_acceptance acceptance = {draws->acceptance[0], draws->acceptance[1]};
    for (size_t row = 0; row < settings->simulations; row++)
        fsbi_proposal_set_theta(state, round, row, draws->thetas + row * state->shape.theta_count);
    if (settings->ranges.count > 0)
        FSBI_TRY(fsbi_campaign_file_write_proposal(state->file, round, settings->simulations,
                                                   settings->ranges.count, draws->x, error));
    return fsbi_campaign_file_write_acceptance(state->file, round, &acceptance, error);
}

static fsbi_status draw_together(fsbi_campaign_state *state, size_t round,
                                 fsbi_status (*draw)(drawing *, fsbi_error *), fsbi_error *error) {
    MPI_Comm comm = state->comm;
    shared_draws draws = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_cluster_agree(
        comm, init_draws(state, &state->setup->config->rounds[round], &draws, error), error));
    FSBI_TRY_DONE(fsbi_cluster_agree(comm, draw_share(state, round, &draws, draw, error), error));
    fsbi_cluster_allreduce_sum(comm, draws.numbers, draws.count);
    FSBI_TRY_DONE(fsbi_cluster_agree(
        comm, state->first_rank ? take_over(state, round, &draws, error) : FSBI_OK, error));
done:
    free(draws.numbers);
    return status;
}

/* Rank 0: says so if the ranges lie where nothing was learned. */
static fsbi_status print_note(const fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_filter *asked = &state->setup->config->rounds[round].ranges;
    fsbi_x_range *ranges = fsbi_memory_allocate(asked->count, sizeof *ranges, error);
    fsbi_text text = {0};
    if (ranges == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < asked->count; i++)
        ranges[i] = (fsbi_x_range){asked->conditions[i].metric, asked->conditions[i].low,
                                   asked->conditions[i].high};
    const fsbi_status status = fsbi_training_notes_far(&state->posterior, ranges, &text, error);
    if (text.length > 0)
        fprintf(state->report, "round %zu: %s", round, text.characters);
    fsbi_text_clear(&text);
    free(ranges);
    return status;
}

fsbi_status fsbi_proposal_from_posterior(fsbi_campaign_state *state, size_t round,
                                         fsbi_error *error) {
    FSBI_TRY(fsbi_cluster_agree(
        state->comm, state->first_rank ? print_note(state, round, error) : FSBI_OK, error));
    return draw_together(state, round, draw_from_posterior, error);
}

fsbi_status fsbi_proposal_from_restricted_prior(fsbi_campaign_state *state, size_t round,
                                                fsbi_error *error) {
    return draw_together(state, round, draw_from_restricted_prior, error);
}
