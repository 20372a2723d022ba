/** A round whose simulations were run elsewhere: a table (store/imported_table.h) gives its rows,
 * metrics included. Private to campaign/. */
#ifndef FSBI_CAMPAIGN_IMPORT_H
#define FSBI_CAMPAIGN_IMPORT_H

#include "campaign/state.h"

/** FSBI_BAD_INPUT unless the round can have the table, or it is missing where it may be. */
fsbi_status fsbi_import_check(const fsbi_setup *setup, size_t round, bool may_be_missing,
                              fsbi_error *error);

/** Rank 0: fills the round's rows from the table. Once this is done the table is not needed any
 * more. FSBI_BAD_INPUT if the table is wrong, or not the one that the round has rows of. */
fsbi_status fsbi_campaign_import(fsbi_campaign_state *state, size_t round, fsbi_error *error);

#endif
