#include "model/orientation/stimuli.h"

#include <gsl/gsl_math.h>
#include <stdlib.h>

#include "core/memory.h"

fsbi_status orientation_stimuli_init(orientation_stimuli_table *stimuli,
                                     const orientation_settings *settings, fsbi_error *error) {
    stimuli->count = orientation_stimuli(settings);
    stimuli->groups = (size_t)settings->groups;
    stimuli->angle = fsbi_memory_allocate(stimuli->count, sizeof(double), error);
    bool complete = stimuli->angle != NULL;
    for (int k = 0; k < ORIENTATION_POPULATIONS && complete; k++) {
        stimuli->rate[k] =
            fsbi_memory_allocate(stimuli->count * stimuli->groups, sizeof(double), error);
        complete = stimuli->rate[k] != NULL;
    }
    return complete ? FSBI_OK : FSBI_NO_MEMORY;
}

void orientation_stimuli_clear(orientation_stimuli_table *stimuli) {
    free(stimuli->angle);
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        free(stimuli->rate[k]);
}

double orientation_difference(double angle) {
    return angle - M_PI * floor(angle / M_PI + 0.5);
}

static void activate(orientation_stimuli_table *stimuli, const orientation_settings *settings,
                     orientation_kind kind) {
    const double width = settings->input[kind].width;
    const double gain = settings->input_gain;
    const double rows = (double)(stimuli->count * stimuli->groups);
    double mean = 0;
    double *rate = stimuli->rate[kind];
    for (size_t i = 0; i < stimuli->count; i++) {
        for (size_t g = 0; g < stimuli->groups; g++) {
            const double preferred = (double)g * M_PI / (double)stimuli->groups;
            const double distance = orientation_difference(stimuli->angle[i] - preferred);
            const double activation =
                settings->activation_floor + exp(-distance * distance / (2 * width * width));
            mean += activation / rows;
            *rate++ = gain * (1 - settings->noise) * activation;
        }
    }
    stimuli->noise[kind] = gain * 2 * settings->noise * mean;
}

void orientation_stimuli_draw(orientation_stimuli_table *stimuli,
                              const orientation_settings *settings, gsl_rng *stream) {
    for (size_t i = 0; i < stimuli->count; i++)
        stimuli->angle[i] = M_PI * gsl_rng_uniform(stream);
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        activate(stimuli, settings, (orientation_kind)k);
}
