/** Collecting the traces that ranks have spooled. */
#ifndef FSBI_STEPS_GATHER_TRACES_H
#define FSBI_STEPS_GATHER_TRACES_H

#include "steps/state.h"

/** Puts the traces of a complete round into its file, in the order of rows; collective. `*needed`
 * tells whether there was anything to do. */
fsbi_status fsbi_campaign_gather_traces(const fsbi_campaign_state *state, size_t round,
                                        bool *needed, fsbi_error *error);

#endif
