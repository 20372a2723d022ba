/* Fences against few rows, against many, and what stands beyond. */
#include "inference/robust_scale.h"
#include "unit.h"

enum { ROWS = 1000 };

static double values[ROWS], room[ROWS];

/* Equally spaced in [0, 1): mean and deviation are known. */
static void fill(void) {
    for (int i = 0; i < ROWS; i++)
        values[i] = (double)((i * 37) % ROWS) / ROWS;
}

static fsbi_robust_scale find(void) {
    return fsbi_robust_scale_find(&(fsbi_column){values, 1, ROWS}, room);
}

static void without_exceptions(void **state) {
    (void)state;
    fill();
    const fsbi_robust_scale scale = find();
    assert_int_equal(scale.outside, 0);
    assert_near(scale.mean, 0.4995, 1e-12);
    assert_near(scale.deviation, sqrt((1e6 - 1) / 12) / ROWS, 1e-12);
    assert_true(fsbi_robust_scale_is_outside(&scale, 1e300));
}

static void few_do_not_count(void **state) {
    (void)state;
    static const double odd[] = {1e4, -999, 9.969e36};
    for (int k = 0; k < 3; k++) {
        fill();
        const fsbi_robust_scale plain = find();
        for (int i = 0; i < ROWS; i += 10)
            values[i] = odd[k];
        const fsbi_robust_scale scale = find();
        assert_int_equal(scale.outside, ROWS / 10);
        /* What is left is a random part of the column: its mean within 4 standard errors. */
        assert_near(scale.mean, plain.mean, 4 * plain.deviation / sqrt(0.9 * ROWS));
        assert_near(scale.deviation, plain.deviation, 0.05 * plain.deviation);
        assert_true(fsbi_robust_scale_is_outside(&scale, odd[k]));
        assert_false(fsbi_robust_scale_is_outside(&scale, 2));
    }
}

/* Every fifth row is no exception; neither are values where more than half are the same. */
static void many_do(void **state) {
    (void)state;
    fill();
    for (int i = 0; i < ROWS; i += 5)
        values[i] = 1e4 + i;
    const fsbi_robust_scale fifth = find();
    assert_int_equal(fifth.outside, 0);
    assert_true(fifth.mean > 1900);
    for (int i = 0; i < ROWS; i++)
        values[i] = 3;
    const fsbi_robust_scale same = find();
    assert_near(same.mean, 3, 0);
    assert_near(same.deviation, 0, 0);
}

/* A value that is repeated, far from the rest, in any share; zeros near the rest. */
static void repeated(void **state) {
    (void)state;
    for (int step = 2; step <= 6; step++) {
        fill();
        for (int i = 0; i < ROWS; i += step)
            values[i] = -999;
        const fsbi_robust_scale scale = find();
        assert_int_equal(scale.outside, (ROWS + step - 1) / step);
        assert_near(scale.mean, 0.4995, 0.06);
    }
    fill();
    for (int i = 0; i < ROWS; i++)
        values[i] = i % 5 == 0 ? values[i] : 0;
    values[3] = 1e4;
    const fsbi_robust_scale zeros = find();
    assert_int_equal(zeros.outside, 1);
    assert_true(zeros.high < 1e4);
    fill();
    for (int i = 0; i < ROWS; i++)
        values[i] = i % 5 < 2 ? 0 : i % 5 == 2 ? -999 : values[i];
    assert_int_equal(find().outside, ROWS / 5);
    for (int i = 0; i < ROWS; i++)
        values[i] = i % 10 == 0 ? -999 : i % 2;
    assert_int_equal(find().outside, ROWS / 10);
}

static void compressed(void **state) {
    (void)state;
    assert_near(fsbi_robust_scale_compress(9.5), 9.5, 0);
    assert_near(fsbi_robust_scale_compress(-10), -10, 0);
    assert_near(fsbi_robust_scale_compress(11), 10 + log(2), 1e-14);
    assert_near(fsbi_robust_scale_compress(-1e36), -(10 + 36 * log(10)), 1e-9);
    assert_true(isfinite(fsbi_robust_scale_compress(-INFINITY)));
    assert_true(isnan(fsbi_robust_scale_compress(NAN)));
    assert_true(fsbi_robust_scale_compress(1e300) > fsbi_robust_scale_compress(1e299));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_exceptions), cmocka_unit_test(few_do_not_count),
        cmocka_unit_test(many_do), cmocka_unit_test(repeated), cmocka_unit_test(compressed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
