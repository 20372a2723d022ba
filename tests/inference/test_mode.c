/* Mode and conditional correlation of a posterior known in closed form. */
#include "inference/known_posterior.h"
#include "inference/mode.h"

static void check(bool unbounded) {
    fsbi_error error = {0};
    fsbi_posterior posterior;
    fsbi_posterior_workspace workspace;
    const double x = 1.2;
    double theta[2] = {-0.5, 1.5};
    double log_prob = 0, before = 0, correlation = 0;
    make_known(&fsbi_estimator_maf, unbounded, 1, &posterior);
    assert_ok(fsbi_posterior_workspace_init(&workspace, &posterior, &error), error);
    fsbi_posterior_log_prob(&workspace, theta, &x, 1, &before);
    assert_ok(fsbi_mode_climb(&workspace, &x, theta, &log_prob, &error), error);
    print_message("mode %.3f %.3f, log q %.3f\n", theta[0], theta[1], log_prob);
    assert_true(log_prob > before);
    /* It is a maximum of what was trained. */
    for (int k = 0; k < 4; k++) {
        double near[2] = {theta[0], theta[1]};
        double log_near = 0;
        near[k / 2] += k % 2 == 0 ? 0.05 : -0.05;
        fsbi_posterior_log_prob(&workspace, near, &x, 1, &log_near);
        assert_true(log_near < log_prob + 1e-4);
    }
    /* And near the exact one, 0.8 x and 0.6 times that, to within a third of a standard deviation:
     * a flow's top is not exactly where the truth's is. */
    assert_near(theta[0], 0.96, 0.15);
    assert_near(theta[1], 0.576, 0.28);
    /* 0.6 sqrt(0.2) / sqrt(0.36 * 0.2 + 0.64) */
    assert_ok(fsbi_mode_conditional_correlation(&workspace, &x, theta, (const size_t[]){0, 1},
                                                &correlation, &error),
              error);
    print_message("correlation %.3f\n", correlation);
    assert_near(correlation, 0.318, 0.06);
    fsbi_posterior_workspace_clear(&workspace);
    fsbi_posterior_clear(&posterior);
}

static void without_bounds(void **state) {
    (void)state;
    check(false);
}

static void within_a_box(void **state) {
    (void)state;
    check(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(without_bounds),
                                       cmocka_unit_test(within_a_box)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
