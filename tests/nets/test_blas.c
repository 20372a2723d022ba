/* Whoever makes networks gets one thread, whatever the environment says: run with
 * OPENBLAS_NUM_THREADS asking for more. */
#include "inference/estimator.h"
#include "unit.h"

int openblas_get_num_threads(void);

static void one_thread(void **state) {
    (void)state;
    assert_non_null(getenv("OPENBLAS_NUM_THREADS"));
    const fsbi_estimator_specification specification = {.theta_size = 2,
                                                        .x_size = 1,
                                                        .transforms = 1,
                                                        .hidden_features = 5,
                                                        .blocks = 1,
                                                        .bins = 5,
                                                        .tail_bound = 3};
    fsbi_error error = {0};
    void *flow = fsbi_estimator_nsf.create(&fsbi_estimator_nsf, &specification, 1, &error);
    assert_int_equal(openblas_get_num_threads(), 1);
    fsbi_estimator_nsf.destroy(flow);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
