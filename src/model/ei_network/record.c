#include "model/ei_network/record.h"

#include <stdio.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "spike trains are stored as they are");

/* The traces of a population. */
enum { BEGIN, STEP, OF_POPULATION, OF_POPULATIONS = 2 * OF_POPULATION };

ei_record ei_network_record(ei_network *net) {
    const ei_settings *s = &net->settings;
    const size_t duration = ei_steps(s, s->seconds_scored);
    const double dt = s->neuron.dt;
    ei_record record = {
        .excitatory = fsbi_spike_monitor_trains(&net->excitatory_spikes, duration, dt),
        .inhibitory = fsbi_spike_monitor_trains(&net->inhibitory_spikes, duration, dt)};
    for (int k = 0; k < EI_CONNECTIONS; k++)
        if (net->recurrent[k].weight != NULL)
            record.weights[k] = fsbi_weight_monitor_samples(&net->weights[k]);
    return record;
}

static fsbi_status declare_population(fsbi_model *model, const char *name, fsbi_error *error) {
    fsbi_trace_array begin = {.unit = "1", .type = FSBI_TRACE_UINT64};
    fsbi_trace_array step = {.unit = "dt", .type = FSBI_TRACE_UINT32};
    snprintf(begin.name, sizeof begin.name, "%s_begin", name);
    snprintf(step.name, sizeof step.name, "%s_step", name);
    FSBI_TRY(fsbi_model_add_trace(model, &begin, error));
    return fsbi_model_add_trace(model, &step, error);
}

fsbi_status ei_declare_traces(fsbi_model *model, const bool plastic[EI_CONNECTIONS],
                              fsbi_error *error) {
    FSBI_TRY(declare_population(model, "excitatory", error));
    FSBI_TRY(declare_population(model, "inhibitory", error));
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        fsbi_trace_array weights = {.unit = "1", .type = FSBI_TRACE_FLOAT};
        snprintf(weights.name, sizeof weights.name, "weights_%s", ei_connection_names[k]);
        if (plastic[k])
            FSBI_TRY(fsbi_model_add_trace(model, &weights, error));
    }
    return FSBI_OK;
}

static void trace_population(const fsbi_spike_trains *trains, fsbi_trace_data *traces) {
    traces[BEGIN] = (fsbi_trace_data){trains->begin, trains->neurons + 1};
    traces[STEP] = (fsbi_trace_data){trains->step, trains->begin[trains->neurons]};
}

void ei_network_traces(ei_network *net, fsbi_trace_data *traces) {
    const ei_record record = ei_network_record(net);
    trace_population(&record.excitatory, traces);
    trace_population(&record.inhibitory, traces + OF_POPULATION);
    traces += OF_POPULATIONS;
    for (int k = 0; k < EI_CONNECTIONS; k++)
        if (net->recurrent[k].weight != NULL)
            *traces++ = (fsbi_trace_data){record.weights[k].weight,
                                          record.weights[k].samples * record.weights[k].synapses};
}

/* Whether these are spikes of so many neurons in the scored time. */
static bool read_population(const ei_settings *settings, long neurons,
                            const fsbi_trace_data *traces, fsbi_spike_trains *trains) {
    *trains = (fsbi_spike_trains){.neurons = (size_t)neurons,
                                  .begin = traces[BEGIN].data,
                                  .step = traces[STEP].data,
                                  .duration_steps = ei_steps(settings, settings->seconds_scored),
                                  .dt = settings->neuron.dt};
    bool possible = traces[BEGIN].count == trains->neurons + 1 && trains->begin[0] == 0 &&
                    trains->begin[trains->neurons] == traces[STEP].count;
    for (size_t i = 0; possible && i < trains->neurons; i++)
        possible =
            trains->begin[i] <= trains->begin[i + 1] && trains->begin[i + 1] <= traces[STEP].count;
    for (size_t i = 0; possible && i < trains->neurons; i++)
        for (size_t k = trains->begin[i]; possible && k < trains->begin[i + 1]; k++)
            possible = trains->step[k] < trains->duration_steps &&
                       (k == trains->begin[i] || trains->step[k - 1] < trains->step[k]);
    return possible;
}

static bool read_weights(const ei_settings *settings, const fsbi_trace_data *trace,
                         fsbi_weight_samples *samples) {
    const size_t synapses = (size_t)settings->recorded_weights;
    *samples = (fsbi_weight_samples){synapses, trace->count / synapses, trace->data};
    return trace->count >= synapses && trace->count % synapses == 0;
}

fsbi_status ei_record_read(const ei_settings *settings, const bool plastic[EI_CONNECTIONS],
                           const fsbi_trace_data *traces, ei_record *record, fsbi_error *error) {
    *record = (ei_record){0};
    bool possible =
        read_population(settings, settings->recorded_excitatory, traces, &record->excitatory) &&
        read_population(settings, settings->recorded_inhibitory, traces + OF_POPULATION,
                        &record->inhibitory);
    traces += OF_POPULATIONS;
    for (int k = 0; k < EI_CONNECTIONS; k++)
        if (plastic[k])
            possible = read_weights(settings, traces++, &record->weights[k]) && possible;
    return possible ? FSBI_OK
                    : fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "no network with these settings can have recorded this");
}
