/**
 * What networks of excitatory and inhibitory neurons share besides their neurons and recurrent
 * connections, which are the model's own: Poisson input, recording, scoring, and the run from the
 * beginning to the end.
 */
#ifndef FSBI_MODEL_EI_NETWORK_NETWORK_H
#define FSBI_MODEL_EI_NETWORK_NETWORK_H

#include "model/ei_network/settings.h"
#include "snn/connection.h"
#include "snn/poisson_input.h"
#include "snn/spike_monitor.h"
#include "snn/weight_monitor.h"

/** A recurrent connection of the model; its weights are recorded if it is plastic. */
typedef struct {
    const fsbi_connection *connection;
    fsbi_weight_reader *weight; /**< NULL unless plastic */
    const void *plastic;        /**< its argument */
} ei_recurrent;

typedef struct {
    ei_settings settings;
    fsbi_if_population *excitatory; /**< the model's, or the part of its neurons that is one */
    fsbi_if_population *inhibitory;
    ei_recurrent recurrent[EI_CONNECTIONS]; /**< filled by the model before ei_network_init */
    fsbi_poisson_input input;
    fsbi_connection input_to_excitatory;
    fsbi_connection input_to_inhibitory;
    fsbi_weight_monitor weights[EI_CONNECTIONS];
    fsbi_spike_monitor excitatory_spikes;
    fsbi_spike_monitor inhibitory_spikes;
} ei_network;

/** Allocates the input and the monitors for the populations and connections that `net` names. */
fsbi_status ei_network_init(ei_network *net, fsbi_error *error);
void ei_network_clear(ei_network *net);

/** Presynaptic and postsynaptic population of a recurrent connection. */
fsbi_if_population *ei_presynaptic(const ei_network *net, ei_connection connection);
fsbi_if_population *ei_postsynaptic(const ei_network *net, ei_connection connection);

/** What a recurrent connection is drawn from, but for what it has besides targets. */
fsbi_connection_specification ei_shape(const ei_network *net, ei_connection connection);

/** The conductance that a recurrent connection acts on. */
fsbi_trace *ei_conductance(const ei_network *net, ei_connection connection);

/** Draws the input's connections anew and forgets what was recorded; `rate` in Hz. */
fsbi_status ei_network_start_input(ei_network *net, double rate, gsl_rng *stream,
                                   fsbi_error *error);

/** To be called before the populations' step, which gives the memory time to deliver the rows of
 * the spikes that arrive in it. */
void ei_network_prefetch(const ei_network *net);

/** The input's step, and its spikes that arrive now. */
void ei_network_step_input(ei_network *net, gsl_rng *stream);

/** One step of the whole network, in the model's order. `model_network` is the model's own. */
typedef void ei_stepper(void *model_network, gsl_rng *stream);

/** Runs a network that was started until its end, or until it blows up, is stopped, is found not
 * to be finite, or the watch ends it; recording where it is scored. Interim numbers go into
 * `metrics`, the model's. */
fsbi_outcome ei_network_run(ei_network *net, ei_stepper *step, void *model_network,
                            const fsbi_simulation *simulation, double *metrics);

#endif
