#include <stdlib.h>
#include <unistd.h>

#include "campaign/campaign.h"
#include "campaign/rounds.h"
#include "cluster/cluster.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "output/new_output.h"
#include "output/output_file.h"
#include "output/output_lock.h"
#include "output/rank_log.h"
#include "setup/networks.h"
#include "setup/table_source.h"
#include "setup/tables.h"
#include "setup/theta_table.h"

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

/* What a rank needs besides the open file; rank 0 all rows. */
static fsbi_status init_state(fsbi_campaign_state *state, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    state->rng = fsbi_random_allocate(error);
    state->searches = fsbi_memory_allocate(config->round_count, sizeof *state->searches, error);
    if (state->rng == NULL || state->searches == NULL)
        return FSBI_NO_MEMORY;
    FSBI_TRY(fsbi_rank_log_open(config->run.log, config->campaign.output,
                                fsbi_cluster_rank(state->comm), &state->log, error));
    return state->first_rank ? fsbi_campaign_file_read_all(state->file, &state->shape, config,
                                                           &state->rows, error)
                             : FSBI_OK;
}

static fsbi_status open_and_run(fsbi_campaign_state *state, fsbi_run_extent extent,
                                fsbi_error *error) {
    FSBI_TRY(fsbi_cluster_agree(state->comm,
                                fsbi_campaign_file_open(state->setup->config->campaign.output,
                                                        state->comm, state->setup->model,
                                                        &state->file, error),
                                error));
    FSBI_TRY(fsbi_cluster_agree(state->comm, init_state(state, error), error));
    return fsbi_campaign_run_rounds(state, extent, error);
}

static fsbi_status run_setup(MPI_Comm comm, const fsbi_setup *setup,
                             const fsbi_run_options *options, FILE *report, fsbi_error *error) {
    fsbi_campaign_state state = {.comm = comm,
                                 .first_rank = fsbi_cluster_rank(comm) == 0,
                                 .setup = setup,
                                 .report = report,
                                 .shape = fsbi_row_shape_of(setup->model)};
    fsbi_lock_file lock;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_output_lock_take(comm, setup->config->campaign.output, &lock, report, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(
        comm, state.first_rank ? provide_file(setup, options, report, error) : FSBI_OK, error));
    FSBI_TRY_DONE(open_and_run(&state, options->extent, error));
done:
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
    FSBI_TRY_DONE(fsbi_cluster_agree(comm, fsbi_setup_prepare_networks(&setup, error), error));
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
    *count = 0;
    FSBI_TRY(
        fsbi_cluster_agree(comm,
                           fsbi_cluster_rank(comm) == 0
                               ? fsbi_theta_table_read(table, setup->model, &thetas, count, error)
                               : FSBI_OK,
                           error));
    free(thetas);
    fsbi_cluster_broadcast(comm, count, sizeof *count);
    return FSBI_OK;
}

/* The table must not be moved out of the way before it is read. */
static fsbi_status expect_other_output(MPI_Comm comm, const fsbi_simulate_options *options,
                                       fsbi_error *error) {
    const fsbi_table_source source = fsbi_table_source_of(options->thetas, "");
    return fsbi_new_output_expect_other(comm, source.path, options->output, error);
}

fsbi_status fsbi_campaign_simulate_rules(MPI_Comm comm, const fsbi_setup_source *source,
                                         const fsbi_simulate_options *options, FILE *report,
                                         fsbi_error *error) {
    const fsbi_run_options run = {.extent = FSBI_RUN_ALL, .force_new = options->force_new};
    fsbi_setup setup;
    size_t count = 0;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_load(comm, source, &setup, error));
    FSBI_TRY_DONE(expect_other_output(comm, options, error));
    FSBI_TRY_DONE(count_rules(comm, &setup, options->thetas, &count, error));
    FSBI_TRY_DONE(fsbi_setup_use_table(&setup, options->thetas, count, options->output, error));
    FSBI_TRY_DONE(run_setup(comm, &setup, &run, report, error));
done:
    fsbi_setup_clear(&setup);
    return status;
}
