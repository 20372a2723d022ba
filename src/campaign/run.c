#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/campaign.h"
#include "campaign/filter.h"
#include "campaign/interrupted.h"
#include "campaign/output_lock.h"
#include "campaign/results.h"
#include "campaign/state.h"
#include "campaign/theta_table.h"
#include "cluster/cluster.h"
#include "core/clock.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "store/matrix.h"
#include "store/new_file.h"

/* Moves an existing file out of the way, to the first free NAME.old-K. */
static fsbi_status keep_old_file(const char *path, FILE *report, fsbi_error *error) {
    enum { MOST_OLD = 10000 };
    for (int k = 1; k < MOST_OLD; k++) {
        fsbi_text name = {0};
        fsbi_text_append(&name, "%s.old-%d", path, k);
        if (name.failed)
            return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory");
        bool taken = access(name.characters, F_OK) == 0;
        bool moved = !taken && rename(path, name.characters) == 0;
        if (moved)
            fprintf(report, "the old file is kept as %s\n", name.characters);
        fsbi_text_clear(&name);
        if (moved)
            return FSBI_OK;
        if (!taken)
            break;
    }
    return fsbi_error_set(error, FSBI_IO, "cannot move '%s' out of the way: %s", path,
                          strerror(errno));
}

/* Whether an existing file was made by this configuration. */
static fsbi_status compare_config(const fsbi_setup *setup, const char *path, FILE *report,
                                  fsbi_error *error) {
    static const char *const ignored[] = {"campaign.output", "run", NULL};
    char *stored_text = NULL;
    char *stored_version = NULL;
    fsbi_config_node *stored = NULL;
    fsbi_config_node *present = NULL;
    char difference[512];
    fsbi_status status = fsbi_campaign_file_read_config(path, &stored_text, &stored_version, error);
    if (status == FSBI_OK)
        status = fsbi_config_node_parse(stored_text, path, &stored, error);
    if (status == FSBI_OK)
        status = fsbi_config_node_parse(setup->effective.characters, "effective configuration",
                                        &present, error);
    if (status == FSBI_OK &&
        fsbi_config_node_difference(present, stored, ignored, difference, sizeof difference))
        status = fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "'%s' was made by another configuration (%s, in the file); choose another "
            "campaign.output, or --force-new to start over and keep the old file",
            path, difference);
    if (status == FSBI_OK && strcmp(stored_version, FSBI_BUILD) != 0)
        fprintf(report,
                "note: %s was begun by fsbi_mpi %s, this is %s: rows may differ in rounding\n",
                path, stored_version, FSBI_BUILD);
    fsbi_config_node_free(present);
    fsbi_config_node_free(stored);
    free(stored_text);
    free(stored_version);
    return status;
}

/* What each round's posterior and classifier are made for. */
static fsbi_status plan_inference(const fsbi_setup *setup, fsbi_posterior_plan *posteriors,
                                  fsbi_posterior_plan *classifiers, fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    for (size_t i = 0; i < setup->config->round_count && status == FSBI_OK; i++) {
        if (setup->config->rounds[i].infer.count > 0)
            status = fsbi_setup_posterior_plan(setup, i, &posteriors[i], error);
        if (status == FSBI_OK && setup->config->rounds[i].has_classifier)
            status = fsbi_setup_classifier_plan(setup, &classifiers[i], error);
    }
    return status;
}

static fsbi_status create_file(const fsbi_setup *setup, const char *path, fsbi_error *error) {
    const size_t rounds = setup->config->round_count;
    fsbi_posterior_plan *plans = fsbi_memory_allocate(2 * rounds, sizeof *plans, error);
    if (plans == NULL)
        return FSBI_NO_MEMORY;
    const fsbi_campaign_plan plan = {.config = setup->config,
                                     .model = setup->model,
                                     .config_text = setup->config_text,
                                     .effective_config = setup->effective.characters,
                                     .program_version = FSBI_BUILD,
                                     .posteriors = plans,
                                     .classifiers = plans + rounds};
    double bytes = 0;
    fsbi_status status = plan_inference(setup, plans, plans + rounds, error);
    if (status == FSBI_OK)
        status = fsbi_setup_file_bytes(setup, &bytes, error);
    if (status == FSBI_OK)
        status = fsbi_new_file_check_room(path, bytes, error);
    if (status == FSBI_OK)
        status = fsbi_campaign_file_create(path, &plan, error);
    for (size_t i = 0; i < 2 * rounds; i++)
        fsbi_posterior_plan_clear(&plans[i]);
    free(plans);
    return status;
}

/* Rank 0: leaves a file of this configuration at the output path. */
static fsbi_status provide_file(const fsbi_setup *setup, bool force_new, FILE *report,
                                fsbi_error *error) {
    const char *path = setup->config->campaign.output;
    fsbi_status status = FSBI_OK;
    bool exists = access(path, F_OK) == 0;
    if (exists && !fsbi_store_is_hdf5(path))
        return fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "cannot read '%s' as a campaign file: it is no HDF5 file; choose another "
            "campaign.output",
            path);
    if (exists && !force_new) {
        status = compare_config(setup, path, report, error);
        if (status == FSBI_OK)
            fprintf(report, "%s: going on where it stopped\n", path);
    } else {
        if (exists)
            status = keep_old_file(path, report, error);
        if (status == FSBI_OK)
            status = create_file(setup, path, error);
        if (status == FSBI_OK)
            fprintf(report, "%s: new campaign file\n", path);
    }
    fflush(report);
    return status;
}

static void clear_state(fsbi_campaign_state *state) {
    fsbi_rows_free(state->rows, state->setup->config->round_count);
    if (state->workspace != NULL)
        state->setup->model->type->destroy(state->workspace);
    if (state->rng != NULL)
        gsl_rng_free(state->rng);
    fsbi_posterior_clear(&state->posterior);
    fsbi_posterior_clear(&state->classifier);
}

/* Proposes and simulates, unless everything is there already. */
static fsbi_status fill_round(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const size_t count = state->setup->config->rounds[round].simulations;
    double *thetas = NULL;
    int pending = 0;
    fsbi_status status = FSBI_OK;
    if (state->first_rank) {
        for (size_t i = 0; i < count && !pending; i++)
            pending = !fsbi_row_done(&state->shape, fsbi_campaign_row(state, round, i));
        thetas = fsbi_memory_allocate(count * state->shape.theta_count, sizeof *thetas, error);
        status = thetas == NULL ? FSBI_NO_MEMORY : FSBI_OK;
    }
    status = fsbi_cluster_agree(state->comm, status, error);
    if (status == FSBI_OK)
        fsbi_cluster_broadcast(state->comm, &pending, sizeof pending);
    /* A table is read even if nothing is pending, to notice that it has changed. */
    bool table = state->setup->config->rounds[round].propose == FSBI_PROPOSE_TABLE;
    if (status == FSBI_OK && (pending || table))
        status = fsbi_campaign_propose(state, round, thetas, error);
    if (status == FSBI_OK && pending)
        status = fsbi_campaign_simulate(state, round, thetas, error);
    free(thetas);
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
    fsbi_status status = fsbi_campaign_count_met(state, round, met, error);
    if (status == FSBI_OK)
        status = fsbi_campaign_file_write_met(state->file, round, count, met, error);
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

static fsbi_status run_rounds(fsbi_campaign_state *state, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    fsbi_status status = FSBI_OK;
    for (size_t round = 0; round < config->round_count && status == FSBI_OK; round++) {
        status = fsbi_cluster_agree(state->comm, fsbi_campaign_check_interrupt(error), error);
        if (status == FSBI_OK)
            status = fill_round(state, round, error);
        if (status == FSBI_OK && state->first_rank)
            status = report_round(state, round, error);
        status = fsbi_cluster_agree(state->comm, status, error);
        if (status == FSBI_OK && config->rounds[round].has_classifier)
            status = fsbi_campaign_train_classifier(state, round, error);
        if (status == FSBI_OK && config->rounds[round].infer.count > 0)
            status = fsbi_campaign_train(state, round, error);
        if (status == FSBI_OK)
            status = fsbi_cluster_agree(state->comm, fsbi_campaign_file_flush(state->file, error),
                                        error);
    }
    return status;
}

static fsbi_status run_setup(MPI_Comm comm, const fsbi_setup *setup, bool force_new, FILE *report,
                             fsbi_error *error) {
    fsbi_campaign_state state = {.comm = comm,
                                 .first_rank = fsbi_cluster_rank(comm) == 0,
                                 .setup = setup,
                                 .report = report,
                                 .shape = fsbi_row_shape_of(setup->model)};
    fsbi_lock_file lock;
    fsbi_status status =
        fsbi_output_lock_take(comm, setup->config->campaign.output, &lock, report, error);
    if (state.first_rank && status == FSBI_OK)
        status = provide_file(setup, force_new, report, error);
    status = fsbi_cluster_agree(comm, status, error);
    if (status == FSBI_OK) {
        status = fsbi_campaign_file_open(setup->config->campaign.output, comm, setup->model,
                                         &state.file, error);
        status = fsbi_cluster_agree(comm, status, error);
    }
    if (status == FSBI_OK) {
        state.rng = gsl_rng_alloc(fsbi_random_pcg32);
        if (state.rng == NULL)
            status = fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for a random stream");
        if (status == FSBI_OK && state.first_rank)
            status = fsbi_rows_read(state.file, &state.shape, setup->config, &state.rows, error);
        status = fsbi_cluster_agree(comm, status, error);
    }
    if (status == FSBI_OK)
        status = run_rounds(&state, error);
    clear_state(&state);
    fsbi_error closing = {0};
    fsbi_status closed = fsbi_campaign_file_close(state.file, &closing);
    if (status == FSBI_OK && closed != FSBI_OK) {
        status = closed;
        if (error != NULL)
            *error = closing;
    }
    fsbi_lock_file_release(&lock);
    return fsbi_cluster_agree(comm, status, error);
}

fsbi_status fsbi_campaign_run(MPI_Comm comm, const fsbi_setup_source *source, bool force_new,
                              FILE *report, fsbi_error *error) {
    fsbi_setup setup;
    fsbi_status status = fsbi_setup_load(comm, source, &setup, error);
    if (status == FSBI_OK && setup.config->round_count == 0)
        status = fsbi_config_node_error(
            setup.tree, error,
            "there are no 'rounds' to run; the least is rounds: [{simulations: 100}]");
    if (status == FSBI_OK)
        status = fsbi_setup_check_tables(comm, &setup, error);
    if (status == FSBI_OK)
        status = run_setup(comm, &setup, force_new, report, error);
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
    fsbi_setup setup;
    size_t count = 0;
    fsbi_status status = fsbi_setup_load(comm, source, &setup, error);
    if (status == FSBI_OK)
        status = count_rules(comm, &setup, options->thetas, &count, error);
    if (status == FSBI_OK)
        status = fsbi_setup_use_table(&setup, options->thetas, count, options->output, error);
    if (status == FSBI_OK)
        status = run_setup(comm, &setup, options->force_new, report, error);
    fsbi_setup_clear(&setup);
    return status;
}
