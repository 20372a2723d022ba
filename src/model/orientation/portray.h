/** Pictures of what a neuron that learns orientations became. */
#ifndef FSBI_MODEL_ORIENTATION_PORTRAY_H
#define FSBI_MODEL_ORIENTATION_PORTRAY_H

#include "fsbi/portrait.h"
#include "model/orientation/score.h"

/** Tuning curve with its fit, weights of the groups over time, and how the weights of E and I go
 * together in the end: of a neuron that was simulated and scored. */
fsbi_status orientation_portray(const orientation_recording *recording,
                                const orientation_neuron *neuron, const orientation_tuning *tuning,
                                fsbi_portrait *portrait, fsbi_error *error);

#endif
