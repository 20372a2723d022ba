#include <gsl/gsl_randist.h>
#include <math.h>

#include "fsbi/random.h"
#include "unit.h"

/* From the PCG project's own check of pcg32 with state 42 and sequence 54. */
static void published_outputs(void **state) {
    (void)state;
    static const unsigned long expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                             0x83d2f293, 0xbfa4784b, 0xcbed606e};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_random_seed_sequence(rng, 42, 54);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(gsl_rng_get(rng), expected[i]);
    gsl_rng_set(rng, 42);
    assert_int_equal(gsl_rng_get(rng), expected[0]);
    gsl_rng_free(rng);
}

static void stream_names_matter(void **state) {
    (void)state;
    const uint64_t base = fsbi_random_stream_seed(1, FSBI_PURPOSE_SIMULATE, 2, 3);
    assert_int_equal(base, fsbi_random_stream_seed(1, FSBI_PURPOSE_SIMULATE, 2, 3));
    assert_int_not_equal(base, fsbi_random_stream_seed(2, FSBI_PURPOSE_SIMULATE, 2, 3));
    assert_int_not_equal(base, fsbi_random_stream_seed(1, FSBI_PURPOSE_PROPOSE, 2, 3));
    assert_int_not_equal(base, fsbi_random_stream_seed(1, FSBI_PURPOSE_SIMULATE, 3, 2));
    assert_int_not_equal(base, fsbi_random_stream_seed(1, FSBI_PURPOSE_SIMULATE, 2, 4));
}

/* Means and variances of 10^6 numbers within five standard errors, also across streams that differ
 * by one row. */
static void moments(void **state) {
    (void)state;
    enum { N = 1000000 };
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    double sum = 0;
    double squares = 0;
    double product = 0;
    double before = 0;
    for (int i = 0; i < N; i++) {
        if (i % 10 == 0)
            fsbi_random_seed(rng,
                             fsbi_random_stream_seed(7, FSBI_PURPOSE_SIMULATE, 0, (uint64_t)i));
        double u = gsl_rng_uniform(rng);
        assert_true(u >= 0 && u < 1);
        sum += u;
        squares += (u - 0.5) * (u - 0.5);
        product += (u - 0.5) * (before - 0.5);
        before = u;
    }
    assert_near(sum / N, 0.5, 5 * sqrt(1.0 / 12 / N));
    assert_near(squares / N, 1.0 / 12, 5 * sqrt(1.0 / 180 / N));
    assert_near(product / N, 0, 5.0 / 12 / sqrt(N));
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(published_outputs),
                                       cmocka_unit_test(stream_names_matter),
                                       cmocka_unit_test(moments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
