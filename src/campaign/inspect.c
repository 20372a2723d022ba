/* Looking without running: `check` and `status`. */
#include <stdlib.h>

#include "campaign/campaign.h"
#include "campaign/results.h"
#include "campaign/rows.h"
#include "campaign/state.h"
#include "cluster/cluster.h"

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
    fsbi_status status = fsbi_setup_load(comm, source, &setup, error);
    if (status == FSBI_OK)
        status = fsbi_setup_check_tables(comm, &setup, error);
    if (status == FSBI_OK && fsbi_cluster_rank(comm) == 0) {
        fprintf(report, "%s", setup.effective.characters);
        status = print_size(&setup, report, error);
    }
    fsbi_setup_clear(&setup);
    return status;
}

static fsbi_status print_status(const fsbi_setup *setup, const char *path, FILE *report,
                                fsbi_error *error) {
    const size_t rounds = setup->config->round_count;
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    fsbi_campaign_file *file = NULL;
    void **rows = NULL;
    fsbi_status status = fsbi_campaign_file_open_readonly(path, setup->model, &file, error);
    if (status == FSBI_OK)
        status = fsbi_rows_read(file, &shape, setup->config, &rows, error);
    if (status == FSBI_OK) {
        const fsbi_campaign_results results = {setup, &shape, rows, rounds, file};
        fprintf(report, "%s: campaign '%s', model %s\n\n", path, setup->config->campaign.name,
                setup->model->type->name);
        status = fsbi_results_print(&results, report, error);
    }
    fsbi_rows_free(rows, rounds);
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
