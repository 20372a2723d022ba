/* The vectorised exponential and logarithm against the library's, in the precision that users get.
 */
#include "nets/elementary.h"
#include "unit.h"

static void exponential(void **state) {
    (void)state;
    for (double size = 0; size < 87; size += 0.00137) {
        const float x = (float)size;
        const double expected = exp(-(double)x);
        assert_near(fsbi_real_exp_minus(x), expected, 4e-7 * expected);
    }
    assert_near(fsbi_real_exp_minus(0), 1, 0);
    assert_near(fsbi_real_exp_minus(1e30F), exp(-87), 1e-43);
    assert_near(fsbi_real_exp_minus(INFINITY), exp(-87), 1e-43);
}

static void logarithm(void **state) {
    (void)state;
    for (double power = -125; power < 127; power += 0.00713) {
        const float x = (float)exp2(power);
        const double expected = log((double)x);
        assert_near(fsbi_real_log(x), expected, 3e-7 * fabs(expected) + 1e-7);
    }
    assert_near(fsbi_real_log(1), 0, 0);
}

static void what_follows(void **state) {
    (void)state;
    for (double at = -100; at < 100; at += 0.00917) {
        const float x = (float)at;
        const double softplus = at > 30 ? (double)x : log1p(exp((double)x));
        assert_near(fsbi_real_softplus(x), softplus, 3e-7 * softplus + 1e-7);
        const double sigmoid = 1 / (1 + exp(-(double)x));
        assert_near(fsbi_real_sigmoid(x), sigmoid, 6e-7 * sigmoid + 2e-38);
    }
}

static void not_a_number_remains(void **state) {
    (void)state;
    assert_true(isnan(fsbi_real_softplus(NAN)));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exponential), cmocka_unit_test(logarithm),
                                       cmocka_unit_test(what_follows),
                                       cmocka_unit_test(not_a_number_remains)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
