#include "snn/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Where the common scale is folded back into the entries, long before single precision overflows.
 */
static const double smallest_scale = 1e-24;

fsbi_status fsbi_trace_init(fsbi_trace *trace, size_t size, fsbi_error *error) {
    *trace = (fsbi_trace){.size = size, .scale = 1, .decay = 1};
    trace->scaled = fsbi_memory_allocate(size, sizeof *trace->scaled, error);
    return trace->scaled == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

void fsbi_trace_clear(fsbi_trace *trace) {
    free(trace->scaled);
    *trace = (fsbi_trace){0};
}

void fsbi_trace_reset(fsbi_trace *trace, double tau, double dt) {
    memset(trace->scaled, 0, trace->size * sizeof *trace->scaled);
    trace->scale = 1;
    trace->decay = exp(-dt / tau);
}

static void fold_scale(fsbi_trace *trace) {
    float scale = (float)trace->scale;
    for (size_t i = 0; i < trace->size; i++)
        trace->scaled[i] *= scale;
    trace->scale = 1;
}

bool fsbi_trace_will_fold(const fsbi_trace *trace) {
    return trace->scale * trace->decay < smallest_scale;
}

void fsbi_trace_step(fsbi_trace *trace, const fsbi_spike_list *spikes) {
    float one = (float)(1 / trace->scale);
    for (size_t k = 0; k < spikes->count; k++)
        trace->scaled[spikes->neurons[k]] += one;
    bool fold = fsbi_trace_will_fold(trace);
    trace->scale *= trace->decay;
    if (fold)
        fold_scale(trace);
}
