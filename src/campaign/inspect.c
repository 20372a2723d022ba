/* Looking without running: `check` and `status`. */
#include <stdlib.h>

#include "campaign/campaign.h"
#include "campaign/state.h"
#include "campaign/table.h"
#include "cluster/cluster.h"
#include "core/memory.h"

static void print_size(const fsbi_setup *setup, FILE *report) {
    const fsbi_config *config = setup->config;
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    const fsbi_estimator *estimator = fsbi_estimator_find(config->inference.estimator);
    const double members = (double)config->inference.ensemble;
    double simulations = 0;
    double bytes = 0;
    for (size_t i = 0; i < config->round_count; i++) {
        const fsbi_config_round *round = &config->rounds[i];
        double rows = (double)round->simulations;
        simulations += rows;
        bytes += rows * (double)(fsbi_row_size(&shape) + round->ranges.count * sizeof(double));
        if (round->infer.count > 0) {
            const fsbi_estimator_shape network = fsbi_setup_estimator_shape(setup, &round->infer);
            bytes += simulations;
            bytes += members * (double)(estimator->parameter_count(&network) * sizeof(fsbi_real) +
                                        2 * (size_t)config->inference.max_epochs * sizeof(double));
        }
    }
    fprintf(report, "# %zu rounds, %.0f simulations, about %.1f MB in %s\n", config->round_count,
            simulations, bytes / 1e6, config->campaign.output);
}

fsbi_status fsbi_campaign_check(MPI_Comm comm, const fsbi_setup_source *source, FILE *report,
                                fsbi_error *error) {
    fsbi_setup setup;
    fsbi_status status = fsbi_setup_load(comm, source, &setup, error);
    if (status == FSBI_OK)
        status = fsbi_setup_check_tables(comm, &setup, error);
    if (status == FSBI_OK && fsbi_cluster_rank(comm) == 0) {
        fprintf(report, "%s", setup.effective.characters);
        print_size(&setup, report);
    }
    fsbi_setup_clear(&setup);
    return status;
}

static fsbi_status print_status(const fsbi_setup *setup, const char *path, FILE *report,
                                fsbi_error *error) {
    const size_t rounds = setup->config->round_count;
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    fsbi_campaign_file *file = NULL;
    void **rows = fsbi_memory_allocate(rounds, sizeof *rows, error);
    fsbi_status status = rows == NULL
                             ? FSBI_NO_MEMORY
                             : fsbi_campaign_file_open_readonly(path, setup->model, &file, error);
    for (size_t round = 0; round < rounds && status == FSBI_OK; round++) {
        size_t count = setup->config->rounds[round].simulations;
        rows[round] = fsbi_memory_allocate(count, fsbi_row_size(&shape), error);
        status = rows[round] == NULL
                     ? FSBI_NO_MEMORY
                     : fsbi_campaign_file_read_rows(file, round, 0, count, rows[round], error);
    }
    if (status == FSBI_OK) {
        const fsbi_campaign_results results = {setup->config, &shape, rows, rounds};
        fprintf(report, "%s: campaign '%s', model %s\n\n", path, setup->config->campaign.name,
                setup->model->type->name);
        fsbi_table_print_rounds(&results, report);
        fsbi_table_print_shares(&results, report);
    }
    for (size_t round = 0; rows != NULL && round < rounds; round++)
        free(rows[round]);
    free(rows);
    fsbi_campaign_file_close(file, NULL);
    return status;
}

fsbi_status fsbi_campaign_status(MPI_Comm comm, const char *path, FILE *report, fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    if (fsbi_cluster_rank(comm) == 0) {
        char *text = NULL;
        fsbi_setup setup = {0};
        status = fsbi_campaign_file_read_config(path, &text, NULL, error);
        if (status == FSBI_OK)
            status = fsbi_setup_parse(text, path, NULL, 0, &setup, error);
        if (status == FSBI_OK)
            status = print_status(&setup, path, report, error);
        fsbi_setup_clear(&setup);
        free(text);
    }
    return fsbi_cluster_agree(comm, status, error);
}
