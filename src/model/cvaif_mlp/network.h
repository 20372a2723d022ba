/** The network of model cvaif_mlp, put together from the engine's parts and stepped in the order
 * that the model fixes. */
#ifndef FSBI_MODEL_CVAIF_MLP_NETWORK_H
#define FSBI_MODEL_CVAIF_MLP_NETWORK_H

#include "model/ei_network/network.h"
#include "snn/cvaif_population.h"
#include "snn/mlp_rule.h"

/** The plastic connections, EE and IE, in their order in theta. */
enum { CVAIF_MLP_PLASTIC = 2 };
extern const ei_connection cvaif_mlp_plastic[CVAIF_MLP_PLASTIC];

/** Entries of theta: the learning rates, then for each plastic connection the output layers
 * (weights and bias) for presynaptic and for postsynaptic spikes, then the input rate. */
enum {
    CVAIF_MLP_OUTPUT = FSBI_MLP_HIDDEN_2 + 1,
    CVAIF_MLP_RULE = 2 * CVAIF_MLP_OUTPUT,
    CVAIF_MLP_INPUT_RATE = CVAIF_MLP_PLASTIC * (1 + CVAIF_MLP_RULE)
};

/** Numbers of the rule's constant part: four time constants (s; fast and slow presynaptic, fast and
 * slow postsynaptic), the first layer and the second layer unit by unit. */
enum {
    CVAIF_MLP_TIME_CONSTANTS = 4,
    CVAIF_MLP_LAYER_1 = FSBI_MLP_HIDDEN_1 * FSBI_MLP_INPUTS,
    CVAIF_MLP_CONSTANTS =
        CVAIF_MLP_TIME_CONSTANTS + CVAIF_MLP_LAYER_1 + FSBI_MLP_HIDDEN_2 * FSBI_MLP_HIDDEN_1
};
extern const double cvaif_mlp_published_constants[CVAIF_MLP_CONSTANTS];

typedef struct {
    ei_settings network;
    double tau_adapt, adapt_increment;
    double tau_v_trace, tau_c_exc, tau_c_inh;
    fsbi_config_list rule_constants; /**< empty: as published */
} cvaif_mlp_settings;

typedef struct {
    ei_network shared;
    fsbi_mlp_constants constants;
    fsbi_cvaif_population excitatory;
    fsbi_cvaif_population inhibitory;
    fsbi_mlp_connection plastic[CVAIF_MLP_PLASTIC];
    fsbi_connection ei, ii; /**< every synapse of one weight */
} cvaif_mlp_network;

/** Allocates all that a network of these settings needs; NULL and `error` on failure. */
cvaif_mlp_network *cvaif_mlp_network_create(const cvaif_mlp_settings *settings, fsbi_error *error);

/** Frees; NULL is allowed. */
void cvaif_mlp_network_destroy(cvaif_mlp_network *net);

/** Draws a new network at rest under the rule theta. */
fsbi_status cvaif_mlp_network_start(cvaif_mlp_network *net, const double *theta, gsl_rng *stream,
                                    fsbi_error *error);

/** The rule of a plastic connection (0: EE, 1: IE) under theta, and what all rules share. */
fsbi_mlp_rule cvaif_mlp_rule(const ei_settings *settings, int p, const double *theta);
fsbi_mlp_constants cvaif_mlp_rule_constants(const cvaif_mlp_settings *settings);

/** One step of everything: populations, inputs, connections forward then back, traces.
 * `network` is a cvaif_mlp_network (an ei_stepper). */
void cvaif_mlp_network_step(void *network, gsl_rng *stream);

#endif
