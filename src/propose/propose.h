/** Drawing the rules of a round. */
#ifndef FSBI_PROPOSE_PROPOSE_H
#define FSBI_PROPOSE_PROPOSE_H

#include "steps/state.h"

/**
 * Gives the pending rows of a round their thetas, in memory and in the file; collective. Every row
 * has a stream of its own, so it does not matter who draws it, or when. What else there is to know
 * of the proposal (the x of each row, origins, acceptance) goes into the file before the rows, so
 * that a round whose rows have their thetas is proposed completely.
 */
fsbi_status fsbi_campaign_propose(fsbi_campaign_state *state, size_t round, fsbi_error *error);

#endif
