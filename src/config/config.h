/**
 * A campaign's configuration as checked structs. The model's own keys are read by the model
 * (fsbi/model.h); everything else is read here.
 */
#ifndef FSBI_CONFIG_CONFIG_H
#define FSBI_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "fsbi/config_keys.h"

enum { FSBI_CONFIG_NAME = 64 }; /**< room for the name of a metric or group */

/** Part `campaign`. */
typedef struct {
    char name[FSBI_CONFIG_STRING];
    char output[FSBI_CONFIG_STRING]; /**< path of the campaign file */
    long seed;
} fsbi_config_campaign;

/** Part `run`: how the work is done, which its results do not depend on, but for simulations that
 * are given up. */
typedef struct {
    double time_limit;    /**< s of computing of one simulation; 0: none */
    double grace;         /**< s that simulations under way have once the program is asked to end */
    long attempts;        /**< crashes of a rule after which it is not tried again */
    double sync_interval; /**< s between two fsync of the campaign file */
    char log[FSBI_CONFIG_STRING]; /**< folder for logs of the ranks; empty: none */
} fsbi_config_run;

/** Part `traces`: of which rows what they recorded is stored. */
typedef struct {
    char store[FSBI_CONFIG_STRING]; /**< "none", "all", "accepted" or "random" */
    double share;                   /**< of the rows; for "random" */
} fsbi_config_traces;

/** Part `inference`: the published settings by default (design: "Inference as published"). */
typedef struct {
    char estimator[FSBI_CONFIG_STRING];
    char bounds[FSBI_CONFIG_STRING]; /**< "reject" or "stretch" */
    long ensemble;
    long transforms, hidden_features, blocks, bins;
    double tail_bound;
    double learning_rate;
    long batch_size;
    double validation_fraction;
    long patience;
    long max_epochs;
    double clip_norm;
    bool warm_start;
    long minimum_rows;
    long max_candidates;
    long check_rows, check_samples;
    double false_negatives;
} fsbi_config_inference;

/** What a metric must be: within an interval, ends included, and among the largest or smallest of
 * the values that meet all intervals of the filter. */
typedef struct {
    char metric[FSBI_CONFIG_NAME];
    size_t metric_index; /**< among the model's metrics */
    double low, high;
    double top, bottom; /**< shares of the largest and of the smallest values; 1: all */
} fsbi_condition;

/** A named set of conditions, at most one for each metric. */
typedef struct {
    char name[FSBI_CONFIG_NAME];
    fsbi_condition *conditions;
    size_t count;
} fsbi_filter;

typedef enum {
    FSBI_PROPOSE_PRIOR,
    FSBI_PROPOSE_POSTERIOR,
    FSBI_PROPOSE_TABLE,
    FSBI_PROPOSE_RESTRICTED, /**< the prior where the last classifier expects valid rules */
    FSBI_PROPOSE_RULES,      /**< rules of earlier rounds, once more */
    FSBI_PROPOSE_IMPORT      /**< none: simulations of elsewhere, with their metrics */
} fsbi_propose_kind;

/** "prior", "posterior", "table", "restricted_prior", "rules" or "import". */
const char *fsbi_propose_kind_name(fsbi_propose_kind kind);

typedef struct {
    size_t simulations;
    fsbi_propose_kind propose;
    fsbi_filter ranges; /**< of x, in the posterior's order; for FSBI_PROPOSE_POSTERIOR */
    char table[FSBI_CONFIG_STRING]; /**< FILE or FILE:DATASET of the thetas, or of what is imported
                                     */
    size_t rules_first, rules_end;  /**< rounds; for FSBI_PROPOSE_RULES */
    fsbi_filter where;              /**< which of their rules; none: all that are ok */
    char *model;      /**< settings of the model for this round alone, a YAML mapping; NULL: none */
    fsbi_filter keep; /**< rows this round's posterior is trained on; none: all that are ok */
    bool keep_this_round; /**< of this round alone; otherwise of all so far */
    fsbi_filter
        infer; /**< metrics that are this posterior's x (intervals unused); none: no posterior */
    bool has_classifier;
    fsbi_filter classify; /**< what makes a row valid for the classifier; none: being ok */
} fsbi_config_round;

typedef struct {
    fsbi_config_campaign campaign;
    fsbi_config_inference inference;
    fsbi_config_run run;
    fsbi_config_traces traces;
    fsbi_filter *groups; /**< part `conditions`, references resolved */
    size_t group_count;
    fsbi_config_round *rounds;
    size_t round_count;
} fsbi_config;

/**
 * Reads all parts but `model` from a parsed file. `metrics` are the model's metric names, which
 * conditions must use. The result is owned by the caller (fsbi_config_free). FSBI_BAD_INPUT with
 * place and remedy.
 */
fsbi_status fsbi_config_read(const fsbi_config_node *root, const char *const *metrics,
                             size_t metric_count, fsbi_config **out, fsbi_error *error);

/** The keys of part `inference`, for command lines that offer each as an option. */
extern const fsbi_config_keys fsbi_config_inference_keys;

/** Reads part `inference` alone, from a file that may have other parts, or none of it. */
fsbi_status fsbi_config_read_inference(const fsbi_config_node *root,
                                       fsbi_config_inference *inference, fsbi_error *error);

/** Appends part `inference` as YAML that reads back as the same. */
void fsbi_config_write_inference(const fsbi_config_inference *inference, fsbi_text *yaml);

/** Frees; NULL is allowed. */
void fsbi_config_free(fsbi_config *config);

/** Takes all rounds out. */
void fsbi_config_free_rounds(fsbi_config *config);

/**
 * Appends the effective configuration, all defaults filled in, as YAML that reads back as the same.
 * `model_yaml` is the text of part `model`, which the model writes.
 */
void fsbi_config_write(const fsbi_config *config, const char *model_yaml, fsbi_text *yaml);

#endif
