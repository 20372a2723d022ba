/* Shares of a round's rows. */
#include "store/shard.h"
#include "unit.h"

/* Every row is in one shard, and shards differ by one row at most. */
static void every_row_once(void **state) {
    (void)state;
    for (size_t rows = 1; rows < 50; rows++) {
        for (size_t shards = 1; shards < 60; shards++) {
            size_t next = 0;
            for (size_t i = 0; i < shards; i++) {
                const fsbi_shard shard = fsbi_shard_of(3, rows, i, shards);
                assert_int_equal(shard.first, next);
                assert_true(shard.count == rows / shards || shard.count == rows / shards + 1);
                next += shard.count;
            }
            assert_int_equal(next, rows);
        }
    }
}

static void no_shard(void **state) {
    (void)state;
    fsbi_shard shard;
    fsbi_error error = {0};
    assert_int_equal(fsbi_shard_read("/nowhere.h5", &shard, &error), FSBI_BAD_INPUT);
    assert_contains(error.message, "/nowhere.h5");
}

static void of_another_campaign(void **state) {
    (void)state;
    fsbi_config_round rounds[2] = {{.simulations = 10}, {.simulations = 7}};
    const fsbi_config config = {.rounds = rounds, .round_count = 2};
    fsbi_error error = {0};
    fsbi_shard shard = fsbi_shard_of(1, 7, 2, 3);
    assert_ok(fsbi_shard_check(&shard, &config, "s.h5", &error), error);
    const fsbi_shard wrong[] = {{2, 2, 3, 5, 2}, {1, 3, 3, 5, 2}, {1, 0, 0, 0, 7},
                                {1, 2, 3, 4, 2}, {1, 2, 3, 5, 3}, {0, 2, 3, 5, 2}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(fsbi_shard_check(&wrong[i], &config, "s.h5", &error), FSBI_BAD_INPUT);
        assert_contains(error.message, "'s.h5' says that it is shard");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_once), cmocka_unit_test(no_shard),
                                       cmocka_unit_test(of_another_campaign)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
