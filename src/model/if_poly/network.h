/** The network of model if_poly, put together from the engine's parts and stepped in the order that
 * the model fixes. */
#ifndef FSBI_MODEL_IF_POLY_NETWORK_H
#define FSBI_MODEL_IF_POLY_NETWORK_H

#include "model/if_poly/settings.h"
#include "snn/poisson_input.h"
#include "snn/polynomial_rule.h"
#include "snn/spike_monitor.h"
#include "snn/weight_monitor.h"

typedef struct {
    if_poly_settings settings;
    fsbi_if_population excitatory;
    fsbi_if_population inhibitory;
    fsbi_poisson_input input;
    fsbi_connection input_to_excitatory;
    fsbi_connection input_to_inhibitory;
    fsbi_polynomial_connection plastic[IF_POLY_CONNECTIONS];
    fsbi_weight_monitor weights[IF_POLY_CONNECTIONS];
    fsbi_spike_monitor excitatory_spikes;
    fsbi_spike_monitor inhibitory_spikes;
} if_poly_network;

/** Seconds between two samples of the weights. */
extern const double if_poly_weight_interval;

/** Where the input rate stands in theta. */
extern const size_t if_poly_input_rate;

/** A duration in steps. */
size_t if_poly_steps(const if_poly_settings *settings, double seconds);

/** Allocates all that a network of these settings needs; NULL and `error` on failure. */
if_poly_network *if_poly_network_create(const if_poly_settings *settings, fsbi_error *error);

/** Frees; NULL is allowed. */
void if_poly_network_destroy(if_poly_network *net);

/** Draws a new network at rest under the rule theta (IF_POLY_CONNECTIONS x IF_POLY_RULE_SIZE
 * numbers, then the input rate). */
fsbi_status if_poly_network_start(if_poly_network *net, const double *theta, gsl_rng *stream,
                                  fsbi_error *error);

/** One step of everything: populations, inputs, connections forward then back, traces. */
void if_poly_network_step(if_poly_network *net, gsl_rng *stream);

/** Presynaptic and postsynaptic population of a plastic connection. */
fsbi_if_population *if_poly_presynaptic(if_poly_network *net, int connection);
fsbi_if_population *if_poly_postsynaptic(if_poly_network *net, int connection);

#endif
