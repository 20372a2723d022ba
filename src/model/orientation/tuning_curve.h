/** Fit of a tuning curve R0 + abs(A) exp(-d^2/(2 sigma^2)), d the distance to mu modulo pi. */
#ifndef FSBI_MODEL_ORIENTATION_TUNING_CURVE_H
#define FSBI_MODEL_ORIENTATION_TUNING_CURVE_H

#include <gsl/gsl_multifit_nlinear.h>

#include "fsbi/error.h"

/** What was found; A and sigma not below 0, mu in [0, pi). */
typedef struct {
    double amplitude, preferred, width, offset;
    double
        r2; /**< coefficient of determination, at most 1, below 0 for a fit worse than the mean */
} orientation_tuning;

/** Room for fits to so many points, owned by the caller. */
typedef struct {
    size_t points;
    gsl_multifit_nlinear_workspace *solver;
} orientation_tuning_fit;

fsbi_status orientation_tuning_fit_init(orientation_tuning_fit *fit, size_t points,
                                        fsbi_error *error);
void orientation_tuning_fit_clear(orientation_tuning_fit *fit);

/**
 * Levenberg-Marquardt from the largest response, its angle, `width` and 0. `response` to each
 * `angle`, rad. Without convergence amplitude, preferred angle, r2 and offset are 0 and the width
 * is 100; where all responses are 0 nothing is fitted: amplitude, offset and r2 are 0.
 */
orientation_tuning orientation_tuning_fit_run(orientation_tuning_fit *fit, const double *angle,
                                              const double *response, double width);

#endif
