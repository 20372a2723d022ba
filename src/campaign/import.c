/* A round whose simulations were run elsewhere: its rows come with their metrics. */
#include <stdio.h>
#include <string.h>

#include "campaign/import.h"
#include "campaign/table_source.h"
#include "store/imported_table.h"

static const char default_dataset[] = "sims";

static fsbi_status check_count(const fsbi_config_round *settings, size_t round, size_t count,
                               fsbi_error *error) {
    return count == settings->simulations
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' holds %zu simulations, but round %zu says %zu",
                                settings->table, count, round, settings->simulations);
}

fsbi_status fsbi_import_check(const fsbi_config_round *settings, size_t round, fsbi_error *error) {
    const fsbi_table_source source = fsbi_table_source_of(settings->table, default_dataset);
    size_t count = 0;
    fsbi_status status = fsbi_imported_table_count(source.path, source.dataset, &count, error);
    return status != FSBI_OK ? status : check_count(settings, round, count, error);
}

/* What a user should know of the table. */
static void tell(const fsbi_campaign_state *state, size_t round, const fsbi_imported_table *table) {
    const char *source = state->setup->config->rounds[round].table;
    fprintf(state->report, "round %zu: %zu simulations imported from '%s'\n", round, table->count,
            source);
    if (table->lacking.length > 0)
        fprintf(state->report, "note: '%s' lacks %s: NaN, so that no condition on them is met\n",
                source, table->lacking.characters);
    if (table->extra.length > 0)
        fprintf(state->report,
                "note: of '%s' these fields are left out, the model has no such "
                "metrics: %s\n",
                source, table->extra.characters);
}

/* Rules outside the prior's bounds are of use, but not where these are stretched to infinity. */
static fsbi_status check_bounds(const fsbi_campaign_state *state, const char *source,
                                const fsbi_imported_table *table, fsbi_error *error) {
    const fsbi_model *model = state->setup->model;
    size_t outside = 0;
    for (size_t i = 0; i < table->count; i++)
        outside +=
            fsbi_campaign_is_outside(model, fsbi_row_at(&state->shape, table->rows, i)->values);
    if (outside > 0 && strcmp(state->setup->config->inference.bounds, "stretch") == 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%zu of the %zu rules of '%s' lie outside the prior's bounds, where "
                              "inference.bounds: stretch has no density: leave them out of the "
                              "table, or train with bounds: reject",
                              outside, table->count, source);
    if (outside > 0)
        fprintf(state->report,
                "note: %zu of the %zu rules of '%s' lie outside the prior's bounds\n", outside,
                table->count, source);
    return FSBI_OK;
}

fsbi_status fsbi_campaign_import(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const fsbi_table_source source = fsbi_table_source_of(settings->table, default_dataset);
    fsbi_imported_table table;
    fsbi_status status =
        fsbi_imported_table_read(source.path, source.dataset, state->setup->model, &table, error);
    if (status == FSBI_OK)
        status = check_count(settings, round, table.count, error);
    if (status == FSBI_OK)
        status = check_bounds(state, settings->table, &table, error);
    if (status == FSBI_OK)
        status = fsbi_campaign_file_write_import(state->file, round, &table, error);
    if (status == FSBI_OK)
        status =
            fsbi_campaign_file_write_rows(state->file, round, 0, table.count, table.rows, error);
    if (status == FSBI_OK) {
        memcpy(state->rows[round], table.rows, table.count * fsbi_row_size(&state->shape));
        tell(state, round, &table);
    }
    fsbi_imported_table_clear(&table);
    return status;
}
