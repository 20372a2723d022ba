/* The network of Confavreux et al., NeurIPS 2023 (Fig. 2): recurrent excitatory and inhibitory populations driven
 * by Poisson input, all four recurrent connections plastic under polynomial rules. The order of operations
 * within a step is part of the model. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "fsbi/spike_metrics.h"
#include "fsbi/weight_metrics.h"
#include "model/if_poly/settings.h"
#include "model/models.h"
#include "snn/denormals.h"
#include "snn/poisson_input.h"
#include "snn/polynomial_rule.h"
#include "snn/rate_checker.h"
#include "snn/spike_monitor.h"
#include "snn/weight_monitor.h"

/* Between two samples of the weights, s. */
static const double weight_interval = 0.1;

/* A connection under a rule, with the two traces that the rule reads. */
typedef struct {
    fsbi_connection connection;
    fsbi_polynomial_rule rule;
    fsbi_trace presynaptic_trace;
    fsbi_trace postsynaptic_trace;
    fsbi_weight_monitor weights;
} plastic_connection;

typedef struct {
    if_poly_settings settings;
    fsbi_if_population excitatory;
    fsbi_if_population inhibitory;
    fsbi_poisson_input input;
    fsbi_connection input_to_excitatory;
    fsbi_connection input_to_inhibitory;
    plastic_connection plastic[IF_POLY_CONNECTIONS];
    fsbi_spike_monitor excitatory_spikes;
    fsbi_spike_monitor inhibitory_spikes;
} network;

static size_t steps_of(const if_poly_settings *settings, double seconds) {
    return (size_t)llround(seconds / settings->neuron.dt);
}

/* Presynaptic and postsynaptic population of a plastic connection. */
static fsbi_if_population *presynaptic(network *net, int connection) {
    return connection == IF_POLY_EE || connection == IF_POLY_EI ? &net->excitatory : &net->inhibitory;
}

static fsbi_if_population *postsynaptic(network *net, int connection) {
    return connection == IF_POLY_EE || connection == IF_POLY_IE ? &net->excitatory : &net->inhibitory;
}

static void destroy(void *workspace) {
    network *net = workspace;
    if (net == NULL)
        return;
    fsbi_if_population_clear(&net->excitatory);
    fsbi_if_population_clear(&net->inhibitory);
    fsbi_poisson_input_clear(&net->input);
    fsbi_connection_clear(&net->input_to_excitatory);
    fsbi_connection_clear(&net->input_to_inhibitory);
    for (int k = 0; k < IF_POLY_CONNECTIONS; k++) {
        fsbi_connection_clear(&net->plastic[k].connection);
        fsbi_trace_clear(&net->plastic[k].presynaptic_trace);
        fsbi_trace_clear(&net->plastic[k].postsynaptic_trace);
        fsbi_weight_monitor_clear(&net->plastic[k].weights);
    }
    fsbi_spike_monitor_clear(&net->excitatory_spikes);
    fsbi_spike_monitor_clear(&net->inhibitory_spikes);
    free(net);
}

static fsbi_status init_populations(network *net, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    const size_t delay = (size_t)s->delay_steps;
    fsbi_status status =
        fsbi_if_population_init(&net->excitatory, (size_t)s->excitatory, delay, &s->neuron, error);
    if (status == FSBI_OK)
        status = fsbi_if_population_init(&net->inhibitory, (size_t)s->inhibitory, delay, &s->neuron, error);
    return status != FSBI_OK ? status
                             : fsbi_poisson_input_init(&net->input, (size_t)s->input, delay, error);
}

static fsbi_status init_inputs(network *net, fsbi_error *error) {
    fsbi_connection_shape shape = {.presynaptic_size = net->input.size,
                                   .postsynaptic_size = net->excitatory.size,
                                   .probability = net->settings.sparseness_poisson};
    fsbi_status status = fsbi_connection_init(&net->input_to_excitatory, &shape, error);
    shape.postsynaptic_size = net->inhibitory.size;
    return status != FSBI_OK ? status : fsbi_connection_init(&net->input_to_inhibitory, &shape, error);
}

static fsbi_status init_plastic(network *net, int k, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    plastic_connection *plastic = &net->plastic[k];
    const fsbi_connection_shape shape = {.presynaptic_size = presynaptic(net, k)->size,
                                         .postsynaptic_size = postsynaptic(net, k)->size,
                                         .probability = s->sparseness,
                                         .exclude_self = presynaptic(net, k) == postsynaptic(net, k),
                                         .plastic = true};
    size_t samples = steps_of(s, s->seconds_scored) / steps_of(s, weight_interval) + 1;
    fsbi_status status = fsbi_connection_init(&plastic->connection, &shape, error);
    if (status == FSBI_OK)
        status = fsbi_trace_init(&plastic->presynaptic_trace, shape.presynaptic_size, error);
    if (status == FSBI_OK)
        status = fsbi_trace_init(&plastic->postsynaptic_trace, shape.postsynaptic_size, error);
    return status != FSBI_OK ? status
                             : fsbi_weight_monitor_init(&plastic->weights, (size_t)s->recorded_weights,
                                                        samples, error);
}

static fsbi_status init_monitors(network *net, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    const size_t steps = steps_of(s, s->seconds_scored);
    const size_t interval = fsbi_if_minimum_interval(&s->neuron);
    fsbi_status status = fsbi_spike_monitor_init(
        &net->excitatory_spikes, (size_t)s->recorded_excitatory, steps, interval, error);
    return status != FSBI_OK ? status
                             : fsbi_spike_monitor_init(&net->inhibitory_spikes,
                                                       (size_t)s->recorded_inhibitory, steps, interval,
                                                       error);
}

static void *create(const void *settings, fsbi_error *error) {
    network *net = fsbi_memory_allocate(1, sizeof *net, error);
    if (net == NULL)
        return NULL;
    net->settings = *(const if_poly_settings *)settings;
    fsbi_status status = init_populations(net, error);
    if (status == FSBI_OK)
        status = init_inputs(net, error);
    for (int k = 0; k < IF_POLY_CONNECTIONS && status == FSBI_OK; k++)
        status = init_plastic(net, k, error);
    if (status == FSBI_OK)
        status = init_monitors(net, error);
    if (status != FSBI_OK) {
        destroy(net);
        return NULL;
    }
    return net;
}

static void set_rule(network *net, int k, const double *theta) {
    const if_poly_settings *s = &net->settings;
    const double *entry = theta + k * IF_POLY_RULE_SIZE;
    plastic_connection *plastic = &net->plastic[k];
    plastic->rule = (fsbi_polynomial_rule){.eta = s->eta,
                                           .alpha = entry[IF_POLY_ALPHA],
                                           .beta = entry[IF_POLY_BETA],
                                           .gamma = entry[IF_POLY_GAMMA],
                                           .kappa = entry[IF_POLY_KAPPA],
                                           .weight_max = s->weight_max};
    fsbi_trace_reset(&plastic->presynaptic_trace, entry[IF_POLY_TAU_PRE], s->neuron.dt);
    fsbi_trace_reset(&plastic->postsynaptic_trace, entry[IF_POLY_TAU_POST], s->neuron.dt);
    fsbi_weight_monitor_reset(&plastic->weights);
}

/* A new network at rest under the rule theta. */
static fsbi_status start(network *net, const double *theta, gsl_rng *stream, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    fsbi_if_population_reset(&net->excitatory);
    fsbi_if_population_reset(&net->inhibitory);
    fsbi_status status = fsbi_connection_draw(&net->input_to_excitatory, 0, stream, error);
    if (status == FSBI_OK)
        status = fsbi_connection_draw(&net->input_to_inhibitory, 0, stream, error);
    for (int k = 0; k < IF_POLY_CONNECTIONS && status == FSBI_OK; k++) {
        set_rule(net, k, theta);
        status = fsbi_connection_draw(&net->plastic[k].connection, s->initial_weight[k], stream, error);
    }
    fsbi_poisson_input_reset(&net->input, theta[IF_POLY_CONNECTIONS * IF_POLY_RULE_SIZE], s->neuron.dt,
                             stream);
    fsbi_spike_monitor_reset(&net->excitatory_spikes);
    fsbi_spike_monitor_reset(&net->inhibitory_spikes);
    return status;
}

static void step_plastic(network *net, int k) {
    plastic_connection *plastic = &net->plastic[k];
    fsbi_if_population *target = postsynaptic(net, k);
    float *conductance = presynaptic(net, k) == &net->excitatory ? target->g_ampa : target->g_gaba;
    fsbi_polynomial_rule_forward(&plastic->rule, &plastic->connection,
                                 fsbi_spike_delay_arriving(&presynaptic(net, k)->spikes),
                                 &plastic->postsynaptic_trace, conductance);
    fsbi_polynomial_rule_backward(&plastic->rule, &plastic->connection,
                                  fsbi_spike_delay_emitted(&target->spikes), &plastic->presynaptic_trace);
}

static void step_traces(network *net, int k) {
    fsbi_trace_step(&net->plastic[k].presynaptic_trace,
                    fsbi_spike_delay_arriving(&presynaptic(net, k)->spikes));
    fsbi_trace_step(&net->plastic[k].postsynaptic_trace,
                    fsbi_spike_delay_emitted(&postsynaptic(net, k)->spikes));
}

static void step_network(network *net, gsl_rng *stream) {
    const float weight = (float)net->settings.weight_poisson;
    fsbi_if_population_step(&net->excitatory);
    fsbi_if_population_step(&net->inhibitory);
    fsbi_poisson_input_step(&net->input, stream);
    const fsbi_spike_list *input = fsbi_spike_delay_arriving(&net->input.spikes);
    fsbi_connection_transmit(&net->input_to_excitatory, input, weight, net->excitatory.g_ampa);
    fsbi_connection_transmit(&net->input_to_inhibitory, input, weight, net->inhibitory.g_ampa);
    for (int k = 0; k < IF_POLY_CONNECTIONS; k++)
        step_plastic(net, k);
    for (int k = 0; k < IF_POLY_CONNECTIONS; k++)
        step_traces(net, k);
}

static void record(network *net, size_t step, size_t weight_steps) {
    fsbi_spike_monitor_record(&net->excitatory_spikes, fsbi_spike_delay_emitted(&net->excitatory.spikes),
                              (uint32_t)step);
    fsbi_spike_monitor_record(&net->inhibitory_spikes, fsbi_spike_delay_emitted(&net->inhibitory.spikes),
                              (uint32_t)step);
    if (step % weight_steps == 0)
        for (int k = 0; k < IF_POLY_CONNECTIONS; k++)
            fsbi_weight_monitor_record(&net->plastic[k].weights, &net->plastic[k].connection);
}

static fsbi_status score(network *net, double *metrics, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    const size_t duration = steps_of(s, s->seconds_scored);
    fsbi_spike_trains excitatory = fsbi_spike_monitor_trains(&net->excitatory_spikes, duration, s->neuron.dt);
    fsbi_spike_trains inhibitory = fsbi_spike_monitor_trains(&net->inhibitory_spikes, duration, s->neuron.dt);
    fsbi_spike_metrics spikes;
    fsbi_status status = fsbi_spike_metrics_compute(&excitatory, &spikes, error);
    if (status != FSBI_OK)
        return status;
    metrics[IF_POLY_RATE] = spikes.rate;
    metrics[IF_POLY_RATE_I] = fsbi_spike_rate(&inhibitory);
    metrics[IF_POLY_CV_ISI] = spikes.cv_isi;
    metrics[IF_POLY_KL_ISI] = spikes.kl_isi;
    metrics[IF_POLY_SPATIAL_FANO] = spikes.spatial_fano;
    metrics[IF_POLY_TEMPORAL_FANO] = spikes.temporal_fano;
    metrics[IF_POLY_AUTO_COV] = spikes.auto_cov;
    metrics[IF_POLY_FFT] = spikes.fft;
    metrics[IF_POLY_STD_RATE_TEMPORAL] = spikes.std_rate_temporal;
    metrics[IF_POLY_STD_RATE_SPATIAL] = spikes.std_rate_spatial;
    metrics[IF_POLY_STD_CV] = spikes.std_cv;
    metrics[IF_POLY_W_BLOW] = 0;
    metrics[IF_POLY_W_CREEP] = 0;
    for (int k = 0; k < IF_POLY_CONNECTIONS; k++) {
        fsbi_weight_samples samples = fsbi_weight_monitor_samples(&net->plastic[k].weights);
        metrics[IF_POLY_W_BLOW] +=
            fsbi_weight_saturated_share(&samples, s->weight_max) / IF_POLY_CONNECTIONS;
        metrics[IF_POLY_W_CREEP] = fmax(metrics[IF_POLY_W_CREEP], fsbi_weight_creep(&samples));
        metrics[IF_POLY_WEEF + k] = fsbi_weight_final_mean(&samples);
    }
    return FSBI_OK;
}

/* Runs the network to the end or until it blows up. */
static fsbi_outcome run(network *net, gsl_rng *stream) {
    const if_poly_settings *s = &net->settings;
    const size_t scored_from = steps_of(s, s->seconds_before);
    const size_t steps = scored_from + steps_of(s, s->seconds_scored);
    const size_t weight_steps = steps_of(s, weight_interval);
    fsbi_rate_checker checker =
        fsbi_rate_checker_start(net->excitatory.size, s->max_rate, s->tau_checker, s->neuron.dt);
    for (size_t step = 0; step < steps; step++) {
        step_network(net, stream);
        if (step >= scored_from)
            record(net, step - scored_from, weight_steps);
        if (fsbi_rate_checker_step(&checker, fsbi_spike_delay_arriving(&net->excitatory.spikes)->count))
            return (fsbi_outcome){FSBI_SIMULATION_BLOWN_UP, (double)(step + 1) * s->neuron.dt};
    }
    return (fsbi_outcome){FSBI_SIMULATION_OK, (double)steps * s->neuron.dt};
}

static fsbi_status simulate(void *workspace, const double *theta, gsl_rng *stream, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    network *net = workspace;
    fsbi_status status = start(net, theta, stream, error);
    if (status != FSBI_OK)
        return status;
    unsigned mode = fsbi_denormals_flush();
    *outcome = run(net, stream);
    fsbi_denormals_restore(mode);
    return outcome->status == FSBI_SIMULATION_OK ? score(net, metrics, error) : FSBI_OK;
}

const fsbi_model_type fsbi_model_if_poly = {
    .name = "if_poly",
    .summary = "recurrent spiking network with polynomial rules, Confavreux et al., NeurIPS 2023, Fig. 2",
    .keys = &if_poly_keys,
    .settings_size = sizeof(if_poly_settings),
    .configure = if_poly_configure,
    .create = create,
    .simulate = simulate,
    .destroy = destroy,
};
