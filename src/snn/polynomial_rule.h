/**
 * The polynomial plasticity rule of Confavreux et al., NeurIPS 2023, on one connection:
 * a presynaptic spike changes w by eta (alpha + kappa x_post), a postsynaptic one by eta (beta +
 * gamma x_pre), each change followed by clipping. Specification of model if_poly, "One step of the
 * network".
 */
#ifndef FSBI_SNN_POLYNOMIAL_RULE_H
#define FSBI_SNN_POLYNOMIAL_RULE_H

#include "snn/deferred_updates.h"

typedef struct {
    double eta;
    double alpha, beta, gamma, kappa;
    double weight_min, weight_max;
} fsbi_polynomial_rule;

/** A connection under the rule, with the traces that it reads. The traces are stepped by
 * fsbi_plastic_connection_end_step. */
typedef struct {
    fsbi_connection connection;
    fsbi_polynomial_rule rule;
    fsbi_trace presynaptic_trace;
    fsbi_trace postsynaptic_trace;
    fsbi_deferred_updates deferred;
} fsbi_plastic_connection;

/** Allocates; release with fsbi_plastic_connection_clear. */
fsbi_status fsbi_plastic_connection_init(fsbi_plastic_connection *plastic,
                                         const fsbi_connection_shape *shape, fsbi_error *error);
void fsbi_plastic_connection_clear(fsbi_plastic_connection *plastic);

/** Begins under a rule, all traces 0. The time constants are of the presynaptic and postsynaptic
 * trace, s. */
void fsbi_plastic_connection_reset(fsbi_plastic_connection *plastic,
                                   const fsbi_polynomial_rule *rule, double tau_pre,
                                   double tau_post, double dt);

/**
 * One step: for every arriving presynaptic spike and each of its synapses, adds the present weight
 * to the target's conductance, then changes the weight; then for every postsynaptic spike emitted
 * now, changes each synapse onto it.
 */
void fsbi_plastic_connection_step(fsbi_plastic_connection *plastic, const fsbi_spike_list *arriving,
                                  const fsbi_spike_list *emitted, float *conductance);

/** Lets the traces take in the step's spikes, which its changes must not have read, and decay. */
void fsbi_plastic_connection_end_step(fsbi_plastic_connection *plastic,
                                      const fsbi_spike_list *arriving,
                                      const fsbi_spike_list *emitted);

/** Brings weights up to date, between two steps, so that they can be read: a synapse's row, or all.
 */
void fsbi_plastic_connection_update_row_of(fsbi_plastic_connection *plastic, size_t synapse);
void fsbi_plastic_connection_update_all(fsbi_plastic_connection *plastic);

#endif
