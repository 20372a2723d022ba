#include "model/orientation/recording.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Of the groups' weights over the whole simulation, besides the first. */
enum { MOST_SAMPLES = 200 };

fsbi_status orientation_recording_init(orientation_recording *recording,
                                       const orientation_settings *settings, fsbi_error *error) {
    const size_t groups = (size_t)settings->groups;
    const long most = GSL_MAX(settings->input[0].inputs, settings->input[1].inputs);
    recording->end = orientation_steps(settings, settings->duration);
    recording->begin = recording->end / 2;
    recording->groups = groups;
    recording->sampled_count = (size_t)settings->sampled_steps;
    const size_t steps = recording->end - recording->begin;
    const size_t stimuli = orientation_stimuli(settings);
    const size_t stride = (stimuli + MOST_SAMPLES - 1) / MOST_SAMPLES;
    recording->history_interval = stride * orientation_steps(settings, settings->stimulus_duration);
    recording->steps = fsbi_memory_allocate(steps, sizeof *recording->steps, error);
    recording->sampled =
        fsbi_memory_allocate(recording->sampled_count, sizeof *recording->sampled, error);
    recording->weights = fsbi_memory_allocate((size_t)most, sizeof(double), error);
    recording->rate = fsbi_memory_allocate(stimuli, sizeof(double), error);
    bool complete = recording->steps != NULL && recording->sampled != NULL &&
                    recording->weights != NULL && recording->rate != NULL;
    for (int k = 0; k < ORIENTATION_POPULATIONS && complete; k++) {
        recording->group_mean[k] = fsbi_memory_allocate(groups, sizeof(double), error);
        recording->window_begin[k] = fsbi_memory_allocate(groups, sizeof(double), error);
        recording->history[k] =
            fsbi_memory_allocate((MOST_SAMPLES + 1) * groups, sizeof(double), error);
        complete = recording->group_mean[k] != NULL && recording->window_begin[k] != NULL &&
                   recording->history[k] != NULL;
    }
    for (size_t i = 0; i < steps && complete; i++)
        recording->steps[i] = (uint32_t)(recording->begin + i);
    return complete ? FSBI_OK : FSBI_NO_MEMORY;
}

void orientation_recording_clear(orientation_recording *recording) {
    free(recording->steps);
    free(recording->sampled);
    free(recording->weights);
    free(recording->rate);
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++) {
        free(recording->group_mean[k]);
        free(recording->window_begin[k]);
        free(recording->history[k]);
    }
}

static double deviation(const double *values, size_t count) {
    return gsl_stats_sd_with_fixed_mean(values, 1, count, gsl_stats_mean(values, 1, count));
}

/* The mean weight of each group of a population, and D, see orientation_structure. */
static double measure_groups(orientation_recording *recording, const orientation_population *p,
                             double *group_mean) {
    const size_t size = p->inputs / recording->groups;
    double within = 0;
    for (size_t i = 0; i < p->inputs; i++)
        recording->weights[i] = p->scale * p->synapses.unscaled[i];
    for (size_t g = 0; g < recording->groups; g++) {
        group_mean[g] = gsl_stats_mean(recording->weights + g * size, 1, size);
        within +=
            gsl_stats_sd_with_fixed_mean(recording->weights + g * size, 1, size, group_mean[g]);
    }
    return within / ((double)recording->groups * deviation(recording->weights, p->inputs));
}

static orientation_structure measure(orientation_recording *recording,
                                     const orientation_neuron *neuron) {
    orientation_structure found = {0};
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        found.dispersion += measure_groups(recording, &neuron->input[k], recording->group_mean[k]);
    found.balance =
        gsl_stats_correlation(recording->group_mean[ORIENTATION_E], 1,
                              recording->group_mean[ORIENTATION_I], 1, recording->groups);
    return found;
}

/* Takes a sample of the groups' weights when it is time for one; to be asked at every stimulus. */
static void sample_history(orientation_recording *recording, const orientation_neuron *neuron,
                           size_t step) {
    if (step % recording->history_interval != 0)
        return;
    measure(recording, neuron);
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        memcpy(recording->history[k] + recording->history_count * recording->groups,
               recording->group_mean[k], recording->groups * sizeof(double));
    recording->history_count++;
}

/* Ends a window of drift and begins the next. */
static void turn_window(orientation_recording *recording, const orientation_neuron *neuron,
                        bool first, size_t windows) {
    static const double never_zero = 1e-10;
    measure(recording, neuron);
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++) {
        const double *end = recording->group_mean[k];
        double *begin = recording->window_begin[k];
        for (size_t g = 0; g < recording->groups && !first; g++)
            recording->drift[k] +=
                fabs(end[g] - begin[g]) / (begin[g] + end[g] + never_zero) / (double)windows;
        memcpy(begin, end, recording->groups * sizeof *begin);
    }
}

/* Steps to the next multiple of `period` after the beginning of the second half. */
static size_t next_multiple(const orientation_recording *recording, size_t step, size_t period) {
    return step + period - (step - recording->begin) % period;
}

static fsbi_simulation_status look(const orientation_neuron *neuron, const fsbi_watch *watch) {
    return gsl_finite(neuron->potential) ? fsbi_watch_look(watch) : FSBI_SIMULATION_FAILED;
}

static fsbi_simulation_status record_second_half(orientation_recording *recording,
                                                 orientation_neuron *neuron,
                                                 const fsbi_watch *watch) {
    const orientation_settings *settings = neuron->settings;
    const size_t stimulus = orientation_steps(settings, settings->stimulus_duration);
    const size_t window = orientation_steps(settings, settings->drift_window);
    const size_t last = recording->end - 1;
    const size_t windows = (last - recording->begin) / window;
    const double sampled_count = (double)recording->sampled_count;
    const uint32_t *sampled = recording->sampled;
    const uint32_t *sampled_end = sampled + recording->sampled_count;
    double *rate = recording->rate;
    fsbi_simulation_status status = FSBI_SIMULATION_OK;
    *rate = 0;
    for (size_t step = recording->begin; status == FSBI_SIMULATION_OK; step = neuron->step) {
        const size_t since = step - recording->begin;
        if (sampled < sampled_end && *sampled == step) {
            const orientation_structure now = measure(recording, neuron);
            recording->mean.balance += now.balance / sampled_count;
            recording->mean.dispersion += now.dispersion / sampled_count;
            sampled++;
        }
        if (since % window == 0)
            turn_window(recording, neuron, since == 0, windows);
        if (since % stimulus == 0 && since > 0) {
            *++rate = 0;
            sample_history(recording, neuron, step);
        }
        if (step == last)
            break;
        size_t until = GSL_MIN(next_multiple(recording, step, window),
                               next_multiple(recording, step, stimulus));
        until = GSL_MIN(until, last);
        if (sampled < sampled_end)
            until = GSL_MIN(until, *sampled);
        *rate += orientation_neuron_run(neuron, until, true) / (double)stimulus;
        status = look(neuron, watch);
    }
    return status;
}

fsbi_simulation_status orientation_recording_run(orientation_recording *recording,
                                                 orientation_neuron *neuron,
                                                 const fsbi_simulation *simulation) {
    const size_t stimulus =
        orientation_steps(neuron->settings, neuron->settings->stimulus_duration);
    fsbi_simulation_status status = FSBI_SIMULATION_OK;
    gsl_ran_choose(simulation->stream, recording->sampled, recording->sampled_count,
                   recording->steps, recording->end - recording->begin, sizeof *recording->steps);
    recording->mean = (orientation_structure){0};
    recording->history_count = 0;
    sample_history(recording, neuron, 0);
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        recording->drift[k] = 0;
    for (size_t end = stimulus; end <= recording->begin && status == FSBI_SIMULATION_OK;
         end += stimulus) {
        orientation_neuron_run(neuron, end, false);
        sample_history(recording, neuron, end);
        status = look(neuron, simulation->watch);
    }
    if (status != FSBI_SIMULATION_OK)
        return status;
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        orientation_population_mark(&neuron->input[k]);
    status = record_second_half(recording, neuron, simulation->watch);
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        orientation_population_record(&neuron->input[k]);
    recording->last = measure(recording, neuron);
    return status;
}
