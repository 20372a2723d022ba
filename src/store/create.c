/* Making a campaign file: every group, attribute and dataset that the campaign will ever need. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/rounds.h"
#include "core/memory.h"
#include "store/campaign_file.h"
#include "store/hdf5_util.h"
#include "store/layout.h"
#include "store/new_file.h"
#include "store/posterior_group.h"

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
    FSBI_TRY(fsbi_hdf5_write_names(file, "parameter_names", p[0].name, sizeof *p, n, error));
    FSBI_TRY(fsbi_hdf5_write_names(file, "parameter_units", p[0].unit, sizeof *p, n, error));
    hid_t prior = H5Gcreate2(file, "/prior", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (prior < 0)
        return fsbi_hdf5_error(error, "cannot create the group '/prior'");
    double *bound = fsbi_memory_allocate(n, sizeof *bound, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(bound == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (int which = 0; which < 3; which++) {
        static const char *const names[] = {"low", "high", "nuisance"};
        char path[FSBI_LAYOUT_PATH];
        snprintf(path, sizeof path, "/prior/%s", names[which]);
        for (size_t i = 0; i < n; i++)
            bound[i] = which == 0 ? p[i].low : which == 1 ? p[i].high : p[i].nuisance;
        FSBI_TRY_DONE(fsbi_hdf5_create_dataset(
            prior, &(fsbi_hdf5_dataset){.name = names[which], .type = H5T_NATIVE_DOUBLE, .rows = n},
            error));
        FSBI_TRY_DONE(fsbi_hdf5_write(file, &(fsbi_hdf5_rows){path, H5T_NATIVE_DOUBLE, 0, n, 1},
                                      bound, error));
    }
done:
    free(bound);
    H5Gclose(prior);
    return status;
}

static fsbi_status write_attributes(hid_t file, const fsbi_campaign_plan *plan, fsbi_error *error) {
    const fsbi_hdf5_text texts[] = {{"config", plan->config_text},
                                    {"effective_config", plan->effective_config},
                                    {"program_version", plan->program_version},
                                    {"model", plan->model->type->name}};
    FSBI_TRY(fsbi_hdf5_write_integer(file, "format_version", FSBI_LAYOUT_FORMAT, error));
    FSBI_TRY(fsbi_hdf5_write_texts(file, texts, sizeof texts / sizeof *texts, error));
    const fsbi_metric *metrics = plan->model->metrics;
    const size_t n = plan->model->metric_count;
    size_t published = 0;
    while (published < n && !metrics[published].observable)
        published++;
    FSBI_TRY(fsbi_hdf5_write_integer(file, "published_metrics", (long)published, error));
    FSBI_TRY(
        fsbi_hdf5_write_names(file, "metric_names", metrics[0].name, sizeof *metrics, n, error));
    FSBI_TRY(
        fsbi_hdf5_write_names(file, "metric_units", metrics[0].unit, sizeof *metrics, n, error));
    return write_parameters(file, plan->model, error);
}

static fsbi_status create_sims(hid_t round, const fsbi_campaign_plan *plan, size_t rows,
                               fsbi_error *error) {
    hid_t type = fsbi_layout_row_type(plan->model);
    fsbi_status status =
        type < 0
            ? fsbi_hdf5_error(error, "cannot make the type of a row; are two metrics of one name?")
            : fsbi_hdf5_create_dataset(
                  round, &(fsbi_hdf5_dataset){.name = "sims", .type = type, .rows = rows}, error);
    if (type >= 0)
        H5Tclose(type);
    return status;
}

/* The x of each rule, and how many rows came out in their ranges. */
static fsbi_status create_ranges(hid_t group, const fsbi_config_round *settings,
                                 fsbi_error *error) {
    const fsbi_condition *ranges = settings->ranges.conditions;
    const size_t count = settings->ranges.count;
    const int64_t not_counted = -1;
    FSBI_TRY(
        fsbi_hdf5_write_names(group, "x_names", ranges[0].metric, sizeof *ranges, count, error));
    FSBI_TRY(fsbi_hdf5_create_dataset(group,
                                      &(fsbi_hdf5_dataset){.name = "x",
                                                           .type = H5T_NATIVE_DOUBLE,
                                                           .rows = settings->simulations,
                                                           .columns = count},
                                      error));
    return fsbi_hdf5_create_dataset(
        group,
        &(fsbi_hdf5_dataset){
            .name = "met", .type = H5T_NATIVE_INT64, .rows = count + 1, .fill = &not_counted},
        error);
}

/* What a table has beside its rows: names of its simulations, and its columns. */
static fsbi_status create_import(hid_t group, size_t rows, fsbi_error *error) {
    hid_t seed = fsbi_layout_text_type(FSBI_IMPORTED_SEED);
    hid_t columns = fsbi_layout_text_type(FSBI_IMPORTED_COLUMNS);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_hdf5_create_dataset(
        group, &(fsbi_hdf5_dataset){.name = "seed", .type = seed, .rows = rows}, error));
    FSBI_TRY_DONE(fsbi_hdf5_create_dataset(
        group, &(fsbi_hdf5_dataset){.name = "columns", .type = columns, .rows = 1}, error));
done:
    H5Tclose(columns);
    H5Tclose(seed);
    return status;
}

/* How the rules of a round towards conditions were drawn. */
static fsbi_status create_search(hid_t group, size_t rows, fsbi_error *error) {
    const double nan = NAN;
    static const char columns[][FSBI_CONFIG_NAME] = {"sharpness", "log_normalisation", "rows",
                                                     "predicted"};
    const fsbi_hdf5_dataset datasets[] = {
        {.name = "log_probability", .type = H5T_NATIVE_DOUBLE, .rows = rows, .fill = &nan},
        {.name = "recalibration", .type = H5T_NATIVE_DOUBLE, .rows = 2, .fill = &nan},
        {.name = "levels",
         .type = H5T_NATIVE_DOUBLE,
         .rows = FSBI_SEARCH_LEVELS,
         .columns = sizeof columns / sizeof *columns,
         .fill = &nan}};
    for (size_t i = 0; i < sizeof datasets / sizeof *datasets; i++)
        FSBI_TRY(fsbi_hdf5_create_dataset(group, &datasets[i], error));
    return fsbi_hdf5_write_names(group, "level_columns", columns[0], sizeof *columns,
                                 sizeof columns / sizeof *columns, error);
}

static fsbi_status create_proposal(hid_t round, const fsbi_config_round *settings,
                                   fsbi_error *error) {
    const double nan = NAN;
    hid_t group = H5Gcreate2(round, "proposal", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0)
        return fsbi_hdf5_error(error, "cannot create the group 'proposal'");
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_hdf5_write_text(group, "source", fsbi_propose_kind_name(settings->propose), error));
    FSBI_TRY_DONE(fsbi_hdf5_create_dataset(
        group,
        &(fsbi_hdf5_dataset){
            .name = "acceptance", .type = H5T_NATIVE_DOUBLE, .rows = 2, .fill = &nan},
        error));
    if (settings->table[0] != '\0')
        FSBI_TRY_DONE(fsbi_hdf5_write_text(group, "table", settings->table, error));
    if (settings->propose == FSBI_PROPOSE_RULES)
        FSBI_TRY_DONE(fsbi_hdf5_create_dataset(group,
                                               &(fsbi_hdf5_dataset){.name = "from",
                                                                    .type = H5T_NATIVE_INT64,
                                                                    .rows = settings->simulations,
                                                                    .columns = 2},
                                               error));
    if (settings->propose == FSBI_PROPOSE_TOWARDS)
        FSBI_TRY_DONE(create_search(group, settings->simulations, error));
    if (settings->propose == FSBI_PROPOSE_IMPORT)
        FSBI_TRY_DONE(create_import(group, settings->simulations, error));
    if (settings->ranges.count > 0)
        FSBI_TRY_DONE(create_ranges(group, settings, error));
done:
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
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(group < 0 ? fsbi_hdf5_error(error, "cannot create the group 'filter'") : FSBI_OK);
    if (config->group_count > 0)
        FSBI_TRY_DONE(fsbi_hdf5_create_dataset(group,
                                               &(fsbi_hdf5_dataset){.name = "groups",
                                                                    .type = group_type,
                                                                    .rows = config->group_count,
                                                                    .fill = &no_group},
                                               error));
    if (keep->count > 0)
        FSBI_TRY_DONE(fsbi_hdf5_create_dataset(group,
                                               &(fsbi_hdf5_dataset){.name = "conditions",
                                                                    .type = condition,
                                                                    .rows = keep->count,
                                                                    .fill = &no_condition},
                                               error));
    if (config->rounds[index].has_posterior)
        FSBI_TRY_DONE(fsbi_hdf5_create_dataset(
            group,
            &(fsbi_hdf5_dataset){.name = "accepted", .type = H5T_NATIVE_UINT8, .rows = rows_so_far},
            error));
done:
    if (group >= 0)
        H5Gclose(group);
    H5Tclose(group_type);
    H5Tclose(condition);
    return status;
}

static fsbi_status create_times(hid_t round, fsbi_error *error) {
    hid_t type = fsbi_layout_time_type();
    fsbi_status status = fsbi_hdf5_create_dataset(
        round, &(fsbi_hdf5_dataset){.name = "timing", .type = type, .rows = FSBI_PHASES}, error);
    H5Tclose(type);
    return status;
}

static fsbi_status create_round(hid_t file, const fsbi_campaign_plan *plan, size_t index,
                                size_t rows_so_far, fsbi_error *error) {
    const fsbi_config_round *settings = &plan->config->rounds[index];
    const double nan = NAN;
    char path[FSBI_LAYOUT_PATH];
    fsbi_layout_path(path, index, "");
    hid_t round = H5Gcreate2(file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (round < 0)
        return fsbi_hdf5_error(error, "cannot create the group '%s'", path);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(create_sims(round, plan, settings->simulations, error));
    FSBI_TRY_DONE(create_proposal(round, settings, error));
    FSBI_TRY_DONE(create_filter(round, plan->config, index, rows_so_far, error));
    FSBI_TRY_DONE(create_times(round, error));
    static const char *const of_rows[] = {"weights", "held"};
    for (size_t i = 0; fsbi_campaign_file_has_weights(plan->config) && i < 2; i++)
        FSBI_TRY_DONE(fsbi_hdf5_create_dataset(round,
                                               &(fsbi_hdf5_dataset){.name = of_rows[i],
                                                                    .type = H5T_NATIVE_DOUBLE,
                                                                    .rows = settings->simulations,
                                                                    .fill = &nan},
                                               error));
    for (fsbi_networks_kind kind = 0; kind < FSBI_NETWORKS_KINDS; kind++) {
        const fsbi_posterior_plan *networks = &plan->networks[index * FSBI_NETWORKS_KINDS + kind];
        if (networks->estimator != NULL)
            FSBI_TRY_DONE(
                fsbi_posterior_group_create(round, fsbi_networks_kind_name(kind), networks, error));
    }
done:
    H5Gclose(round);
    return status;
}

/* The phases, their times being zero; raw data too. */
static fsbi_status write_times(hid_t file, size_t index, fsbi_error *error) {
    fsbi_layout_time times[FSBI_PHASES] = {[FSBI_PHASE_PROPOSE] = {.phase = "propose"},
                                           [FSBI_PHASE_SIMULATE] = {.phase = "simulate"},
                                           [FSBI_PHASE_CLASSIFIER] = {.phase = "classifier"},
                                           [FSBI_PHASE_POSTERIOR] = {.phase = "posterior"},
                                           [FSBI_PHASE_TRACES] = {.phase = "traces"}};
    char path[FSBI_LAYOUT_PATH];
    hid_t type = fsbi_layout_time_type();
    fsbi_layout_path(path, index, "timing");
    fsbi_status status =
        fsbi_hdf5_write(file, &(fsbi_hdf5_rows){path, type, 0, FSBI_PHASES, 1}, times, error);
    H5Tclose(type);
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
    for (size_t i = 0; i < keep->count; i++) {
        const fsbi_layout_condition condition = fsbi_layout_condition_of(&keep->conditions[i], -1);
        FSBI_TRY_DONE(fsbi_hdf5_write(file, &(fsbi_hdf5_rows){path, condition_type, i, 1, 1},
                                      &condition, error));
    }
    fsbi_layout_path(path, index, "filter/groups");
    for (size_t i = 0; i < config->group_count; i++) {
        fsbi_layout_group group = {.passed = -1};
        memcpy(group.name, config->groups[i].name, sizeof group.name);
        FSBI_TRY_DONE(
            fsbi_hdf5_write(file, &(fsbi_hdf5_rows){path, group_type, i, 1, 1}, &group, error));
    }
done:
    H5Tclose(group_type);
    H5Tclose(condition_type);
    return status;
}

static fsbi_status fill_file(hid_t file, const fsbi_campaign_plan *plan, fsbi_error *error) {
    FSBI_TRY(write_attributes(file, plan, error));
    FSBI_TRY(create_group(file, "/rounds", error));
    size_t rows_so_far = 0;
    for (size_t i = 0; i < plan->config->round_count; i++) {
        rows_so_far += plan->config->rounds[i].simulations;
        FSBI_TRY(create_round(file, plan, i, rows_so_far, error));
        FSBI_TRY(write_filters(file, plan->config, i, error));
        FSBI_TRY(write_times(file, i, error));
    }
    return FSBI_OK;
}

/* Only the rows of the shard, and what tells where they belong. */
static fsbi_status fill_shard(fsbi_store_file file, const fsbi_campaign_plan *plan,
                              const fsbi_shard *shard, fsbi_error *error) {
    char path[FSBI_LAYOUT_PATH];
    fsbi_layout_path(path, shard->round, "");
    FSBI_TRY(write_attributes(file.identifier, plan, error));
    FSBI_TRY(fsbi_shard_write(file, shard, error));
    FSBI_TRY(create_group(file.identifier, "/rounds", error));
    hid_t round = H5Gcreate2(file.identifier, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (round < 0)
        return fsbi_hdf5_error(error, "cannot create the group '%s'", path);
    const fsbi_status status = create_sims(round, plan, shard->count, error);
    H5Gclose(round);
    return status;
}

/* What a file is created for: a whole campaign, or a shard of it. */
typedef struct {
    const fsbi_campaign_plan *plan;
    const fsbi_shard *shard;
} new_campaign;

static fsbi_status fill(fsbi_store_file file, const void *context, fsbi_error *error) {
    const new_campaign *made = context;
    const fsbi_status status = made->shard == NULL
                                   ? fill_file(file.identifier, made->plan, error)
                                   : fill_shard(file, made->plan, made->shard, error);
    if (status != FSBI_OK)
        fsbi_error_prefix(error, "a campaign file cannot be made (is there room?)");
    return status;
}

fsbi_status fsbi_campaign_file_create(const char *path, const fsbi_campaign_plan *plan,
                                      const fsbi_shard *shard, fsbi_error *error) {
    const new_campaign made = {plan, shard};
    FSBI_TRY(fsbi_new_file_begin(path, "campaign file", fill, &made, error));
    return fsbi_new_file_finish(path, error);
}
