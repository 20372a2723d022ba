#include "snn/spike_monitor.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

fsbi_status fsbi_spike_monitor_init(fsbi_spike_monitor *monitor, size_t neurons, size_t steps,
                                    size_t minimum_interval, fsbi_error *error) {
    *monitor = (fsbi_spike_monitor){.neurons = neurons,
                                    .capacity = neurons * (steps / minimum_interval + 1)};
    monitor->step = malloc(monitor->capacity * sizeof *monitor->step);
    monitor->neuron = malloc(monitor->capacity * sizeof *monitor->neuron);
    monitor->train_step = malloc(monitor->capacity * sizeof *monitor->train_step);
    monitor->train_begin = fsbi_memory_allocate(neurons + 1, sizeof *monitor->train_begin, error);
    if (monitor->step == NULL || monitor->neuron == NULL || monitor->train_step == NULL ||
        monitor->train_begin == NULL)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory: room for %zu spikes asked for",
                              monitor->capacity);
    return FSBI_OK;
}

void fsbi_spike_monitor_clear(fsbi_spike_monitor *monitor) {
    free(monitor->step);
    free(monitor->neuron);
    free(monitor->train_step);
    free(monitor->train_begin);
    *monitor = (fsbi_spike_monitor){0};
}

void fsbi_spike_monitor_reset(fsbi_spike_monitor *monitor) {
    monitor->count = 0;
    monitor->overflowed = false;
}

void fsbi_spike_monitor_record(fsbi_spike_monitor *monitor, const fsbi_spike_list *spikes,
                               uint32_t step) {
    for (size_t k = 0; k < spikes->count && spikes->neurons[k] < monitor->neurons; k++) {
        if (monitor->count == monitor->capacity) {
            monitor->overflowed = true;
            return;
        }
        monitor->step[monitor->count] = step;
        monitor->neuron[monitor->count] = spikes->neurons[k];
        monitor->count++;
    }
}

fsbi_spike_trains fsbi_spike_monitor_trains(fsbi_spike_monitor *monitor, size_t duration_steps,
                                            double dt) {
    size_t *begin = monitor->train_begin;
    memset(begin, 0, (monitor->neurons + 1) * sizeof *begin);
    for (size_t k = 0; k < monitor->count; k++)
        begin[monitor->neuron[k]]++;
    size_t sum = 0;
    for (size_t i = 0; i <= monitor->neurons; i++) {
        size_t count = begin[i];
        begin[i] = sum;
        sum += count;
    }
    for (size_t k = 0; k < monitor->count; k++)
        monitor->train_step[begin[monitor->neuron[k]]++] = monitor->step[k];
    memmove(begin + 1, begin, monitor->neurons * sizeof *begin);
    begin[0] = 0;
    return (fsbi_spike_trains){.neurons = monitor->neurons,
                               .begin = begin,
                               .step = monitor->train_step,
                               .duration_steps = duration_steps,
                               .dt = dt};
}
