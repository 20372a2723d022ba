/** Metrics of a simulation from what was recorded. */
#ifndef FSBI_MODEL_EI_NETWORK_SCORE_H
#define FSBI_MODEL_EI_NETWORK_SCORE_H

#include "model/ei_network/record.h"

/** Metrics of the last simulation, in their declared order. */
fsbi_status ei_network_score(ei_network *net, double *metrics, fsbi_error *error);

/** Metrics of traces (fsbi_model_type, `score`). */
fsbi_status ei_traces_score(const ei_settings *settings, const bool plastic[EI_CONNECTIONS],
                            const fsbi_trace_data *traces, double *metrics, fsbi_error *error);

#endif
