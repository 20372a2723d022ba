#include "snn/polynomial_rule.h"

#include "snn/clip.h"

fsbi_status fsbi_plastic_connection_init(fsbi_plastic_connection *plastic,
                                         const fsbi_connection_shape *shape, fsbi_error *error) {
    *plastic = (fsbi_plastic_connection){0};
    fsbi_status status = fsbi_connection_init(&plastic->connection, shape, error);
    if (status == FSBI_OK)
        status = fsbi_trace_init(&plastic->presynaptic_trace, shape->presynaptic_size, error);
    if (status == FSBI_OK)
        status = fsbi_trace_init(&plastic->postsynaptic_trace, shape->postsynaptic_size, error);
    return status != FSBI_OK ? status
                             : fsbi_deferred_updates_init(&plastic->deferred, shape, error);
}

void fsbi_plastic_connection_clear(fsbi_plastic_connection *plastic) {
    fsbi_connection_clear(&plastic->connection);
    fsbi_trace_clear(&plastic->presynaptic_trace);
    fsbi_trace_clear(&plastic->postsynaptic_trace);
    fsbi_deferred_updates_clear(&plastic->deferred);
}

void fsbi_plastic_connection_reset(fsbi_plastic_connection *plastic,
                                   const fsbi_polynomial_rule *rule, double tau_pre,
                                   double tau_post, double dt) {
    plastic->rule = *rule;
    fsbi_trace_reset(&plastic->presynaptic_trace, tau_pre, dt);
    fsbi_trace_reset(&plastic->postsynaptic_trace, tau_post, dt);
    fsbi_deferred_updates_reset(&plastic->deferred, &plastic->connection.shape,
                                (float)(rule->eta * rule->beta), (float)rule->weight_min,
                                (float)rule->weight_max);
}

/* One row. Targets of a row are distinct, so transmitting all before changing any is the same. */
static void forward_row(const fsbi_plastic_connection *plastic, size_t row, float change,
                        float factor, float *restrict conductance) {
    const fsbi_connection *connection = &plastic->connection;
    const float lowest = (float)plastic->rule.weight_min;
    const float highest = (float)plastic->rule.weight_max;
    const uint32_t begin = connection->row_begin[row];
    const size_t count = connection->row_begin[row + 1] - begin;
    const uint16_t *restrict target = connection->target + begin;
    float *restrict weight = connection->weight + begin;
    const float *restrict trace = plastic->postsynaptic_trace.scaled;
    for (size_t s = 0; s < count; s++)
        conductance[target[s]] += weight[s];
    for (size_t s = 0; s < count; s++)
        weight[s] = fsbi_clip(weight[s] + (change + factor * trace[target[s]]), lowest, highest);
}

/* Asks for the beginning of the row that is next; the rest follows by itself. */
static void prefetch_row(const fsbi_connection *connection, size_t row) {
    enum { LINES = 6, LINE = 64 };
    const char *target = (const char *)(connection->target + connection->row_begin[row]);
    const char *weight = (const char *)(connection->weight + connection->row_begin[row]);
    for (int line = 0; line < LINES; line++) {
        __builtin_prefetch(target + (ptrdiff_t)line * LINE);
        __builtin_prefetch(weight + (ptrdiff_t)line * LINE, 1);
    }
}

void fsbi_plastic_connection_step(fsbi_plastic_connection *plastic, const fsbi_spike_list *arriving,
                                  const fsbi_spike_list *emitted, float *conductance) {
    const fsbi_polynomial_rule *rule = &plastic->rule;
    const float forward_change = (float)(rule->eta * rule->alpha);
    const float forward_factor =
        (float)(rule->eta * rule->kappa * plastic->postsynaptic_trace.scale);
    const float backward_factor =
        (float)(rule->eta * rule->gamma * plastic->presynaptic_trace.scale);
    for (size_t k = 0; k < arriving->count; k++) {
        const size_t row = arriving->neurons[k];
        if (k + 1 < arriving->count)
            prefetch_row(&plastic->connection, arriving->neurons[k + 1]);
        fsbi_deferred_updates_apply_row(&plastic->deferred, &plastic->connection,
                                        &plastic->presynaptic_trace, row);
        forward_row(plastic, row, forward_change, forward_factor, conductance);
        fsbi_deferred_updates_arrive(&plastic->deferred, &plastic->presynaptic_trace, row);
    }
    for (size_t k = 0; k < emitted->count; k++)
        fsbi_deferred_updates_record(&plastic->deferred, &plastic->connection,
                                     &plastic->presynaptic_trace, emitted->neurons[k],
                                     backward_factor);
}

void fsbi_plastic_connection_end_step(fsbi_plastic_connection *plastic,
                                      const fsbi_spike_list *arriving,
                                      const fsbi_spike_list *emitted) {
    fsbi_deferred_updates_end_step(&plastic->deferred, &plastic->connection,
                                   &plastic->presynaptic_trace);
    fsbi_trace_step(&plastic->presynaptic_trace, arriving);
    fsbi_trace_step(&plastic->postsynaptic_trace, emitted);
}

void fsbi_plastic_connection_update_row_of(fsbi_plastic_connection *plastic, size_t synapse) {
    const uint32_t *row_begin = plastic->connection.row_begin;
    size_t low = 0;
    size_t high = plastic->connection.shape.presynaptic_size;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (row_begin[middle] <= synapse)
            low = middle;
        else
            high = middle;
    }
    fsbi_deferred_updates_apply_row(&plastic->deferred, &plastic->connection,
                                    &plastic->presynaptic_trace, low);
}

void fsbi_plastic_connection_update_all(fsbi_plastic_connection *plastic) {
    for (size_t row = 0; row < plastic->connection.shape.presynaptic_size; row++)
        fsbi_deferred_updates_apply_row(&plastic->deferred, &plastic->connection,
                                        &plastic->presynaptic_trace, row);
}
