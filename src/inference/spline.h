/**
 * Monotonic rational-quadratic splines (Durkan, Bekasov, Murray and Papamakarios 2019, "Neural
 * Spline Flows", section 3.1) on [-bound, bound], the identity outside: one number in, one out.
 *
 * A spline of K bins has 3 K - 1 raw parameters: K for the widths and K for the heights (softmax,
 * each bin at least 1e-3 of the whole), K - 1 for the derivatives at the inner knots (softplus +
 * 1e-3); the outer ones are 1.
 */
#ifndef FSBI_INFERENCE_SPLINE_H
#define FSBI_INFERENCE_SPLINE_H

#include "inference/real.h"

enum { FSBI_SPLINE_MOST_BINS = 128 };

/** Raw parameters of a spline with so many bins. */
static inline size_t fsbi_spline_parameters(size_t bins) {
    return 3 * bins - 1;
}

/** What all splines of a layer share. */
typedef struct {
    size_t bins;
    fsbi_real bound;
    fsbi_real scale; /**< widths and heights are divided by this before the softmax */
} fsbi_spline_shape;

/** Turns raw widths and heights into shares of the whole, in place; the functions below expect them
 * so. */
void fsbi_spline_normalise(const fsbi_spline_shape *shape, fsbi_real *parameters);

/** y of x; adds log dy/dx to `*log_derivative`. */
fsbi_real fsbi_spline_forward(const fsbi_spline_shape *shape, const fsbi_real *parameters,
                              fsbi_real x, fsbi_real *log_derivative);

/** x of y. */
fsbi_real fsbi_spline_inverse(const fsbi_spline_shape *shape, const fsbi_real *parameters,
                              fsbi_real y);

/**
 * Gradient of a loss whose derivatives with respect to y and to log dy/dx are given: writes that
 * with respect to the raw parameters (3 K - 1), returns that with respect to x.
 */
fsbi_real fsbi_spline_backward(const fsbi_spline_shape *shape, const fsbi_real *parameters,
                               fsbi_real x, fsbi_real y_gradient, fsbi_real log_derivative_gradient,
                               fsbi_real *parameter_gradient);

#endif
