#include "model/if_poly/network.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

const double if_poly_weight_interval = 0.1;
const size_t if_poly_input_rate = (size_t)IF_POLY_CONNECTIONS * IF_POLY_RULE_SIZE;

size_t if_poly_steps(const if_poly_settings *settings, double seconds) {
    return (size_t)llround(seconds / settings->neuron.dt);
}

fsbi_if_population *if_poly_presynaptic(if_poly_network *net, int connection) {
    return connection == IF_POLY_EE || connection == IF_POLY_EI ? &net->excitatory
                                                                : &net->inhibitory;
}

fsbi_if_population *if_poly_postsynaptic(if_poly_network *net, int connection) {
    return connection == IF_POLY_EE || connection == IF_POLY_IE ? &net->excitatory
                                                                : &net->inhibitory;
}

void if_poly_network_destroy(if_poly_network *net) {
    if (net == NULL)
        return;
    fsbi_if_population_clear(&net->excitatory);
    fsbi_if_population_clear(&net->inhibitory);
    fsbi_poisson_input_clear(&net->input);
    fsbi_connection_clear(&net->input_to_excitatory);
    fsbi_connection_clear(&net->input_to_inhibitory);
    for (int k = 0; k < IF_POLY_CONNECTIONS; k++) {
        fsbi_polynomial_connection_clear(&net->plastic[k]);
        fsbi_weight_monitor_clear(&net->weights[k]);
    }
    fsbi_spike_monitor_clear(&net->excitatory_spikes);
    fsbi_spike_monitor_clear(&net->inhibitory_spikes);
    free(net);
}

static fsbi_status init_populations(if_poly_network *net, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    const size_t delay = (size_t)s->delay_steps;
    fsbi_status status =
        fsbi_if_population_init(&net->excitatory, (size_t)s->excitatory, delay, &s->neuron, error);
    if (status == FSBI_OK)
        status = fsbi_if_population_init(&net->inhibitory, (size_t)s->inhibitory, delay, &s->neuron,
                                         error);
    return status != FSBI_OK ? status
                             : fsbi_poisson_input_init(&net->input, (size_t)s->input, delay, error);
}

static fsbi_status init_inputs(if_poly_network *net, fsbi_error *error) {
    fsbi_connection_shape shape = {.presynaptic_size = net->input.size,
                                   .postsynaptic_size = net->excitatory.size,
                                   .probability = net->settings.sparseness_poisson};
    fsbi_status status = fsbi_connection_init(&net->input_to_excitatory, &shape, error);
    shape.postsynaptic_size = net->inhibitory.size;
    return status != FSBI_OK ? status
                             : fsbi_connection_init(&net->input_to_inhibitory, &shape, error);
}

static fsbi_status init_plastic(if_poly_network *net, int k, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    const fsbi_connection_shape shape = {.presynaptic_size = if_poly_presynaptic(net, k)->size,
                                         .postsynaptic_size = if_poly_postsynaptic(net, k)->size,
                                         .probability = s->sparseness,
                                         .exclude_self = if_poly_presynaptic(net, k) ==
                                                         if_poly_postsynaptic(net, k),

                                         .weighted = true};
    size_t samples =
        if_poly_steps(s, s->seconds_scored) / if_poly_steps(s, if_poly_weight_interval) + 1;
    fsbi_status status = fsbi_polynomial_connection_init(&net->plastic[k], &shape, error);
    return status != FSBI_OK ? status
                             : fsbi_weight_monitor_init(
                                   &net->weights[k], (size_t)s->recorded_weights, samples, error);
}

static fsbi_status init_monitors(if_poly_network *net, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    const size_t steps = if_poly_steps(s, s->seconds_scored);
    const size_t interval = fsbi_if_minimum_interval(&s->neuron);
    fsbi_status status = fsbi_spike_monitor_init(
        &net->excitatory_spikes, (size_t)s->recorded_excitatory, steps, interval, error);
    return status != FSBI_OK
               ? status
               : fsbi_spike_monitor_init(&net->inhibitory_spikes, (size_t)s->recorded_inhibitory,
                                         steps, interval, error);
}

if_poly_network *if_poly_network_create(const if_poly_settings *settings, fsbi_error *error) {
    if_poly_network *net = fsbi_memory_allocate(1, sizeof *net, error);
    if (net == NULL)
        return NULL;
    net->settings = *settings;
    fsbi_status status = init_populations(net, error);
    if (status == FSBI_OK)
        status = init_inputs(net, error);
    for (int k = 0; k < IF_POLY_CONNECTIONS && status == FSBI_OK; k++)
        status = init_plastic(net, k, error);
    if (status == FSBI_OK)
        status = init_monitors(net, error);
    if (status != FSBI_OK) {
        if_poly_network_destroy(net);
        return NULL;
    }
    return net;
}

static void set_rule(if_poly_network *net, int k, const double *theta) {
    const if_poly_settings *s = &net->settings;
    const double *entry = theta + (size_t)k * IF_POLY_RULE_SIZE;
    const fsbi_polynomial_rule rule = {.eta = s->eta,
                                       .alpha = entry[IF_POLY_ALPHA],
                                       .beta = entry[IF_POLY_BETA],
                                       .gamma = entry[IF_POLY_GAMMA],
                                       .kappa = entry[IF_POLY_KAPPA],
                                       .tau_pre = entry[IF_POLY_TAU_PRE],
                                       .tau_post = entry[IF_POLY_TAU_POST],
                                       .weight_min = s->weight_min,
                                       .weight_max = s->weight_max};
    fsbi_polynomial_connection_reset(&net->plastic[k], &rule, s->neuron.dt);
    fsbi_weight_monitor_reset(&net->weights[k]);
}

fsbi_status if_poly_network_start(if_poly_network *net, const double *theta, gsl_rng *stream,
                                  fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    fsbi_if_population_reset(&net->excitatory);
    fsbi_if_population_reset(&net->inhibitory);
    fsbi_status status = fsbi_connection_draw(&net->input_to_excitatory, 0, stream, error);
    if (status == FSBI_OK)
        status = fsbi_connection_draw(&net->input_to_inhibitory, 0, stream, error);
    for (int k = 0; k < IF_POLY_CONNECTIONS && status == FSBI_OK; k++) {
        set_rule(net, k, theta);
        status =
            fsbi_connection_draw(&net->plastic[k].connection, s->initial_weight[k], stream, error);
    }
    fsbi_poisson_input_reset(&net->input, theta[if_poly_input_rate], s->neuron.dt, stream);
    fsbi_spike_monitor_reset(&net->excitatory_spikes);
    fsbi_spike_monitor_reset(&net->inhibitory_spikes);
    return status;
}

static void step_plastic(if_poly_network *net, int k) {
    fsbi_if_population *target = if_poly_postsynaptic(net, k);
    const fsbi_if_population *source = if_poly_presynaptic(net, k);
    fsbi_polynomial_connection_step(&net->plastic[k], fsbi_spike_delay_arriving(&source->spikes),
                                    fsbi_spike_delay_emitted(&target->spikes),
                                    source == &net->excitatory ? target->g_ampa : target->g_gaba);
}

/* The populations' step gives the memory time to deliver. */
static void prefetch_coming(if_poly_network *net) {
    const fsbi_spike_list *input = fsbi_spike_delay_coming(&net->input.spikes);
    fsbi_connection_prefetch(&net->input_to_excitatory, input);
    fsbi_connection_prefetch(&net->input_to_inhibitory, input);
    for (int k = 0; k < IF_POLY_CONNECTIONS; k++)
        fsbi_connection_prefetch(&net->plastic[k].connection,
                                 fsbi_spike_delay_coming(&if_poly_presynaptic(net, k)->spikes));
}

void if_poly_network_step(if_poly_network *net, gsl_rng *stream) {
    prefetch_coming(net);
    const float weight = (float)net->settings.weight_poisson;
    fsbi_if_population_step(&net->excitatory);
    fsbi_if_population_step(&net->inhibitory);
    fsbi_poisson_input_step(&net->input, stream);
    const fsbi_spike_list *input = fsbi_spike_delay_arriving(&net->input.spikes);
    fsbi_connection_transmit(&net->input_to_excitatory, input, weight, net->excitatory.g_ampa);
    fsbi_connection_transmit(&net->input_to_inhibitory, input, weight, net->inhibitory.g_ampa);
    for (int k = 0; k < IF_POLY_CONNECTIONS; k++)
        step_plastic(net, k);
}
