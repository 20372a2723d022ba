/** Weights that make the rows of a search towards conditions a sample of the prior. */
#ifndef FSBI_STEPS_WEIGH_H
#define FSBI_STEPS_WEIGH_H

#include "steps/state.h"

/**
 * Once a round is complete: weighs the rows of all rounds up to it anew, and writes the weights;
 * collective. A row's weight is 1 over the mean density, relative to the prior, of all rounds of
 * the search (balance heuristic, Veach and Guibas 1995). Rows that were not drawn from the prior or
 * towards conditions have no density, and weigh 0; so have rows under other settings of the model.
 */
fsbi_status fsbi_campaign_weigh(fsbi_campaign_state *state, size_t round, fsbi_error *error);

#endif
