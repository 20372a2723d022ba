/**
 * The plasticity rule that is a small network, Confavreux et al., NeurIPS 2023, on one connection.
 * Of each synapse it reads u = (2 x_pre, 2 x_post, w, 15 v_trace, 15 c_exc, 15 c_inh), the last
 * three of the postsynaptic neuron, and changes w by eta (W_out . h2 + b_out), h2 = sigmoid(W2 h1),
 * h1 = sigmoid(W1 u): on a presynaptic spike with the slow presynaptic and the fast postsynaptic
 * trace, on a postsynaptic spike with the fast presynaptic and the slow postsynaptic one, each with
 * an output layer of its own. Every change is followed by clipping. Equations:
 * src/model/cvaif_mlp/README.md, "Rule".
 */
#ifndef FSBI_SNN_MLP_RULE_H
#define FSBI_SNN_MLP_RULE_H

#include "snn/chebyshev_interpolant.h"
#include "snn/connection.h"
#include "snn/cvaif_population.h"
#include "snn/hyperbolic_tangent.h"
#include "snn/trace.h"

/** The six inputs, in their order. */
enum {
    FSBI_MLP_X_PRE,
    FSBI_MLP_X_POST,
    FSBI_MLP_WEIGHT,
    FSBI_MLP_V_TRACE,
    FSBI_MLP_C_EXC,
    FSBI_MLP_C_INH,
    FSBI_MLP_INPUTS
};

enum { FSBI_MLP_HIDDEN_1 = 50, FSBI_MLP_HIDDEN_2 = 4 }; /**< units of the two hidden layers */

/** What all connections under such rules share. */
typedef struct {
    double tau_pre_fast, tau_pre_slow, tau_post_fast, tau_post_slow; /**< s */
    double layer_1[FSBI_MLP_HIDDEN_1][FSBI_MLP_INPUTS];
    double layer_2[FSBI_MLP_HIDDEN_2][FSBI_MLP_HIDDEN_1];
} fsbi_mlp_constants;

/** An output layer. */
typedef struct {
    double weight[FSBI_MLP_HIDDEN_2];
    double bias;
} fsbi_mlp_output;

typedef struct {
    double eta;
    fsbi_mlp_output pre, post; /**< for presynaptic and postsynaptic spikes */
    double weight_min, weight_max;
} fsbi_mlp_rule;

/** What the rule reads besides spikes. */
typedef struct {
    double weight;
    double v_trace, c_exc, c_inh; /**< V, filtered, of the postsynaptic neuron */
} fsbi_mlp_levels;

/** The weight change, without bounds, that one presynaptic spike and one postsynaptic spike
 * `difference` s later (earlier: negative) cause together, far from all others, while the levels
 * stay what they are but for the weight, which the second spike meets changed. */
double fsbi_mlp_rule_pair(const fsbi_mlp_constants *constants, const fsbi_mlp_rule *rule,
                          const fsbi_mlp_levels *levels, double difference);

/** The mean change of a weight per s, without bounds, at these rates of presynaptic and
 * postsynaptic spikes (Hz) that know nothing of each other: traces and levels stand at their means.
 */
double fsbi_mlp_rule_drift(const fsbi_mlp_constants *constants, const fsbi_mlp_rule *rule,
                           const fsbi_mlp_levels *levels, const double rates[2]);

/** The hidden layers in single precision, with sigmoid(2 y) = (1 + tanh y) / 2 and the scale of
 * fsbi_tanh worked into them. */
typedef struct {
    float layer_1[FSBI_MLP_HIDDEN_1][FSBI_MLP_INPUTS];
    float largest[FSBI_MLP_INPUTS]; /**< absolute weight of each input */
    float layer_2[FSBI_MLP_HIDDEN_1][FSBI_MLP_HIDDEN_2];
    float offset_2[FSBI_MLP_HIDDEN_2];
    fsbi_tanh_range range_2; /**< that the second layer's arguments are within */
} fsbi_mlp_hidden;

/** An output layer likewise, with eta. */
typedef struct {
    float weight[FSBI_MLP_HIDDEN_2];
    float offset;
    float tolerance; /**< of a polynomial that stands for it */
} fsbi_mlp_change;

/** A connection under the rule, with the traces that it reads. */
typedef struct {
    fsbi_connection connection;
    fsbi_mlp_hidden hidden;
    fsbi_mlp_change pre, post;
    float weight_min, weight_max;
    fsbi_trace pre_fast, pre_slow, post_fast, post_slow;
    fsbi_chebyshev_basis basis;
    float *column_weight; /**< weights and fast presynaptic traces of a column, side by side */
    float *column_trace;
} fsbi_mlp_connection;

/** Allocates; release with fsbi_mlp_connection_clear. */
fsbi_status fsbi_mlp_connection_init(fsbi_mlp_connection *plastic,
                                     const fsbi_connection_specification *specification,
                                     fsbi_error *error);
void fsbi_mlp_connection_clear(fsbi_mlp_connection *plastic);

/** Begins under a rule, all traces 0, at steps of `dt` (s). */
void fsbi_mlp_connection_reset(fsbi_mlp_connection *plastic, const fsbi_mlp_constants *constants,
                               const fsbi_mlp_rule *rule, double dt);

/**
 * One step: for every arriving presynaptic spike and each of its synapses, adds the present weight
 * to the target's conductance, then changes the weight; then for every postsynaptic spike emitted
 * now, changes each synapse onto it. Afterwards the traces, which these changes must not have read,
 * take in the step's spikes and decay.
 */
void fsbi_mlp_connection_step(fsbi_mlp_connection *plastic, const fsbi_cvaif_population *target,
                              const fsbi_spike_list *arriving, const fsbi_spike_list *emitted,
                              fsbi_trace *conductance);

/** The weight of a synapse; `plastic` is a fsbi_mlp_connection (a fsbi_weight_reader). */
float fsbi_mlp_connection_weight(const void *plastic, size_t synapse);

#endif
