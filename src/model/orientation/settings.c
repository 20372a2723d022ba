#include "model/orientation/settings.h"

#include <math.h>
#include <string.h>

#define FIELD(field) offsetof(orientation_settings, field)

/* Nothing in this model is sensibly larger. */
#define LARGE 1e6

static const char *const variants[] = {"full", "fixed_excitatory", NULL};

static const fsbi_config_key keys[] = {
    {"variant", FSBI_KEY_CHOICE, FIELD(variant), "full", 0, 0,
     "full: both rules are inferred; fixed_excitatory: the inhibitory one alone", variants},
    {"fixed_rule", FSBI_KEY_LIST, FIELD(fixed_rule), "[1, 0, 0, 0]", -LARGE, LARGE,
     "alpha, beta, gamma, delta of the excitatory rule in variant fixed_excitatory", NULL},
    {"bound", FSBI_KEY_REAL, FIELD(bound), "2", 1e-6, LARGE,
     "each inferred coefficient lies between minus this and this", NULL},
    {"duration", FSBI_KEY_REAL, FIELD(duration), "100000", 1, 1e9,
     "ms; the second half of it is scored", NULL},
    {"dt", FSBI_KEY_REAL, FIELD(dt), "0.1", 1e-4, 100, "ms, integration step", NULL},
    {"stimulus_duration", FSBI_KEY_REAL, FIELD(stimulus_duration), "50", 1e-4, 1e9,
     "ms, of each orientation", NULL},
    {"I_delay", FSBI_KEY_REAL, FIELD(inhibitory_delay), "0", 0, 1e9,
     "ms by which the inhibitory inputs come later, circularly", NULL},
    {"groups", FSBI_KEY_INTEGER, FIELD(groups), "10", 2, 1000,
     "preferred orientations of the inputs", NULL},
    {"N_e", FSBI_KEY_INTEGER, FIELD(input[ORIENTATION_E].inputs), "200", 2, 100000,
     "excitatory inputs, as many in each group", NULL},
    {"N_i", FSBI_KEY_INTEGER, FIELD(input[ORIENTATION_I].inputs), "50", 2, 100000,
     "inhibitory inputs, as many in each group", NULL},
    {"width_e", FSBI_KEY_REAL, FIELD(input[ORIENTATION_E].width), "0.5235987755982988", 1e-3, 1e3,
     "rad, width of an excitatory input's tuning", NULL},
    {"width_i", FSBI_KEY_REAL, FIELD(input[ORIENTATION_I].width), "0.7853981633974483", 1e-3, 1e3,
     "rad, width of an inhibitory input's tuning", NULL},
    {"activation_floor", FSBI_KEY_REAL, FIELD(activation_floor), "0.01", 0, LARGE,
     "activation of an input by any orientation", NULL},
    {"input_gain", FSBI_KEY_REAL, FIELD(input_gain), "0.5", 0, LARGE, "rate of an activation of 1",
     NULL},
    {"noise", FSBI_KEY_REAL, FIELD(noise), "0.1", 0, 1, "share of noise in the inputs' rates",
     NULL},
    {"tau", FSBI_KEY_REAL, FIELD(tau), "2", 1e-3, LARGE, "ms, of the neuron's potential", NULL},
    {"threshold", FSBI_KEY_REAL, FIELD(threshold), "0.25", -LARGE, LARGE,
     "potential above which the neuron fires, with the square of the difference", NULL},
    {"v_start", FSBI_KEY_REAL, FIELD(initial_potential), "0.25", -LARGE, LARGE,
     "potential at the start", NULL},
    {"eta_e", FSBI_KEY_REAL, FIELD(input[ORIENTATION_E].learning_rate), "0.001", 0, LARGE,
     "1/ms, learning rate of the excitatory weights", NULL},
    {"eta_i", FSBI_KEY_REAL, FIELD(input[ORIENTATION_I].learning_rate), "0.002", 0, LARGE,
     "1/ms, learning rate of the inhibitory weights", NULL},
    {"sum_e", FSBI_KEY_REAL, FIELD(input[ORIENTATION_E].weight_sum), "5", 1e-6, LARGE,
     "sum of the excitatory weights at the start; homeostasis changes it", NULL},
    {"sum_i", FSBI_KEY_REAL, FIELD(input[ORIENTATION_I].weight_sum), "1.5", 1e-6, LARGE,
     "sum of the inhibitory weights", NULL},
    {"homeostasis", FSBI_KEY_REAL, FIELD(homeostasis), "0.25", 0, LARGE,
     "speed at which the sum of the excitatory weights changes, in units of eta_e", NULL},
    {"target_rate", FSBI_KEY_REAL, FIELD(target_rate), "0.01", 0, LARGE, "of homeostasis", NULL},
    {"sampled_steps", FSBI_KEY_INTEGER, FIELD(sampled_steps), "1000", 1, 1000000,
     "steps over which mean_balance and mean_diversity are averaged", NULL},
    {"drift_window", FSBI_KEY_REAL, FIELD(drift_window), "1000", 1e-4, 1e9, "ms, of local_drift",
     NULL},
    {"fit_width", FSBI_KEY_REAL, FIELD(initial_fit_width), "0.349", 1e-3, 1e3,
     "rad, width at which the fit of the tuning curve begins", NULL},
    {"silent_r2", FSBI_KEY_REAL, FIELD(silent_r2), "0", -1, 1,
     "tuning_r2 of a neuron that does not fire; the original has 1", NULL},
};

const fsbi_config_keys orientation_keys = {keys, sizeof keys / sizeof *keys, NULL};

size_t orientation_steps(const orientation_settings *settings, double milliseconds) {
    return (size_t)lround(milliseconds / settings->dt);
}

size_t orientation_stimuli(const orientation_settings *settings) {
    return orientation_steps(settings, settings->duration) /
           orientation_steps(settings, settings->stimulus_duration);
}

bool orientation_fixes_excitatory(const orientation_settings *settings) {
    return settings->variant == ORIENTATION_FIXED_EXCITATORY;
}

static fsbi_status check_times(const orientation_settings *s, fsbi_error *error) {
    const struct {
        const char *name;
        double time;
    } times[] = {{"duration", s->duration},
                 {"stimulus_duration", s->stimulus_duration},
                 {"I_delay", s->inhibitory_delay},
                 {"drift_window", s->drift_window}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        const double steps = times[i].time / s->dt;
        if (fabs(steps - round(steps)) > 1e-6 || (steps < 0.5 && times[i].time > 0))
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "%s (%g ms) must be a whole number of steps dt (%g ms)",
                                  times[i].name, times[i].time, s->dt);
    }
    const size_t steps = orientation_steps(s, s->duration);
    const size_t stimulus = orientation_steps(s, s->stimulus_duration);
    enum { FEWEST_STIMULI = 16 };
    if (steps % (2 * stimulus) != 0 || steps / stimulus < FEWEST_STIMULI)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "duration (%g ms) must hold an even number of stimuli of %g ms, at "
                              "least %d: tuning is measured in the second half",
                              s->duration, s->stimulus_duration, FEWEST_STIMULI);
    if (orientation_steps(s, s->drift_window) >= steps / 2)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "drift_window (%g ms) must be shorter than the second half of the "
                              "duration (%g ms)",
                              s->drift_window, s->duration / 2);
    if ((size_t)s->sampled_steps > steps / 2)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "sampled_steps (%ld) is more than the %zu steps of the second half",
                              s->sampled_steps, steps / 2);
    return FSBI_OK;
}

fsbi_status orientation_settings_check(const orientation_settings *settings, fsbi_error *error) {
    enum { RULE_SIZE = sizeof(orientation_rule) / sizeof(double) };
    static const char *const names[] = {"N_e", "N_i"};
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        if (settings->input[k].inputs % settings->groups != 0)
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "%s (%ld) must be a multiple of groups (%ld)", names[k],
                                  settings->input[k].inputs, settings->groups);
    if (settings->fixed_rule.count != RULE_SIZE)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "fixed_rule has %zu numbers instead of the 4 of alpha, beta, gamma, "
                              "delta",
                              settings->fixed_rule.count);
    return check_times(settings, error);
}
