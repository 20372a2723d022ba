#include "config/rounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys_write.h"
#include "config/overlay.h"
#include "core/memory.h"

/* {KEY: FILE} */
static fsbi_status read_source(const fsbi_config_node *node, const char *key,
                               fsbi_propose_kind kind, fsbi_config_round *round,
                               fsbi_error *error) {
    round->propose = kind;
    if (node->child_count != 1)
        return fsbi_config_node_error(node, error, "'%s' stands alone: the rules come from there",
                                      key);
    return fsbi_config_node_string(fsbi_config_node_find(node, key), round->table,
                                   sizeof round->table, error);
}

/* {rules_of: ROUND or all, where: CONDITIONS, redraw_nuisance: true} */
static fsbi_status read_rules(const fsbi_config_node *node, const fsbi_filter_context *known,
                              size_t index, fsbi_config_round *round, fsbi_error *error) {
    static const char *const keys[] = {"rules_of", "where", "redraw_nuisance"};
    const fsbi_config_node *source = fsbi_config_node_find(node, "rules_of");
    const fsbi_config_node *where = fsbi_config_node_find(node, "where");
    const fsbi_config_node *redraw = fsbi_config_node_find(node, "redraw_nuisance");
    long chosen = 0;
    round->propose = FSBI_PROPOSE_RULES;
    round->rules_end = index;
    FSBI_TRY(fsbi_config_node_check_keys(node, keys, sizeof keys / sizeof *keys, error));
    const bool all = source->kind == FSBI_NODE_SCALAR && strcmp(source->text, "all") == 0;
    if (!all)
        FSBI_TRY(fsbi_config_node_integer(source, &chosen, error));
    if (chosen < 0 || (size_t)chosen >= index)
        return fsbi_config_node_error(
            source, error,
            "allowed: an earlier round (they count from 0; this is round %zu) or all", index);
    if (!all) {
        round->rules_first = (size_t)chosen;
        round->rules_end = (size_t)chosen + 1;
    }
    if (redraw != NULL)
        FSBI_TRY(fsbi_config_node_boolean(redraw, &round->redraw_nuisance, error));
    return where != NULL ? fsbi_filter_read(where, known, &round->where, error) : FSBI_OK;
}

/* A number above 0, or several in ascending order. */
static fsbi_status read_sharpness(const fsbi_config_node *node, fsbi_config_round *round,
                                  fsbi_error *error) {
    static const double most = 1000;
    const bool one = node->kind == FSBI_NODE_SCALAR;
    const size_t count = one ? 1 : node->child_count;
    if (node->kind == FSBI_NODE_MAPPING || count < 1 || count > FSBI_CONFIG_SHARPNESSES)
        return fsbi_config_node_error(node, error,
                                      "expected a number, or a list of 1 to %d ascending ones",
                                      FSBI_CONFIG_SHARPNESSES);
    for (size_t i = 0; i < count; i++) {
        const fsbi_config_node *entry = one ? node : node->children[i];
        double value = 0;
        FSBI_TRY(fsbi_config_node_real(entry, &value, error));
        if (!(value > (i > 0 ? round->sharpness[i - 1] : 0) && value <= most))
            return fsbi_config_node_error(entry, error, "found %g, allowed: above %g, at most %g",
                                          value, i > 0 ? round->sharpness[i - 1] : 0, most);
        round->sharpness[i] = value;
    }
    round->sharpness_count = count;
    return FSBI_OK;
}

/* {towards: CONDITIONS, sharpness: NUMBER or list, prior_share: SHARE} */
static fsbi_status read_towards(const fsbi_config_node *node, const fsbi_filter_context *known,
                                fsbi_config_round *round, fsbi_error *error) {
    static const char *const keys[] = {"towards", "sharpness", "prior_share"};
    const fsbi_config_node *towards = fsbi_config_node_find(node, "towards");
    const fsbi_config_node *sharpness = fsbi_config_node_find(node, "sharpness");
    const fsbi_config_node *share = fsbi_config_node_find(node, "prior_share");
    round->propose = FSBI_PROPOSE_TOWARDS;
    round->prior_share = 0.1;
    FSBI_TRY(fsbi_config_node_check_keys(node, keys, sizeof keys / sizeof *keys, error));
    FSBI_TRY(fsbi_filter_read(towards, known, &round->towards, error));
    for (size_t i = 0; i < round->towards.count; i++)
        if (fsbi_condition_is_relative(&round->towards.conditions[i]))
            return fsbi_config_node_error(towards, error,
                                          "the probability of intervals is learned: no share of "
                                          "rows can be given ('%s')",
                                          round->towards.conditions[i].metric);
    if (sharpness != NULL)
        FSBI_TRY(read_sharpness(sharpness, round, error));
    if (share == NULL)
        return FSBI_OK;
    FSBI_TRY(fsbi_config_node_real(share, &round->prior_share, error));
    return round->prior_share >= 0 && round->prior_share < 1
               ? FSBI_OK
               : fsbi_config_node_error(share, error, "found %g, allowed: 0 to below 1",
                                        round->prior_share);
}

static fsbi_status read_propose(const fsbi_config_node *node, const fsbi_filter_context *known,
                                size_t index, fsbi_config_round *round, fsbi_error *error) {
    if (node == NULL || (node->kind == FSBI_NODE_SCALAR && strcmp(node->text, "prior") == 0)) {
        round->propose = FSBI_PROPOSE_PRIOR;
        return FSBI_OK;
    }
    if (node->kind == FSBI_NODE_SCALAR && strcmp(node->text, "restricted_prior") == 0) {
        round->propose = FSBI_PROPOSE_RESTRICTED;
        return FSBI_OK;
    }
    if (node->kind == FSBI_NODE_SCALAR && strcmp(node->text, "posterior") == 0) {
        round->propose = FSBI_PROPOSE_POSTERIOR;
        return FSBI_OK;
    }
    if (node->kind != FSBI_NODE_MAPPING)
        return fsbi_config_node_error(
            node, error,
            "allowed: prior, restricted_prior, posterior, {METRIC: [low, high], ...}, {table: FILE "
            "of "
            "thetas}, {rules_of: ROUND, where: CONDITIONS}, {towards: CONDITIONS} or {import: FILE "
            "of simulations}");
    if (fsbi_config_node_find(node, "table") != NULL)
        return read_source(node, "table", FSBI_PROPOSE_TABLE, round, error);
    if (fsbi_config_node_find(node, "import") != NULL)
        return read_source(node, "import", FSBI_PROPOSE_IMPORT, round, error);
    if (fsbi_config_node_find(node, "rules_of") != NULL)
        return read_rules(node, known, index, round, error);
    if (fsbi_config_node_find(node, "towards") != NULL)
        return read_towards(node, known, round, error);
    round->propose = FSBI_PROPOSE_POSTERIOR;
    FSBI_TRY(fsbi_filter_read(node, known, &round->ranges, error));
    for (size_t i = 0; i < round->ranges.count; i++) {
        const fsbi_condition *range = &round->ranges.conditions[i];
        if (fsbi_condition_is_relative(range))
            return fsbi_config_node_error(
                fsbi_config_node_find(node, range->metric), error,
                "x is drawn uniformly from a range [low, high]: no share of rows can be given");
        if (!isfinite(range->low) || !isfinite(range->high))
            return fsbi_config_node_error(
                fsbi_config_node_find(node, range->metric), error,
                "x is drawn uniformly from this range: both ends must be finite");
    }
    return FSBI_OK;
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
                           "these%s",
                           infer->count > 0 ? names.characters : "no metric",
                           infer->count > 0 ? "" : " (propose: posterior)");
    fsbi_text_clear(&names);
    return FSBI_BAD_INPUT;
}

/* `ok`, or conditions. */
static fsbi_status read_classify(const fsbi_config_node *node, const fsbi_filter_context *known,
                                 fsbi_config_round *round, fsbi_error *error) {
    round->has_classifier = true;
    if (node->kind == FSBI_NODE_SCALAR && strcmp(node->text, "ok") == 0)
        return FSBI_OK;
    return fsbi_filter_read(node, known, &round->classify, error);
}

/* Which rounds' rows `keep` chooses from. */
static fsbi_status read_keep_from(const fsbi_config_node *node, fsbi_config_round *round,
                                  fsbi_error *error) {
    if (node == NULL)
        return FSBI_OK;
    round->keep_this_round =
        node->kind == FSBI_NODE_SCALAR && strcmp(node->text, "this_round") == 0;
    if (!round->keep_this_round &&
        (node->kind != FSBI_NODE_SCALAR || strcmp(node->text, "all_rounds") != 0))
        return fsbi_config_node_error(node, error, "allowed: all_rounds, this_round");
    return FSBI_OK;
}

/* Settings of the model that this round has for itself; what they may be is the model's to say. */
static fsbi_status read_model(const fsbi_config_node *node, fsbi_config_round *round,
                              fsbi_error *error) {
    if (node == NULL)
        return FSBI_OK;
    FSBI_TRY(fsbi_config_node_expect(node, FSBI_NODE_MAPPING, error));
    if (round->propose == FSBI_PROPOSE_IMPORT)
        return fsbi_config_node_error(node, error,
                                      "nothing is simulated in a round that is imported");
    const fsbi_config_node *name = fsbi_config_node_find(node, "name");
    if (name != NULL)
        return fsbi_config_node_error(name, error,
                                      "a campaign has one model; a round can change its settings");
    fsbi_text yaml = {0};
    fsbi_config_node_write(node, &yaml);
    round->model = yaml.characters;
    return yaml.failed ? fsbi_error_set(error, FSBI_NO_MEMORY,
                                        "out of memory while reading the configuration")
                       : FSBI_OK;
}

/* What earlier rounds have trained. */
typedef struct {
    const fsbi_filter *infer; /* of the last posterior; NULL: none */
    bool has_classifier, has_search;
} trained;

static fsbi_status read_round(const fsbi_config_node *node, const fsbi_filter_context *known,
                              const trained *so_far, size_t index, fsbi_config_round *round,
                              fsbi_error *error) {
    static const char *const keys[] = {"simulations", "propose", "model",    "keep",
                                       "keep_from",   "infer",   "weighted", "classify"};
    FSBI_TRY(fsbi_config_node_expect(node, FSBI_NODE_MAPPING, error));
    FSBI_TRY(fsbi_config_node_check_keys(node, keys, sizeof keys / sizeof *keys, error));
    const fsbi_config_node *simulations = fsbi_config_node_find(node, "simulations");
    const fsbi_config_node *propose = fsbi_config_node_find(node, "propose");
    const fsbi_config_node *keep = fsbi_config_node_find(node, "keep");
    const fsbi_config_node *keep_from = fsbi_config_node_find(node, "keep_from");
    const fsbi_config_node *infer = fsbi_config_node_find(node, "infer");
    const fsbi_config_node *weighted = fsbi_config_node_find(node, "weighted");
    const fsbi_config_node *classify = fsbi_config_node_find(node, "classify");
    long count = 0;
    if (simulations == NULL)
        return fsbi_config_node_error(node, error,
                                      "the key 'simulations', how many rules to try, is missing");
    FSBI_TRY(fsbi_config_node_integer(simulations, &count, error));
    if (count < 1 || count > 1000000000)
        return fsbi_config_node_error(simulations, error, "found %ld, allowed: 1 to 1000000000",
                                      count);
    round->simulations = (size_t)count;
    FSBI_TRY(read_propose(propose, known, index, round, error));
    FSBI_TRY(read_model(fsbi_config_node_find(node, "model"), round, error));
    if (round->propose == FSBI_PROPOSE_POSTERIOR)
        FSBI_TRY(match_posterior(propose, so_far->infer, &round->ranges, error));
    if (round->propose == FSBI_PROPOSE_RESTRICTED && !so_far->has_classifier)
        return fsbi_config_node_error(
            propose, error,
            "no earlier round trains a classifier: give one of them 'classify: ok' or conditions "
            "of a valid rule, or propose from the prior");
    if (round->propose == FSBI_PROPOSE_TOWARDS && index == 0)
        return fsbi_config_node_error(
            propose, error,
            "there are no earlier rows to learn from: let the first round be one of the prior");
    if (classify != NULL)
        FSBI_TRY(read_classify(classify, known, round, error));
    if (keep != NULL)
        FSBI_TRY(fsbi_filter_read(keep, known, &round->keep, error));
    FSBI_TRY(read_keep_from(keep_from, round, error));
    round->has_posterior = infer != NULL;
    if (infer != NULL)
        FSBI_TRY(fsbi_filter_read_metrics(infer, known, &round->infer, error));
    if (weighted != NULL)
        FSBI_TRY(fsbi_config_node_boolean(weighted, &round->weighted, error));
    const fsbi_config_node *of_training = keep != NULL        ? keep
                                          : keep_from != NULL ? keep_from
                                                              : weighted;
    if (of_training != NULL && infer == NULL)
        return fsbi_config_node_error(of_training, error,
                                      "'%s' is about training, but this round has no 'infer'",
                                      of_training->key);
    if (round->weighted && !so_far->has_search && round->propose != FSBI_PROPOSE_TOWARDS)
        return fsbi_config_node_error(
            weighted, error,
            "no round up to this one goes towards conditions, which is what gives rows weights");
    return FSBI_OK;
}

fsbi_status fsbi_config_read_rounds(const fsbi_config_node *section,
                                    const fsbi_filter_context *known, fsbi_config *config,
                                    fsbi_error *error) {
    if (section == NULL)
        return FSBI_OK;
    fsbi_status status = fsbi_config_node_expect(section, FSBI_NODE_SEQUENCE, error);
    if (status != FSBI_OK)
        return status;
    enum { MOST_ROUNDS = 10000 };
    if (section->child_count > MOST_ROUNDS)
        return fsbi_config_node_error(section, error, "%zu rounds; at most %d are allowed",
                                      section->child_count, MOST_ROUNDS);
    config->rounds = fsbi_memory_allocate(section->child_count, sizeof *config->rounds, error);
    if (config->rounds == NULL)
        return FSBI_NO_MEMORY;
    config->round_count = section->child_count;
    trained so_far = {0};
    size_t simulations = 0;
    for (size_t i = 0; i < config->round_count && status == FSBI_OK; i++) {
        fsbi_config_round *round = &config->rounds[i];
        status = read_round(section->children[i], known, &so_far, i, round, error);
        if (round->has_posterior)
            so_far.infer = &round->infer;
        so_far.has_search = so_far.has_search || round->propose == FSBI_PROPOSE_TOWARDS;
        so_far.has_classifier = so_far.has_classifier || round->has_classifier;
        simulations += round->simulations;
        const size_t rows = round->keep_this_round ? round->simulations : simulations;
        if (status == FSBI_OK && round->has_posterior &&
            rows < (size_t)config->inference.minimum_rows)
            status =
                fsbi_config_node_error(fsbi_config_node_find(section->children[i], "infer"), error,
                                       "there are only %zu simulations to train on, and "
                                       "inference.minimum_rows is %ld",
                                       rows, config->inference.minimum_rows);
    }
    return status;
}

void fsbi_config_free_rounds(fsbi_config *config) {
    for (size_t i = 0; i < config->round_count; i++) {
        free(config->rounds[i].ranges.conditions);
        free(config->rounds[i].keep.conditions);
        free(config->rounds[i].infer.conditions);
        free(config->rounds[i].classify.conditions);
        free(config->rounds[i].where.conditions);
        free(config->rounds[i].towards.conditions);
        free(config->rounds[i].model);
    }
    free(config->rounds);
    config->rounds = NULL;
    config->round_count = 0;
}

const char *fsbi_propose_kind_name(fsbi_propose_kind kind) {
    static const char *const names[] = {"prior", "posterior", "table",  "restricted_prior",
                                        "rules", "import",    "towards"};
    return names[kind];
}

static void write_towards(const fsbi_config_round *round, fsbi_text *yaml) {
    fsbi_text_append(yaml, "{towards: ");
    fsbi_filter_write(&round->towards, yaml);
    for (size_t i = 0; i < round->sharpness_count; i++)
        fsbi_text_append(yaml, "%s%.17g", i == 0 ? ", sharpness: [" : ", ", round->sharpness[i]);
    fsbi_text_append(yaml, "%s, prior_share: %.17g}", round->sharpness_count > 0 ? "]" : "",
                     round->prior_share);
}

static void write_propose(const fsbi_config_round *round, fsbi_text *yaml) {
    switch (round->propose) {
    case FSBI_PROPOSE_PRIOR:
    case FSBI_PROPOSE_RESTRICTED:
        fsbi_text_append(yaml, "%s", fsbi_propose_kind_name(round->propose));
        break;
    case FSBI_PROPOSE_TABLE:
    case FSBI_PROPOSE_IMPORT:
        fsbi_text_append(yaml, "{%s: ", fsbi_propose_kind_name(round->propose));
        fsbi_config_string_write(round->table, yaml);
        fsbi_text_append(yaml, "}");
        break;
    case FSBI_PROPOSE_RULES:
        if (round->rules_end - round->rules_first == 1)
            fsbi_text_append(yaml, "{rules_of: %zu", round->rules_first);
        else
            fsbi_text_append(yaml, "{rules_of: all");
        if (round->where.count > 0) {
            fsbi_text_append(yaml, ", where: ");
            fsbi_filter_write(&round->where, yaml);
        }
        fsbi_text_append(yaml, "%s}", round->redraw_nuisance ? ", redraw_nuisance: true" : "");
        break;
    case FSBI_PROPOSE_POSTERIOR:
        if (round->ranges.count > 0)
            fsbi_filter_write(&round->ranges, yaml);
        else
            fsbi_text_append(yaml, "%s", fsbi_propose_kind_name(round->propose));
        break;
    case FSBI_PROPOSE_TOWARDS:
        write_towards(round, yaml);
        break;
    }
}

static void write_round(const fsbi_config_round *round, fsbi_text *yaml) {
    fsbi_text_append(yaml, "  - simulations: %zu\n    propose: ", round->simulations);
    write_propose(round, yaml);
    fsbi_text_append(yaml, "\n");
    if (round->model != NULL)
        fsbi_text_append(yaml, "    model: %s\n", round->model);
    if (round->has_classifier) {
        fsbi_text_append(yaml, "    classify: ");
        if (round->classify.count == 0)
            fsbi_text_append(yaml, "ok");
        else
            fsbi_filter_write(&round->classify, yaml);
        fsbi_text_append(yaml, "\n");
    }
    if (!round->has_posterior)
        return;
    fsbi_text_append(yaml, "    keep: ");
    fsbi_filter_write(&round->keep, yaml);
    fsbi_text_append(yaml, "\n%s    infer: [",
                     round->keep_this_round ? "    keep_from: this_round\n" : "");
    for (size_t i = 0; i < round->infer.count; i++)
        fsbi_text_append(yaml, "%s%s", i > 0 ? ", " : "", round->infer.conditions[i].metric);
    fsbi_text_append(yaml, "]\n%s", round->weighted ? "    weighted: true\n" : "");
}

void fsbi_config_write_rounds(const fsbi_config *config, fsbi_text *yaml) {
    if (config->round_count > 0)
        fsbi_text_append(yaml, "rounds:\n");
    for (size_t i = 0; i < config->round_count; i++)
        write_round(&config->rounds[i], yaml);
}
