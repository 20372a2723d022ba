/** What a check of a posterior on rows held out found: ranks (calibration.h), and their tests. */
#ifndef FSBI_INFERENCE_POSTERIOR_CHECK_H
#define FSBI_INFERENCE_POSTERIOR_CHECK_H

#include "inference/calibration.h"
#include "inference/posterior_plan.h"

/** What became of a check; release with fsbi_posterior_check_clear. */
typedef struct {
    int64_t rows;               /**< ranked; -1: not done yet */
    fsbi_acceptance acceptance; /**< of all samples drawn */
    double learned; /**< nats: mean of log q(theta | x) of the rows held out, minus the same with
                       the x of others of them; NaN: not measured */
    double learned_error;             /**< its standard error */
    int32_t *ranks;                   /**< rows x columns, with room for most_rows */
    fsbi_calibration_result *results; /**< columns; NaN if there were too few rows */
    size_t most_rows;
    size_t columns; /**< fsbi_calibration_columns */
} fsbi_posterior_check;

/** One that is not done yet, of a plan's posterior. Clear also after failure. */
fsbi_status fsbi_posterior_check_init(fsbi_posterior_check *check, const fsbi_posterior_plan *plan,
                                      fsbi_error *error);
void fsbi_posterior_check_clear(fsbi_posterior_check *check);

#endif
