/* Gaussian linear (sbibm benchmark): x = theta + noise, normal with variance 0.1 in each of 10
 * dimensions. The benchmark's gaussian_linear has a normal prior (variance 0.1), its
 * gaussian_linear_uniform the box
 * [-1, 1]; priors are boxes here, so this is the uniform one. Its posterior is a truncated normal.
 */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "fsbi/model.h"

typedef struct {
    long dimensions;
    double bound;
    double noise_variance;
} gaussian_settings;

#define FIELD(field) offsetof(gaussian_settings, field)

static const fsbi_config_key keys[] = {
    {"dimensions", FSBI_KEY_INTEGER, FIELD(dimensions), "10", 1, 1000, "entries of theta and of x",
     NULL},
    {"bound", FSBI_KEY_REAL, FIELD(bound), "1", 1e-6, 1e6, "theta is uniform in -bound..bound",
     NULL},
    {"noise_variance", FSBI_KEY_REAL, FIELD(noise_variance), "0.1", 0, 1e6,
     "variance of x given theta", NULL},
};

static const fsbi_config_keys key_table = {keys, sizeof keys / sizeof *keys, NULL};

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    const gaussian_settings *settings = model->settings;
    for (long i = 0; i < settings->dimensions; i++) {
        fsbi_parameter parameter = {.unit = "1", .low = -settings->bound, .high = settings->bound};
        char metric[FSBI_MODEL_NAME];
        snprintf(parameter.name, sizeof parameter.name, "theta_%ld", i);
        snprintf(metric, sizeof metric, "x_%ld", i);
        FSBI_TRY(fsbi_model_add_parameter(model, &parameter, error));
        FSBI_TRY(fsbi_model_add_metric(model, metric, "1", error));
    }
    return FSBI_OK;
}

static void *create(const void *settings, fsbi_error *error) {
    return fsbi_memory_copy(settings, sizeof(gaussian_settings), error);
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    (void)error;
    const gaussian_settings *settings = workspace;
    double deviation = sqrt(settings->noise_variance);
    for (long i = 0; i < settings->dimensions; i++)
        metrics[i] =
            simulation->theta[i] + gsl_ran_gaussian_ziggurat(simulation->stream, deviation);
    outcome->t_end = 0;
    return FSBI_OK;
}

const fsbi_model_type fsbi_model_gaussian_linear = {
    .name = "gaussian_linear",
    .summary =
        "x = theta + noise, of the sbibm benchmark, with a box prior; for checking the inference",
    .keys = &key_table,
    .settings_size = sizeof(gaussian_settings),
    .configure = configure,
    .create = create,
    .simulate = simulate,
    .destroy = free,
};
