/** A campaign's configuration as checked structs; config.h reads and writes it. */
#ifndef FSBI_CONFIG_SETTINGS_H
#define FSBI_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/** Rows whose traces are stored, of those that are ok. */
typedef enum {
    FSBI_TRACES_NONE,
    FSBI_TRACES_ALL,
    FSBI_TRACES_ACCEPTED, /**< those that meet the intervals of their round's `keep` */
    FSBI_TRACES_RANDOM    /**< a share of them */
} fsbi_trace_selection;

/** Part `traces`: of which rows what they recorded is stored. */
typedef struct {
    fsbi_trace_selection store;
    double share; /**< of the rows; for FSBI_TRACES_RANDOM */
} fsbi_config_traces;

/** How a posterior is kept within the prior's bounds. */
typedef enum {
    FSBI_BOUNDS_REJECT, /**< samples outside are turned away */
    FSBI_BOUNDS_STRETCH /**< a logistic function maps all of space into the box */
} fsbi_bounds;

/** Part `inference`: the published settings by default. */
typedef struct {
    char estimator[FSBI_CONFIG_STRING];
    fsbi_bounds bounds;
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

/** Part `search`: how a round towards conditions learns and draws. */
typedef struct {
    long ensemble, components, hidden_features, blocks;
    double learning_rate;
    double weight_decay;
    long batch_size;
    double validation_fraction;
    long patience;
    long max_epochs;
    long candidates; /**< draws of the prior that a population begins with */
    long members;    /**< of a population, at least */
} fsbi_config_search;

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
    FSBI_PROPOSE_IMPORT,     /**< none: simulations of elsewhere, with their metrics */
    FSBI_PROPOSE_TOWARDS     /**< prior x P(conditions are met)^sharpness, learned from all rows */
} fsbi_propose_kind;

enum { FSBI_CONFIG_SHARPNESSES = 6 }; /**< at most, in one round */

typedef struct {
    size_t simulations;
    fsbi_propose_kind propose;
    fsbi_filter ranges; /**< of x, in the posterior's order; for FSBI_PROPOSE_POSTERIOR */
    char table[FSBI_CONFIG_STRING]; /**< FILE or FILE:DATASET of the thetas, or of what is imported
                                     */
    size_t rules_first, rules_end;  /**< rounds; for FSBI_PROPOSE_RULES */
    fsbi_filter where;              /**< which of their rules; none: all that are ok */
    bool redraw_nuisance;           /**< drawn anew for them */
    fsbi_filter towards;            /**< intervals; for FSBI_PROPOSE_TOWARDS */
    double sharpness[FSBI_CONFIG_SHARPNESSES]; /**< ascending */
    size_t sharpness_count;                    /**< 0: found by the round itself */
    double prior_share;                        /**< of the rows, drawn from the prior */
    char *model;      /**< settings of the model for this round alone, a YAML mapping; NULL: none */
    fsbi_filter keep; /**< rows this round's posterior is trained on; none: all that are ok */
    bool keep_this_round; /**< of this round alone; otherwise of all so far */
    bool has_posterior;
    fsbi_filter infer; /**< metrics that are this posterior's x (intervals unused); none: it is
                          p(rule | keep) */
    bool weighted;     /**< its rows count by the weights that searches give them */
    bool has_classifier;
    fsbi_filter classify; /**< what makes a row valid for the classifier; none: being ok */
} fsbi_config_round;

typedef struct {
    fsbi_config_campaign campaign;
    fsbi_config_inference inference;
    fsbi_config_search search;
    fsbi_config_run run;
    fsbi_config_traces traces;
    fsbi_filter *groups; /**< part `conditions`, references resolved */
    size_t group_count;
    fsbi_config_round *rounds;
    size_t round_count;
} fsbi_config;

#endif
