/** What the ways of proposing share. */
#ifndef FSBI_PROPOSE_PROPOSAL_H
#define FSBI_PROPOSE_PROPOSAL_H

#include "steps/state.h"

/** Starts the generator of this rank at the stream that the proposal of a row draws from. */
void fsbi_proposal_start_stream(const fsbi_campaign_state *state, size_t round, size_t row);

/** Rank 0: gives a row its theta, unless it is simulated already. */
void fsbi_proposal_set_theta(const fsbi_campaign_state *state, size_t round, size_t row,
                             const double *theta);

#endif
