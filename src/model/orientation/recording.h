/** What a simulation leaves behind to be scored. */
#ifndef FSBI_MODEL_ORIENTATION_RECORDING_H
#define FSBI_MODEL_ORIENTATION_RECORDING_H

#include "model/orientation/neuron.h"

/** How the weights of the groups go together at one step; NaN where a deviation is 0. */
typedef struct {
    double balance;    /**< correlation over groups of the mean weights of E and I */
    double dispersion; /**< D_e + D_i, deviations within groups, relative to all */
} orientation_structure;

typedef struct {
    size_t begin, end; /**< steps of the second half of the simulation */
    size_t groups;
    uint32_t *steps, *sampled; /**< all of the second half; those drawn from them, in order */
    size_t sampled_count;
    double *weights; /**< room for those of a population */
    double *group_mean[ORIENTATION_POPULATIONS], *window_begin[ORIENTATION_POPULATIONS];
    double *rate;            /**< mean rate of each stimulus of the second half */
    size_t history_interval; /**< steps between two samples of the whole simulation */
    size_t history_count;    /**< samples so far */
    double *history[ORIENTATION_POPULATIONS]; /**< of each sample the mean weight of each group */
    double drift[ORIENTATION_POPULATIONS];    /**< mean over windows */
    orientation_structure mean, last;         /**< over the steps drawn; of the last step */
} orientation_recording;

/** Room for a simulation; FSBI_NO_MEMORY. */
fsbi_status orientation_recording_init(orientation_recording *recording,
                                       const orientation_settings *settings, fsbi_error *error);
void orientation_recording_clear(orientation_recording *recording);

/**
 * Draws the steps that are sampled and runs a neuron, just started, to its end. The running sums of
 * its populations then are those of the second half. FSBI_SIMULATION_FAILED as soon as its
 * potential is found not to be finite, or what the watch gives.
 */
fsbi_simulation_status orientation_recording_run(orientation_recording *recording,
                                                 orientation_neuron *neuron,
                                                 const fsbi_simulation *simulation);

#endif
