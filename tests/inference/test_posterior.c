/* Training and sampling, in the precision that users get, against densities known in closed form.
 */
#include "inference/known_posterior.h"
#include "nets/adam.h"

enum { TESTS = 2000 };

/* The gap of the mean log-density on fresh rows is the divergence from the truth. */
static void check_density(const fsbi_posterior *posterior, double allowed) {
    gsl_rng *rng = new_stream(21);
    fsbi_error error = {0};
    fsbi_posterior_workspace workspace;
    double *theta = malloc(2 * TESTS * sizeof *theta);
    double *x = malloc(TESTS * sizeof *x);
    double *log_prob = malloc(TESTS * sizeof *log_prob);
    double gap = 0;
    draw_known(rng, TESTS, theta, x);
    assert_ok(fsbi_posterior_workspace_init(&workspace, posterior, &error), error);
    fsbi_posterior_log_prob(&workspace, theta, x, TESTS, log_prob);
    for (int i = 0; i < TESTS; i++)
        gap += (known_log_prob(theta + (size_t)2 * (size_t)i, x[i]) - log_prob[i]) / TESTS;
    print_message("%s%s: gap to the exact log-density %.4f nats\n", posterior->estimator->name,
                  posterior->unbounded ? ", stretched" : "", gap);
    assert_true(fabs(gap) < allowed);
    fsbi_posterior_workspace_clear(&workspace);
    free(theta);
    free(x);
    free(log_prob);
    gsl_rng_free(rng);
}

/* The gradient in the units of theta against differences; single precision leaves some noise. Not
 * of a spline flow: there the gradient jumps at knots, which such wide differences straddle. */
static void check_gradient(const fsbi_posterior *posterior) {
    fsbi_error error = {0};
    fsbi_posterior_workspace workspace;
    assert_ok(fsbi_posterior_workspace_init(&workspace, posterior, &error), error);
    for (int i = 0; i < 20; i++) {
        const double x = -1 + 0.1 * i;
        double theta[2] = {0.8 * x + 0.03 * i, 0.3 - 0.05 * i};
        double gradient[2], side[2], log_prob = 0;
        const double value = fsbi_posterior_gradient(&workspace, theta, &x, gradient);
        fsbi_posterior_log_prob(&workspace, theta, &x, 1, &log_prob);
        assert_near(value, log_prob, 1e-5);
        for (int j = 0; j < 2; j++) {
            const double h = 3e-3;
            for (int k = 0; k < 2; k++) {
                theta[j] += k == 0 ? h : -2 * h;
                fsbi_posterior_log_prob(&workspace, theta, &x, 1, &side[k]);
            }
            theta[j] += h;
            assert_near(gradient[j], (side[0] - side[1]) / (2 * h), 0.02);
        }
    }
    fsbi_posterior_workspace_clear(&workspace);
}

/* What the density itself says of theta_0 where theta_1 > 0, at x = 1: probability, mean and
 * variance, by a sum over a grid that holds all of it. */
static void integrate(fsbi_posterior_workspace *workspace, double *probability, double *mean,
                      double *variance) {
    enum { SIDE = 300, POINTS = SIDE * SIDE };
    double *theta = malloc(2 * (size_t)POINTS * sizeof *theta);
    double *x = malloc(POINTS * sizeof *x);
    double *log_prob = malloc(POINTS * sizeof *log_prob);
    const double width = 10.0 / SIDE;
    double square = 0;
    for (int k = 0; k < POINTS; k++) {
        theta[2 * k] = -5 + width * (k / SIDE + 0.5);
        theta[2 * k + 1] = width * (k % SIDE + 0.5) / 2;
        x[k] = 1;
    }
    fsbi_posterior_log_prob(workspace, theta, x, POINTS, log_prob);
    *probability = *mean = 0;
    for (int k = 0; k < POINTS; k++) {
        const double mass = exp(log_prob[k]) * width * width / 2;
        *probability += mass;
        *mean += mass * theta[2 * k];
        square += mass * theta[2 * k] * theta[2 * k];
    }
    *mean /= *probability;
    *variance = square / *probability - *mean * *mean;
    free(theta);
    free(x);
    free(log_prob);
}

/* Samples at x = 1, confined to theta_1 > 0, are those of the density; bounds of 4.5 standard
 * errors. */
static void check_samples(fsbi_posterior *posterior) {
    gsl_rng *rng = new_stream(22);
    fsbi_error error = {0};
    fsbi_posterior_workspace workspace;
    fsbi_acceptance acceptance = {0};
    double x[FSBI_POSTERIOR_BLOCK], theta[2 * FSBI_POSTERIOR_BLOCK];
    double sample_mean = 0, probability = 0, mean = 0, variance = 0;
    for (size_t i = 0; i < FSBI_POSTERIOR_BLOCK; i++)
        x[i] = 1;
    assert_ok(fsbi_posterior_workspace_init(&workspace, posterior, &error), error);
    integrate(&workspace, &probability, &mean, &variance);
    posterior->low[1] = 0;
    assert_ok(fsbi_posterior_sample(&workspace,
                                    &(fsbi_posterior_draws){.x = x,
                                                            .count = FSBI_POSTERIOR_BLOCK,
                                                            .max_candidates = 1000,
                                                            .theta = theta},
                                    rng, &acceptance, &error),
              error);
    for (size_t i = 0; i < FSBI_POSTERIOR_BLOCK; i++) {
        assert_true(theta[2 * i + 1] >= 0);
        sample_mean += theta[2 * i] / FSBI_POSTERIOR_BLOCK;
    }
    assert_near(acceptance.inside / acceptance.candidates, probability,
                4.5 * sqrt(probability * (1 - probability) / acceptance.candidates));
    assert_near(sample_mean, mean, 4.5 * sqrt(variance / FSBI_POSTERIOR_BLOCK));

    /* A box that the posterior does not reach. */
    posterior->low[0] = 9;
    assert_int_equal(
        fsbi_posterior_sample(
            &workspace,
            &(fsbi_posterior_draws){.x = x, .count = 3, .max_candidates = 1000, .theta = theta},
            rng, &acceptance, &error),
        FSBI_HOPELESS);
    assert_contains(error.message, "at x = (1) none of 1000 samples");
    fsbi_posterior_workspace_clear(&workspace);
    gsl_rng_free(rng);
}

static void spline_flow(void **state) {
    (void)state;
    fsbi_posterior posterior;
    make_known(&fsbi_estimator_nsf, false, 2, &posterior);
    check_density(&posterior, 0.05);
    check_samples(&posterior);
    fsbi_posterior_clear(&posterior);
}

static void autoregressive_flows(void **state) {
    (void)state;
    fsbi_posterior posterior;
    make_known(&fsbi_estimator_maf, false, 2, &posterior);
    check_density(&posterior, 0.05);
    check_gradient(&posterior);
    check_samples(&posterior);
    fsbi_posterior_clear(&posterior);
    make_known(&fsbi_estimator_nsf_ar, false, 2, &posterior);
    check_density(&posterior, 0.05);
    fsbi_posterior_clear(&posterior);
}

/* Every sample lies within the box, and the density is that of theta, not of what networks see. */
static void stretched_box(void **state) {
    (void)state;
    gsl_rng *rng = new_stream(23);
    fsbi_error error = {0};
    fsbi_posterior posterior;
    fsbi_posterior_workspace workspace;
    fsbi_acceptance acceptance = {0};
    double x[100], theta[200], log_prob[2];
    static const double beyond[4] = {0, 0, 0, 8.1};
    make_known(&fsbi_estimator_maf, true, 2, &posterior);
    check_density(&posterior, 0.05);
    check_gradient(&posterior);
    for (int i = 0; i < 100; i++)
        x[i] = 0.1 * i - 5;
    assert_ok(fsbi_posterior_workspace_init(&workspace, &posterior, &error), error);
    assert_ok(fsbi_posterior_sample(&workspace,
                                    &(fsbi_posterior_draws){
                                        .x = x, .count = 100, .max_candidates = 1, .theta = theta},
                                    rng, &acceptance, &error),
              error);
    assert_near(acceptance.inside, acceptance.candidates, 0);
    fsbi_posterior_log_prob(&workspace, beyond, x, 2, log_prob);
    assert_true(isfinite(log_prob[0]) && log_prob[1] == -INFINITY);
    fsbi_posterior_workspace_clear(&workspace);
    fsbi_posterior_clear(&posterior);
    gsl_rng_free(rng);
}

/* Sampling depends on the stream alone. */
static void samples_repeat(void **state) {
    (void)state;
    const fsbi_estimator_specification specification = {.theta_size = 3,
                                                        .x_size = 2,
                                                        .transforms = 2,
                                                        .hidden_features = 10,
                                                        .blocks = 1,
                                                        .bins = 5,
                                                        .tail_bound = 3};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_error error = {0};
    fsbi_posterior posterior;
    fsbi_posterior_workspace workspace;
    fsbi_acceptance acceptance = {0};
    const double x[4] = {0.3, -1, 0.3, -1};
    double first[6], again[6], other[6];
    const fsbi_estimator *nsf = &fsbi_estimator_nsf;
    assert_ok(fsbi_posterior_init(&posterior, nsf, &specification, 3, &error), error);
    for (size_t i = 0; i < 3; i++) {
        posterior.theta_std[i] = 1;
        posterior.low[i] = -1;
        posterior.high[i] = 1;
    }
    posterior.x_std[0] = posterior.x_std[1] = 1;
    for (size_t member = 0; member < 3; member++) {
        fsbi_random_seed(rng, member);
        nsf->initialise(nsf, &specification, rng,
                        posterior.parameters + member * posterior.parameter_count);
    }
    assert_ok(fsbi_posterior_workspace_init(&workspace, &posterior, &error), error);
    double *const draws[] = {first, other, again};
    for (int i = 0; i < 3; i++) {
        if (i != 1)
            fsbi_random_seed(rng, 77);
        assert_ok(fsbi_posterior_sample(
                      &workspace,
                      &(fsbi_posterior_draws){
                          .x = x, .count = 2, .max_candidates = 100000, .theta = draws[i]},
                      rng, &acceptance, &error),
                  error);
    }
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
    fsbi_posterior_workspace_clear(&workspace);
    fsbi_posterior_clear(&posterior);
    gsl_rng_free(rng);
}

/* Adam's first step is the learning rate against the sign of the gradient; clipping keeps the
 * direction. */
static void adam(void **state) {
    (void)state;
    fsbi_adam optimiser;
    fsbi_error error = {0};
    fsbi_real weights[2] = {1, 1};
    fsbi_real gradient[2] = {30, -40};
    assert_ok(fsbi_adam_init(&optimiser, 2, 0.01, &error), error);
    assert_near(fsbi_adam_clip(gradient, 2, 5), 50, 1e-4);
    assert_near(gradient[0], 3, 1e-5);
    assert_near(gradient[1], -4, 1e-5);
    assert_near(fsbi_adam_clip(gradient, 2, 5.001), 5, 1e-5);
    fsbi_adam_step(&optimiser, gradient, weights);
    assert_near(weights[0], 0.99, 1e-6);
    assert_near(weights[1], 1.01, 1e-6);
    fsbi_adam_clear(&optimiser);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam), cmocka_unit_test(samples_repeat), cmocka_unit_test(spline_flow),
        cmocka_unit_test(autoregressive_flows), cmocka_unit_test(stretched_box)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
