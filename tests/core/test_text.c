#include <stdlib.h>
#include <string.h>

#include "core/checksum.h"
#include "core/memory.h"
#include "core/text.h"
#include "unit.h"

static void reals_read_back(void **state) {
    (void)state;
    static const double values[] = {
        0, 0.1, 1e-4, 5e-3, 1.0 / 3, 123456789, -2.5e-300, 1e22, 0.30000000000000004};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        fsbi_text text = {0};
        fsbi_text_append_real(&text, values[i]);
        assert_true(strtod(text.characters, NULL) == values[i]);
        fsbi_text_clear(&text);
    }
    fsbi_text text = {0};
    fsbi_text_append_real(&text, 0.1);
    fsbi_text_append(&text, " ");
    fsbi_text_append_real(&text, INFINITY);
    fsbi_text_append(&text, " ");
    fsbi_text_append_real(&text, -INFINITY);
    assert_string_equal(text.characters, "0.1 .inf -.inf");
    fsbi_text_clear(&text);
}

static void grows(void **state) {
    (void)state;
    fsbi_text text = {0};
    for (int i = 0; i < 1000; i++)
        fsbi_text_append(&text, "%d,", i);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(strlen(text.characters), text.length);
    fsbi_text_clear(&text);
}

static void typos(void **state) {
    (void)state;
    static const char *const names[] = {"simulations", "propose", "keep", "infer", "ls", "lns"};
    const size_t count = sizeof names / sizeof *names;
    assert_string_equal(fsbi_text_nearest("simulation", names, count), "simulations");
    assert_string_equal(fsbi_text_nearest("porpose", names, count), "propose");
    assert_string_equal(fsbi_text_nearest("Keep", names, count), "keep");
    assert_null(fsbi_text_nearest("something_else", names, count));
    assert_int_equal(fsbi_text_distance("kitten", "sitting"), 3);
    assert_int_equal(fsbi_text_distance("", "abc"), 3);
}

/* Test vectors of the FNV-1a hash, 64 bits. */
static void checksum_vectors(void **state) {
    (void)state;
    assert_true(fsbi_checksum_add(FSBI_CHECKSUM_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(fsbi_checksum_add(FSBI_CHECKSUM_START, "foobar", 6) ==
                UINT64_C(0x85944171f73967e8));
}

static void errors(void **state) {
    (void)state;
    fsbi_error error = {0};
    assert_int_equal(fsbi_error_set(&error, FSBI_IO, "no %s", "room"), FSBI_IO);
    assert_int_equal(fsbi_error_prefix(&error, "round %d", 3), FSBI_IO);
    assert_string_equal(error.message, "round 3: no room");
    char longest[4096];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    fsbi_error_set(&error, FSBI_IO, "%s", longest);
    fsbi_error_prefix(&error, "%s", "front");
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_memory_equal(error.message, "front: xxx", 10);
    fsbi_error_set(&error, FSBI_IO, "%s", "a\033[2Jb\tc\n\303\251");
    fsbi_error_prefix(&error, "%s", "\r'x'");
    assert_string_equal(error.message, "?'x': a?[2Jb\tc\n\303\251");
}

static void memory(void **state) {
    (void)state;
    fsbi_error error = {0};
    double *numbers = fsbi_memory_allocate(100, sizeof *numbers, &error);
    assert_int_equal((uintptr_t)numbers % 64, 0);
    for (int i = 0; i < 100; i++)
        assert_true(numbers[i] == 0);
    free(numbers);
    assert_null(fsbi_memory_allocate(SIZE_MAX / 4, 8, &error));
    assert_int_equal(error.status, FSBI_NO_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reals_read_back),  cmocka_unit_test(grows),  cmocka_unit_test(typos),
        cmocka_unit_test(checksum_vectors), cmocka_unit_test(errors), cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
