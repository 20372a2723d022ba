/** Configuration of model if_poly: keys, defaults, parameters and metrics. */
#ifndef FSBI_MODEL_IF_POLY_SETTINGS_H
#define FSBI_MODEL_IF_POLY_SETTINGS_H

#include "fsbi/model.h"
#include "snn/if_population.h"

/** The plastic connections, in the order in which they act; XY: X is presynaptic, Y postsynaptic.
 */
enum { IF_POLY_EE, IF_POLY_EI, IF_POLY_IE, IF_POLY_II, IF_POLY_CONNECTIONS };

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

/** Order of the metrics. */
enum {
    IF_POLY_RATE,
    IF_POLY_RATE_I,
    IF_POLY_CV_ISI,
    IF_POLY_KL_ISI,
    IF_POLY_SPATIAL_FANO,
    IF_POLY_TEMPORAL_FANO,
    IF_POLY_AUTO_COV,
    IF_POLY_FFT,
    IF_POLY_STD_RATE_TEMPORAL,
    IF_POLY_STD_RATE_SPATIAL,
    IF_POLY_STD_CV,
    IF_POLY_W_BLOW,
    IF_POLY_W_CREEP,
    IF_POLY_WEEF,
    IF_POLY_METRICS = IF_POLY_WEEF + IF_POLY_CONNECTIONS
};

typedef struct {
    fsbi_if_parameters neuron;
    long delay_steps;
    long excitatory, inhibitory, input;
    double sparseness, sparseness_poisson;
    double weight_poisson;
    double initial_weight[IF_POLY_CONNECTIONS];
    double weight_min, weight_max;
    double eta;
    double seconds_before, seconds_scored;
    double max_rate, tau_checker;
    long recorded_excitatory, recorded_inhibitory, recorded_weights;
} if_poly_settings;

extern const fsbi_config_keys if_poly_keys;

/** fsbi_model_type.configure */
fsbi_status if_poly_configure(fsbi_model *model, fsbi_error *error);

#endif
