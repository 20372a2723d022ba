/* A round whose simulations were run elsewhere: its rows come with their metrics. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "campaign/import.h"
#include "store/imported_table.h"

enum { PATH = FSBI_CONFIG_STRING };
static const char default_dataset[] = "sims";

/* FILE, or FILE:DATASET. */
static void split_source(const char *source, char path[PATH], const char **dataset) {
    snprintf(path, PATH, "%s", source);
    *dataset = default_dataset;
    char *colon = strrchr(path, ':');
    if (colon != NULL && access(source, F_OK) != 0) {
        *colon = '\0';
        *dataset = colon[1] != '\0' ? source + (colon + 1 - path) : default_dataset;
    }
}

static fsbi_status check_count(const fsbi_config_round *settings, size_t round, size_t count,
                               fsbi_error *error) {
    return count == settings->simulations
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' holds %zu simulations, but round %zu says %zu",
                                settings->table, count, round, settings->simulations);
}

fsbi_status fsbi_import_check(const fsbi_config_round *settings, size_t round, fsbi_error *error) {
    char path[PATH];
    const char *dataset = NULL;
    size_t count = 0;
    split_source(settings->table, path, &dataset);
    fsbi_status status = fsbi_imported_table_count(path, dataset, &count, error);
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

static size_t count_outside(const fsbi_campaign_state *state, const fsbi_imported_table *table) {
    const fsbi_model *model = state->setup->model;
    size_t outside = 0;
    for (size_t i = 0; i < table->count; i++)
        outside +=
            fsbi_campaign_is_outside(model, fsbi_row_at(&state->shape, table->rows, i)->values);
    return outside;
}

fsbi_status fsbi_campaign_import(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    char path[PATH];
    const char *dataset = NULL;
    fsbi_imported_table table;
    split_source(settings->table, path, &dataset);
    fsbi_status status =
        fsbi_imported_table_read(path, dataset, state->setup->model, &table, error);
    if (status == FSBI_OK)
        status = check_count(settings, round, table.count, error);
    const size_t outside = status == FSBI_OK ? count_outside(state, &table) : 0;
    if (outside > 0)
        status = fsbi_error_set(error, FSBI_BAD_INPUT,
                                "%zu of the %zu rules of '%s' lie outside the prior's bounds, "
                                "where no posterior can be trained: leave them out of the table",
                                outside, table.count, settings->table);
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
