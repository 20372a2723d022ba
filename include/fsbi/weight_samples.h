/** Recorded weights of one plastic connection, the input of the weight metrics. */
#ifndef FSBI_WEIGHT_SAMPLES_H
#define FSBI_WEIGHT_SAMPLES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** `samples` x `synapses` weights, the first sample at the very beginning of the window. Borrowed.
 */
typedef struct {
    size_t synapses;
    size_t samples;
    const float *weight;
} fsbi_weight_samples;

#ifdef __cplusplus
}
#endif

#endif
