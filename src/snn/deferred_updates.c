#include "snn/deferred_updates.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include "core/memory.h"
#include "snn/clip.h"

/* The spikes of a neuron side by side; four synapses make a square of them. */
typedef int32_t steps_vector __attribute__((vector_size(16)));
typedef float reals_vector __attribute__((vector_size(16)));

fsbi_status fsbi_deferred_updates_init(fsbi_deferred_updates *deferred,
                                       const fsbi_connection_shape *shape, fsbi_error *error) {
    *deferred = (fsbi_deferred_updates){0};
    deferred->spikes =
        fsbi_memory_allocate(shape->postsynaptic_size, sizeof *deferred->spikes, error);
    deferred->unseen =
        fsbi_memory_allocate(shape->presynaptic_size, sizeof *deferred->unseen, error);
    deferred->arrival =
        fsbi_memory_allocate(shape->presynaptic_size, sizeof *deferred->arrival, error);
    deferred->trace_before =
        fsbi_memory_allocate(shape->presynaptic_size, sizeof *deferred->trace_before, error);
    return deferred->spikes == NULL || deferred->unseen == NULL || deferred->arrival == NULL ||
                   deferred->trace_before == NULL
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

void fsbi_deferred_updates_clear(fsbi_deferred_updates *deferred) {
    free(deferred->spikes);
    free(deferred->unseen);
    free(deferred->arrival);
    free(deferred->trace_before);
    *deferred = (fsbi_deferred_updates){0};
}

void fsbi_deferred_updates_reset(fsbi_deferred_updates *deferred,
                                 const fsbi_connection_shape *shape, float change, float weight_min,
                                 float weight_max) {
    for (size_t i = 0; i < shape->postsynaptic_size; i++)
        for (int k = 0; k < FSBI_DEFERRED_SPIKES; k++)
            deferred->spikes[i].step[k] = -1;
    memset(deferred->unseen, 0, shape->presynaptic_size * sizeof *deferred->unseen);
    for (size_t j = 0; j < shape->presynaptic_size; j++)
        deferred->arrival[j] = -1;
    deferred->change = change;
    deferred->weight_min = weight_min;
    deferred->weight_max = weight_max;
    deferred->now = 0;
    deferred->all_seen = 0;
}

/* What a row reads: its trace now, and at the step of its last presynaptic spike, which came after.
 */
typedef struct {
    int32_t unseen, arrival;
    float trace, trace_before;
} row_state;

static row_state state_of(const fsbi_deferred_updates *deferred, const fsbi_trace *trace,
                          size_t row) {
    return (row_state){deferred->unseen[row], deferred->arrival[row], trace->scaled[row],
                       deferred->trace_before[row]};
}

/* The changes that a synapse has not seen, newest first; 0, which changes nothing, for spikes that
 * it has. */
static inline reals_vector unseen_changes(const fsbi_deferred_spikes *spikes, const row_state *row,
                                          float change) {
    steps_vector step;
    reals_vector factor;
    memcpy(&step, spikes->step, sizeof step);
    memcpy(&factor, spikes->factor, sizeof factor);
    const steps_vector at_arrival = step == row->arrival;
    const reals_vector now = (reals_vector){} + row->trace;
    const reals_vector before = (reals_vector){} + row->trace_before;
    const reals_vector trace =
        (reals_vector)(((steps_vector)before & at_arrival) | ((steps_vector)now & ~at_arrival));
    return (reals_vector)((steps_vector)(change + factor * trace) & (step >= row->unseen));
}

static inline reals_vector clip_four(reals_vector w, reals_vector lowest, reals_vector highest) {
#ifdef __SSE__
    return _mm_min_ps(_mm_max_ps(w, lowest), highest);
#else
    steps_vector below = w < lowest;
    w = (reals_vector)(((steps_vector)lowest & below) | ((steps_vector)w & ~below));
    steps_vector above = w > highest;
    return (reals_vector)(((steps_vector)highest & above) | ((steps_vector)w & ~above));
#endif
}

/* Four neighbouring synapses, whose spikes are transposed so that each vector holds one spike of
 * all four. */
static inline void apply_four(const fsbi_deferred_updates *deferred, const row_state *row,
                              const uint16_t *target, float *weight) {
    const reals_vector a = unseen_changes(&deferred->spikes[target[0]], row, deferred->change);
    const reals_vector b = unseen_changes(&deferred->spikes[target[1]], row, deferred->change);
    const reals_vector c = unseen_changes(&deferred->spikes[target[2]], row, deferred->change);
    const reals_vector d = unseen_changes(&deferred->spikes[target[3]], row, deferred->change);
    const reals_vector ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const reals_vector ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const reals_vector cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const reals_vector cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const reals_vector oldest_first[FSBI_DEFERRED_SPIKES] = {
        __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7),
        __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5),
        __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
        __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5)};
    const reals_vector lowest = (reals_vector){} + deferred->weight_min;
    const reals_vector highest = (reals_vector){} + deferred->weight_max;
    reals_vector w;
    memcpy(&w, weight, sizeof w);
    for (int k = 0; k < FSBI_DEFERRED_SPIKES; k++)
        w = clip_four(w + oldest_first[k], lowest, highest);
    memcpy(weight, &w, sizeof w);
}

static void apply_one(const fsbi_deferred_updates *deferred, const row_state *row, uint16_t target,
                      float *weight) {
    const reals_vector changes = unseen_changes(&deferred->spikes[target], row, deferred->change);
    for (int k = FSBI_DEFERRED_SPIKES; k-- > 0;)
        *weight = fsbi_clip(*weight + changes[k], deferred->weight_min, deferred->weight_max);
}

/* Weights are within their bounds before, so that adding 0 and clipping leaves them as they are. */
static void apply(const fsbi_deferred_updates *deferred, fsbi_connection *connection,
                  const fsbi_trace *trace, size_t row) {
    const row_state state = state_of(deferred, trace, row);
    const uint32_t end = connection->row_begin[row + 1];
    uint32_t s = connection->row_begin[row];
    for (; s + 4 <= end; s += 4)
        apply_four(deferred, &state, connection->target + s, connection->weight + s);
    for (; s < end; s++)
        apply_one(deferred, &state, connection->target[s], connection->weight + s);
}

void fsbi_deferred_updates_apply_row(fsbi_deferred_updates *deferred, fsbi_connection *connection,
                                     const fsbi_trace *presynaptic_trace, size_t row) {
    apply(deferred, connection, presynaptic_trace, row);
    deferred->unseen[row] = deferred->now;
}

void fsbi_deferred_updates_arrive(fsbi_deferred_updates *deferred,
                                  const fsbi_trace *presynaptic_trace, size_t row) {
    deferred->arrival[row] = deferred->now;
    deferred->trace_before[row] = presynaptic_trace->scaled[row];
}

/* Carries out a neuron's oldest spike on the synapses that have not seen it. It is the oldest of
 * what they have not seen, so the order is kept. */
static void carry_out_oldest(const fsbi_deferred_updates *deferred, fsbi_connection *connection,
                             const fsbi_trace *trace, size_t neuron) {
    const int32_t step = deferred->spikes[neuron].step[FSBI_DEFERRED_SPIKES - 1];
    const float factor = deferred->spikes[neuron].factor[FSBI_DEFERRED_SPIKES - 1];
    const uint32_t end = connection->column_begin[neuron + 1];
    for (uint32_t c = connection->column_begin[neuron]; c < end; c++) {
        const uint16_t row = connection->column_presynaptic[c];
        if (deferred->unseen[row] > step)
            continue;
        float *weight = &connection->weight[connection->column_synapse[c]];
        const float x =
            deferred->arrival[row] == step ? deferred->trace_before[row] : trace->scaled[row];
        *weight = fsbi_clip(*weight + (deferred->change + factor * x), deferred->weight_min,
                            deferred->weight_max);
    }
}

void fsbi_deferred_updates_record(fsbi_deferred_updates *deferred, fsbi_connection *connection,
                                  const fsbi_trace *presynaptic_trace, size_t neuron,
                                  float factor) {
    fsbi_deferred_spikes *spikes = &deferred->spikes[neuron];
    if (spikes->step[FSBI_DEFERRED_SPIKES - 1] >= deferred->all_seen)
        carry_out_oldest(deferred, connection, presynaptic_trace, neuron);
    for (int k = FSBI_DEFERRED_SPIKES - 1; k > 0; k--) {
        spikes->step[k] = spikes->step[k - 1];
        spikes->factor[k] = spikes->factor[k - 1];
    }
    spikes->step[0] = deferred->now;
    spikes->factor[0] = factor;
}

/* Rows that have not been brought up to date since `step` are now, so that older spikes need not be
 * looked for. */
static void catch_up(fsbi_deferred_updates *deferred, fsbi_connection *connection,
                     const fsbi_trace *trace, int32_t step) {
    for (size_t row = 0; row < connection->shape.presynaptic_size; row++)
        if (deferred->unseen[row] < step)
            fsbi_deferred_updates_apply_row(deferred, connection, trace, row);
    deferred->all_seen = step;
}

void fsbi_deferred_updates_end_step(fsbi_deferred_updates *deferred, fsbi_connection *connection,
                                    const fsbi_trace *presynaptic_trace) {
    enum { INTERVAL = 500, OLDEST = 3000 };
    deferred->now++;
    if (fsbi_trace_will_fold(presynaptic_trace))
        catch_up(deferred, connection, presynaptic_trace, deferred->now);
    else if (deferred->now % INTERVAL == 0 && deferred->now > OLDEST)
        catch_up(deferred, connection, presynaptic_trace, deferred->now - OLDEST);
}
