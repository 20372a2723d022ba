/** The orientations that are shown, and what the inputs make of them. */
#ifndef FSBI_MODEL_ORIENTATION_STIMULI_H
#define FSBI_MODEL_ORIENTATION_STIMULI_H

#include "model/orientation/settings.h"

typedef struct {
    size_t count, groups;
    double *angle; /**< of each stimulus, in [0, pi) */
    /** Rates without noise, 0.5 (1-q) a: of each stimulus and group. */
    double *rate[ORIENTATION_POPULATIONS];
    /** Largest noise of an input, 0.5 times 2 q mean(a). */
    double noise[ORIENTATION_POPULATIONS];
} orientation_stimuli_table;

/** Room for a simulation's stimuli; FSBI_NO_MEMORY. */
fsbi_status orientation_stimuli_init(orientation_stimuli_table *stimuli,
                                     const orientation_settings *settings, fsbi_error *error);
void orientation_stimuli_clear(orientation_stimuli_table *stimuli);

/** Draws the angles, one number each. */
void orientation_stimuli_draw(orientation_stimuli_table *stimuli,
                              const orientation_settings *settings, gsl_rng *stream);

/** The angle modulo pi that is nearest to 0, in [-pi/2, pi/2). */
double orientation_difference(double angle);

#endif
