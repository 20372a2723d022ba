/* Ranks and what follows from them: uniform ones, ones that are not, and those of a trained
 * posterior that is right, too narrow, too wide, or shifted. */
#include "inference/calibration.h"
#include "inference/known_posterior.h"

enum { ROWS = 500, SAMPLES = 99, COLUMNS = 4 };

/* p-values of uniform ranks are uniform: Kolmogorov-Smirnov, 1 % level, 400 of them. */
static void uniform_ranks(void **state) {
    (void)state;
    enum { TRIALS = 400 };
    gsl_rng *rng = new_stream(1);
    size_t below[21] = {0};
    for (int trial = 0; trial < TRIALS; trial++) {
        int32_t ranks[ROWS * 2];
        for (int i = 0; i < ROWS * 2; i++)
            ranks[i] = (int32_t)gsl_rng_uniform_int(rng, SAMPLES + 1);
        const fsbi_calibration_result result = fsbi_calibration_test(ranks, ROWS, 2, 1, SAMPLES);
        for (int k = 0; k <= 20; k++)
            below[k] += result.p_value <= k / 20.0;
        assert_near(result.inside_50, 0.5, 4.5 * sqrt(0.25 / ROWS));
        assert_near(result.inside_90, 0.9, 4.5 * sqrt(0.09 / ROWS));
    }
    for (int k = 0; k <= 20; k++)
        assert_near((double)below[k] / TRIALS, k / 20.0, 1.63 / sqrt(TRIALS));
    gsl_rng_free(rng);
}

/* Ranks all in the lower half; rows out of reach do not count. */
static void skewed_ranks(void **state) {
    (void)state;
    int32_t ranks[ROWS];
    for (int i = 0; i < ROWS; i++)
        ranks[i] = i < 20 ? -1 : i % 50;
    const fsbi_calibration_result result = fsbi_calibration_test(ranks, ROWS, 1, 0, SAMPLES);
    assert_true(result.p_value < 1e-12);
    assert_near(result.deviation, 0.5, 0.01);
    assert_near(result.inside_50, 1, 0);
    assert_true(isnan(fsbi_calibration_test(ranks, 69, 1, 0, SAMPLES).p_value));
    assert_true(fsbi_calibration_test(ranks, 70, 1, 0, SAMPLES).p_value >= 0);
}

/* Ranks of fresh rows among samples of the posterior. */
static void rank(const fsbi_posterior *posterior, fsbi_calibration_result results[COLUMNS]) {
    gsl_rng *rng = new_stream(2);
    fsbi_error error = {0};
    fsbi_posterior_workspace workspace;
    fsbi_calibration calibration = {0};
    int32_t ranks[ROWS * COLUMNS];
    assert_int_equal(fsbi_calibration_columns(2), COLUMNS);
    assert_ok(fsbi_posterior_workspace_init(&workspace, posterior, &error), error);
    assert_ok(fsbi_calibration_init(&calibration, &workspace, SAMPLES, 1000, &error), error);
    for (int i = 0; i < ROWS; i++) {
        double theta[2], x = 0;
        draw_known(rng, 1, theta, &x);
        assert_ok(fsbi_calibration_rank(&calibration, theta, &x, rng, ranks + (size_t)i * COLUMNS,
                                        &error),
                  error);
    }
    for (size_t k = 0; k < COLUMNS; k++)
        results[k] = fsbi_calibration_test(ranks, ROWS, COLUMNS, k, SAMPLES);
    fsbi_calibration_clear(&calibration);
    fsbi_posterior_workspace_clear(&workspace);
    gsl_rng_free(rng);
}

static void print_results(const char *what, const fsbi_calibration_result results[COLUMNS]) {
    print_message("%-10s p", what);
    for (int k = 0; k < COLUMNS; k++)
        print_message(" %.2g", results[k].p_value);
    print_message(", 50 %% regions hold %.3f\n", results[2].inside_50);
}

static void trained_posterior(void **state) {
    (void)state;
    fsbi_posterior posterior;
    fsbi_calibration_result results[COLUMNS];
    make_known(&fsbi_estimator_nsf, false, 1, &posterior);
    rank(&posterior, results);
    print_results("as trained", results);
    for (int k = 0; k < COLUMNS; k++)
        assert_true(results[k].p_value > 0.001 / COLUMNS);

    /* Half as wide about the training rows' mean: 50 % regions cannot hold 50 %. */
    posterior.theta_std[0] *= 0.5;
    posterior.theta_std[1] *= 0.5;
    rank(&posterior, results);
    print_results("narrow", results);
    assert_true(results[0].p_value < 1e-6 && results[2].p_value < 1e-6 &&
                results[3].p_value < 1e-6);
    assert_true(results[2].inside_50 < 0.4);

    posterior.theta_std[0] *= 6;
    posterior.theta_std[1] *= 6;
    rank(&posterior, results);
    print_results("wide", results);
    assert_true(results[1].p_value < 1e-6 && results[2].p_value < 1e-6 &&
                results[3].p_value < 1e-6);

    posterior.theta_std[0] /= 3;
    posterior.theta_std[1] /= 3;
    posterior.theta_mean[1] += 0.4;
    rank(&posterior, results);
    print_results("shifted", results);
    assert_true(results[0].p_value > 1e-4 && results[1].p_value < 1e-6);
    fsbi_posterior_clear(&posterior);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(uniform_ranks),
                                       cmocka_unit_test(skewed_ranks),
                                       cmocka_unit_test(trained_posterior)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
