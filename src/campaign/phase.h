/** What the phases of a round take, for the file. */
#ifndef FSBI_CAMPAIGN_PHASE_H
#define FSBI_CAMPAIGN_PHASE_H

#include "steps/state.h"

/** A phase of a round that is being timed. */
typedef struct {
    size_t round;
    fsbi_phase phase;
    double started; /**< by the clock */
    bool counts;    /**< something is done in it */
    double idle;    /**< s that ranks without work waited for the others, all together */
} fsbi_timed_phase;

fsbi_timed_phase fsbi_phase_start(size_t round, fsbi_phase phase, bool counts);

/** Writes what the phase took, also if it was interrupted; returns the `status` that it came to, or
 * the failure to write. Collective. */
fsbi_status fsbi_phase_end(const fsbi_campaign_state *state, const fsbi_timed_phase *timed,
                           fsbi_status status, fsbi_error *error);

#endif
