/** Samples the weights of synapses that are equally spaced over a connection. */
#ifndef FSBI_SNN_WEIGHT_MONITOR_H
#define FSBI_SNN_WEIGHT_MONITOR_H

#include "fsbi/weight_samples.h"
#include "snn/connection.h"

typedef struct {
    size_t synapses; /**< followed */
    size_t capacity; /**< samples that fit */
    size_t samples;  /**< taken */
    float *weight;   /**< samples x synapses */
} fsbi_weight_monitor;

/** Room for `capacity` samples of `synapses` weights. Release with fsbi_weight_monitor_clear. */
fsbi_status fsbi_weight_monitor_init(fsbi_weight_monitor *monitor, size_t synapses, size_t capacity,
                                     fsbi_error *error);
void fsbi_weight_monitor_clear(fsbi_weight_monitor *monitor);

/** Forgets the samples. */
void fsbi_weight_monitor_reset(fsbi_weight_monitor *monitor);

/** The present weight of a synapse of a plastic connection. */
typedef float fsbi_weight_reader(const void *plastic, size_t synapse);

/** Takes a sample: synapse floor(k n / synapses) of the plastic connection's n, in row-major order,
 * for k = 0, 1, ... */
void fsbi_weight_monitor_record(fsbi_weight_monitor *monitor, fsbi_weight_reader *weight,
                                const void *plastic, size_t n);

/** The samples taken, in the monitor's memory. */
fsbi_weight_samples fsbi_weight_monitor_samples(const fsbi_weight_monitor *monitor);

#endif
