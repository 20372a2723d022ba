/* Two moons (Greenberg, Nonnenmacher and Macke 2019), as in the sbibm benchmark: two parameters, a
 * posterior of two crescents. theta uniform in [-1, 1]^2; alpha uniform in [-pi/2, pi/2], r normal
 * with mean 0.1 and standard deviation 0.01; x = (r cos(alpha) + 0.25, r sin(alpha)) + (-|t0 + t1|,
 * -t0 + t1) / sqrt(2). */
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "fsbi/model.h"

typedef struct {
    double radius;
    double radius_spread;
} two_moons_settings;

#define FIELD(field) offsetof(two_moons_settings, field)

static const fsbi_config_key keys[] = {
    {"radius", FSBI_KEY_REAL, FIELD(radius), "0.1", 0, 10, "mean radius of the moons", NULL},
    {"radius_spread", FSBI_KEY_REAL, FIELD(radius_spread), "0.01", 0, 10,
     "standard deviation of the radius", NULL},
};

static const fsbi_config_keys key_table = {keys, sizeof keys / sizeof *keys, NULL};

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    fsbi_parameter first = {.name = "theta_0", .unit = "1", .low = -1, .high = 1};
    fsbi_parameter second = {.name = "theta_1", .unit = "1", .low = -1, .high = 1};
    FSBI_TRY(fsbi_model_add_parameter(model, &first, error));
    FSBI_TRY(fsbi_model_add_parameter(model, &second, error));
    FSBI_TRY(fsbi_model_add_metric(model, "x_0", "1", error));
    return fsbi_model_add_metric(model, "x_1", "1", error);
}

static void *create(const void *settings, fsbi_error *error) {
    return fsbi_memory_copy(settings, sizeof(two_moons_settings), error);
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    (void)error;
    const two_moons_settings *settings = workspace;
    double alpha = gsl_ran_flat(simulation->stream, -M_PI_2, M_PI_2);
    double radius =
        settings->radius + gsl_ran_gaussian_ziggurat(simulation->stream, settings->radius_spread);
    metrics[0] =
        radius * cos(alpha) + 0.25 - fabs(simulation->theta[0] + simulation->theta[1]) * M_SQRT1_2;
    metrics[1] = radius * sin(alpha) + (simulation->theta[1] - simulation->theta[0]) * M_SQRT1_2;
    outcome->t_end = 0;
    return FSBI_OK;
}

const fsbi_model_type fsbi_model_two_moons = {
    .name = "two_moons",
    .summary = "two crescents, of the sbibm benchmark; for checking the inference",
    .keys = &key_table,
    .settings_size = sizeof(two_moons_settings),
    .configure = configure,
    .create = create,
    .simulate = simulate,
    .destroy = free,
};
