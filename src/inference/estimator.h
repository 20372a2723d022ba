/**
 * Conditional density estimators q(theta | x) behind one interface, as GSL does its algorithms: a
 * const struct of functions plus a workspace. Weights are one flat vector, owned by the caller. All
 * theta and x here are standardised, one sample a row.
 */
#ifndef FSBI_INFERENCE_ESTIMATOR_H
#define FSBI_INFERENCE_ESTIMATOR_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>

#include "fsbi/error.h"
#include "nets/real.h"

typedef struct {
    size_t theta_size, x_size;
    size_t transforms, hidden_features, blocks, bins;
    double tail_bound;
} fsbi_estimator_specification;

/** Samples that are evaluated together; borrowed. */
typedef struct {
    const fsbi_real *theta; /**< rows x theta_size */
    const fsbi_real *x;     /**< rows x x_size */
    size_t rows;
} fsbi_estimator_batch;

struct fsbi_training_data;

typedef struct fsbi_estimator {
    const char *name; /**< REQUIRED, as configurations give it */
    const void
        *variant; /**< OPTIONAL: what tells estimators apart that share functions; theirs alone */
    bool of_classes; /**< theta is a class, 0 or 1, and is not to be standardised */
    bool of_metrics; /**< theta are metrics, NaN where unknown: scaled and compressed as x is */

    /** REQUIRED. Length of the weight vector. */
    size_t (*parameter_count)(const struct fsbi_estimator *self,
                              const fsbi_estimator_specification *specification);

    /** REQUIRED. Memory for batches of up to `rows` samples; NULL and `error` on failure. Release
     * with `destroy`. */
    void *(*create)(const struct fsbi_estimator *self,
                    const fsbi_estimator_specification *specification, size_t rows,
                    fsbi_error *error);
    /** REQUIRED. NULL is allowed. */
    void (*destroy)(void *workspace);

    /** REQUIRED. Initial weights. */
    void (*initialise)(const struct fsbi_estimator *self,
                       const fsbi_estimator_specification *specification, gsl_rng *stream,
                       fsbi_real *parameters);

    /** OPTIONAL: without it there is one way to begin. Weights to start from, made of the initial
     * ones and of what the rows tell: a second start, which the rows held out may prefer. */
    fsbi_status (*prime)(const struct fsbi_estimator *self,
                         const fsbi_estimator_specification *specification,
                         const struct fsbi_training_data *data, fsbi_real *parameters,
                         fsbi_error *error);

    /** OPTIONAL: without it weight decay shrinks all weights. How many, from the first on, it
     * shrinks. */
    size_t (*decayed_count)(const struct fsbi_estimator *self,
                            const fsbi_estimator_specification *specification);

    /** REQUIRED. log q(theta | x) of each row. */
    void (*log_prob)(void *workspace, const fsbi_real *parameters,
                     const fsbi_estimator_batch *batch, fsbi_real *log_prob);

    /** OPTIONAL: without it there are no climbs to a mode. The same, and its gradient with respect
     * to each row's theta (rows x theta_size). */
    void (*theta_gradient)(void *workspace, const fsbi_real *parameters,
                           const fsbi_estimator_batch *batch, fsbi_real *log_prob,
                           fsbi_real *gradient);

    /** REQUIRED. Returns the sum of -weight log q(theta | x) over the rows and overwrites
     * `gradient` with its gradient with respect to the weights. */
    double (*loss_gradient)(void *workspace, const fsbi_real *parameters,
                            const fsbi_estimator_batch *batch, double weight, fsbi_real *gradient);

    /** OPTIONAL: without it there are no samples. Turns standard normal numbers (rows x theta_size)
     * into samples of q(theta | x), in place. */
    void (*sample)(void *workspace, const fsbi_real *parameters, const fsbi_real *x, size_t rows,
                   fsbi_real *theta);
} fsbi_estimator;

/** Neural spline flow: Durkan et al. 2019, in the arrangement of the sbi package's `nsf`. */
extern const fsbi_estimator fsbi_estimator_nsf;

/** Masked autoregressive flow: Papamakarios, Pavlakou and Murray 2017, with residual networks. */
extern const fsbi_estimator fsbi_estimator_maf;

/** Autoregressive spline flow: each feature moved by a spline that depends on all before it. */
extern const fsbi_estimator fsbi_estimator_nsf_ar;

/**
 * Not a density but the probability of a class: theta is one number, 0 or 1; log q is log P(theta |
 * x) by a residual network of x. It does not sample and has no gradient with respect to theta.
 */
extern const fsbi_estimator fsbi_estimator_classifier;

/** Mixture density network (Bishop 1994) of outcomes; entries of theta that are NaN are not known
 * (emulator.h). It does not sample and has no gradient with respect to theta. */
extern const fsbi_estimator fsbi_estimator_emulator;

/** The estimator of this name, or NULL. */
const fsbi_estimator *fsbi_estimator_find(const char *name);

#endif
