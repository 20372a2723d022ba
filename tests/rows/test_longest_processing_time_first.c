/* The order in which rows are handed out: against times that follow a known law. */
#include "rows/longest_processing_time_first.h"
#include "unit.h"

enum { ROWS = 300, RULES = 40, PARAMETERS = 2 };

static const fsbi_row_shape shape = {PARAMETERS, 0};
static fsbi_parameter parameters[PARAMETERS] = {{.low = -1, .high = 3}, {.low = 0, .high = 10}};
static const fsbi_model model = {.parameters = parameters, .parameter_count = PARAMETERS};

static void draw(size_t i, double theta[PARAMETERS]) {
    theta[0] = -1 + 4 * fmod(0.618034 * (double)(i + 1), 1);
    theta[1] = 10 * fmod(0.754878 * (double)(i + 1), 1);
}

static double law(const double theta[PARAMETERS]) {
    return exp(theta[0] - 0.02 * theta[1] * theta[1]);
}

/* Orders the RULES rules of a second round after `finished` rows of a first one, whose times are
 * the law's times `unit` s. */
static void order(size_t finished, double unit, double *thetas, size_t *indices) {
    const fsbi_config_round rounds[] = {{.simulations = ROWS}, {.simulations = RULES}};
    void *rows[] = {calloc(ROWS, fsbi_row_size(&shape)), calloc(RULES, fsbi_row_size(&shape))};
    const fsbi_row_set set = {.shape = &shape, .rounds = rounds, .rows = rows, .end = 2};
    fsbi_error error = {0};
    for (size_t i = 0; i < finished; i++) {
        fsbi_row *row = fsbi_row_set_at(&set, 0, i);
        row->status = FSBI_SIMULATION_OK;
        draw(i, row->values);
        row->wall_time = unit * law(row->values);
        fsbi_row_seal(&shape, row);
    }
    for (size_t i = 0; i < RULES; i++) {
        draw(1000 + i, thetas + i * PARAMETERS);
        fsbi_row_propose(&shape, fsbi_row_set_at(&set, 1, i), i, thetas + i * PARAMETERS);
        indices[i] = i;
    }
    assert_ok(fsbi_longest_processing_time_first(&model, &set, indices, RULES, &error), error);
    free(rows[0]);
    free(rows[1]);
}

static bool is_unchanged(const size_t *indices) {
    for (size_t i = 0; i < RULES; i++)
        if (indices[i] != i)
            return false;
    return true;
}

/* A ridge makes all coefficients smaller, so neighbours may change places, those far apart not. */
static void longest_come_first(void **state) {
    (void)state;
    double thetas[RULES * PARAMETERS];
    size_t indices[RULES];
    bool seen[RULES] = {false};
    order(ROWS, 1, thetas, indices);
    for (size_t i = 0; i < RULES; i++) {
        assert_false(seen[indices[i]]);
        seen[indices[i]] = true;
        for (size_t k = i + 1; k < RULES; k++)
            assert_true(law(thetas + indices[k] * PARAMETERS) <
                        2 * law(thetas + indices[i] * PARAMETERS));
    }
    assert_false(is_unchanged(indices));
}

static void nothing_is_known_or_worth_it(void **state) {
    (void)state;
    double thetas[RULES * PARAMETERS];
    size_t indices[RULES];
    order(50, 1, thetas, indices);
    assert_true(is_unchanged(indices));
    order(ROWS, 1e-4, thetas, indices);
    assert_true(is_unchanged(indices));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(longest_come_first),
                                       cmocka_unit_test(nothing_is_known_or_worth_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
