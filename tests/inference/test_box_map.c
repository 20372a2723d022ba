/* The map between a box and the line: there and back, and its derivatives against differences. */
#include "inference/box_map.h"

#include "unit.h"

static const fsbi_box box = {.low = -2, .high = 3, .margin = 1e-6};

static void there_and_back(void **state) {
    (void)state;
    for (double theta = -1.9; theta < 3; theta += 0.1)
        assert_near(fsbi_box_unstretch(&box, fsbi_box_stretch(&box, theta)), theta, 1e-13);
    assert_near(fsbi_box_stretch(&box, 0.5), 0, 1e-15);
}

/* At the ends, and beyond, what is a margin within. */
static void ends_are_finite(void **state) {
    (void)state;
    const double last = log((1 - box.margin) / box.margin);
    assert_near(fsbi_box_stretch(&box, -2), -last, 1e-9);
    assert_near(fsbi_box_stretch(&box, 3), last, 1e-9);
    assert_near(fsbi_box_stretch(&box, 17), last, 1e-9);
}

/* Central differences of step h are off by h^2 times a third derivative, and by rounding over h. */
static void derivatives(void **state) {
    (void)state;
    static const double h = 1e-5, tolerance = 1e-7;
    for (double theta = -1.5; theta < 2.6; theta += 0.25) {
        const double coordinate = fsbi_box_stretch(&box, theta);
        const double rate =
            (fsbi_box_stretch(&box, theta + h) - fsbi_box_stretch(&box, theta - h)) / (2 * h);
        const double gradient =
            (fsbi_box_log_rate(&box, theta + h) - fsbi_box_log_rate(&box, theta - h)) / (2 * h);
        assert_near(fsbi_box_log_rate(&box, theta), log(rate), tolerance);
        assert_near(fsbi_box_log_rate_gradient(&box, theta), gradient, tolerance);
        assert_near(fsbi_box_slope(&box, coordinate), 1 / rate, tolerance);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(there_and_back),
                                       cmocka_unit_test(ends_are_finite),
                                       cmocka_unit_test(derivatives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
