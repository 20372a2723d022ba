#include <math.h>
#include <stdbool.h>
#include <tgmath.h>

#include "inference/batch.h"
#include "inference/element.h"
#include "inference/elementary.h"

enum { LANES = FSBI_BATCH_LANES };

static const fsbi_real least_share = (fsbi_real)1e-3;
static const fsbi_real least_derivative = (fsbi_real)1e-3;
/* softplus of this is 1 - least_derivative: the derivative at the outer knots */
#define RAW_OF_ONE ((fsbi_real)0.53974164)
static const fsbi_real boundary[LANES] = {
    RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE,
    RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE, RAW_OF_ONE};

/* The bins that LANES samples lie in, with the derivatives on both sides and what these came from.
 */
typedef struct {
    fsbi_real index[LANES];
    fsbi_real left[LANES], width[LANES];
    fsbi_real bottom[LANES], height[LANES];
    fsbi_real raw_left[LANES], raw_right[LANES];
    fsbi_real derivative_left[LANES], derivative_right[LANES];
} bins;

/* One sample's bin, its derivatives, and the rational function's parts in Durkan et al.'s terms. */
typedef struct {
    fsbi_real left, width, bottom, height;
    fsbi_real derivative_left, derivative_right;
    fsbi_real slope;  /* s = height / width */
    fsbi_real excess; /* derivatives on both sides minus 2 s */
} bin;

typedef struct {
    fsbi_real t;           /* xi, position within the bin */
    fsbi_real mixed;       /* xi (1 - xi) */
    fsbi_real numerator;   /* s xi^2 + d_left xi (1 - xi) */
    fsbi_real denominator; /* s + excess xi (1 - xi) */
    fsbi_real slope_numerator;
} position;

static size_t parameters_of(size_t bin_count) {
    return 3 * bin_count - 1;
}

/* Raw widths or heights of LANES samples to shares of the whole. */
static void softmax(const fsbi_element_shape *shape, size_t stride, fsbi_real *shares) {
    const fsbi_real inverse_scale = 1 / shape->scale;
    fsbi_real largest[LANES];
    fsbi_real sum[LANES] = {0};
    for (size_t l = 0; l < LANES; l++)
        largest[l] = shares[l];
    for (size_t k = 1; k < shape->bins; k++)
        for (size_t l = 0; l < LANES; l++)
            largest[l] = shares[k * stride + l] > largest[l] ? shares[k * stride + l] : largest[l];
    for (size_t k = 0; k < shape->bins; k++)
        for (size_t l = 0; l < LANES; l++) {
            shares[k * stride + l] =
                fsbi_real_exp_minus((largest[l] - shares[k * stride + l]) * inverse_scale);
            sum[l] += shares[k * stride + l];
        }
    for (size_t l = 0; l < LANES; l++)
        sum[l] = 1 / sum[l];
    for (size_t k = 0; k < shape->bins; k++)
        for (size_t l = 0; l < LANES; l++)
            shares[k * stride + l] *= sum[l];
}

static void prepare(const fsbi_element_shape *shape, size_t stride, fsbi_real *parameters) {
    for (size_t begin = 0; begin < stride; begin += LANES) {
        softmax(shape, stride, parameters + begin);
        softmax(shape, stride, parameters + shape->bins * stride + begin);
    }
}

static fsbi_real extent_factor(const fsbi_element_shape *shape) {
    return 2 * shape->bound * (1 - least_share * (fsbi_real)shape->bins);
}

/* Finds each sample's bin: by x along the widths, or by y along the heights. Bins are gone through
 * in turn, and what a sample has come to or passed is overwritten by the next. */
static void find_bins(const fsbi_element_shape *shape, size_t stride, const fsbi_real *parameters,
                      const fsbi_real *value, bool by_height, bins *found) {
    const fsbi_real least = 2 * shape->bound * least_share;
    const fsbi_real factor = extent_factor(shape);
    const size_t last = shape->bins - 1;
    const fsbi_real *heights = parameters + shape->bins * stride;
    const fsbi_real *raw = heights + shape->bins * stride;
    bins b;
    fsbi_real right[LANES], top[LANES];
    for (size_t l = 0; l < LANES; l++) {
        b.index[l] = 0;
        b.left[l] = -shape->bound;
        b.bottom[l] = -shape->bound;
        b.width[l] = least + factor * parameters[l];
        b.height[l] = least + factor * heights[l];
        b.raw_left[l] = boundary[l];
        b.raw_right[l] = raw[l];
        right[l] = b.left[l] + b.width[l];
        top[l] = b.bottom[l] + b.height[l];
    }
    for (size_t k = 1; k <= last; k++) {
        const fsbi_real *knot = by_height ? top : right;
        const fsbi_real *raw_left = raw + (k - 1) * stride;
        const fsbi_real *raw_right = k < last ? raw_left + stride : boundary;
        fsbi_real beyond[LANES];
        for (size_t l = 0; l < LANES; l++)
            beyond[l] = value[l] - knot[l];
        for (size_t l = 0; l < LANES; l++) {
            const fsbi_real width = least + factor * parameters[k * stride + l];
            const fsbi_real height = least + factor * heights[k * stride + l];
            b.index[l] = beyond[l] >= 0 ? (fsbi_real)k : b.index[l];
            b.left[l] = beyond[l] >= 0 ? right[l] : b.left[l];
            b.bottom[l] = beyond[l] >= 0 ? top[l] : b.bottom[l];
            b.width[l] = beyond[l] >= 0 ? width : b.width[l];
            b.height[l] = beyond[l] >= 0 ? height : b.height[l];
            b.raw_left[l] = beyond[l] >= 0 ? raw_left[l] : b.raw_left[l];
            b.raw_right[l] = beyond[l] >= 0 ? raw_right[l] : b.raw_right[l];
            right[l] += width;
            top[l] += height;
        }
    }
    for (size_t l = 0; l < LANES; l++)
        b.derivative_left[l] = least_derivative + fsbi_real_softplus(b.raw_left[l]);
    for (size_t l = 0; l < LANES; l++)
        b.derivative_right[l] = least_derivative + fsbi_real_softplus(b.raw_right[l]);
    *found = b;
}

static bin bin_of(const bins *found, size_t l) {
    bin b = {.left = found->left[l],
             .width = found->width[l],
             .bottom = found->bottom[l],
             .height = found->height[l],
             .derivative_left = found->derivative_left[l],
             .derivative_right = found->derivative_right[l]};
    b.slope = b.height / b.width;
    b.excess = b.derivative_left + b.derivative_right - 2 * b.slope;
    return b;
}

static position position_in(const bin *b, fsbi_real x) {
    position p;
    p.t = (x - b->left) / b->width;
    p.mixed = p.t * (1 - p.t);
    p.numerator = b->slope * p.t * p.t + b->derivative_left * p.mixed;
    p.denominator = b->slope + b->excess * p.mixed;
    p.slope_numerator = b->derivative_right * p.t * p.t + 2 * b->slope * p.mixed +
                        b->derivative_left * (1 - p.t) * (1 - p.t);
    return p;
}

/* Marks samples inside by 1 and others by 0; those are computed at 0 and not used. The marks are
 * multiplied with, since compilers do not vectorise what is asked for. */
static void confine(const fsbi_element_shape *shape, const fsbi_real *x, fsbi_real *inside,
                    fsbi_real *confined) {
    for (size_t l = 0; l < LANES; l++) {
        inside[l] = fabs(x[l]) < shape->bound ? 1 : 0;
        confined[l] = inside[l] > 0 ? x[l] : 0;
    }
}

static void forward(const fsbi_element_shape *shape, size_t stride, const fsbi_real *parameters,
                    fsbi_real *x, fsbi_real *log_derivative) {
    for (size_t begin = 0; begin < stride; begin += LANES) {
        bins found;
        fsbi_real inside[LANES], confined[LANES];
        confine(shape, x + begin, inside, confined);
        find_bins(shape, stride, parameters + begin, confined, false, &found);
        for (size_t l = 0; l < LANES; l++) {
            const bin b = bin_of(&found, l);
            const position p = position_in(&b, confined[l]);
            const fsbi_real ratio = b.slope / p.denominator;
            const fsbi_real log_slope = fsbi_real_log(ratio * ratio * p.slope_numerator);
            const fsbi_real y = b.bottom + b.height * p.numerator / p.denominator;
            x[begin + l] = inside[l] * y + (1 - inside[l]) * x[begin + l];
            log_derivative[begin + l] += inside[l] * log_slope;
        }
    }
}

static void inverse(const fsbi_element_shape *shape, size_t stride, const fsbi_real *parameters,
                    fsbi_real *y) {
    for (size_t begin = 0; begin < stride; begin += LANES) {
        bins found;
        fsbi_real inside[LANES], confined[LANES];
        confine(shape, y + begin, inside, confined);
        find_bins(shape, stride, parameters + begin, confined, true, &found);
        for (size_t l = 0; l < LANES; l++) {
            const bin b = bin_of(&found, l);
            const fsbi_real above = confined[l] - b.bottom;
            const fsbi_real quadratic = above * b.excess + b.height * (b.slope - b.derivative_left);
            const fsbi_real linear = b.height * b.derivative_left - above * b.excess;
            const fsbi_real constant = -b.slope * above;
            const fsbi_real discriminant = linear * linear - 4 * quadratic * constant;
            const fsbi_real root = sqrt(discriminant > 0 ? discriminant : 0);
            const fsbi_real x = b.left + b.width * (2 * constant / (-linear - root));
            y[begin + l] = inside[l] * x + (1 - inside[l]) * y[begin + l];
        }
    }
}

/* What the gradient with respect to the raw parameters follows from, for LANES samples. */
typedef struct {
    fsbi_real left[LANES], width[LANES];
    fsbi_real bottom[LANES], height[LANES];
    fsbi_real raw_left[LANES], raw_right[LANES];
} bins_gradient;

/* Of one sample; returns the gradient with respect to x. */
static fsbi_real bin_gradient(const bin *b, const position *p, fsbi_real gradient, fsbi_real gl,
                              size_t l, bins_gradient *result) {
    const fsbi_real gy = gradient * b->height / p->denominator;
    const fsbi_real ratio = p->numerator / p->denominator;
    const fsbi_real turn = 1 - 2 * p->t;
    const fsbi_real by_denominator = 2 * gl / p->denominator;
    const fsbi_real by_numerator = gl / p->slope_numerator;
    const fsbi_real t_gradient =
        gy * (2 * b->slope * p->t + b->derivative_left * turn - ratio * b->excess * turn) +
        by_numerator * 2 *
            (b->derivative_right * p->t + b->slope * turn - b->derivative_left * (1 - p->t)) -
        by_denominator * b->excess * turn;
    const fsbi_real slope_gradient = gy * (p->t * p->t - ratio * (1 - 2 * p->mixed)) +
                                     2 * gl / b->slope + 2 * by_numerator * p->mixed -
                                     by_denominator * (1 - 2 * p->mixed);
    const fsbi_real both = -gy * p->mixed * ratio - by_denominator * p->mixed;
    const fsbi_real x_gradient = t_gradient / b->width;
    result->left[l] = -x_gradient;
    result->width[l] = -(t_gradient * p->t + slope_gradient * b->slope) / b->width;
    result->bottom[l] = gradient;
    result->height[l] = gradient * ratio + slope_gradient / b->width;
    result->raw_left[l] = both + gy * p->mixed + by_numerator * (1 - p->t) * (1 - p->t);
    result->raw_right[l] = both + by_numerator * p->t * p->t;
    return x_gradient;
}

/* Gradient of raw widths or heights: the extent of the bin and all knots before it depend on the
 * shares; then through the softmax. */
static void shares_backward(const fsbi_element_shape *shape, size_t stride, const fsbi_real *shares,
                            const fsbi_real *index, const fsbi_real *knot_gradient,
                            const fsbi_real *extent_gradient, fsbi_real *gradient) {
    const fsbi_real factor = extent_factor(shape);
    const fsbi_real inverse_scale = 1 / shape->scale;
    fsbi_real mean[LANES] = {0};
    for (size_t k = 0; k < shape->bins; k++)
        for (size_t l = 0; l < LANES; l++) {
            const fsbi_real at_bin = (fsbi_real)k == index[l] ? extent_gradient[l] : 0;
            const fsbi_real g = (fsbi_real)k < index[l] ? knot_gradient[l] : at_bin;
            mean[l] += shares[k * stride + l] * g;
        }
    for (size_t k = 0; k < shape->bins; k++)
        for (size_t l = 0; l < LANES; l++) {
            const fsbi_real at_bin = (fsbi_real)k == index[l] ? extent_gradient[l] : 0;
            const fsbi_real g = (fsbi_real)k < index[l] ? knot_gradient[l] : at_bin;
            gradient[k * stride + l] =
                shares[k * stride + l] * (g - mean[l]) * factor * inverse_scale;
        }
}

static void derivatives_backward(const fsbi_element_shape *shape, size_t stride, const bins *found,
                                 const bins_gradient *g, fsbi_real *gradient) {
    fsbi_real left[LANES], right[LANES];
    for (size_t l = 0; l < LANES; l++) {
        left[l] = g->raw_left[l] * fsbi_real_sigmoid(found->raw_left[l]);
        right[l] = g->raw_right[l] * fsbi_real_sigmoid(found->raw_right[l]);
    }
    for (size_t k = 0; k + 1 < shape->bins; k++)
        for (size_t l = 0; l < LANES; l++) {
            const fsbi_real at_left = (fsbi_real)(k + 1) == found->index[l] ? left[l] : 0;
            gradient[k * stride + l] = (fsbi_real)k == found->index[l] ? right[l] : at_left;
        }
}

static void backward(const fsbi_element_shape *shape, size_t stride, const fsbi_real *parameters,
                     const fsbi_real *x, const fsbi_real *log_derivative_gradient,
                     fsbi_real *gradient, fsbi_real *parameter_gradient) {
    const size_t heights = shape->bins * stride;
    for (size_t begin = 0; begin < stride; begin += LANES) {
        bins found;
        bins_gradient g;
        fsbi_real inside[LANES], confined[LANES];
        confine(shape, x + begin, inside, confined);
        find_bins(shape, stride, parameters + begin, confined, false, &found);
        for (size_t l = 0; l < LANES; l++) {
            const fsbi_real gl = inside[l] * log_derivative_gradient[begin + l];
            const fsbi_real gy = inside[l] * gradient[begin + l];
            const bin b = bin_of(&found, l);
            const position p = position_in(&b, confined[l]);
            const fsbi_real x_gradient = bin_gradient(&b, &p, gy, gl, l, &g);
            gradient[begin + l] = x_gradient + (1 - inside[l]) * gradient[begin + l];
        }
        shares_backward(shape, stride, parameters + begin, found.index, g.left, g.width,
                        parameter_gradient + begin);
        shares_backward(shape, stride, parameters + heights + begin, found.index, g.bottom,
                        g.height, parameter_gradient + heights + begin);
        derivatives_backward(shape, stride, &found, &g, parameter_gradient + 2 * heights + begin);
    }
}

const fsbi_element fsbi_element_spline = {
    .parameters = parameters_of,
    .prepare = prepare,
    .forward = forward,
    .inverse = inverse,
    .backward = backward,
};
