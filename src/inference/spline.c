#include "inference/spline.h"

#include <math.h>
#include <string.h>
#include <tgmath.h>

static const fsbi_real least_share = (fsbi_real)1e-3;
static const fsbi_real least_derivative = (fsbi_real)1e-3;

/* The bin that a point lies in: left knot, extent and derivatives on both sides. */
typedef struct {
    size_t index;
    fsbi_real left, width;
    fsbi_real bottom, height;
    fsbi_real derivative_left, derivative_right;
} bin;

/* Intermediate values of the rational function within a bin, in Durkan et al.'s terms. */
typedef struct {
    fsbi_real t;           /* xi, position within the bin */
    fsbi_real mixed;       /* xi (1 - xi) */
    fsbi_real slope;       /* s = height / width */
    fsbi_real excess;      /* derivatives on both sides minus 2 s */
    fsbi_real numerator;   /* s xi^2 + d_left xi (1 - xi) */
    fsbi_real denominator; /* s + excess xi (1 - xi) */
    fsbi_real slope_numerator;
} position;

static fsbi_real softplus(fsbi_real x) {
    return x > 20 ? x : log1p(exp(x));
}

static fsbi_real sigmoid(fsbi_real x) {
    return 1 / (1 + exp(-x));
}

static void softmax(fsbi_real *values, size_t count, fsbi_real scale) {
    fsbi_real largest = values[0];
    for (size_t i = 1; i < count; i++)
        largest = values[i] > largest ? values[i] : largest;
    fsbi_real sum = 0;
    for (size_t i = 0; i < count; i++) {
        values[i] = exp((values[i] - largest) / scale);
        sum += values[i];
    }
    for (size_t i = 0; i < count; i++)
        values[i] /= sum;
}

void fsbi_spline_normalise(const fsbi_spline_shape *shape, fsbi_real *parameters) {
    softmax(parameters, shape->bins, shape->scale);
    softmax(parameters + shape->bins, shape->bins, shape->scale);
}

static fsbi_real extent(const fsbi_spline_shape *shape, fsbi_real share) {
    return 2 * shape->bound * (least_share + (1 - least_share * (fsbi_real)shape->bins) * share);
}

/* Finds the bin along `searched` (widths or heights, by their offset) that holds `value`. */
static size_t find_bin(const fsbi_spline_shape *shape, const fsbi_real *shares, fsbi_real value,
                       fsbi_real *begin) {
    size_t k = 0;
    fsbi_real knot = -shape->bound;
    for (; k + 1 < shape->bins; k++) {
        fsbi_real next = knot + extent(shape, shares[k]);
        if (value < next)
            break;
        knot = next;
    }
    *begin = knot;
    return k;
}

static fsbi_real knot_before(const fsbi_spline_shape *shape, const fsbi_real *shares, size_t k) {
    fsbi_real knot = -shape->bound;
    for (size_t i = 0; i < k; i++)
        knot += extent(shape, shares[i]);
    return knot;
}

static void complete_bin(const fsbi_spline_shape *shape, const fsbi_real *parameters, bin *b) {
    const fsbi_real *derivatives = parameters + 2 * shape->bins;
    const size_t k = b->index;
    b->width = extent(shape, parameters[k]);
    b->height = extent(shape, parameters[shape->bins + k]);
    b->derivative_left = k == 0 ? 1 : least_derivative + softplus(derivatives[k - 1]);
    b->derivative_right = k + 1 == shape->bins ? 1 : least_derivative + softplus(derivatives[k]);
}

static bin bin_of_x(const fsbi_spline_shape *shape, const fsbi_real *parameters, fsbi_real x) {
    bin b;
    b.index = find_bin(shape, parameters, x, &b.left);
    b.bottom = knot_before(shape, parameters + shape->bins, b.index);
    complete_bin(shape, parameters, &b);
    return b;
}

static position position_in(const bin *b, fsbi_real x) {
    position p;
    p.t = (x - b->left) / b->width;
    p.mixed = p.t * (1 - p.t);
    p.slope = b->height / b->width;
    p.excess = b->derivative_left + b->derivative_right - 2 * p.slope;
    p.numerator = p.slope * p.t * p.t + b->derivative_left * p.mixed;
    p.denominator = p.slope + p.excess * p.mixed;
    p.slope_numerator = b->derivative_right * p.t * p.t + 2 * p.slope * p.mixed +
                        b->derivative_left * (1 - p.t) * (1 - p.t);
    return p;
}

fsbi_real fsbi_spline_forward(const fsbi_spline_shape *shape, const fsbi_real *parameters,
                              fsbi_real x, fsbi_real *log_derivative) {
    if (!(x > -shape->bound && x < shape->bound))
        return x;
    const bin b = bin_of_x(shape, parameters, x);
    const position p = position_in(&b, x);
    *log_derivative += 2 * log(p.slope / p.denominator) + log(p.slope_numerator);
    return b.bottom + b.height * p.numerator / p.denominator;
}

fsbi_real fsbi_spline_inverse(const fsbi_spline_shape *shape, const fsbi_real *parameters,
                              fsbi_real y) {
    if (!(y > -shape->bound && y < shape->bound))
        return y;
    bin b;
    b.index = find_bin(shape, parameters + shape->bins, y, &b.bottom);
    b.left = knot_before(shape, parameters, b.index);
    complete_bin(shape, parameters, &b);
    fsbi_real slope = b.height / b.width;
    fsbi_real excess = b.derivative_left + b.derivative_right - 2 * slope;
    fsbi_real above = y - b.bottom;
    fsbi_real quadratic = above * excess + b.height * (slope - b.derivative_left);
    fsbi_real linear = b.height * b.derivative_left - above * excess;
    fsbi_real constant = -slope * above;
    fsbi_real discriminant = linear * linear - 4 * quadratic * constant;
    fsbi_real root = sqrt(discriminant > 0 ? discriminant : 0);
    return b.left + b.width * (2 * constant / (-linear - root));
}

/* Gradient of the shares of widths or heights: the extent of bin k and all knots before it depend
 * on them; then through the softmax to the raw values. */
static void shares_backward(const fsbi_spline_shape *shape, const fsbi_real *shares, size_t k,
                            fsbi_real knot_gradient, fsbi_real extent_gradient,
                            fsbi_real *gradient) {
    const fsbi_real factor = 2 * shape->bound * (1 - least_share * (fsbi_real)shape->bins);
    fsbi_real mean = 0;
    for (size_t i = 0; i <= k; i++) {
        gradient[i] = factor * (i < k ? knot_gradient : extent_gradient);
        mean += shares[i] * gradient[i];
    }
    for (size_t i = 0; i < shape->bins; i++)
        gradient[i] = shares[i] * ((i <= k ? gradient[i] : 0) - mean) / shape->scale;
}

fsbi_real fsbi_spline_backward(const fsbi_spline_shape *shape, const fsbi_real *parameters,
                               fsbi_real x, fsbi_real y_gradient, fsbi_real log_derivative_gradient,
                               fsbi_real *parameter_gradient) {
    if (!(x > -shape->bound && x < shape->bound)) {
        memset(parameter_gradient, 0,
               fsbi_spline_parameters(shape->bins) * sizeof *parameter_gradient);
        return y_gradient;
    }
    const bin b = bin_of_x(shape, parameters, x);
    const position p = position_in(&b, x);
    const fsbi_real gy = y_gradient * b.height / p.denominator;
    const fsbi_real gl = log_derivative_gradient;
    const fsbi_real ratio = p.numerator / p.denominator;
    const fsbi_real turn = 1 - 2 * p.t;

    fsbi_real t_gradient =
        gy * (2 * p.slope * p.t + b.derivative_left * turn - ratio * p.excess * turn) +
        gl * ((2 * b.derivative_right * p.t + 2 * p.slope * turn -
               2 * b.derivative_left * (1 - p.t)) /
                  p.slope_numerator -
              2 * p.excess * turn / p.denominator);
    fsbi_real slope_gradient = gy * (p.t * p.t - ratio * (1 - 2 * p.mixed)) +
                               gl * (2 / p.slope + 2 * p.mixed / p.slope_numerator -
                                     2 * (1 - 2 * p.mixed) / p.denominator);
    fsbi_real left_gradient =
        gy * p.mixed * (1 - ratio) +
        gl * ((1 - p.t) * (1 - p.t) / p.slope_numerator - 2 * p.mixed / p.denominator);
    fsbi_real right_gradient =
        -gy * p.mixed * ratio + gl * (p.t * p.t / p.slope_numerator - 2 * p.mixed / p.denominator);

    fsbi_real x_gradient = t_gradient / b.width;
    fsbi_real width_gradient = -(t_gradient * p.t + slope_gradient * p.slope) / b.width;
    fsbi_real height_gradient = y_gradient * ratio + slope_gradient / b.width;
    const size_t bins = shape->bins;
    shares_backward(shape, parameters, b.index, -x_gradient, width_gradient, parameter_gradient);
    shares_backward(shape, parameters + bins, b.index, y_gradient, height_gradient,
                    parameter_gradient + bins);
    const fsbi_real *derivatives = parameters + 2 * bins;
    fsbi_real *derivative_gradient = parameter_gradient + 2 * bins;
    for (size_t i = 0; i + 1 < bins; i++)
        derivative_gradient[i] = 0;
    if (b.index > 0)
        derivative_gradient[b.index - 1] = left_gradient * sigmoid(derivatives[b.index - 1]);
    if (b.index + 1 < bins)
        derivative_gradient[b.index] = right_gradient * sigmoid(derivatives[b.index]);
    return x_gradient;
}
