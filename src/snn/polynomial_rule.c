#include "snn/polynomial_rule.h"

static inline float clip(float weight, float weight_max) {
    weight = weight > 0 ? weight : 0;
    return weight < weight_max ? weight : weight_max;
}

/* One row. Targets of a row are distinct, so transmitting all before changing any is the same. */
static void forward_row(const uint16_t *restrict target, float *restrict weight, size_t count,
                        float change, float factor, float weight_max, const float *restrict trace,
                        float *restrict conductance) {
    for (size_t s = 0; s < count; s++)
        conductance[target[s]] += weight[s];
    for (size_t s = 0; s < count; s++)
        weight[s] = clip(weight[s] + (change + factor * trace[target[s]]), weight_max);
}

void fsbi_polynomial_rule_forward(const fsbi_polynomial_rule *rule, fsbi_connection *connection,
                                  const fsbi_spike_list *arriving,
                                  const fsbi_trace *postsynaptic_trace, float *conductance) {
    const float change = (float)(rule->eta * rule->alpha);
    const float factor = (float)(rule->eta * rule->kappa * postsynaptic_trace->scale);
    for (size_t k = 0; k < arriving->count; k++) {
        uint32_t begin = connection->row_begin[arriving->neurons[k]];
        uint32_t end = connection->row_begin[arriving->neurons[k] + 1];
        forward_row(connection->target + begin, connection->weight + begin, end - begin, change,
                    factor, (float)rule->weight_max, postsynaptic_trace->scaled, conductance);
    }
}

void fsbi_polynomial_rule_backward(const fsbi_polynomial_rule *rule, fsbi_connection *connection,
                                   const fsbi_spike_list *emitted,
                                   const fsbi_trace *presynaptic_trace) {
    /* A column's weights lie a row apart: each is a cache miss that is asked for ahead of its use.
     */
    enum { AHEAD = 64 };
    const float change = (float)(rule->eta * rule->beta);
    const float factor = (float)(rule->eta * rule->gamma * presynaptic_trace->scale);
    const float weight_max = (float)rule->weight_max;
    const float *trace = presynaptic_trace->scaled;
    float *weight = connection->weight;
    for (size_t k = 0; k < emitted->count; k++) {
        uint32_t begin = connection->column_begin[emitted->neurons[k]];
        uint32_t end = connection->column_begin[emitted->neurons[k] + 1];
        for (uint32_t c = begin; c < end; c++) {
            uint32_t ahead = c + AHEAD < end ? c + AHEAD : c;
            __builtin_prefetch(&weight[connection->column_synapse[ahead]], 1);
            float *w = &weight[connection->column_synapse[c]];
            *w =
                clip(*w + (change + factor * trace[connection->column_presynaptic[c]]), weight_max);
        }
    }
}
