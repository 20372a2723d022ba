/* What is said of a posterior: one sentence for each thing that can be wrong with it. */
#include "fit/calibration_report.h"
#include "unit.h"

enum { ROWS = 200, COLUMNS = 4 };

typedef struct {
    fsbi_posterior_plan plan;
    fsbi_posterior_check check;
    int32_t ranks[ROWS * COLUMNS];
    fsbi_calibration_result results[COLUMNS];
    fsbi_text text;
} fixture;

static void start(fixture *f) {
    const fsbi_estimator_specification specification = {.theta_size = 2, .x_size = 1};
    fsbi_error error = {0};
    memset(f, 0, sizeof *f);
    assert_ok(fsbi_posterior_plan_init(&f->plan, &specification, &error), error);
    snprintf(f->plan.theta_names[1], sizeof *f->plan.theta_names, "tau_EE");
    f->check = (fsbi_posterior_check){.rows = ROWS,
                                      .acceptance = {1000, 800},
                                      .learned = NAN,
                                      .learned_error = NAN,
                                      .ranks = f->ranks,
                                      .results = f->results,
                                      .most_rows = ROWS,
                                      .columns = COLUMNS};
    for (int k = 0; k < COLUMNS; k++)
        f->results[k] = (fsbi_calibration_result){0.5, 0.03, 0.48, 0.91};
}

static const char *explain(fixture *f) {
    fsbi_text_clear(&f->text);
    fsbi_calibration_report_write(&f->plan, &f->check, "  ", &f->text);
    return f->text.length > 0 ? f->text.characters : "";
}

static void finish(fixture *f) {
    fsbi_text_clear(&f->text);
    fsbi_posterior_plan_clear(&f->plan);
}

static void good(void **state) {
    (void)state;
    fixture f;
    start(&f);
    assert_string_equal(
        explain(&f), "  calibrated: on 200 rows held out, its 50 % regions hold 48 % and its 90 % "
                     "regions 91 % of the true values\n"
                     "  80 % of its samples lie within the prior's bounds\n");
    f.check.acceptance.inside = 1000;
    assert_null(strstr(explain(&f), "within"));
    finish(&f);
}

static void off(void **state) {
    (void)state;
    fixture f;
    start(&f);
    /* One of four columns: p = 0.003 is 0.012 by chance, p = 0.002 is 0.008. */
    f.results[1].p_value = 0.003;
    assert_contains(explain(&f), "  calibrated:");
    f.results[1].p_value = 0.002;
    assert_contains(explain(&f), "  slightly off:");
    assert_contains(explain(&f), "the ranks of tau_EE are not uniform: off by up to 3 %");
    f.results[1].deviation = 0.12;
    assert_contains(explain(&f), "  BADLY OFF:");
    f.results[2] = (fsbi_calibration_result){1e-9, 0.2, 0.3, 0.7};
    assert_contains(explain(&f), "  BADLY OFF: on 200 rows held out, its 50 % regions hold 30 %");
    assert_contains(explain(&f), "its regions are too narrow");
    f.results[2] = (fsbi_calibration_result){1e-9, 0.2, 0.7, 0.99};
    assert_contains(explain(&f), "its regions are too wide");
    f.results[2].inside_90 = 0.85;
    assert_contains(explain(&f), "its shape is not right");
    finish(&f);
}

static void leaking(void **state) {
    (void)state;
    fixture f;
    start(&f);
    f.check.acceptance.inside = 400;
    assert_contains(explain(&f),
                    "40 % of its samples lie within the prior's bounds: it LEAKS most of "
                    "its mass (inference.bounds: stretch");
    for (int row = 0; row < 3; row++)
        f.ranks[row * COLUMNS] = -1;
    assert_contains(explain(&f), "on 197 rows held out");
    assert_contains(explain(&f), "3 of 200 rows held out are out of its reach");
    finish(&f);
}

static void learned(void **state) {
    (void)state;
    fixture f;
    start(&f);
    f.check.learned = 1.5;
    f.check.learned_error = 0.25;
    assert_contains(explain(&f), "  x tells it 1.5 +- 0.25 nats about theta");
    f.check.learned = 0.49;
    assert_contains(explain(&f), "  NOTHING was learned from x: it tells 0.49 +- 0.25 nats");
    finish(&f);
}

static void unchecked(void **state) {
    (void)state;
    fixture f;
    start(&f);
    for (int k = 0; k < COLUMNS; k++)
        f.results[k] = (fsbi_calibration_result){NAN, NAN, NAN, NAN};
    f.check.rows = 30;
    assert_contains(explain(&f), "calibration not checked: 30 rows held out, 50 are needed");
    f.check.rows = -1;
    assert_string_equal(explain(&f), "");
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(good), cmocka_unit_test(off),
                                       cmocka_unit_test(leaking), cmocka_unit_test(learned),
                                       cmocka_unit_test(unchecked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
