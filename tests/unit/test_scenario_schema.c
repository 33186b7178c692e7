/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_scenario_schema.c - docs/scenario.schema.json is what the key tables say.  With the argument --write it is made so:
 * build/release/tests/unit/test_scenario_schema --write.  That schema and parser agree is tested by tests/ci/schema.sh.
 */
#include "tests/test.h"

#include <jansson.h>
#include <stdlib.h>

#include "policies/builtin.h"
#include "sim/io/scenario_schema.h"
#include "sim/policy/set.h"

static const struct policy_set policies = {builtin_policy, N_BUILTIN_POLICY};
static const char path[] = "docs/scenario.schema.json";

static char *made(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(scenario_schema(&policies, out), 0);
    fclose(out);
    return text;
}

static void the_file_is_what_the_tables_say(void **state)
{
    (void)state;
    char *want = made(), *there = NULL;
    size_t room = 0;
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_true(getdelim(&there, &room, 0, in) > 0);
    fclose(in);
    assert_string_equal(there, want);
    free(want);
    free(there);
}

/* Every reference leads to a definition that is not empty. */
static void check_references(const json_t *definitions, json_t *node)
{
    const char *key;
    json_t *value;
    size_t i;
    json_object_foreach(node, key, value) {
        if (strcmp(key, "$ref") == 0) {
            const char *name = json_string_value(value) + strlen("#/definitions/");
            if (json_object_size(json_object_get(definitions, name)) == 0) {
                fail_msg("nothing is defined as %s", name);
            }
        }
        check_references(definitions, value);
    }
    json_array_foreach(node, i, value) {
        check_references(definitions, value);
    }
}

static void every_reference_leads_somewhere(void **state)
{
    (void)state;
    char *text = made();
    json_t *schema = json_loads(text, 0, NULL);
    assert_non_null(schema);
    assert_true(json_object_size(json_object_get(schema, "definitions")) > 50);
    check_references(json_object_get(schema, "definitions"), schema);
    json_decref(schema);
    free(text);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--write") == 0) {
        FILE *out = fopen(path, "w");
        return !out || scenario_schema(&policies, out) != 0 || fclose(out) != 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_what_the_tables_say),
        cmocka_unit_test(every_reference_leads_somewhere),
    };
    return cmocka_run_group_tests_name("scenario_schema", tests, NULL, NULL);
}
