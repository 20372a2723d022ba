/** Records the spikes of a population's first neurons and sorts them by neuron afterwards. */
#ifndef FSBI_SNN_SPIKE_MONITOR_H
#define FSBI_SNN_SPIKE_MONITOR_H

#include <stdbool.h>

#include "fsbi/spike_trains.h"
#include "snn/spike_delay.h"

typedef struct {
    size_t neurons;
    size_t capacity;
    size_t count;
    bool overflowed;  /**< more spikes came than can be: some are missing */
    uint32_t *step;   /**< of each spike, as recorded */
    uint16_t *neuron; /**< of each spike */
    size_t *train_begin;
    uint32_t *train_step;
} fsbi_spike_monitor;

/**
 * Room for `neurons` neurons over `steps` steps with at least `minimum_interval` steps between two
 * spikes of a neuron. Release with fsbi_spike_monitor_clear.
 */
fsbi_status fsbi_spike_monitor_init(fsbi_spike_monitor *monitor, size_t neurons, size_t steps,
                                    size_t minimum_interval, fsbi_error *error);
void fsbi_spike_monitor_clear(fsbi_spike_monitor *monitor);

/** Forgets what was recorded. */
void fsbi_spike_monitor_reset(fsbi_spike_monitor *monitor);

/** Records one step's spikes; `step` counts from the beginning of the recording. */
void fsbi_spike_monitor_record(fsbi_spike_monitor *monitor, const fsbi_spike_list *spikes,
                               uint32_t step);

/** The trains recorded, in the monitor's memory; `duration_steps` and `dt` (s) as given. */
fsbi_spike_trains fsbi_spike_monitor_trains(fsbi_spike_monitor *monitor, size_t duration_steps,
                                            double dt);

#endif
