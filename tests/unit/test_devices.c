/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_devices.c - the devices that are shipped: each number of each has an uncertainty and a source, and each can be what a
 * group of nodes is; and what a device says and what a group says beside it.
 */
#include "tests/test.h"

#include <ctype.h>
#include <stdlib.h>

#include "sim/io/scenario_read.h"

static const char *const file[] = {"end", "edge", "cloud"};

static void read_devices(struct yaml *y, const char *name)
{
    static struct errors errs;
    char path[128];
    snprintf(path, sizeof path, "scenarios/devices/%s.yaml", name);
    int rc = yaml_read_file(y, path, &errs);
    errors_print(&errs, stdout);
    errors_clear(&errs);
    assert_int_equal(rc, 0);
}

static bool has_text(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *n = yaml_get(map, key);
    return n && n->kind == YAML_SCALAR && n->n > 2;
}

/* A value stands beside its cv and its source; another number is a count of cores, of a processor that has a source. */
static void check_sources(const struct yaml_node *n, const char *path)
{
    for (uint32_t i = 0; i < n->n; i++) {
        const struct yaml_node *value = n->pair[i].value;
        char where[256];
        snprintf(where, sizeof where, "%.180s.%.60s", path, n->pair[i].key);
        if (value->kind == YAML_MAP) {
            check_sources(value, where);
        } else if (isdigit((unsigned char)value->text[0]) && strcmp(n->pair[i].key, "source") != 0) {
            bool is_value = strcmp(n->pair[i].key, "value") == 0 && yaml_get(n, "cv");
            bool is_known = is_value || strcmp(n->pair[i].key, "cv") == 0 || strcmp(n->pair[i].key, "cores") == 0;
            if (!is_known || !has_text(n, "source")) {
                fail_msg("%s has no source or uncertainty", where);
            }
        }
    }
}

static void every_value_has_a_source_and_an_uncertainty(void **state)
{
    size_t n_device = 0;
    (void)state;
    for (size_t f = 0; f < LEN(file); f++) {
        struct yaml y = {0};
        read_devices(&y, file[f]);
        const struct yaml_node *devices = yaml_get(y.root, "devices");
        assert_non_null(devices);
        for (uint32_t i = 0; i < devices->n; i++) {
            const struct yaml_node *d = devices->pair[i].value;
            check_sources(d, devices->pair[i].key);
            assert_true(has_text(d, "about"));
            assert_string_equal(yaml_get(d, "tier")->text, file[f]);
            n_device++;
        }
        yaml_clear(&y);
    }
    assert_true(n_device >= 25);
}

/* A scenario of one group that is the device, by its text. */
static void open_device(struct scenario *s, const char *name, const char *more)
{
    static struct errors errs;
    struct yaml tree = {0};
    char text[1024];
    snprintf(text, sizeof text,
             "{tiersim: 1, name: one, include: [scenarios/devices/end.yaml, scenarios/devices/edge.yaml, "
             "scenarios/devices/cloud.yaml],\n"
             "nodes: {box: {device: %s%s}}, workloads: {job: {at: box, arrivals: {poisson: {rate: 1 /s}}, work: 1 MFLOP}},\n"
             "experiment: {policies: [local], duration: 1 s}}\n", name, more);
    const struct scenario_source from = {.path = "one.yaml", .text = text};
    int rc = scenario_open(s, &tree, &from, &errs);
    errors_print(&errs, stdout);
    errors_clear(&errs);
    yaml_clear(&tree);
    assert_int_equal(rc, 0);
}

static void each_can_be_what_nodes_are(void **state)
{
    (void)state;
    for (size_t f = 0; f < LEN(file); f++) {
        struct yaml y = {0};
        read_devices(&y, file[f]);
        const struct yaml_node *devices = yaml_get(y.root, "devices");
        for (uint32_t i = 0; i < devices->n; i++) {
            struct scenario s;
            open_device(&s, devices->pair[i].key, "");
            assert_int_equal(s.group[0].tier, f);
            assert_true(s.unsure && s.group[0].busy_w > s.group[0].idle_w);
            scenario_free(&s);
        }
        yaml_clear(&y);
    }
}

/* 2.95 GFLOP/s on each of 4 cores, 7.2 W, 8 GB are in the file; the group says two cores and 4 GB. */
static void a_group_is_its_device_with_its_own_keys_over_it(void **state)
{
    struct scenario s;
    (void)state;
    open_device(&s, "raspberry_pi_4b", ", tier: edge, count: 3, memory: 4 GB, processors: {cpu: {cores: 2}}");
    assert_int_equal(s.group[0].tier, 1);
    assert_int_equal(s.group[0].count, 3);
    assert_int_equal(s.pool[0].units, 2);
    assert_near(s.pool[0].speed_flops, 2.95e9, 1e-15, 0);
    assert_near(s.pool[0].bandwidth_bps, 8 * 0.68e9, 1e-15, 0);
    assert_near(s.group[0].busy_w, 7.2, 1e-15, 0);
    assert_near(s.group[0].memory_bits, 8 * 4e9, 1e-15, 0);
    assert_null(strstr(s.text, "device")); /* what is stored with results needs no file of devices */
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest test[] = {
        cmocka_unit_test(every_value_has_a_source_and_an_uncertainty),
        cmocka_unit_test(each_can_be_what_nodes_are),
        cmocka_unit_test(a_group_is_its_device_with_its_own_keys_over_it),
    };
    return cmocka_run_group_tests_name("devices", test, NULL, NULL);
}
