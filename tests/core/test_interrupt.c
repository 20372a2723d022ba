#include <signal.h>

#include "core/clock.h"
#include "core/interrupt.h"
#include "unit.h"

static void signals(void **state) {
    (void)state;
    static const int numbers[] = {SIGTERM, SIGUSR1, SIGINT};
    static const char *const names[] = {"SIGTERM", "SIGUSR1", "SIGINT"};
    fsbi_interrupt_listen();
    for (int k = 0; k < 3; k++) {
        assert_false(fsbi_interrupt_requested());
        assert_true(fsbi_interrupt_age() < 0);
        raise(numbers[k]);
        assert_true(fsbi_interrupt_requested());
        assert_string_equal(fsbi_interrupt_reason(), names[k]);
        fsbi_interrupt_forget();
    }
}

static void deadline(void **state) {
    (void)state;
    fsbi_interrupt_after(INFINITY);
    assert_false(fsbi_interrupt_requested());
    fsbi_interrupt_after(1e6);
    assert_false(fsbi_interrupt_requested());
    fsbi_interrupt_after(1e-3);
    fsbi_clock_sleep(2e-3);
    assert_true(fsbi_interrupt_requested());
    assert_string_equal(fsbi_interrupt_reason(), "the time limit of --stop-after");
    fsbi_clock_sleep(0.01);
    assert_true(fsbi_interrupt_age() >= 0.009);
    fsbi_interrupt_forget();
    fsbi_interrupt_order();
    assert_true(fsbi_interrupt_requested());
    assert_string_equal(fsbi_interrupt_reason(), "another rank");
    fsbi_interrupt_forget();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(signals), cmocka_unit_test(deadline)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
