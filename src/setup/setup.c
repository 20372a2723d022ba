#include "setup/setup.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "config/overlay.h"
#include "config/rounds.h"
#include "core/memory.h"
#include "core/read_file.h"
#include "model/model_yaml.h"
#include "rows/row.h"
#include "setup/networks.h"
#include "store/campaign_file.h"

/* The text of a configuration, and its length. */
static fsbi_status read_text(const char *path, char **text, size_t *length, fsbi_error *error) {
    FSBI_TRY(fsbi_read_file(path, "configuration", text, length, error));
    if (strlen(*text) == *length)
        return FSBI_OK;
    free(*text);
    *text = NULL;
    return fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' is not a text file", path);
}

static fsbi_status read_config(fsbi_setup *setup, fsbi_error *error) {
    const char **names = fsbi_memory_allocate(setup->model->metric_count, sizeof *names, error);
    if (names == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < setup->model->metric_count; i++)
        names[i] = setup->model->metrics[i].name;
    fsbi_status status =
        fsbi_config_read(setup->tree, names, setup->model->metric_count, &setup->config, error);
    free(names);
    return status;
}

fsbi_status fsbi_setup_refresh(fsbi_setup *setup, fsbi_error *error) {
    fsbi_text model = {0};
    fsbi_text_clear(&setup->effective);
    fsbi_model_write_yaml(setup->model, &model);
    fsbi_config_write(setup->config, model.length > 0 ? model.characters : "", &setup->effective);
    bool failed = model.failed || setup->effective.failed;
    fsbi_text_clear(&model);
    return failed ? fsbi_error_set(error, FSBI_NO_MEMORY,
                                   "out of memory while writing the configuration")
                  : FSBI_OK;
}

bool fsbi_setup_same_rows(const fsbi_model *a, const fsbi_model *b) {
    bool same = a->parameter_count == b->parameter_count && a->metric_count == b->metric_count &&
                a->trace_count == b->trace_count;
    for (size_t i = 0; same && i < a->parameter_count; i++) {
        const fsbi_parameter *p = &a->parameters[i];
        const fsbi_parameter *q = &b->parameters[i];
        same = strcmp(p->name, q->name) == 0 && p->low == q->low && p->high == q->high &&
               p->nuisance == q->nuisance;
    }
    for (size_t i = 0; same && i < a->metric_count; i++)
        same = strcmp(a->metrics[i].name, b->metrics[i].name) == 0;
    return same;
}

static fsbi_status open_model(fsbi_setup *setup, fsbi_error *error) {
    const fsbi_config_node *section = fsbi_config_node_find(setup->tree, "model");
    return section == NULL
               ? fsbi_config_node_error(
                     setup->tree, error,
                     "the section 'model' is missing; the least is model: {name: if_poly}")
               : fsbi_model_open(section, &setup->model, error);
}

static fsbi_status open_round_model(fsbi_setup *setup, size_t round,
                                    const fsbi_config_node *changes, fsbi_error *error) {
    fsbi_config_node *section = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_config_overlay(fsbi_config_node_find(setup->tree, "model"), changes, &section, error));
    FSBI_TRY_DONE(fsbi_model_open(section, &setup->round_models[round], error));
    if (!fsbi_setup_same_rows(setup->model, setup->round_models[round]))
        FSBI_TRY_DONE(fsbi_config_node_error(changes, error,
                                             "with these settings the model has other parameters, "
                                             "bounds or metrics: they can only be changed for all "
                                             "rounds"));
done:
    fsbi_config_node_free(section);
    return status;
}

/* The models of rounds that change its settings. */
static fsbi_status open_round_models(fsbi_setup *setup, fsbi_error *error) {
    const fsbi_config_node *rounds = fsbi_config_node_find(setup->tree, "rounds");
    const size_t count = setup->config->round_count;
    setup->round_models = fsbi_memory_allocate(count, sizeof(fsbi_model *), error);
    if (setup->round_models == NULL)
        return FSBI_NO_MEMORY;
    for (size_t round = 0; round < count; round++)
        if (setup->config->rounds[round].model != NULL)
            FSBI_TRY(open_round_model(
                setup, round, fsbi_config_node_find(rounds->children[round], "model"), error));
    return FSBI_OK;
}

static void close_round_models(fsbi_setup *setup) {
    for (size_t round = 0; setup->round_models != NULL && round < setup->config->round_count;
         round++)
        fsbi_model_close(setup->round_models[round]);
    free(setup->round_models);
    setup->round_models = NULL;
}

const fsbi_model *fsbi_setup_model_of(const fsbi_setup *setup, size_t round) {
    const fsbi_model *own = setup->round_models[round];
    return own != NULL ? own : setup->model;
}

fsbi_status fsbi_setup_parse(const char *text, const char *name, const char *const *overrides,
                             size_t override_count, fsbi_setup *setup, fsbi_error *error) {
    *setup = (fsbi_setup){.config_text = fsbi_memory_copy(text, strlen(text) + 1, error)};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(setup->config_text == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_config_node_parse(text, name, &setup->tree, error));
    FSBI_TRY_DONE(fsbi_config_node_expect(setup->tree, FSBI_NODE_MAPPING, error));
    for (size_t i = 0; i < override_count; i++)
        FSBI_TRY_DONE(fsbi_config_node_set(setup->tree, overrides[i], error));
    FSBI_TRY_DONE(fsbi_config_repeat_rounds(setup->tree, error));
    FSBI_TRY_DONE(open_model(setup, error));
    FSBI_TRY_DONE(read_config(setup, error));
    FSBI_TRY_DONE(open_round_models(setup, error));
    if (setup->model->trace_count == 0 && setup->config->traces.store != FSBI_TRACES_NONE)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "%s: model '%s' has no traces: traces.store must be none",
                                     name, setup->model->type->name));
    FSBI_TRY_DONE(fsbi_setup_refresh(setup, error));
    enum { LONGEST = 60000 }; /* HDF5 keeps attributes of up to 64 kB beside their object */
    if (strlen(text) > LONGEST || setup->effective.length > LONGEST)
        FSBI_TRY_DONE(fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "%s: the configuration is longer than %d bytes; the campaign file keeps a copy "
            "and has no room for more",
            name, LONGEST));
done:
    if (status != FSBI_OK)
        fsbi_setup_clear(setup);
    return status;
}

/* Rank 0: the file's text. */
static fsbi_status read_first(MPI_Comm comm, const char *path, char **text, size_t *length,
                              fsbi_error *error) {
    return fsbi_cluster_rank(comm) > 0 ? FSBI_OK : read_text(path, text, length, error);
}

fsbi_status fsbi_setup_share_file(MPI_Comm comm, const char *path, char **text, fsbi_error *error) {
    size_t length = 0;
    *text = NULL;
    FSBI_TRY(fsbi_cluster_agree(comm, read_first(comm, path, text, &length, error), error));
    fsbi_cluster_broadcast(comm, &length, sizeof length);
    if (*text == NULL)
        *text = fsbi_memory_allocate(length + 1, 1, error);
    FSBI_TRY(fsbi_cluster_agree(comm, *text == NULL ? FSBI_NO_MEMORY : FSBI_OK, error));
    fsbi_cluster_broadcast(comm, *text, length);
    return FSBI_OK;
}

fsbi_status fsbi_setup_load(MPI_Comm comm, const fsbi_setup_source *source, fsbi_setup *setup,
                            fsbi_error *error) {
    char *text = NULL;
    *setup = (fsbi_setup){0};
    FSBI_TRY(fsbi_setup_share_file(comm, source->path, &text, error));
    const fsbi_status status = fsbi_setup_parse(text, source->path, source->overrides,
                                                source->override_count, setup, error);
    free(text);
    return fsbi_cluster_agree(comm, status, error);
}

fsbi_status fsbi_setup_expect_rounds(const fsbi_setup *setup, fsbi_error *error) {
    return setup->config->round_count > 0
               ? FSBI_OK
               : fsbi_config_node_error(
                     setup->tree, error,
                     "there are no 'rounds' to run; the least is rounds: [{simulations: 100}]");
}

fsbi_status fsbi_setup_use_table(fsbi_setup *setup, const char *table, size_t count,
                                 const char *output, fsbi_error *error) {
    fsbi_config *config = setup->config;
    if (strlen(table) >= sizeof config->rounds->table ||
        strlen(output) >= sizeof config->campaign.output)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "a file name is longer than %zu characters",
                              sizeof config->campaign.output - 1);
    fsbi_config_round *round = fsbi_memory_allocate(1, sizeof *round, error);
    if (round == NULL)
        return FSBI_NO_MEMORY;
    round->simulations = count;
    round->propose = FSBI_PROPOSE_TABLE;
    memcpy(round->table, table, strlen(table) + 1);
    memcpy(config->campaign.output, output, strlen(output) + 1);
    close_round_models(setup);
    fsbi_config_free_rounds(config);
    config->rounds = round;
    config->round_count = 1;
    setup->round_models = fsbi_memory_allocate(1, sizeof(fsbi_model *), error);
    return setup->round_models == NULL ? FSBI_NO_MEMORY : fsbi_setup_refresh(setup, error);
}

fsbi_status fsbi_setup_of_campaign(const char *path, fsbi_setup *setup, fsbi_error *error) {
    char *text = NULL;
    *setup = (fsbi_setup){0};
    FSBI_TRY(fsbi_campaign_file_read_config(path, &text, NULL, error));
    const fsbi_status status = fsbi_setup_parse(text, path, NULL, 0, setup, error);
    free(text);
    return status;
}

void fsbi_setup_list_inferred(const fsbi_setup *setup, fsbi_posterior_name *names, double *low,
                              double *high) {
    for (size_t i = 0; i < setup->model->parameter_count; i++) {
        const fsbi_parameter *parameter = &setup->model->parameters[i];
        if (parameter->nuisance)
            continue;
        if (names != NULL)
            snprintf(*names++, sizeof *names, "%s", parameter->name);
        if (low != NULL)
            *low++ = parameter->low;
        if (high != NULL)
            *high++ = parameter->high;
    }
}

static double posterior_bytes(const fsbi_posterior_plan *plan) {
    const size_t weights = plan->estimator->parameter_count(plan->estimator, &plan->specification);
    const size_t ranks =
        plan->check_rows * fsbi_calibration_columns(plan->specification.theta_size);
    return (double)(plan->members *
                    (weights * sizeof(fsbi_real) + 2 * plan->max_epochs * sizeof(double))) +
           (double)(ranks * sizeof(int32_t));
}

/* What the networks of a round take. */
static fsbi_status networks_bytes(const fsbi_setup *setup, size_t round, double *bytes,
                                  fsbi_error *error) {
    for (fsbi_networks_kind kind = 0; kind < FSBI_NETWORKS_KINDS; kind++) {
        fsbi_posterior_plan plan = {0};
        if (!fsbi_setup_has_networks(setup, round, kind))
            continue;
        const fsbi_status status = fsbi_setup_plan_networks(setup, round, kind, &plan, error);
        *bytes += status == FSBI_OK ? posterior_bytes(&plan) : 0;
        fsbi_posterior_plan_clear(&plan);
        FSBI_TRY(status);
    }
    return FSBI_OK;
}

fsbi_status fsbi_setup_file_bytes(const fsbi_setup *setup, double *bytes, fsbi_error *error) {
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    double rows_so_far = 0;
    *bytes = 0;
    for (size_t i = 0; i < setup->config->round_count; i++) {
        const fsbi_config_round *round = &setup->config->rounds[i];
        const double rows = (double)round->simulations;
        rows_so_far += rows;
        *bytes += rows * (double)(fsbi_row_size(&shape) + round->ranges.count * sizeof(double));
        *bytes += round->has_posterior ? rows_so_far : 0;
        FSBI_TRY(networks_bytes(setup, i, bytes, error));
    }
    return FSBI_OK;
}

void fsbi_setup_clear(fsbi_setup *setup) {
    close_round_models(setup);
    fsbi_config_free(setup->config);
    fsbi_model_close(setup->model);
    fsbi_config_node_free(setup->tree);
    fsbi_text_clear(&setup->effective);
    free(setup->config_text);
    *setup = (fsbi_setup){0};
}
