/** The spikes that a population emits, and their arrival at its targets after the axonal delay. */
#ifndef FSBI_SNN_SPIKE_DELAY_H
#define FSBI_SNN_SPIKE_DELAY_H

#include <stddef.h>
#include <stdint.h>

#include "fsbi/error.h"

/** Indices of the neurons that spiked in one step, ascending. */
typedef struct {
    uint16_t *neurons;
    size_t count;
} fsbi_spike_list;

/** A ring of the last `delay` + 1 steps. */
typedef struct {
    fsbi_spike_list *steps;
    uint16_t *storage;
    size_t delay; /**< steps from emission to arrival, at least 1 */
    size_t now;   /**< index of the present step in the ring */
} fsbi_spike_delay;

/** For a population of `neurons`, each spiking at most once a step. Release with
 * fsbi_spike_delay_clear. */
fsbi_status fsbi_spike_delay_init(fsbi_spike_delay *ring, size_t neurons, size_t delay,
                                  fsbi_error *error);
void fsbi_spike_delay_clear(fsbi_spike_delay *ring);

/** Forgets all spikes. */
void fsbi_spike_delay_reset(fsbi_spike_delay *ring);

/** Begins the next step with no spikes emitted in it; returns the list that the population fills.
 */
static inline fsbi_spike_list *fsbi_spike_delay_next(fsbi_spike_delay *ring) {
    ring->now = ring->now == ring->delay ? 0 : ring->now + 1;
    ring->steps[ring->now].count = 0;
    return &ring->steps[ring->now];
}

/** Spikes emitted in the present step. */
static inline const fsbi_spike_list *fsbi_spike_delay_emitted(const fsbi_spike_delay *ring) {
    return &ring->steps[ring->now];
}

/** Spikes that arrive in the present step: those emitted `delay` steps ago. */
static inline const fsbi_spike_list *fsbi_spike_delay_arriving(const fsbi_spike_delay *ring) {
    return &ring->steps[ring->now == ring->delay ? 0 : ring->now + 1];
}

/** Spikes that will arrive in the next step. */
static inline const fsbi_spike_list *fsbi_spike_delay_coming(const fsbi_spike_delay *ring) {
    return &ring->steps[(ring->now + 2) % (ring->delay + 1)];
}

#endif
