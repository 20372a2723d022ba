/* A round whose simulations were run elsewhere: its rows come with their metrics. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "campaign/import.h"
#include "setup/table_source.h"
#include "store/imported_table.h"

static fsbi_table_source source_of(const fsbi_config_round *settings) {
    return fsbi_table_source_of(settings->table, "sims");
}

static size_t count_outside(const fsbi_model *model, const fsbi_imported_table *table) {
    const fsbi_row_shape shape = fsbi_row_shape_of(model);
    size_t outside = 0;
    for (size_t i = 0; i < table->count; i++)
        outside += fsbi_campaign_is_outside(model, fsbi_row_at(&shape, table->rows, i)->values);
    return outside;
}

/* Reads the table and checks whether the round can have it; `*outside` of its rules lie outside the
 * prior's bounds: of use, but not where these are stretched to infinity. */
static fsbi_status read_table(const fsbi_setup *setup, size_t round, fsbi_imported_table *table,
                              size_t *outside, fsbi_error *error) {
    const fsbi_config_round *settings = &setup->config->rounds[round];
    const fsbi_table_source source = source_of(settings);
    *outside = 0;
    fsbi_status status =
        fsbi_imported_table_read(source.path, source.dataset, setup->model, table, error);
    if (status == FSBI_OK && table->count != settings->simulations)
        status = fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' holds %zu simulations, but round %zu says %zu",
                                settings->table, table->count, round, settings->simulations);
    if (status == FSBI_OK)
        *outside = count_outside(setup->model, table);
    if (*outside > 0 && strcmp(setup->config->inference.bounds, "stretch") == 0)
        status = fsbi_error_set(error, FSBI_BAD_INPUT,
                                "%zu of the %zu rules of '%s' lie outside the prior's bounds, "
                                "where inference.bounds: stretch has no density: leave them out of "
                                "the table, or train with bounds: reject",
                                *outside, table->count, settings->table);
    return status;
}

fsbi_status fsbi_import_check(const fsbi_setup *setup, size_t round, bool may_be_missing,
                              fsbi_error *error) {
    const fsbi_table_source source = source_of(&setup->config->rounds[round]);
    fsbi_imported_table table = {0};
    size_t outside = 0;
    if (may_be_missing && access(source.path, F_OK) != 0)
        return FSBI_OK;
    fsbi_status status = read_table(setup, round, &table, &outside, error);
    fsbi_imported_table_clear(&table);
    return status;
}

/* Rows that the round has already must be those of the table. */
static fsbi_status check_present(const fsbi_campaign_state *state, size_t round,
                                 const fsbi_imported_table *table, fsbi_error *error) {
    for (size_t i = 0; i < table->count; i++) {
        const fsbi_row *present = fsbi_campaign_row(state, round, i);
        if (fsbi_row_done(&state->shape, present) &&
            present->checksum != fsbi_row_at(&state->shape, table->rows, i)->checksum)
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "row %zu of '%s' is not the one that the output file already "
                                  "has; use another output or --force-new",
                                  i, state->setup->config->rounds[round].table);
    }
    return FSBI_OK;
}

/* What a user should know of the table. */
static void tell(const fsbi_campaign_state *state, size_t round, const fsbi_imported_table *table,
                 size_t outside) {
    const char *source = state->setup->config->rounds[round].table;
    fprintf(state->report, "round %zu: %zu simulations imported from '%s'\n", round, table->count,
            source);
    if (table->lacking.length > 0)
        fprintf(state->report, "note: '%s' lacks %s: NaN, so that no condition on them is met\n",
                source, table->lacking.characters);
    if (table->extra.length > 0)
        fprintf(state->report,
                "note: of '%s' these fields are left out, the model has no such metrics: %s\n",
                source, table->extra.characters);
    if (outside > 0)
        fprintf(state->report,
                "note: %zu of the %zu rules of '%s' lie outside the prior's bounds\n", outside,
                table->count, source);
}

fsbi_status fsbi_campaign_import(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    fsbi_imported_table table = {0};
    size_t outside = 0;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(read_table(state->setup, round, &table, &outside, error));
    FSBI_TRY_DONE(check_present(state, round, &table, error));
    FSBI_TRY_DONE(fsbi_campaign_file_write_import(state->file, round, &table, error));
    FSBI_TRY_DONE(
        fsbi_campaign_file_write_rows(state->file, round, 0, table.count, table.rows, error));
    memcpy(state->rows[round], table.rows, table.count * fsbi_row_size(&state->shape));
    tell(state, round, &table, outside);
done:
    fsbi_imported_table_clear(&table);
    return status;
}
