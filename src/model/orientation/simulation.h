/** A simulation of the neuron from its stimuli to its metrics: in full, or in miniature. */
#ifndef FSBI_MODEL_ORIENTATION_SIMULATION_H
#define FSBI_MODEL_ORIENTATION_SIMULATION_H

#include "model/orientation/score.h"

/** Parts point to each other: it must stay where it was filled. */
typedef struct {
    orientation_neuron neuron;
    orientation_settings settings;
    orientation_stimuli_table stimuli;
    orientation_recording recording;
    orientation_tuning_fit fit;
    orientation_tuning tuning; /**< of the last simulation that was scored */
} orientation_simulation;

/** Room for simulations with these settings, which are copied. Release with
 * orientation_simulation_clear, also after failure; FSBI_NO_MEMORY. */
fsbi_status orientation_simulation_init(orientation_simulation *simulation,
                                        const orientation_settings *settings, fsbi_error *error);
void orientation_simulation_clear(orientation_simulation *simulation);

/** Draws stimuli from the stream and runs the neuron with these rules; `metrics` are filled if it
 * ends as FSBI_SIMULATION_OK. Statuses as of orientation_recording_run. */
fsbi_simulation_status
orientation_simulation_run(orientation_simulation *simulation,
                           const orientation_rule rules[ORIENTATION_POPULATIONS],
                           const fsbi_simulation *of, double *metrics);

#endif
