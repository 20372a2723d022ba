/* Emergence of orientation selectivity: one rate neuron with plastic excitatory and inhibitory
 * inputs that compete under normalisation, of the study "Optimizing the emergence of orientation
 * selectivity through meta-learned E/I plasticity rules". */
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "model/orientation/miniature.h"
#include "model/orientation/portray.h"
#include "model/orientation/simulation.h"

static fsbi_status declare_rule(fsbi_model *model, char population, fsbi_error *error) {
    static const char *const names[] = {"alpha", "beta", "gamma", "delta"};
    const orientation_settings *settings = model->settings;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        fsbi_parameter parameter = {.unit = "1", .low = -settings->bound, .high = settings->bound};
        snprintf(parameter.name, sizeof parameter.name, "%s_%c", names[k], population);
        FSBI_TRY(fsbi_model_add_parameter(model, &parameter, error));
    }
    return FSBI_OK;
}

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    FSBI_TRY(orientation_settings_check(model->settings, error));
    if (!orientation_fixes_excitatory(model->settings))
        FSBI_TRY(declare_rule(model, 'e', error));
    FSBI_TRY(declare_rule(model, 'i', error));
    FSBI_TRY(orientation_declare_metrics(model, error));
    return orientation_miniature_declare(model, error);
}

static void destroy(void *workspace) {
    if (workspace == NULL)
        return;
    orientation_simulation_clear(workspace);
    free(workspace);
}

static void *create(const void *settings, fsbi_error *error) {
    orientation_simulation *workspace = fsbi_memory_allocate(1, sizeof *workspace, error);
    if (workspace == NULL || orientation_simulation_init(workspace, settings, error) == FSBI_OK)
        return workspace;
    destroy(workspace);
    return NULL;
}

static orientation_rule rule_of(const double *coefficients) {
    return (orientation_rule){coefficients[0], coefficients[1], coefficients[2], coefficients[3]};
}

static void rules_of(const orientation_settings *settings, const double *theta,
                     orientation_rule rules[ORIENTATION_POPULATIONS]) {
    enum { RULE_SIZE = sizeof(orientation_rule) / sizeof(double) };
    const bool fixed = orientation_fixes_excitatory(settings);
    rules[ORIENTATION_E] = rule_of(fixed ? settings->fixed_rule.number : theta);
    rules[ORIENTATION_I] = rule_of(theta + (fixed ? 0 : RULE_SIZE));
}

static void features(const void *settings, const double *theta, double *found) {
    orientation_rule rules[ORIENTATION_POPULATIONS];
    rules_of(settings, theta, rules);
    orientation_miniature_features(settings, rules, found);
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    (void)error;
    orientation_simulation *w = workspace;
    orientation_rule rules[ORIENTATION_POPULATIONS];
    rules_of(&w->settings, simulation->theta, rules);
    outcome->status = orientation_simulation_run(w, rules, simulation, metrics);
    if (outcome->status == FSBI_SIMULATION_FAILED)
        outcome->reason = FSBI_REASON_NOT_FINITE;
    outcome->t_end = (double)w->neuron.step * w->settings.dt;
    return FSBI_OK;
}

static fsbi_status portray(void *workspace, const fsbi_portrait_subject *subject,
                           fsbi_portrait *portrait, fsbi_error *error) {
    const orientation_simulation *w = workspace;
    return subject->simulated
               ? orientation_portray(&w->recording, &w->neuron, &w->tuning, portrait, error)
               : FSBI_OK;
}

const fsbi_model_type fsbi_model_orientation = {
    .name = "orientation",
    .summary = "a rate neuron that learns orientation selectivity from plastic E and I inputs",
    .keys = &orientation_keys,
    .settings_size = sizeof(orientation_settings),
    .configure = configure,
    .create = create,
    .simulate = simulate,
    .destroy = destroy,
    .features = features,
    .portray = portray,
};
