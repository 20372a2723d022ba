/* Whole flows in double precision: gradients against central differences, log-determinant against
 * that of a brute-force Jacobian, sampling as the inverse, total probability one; and the
 * classifier's gradient. */
#include <gsl/gsl_linalg.h>

#include "inference/estimator.h"
#include "inference/streams.h"
#include "unit.h"

static const fsbi_estimator *const flows[] = {&fsbi_estimator_nsf, &fsbi_estimator_maf,
                                              &fsbi_estimator_nsf_ar};

enum { FLOWS = 3 };

static void published_size(void **state) {
    (void)state;
    const fsbi_estimator_specification specification = {.theta_size = 24,
                                                        .x_size = 4,
                                                        .transforms = 5,
                                                        .hidden_features = 50,
                                                        .blocks = 2,
                                                        .bins = 10,
                                                        .tail_bound = 3};
    assert_int_equal(fsbi_estimator_nsf.parameter_count(&fsbi_estimator_nsf, &specification),
                     149490);
    for (size_t i = 0; i < FLOWS; i++)
        assert_ptr_equal(fsbi_estimator_find(flows[i]->name), flows[i]);
    assert_null(fsbi_estimator_find("nfs"));
}

/* Weights well away from the nearly linear initial ones. */
static fsbi_real *random_weights(const fsbi_estimator *estimator,
                                 const fsbi_estimator_specification *specification, gsl_rng *rng) {
    const size_t count = estimator->parameter_count(estimator, specification);
    fsbi_real *weights = malloc(count * sizeof *weights);
    estimator->initialise(estimator, specification, rng, weights);
    for (size_t i = 0; i < count; i++)
        weights[i] += gsl_ran_gaussian(rng, 0.3);
    return weights;
}

enum { ROWS = 7, WEIGHTED = 3 };

/* The loss's gradient, with respect to the weights, and its value as the sum of log-densities. */
static void check_gradient(const fsbi_estimator *estimator,
                           const fsbi_estimator_specification *specification,
                           const fsbi_real *theta, const fsbi_real *x, gsl_rng *rng) {
    const double weight = 1.0 / WEIGHTED;
    const size_t count = estimator->parameter_count(estimator, specification);
    fsbi_error error = {0};
    void *workspace = estimator->create(estimator, specification, ROWS, &error);
    fsbi_real *weights = random_weights(estimator, specification, rng);
    fsbi_real *found = malloc(count * sizeof *found);
    fsbi_real *scratch = malloc(count * sizeof *scratch);
    fsbi_real log_prob[ROWS];
    const double loss = estimator->loss_gradient(
        workspace, weights, &(fsbi_estimator_batch){theta, x, ROWS}, weight, found);
    estimator->log_prob(workspace, weights, &(fsbi_estimator_batch){theta, x, ROWS}, log_prob);
    double sum = 0;
    for (size_t i = 0; i < ROWS; i++)
        sum -= weight * log_prob[i];
    assert_near(loss, sum, 1e-12 * (1 + fabs(sum)));
    size_t nonzero = 0;
    for (size_t i = 0; i < count; i++) {
        const double h = 1e-6;
        const fsbi_real original = weights[i];
        weights[i] = original + h;
        const double up = estimator->loss_gradient(
            workspace, weights, &(fsbi_estimator_batch){theta, x, ROWS}, weight, scratch);
        weights[i] = original - h;
        const double down = estimator->loss_gradient(
            workspace, weights, &(fsbi_estimator_batch){theta, x, ROWS}, weight, scratch);
        weights[i] = original;
        const double expected = (up - down) / (2 * h);
        assert_near(found[i], expected, 3e-6 * (1 + fabs(expected)));
        nonzero += fabs(found[i]) > 1e-9;
    }
    assert_true(4 * nonzero > count);
    free(weights);
    free(found);
    free(scratch);
    estimator->destroy(workspace);
}

static void gradient(void **state) {
    (void)state;
    static const fsbi_estimator_specification shapes[] = {{.theta_size = 4,
                                                           .x_size = 2,
                                                           .transforms = 3,
                                                           .hidden_features = 8,
                                                           .blocks = 2,
                                                           .bins = 5,
                                                           .tail_bound = 3},
                                                          {.theta_size = 1,
                                                           .x_size = 1,
                                                           .transforms = 3,
                                                           .hidden_features = 8,
                                                           .blocks = 1,
                                                           .bins = 5,
                                                           .tail_bound = 3},
                                                          {.theta_size = 3,
                                                           .x_size = 1,
                                                           .transforms = 2,
                                                           .hidden_features = 6,
                                                           .blocks = 0,
                                                           .bins = 4,
                                                           .tail_bound = 2}};
    gsl_rng *rng = new_stream(1);
    for (size_t which = 0; which < FLOWS * 3; which++) {
        fsbi_real theta[ROWS * 4], x[ROWS * 2];
        fill(rng, 1, ROWS * 4, theta);
        fill(rng, 1, ROWS * 2, x);
        check_gradient(flows[which % FLOWS], &shapes[which / FLOWS], theta, x, rng);
    }
    gsl_rng_free(rng);
}

static void classifier(void **state) {
    (void)state;
    const fsbi_estimator_specification specification = {.theta_size = 1,
                                                        .x_size = 3,
                                                        .transforms = 1,
                                                        .hidden_features = 8,
                                                        .blocks = 2,
                                                        .bins = 2,
                                                        .tail_bound = 3};
    static const fsbi_real labels[ROWS] = {0, 1, 1, 0, 1, 0, 1};
    gsl_rng *rng = new_stream(7);
    fsbi_error error = {0};
    fsbi_real x[ROWS * 3], log_true[ROWS], log_false[ROWS];
    fsbi_real ones[ROWS], zeros[ROWS];
    const fsbi_estimator *estimator = &fsbi_estimator_classifier;
    fill(rng, 1, ROWS * 3, x);
    check_gradient(estimator, &specification, labels, x, rng);
    void *workspace = estimator->create(estimator, &specification, ROWS, &error);
    fsbi_real *weights = random_weights(estimator, &specification, rng);
    for (size_t i = 0; i < ROWS; i++) {
        ones[i] = 1;
        zeros[i] = 0;
    }
    estimator->log_prob(workspace, weights, &(fsbi_estimator_batch){ones, x, ROWS}, log_true);
    estimator->log_prob(workspace, weights, &(fsbi_estimator_batch){zeros, x, ROWS}, log_false);
    for (size_t i = 0; i < ROWS; i++)
        assert_near(exp(log_true[i]) + exp(log_false[i]), 1, 1e-12);
    estimator->destroy(workspace);
    free(weights);
    gsl_rng_free(rng);
}

/* Rows of which some entries, or all, are not known. */
static void emulator(void **state) {
    (void)state;
    const fsbi_estimator_specification specification = {.theta_size = 3,
                                                        .x_size = 4,
                                                        .transforms = 3,
                                                        .hidden_features = 8,
                                                        .blocks = 1,
                                                        .bins = 2,
                                                        .tail_bound = 3};
    gsl_rng *rng = new_stream(8);
    fsbi_real theta[ROWS * 3], x[ROWS * 4];
    fill(rng, 1, ROWS * 3, theta);
    fill(rng, 1, ROWS * 4, x);
    theta[1] = theta[3] = theta[4] = theta[5] = NAN;
    check_gradient(&fsbi_estimator_emulator, &specification, theta, x, rng);
    gsl_rng_free(rng);
}

/* The gradient with respect to theta, of every row for itself. */
static void theta_gradient(void **state) {
    (void)state;
    enum { D = 4 };
    const fsbi_estimator_specification specification = {.theta_size = D,
                                                        .x_size = 2,
                                                        .transforms = 3,
                                                        .hidden_features = 8,
                                                        .blocks = 2,
                                                        .bins = 5,
                                                        .tail_bound = 3};
    gsl_rng *rng = new_stream(8);
    for (size_t which = 0; which < FLOWS; which++) {
        const fsbi_estimator *estimator = flows[which];
        fsbi_error error = {0};
        void *workspace = estimator->create(estimator, &specification, ROWS, &error);
        fsbi_real *weights = random_weights(estimator, &specification, rng);
        fsbi_real theta[ROWS * D], x[ROWS * 2], found[ROWS * D], log_prob[ROWS], up[ROWS],
            down[ROWS];
        fill(rng, 1, ROWS * D, theta);
        fill(rng, 1, ROWS * 2, x);
        estimator->theta_gradient(workspace, weights, &(fsbi_estimator_batch){theta, x, ROWS},
                                  log_prob, found);
        for (size_t k = 0; k < ROWS * D; k++) {
            const double h = 1e-6;
            const fsbi_real original = theta[k];
            theta[k] = original + h;
            estimator->log_prob(workspace, weights, &(fsbi_estimator_batch){theta, x, ROWS}, up);
            theta[k] = original - h;
            estimator->log_prob(workspace, weights, &(fsbi_estimator_batch){theta, x, ROWS}, down);
            theta[k] = original;
            const double expected = (up[k / D] - down[k / D]) / (2 * h);
            assert_near(found[k], expected, 3e-6 * (1 + fabs(expected)));
        }
        free(weights);
        estimator->destroy(workspace);
    }
    gsl_rng_free(rng);
}

/* q(theta) = N(z(theta)) |dz/dtheta|: sampling gives theta(z); its Jacobian's determinant is the
 * inverse. */
static void inverse_and_determinant(void **state) {
    (void)state;
    enum { D = 4, TRIALS = 20 };
    const fsbi_estimator_specification specification = {.theta_size = D,
                                                        .x_size = 2,
                                                        .transforms = 3,
                                                        .hidden_features = 8,
                                                        .blocks = 2,
                                                        .bins = 6,
                                                        .tail_bound = 3};
    gsl_rng *rng = new_stream(2);
    fsbi_error error = {0};
    for (int trial = 0; trial < FLOWS * TRIALS; trial++) {
        const fsbi_estimator *estimator = flows[trial % FLOWS];
        void *flow = estimator->create(estimator, &specification, 1, &error);
        fsbi_real *weights = random_weights(estimator, &specification, rng);
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
        estimator->sample(flow, weights, x, 1, theta);
        for (int i = 0; i < D; i++) {
            const double h = 1e-6;
            fsbi_real up[D], down[D];
            memcpy(up, noise, sizeof up);
            memcpy(down, noise, sizeof down);
            up[i] += h;
            down[i] -= h;
            estimator->sample(flow, weights, x, 1, up);
            estimator->sample(flow, weights, x, 1, down);
            for (size_t j = 0; j < D; j++)
                gsl_matrix_set(jacobian, j, (size_t)i, (up[j] - down[j]) / (2 * h));
        }
        int sign = 0;
        gsl_linalg_LU_decomp(jacobian, permutation, &sign);
        estimator->log_prob(flow, weights, &(fsbi_estimator_batch){theta, x, 1}, &log_prob);
        assert_near(log_prob, log_normal - gsl_linalg_LU_lndet(jacobian), 1e-4);
        gsl_matrix_free(jacobian);
        gsl_permutation_free(permutation);
        free(weights);
        estimator->destroy(flow);
    }
    gsl_rng_free(rng);
}

static void check_total_probability(const fsbi_estimator *estimator) {
    enum { SIDE = 400 };
    const fsbi_estimator_specification specification = {.theta_size = 2,
                                                        .x_size = 1,
                                                        .transforms = 3,
                                                        .hidden_features = 8,
                                                        .blocks = 2,
                                                        .bins = 6,
                                                        .tail_bound = 3};
    gsl_rng *rng = new_stream(3);
    fsbi_error error = {0};
    void *flow = estimator->create(estimator, &specification, SIDE, &error);
    fsbi_real *weights = random_weights(estimator, &specification, rng);
    const double width = 24.0 / SIDE;
    double total = 0;
    for (int i = 0; i < SIDE; i++) {
        fsbi_real theta[2 * SIDE], x[SIDE], log_prob[SIDE];
        for (int j = 0; j < SIDE; j++) {
            theta[2 * j] = -12 + (i + 0.5) * width;
            theta[2 * j + 1] = -12 + (j + 0.5) * width;
            x[j] = 0.4;
        }
        estimator->log_prob(flow, weights, &(fsbi_estimator_batch){theta, x, SIDE}, log_prob);
        for (int j = 0; j < SIDE; j++)
            total += exp(log_prob[j]) * width * width;
    }
    assert_near(total, 1, 5e-3);
    free(weights);
    estimator->destroy(flow);
    gsl_rng_free(rng);
}

static void total_probability(void **state) {
    (void)state;
    for (size_t which = 0; which < FLOWS; which++)
        check_total_probability(flows[which]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_size),   cmocka_unit_test(gradient),
        cmocka_unit_test(classifier),       cmocka_unit_test(emulator),
        cmocka_unit_test(theta_gradient),   cmocka_unit_test(inverse_and_determinant),
        cmocka_unit_test(total_probability)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
