/* Rules of which it is known how many meet the conditions, and where: for checking searches. All of
 * theta are uniform in [-1, 1]. Metrics are y_0, y_1, ...; conditions are intervals of these.
 *
 * equalities: 24 parameters in four groups of six; y_k = sum of the group + 3 curvature (t^2 -
 * 1/3), t being its first. abs(y_k) <= 0.1 for all k is met by some 1e-5 of the box. ball: 4
 * parameters; y_0 = abs(theta). y_0 <= 0.6 is met by pi^2/2 0.6^4 / 16 of the box. two_balls: 4
 * parameters; y_0 is the smaller of the distances to (0.5, ...) over 0.4 and to
 * (-0.5, ...) over 0.4/9^(1/4): y_0 <= 1 is met in two modes with masses of nine to one.
 *
 * At checkpoint c of n, at time c/(n + 1), the interim number y_k_at_c is y_k with a normal error
 * of blur/c. */
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "fsbi/model.h"

enum { EQUALITIES, BALL, TWO_BALLS };
enum { GROUPS = 4, GROUP = 6, BALL_SIZE = 4 };

typedef struct {
    int problem;
    double curvature;
    double noise;
    double blur;
    long checkpoints;
    bool features;
} known_set_settings;

static const char *const problems[] = {"equalities", "ball", "two_balls", NULL};

#define FIELD(field) offsetof(known_set_settings, field)

static const fsbi_config_key keys[] = {
    {"problem", FSBI_KEY_CHOICE, FIELD(problem), "equalities", 0, 0,
     "equalities: 24 parameters, four sums; ball, two_balls: 4 parameters, a distance", problems},
    {"curvature", FSBI_KEY_REAL, FIELD(curvature), "0.3", 0, 10,
     "of the sums, in one direction each", NULL},
    {"noise", FSBI_KEY_REAL, FIELD(noise), "0", 0, 10, "standard deviation of every metric", NULL},
    {"blur", FSBI_KEY_REAL, FIELD(blur), "0.3", 0, 10, "of the first checkpoint's numbers", NULL},
    {"checkpoints", FSBI_KEY_INTEGER, FIELD(checkpoints), "0", 0, 8,
     "times that a search asks whether to go on", NULL},
    {"features", FSBI_KEY_BOOLEAN, FIELD(features), "true", 0, 0,
     "of equalities: whether the plain sums are known beforehand", NULL},
};

static const fsbi_config_keys key_table = {keys, sizeof keys / sizeof *keys, NULL};

static size_t theta_size(const known_set_settings *s) {
    return s->problem == EQUALITIES ? GROUPS * GROUP : BALL_SIZE;
}

static size_t metric_size(const known_set_settings *s) {
    return s->problem == EQUALITIES ? GROUPS : 1;
}

static fsbi_status declare_metrics(fsbi_model *model, fsbi_error *error) {
    const known_set_settings *s = model->settings;
    char name[FSBI_MODEL_NAME];
    for (size_t k = 0; k < metric_size(s); k++) {
        snprintf(name, sizeof name, "y_%zu", k);
        FSBI_TRY(fsbi_model_add_metric(model, name, "1", error));
    }
    for (size_t c = 1; c <= (size_t)s->checkpoints; c++) {
        for (size_t k = 0; k < metric_size(s); k++) {
            snprintf(name, sizeof name, "y_%zu_at_%zu", k, c);
            FSBI_TRY(fsbi_model_add_interim(model, name, "1", c, error));
        }
    }
    return FSBI_OK;
}

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    const known_set_settings *s = model->settings;
    for (size_t k = 0; k < theta_size(s); k++) {
        fsbi_parameter parameter = {.unit = "1", .low = -1, .high = 1};
        snprintf(parameter.name, sizeof parameter.name, "theta_%zu", k);
        FSBI_TRY(fsbi_model_add_parameter(model, &parameter, error));
    }
    FSBI_TRY(declare_metrics(model, error));
    char name[FSBI_MODEL_NAME];
    for (size_t k = 0; s->problem == EQUALITIES && s->features && k < GROUPS; k++) {
        snprintf(name, sizeof name, "sum_%zu", k);
        FSBI_TRY(fsbi_model_add_feature(model, name, "1", error));
    }
    return FSBI_OK;
}

static void *create(const void *settings, fsbi_error *error) {
    return fsbi_memory_copy(settings, sizeof(known_set_settings), error);
}

static double sum_of(const double *group) {
    double sum = 0;
    for (size_t k = 0; k < GROUP; k++)
        sum += group[k];
    return sum;
}

static double distance(const double *theta, double centre) {
    double squares = 0;
    for (size_t k = 0; k < BALL_SIZE; k++)
        squares += (theta[k] - centre) * (theta[k] - centre);
    return sqrt(squares);
}

static void find_metrics(const known_set_settings *s, const double *theta, double *y) {
    static const double radius = 0.4;
    switch (s->problem) {
    case BALL:
        y[0] = distance(theta, 0);
        break;
    case TWO_BALLS:
        y[0] = fmin(distance(theta, 0.5) / radius, distance(theta, -0.5) * sqrt(3) / radius);
        break;
    default:
        for (size_t k = 0; k < GROUPS; k++, theta += GROUP)
            y[k] = sum_of(theta) + 3 * s->curvature * (theta[0] * theta[0] - 1.0 / 3);
    }
}

static void features(const void *settings, const double *theta, double *found) {
    (void)settings;
    for (size_t k = 0; k < GROUPS; k++)
        found[k] = sum_of(theta + k * GROUP);
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    (void)error;
    const known_set_settings *s = workspace;
    const size_t count = metric_size(s);
    double y[GROUPS];
    find_metrics(s, simulation->theta, y);
    for (size_t k = 0; k < count; k++)
        y[k] += gsl_ran_gaussian_ziggurat(simulation->stream, s->noise);
    for (long c = 1; c <= s->checkpoints; c++) {
        double *interim = metrics + (size_t)c * count;
        for (size_t k = 0; k < count; k++)
            interim[k] = y[k] + gsl_ran_gaussian_ziggurat(simulation->stream, s->blur / (double)c);
        outcome->t_end = (double)c / (double)(s->checkpoints + 1);
        if (!fsbi_watch_go_on(simulation->watch, (size_t)c, metrics)) {
            outcome->status = FSBI_SIMULATION_STOPPED;
            return FSBI_OK;
        }
    }
    for (size_t k = 0; k < count; k++)
        metrics[k] = y[k];
    outcome->t_end = 1;
    return FSBI_OK;
}

const fsbi_model_type fsbi_model_known_set = {
    .name = "known_set",
    .summary = "rules of which it is known how many meet the conditions; for checking searches",
    .keys = &key_table,
    .settings_size = sizeof(known_set_settings),
    .configure = configure,
    .create = create,
    .simulate = simulate,
    .destroy = free,
    .features = features,
};
