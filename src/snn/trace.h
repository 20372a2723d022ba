/**
 * Exponentially decaying spike traces x of a population, one time constant: tau dx/dt = -x, x += 1
 * at a spike. Values share one scale that decays instead of every entry, x[i] = scale * scaled[i].
 */
#ifndef FSBI_SNN_TRACE_H
#define FSBI_SNN_TRACE_H

#include <stdbool.h>

#include "snn/spike_delay.h"

typedef struct {
    float *scaled;
    size_t size;
    double scale;
    double decay; /**< of one step, exp(-dt/tau) */
} fsbi_trace;

/** Zero traces of `size` neurons; release with fsbi_trace_clear. Set the time constant before the
 * first step. */
fsbi_status fsbi_trace_init(fsbi_trace *trace, size_t size, fsbi_error *error);
void fsbi_trace_clear(fsbi_trace *trace);

/** Sets all traces to 0 and the time constant to `tau` (s) at steps of `dt` (s). */
void fsbi_trace_reset(fsbi_trace *trace, double tau, double dt);

/** Whether the next step rescales all entries (what is computed from them before is then of another
 * scale). */
bool fsbi_trace_will_fold(const fsbi_trace *trace);

/** Adds 1 for each of these spikes, then lets all traces decay by one step. */
void fsbi_trace_step(fsbi_trace *trace, const fsbi_spike_list *spikes);

#endif
