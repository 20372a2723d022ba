#include "snn/trace.h"

#include <math.h>

/* Where the common scale is folded back into the entries, long before single precision overflows.
 */
static const double smallest_scale = 1e-30;

fsbi_trace fsbi_trace_in(float *memory, size_t stride, size_t size) {
    return (fsbi_trace){.scaled = memory, .stride = stride, .size = size, .scale = 1, .decay = 1};
}

void fsbi_trace_reset(fsbi_trace *trace, double tau, double dt) {
    for (size_t i = 0; i < trace->size; i++)
        trace->scaled[i * trace->stride] = 0;
    trace->scale = 1;
    trace->decay = exp(-dt / tau);
}

static void fold_scale(fsbi_trace *trace) {
    float scale = (float)trace->scale;
    for (size_t i = 0; i < trace->size; i++)
        trace->scaled[i * trace->stride] *= scale;
    trace->scale = 1;
}

bool fsbi_trace_will_fold(const fsbi_trace *trace) {
    return trace->scale * trace->decay < smallest_scale;
}

void fsbi_trace_decay(fsbi_trace *trace) {
    const bool fold = fsbi_trace_will_fold(trace);
    trace->scale *= trace->decay;
    if (fold)
        fold_scale(trace);
}

void fsbi_trace_step(fsbi_trace *trace, const fsbi_spike_list *spikes) {
    const float one = fsbi_trace_unit(trace);
    for (size_t k = 0; k < spikes->count; k++)
        trace->scaled[spikes->neurons[k] * trace->stride] += one;
    fsbi_trace_decay(trace);
}
