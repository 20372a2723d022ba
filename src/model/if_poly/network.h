/** The network of model if_poly, put together from the engine's parts and stepped in the order that
 * the model fixes. */
#ifndef FSBI_MODEL_IF_POLY_NETWORK_H
#define FSBI_MODEL_IF_POLY_NETWORK_H

#include "model/ei_network/network.h"
#include "snn/polynomial_rule.h"

/** Entries of theta for each connection, in this order; the input rate follows after all
 * connections. */
enum {
    IF_POLY_TAU_PRE,
    IF_POLY_TAU_POST,
    IF_POLY_ALPHA,
    IF_POLY_BETA,
    IF_POLY_GAMMA,
    IF_POLY_KAPPA,
    IF_POLY_RULE_SIZE
};

/** Where the input rate stands in theta. */
enum { IF_POLY_INPUT_RATE = EI_CONNECTIONS * IF_POLY_RULE_SIZE };

typedef struct {
    ei_settings network;
    double eta;
} if_poly_settings;

typedef struct {
    ei_network shared;
    double eta;
    fsbi_if_population excitatory;
    fsbi_if_population inhibitory;
    fsbi_polynomial_connection plastic[EI_CONNECTIONS];
} if_poly_network;

/** Allocates all that a network of these settings needs; NULL and `error` on failure. */
if_poly_network *if_poly_network_create(const if_poly_settings *settings, fsbi_error *error);

/** Frees; NULL is allowed. */
void if_poly_network_destroy(if_poly_network *net);

/** Draws a new network at rest under the rule theta (EI_CONNECTIONS x IF_POLY_RULE_SIZE numbers,
 * then the input rate). */
fsbi_status if_poly_network_start(if_poly_network *net, const double *theta, gsl_rng *stream,
                                  fsbi_error *error);

/** The rule of a connection under theta. */
fsbi_polynomial_rule if_poly_rule(const if_poly_network *net, ei_connection connection,
                                  const double *theta);

/** One step of everything: populations, inputs, connections forward then back, traces.
 * `network` is an if_poly_network (an ei_stepper). */
void if_poly_network_step(void *network, gsl_rng *stream);

#endif
