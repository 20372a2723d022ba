/** Rules that are likely to meet conditions: drawn from prior x P(conditions are met)^sharpness. */
#ifndef FSBI_PROPOSE_PROPOSE_TOWARDS_H
#define FSBI_PROPOSE_PROPOSE_TOWARDS_H

#include "steps/state.h"

/** Trains the round's emulator on all rows before it, and draws its rules with it; collective. How
 * they were drawn goes into the file. */
fsbi_status fsbi_proposal_towards(fsbi_campaign_state *state, size_t round, fsbi_error *error);

#endif
