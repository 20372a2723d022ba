/* How many tasks go into a message. */
#include "cluster/batch.h"
#include "unit.h"

static void long_tasks_go_one_by_one(void **state) {
    (void)state;
    fsbi_cluster_batch batch = {.workers = 512, .most = 1024};
    assert_int_equal(fsbi_cluster_batch_size(&batch, 1000000), 1); /* nothing known yet */
    fsbi_cluster_batch_learn(&batch, 1, 60);
    assert_int_equal(fsbi_cluster_batch_size(&batch, 1000000), 1);
    batch.workers = 100000; /* 60 s each are 1667 messages a second, fewer than 2000 */
    assert_int_equal(fsbi_cluster_batch_size(&batch, 100000000), 1);
}

static void short_tasks_go_together(void **state) {
    (void)state;
    fsbi_cluster_batch batch = {.workers = 10, .most = 1024};
    fsbi_cluster_batch_learn(&batch, 10, 10 * 1e-3);
    assert_int_equal(fsbi_cluster_batch_size(&batch, 1000000), 10); /* 10 ms of work */
    batch.workers = 2000;                                           /* 1 s: 2000 messages a s */
    assert_int_equal(fsbi_cluster_batch_size(&batch, 100000000), 1000);
    batch.most = 64;
    assert_int_equal(fsbi_cluster_batch_size(&batch, 100000000), 64);
}

static void the_end_is_shared(void **state) {
    (void)state;
    fsbi_cluster_batch batch = {.workers = 10, .most = 1024};
    fsbi_cluster_batch_learn(&batch, 1, 1e-6);
    size_t left = 100000;
    size_t messages = 0;
    while (left > 0) {
        const size_t size = fsbi_cluster_batch_size(&batch, left);
        assert_in_range(size, 1, left);
        assert_true(size <= left / 40 + 1);
        left -= size;
        messages++;
    }
    assert_true(messages > 100);
    assert_true(messages < 1000);
}

static void room(void **state) {
    (void)state;
    assert_int_equal(fsbi_cluster_batch_room(16, 64, 4), 1024);
    const size_t many = fsbi_cluster_batch_room(216, 400, 200002);
    assert_true(many >= 1 && many * 216 * 200002 <= (size_t)64 << 20);
    assert_int_equal(fsbi_cluster_batch_room(1 << 20, 1 << 20, 1000), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(long_tasks_go_one_by_one),
                                       cmocka_unit_test(short_tasks_go_together),
                                       cmocka_unit_test(the_end_is_shared), cmocka_unit_test(room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
