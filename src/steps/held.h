/** Whether rules hold: what came of them in rounds that ran them again. */
#ifndef FSBI_STEPS_HELD_H
#define FSBI_STEPS_HELD_H

#include "steps/state.h"

/** Rank 0: writes for each row of the rounds up to `round` the share of its finished re-runs, with
 * the settings of the model that round `last` has, that met the conditions `last` goes towards. */
fsbi_status fsbi_campaign_store_held(const fsbi_campaign_state *state, size_t round, size_t last,
                                     fsbi_error *error);

#endif
