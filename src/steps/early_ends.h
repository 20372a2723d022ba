/**
 * Hopeless simulations of a round towards conditions end early, and the result stays exact
 * (Prangle 2016, "Lazy ABC"). At each checkpoint of the model, networks that also see the interim
 * numbers say how likely the conditions are to be met: P. With P0 the share that the round expects
 * at its sharpest level, the simulation goes on with probability 0.05 + 0.95 min(1, P / P0), by a
 * random stream of its own. Whatever goes on stands for what does not: weights divide by the
 * product of these probabilities, the row's `survival`; training and recalibration do so within the
 * bounds of fsbi_row_stands_for.
 */
#ifndef FSBI_STEPS_EARLY_ENDS_H
#define FSBI_STEPS_EARLY_ENDS_H

#include "search/condition_probability.h"
#include "steps/state.h"

/** Trains the networks of a round that has early ends, or reads what the file has of them, and
 * finds P0 from its proposal, which must be in the file. Collective. */
fsbi_status fsbi_early_ends_provide(fsbi_campaign_state *state, size_t round, fsbi_error *error);

/** The same from a campaign file that is open for reading, for a process by itself. */
fsbi_status fsbi_early_ends_load(const fsbi_setup *setup, fsbi_campaign_file *file, size_t round,
                                 fsbi_campaign_search *search, fsbi_error *error);

/** What one rank decides with; release with fsbi_early_ends_clear. */
typedef struct {
    bool active; /**< some simulations of the round end early */
    const fsbi_model *model;
    double reference;
    fsbi_condition_probability computation;
    double *known, *inputs; /**< of the simulation under way */
    gsl_rng *stream;
} fsbi_early_ends;

fsbi_status fsbi_early_ends_init(fsbi_early_ends *ends, const fsbi_campaign_state *state,
                                 size_t round, fsbi_error *error);
void fsbi_early_ends_clear(fsbi_early_ends *ends);

/** Begins a simulation of this theta; `seed` of FSBI_PURPOSE_EARLY_END and its row. */
void fsbi_early_ends_start(fsbi_early_ends *ends, const double *theta, uint64_t seed);

/** Whether the simulation goes on from a checkpoint; updates the row's survival and checkpoint. */
bool fsbi_early_ends_go_on(fsbi_early_ends *ends, size_t checkpoint, const double *metrics,
                           fsbi_row *row);

#endif
