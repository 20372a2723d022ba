/** Recorded spikes, the input of the spike-train metrics. */
#ifndef FSBI_SPIKE_TRAINS_H
#define FSBI_SPIKE_TRAINS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Spikes of `neurons` neurons within a window of `duration_steps` steps of `dt` seconds. Neuron i
 * spiked at the steps step[begin[i]] .. step[begin[i+1] - 1], ascending, counted from the beginning
 * of the window. Borrowed: the arrays belong to whoever recorded them.
 */
typedef struct {
    size_t neurons;
    const size_t *begin; /**< neurons + 1 */
    const uint32_t *step;
    size_t duration_steps;
    double dt;
} fsbi_spike_trains;

#ifdef __cplusplus
}
#endif

#endif
