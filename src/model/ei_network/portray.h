/** Pictures of what a network of E and I neurons did, from its traces. */
#ifndef FSBI_MODEL_EI_NETWORK_PORTRAY_H
#define FSBI_MODEL_EI_NETWORK_PORTRAY_H

#include "fsbi/portrait.h"
#include "model/ei_network/record.h"

/** Differences of spike times at which the windows of rules are drawn, the middles of so many bins
 * between -0.1 and 0.1 s. */
enum { EI_WINDOW_POINTS = 400 };
double ei_window_difference(size_t point);

/** Begins the picture of a connection's STDP window: weight change against postsynaptic minus
 * presynaptic spike time. */
fsbi_status ei_portray_window(fsbi_portrait *portrait, ei_connection connection, fsbi_error *error);

/**
 * Raster of the first neurons' last seconds, rates of both populations over time, histogram of
 * intervals between spikes, mean weights over time, and histograms of the weights at the beginning
 * and the end. FSBI_BAD_INPUT if no network with these settings can have recorded the traces.
 */
fsbi_status ei_portray_traces(const ei_settings *settings, const bool plastic[EI_CONNECTIONS],
                              const fsbi_trace_data *traces, fsbi_portrait *portrait,
                              fsbi_error *error);

#endif
