/* The whole flow in double precision: gradient against central differences, log-determinant against
 * that of a brute-force Jacobian, sampling as the inverse, total probability one. */
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>

#include "fsbi/random.h"
#include "inference/estimator.h"
#include "unit.h"

static gsl_rng *stream(unsigned long seed) {
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    gsl_rng_set(rng, seed);
    return rng;
}

static void fill(gsl_rng *rng, double deviation, size_t count, fsbi_real *values) {
    for (size_t i = 0; i < count; i++)
        values[i] = gsl_ran_gaussian(rng, deviation);
}

static const fsbi_estimator *const nsf = &fsbi_estimator_nsf;

static void published_size(void **state) {
    (void)state;
    const fsbi_estimator_shape shape = {24, 4, 5, 50, 2, 10, 3};
    assert_int_equal(nsf->parameter_count(&shape), 149490);
    assert_ptr_equal(fsbi_estimator_find("nsf"), nsf);
    assert_null(fsbi_estimator_find("nfs"));
}

/* Weights well away from the nearly linear initial ones. */
static fsbi_real *random_weights(const fsbi_estimator_shape *shape, gsl_rng *rng) {
    fsbi_real *weights = malloc(nsf->parameter_count(shape) * sizeof *weights);
    nsf->initialise(shape, rng, weights);
    for (size_t i = 0; i < nsf->parameter_count(shape); i++)
        weights[i] += gsl_ran_gaussian(rng, 0.3);
    return weights;
}

static void gradient(void **state) {
    (void)state;
    enum { ROWS = 7 };
    static const fsbi_estimator_shape shapes[] = {
        {4, 2, 3, 8, 2, 5, 3}, {1, 1, 3, 8, 1, 5, 3}, {3, 1, 2, 6, 0, 4, 2}};
    gsl_rng *rng = stream(1);
    for (size_t which = 0; which < 3; which++) {
        const fsbi_estimator_shape *shape = &shapes[which];
        const size_t count = nsf->parameter_count(shape);
        fsbi_error error = {0};
        void *flow = nsf->create(shape, ROWS, &error);
        fsbi_real theta[ROWS * 4], x[ROWS * 2];
        fsbi_real *weights = random_weights(shape, rng);
        fsbi_real *found = malloc(count * sizeof *found);
        fsbi_real *scratch = malloc(count * sizeof *scratch);
        fill(rng, 1, ROWS * 4, theta);
        fill(rng, 1, ROWS * 2, x);
        nsf->loss_gradient(flow, weights, theta, x, ROWS, found);
        size_t nonzero = 0;
        for (size_t i = 0; i < count; i++) {
            const double h = 1e-6;
            const fsbi_real original = weights[i];
            weights[i] = original + h;
            const double up = nsf->loss_gradient(flow, weights, theta, x, ROWS, scratch);
            weights[i] = original - h;
            const double down = nsf->loss_gradient(flow, weights, theta, x, ROWS, scratch);
            weights[i] = original;
            const double expected = (up - down) / (2 * h);
            assert_near(found[i], expected, 2e-6 * (1 + fabs(expected)));
            nonzero += fabs(found[i]) > 1e-9;
        }
        assert_true(2 * nonzero > count);
        free(weights);
        free(found);
        free(scratch);
        nsf->destroy(flow);
    }
    gsl_rng_free(rng);
}

/* q(theta) = N(z(theta)) |dz/dtheta|: sampling gives theta(z); its Jacobian's determinant is the
 * inverse. */
static void inverse_and_determinant(void **state) {
    (void)state;
    enum { D = 4, ROWS = 1 };
    const fsbi_estimator_shape shape = {D, 2, 3, 8, 2, 6, 3};
    gsl_rng *rng = stream(2);
    fsbi_error error = {0};
    void *flow = nsf->create(&shape, ROWS, &error);
    for (int trial = 0; trial < 20; trial++) {
        fsbi_real *weights = random_weights(&shape, rng);
        fsbi_real x[2], noise[D], log_prob = 0;
        gsl_matrix *jacobian = gsl_matrix_alloc(D, D);
        gsl_permutation *permutation = gsl_permutation_alloc(D);
        fill(rng, 1, 2, x);
        fill(rng, 1, D, noise);
        double log_normal = 0;
        for (int i = 0; i < D; i++)
            log_normal -= 0.5 * noise[i] * noise[i] + 0.5 * log(2 * M_PI);
        fsbi_real theta[D];
        memcpy(theta, noise, sizeof theta);
        nsf->sample(flow, weights, x, 1, theta);
        for (int i = 0; i < D; i++) {
            const double h = 1e-6;
            fsbi_real up[D], down[D];
            memcpy(up, noise, sizeof up);
            memcpy(down, noise, sizeof down);
            up[i] += h;
            down[i] -= h;
            nsf->sample(flow, weights, x, 1, up);
            nsf->sample(flow, weights, x, 1, down);
            for (size_t j = 0; j < D; j++)
                gsl_matrix_set(jacobian, j, (size_t)i, (up[j] - down[j]) / (2 * h));
        }
        int sign = 0;
        gsl_linalg_LU_decomp(jacobian, permutation, &sign);
        nsf->log_prob(flow, weights, theta, x, 1, &log_prob);
        assert_near(log_prob, log_normal - gsl_linalg_LU_lndet(jacobian), 1e-4);
        gsl_matrix_free(jacobian);
        gsl_permutation_free(permutation);
        free(weights);
    }
    nsf->destroy(flow);
    gsl_rng_free(rng);
}

static void total_probability(void **state) {
    (void)state;
    enum { SIDE = 400 };
    const fsbi_estimator_shape shape = {2, 1, 3, 8, 2, 6, 3};
    gsl_rng *rng = stream(3);
    fsbi_error error = {0};
    void *flow = nsf->create(&shape, SIDE, &error);
    fsbi_real *weights = random_weights(&shape, rng);
    const double width = 24.0 / SIDE;
    double total = 0;
    for (int i = 0; i < SIDE; i++) {
        fsbi_real theta[2 * SIDE], x[SIDE], log_prob[SIDE];
        for (int j = 0; j < SIDE; j++) {
            theta[2 * j] = -12 + (i + 0.5) * width;
            theta[2 * j + 1] = -12 + (j + 0.5) * width;
            x[j] = 0.4;
        }
        nsf->log_prob(flow, weights, theta, x, SIDE, log_prob);
        for (int j = 0; j < SIDE; j++)
            total += exp(log_prob[j]) * width * width;
    }
    assert_near(total, 1, 5e-3);
    free(weights);
    nsf->destroy(flow);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(published_size), cmocka_unit_test(gradient),
                                       cmocka_unit_test(inverse_and_determinant),
                                       cmocka_unit_test(total_probability)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
