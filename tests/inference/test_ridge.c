/* Ridge regression: a known linear map is found again, unknown entries do not count, and of noise
 * without any relation little is made. */
#include "inference/ridge.h"

#include <gsl/gsl_randist.h>
#include <math.h>

#include "fsbi/random.h"
#include "unit.h"

enum { ROWS = 400, HELD_OUT = 100, INPUTS = 3, ENTRIES = 3, WIDTH = INPUTS + 1 };

static void finds_a_line(void **state) {
    (void)state;
    static const double slope[INPUTS] = {0.5, -0.25, 0};
    static fsbi_real theta[ROWS * ENTRIES], x[ROWS * INPUTS];
    fsbi_real weights[ENTRIES * WIDTH];
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    for (size_t i = 0; i < ROWS; i++) {
        double line = 0.3;
        for (size_t k = 0; k < INPUTS; k++) {
            x[i * INPUTS + k] = (fsbi_real)gsl_ran_gaussian(rng, 1);
            line += slope[k] * (double)x[i * INPUTS + k];
        }
        /* The second entry is unknown where it would mislead, the third is noise. */
        theta[i * ENTRIES] = (fsbi_real)(line + gsl_ran_gaussian(rng, 0.1));
        theta[i * ENTRIES + 1] = i % 3 == 0 ? (fsbi_real)NAN : (fsbi_real)(2 * line);
        theta[i * ENTRIES + 2] = (fsbi_real)gsl_ran_gaussian(rng, 1);
    }
    const fsbi_training_data data = {
        .theta = theta, .x = x, .training_rows = ROWS - HELD_OUT, .held_out_rows = HELD_OUT};
    assert_ok(fsbi_ridge_fit(&data, ENTRIES, INPUTS, weights, &error), error);
    /* The standard error of a slope is 0.1 / sqrt(300) = 0.006; a penalty of 1 in 300 shrinks the
     * largest slope by 0.002. */
    for (size_t k = 0; k < INPUTS; k++) {
        assert_near(weights[k], slope[k], 4 * 0.006 + 0.002);
        assert_near(weights[WIDTH + k], 2 * slope[k], 0.01);
    }
    assert_near(weights[INPUTS], 0.3, 4 * 0.006 + 0.002);
    assert_near(weights[WIDTH + INPUTS], 0.6, 0.01);
    for (size_t k = 0; k < INPUTS; k++) /* standard errors of 0.06 */
        assert_near(weights[2 * WIDTH + k], 0, 4 * 0.06);
    gsl_rng_free(rng);
}

static void knows_nothing(void **state) {
    (void)state;
    static fsbi_real theta[10], x[10];
    fsbi_real weights[2] = {1, 1};
    fsbi_error error = {0};
    for (size_t i = 0; i < 10; i++) {
        theta[i] = i == 0 ? 1 : (fsbi_real)NAN;
        x[i] = (fsbi_real)i;
    }
    const fsbi_training_data data = {
        .theta = theta, .x = x, .training_rows = 8, .held_out_rows = 2};
    assert_ok(fsbi_ridge_fit(&data, 1, 1, weights, &error), error);
    assert_near(weights[0], 0, 0);
    assert_near(weights[1], 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_a_line),
                                       cmocka_unit_test(knows_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
