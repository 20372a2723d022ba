/* What a campaign cost, in units that people read. */
#include "report/costs.h"

#include "steps/fixture.h"

static const char yaml[] =
    "campaign: {name: test}\n"
    "model: {name: two_moons}\n"
    "inference: {minimum_rows: 4}\n"
    "rounds: [{simulations: 10, infer: [x_0], keep: {x_0: [3, 100]}}, {simulations: 5}]\n";

/* Ten rows of 9 s, of which seven are kept. The second round has not begun. */
static void units(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_error error = {0};
    campaign_begin(&f, yaml);
    for (size_t i = 0; i < 10; i++) {
        const double theta[] = {0, 0}, metrics[] = {(double)i, 0};
        fsbi_campaign_row(&f.state, 0, i)->wall_time = 9;
        campaign_set_row(&f, 0, i, theta, metrics);
    }
    const fsbi_phase_time proposing = {.core_time = 2e-4}, training = {.core_time = 7200},
                          traces = {.core_time = 5};
    assert_ok(fsbi_campaign_file_add_time(f.state.file, 0, FSBI_PHASE_PROPOSE, &proposing, &error),
              error);
    assert_ok(fsbi_campaign_file_add_time(f.state.file, 0, FSBI_PHASE_POSTERIOR, &training, &error),
              error);
    assert_ok(fsbi_campaign_file_add_time(f.state.file, 0, FSBI_PHASE_TRACES, &traces, &error),
              error);
    const fsbi_campaign_results results = {.setup = &f.setup,
                                           .shape = &f.state.shape,
                                           .rows = f.state.rows,
                                           .round_count = 2,
                                           .file = f.state.file};
    assert_ok(fsbi_costs_print(&results, f.report, &error), error);
    static const char *const expected[][2] = {
        {"core time: simulating", "1.5 min"}, {"  waiting for the last", "-"},
        {"  drawing rules", "< 1 ms"},        {"  training", "2.0 h"},
        {"  collecting traces", "5 s"},       {"one kept rule", "17.4 min"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char line[128];
        snprintf(line, sizeof line, "\n%-24s  %10s  %10s\n", expected[i][0], expected[i][1], "-");
        assert_contains(campaign_report(&f), line);
    }
    campaign_end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(units)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
