#include "model/orientation/miniature.h"

#include <gsl/gsl_math.h>
#include <stdio.h>

#include "fsbi/random.h"
#include "model/orientation/recording.h"
#include "model/orientation/score.h"

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

/* A neuron in miniature, with what its simulation needs. */
typedef struct {
    orientation_neuron neuron;
    orientation_settings settings;
    orientation_stimuli_table stimuli;
    orientation_recording recording;
    orientation_tuning_fit fit;
    gsl_rng *stream;
} miniature;

static fsbi_status init(miniature *m, const orientation_settings *settings, fsbi_error *error) {
    m->settings = settings_of(settings);
    m->stream = fsbi_random_allocate(error);
    if (m->stream == NULL)
        return FSBI_NO_MEMORY;
    fsbi_random_seed(m->stream, seed);
    FSBI_TRY(orientation_stimuli_init(&m->stimuli, &m->settings, error));
    FSBI_TRY(orientation_neuron_init(&m->neuron, &m->settings, &m->stimuli, error));
    FSBI_TRY(orientation_recording_init(&m->recording, &m->settings, error));
    return orientation_tuning_fit_init(&m->fit, m->stimuli.count / 2, error);
}

static void clear(miniature *m) {
    orientation_tuning_fit_clear(&m->fit);
    orientation_recording_clear(&m->recording);
    orientation_neuron_clear(&m->neuron);
    orientation_stimuli_clear(&m->stimuli);
    if (m->stream != NULL)
        gsl_rng_free(m->stream);
}

static bool run(miniature *m, const orientation_rule rules[ORIENTATION_POPULATIONS],
                double *metrics) {
    const fsbi_simulation simulation = {.stream = m->stream};
    orientation_stimuli_draw(&m->stimuli, &m->settings, m->stream);
    orientation_neuron_start(&m->neuron, rules, m->stream);
    if (orientation_recording_run(&m->recording, &m->neuron, &simulation) != FSBI_SIMULATION_OK)
        return false;
    orientation_score(&m->recording, &m->neuron, &m->fit, metrics);
    return true;
}

void orientation_miniature_features(const orientation_settings *settings,
                                    const orientation_rule rules[ORIENTATION_POPULATIONS],
                                    double *features) {
    miniature m = {0};
    fsbi_error error = {0};
    const bool known = init(&m, settings, &error) == FSBI_OK && run(&m, rules, features);
    for (size_t k = 0; k < ORIENTATION_METRICS; k++) {
        const double scaled = known ? orientation_metric_scaled(k, features[k]) : 0;
        features[k] = isfinite(scaled) ? scaled : 0;
    }
    clear(&m);
}
