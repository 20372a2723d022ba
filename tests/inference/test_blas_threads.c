/* Run with OPENBLAS_NUM_THREADS asking for more. */
#include <cblas.h>

#include "inference/blas_threads.h"
#include "unit.h"

static void one_thread(void **state) {
    (void)state;
    assert_non_null(getenv("OPENBLAS_NUM_THREADS"));
    fsbi_blas_use_one_thread();
    assert_int_equal(openblas_get_num_threads(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
