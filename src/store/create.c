/* Making a campaign file: every group, attribute and dataset that the campaign will ever need. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "store/campaign_file.h"
#include "store/hdf5_util.h"
#include "store/layout.h"

/* A group that is closed again: it can be found by its path. */
static fsbi_status create_group(hid_t file, const char *path, fsbi_error *error) {
    hid_t group = H5Gcreate2(file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0)
        return fsbi_hdf5_error(error, "cannot create the group '%s'", path);
    H5Gclose(group);
    return FSBI_OK;
}

static fsbi_status write_parameters(hid_t file, const fsbi_model *model, fsbi_error *error) {
    const fsbi_parameter *p = model->parameters;
    const size_t n = model->parameter_count;
    fsbi_status status =
        fsbi_hdf5_write_names(file, "parameter_names", p[0].name, sizeof *p, n, error);
    if (status == FSBI_OK)
        status = fsbi_hdf5_write_names(file, "parameter_units", p[0].unit, sizeof *p, n, error);
    hid_t prior = H5Gcreate2(file, "/prior", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    double *bound = fsbi_memory_allocate(n, sizeof *bound, error);
    if (status == FSBI_OK && prior < 0)
        status = fsbi_hdf5_error(error, "cannot create the group '/prior'");
    if (status == FSBI_OK && bound == NULL)
        status = FSBI_NO_MEMORY;
    for (int which = 0; which < 3 && status == FSBI_OK; which++) {
        static const char *const names[] = {"low", "high", "nuisance"};
        char path[FSBI_LAYOUT_PATH];
        snprintf(path, sizeof path, "/prior/%s", names[which]);
        for (size_t i = 0; i < n; i++)
            bound[i] = which == 0 ? p[i].low : which == 1 ? p[i].high : p[i].nuisance;
        status =
            fsbi_hdf5_create_dataset(prior, names[which], H5T_NATIVE_DOUBLE, n, 0, NULL, error);
        if (status == FSBI_OK)
            status = fsbi_hdf5_write(file, path, H5T_NATIVE_DOUBLE, 0, n, bound, error);
    }
    free(bound);
    if (prior >= 0)
        H5Gclose(prior);
    return status;
}

static fsbi_status write_attributes(hid_t file, const fsbi_campaign_plan *plan, fsbi_error *error) {
    const struct {
        const char *name, *text;
    } texts[] = {{"config", plan->config_text},
                 {"effective_config", plan->effective_config},
                 {"program_version", plan->program_version},
                 {"model", plan->model->type->name}};
    fsbi_status status = fsbi_hdf5_write_integer(file, "format_version", FSBI_LAYOUT_FORMAT, error);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == FSBI_OK; i++)
        status = fsbi_hdf5_write_text(file, texts[i].name, texts[i].text, error);
    const fsbi_metric *metrics = plan->model->metrics;
    const size_t n = plan->model->metric_count;
    if (status == FSBI_OK)
        status =
            fsbi_hdf5_write_names(file, "metric_names", metrics[0].name, sizeof *metrics, n, error);
    if (status == FSBI_OK)
        status =
            fsbi_hdf5_write_names(file, "metric_units", metrics[0].unit, sizeof *metrics, n, error);
    return status != FSBI_OK ? status : write_parameters(file, plan->model, error);
}

static fsbi_status create_sims(hid_t round, const fsbi_campaign_plan *plan, size_t rows,
                               fsbi_error *error) {
    hid_t type = fsbi_layout_row_type(plan->model);
    fsbi_status status =
        type < 0
            ? fsbi_hdf5_error(error, "cannot make the type of a row; are two metrics of one name?")
            : fsbi_hdf5_create_dataset(round, "sims", type, rows, 0, NULL, error);
    if (type >= 0)
        H5Tclose(type);
    return status;
}

static fsbi_status create_proposal(hid_t round, const fsbi_config_round *settings,
                                   fsbi_error *error) {
    static const char *const sources[] = {"prior", "posterior", "table"};
    hid_t group = H5Gcreate2(round, "proposal", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0)
        return fsbi_hdf5_error(error, "cannot create the group 'proposal'");
    fsbi_status status = fsbi_hdf5_write_text(group, "source", sources[settings->propose], error);
    if (status == FSBI_OK && settings->propose == FSBI_PROPOSE_TABLE)
        status = fsbi_hdf5_write_text(group, "table", settings->table, error);
    if (status == FSBI_OK && settings->propose == FSBI_PROPOSE_POSTERIOR) {
        const fsbi_condition *ranges = settings->ranges.conditions;
        status = fsbi_hdf5_write_names(group, "x_names", ranges[0].metric, sizeof *ranges,
                                       settings->ranges.count, error);
        if (status == FSBI_OK)
            status = fsbi_hdf5_create_dataset(group, "x", H5T_NATIVE_DOUBLE, settings->simulations,
                                              settings->ranges.count, NULL, error);
    }
    H5Gclose(group);
    return status;
}

/* The conditions of `keep` and all groups, their rows not yet counted. */
static fsbi_status create_filter(hid_t round, const fsbi_config *config, size_t index,
                                 size_t rows_so_far, fsbi_error *error) {
    const fsbi_filter *keep = &config->rounds[index].keep;
    hid_t condition = fsbi_layout_condition_type();
    hid_t group_type = fsbi_layout_group_type();
    fsbi_layout_condition no_condition = {.passed = -1};
    fsbi_layout_group no_group = {.passed = -1};
    hid_t group = H5Gcreate2(round, "filter", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    fsbi_status status =
        group < 0 ? fsbi_hdf5_error(error, "cannot create the group 'filter'") : FSBI_OK;
    if (status == FSBI_OK && config->group_count > 0)
        status = fsbi_hdf5_create_dataset(group, "groups", group_type, config->group_count, 0,
                                          &no_group, error);
    if (status == FSBI_OK && keep->count > 0)
        status = fsbi_hdf5_create_dataset(group, "conditions", condition, keep->count, 0,
                                          &no_condition, error);
    if (status == FSBI_OK && config->rounds[index].infer.count > 0)
        status = fsbi_hdf5_create_dataset(group, "accepted", H5T_NATIVE_UINT8, rows_so_far, 0, NULL,
                                          error);
    if (group >= 0)
        H5Gclose(group);
    H5Tclose(group_type);
    H5Tclose(condition);
    return status;
}

static fsbi_status create_posterior_datasets(hid_t group, const fsbi_campaign_plan *plan,
                                             size_t index, size_t theta_size, fsbi_error *error) {
    const fsbi_config_inference *inference = &plan->config->inference;
    const size_t members = (size_t)inference->ensemble;
    const size_t x_size = plan->config->rounds[index].infer.count;
    const double nan = NAN;
    const struct {
        const char *name;
        hid_t type;
        size_t rows, columns;
        const void *fill;
    } datasets[] = {
        {"parameters", fsbi_layout_real_type(), members, plan->member_parameters[index], NULL},
        {"training_loss", H5T_NATIVE_DOUBLE, members, (size_t)inference->max_epochs, &nan},
        {"validation_loss", H5T_NATIVE_DOUBLE, members, (size_t)inference->max_epochs, &nan},
        {"epochs", H5T_NATIVE_INT64, members, 0, NULL},
        {"best_validation_loss", H5T_NATIVE_DOUBLE, members, 0, &nan},
        {"checksum", H5T_NATIVE_UINT64, members, 0, NULL},
        {"theta_mean", H5T_NATIVE_DOUBLE, theta_size, 0, &nan},
        {"theta_std", H5T_NATIVE_DOUBLE, theta_size, 0, &nan},
        {"x_mean", H5T_NATIVE_DOUBLE, x_size, 0, &nan},
        {"x_std", H5T_NATIVE_DOUBLE, x_size, 0, &nan},
    };
    fsbi_status status = FSBI_OK;
    for (size_t i = 0; i < sizeof datasets / sizeof *datasets && status == FSBI_OK; i++)
        status =
            fsbi_hdf5_create_dataset(group, datasets[i].name, datasets[i].type, datasets[i].rows,
                                     datasets[i].columns, datasets[i].fill, error);
    return status;
}

static fsbi_status create_posterior(hid_t round, const fsbi_campaign_plan *plan, size_t index,
                                    fsbi_error *error) {
    const fsbi_model *model = plan->model;
    const fsbi_filter *infer = &plan->config->rounds[index].infer;
    const fsbi_config_inference *inference = &plan->config->inference;
    char(*names)[FSBI_MODEL_NAME] =
        fsbi_memory_allocate(model->parameter_count, sizeof *names, error);
    if (names == NULL)
        return FSBI_NO_MEMORY;
    size_t theta_size = 0;
    for (size_t i = 0; i < model->parameter_count; i++)
        if (!model->parameters[i].nuisance)
            memcpy(names[theta_size++], model->parameters[i].name, sizeof *names);
    hid_t group = H5Gcreate2(round, "posterior", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    fsbi_status status =
        group < 0 ? fsbi_hdf5_error(error, "cannot create the group 'posterior'") : FSBI_OK;
    if (status == FSBI_OK)
        status = fsbi_hdf5_write_text(group, "estimator", inference->estimator, error);
    if (status == FSBI_OK)
        status =
            fsbi_hdf5_write_names(group, "theta_names", names[0], sizeof *names, theta_size, error);
    if (status == FSBI_OK)
        status = fsbi_hdf5_write_names(group, "x_names", infer->conditions[0].metric,
                                       sizeof *infer->conditions, infer->count, error);
    const struct {
        const char *name;
        long value;
    } shape[] = {{"transforms", inference->transforms},
                 {"hidden_features", inference->hidden_features},
                 {"blocks", inference->blocks},
                 {"bins", inference->bins}};
    for (size_t i = 0; i < sizeof shape / sizeof *shape && status == FSBI_OK; i++)
        status = fsbi_hdf5_write_integer(group, shape[i].name, shape[i].value, error);
    if (status == FSBI_OK)
        status = create_posterior_datasets(group, plan, index, theta_size, error);
    if (group >= 0)
        H5Gclose(group);
    free(names);
    return status;
}

static fsbi_status create_round(hid_t file, const fsbi_campaign_plan *plan, size_t index,
                                size_t rows_so_far, fsbi_error *error) {
    const fsbi_config_round *settings = &plan->config->rounds[index];
    char path[FSBI_LAYOUT_PATH];
    fsbi_layout_path(path, index, "");
    hid_t round = H5Gcreate2(file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (round < 0)
        return fsbi_hdf5_error(error, "cannot create the group '%s'", path);
    fsbi_status status = create_sims(round, plan, settings->simulations, error);
    if (status == FSBI_OK)
        status = create_proposal(round, settings, error);
    if (status == FSBI_OK)
        status = create_filter(round, plan->config, index, rows_so_far, error);
    if (status == FSBI_OK && settings->infer.count > 0)
        status = create_posterior(round, plan, index, error);
    H5Gclose(round);
    return status;
}

/* The names and intervals of conditions and groups: raw data like their counts, so written after
 * creation. */
static fsbi_status write_filters(hid_t file, const fsbi_config *config, size_t index,
                                 fsbi_error *error) {
    char path[FSBI_LAYOUT_PATH];
    const fsbi_filter *keep = &config->rounds[index].keep;
    hid_t condition_type = fsbi_layout_condition_type();
    hid_t group_type = fsbi_layout_group_type();
    fsbi_status status = FSBI_OK;
    fsbi_layout_path(path, index, "filter/conditions");
    for (size_t i = 0; i < keep->count && status == FSBI_OK; i++) {
        fsbi_layout_condition condition = {
            .low = keep->conditions[i].low, .high = keep->conditions[i].high, .passed = -1};
        memcpy(condition.metric, keep->conditions[i].metric, sizeof condition.metric);
        status = fsbi_hdf5_write(file, path, condition_type, i, 1, &condition, error);
    }
    fsbi_layout_path(path, index, "filter/groups");
    for (size_t i = 0; i < config->group_count && status == FSBI_OK; i++) {
        fsbi_layout_group group = {.passed = -1};
        memcpy(group.name, config->groups[i].name, sizeof group.name);
        status = fsbi_hdf5_write(file, path, group_type, i, 1, &group, error);
    }
    H5Tclose(group_type);
    H5Tclose(condition_type);
    return status;
}

static fsbi_status fill_file(hid_t file, const fsbi_campaign_plan *plan, fsbi_error *error) {
    fsbi_status status = write_attributes(file, plan, error);
    if (status == FSBI_OK)
        status = create_group(file, "/rounds", error);
    size_t rows_so_far = 0;
    for (size_t i = 0; i < plan->config->round_count && status == FSBI_OK; i++) {
        rows_so_far += plan->config->rounds[i].simulations;
        status = create_round(file, plan, i, rows_so_far, error);
        if (status == FSBI_OK)
            status = write_filters(file, plan->config, i, error);
    }
    return status;
}

static fsbi_status sync_and_rename(const char *from, const char *to, fsbi_error *error) {
    int descriptor = open(from, O_RDWR | O_CLOEXEC);
    bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    if (descriptor >= 0)
        close(descriptor);
    if (!synced || rename(from, to) != 0)
        return fsbi_error_set(error, FSBI_IO, "cannot make the campaign file '%s': %s", to,
                              strerror(errno));
    return FSBI_OK;
}

fsbi_status fsbi_campaign_file_create(const char *path, const fsbi_campaign_plan *plan,
                                      fsbi_error *error) {
    char unfinished[FSBI_CONFIG_STRING + 16];
    snprintf(unfinished, sizeof unfinished, "%s.unfinished", path);
    fsbi_hdf5_quiet();
    hid_t file = H5Fcreate(unfinished, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (file < 0)
        return fsbi_hdf5_error(
            error,
            "cannot create the campaign file '%s' (does its folder exist, may you write "
            "there, is there room?)",
            path);
    fsbi_status status = fill_file(file, plan, error);
    if (H5Fclose(file) < 0 && status == FSBI_OK)
        status =
            fsbi_hdf5_error(error, "cannot write the campaign file '%s' (is there room?)", path);
    if (status == FSBI_OK)
        status = sync_and_rename(unfinished, path, error);
    if (status != FSBI_OK)
        unlink(unfinished);
    return status;
}
