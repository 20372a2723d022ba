#include <unistd.h>

#include "setup/theta_table.h"
#include "unit.h"

static fsbi_model *model;

static int open_model(void **state) {
    (void)state;
    fsbi_config_node *section = NULL;
    fsbi_error error = {0};
    assert_ok(fsbi_config_node_parse("{name: two_moons}", "test", &section, &error), error);
    assert_ok(fsbi_model_open(section, &model, &error), error);
    fsbi_config_node_free(section);
    return 0;
}

static int close_model(void **state) {
    (void)state;
    fsbi_model_close(model);
    return 0;
}

static fsbi_status read_text(const char *text, double **thetas, size_t *count, fsbi_error *error) {
    FILE *stream = fopen("test_theta_table.csv", "w");
    fputs(text, stream);
    fclose(stream);
    fsbi_status status = fsbi_theta_table_read("test_theta_table.csv", model, thetas, count, error);
    unlink("test_theta_table.csv");
    return status;
}

static void accepted(void **state) {
    (void)state;
    static const char *const same[] = {
        "1,2\n3,4\n", "# note\n\n1 2\n3\t4", "theta_0,theta_1\n1,2\n3,4\n",
        "theta_1,theta_0\r\n2,1\r\n4,3\r\n", "  theta_1;theta_0\n 2;1\n 4;3\n",
        /* byte-order mark, lines that end as on old Macs, quotes */
        "\xef\xbb\xbftheta_0\ttheta_1\r1\t2\r3\t4\r",
        "\"theta_1\",\"theta_0\"\n\"2\",\"1\"\n'4','3'\n",
        /* decimal commas */
        "1,0;2,0\n3,0;4,0\n", "1,0\t2\n3\t4,0\n", "1,0 2,0\n3,0 4,0\n", "\"1,0\",\"2,0\"\n3,4\n",
        /* an index, as pandas and R write it; separators at the end */
        ",theta_0,theta_1\n0,1,2\n1,3,4\n", "id,theta_1,theta_0\na,2,1\nb,4,3\n",
        "\"theta_0\" \"theta_1\"\n\"1\" 1 2\n\"2\" 3 4\n", "theta_0,theta_1,\n1,2,\n3,4,\n",
        /* comments that are headers, as numpy writes them, and others */
        "# theta_1,theta_0\n2,1\n4,3\n", "# theta_1 theta_0\n2 1\n4 3\n",
        "# seed 5\n#theta_1, theta_0\n2 1\n4 3\n", "# hello world\n1 2\n3 4\n",
        "# made by X, 2026\n1,2\n3,4\n", "## theta_1 theta_0\n2 1\n4 3\n",
        "# columns = theta_1 theta_0\n2 1\n4 3\n", "# 1:theta_1 2:theta_0\n2 1\n4 3\n",
        "# theta_1 [mV], theta_0 [mV]\n2 1\n4 3\n", "# theta_0 is the first\n1 2\n3 4\n",
        "sep=;\n1;2\n3;4\n", "# mV,ms\ntheta_0,theta_1\n1,2\n3,4\n",
        "# theta_1 is the slow one, unlike theta_0\n1,2\n3,4\n",
        "# theta_1,theta_0\n2,1\n# theta_1,theta_0\n4,3\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        double *thetas = NULL;
        size_t count = 0;
        fsbi_error error = {0};
        const double expected[] = {1, 2, 3, 4};
        assert_ok(read_text(same[i], &thetas, &count, &error), error);
        assert_int_equal(count, 2);
        assert_memory_equal(thetas, expected, sizeof expected);
        free(thetas);
    }
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"1,2\n3\n", "test_theta_table.csv:2: expected 2 numbers, one for each parameter, found 1"},
        {"1,2,3\n", "expected 2 numbers, one for each parameter, found 3"},
        {"1,x\n", "test_theta_table.csv:1: 'x' is not a finite number"},
        {"1,nan\n", "'nan' is not a finite number"},
        {"theta_0,eta\n1,2\n", "'eta' is not one of the model's 2 parameters"},
        {"theta_0,theta_0\n1,2\n", "stands there twice"},
        {"theta_0\n1\n", "the header names 1 columns; the model has 2 parameters"},
        {"theta_0,theta_1,theta_1\n1,2,3\n", "theta_1"},
        {",theta_0,theta_1\n0,,0.7\n", "test_theta_table.csv:2: the cell of 'theta_0' is empty"},
        {"1,\n", "the cell of 'theta_1' is empty"},
        {"1\t\t2\n", "expected 2 numbers, one for each parameter, found 3"},
        {"0,1,2\n1,3,4\n", "the first of 3 columns counts the rows: an index, or a parameter?"},
        {"5,1,2\n7,3,4\n", "if the first is an index, say so in a header"},
        {"# Theta_1 Theta_0\n1 2\n", "'Theta_1' is not one of the model's 2 parameters"},
        {"# theta_1,theta_0\n1,2\n# theta_0,theta_1\n1,2\n",
         "test_theta_table.csv:3: the comment names columns in another order"},
        {"0,1\n0.5,0.7\n", "the columns are numbered here"},
        {"1,2\n#N/A,0.4\n", "test_theta_table.csv:2: '#N/A' is not a finite number"},
        {"# theta_0,theta_1\n# theta_1,theta_0\n1,2\n", "names columns in another order"},
        {"# a,b\n1,2\n", "test_theta_table.csv:1: 'a' is not one of the model's 2 parameters"},
        {"# theta_0,theta_0\n1,2\n", "stands there twice"},
        {"Theta_0,theta_1\n1,2\n", "'Theta_0' is not one of the model's 2 parameters"},
        {"t,theta_1,theta_1,theta_1,theta_1,,0-,,0-", "stands there twice"},
        {"1.000,5;2\n", "'1.000,5' is not a finite number"},
        {"1;2\n3,5;4.5\n", "is not a finite number"},
        {"\xff\xfex", "begins as UTF-16 text, but is none"},
        {"", "holds no thetas"},
        {"theta_0,theta_1\n", "holds no thetas"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double *thetas = NULL;
        size_t count = 0;
        fsbi_error error = {0};
        assert_int_equal(read_text(cases[i].text, &thetas, &count, &error), FSBI_BAD_INPUT);
        assert_contains(error.message, cases[i].message);
    }
}

/* Both ways of writing 16 bits; and numbers that depend on how the line is cut. */
static void other_encodings(void **state) {
    (void)state;
    static const char little[] = "\xff\xfe\x31\0,\0\x32\0\n\0";
    static const char big[] = "\xfe\xff\0\x31\0,\0\x32\0\n";
    const char *const texts[] = {little, big};
    const size_t sizes[] = {sizeof little - 1, sizeof big - 1};
    for (int i = 0; i < 2; i++) {
        double *thetas = NULL;
        size_t count = 0;
        fsbi_error error = {0};
        FILE *stream = fopen("test_theta_table.csv", "wb");
        fwrite(texts[i], 1, sizes[i], stream);
        fclose(stream);
        assert_ok(fsbi_theta_table_read("test_theta_table.csv", model, &thetas, &count, &error),
                  error);
        assert_int_equal(count, 1);
        assert_true(thetas[0] == 1 && thetas[1] == 2);
        free(thetas);
    }
    unlink("test_theta_table.csv");
}

static void files(void **state) {
    (void)state;
    double *thetas = NULL;
    size_t count = 0;
    fsbi_error error = {0};
    assert_int_equal(fsbi_theta_table_read("no_such_file.csv", model, &thetas, &count, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "cannot read the thetas 'no_such_file.csv'");
    assert_int_equal(fsbi_theta_table_read("no_such_file.h5", model, &thetas, &count, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "cannot read the thetas 'no_such_file.h5'");
    assert_int_equal(
        fsbi_theta_table_read(FSBI_TEST_DATA "/spike_metrics.h5", model, &thetas, &count, &error),
        FSBI_BAD_INPUT);
    assert_contains(error.message, "there is no dataset 'theta'");
    assert_int_equal(fsbi_theta_table_read(FSBI_TEST_DATA "/spike_metrics.h5:case_even/weights/ee",
                                           model, &thetas, &count, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "the model has 2 parameters");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(accepted), cmocka_unit_test(refused),
                                       cmocka_unit_test(other_encodings), cmocka_unit_test(files)};
    return cmocka_run_group_tests(tests, open_model, close_model);
}
