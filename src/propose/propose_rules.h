/** Rules of earlier rounds once more: the same thetas, nuisance included, with other random
 * streams, and often other settings of the model, to see what lasts. */
#ifndef FSBI_PROPOSE_PROPOSE_RULES_H
#define FSBI_PROPOSE_PROPOSE_RULES_H

#include "steps/state.h"

/** Rank 0: rules of earlier rounds again; where each came from goes into the file. FSBI_HOPELESS if
 * there are none. */
fsbi_status fsbi_proposal_from_rules(const fsbi_campaign_state *state, size_t round,
                                     fsbi_error *error);

#endif
