/* A model without a model: for trying schedulers, file systems and the machinery of campaigns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "fsbi/model.h"

typedef struct {
    long parameters;
    double wait;
    double wait_jitter;
    double blow_up_share;
    double crash_share;
} null_settings;

#define FIELD(field) offsetof(null_settings, field)

static const fsbi_config_key keys[] = {
    {"parameters", FSBI_KEY_INTEGER, FIELD(parameters), "2", 1, 1000,
     "entries of theta, uniform in 0..1 each; the metrics are their mean and one uniform random "
     "number",
     NULL},
    {"wait", FSBI_KEY_REAL, FIELD(wait), "0", 0, 1e6, "s that a simulation takes, asleep", NULL},
    {"wait_jitter", FSBI_KEY_REAL, FIELD(wait_jitter), "0", 0, 1,
     "the wait varies uniformly by up to this share of it, up and down", NULL},
    {"blow_up_share", FSBI_KEY_REAL, FIELD(blow_up_share), "0", 0, 1,
     "simulations whose first parameter is below this blow up", NULL},
    {"crash_share", FSBI_KEY_REAL, FIELD(crash_share), "0", 0, 1,
     "simulations whose last parameter is below this bring the program down", NULL},
};

static const fsbi_config_keys key_table = {keys, sizeof keys / sizeof *keys, NULL};

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    const null_settings *settings = model->settings;
    for (long i = 0; i < settings->parameters; i++) {
        fsbi_parameter parameter = {.low = 0, .high = 1, .unit = "1"};
        snprintf(parameter.name, sizeof parameter.name, "theta_%ld", i);
        FSBI_TRY(fsbi_model_add_parameter(model, &parameter, error));
    }
    FSBI_TRY(fsbi_model_add_metric(model, "mean", "1", error));
    return fsbi_model_add_metric(model, "noise", "1", error);
}

static void *create(const void *settings, fsbi_error *error) {
    return fsbi_memory_copy(settings, sizeof(null_settings), error);
}

static fsbi_simulation_status sleep_watched(double seconds, const fsbi_watch *watch) {
    static const double longest = 0.01;
    const double end = fsbi_clock_seconds() + seconds;
    fsbi_simulation_status status = FSBI_SIMULATION_OK;
    for (double left = seconds; left > 0 && status == FSBI_SIMULATION_OK;
         left = end - fsbi_clock_seconds()) {
        fsbi_clock_sleep(left < longest ? left : longest);
        status = fsbi_watch_look(watch);
    }
    return status;
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    (void)error;
    const null_settings *settings = workspace;
    double noise = gsl_rng_uniform(simulation->stream);
    double wait = settings->wait *
                  (1 + settings->wait_jitter * (2 * gsl_rng_uniform(simulation->stream) - 1));
    outcome->status = sleep_watched(wait, simulation->watch);
    outcome->t_end = wait;
    if (outcome->status != FSBI_SIMULATION_OK)
        return FSBI_OK;
    if (simulation->theta[settings->parameters - 1] < settings->crash_share)
        abort();
    if (simulation->theta[0] < settings->blow_up_share) {
        outcome->status = FSBI_SIMULATION_BLOWN_UP;
        return FSBI_OK;
    }
    double sum = 0;
    for (long i = 0; i < settings->parameters; i++)
        sum += simulation->theta[i];
    metrics[0] = sum / (double)settings->parameters;
    metrics[1] = noise;
    return FSBI_OK;
}

const fsbi_model_type fsbi_model_null = {
    .name = "null",
    .summary = "returns at once or after a given time; for trying schedulers",
    .keys = &key_table,
    .settings_size = sizeof(null_settings),
    .configure = configure,
    .create = create,
    .simulate = simulate,
    .destroy = free,
};
