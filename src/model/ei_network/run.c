/* A simulation from its beginning to its end. */
#include <math.h>

#include "model/ei_network/checkpoint.h"
#include "snn/denormals.h"
#include "snn/rate_checker.h"

/* Spikes of the present window, for giving hopeless simulations up. */
typedef struct {
    size_t first_step, window_steps;
    size_t excitatory, inhibitory;
} stop_window;

static bool outside(size_t spikes, double neuron_seconds, double rate_min, double rate_max) {
    const double rate = (double)spikes / neuron_seconds;
    return rate < rate_min || rate > rate_max;
}

/* Takes in the spikes of a step; true at the end of a window whose rates are outside the limits. */
static bool is_hopeless(const ei_network *net, size_t step, stop_window *window) {
    const ei_stop_settings *stop = &net->settings.stop;
    if (step < window->first_step)
        return false;
    window->excitatory += fsbi_spike_delay_emitted(&net->excitatory->spikes)->count;
    window->inhibitory += fsbi_spike_delay_emitted(&net->inhibitory->spikes)->count;
    if ((step + 1 - window->first_step) % window->window_steps != 0)
        return false;
    const double seconds = (double)window->window_steps * net->settings.neuron.dt;
    const bool hopeless = outside(window->excitatory, seconds * (double)net->excitatory->size,
                                  stop->rate_min, stop->rate_max) ||
                          outside(window->inhibitory, seconds * (double)net->inhibitory->size,
                                  stop->rate_i_min, stop->rate_i_max);
    window->excitatory = 0;
    window->inhibitory = 0;
    return hopeless;
}

static void record(ei_network *net, size_t step, size_t weight_steps) {
    fsbi_spike_monitor_record(&net->excitatory_spikes,
                              fsbi_spike_delay_emitted(&net->excitatory->spikes), (uint32_t)step);
    fsbi_spike_monitor_record(&net->inhibitory_spikes,
                              fsbi_spike_delay_emitted(&net->inhibitory->spikes), (uint32_t)step);
    for (int k = 0; k < EI_CONNECTIONS && step % weight_steps == 0; k++) {
        const ei_recurrent *recurrent = &net->recurrent[k];
        if (recurrent->weight != NULL)
            fsbi_weight_monitor_record(&net->weights[k], recurrent->weight, recurrent->plastic,
                                       recurrent->connection->synapses);
    }
}

static bool all_finite(const fsbi_if_population *population) {
    for (size_t i = 0; i < population->size; i++)
        if (!isfinite(population->voltage[i]))
            return false;
    return true;
}

/* Looks at the network and at the watch now and then; true if the simulation is over. */
static bool is_over(const ei_network *net, const fsbi_watch *watch, size_t step, double t_end,
                    fsbi_outcome *outcome) {
    enum { STEPS_BETWEEN = 100 };
    if ((step + 1) % STEPS_BETWEEN != 0)
        return false;
    *outcome = (fsbi_outcome){.status = fsbi_watch_look(watch), .t_end = t_end};
    if (outcome->status == FSBI_SIMULATION_OK &&
        !(all_finite(net->excitatory) && all_finite(net->inhibitory)))
        *outcome = (fsbi_outcome){FSBI_SIMULATION_FAILED, FSBI_REASON_NOT_FINITE, t_end};
    return outcome->status != FSBI_SIMULATION_OK;
}

static fsbi_outcome run(ei_network *net, ei_stepper *step_network, void *model_network,
                        const fsbi_simulation *simulation, double *metrics) {
    const ei_settings *s = &net->settings;
    const size_t scored_from = ei_steps(s, s->seconds_before);
    const size_t steps = scored_from + ei_steps(s, s->seconds_scored);
    const size_t weight_steps = ei_steps(s, ei_weight_interval);
    stop_window window = {.first_step = ei_steps(s, s->stop.after),
                          .window_steps = ei_steps(s, s->stop.window)};
    ei_checkpoints checkpoints = ei_checkpoints_start(net, metrics);
    fsbi_outcome outcome = {0};
    fsbi_rate_checker checker =
        fsbi_rate_checker_start(net->excitatory->size, s->max_rate, s->tau_checker, s->neuron.dt);
    for (size_t step = 0; step < steps; step++) {
        const double t_end = (double)(step + 1) * s->neuron.dt;
        ei_familiarity_stimulate(&s->familiarity, step, s->neuron.dt, &net->input,
                                 simulation->stream);
        step_network(model_network, simulation->stream);
        if (step >= scored_from)
            record(net, step - scored_from, weight_steps);
        if (fsbi_rate_checker_step(&checker,
                                   fsbi_spike_delay_arriving(&net->excitatory->spikes)->count))
            return (fsbi_outcome){.status = FSBI_SIMULATION_BLOWN_UP, .t_end = t_end};
        if (is_hopeless(net, step, &window))
            return (fsbi_outcome){.status = FSBI_SIMULATION_STOPPED, .t_end = t_end};
        if (is_over(net, simulation->watch, step, t_end, &outcome))
            return outcome;
        if (ei_checkpoints_step(&checkpoints, step) &&
            !fsbi_watch_go_on(simulation->watch, checkpoints.next, metrics))
            return (fsbi_outcome){.status = FSBI_SIMULATION_STOPPED, .t_end = t_end};
    }
    return (fsbi_outcome){.status = FSBI_SIMULATION_OK, .t_end = (double)steps * s->neuron.dt};
}

fsbi_outcome ei_network_run(ei_network *net, ei_stepper *step, void *model_network,
                            const fsbi_simulation *simulation, double *metrics) {
    const unsigned mode = fsbi_denormals_flush();
    fsbi_outcome outcome = run(net, step, model_network, simulation, metrics);
    fsbi_denormals_restore(mode);
    if (net->excitatory_spikes.overflowed || net->inhibitory_spikes.overflowed) {
        outcome.status = FSBI_SIMULATION_FAILED;
        outcome.reason = FSBI_REASON_TOO_MANY_SPIKES;
    }
    return outcome;
}
