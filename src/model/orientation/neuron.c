#include "model/orientation/neuron.h"

#include <gsl/gsl_math.h>

fsbi_status orientation_neuron_init(orientation_neuron *neuron,
                                    const orientation_settings *settings,
                                    const orientation_stimuli_table *stimuli, fsbi_error *error) {
    neuron->settings = settings;
    neuron->stimuli = stimuli;
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        FSBI_TRY(orientation_population_init(&neuron->input[k], (size_t)settings->input[k].inputs,
                                             error));
    return FSBI_OK;
}

void orientation_neuron_clear(orientation_neuron *neuron) {
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        orientation_population_clear(&neuron->input[k]);
}

/* How far the clock of a population's stimuli is ahead of the time, in steps. Their noise, new in
 * every step, needs no clock. */
static size_t advance_of(const orientation_settings *settings, int kind) {
    const size_t steps = orientation_steps(settings, settings->duration);
    return kind == ORIENTATION_I
               ? steps - orientation_steps(settings, settings->inhibitory_delay) % steps
               : 0;
}

static void show(orientation_neuron *neuron, int kind, size_t step) {
    const orientation_stimuli_table *stimuli = neuron->stimuli;
    const size_t duration =
        orientation_steps(neuron->settings, neuron->settings->stimulus_duration);
    const size_t time = step + advance_of(neuron->settings, kind);
    const size_t shown = time / duration % stimuli->count;
    orientation_population_show(&neuron->input[kind], stimuli->rate[kind] + shown * stimuli->groups,
                                stimuli->groups);
}

void orientation_neuron_start(orientation_neuron *neuron,
                              const orientation_rule rules[ORIENTATION_POPULATIONS],
                              gsl_rng *stream) {
    const orientation_settings *settings = neuron->settings;
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++) {
        const orientation_input_settings *input = &settings->input[k];
        orientation_population *population = &neuron->input[k];
        orientation_population_start(population, input->weight_sum / (double)input->inputs / 2,
                                     stream);
        population->rule = rules[k];
        population->learning = input->learning_rate * settings->dt;
        population->noise = neuron->stimuli->noise[k];
    }
    neuron->noise = fsbi_pcg_lanes_seeded(stream);
    neuron->potential = settings->initial_potential;
    neuron->excitatory_sum = settings->input[ORIENTATION_E].weight_sum;
    neuron->step = 1;
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++) {
        show(neuron, k, neuron->step);
        orientation_population_begin(&neuron->input[k], &neuron->noise);
    }
}

/* One step; returns its rate. The weights learn from the rates of this step's inputs and then meet
 * those of the next. */
static double advance(orientation_neuron *neuron, bool record) {
    const orientation_settings *s = neuron->settings;
    orientation_population *e = &neuron->input[ORIENTATION_E];
    orientation_population *i = &neuron->input[ORIENTATION_I];
    const double drive = e->scale * e->drive - i->scale * i->drive;
    neuron->potential += s->dt * (drive - neuron->potential) / s->tau;
    const double above = neuron->potential - s->threshold;
    const double rate = above > 0 ? above * above : 0;
    neuron->excitatory_sum -= s->homeostasis * e->learning * (rate - s->target_rate);
    orientation_population_learn(e, rate, record, &neuron->noise);
    orientation_population_learn(i, rate, record, &neuron->noise);
    e->scale = neuron->excitatory_sum / e->sum;
    i->scale = s->input[ORIENTATION_I].weight_sum / i->sum;
    return rate;
}

double orientation_neuron_run(orientation_neuron *neuron, size_t end, bool record) {
    const size_t duration =
        orientation_steps(neuron->settings, neuron->settings->stimulus_duration);
    double sum = 0;
    while (neuron->step < end) {
        size_t until = end;
        for (int k = 0; k < ORIENTATION_POPULATIONS; k++) {
            /* A step prepares the inputs of the next. */
            const size_t next = neuron->step + 1;
            const size_t time = next + advance_of(neuron->settings, k);
            show(neuron, k, next);
            until = GSL_MIN(until, neuron->step + duration - time % duration);
        }
        for (; neuron->step < until; neuron->step++)
            sum += advance(neuron, record);
    }
    return sum;
}
