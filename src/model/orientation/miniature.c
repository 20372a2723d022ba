#include "model/orientation/miniature.h"

#include <gsl/gsl_math.h>
#include <stdio.h>

#include "fsbi/random.h"
#include "model/orientation/simulation.h"

enum { INPUTS_OF_GROUP = 4, FASTER = 5, SAMPLED_STEPS = 50 };

/* The same numbers for every rule, so that features are a function of it. */
static const uint64_t seed = 1;

fsbi_status orientation_miniature_declare(fsbi_model *model, fsbi_error *error) {
    char name[FSBI_MODEL_NAME + sizeof "mini_"];
    for (size_t k = 0; k < model->metric_count; k++) {
        snprintf(name, sizeof name, "mini_%s", model->metrics[k].name);
        FSBI_TRY(fsbi_model_add_feature(model, name, "1", error));
    }
    return FSBI_OK;
}

static orientation_settings settings_of(const orientation_settings *settings) {
    orientation_settings mini = *settings;
    const double stimulus = fmax(round(settings->stimulus_duration / FASTER), 1);
    const double pairs = round(settings->duration / (2 * settings->stimulus_duration));
    mini.dt = 1;
    mini.tau = fmax(settings->tau / FASTER, 1);
    mini.stimulus_duration = stimulus;
    mini.duration = 2 * pairs * stimulus;
    mini.inhibitory_delay = floor(settings->inhibitory_delay / FASTER);
    mini.drift_window = fmax(floor(fmin(settings->drift_window / FASTER, mini.duration / 4)), 1);
    mini.sampled_steps = GSL_MIN(SAMPLED_STEPS, (long)mini.duration / 2);
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++) {
        const long inputs = settings->input[k].inputs;
        mini.input[k].inputs = GSL_MIN(INPUTS_OF_GROUP * settings->groups, inputs);
        mini.input[k].learning_rate *= FASTER * (double)inputs / (double)mini.input[k].inputs;
    }
    mini.homeostasis *=
        (double)mini.input[ORIENTATION_E].inputs / (double)settings->input[ORIENTATION_E].inputs;
    return mini;
}

/* False where there is no memory, or the miniature fails. */
static bool run(orientation_simulation *miniature,
                const orientation_rule rules[ORIENTATION_POPULATIONS], double *metrics) {
    fsbi_error error = {0};
    gsl_rng *stream = fsbi_random_allocate(&error);
    if (stream == NULL)
        return false;
    fsbi_random_seed(stream, seed);
    const fsbi_simulation simulation = {.stream = stream};
    const bool ended_well =
        orientation_simulation_run(miniature, rules, &simulation, metrics) == FSBI_SIMULATION_OK;
    gsl_rng_free(stream);
    return ended_well;
}

void orientation_miniature_features(const orientation_settings *settings,
                                    const orientation_rule rules[ORIENTATION_POPULATIONS],
                                    double *features) {
    const orientation_settings mini = settings_of(settings);
    orientation_simulation miniature;
    fsbi_error error = {0};
    const bool known = orientation_simulation_init(&miniature, &mini, &error) == FSBI_OK &&
                       run(&miniature, rules, features);
    for (size_t k = 0; k < ORIENTATION_METRICS; k++) {
        const double scaled = known ? orientation_metric_scaled(k, features[k]) : 0;
        features[k] = isfinite(scaled) ? scaled : 0;
    }
    orientation_simulation_clear(&miniature);
}
