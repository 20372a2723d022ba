/**
 * The polynomial plasticity rule of Confavreux et al., NeurIPS 2023, on one connection:
 * a presynaptic spike changes w by eta (alpha + kappa x_post), a postsynaptic one by eta (beta +
 * gamma x_pre), each change followed by clipping. Equations: src/model/if_poly/README.md, "One step
 * of the network".
 *
 * A postsynaptic spike's changes are put off: a synapse needs them only when its presynaptic neuron
 * next spikes, and then a whole row is brought up to date at once, sequentially in memory. Order
 * and clipping are those of changing every weight at every spike.
 */
#ifndef FSBI_SNN_POLYNOMIAL_RULE_H
#define FSBI_SNN_POLYNOMIAL_RULE_H

#include "snn/connection.h"
#include "snn/spike_history.h"
#include "snn/trace.h"

typedef struct {
    double eta;
    double alpha, beta, gamma, kappa;
    double tau_pre, tau_post; /**< s, of the traces */
    double weight_min, weight_max;
} fsbi_polynomial_rule;

/** The weight change, without bounds, that one presynaptic spike and one postsynaptic spike
 * `difference` s later (earlier: negative) cause together, far from all others. */
double fsbi_polynomial_rule_pair(const fsbi_polynomial_rule *rule, double difference);

/** A connection under the rule, with the traces that it reads. */
typedef struct {
    fsbi_connection connection;
    fsbi_polynomial_rule rule;
    fsbi_trace presynaptic_trace;
    fsbi_trace postsynaptic_trace; /**< its entries stand in the history */
    fsbi_spike_history history;    /**< of the postsynaptic neurons */
    float *seen; /**< of each row: its weights have seen all spikes up to the step of this scale */
    float all_seen; /**< likewise of all rows */
    bool full;      /**< a neuron has no room for a spike that not all rows have seen */
} fsbi_polynomial_connection;

/** Allocates; release with fsbi_polynomial_connection_clear. */
fsbi_status fsbi_polynomial_connection_init(fsbi_polynomial_connection *plastic,
                                            const fsbi_connection_specification *specification,
                                            fsbi_error *error);
void fsbi_polynomial_connection_clear(fsbi_polynomial_connection *plastic);

/** Begins under a rule, all traces 0, at steps of `dt` (s). The time constants are below a million
 * steps. */
void fsbi_polynomial_connection_reset(fsbi_polynomial_connection *plastic,
                                      const fsbi_polynomial_rule *rule, double dt);

/**
 * One step: for every arriving presynaptic spike and each of its synapses, adds the present weight
 * to the target's conductance, then changes the weight; then for every postsynaptic spike emitted
 * now, changes each synapse onto it. Afterwards the traces, which these changes must not have read,
 * take in the step's spikes and decay.
 */
void fsbi_polynomial_connection_step(fsbi_polynomial_connection *plastic,
                                     const fsbi_spike_list *arriving,
                                     const fsbi_spike_list *emitted, fsbi_trace *conductance);

/** The weight of a synapse between two steps; connection.weight may not have seen the last spikes.
 * `plastic` is a fsbi_polynomial_connection (a fsbi_weight_reader). */
float fsbi_polynomial_connection_weight(const void *plastic, size_t synapse);

#endif
