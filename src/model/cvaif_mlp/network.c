#include "model/cvaif_mlp/network.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

const ei_connection cvaif_mlp_plastic[CVAIF_MLP_PLASTIC] = {EI_EE, EI_IE};

void cvaif_mlp_network_destroy(cvaif_mlp_network *net) {
    if (net == NULL)
        return;
    ei_network_clear(&net->shared);
    fsbi_cvaif_population_clear(&net->excitatory);
    fsbi_cvaif_population_clear(&net->inhibitory);
    for (int p = 0; p < CVAIF_MLP_PLASTIC; p++)
        fsbi_mlp_connection_clear(&net->plastic[p]);
    fsbi_connection_clear(&net->ei);
    fsbi_connection_clear(&net->ii);
    free(net);
}

fsbi_mlp_constants cvaif_mlp_rule_constants(const cvaif_mlp_settings *settings) {
    const fsbi_config_list *list = &settings->rule_constants;
    const double *number = list->count > 0 ? list->number : cvaif_mlp_published_constants;
    fsbi_mlp_constants constants = {.tau_pre_fast = number[0],
                                    .tau_pre_slow = number[1],
                                    .tau_post_fast = number[2],
                                    .tau_post_slow = number[3]};
    number += CVAIF_MLP_TIME_CONSTANTS;
    memcpy(constants.layer_1, number, sizeof constants.layer_1);
    memcpy(constants.layer_2, number + CVAIF_MLP_LAYER_1, sizeof constants.layer_2);
    return constants;
}

static fsbi_status init_populations(cvaif_mlp_network *net, const cvaif_mlp_settings *settings,
                                    fsbi_error *error) {
    const ei_settings *s = &settings->network;
    const size_t delay = (size_t)s->delay_steps;
    const fsbi_cvaif_parameters parameters = {.neuron = s->neuron,
                                              .tau_adapt = settings->tau_adapt,
                                              .adapt_increment = settings->adapt_increment,
                                              .tau_v_trace = settings->tau_v_trace,
                                              .tau_c_exc = settings->tau_c_exc,
                                              .tau_c_inh = settings->tau_c_inh};
    FSBI_TRY(fsbi_cvaif_population_init(&net->excitatory, (size_t)s->excitatory, delay, &parameters,
                                        error));
    net->shared.excitatory = &net->excitatory.neurons;
    net->shared.inhibitory = &net->inhibitory.neurons;
    return fsbi_cvaif_population_init(&net->inhibitory, (size_t)s->inhibitory, delay, &parameters,
                                      error);
}

static fsbi_status init_plastic(cvaif_mlp_network *net, int p, fsbi_error *error) {
    const ei_connection k = cvaif_mlp_plastic[p];
    fsbi_connection_specification specification = ei_shape(&net->shared, k);
    specification.weighted = true;
    specification.columns = true;
    net->shared.recurrent[k] = (ei_recurrent){.connection = &net->plastic[p].connection,
                                              .weight = fsbi_mlp_connection_weight,
                                              .plastic = &net->plastic[p]};
    return fsbi_mlp_connection_init(&net->plastic[p], &specification, error);
}

static fsbi_status init_static(cvaif_mlp_network *net, ei_connection k, fsbi_connection *connection,
                               fsbi_error *error) {
    const fsbi_connection_specification specification = ei_shape(&net->shared, k);
    net->shared.recurrent[k] = (ei_recurrent){.connection = connection};
    return fsbi_connection_init(connection, &specification, error);
}

cvaif_mlp_network *cvaif_mlp_network_create(const cvaif_mlp_settings *settings, fsbi_error *error) {
    cvaif_mlp_network *net = fsbi_memory_allocate(1, sizeof *net, error);
    if (net == NULL)
        return NULL;
    net->shared.settings = settings->network;
    net->constants = cvaif_mlp_rule_constants(settings);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(init_populations(net, settings, error));
    for (int p = 0; p < CVAIF_MLP_PLASTIC; p++)
        FSBI_TRY_DONE(init_plastic(net, p, error));
    FSBI_TRY_DONE(init_static(net, EI_EI, &net->ei, error));
    FSBI_TRY_DONE(init_static(net, EI_II, &net->ii, error));
    FSBI_TRY_DONE(ei_network_init(&net->shared, error));
    return net;
done:
    cvaif_mlp_network_destroy(net);
    return NULL;
}

static fsbi_mlp_output output_of(const double *theta) {
    fsbi_mlp_output output;
    memcpy(output.weight, theta, sizeof output.weight);
    output.bias = theta[FSBI_MLP_HIDDEN_2];
    return output;
}

fsbi_mlp_rule cvaif_mlp_rule(const ei_settings *settings, int p, const double *theta) {
    const double *outputs = theta + CVAIF_MLP_PLASTIC + (ptrdiff_t)p * CVAIF_MLP_RULE;
    return (fsbi_mlp_rule){.eta = theta[p],
                           .pre = output_of(outputs),
                           .post = output_of(outputs + CVAIF_MLP_OUTPUT),
                           .weight_min = settings->weight_min,
                           .weight_max = settings->weight_max};
}

fsbi_status cvaif_mlp_network_start(cvaif_mlp_network *net, const double *theta, gsl_rng *stream,
                                    fsbi_error *error) {
    const double *initial_weight = net->shared.settings.initial_weight;
    fsbi_cvaif_population_reset(&net->excitatory);
    fsbi_cvaif_population_reset(&net->inhibitory);
    FSBI_TRY(ei_network_start_input(&net->shared, theta[CVAIF_MLP_INPUT_RATE], stream, error));
    for (int p = 0; p < CVAIF_MLP_PLASTIC; p++) {
        const fsbi_mlp_rule rule = cvaif_mlp_rule(&net->shared.settings, p, theta);
        fsbi_mlp_connection_reset(&net->plastic[p], &net->constants, &rule,
                                  net->shared.settings.neuron.dt);
        FSBI_TRY(fsbi_connection_draw(&net->plastic[p].connection,
                                      initial_weight[cvaif_mlp_plastic[p]], stream, error));
    }
    FSBI_TRY(fsbi_connection_draw(&net->ei, 0, stream, error));
    return fsbi_connection_draw(&net->ii, 0, stream, error);
}

static void step_plastic(cvaif_mlp_network *net, int p) {
    const ei_network *shared = &net->shared;
    const ei_connection k = cvaif_mlp_plastic[p];
    fsbi_mlp_connection_step(&net->plastic[p], &net->excitatory,
                             fsbi_spike_delay_arriving(&ei_presynaptic(shared, k)->spikes),
                             fsbi_spike_delay_emitted(&ei_postsynaptic(shared, k)->spikes),
                             ei_conductance(shared, k));
}

static void step_static(cvaif_mlp_network *net, ei_connection k,
                        const fsbi_connection *connection) {
    const ei_network *shared = &net->shared;
    fsbi_connection_transmit(connection,
                             fsbi_spike_delay_arriving(&ei_presynaptic(shared, k)->spikes),
                             (float)shared->settings.initial_weight[k], ei_conductance(shared, k));
}

void cvaif_mlp_network_step(void *network, gsl_rng *stream) {
    cvaif_mlp_network *net = network;
    ei_network_prefetch(&net->shared);
    fsbi_cvaif_population_step(&net->excitatory);
    fsbi_cvaif_population_step(&net->inhibitory);
    ei_network_step_input(&net->shared, stream);
    step_plastic(net, 0);
    step_static(net, EI_EI, &net->ei);
    step_plastic(net, 1);
    step_static(net, EI_II, &net->ii);
}
