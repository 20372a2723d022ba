/* Which rows meet best shares: against counting by hand. */
#include "config/filter.h"
#include "rows/row_filter.h"
#include "rows/violation.h"
#include "unit.h"

enum { ROWS = 10, METRICS = 2 };

static const fsbi_row_shape shape = {1, METRICS};

/* Rounds of rows with these two metrics. */
typedef struct {
    fsbi_config_round rounds[2];
    void *rows[2];
} fixture;

static fixture start(const double first[ROWS][METRICS], const double second[ROWS][METRICS]) {
    fixture f = {.rounds = {{.simulations = ROWS}, {.simulations = ROWS}}};
    const double(*const values[2])[METRICS] = {first, second};
    for (int r = 0; r < 2; r++) {
        f.rows[r] = calloc(ROWS, fsbi_row_size(&shape));
        for (size_t i = 0; i < ROWS; i++) {
            fsbi_row *row = fsbi_row_at(&shape, f.rows[r], i);
            row->status = FSBI_SIMULATION_OK;
            memcpy(row->values + 1, values[r][i], sizeof values[r][i]);
        }
    }
    return f;
}

static void finish(fixture *f) {
    free(f->rows[0]);
    free(f->rows[1]);
}

static const double low_values[ROWS][METRICS] = {{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0},
                                                 {6, 1}, {7, 1}, {8, 1}, {9, 1}, {10, 1}};
static const double with_ties[ROWS][METRICS] = {{20, 0},       {20, 0},  {20, 1},        {19, 1},
                                                {INFINITY, 1}, {NAN, 1}, {-INFINITY, 0}, {18, 0},
                                                {17, 0},       {16, 0}};

static size_t count(const fixture *f, size_t first, size_t end, const fsbi_condition *conditions,
                    size_t condition_count) {
    const fsbi_row_set set = {&shape, f->rounds, f->rows, first, end};
    const fsbi_filter filter = {.conditions = (fsbi_condition *)conditions,
                                .count = condition_count};
    fsbi_error error = {0};
    size_t met = 0;
    assert_ok(fsbi_filter_count(&filter, &set, &met, &error), error);
    return met;
}

static void shares(void **state) {
    (void)state;
    fixture f = start(low_values, with_ties);
    fsbi_condition top = fsbi_condition_any(0);
    for (int k = 1; k <= ROWS; k++) {
        top.top = 0.1 * k;
        assert_int_equal(count(&f, 0, 1, &top, 1), k);
    }
    top.top = 0.11;
    assert_int_equal(count(&f, 0, 1, &top, 1), 2);
    /* Of 7 finite values a tenth is one, of which there are three; neither infinity counts. */
    top.top = 0.1;
    assert_int_equal(count(&f, 1, 2, &top, 1), 3);
    fsbi_condition bottom = fsbi_condition_any(0);
    bottom.bottom = 0.3;
    assert_int_equal(count(&f, 1, 2, &bottom, 1), 3);
    bottom.bottom = 0.7;
    assert_int_equal(count(&f, 1, 2, &bottom, 1), 7);
    /* Of both rounds: 17 values; the best tenth is two, and the third equals them. */
    assert_int_equal(count(&f, 0, 2, &top, 1), 3);
    finish(&f);
}

/* A share is one of the rows that meet the intervals, of the other metric and of its own. */
static void shares_within_intervals(void **state) {
    (void)state;
    fixture f = start(low_values, with_ties);
    fsbi_condition conditions[2] = {fsbi_condition_any(0), fsbi_condition_any(1)};
    conditions[0].top = 0.4;
    conditions[1].high = 0.5;
    assert_int_equal(count(&f, 0, 1, conditions, 2), 2); /* 4 and 5 of 1 to 5 */
    conditions[0].high = 4;
    assert_int_equal(count(&f, 0, 1, conditions, 2), 2); /* 3 and 4 of 1 to 4 */
    conditions[1].bottom = 0.5;
    assert_int_equal(count(&f, 0, 1, conditions, 2), 2);
    conditions[0].low = 100;
    conditions[0].high = 200;
    assert_int_equal(count(&f, 0, 1, conditions, 2), 0);
    finish(&f);
}

/* Rows that are not ok do not count. */
static void statuses(void **state) {
    (void)state;
    fixture f = start(low_values, with_ties);
    fsbi_condition top = fsbi_condition_any(0);
    top.top = 0.5;
    for (size_t i = 8; i < ROWS; i++)
        fsbi_row_at(&shape, f.rows[0], i)->status = FSBI_SIMULATION_BLOWN_UP;
    assert_int_equal(count(&f, 0, 1, &top, 1), 4);
    finish(&f);
}

/* Distances by hand. */
static void violations(void **state) {
    (void)state;
    fsbi_condition conditions[] = {
        {.metric_index = 0, .low = 1, .high = 5, .top = 1, .bottom = 1},
        {.metric_index = 1, .low = 0.5, .high = INFINITY, .top = 1, .bottom = 1}};
    const fsbi_filter filter = {.conditions = conditions, .count = 2};
    static const struct {
        double values[METRICS];
        double first, second;
    } cases[] = {{{1, 0.5}, 0, 0},
                 {{7, 0.25}, 1.0 / 3, 1.0 / 3},
                 {{0, INFINITY}, 0.2, 0},
                 {{NAN, -0.5}, 1, 2.0 / 3},
                 {{INFINITY, 1}, 1, 0}};
    fsbi_row *row = calloc(1, fsbi_row_size(&shape));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        row->status = FSBI_SIMULATION_OK;
        memcpy(row->values + 1, cases[i].values, sizeof cases[i].values);
        assert_near(fsbi_condition_violation(&conditions[0], &shape, row), cases[i].first, 1e-12);
        assert_near(fsbi_condition_violation(&conditions[1], &shape, row), cases[i].second, 1e-12);
        assert_near(fsbi_filter_violation(&filter, &shape, row),
                    (cases[i].first + cases[i].second) / 2, 1e-12);
        row->status = FSBI_SIMULATION_STOPPED;
        assert_near(fsbi_filter_violation(&filter, &shape, row), 1, 1e-12);
    }
    free(row);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares),
                                       cmocka_unit_test(shares_within_intervals),
                                       cmocka_unit_test(statuses), cmocka_unit_test(violations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
