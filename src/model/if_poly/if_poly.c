/* The network of Confavreux et al., NeurIPS 2023 (Fig. 2), as a model: recurrent excitatory and
 * inhibitory populations driven by Poisson input, all four recurrent connections plastic under
 * polynomial rules. */
#include <math.h>

#include "fsbi/model.h"
#include "fsbi/spike_metrics.h"
#include "fsbi/weight_metrics.h"
#include "model/if_poly/network.h"
#include "snn/denormals.h"
#include "snn/rate_checker.h"

static void record(if_poly_network *net, size_t step, size_t weight_steps) {
    fsbi_spike_monitor_record(&net->excitatory_spikes,
                              fsbi_spike_delay_emitted(&net->excitatory.spikes), (uint32_t)step);
    fsbi_spike_monitor_record(&net->inhibitory_spikes,
                              fsbi_spike_delay_emitted(&net->inhibitory.spikes), (uint32_t)step);
    if (step % weight_steps == 0)
        for (int k = 0; k < IF_POLY_CONNECTIONS; k++)
            fsbi_weight_monitor_record(&net->weights[k], fsbi_polynomial_connection_weight,
                                       &net->plastic[k], net->plastic[k].connection.synapses);
}

static fsbi_status score(if_poly_network *net, double *metrics, fsbi_error *error) {
    const if_poly_settings *s = &net->settings;
    const size_t duration = if_poly_steps(s, s->seconds_scored);
    fsbi_spike_trains excitatory =
        fsbi_spike_monitor_trains(&net->excitatory_spikes, duration, s->neuron.dt);
    fsbi_spike_trains inhibitory =
        fsbi_spike_monitor_trains(&net->inhibitory_spikes, duration, s->neuron.dt);
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
        fsbi_weight_samples samples = fsbi_weight_monitor_samples(&net->weights[k]);
        metrics[IF_POLY_W_BLOW] +=
            fsbi_weight_saturated_share(&samples, s->weight_min, s->weight_max) /
            IF_POLY_CONNECTIONS;
        metrics[IF_POLY_W_CREEP] = fmax(metrics[IF_POLY_W_CREEP], fsbi_weight_creep(&samples));
        metrics[IF_POLY_WEEF + k] = fsbi_weight_final_mean(&samples);
    }
    return FSBI_OK;
}

/* Runs the network to the end or until it blows up. */
static fsbi_outcome run(if_poly_network *net, gsl_rng *stream) {
    const if_poly_settings *s = &net->settings;
    const size_t scored_from = if_poly_steps(s, s->seconds_before);
    const size_t steps = scored_from + if_poly_steps(s, s->seconds_scored);
    const size_t weight_steps = if_poly_steps(s, if_poly_weight_interval);
    fsbi_rate_checker checker =
        fsbi_rate_checker_start(net->excitatory.size, s->max_rate, s->tau_checker, s->neuron.dt);
    for (size_t step = 0; step < steps; step++) {
        if_poly_network_step(net, stream);
        if (step >= scored_from)
            record(net, step - scored_from, weight_steps);
        if (fsbi_rate_checker_step(&checker,
                                   fsbi_spike_delay_arriving(&net->excitatory.spikes)->count))
            return (fsbi_outcome){FSBI_SIMULATION_BLOWN_UP, (double)(step + 1) * s->neuron.dt};
    }
    return (fsbi_outcome){FSBI_SIMULATION_OK, (double)steps * s->neuron.dt};
}

/* Time constants and rates below zero have no meaning, whatever the prior. */
static bool is_possible(const double *theta) {
    bool possible = theta[if_poly_input_rate] >= 0;
    for (size_t k = 0; k < IF_POLY_CONNECTIONS; k++)
        possible = possible && theta[k * IF_POLY_RULE_SIZE + IF_POLY_TAU_PRE] > 0 &&
                   theta[k * IF_POLY_RULE_SIZE + IF_POLY_TAU_POST] > 0;
    return possible;
}

static fsbi_status simulate(void *workspace, const double *theta, gsl_rng *stream, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    if_poly_network *net = workspace;
    if (!is_possible(theta)) {
        outcome->status = FSBI_SIMULATION_FAILED;
        return FSBI_OK;
    }
    fsbi_status status = if_poly_network_start(net, theta, stream, error);
    if (status != FSBI_OK)
        return status;
    unsigned mode = fsbi_denormals_flush();
    *outcome = run(net, stream);
    fsbi_denormals_restore(mode);
    if (net->excitatory_spikes.overflowed || net->inhibitory_spikes.overflowed)
        outcome->status = FSBI_SIMULATION_FAILED;
    return outcome->status == FSBI_SIMULATION_OK ? score(net, metrics, error) : FSBI_OK;
}

static void *create(const void *settings, fsbi_error *error) {
    return if_poly_network_create(settings, error);
}

static void destroy(void *workspace) {
    if_poly_network_destroy(workspace);
}

const fsbi_model_type fsbi_model_if_poly = {
    .name = "if_poly",
    .summary =
        "recurrent spiking network with polynomial rules, Confavreux et al., NeurIPS 2023, Fig. 2",
    .keys = &if_poly_keys,
    .settings_size = sizeof(if_poly_settings),
    .configure = if_poly_configure,
    .create = create,
    .simulate = simulate,
    .destroy = destroy,
};
