#include "campaign/rounds.h"

#include <stdlib.h>

#include "campaign/phase.h"
#include "cluster/cluster.h"
#include "core/memory.h"
#include "fit/training_status.h"
#include "output/interruption.h"
#include "propose/propose.h"
#include "report/results.h"
#include "rows/row_filter.h"
#include "steps/early_ends.h"
#include "steps/gather_traces.h"
#include "steps/import.h"
#include "steps/select.h"
#include "steps/simulate.h"
#include "steps/train.h"
#include "steps/weigh.h"

/* Rows of a round that are still to be simulated, and those of them that have no theta yet. */
typedef struct {
    size_t pending, without_theta;
} row_counts;

/* The same on all ranks. */
static row_counts count_pending(const fsbi_campaign_state *state, size_t round) {
    row_counts counts = {0};
    for (size_t i = 0; state->first_rank && i < state->setup->config->rounds[round].simulations;
         i++) {
        const fsbi_row *row = fsbi_campaign_row(state, round, i);
        if (fsbi_row_done(&state->shape, row))
            continue;
        counts.pending++;
        counts.without_theta += !fsbi_row_proposed(&state->shape, row);
    }
    fsbi_cluster_broadcast(state->comm, &counts, sizeof counts);
    return counts;
}

static fsbi_status propose(fsbi_campaign_state *state, size_t round, bool needed,
                           fsbi_error *error) {
    const fsbi_timed_phase timed = fsbi_phase_start(round, FSBI_PHASE_PROPOSE, needed);
    return fsbi_phase_end(state, &timed, fsbi_campaign_propose(state, round, error), error);
}

static fsbi_status simulate(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_round_share all = {.round = round,
                                  .count = state->setup->config->rounds[round].simulations};
    fsbi_timed_phase timed = fsbi_phase_start(round, FSBI_PHASE_SIMULATE, true);
    const fsbi_status status = fsbi_campaign_simulate(state, &all, &timed.idle, error);
    return fsbi_phase_end(state, &timed, status, error);
}

/* Rows of elsewhere, unless they are there already. */
static fsbi_status import_round(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const size_t simulations = state->setup->config->rounds[round].simulations;
    fsbi_status status = FSBI_OK;
    if (state->first_rank &&
        fsbi_rows_count_done(&state->shape, state->rows[round], simulations) < simulations)
        status = fsbi_campaign_import(state, round, error);
    return fsbi_cluster_agree(state->comm, status, error);
}

/* Proposes and simulates what is pending, as far as this run goes; `*complete`: nothing is any
 * more. */
static fsbi_status fill_round(fsbi_campaign_state *state, size_t round, fsbi_run_extent extent,
                              bool *complete, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const row_counts counts = count_pending(state, round);
    const bool needed = counts.without_theta > 0;
    /* A table is read even if nothing is pending, to notice that it has changed. */
    const bool table = settings->propose == FSBI_PROPOSE_TABLE;
    if (extent != FSBI_RUN_TRAIN && (needed || table))
        FSBI_TRY(propose(state, round, needed, error));
    if (counts.pending > 0 && extent != FSBI_RUN_TRAIN)
        FSBI_TRY(fsbi_early_ends_provide(state, round, error));
    *complete = counts.pending == 0 || extent == FSBI_RUN_ALL;
    if (counts.pending > 0 && *complete)
        return simulate(state, round, error);
    if (state->first_rank && !*complete)
        fprintf(state->report, "round %zu: %zu of %zu simulations to be run%s\n", round,
                counts.pending, settings->simulations,
                extent == FSBI_RUN_TRAIN && needed ? ", not all proposed yet" : "");
    return FSBI_OK;
}

/* Rank 0: how many of the rules that a posterior proposed did what they were proposed for. */
static fsbi_status store_met(const fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const size_t count = state->setup->config->rounds[round].ranges.count + 1;
    if (count == 1)
        return FSBI_OK;
    int64_t *met = fsbi_memory_allocate(count, sizeof *met, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(met == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_count_met(state, round, met, error));
    FSBI_TRY_DONE(fsbi_campaign_file_write_met(state->file, round, count, met, error));
done:
    free(met);
    return status;
}

/* Rank 0: how many rows of the round meet each group of conditions. */
static fsbi_status store_groups(const fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_row_set set = fsbi_campaign_rows(state, round, round + 1);
    int64_t *passed = fsbi_memory_allocate(config->group_count, sizeof *passed, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(passed == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (size_t i = 0; i < config->group_count; i++) {
        size_t met = 0;
        FSBI_TRY_DONE(fsbi_filter_count(&config->groups[i], &set, &met, error));
        passed[i] = (int64_t)met;
    }
    FSBI_TRY_DONE(
        fsbi_campaign_file_write_groups(state->file, round, config->group_count, passed, error));
done:
    free(passed);
    return status;
}

/* Rank 0: counts, stores and shows what the round brought. */
static fsbi_status report_round(const fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_campaign_results results = {state->setup, &state->shape, state->rows, round + 1,
                                           state->file};
    FSBI_TRY(store_groups(state, round, error));
    FSBI_TRY(store_met(state, round, error));
    const fsbi_status status = fsbi_results_print(&results, state->report, error);
    fprintf(state->report, "\n");
    fflush(state->report);
    return status;
}

/* Trains a round's networks of a kind, where it has them, and times it if they are not there yet.
 */
static fsbi_status train(fsbi_campaign_state *state, size_t round, fsbi_networks_kind kind,
                         fsbi_error *error) {
    const fsbi_phase phase =
        kind == FSBI_NETWORKS_CLASSIFIER ? FSBI_PHASE_CLASSIFIER : FSBI_PHASE_POSTERIOR;
    fsbi_training_status before;
    FSBI_TRY(fsbi_cluster_agree(
        state->comm,
        fsbi_training_status_read(state->setup, state->file, round, kind, &before, error), error));
    if (before.members == 0)
        return FSBI_OK;
    const fsbi_timed_phase timed =
        fsbi_phase_start(round, phase, !fsbi_training_status_is_complete(&before));
    return fsbi_phase_end(state, &timed, fsbi_campaign_train(state, round, kind, error), error);
}

/* Collects the traces of a complete round. */
static fsbi_status gather_traces(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    fsbi_timed_phase timed = fsbi_phase_start(round, FSBI_PHASE_TRACES, false);
    fsbi_trace_writer_close(&state->traces);
    const fsbi_status status = fsbi_campaign_gather_traces(state, round, &timed.counts, error);
    return fsbi_phase_end(state, &timed, status, error);
}

/* What follows once all rows of a round are there. */
static fsbi_status evaluate_round(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    FSBI_TRY(gather_traces(state, round, error));
    FSBI_TRY(fsbi_campaign_weigh(state, round, error));
    FSBI_TRY(fsbi_cluster_agree(
        state->comm, state->first_rank ? report_round(state, round, error) : FSBI_OK, error));
    FSBI_TRY(train(state, round, FSBI_NETWORKS_CLASSIFIER, error));
    return train(state, round, FSBI_NETWORKS_POSTERIOR, error);
}

static fsbi_status run_round(fsbi_campaign_state *state, size_t round, fsbi_run_extent extent,
                             bool *complete, fsbi_error *error) {
    FSBI_TRY(fsbi_cluster_agree(state->comm, fsbi_interruption_check(error), error));
    *complete = true;
    if (state->setup->config->rounds[round].propose == FSBI_PROPOSE_IMPORT)
        FSBI_TRY(import_round(state, round, error));
    else
        FSBI_TRY(fill_round(state, round, extent, complete, error));
    if (*complete)
        FSBI_TRY(evaluate_round(state, round, error));
    return fsbi_cluster_agree(state->comm, fsbi_campaign_file_flush(state->file, error), error);
}

fsbi_status fsbi_campaign_run_rounds(fsbi_campaign_state *state, fsbi_run_extent extent,
                                     fsbi_error *error) {
    bool complete = true;
    for (size_t round = 0; round < state->setup->config->round_count && complete; round++)
        FSBI_TRY(run_round(state, round, extent, &complete, error));
    if (complete && extent != FSBI_RUN_ALL && state->first_rank)
        fprintf(state->report, "all rounds are complete\n");
    return FSBI_OK;
}
