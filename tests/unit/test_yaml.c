/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_yaml.c - places of nodes, aliases and merges, assignments, and that what is written reads back. */
#include "tests/test.h"

#include "sim/io/yaml.h"

static struct errors errs;

static void parse(struct yaml *y, const char *text)
{
    errors_clear(&errs);
    if (yaml_parse(y, "text", true, text, strlen(text), &y->root, &errs) != 0) {
        errors_print(&errs, stdout);
        fail();
    }
}

static const struct yaml_node *get(const struct yaml_node *n, const char *key)
{
    const struct yaml_node *value = yaml_get(n, key);
    assert_non_null(value);
    return value;
}

static void assert_at(const struct yaml_node *n, int line, int column)
{
    assert_int_equal(n->at.line, line);
    assert_int_equal(n->at.column, column);
}

/* Lines and columns counted by hand in the text. */
static void every_node_knows_its_place(void **state)
{
    (void)state;
    struct yaml y = {0};
    parse(&y, "a: 1\n"
              "b:\n"
              "  c: [x, {d: y}]\n"
              "  e:\n"
              "  - \"quoted\"\n"
              "  - ä: z\n"
              "f:\n");
    const struct yaml_node *b = get(y.root, "b"), *c = get(b, "c"), *e = get(b, "e");
    assert_at(y.root, 1, 1);
    assert_at(get(y.root, "a"), 1, 4);
    assert_at(b, 3, 3);
    assert_at(c, 3, 6);
    assert_at(c->item[0], 3, 7);
    assert_at(c->item[1], 3, 10);
    assert_at(get(c->item[1], "d"), 3, 14);
    assert_at(e, 5, 3);
    assert_at(e->item[0], 5, 5);
    assert_at(e->item[1], 6, 5);
    assert_at(get(e->item[1], "ä"), 6, 8); /* columns count characters */
    assert_false(e->item[0]->plain);
    assert_true(c->item[0]->plain);
    assert_true(yaml_is_null(get(y.root, "f")));
    assert_int_equal(y.root->pair[1].at.line, 2);
    yaml_clear(&y);
}

static void an_alias_is_the_same_node(void **state)
{
    (void)state;
    struct yaml y = {0};
    parse(&y, "a: &x {k: 1}\nb: *x\nc: [*x, *x]\n");
    assert_ptr_equal(get(y.root, "a"), get(y.root, "b"));
    assert_ptr_equal(get(y.root, "c")->item[1], get(y.root, "a"));
    /* the root, {k: 1} four times of weight 2, and the list */
    assert_int_equal(y.root->weight, 1 + 4 * 2 + 1);
    yaml_clear(&y);
}

/* YAML 1.1, merge keys: what a mapping says itself comes first, then earlier merges before later ones. */
static void own_keys_win_over_merged_ones(void **state)
{
    (void)state;
    struct yaml y = {0};
    parse(&y, "a: &a {p: 1, q: 1, r: 1}\nb: &b {q: 2, s: 2}\nc: {<<: [*b, *a], r: 3}\nd: {<<: *a}\n");
    const struct yaml_node *c = get(y.root, "c");
    assert_int_equal(c->n, 4);
    assert_string_equal(get(c, "p")->text, "1");
    assert_string_equal(get(c, "q")->text, "2");
    assert_string_equal(get(c, "r")->text, "3");
    assert_string_equal(get(c, "s")->text, "2");
    assert_null(yaml_get(c, "<<"));
    assert_at(get(get(y.root, "d"), "q"), 1, 17);
    yaml_clear(&y);
}

static void written_text_reads_back(void **state)
{
    (void)state;
    static const char text[] = "a: &a {p: 1, 'q r': \"two\\nlines \\\"x\\\"\", e: {}, l: [], n: ~}\n"
                               "b: {<<: *a, p: -5}\n"
                               "c: [[1, [2]], {x: 'quoted #', y: plain text, z: a:b}]\n"
                               "d: |\n  block\n  text\n";
    struct yaml y = {0}, again = {0};
    parse(&y, text);
    char *first = yaml_write(y.root, &y.arena);
    parse(&again, first);
    char *second = yaml_write(again.root, &again.arena);
    assert_string_equal(first, second);
    assert_string_equal(get(get(again.root, "b"), "q r")->text, "two\nlines \"x\"");
    assert_string_equal(get(again.root, "d")->text, "block\ntext\n");
    yaml_clear(&y);
    yaml_clear(&again);
}

static void an_assignment_changes_one_place_alone(void **state)
{
    (void)state;
    struct yaml y = {0};
    parse(&y, "base: &x {n: 1, power: {idle: 2 W}}\none: *x\ntwo: *x\nlist: [p, {q: 1}]\n");
    assert_int_equal(yaml_set(&y, "one.power.idle=3 W", &errs), 0);
    assert_int_equal(yaml_set(&y, "two.power.busy={a: [1, 2]}", &errs), 0);
    assert_int_equal(yaml_set(&y, "list[1].q=5", &errs), 0);
    assert_int_equal(yaml_set(&y, "new.deep.key=x", &errs), 0);
    assert_string_equal(yaml_write(y.root, &y.arena), "base:\n  n: 1\n  power:\n    idle: 2 W\n"
                                                      "one:\n  n: 1\n  power:\n    idle: 3 W\n"
                                                      "two:\n  n: 1\n  power:\n    idle: 2 W\n    busy:\n      a:\n"
                                                      "        - 1\n        - 2\n"
                                                      "list:\n  - p\n  -\n    q: 5\n"
                                                      "new:\n  deep:\n    key: x\n");
    assert_string_equal(y.source[get(get(get(y.root, "one"), "power"), "idle")->at.source].name, "--set one.power.idle=3 W");
    assert_int_equal(get(get(get(y.root, "one"), "power"), "idle")->at.line, 0);
    yaml_clear(&y);
}

/* Sixty lists in each other are within the bound on depth; an alias adds that of what it stands for. */
static void depth_counts_through_aliases(void **state)
{
    (void)state;
    char text[512], open[61], close[61];
    memset(open, '[', 60), memset(close, ']', 60);
    open[60] = close[60] = '\0';
    struct yaml y = {0};
    snprintf(text, sizeof text, "a: &a %s%s\nb: *a\n", open, close);
    parse(&y, text);
    yaml_clear(&y);
    snprintf(text, sizeof text, "a: &a %s%s\nb: [[[[*a]]]]\n", open, close);
    assert_int_equal(yaml_parse(&y, "text", true, text, strlen(text), &y.root, &errs), -ERR_INPUT);
    assert_string_equal(errs.entry[0].text, "found nesting deeper than 64 levels, wanted less");
    yaml_clear(&y);
    errors_clear(&errs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_knows_its_place),
        cmocka_unit_test(an_alias_is_the_same_node),
        cmocka_unit_test(own_keys_win_over_merged_ones),
        cmocka_unit_test(written_text_reads_back),
        cmocka_unit_test(an_assignment_changes_one_place_alone),
        cmocka_unit_test(depth_counts_through_aliases),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
