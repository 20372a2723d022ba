/* Products of all small shapes against plain sums in double precision; what they must not touch
 * stays. */
#include "inference/streams.h"
#include "nets/batch.h"
#include "nets/products.h"
#include "unit.h"

enum { MOST = 110 };

static fsbi_real a[MOST * MOST], b[MOST * 3 * FSBI_BATCH_LANES], c[MOST * MOST];

/* A sum of so many products of numbers near 1, in single precision. */
static double allowed(size_t terms) {
    return 4e-7 * (double)(terms + 4) * 3;
}

static void check(const double *expected, size_t count, size_t terms) {
    for (size_t i = 0; i < count; i++)
        assert_near(c[i], expected[i], allowed(terms));
    assert_near(c[count], 77, 0);
}

static void product(size_t rows, size_t inner, size_t stride, bool transposed) {
    static double expected[MOST * MOST];
    const size_t width = rows + 3;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < stride; j++) {
            double sum = 0;
            for (size_t k = 0; k < inner; k++)
                sum += (double)(transposed ? a[k * width + i] : a[i * inner + k]) *
                       (double)b[k * stride + j];
            expected[i * stride + j] = sum;
        }
    c[rows * stride] = 77;
    if (transposed)
        fsbi_product_transposed(a, width, b, &(fsbi_product_sizes){rows, inner, stride}, c);
    else
        fsbi_product(a, b, &(fsbi_product_sizes){rows, inner, stride}, c);
    check(expected, rows * stride, inner);
}

static void outer(size_t rows, size_t columns, size_t stride) {
    static double expected[MOST * MOST];
    for (size_t i = 0; i < rows * columns; i++)
        c[i] = 1;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            double sum = 1;
            for (size_t k = 0; k < stride; k++)
                sum += (double)a[i * stride + k] * (double)b[j * stride + k];
            expected[i * columns + j] = sum;
        }
    c[rows * columns] = 77;
    fsbi_product_add_outer(a, b, rows, columns, stride, c);
    check(expected, rows * columns, stride);
}

static void all_shapes(void **state) {
    (void)state;
    gsl_rng *rng = new_stream(1);
    fill(rng, 1, sizeof a / sizeof *a, a);
    fill(rng, 1, sizeof b / sizeof *b, b);
    for (size_t rows = 1; rows <= 20; rows++) {
        for (size_t stride = FSBI_BATCH_LANES; stride <= 3 * FSBI_BATCH_LANES;
             stride += FSBI_BATCH_LANES) {
            for (size_t inner = 1; inner <= 9; inner++) {
                product(rows, inner, stride, false);
                product(rows, inner, stride, true);
            }
            for (size_t columns = 1; columns <= 9; columns++)
                outer(rows, columns, stride);
        }
    }
    /* More inner indices than are gone through at once. */
    for (size_t inner = 95; inner <= 100; inner++) {
        product(7, inner, FSBI_BATCH_LANES, false);
        product(7, inner, FSBI_BATCH_LANES, true);
    }
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_shapes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
