/** Running the simulations of a round. */
#ifndef FSBI_STEPS_SIMULATE_H
#define FSBI_STEPS_SIMULATE_H

#include "steps/state.h"

/** The rows of a round that stand in a file: all, or those of a shard. */
typedef struct {
    size_t round;
    size_t first; /**< of the round's rows, the one that is row 0 of the file and in memory */
    size_t count; /**< rows of the file */
} fsbi_round_share;

/** Runs the pending rows of a share, which have their thetas, and writes them; collective. `*idle`
 * (rank 0): s that ranks without work waited for the others at the end, all together. */
fsbi_status fsbi_campaign_simulate(fsbi_campaign_state *state, const fsbi_round_share *share,
                                   double *idle, fsbi_error *error);

#endif
