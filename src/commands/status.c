/* `status`: what a campaign file holds, also while its campaign runs. */
#include <stdlib.h>

#include "commands/options.h"
#include "core/memory.h"
#include "fit/training_status.h"
#include "report/results.h"
#include "rows/row_set.h"

/* FSBI_UNFINISHED if networks of a kind are still to be trained, or to be checked. */
static fsbi_status check_trained(const fsbi_campaign_results *results, size_t round,
                                 fsbi_networks_kind kind, fsbi_error *error) {
    fsbi_training_status trained;
    FSBI_TRY(
        fsbi_training_status_read(results->setup, results->file, round, kind, &trained, error));
    if (fsbi_training_status_is_complete(&trained))
        return FSBI_OK;
    return fsbi_error_set(error, FSBI_UNFINISHED,
                          "round %zu: the %s is to be %s, %zu of %zu networks are there", round,
                          fsbi_networks_kind_name(kind),
                          trained.trained < trained.members ? "trained" : "checked",
                          trained.trained, trained.members);
}

/* FSBI_UNFINISHED if anything of a round is still to be done. */
static fsbi_status check_round(const fsbi_campaign_results *results, size_t round,
                               fsbi_error *error) {
    const fsbi_config_round *settings = &results->setup->config->rounds[round];
    const size_t pending =
        settings->simulations -
        fsbi_rows_count_done(results->shape, results->rows[round], settings->simulations);
    if (pending > 0)
        return fsbi_error_set(error, FSBI_UNFINISHED, "round %zu: %zu simulations are to be run",
                              round, pending);
    FSBI_TRY(check_trained(results, round, FSBI_NETWORKS_CLASSIFIER, error));
    return check_trained(results, round, FSBI_NETWORKS_POSTERIOR, error);
}

static fsbi_status print_campaign(const fsbi_arguments *a, const fsbi_setup *setup, FILE *report,
                                  fsbi_error *error) {
    const size_t rounds = setup->config->round_count;
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    fsbi_campaign_file *file = NULL;
    void **rows = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(a->file, setup->model, &file, error));
    FSBI_TRY_DONE(fsbi_campaign_file_read_all(file, &shape, setup->config, &rows, error));
    const fsbi_campaign_results results = {setup, &shape, rows, rounds, file};
    fprintf(report, "%s: campaign '%s', model %s\n\n", a->file, setup->config->campaign.name,
            setup->model->type->name);
    FSBI_TRY_DONE(fsbi_results_print(&results, report, error));
    for (size_t round = 0; a->exit_code && round < rounds; round++)
        FSBI_TRY_DONE(check_round(&results, round, error));
done:
    fsbi_rows_free(rows, rounds);
    fsbi_campaign_file_close(file, NULL);
    return status;
}

/* A shard's rows. */
static fsbi_status print_shard(const fsbi_arguments *a, const fsbi_setup *setup,
                               const fsbi_shard *shard, FILE *report, fsbi_error *error) {
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    fsbi_campaign_file *file = NULL;
    FSBI_TRY(fsbi_shard_check(shard, setup->config, a->file, error));
    void *rows = fsbi_memory_allocate(shard->count, fsbi_row_size(&shape), error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(rows == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(a->file, setup->model, &file, error));
    FSBI_TRY_DONE(fsbi_campaign_file_read_rows(file, shard->round, 0, shard->count, rows, error));
    const size_t done_rows = fsbi_rows_count_done(&shape, rows, shard->count);
    fprintf(report,
            "%s: shard %zu of %zu of round %zu of campaign '%s': %zu of %zu simulations finished\n",
            a->file, shard->index, shard->shards, shard->round, setup->config->campaign.name,
            done_rows, shard->count);
    if (a->exit_code && done_rows < shard->count)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_UNFINISHED, "%zu simulations are to be run",
                                     shard->count - done_rows));
done:
    fsbi_campaign_file_close(file, NULL);
    free(rows);
    return status;
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    fsbi_setup setup = {0};
    fsbi_shard shard;
    FSBI_TRY(fsbi_setup_of_campaign(a->file, &setup, error));
    const fsbi_status status = fsbi_shard_read(a->file, &shard, NULL) == FSBI_OK
                                   ? print_shard(a, &setup, &shard, report, error)
                                   : print_campaign(a, &setup, report, error);
    fsbi_setup_clear(&setup);
    return status;
}

static const struct argp_option options[] = {
    {"exit-code", FSBI_ARG_EXIT_CODE, NULL, 0,
     "Exit with status 75 if there is work left in the campaign", 0},
    {0}};

const fsbi_command fsbi_command_status = {
    .name = "status",
    .files_doc = "CAMPAIGN.h5",
    .doc = "Shows what a campaign file holds: rounds, simulations by status, shares of the "
           "groups of conditions, time spent, how far each posterior can be trusted. Works "
           "while the campaign runs.",
    .options = options,
    .files = 1,
    .alone = true,
    .once = true,
    .run = run};
