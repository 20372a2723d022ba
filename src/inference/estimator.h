/**
 * Conditional density estimators q(theta | x) behind one interface, as GSL does its algorithms: a
 * const struct of functions plus a workspace. Weights are one flat vector, owned by the caller. All
 * theta and x here are standardised, one sample a row.
 */
#ifndef FSBI_INFERENCE_ESTIMATOR_H
#define FSBI_INFERENCE_ESTIMATOR_H

#include <gsl/gsl_rng.h>

#include "fsbi/error.h"
#include "inference/real.h"

typedef struct {
    size_t theta_size, x_size;
    size_t transforms, hidden_features, blocks, bins;
    double tail_bound;
} fsbi_estimator_shape;

typedef struct {
    const char *name;

    /** Length of the weight vector. */
    size_t (*parameter_count)(const fsbi_estimator_shape *shape);

    /** Memory for batches of up to `rows` samples; NULL and `error` on failure. Release with
     * `destroy`. */
    void *(*create)(const fsbi_estimator_shape *shape, size_t rows, fsbi_error *error);
    void (*destroy)(void *workspace);

    /** Initial weights. */
    void (*initialise)(const fsbi_estimator_shape *shape, gsl_rng *stream, fsbi_real *parameters);

    /** log q(theta | x) of each row. */
    void (*log_prob)(void *workspace, const fsbi_real *parameters, const fsbi_real *theta,
                     const fsbi_real *x, size_t rows, fsbi_real *log_prob);

    /** Returns the mean of -log q(theta | x) over the rows and overwrites `gradient` with its
     * gradient. */
    double (*loss_gradient)(void *workspace, const fsbi_real *parameters, const fsbi_real *theta,
                            const fsbi_real *x, size_t rows, fsbi_real *gradient);

    /** Turns standard normal numbers (rows x theta_size) into samples of q(theta | x), in place. */
    void (*sample)(void *workspace, const fsbi_real *parameters, const fsbi_real *x, size_t rows,
                   fsbi_real *theta);
} fsbi_estimator;

/** Neural spline flow: Durkan et al. 2019, in the arrangement of the sbi package's `nsf`. */
extern const fsbi_estimator fsbi_estimator_nsf;

/** The estimator of this name, or NULL. */
const fsbi_estimator *fsbi_estimator_find(const char *name);

#endif
