#include "inference/mode.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "inference/box_map.h"

/* A climb in coordinates without bounds. */
typedef struct {
    fsbi_posterior_workspace *workspace;
    const double *x;
    double *theta, *gradient; /* room */
} climb;

static bool is_bounded(const fsbi_posterior *posterior, size_t j) {
    return isfinite(posterior->low[j]) && isfinite(posterior->high[j]);
}

static fsbi_box box_of(const fsbi_posterior *posterior, size_t j) {
    return (fsbi_box){.low = posterior->low[j], .high = posterior->high[j], .margin = 1e-6};
}

static double to_coordinate(const fsbi_posterior *posterior, size_t j, double theta) {
    const fsbi_box box = box_of(posterior, j);
    return is_bounded(posterior, j) ? fsbi_box_stretch(&box, theta)
                                    : (theta - posterior->theta_mean[j]) / posterior->theta_std[j];
}

static double from_coordinate(const fsbi_posterior *posterior, size_t j, double coordinate) {
    const fsbi_box box = box_of(posterior, j);
    return is_bounded(posterior, j)
               ? fsbi_box_unstretch(&box, coordinate)
               : posterior->theta_mean[j] + posterior->theta_std[j] * coordinate;
}

static double rate(const fsbi_posterior *posterior, size_t j, double coordinate) {
    const fsbi_box box = box_of(posterior, j);
    return is_bounded(posterior, j) ? fsbi_box_slope(&box, coordinate) : posterior->theta_std[j];
}

static void value_and_gradient(const gsl_vector *at, void *context, double *value,
                               gsl_vector *gradient) {
    const climb *c = context;
    const fsbi_posterior *posterior = c->workspace->posterior;
    for (size_t j = 0; j < at->size; j++)
        c->theta[j] = from_coordinate(posterior, j, gsl_vector_get(at, j));
    *value = -fsbi_posterior_gradient(c->workspace, c->theta, c->x, c->gradient);
    for (size_t j = 0; j < at->size; j++)
        gsl_vector_set(gradient, j, -c->gradient[j] * rate(posterior, j, gsl_vector_get(at, j)));
}

static double value_alone(const gsl_vector *at, void *context) {
    const climb *c = context;
    const fsbi_posterior *posterior = c->workspace->posterior;
    double log_prob = 0;
    for (size_t j = 0; j < at->size; j++)
        c->theta[j] = from_coordinate(posterior, j, gsl_vector_get(at, j));
    fsbi_posterior_log_prob(c->workspace, c->theta, c->x, 1, &log_prob);
    return -log_prob;
}

static void gradient_alone(const gsl_vector *at, void *context, gsl_vector *gradient) {
    double value = 0;
    value_and_gradient(at, context, &value, gradient);
}

/* Iterates until nothing more is gained; single precision makes the last steps noisy, which ends
 * the climb too. */
static void iterate(gsl_multimin_fdfminimizer *minimizer) {
    enum { MOST_ITERATIONS = 500 };
    for (int i = 0; i < MOST_ITERATIONS; i++) {
        const double before = minimizer->f;
        if (gsl_multimin_fdfminimizer_iterate(minimizer) != GSL_SUCCESS)
            return;
        if (fabs(before - minimizer->f) < 1e-5 &&
            gsl_multimin_test_gradient(minimizer->gradient, 1e-2) == GSL_SUCCESS)
            return;
    }
}

fsbi_status fsbi_mode_climb(fsbi_posterior_workspace *workspace, const double *x, double *theta,
                            double *log_prob, fsbi_error *error) {
    const fsbi_posterior *posterior = workspace->posterior;
    const size_t n = posterior->specification.theta_size;
    double *room = fsbi_memory_allocate(2 * n, sizeof *room, error);
    gsl_vector *start = gsl_vector_alloc(n);
    gsl_multimin_fdfminimizer *minimizer =
        gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, n);
    fsbi_status status = FSBI_OK;
    if (room == NULL || start == NULL || minimizer == NULL) {
        status = fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for finding a mode");
    } else {
        climb c = {workspace, x, room, room + n};
        gsl_multimin_function_fdf function = {value_alone, gradient_alone, value_and_gradient, n,
                                              &c};
        for (size_t j = 0; j < n; j++)
            gsl_vector_set(start, j, to_coordinate(posterior, j, theta[j]));
        gsl_multimin_fdfminimizer_set(minimizer, &function, start, 0.1, 0.1);
        iterate(minimizer);
        for (size_t j = 0; j < n; j++)
            theta[j] = from_coordinate(posterior, j, gsl_vector_get(minimizer->x, j));
        *log_prob = -minimizer->f;
    }
    if (minimizer != NULL)
        gsl_multimin_fdfminimizer_free(minimizer);
    if (start != NULL)
        gsl_vector_free(start);
    free(room);
    return status;
}

/* Where a density is looked at: within the box, or where there is none, four standard deviations
 * around the mean of the training rows. */
static double grid_low(const fsbi_posterior *posterior, size_t j) {
    return is_bounded(posterior, j) ? posterior->low[j]
                                    : posterior->theta_mean[j] - 4 * posterior->theta_std[j];
}

static double grid_width(const fsbi_posterior *posterior, size_t j) {
    return is_bounded(posterior, j) ? posterior->high[j] - posterior->low[j]
                                    : 8 * posterior->theta_std[j];
}

/* The correlation of a density given by its logarithm on a square grid. */
static double grid_correlation(const double *log_density) {
    const size_t side = FSBI_CONDITIONAL_GRID;
    double largest = -INFINITY;
    double total = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (size_t k = 0; k < side * side; k++)
        largest = fmax(largest, log_density[k]);
    for (size_t k = 0; k < side * side; k++) {
        const double weight = exp(log_density[k] - largest);
        const size_t at_row = k / side;
        const double row = (double)at_row;
        const double column = (double)(k % side);
        total += weight;
        a += weight * row;
        b += weight * column;
        aa += weight * row * row;
        bb += weight * column * column;
        ab += weight * row * column;
    }
    const double variances = (aa * total - a * a) * (bb * total - b * b);
    return variances > 0 ? (ab * total - a * b) / sqrt(variances) : 0;
}

fsbi_status fsbi_mode_conditional_correlation(fsbi_posterior_workspace *workspace, const double *x,
                                              const double *theta, const size_t pair[2],
                                              double *correlation, fsbi_error *error) {
    enum { SIDE = FSBI_CONDITIONAL_GRID };
    const fsbi_posterior *posterior = workspace->posterior;
    const size_t theta_size = posterior->specification.theta_size;
    const size_t x_size = posterior->specification.x_size;
    const size_t points = (size_t)SIDE * SIDE;
    double *grid = fsbi_memory_allocate(points * (theta_size + x_size + 1), sizeof *grid, error);
    if (grid == NULL)
        return FSBI_NO_MEMORY;
    double *grid_x = grid + points * theta_size;
    double *log_density = grid_x + points * x_size;
    for (size_t k = 0; k < points; k++) {
        const size_t at[] = {k / SIDE, k % SIDE};
        memcpy(grid + k * theta_size, theta, theta_size * sizeof *theta);
        memcpy(grid_x + k * x_size, x, x_size * sizeof *x);
        for (size_t i = 0; i < 2; i++) {
            const double width = grid_width(posterior, pair[i]);
            grid[k * theta_size + pair[i]] =
                grid_low(posterior, pair[i]) + width * ((double)at[i] + 0.5) / SIDE;
        }
    }
    fsbi_posterior_log_prob(workspace, grid, grid_x, points, log_density);
    *correlation = grid_correlation(log_density);
    free(grid);
    return FSBI_OK;
}
