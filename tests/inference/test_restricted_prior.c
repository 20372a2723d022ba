/* A classifier of points within a circle: probabilities, threshold, and what it turns away. */
#include "inference/known_posterior.h"
#include "inference/restricted_prior.h"

enum { ROWS = 4000, HELD_OUT = 1000 };

static void draw(gsl_rng *rng, size_t rows, double *point, double *valid) {
    for (size_t i = 0; i < rows; i++) {
        point[2 * i] = gsl_ran_flat(rng, -1, 1);
        point[2 * i + 1] = gsl_ran_flat(rng, -1, 1);
        valid[i] = hypot(point[2 * i] - 0.3, point[2 * i + 1]) < 0.5;
    }
}

static void circle(void **state) {
    (void)state;
    const fsbi_estimator_specification specification = {.theta_size = 1,
                                                        .x_size = 2,
                                                        .transforms = 1,
                                                        .hidden_features = 30,
                                                        .blocks = 2,
                                                        .bins = 2,
                                                        .tail_bound = 3};
    gsl_rng *rng = new_stream(1);
    fsbi_error error = {0};
    fsbi_posterior classifier;
    fsbi_posterior_workspace workspace;
    fsbi_restriction_report report;
    static double points[2 * ROWS], valid[ROWS], log_valid[ROWS];
    static fsbi_real labels[ROWS], inputs[2 * ROWS];
    draw(rng, ROWS, points, valid);
    assert_ok(
        fsbi_posterior_init(&classifier, &fsbi_estimator_classifier, &specification, 1, &error),
        error);
    assert_int_equal(
        fsbi_posterior_fit_standardisation(&classifier, valid, points, ROWS - HELD_OUT, NULL),
        FSBI_OK);
    fsbi_posterior_standardise(&classifier, valid, points, ROWS, labels, inputs);
    const fsbi_training_settings settings = {.learning_rate = 2e-3,
                                             .batch_size = 100,
                                             .patience = 20,
                                             .max_epochs = 200,
                                             .clip_norm = 5};
    const fsbi_training_data data = {
        .theta = labels, .x = inputs, .training_rows = ROWS - HELD_OUT, .held_out_rows = HELD_OUT};
    const fsbi_training_team alone = {.size = 1};
    double loss[2][200];
    fsbi_training_result result = {
        .parameters = classifier.parameters, .training_loss = loss[0], .validation_loss = loss[1]};
    assert_ok(fsbi_training_run(&(fsbi_training){.estimator = &fsbi_estimator_classifier,
                                                 .specification = &specification,
                                                 .settings = &settings,
                                                 .data = &data,
                                                 .team = &alone,
                                                 .initial = NULL},
                                rng, &result, &error),
              error);
    const double *held_points = points + 2 * (ROWS - HELD_OUT);
    const double *held_valid = valid + ROWS - HELD_OUT;
    assert_ok(fsbi_restricted_prior_threshold(
                  &classifier, &(fsbi_restriction_rows){held_points, held_valid, HELD_OUT}, 0.05,
                  &report, &error),
              error);
    assert_int_equal(report.valid + report.invalid, HELD_OUT);
    assert_int_equal(report.valid_turned_away, report.valid / 20);
    assert_true(10 * report.invalid_turned_away > 9 * report.invalid);

    /* On fresh points as many valid ones are turned away, within four standard errors of both
     * estimates. */
    size_t fresh_valid = 0;
    size_t turned_away = 0;
    draw(rng, ROWS, points, valid);
    assert_ok(fsbi_posterior_workspace_init(&workspace, &classifier, &error), error);
    assert_ok(fsbi_restricted_prior_log_valid(&workspace, points, ROWS, log_valid, &error), error);
    for (int i = 0; i < ROWS; i++) {
        fresh_valid += valid[i] > 0;
        turned_away += valid[i] > 0 && log_valid[i] < report.threshold;
    }
    const double share = (double)turned_away / (double)fresh_valid;
    print_message("valid ones turned away: %.3f\n", share);
    assert_near(share, 0.05,
                4 * sqrt(0.05 * 0.95 * (1 / (double)fresh_valid + 1 / (double)report.valid)));

    for (int i = 0; i < HELD_OUT; i++)
        valid[i] = 0;
    assert_int_equal(
        fsbi_restricted_prior_threshold(
            &classifier, &(fsbi_restriction_rows){points, valid, HELD_OUT}, 0.05, &report, &error),
        FSBI_HOPELESS);
    assert_contains(error.message, "none of the 1000 rows held out is valid");
    fsbi_posterior_workspace_clear(&workspace);
    fsbi_posterior_clear(&classifier);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(circle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
