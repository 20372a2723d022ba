/* Traces as they are spooled and read again, whatever happens to the file. */
#include <unistd.h>

#include "store/trace_spool.h"
#include "unit.h"

enum { ROWS = 5, STEPS = 40 };

static fsbi_trace_array arrays[] = {{.name = "begin", .type = FSBI_TRACE_UINT64},
                                    {.name = "step", .type = FSBI_TRACE_UINT32},
                                    {.name = "weight", .type = FSBI_TRACE_FLOAT}};
static const fsbi_model model = {.traces = arrays, .trace_count = 3};
static const char path[] = "test_trace_spool.tmp";

/* What row `row` has: `row` steps. */
static void make_traces(size_t row, uint64_t *begin, uint32_t *step, float *weight,
                        fsbi_trace_data *traces) {
    begin[0] = 0;
    begin[1] = row;
    for (size_t i = 0; i < row; i++)
        step[i] = (uint32_t)(1000 * row + i);
    weight[0] = 0.5F * (float)row;
    traces[0] = (fsbi_trace_data){begin, 2};
    traces[1] = (fsbi_trace_data){step, row};
    traces[2] = (fsbi_trace_data){weight, 1};
}

static void write_spool(void) {
    uint64_t begin[2];
    uint32_t step[STEPS];
    float weight[1];
    fsbi_trace_data traces[3];
    fsbi_trace_spool spool = {.descriptor = -1};
    fsbi_error error = {0};
    unlink(path);
    assert_ok(fsbi_trace_spool_create(&spool, path, &error), error);
    for (size_t row = 0; row < ROWS; row++) {
        make_traces(row, begin, step, weight, traces);
        const fsbi_trace_owner owner = {10 + row, 77};
        assert_ok(fsbi_trace_spool_append(&spool, &model, &owner, traces, &error), error);
    }
    fsbi_trace_spool_close(&spool);
}

/* Reads all records; returns how many are whole, and as written. */
static size_t count_whole(size_t *listed) {
    fsbi_trace_entry *entries = NULL;
    fsbi_error error = {0};
    size_t whole_count = 0;
    *listed = 0;
    assert_ok(fsbi_trace_spool_list(path, 0, &model, &entries, listed, &error), error);
    for (size_t i = 0; i < *listed; i++) {
        uint64_t begin[2];
        uint32_t step[STEPS];
        float weight[1];
        fsbi_trace_data traces[3];
        char data[1024];
        bool whole = false;
        assert_ok(fsbi_trace_spool_read(path, &model, &entries[i], data, &whole, &error), error);
        if (!whole)
            continue;
        whole_count++;
        const size_t row = entries[i].owner.row - 10;
        assert_int_equal(entries[i].owner.row_checksum, 77);
        make_traces(row, begin, step, weight, traces);
        assert_int_equal(entries[i].count[1], row);
        assert_memory_equal(data, begin, sizeof begin);
        assert_memory_equal(data + sizeof begin, step, row * sizeof *step);
        assert_memory_equal(data + sizeof begin + row * sizeof *step, weight, sizeof weight);
    }
    free(entries);
    return whole_count;
}

static void reads_what_was_written(void **state) {
    (void)state;
    size_t listed = 0;
    write_spool();
    assert_int_equal(count_whole(&listed), ROWS);
    assert_int_equal(listed, ROWS);
}

static void nothing_is_overwritten(void **state) {
    (void)state;
    fsbi_trace_spool spool = {.descriptor = -1};
    fsbi_error error = {0};
    write_spool();
    assert_int_equal(fsbi_trace_spool_create(&spool, path, &error), FSBI_IO);
    assert_contains(error.message, path);
}

/* Cut off anywhere, the records before are there; with any byte changed, at most those from it on
 * are lost. */
static void survives_damage(void **state) {
    (void)state;
    size_t listed = 0;
    write_spool();
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    const long bytes = ftell(file);
    fclose(file);
    size_t last = ROWS;
    for (long cut = bytes - 1; cut >= 0; cut -= 7) {
        assert_int_equal(truncate(path, cut), 0);
        const size_t whole = count_whole(&listed);
        assert_true(whole == listed && whole <= last && last - whole <= 1);
        last = whole;
    }
    assert_int_equal(last, 0);
    for (long place = 0; place < bytes; place += 5) {
        write_spool();
        file = fopen(path, "r+b");
        assert_non_null(file);
        fseek(file, place, SEEK_SET);
        const int byte = fgetc(file);
        fseek(file, place, SEEK_SET);
        fputc(byte ^ 0x55, file);
        fclose(file);
        assert_true(count_whole(&listed) < ROWS);
    }
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_what_was_written),
                                       cmocka_unit_test(nothing_is_overwritten),
                                       cmocka_unit_test(survives_damage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
