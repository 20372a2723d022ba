/**
 * What is known of a rule beforehand: the metrics of a miniature of the neuron, which takes a
 * hundredth of the computing. It has four inputs a group, learns five times as fast and is shown
 * every stimulus for a fifth of the time, in steps of 1 ms. Weights are larger as there are fewer
 * of them; learning rates grow likewise, and homeostasis shrinks, so that the sums of weights learn
 * alike. It is shown as many stimuli: with a fifth of them, stability is told far worse.
 */
#ifndef FSBI_MODEL_ORIENTATION_MINIATURE_H
#define FSBI_MODEL_ORIENTATION_MINIATURE_H

#include "model/orientation/neuron.h"

/** Declares one feature for each metric, mini_NAME, on the metric's scale; the metrics must have
 * been declared. */
fsbi_status orientation_miniature_declare(fsbi_model *model, fsbi_error *error);

/** These features of a neuron's rules, always from the same random numbers; 0 where a metric of the
 * miniature is not finite, or there is no memory. */
void orientation_miniature_features(const orientation_settings *settings,
                                    const orientation_rule rules[ORIENTATION_POPULATIONS],
                                    double *features);

#endif
