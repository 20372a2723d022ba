#include "model/orientation/portray.h"

#include <gsl/gsl_math.h>
#include <stdio.h>

static const char *const population_names[ORIENTATION_POPULATIONS] = {"E", "I"};

/* Rates of the stimuli of the second half, relative to the largest. */
static fsbi_status add_rates(const orientation_recording *recording,
                             const orientation_neuron *neuron, fsbi_portrait *portrait,
                             fsbi_error *error) {
    const size_t count = neuron->stimuli->count / 2;
    const double *angle = neuron->stimuli->angle + neuron->stimuli->count - count;
    double *x = NULL;
    double *y = NULL;
    FSBI_TRY(fsbi_portrait_add_series(portrait,
                                      &(fsbi_series_plan){.label = "stimuli of the second half",
                                                          .kind = FSBI_SERIES_POINTS,
                                                          .count = count},
                                      &x, &y, error));
    for (size_t i = 0; i < count; i++) {
        x[i] = angle[i];
        y[i] = recording->rate[i];
    }
    return FSBI_OK;
}

static fsbi_status add_fit(const orientation_tuning *tuning, fsbi_portrait *portrait,
                           fsbi_error *error) {
    enum { POINTS = 181 };
    double *x = NULL;
    double *y = NULL;
    char label[FSBI_PORTRAIT_NAME];
    snprintf(label, sizeof label, "fit: width %.3g rad, r2 %.3g", tuning->width, tuning->r2);
    FSBI_TRY(fsbi_portrait_add_series(
        portrait, &(fsbi_series_plan){.label = label, .kind = FSBI_SERIES_LINE, .count = POINTS},
        &x, &y, error));
    for (int i = 0; i < POINTS; i++) {
        x[i] = M_PI * i / (POINTS - 1);
        const double distance = orientation_difference(x[i] - tuning->preferred);
        y[i] = tuning->offset + tuning->amplitude * exp(-gsl_pow_2(distance / tuning->width) / 2);
    }
    return FSBI_OK;
}

static fsbi_status portray_tuning(const orientation_recording *recording,
                                  const orientation_neuron *neuron,
                                  const orientation_tuning *tuning, fsbi_portrait *portrait,
                                  fsbi_error *error) {
    const fsbi_picture_plan plan = {.name = "tuning",
                                    .title = "Tuning curve",
                                    .x_label = "orientation [rad]",
                                    .y_label = "rate / largest rate"};
    FSBI_TRY(fsbi_portrait_add_picture(portrait, &plan, error));
    FSBI_TRY(add_rates(recording, neuron, portrait, error));
    return add_fit(tuning, portrait, error);
}

static fsbi_status portray_history(const orientation_recording *recording,
                                   const orientation_settings *settings, int population,
                                   fsbi_portrait *portrait, fsbi_error *error) {
    static const fsbi_picture_plan plans[ORIENTATION_POPULATIONS] = {
        {.name = "weights_E",
         .title = "Excitatory weights by group",
         .x_label = "time [s]",
         .y_label = "mean weight"},
        {.name = "weights_I",
         .title = "Inhibitory weights by group",
         .x_label = "time [s]",
         .y_label = "mean weight"}};
    const double interval = 1e-3 * settings->dt * (double)recording->history_interval;
    FSBI_TRY(fsbi_portrait_add_picture(portrait, &plans[population], error));
    for (size_t g = 0; g < recording->groups; g++) {
        double *x = NULL;
        double *y = NULL;
        char label[FSBI_PORTRAIT_NAME];
        snprintf(label, sizeof label, "%.2f rad", M_PI * (double)g / (double)recording->groups);
        FSBI_TRY(fsbi_portrait_add_series(portrait,
                                          &(fsbi_series_plan){.label = label,
                                                              .kind = FSBI_SERIES_LINE,
                                                              .count = recording->history_count},
                                          &x, &y, error));
        for (size_t i = 0; i < recording->history_count; i++) {
            x[i] = interval * (double)i;
            y[i] = recording->history[population][i * recording->groups + g];
        }
    }
    return FSBI_OK;
}

/* The last weights of the groups, in the order of their orientations. */
static fsbi_status portray_balance(const orientation_recording *recording, fsbi_portrait *portrait,
                                   fsbi_error *error) {
    const fsbi_picture_plan plan = {.name = "balance",
                                    .title = "Excitation and inhibition in the end",
                                    .x_label = "preferred orientation of a group [rad]",
                                    .y_label = "mean weight / mean of all groups"};
    FSBI_TRY(fsbi_portrait_add_picture(portrait, &plan, error));
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++) {
        const double *weight = recording->group_mean[k];
        double *x = NULL;
        double *y = NULL;
        double sum = 0;
        for (size_t g = 0; g < recording->groups; g++)
            sum += weight[g];
        char label[FSBI_PORTRAIT_NAME];
        snprintf(label, sizeof label, "%s (correlation %.3g)", population_names[k],
                 recording->last.balance);
        FSBI_TRY(fsbi_portrait_add_series(portrait,
                                          &(fsbi_series_plan){.label = label,
                                                              .kind = FSBI_SERIES_LINE,
                                                              .count = recording->groups},
                                          &x, &y, error));
        for (size_t g = 0; g < recording->groups; g++) {
            x[g] = M_PI * (double)g / (double)recording->groups;
            y[g] = weight[g] * (double)recording->groups / sum;
        }
    }
    return FSBI_OK;
}

fsbi_status orientation_portray(const orientation_recording *recording,
                                const orientation_neuron *neuron, const orientation_tuning *tuning,
                                fsbi_portrait *portrait, fsbi_error *error) {
    FSBI_TRY(portray_tuning(recording, neuron, tuning, portrait, error));
    for (int k = 0; k < ORIENTATION_POPULATIONS; k++)
        FSBI_TRY(portray_history(recording, neuron->settings, k, portrait, error));
    return portray_balance(recording, portrait, error);
}
