/** A problem whose posterior is known in closed form, and a posterior trained on it. */
#ifndef FSBI_TESTS_KNOWN_POSTERIOR_H
#define FSBI_TESTS_KNOWN_POSTERIOR_H

#include "inference/posterior.h"
#include "inference/streams.h"
#include "inference/training.h"
#include "unit.h"

/* theta normal in two dimensions, x = theta_0 + 0.5 noise. Then theta_0 given x is normal with mean
 * 0.8 x and variance 0.2, theta_1 = 0.6 theta_0 + 0.8 noise. */
static inline void draw_known(gsl_rng *rng, size_t rows, double *theta, double *x) {
    for (size_t i = 0; i < rows; i++) {
        theta[2 * i] = gsl_ran_gaussian(rng, 1);
        theta[2 * i + 1] = 0.6 * theta[2 * i] + gsl_ran_gaussian(rng, 0.8);
        x[i] = theta[2 * i] + gsl_ran_gaussian(rng, 0.5);
    }
}

static inline double known_log_prob(const double *theta, double x) {
    return log(gsl_ran_gaussian_pdf(theta[0] - 0.8 * x, sqrt(0.2))) +
           log(gsl_ran_gaussian_pdf(theta[1] - 0.6 * theta[0], 0.8));
}

static inline void train_known(fsbi_posterior *posterior, const double *theta, const double *x,
                               size_t rows) {
    enum { MOST_EPOCHS = 400 };
    const fsbi_training_settings settings = {.learning_rate = 5e-4,
                                             .batch_size = 100,
                                             .patience = 20,
                                             .max_epochs = MOST_EPOCHS,
                                             .clip_norm = 5};
    const fsbi_training_team alone = {.size = 1};
    fsbi_error error = {0};
    double training_loss[MOST_EPOCHS], validation_loss[MOST_EPOCHS];
    fsbi_real *standard_theta =
        malloc(rows * posterior->specification.theta_size * sizeof *standard_theta);
    fsbi_real *standard_x = malloc(rows * posterior->specification.x_size * sizeof *standard_x);
    gsl_rng *rng = new_stream(0);
    assert_int_equal(fsbi_posterior_fit_standardisation(posterior, theta, x, rows, NULL), FSBI_OK);
    fsbi_posterior_standardise(posterior, theta, x, rows, standard_theta, standard_x);
    for (size_t member = 0; member < posterior->members; member++) {
        fsbi_training_result result = {.parameters = posterior->parameters +
                                                     member * posterior->parameter_count,
                                       .training_loss = training_loss,
                                       .validation_loss = validation_loss};
        const fsbi_training_data data = {.theta = standard_theta,
                                         .x = standard_x,
                                         .training_rows = rows - rows / 10,
                                         .held_out_rows = rows / 10};
        fsbi_random_seed(rng, 11 + member);
        assert_ok(fsbi_training_run(&(fsbi_training){.estimator = posterior->estimator,
                                                     .specification = &posterior->specification,
                                                     .settings = &settings,
                                                     .data = &data,
                                                     .team = &alone,
                                                     .initial = NULL},
                                    rng, &result, &error),
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

/** Trains one on 6000 rows; `unbounded` within a box of +-8, otherwise without bounds. Release with
 * fsbi_posterior_clear. */
static inline void make_known(const fsbi_estimator *estimator, bool unbounded, size_t members,
                              fsbi_posterior *posterior) {
    enum { KNOWN_ROWS = 6000 };
    const fsbi_estimator_specification specification = {.theta_size = 2,
                                                        .x_size = 1,
                                                        .transforms = 3,
                                                        .hidden_features = 30,
                                                        .blocks = 2,
                                                        .bins = 8,
                                                        .tail_bound = 3};
    gsl_rng *rng = new_stream(1);
    fsbi_error error = {0};
    double *theta = malloc(2 * KNOWN_ROWS * sizeof *theta);
    double *x = malloc(KNOWN_ROWS * sizeof *x);
    draw_known(rng, KNOWN_ROWS, theta, x);
    assert_ok(fsbi_posterior_init(posterior, estimator, &specification, members, &error), error);
    posterior->unbounded = unbounded;
    for (size_t j = 0; j < 2; j++) {
        posterior->low[j] = unbounded ? -8 : -INFINITY;
        posterior->high[j] = unbounded ? 8 : INFINITY;
    }
    train_known(posterior, theta, x, KNOWN_ROWS);
    free(theta);
    free(x);
    gsl_rng_free(rng);
}

#endif
