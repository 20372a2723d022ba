#include "config/overlay.h"
#include "fsbi/config_node.h"
#include "unit.h"

static fsbi_config_node *parse(const char *text) {
    fsbi_error error = {0};
    fsbi_config_node *root = NULL;
    assert_ok(fsbi_config_node_parse(text, "f.yaml", &root, &error), error);
    return root;
}

static void assert_rejected(const char *text, const char *message) {
    fsbi_error error = {0};
    fsbi_config_node *root = NULL;
    assert_int_equal(fsbi_config_node_parse(text, "f.yaml", &root, &error), FSBI_BAD_INPUT);
    assert_contains(error.message, message);
}

static void places(void **state) {
    (void)state;
    fsbi_config_node *root = parse("a: 1\nb:\n  c: [x, 2.5]\n  d: {e: true}\n");
    const fsbi_config_node *b = fsbi_config_node_find(root, "b");
    const fsbi_config_node *c = fsbi_config_node_find(b, "c");
    fsbi_error error = {0};
    double number = 0;
    assert_int_equal(fsbi_config_node_real(c->children[0], &number, &error), FSBI_BAD_INPUT);
    assert_string_equal(error.message, "f.yaml:3:7: b.c.0: expected a number, found 'x'");
    assert_ok(fsbi_config_node_real(c->children[1], &number, &error), error);
    assert_true(number == 2.5);
    bool truth = false;
    assert_ok(fsbi_config_node_boolean(fsbi_config_node_find(fsbi_config_node_find(b, "d"), "e"),
                                       &truth, &error),
              error);
    assert_true(truth);
    fsbi_config_node_free(root);
}

static void types(void **state) {
    (void)state;
    fsbi_config_node *root =
        parse("whole: 1e3\nhalf: 0.5\nquoted: \"7\"\nend: .inf\nnone:\nlist: []\nhuge: 1e400\n");
    fsbi_error error = {0};
    long whole = 0;
    double number = 0;
    char text[4];
    assert_ok(fsbi_config_node_integer(fsbi_config_node_find(root, "whole"), &whole, &error),
              error);
    assert_int_equal(whole, 1000);
    assert_int_equal(fsbi_config_node_integer(fsbi_config_node_find(root, "half"), &whole, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "f.yaml:2:7: half: expected a whole number, found '0.5'");
    assert_int_equal(fsbi_config_node_real(fsbi_config_node_find(root, "quoted"), &number, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "found the string \"7\"");
    assert_ok(fsbi_config_node_real(fsbi_config_node_find(root, "end"), &number, &error), error);
    assert_true(isinf(number));
    assert_int_equal(fsbi_config_node_real(fsbi_config_node_find(root, "none"), &number, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "none: expected a number, found nothing");
    assert_int_equal(fsbi_config_node_real(fsbi_config_node_find(root, "list"), &number, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "found a list");
    assert_int_equal(fsbi_config_node_real(fsbi_config_node_find(root, "huge"), &number, &error),
                     FSBI_BAD_INPUT);
    assert_int_equal(fsbi_config_node_string(fsbi_config_node_find(root, "whole"), text, 3, &error),
                     FSBI_BAD_INPUT);
    assert_contains(error.message, "too long");
    fsbi_config_node_free(root);
}

/* Found by tools/fuzz: the YAML library does not come back from this one. */
static void encoding(void **state) {
    (void)state;
    fsbi_config_node *root = NULL;
    fsbi_error error = {0};
    assert_int_equal(fsbi_config_node_parse("a: 1\n% of \x97 it\n", "f.yaml", &root, &error),
                     FSBI_BAD_INPUT);
    assert_string_equal(error.message,
                        "f.yaml:2: the byte 0x97 is no UTF-8 text; save the file as UTF-8");
    assert_ok(fsbi_config_node_parse("a: \xce\xb1\n", "f.yaml", &root, &error), error);
    fsbi_config_node_free(root);
}

static void syntax(void **state) {
    (void)state;
    assert_rejected("", "f.yaml: empty");
    assert_rejected("a: [1, 2\nb: 3\n", "f.yaml:");
    assert_rejected("a: 1\na: 2\n", "f.yaml:");
    assert_rejected("a: 1\n b: 2\n", "f.yaml:");
    assert_rejected("a: 1\n---\nb: 2\n", "a second document");
    assert_rejected("a: 1\n---\nb: [\n", "f.yaml");
    assert_rejected("? [x]\n: 1\n", "a key must be a word");
}

static void anchors(void **state) {
    (void)state;
    fsbi_config_node *root = parse("base: &b {x: 1, y: 2}\nother: *b\n");
    const fsbi_config_node *other = fsbi_config_node_find(root, "other");
    assert_string_equal(fsbi_config_node_find(other, "y")->text, "2");
    fsbi_config_node_free(root);
}

static void overrides(void **state) {
    (void)state;
    fsbi_config_node *root =
        parse("model: {ls: 10}\nrounds: [{simulations: 5}, {simulations: 6}]\n");
    fsbi_error error = {0};
    double number = 0;
    assert_ok(fsbi_config_node_set(root, "model.ls=2.5", &error), error);
    assert_ok(fsbi_config_node_set(root, "rounds.1.simulations=7", &error), error);
    assert_ok(fsbi_config_node_set(root, "campaign.seed=1", &error), error);
    assert_ok(fsbi_config_node_set(root, "conditions.group={rate: [1, x]}", &error), error);
    const fsbi_config_node *ls = fsbi_config_node_find(fsbi_config_node_find(root, "model"), "ls");
    assert_ok(fsbi_config_node_real(ls, &number, &error), error);
    assert_true(number == 2.5);
    assert_string_equal(fsbi_config_node_find(root, "rounds")->children[1]->children[0]->text, "7");
    const fsbi_config_node *group =
        fsbi_config_node_find(fsbi_config_node_find(root, "conditions"), "group");
    const fsbi_config_node *bad = fsbi_config_node_find(group, "rate")->children[1];
    assert_int_equal(fsbi_config_node_real(bad, &number, &error), FSBI_BAD_INPUT);
    assert_string_equal(error.message,
                        "--set conditions.group={rate: [1, x]}: conditions.group.rate.1: "
                        "expected a number, found 'x'");
    assert_int_equal(fsbi_config_node_set(root, "rounds.2.simulations=7", &error), FSBI_BAD_INPUT);
    assert_contains(error.message, "'2' is not an index from 0 to 1");
    assert_int_equal(fsbi_config_node_set(root, "model.ls.x=7", &error), FSBI_BAD_INPUT);
    assert_int_equal(fsbi_config_node_set(root, "nonsense", &error), FSBI_BAD_INPUT);
    assert_contains(error.message, "expected path=value");
    assert_ok(fsbi_config_node_set(root, "model.ls=[1", &error), error);
    assert_string_equal(fsbi_config_node_find(fsbi_config_node_find(root, "model"), "ls")->text,
                        "[1");
    fsbi_config_node_free(root);
}

static void differences(void **state) {
    (void)state;
    static const char *const ignored[] = {"out", NULL};
    char text[256] = "";
    fsbi_config_node *a = parse("out: x\nm: {ls: 10, list: [1, 2]}\n");
    fsbi_config_node *same = parse("m: {list: [1.0, 2], ls: 1e1}\nout: y\n");
    fsbi_config_node *changed = parse("out: x\nm: {ls: 11, list: [1, 2]}\n");
    fsbi_config_node *longer = parse("out: x\nm: {ls: 10, list: [1, 2, 3]}\n");
    assert_false(fsbi_config_node_difference(a, same, ignored, text, sizeof text));
    assert_true(fsbi_config_node_difference(a, same, NULL, text, sizeof text));
    assert_true(fsbi_config_node_difference(a, changed, ignored, text, sizeof text));
    assert_string_equal(text, "m.ls: '10' here, '11' there");
    assert_true(fsbi_config_node_difference(a, longer, ignored, text, sizeof text));
    assert_string_equal(text, "m.list.2: nothing here, '3' there");
    fsbi_config_node_free(a);
    fsbi_config_node_free(same);
    fsbi_config_node_free(changed);
    fsbi_config_node_free(longer);
}

static void overlays(void **state) {
    (void)state;
    fsbi_config_node *base = parse("{name: x, ls: 10, list: [1, 2]}\n");
    fsbi_config_node *changes = parse("\n{list: [3, {a: \"1\"}], new: 4}\n");
    fsbi_config_node *both = NULL;
    fsbi_error error = {0};
    fsbi_text yaml = {0};
    assert_ok(fsbi_config_overlay(base, changes, &both, &error), error);
    fsbi_config_node_write(both, &yaml);
    assert_string_equal(yaml.characters, "{\"name\": x, \"ls\": 10, \"list\": [3, {\"a\": \"1\"}], "
                                         "\"new\": 4}");
    fsbi_config_node *again = parse(yaml.characters);
    assert_false(fsbi_config_node_difference(both, again, NULL, NULL, 0));
    assert_int_equal(fsbi_config_node_find(both, "new")->line, 2);
    assert_int_equal(fsbi_config_node_find(both, "ls")->line, 1);
    fsbi_text_clear(&yaml);
    fsbi_config_node_free(again);
    fsbi_config_node_free(both);
    fsbi_config_node_free(changes);
    fsbi_config_node_free(base);
}

/* Eight levels of nine aliases stand for 43 million values; refused before they are made. */
static void nested_aliases(void **state) {
    (void)state;
    fsbi_text yaml = {0};
    fsbi_text_append(&yaml, "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for (int level = 1; level < 8; level++) {
        fsbi_text_append(&yaml, "a%d: &a%d [*a%d", level, level, level - 1);
        for (int k = 1; k < 9; k++)
            fsbi_text_append(&yaml, ", *a%d", level - 1);
        fsbi_text_append(&yaml, "]\n");
    }
    assert_rejected(yaml.characters, "f.yaml: its aliases stand for more than 100000 values");
    fsbi_text_clear(&yaml);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(places),        cmocka_unit_test(types),
                                       cmocka_unit_test(encoding),      cmocka_unit_test(syntax),
                                       cmocka_unit_test(anchors),       cmocka_unit_test(overrides),
                                       cmocka_unit_test(differences),   cmocka_unit_test(overlays),
                                       cmocka_unit_test(nested_aliases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
