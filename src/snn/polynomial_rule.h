/**
 * The polynomial plasticity rule of Confavreux et al., NeurIPS 2023, on one connection:
 * a presynaptic spike changes w by eta (alpha + kappa x_post), a postsynaptic one by eta (beta +
 * gamma x_pre), each change followed by clipping to [0, weight_max]. Specification of model
 * if_poly, "One step of the network".
 */
#ifndef FSBI_SNN_POLYNOMIAL_RULE_H
#define FSBI_SNN_POLYNOMIAL_RULE_H

#include "snn/connection.h"
#include "snn/trace.h"

typedef struct {
    double eta;
    double alpha, beta, gamma, kappa;
    double weight_max;
} fsbi_polynomial_rule;

/**
 * For every arriving presynaptic spike and each of its synapses: adds the present weight to the
 * target's conductance, then changes the weight.
 */
void fsbi_polynomial_rule_forward(const fsbi_polynomial_rule *rule, fsbi_connection *connection,
                                  const fsbi_spike_list *arriving,
                                  const fsbi_trace *postsynaptic_trace, float *conductance);

/** For every postsynaptic spike emitted now: changes the weight of each synapse onto it. */
void fsbi_polynomial_rule_backward(const fsbi_polynomial_rule *rule, fsbi_connection *connection,
                                   const fsbi_spike_list *emitted,
                                   const fsbi_trace *presynaptic_trace);

#endif
