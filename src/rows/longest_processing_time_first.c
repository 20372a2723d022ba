#include "rows/longest_processing_time_first.h"

#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

/* Rows that are looked at, and the time below which order does not matter. */
enum { FEWEST = 100, MOST = 5000 };
static const double shortest = 0.02; /* s */

/* A fit of log(time) - mean to features of theta. */
typedef struct {
    const fsbi_model *model;
    size_t features;
    double mean;
    gsl_vector *coefficients;
} time_model;

/* A finished row. */
typedef struct {
    const fsbi_row *row;
} known_row;

/* A rule with the time it is expected to take, for sorting. */
typedef struct {
    double log_time;
    size_t index;
} expectation;

static void find_features(const fsbi_model *model, const double *theta, double *features) {
    for (size_t i = 0; i < model->parameter_count; i++) {
        const fsbi_parameter *p = &model->parameters[i];
        const double place = p->high > p->low ? (theta[i] - p->low) / (p->high - p->low) : 0.5;
        const double centred = 2 * fmin(fmax(place, 0), 1) - 1;
        *features++ = centred;
        *features++ = centred * centred;
    }
}

/* Every k-th of the finished rows, so that they are MOST at most. */
static size_t choose_rows(const fsbi_row_set *set, known_row *chosen) {
    size_t finished = 0;
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        const size_t stride = finished / MOST + 1;
        size_t seen = 0;
        for (size_t round = set->first; round < set->end; round++) {
            for (size_t i = 0; i < set->rounds[round].simulations; i++) {
                const fsbi_row *row = fsbi_row_at(set->shape, set->rows[round], i);
                if (!fsbi_row_done(set->shape, row) || !(row->wall_time > 0) ||
                    !isfinite(row->wall_time))
                    continue;
                if (pass == 1 && seen % stride == 0 && count < MOST)
                    chosen[count++].row = row;
                seen++;
            }
        }
        finished = seen;
    }
    return count;
}

static fsbi_status fit(time_model *m, const known_row *rows, size_t count, fsbi_error *error) {
    static const double ridge = 0.1; /* of a feature's own variance, which is of order 1 */
    double residual = 0;
    double norm = 0;
    gsl_matrix *features = gsl_matrix_alloc(count, m->features);
    gsl_vector *times = gsl_vector_alloc(count);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(count, m->features);
    m->coefficients = gsl_vector_alloc(m->features);
    fsbi_status status =
        features == NULL || times == NULL || work == NULL || m->coefficients == NULL
            ? fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for a fit")
            : FSBI_OK;
    m->mean = 0;
    for (size_t i = 0; i < count; i++)
        m->mean += log(rows[i].row->wall_time) / (double)count;
    for (size_t i = 0; i < count && status == FSBI_OK; i++) {
        find_features(m->model, rows[i].row->values, gsl_matrix_ptr(features, i, 0));
        gsl_vector_set(times, i, log(rows[i].row->wall_time) - m->mean);
    }
    if (status == FSBI_OK &&
        (gsl_multifit_linear_svd(features, work) != 0 ||
         gsl_multifit_linear_solve(sqrt(ridge * (double)count), features, times, m->coefficients,
                                   &norm, &residual, work) != 0))
        status = fsbi_error_set(error, FSBI_HOPELESS, "no fit of the simulations' times");
    gsl_multifit_linear_free(work);
    gsl_vector_free(times);
    gsl_matrix_free(features);
    return status;
}

static int compare(const void *a, const void *b) {
    const expectation *left = a;
    const expectation *right = b;
    if (left->log_time != right->log_time)
        return left->log_time > right->log_time ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

static fsbi_status sort(const time_model *m, const fsbi_row_set *set, size_t *indices, size_t count,
                        fsbi_error *error) {
    double *features = fsbi_memory_allocate(m->features, sizeof *features, error);
    expectation *expected = fsbi_memory_allocate(count, sizeof *expected, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(features == NULL || expected == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (size_t i = 0; i < count; i++) {
        expected[i].index = indices[i];
        find_features(m->model, fsbi_row_set_at(set, set->end - 1, indices[i])->values, features);
        for (size_t k = 0; k < m->features; k++)
            expected[i].log_time += features[k] * gsl_vector_get(m->coefficients, k);
    }
    qsort(expected, count, sizeof *expected, compare);
    for (size_t i = 0; i < count; i++)
        indices[i] = expected[i].index;
done:
    free(expected);
    free(features);
    return status;
}

fsbi_status fsbi_longest_processing_time_first(const fsbi_model *model, const fsbi_row_set *set,
                                               size_t *indices, size_t count, fsbi_error *error) {
    time_model m = {.model = model, .features = 2 * model->parameter_count};
    known_row *rows = fsbi_memory_allocate(MOST, sizeof *rows, error);
    if (rows == NULL)
        return FSBI_NO_MEMORY;
    const size_t known = choose_rows(set, rows);
    fsbi_status status = FSBI_OK;
    if (known >= FEWEST && known > 2 * m.features)
        status = fit(&m, rows, known, error);
    if (status == FSBI_OK && m.coefficients != NULL && exp(m.mean) > shortest)
        status = sort(&m, set, indices, count, error);
    gsl_vector_free(m.coefficients);
    free(rows);
    return status == FSBI_HOPELESS ? FSBI_OK : status;
}
