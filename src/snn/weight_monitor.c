#include "snn/weight_monitor.h"

#include <stdlib.h>

#include "core/memory.h"

fsbi_status fsbi_weight_monitor_init(fsbi_weight_monitor *monitor, size_t synapses, size_t capacity,
                                     fsbi_error *error) {
    *monitor = (fsbi_weight_monitor){.synapses = synapses, .capacity = capacity};
    monitor->weight = fsbi_memory_allocate(synapses * capacity, sizeof *monitor->weight, error);
    return monitor->weight == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

void fsbi_weight_monitor_clear(fsbi_weight_monitor *monitor) {
    free(monitor->weight);
    *monitor = (fsbi_weight_monitor){0};
}

void fsbi_weight_monitor_reset(fsbi_weight_monitor *monitor) {
    monitor->samples = 0;
}

void fsbi_weight_monitor_record(fsbi_weight_monitor *monitor, fsbi_weight_reader *weight,
                                const void *plastic, size_t n) {
    if (monitor->samples == monitor->capacity || n == 0)
        return;
    float *sample = monitor->weight + monitor->samples++ * monitor->synapses;
    for (size_t k = 0; k < monitor->synapses; k++)
        sample[k] = weight(plastic, k * n / monitor->synapses);
}

fsbi_weight_samples fsbi_weight_monitor_samples(const fsbi_weight_monitor *monitor) {
    return (fsbi_weight_samples){
        .synapses = monitor->synapses, .samples = monitor->samples, .weight = monitor->weight};
}
