/**
 * A neural posterior: an ensemble of estimators of equal weight, with the scaling that they were
 * trained under and the prior's box. Either its samples outside the box are rejected, or the box is
 * stretched to all of space by a logistic function, so that there are none.
 */
#ifndef FSBI_INFERENCE_POSTERIOR_H
#define FSBI_INFERENCE_POSTERIOR_H

#include <stdbool.h>

#include "inference/estimator.h"

typedef struct {
    const fsbi_estimator *estimator;
    fsbi_estimator_specification specification;
    bool unbounded; /**< estimators see log((theta - low) / (high - theta)) instead of theta */
    size_t members;
    size_t parameter_count;         /**< weights of one member */
    fsbi_real *parameters;          /**< members x parameter_count */
    double *low, *high;             /**< theta_size: the box; infinite where there is no bound */
    double *theta_mean, *theta_std; /**< theta_size: of what estimators see */
    double *x_mean, *x_std;         /**< x_size */
} fsbi_posterior;

/** Allocates; box and scaling are for the caller to fill. Release with fsbi_posterior_clear. */
fsbi_status fsbi_posterior_init(fsbi_posterior *posterior, const fsbi_estimator *estimator,
                                const fsbi_estimator_specification *specification, size_t members,
                                fsbi_error *error);
void fsbi_posterior_clear(fsbi_posterior *posterior);

/** Takes mean and standard deviation from the training rows, those of x, and of what an emulator
 * predicts, from rows that do not lie far from the others (robust_scale.h). A column without spread
 * gets 1, one without values infinity; classes stay as they are. */
fsbi_status fsbi_posterior_fit_standardisation(fsbi_posterior *posterior, const double *theta,
                                               const double *x, size_t rows, fsbi_error *error);

/** Whether x lies far, more than 5 standard deviations, from the mean of what it was trained on:
 * nothing was learned there. `*distance` is that in the column `*farthest`, where it is most. */
bool fsbi_posterior_is_far(const fsbi_posterior *posterior, const double *x, size_t *farthest,
                           double *distance);

/** What estimators see of `rows` samples, into memory of the caller's (rows x size each). */
void fsbi_posterior_standardise(const fsbi_posterior *posterior, const double *theta,
                                const double *x, size_t rows, fsbi_real *standard_theta,
                                fsbi_real *standard_x);

/** Samples that fsbi_posterior_sample draws at most in one call. */
enum { FSBI_POSTERIOR_BLOCK = 1024 };

/** Memory for the functions below; one for each thread of work. */
typedef struct {
    const fsbi_posterior *posterior;
    void *workspace;
    fsbi_real *theta, *x, *log_prob, *gradient; /* of a batch */
    size_t *member, *pending;                   /* of a block */
    double *spare;                              /* one theta */
} fsbi_posterior_workspace;

/** Release with fsbi_posterior_workspace_clear, before the posterior. */
fsbi_status fsbi_posterior_workspace_init(fsbi_posterior_workspace *workspace,
                                          const fsbi_posterior *posterior, fsbi_error *error);
void fsbi_posterior_workspace_clear(fsbi_posterior_workspace *workspace);

/** Samples looked at, and those of them that lay within the box; counts are added to. */
typedef struct {
    double candidates, inside;
} fsbi_acceptance;

/** What is to be drawn; the arrays are the caller's. */
typedef struct {
    const double *x;       /**< count x x_size */
    size_t count;          /**< at most FSBI_POSTERIOR_BLOCK */
    size_t max_candidates; /**< samples in a row outside the box after which it is given up */
    double *theta;         /**< count x theta_size: the samples */
    /** OPTIONAL. Gets `context` after each batch of candidates; a failure ends the drawing. */
    fsbi_status (*look)(void *context, const fsbi_acceptance *acceptance, fsbi_error *error);
    void *context;
} fsbi_posterior_draws;

/**
 * One theta for each row of x: a member drawn at random, then its samples until one lies within the
 * box. FSBI_HOPELESS after `max_candidates` samples in a row outside.
 */
fsbi_status fsbi_posterior_sample(fsbi_posterior_workspace *workspace,
                                  const fsbi_posterior_draws *draws, gsl_rng *stream,
                                  fsbi_acceptance *acceptance, fsbi_error *error);

/**
 * log q(theta | x) of each row in the units of theta, the ensemble as an equal mixture; no
 * correction for what lies outside the box. -infinity outside the box of an unbounded posterior.
 */
void fsbi_posterior_log_prob(fsbi_posterior_workspace *workspace, const double *theta,
                             const double *x, size_t rows, double *log_prob);

/** log q(theta | x) of one theta, within the box, and its gradient (theta_size). */
double fsbi_posterior_gradient(fsbi_posterior_workspace *workspace, const double *theta,
                               const double *x, double *gradient);

#endif
