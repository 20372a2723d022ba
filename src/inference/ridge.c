#include "inference/ridge.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "nets/blas.h"

/* As many rows as these, of an x of no effect, are added to the known ones. */
static const double penalties[] = {1, 3, 10, 30, 100, 300, 1000, 10000};
enum { PENALTIES = sizeof penalties / sizeof *penalties };

typedef struct {
    const fsbi_training_data *data;
    size_t theta_size, x_size, width; /* width: with a column of ones */
    double *design;                   /* rows x width: known rows of x and a one, others 0 */
    double *target;                   /* rows */
    double *gram, *factor;            /* width x width */
    double *moment, *solution, *best; /* width */
} ridge;

static void clear(ridge *r) {
    free(r->design);
    free(r->target);
    free(r->gram);
    free(r->factor);
    free(r->moment);
    free(r->solution);
    free(r->best);
}

static fsbi_status init(ridge *r, fsbi_error *error) {
    const size_t rows = r->data->training_rows;
    const size_t square = r->width * r->width;
    r->design = fsbi_memory_allocate(rows * r->width, sizeof(double), error);
    r->target = fsbi_memory_allocate(rows, sizeof(double), error);
    r->gram = fsbi_memory_allocate(square, sizeof(double), error);
    r->factor = fsbi_memory_allocate(square, sizeof(double), error);
    r->moment = fsbi_memory_allocate(r->width, sizeof(double), error);
    r->solution = fsbi_memory_allocate(r->width, sizeof(double), error);
    r->best = fsbi_memory_allocate(r->width, sizeof(double), error);
    return r->design == NULL || r->target == NULL || r->gram == NULL || r->factor == NULL ||
                   r->moment == NULL || r->solution == NULL || r->best == NULL
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

static double value_of(const ridge *r, size_t row, size_t entry) {
    return (double)r->data->theta[fsbi_training_place(r->data, row) * r->theta_size + entry];
}

static double x_of(const ridge *r, size_t row, size_t k) {
    return (double)r->data->x[fsbi_training_place(r->data, row) * r->x_size + k];
}

/* Whether the same rows know two entries. */
static bool same_rows(const ridge *r, size_t one, size_t other) {
    for (size_t row = 0; row < r->data->training_rows; row++)
        if (isnan(value_of(r, row, one)) != isnan(value_of(r, row, other)))
            return false;
    return true;
}

/* Returns how many rows know the entry. */
static size_t collect(ridge *r, size_t entry) {
    const size_t rows = r->data->training_rows;
    size_t known = 0;
    for (size_t row = 0; row < rows; row++) {
        double *line = r->design + row * r->width;
        const double value = value_of(r, row, entry);
        const bool counts = !isnan(value);
        for (size_t k = 0; k < r->x_size; k++)
            line[k] = counts ? x_of(r, row, k) : 0;
        line[r->x_size] = counts;
        r->target[row] = counts ? value : 0;
        known += counts;
    }
    return known;
}

static void find_gram(ridge *r) {
    const gsl_matrix_const_view design =
        gsl_matrix_const_view_array(r->design, r->data->training_rows, r->width);
    gsl_matrix_view gram = gsl_matrix_view_array(r->gram, r->width, r->width);
    gsl_blas_dsyrk(CblasLower, CblasTrans, 1, &design.matrix, 0, &gram.matrix);
}

static void find_moment(ridge *r) {
    const gsl_matrix_const_view design =
        gsl_matrix_const_view_array(r->design, r->data->training_rows, r->width);
    const gsl_vector_const_view target =
        gsl_vector_const_view_array(r->target, r->data->training_rows);
    gsl_vector_view moment = gsl_vector_view_array(r->moment, r->width);
    gsl_blas_dgemv(CblasTrans, 1, &design.matrix, &target.vector, 0, &moment.vector);
}

static void solve(ridge *r, double penalty) {
    static const double of_ones = 1e-3; /* the intercept is free, but never undetermined */
    memcpy(r->factor, r->gram, r->width * r->width * sizeof *r->factor);
    for (size_t k = 0; k < r->width; k++)
        r->factor[k * r->width + k] += k < r->x_size ? penalty : of_ones;
    gsl_matrix_view factor = gsl_matrix_view_array(r->factor, r->width, r->width);
    const gsl_vector_const_view moment = gsl_vector_const_view_array(r->moment, r->width);
    gsl_vector_view solution = gsl_vector_view_array(r->solution, r->width);
    gsl_linalg_cholesky_decomp1(&factor.matrix);
    gsl_linalg_cholesky_solve(&factor.matrix, &moment.vector, &solution.vector);
}

/* Mean squared error of the rows held out that know the entry. */
static double held_out_error(const ridge *r, size_t entry) {
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < r->data->held_out_rows; i++) {
        const size_t row = r->data->training_rows + i;
        const double value = value_of(r, row, entry);
        if (isnan(value))
            continue;
        double off = r->solution[r->x_size] - value;
        for (size_t k = 0; k < r->x_size; k++)
            off += r->solution[k] * x_of(r, row, k);
        sum += off * off;
        known++;
    }
    return known > 0 ? sum / (double)known : 0;
}

static void fit_entry(ridge *r, size_t entry) {
    double least = INFINITY;
    find_moment(r);
    for (size_t i = PENALTIES; i-- > 0;) {
        solve(r, penalties[i]);
        const double found = held_out_error(r, entry);
        if (found < least) {
            least = found;
            memcpy(r->best, r->solution, r->width * sizeof *r->best);
        }
    }
}

fsbi_status fsbi_ridge_fit(const fsbi_training_data *data, size_t theta_size, size_t x_size,
                           fsbi_real *weights, fsbi_error *error) {
    ridge r = {.data = data, .theta_size = theta_size, .x_size = x_size, .width = x_size + 1};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_blas_prepare(error));
    FSBI_TRY_DONE(init(&r, error));
    memset(weights, 0, theta_size * r.width * sizeof *weights);
    for (size_t entry = 0; entry < theta_size; entry++) {
        if (collect(&r, entry) < 2)
            continue;
        if (entry == 0 || !same_rows(&r, entry - 1, entry))
            find_gram(&r);
        fit_entry(&r, entry);
        for (size_t k = 0; k < r.width; k++)
            weights[entry * r.width + k] = (fsbi_real)r.best[k];
    }
done:
    clear(&r);
    return status;
}
