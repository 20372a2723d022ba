/** Settings of the model `orientation`. */
#ifndef FSBI_MODEL_ORIENTATION_SETTINGS_H
#define FSBI_MODEL_ORIENTATION_SETTINGS_H

#include "fsbi/model.h"

typedef enum { ORIENTATION_E, ORIENTATION_I, ORIENTATION_POPULATIONS } orientation_kind;

/** Change of a weight, divided by learning rate and dt, for presynaptic rate x and postsynaptic
 * rate r: alpha x r + beta x + gamma r + delta. In theta the entries stand in this order. */
typedef struct {
    double alpha, beta, gamma, delta;
} orientation_rule;

/** Of the excitatory or the inhibitory inputs. */
typedef struct {
    long inputs;
    double width; /**< rad; of their own tuning curves */
    double weight_sum;
    double learning_rate;
} orientation_input_settings;

/** Which rules are inferred. */
typedef enum {
    ORIENTATION_FULL,            /**< both */
    ORIENTATION_FIXED_EXCITATORY /**< the inhibitory one alone */
} orientation_variant;

typedef struct {
    orientation_variant variant;
    fsbi_config_list fixed_rule; /**< alpha, beta, gamma, delta of variant fixed_excitatory */
    double bound;                /**< of every inferred coefficient, on both sides of 0 */
    double dt, duration, stimulus_duration, inhibitory_delay; /**< ms */
    long groups;
    orientation_input_settings input[ORIENTATION_POPULATIONS];
    double activation_floor, input_gain, noise;
    double tau, threshold, initial_potential;
    double homeostasis, target_rate;
    long sampled_steps;
    double drift_window; /**< ms */
    double silent_r2;
    double initial_fit_width; /**< rad */
} orientation_settings;

extern const fsbi_config_keys orientation_keys;

/** A time, a whole number of steps, in steps. */
size_t orientation_steps(const orientation_settings *settings, double milliseconds);

/** Stimuli of a simulation. */
size_t orientation_stimuli(const orientation_settings *settings);

/** Whether the excitatory rule is given and only the inhibitory one inferred. */
bool orientation_fixes_excitatory(const orientation_settings *settings);

/** Checks how the settings go together. */
fsbi_status orientation_settings_check(const orientation_settings *settings, fsbi_error *error);

#endif
