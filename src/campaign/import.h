/** A round whose simulations were run elsewhere: a table (store/imported_table.h) gives its rows,
 * metrics included. Private to campaign/. */
#ifndef FSBI_CAMPAIGN_IMPORT_H
#define FSBI_CAMPAIGN_IMPORT_H

#include "campaign/state.h"

/** FSBI_BAD_INPUT unless the table is there and has as many rows as the round. */
fsbi_status fsbi_import_check(const fsbi_config_round *settings, size_t round, fsbi_error *error);

/** Rank 0: fills the round's rows from the table. Once this is done the table is not needed any
 * more. */
fsbi_status fsbi_campaign_import(fsbi_campaign_state *state, size_t round, fsbi_error *error);

#endif
