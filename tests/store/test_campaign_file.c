/* The campaign file, written by however many ranks mpirun starts and read back. */
#include <stdlib.h>
#include <unistd.h>

#include "cluster/cluster.h"
#include "core/memory.h"
#include "setup/networks.h"
#include "store/campaign_file.h"
#include "unit.h"

static const char yaml[] =
    "campaign: {name: test}\n"
    "model: {name: two_moons}\n"
    "conditions: {near: {x_0: [-0.1, 0.1]}}\n"
    "rounds:\n"
    "  - {simulations: 13, keep: {x_0: [-1, 1], x_1: [0, 2]}, infer: [x_0, x_1]}\n"
    "  - {simulations: 5, propose: {x_0: [0, 1], x_1: [0, 1]}}\n"
    "inference: {ensemble: 2, max_epochs: 30, minimum_rows: 10}\n";

typedef struct {
    char path[64];
    fsbi_setup setup;
    fsbi_campaign_file *file;
} fixture;

static void create(fixture *f) {
    fsbi_error error = {0};
    fsbi_posterior_plan networks[2 * FSBI_NETWORKS_KINDS] = {{0}};
    fsbi_posterior_plan *posterior = &networks[FSBI_NETWORKS_POSTERIOR];
    assert_ok(fsbi_setup_plan_networks(&f->setup, 0, FSBI_NETWORKS_POSTERIOR, posterior, &error),
              error);
    const fsbi_campaign_plan plan = {.config = f->setup.config,
                                     .model = f->setup.model,
                                     .config_text = yaml,
                                     .effective_config = f->setup.effective.characters,
                                     .program_version = "test",
                                     .networks = networks};
    fsbi_status status = FSBI_OK;
    if (fsbi_cluster_rank(MPI_COMM_WORLD) == 0)
        status = fsbi_campaign_file_create(f->path, &plan, NULL, &error);
    assert_ok(fsbi_cluster_agree(MPI_COMM_WORLD, status, &error), error);
    fsbi_posterior_plan_clear(posterior);
    assert_ok(fsbi_campaign_file_open(f->path, MPI_COMM_WORLD, f->setup.model, &f->file, &error),
              error);
}

static fixture start(void) {
    fixture f = {0};
    fsbi_error error = {0};
    snprintf(f.path, sizeof f.path, "test_campaign_file.%d.h5", fsbi_cluster_size(MPI_COMM_WORLD));
    assert_ok(fsbi_setup_parse(yaml, "test.yaml", NULL, 0, &f.setup, &error), error);
    create(&f);
    return f;
}

static void finish(fixture *f) {
    fsbi_error error = {0};
    assert_ok(fsbi_campaign_file_close(f->file, &error), error);
    MPI_Barrier(MPI_COMM_WORLD);
    if (fsbi_cluster_rank(MPI_COMM_WORLD) == 0)
        unlink(f->path);
    fsbi_setup_clear(&f->setup);
}

static fsbi_row *make_row(const fsbi_row_shape *shape, size_t index) {
    fsbi_error error = {0};
    fsbi_row *row = fsbi_memory_allocate(1, fsbi_row_size(shape), &error);
    row->seed = 100 + index;
    row->status = FSBI_SIMULATION_OK;
    row->rank = (int32_t)index;
    row->t_end = 0.5 * (double)index;
    for (size_t k = 0; k < shape->theta_count + shape->metric_count; k++)
        row->values[k] = (double)(10 * index + k);
    fsbi_row_seal(shape, row);
    return row;
}

static void rows(void **state) {
    (void)state;
    fixture f = start();
    fsbi_error error = {0};
    const fsbi_row_shape shape = fsbi_row_shape_of(f.setup.model);
    const size_t rank = (size_t)fsbi_cluster_rank(MPI_COMM_WORLD);
    const size_t size = (size_t)fsbi_cluster_size(MPI_COMM_WORLD);
    void *all = malloc(13 * fsbi_row_size(&shape));
    assert_ok(fsbi_campaign_file_read_rows(f.file, 0, 0, 13, all, &error), error);
    for (size_t i = 0; i < 13; i++)
        assert_false(fsbi_row_done(&shape, fsbi_row_at(&shape, all, i)));
    MPI_Barrier(MPI_COMM_WORLD);
    for (size_t i = rank; i < 12; i += size) {
        fsbi_row *row = make_row(&shape, i);
        assert_ok(fsbi_campaign_file_write_rows(f.file, 0, i, 1, row, &error), error);
        free(row);
    }
    assert_ok(fsbi_campaign_file_flush(f.file, &error), error);
    MPI_Barrier(MPI_COMM_WORLD);

    /* By another, read-only handle while the first one is open. */
    fsbi_campaign_file *reader = NULL;
    assert_ok(fsbi_campaign_file_open_readonly(f.path, f.setup.model, &reader, &error), error);
    assert_ok(fsbi_campaign_file_read_rows(reader, 0, 0, 13, all, &error), error);
    for (size_t i = 0; i < 12; i++) {
        fsbi_row *expected = make_row(&shape, i);
        assert_true(fsbi_row_done(&shape, fsbi_row_at(&shape, all, i)));
        assert_memory_equal(fsbi_row_at(&shape, all, i), expected, fsbi_row_size(&shape));
        free(expected);
    }
    assert_false(fsbi_row_done(&shape, fsbi_row_at(&shape, all, 12)));
    assert_ok(fsbi_campaign_file_close(reader, &error), error);
    free(all);
    finish(&f);
}

/* A row with any byte of its results changed is no longer a finished one; wall time, rank and
 * crashes do not count. */
static void torn_rows(void **state) {
    (void)state;
    const fsbi_row_shape shape = {2, 3};
    fsbi_row *row = make_row(&shape, 3);
    unsigned char *bytes = (unsigned char *)row;
    assert_true(fsbi_row_done(&shape, row));
    for (size_t k = 0; k < fsbi_row_size(&shape); k++) {
        const bool of_run =
            (k >= offsetof(fsbi_row, wall_time) && k < offsetof(fsbi_row, status)) ||
            (k >= offsetof(fsbi_row, crashes) && k < offsetof(fsbi_row, survival));
        const bool counts = !of_run;
        bytes[k] ^= 0x10;
        assert_int_equal(fsbi_row_done(&shape, row), !counts);
        bytes[k] ^= 0x10;
    }
    memset(row, 0, fsbi_row_size(&shape));
    assert_false(fsbi_row_done(&shape, row));
    free(row);
}

/* A member written by the last rank is read by all; so are scaling and check. */
static void posterior(void **state) {
    (void)state;
    fixture f = start();
    fsbi_error error = {0};
    const fsbi_posterior_place place = fsbi_campaign_file_place(f.file, 0, FSBI_NETWORKS_POSTERIOR);
    fsbi_posterior_plan plan = {0};
    fsbi_posterior made = {0}, back = {0};
    enum { MAX_EPOCHS = 30 };
    double losses[MAX_EPOCHS];
    bool done = true;
    for (int i = 0; i < MAX_EPOCHS; i++)
        losses[i] = i;
    assert_ok(fsbi_setup_plan_networks(&f.setup, 0, FSBI_NETWORKS_POSTERIOR, &plan, &error), error);
    assert_ok(fsbi_posterior_plan_start(&plan, &made, &error), error);
    for (size_t i = 0; i < made.members * made.parameter_count; i++)
        made.parameters[i] = (fsbi_real)i / 3;
    made.theta_mean[1] = 0.25;
    made.x_std[0] = 7;
    fsbi_posterior_plan_clear(&plan);
    for (size_t member = 0; member < 2; member++) {
        fsbi_real *weights = made.parameters + member * made.parameter_count;
        fsbi_real *read = malloc(made.parameter_count * sizeof *read);
        assert_ok(fsbi_posterior_store_read_member(&place, member, made.parameter_count, read,
                                                   &done, &error),
                  error);
        assert_false(done);
        MPI_Barrier(MPI_COMM_WORLD);
        const fsbi_training_result result = {.parameters = weights,
                                             .training_loss = losses,
                                             .validation_loss = losses,
                                             .max_epochs = MAX_EPOCHS,
                                             .epochs = MAX_EPOCHS,
                                             .best_validation_loss = 1.5};
        if (fsbi_cluster_rank(MPI_COMM_WORLD) == fsbi_cluster_size(MPI_COMM_WORLD) - 1)
            assert_ok(fsbi_posterior_store_write_member(&place, member, made.parameter_count,
                                                        &result, &error),
                      error);
        assert_ok(fsbi_campaign_file_flush(f.file, &error), error);
        MPI_Barrier(MPI_COMM_WORLD);
        assert_ok(fsbi_posterior_store_read_member(&place, member, made.parameter_count, read,
                                                   &done, &error),
                  error);
        assert_true(done);
        assert_memory_equal(weights, read, made.parameter_count * sizeof *read);
        free(read);
    }
    const fsbi_posterior_rows rows = {11, 2, 1};
    if (fsbi_cluster_rank(MPI_COMM_WORLD) == 0)
        assert_ok(fsbi_posterior_store_start(&place, &made, &rows, &error), error);
    assert_ok(fsbi_campaign_file_flush(f.file, &error), error);
    MPI_Barrier(MPI_COMM_WORLD);
    assert_ok(fsbi_posterior_store_load(&place, &plan, &back, &error), error);
    assert_int_equal(back.members, 2);
    assert_ptr_equal(back.estimator, &fsbi_estimator_nsf);
    assert_string_equal(plan.theta_names[1], "theta_1");
    assert_string_equal(plan.x_names[0], "x_0");
    assert_near(back.theta_mean[1], 0.25, 0);
    assert_near(back.x_std[0], 7, 0);
    assert_near(back.low[0], -1, 0);
    assert_near(back.specification.tail_bound, 3, 0);
    assert_memory_equal(back.parameters, made.parameters,
                        made.members * made.parameter_count * sizeof(fsbi_real));
    fsbi_posterior_clear(&back);
    fsbi_posterior_clear(&made);
    fsbi_posterior_plan_clear(&plan);
    finish(&f);
}

static void check(void **state) {
    (void)state;
    fixture f = start();
    fsbi_error error = {0};
    enum { COLUMNS = 4, RANKED = 3 };
    const fsbi_posterior_place place = fsbi_campaign_file_place(f.file, 0, FSBI_NETWORKS_POSTERIOR);
    int32_t ranks[RANKED * COLUMNS], ranks_back[RANKED * COLUMNS];
    fsbi_calibration_result results[COLUMNS], results_back[COLUMNS];
    fsbi_posterior_check back = {
        .ranks = ranks_back, .results = results_back, .most_rows = RANKED, .columns = COLUMNS};
    for (int i = 0; i < RANKED * COLUMNS; i++)
        ranks[i] = i;
    for (int i = 0; i < COLUMNS; i++)
        results[i] = (fsbi_calibration_result){0.1 * i, 0.2, 0.5, 0.9};
    assert_ok(fsbi_posterior_store_read_check(&place, &back, &error), error);
    assert_int_equal(back.rows, -1);
    MPI_Barrier(MPI_COMM_WORLD);
    const fsbi_posterior_check made = {.rows = RANKED,
                                       .acceptance = {1000, 800},
                                       .learned = 1.5,
                                       .learned_error = 0.25,
                                       .ranks = ranks,
                                       .results = results,
                                       .most_rows = RANKED,
                                       .columns = COLUMNS};
    if (fsbi_cluster_rank(MPI_COMM_WORLD) == 0)
        assert_ok(fsbi_posterior_store_write_check(&place, &made, &error), error);
    assert_ok(fsbi_campaign_file_flush(f.file, &error), error);
    MPI_Barrier(MPI_COMM_WORLD);
    assert_ok(fsbi_posterior_store_read_check(&place, &back, &error), error);
    assert_int_equal(back.rows, RANKED);
    assert_near(back.acceptance.inside, 800, 0);
    assert_near(back.learned, 1.5, 0);
    assert_near(back.learned_error, 0.25, 0);
    assert_memory_equal(ranks, ranks_back, sizeof ranks);
    assert_memory_equal(results, results_back, sizeof results);
    back.most_rows = RANKED - 1;
    assert_int_equal(fsbi_posterior_store_read_check(&place, &back, &error), FSBI_BAD_INPUT);
    finish(&f);
}

static void filter(void **state) {
    (void)state;
    fixture f = start();
    fsbi_error error = {0};
    const int64_t passed[2] = {7, 9};
    unsigned char accepted[13] = {1, 0, 1};
    fsbi_condition conditions[2] = {
        {.metric = "mean", .low = 1, .high = 2, .top = 1, .bottom = 1},
        {.metric = "spread", .low = 3, .high = 4, .top = 1, .bottom = 1}};
    const fsbi_filter keep = {.conditions = conditions, .count = 2};
    const fsbi_filter_result result = {&keep, passed, 13, accepted};
    if (fsbi_cluster_rank(MPI_COMM_WORLD) == 0) {
        assert_ok(fsbi_campaign_file_write_filter(f.file, 0, &result, &error), error);
        assert_ok(fsbi_campaign_file_write_groups(f.file, 0, 1, passed, &error), error);
        assert_int_equal(fsbi_campaign_file_write_filter(f.file, 1, &result, &error), FSBI_IO);
        assert_contains(error.message, "/rounds/01/filter/conditions");
    }
    finish(&f);
}

static void foreign_files(void **state) {
    (void)state;
    fsbi_error error = {0};
    char *config = NULL;
    if (fsbi_cluster_rank(MPI_COMM_WORLD) != 0)
        return;
    assert_int_equal(fsbi_campaign_file_read_config("/nonexistent/x.h5", &config, NULL, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "there is no file '/nonexistent/x.h5'");
    assert_int_equal(
        fsbi_campaign_file_read_config(FSBI_TEST_DATA "/spike_metrics.h5", &config, NULL, &error),
        FSBI_BAD_INPUT);
    assert_contains(error.message, "is no campaign file of this program");
    assert_null(config);
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),  cmocka_unit_test(torn_rows), cmocka_unit_test(posterior),
        cmocka_unit_test(check), cmocka_unit_test(filter),    cmocka_unit_test(foreign_files)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
