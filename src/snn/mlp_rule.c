#include "snn/mlp_rule.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "snn/hyperbolic_tangent.h"

/* Inputs that are the same for all synapses of a row or of a column, and those that are not. */
enum { ROW_COMMON = 1, ROW_OWN = 5, COLUMN_COMMON = 4, COLUMN_OWN = 2 };
static const int row_common[ROW_COMMON] = {FSBI_MLP_X_PRE};
static const int row_own[ROW_OWN] = {FSBI_MLP_WEIGHT, FSBI_MLP_X_POST, FSBI_MLP_V_TRACE,
                                     FSBI_MLP_C_EXC, FSBI_MLP_C_INH};
static const int column_common[COLUMN_COMMON] = {FSBI_MLP_X_POST, FSBI_MLP_V_TRACE, FSBI_MLP_C_EXC,
                                                 FSBI_MLP_C_INH};
static const int column_own[COLUMN_OWN] = {FSBI_MLP_WEIGHT, FSBI_MLP_X_PRE};

static fsbi_status init_trace(fsbi_trace *trace, size_t size, fsbi_error *error) {
    float *memory = fsbi_memory_allocate(size, sizeof *memory, error);
    *trace = fsbi_trace_in(memory, 1, size);
    return memory == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

fsbi_status fsbi_mlp_connection_init(fsbi_mlp_connection *plastic,
                                     const fsbi_connection_shape *shape, fsbi_error *error) {
    *plastic = (fsbi_mlp_connection){0};
    fsbi_status status = fsbi_connection_init(&plastic->connection, shape, error);
    if (status == FSBI_OK)
        status = init_trace(&plastic->pre_fast, shape->presynaptic_size, error);
    if (status == FSBI_OK)
        status = init_trace(&plastic->pre_slow, shape->presynaptic_size, error);
    if (status == FSBI_OK)
        status = init_trace(&plastic->post_fast, shape->postsynaptic_size, error);
    if (status == FSBI_OK)
        status = init_trace(&plastic->post_slow, shape->postsynaptic_size, error);
    return status;
}

void fsbi_mlp_connection_clear(fsbi_mlp_connection *plastic) {
    fsbi_connection_clear(&plastic->connection);
    free(plastic->pre_fast.scaled);
    free(plastic->pre_slow.scaled);
    free(plastic->post_fast.scaled);
    free(plastic->post_slow.scaled);
    *plastic = (fsbi_mlp_connection){0};
}

static void prepare_hidden(const fsbi_mlp_constants *constants, fsbi_mlp_hidden *hidden) {
    static const double unit_of_input[FSBI_MLP_INPUTS] = {2, 2, 1, 15, 15, 15};
    *hidden = (fsbi_mlp_hidden){0};
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++) {
        for (int k = 0; k < FSBI_MLP_INPUTS; k++) {
            const float weight = (float)(constants->layer_1[unit][k] * unit_of_input[k] / 2);
            hidden->layer_1[unit][k] = weight;
            hidden->largest[k] = fmaxf(hidden->largest[k], fabsf(weight));
        }
        for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
            hidden->layer_2[unit][k] = (float)(constants->layer_2[k][unit] / 4);
    }
    for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++) {
        double sum = 0;
        for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++)
            sum += constants->layer_2[k][unit] / 4;
        hidden->offset_2[k] = (float)sum;
    }
}

static fsbi_mlp_change prepare_change(const fsbi_mlp_output *output, double eta) {
    fsbi_mlp_change change;
    double offset = output->bias;
    for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++) {
        change.weight[k] = (float)(eta * output->weight[k] / 2);
        offset += output->weight[k] / 2;
    }
    change.offset = (float)(eta * offset);
    return change;
}

void fsbi_mlp_connection_reset(fsbi_mlp_connection *plastic, const fsbi_mlp_constants *constants,
                               const fsbi_mlp_rule *rule, double dt) {
    prepare_hidden(constants, &plastic->hidden);
    plastic->pre = prepare_change(&rule->pre, rule->eta);
    plastic->post = prepare_change(&rule->post, rule->eta);
    plastic->weight_min = (float)rule->weight_min;
    plastic->weight_max = (float)rule->weight_max;
    fsbi_trace_reset(&plastic->pre_fast, constants->tau_pre_fast, dt);
    fsbi_trace_reset(&plastic->pre_slow, constants->tau_pre_slow, dt);
    fsbi_trace_reset(&plastic->post_fast, constants->tau_post_fast, dt);
    fsbi_trace_reset(&plastic->post_slow, constants->tau_post_slow, dt);
}

/* What the common inputs of a row or column contribute to each unit of the first layer. */
typedef struct {
    float unit[FSBI_MLP_HIDDEN_1];
    float largest; /* absolute contribution, or a little more */
} common_part;

static common_part add_common(const fsbi_mlp_hidden *hidden, const int *which, int count,
                              const float *input) {
    common_part common = {.largest = 0};
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++) {
        float sum = 0;
        for (int k = 0; k < count; k++)
            sum += hidden->layer_1[unit][which[k]] * input[k];
        common.unit[unit] = sum;
        common.largest = fmaxf(common.largest, fabsf(sum));
    }
    return common;
}

/* Synapses that are computed together. */
enum { GROUP = 16, VECTORS = GROUP / FSBI_LANES };

/* The inputs that a group of synapses have of their own, the weight first. */
typedef struct {
    const int *which;
    fsbi_lanes value[ROW_OWN][VECTORS];
} own_part;

/* The change of a group of weights. `count` and `range` are constants wherever this is called. Layer
 * by layer, rather than unit by unit: a unit's whole chain is longer than what a processor looks
 * ahead. */
static inline __attribute__((always_inline)) void
compute_change(const fsbi_mlp_hidden *restrict hidden, const fsbi_mlp_change *restrict output,
               const common_part *restrict common, const own_part *restrict own, int count,
               fsbi_tanh_range range, fsbi_lanes change[VECTORS]) {
    fsbi_lanes first[FSBI_MLP_HIDDEN_1][VECTORS];
    fsbi_lanes second[FSBI_MLP_HIDDEN_2][VECTORS];
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++) {
        for (int v = 0; v < VECTORS; v++) {
            fsbi_lanes y = fsbi_lanes_of(common->unit[unit]);
            for (int k = 0; k < count; k++)
                y += hidden->layer_1[unit][own->which[k]] * own->value[k][v];
            first[unit][v] = y;
        }
    }
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++)
        for (int v = 0; v < VECTORS; v++)
            first[unit][v] = fsbi_tanh(first[unit][v], range);
    for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
        for (int v = 0; v < VECTORS; v++)
            second[k][v] = fsbi_lanes_of(hidden->offset_2[k]);
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++)
        for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
            for (int v = 0; v < VECTORS; v++)
                second[k][v] += hidden->layer_2[unit][k] * first[unit][v];
    for (int v = 0; v < VECTORS; v++) {
        change[v] = fsbi_lanes_of(output->offset);
        for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
            change[v] += output->weight[k] * fsbi_tanh(second[k][v], FSBI_TANH_OF_ANY);
    }
}

/* Changes a group of weights: with the cheapest tanh that the arguments allow. */
static inline __attribute__((always_inline)) void
change_group(const fsbi_mlp_connection *plastic, const fsbi_mlp_change *output,
             const common_part *common, const own_part *own, int count, float weight[GROUP]) {
    const fsbi_mlp_hidden *hidden = &plastic->hidden;
    fsbi_lanes bound = fsbi_lanes_of(0);
    fsbi_lanes change[VECTORS];
    for (int v = 0; v < VECTORS; v++) {
        fsbi_lanes sum = fsbi_lanes_of(common->largest);
        for (int k = 0; k < count; k++)
            sum += hidden->largest[own->which[k]] * fsbi_lanes_absolute(own->value[k][v]);
        bound = fsbi_lanes_larger(bound, sum);
    }
    if (!fsbi_lanes_any(bound > FSBI_TANH_SMALL))
        compute_change(hidden, output, common, own, count, FSBI_TANH_OF_SMALL, change);
    else if (!fsbi_lanes_any(bound > FSBI_TANH_MEDIUM))
        compute_change(hidden, output, common, own, count, FSBI_TANH_OF_MEDIUM, change);
    else
        compute_change(hidden, output, common, own, count, FSBI_TANH_OF_ANY, change);
    for (int v = 0; v < VECTORS; v++)
        fsbi_lanes_store(fsbi_lanes_clip(own->value[0][v] + change[v],
                                         fsbi_lanes_of(plastic->weight_min),
                                         fsbi_lanes_of(plastic->weight_max)),
                         weight + v * FSBI_LANES);
}

static void change_row(fsbi_mlp_connection *plastic, const fsbi_cvaif_population *target,
                       size_t row) {
    const fsbi_connection *connection = &plastic->connection;
    const float input[ROW_COMMON] = {fsbi_trace_value(&plastic->pre_slow, row)};
    const common_part common = add_common(&plastic->hidden, row_common, ROW_COMMON, input);
    const float post_scale = (float)plastic->post_fast.scale;
    const size_t end = connection->row_begin[row + 1];
    for (size_t s = connection->row_begin[row]; s < end; s += GROUP) {
        own_part own = {.which = row_own};
        for (size_t v = 0; v < VECTORS; v++) {
            const uint16_t *neuron = connection->target + s + v * FSBI_LANES;
            own.value[0][v] = fsbi_lanes_load(connection->weight + s + v * FSBI_LANES);
            own.value[1][v] = fsbi_lanes_gather(plastic->post_fast.scaled, neuron) * post_scale;
            own.value[2][v] = fsbi_lanes_gather(target->v_trace, neuron);
            own.value[3][v] = fsbi_lanes_gather(target->c_exc, neuron);
            own.value[4][v] = fsbi_lanes_gather(target->c_inh, neuron);
        }
        float weight[GROUP];
        change_group(plastic, &plastic->pre, &common, &own, ROW_OWN, weight);
        memcpy(connection->weight + s, weight, (end - s < GROUP ? end - s : GROUP) * sizeof *weight);
    }
}

/* As many synapses of a column as fit; the first of them also fills the places that are left. */
typedef struct {
    uint32_t synapse[GROUP];
    uint16_t presynaptic[GROUP];
} column_part;

static column_part take_column_part(const fsbi_connection *connection, size_t begin, size_t end) {
    column_part part;
    for (size_t k = 0; k < GROUP; k++) {
        const size_t c = begin + k < end ? begin + k : begin;
        part.synapse[k] = connection->column_synapse[c];
        part.presynaptic[k] = connection->column_presynaptic[c];
    }
    return part;
}

/* Weights of a column stand far apart; they are asked for while the group before is computed. */
static void prefetch_weights(const fsbi_connection *connection, size_t begin, size_t end) {
    for (size_t c = begin; c < begin + GROUP && c < end; c++)
        __builtin_prefetch(&connection->weight[connection->column_synapse[c]], 1);
}

static void change_column(fsbi_mlp_connection *plastic, const fsbi_cvaif_population *target,
                          size_t neuron) {
    const fsbi_connection *connection = &plastic->connection;
    const float input[COLUMN_COMMON] = {fsbi_trace_value(&plastic->post_slow, neuron),
                                        target->v_trace[neuron], target->c_exc[neuron],
                                        target->c_inh[neuron]};
    const common_part common = add_common(&plastic->hidden, column_common, COLUMN_COMMON, input);
    const float pre_scale = (float)plastic->pre_fast.scale;
    const size_t end = connection->column_begin[neuron + 1];
    for (size_t c = connection->column_begin[neuron]; c < end; c += GROUP) {
        prefetch_weights(connection, c + GROUP, end);
        const column_part part = take_column_part(connection, c, end);
        float weight[GROUP];
        for (size_t k = 0; k < GROUP; k++)
            weight[k] = connection->weight[part.synapse[k]];
        own_part own = {.which = column_own};
        for (size_t v = 0; v < VECTORS; v++) {
            own.value[0][v] = fsbi_lanes_load(weight + v * FSBI_LANES);
            own.value[1][v] = fsbi_lanes_gather(plastic->pre_fast.scaled,
                                                part.presynaptic + v * FSBI_LANES) *
                              pre_scale;
        }
        change_group(plastic, &plastic->post, &common, &own, COLUMN_OWN, weight);
        for (size_t k = 0; k < GROUP && c + k < end; k++)
            connection->weight[part.synapse[k]] = weight[k];
    }
}

void fsbi_mlp_connection_step(fsbi_mlp_connection *plastic, const fsbi_cvaif_population *target,
                              const fsbi_spike_list *arriving, const fsbi_spike_list *emitted,
                              float *conductance) {
    for (size_t k = 0; k < arriving->count; k++) {
        fsbi_connection_transmit_weights(&plastic->connection, arriving->neurons[k], conductance);
        change_row(plastic, target, arriving->neurons[k]);
    }
    for (size_t k = 0; k < emitted->count; k++)
        change_column(plastic, target, emitted->neurons[k]);
    fsbi_trace_step(&plastic->pre_fast, arriving);
    fsbi_trace_step(&plastic->pre_slow, arriving);
    fsbi_trace_step(&plastic->post_fast, emitted);
    fsbi_trace_step(&plastic->post_slow, emitted);
}

float fsbi_mlp_connection_weight(const void *plastic, size_t synapse) {
    return ((const fsbi_mlp_connection *)plastic)->connection.weight[synapse];
}
