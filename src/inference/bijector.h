/**
 * Monotonic functions of one number, whose parameters a network computes for every sample: what a
 * flow moves a feature by. Batches as in batch.h: `parameters` holds one feature for each raw
 * parameter, `x` and `y` are one feature.
 */
#ifndef FSBI_INFERENCE_BIJECTOR_H
#define FSBI_INFERENCE_BIJECTOR_H

#include "nets/real.h"

/** What all functions of a flow share; the affine kind uses none of it. */
typedef struct {
    size_t bins;
    fsbi_real bound; /**< splines act on [-bound, bound] and are the identity outside */
    fsbi_real scale; /**< raw widths and heights are divided by this before the softmax */
} fsbi_bijector_shape;

/** Gradients of a loss, one feature each but for `parameters`, which has one for each raw
 * parameter. */
typedef struct {
    const fsbi_real *log_derivative; /**< in: with respect to log dy/dx */
    fsbi_real *value;                /**< in: with respect to y; out: with respect to x */
    fsbi_real *parameters;           /**< out: with respect to the raw parameters */
} fsbi_bijector_gradients;

typedef struct {
    /** REQUIRED. Number of raw parameters. */
    size_t (*parameters)(size_t bins);

    /** REQUIRED. Brings raw parameters into the form that the functions below expect, in place. */
    void (*prepare)(const fsbi_bijector_shape *specification, size_t stride, fsbi_real *parameters);

    /** REQUIRED. y of x in place; adds log dy/dx to `log_derivative`. */
    void (*forward)(const fsbi_bijector_shape *specification, size_t stride,
                    const fsbi_real *parameters, fsbi_real *x, fsbi_real *log_derivative);

    /** REQUIRED. x of y in place. */
    void (*inverse)(const fsbi_bijector_shape *specification, size_t stride,
                    const fsbi_real *parameters, fsbi_real *y);

    /** REQUIRED. Back through `forward`, at its x. */
    void (*backward)(const fsbi_bijector_shape *specification, size_t stride,
                     const fsbi_real *parameters, const fsbi_real *x,
                     const fsbi_bijector_gradients *gradients);
} fsbi_bijector;

/**
 * Rational-quadratic spline (Durkan, Bekasov, Murray and Papamakarios 2019, "Neural Spline Flows",
 * section 3.1). K bins have 3 K - 1 raw parameters: K for the widths and K for the heights
 * (softmax, each bin at least 1e-3 of the whole), K - 1 for the derivatives at the inner knots
 * (softplus + 1e-3); the outer ones are 1.
 */
extern const fsbi_bijector fsbi_bijector_spline;

/** y = s x + b (Papamakarios, Pavlakou and Murray 2017, "Masked Autoregressive Flow"): s = softplus
 * of the first raw parameter, moved so that 0 gives 1, + 1e-3; b is the second. */
extern const fsbi_bijector fsbi_bijector_affine;

/** Slopes are the softplus of a raw parameter and this. */
static const fsbi_real fsbi_bijector_least_slope = (fsbi_real)1e-3;

/** The raw parameter of a slope of 1. */
static const fsbi_real fsbi_bijector_raw_of_one = (fsbi_real)0.53974164;

#endif
