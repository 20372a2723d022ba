/** Settings, parameters and metrics that models of a recurrent network of excitatory (E) and
 * inhibitory (I) neurons share. */
#ifndef FSBI_MODEL_EI_NETWORK_SETTINGS_H
#define FSBI_MODEL_EI_NETWORK_SETTINGS_H

#include "fsbi/model.h"
#include "model/ei_network/familiarity.h"
#include "snn/if_population.h"

/** The recurrent connections, in the order in which they act; XY: X is presynaptic, Y postsynaptic.
 */
typedef enum { EI_EE, EI_EI, EI_IE, EI_II, EI_CONNECTIONS } ei_connection;

/** "EE", "EI", "IE", "II". */
extern const char *const ei_connection_names[EI_CONNECTIONS];

/** Order of the metrics; the final weights of the plastic connections follow, then those of
 * familiarity, then observables of the plastic connections. */
enum {
    EI_RATE,
    EI_RATE_I,
    EI_CV_ISI,
    EI_KL_ISI,
    EI_SPATIAL_FANO,
    EI_TEMPORAL_FANO,
    EI_AUTO_COV,
    EI_FFT,
    EI_STD_RATE_TEMPORAL,
    EI_STD_RATE_SPATIAL,
    EI_STD_CV,
    EI_W_BLOW,
    EI_W_CREEP,
    EI_FINAL_WEIGHTS
};

/** When to give a simulation up; 0 and infinity as limits: never. */
typedef struct {
    double after;                  /**< s from the beginning that are let pass */
    double window;                 /**< s over which rates are taken */
    double rate_min, rate_max;     /**< Hz, of the E neurons */
    double rate_i_min, rate_i_max; /**< Hz, of the I neurons */
} ei_stop_settings;

enum { EI_CHECKPOINTS = 8 }; /**< at most */

/** A model's own settings begin with these. */
typedef struct {
    fsbi_if_parameters neuron;
    long delay_steps;
    long excitatory, inhibitory, input;
    double sparseness, sparseness_poisson;
    double weight_poisson;
    double initial_weight[EI_CONNECTIONS];
    double weight_min, weight_max;
    double seconds_before, seconds_scored;
    double max_rate; /**< Hz, of the E neurons; its key, max_rate_checker, is the model's own */
    double tau_checker;
    long recorded_excitatory, recorded_inhibitory, recorded_weights;
    ei_stop_settings stop;
    ei_familiarity familiarity;
    fsbi_config_list checkpoints; /**< s, ascending */
} ei_settings;

/** The table of all these but max_rate. */
extern const fsbi_config_keys ei_keys;

/** Checks how the settings go together. */
fsbi_status ei_settings_check(ei_settings *settings, fsbi_error *error);

/** Declares the input rate, the last parameter, a nuisance. */
fsbi_status ei_declare_input_rate(fsbi_model *model, fsbi_error *error);

/** Declares the metrics of a network whose connections are plastic as said. */
fsbi_status ei_declare_metrics(fsbi_model *model, const bool plastic[EI_CONNECTIONS],
                               fsbi_error *error);

/** How many metrics are not interim numbers, of so many plastic connections. */
size_t ei_final_metric_count(const ei_settings *settings, size_t plastic);

/** Seconds between two samples of the weights. */
extern const double ei_weight_interval;

/** A duration in steps. */
size_t ei_steps(const ei_settings *settings, double seconds);

#endif
