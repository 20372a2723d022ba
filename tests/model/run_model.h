/** Opening and running a model as a campaign does. */
#ifndef FSBI_TESTS_MODEL_RUN_MODEL_H
#define FSBI_TESTS_MODEL_RUN_MODEL_H

#include <gsl/gsl_statistics_double.h>

#include "fsbi/model.h"
#include "fsbi/random.h"
#include "unit.h"

/** Opens the model of a YAML mapping; what is wrong with it in `error`. */
static inline fsbi_status try_open_model(const char *yaml, fsbi_model **model, fsbi_error *error) {
    fsbi_config_node *section = NULL;
    assert_ok(fsbi_config_node_parse(yaml, "test", &section, error), *error);
    const fsbi_status status = fsbi_model_open(section, model, error);
    fsbi_config_node_free(section);
    return status;
}

/** Opens a model in which nothing is wrong; owned by the caller (fsbi_model_close). */
static inline fsbi_model *open_model(const char *yaml) {
    fsbi_model *model = NULL;
    fsbi_error error = {0};
    assert_ok(try_open_model(yaml, &model, &error), error);
    return model;
}

/** A workspace; owned by the caller (model->type->destroy). */
static inline void *create_workspace(const fsbi_model *model) {
    fsbi_error error = {0};
    void *workspace = fsbi_model_create(model, &error);
    assert_non_null(workspace);
    return workspace;
}

/** One simulation. */
static inline fsbi_outcome simulate(const fsbi_model *model, void *workspace, const double *theta,
                                    uint64_t seed, double *metrics) {
    fsbi_error error = {0};
    fsbi_outcome outcome;
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    const fsbi_simulation simulation = {.theta = theta, .stream = rng, .seed = seed};
    assert_ok(fsbi_model_simulate(model, workspace, &simulation, metrics, &outcome, &error), error);
    gsl_rng_free(rng);
    return outcome;
}

/** The index of the metric of this name. */
static inline size_t metric_index(const fsbi_model *model, const char *name) {
    size_t k = 0;
    while (k < model->metric_count && strcmp(model->metrics[k].name, name) != 0)
        k++;
    assert_true(k < model->metric_count);
    return k;
}

/** Of the difference of two means, from the pooled spread. */
static inline double standard_error(const double *a, size_t a_count, const double *b,
                                    size_t b_count) {
    const double squares = (double)(a_count - 1) * gsl_stats_variance(a, 1, a_count) +
                           (double)(b_count - 1) * gsl_stats_variance(b, 1, b_count);
    return sqrt(squares / (double)(a_count + b_count - 2) *
                (1 / (double)a_count + 1 / (double)b_count));
}

#endif
