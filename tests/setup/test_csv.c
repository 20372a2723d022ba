/* Dialects: what is read alike, and what can be read in two ways. */
#include "setup/csv.h"
#include "unit.h"

static fsbi_status find(const char *text, size_t width, fsbi_csv_look *look, fsbi_error *error) {
    return fsbi_csv_find("t.csv", text, &width, 1, look, error);
}

static void dialects(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t width;
        char separator, decimal;
        size_t columns;
        bool header;
    } cases[] = {{"1,2\n3,4\n", 2, ',', '.', 2, false},
                 {"1;2\n3,5;4\n", 2, ';', ',', 2, false},
                 {"1\t2\n", 2, '\t', '.', 2, false},
                 {"1 2\n3\t4\n", 2, ' ', '.', 2, false},
                 {"a,b\n1,2\n", 2, ',', '.', 2, true},
                 {",a,b\n0,1,2\n", 2, ',', '.', 3, true},
                 {"# x\n1,2,\n3,4,\n", 2, ',', '.', 2, false},
                 {"1,5 2,5\n", 2, ' ', ',', 2, false},
                 {"1\n2\n", 1, ';', '.', 1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fsbi_csv_look look = {0};
        fsbi_error error = {0};
        assert_ok(find(cases[i].text, cases[i].width, &look, &error), error);
        assert_int_equal(look.dialect.separator, cases[i].separator);
        assert_int_equal(look.dialect.decimal, cases[i].decimal);
        assert_int_equal(look.columns, cases[i].columns);
        assert_int_equal(look.header, cases[i].header);
    }
}

/* One number with a decimal comma, or an index and a number. */
static void ambiguous(void **state) {
    (void)state;
    fsbi_csv_look look = {0};
    fsbi_error error = {0};
    assert_int_equal(find("0,5\n1,7\n", 1, &look, &error), FSBI_BAD_INPUT);
    assert_contains(error.message, "can be read in two ways");
}

static void numbers(void **state) {
    (void)state;
    double value = 0;
    assert_true(fsbi_csv_number("-1.5e-3", '.', &value) && value == -1.5e-3);
    assert_true(fsbi_csv_number("-1,5", ',', &value) && value == -1.5);
    assert_true(fsbi_csv_number("NA", '.', &value) && isnan(value));
    static const char *const none[] = {"", "1,5", "1.5x", "1 2", "1.000,5"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(fsbi_csv_number(none[i], '.', &value));
    assert_false(fsbi_csv_number("1.5", ',', &value));
    assert_false(fsbi_csv_number("1,", ',', &value));
}

static void cells(void **state) {
    (void)state;
    char line[] = " a , \"b, \"\"c\"\" \" ,, 'd' ";
    char *found[8];
    assert_int_equal(fsbi_csv_split(line, ',', found, 8), 4);
    assert_string_equal(found[0], "a");
    assert_string_equal(found[1], "b, \"c\"");
    assert_string_equal(found[2], "");
    assert_string_equal(found[3], "d");
    char blanks[] = "  1   2 ";
    assert_int_equal(fsbi_csv_split(blanks, ' ', found, 1), 2);
    assert_string_equal(found[0], "1");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(dialects), cmocka_unit_test(ambiguous),
                                       cmocka_unit_test(numbers), cmocka_unit_test(cells)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
