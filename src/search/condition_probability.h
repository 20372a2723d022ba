/**
 * P(conditions are met | rule) by an ensemble of emulators (inference/emulator.h), each of which
 * predicts every metric on its scale from what is known of a rule: its theta, and the features of
 * its model. Regressing metrics tells far more than classifying rules by whether they meet
 * everything: of the rules drawn at first, none does.
 *
 * P is the geometric mean of what the members of the ensemble say. Whoever looks for the rules of
 * the largest P finds those of which one member alone is wrongly sure; here all have to agree.
 */
#ifndef FSBI_SEARCH_CONDITION_PROBABILITY_H
#define FSBI_SEARCH_CONDITION_PROBABILITY_H

#include "config/settings.h"
#include "fsbi/model.h"
#include "inference/posterior.h"

/** Numbers that are known of a rule beforehand: inferred entries of theta, and features. */
size_t fsbi_search_input_size(const fsbi_model *model);

/** These numbers (input_size) of a whole theta; entries of theta from -1 to 1 within their bounds.
 */
void fsbi_search_inputs(const fsbi_model *model, const double *theta, double *inputs);

/** Metrics of a simulation's end: all but the interim numbers, which stand behind them. */
size_t fsbi_search_target_size(const fsbi_model *model);

/** What an emulator learns of a simulation (target_size): its metrics on their scales; NaN where
 * they are not finite. */
void fsbi_search_targets(const fsbi_model *model, const double *metrics, double *targets);

/** Numbers that are known of a simulation at a checkpoint: those that are known of its rule, which
 * checkpoint it is, and the interim numbers. */
size_t fsbi_search_interim_input_size(const fsbi_model *model);

/** These (interim_input_size), from `known` of fsbi_search_inputs; false where the simulation has
 * not come to this checkpoint, from 1. */
bool fsbi_search_interim_inputs(const fsbi_model *model, const double *known, size_t checkpoint,
                                const double *metrics, double *inputs);

/** Predicted and found shares brought together: log-odds of P become intercept + slope x log-odds.
 */
typedef struct {
    double intercept, slope;
} fsbi_search_recalibration;

/** Whether rules met the conditions, and the log P that was predicted for them beforehand;
 * borrowed. */
typedef struct {
    const double *log_probability;
    const unsigned char *met;
    const double *weights; /**< of each; NULL: all alike */
    size_t count;
} fsbi_search_predictions;

/** A logistic regression (Platt 1999), held near (0, 1) while little is known. */
fsbi_search_recalibration fsbi_search_recalibrate(const fsbi_search_predictions *predictions);

/** log P recalibrated. */
double fsbi_search_recalibrated(const fsbi_search_recalibration *recalibration,
                                double log_probability);

/** A computation under way; release with fsbi_condition_probability_clear. */
typedef struct {
    const fsbi_model *model;
    const fsbi_posterior *networks; /**< of fsbi_estimator_emulator; borrowed */
    const fsbi_filter *conditions;  /**< intervals; borrowed */
    size_t interval_count;
    size_t *entry;      /**< of each interval: the metric; parts stand for what consists of them */
    double *low, *high; /**< of each interval, standardised */
    void *workspace;
    double *theta, *inputs, *log_members;
    fsbi_real *x;
} fsbi_condition_probability;

fsbi_status fsbi_condition_probability_init(fsbi_condition_probability *computation,
                                            const fsbi_model *model, const fsbi_posterior *networks,
                                            const fsbi_filter *conditions, fsbi_error *error);
void fsbi_condition_probability_clear(fsbi_condition_probability *computation);

/** Rules that are computed together at most. */
enum { FSBI_CONDITION_PROBABILITY_BLOCK = 256 };

/** log P of `count` rules (count x inferred entries), at most a block. */
void fsbi_condition_probability_log(fsbi_condition_probability *computation, const double *inferred,
                                    size_t count, double *log_probability);

/** The same by what networks are told (count x their inputs) instead of rules. */
void fsbi_condition_probability_log_of_inputs(fsbi_condition_probability *computation,
                                              const double *inputs, size_t count,
                                              double *log_probability);

#endif
