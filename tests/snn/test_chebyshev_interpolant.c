/* Approximations that stand for the rule's network: tanh as a ratio of polynomials, and functions
 * of two variables as polynomials. */
#include "snn/chebyshev_interpolant.h"
#include "snn/hyperbolic_tangent.h"
#include "unit.h"

static void tanh_is_near(void **state) {
    (void)state;
    static const struct {
        fsbi_tanh_range range;
        double largest;
    } cases[] = {{FSBI_TANH_OF_SMALL, 2}, {FSBI_TANH_OF_MEDIUM, 5}, {FSBI_TANH_OF_ANY, 40}};
    for (size_t k = 0; k < 3; k++) {
        for (int n = -40000; n <= 40000; n++) {
            const float y = (float)(cases[k].largest * n / 40000);
            const fsbi_float8 value = fsbi_tanh(fsbi_float8_of(y), cases[k].range);
            assert_near(value[n & 7] / FSBI_TANH_SCALE, tanh(y), 4e-7);
        }
    }
}

/* Made of hyperbolic tangents whose slopes are at most 1 along each axis. */
static float smooth(float a, float b) {
    return tanhf(0.3F + a - 0.2F * b) - 0.7F * tanhf(b + 0.5F * a) + 0.4F * tanhf(-0.6F * a + b);
}

static void interpolant_is_near(void **state) {
    (void)state;
    enum { LARGEST = FSBI_CHEBYSHEV_LARGEST * FSBI_CHEBYSHEV_LARGEST };
    static const float halves[][2] = {{0.04F, 0.04F}, {0.1F, 0.3F}, {0.35F, 0.02F},
                                      {0.7F, 0.18F},  {1.2F, 0.8F}, {1e-7F, 1.0F}};
    fsbi_chebyshev_basis basis;
    fsbi_chebyshev_basis_init(&basis);
    for (size_t c = 0; c < sizeof halves / sizeof *halves; c++) {
        fsbi_chebyshev_interpolant interpolant = {
            .first = fsbi_chebyshev_axis_of(0.4F - halves[c][0], 0.4F + halves[c][0], 1),
            .second = fsbi_chebyshev_axis_of(0.9F - halves[c][1], 0.9F + halves[c][1], 1)};
        const int points = fsbi_chebyshev_points(&interpolant);
        float a[LARGEST], b[LARGEST], values[LARGEST];
        fsbi_chebyshev_place(&basis, &interpolant, a, b);
        for (int k = 0; k < points; k++)
            values[k] = smooth(a[k], b[k]);
        assert_true(fsbi_chebyshev_fit(&basis, values, 2e-6F, &interpolant));
        for (int i = -10; i <= 10; i++) {
            for (int j = -10; j <= 10; j++) {
                const float x = 0.4F + halves[c][0] * (float)i / 10;
                const float y = 0.9F + halves[c][1] * (float)j / 10;
                const fsbi_float8 value =
                    fsbi_chebyshev_value(&interpolant, fsbi_float8_of(x), fsbi_float8_of(y));
                assert_near(value[3], smooth(x, y), 2e-6);
            }
        }
    }
}

/* A function too wild for its grid is noticed. */
static void wild_interpolant_is_refused(void **state) {
    (void)state;
    fsbi_chebyshev_basis basis;
    fsbi_chebyshev_basis_init(&basis);
    /* With slopes far below what they are. */
    fsbi_chebyshev_interpolant interpolant = {.first = fsbi_chebyshev_axis_of(-1, 1, 0.04F),
                                              .second = fsbi_chebyshev_axis_of(-1, 1, 0.04F)};
    float a[16], b[16], values[16];
    fsbi_chebyshev_place(&basis, &interpolant, a, b);
    for (int k = 0; k < 16; k++)
        values[k] = tanhf(3 * a[k]) + b[k];
    assert_false(fsbi_chebyshev_fit(&basis, values, 1e-5F, &interpolant));
    assert_int_equal(fsbi_chebyshev_axis_of(0, 6, 1).size, FSBI_CHEBYSHEV_SIZES);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tanh_is_near),
                                       cmocka_unit_test(interpolant_is_near),
                                       cmocka_unit_test(wild_interpolant_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
