#include "setup/tables.h"

#include <stdlib.h>
#include <unistd.h>

#include "cluster/cluster.h"
#include "core/target.h"
#include "setup/table_source.h"
#include "setup/theta_table.h"

fsbi_status fsbi_tables_read_rules(const fsbi_setup *setup, size_t round, double **thetas,
                                   fsbi_error *error) {
    const fsbi_config_round *settings = &setup->config->rounds[round];
    size_t count = 0;
    FSBI_TRY(fsbi_theta_table_read(settings->table, setup->model, thetas, &count, error));
    if (count == settings->simulations)
        return FSBI_OK;
    free(*thetas);
    *thetas = NULL;
    return fsbi_error_set(error, FSBI_BAD_INPUT,
                          "'%s' holds %zu rules, but round %zu asks for %zu simulations",
                          settings->table, count, round, settings->simulations);
}

static fsbi_table_source import_source(const fsbi_setup *setup, size_t round) {
    return fsbi_table_source_of(setup->config->rounds[round].table, "sims");
}

static size_t count_outside(const fsbi_model *model, const fsbi_imported_table *table) {
    const fsbi_row_shape shape = fsbi_row_shape_of(model);
    size_t outside = 0;
    for (size_t i = 0; i < table->count; i++)
        outside += fsbi_model_is_outside(model, fsbi_row_at(&shape, table->rows, i)->values);
    return outside;
}

fsbi_status fsbi_tables_read_import(const fsbi_setup *setup, size_t round,
                                    fsbi_imported_table *table, size_t *outside,
                                    fsbi_error *error) {
    const fsbi_config_round *settings = &setup->config->rounds[round];
    const fsbi_table_source source = import_source(setup, round);
    *outside = 0;
    FSBI_TRY(fsbi_imported_table_read(source.path, source.dataset, setup->model, table, error));
    if (table->count != settings->simulations)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' holds %zu simulations, but round %zu says %zu", settings->table,
                              table->count, round, settings->simulations);
    *outside = count_outside(setup->model, table);
    if (*outside > 0 && setup->config->inference.bounds == FSBI_BOUNDS_STRETCH)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%zu of the %zu rules of '%s' lie outside the prior's bounds, where "
                              "inference.bounds: stretch has no density: leave them out of the "
                              "table, or train with bounds: reject",
                              *outside, table->count, settings->table);
    return FSBI_OK;
}

static fsbi_status check_rules(const fsbi_setup *setup, size_t round, fsbi_error *error) {
    double *thetas = NULL;
    FSBI_TRY(fsbi_tables_read_rules(setup, round, &thetas, error));
    free(thetas);
    return FSBI_OK;
}

static fsbi_status check_import(const fsbi_setup *setup, size_t round, bool may_be_missing,
                                fsbi_error *error) {
    const fsbi_table_source source = import_source(setup, round);
    fsbi_imported_table table = {0};
    size_t outside = 0;
    if (may_be_missing && access(source.path, F_OK) != 0)
        return FSBI_OK;
    const fsbi_status status = fsbi_tables_read_import(setup, round, &table, &outside, error);
    fsbi_imported_table_clear(&table);
    return status;
}

static fsbi_status expect_other_output(const fsbi_setup *setup, size_t round, fsbi_error *error) {
    const char *output = setup->config->campaign.output;
    const char *table = setup->config->rounds[round].table;
    const fsbi_table_source source = fsbi_table_source_of(table, "");
    return !fsbi_target_is_same(source.path, output)
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "rounds[%zu] reads '%s', which is the campaign's own output: "
                                "choose another campaign.output",
                                round, table);
}

static fsbi_status check_all(const fsbi_setup *setup, bool anew, fsbi_error *error) {
    /* What was imported already is in the campaign file. */
    const bool begun = !anew && access(setup->config->campaign.output, F_OK) == 0;
    for (size_t round = 0; round < setup->config->round_count; round++) {
        FSBI_TRY(expect_other_output(setup, round, error));
        if (setup->config->rounds[round].propose == FSBI_PROPOSE_TABLE)
            FSBI_TRY(check_rules(setup, round, error));
        if (setup->config->rounds[round].propose == FSBI_PROPOSE_IMPORT)
            FSBI_TRY(check_import(setup, round, begun, error));
    }
    return FSBI_OK;
}

fsbi_status fsbi_tables_check(MPI_Comm comm, const fsbi_setup *setup, bool anew,
                              fsbi_error *error) {
    return fsbi_cluster_agree(
        comm, fsbi_cluster_rank(comm) == 0 ? check_all(setup, anew, error) : FSBI_OK, error);
}
