/* "Simple likelihood, complex posterior" of the sbibm benchmark (Papamakarios et al. 2019;
 * Lueckmann et al. 2021): x is four draws of a normal distribution in the plane with mean (theta_0,
 * theta_1), standard deviations theta_2^2 and theta_3^2 and correlation tanh theta_4; prior uniform
 * in [-3, 3]^5. theta_2 and theta_3 count by their squares, so the posterior has four symmetric
 * modes, with edges. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "fsbi/model.h"

enum { DRAWS = 4, PARAMETERS = 5 };

typedef struct {
    double half_width;
} slcp_settings;

static const fsbi_config_key keys[] = {{"half_width", FSBI_KEY_REAL,
                                        offsetof(slcp_settings, half_width), "3", 1e-6, 1e6,
                                        "of the prior's box around 0", NULL}};
static const fsbi_config_keys key_table = {keys, sizeof keys / sizeof *keys, NULL};

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    const slcp_settings *settings = model->settings;
    for (int i = 0; i < PARAMETERS; i++) {
        fsbi_parameter parameter = {
            .unit = "1", .low = -settings->half_width, .high = settings->half_width};
        snprintf(parameter.name, sizeof parameter.name, "theta_%d", i);
        FSBI_TRY(fsbi_model_add_parameter(model, &parameter, error));
    }
    for (int i = 0; i < 2 * DRAWS; i++) {
        char name[FSBI_MODEL_NAME];
        snprintf(name, sizeof name, "x_%d", i);
        FSBI_TRY(fsbi_model_add_metric(model, name, "1", error));
    }
    return FSBI_OK;
}

static void *create(const void *settings, fsbi_error *error) {
    return fsbi_memory_copy(settings, sizeof(slcp_settings), error);
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    (void)workspace;
    (void)error;
    const double deviation_x = simulation->theta[2] * simulation->theta[2];
    const double deviation_y = simulation->theta[3] * simulation->theta[3];
    const double correlation = tanh(simulation->theta[4]);
    for (size_t i = 0; i < DRAWS; i++) {
        const double first = gsl_ran_gaussian_ziggurat(simulation->stream, 1);
        const double second = gsl_ran_gaussian_ziggurat(simulation->stream, 1);
        metrics[2 * i] = simulation->theta[0] + deviation_x * first;
        metrics[2 * i + 1] =
            simulation->theta[1] +
            deviation_y * (correlation * first + sqrt(1 - correlation * correlation) * second);
    }
    outcome->t_end = 0;
    return FSBI_OK;
}

const fsbi_model_type fsbi_model_slcp = {
    .name = "slcp",
    .summary = "a simple likelihood with a complex posterior, of the sbibm benchmark",
    .keys = &key_table,
    .settings_size = sizeof(slcp_settings),
    .configure = configure,
    .create = create,
    .simulate = simulate,
    .destroy = free,
};
