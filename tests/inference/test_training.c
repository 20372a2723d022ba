/* Several processes that train one network, played by threads, get the very bytes that one gets. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "inference/streams.h"
#include "inference/training.h"
#include "unit.h"

enum { ROWS = 1100, HELD_OUT = 130, EPOCHS = 4, MOST = 8 };

static const fsbi_estimator_specification specification = {.theta_size = 3,
                                                           .x_size = 2,
                                                           .transforms = 2,
                                                           .hidden_features = 12,
                                                           .blocks = 1,
                                                           .bins = 6,
                                                           .tail_bound = 3};
static fsbi_real theta[(ROWS + HELD_OUT) * 3], x[(ROWS + HELD_OUT) * 2];

/* What one member of a team has put up for another to take. */
typedef struct {
    const void *_Atomic data[MOST][MOST];
} board;

typedef struct {
    board *shared;
    size_t index, size;
    fsbi_real *parameters;
    double training_loss[EPOCHS], validation_loss[EPOCHS];
    const fsbi_real *initial;
    fsbi_status status;
} player;

static void exchange(void *context, size_t colleague, const void *send, void *receive,
                     size_t bytes) {
    player *p = context;
    const void *_Atomic *mine = &p->shared->data[p->index][colleague];
    const void *_Atomic *theirs = &p->shared->data[colleague][p->index];
    atomic_store(mine, send);
    const void *data = NULL;
    while ((data = atomic_load(theirs)) == NULL)
        sched_yield();
    memcpy(receive, data, bytes);
    atomic_store(theirs, NULL);
    while (atomic_load(mine) != NULL)
        sched_yield();
}

static void *play(void *context) {
    player *p = context;
    const fsbi_training_settings settings = {.learning_rate = 1e-3,
                                             .batch_size = 1000,
                                             .patience = 20,
                                             .max_epochs = EPOCHS,
                                             .clip_norm = 5};
    const fsbi_training_data data = {
        .theta = theta, .x = x, .training_rows = ROWS, .held_out_rows = HELD_OUT};
    const fsbi_training_team team = {
        .size = p->size, .index = p->index, .exchange = exchange, .context = p};
    fsbi_training_result result = {.parameters = p->parameters,
                                   .training_loss = p->training_loss,
                                   .validation_loss = p->validation_loss};
    gsl_rng *rng = new_stream(5);
    fsbi_error error = {0};
    p->status = fsbi_training_run(&(fsbi_training){.estimator = &fsbi_estimator_nsf,
                                                   .specification = &specification,
                                                   .settings = &settings,
                                                   .data = &data,
                                                   .team = &team,
                                                   .initial = p->initial},
                                  rng, &result, &error);
    gsl_rng_free(rng);
    return NULL;
}

/* Trains by `size` threads; all must agree. The weights go to `parameters`. */
static void train(size_t size, const fsbi_real *initial, fsbi_real *parameters,
                  double loss[EPOCHS]) {
    const fsbi_estimator *nsf = &fsbi_estimator_nsf;
    const size_t count = nsf->parameter_count(nsf, &specification);
    static board shared;
    player players[MOST] = {{0}};
    pthread_t threads[MOST];
    for (size_t i = 0; i < size; i++) {
        players[i] = (player){.shared = &shared, .index = i, .size = size, .initial = initial};
        players[i].parameters = malloc(count * sizeof *parameters);
        assert_int_equal(pthread_create(&threads[i], NULL, play, &players[i]), 0);
    }
    for (size_t i = 0; i < size; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(players[i].status, FSBI_OK);
        assert_memory_equal(players[i].parameters, players[0].parameters,
                            count * sizeof *parameters);
        assert_memory_equal(players[i].validation_loss, players[0].validation_loss,
                            sizeof players[0].validation_loss);
    }
    memcpy(parameters, players[0].parameters, count * sizeof *parameters);
    memcpy(loss, players[0].training_loss, EPOCHS * sizeof *loss);
    for (size_t i = 0; i < size; i++)
        free(players[i].parameters);
}

static void teams_agree(void **state) {
    (void)state;
    const fsbi_estimator *nsf = &fsbi_estimator_nsf;
    const size_t bytes = nsf->parameter_count(nsf, &specification) * sizeof(fsbi_real);
    gsl_rng *rng = new_stream(3);
    fill(rng, 1, sizeof theta / sizeof *theta, theta);
    fill(rng, 1, sizeof x / sizeof *x, x);
    fsbi_real *alone = malloc(bytes);
    fsbi_real *together = malloc(bytes);
    double loss[EPOCHS], other[EPOCHS];
    assert_int_equal(fsbi_training_slices(1000), MOST);
    train(1, NULL, alone, loss);
    assert_true(loss[EPOCHS - 1] < loss[0]);
    for (size_t size = 2; size <= MOST; size *= 2) {
        train(size, NULL, together, other);
        assert_memory_equal(alone, together, bytes);
        assert_memory_equal(loss, other, sizeof loss);
    }
    /* A warm start goes on where training stopped. */
    train(2, alone, together, other);
    assert_true(other[0] < loss[1]);
    free(alone);
    free(together);
    gsl_rng_free(rng);
}

static void slices(void **state) {
    (void)state;
    assert_int_equal(fsbi_training_slices(1), 1);
    assert_int_equal(fsbi_training_slices(128), 1);
    assert_int_equal(fsbi_training_slices(129), 2);
    assert_int_equal(fsbi_training_slices(200), 2);
    assert_int_equal(fsbi_training_slices(100000000), 1024);
}

/* Of as many rows of either class, those of one weigh three times as much: a classifier that sees
 * no difference gives it 3/4, wherever the first training row stands. */
static void rows_have_weights(void **state) {
    (void)state;
    enum { COUNT = 1000, HELD = 200, LONG = 60 };
    static fsbi_real label[COUNT], same[COUNT], parameters[1000];
    static double weights[COUNT], losses[2][LONG];
    const fsbi_estimator *classifier = &fsbi_estimator_classifier;
    const fsbi_estimator_specification shape = {
        .theta_size = 1, .x_size = 1, .hidden_features = 4, .blocks = 1};
    const fsbi_training_settings settings = {.learning_rate = 0.01,
                                             .batch_size = 100,
                                             .patience = 20,
                                             .max_epochs = LONG,
                                             .clip_norm = 5};
    const fsbi_training_team alone = {.size = 1};
    assert_true(classifier->parameter_count(classifier, &shape) <= 1000);
    for (size_t i = 0; i < COUNT; i++) {
        label[i] = (fsbi_real)(i % 2);
        weights[i] = i % 2 ? 1.5 : 0.5;
    }
    for (size_t rotation = 0; rotation < COUNT; rotation += 450) {
        const fsbi_training_data data = {.theta = label,
                                         .x = same,
                                         .weights = weights,
                                         .training_rows = COUNT - HELD,
                                         .held_out_rows = HELD,
                                         .rotation = rotation};
        fsbi_training_result result = {
            .parameters = parameters, .training_loss = losses[0], .validation_loss = losses[1]};
        gsl_rng *rng = new_stream(5);
        fsbi_error error = {0};
        assert_ok(fsbi_training_run(&(fsbi_training){.estimator = classifier,
                                                     .specification = &shape,
                                                     .settings = &settings,
                                                     .data = &data,
                                                     .team = &alone},
                                    rng, &result, &error),
                  error);
        void *workspace = classifier->create(classifier, &shape, 1, &error);
        fsbi_real one = 1, log_probability = 0;
        classifier->log_prob(workspace, parameters,
                             &(fsbi_estimator_batch){.theta = &one, .x = same, .rows = 1},
                             &log_probability);
        /* Every epoch has the exact shares: what is left is the last steps' scatter. */
        assert_near(exp((double)log_probability), 0.75, 0.03);
        const double entropy = -0.75 * log(0.75) - 0.25 * log(0.25);
        assert_near(result.best_validation_loss, entropy, 0.01);
        classifier->destroy(workspace);
        gsl_rng_free(rng);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(teams_agree),
                                       cmocka_unit_test(rows_have_weights),
                                       cmocka_unit_test(slices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
