/* Training and sampling, in the precision that users get, against densities known in closed form.
 */
#include <gsl/gsl_randist.h>

#include "fsbi/random.h"
#include "inference/adam.h"
#include "inference/posterior.h"
#include "unit.h"

enum { ROWS = 3000, TESTS = 2000, MEMBERS = 2 };

/* theta normal in two dimensions, x = theta_0 + 0.5 noise. Then theta_0 given x is normal with mean
 * 0.8 x and variance 0.2, theta_1 = 0.6 theta_0 + 0.8 noise. */
static void draw(gsl_rng *rng, size_t rows, double *theta, double *x) {
    for (size_t i = 0; i < rows; i++) {
        theta[2 * i] = gsl_ran_gaussian(rng, 1);
        theta[2 * i + 1] = 0.6 * theta[2 * i] + gsl_ran_gaussian(rng, 0.8);
        x[i] = theta[2 * i] + gsl_ran_gaussian(rng, 0.5);
    }
}

static double exact_log_prob(const double *theta, double x) {
    return log(gsl_ran_gaussian_pdf(theta[0] - 0.8 * x, sqrt(0.2))) +
           log(gsl_ran_gaussian_pdf(theta[1] - 0.6 * theta[0], 0.8));
}

static void train(fsbi_posterior *posterior, const double *theta, const double *x, size_t rows) {
    const fsbi_training_settings settings = {.learning_rate = 5e-4,
                                             .batch_size = 100,
                                             .validation_fraction = 0.1,
                                             .patience = 20,
                                             .max_epochs = 400,
                                             .clip_norm = 5};
    fsbi_error error = {0};
    double training_loss[400], validation_loss[400];
    fsbi_real *standard_theta = malloc(rows * posterior->shape.theta_size * sizeof *standard_theta);
    fsbi_real *standard_x = malloc(rows * posterior->shape.x_size * sizeof *standard_x);
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_posterior_fit_standardisation(posterior, theta, x, rows);
    fsbi_posterior_standardise(posterior, theta, x, rows, standard_theta, standard_x);
    for (size_t member = 0; member < posterior->members; member++) {
        fsbi_training_result result = {.parameters = posterior->parameters +
                                                     member * posterior->parameter_count,
                                       .training_loss = training_loss,
                                       .validation_loss = validation_loss};
        const fsbi_training_data data = {standard_theta, standard_x, rows};
        fsbi_random_seed(rng, 11 + member);
        assert_ok(fsbi_training_run(posterior->estimator, &posterior->shape, &settings, &data, rng,
                                    &result, &error),
                  error);
        assert_true(result.epochs > settings.patience && result.epochs < settings.max_epochs);
        assert_true(isnan(validation_loss[result.epochs]));
        double best = INFINITY;
        for (size_t epoch = 0; epoch < result.epochs; epoch++)
            best = fmin(best, validation_loss[epoch]);
        assert_true(best == result.best_validation_loss);
    }
    gsl_rng_free(rng);
    free(standard_theta);
    free(standard_x);
}

static void learns_a_known_density(void **state) {
    (void)state;
    const fsbi_estimator_shape shape = {2, 1, 3, 30, 2, 8, 3};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_error error = {0};
    fsbi_posterior posterior;
    double *theta = malloc(2 * ROWS * sizeof *theta);
    double *x = malloc(ROWS * sizeof *x);
    double *log_prob = malloc(TESTS * sizeof *log_prob);
    gsl_rng_set(rng, 1);
    draw(rng, ROWS, theta, x);
    assert_ok(fsbi_posterior_init(&posterior, &fsbi_estimator_nsf, &shape, MEMBERS, &error), error);
    train(&posterior, theta, x, ROWS);

    /* The gap of the mean log-density on fresh rows is the divergence from the truth: below 0.05
     * nats. */
    draw(rng, TESTS, theta, x);
    assert_ok(fsbi_posterior_log_prob(&posterior, theta, x, TESTS, log_prob, &error), error);
    double gap = 0;
    for (int i = 0; i < TESTS; i++)
        gap += (exact_log_prob(theta + 2 * i, x[i]) - log_prob[i]) / TESTS;
    print_message("gap to the exact log-density: %.4f nats\n", gap);
    assert_true(gap > -0.05 && gap < 0.05);

    /* Samples at x = 1: mean 0.8, variance 0.2, confined to theta_1 > 0. */
    fsbi_posterior_sampler sampler;
    const double at = 1;
    double sample[2];
    double mean = 0;
    size_t candidates = 0;
    posterior.low[0] = -10;
    posterior.high[0] = 10;
    posterior.low[1] = 0;
    posterior.high[1] = 10;
    assert_ok(fsbi_posterior_sampler_init(&sampler, &posterior, &error), error);
    for (int i = 0; i < TESTS; i++) {
        assert_ok(fsbi_posterior_sample(&sampler, &at, 1000, rng, sample, &candidates, &error),
                  error);
        assert_true(sample[1] >= 0);
        mean += sample[0] / TESTS;
    }
    /* theta_1 > 0 has probability Phi(0.48 / sqrt(0.64 + 0.072)) = 0.715; it shifts the mean of
     * theta_0 to 0.8 + 0.12 / sqrt(0.712) times the inverse Mills ratio of -0.569 = 0.8674. */
    assert_near((double)TESTS / (double)candidates, 0.715, 0.05);
    assert_near(mean, 0.8674, 0.05);

    /* A box that the posterior does not reach. */
    posterior.low[0] = 9;
    assert_int_equal(fsbi_posterior_sample(&sampler, &at, 1000, rng, sample, &candidates, &error),
                     FSBI_HOPELESS);
    assert_contains(error.message, "none of 1000 samples");
    fsbi_posterior_sampler_clear(&sampler);
    fsbi_posterior_clear(&posterior);
    free(theta);
    free(x);
    free(log_prob);
    gsl_rng_free(rng);
}

/* Sampling does not depend on what was sampled before. */
static void samples_repeat(void **state) {
    (void)state;
    const fsbi_estimator_shape shape = {3, 2, 2, 10, 1, 5, 3};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_error error = {0};
    fsbi_posterior posterior;
    fsbi_posterior_sampler sampler;
    const double x[2] = {0.3, -1};
    double first[3], again[3], other[3];
    size_t candidates = 0;
    assert_ok(fsbi_posterior_init(&posterior, &fsbi_estimator_nsf, &shape, 3, &error), error);
    for (size_t i = 0; i < 3; i++) {
        posterior.theta_std[i] = 1;
        posterior.low[i] = -1;
        posterior.high[i] = 1;
    }
    posterior.x_std[0] = posterior.x_std[1] = 1;
    for (size_t member = 0; member < 3; member++) {
        fsbi_random_seed(rng, member);
        posterior.estimator->initialise(&shape, rng,
                                        posterior.parameters + member * posterior.parameter_count);
    }
    assert_ok(fsbi_posterior_sampler_init(&sampler, &posterior, &error), error);
    fsbi_random_seed(rng, 77);
    assert_ok(fsbi_posterior_sample(&sampler, x, 100000, rng, first, &candidates, &error), error);
    assert_ok(fsbi_posterior_sample(&sampler, x, 100000, rng, other, &candidates, &error), error);
    fsbi_random_seed(rng, 77);
    assert_ok(fsbi_posterior_sample(&sampler, x, 100000, rng, again, &candidates, &error), error);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
    fsbi_posterior_sampler_clear(&sampler);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(adam), cmocka_unit_test(samples_repeat),
                                       cmocka_unit_test(learns_a_known_density)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
