#include <math.h>
#include <stdbool.h>
#include <tgmath.h>

#include "inference/bijector.h"
#include "nets/batch.h"
#include "nets/elementary.h"
#include "nets/vectors.h"

enum { LANES = FSBI_BATCH_LANES };

static const fsbi_real least_share = (fsbi_real)1e-3;

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
static void softmax(const fsbi_bijector_shape *specification, size_t stride, fsbi_real *shares) {
    const fsbi_real inverse_scale = 1 / specification->scale;
    fsbi_real largest[LANES], sum[LANES] = {0};
    for (size_t l = 0; l < LANES; l += FSBI_VECTOR) {
        fsbi_vector high = fsbi_vector_load(shares + l);
        for (size_t k = 1; k < specification->bins; k++) {
            const fsbi_vector other = fsbi_vector_load(shares + k * stride + l);
            high = fsbi_vector_choose(other > high, other, high);
        }
        fsbi_vector_store(high, largest + l);
    }
    for (size_t k = 0; k < specification->bins; k++)
        for (size_t l = 0; l < LANES; l++) {
            const fsbi_real below = (largest[l] - shares[k * stride + l]) * inverse_scale;
            shares[k * stride + l] = fsbi_real_exp_minus(below);
            sum[l] += shares[k * stride + l];
        }
    for (size_t l = 0; l < LANES; l += FSBI_VECTOR) {
        const fsbi_vector inverse_sum = 1 / fsbi_vector_load(sum + l);
        for (size_t k = 0; k < specification->bins; k++) {
            fsbi_real *share = shares + k * stride + l;
            fsbi_vector_store(fsbi_vector_load(share) * inverse_sum, share);
        }
    }
}

static void prepare(const fsbi_bijector_shape *specification, size_t stride,
                    fsbi_real *parameters) {
    for (size_t begin = 0; begin < stride; begin += LANES) {
        softmax(specification, stride, parameters + begin);
        softmax(specification, stride, parameters + specification->bins * stride + begin);
    }
}

static fsbi_real extent_factor(const fsbi_bijector_shape *specification) {
    return 2 * specification->bound * (1 - least_share * (fsbi_real)specification->bins);
}

/* A bin on the way: where the next one begins, and what choose_bin chooses from. */
typedef struct {
    fsbi_vector index, left, width, bottom, height, raw_left, raw_right;
} vector_bin;

static vector_bin choose_bin(fsbi_vector_mask mask, const vector_bin *a, const vector_bin *b) {
    return (vector_bin){fsbi_vector_choose(mask, a->index, b->index),
                        fsbi_vector_choose(mask, a->left, b->left),
                        fsbi_vector_choose(mask, a->width, b->width),
                        fsbi_vector_choose(mask, a->bottom, b->bottom),
                        fsbi_vector_choose(mask, a->height, b->height),
                        fsbi_vector_choose(mask, a->raw_left, b->raw_left),
                        fsbi_vector_choose(mask, a->raw_right, b->raw_right)};
}

/* Finds the bins of as many samples as a vector holds. All bins are gone through in turn; the last
 * one that begins at or before the value is kept. */
static vector_bin find_vector(const fsbi_bijector_shape *specification, size_t stride,
                              const fsbi_real *parameters, fsbi_vector value, bool by_height) {
    const fsbi_vector least = fsbi_vector_of(2 * specification->bound * least_share);
    const fsbi_vector factor = fsbi_vector_of(extent_factor(specification));
    const fsbi_vector at_ends = fsbi_vector_of(fsbi_bijector_raw_of_one);
    const fsbi_real *widths = parameters;
    const fsbi_real *heights = widths + specification->bins * stride;
    const fsbi_real *raw = heights + specification->bins * stride;
    vector_bin next = {.left = fsbi_vector_of(-specification->bound),
                       .width = least + factor * fsbi_vector_load(widths),
                       .bottom = fsbi_vector_of(-specification->bound),
                       .height = least + factor * fsbi_vector_load(heights),
                       .raw_left = at_ends,
                       .raw_right = fsbi_vector_load(raw)};
    vector_bin found = next;
    for (size_t k = 1; k < specification->bins; k++) {
        next.index += 1;
        next.left += next.width;
        next.bottom += next.height;
        next.width = least + factor * fsbi_vector_load(widths + k * stride);
        next.height = least + factor * fsbi_vector_load(heights + k * stride);
        next.raw_left = next.raw_right;
        next.raw_right = k + 1 < specification->bins ? fsbi_vector_load(raw + k * stride) : at_ends;
        const fsbi_vector_mask beyond = value >= (by_height ? next.bottom : next.left);
        found = choose_bin(beyond, &next, &found);
    }
    return found;
}

/* Finds each sample's bin: by x along the widths, or by y along the heights. */
static void find_bins(const fsbi_bijector_shape *specification, size_t stride,
                      const fsbi_real *parameters, const fsbi_real *value, bool by_height,
                      bins *found) {
    for (size_t l = 0; l < LANES; l += FSBI_VECTOR) {
        const vector_bin b = find_vector(specification, stride, parameters + l,
                                         fsbi_vector_load(value + l), by_height);
        fsbi_vector_store(b.index, found->index + l);
        fsbi_vector_store(b.left, found->left + l);
        fsbi_vector_store(b.width, found->width + l);
        fsbi_vector_store(b.bottom, found->bottom + l);
        fsbi_vector_store(b.height, found->height + l);
        fsbi_vector_store(b.raw_left, found->raw_left + l);
        fsbi_vector_store(b.raw_right, found->raw_right + l);
    }
    for (size_t l = 0; l < LANES; l++)
        found->derivative_left[l] =
            fsbi_bijector_least_slope + fsbi_real_softplus(found->raw_left[l]);
    for (size_t l = 0; l < LANES; l++)
        found->derivative_right[l] =
            fsbi_bijector_least_slope + fsbi_real_softplus(found->raw_right[l]);
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
static void confine(const fsbi_bijector_shape *specification, const fsbi_real *x, fsbi_real *inside,
                    fsbi_real *confined) {
    for (size_t l = 0; l < LANES; l++) {
        inside[l] = fabs(x[l]) < specification->bound ? 1 : 0;
        confined[l] = inside[l] > 0 ? x[l] : 0;
    }
}

static void forward(const fsbi_bijector_shape *specification, size_t stride,
                    const fsbi_real *parameters, fsbi_real *x, fsbi_real *log_derivative) {
    for (size_t begin = 0; begin < stride; begin += LANES) {
        bins found;
        fsbi_real inside[LANES], confined[LANES];
        confine(specification, x + begin, inside, confined);
        find_bins(specification, stride, parameters + begin, confined, false, &found);
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

static void inverse(const fsbi_bijector_shape *specification, size_t stride,
                    const fsbi_real *parameters, fsbi_real *y) {
    for (size_t begin = 0; begin < stride; begin += LANES) {
        bins found;
        fsbi_real inside[LANES], confined[LANES];
        confine(specification, y + begin, inside, confined);
        find_bins(specification, stride, parameters + begin, confined, true, &found);
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

/* Gradients with respect to the lower knot and the extent of the bin of each sample. */
typedef struct {
    const fsbi_real *index, *knot, *extent;
} shares_gradient;

/* Gradient of raw widths or heights: the extent of the bin and all knots before it depend on the
 * shares; then through the softmax. */
static void shares_backward(const fsbi_bijector_shape *specification, size_t stride,
                            const fsbi_real *shares, const shares_gradient *of,
                            fsbi_real *gradient) {
    const fsbi_vector scale = fsbi_vector_of(extent_factor(specification) / specification->scale);
    const fsbi_vector nothing = fsbi_vector_of(0);
    for (size_t l = 0; l < LANES; l += FSBI_VECTOR) {
        const fsbi_vector at = fsbi_vector_load(of->index + l);
        const fsbi_vector before = fsbi_vector_load(of->knot + l);
        const fsbi_vector here = fsbi_vector_load(of->extent + l);
        fsbi_vector mean = nothing;
        for (size_t k = 0; k < specification->bins; k++) {
            const fsbi_vector bin_index = fsbi_vector_of((fsbi_real)k);
            const fsbi_vector g = fsbi_vector_choose(
                bin_index < at, before, fsbi_vector_choose(bin_index == at, here, nothing));
            mean += fsbi_vector_load(shares + k * stride + l) * g;
            fsbi_vector_store(g, gradient + k * stride + l);
        }
        for (size_t k = 0; k < specification->bins; k++) {
            fsbi_real *entry = gradient + k * stride + l;
            const fsbi_vector share = fsbi_vector_load(shares + k * stride + l);
            fsbi_vector_store(share * (fsbi_vector_load(entry) - mean) * scale, entry);
        }
    }
}

static void derivatives_backward(const fsbi_bijector_shape *specification, size_t stride,
                                 const bins *found, const bins_gradient *g, fsbi_real *gradient) {
    fsbi_real left[LANES], right[LANES];
    for (size_t l = 0; l < LANES; l++)
        left[l] = g->raw_left[l] * fsbi_real_sigmoid(found->raw_left[l]);
    for (size_t l = 0; l < LANES; l++)
        right[l] = g->raw_right[l] * fsbi_real_sigmoid(found->raw_right[l]);
    for (size_t l = 0; l < LANES; l += FSBI_VECTOR) {
        const fsbi_vector at = fsbi_vector_load(found->index + l);
        const fsbi_vector of_left = fsbi_vector_load(left + l);
        const fsbi_vector of_right = fsbi_vector_load(right + l);
        for (size_t k = 0; k + 1 < specification->bins; k++) {
            const fsbi_vector knot_after = fsbi_vector_of((fsbi_real)(k + 1));
            const fsbi_vector knot_before = fsbi_vector_of((fsbi_real)k);
            const fsbi_vector of_either =
                fsbi_vector_choose(knot_after == at, of_left, fsbi_vector_of(0));
            fsbi_vector_store(fsbi_vector_choose(knot_before == at, of_right, of_either),
                              gradient + k * stride + l);
        }
    }
}

static void backward(const fsbi_bijector_shape *specification, size_t stride,
                     const fsbi_real *parameters, const fsbi_real *x,
                     const fsbi_bijector_gradients *gradients) {
    const fsbi_real *log_derivative_gradient = gradients->log_derivative;
    fsbi_real *gradient = gradients->value;
    fsbi_real *parameter_gradient = gradients->parameters;
    const size_t heights = specification->bins * stride;
    for (size_t begin = 0; begin < stride; begin += LANES) {
        bins found;
        bins_gradient g;
        fsbi_real inside[LANES], confined[LANES];
        confine(specification, x + begin, inside, confined);
        find_bins(specification, stride, parameters + begin, confined, false, &found);
        for (size_t l = 0; l < LANES; l++) {
            const fsbi_real gl = inside[l] * log_derivative_gradient[begin + l];
            const fsbi_real gy = inside[l] * gradient[begin + l];
            const bin b = bin_of(&found, l);
            const position p = position_in(&b, confined[l]);
            const fsbi_real x_gradient = bin_gradient(&b, &p, gy, gl, l, &g);
            gradient[begin + l] = x_gradient + (1 - inside[l]) * gradient[begin + l];
        }
        const shares_gradient widths = {found.index, g.left, g.width};
        const shares_gradient extents = {found.index, g.bottom, g.height};
        shares_backward(specification, stride, parameters + begin, &widths,
                        parameter_gradient + begin);
        shares_backward(specification, stride, parameters + heights + begin, &extents,
                        parameter_gradient + heights + begin);
        derivatives_backward(specification, stride, &found, &g,
                             parameter_gradient + 2 * heights + begin);
    }
}

const fsbi_bijector fsbi_bijector_spline = {
    .parameters = parameters_of,
    .prepare = prepare,
    .forward = forward,
    .inverse = inverse,
    .backward = backward,
};
