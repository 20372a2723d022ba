/**
 * The prior, restricted to where a classifier expects valid rules (Lueckmann et al. 2017; Deistler
 * et al. 2022): an ensemble of fsbi_estimator_classifier, whose x is theta, and a threshold chosen
 * such that few valid rules are turned away.
 */
#ifndef FSBI_INFERENCE_RESTRICTED_PRIOR_H
#define FSBI_INFERENCE_RESTRICTED_PRIOR_H

#include "inference/posterior.h"

/** A threshold of log P(valid | theta), and what it does to the rows that it was found on. */
typedef struct {
    double threshold; /**< rules below it are turned away */
    size_t valid, invalid;
    size_t valid_turned_away, invalid_turned_away;
} fsbi_restriction_report;

/** Rows that the classifier was not trained on. */
typedef struct {
    const double *theta; /**< count x the classifier's x_size */
    const double *valid; /**< 1 or 0 for each */
    size_t count;
} fsbi_restriction_rows;

/** Finds the largest threshold that turns away at most a share `false_negatives` of the valid rows.
 * FSBI_HOPELESS if none is valid. */
fsbi_status fsbi_restricted_prior_threshold(const fsbi_posterior *classifier,
                                            const fsbi_restriction_rows *rows,
                                            double false_negatives, fsbi_restriction_report *report,
                                            fsbi_error *error);

/** log P(valid | theta) of each row. `workspace` is of the classifier. FSBI_NO_MEMORY. */
fsbi_status fsbi_restricted_prior_log_valid(fsbi_posterior_workspace *workspace,
                                            const double *theta, size_t rows, double *log_valid,
                                            fsbi_error *error);

#endif
