/** Proposals that all ranks draw together, each a share. */
#ifndef FSBI_PROPOSE_PROPOSE_TOGETHER_H
#define FSBI_PROPOSE_PROPOSE_TOGETHER_H

#include "steps/state.h"

/** From the last posterior, at x uniform in the round's ranges; collective. */
fsbi_status fsbi_proposal_from_posterior(fsbi_campaign_state *state, size_t round,
                                         fsbi_error *error);

/** From the prior where the last classifier expects valid rules; collective. */
fsbi_status fsbi_proposal_from_restricted_prior(fsbi_campaign_state *state, size_t round,
                                                fsbi_error *error);

#endif
