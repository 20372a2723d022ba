#include "setup/tables.h"

#include <stdlib.h>
#include <unistd.h>

#include "campaign/import.h"
#include "cluster/cluster.h"
#include "setup/theta_table.h"

static fsbi_status check_table(const fsbi_setup *setup, size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &setup->config->rounds[round];
    double *thetas = NULL;
    size_t count = 0;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_theta_table_read(settings->table, setup->model, &thetas, &count, error));
    if (count != settings->simulations)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "'%s' holds %zu rules, but round %zu asks for %zu simulations",
                                     settings->table, count, round, settings->simulations));
done:
    free(thetas);
    return status;
}

fsbi_status fsbi_tables_check(MPI_Comm comm, const fsbi_setup *setup, bool anew,
                              fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    /* What was imported already is in the campaign file. */
    const bool begun = !anew && access(setup->config->campaign.output, F_OK) == 0;
    for (size_t round = 0; fsbi_cluster_rank(comm) == 0 && round < setup->config->round_count;
         round++) {
        const fsbi_config_round *settings = &setup->config->rounds[round];
        if (status == FSBI_OK && settings->propose == FSBI_PROPOSE_TABLE)
            status = check_table(setup, round, error);
        if (status == FSBI_OK && settings->propose == FSBI_PROPOSE_IMPORT)
            status = fsbi_import_check(setup, round, begun, error);
    }
    return fsbi_cluster_agree(comm, status, error);
}
