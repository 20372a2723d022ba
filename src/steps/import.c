#include "steps/import.h"

#include <stdio.h>
#include <string.h>

#include "setup/tables.h"

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
    FSBI_TRY_DONE(fsbi_tables_read_import(state->setup, round, &table, &outside, error));
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
