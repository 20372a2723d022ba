/**
 * How far a posterior can be trusted, from ranks of true thetas among samples of the posterior at
 * their x, for rows that it was not trained on. If the posterior is right, every rank is uniform:
 *
 * - of each parameter's value (simulation-based calibration, Talts et al. 2018),
 * - of the density at the truth: samples of a higher density (expected coverage, Hermans et al.
 * 2022),
 * - of the distance to a random point: samples that are nearer to it (TARP, Lemos et al. 2023).
 */
#ifndef FSBI_INFERENCE_CALIBRATION_H
#define FSBI_INFERENCE_CALIBRATION_H

#include <stdint.h>

#include "inference/posterior.h"

/** Ranks of one row: one for each parameter, then the density's, then the distance's. */
static inline size_t fsbi_calibration_columns(size_t theta_size) {
    return theta_size + 2;
}

/** Memory for ranking; one for each thread of work. */
typedef struct {
    fsbi_posterior_workspace *workspace; /**< borrowed */
    size_t samples;                      /**< for each row, at most FSBI_POSTERIOR_BLOCK - 1 */
    size_t max_candidates;               /**< as in fsbi_posterior_sample */
    fsbi_acceptance acceptance;          /**< of all samples drawn */
    double *theta, *x, *log_prob;
} fsbi_calibration;

/** Release with fsbi_calibration_clear, before the workspace. */
fsbi_status fsbi_calibration_init(fsbi_calibration *calibration,
                                  fsbi_posterior_workspace *workspace, size_t samples,
                                  size_t max_candidates, fsbi_error *error);
void fsbi_calibration_clear(fsbi_calibration *calibration);

/** Ranks (0 .. samples) of one row. FSBI_HOPELESS as fsbi_posterior_sample. */
fsbi_status fsbi_calibration_rank(fsbi_calibration *calibration, const double *theta,
                                  const double *x, gsl_rng *stream, int32_t *ranks,
                                  fsbi_error *error);

/** What the ranks of one column say; NaN if there are fewer than FSBI_CALIBRATION_LEAST_ROWS. */
typedef struct {
    double p_value;   /**< of their being uniform: chi-squared test with up to 20 bins */
    double deviation; /**< largest difference of their distribution from the uniform one, 0 .. 1 */
    double inside_50,
        inside_90; /**< share of ranks within the lowest 50 and 90 %: for the density's
                      column the coverage of the regions of highest density */
} fsbi_calibration_result;

/** Rows that are needed for a result. */
enum { FSBI_CALIBRATION_LEAST_ROWS = 50 };

/** Tests one column of a table of ranks (rows x columns); negative ranks are left out. */
fsbi_calibration_result fsbi_calibration_test(const int32_t *ranks, size_t rows, size_t columns,
                                              size_t column, size_t samples);

#endif
