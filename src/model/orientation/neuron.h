/** A rate neuron whose excitatory and inhibitory weights learn and compete under normalisation. */
#ifndef FSBI_MODEL_ORIENTATION_NEURON_H
#define FSBI_MODEL_ORIENTATION_NEURON_H

#include "model/orientation/population.h"
#include "model/orientation/stimuli.h"

typedef struct {
    const orientation_settings *settings;
    const orientation_stimuli_table *stimuli;
    orientation_population input[ORIENTATION_POPULATIONS];
    fsbi_pcg_lanes noise;
    double potential;
    double excitatory_sum; /**< to which the excitatory weights are normalised */
    size_t step;           /**< that comes next; the first is 1 */
} orientation_neuron;

/** Room; both tables must outlive the neuron. FSBI_NO_MEMORY. */
fsbi_status orientation_neuron_init(orientation_neuron *neuron,
                                    const orientation_settings *settings,
                                    const orientation_stimuli_table *stimuli, fsbi_error *error);
void orientation_neuron_clear(orientation_neuron *neuron);

/** A new simulation, whose stimuli are drawn already; draws initial weights (E, then I) and the
 * streams of noise. */
void orientation_neuron_start(orientation_neuron *neuron,
                              const orientation_rule rules[ORIENTATION_POPULATIONS],
                              gsl_rng *stream);

/** Steps up to, without, `end`; returns the sum of the rates in them. With `record` the weights
 * that each step begins with are added to the running sums. */
double orientation_neuron_run(orientation_neuron *neuron, size_t end, bool record);

#endif
