#include "propose/propose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "core/memory.h"
#include "inference/prior.h"
#include "propose/proposal.h"
#include "propose/propose_rules.h"
#include "propose/propose_together.h"
#include "propose/propose_towards.h"
#include "setup/tables.h"

static fsbi_status propose_from_prior(const fsbi_campaign_state *state, size_t round,
                                      fsbi_error *error) {
    const fsbi_model *model = state->setup->model;
    double *theta = fsbi_memory_allocate(model->parameter_count, sizeof *theta, error);
    if (theta == NULL)
        return FSBI_NO_MEMORY;
    for (size_t row = 0; row < state->setup->config->rounds[round].simulations; row++) {
        fsbi_proposal_start_stream(state, round, row);
        fsbi_prior_draw(model->parameters, model->parameter_count, state->rng, theta);
        fsbi_proposal_set_theta(state, round, row, theta);
    }
    free(theta);
    return FSBI_OK;
}

/* Draws what a rule of a table lacks, from the stream of its row. */
static void complete_rule(const fsbi_campaign_state *state, size_t round, size_t row, double *theta,
                          double *drawn) {
    const fsbi_model *model = state->setup->model;
    fsbi_proposal_start_stream(state, round, row);
    fsbi_prior_draw(model->parameters, model->parameter_count, state->rng, drawn);
    for (size_t i = 0; i < model->parameter_count; i++)
        theta[i] = isnan(theta[i]) ? drawn[i] : theta[i];
}

/* A row that has a theta must have this one. */
static fsbi_status check_present(const fsbi_campaign_state *state, size_t round, size_t row,
                                 const double *theta, fsbi_error *error) {
    const fsbi_row *present = fsbi_campaign_row(state, round, row);
    const bool known =
        fsbi_row_done(&state->shape, present) || fsbi_row_proposed(&state->shape, present);
    if (known && memcmp(present->values, theta, state->shape.theta_count * sizeof *theta) != 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "rule %zu of '%s' is not the one that the output file already has "
                              "there; use another output or --force-new",
                              row, state->setup->config->rounds[round].table);
    return FSBI_OK;
}

static void report_outside(const fsbi_campaign_state *state, size_t round, const double *thetas) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    size_t outside = 0;
    for (size_t row = 0; row < settings->simulations; row++)
        outside +=
            fsbi_model_is_outside(state->setup->model, thetas + row * state->shape.theta_count);
    if (outside > 0)
        fprintf(state->report,
                "note: %zu of the %zu rules of '%s' lie outside the prior's bounds\n", outside,
                settings->simulations, settings->table);
}

/* The table itself, or what is wrong with it. */
static fsbi_status propose_from_table(const fsbi_campaign_state *state, size_t round,
                                      fsbi_error *error) {
    const size_t size = state->shape.theta_count;
    double *thetas = NULL;
    double *drawn = fsbi_memory_allocate(size, sizeof *drawn, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(drawn == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_tables_read_rules(state->setup, round, &thetas, error));
    for (size_t row = 0; row < state->setup->config->rounds[round].simulations; row++) {
        complete_rule(state, round, row, thetas + row * size, drawn);
        FSBI_TRY_DONE(check_present(state, round, row, thetas + row * size, error));
        fsbi_proposal_set_theta(state, round, row, thetas + row * size);
    }
    report_outside(state, round, thetas);
done:
    free(drawn);
    free(thetas);
    return status;
}

/* The ways that rank 0 goes by itself. */
static fsbi_status propose_alone(const fsbi_campaign_state *state, size_t round,
                                 fsbi_error *error) {
    switch (state->setup->config->rounds[round].propose) {
    case FSBI_PROPOSE_PRIOR:
        return propose_from_prior(state, round, error);
    case FSBI_PROPOSE_TABLE:
        return propose_from_table(state, round, error);
    case FSBI_PROPOSE_RULES:
        return fsbi_proposal_from_rules(state, round, error);
    case FSBI_PROPOSE_IMPORT:
    case FSBI_PROPOSE_POSTERIOR:
    case FSBI_PROPOSE_RESTRICTED:
    case FSBI_PROPOSE_TOWARDS:
        break;
    }
    return FSBI_OK;
}

fsbi_status fsbi_campaign_propose(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    if (settings->propose == FSBI_PROPOSE_POSTERIOR)
        FSBI_TRY(fsbi_proposal_from_posterior(state, round, error));
    else if (settings->propose == FSBI_PROPOSE_RESTRICTED)
        FSBI_TRY(fsbi_proposal_from_restricted_prior(state, round, error));
    else if (settings->propose == FSBI_PROPOSE_TOWARDS)
        FSBI_TRY(fsbi_proposal_towards(state, round, error));
    fsbi_status status = FSBI_OK;
    if (state->first_rank)
        status = propose_alone(state, round, error);
    if (state->first_rank && status == FSBI_OK)
        status = fsbi_campaign_file_write_rows(state->file, round, 0, settings->simulations,
                                               state->rows[round], error);
    return fsbi_cluster_agree(state->comm, status, error);
}
