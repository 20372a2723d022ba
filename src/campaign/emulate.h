/** The emulator of a round towards conditions: trained on the rows of the rounds before it. */
#ifndef FSBI_CAMPAIGN_EMULATE_H
#define FSBI_CAMPAIGN_EMULATE_H

#include "campaign/state.h"

/** Whether rows of the two rounds are of one search: simulated under the same settings. */
bool fsbi_campaign_same_search(const fsbi_campaign_state *state, size_t round, size_t other);

/** Trains the round's emulator, but for what the file has already, unless the state has it;
 * collective. FSBI_HOPELESS if there are too few rows. */
fsbi_status fsbi_campaign_provide_emulator(fsbi_campaign_state *state, size_t round,
                                           fsbi_error *error);

/** log P that the round's emulator gives to `count` rules (count x inferred entries), before
 * recalibration, the same on all ranks; collective, each computing a share. */
fsbi_status fsbi_campaign_emulate(fsbi_campaign_state *state, size_t round, const double *inferred,
                                  size_t count, double *log_probability, fsbi_error *error);

#endif
