/** The most probable theta of a posterior, and the correlation of parameters around a theta. */
#ifndef FSBI_INFERENCE_MODE_H
#define FSBI_INFERENCE_MODE_H

#include "inference/posterior.h"

/**
 * Climbs from `theta` (theta_size, in and out, within the box) to a maximum of q(theta | x) by
 * BFGS; within a box the climb is in log((theta - low) / (high - theta)), so it cannot leave.
 * `log_prob` gets log q there. FSBI_NO_MEMORY leaves `theta` alone.
 */
fsbi_status fsbi_mode_climb(fsbi_posterior_workspace *workspace, const double *x, double *theta,
                            double *log_prob, fsbi_error *error);

/** Points on each side of the grid on which a conditional density is looked at. */
enum { FSBI_CONDITIONAL_GRID = 50 };

/**
 * Correlation of the parameters of `pair` under q given x and all other parameters as in
 * `theta`, within the box, or where that is infinite four standard deviations around the mean
 * (Deistler, Macke and Goncalves 2022, "conditional correlation"): from the density on a grid of
 * FSBI_CONDITIONAL_GRID squared points.
 */
fsbi_status fsbi_mode_conditional_correlation(fsbi_posterior_workspace *workspace, const double *x,
                                              const double *theta, const size_t pair[2],
                                              double *correlation, fsbi_error *error);

#endif
