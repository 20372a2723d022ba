/* Which rows networks are trained on, against rows whose metrics are known. */
#include "steps/select.h"

#include "steps/fixture.h"

enum { ROWS = 10, SIZE = 2 };

static const char yaml[] =
    "campaign: {name: test}\n"
    "model: {name: two_moons}\n"
    "inference: {minimum_rows: 4}\n"
    "rounds:\n"
    "  - {simulations: 10, keep: {x_0: [2, 7]}, infer: [x_1], classify: {x_0: [5, .inf]}}\n"
    "  - {simulations: 10, propose: {x_1: [100, 105]}, keep: {x_0: [2, 7]}, keep_from: this_round, "
    "infer: [x_1]}\n"
    "  - {simulations: 10, keep: {x_0: {top: 0.2}}, infer: [x_1, x_0]}\n"
    "  - {simulations: 10, keep: {x_0: [1000, .inf]}, infer: [x_1], classify: {x_0: [1000, "
    ".inf]}}\n";

/* Row i of a round has theta (i/10, -i/10), x_0 = i and x_1 = 100 round + i, but that x_1 of row 3
 * is NaN. */
static void begin(campaign_fixture *f) {
    campaign_begin(f, yaml);
    for (size_t round = 0; round < 4; round++)
        for (size_t i = 0; i < ROWS; i++) {
            const double theta[SIZE] = {(double)i / 10, -(double)i / 10};
            const double metrics[] = {(double)i, i == 3 ? NAN : (double)(100 * round + i)};
            campaign_set_row(f, round, i, theta, metrics);
        }
}

/* Of rows 2 to 7 all but row 3, whose x is not finite. */
static void an_interval_keeps_its_rows(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_training_table table;
    fsbi_error error = {0};
    const size_t expected[] = {2, 4, 5, 6, 7};
    begin(&f);
    assert_ok(fsbi_campaign_select(&f.state, 0, &table, &error), error);
    assert_int_equal(table.rows, 5);
    assert_int_equal(table.left_out, 1);
    for (size_t i = 0; i < 5; i++) {
        assert_near(table.theta[2 * i], (double)expected[i] / 10, 0);
        assert_near(table.theta[2 * i + 1], -(double)expected[i] / 10, 0);
        assert_near(table.x[i], (double)expected[i], 0);
    }
    fsbi_training_table_clear(&table);
    campaign_end(&f);
}

static void this_round_alone(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_training_table table;
    fsbi_error error = {0};
    begin(&f);
    assert_ok(fsbi_campaign_select(&f.state, 1, &table, &error), error);
    assert_int_equal(table.rows, 5);
    assert_near(table.x[0], 102, 0);
    fsbi_training_table_clear(&table);
    campaign_end(&f);
}

/* The best fifth of all 30 rows so far: those of x_0 8 and 9 in each round; x in the order of
 * `infer`. */
static void a_best_share_is_of_all_rounds(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_training_table table;
    fsbi_error error = {0};
    const double expected[][2] = {{8, 8}, {9, 9}, {108, 8}, {109, 9}, {208, 8}, {209, 9}};
    begin(&f);
    assert_ok(fsbi_campaign_select(&f.state, 2, &table, &error), error);
    assert_int_equal(table.rows, 6);
    assert_memory_equal(table.x, expected, sizeof expected);
    fsbi_training_table_clear(&table);
    campaign_end(&f);
}

static void too_few_rows_are_hopeless(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_training_table table;
    fsbi_error error = {0};
    begin(&f);
    assert_int_equal(fsbi_campaign_select(&f.state, 3, &table, &error), FSBI_HOPELESS);
    assert_contains(error.message, "round 3 keeps only 0 of 40 rows");
    fsbi_training_table_clear(&table);
    assert_int_equal(fsbi_campaign_label(&f.state, 3, &table, &error), FSBI_HOPELESS);
    assert_contains(error.message, "only 0 of the 40 rows");
    fsbi_training_table_clear(&table);
    campaign_end(&f);
}

/* A classifier sees every rule, as its x, and whether it is valid, as its theta. */
static void labels_say_what_is_valid(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_training_table table;
    fsbi_error error = {0};
    begin(&f);
    assert_ok(fsbi_campaign_label(&f.state, 0, &table, &error), error);
    assert_int_equal(table.rows, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        assert_near(table.theta[i], i >= 5, 0);
        assert_near(table.x[2 * i], (double)i / 10, 0);
    }
    fsbi_training_table_clear(&table);
    campaign_end(&f);
}

/* Of round 1, asked for x_1 in 100..105: rows 0, 1, 2, 4, 5. */
static void rules_that_did_what_they_should(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_error error = {0};
    int64_t met[2] = {0};
    begin(&f);
    assert_ok(fsbi_campaign_count_met(&f.state, 1, met, &error), error);
    assert_int_equal(met[0], 5);
    assert_int_equal(met[1], 5);
    campaign_end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_keeps_its_rows),
        cmocka_unit_test(this_round_alone),
        cmocka_unit_test(a_best_share_is_of_all_rounds),
        cmocka_unit_test(too_few_rows_are_hopeless),
        cmocka_unit_test(labels_say_what_is_valid),
        cmocka_unit_test(rules_that_did_what_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
