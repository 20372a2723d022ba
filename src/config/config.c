#include "config/config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/filter.h"
#include "config/keys_write.h"
#include "config/rounds.h"
#include "core/memory.h"

#define CAMPAIGN(field) offsetof(fsbi_config_campaign, field)
#define INFERENCE(field) offsetof(fsbi_config_inference, field)
#define SEARCH(field) offsetof(fsbi_config_search, field)
#define RUN(field) offsetof(fsbi_config_run, field)
#define TRACES(field) offsetof(fsbi_config_traces, field)

static const fsbi_config_key campaign_keys[] = {
    {"name", FSBI_KEY_STRING, CAMPAIGN(name), NULL, 0, 0, "name of the campaign", NULL},
    {"output", FSBI_KEY_STRING, CAMPAIGN(output), "", 0, 0, "campaign file; by default NAME.h5",
     NULL},
    {"seed", FSBI_KEY_INTEGER, CAMPAIGN(seed), "1", 0, 0x1p53, "all random streams follow from it",
     NULL},
};

static const char *const estimators[] = {"nsf", "maf", "nsf_ar", NULL};
static const char *const treatments_of_bounds[] = {"reject", "stretch", NULL};

static const fsbi_config_key inference_keys[] = {
    {"estimator", FSBI_KEY_STRING, INFERENCE(estimator), "nsf", 0, 0,
     "density estimator: nsf, a neural spline flow; maf, a masked autoregressive flow; nsf_ar, a "
     "spline flow that is autoregressive",
     estimators},
    {"bounds", FSBI_KEY_CHOICE, INFERENCE(bounds), "reject", 0, 0,
     "how the posterior is kept within the prior's bounds: reject samples outside, or stretch the "
     "box to all of space by a logistic function, so that there are none",
     treatments_of_bounds},
    {"ensemble", FSBI_KEY_INTEGER, INFERENCE(ensemble), "10", 1, 1000,
     "networks trained, of equal weight", NULL},
    {"transforms", FSBI_KEY_INTEGER, INFERENCE(transforms), "5", 1, 100,
     "coupling layers of the flow", NULL},
    {"hidden_features", FSBI_KEY_INTEGER, INFERENCE(hidden_features), "50", 1, 4096,
     "width of each residual network", NULL},
    {"blocks", FSBI_KEY_INTEGER, INFERENCE(blocks), "2", 1, 100, "residual blocks of each network",
     NULL},
    {"bins", FSBI_KEY_INTEGER, INFERENCE(bins), "10", 2, 128, "bins of each spline", NULL},
    {"tail_bound", FSBI_KEY_REAL, INFERENCE(tail_bound), "3", 0.1, 100,
     "splines act within this many standard deviations", NULL},
    {"learning_rate", FSBI_KEY_REAL, INFERENCE(learning_rate), "5e-4", 1e-8, 1, "of Adam", NULL},
    {"batch_size", FSBI_KEY_INTEGER, INFERENCE(batch_size), "1000", 1, 1000000,
     "rows in one step of Adam", NULL},
    {"validation_fraction", FSBI_KEY_REAL, INFERENCE(validation_fraction), "0.1", 0.01, 0.9,
     "share of the rows held out", NULL},
    {"patience", FSBI_KEY_INTEGER, INFERENCE(patience), "20", 1, 100000,
     "epochs without improvement before training stops", NULL},
    {"max_epochs", FSBI_KEY_INTEGER, INFERENCE(max_epochs), "2000", 1, 100000,
     "training stops here at last", NULL},
    {"clip_norm", FSBI_KEY_REAL, INFERENCE(clip_norm), "5", 1e-6, 1e6,
     "largest norm of the gradient", NULL},
    {"warm_start", FSBI_KEY_BOOLEAN, INFERENCE(warm_start), "false", 0, 0,
     "start each network from the last posterior's weights, if that has the same shape", NULL},
    {"minimum_rows", FSBI_KEY_INTEGER, INFERENCE(minimum_rows), "20", 4, 1e9,
     "kept rows below which training is refused", NULL},
    {"max_candidates", FSBI_KEY_INTEGER, INFERENCE(max_candidates), "100000", 100, 1e12,
     "samples outside the bounds in a row after which a search for one within is given up", NULL},
    {"check_rows", FSBI_KEY_INTEGER, INFERENCE(check_rows), "500", 0, 1e6,
     "rows held out on which the posterior's calibration is checked, at most; 0: no check", NULL},
    {"check_samples", FSBI_KEY_INTEGER, INFERENCE(check_samples), "99", 9, 1000,
     "samples of the posterior at each of these rows", NULL},
    {"false_negatives", FSBI_KEY_REAL, INFERENCE(false_negatives), "0.01", 0, 0.5,
     "share of valid rules that a classifier may turn away", NULL},
};

static const fsbi_config_key search_keys[] = {
    {"ensemble", FSBI_KEY_INTEGER, SEARCH(ensemble), "6", 1, 1000,
     "networks that predict the metrics of a rule", NULL},
    {"components", FSBI_KEY_INTEGER, SEARCH(components), "1", 1, 16,
     "components of the mixture that each of them predicts", NULL},
    {"hidden_features", FSBI_KEY_INTEGER, SEARCH(hidden_features), "64", 1, 4096,
     "width of each of them", NULL},
    {"blocks", FSBI_KEY_INTEGER, SEARCH(blocks), "1", 1, 100, "residual blocks of each", NULL},
    {"learning_rate", FSBI_KEY_REAL, SEARCH(learning_rate), "2e-3", 1e-8, 1, "of Adam", NULL},
    {"weight_decay", FSBI_KEY_REAL, SEARCH(weight_decay), "0.05", 0, 100,
     "share of learning_rate by which weights shrink in a step", NULL},
    {"batch_size", FSBI_KEY_INTEGER, SEARCH(batch_size), "128", 1, 1000000,
     "rows in one step of Adam", NULL},
    {"validation_fraction", FSBI_KEY_REAL, SEARCH(validation_fraction), "0.15", 0.01, 0.9,
     "share of the rows held out", NULL},
    {"patience", FSBI_KEY_INTEGER, SEARCH(patience), "30", 1, 100000,
     "epochs without improvement before training stops", NULL},
    {"max_epochs", FSBI_KEY_INTEGER, SEARCH(max_epochs), "500", 1, 100000,
     "training stops here at last", NULL},
    {"candidates", FSBI_KEY_INTEGER, SEARCH(candidates), "100000", 100, 1e9,
     "draws of the prior that a population begins with", NULL},
    {"members", FSBI_KEY_INTEGER, SEARCH(members), "1500", 16, 1e7,
     "members of a population; as many as the round has rows, if that is more", NULL},
};

static const fsbi_config_key run_keys[] = {
    {"time_limit", FSBI_KEY_REAL, RUN(time_limit), "0", 0, 1e9,
     "s of computing after which a simulation is given up, with status timed_out; 0: none", NULL},
    {"grace", FSBI_KEY_REAL, RUN(grace), "5", 0, 1e9,
     "s that simulations under way have to come to their end after SIGTERM, SIGINT or SIGUSR1",
     NULL},
    {"attempts", FSBI_KEY_INTEGER, RUN(attempts), "3", 1, 1e9,
     "crashes of the program by one rule after which that rule has failed", NULL},
    {"sync_interval", FSBI_KEY_REAL, RUN(sync_interval), "60", 0, 1e9,
     "s between two commands of each rank to bring the campaign file to disk (fsync); 0: after "
     "every simulation",
     NULL},
    {"log", FSBI_KEY_STRING, RUN(log), "", 0, 0,
     "folder for a log of each rank, a line when a simulation begins and one when it ends; by "
     "default none",
     NULL},
};

static const char *const stored_rows[] = {"none", "all", "accepted", "random", NULL};

static const fsbi_config_key traces_keys[] = {
    {"store", FSBI_KEY_CHOICE, TRACES(store), "none", 0, 0,
     "rows whose spikes and weights are stored, of those that are ok: none, all, accepted (that "
     "meet the intervals of their round's keep) or random",
     stored_rows},
    {"share", FSBI_KEY_REAL, TRACES(share), "0.01", 0, 1, "of the rows, for random", NULL},
};

static const fsbi_config_keys campaign_table = {campaign_keys,
                                                sizeof campaign_keys / sizeof *campaign_keys, NULL};
static const fsbi_config_keys search_table = {search_keys, sizeof search_keys / sizeof *search_keys,
                                              NULL};
static const fsbi_config_keys run_table = {run_keys, sizeof run_keys / sizeof *run_keys, NULL};
static const fsbi_config_keys traces_table = {traces_keys, sizeof traces_keys / sizeof *traces_keys,
                                              NULL};
const fsbi_config_keys fsbi_config_inference_keys = {
    inference_keys, sizeof inference_keys / sizeof *inference_keys, NULL};

fsbi_status fsbi_config_read_inference(const fsbi_config_node *root,
                                       fsbi_config_inference *inference, fsbi_error *error) {
    return fsbi_config_keys_read(&fsbi_config_inference_keys,
                                 fsbi_config_node_find(root, "inference"), "inference", NULL,
                                 inference, error);
}

void fsbi_config_write_inference(const fsbi_config_inference *inference, fsbi_text *yaml) {
    fsbi_text_append(yaml, "inference:\n");
    fsbi_config_keys_write(&fsbi_config_inference_keys, inference, 2, yaml);
}

static fsbi_status read_campaign(const fsbi_config_node *root, fsbi_config_campaign *campaign,
                                 fsbi_error *error) {
    const fsbi_config_node *section = fsbi_config_node_find(root, "campaign");
    if (section == NULL)
        return fsbi_config_node_error(
            root, error,
            "the section 'campaign' is missing; the least is campaign: {name: "
            "my_search}");
    FSBI_TRY(fsbi_config_keys_read(&campaign_table, section, "campaign", NULL, campaign, error));
    if (campaign->output[0] != '\0')
        return FSBI_OK;
    if (strchr(campaign->name, '/') != NULL)
        return fsbi_config_node_error(
            fsbi_config_node_find(section, "name"), error,
            "a name with '/' needs campaign.output, the file to write, beside it");
    int length = snprintf(campaign->output, sizeof campaign->output, "%s.h5", campaign->name);
    if (length >= (int)sizeof campaign->output)
        return fsbi_config_node_error(section, error, "the name is too long for a file");
    return FSBI_OK;
}

static fsbi_status read_groups(const fsbi_config_node *section, const fsbi_filter_context *metrics,
                               fsbi_config *config, fsbi_error *error) {
    if (section == NULL)
        return FSBI_OK;
    FSBI_TRY(fsbi_config_node_expect(section, FSBI_NODE_MAPPING, error));
    config->groups = fsbi_memory_allocate(section->child_count, sizeof *config->groups, error);
    if (config->groups == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < section->child_count; i++) {
        const fsbi_config_node *node = section->children[i];
        fsbi_filter_context known = *metrics;
        known.groups = config->groups;
        known.group_count = config->group_count;
        fsbi_filter *group = &config->groups[config->group_count++];
        if (strlen(node->key) >= sizeof group->name)
            return fsbi_config_node_error(node, error, "the group's name is too long (at most %zu)",
                                          sizeof group->name - 1);
        memcpy(group->name, node->key, strlen(node->key) + 1);
        FSBI_TRY(fsbi_filter_read(node, &known, group, error));
    }
    return FSBI_OK;
}

fsbi_status fsbi_config_read(const fsbi_config_node *root, const char *const *metrics,
                             size_t metric_count, fsbi_config **out, fsbi_error *error) {
    static const char *const sections[] = {"campaign",  "model", "conditions", "rounds",
                                           "inference", "run",   "traces",     "search"};
    fsbi_config *config = fsbi_memory_allocate(1, sizeof *config, error);
    if (config == NULL)
        return FSBI_NO_MEMORY;
    fsbi_filter_context known = {.metrics = metrics, .metric_count = metric_count};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_config_node_check_keys(root, sections, sizeof sections / sizeof *sections, error));
    FSBI_TRY_DONE(read_campaign(root, &config->campaign, error));
    FSBI_TRY_DONE(fsbi_config_read_inference(root, &config->inference, error));
    FSBI_TRY_DONE(fsbi_config_keys_read(&search_table, fsbi_config_node_find(root, "search"),
                                        "search", NULL, &config->search, error));
    FSBI_TRY_DONE(fsbi_config_keys_read(&run_table, fsbi_config_node_find(root, "run"), "run", NULL,
                                        &config->run, error));
    FSBI_TRY_DONE(fsbi_config_keys_read(&traces_table, fsbi_config_node_find(root, "traces"),
                                        "traces", NULL, &config->traces, error));
    FSBI_TRY_DONE(read_groups(fsbi_config_node_find(root, "conditions"), &known, config, error));
    known.groups = config->groups;
    known.group_count = config->group_count;
    FSBI_TRY_DONE(
        fsbi_config_read_rounds(fsbi_config_node_find(root, "rounds"), &known, config, error));
    *out = config;
    config = NULL;
done:
    fsbi_config_free(config);
    return status;
}

void fsbi_config_free(fsbi_config *config) {
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->group_count; i++)
        free(config->groups[i].conditions);
    fsbi_config_free_rounds(config);
    free(config->groups);
    free(config);
}

void fsbi_config_write(const fsbi_config *config, const char *model_yaml, fsbi_text *yaml) {
    fsbi_text_append(yaml, "campaign:\n");
    fsbi_config_keys_write(&campaign_table, &config->campaign, 2, yaml);
    fsbi_text_append(yaml, "model:\n%s", model_yaml);
    if (config->group_count > 0)
        fsbi_text_append(yaml, "conditions:\n");
    for (size_t i = 0; i < config->group_count; i++) {
        fsbi_text_append(yaml, "  ");
        fsbi_config_string_write(config->groups[i].name, yaml);
        fsbi_text_append(yaml, ": ");
        fsbi_filter_write(&config->groups[i], yaml);
        fsbi_text_append(yaml, "\n");
    }
    fsbi_config_write_rounds(config, yaml);
    fsbi_config_write_inference(&config->inference, yaml);
    fsbi_text_append(yaml, "search:\n");
    fsbi_config_keys_write(&search_table, &config->search, 2, yaml);
    fsbi_text_append(yaml, "run:\n");
    fsbi_config_keys_write(&run_table, &config->run, 2, yaml);
    fsbi_text_append(yaml, "traces:\n");
    fsbi_config_keys_write(&traces_table, &config->traces, 2, yaml);
}
