#include <stdlib.h>
#include <unistd.h>

#include "campaign/campaign.h"
#include "campaign/import.h"
#include "campaign/state.h"
#include "cluster/cluster.h"
#include "core/clock.h"
#include "core/memory.h"
#include "fit/training_status.h"
#include "fsbi/random.h"
#include "output/interruption.h"
#include "output/output_file.h"
#include "output/output_lock.h"
#include "output/rank_log.h"
#include "report/results.h"
#include "rows/row_filter.h"
#include "rows/row_set.h"
#include "setup/tables.h"
#include "setup/theta_table.h"

void fsbi_campaign_drop_workspace(fsbi_campaign_state *state) {
    if (state->workspace != NULL)
        state->workspace_model->type->destroy(state->workspace);
    state->workspace = NULL;
}

void fsbi_campaign_state_clear(fsbi_campaign_state *state) {
    fsbi_row_set_free(state->rows, state->setup->config->round_count);
    fsbi_campaign_drop_workspace(state);
    if (state->rng != NULL)
        gsl_rng_free(state->rng);
    if (state->log != NULL)
        fclose(state->log);
    fsbi_trace_writer_close(&state->traces);
    fsbi_posterior_clear(&state->posterior);
    fsbi_posterior_clear(&state->classifier);
}

/* A phase of a round that is being timed. */
typedef struct {
    size_t round;
    fsbi_phase phase;
    double started; /* by the clock */
    bool counts;    /* something is done in it */
    double idle;    /* s that ranks without work waited for the others, all together */
} timed_phase;

static timed_phase start_phase(size_t round, fsbi_phase phase, bool counts) {
    return (timed_phase){
        .round = round, .phase = phase, .started = fsbi_clock_seconds(), .counts = counts};
}

/* Writes what the phase took, also if it was interrupted. Rank 0 hardly counts where there are
 * others. What came before a failure is no reason to hide the failure. */
static fsbi_status end_phase(const fsbi_campaign_state *state, const timed_phase *timed,
                             fsbi_status status, fsbi_error *error) {
    const int ranks = fsbi_cluster_size(state->comm);
    const double wall_time = fsbi_clock_seconds() - timed->started;
    const fsbi_phase_time time = {wall_time, wall_time * (ranks > 1 ? ranks - 1 : 1), timed->idle};
    fsbi_status written = FSBI_OK;
    if (state->first_rank && timed->counts)
        written = fsbi_campaign_file_add_time(state->file, timed->round, timed->phase, &time,
                                              status == FSBI_OK ? error : NULL);
    return fsbi_cluster_agree(state->comm, status == FSBI_OK ? written : status, error);
}

/* Rank 0: how many rows of the round are to be simulated, and of these how many have no theta yet.
 */
static void count_pending(const fsbi_campaign_state *state, size_t round, size_t pending[2]) {
    const size_t count = state->setup->config->rounds[round].simulations;
    pending[0] = pending[1] = 0;
    for (size_t i = 0; i < count; i++) {
        const fsbi_row *row = fsbi_campaign_row(state, round, i);
        if (fsbi_row_done(&state->shape, row))
            continue;
        pending[0]++;
        pending[1] += !fsbi_row_proposed(&state->shape, row);
    }
}

/* Rank 0: gives the pending rows their thetas, for others to simulate. */
static fsbi_status store_thetas(const fsbi_campaign_state *state, size_t round,
                                const double *thetas, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const size_t count = config->rounds[round].simulations;
    for (size_t i = 0; i < count; i++) {
        fsbi_row *row = fsbi_campaign_row(state, round, i);
        if (!fsbi_row_done(&state->shape, row))
            fsbi_row_propose(&state->shape, row, fsbi_row_seed_of(config, round, i),
                             thetas + i * state->shape.theta_count);
    }
    return fsbi_campaign_file_write_rows(state->file, round, 0, count, state->rows[round], error);
}

static fsbi_status propose(fsbi_campaign_state *state, size_t round, bool needed, double *thetas,
                           fsbi_error *error) {
    const timed_phase timed = start_phase(round, FSBI_PHASE_PROPOSE, needed);
    return end_phase(state, &timed, fsbi_campaign_propose(state, round, thetas, error), error);
}

static fsbi_status simulate(fsbi_campaign_state *state, size_t round, const double *thetas,
                            fsbi_error *error) {
    const fsbi_round_share all = {round, 0, state->setup->config->rounds[round].simulations,
                                  thetas};
    timed_phase timed = start_phase(round, FSBI_PHASE_SIMULATE, true);
    const fsbi_status status = fsbi_campaign_simulate(state, &all, &timed.idle, error);
    return end_phase(state, &timed, status, error);
}

/* Rows of elsewhere, unless they are there already. */
static fsbi_status import_round(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    fsbi_status status = FSBI_OK;
    if (state->first_rank && fsbi_row_set_count_done(&state->shape, state->rows[round],
                                                     settings->simulations) < settings->simulations)
        status = fsbi_campaign_import(state, round, error);
    return fsbi_cluster_agree(state->comm, status, error);
}

/* Proposes and simulates what is pending, as far as this run goes; `*complete`: nothing is any
 * more. */
static fsbi_status fill_round(fsbi_campaign_state *state, size_t round, fsbi_run_extent extent,
                              bool *complete, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    size_t pending[2] = {0, 0};
    double *thetas = NULL;
    fsbi_status status = FSBI_OK;
    if (state->first_rank) {
        count_pending(state, round, pending);
        thetas = fsbi_memory_allocate(settings->simulations * state->shape.theta_count,
                                      sizeof *thetas, error);
        status = thetas == NULL ? FSBI_NO_MEMORY : FSBI_OK;
    }
    status = fsbi_cluster_agree(state->comm, status, error);
    fsbi_cluster_broadcast(state->comm, pending, sizeof pending);
    *complete = pending[0] == 0;
    /* A table is read even if nothing is pending, to notice that it has changed. */
    const bool table = settings->propose == FSBI_PROPOSE_TABLE;
    const bool needed = extent == FSBI_RUN_PROPOSE ? pending[1] > 0 : pending[0] > 0;
    if (status == FSBI_OK && extent != FSBI_RUN_TRAIN && (needed || table))
        status = propose(state, round, needed, thetas, error);
    if (status == FSBI_OK && extent == FSBI_RUN_PROPOSE && needed && state->first_rank)
        status = store_thetas(state, round, thetas, error);
    status = fsbi_cluster_agree(state->comm, status, error);
    if (status == FSBI_OK && extent == FSBI_RUN_ALL && !*complete) {
        status = simulate(state, round, thetas, error);
        *complete = true;
    }
    free(thetas);
    if (status == FSBI_OK && state->first_rank && !*complete)
        fprintf(state->report, "round %zu: %zu of %zu simulations to be run%s\n", round, pending[0],
                settings->simulations,
                extent == FSBI_RUN_TRAIN && pending[1] > 0 ? ", not all proposed yet" : "");
    return status;
}

/* Rank 0: how many of the rules that a posterior proposed did what they were proposed for. */
static fsbi_status store_met(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const size_t count = settings->ranges.count + 1;
    if (settings->ranges.count == 0)
        return FSBI_OK;
    int64_t *met = fsbi_memory_allocate(count, sizeof *met, error);
    if (met == NULL)
        return FSBI_NO_MEMORY;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_count_met(state, round, met, error));
    FSBI_TRY_DONE(fsbi_campaign_file_write_met(state->file, round, count, met, error));
done:
    free(met);
    return status;
}

/* Rank 0: counts, stores and shows what the round brought. */
static fsbi_status report_round(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_campaign_results results = {state->setup, &state->shape, state->rows, round + 1,
                                           state->file};
    int64_t *passed = fsbi_memory_allocate(config->group_count, sizeof *passed, error);
    if (passed == NULL)
        return FSBI_NO_MEMORY;
    const fsbi_row_set set = {&state->shape, config->rounds, state->rows, round, round + 1};
    fsbi_status status = FSBI_OK;
    for (size_t i = 0; i < config->group_count && status == FSBI_OK; i++) {
        size_t met = 0;
        status = fsbi_filter_count(&config->groups[i], &set, &met, error);
        passed[i] = (int64_t)met;
    }
    if (status == FSBI_OK)
        status =
            fsbi_campaign_file_write_groups(state->file, round, config->group_count, passed, error);
    free(passed);
    if (status == FSBI_OK)
        status = store_met(state, round, error);
    if (status == FSBI_OK)
        status = fsbi_results_print(&results, state->report, error);
    fprintf(state->report, "\n");
    fflush(state->report);
    return status;
}

/* Trains a round's networks of a kind, where it has them, and times it if they are not there yet.
 */
static fsbi_status train(fsbi_campaign_state *state, size_t round, const char *kind,
                         fsbi_phase phase,
                         fsbi_status (*function)(fsbi_campaign_state *, size_t, fsbi_error *),
                         fsbi_error *error) {
    fsbi_training_status before;
    fsbi_status status =
        fsbi_training_status_read(state->setup, state->file, round, kind, &before, error);
    status = fsbi_cluster_agree(state->comm, status, error);
    if (status != FSBI_OK || before.members == 0)
        return status;
    const timed_phase timed = start_phase(round, phase, !fsbi_training_status_is_complete(&before));
    return end_phase(state, &timed, function(state, round, error), error);
}

static fsbi_status train_round(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    FSBI_TRY(train(state, round, "classifier", FSBI_PHASE_CLASSIFIER,
                   fsbi_campaign_train_classifier, error));
    return train(state, round, "posterior", FSBI_PHASE_POSTERIOR, fsbi_campaign_train, error);
}

/* Collects the traces of a complete round. */
static fsbi_status gather_traces(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    timed_phase timed = start_phase(round, FSBI_PHASE_TRACES, false);
    void *rows = state->first_rank ? state->rows[round] : NULL;
    fsbi_trace_writer_close(&state->traces);
    fsbi_status status = fsbi_traces_gather(state->comm, state->setup, round, rows, &timed.counts,
                                            state->report, error);
    return end_phase(state, &timed, status, error);
}

static fsbi_status run_rounds(fsbi_campaign_state *state, fsbi_run_extent extent,
                              fsbi_error *error) {
    const size_t rounds = state->setup->config->round_count;
    fsbi_status status = FSBI_OK;
    bool complete = true;
    for (size_t round = 0; round < rounds && complete && status == FSBI_OK; round++) {
        status = fsbi_cluster_agree(state->comm, fsbi_interruption_check(error), error);
        if (status == FSBI_OK)
            status = state->setup->config->rounds[round].propose == FSBI_PROPOSE_IMPORT
                         ? import_round(state, round, error)
                         : fill_round(state, round, extent, &complete, error);
        if (status == FSBI_OK && complete)
            status = gather_traces(state, round, error);
        if (status == FSBI_OK && complete && state->first_rank)
            status = report_round(state, round, error);
        status = fsbi_cluster_agree(state->comm, status, error);
        if (status == FSBI_OK && complete)
            status = train_round(state, round, error);
        if (status == FSBI_OK)
            status = fsbi_cluster_agree(state->comm, fsbi_campaign_file_flush(state->file, error),
                                        error);
    }
    if (status == FSBI_OK && complete && extent != FSBI_RUN_ALL && state->first_rank)
        fprintf(state->report, "all rounds are complete\n");
    return status;
}

/* Rank 0: a file of this configuration at the output path. */
static fsbi_status provide_file(const fsbi_setup *setup, const fsbi_run_options *options,
                                FILE *report, fsbi_error *error) {
    const char *path = setup->config->campaign.output;
    if (options->extent == FSBI_RUN_TRAIN && access(path, F_OK) != 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "there is no campaign file '%s' to train from; 'propose' begins one",
                              path);
    return fsbi_output_file_provide(setup, options->force_new, report, error);
}

static fsbi_status run_setup(MPI_Comm comm, const fsbi_setup *setup,
                             const fsbi_run_options *options, FILE *report, fsbi_error *error) {
    fsbi_campaign_state state = {.comm = comm,
                                 .first_rank = fsbi_cluster_rank(comm) == 0,
                                 .setup = setup,
                                 .report = report,
                                 .shape = fsbi_row_shape_of(setup->model)};
    const char *path = setup->config->campaign.output;
    fsbi_lock_file lock;
    fsbi_status status = fsbi_output_lock_take(comm, path, &lock, report, error);
    if (state.first_rank && status == FSBI_OK)
        status = provide_file(setup, options, report, error);
    status = fsbi_cluster_agree(comm, status, error);
    if (status == FSBI_OK)
        status = fsbi_cluster_agree(
            comm, fsbi_campaign_file_open(path, comm, setup->model, &state.file, error), error);
    if (status == FSBI_OK) {
        state.rng = fsbi_random_allocate(error);
        status = state.rng == NULL ? FSBI_NO_MEMORY
                                   : fsbi_rank_log_open(setup->config->run.log, path,
                                                        fsbi_cluster_rank(comm), &state.log, error);
        if (status == FSBI_OK && state.first_rank)
            status = fsbi_row_set_read(state.file, &state.shape, setup->config, &state.rows, error);
        status = fsbi_cluster_agree(comm, status, error);
    }
    if (status == FSBI_OK)
        status = run_rounds(&state, options->extent, error);
    fsbi_campaign_state_clear(&state);
    status = fsbi_campaign_file_finish(state.file, status, error);
    fsbi_lock_file_release(&lock);
    return fsbi_cluster_agree(comm, status, error);
}

fsbi_status fsbi_campaign_run(MPI_Comm comm, const fsbi_setup_source *source,
                              const fsbi_run_options *options, FILE *report, fsbi_error *error) {
    fsbi_setup setup;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_load(comm, source, &setup, error));
    FSBI_TRY_DONE(fsbi_setup_expect_rounds(&setup, error));
    FSBI_TRY_DONE(fsbi_tables_check(comm, &setup, options->force_new, error));
    FSBI_TRY_DONE(run_setup(comm, &setup, options, report, error));
done:
    fsbi_setup_clear(&setup);
    return status;
}

/* The number of rules in the table, for all ranks. */
static fsbi_status count_rules(MPI_Comm comm, const fsbi_setup *setup, const char *table,
                               size_t *count, fsbi_error *error) {
    double *thetas = NULL;
    fsbi_status status = FSBI_OK;
    *count = 0;
    if (fsbi_cluster_rank(comm) == 0)
        status = fsbi_theta_table_read(table, setup->model, &thetas, count, error);
    free(thetas);
    status = fsbi_cluster_agree(comm, status, error);
    if (status == FSBI_OK)
        fsbi_cluster_broadcast(comm, count, sizeof *count);
    return status;
}

fsbi_status fsbi_campaign_simulate_rules(MPI_Comm comm, const fsbi_setup_source *source,
                                         const fsbi_simulate_options *options, FILE *report,
                                         fsbi_error *error) {
    const fsbi_run_options run = {.extent = FSBI_RUN_ALL, .force_new = options->force_new};
    fsbi_setup setup;
    size_t count = 0;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_load(comm, source, &setup, error));
    FSBI_TRY_DONE(count_rules(comm, &setup, options->thetas, &count, error));
    FSBI_TRY_DONE(fsbi_setup_use_table(&setup, options->thetas, count, options->output, error));
    FSBI_TRY_DONE(run_setup(comm, &setup, &run, report, error));
done:
    fsbi_setup_clear(&setup);
    return status;
}
