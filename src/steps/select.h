/** The rows that a round's networks are trained on, and how many met what. */
#ifndef FSBI_STEPS_SELECT_H
#define FSBI_STEPS_SELECT_H

#include "fit/fit.h"
#include "steps/state.h"

/**
 * Rank 0: finds the rows of all rounds up to `round` that the round's filter keeps, writes the
 * filter's result to the file and collects theta (without nuisance) and x. FSBI_HOPELESS if there
 * are too few. Release with fsbi_training_table_clear, also after failure.
 */
fsbi_status fsbi_campaign_select(const fsbi_campaign_state *state, size_t round,
                                 fsbi_training_table *table, fsbi_error *error);

/** Rank 0: collects the rules of all finished rows up to `round`, as the x of a classifier, and
 * whether each is valid. FSBI_HOPELESS if too few are. */
fsbi_status fsbi_campaign_label(const fsbi_campaign_state *state, size_t round,
                                fsbi_training_table *table, fsbi_error *error);

/** Rank 0: counts the rows of a round proposed from a posterior that came out in the ranges they
 * were proposed for, of each metric and then of all (ranges + 1 numbers). */
fsbi_status fsbi_campaign_count_met(const fsbi_campaign_state *state, size_t round, int64_t *met,
                                    fsbi_error *error);

#endif
