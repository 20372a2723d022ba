/* P that conditions are met: against the normal distribution where the predictions are planted;
 * recalibration recovers a known line; an emulator learns means, spreads and failures. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "config/filter.h"
#include "fsbi/random.h"
#include "inference/emulator.h"
#include "inference/training.h"
#include "model/run_model.h"
#include "search/condition_probability.h"
#include "search/proposal_density.h"

enum { HIDDEN = 8, METRICS = 2 };

/* Weights of 0 but for the biases of the output: x has no influence. */
static void plant(fsbi_posterior *networks, size_t member, const double *output, size_t outputs) {
    const size_t linear = networks->specification.theta_size * (networks->specification.x_size + 1);
    fsbi_real *end = networks->parameters + (member + 1) * networks->parameter_count - linear;
    for (size_t j = 0; j < outputs; j++)
        end[-(ptrdiff_t)((outputs - 1 - j) * (HIDDEN + 1)) - 1] = (fsbi_real)output[j];
}

enum { COMPONENTS = 2, OUTPUTS = COMPONENTS * (2 * METRICS + 1) + 1 };

/* The probability of intervals under a network's planted mixture. */
static double expected_of(const double *output, const fsbi_condition *conditions,
                          const double *mean, const double *deviation) {
    const double *shares = output + COMPONENTS * 2 * METRICS;
    double sum = 0;
    double total = 0;
    for (size_t c = 0; c < COMPONENTS; c++) {
        double p = exp(shares[c]);
        total += p;
        for (size_t k = 0; k < METRICS; k++) {
            const double centre = mean[k] + deviation[k] * output[c * 2 * METRICS + k];
            const double spread = deviation[k] * exp(output[c * 2 * METRICS + METRICS + k]);
            p *= gsl_cdf_gaussian_P(conditions[k].high - centre, spread) -
                 gsl_cdf_gaussian_P(conditions[k].low - centre, spread);
        }
        sum += p;
    }
    return sum / total / (1 + exp(-shares[COMPONENTS]));
}

static void planted(void **state) {
    (void)state;
    fsbi_model *model = open_model("{name: two_moons}");
    const fsbi_estimator_specification specification = {.theta_size = METRICS,
                                                        .x_size = fsbi_search_input_size(model),
                                                        .transforms = COMPONENTS,
                                                        .hidden_features = HIDDEN,
                                                        .blocks = 1,
                                                        .bins = 2,
                                                        .tail_bound = 3};
    /* Two networks: of two components means and log spreads; their shares; log-odds. */
    static const double output[2][OUTPUTS] = {{0.2, -0.5, -1, 0.3, 1, 2, 0, -0.5, 0.4, -0.7, 2},
                                              {0.5, 0, 0, -2, -0.1, -1, -0.3, 0.2, 0, 1, -1}};
    fsbi_condition conditions[] = {
        {.metric_index = 0, .low = -1, .high = 1, .top = 1, .bottom = 1},
        {.metric_index = 1, .low = -INFINITY, .high = 0.1, .top = 1, .bottom = 1}};
    const fsbi_filter filter = {.conditions = conditions, .count = METRICS};
    fsbi_error error = {0};
    fsbi_posterior networks;
    fsbi_condition_probability computation;
    assert_int_equal(model->metric_count, METRICS);
    assert_ok(fsbi_posterior_init(&networks, &fsbi_estimator_emulator, &specification, 2, &error),
              error);
    const double mean[METRICS] = {0.1, -0.2};
    const double deviation[METRICS] = {0.5, 2};
    memcpy(networks.theta_mean, mean, sizeof mean);
    memcpy(networks.theta_std, deviation, sizeof deviation);
    for (size_t k = 0; k < specification.x_size; k++)
        networks.x_std[k] = 1;
    double log_expected = 0;
    for (size_t member = 0; member < 2; member++) {
        plant(&networks, member, output[member], OUTPUTS);
        log_expected += log(expected_of(output[member], conditions, mean, deviation)) / 2;
    }
    assert_ok(fsbi_condition_probability_init(&computation, model, &networks, &filter, &error),
              error);
    const double thetas[] = {0, 0, 0.9, -0.9, -0.3, 0.2};
    double found[3];
    fsbi_condition_probability_log(&computation, thetas, 3, found);
    for (size_t i = 0; i < 3; i++)
        assert_near(found[i], log_expected, 1e-5);
    fsbi_condition_probability_clear(&computation);
    fsbi_posterior_clear(&networks);
    fsbi_model_close(model);
}

/* Labels drawn with log-odds 1 + 0.7 x: the line is found within four standard errors, which the
 * curvature of the likelihood gives as 0.04 and 0.02. Without any, the line is (0, 1). */
static void recalibration(void **state) {
    (void)state;
    enum { COUNT = 20000 };
    static double log_probability[COUNT];
    static unsigned char met[COUNT];
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    for (size_t i = 0; i < COUNT; i++) {
        const double x = gsl_ran_flat(rng, -8, 3);
        log_probability[i] = -log1p(exp(-x));
        met[i] = gsl_rng_uniform(rng) < 1 / (1 + exp(-(1 + 0.7 * x)));
    }
    const fsbi_search_predictions all = {log_probability, met, NULL, COUNT};
    const fsbi_search_predictions none = {log_probability, met, NULL, 0};
    fsbi_search_recalibration found = fsbi_search_recalibrate(&none);
    assert_near(found.intercept, 0, 1e-12);
    assert_near(found.slope, 1, 1e-12);
    assert_near(fsbi_search_recalibrated(&found, -3), -3, 1e-9);
    found = fsbi_search_recalibrate(&all);
    print_message("recalibrated by %.3f + %.3f x\n", found.intercept, found.slope);
    assert_near(found.intercept, 1, 4 * 0.04);
    assert_near(found.slope, 0.7, 4 * 0.02);
    gsl_rng_free(rng);
}

enum { ROWS = 6000, HELD_OUT = 1000 };

/* Of x in [-1, 1]: y is normal around sin 3x with a spread of 0.1 + 0.2 |x|; it is not known with
 * probability (1 + x) / 2. */
static void draw(gsl_rng *rng, double *y, double *x) {
    for (size_t i = 0; i < ROWS; i++) {
        x[i] = gsl_ran_flat(rng, -1, 1);
        y[i] = gsl_rng_uniform(rng) < (1 + x[i]) / 2
                   ? NAN
                   : sin(3 * x[i]) + gsl_ran_gaussian(rng, 0.1 + 0.2 * fabs(x[i]));
    }
}

static void train(fsbi_posterior *networks, const double *y, const double *x, gsl_rng *rng) {
    static fsbi_real standard_y[ROWS], standard_x[ROWS];
    static double loss[2][300];
    fsbi_error error = {0};
    assert_int_equal(fsbi_posterior_fit_standardisation(networks, y, x, ROWS - HELD_OUT, NULL),
                     FSBI_OK);
    fsbi_posterior_standardise(networks, y, x, ROWS, standard_y, standard_x);
    const fsbi_training_settings settings = {.learning_rate = 2e-3,
                                             .batch_size = 64,
                                             .patience = 30,
                                             .max_epochs = 300,
                                             .clip_norm = 5,
                                             .weight_decay = 0.05};
    const fsbi_training_data data = {.theta = standard_y,
                                     .x = standard_x,
                                     .training_rows = ROWS - HELD_OUT,
                                     .held_out_rows = HELD_OUT};
    const fsbi_training_team alone = {.size = 1};
    fsbi_training_result result = {
        .parameters = networks->parameters, .training_loss = loss[0], .validation_loss = loss[1]};
    assert_ok(fsbi_training_run(&(fsbi_training){.estimator = networks->estimator,
                                                 .specification = &networks->specification,
                                                 .settings = &settings,
                                                 .data = &data,
                                                 .team = &alone},
                                rng, &result, &error),
              error);
}

/* At 21 points, the mean within 0.15 of a spread of y at the most, the spread within 20 %, and the
 * probability that y is known within 0.1: what 5000 rows determine to about a third of that. */
static void learning(void **state) {
    (void)state;
    enum { POINTS = 21 };
    const fsbi_estimator_specification specification = {.theta_size = 1,
                                                        .x_size = 1,
                                                        .transforms = 1,
                                                        .hidden_features = 48,
                                                        .blocks = 1,
                                                        .bins = 2,
                                                        .tail_bound = 3};
    static double y[ROWS], x[ROWS];
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_error error = {0};
    fsbi_posterior networks;
    gsl_rng_set(rng, 3);
    draw(rng, y, x);
    assert_ok(fsbi_posterior_init(&networks, &fsbi_estimator_emulator, &specification, 1, &error),
              error);
    train(&networks, y, x, rng);
    void *workspace =
        networks.estimator->create(networks.estimator, &specification, POINTS, &error);
    fsbi_real points[POINTS];
    for (size_t i = 0; i < POINTS; i++)
        points[i] = (fsbi_real)((-0.9 + 0.09 * (double)i - networks.x_mean[0]) / networks.x_std[0]);
    const fsbi_emulator_prediction p =
        fsbi_emulator_predict(workspace, networks.parameters, points, POINTS);
    for (size_t i = 0; i < POINTS; i++) {
        const double at = -0.9 + 0.09 * (double)i;
        const double spread = 0.1 + 0.2 * fabs(at);
        const double mean = networks.theta_mean[0] + networks.theta_std[0] * (double)p.mean[i];
        const double found = networks.theta_std[0] * exp((double)p.log_spread[i]);
        const double known = 1 / (1 + exp(-(double)p.log_odds[i]));
        print_message("%.2f: mean %.3f (%.3f), spread %.3f (%.3f), known %.2f (%.2f)\n", at, mean,
                      sin(3 * at), found, spread, known, (1 - at) / 2);
        assert_near(mean, sin(3 * at), 0.15 * 0.3 + 0.3 * spread);
        assert_near(found, spread, 0.35 * spread);
        assert_near(known, (1 - at) / 2, 0.1);
    }
    networks.estimator->destroy(workspace);
    fsbi_posterior_clear(&networks);
    gsl_rng_free(rng);
}

/* The probability that entries 0 and 1 have these signs, by a network's mixture for sample 0. */
static double sign_probability(const fsbi_posterior *networks, const fsbi_emulator_prediction *p,
                               const double signs[2]) {
    double sum = 0;
    for (size_t k = 0; k < p->components; k++) {
        double of_component = exp((double)p->log_share[k * p->stride]);
        for (size_t j = 0; j < 2; j++) {
            const size_t at = (k * p->entry_stride + j) * p->stride;
            const double mean =
                networks->theta_mean[j] + networks->theta_std[j] * (double)p->mean[at];
            const double spread = networks->theta_std[j] * exp((double)p->log_spread[at]);
            of_component *= gsl_cdf_ugaussian_P(signs[j] * mean / spread);
        }
        sum += of_component;
    }
    return sum;
}

/* Rules that end in one of two states, of which 30 % in the first: one entry is 1 where the other
 * is -1. Each alone has both signs, together they never have the same one. Shares of 2000 rows:
 * 0.01. */
static void two_states(void **state) {
    (void)state;
    enum { COUNT = 2500, OUT = 500 };
    const fsbi_estimator_specification specification = {.theta_size = 2,
                                                        .x_size = 1,
                                                        .transforms = 3,
                                                        .hidden_features = 16,
                                                        .blocks = 1,
                                                        .bins = 2,
                                                        .tail_bound = 3};
    static double y[2 * COUNT], x[COUNT];
    static fsbi_real standard_y[2 * COUNT], standard_x[COUNT];
    static double loss[2][300];
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_error error = {0};
    fsbi_posterior networks;
    for (size_t i = 0; i < COUNT; i++) {
        const double sign = gsl_rng_uniform(rng) < 0.3 ? 1 : -1;
        y[2 * i] = sign + gsl_ran_gaussian(rng, 0.2);
        y[2 * i + 1] = -sign + gsl_ran_gaussian(rng, 0.2);
        x[i] = gsl_ran_ugaussian(rng);
    }
    assert_ok(fsbi_posterior_init(&networks, &fsbi_estimator_emulator, &specification, 1, &error),
              error);
    assert_int_equal(fsbi_posterior_fit_standardisation(&networks, y, x, COUNT - OUT, NULL),
                     FSBI_OK);
    fsbi_posterior_standardise(&networks, y, x, COUNT, standard_y, standard_x);
    const fsbi_training_settings settings = {
        .learning_rate = 2e-3, .batch_size = 64, .patience = 30, .max_epochs = 300, .clip_norm = 5};
    const fsbi_training_data data = {
        .theta = standard_y, .x = standard_x, .training_rows = COUNT - OUT, .held_out_rows = OUT};
    fsbi_training_result result = {
        .parameters = networks.parameters, .training_loss = loss[0], .validation_loss = loss[1]};
    assert_ok(fsbi_training_run(&(fsbi_training){.estimator = networks.estimator,
                                                 .specification = &specification,
                                                 .settings = &settings,
                                                 .data = &data,
                                                 .team = &(fsbi_training_team){.size = 1}},
                                rng, &result, &error),
              error);
    void *workspace = networks.estimator->create(networks.estimator, &specification, 1, &error);
    const fsbi_real at = 0;
    const fsbi_emulator_prediction p =
        fsbi_emulator_predict(workspace, networks.parameters, &at, 1);
    assert_near(sign_probability(&networks, &p, (double[]){1, -1}), 0.3, 0.06);
    assert_near(sign_probability(&networks, &p, (double[]){-1, 1}), 0.7, 0.06);
    assert_near(sign_probability(&networks, &p, (double[]){1, 1}), 0, 0.01);
    networks.estimator->destroy(workspace);
    fsbi_posterior_clear(&networks);
    gsl_rng_free(rng);
}

/* Weights of draws from a known mixture give the mass of a set under the uniform distribution. */
static void weights(void **state) {
    (void)state;
    enum { COUNT = 100000 };
    static double found[COUNT];
    /* P = x in [0, 1]; x^2 has the mean 1/3, x the mean 1/2. */
    const fsbi_search_levels levels = {
        .count = 3,
        .levels = {{.rows = 10000}, {1, log(0.5), 50000, 0}, {2, log(1.0 / 3), 40000, 0}}};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    size_t met = 0;
    size_t row = 0;
    for (size_t k = 0; k < levels.count; k++)
        for (size_t i = 0; i < (size_t)levels.levels[k].rows; i++, row++) {
            const double x = pow(gsl_rng_uniform(rng), 1 / (1 + levels.levels[k].sharpness));
            if (x > 0.8)
                found[met++] = 1 / fsbi_search_relative_density(&levels, log(x));
        }
    const fsbi_search_estimate estimate = fsbi_search_estimate_of(found, met, row);
    print_message("mass %.4f +- %.4f, worth %.0f of %zu\n", estimate.probability,
                  estimate.standard_error, estimate.effective_size, met);
    assert_near(estimate.probability, 0.2, 4 * estimate.standard_error);
    assert_true(estimate.standard_error < 0.002 && estimate.effective_size > 0.9 * (double)met);
    gsl_rng_free(rng);
}

/* Networks of no weights predict 0 with a spread of 1 for every standardised entry, and ending well
 * with 1/2. A bound on w_creep is one on its four parts; where a part was never known it is one on
 * w_creep itself. */
static void parts(void **state) {
    (void)state;
    fsbi_model *model = open_model("{name: if_poly}");
    const size_t targets = fsbi_search_target_size(model);
    const fsbi_estimator_specification specification = {.theta_size = targets,
                                                        .x_size = fsbi_search_input_size(model),
                                                        .transforms = 1,
                                                        .hidden_features = HIDDEN,
                                                        .blocks = 1,
                                                        .bins = 2,
                                                        .tail_bound = 3};
    const size_t whole = metric_index(model, "w_creep");
    const size_t part = metric_index(model, "creep_EE");
    fsbi_condition condition = {
        .metric_index = whole, .low = 0, .high = 0.05, .top = 1, .bottom = 1};
    const fsbi_filter filter = {.conditions = &condition, .count = 1};
    fsbi_error error = {0};
    fsbi_posterior networks;
    assert_ok(fsbi_posterior_init(&networks, &fsbi_estimator_emulator, &specification, 1, &error),
              error);
    for (size_t k = 0; k < targets; k++)
        networks.theta_std[k] = 1;
    for (size_t k = 0; k < specification.x_size; k++)
        networks.x_std[k] = 1;
    double theta[24];
    for (size_t k = 0; k < 24; k++)
        theta[k] = (model->parameters[k].low + model->parameters[k].high) / 2;
    const double of_part = 2 * gsl_cdf_ugaussian_P(asinh(0.05 / 0.02)) - 1;
    const double of_whole = gsl_cdf_ugaussian_P(log(0.05 + 0.005));
    const double expected[] = {0.5 * pow(of_part, 4), 0.5 * of_whole};
    for (int known = 0; known < 2; known++) {
        fsbi_condition_probability computation;
        double found = 0;
        networks.theta_std[part] = known == 0 ? 1 : INFINITY;
        assert_ok(fsbi_condition_probability_init(&computation, model, &networks, &filter, &error),
                  error);
        fsbi_condition_probability_log(&computation, theta, 1, &found);
        assert_near(exp(found), expected[known], 1e-6);
        fsbi_condition_probability_clear(&computation);
    }
    /* Rows that failed teach that, and no metric. */
    double metrics[64], learned[64];
    for (size_t k = 0; k < targets; k++)
        metrics[k] = NAN;
    fsbi_search_targets(model, metrics, learned);
    for (size_t k = 0; k < targets; k++)
        assert_true(isnan(learned[k]));
    fsbi_posterior_clear(&networks);
    fsbi_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted),       cmocka_unit_test(parts),
                                       cmocka_unit_test(recalibration), cmocka_unit_test(learning),
                                       cmocka_unit_test(two_states),    cmocka_unit_test(weights)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
