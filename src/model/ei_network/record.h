/** What a simulation of a network of E and I neurons records, in memory and as traces: spikes of
 * the first neurons of both populations by neuron, and weights of the plastic connections. */
#ifndef FSBI_MODEL_EI_NETWORK_RECORD_H
#define FSBI_MODEL_EI_NETWORK_RECORD_H

#include "model/ei_network/network.h"

typedef struct {
    fsbi_spike_trains excitatory, inhibitory;
    fsbi_weight_samples weights[EI_CONNECTIONS]; /**< no memory: not plastic */
} ei_record;

/** What the monitors hold, in their memory. */
ei_record ei_network_record(ei_network *net);

/**
 * Declares the traces of a network whose connections are plastic as said: excitatory_begin (neurons
 * + 1) and excitatory_step, the steps since the beginning of the scored time at which neuron i
 * spiked being step[begin[i]] .. step[begin[i + 1] - 1]; the same of the inhibitory neurons;
 * weights_EE and so on, samples x synapses, every 0.1 s.
 */
fsbi_status ei_declare_traces(fsbi_model *model, const bool plastic[EI_CONNECTIONS],
                              fsbi_error *error);

/** The last simulation's, in the order in which they are declared. */
void ei_network_traces(ei_network *net, fsbi_trace_data *traces);

/** Such traces as a record, in their memory. FSBI_BAD_INPUT if no network with these settings can
 * have recorded them. */
fsbi_status ei_record_read(const ei_settings *settings, const bool plastic[EI_CONNECTIONS],
                           const fsbi_trace_data *traces, ei_record *record, fsbi_error *error);

#endif
