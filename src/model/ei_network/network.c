#include "model/ei_network/network.h"

void ei_network_clear(ei_network *net) {
    fsbi_poisson_input_clear(&net->input);
    fsbi_connection_clear(&net->input_to_excitatory);
    fsbi_connection_clear(&net->input_to_inhibitory);
    for (int k = 0; k < EI_CONNECTIONS; k++)
        fsbi_weight_monitor_clear(&net->weights[k]);
    fsbi_spike_monitor_clear(&net->excitatory_spikes);
    fsbi_spike_monitor_clear(&net->inhibitory_spikes);
}

fsbi_if_population *ei_presynaptic(const ei_network *net, ei_connection connection) {
    return connection == EI_EE || connection == EI_EI ? net->excitatory : net->inhibitory;
}

fsbi_if_population *ei_postsynaptic(const ei_network *net, ei_connection connection) {
    return connection == EI_EE || connection == EI_IE ? net->excitatory : net->inhibitory;
}

fsbi_connection_specification ei_shape(const ei_network *net, ei_connection connection) {
    const fsbi_if_population *source = ei_presynaptic(net, connection);
    const fsbi_if_population *target = ei_postsynaptic(net, connection);
    return (fsbi_connection_specification){.presynaptic_size = source->size,
                                           .postsynaptic_size = target->size,
                                           .probability = net->settings.sparseness,
                                           .exclude_self = source == target};
}

fsbi_trace *ei_conductance(const ei_network *net, ei_connection connection) {
    fsbi_if_population *target = ei_postsynaptic(net, connection);
    return ei_presynaptic(net, connection) == net->excitatory ? &target->g_ampa : &target->g_gaba;
}

static fsbi_status init_input(ei_network *net, fsbi_error *error) {
    const ei_settings *s = &net->settings;
    fsbi_connection_specification specification = {.presynaptic_size = (size_t)s->input,
                                                   .postsynaptic_size = net->excitatory->size,
                                                   .probability = s->sparseness_poisson};
    FSBI_TRY(fsbi_poisson_input_init(&net->input, (size_t)s->input, (size_t)s->delay_steps, error));
    FSBI_TRY(fsbi_connection_init(&net->input_to_excitatory, &specification, error));
    specification.postsynaptic_size = net->inhibitory->size;
    return fsbi_connection_init(&net->input_to_inhibitory, &specification, error);
}

static fsbi_status init_monitors(ei_network *net, fsbi_error *error) {
    const ei_settings *s = &net->settings;
    const size_t steps = ei_steps(s, s->seconds_scored);
    const size_t interval = fsbi_if_minimum_interval(&s->neuron);
    FSBI_TRY(fsbi_spike_monitor_init(&net->excitatory_spikes, (size_t)s->recorded_excitatory, steps,
                                     interval, error));
    FSBI_TRY(fsbi_spike_monitor_init(&net->inhibitory_spikes, (size_t)s->recorded_inhibitory, steps,
                                     interval, error));
    for (int k = 0; k < EI_CONNECTIONS; k++)
        if (net->recurrent[k].weight != NULL)
            FSBI_TRY(fsbi_weight_monitor_init(&net->weights[k], (size_t)s->recorded_weights,
                                              steps / ei_steps(s, ei_weight_interval) + 1, error));
    return FSBI_OK;
}

fsbi_status ei_network_init(ei_network *net, fsbi_error *error) {
    FSBI_TRY(init_input(net, error));
    return init_monitors(net, error);
}

fsbi_status ei_network_start_input(ei_network *net, double rate, gsl_rng *stream,
                                   fsbi_error *error) {
    fsbi_status status = fsbi_connection_draw(&net->input_to_excitatory, 0, stream, error);
    if (status == FSBI_OK)
        status = fsbi_connection_draw(&net->input_to_inhibitory, 0, stream, error);
    fsbi_poisson_input_reset(&net->input, rate, net->settings.neuron.dt, stream);
    fsbi_spike_monitor_reset(&net->excitatory_spikes);
    fsbi_spike_monitor_reset(&net->inhibitory_spikes);
    for (int k = 0; k < EI_CONNECTIONS; k++)
        fsbi_weight_monitor_reset(&net->weights[k]);
    return status;
}

void ei_network_prefetch(const ei_network *net) {
    const fsbi_spike_list *input = fsbi_spike_delay_coming(&net->input.spikes);
    fsbi_connection_prefetch(&net->input_to_excitatory, input);
    fsbi_connection_prefetch(&net->input_to_inhibitory, input);
    for (int k = 0; k < EI_CONNECTIONS; k++)
        fsbi_connection_prefetch(
            net->recurrent[k].connection,
            fsbi_spike_delay_coming(&ei_presynaptic(net, (ei_connection)k)->spikes));
}

void ei_network_step_input(ei_network *net, gsl_rng *stream) {
    const float weight = (float)net->settings.weight_poisson;
    fsbi_poisson_input_step(&net->input, stream);
    const fsbi_spike_list *arriving = fsbi_spike_delay_arriving(&net->input.spikes);
    fsbi_connection_transmit(&net->input_to_excitatory, arriving, weight, &net->excitatory->g_ampa);
    fsbi_connection_transmit(&net->input_to_inhibitory, arriving, weight, &net->inhibitory->g_ampa);
}
