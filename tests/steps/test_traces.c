/* Traces of a round, from the simulations to the file that has them in order. */
#include "output/trace_files.h"
#include "steps/fixture.h"
#include "steps/gather_traces.h"

enum { ROWS = 12 };

static const char yaml[] =
    "campaign: {name: test}\n"
    "model: {name: if_poly, NE: 100, NI: 25, N_input: 100, lns: 0.1, ls: 1, weight_poisson: 0.3,\n"
    "        recorded_e: 50, recorded_i: 10}\n"
    "inference: {minimum_rows: 4}\n"
    "rounds: [{simulations: 12, keep: {rate: [0, 20]}, infer: [rate]}]\n"
    "traces: {store: %s, share: 0.5}\n";

/* Which rows a way of choosing stores; and that metrics of what is stored are those of the rows. */
static size_t store(const char *way, bool stored[ROWS]) {
    campaign_fixture f;
    fsbi_error error = {0};
    fsbi_trace_file file = {0};
    bool needed = false;
    char text[1024];
    snprintf(text, sizeof text, yaml, way);
    campaign_begin(&f, text);
    campaign_fill(&f, 0);
    fsbi_trace_writer_close(&f.state.traces);
    assert_ok(fsbi_campaign_gather_traces(&f.state, 0, &needed, &error), error);
    assert_ok(fsbi_trace_files_open("test.h5", f.setup.model, 0, &file, &error), error);
    const size_t rows = file.rows;
    assert_true(needed == (rows > 0));
    for (size_t i = 0; i < rows; i++) {
        const fsbi_row *row = fsbi_campaign_row(&f.state, 0, file.row[i]);
        fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
        void *memory = NULL;
        double metrics[64];
        assert_true(file.whole[i] && (i == 0 || file.row[i] > file.row[i - 1]));
        assert_true(file.row_checksum[i] == row->checksum);
        assert_ok(fsbi_trace_file_read(&file, f.setup.model, i, traces, &memory, &error), error);
        assert_ok(f.setup.model->type->score(f.setup.model->settings, traces, metrics, &error),
                  error);
        assert_memory_equal(metrics, row->values + f.state.shape.theta_count,
                            f.state.shape.metric_count * sizeof *metrics);
        stored[file.row[i]] = true;
        free(memory);
    }
    fsbi_trace_file_close(&file);
    /* The spools are gone, and there is nothing to do any more. */
    assert_int_not_equal(access("test.traces", F_OK), 0);
    assert_ok(fsbi_campaign_gather_traces(&f.state, 0, &needed, &error), error);
    assert_false(needed);
    /* What the conditions say of each row, for the caller. */
    for (size_t i = 0; i < ROWS; i++) {
        const fsbi_row *row = fsbi_campaign_row(&f.state, 0, i);
        const double rate = row->values[f.state.shape.theta_count];
        const bool ok = row->status == FSBI_SIMULATION_OK;
        if (strcmp(way, "all") == 0)
            assert_true(stored[i] == ok);
        if (strcmp(way, "accepted") == 0)
            assert_true(stored[i] == (ok && rate <= 20));
    }
    campaign_end(&f);
    return rows;
}

static void chosen_rows_are_stored(void **state) {
    (void)state;
    bool all[ROWS] = {false}, accepted[ROWS] = {false}, drawn[ROWS] = {false}, none[ROWS] = {false};
    assert_true(store("all", all) > 2);
    store("accepted", accepted);
    const size_t count = store("random", drawn);
    assert_true(count > 0 && count < ROWS);
    for (size_t i = 0; i < ROWS; i++)
        assert_true(all[i] || !drawn[i]);
    assert_int_equal(store("none", none), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(chosen_rows_are_stored)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
