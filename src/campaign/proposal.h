/** What the ways of proposing share. Private to the files propose*.c. */
#ifndef FSBI_CAMPAIGN_PROPOSAL_H
#define FSBI_CAMPAIGN_PROPOSAL_H

#include "campaign/state.h"

/** Starts the generator of this rank at the stream that the proposal of a row draws from. */
void fsbi_proposal_start_stream(const fsbi_campaign_state *state, size_t round, size_t row);

/** Rank 0: gives a row its theta, unless it is simulated already. */
void fsbi_proposal_set_theta(const fsbi_campaign_state *state, size_t round, size_t row,
                             const double *theta);

/** From the last posterior, at x uniform in the round's ranges; collective. */
fsbi_status fsbi_proposal_from_posterior(fsbi_campaign_state *state, size_t round,
                                         fsbi_error *error);

/** From the prior where the last classifier expects valid rules; collective. */
fsbi_status fsbi_proposal_from_restricted_prior(fsbi_campaign_state *state, size_t round,
                                                fsbi_error *error);

/** Rank 0: rules of earlier rounds again; where each came from goes into the file. FSBI_HOPELESS if
 * there are none. */
fsbi_status fsbi_proposal_from_rules(const fsbi_campaign_state *state, size_t round,
                                     fsbi_error *error);

#endif
