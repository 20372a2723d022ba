/* Looking without running: `check` and `status`. */
#include <stdlib.h>

#include "campaign/campaign.h"
#include "cluster/cluster.h"
#include "core/memory.h"
#include "fit/training_status.h"
#include "report/results.h"
#include "rows/row_set.h"
#include "setup/tables.h"

static fsbi_status print_size(const fsbi_setup *setup, FILE *report, fsbi_error *error) {
    double simulations = 0;
    double bytes = 0;
    for (size_t i = 0; i < setup->config->round_count; i++)
        simulations += (double)setup->config->rounds[i].simulations;
    fsbi_status status = fsbi_setup_file_bytes(setup, &bytes, error);
    fprintf(report, "# %zu rounds, %.0f simulations, about %.1f MB in %s\n",
            setup->config->round_count, simulations, bytes / 1e6, setup->config->campaign.output);
    return status;
}

fsbi_status fsbi_campaign_check(MPI_Comm comm, const fsbi_setup_source *source, FILE *report,
                                fsbi_error *error) {
    fsbi_setup setup;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_load(comm, source, &setup, error));
    FSBI_TRY_DONE(fsbi_tables_check(comm, &setup, false, error));
    if (fsbi_cluster_rank(comm) == 0) {
        fprintf(report, "%s", setup.effective.characters);
        FSBI_TRY_DONE(print_size(&setup, report, error));
    }
done:
    fsbi_setup_clear(&setup);
    return status;
}

/* FSBI_UNFINISHED if networks of a kind are still to be trained, or to be checked. */
static fsbi_status check_trained(const fsbi_campaign_results *results, size_t round,
                                 const char *kind, fsbi_error *error) {
    fsbi_training_status trained;
    FSBI_TRY(
        fsbi_training_status_read(results->setup, results->file, round, kind, &trained, error));
    return fsbi_training_status_is_complete(&trained)
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_UNFINISHED,
                                "round %zu: the %s is to be %s, %zu of %zu networks are there",
                                round, kind,
                                trained.trained < trained.members ? "trained" : "checked",
                                trained.trained, trained.members);
}

/* FSBI_UNFINISHED if anything of a round is still to be done. */
static fsbi_status check_round(const fsbi_campaign_results *results, size_t round,
                               fsbi_error *error) {
    const fsbi_config_round *settings = &results->setup->config->rounds[round];
    const size_t pending =
        settings->simulations -
        fsbi_row_set_count_done(results->shape, results->rows[round], settings->simulations);
    if (pending > 0)
        return fsbi_error_set(error, FSBI_UNFINISHED, "round %zu: %zu simulations are to be run",
                              round, pending);
    FSBI_TRY(check_trained(results, round, "classifier", error));
    return check_trained(results, round, "posterior", error);
}

static fsbi_status print_status(const fsbi_setup *setup, const char *path, bool exit_code,
                                FILE *report, fsbi_error *error) {
    const size_t rounds = setup->config->round_count;
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    fsbi_campaign_file *file = NULL;
    void **rows = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(path, setup->model, &file, error));
    FSBI_TRY_DONE(fsbi_row_set_read(file, &shape, setup->config, &rows, error));
    {
        const fsbi_campaign_results results = {setup, &shape, rows, rounds, file};
        fprintf(report, "%s: campaign '%s', model %s\n\n", path, setup->config->campaign.name,
                setup->model->type->name);
        FSBI_TRY_DONE(fsbi_results_print(&results, report, error));
        for (size_t round = 0; exit_code && round < rounds; round++)
            FSBI_TRY_DONE(check_round(&results, round, error));
    }
done:
    fsbi_row_set_free(rows, rounds);
    fsbi_campaign_file_close(file, NULL);
    return status;
}

/* A shard's rows. */
static fsbi_status print_shard(const fsbi_setup *setup, const char *path, const fsbi_shard *shard,
                               bool exit_code, FILE *report, fsbi_error *error) {
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    fsbi_campaign_file *file = NULL;
    size_t done = 0;
    FSBI_TRY(fsbi_shard_check(shard, setup->config, path, error));
    fsbi_status status = FSBI_OK;
    void *rows = fsbi_memory_allocate(shard->count, fsbi_row_size(&shape), error);
    FSBI_TRY_DONE(rows == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(path, setup->model, &file, error));
    FSBI_TRY_DONE(fsbi_campaign_file_read_rows(file, shard->round, 0, shard->count, rows, error));
    done = fsbi_row_set_count_done(&shape, rows, shard->count);
    fprintf(report,
            "%s: shard %zu of %zu of round %zu of campaign '%s': %zu of %zu simulations "
            "finished\n",
            path, shard->index, shard->shards, shard->round, setup->config->campaign.name, done,
            shard->count);
    if (exit_code && done < shard->count)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_UNFINISHED, "%zu simulations are to be run",
                                     shard->count - done));
done:
    fsbi_campaign_file_close(file, NULL);
    free(rows);
    return status;
}

fsbi_status fsbi_campaign_status(MPI_Comm comm, const char *path, bool exit_code, FILE *report,
                                 fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    if (fsbi_cluster_rank(comm) == 0) {
        char *text = NULL;
        fsbi_setup setup = {0};
        fsbi_shard shard;
        status = fsbi_campaign_file_read_config(path, &text, NULL, error);
        if (status == FSBI_OK)
            status = fsbi_setup_parse(text, path, NULL, 0, &setup, error);
        if (status == FSBI_OK && fsbi_shard_read(path, &shard, NULL) == FSBI_OK)
            status = print_shard(&setup, path, &shard, exit_code, report, error);
        else if (status == FSBI_OK)
            status = print_status(&setup, path, exit_code, report, error);
        fsbi_setup_clear(&setup);
        free(text);
    }
    return fsbi_cluster_agree(comm, status, error);
}
