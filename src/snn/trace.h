/**
 * Exponentially decaying numbers x of a population, one time constant: tau dx/dt = -x; spike traces
 * (x += 1 at a spike) and conductances. They share one scale that decays instead of every entry,
 * x[i] = scale * scaled of i.
 */
#ifndef FSBI_SNN_TRACE_H
#define FSBI_SNN_TRACE_H

#include <stdbool.h>

#include "snn/spike_delay.h"

typedef struct {
    float *scaled; /**< of neuron i at i * stride */
    size_t stride;
    size_t size;
    double scale;
    double decay; /**< of one step, exp(-dt/tau) */
} fsbi_trace;

/** Traces of `size` neurons in the caller's memory, `stride` numbers from one to the next. Reset
 * before the first step. */
fsbi_trace fsbi_trace_in(float *memory, size_t stride, size_t size);

/** Sets all traces to 0 and the time constant to `tau` (s) at steps of `dt` (s). */
void fsbi_trace_reset(fsbi_trace *trace, double tau, double dt);

/** Whether the next step rescales all entries (what is computed from them before is then of another
 * scale). */
bool fsbi_trace_will_fold(const fsbi_trace *trace);

/** Lets all traces decay by one step. */
void fsbi_trace_decay(fsbi_trace *trace);

/** Adds 1 for each of these spikes, then lets all traces decay by one step. */
void fsbi_trace_step(fsbi_trace *trace, const fsbi_spike_list *spikes);

/** What adds 1 to a trace when it is added to its scaled value. */
static inline float fsbi_trace_unit(const fsbi_trace *trace) {
    return (float)(1 / trace->scale);
}

/** The trace of a neuron. */
static inline float fsbi_trace_value(const fsbi_trace *trace, size_t neuron) {
    return trace->scaled[neuron * trace->stride] * (float)trace->scale;
}

#endif
