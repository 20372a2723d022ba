/** A round whose simulations were run elsewhere: a table (store/imported_table.h) gives its rows,
 * metrics included. */
#ifndef FSBI_STEPS_IMPORT_H
#define FSBI_STEPS_IMPORT_H

#include "steps/state.h"

/** Rank 0: fills the round's rows from the table. Once this is done the table is not needed any
 * more. FSBI_BAD_INPUT if the table is wrong, or not the one that the round has rows of. */
fsbi_status fsbi_campaign_import(fsbi_campaign_state *state, size_t round, fsbi_error *error);

#endif
