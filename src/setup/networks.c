#include "setup/networks.h"

#include <math.h>
#include <stdio.h>

#include "nets/blas.h"
#include "search/condition_probability.h"

fsbi_status fsbi_setup_plan_inference(const fsbi_config_inference *inference, size_t theta_size,
                                      size_t x_size, fsbi_posterior_plan *plan, fsbi_error *error) {
    const fsbi_estimator_specification shape = {.theta_size = theta_size,
                                                .x_size = x_size,
                                                .transforms = (size_t)inference->transforms,
                                                .hidden_features =
                                                    (size_t)inference->hidden_features,
                                                .blocks = (size_t)inference->blocks,
                                                .bins = (size_t)inference->bins,
                                                .tail_bound = inference->tail_bound};
    fsbi_status status = fsbi_posterior_plan_init(plan, &shape, error);
    plan->estimator = fsbi_estimator_find(inference->estimator);
    plan->unbounded = inference->bounds == FSBI_BOUNDS_STRETCH;
    plan->members = (size_t)inference->ensemble;
    plan->max_epochs = (size_t)inference->max_epochs;
    plan->check_rows = (size_t)inference->check_rows;
    plan->check_samples = (size_t)inference->check_samples;
    return status;
}

static fsbi_status plan_posterior(const fsbi_setup *setup, size_t round, fsbi_posterior_plan *plan,
                                  fsbi_error *error) {
    const fsbi_filter *infer = &setup->config->rounds[round].infer;
    FSBI_TRY(fsbi_setup_plan_inference(&setup->config->inference,
                                       fsbi_model_inferred_count(setup->model), infer->count, plan,
                                       error));
    if (setup->config->rounds[round].weighted)
        plan->check_rows = 0; /* rows held out are no sample of the posterior: none to rank */
    fsbi_setup_list_inferred(setup, plan->theta_names, plan->low, plan->high);
    for (size_t i = 0; i < infer->count; i++)
        snprintf(plan->x_names[i], sizeof *plan->x_names, "%s", infer->conditions[i].metric);
    return FSBI_OK;
}

static fsbi_status plan_classifier(const fsbi_setup *setup, fsbi_posterior_plan *plan,
                                   fsbi_error *error) {
    FSBI_TRY(fsbi_setup_plan_inference(&setup->config->inference, 1,
                                       fsbi_model_inferred_count(setup->model), plan, error));
    plan->estimator = &fsbi_estimator_classifier;
    plan->unbounded = false;
    plan->check_rows = 0;
    snprintf(plan->theta_names[0], sizeof *plan->theta_names, "valid");
    plan->high[0] = 1;
    fsbi_setup_list_inferred(setup, plan->x_names, NULL, NULL);
    return FSBI_OK;
}

fsbi_config_inference fsbi_setup_emulator_training(const fsbi_config *config) {
    const fsbi_config_search *search = &config->search;
    fsbi_config_inference training = config->inference;
    training.bounds = FSBI_BOUNDS_REJECT;
    training.ensemble = search->ensemble;
    training.transforms = search->components;
    training.hidden_features = search->hidden_features;
    training.blocks = search->blocks;
    training.learning_rate = search->learning_rate;
    training.batch_size = search->batch_size;
    training.validation_fraction = search->validation_fraction;
    training.patience = search->patience;
    training.max_epochs = search->max_epochs;
    training.check_rows = 0;
    return training;
}

/* An emulator of so many inputs; the names of the first ones are those of the rule and features. */
static fsbi_status plan_emulator(const fsbi_setup *setup, size_t inputs, fsbi_posterior_plan *plan,
                                 fsbi_error *error) {
    const fsbi_model *model = setup->model;
    const fsbi_config_inference training = fsbi_setup_emulator_training(setup->config);
    const size_t inferred = fsbi_model_inferred_count(model);
    FSBI_TRY(
        fsbi_setup_plan_inference(&training, fsbi_search_target_size(model), inputs, plan, error));
    plan->estimator = &fsbi_estimator_emulator;
    for (size_t k = 0; k < fsbi_search_target_size(model); k++) {
        snprintf(plan->theta_names[k], sizeof *plan->theta_names, "%s", model->metrics[k].name);
        plan->low[k] = -INFINITY;
        plan->high[k] = INFINITY;
    }
    fsbi_setup_list_inferred(setup, plan->x_names, NULL, NULL);
    for (size_t k = 0; k < model->feature_count; k++)
        snprintf(plan->x_names[inferred + k], sizeof *plan->x_names, "%s", model->features[k].name);
    return FSBI_OK;
}

/* The interim networks are told, besides, which checkpoint it is, and its numbers. */
static fsbi_status plan_interim(const fsbi_setup *setup, fsbi_posterior_plan *plan,
                                fsbi_error *error) {
    const fsbi_model *model = setup->model;
    const size_t first = fsbi_search_input_size(model);
    FSBI_TRY(plan_emulator(setup, fsbi_search_interim_input_size(model), plan, error));
    for (size_t k = 0; k < model->checkpoint_count; k++)
        snprintf(plan->x_names[first + k], sizeof *plan->x_names, "checkpoint_%zu", k + 1);
    for (size_t k = 0; k < model->interim_count; k++)
        snprintf(plan->x_names[first + model->checkpoint_count + k], sizeof *plan->x_names, "%s",
                 model->metrics[fsbi_search_target_size(model) + k].name);
    return FSBI_OK;
}

bool fsbi_setup_has_networks(const fsbi_setup *setup, size_t round, fsbi_networks_kind kind) {
    const fsbi_config_round *settings = &setup->config->rounds[round];
    const bool searches = settings->propose == FSBI_PROPOSE_TOWARDS;
    const bool has[FSBI_NETWORKS_KINDS] = {[FSBI_NETWORKS_CLASSIFIER] = settings->has_classifier,
                                           [FSBI_NETWORKS_POSTERIOR] = settings->has_posterior,
                                           [FSBI_NETWORKS_EMULATOR] = searches,
                                           [FSBI_NETWORKS_INTERIM] =
                                               searches && setup->model->checkpoint_count > 0};
    return has[kind];
}

fsbi_status fsbi_setup_prepare_networks(const fsbi_setup *setup, fsbi_error *error) {
    for (size_t round = 0; round < setup->config->round_count; round++)
        for (fsbi_networks_kind kind = 0; kind < FSBI_NETWORKS_KINDS; kind++)
            if (fsbi_setup_has_networks(setup, round, kind))
                return fsbi_blas_prepare(error);
    return FSBI_OK;
}

fsbi_status fsbi_setup_plan_networks(const fsbi_setup *setup, size_t round, fsbi_networks_kind kind,
                                     fsbi_posterior_plan *plan, fsbi_error *error) {
    switch (kind) {
    case FSBI_NETWORKS_CLASSIFIER:
        return plan_classifier(setup, plan, error);
    case FSBI_NETWORKS_POSTERIOR:
        return plan_posterior(setup, round, plan, error);
    case FSBI_NETWORKS_EMULATOR:
        return plan_emulator(setup, fsbi_search_input_size(setup->model), plan, error);
    case FSBI_NETWORKS_INTERIM:
        return plan_interim(setup, plan, error);
    case FSBI_NETWORKS_KINDS:
        break;
    }
    return fsbi_error_set(error, FSBI_INTERNAL, "there are no networks of kind %d", (int)kind);
}
