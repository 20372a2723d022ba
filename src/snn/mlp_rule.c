#include "snn/mlp_rule.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

/* Inputs that are the same for all synapses of a row or of a column, and those that are not. */
enum { ROW_COMMON = 1, ROW_OWN = 5, COLUMN_COMMON = 4, COLUMN_OWN = 2 };
static const int row_common[ROW_COMMON] = {FSBI_MLP_X_PRE};
static const int row_own[ROW_OWN] = {FSBI_MLP_WEIGHT, FSBI_MLP_X_POST, FSBI_MLP_V_TRACE,
                                     FSBI_MLP_C_EXC, FSBI_MLP_C_INH};
static const int column_common[COLUMN_COMMON] = {FSBI_MLP_X_POST, FSBI_MLP_V_TRACE, FSBI_MLP_C_EXC,
                                                 FSBI_MLP_C_INH};
static const int column_own[COLUMN_OWN] = {FSBI_MLP_WEIGHT, FSBI_MLP_X_PRE};

/* Synapses that are computed together. */
enum { GROUP = 16, VECTORS = GROUP / FSBI_FLOAT8 };

static double sigmoid(double z) {
    return 1 / (1 + exp(-z));
}

/* The change at one spike. */
static double change(const fsbi_mlp_constants *constants, double eta, const fsbi_mlp_output *output,
                     const double u[FSBI_MLP_INPUTS]) {
    double hidden[FSBI_MLP_HIDDEN_1];
    double sum = output->bias;
    for (int i = 0; i < FSBI_MLP_HIDDEN_1; i++) {
        double z = 0;
        for (int k = 0; k < FSBI_MLP_INPUTS; k++)
            z += constants->layer_1[i][k] * u[k];
        hidden[i] = sigmoid(z);
    }
    for (int j = 0; j < FSBI_MLP_HIDDEN_2; j++) {
        double z = 0;
        for (int i = 0; i < FSBI_MLP_HIDDEN_1; i++)
            z += constants->layer_2[j][i] * hidden[i];
        sum += output->weight[j] * sigmoid(z);
    }
    return eta * sum;
}

double fsbi_mlp_rule_pair(const fsbi_mlp_constants *constants, const fsbi_mlp_rule *rule,
                          const fsbi_mlp_levels *levels, double difference) {
    double u[FSBI_MLP_INPUTS] = {[FSBI_MLP_WEIGHT] = levels->weight,
                                 [FSBI_MLP_V_TRACE] = 15 * levels->v_trace,
                                 [FSBI_MLP_C_EXC] = 15 * levels->c_exc,
                                 [FSBI_MLP_C_INH] = 15 * levels->c_inh};
    const bool pre_first = difference >= 0;
    const double first = change(constants, rule->eta, pre_first ? &rule->pre : &rule->post, u);
    u[FSBI_MLP_WEIGHT] += first;
    /* Of two spikes in one step neither sees the other. */
    if (difference > 0)
        u[FSBI_MLP_X_PRE] = 2 * exp(-difference / constants->tau_pre_fast);
    else if (difference < 0)
        u[FSBI_MLP_X_POST] = 2 * exp(difference / constants->tau_post_fast);
    return first + change(constants, rule->eta, pre_first ? &rule->post : &rule->pre, u);
}

double fsbi_mlp_rule_drift(const fsbi_mlp_constants *constants, const fsbi_mlp_rule *rule,
                           const fsbi_mlp_levels *levels, const double rates[2]) {
    double u[FSBI_MLP_INPUTS] = {[FSBI_MLP_X_PRE] = 2 * rates[0] * constants->tau_pre_slow,
                                 [FSBI_MLP_X_POST] = 2 * rates[1] * constants->tau_post_fast,
                                 [FSBI_MLP_WEIGHT] = levels->weight,
                                 [FSBI_MLP_V_TRACE] = 15 * levels->v_trace,
                                 [FSBI_MLP_C_EXC] = 15 * levels->c_exc,
                                 [FSBI_MLP_C_INH] = 15 * levels->c_inh};
    const double at_pre = change(constants, rule->eta, &rule->pre, u);
    u[FSBI_MLP_X_PRE] = 2 * rates[0] * constants->tau_pre_fast;
    u[FSBI_MLP_X_POST] = 2 * rates[1] * constants->tau_post_slow;
    return rates[0] * at_pre + rates[1] * change(constants, rule->eta, &rule->post, u);
}

static fsbi_status init_trace(fsbi_trace *trace, size_t size, fsbi_error *error) {
    float *memory = fsbi_memory_allocate(size, sizeof *memory, error);
    *trace = fsbi_trace_in(memory, 1, size);
    return memory == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

static fsbi_status init_columns(fsbi_mlp_connection *plastic, fsbi_error *error) {
    const size_t longest = plastic->connection.specification.presynaptic_size + GROUP;
    fsbi_chebyshev_basis_init(&plastic->basis);
    plastic->column_weight = fsbi_memory_allocate(longest, sizeof(float), error);
    plastic->column_trace = fsbi_memory_allocate(longest, sizeof(float), error);
    return plastic->column_weight == NULL || plastic->column_trace == NULL ? FSBI_NO_MEMORY
                                                                           : FSBI_OK;
}

fsbi_status fsbi_mlp_connection_init(fsbi_mlp_connection *plastic,
                                     const fsbi_connection_specification *specification,
                                     fsbi_error *error) {
    *plastic = (fsbi_mlp_connection){0};
    FSBI_TRY(fsbi_connection_init(&plastic->connection, specification, error));
    FSBI_TRY(init_trace(&plastic->pre_fast, specification->presynaptic_size, error));
    FSBI_TRY(init_trace(&plastic->pre_slow, specification->presynaptic_size, error));
    FSBI_TRY(init_trace(&plastic->post_fast, specification->postsynaptic_size, error));
    FSBI_TRY(init_trace(&plastic->post_slow, specification->postsynaptic_size, error));
    return init_columns(plastic, error);
}

void fsbi_mlp_connection_clear(fsbi_mlp_connection *plastic) {
    fsbi_connection_clear(&plastic->connection);
    free(plastic->pre_fast.scaled);
    free(plastic->pre_slow.scaled);
    free(plastic->post_fast.scaled);
    free(plastic->post_slow.scaled);
    free(plastic->column_weight);
    free(plastic->column_trace);
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
            hidden->layer_2[unit][k] =
                (float)(constants->layer_2[k][unit] / 4 / (double)FSBI_TANH_SCALE);
    }
    for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++) {
        double sum = 0;
        double absolute_sum = 0;
        for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++) {
            sum += constants->layer_2[k][unit] / 4;
            absolute_sum += fabs(constants->layer_2[k][unit] / 4);
        }
        hidden->offset_2[k] = (float)sum;
        if (fabs(sum) + absolute_sum > (double)FSBI_TANH_SMALL)
            hidden->range_2 = FSBI_TANH_OF_ANY;
    }
}

static fsbi_mlp_change prepare_change(const fsbi_mlp_output *output, double eta) {
    fsbi_mlp_change change;
    double offset = output->bias;
    for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++) {
        change.weight[k] = (float)(eta * output->weight[k] / 2 / (double)FSBI_TANH_SCALE);
        offset += output->weight[k] / 2;
    }
    change.offset = (float)(eta * offset);
    /* Of the order of what rounding makes of the sums. */
    change.tolerance = 0;
    for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
        change.tolerance += 5e-7F * fabsf(change.weight[k]) * FSBI_TANH_SCALE;
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

/* What a group of synapses have in common, and the inputs that each has of its own, the weight
 * first. */
typedef struct {
    const common_part *common;
    const int *which;
    fsbi_float8 value[ROW_OWN][VECTORS];
} own_part;

static inline __attribute__((always_inline)) void
compute_output(const fsbi_mlp_change *restrict output, fsbi_float8 second[][VECTORS],
               fsbi_tanh_range range, fsbi_float8 change[VECTORS]) {
    for (int v = 0; v < VECTORS; v++) {
        change[v] = fsbi_float8_of(output->offset);
        for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
            change[v] += output->weight[k] * fsbi_tanh(second[k][v], range);
    }
}

/* The change of a group of weights. `count` and `range` are constants wherever this is called.
 * Layer by layer, rather than unit by unit: a unit's whole chain is longer than what a processor
 * looks ahead. */
static inline __attribute__((always_inline)) void
compute_change(const fsbi_mlp_hidden *restrict hidden, const fsbi_mlp_change *restrict output,
               const own_part *restrict own, int count, fsbi_tanh_range range,
               fsbi_float8 change[VECTORS]) {
    const common_part *common = own->common;
    fsbi_float8 first[FSBI_MLP_HIDDEN_1][VECTORS];
    fsbi_float8 second[FSBI_MLP_HIDDEN_2][VECTORS];
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++) {
        for (int v = 0; v < VECTORS; v++) {
            fsbi_float8 y = fsbi_float8_of(common->unit[unit]);
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
            second[k][v] = fsbi_float8_of(hidden->offset_2[k]);
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++)
        for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
            for (int v = 0; v < VECTORS; v++)
                second[k][v] += hidden->layer_2[unit][k] * first[unit][v];
    if (hidden->range_2 == FSBI_TANH_OF_SMALL)
        compute_output(output, second, FSBI_TANH_OF_SMALL, change);
    else
        compute_output(output, second, FSBI_TANH_OF_ANY, change);
}

/* Changes of a group: with the cheapest tanh that the arguments allow. */
static inline __attribute__((always_inline)) void choose_change(const fsbi_mlp_hidden *hidden,
                                                                const fsbi_mlp_change *output,
                                                                const own_part *own, int count,
                                                                fsbi_float8 change[VECTORS]) {
    fsbi_float8 bound = fsbi_float8_of(0);
    for (int v = 0; v < VECTORS; v++) {
        fsbi_float8 sum = fsbi_float8_of(own->common->largest);
        for (int k = 0; k < count; k++)
            sum += hidden->largest[own->which[k]] * fsbi_float8_absolute(own->value[k][v]);
        bound = fsbi_float8_larger(bound, sum);
    }
    if (!fsbi_float8_any(bound > FSBI_TANH_SMALL))
        compute_change(hidden, output, own, count, FSBI_TANH_OF_SMALL, change);
    else if (!fsbi_float8_any(bound > FSBI_TANH_MEDIUM))
        compute_change(hidden, output, own, count, FSBI_TANH_OF_MEDIUM, change);
    else
        compute_change(hidden, output, own, count, FSBI_TANH_OF_ANY, change);
}

static inline fsbi_float8 add_clipped(const fsbi_mlp_connection *plastic, fsbi_float8 weight,
                                      fsbi_float8 change) {
    return fsbi_float8_clip(weight + change, fsbi_float8_of(plastic->weight_min),
                            fsbi_float8_of(plastic->weight_max));
}

static void change_row(fsbi_mlp_connection *plastic, const fsbi_cvaif_population *target,
                       size_t row) {
    const fsbi_connection *connection = &plastic->connection;
    const float input[ROW_COMMON] = {fsbi_trace_value(&plastic->pre_slow, row)};
    const common_part common = add_common(&plastic->hidden, row_common, ROW_COMMON, input);
    const float post_scale = (float)plastic->post_fast.scale;
    const size_t end = connection->row_begin[row + 1];
    for (size_t s = connection->row_begin[row]; s < end; s += GROUP) {
        own_part own = {.common = &common, .which = row_own};
        for (size_t v = 0; v < VECTORS; v++) {
            const uint16_t *neuron = connection->target + s + v * FSBI_FLOAT8;
            own.value[0][v] = fsbi_float8_load(connection->weight + s + v * FSBI_FLOAT8);
            own.value[1][v] = fsbi_float8_gather(plastic->post_fast.scaled, neuron) * post_scale;
            own.value[2][v] = fsbi_float8_gather(target->v_trace, neuron);
            own.value[3][v] = fsbi_float8_gather(target->c_exc, neuron);
            own.value[4][v] = fsbi_float8_gather(target->c_inh, neuron);
        }
        fsbi_float8 change[VECTORS];
        choose_change(&plastic->hidden, &plastic->pre, &own, ROW_OWN, change);
        for (size_t v = 0; v < VECTORS && s + v * FSBI_FLOAT8 < end; v++)
            fsbi_float8_store_first(add_clipped(plastic, own.value[0][v], change[v]),
                                    end - s - v * FSBI_FLOAT8,
                                    connection->weight + s + v * FSBI_FLOAT8);
    }
}

/* A column's weights and traces, which stand far apart, side by side; copies of the first fill the
 * last group. */
static void gather_column(const fsbi_mlp_connection *plastic, size_t begin, size_t count) {
    const fsbi_connection *connection = &plastic->connection;
    const uint32_t *synapse = connection->column_synapse + begin;
    const uint16_t *presynaptic = connection->column_presynaptic + begin;
    const float scale = (float)plastic->pre_fast.scale;
    /* A loop of their own for the weights, so that as many as possible are under way at once. */
    for (size_t k = 0; k < count; k++)
        plastic->column_weight[k] = connection->weight[synapse[k]];
    for (size_t k = 0; k < count; k++)
        plastic->column_trace[k] = plastic->pre_fast.scaled[presynaptic[k]] * scale;
    for (size_t k = count; k % GROUP != 0; k++) {
        plastic->column_weight[k] = plastic->column_weight[0];
        plastic->column_trace[k] = plastic->column_trace[0];
    }
}

static void scatter_column(const fsbi_mlp_connection *plastic, size_t begin, size_t count) {
    const uint32_t *synapse = plastic->connection.column_synapse + begin;
    for (size_t k = 0; k < count; k++)
        plastic->connection.weight[synapse[k]] = plastic->column_weight[k];
}

/* The changes at `count` weights and traces, a multiple of GROUP or followed by spare numbers. */
static void compute_column(const fsbi_mlp_connection *plastic, const common_part *common,
                           const float *weight, const float *trace, size_t count, float *change) {
    for (size_t s = 0; s < count; s += GROUP) {
        own_part own = {.common = common, .which = column_own};
        fsbi_float8 computed[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) {
            own.value[0][v] = fsbi_float8_load(weight + s + v * FSBI_FLOAT8);
            own.value[1][v] = fsbi_float8_load(trace + s + v * FSBI_FLOAT8);
        }
        choose_change(&plastic->hidden, &plastic->post, &own, COLUMN_OWN, computed);
        for (size_t v = 0; v < VECTORS; v++)
            fsbi_float8_store(computed[v], change + s + v * FSBI_FLOAT8);
    }
}

/* The axis of a interpolant that spans these numbers; `slope` is the largest that a tanh sees. */
static fsbi_chebyshev_axis axis_of(const float *number, size_t count, float slope) {
    fsbi_float8 lows = fsbi_float8_load(number);
    fsbi_float8 highs = lows;
    for (size_t k = 0; k < count; k += FSBI_FLOAT8) {
        lows = fsbi_float8_smaller(lows, fsbi_float8_load(number + k));
        highs = fsbi_float8_larger(highs, fsbi_float8_load(number + k));
    }
    float low = lows[0];
    float high = highs[0];
    for (int lane = 1; lane < FSBI_FLOAT8; lane++) {
        low = fminf(low, lows[lane]);
        high = fmaxf(high, highs[lane]);
    }
    return fsbi_chebyshev_axis_of(low, high, slope);
}

/* Of a postsynaptic spike, all synapses see the same smooth function of weight and trace. True if a
 * interpolant stands for it, at a fraction of the price of computing it for each synapse. */
static bool fit_column(const fsbi_mlp_connection *plastic, const common_part *common, size_t count,
                       fsbi_chebyshev_interpolant *interpolant) {
    enum { MOST = FSBI_CHEBYSHEV_LARGEST * FSBI_CHEBYSHEV_LARGEST };
    const float *largest = plastic->hidden.largest;
    interpolant->first = axis_of(plastic->column_weight, count, largest[FSBI_MLP_WEIGHT]);
    interpolant->second = axis_of(plastic->column_trace, count, largest[FSBI_MLP_X_PRE]);
    if (interpolant->first.size == FSBI_CHEBYSHEV_SIZES ||
        interpolant->second.size == FSBI_CHEBYSHEV_SIZES)
        return false;
    const size_t points = (size_t)fsbi_chebyshev_points(interpolant);
    if (2 * points > count)
        return false;
    float weight[MOST + GROUP], trace[MOST + GROUP], change[MOST + GROUP];
    memset(weight + points, 0, GROUP * sizeof *weight);
    memset(trace + points, 0, GROUP * sizeof *trace);
    fsbi_chebyshev_place(&plastic->basis, interpolant, weight, trace);
    compute_column(plastic, common, weight, trace, points, change);
    return fsbi_chebyshev_fit(&plastic->basis, change, plastic->post.tolerance, interpolant);
}

static void change_column(fsbi_mlp_connection *plastic, const fsbi_cvaif_population *target,
                          size_t neuron) {
    const fsbi_connection *connection = &plastic->connection;
    const size_t begin = connection->column_begin[neuron];
    const size_t count = connection->column_begin[neuron + 1] - begin;
    if (count == 0)
        return;
    const float input[COLUMN_COMMON] = {fsbi_trace_value(&plastic->post_slow, neuron),
                                        target->v_trace[neuron], target->c_exc[neuron],
                                        target->c_inh[neuron]};
    const common_part common = add_common(&plastic->hidden, column_common, COLUMN_COMMON, input);
    gather_column(plastic, begin, count);
    fsbi_chebyshev_interpolant interpolant;
    const bool fitted = fit_column(plastic, &common, count, &interpolant);
    float *weight = plastic->column_weight;
    float *trace = plastic->column_trace;
    if (!fitted)
        compute_column(plastic, &common, weight, trace, count, trace);
    for (size_t s = 0; s < count; s += FSBI_FLOAT8) {
        const fsbi_float8 w = fsbi_float8_load(weight + s);
        const fsbi_float8 second = fsbi_float8_load(trace + s);
        const fsbi_float8 change = fitted ? fsbi_chebyshev_value(&interpolant, w, second) : second;
        fsbi_float8_store(add_clipped(plastic, w, change), weight + s);
    }
    scatter_column(plastic, begin, count);
}

void fsbi_mlp_connection_step(fsbi_mlp_connection *plastic, const fsbi_cvaif_population *target,
                              const fsbi_spike_list *arriving, const fsbi_spike_list *emitted,
                              fsbi_trace *conductance) {
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
