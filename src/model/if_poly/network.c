#include "model/if_poly/network.h"

#include <stdlib.h>

#include "core/memory.h"

void if_poly_network_destroy(if_poly_network *net) {
    if (net == NULL)
        return;
    ei_network_clear(&net->shared);
    fsbi_if_population_clear(&net->excitatory);
    fsbi_if_population_clear(&net->inhibitory);
    for (int k = 0; k < EI_CONNECTIONS; k++)
        fsbi_polynomial_connection_clear(&net->plastic[k]);
    free(net);
}

static fsbi_status init_populations(if_poly_network *net, fsbi_error *error) {
    const ei_settings *s = &net->shared.settings;
    const size_t delay = (size_t)s->delay_steps;
    FSBI_TRY(
        fsbi_if_population_init(&net->excitatory, (size_t)s->excitatory, delay, &s->neuron, error));
    net->shared.excitatory = &net->excitatory;
    net->shared.inhibitory = &net->inhibitory;
    return fsbi_if_population_init(&net->inhibitory, (size_t)s->inhibitory, delay, &s->neuron,
                                   error);
}

static fsbi_status init_plastic(if_poly_network *net, ei_connection k, fsbi_error *error) {
    fsbi_connection_specification specification = ei_shape(&net->shared, k);
    specification.weighted = true;
    net->shared.recurrent[k] = (ei_recurrent){.connection = &net->plastic[k].connection,
                                              .weight = fsbi_polynomial_connection_weight,
                                              .plastic = &net->plastic[k]};
    return fsbi_polynomial_connection_init(&net->plastic[k], &specification, error);
}

if_poly_network *if_poly_network_create(const if_poly_settings *settings, fsbi_error *error) {
    if_poly_network *net = fsbi_memory_allocate(1, sizeof *net, error);
    if (net == NULL)
        return NULL;
    net->shared.settings = settings->network;
    net->eta = settings->eta;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(init_populations(net, error));
    for (int k = 0; k < EI_CONNECTIONS; k++)
        FSBI_TRY_DONE(init_plastic(net, (ei_connection)k, error));
    FSBI_TRY_DONE(ei_network_init(&net->shared, error));
    return net;
done:
    if_poly_network_destroy(net);
    return NULL;
}

fsbi_polynomial_rule if_poly_rule(const if_poly_network *net, ei_connection connection,
                                  const double *theta) {
    const ei_settings *s = &net->shared.settings;
    const double *entry = theta + (size_t)connection * IF_POLY_RULE_SIZE;
    return (fsbi_polynomial_rule){.eta = net->eta,
                                  .alpha = entry[IF_POLY_ALPHA],
                                  .beta = entry[IF_POLY_BETA],
                                  .gamma = entry[IF_POLY_GAMMA],
                                  .kappa = entry[IF_POLY_KAPPA],
                                  .tau_pre = entry[IF_POLY_TAU_PRE],
                                  .tau_post = entry[IF_POLY_TAU_POST],
                                  .weight_min = s->weight_min,
                                  .weight_max = s->weight_max};
}

fsbi_status if_poly_network_start(if_poly_network *net, const double *theta, gsl_rng *stream,
                                  fsbi_error *error) {
    fsbi_if_population_reset(&net->excitatory);
    fsbi_if_population_reset(&net->inhibitory);
    FSBI_TRY(ei_network_start_input(&net->shared, theta[IF_POLY_INPUT_RATE], stream, error));
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        const fsbi_polynomial_rule rule = if_poly_rule(net, (ei_connection)k, theta);
        fsbi_polynomial_connection_reset(&net->plastic[k], &rule, net->shared.settings.neuron.dt);
        FSBI_TRY(fsbi_connection_draw(&net->plastic[k].connection,
                                      net->shared.settings.initial_weight[k], stream, error));
    }
    return FSBI_OK;
}

void if_poly_network_step(void *network, gsl_rng *stream) {
    if_poly_network *net = network;
    ei_network_prefetch(&net->shared);
    fsbi_if_population_step(&net->excitatory);
    fsbi_if_population_step(&net->inhibitory);
    ei_network_step_input(&net->shared, stream);
    for (ei_connection k = 0; k < EI_CONNECTIONS; k++)
        fsbi_polynomial_connection_step(
            &net->plastic[k], fsbi_spike_delay_arriving(&ei_presynaptic(&net->shared, k)->spikes),
            fsbi_spike_delay_emitted(&ei_postsynaptic(&net->shared, k)->spikes),
            ei_conductance(&net->shared, k));
}
