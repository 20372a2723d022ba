/**
 * A neural posterior: an ensemble of estimators of equal weight with the standardisation that they
 * were trained under, confined to the prior's box by rejection.
 */
#ifndef FSBI_INFERENCE_POSTERIOR_H
#define FSBI_INFERENCE_POSTERIOR_H

#include "inference/estimator.h"
#include "inference/training.h"

typedef struct {
    const fsbi_estimator *estimator;
    fsbi_estimator_shape shape;
    size_t members;
    size_t parameter_count;         /**< weights of one member */
    fsbi_real *parameters;          /**< members x parameter_count */
    double *low, *high;             /**< theta_size: the prior's box */
    double *theta_mean, *theta_std; /**< theta_size */
    double *x_mean, *x_std;         /**< x_size */
} fsbi_posterior;

/** Allocates; box and standardisation are for the caller to fill. Release with
 * fsbi_posterior_clear. */
fsbi_status fsbi_posterior_init(fsbi_posterior *posterior, const fsbi_estimator *estimator,
                                const fsbi_estimator_shape *shape, size_t members,
                                fsbi_error *error);
void fsbi_posterior_clear(fsbi_posterior *posterior);

/** Takes mean and standard deviation from the training rows; a column without spread gets 1. */
void fsbi_posterior_fit_standardisation(fsbi_posterior *posterior, const double *theta,
                                        const double *x, size_t rows);

/** Training data in standardised single precision: `theta` and `x` are outputs of the caller's,
 * rows x size. */
void fsbi_posterior_standardise(const fsbi_posterior *posterior, const double *theta,
                                const double *x, size_t rows, fsbi_real *standard_theta,
                                fsbi_real *standard_x);

/** Draws from a posterior; one for each thread of work. */
typedef struct {
    const fsbi_posterior *posterior;
    void *workspace;
    fsbi_real *theta, *x;
} fsbi_posterior_sampler;

/** Release with fsbi_posterior_sampler_clear, before the posterior. */
fsbi_status fsbi_posterior_sampler_init(fsbi_posterior_sampler *sampler,
                                        const fsbi_posterior *posterior, fsbi_error *error);
void fsbi_posterior_sampler_clear(fsbi_posterior_sampler *sampler);

/**
 * One theta at `x`: a member drawn at random, then its samples until one lies within the box.
 * FSBI_HOPELESS after `max_candidates` of them. `*candidates` is increased by the number of samples
 * looked at.
 */
fsbi_status fsbi_posterior_sample(fsbi_posterior_sampler *sampler, const double *x,
                                  size_t max_candidates, gsl_rng *stream, double *theta,
                                  size_t *candidates, fsbi_error *error);

/**
 * log q(theta | x) of each row in the units of theta, the ensemble as an equal mixture; no
 * correction for what lies outside the box. FSBI_NO_MEMORY if room for a batch cannot be had.
 */
fsbi_status fsbi_posterior_log_prob(const fsbi_posterior *posterior, const double *theta,
                                    const double *x, size_t rows, double *log_prob,
                                    fsbi_error *error);

#endif
