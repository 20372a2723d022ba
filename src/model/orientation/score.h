/** The metrics of a simulation of `orientation`; definitions: src/model/orientation/README.md. */
#ifndef FSBI_MODEL_ORIENTATION_SCORE_H
#define FSBI_MODEL_ORIENTATION_SCORE_H

#include "model/orientation/recording.h"
#include "model/orientation/tuning_curve.h"

enum { ORIENTATION_METRICS = 18 };

/** Declares them. */
fsbi_status orientation_declare_metrics(fsbi_model *model, fsbi_error *error);

/** A value of one of them on its scale. */
double orientation_metric_scaled(size_t index, double value);

/** Computes them, in that order, from a recording and the neuron that it is of; gives the tuning,
 * which is among them. Afterwards the recorded rates are relative to the largest. */
orientation_tuning orientation_score(const orientation_recording *recording,
                                     const orientation_neuron *neuron, orientation_tuning_fit *fit,
                                     double *metrics);

#endif
