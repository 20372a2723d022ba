#include "snn/spike_delay.h"

#include <stdlib.h>

#include "core/memory.h"

fsbi_status fsbi_spike_delay_init(fsbi_spike_delay *ring, size_t neurons, size_t delay,
                                  fsbi_error *error) {
    *ring = (fsbi_spike_delay){.delay = delay};
    ring->steps = fsbi_memory_allocate(delay + 1, sizeof *ring->steps, error);
    ring->storage = fsbi_memory_allocate((delay + 1) * neurons, sizeof *ring->storage, error);
    if (ring->steps == NULL || ring->storage == NULL)
        return FSBI_NO_MEMORY;
    for (size_t step = 0; step <= delay; step++)
        ring->steps[step].neurons = ring->storage + step * neurons;
    return FSBI_OK;
}

void fsbi_spike_delay_clear(fsbi_spike_delay *ring) {
    free(ring->steps);
    free(ring->storage);
    *ring = (fsbi_spike_delay){0};
}

void fsbi_spike_delay_reset(fsbi_spike_delay *ring) {
    for (size_t step = 0; step <= ring->delay; step++)
        ring->steps[step].count = 0;
}
