#include "config/config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/filter.h"
#include "config/keys_write.h"
#include "core/memory.h"

#define CAMPAIGN(field) offsetof(fsbi_config_campaign, field)
#define INFERENCE(field) offsetof(fsbi_config_inference, field)

static const fsbi_config_key campaign_keys[] = {
    {"name", FSBI_KEY_STRING, CAMPAIGN(name), NULL, 0, 0, "name of the campaign", NULL},
    {"output", FSBI_KEY_STRING, CAMPAIGN(output), "", 0, 0, "campaign file; by default NAME.h5",
     NULL},
    {"seed", FSBI_KEY_INTEGER, CAMPAIGN(seed), "1", 0, 0x1p53, "all random streams follow from it",
     NULL},
};

static const char *const estimators[] = {"nsf", NULL};

static const fsbi_config_key inference_keys[] = {
    {"estimator", FSBI_KEY_STRING, INFERENCE(estimator), "nsf", 0, 0,
     "density estimator: nsf, a neural spline flow", estimators},
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
    {"minimum_rows", FSBI_KEY_INTEGER, INFERENCE(minimum_rows), "20", 4, 1e9,
     "kept rows below which training is refused", NULL},
    {"max_candidates", FSBI_KEY_INTEGER, INFERENCE(max_candidates), "100000", 100, 1e12,
     "samples drawn for one rule before the search for one within the bounds is given up", NULL},
};

static const fsbi_config_keys campaign_table = {campaign_keys,
                                                sizeof campaign_keys / sizeof *campaign_keys};
static const fsbi_config_keys inference_table = {inference_keys,
                                                 sizeof inference_keys / sizeof *inference_keys};

static fsbi_status read_campaign(const fsbi_config_node *root, fsbi_config_campaign *campaign,
                                 fsbi_error *error) {
    const fsbi_config_node *section = fsbi_config_node_find(root, "campaign");
    if (section == NULL)
        return fsbi_config_node_error(
            root, error,
            "the section 'campaign' is missing; the least is campaign: {name: "
            "my_search}");
    fsbi_status status =
        fsbi_config_keys_read(&campaign_table, section, "campaign", NULL, campaign, error);
    if (status != FSBI_OK || campaign->output[0] != '\0')
        return status;
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
    fsbi_status status = fsbi_config_node_expect(section, FSBI_NODE_MAPPING, error);
    if (status != FSBI_OK)
        return status;
    config->groups = fsbi_memory_allocate(section->child_count, sizeof *config->groups, error);
    if (config->groups == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < section->child_count && status == FSBI_OK; i++) {
        const fsbi_config_node *node = section->children[i];
        fsbi_filter_context known = *metrics;
        known.groups = config->groups;
        known.group_count = config->group_count;
        fsbi_filter *group = &config->groups[config->group_count++];
        if (strlen(node->key) >= sizeof group->name)
            return fsbi_config_node_error(node, error, "the group's name is too long (at most %zu)",
                                          sizeof group->name - 1);
        memcpy(group->name, node->key, strlen(node->key) + 1);
        status = fsbi_filter_read(node, &known, group, error);
    }
    return status;
}

static fsbi_status read_propose(const fsbi_config_node *node, const fsbi_filter_context *known,
                                fsbi_config_round *round, fsbi_error *error) {
    if (node == NULL || (node->kind == FSBI_NODE_SCALAR && strcmp(node->text, "prior") == 0)) {
        round->propose = FSBI_PROPOSE_PRIOR;
        return FSBI_OK;
    }
    if (node->kind != FSBI_NODE_MAPPING)
        return fsbi_config_node_error(
            node, error, "allowed: prior, {METRIC: [low, high], ...} or {table: FILE of thetas}");
    const fsbi_config_node *table = fsbi_config_node_find(node, "table");
    if (table != NULL) {
        round->propose = FSBI_PROPOSE_TABLE;
        if (node->child_count != 1)
            return fsbi_config_node_error(node, error,
                                          "'table' stands alone: the thetas come from there");
        return fsbi_config_node_string(table, round->table, sizeof round->table, error);
    }
    round->propose = FSBI_PROPOSE_POSTERIOR;
    fsbi_status status = fsbi_filter_read(node, known, &round->ranges, error);
    for (size_t i = 0; i < round->ranges.count && status == FSBI_OK; i++) {
        const fsbi_condition *range = &round->ranges.conditions[i];
        if (!isfinite(range->low) || !isfinite(range->high))
            status = fsbi_config_node_error(
                fsbi_config_node_find(node, range->metric), error,
                "x is drawn uniformly from this range: both ends must be finite");
    }
    return status;
}

/* The ranges must be those of the posterior's x; they are put in its order. */
static fsbi_status match_posterior(const fsbi_config_node *node, const fsbi_filter *infer,
                                   fsbi_filter *ranges, fsbi_error *error) {
    if (infer == NULL)
        return fsbi_config_node_error(
            node, error,
            "no earlier round trains a posterior: give one of them 'infer', or "
            "propose from the prior");
    bool same = infer->count == ranges->count;
    for (size_t i = 0; i < infer->count && same; i++) {
        size_t k = i;
        while (k < ranges->count &&
               ranges->conditions[k].metric_index != infer->conditions[i].metric_index)
            k++;
        same = k < ranges->count;
        if (same) {
            fsbi_condition swapped = ranges->conditions[i];
            ranges->conditions[i] = ranges->conditions[k];
            ranges->conditions[k] = swapped;
        }
    }
    if (same)
        return FSBI_OK;
    fsbi_text names = {0};
    for (size_t i = 0; i < infer->count; i++)
        fsbi_text_append(&names, "%s%s", i > 0 ? ", " : "", infer->conditions[i].metric);
    fsbi_config_node_error(node, error,
                           "the last posterior was trained on %s: a range is needed for exactly "
                           "these",
                           names.characters);
    fsbi_text_clear(&names);
    return FSBI_BAD_INPUT;
}

static fsbi_status read_round(const fsbi_config_node *node, const fsbi_filter_context *known,
                              const fsbi_filter *last_infer, fsbi_config_round *round,
                              fsbi_error *error) {
    static const char *const keys[] = {"simulations", "propose", "keep", "infer"};
    fsbi_status status = fsbi_config_node_expect(node, FSBI_NODE_MAPPING, error);
    if (status == FSBI_OK)
        status = fsbi_config_node_check_keys(node, keys, sizeof keys / sizeof *keys, error);
    if (status != FSBI_OK)
        return status;
    const fsbi_config_node *simulations = fsbi_config_node_find(node, "simulations");
    const fsbi_config_node *propose = fsbi_config_node_find(node, "propose");
    const fsbi_config_node *keep = fsbi_config_node_find(node, "keep");
    const fsbi_config_node *infer = fsbi_config_node_find(node, "infer");
    long count = 0;
    if (simulations == NULL)
        return fsbi_config_node_error(node, error,
                                      "the key 'simulations', how many rules to try, is missing");
    status = fsbi_config_node_integer(simulations, &count, error);
    if (status == FSBI_OK && (count < 1 || count > 1000000000))
        status = fsbi_config_node_error(simulations, error, "found %ld, allowed: 1 to 1000000000",
                                        count);
    round->simulations = (size_t)count;
    if (status == FSBI_OK)
        status = read_propose(propose, known, round, error);
    if (status == FSBI_OK && round->propose == FSBI_PROPOSE_POSTERIOR)
        status = match_posterior(propose, last_infer, &round->ranges, error);
    if (status == FSBI_OK && keep != NULL)
        status = fsbi_filter_read(keep, known, &round->keep, error);
    if (status == FSBI_OK && infer != NULL)
        status = fsbi_filter_read_metrics(infer, known, &round->infer, error);
    if (status == FSBI_OK && keep != NULL && infer == NULL)
        status = fsbi_config_node_error(
            keep, error, "'keep' chooses rows for training, but this round has no 'infer'");
    return status;
}

static fsbi_status read_rounds(const fsbi_config_node *section, const fsbi_filter_context *known,
                               fsbi_config *config, fsbi_error *error) {
    if (section == NULL)
        return FSBI_OK;
    fsbi_status status = fsbi_config_node_expect(section, FSBI_NODE_SEQUENCE, error);
    if (status != FSBI_OK)
        return status;
    enum { MOST_ROUNDS = 100 };
    if (section->child_count > MOST_ROUNDS)
        return fsbi_config_node_error(section, error, "%zu rounds; at most %d are allowed",
                                      section->child_count, MOST_ROUNDS);
    config->rounds = fsbi_memory_allocate(section->child_count, sizeof *config->rounds, error);
    if (config->rounds == NULL)
        return FSBI_NO_MEMORY;
    config->round_count = section->child_count;
    const fsbi_filter *last_infer = NULL;
    for (size_t i = 0; i < config->round_count && status == FSBI_OK; i++) {
        fsbi_config_round *round = &config->rounds[i];
        status = read_round(section->children[i], known, last_infer, round, error);
        if (round->infer.count > 0)
            last_infer = &round->infer;
    }
    return status;
}

fsbi_status fsbi_config_read(const fsbi_config_node *root, const char *const *metrics,
                             size_t metric_count, fsbi_config **out, fsbi_error *error) {
    static const char *const sections[] = {"campaign", "model", "conditions", "rounds",
                                           "inference"};
    fsbi_config *config = fsbi_memory_allocate(1, sizeof *config, error);
    if (config == NULL)
        return FSBI_NO_MEMORY;
    fsbi_filter_context known = {.metrics = metrics, .metric_count = metric_count};
    fsbi_status status =
        fsbi_config_node_check_keys(root, sections, sizeof sections / sizeof *sections, error);
    if (status == FSBI_OK)
        status = read_campaign(root, &config->campaign, error);
    if (status == FSBI_OK)
        status = fsbi_config_keys_read(&inference_table, fsbi_config_node_find(root, "inference"),
                                       "inference", NULL, &config->inference, error);
    if (status == FSBI_OK)
        status = read_groups(fsbi_config_node_find(root, "conditions"), &known, config, error);
    known.groups = config->groups;
    known.group_count = config->group_count;
    if (status == FSBI_OK)
        status = read_rounds(fsbi_config_node_find(root, "rounds"), &known, config, error);
    if (status != FSBI_OK) {
        fsbi_config_free(config);
        return status;
    }
    *out = config;
    return FSBI_OK;
}

void fsbi_config_free_rounds(fsbi_config *config) {
    for (size_t i = 0; i < config->round_count; i++) {
        free(config->rounds[i].ranges.conditions);
        free(config->rounds[i].keep.conditions);
        free(config->rounds[i].infer.conditions);
    }
    free(config->rounds);
    config->rounds = NULL;
    config->round_count = 0;
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

static void write_round(const fsbi_config_round *round, fsbi_text *yaml) {
    fsbi_text_append(yaml, "  - simulations: %zu\n    propose: ", round->simulations);
    if (round->propose == FSBI_PROPOSE_PRIOR) {
        fsbi_text_append(yaml, "prior");
    } else if (round->propose == FSBI_PROPOSE_TABLE) {
        fsbi_text_append(yaml, "{table: ");
        fsbi_config_string_write(round->table, yaml);
        fsbi_text_append(yaml, "}");
    } else {
        fsbi_filter_write(&round->ranges, yaml);
    }
    fsbi_text_append(yaml, "\n");
    if (round->infer.count == 0)
        return;
    fsbi_text_append(yaml, "    keep: ");
    fsbi_filter_write(&round->keep, yaml);
    fsbi_text_append(yaml, "\n    infer: [");
    for (size_t i = 0; i < round->infer.count; i++)
        fsbi_text_append(yaml, "%s%s", i > 0 ? ", " : "", round->infer.conditions[i].metric);
    fsbi_text_append(yaml, "]\n");
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
    if (config->round_count > 0)
        fsbi_text_append(yaml, "rounds:\n");
    for (size_t i = 0; i < config->round_count; i++)
        write_round(&config->rounds[i], yaml);
    fsbi_text_append(yaml, "inference:\n");
    fsbi_config_keys_write(&inference_table, &config->inference, 2, yaml);
}
