/** The emulator of a round towards conditions: trained on the rows of the rounds before it. */
#ifndef FSBI_STEPS_EMULATE_H
#define FSBI_STEPS_EMULATE_H

#include "fit/fit.h"
#include "steps/state.h"

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

/** Networks that learn what comes out of simulations. */
typedef struct {
    fsbi_networks_kind kind;
    fsbi_random_purpose train, split;
    /** Rank 0: what they learn from for a round. */
    fsbi_status (*collect)(const fsbi_campaign_state *state, size_t round,
                           fsbi_training_table *table, fsbi_error *error);
} fsbi_outcome_networks;

/** Trains a round's networks of a kind, or reads what the file has of them, unless `networks` has
 * members already. Collective; FSBI_HOPELESS if there are too few rows to learn from. */
fsbi_status fsbi_campaign_provide_outcome_networks(fsbi_campaign_state *state, size_t round,
                                                   const fsbi_outcome_networks *kind,
                                                   fsbi_posterior *networks, fsbi_error *error);

#endif
