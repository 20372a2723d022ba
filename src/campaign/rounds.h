/** The rounds of a campaign: propose, simulate, filter, learn. */
#ifndef FSBI_CAMPAIGN_ROUNDS_H
#define FSBI_CAMPAIGN_ROUNDS_H

#include "campaign/campaign.h"
#include "steps/state.h"

/** Carries out what is left of them, as far as `extent` goes; collective. */
fsbi_status fsbi_campaign_run_rounds(fsbi_campaign_state *state, fsbi_run_extent extent,
                                     fsbi_error *error);

#endif
