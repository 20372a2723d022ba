/* The rules of a round, from each source that needs no posterior. */
#include "propose/propose.h"

#include <hdf5.h>

#include "steps/fixture.h"

enum { ROWS = 2000, SIZE = 2 };

static const char from_prior[] = "campaign: {name: test}\n"
                                 "model: {name: two_moons}\n"
                                 "rounds: [{simulations: 2000}]\n";

/* Uniform within the box: mean and variance within five standard errors of 0 and 1/3. */
static void prior_is_uniform(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_error error = {0};
    double sum[SIZE] = {0}, square[SIZE] = {0};
    campaign_begin(&f, from_prior);
    assert_ok(fsbi_campaign_propose(&f.state, 0, &error), error);
    for (size_t i = 0; i < ROWS; i++) {
        const fsbi_row *row = fsbi_campaign_row(&f.state, 0, i);
        assert_true(fsbi_row_proposed(&f.state.shape, row));
        for (size_t k = 0; k < SIZE; k++) {
            assert_true(fabs(row->values[k]) <= 1);
            sum[k] += row->values[k];
            square[k] += row->values[k] * row->values[k];
        }
    }
    for (size_t k = 0; k < SIZE; k++) {
        assert_near(sum[k] / ROWS, 0, 5 * sqrt(1.0 / 3 / ROWS));
        assert_near(square[k] / ROWS, 1.0 / 3, 5 * sqrt(4.0 / 45 / ROWS));
    }
    campaign_end(&f);
}

/* A row's rule is its own: it does not depend on which others are there already, and what is
 * simulated stays as it is. The file has what memory has. */
static void rules_belong_to_rows(void **state) {
    (void)state;
    campaign_fixture whole, half;
    fsbi_error error = {0};
    const double theta[SIZE] = {0.25, -0.25}, metrics[] = {1, 2};
    campaign_begin(&whole, from_prior);
    assert_ok(fsbi_campaign_propose(&whole.state, 0, &error), error);
    campaign_begin(&half, from_prior);
    for (size_t i = 0; i < ROWS; i += 2)
        campaign_set_row(&half, 0, i, theta, metrics);
    assert_ok(fsbi_campaign_propose(&half.state, 0, &error), error);
    fsbi_row *stored = calloc(ROWS, fsbi_row_size(&half.state.shape));
    assert_ok(fsbi_campaign_file_read_rows(half.state.file, 0, 0, ROWS, stored, &error), error);
    assert_memory_equal(stored, half.state.rows[0], ROWS * fsbi_row_size(&half.state.shape));
    for (size_t i = 0; i < ROWS; i++) {
        const fsbi_row *row = fsbi_campaign_row(&half.state, 0, i);
        const double *expected = i % 2 == 0 ? theta : fsbi_campaign_row(&whole.state, 0, i)->values;
        assert_memory_equal(row->values, expected, sizeof theta);
        assert_int_equal(row->status, i % 2 == 0 ? FSBI_SIMULATION_OK : FSBI_SIMULATION_PENDING);
    }
    free(stored);
    campaign_end(&half);
    campaign_end(&whole);
}

/* Rows of a table in their order; a table that has changed is noticed. */
static void tables_are_taken_as_they_are(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_error error = {0};
    campaign_begin(&f, "campaign: {name: test}\n"
                       "model: {name: two_moons}\n"
                       "rounds: [{simulations: 3, propose: {table: rules.csv}}]\n");
    FILE *table = fopen("rules.csv", "w");
    fprintf(table, "theta_1,theta_0\n0.5,-0.5\n0.125,0.75\n1.5,0\n");
    fclose(table);
    assert_ok(fsbi_campaign_propose(&f.state, 0, &error), error);
    const double expected[][SIZE] = {{-0.5, 0.5}, {0.75, 0.125}, {0, 1.5}};
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(fsbi_campaign_row(&f.state, 0, i)->values, expected[i],
                            sizeof expected[i]);
    assert_contains(campaign_report(&f), "1 of the 3 rules of 'rules.csv' lie outside");
    table = fopen("rules.csv", "w");
    fprintf(table, "theta_1,theta_0\n0.5,-0.5\n0.25,0.75\n1.5,0\n");
    fclose(table);
    assert_int_equal(fsbi_campaign_propose(&f.state, 0, &error), FSBI_BAD_INPUT);
    assert_contains(error.message, "rule 1 of 'rules.csv' is not the one");
    campaign_end(&f);
}

static const char rules_again[] =
    "campaign: {name: test}\n"
    "model: {name: two_moons}\n"
    "rounds:\n"
    "  - {simulations: 10}\n"
    "  - {simulations: 3, propose: {rules_of: 0, where: {x_0: [0, .inf]}}}\n"
    "  - {simulations: 7, propose: {rules_of: 0, where: {x_0: [0, .inf]}}}\n"
    "  - {simulations: 2, propose: {rules_of: 0, where: {x_0: [100, .inf]}}}\n";

static void read_origins(const char *path, const char *dataset, int64_t *origins) {
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    const hid_t data = H5Dopen2(file, dataset, H5P_DEFAULT);
    assert_true(H5Dread(data, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, origins) >= 0);
    H5Dclose(data);
    H5Fclose(file);
}

/* Six rules meet the condition: rows 4 to 9. Three are chosen evenly; seven are all and the first
 * once more. Where they came from stands in the file. */
static void rules_run_again(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_error error = {0};
    campaign_begin(&f, rules_again);
    for (size_t i = 0; i < 10; i++) {
        const double theta[SIZE] = {(double)i / 10, -(double)i / 10};
        const double metrics[] = {i < 4 ? -1 : 1, 0};
        campaign_set_row(&f, 0, i, theta, metrics);
    }
    const int64_t expected[][7] = {{4, 6, 8}, {4, 5, 6, 7, 8, 9, 4}};
    for (size_t round = 1; round <= 2; round++) {
        const size_t count = f.setup.config->rounds[round].simulations;
        int64_t origins[2 * 7];
        char dataset[64];
        snprintf(dataset, sizeof dataset, "/rounds/%02zu/proposal/from", round);
        assert_ok(fsbi_campaign_propose(&f.state, round, &error), error);
        assert_ok(fsbi_campaign_file_flush(f.state.file, &error), error);
        read_origins("test.h5", dataset, origins);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(origins[2 * i], 0);
            assert_int_equal(origins[2 * i + 1], expected[round - 1][i]);
            assert_near(fsbi_campaign_row(&f.state, round, i)->values[0],
                        (double)expected[round - 1][i] / 10, 0);
        }
    }
    assert_int_equal(fsbi_campaign_propose(&f.state, 3, &error), FSBI_HOPELESS);
    assert_contains(error.message, "round 3");
    campaign_end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prior_is_uniform),
        cmocka_unit_test(rules_belong_to_rows),
        cmocka_unit_test(tables_are_taken_as_they_are),
        cmocka_unit_test(rules_run_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
