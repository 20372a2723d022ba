/* The task farm, on however many ranks mpirun starts. */
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "core/clock.h"
#include "unit.h"

enum { TASKS = 200, LONG_MESSAGE = 200000 };

typedef struct {
    int times_collected[TASKS];
    size_t fails_at;
    bool collect_fails;
} bookkeeping;

static void describe(void *context, size_t index, void *task) {
    (void)context;
    uint64_t number = 1000 + index;
    memcpy(task, &number, sizeof number);
}

/* The square of the number, after a time that has nothing to do with the order. */
static fsbi_status square(void *context, const void *task, void *result, fsbi_error *error) {
    const bookkeeping *book = context;
    uint64_t number = 0;
    memcpy(&number, task, sizeof number);
    if (number == 1000 + book->fails_at)
        return fsbi_error_set(error, FSBI_IO, "task %zu went wrong", book->fails_at);
    fsbi_clock_sleep(1e-5 * (double)(number * 7 % 13));
    number *= number;
    memcpy(result, &number, sizeof number);
    return FSBI_OK;
}

static fsbi_status collect(void *context, size_t index, const void *result, fsbi_error *error) {
    bookkeeping *book = context;
    uint64_t number = 0;
    memcpy(&number, result, sizeof number);
    assert_int_equal(number, (1000 + index) * (1000 + index));
    book->times_collected[index]++;
    return book->collect_fails ? fsbi_error_set(error, FSBI_IO, "no room") : FSBI_OK;
}

static fsbi_cluster_job job_of(bookkeeping *book, size_t tasks, bool prefetch) {
    return (fsbi_cluster_job){.task_size = sizeof(uint64_t),
                              .result_size = sizeof(uint64_t),
                              .task_count = tasks,
                              .prefetch = prefetch,
                              .context = book,
                              .describe = describe,
                              .work = square,
                              .collect = collect};
}

static void every_task_once(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 3, TASKS};
    for (int k = 0; k < 8; k++) {
        bookkeeping book = {.fails_at = TASKS};
        const size_t tasks = counts[k / 2];
        fsbi_error error = {0};
        fsbi_cluster_job job = job_of(&book, tasks, k % 2 == 1);
        assert_ok(fsbi_cluster_run(MPI_COMM_WORLD, &job, &error), error);
        for (size_t i = 0; i < TASKS && fsbi_cluster_rank(MPI_COMM_WORLD) == 0; i++)
            assert_int_equal(book.times_collected[i], i < tasks);
    }
}

/* Messages too long to be taken in passing: nobody may wait for the other to receive first. */
static fsbi_status echo(void *context, const void *task, void *result, fsbi_error *error) {
    (void)context;
    (void)error;
    memcpy(result, task, LONG_MESSAGE);
    return FSBI_OK;
}

static void describe_long(void *context, size_t index, void *task) {
    (void)context;
    memset(task, (int)index, LONG_MESSAGE);
}

static fsbi_status collect_long(void *context, size_t index, const void *result,
                                fsbi_error *error) {
    bookkeeping *book = context;
    (void)error;
    assert_int_equal(((const unsigned char *)result)[LONG_MESSAGE - 1], (unsigned char)index);
    book->times_collected[index]++;
    return FSBI_OK;
}

static void long_messages(void **state) {
    (void)state;
    bookkeeping book = {.fails_at = TASKS};
    fsbi_error error = {0};
    const fsbi_cluster_job job = {.task_size = LONG_MESSAGE,
                                  .result_size = LONG_MESSAGE,
                                  .task_count = TASKS,
                                  .prefetch = true,
                                  .context = &book,
                                  .describe = describe_long,
                                  .work = echo,
                                  .collect = collect_long};
    assert_ok(fsbi_cluster_run(MPI_COMM_WORLD, &job, &error), error);
    for (size_t i = 0; i < TASKS && fsbi_cluster_rank(MPI_COMM_WORLD) == 0; i++)
        assert_int_equal(book.times_collected[i], 1);
}

/* Whoever fails, all ranks hear of it, and the farm can be used again. */
static void failures_reach_everybody(void **state) {
    (void)state;
    bookkeeping book = {.fails_at = 20};
    fsbi_error error = {0};
    fsbi_cluster_job job = job_of(&book, TASKS, true);
    assert_int_equal(fsbi_cluster_run(MPI_COMM_WORLD, &job, &error), FSBI_IO);
    assert_string_equal(error.message, "task 20 went wrong");
    bookkeeping full = {.fails_at = TASKS, .collect_fails = true};
    job = job_of(&full, TASKS, true);
    assert_int_equal(fsbi_cluster_run(MPI_COMM_WORLD, &job, &error), FSBI_IO);
    assert_string_equal(error.message, "no room");
    every_task_once(state);
}

/* A request to end, on any rank: nothing more is begun, and whoever is at work learns of it. */
typedef struct {
    size_t begun;
    int asked; /* the rank that is asked to end */
} request;

static fsbi_status end_after_three(void *context, fsbi_error *error) {
    const request *r = context;
    return r->begun >= 3 && fsbi_cluster_rank(MPI_COMM_WORLD) == r->asked
               ? fsbi_error_set(error, FSBI_UNFINISHED, "enough")
               : FSBI_OK;
}

/* On the ranks that are not asked: until rank 0 calls. */
static fsbi_status wait_for_call(void *context, const void *task, void *result, fsbi_error *error) {
    request *r = context;
    (void)error;
    memcpy(result, task, sizeof(uint64_t));
    const bool waits = ++r->begun > 3 && fsbi_cluster_rank(MPI_COMM_WORLD) != r->asked &&
                       fsbi_cluster_size(MPI_COMM_WORLD) > 2;
    while (waits && !fsbi_cluster_called_off(MPI_COMM_WORLD))
        fsbi_clock_sleep(1e-3);
    return FSBI_OK;
}

static fsbi_status take(void *context, size_t index, const void *result, fsbi_error *error) {
    (void)context;
    (void)index;
    (void)result;
    (void)error;
    return FSBI_OK;
}

static void requests_to_end(void **state) {
    request r = {.asked = fsbi_cluster_size(MPI_COMM_WORLD) - 1};
    fsbi_error error = {0};
    const fsbi_cluster_job job = {.task_size = sizeof(uint64_t),
                                  .result_size = sizeof(uint64_t),
                                  .task_count = TASKS,
                                  .prefetch = true,
                                  .context = &r,
                                  .describe = describe,
                                  .work = wait_for_call,
                                  .collect = take,
                                  .check = end_after_three};
    assert_int_equal(fsbi_cluster_run(MPI_COMM_WORLD, &job, &error), FSBI_UNFINISHED);
    assert_string_equal(error.message, "enough");
    assert_true(r.begun < TASKS);
    every_task_once(state);
}

static void agreement(void **state) {
    (void)state;
    const int rank = fsbi_cluster_rank(MPI_COMM_WORLD);
    const int last = fsbi_cluster_size(MPI_COMM_WORLD) - 1;
    fsbi_error error = {0};
    assert_int_equal(fsbi_cluster_agree(MPI_COMM_WORLD, FSBI_OK, &error), FSBI_OK);
    fsbi_status status =
        rank == last ? fsbi_error_set(&error, FSBI_BAD_INPUT, "rank %d", rank) : FSBI_OK;
    assert_int_equal(fsbi_cluster_agree(MPI_COMM_WORLD, status, &error), FSBI_BAD_INPUT);
    char expected[32];
    snprintf(expected, sizeof expected, "rank %d", last);
    assert_string_equal(error.message, expected);
    assert_int_equal(fsbi_cluster_agree(MPI_COMM_WORLD, FSBI_NO_MEMORY, NULL), FSBI_NO_MEMORY);
}

static void sharing(void **state) {
    (void)state;
    const int rank = fsbi_cluster_rank(MPI_COMM_WORLD);
    const int size = fsbi_cluster_size(MPI_COMM_WORLD);
    double numbers[10] = {0};
    int word = rank == 0 ? 42 : 0;
    fsbi_cluster_broadcast(MPI_COMM_WORLD, &word, sizeof word);
    assert_int_equal(word, 42);
    for (int i = rank; i < 10; i += size)
        numbers[i] = i + 0.1;
    fsbi_cluster_allreduce_sum(MPI_COMM_WORLD, numbers, 10);
    for (int i = 0; i < 10; i++)
        assert_true(numbers[i] == i + 0.1);
}

/* Neighbours swap more than fits into one short message. */
static void exchange(void **state) {
    (void)state;
    enum { NUMBERS = 200000 };
    const int rank = fsbi_cluster_rank(MPI_COMM_WORLD);
    const int colleague = rank ^ 1;
    if (colleague >= fsbi_cluster_size(MPI_COMM_WORLD))
        return;
    double *mine = malloc(NUMBERS * sizeof *mine);
    double *theirs = malloc(NUMBERS * sizeof *theirs);
    for (int i = 0; i < NUMBERS; i++)
        mine[i] = rank + i * 1e-6;
    for (int turn = 0; turn < 3; turn++) {
        memset(theirs, 0, NUMBERS * sizeof *theirs);
        fsbi_cluster_exchange(MPI_COMM_WORLD, colleague, mine, theirs, NUMBERS * sizeof *mine);
        for (int i = 0; i < NUMBERS; i++)
            assert_true(theirs[i] == colleague + i * 1e-6);
    }
    free(mine);
    free(theirs);
}

/* All items are somebody's, none is two ranks', and blocks are the same for any number of ranks. */
static void shares(void **state) {
    (void)state;
    enum { ITEMS = 23, BLOCK = 4 };
    double owners[ITEMS] = {0}, singles[ITEMS] = {0};
    fsbi_cluster_share share = fsbi_cluster_share_begin(MPI_COMM_WORLD, ITEMS, BLOCK);
    while (fsbi_cluster_share_next(&share)) {
        assert_int_equal(share.first % BLOCK, 0);
        assert_int_equal(share.count, share.first + BLOCK > ITEMS ? ITEMS - share.first : BLOCK);
        for (size_t i = share.first; i < share.first + share.count; i++)
            owners[i] += 1;
    }
    assert_false(fsbi_cluster_share_next(&share));
    for (size_t i = 0; i < ITEMS; i++)
        singles[i] = fsbi_cluster_share_has(MPI_COMM_WORLD, i);
    fsbi_cluster_allreduce_sum(MPI_COMM_WORLD, owners, ITEMS);
    fsbi_cluster_allreduce_sum(MPI_COMM_WORLD, singles, ITEMS);
    for (size_t i = 0; i < ITEMS; i++)
        assert_true(owners[i] == 1 && singles[i] == 1);
    share = fsbi_cluster_share_begin(MPI_COMM_WORLD, 0, BLOCK);
    assert_false(fsbi_cluster_share_next(&share));
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_task_once),
                                       cmocka_unit_test(long_messages),
                                       cmocka_unit_test(failures_reach_everybody),
                                       cmocka_unit_test(requests_to_end),
                                       cmocka_unit_test(agreement),
                                       cmocka_unit_test(sharing),
                                       cmocka_unit_test(shares),
                                       cmocka_unit_test(exchange)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
