/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/scenario_read.h"

#include <string.h>

#include "sim/base/text.h"
#include "sim/io/devices.h"
#include "sim/io/read_sections.h"
#include "sim/io/table_file.h"

enum { LANGUAGE_VERSION = 1 };

struct scenario_written {
    uint32_t version;
    const char *name, *about;
};

#define WRITTEN(member) offsetof(struct scenario_written, member)

static int read_devices(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int read_include(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

/* clang-format off */
static const struct key group_item = {.type = VALUE_MAP, .table = &group_table};
static const struct key link_item = {.type = VALUE_MAP, .table = &link_table};
static const struct key workload_item = {.type = VALUE_MAP, .table = &workload_table};
static const struct key language_model_item = {.type = VALUE_MAP, .table = &language_model_table};
static const struct key scenario_key[] = {
    {.name = "tiersim", .type = VALUE_WHOLE, .offset = WRITTEN(version), .required = true, .min = LANGUAGE_VERSION,
     .max = LANGUAGE_VERSION, .about = "version of this language"},
    {.name = "name", .type = VALUE_NAME, .offset = WRITTEN(name), .required = true, .about = "what results are called"},
    {.name = "about", .type = VALUE_TEXT, .offset = WRITTEN(about), .about = "a line that says what it is"},
    {.name = "include", .type = VALUE_READ, .read = read_include, .scalar = &read_text_key,
     .item = &read_text_key, .wanted = "a file or a list of files",
     .about = "files whose keys are laid under those of this file, a later one over an earlier; relative to this one"},
    {.name = "defaults", .type = VALUE_ANY, .about = "room for anchors that other parts refer to; ignored itself"},
    {.name = "tiers", .type = VALUE_READ, .read = read_tiers, .item = &read_name_key, .wanted = "a list of names",
     .about = "names of further tiers, beside end, edge and cloud"},
    {.name = "devices", .type = VALUE_READ, .read = read_devices, .each = &group_item, .wanted = "a mapping of names to devices",
     .about = "kinds of machines: what a group of nodes with `device: NAME` has, beneath its own keys"},
    {.name = "nodes", .type = VALUE_READ, .read = read_nodes, .each = &group_item, .least = 1, .required = true,
     .wanted = "a mapping of names to groups of nodes", .about = "groups of like nodes"},
    {.name = "links", .type = VALUE_READ, .read = read_links, .each = &link_item,
     .wanted = "a mapping of names to links",
     .about = "what joins the groups"},
    {.name = "workloads", .type = VALUE_READ, .read = read_workloads, .each = &workload_item, .least = 1, .required = true,
     .wanted = "a mapping of names to workloads", .about = "jobs, where and when they are released"},
    {.name = "objective", .type = VALUE_READ, .read = read_objective, .table = &objective_table,
     .wanted = "a mapping with weights of latency, energy, cost, miss or privacy",
     .derived = "none: a job's reward is its latency, negative",
     .about = "what policies are judged by, as one number: the mean over jobs, lower is better; and what learners are told"},
    {.name = "language_models", .type = VALUE_READ, .read = read_language_models, .each = &language_model_item, .least = 1,
     .wanted = "a mapping of names to language models", .derived = "one that answers by the program's rules",
     .about = "whom policies such as llm may ask"},
    {.name = "experiment", .type = VALUE_READ, .read = read_experiment, .table = &experiment_table, .required = true,
     .wanted = "a mapping with policies and duration", .about = "what is run and measured"},
};
const struct table scenario_table = {.title = "The file", TABLE(scenario_key)};
/* clang-format on */

/* yaml_include has taken it out of every file: what is left came from elsewhere. */
static int read_include(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    (void)k, (void)field;
    return read_fault(r, n->at, "found it on the command line, wanted it in the file");
}

/* devices_lay has taken them out: what they are is read where a group is one, and the keys of the others are looked at then. */
static int read_devices(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    (void)r, (void)k, (void)n, (void)field;
    return 0;
}

/* The scenario with aliases, merges and assignments carried out, without what was there for that purpose alone. */
static char *resolved_text(struct reader *r, const struct yaml_node *root)
{
    struct yaml_node *whole, *groups;
    const struct yaml_node *shown = yaml_without(r->y, root, "defaults");
    struct yaml_pair *top = shown ? yaml_copy_map(r->y, shown, &whole) : NULL;
    for (uint32_t i = 0; top && i < whole->n; i++) {
        if (strcmp(top[i].key, "nodes") != 0) {
            continue;
        }
        struct yaml_pair *group = yaml_copy_map(r->y, top[i].value, &groups);
        for (uint32_t g = 0; group && g < groups->n; g++) {
            group[g].value = yaml_without(r->y, group[g].value, "device");
        }
        top[i].value = groups;
        top = group ? top : NULL;
    }
    return top && !r->y->arena.failed ? yaml_write(whole, &r->s->arena) : NULL;
}

static int finish(struct reader *r)
{
    struct err e = {0};
    int rc = scenario_finish(r->s, &e);
    if (rc) {
        return read_fault_err(r, yaml_place_of(r->y->root, e.text), &e);
    }
    for (uint32_t i = 0; i < r->s->experiment.n_policy && rc == 0 && !r->without_tables; i++) {
        struct policy_spec *p = &r->s->experiment.policy[i];
        const struct yaml_place at = {.source = r->y->root->at.source, .line = p->line, .column = p->column};
        rc = table_load(r->s, p, &e) ? read_fault_err(r, at, &e) : 0;
    }
    return rc;
}

static int read_root(struct reader *r, const char *path, const char *folder)
{
    struct scenario *s = r->s;
    struct scenario_written w = {0};
    const char *slash = strrchr(path, '/');
    s->file = arena_copy(&s->arena, path);
    r->folder = folder ? arena_copy(&s->arena, folder)
                       : arena_copy_n(&s->arena, path, slash ? (size_t)(slash + 1 - path) : 0);
    s->folder = r->folder;
    if (!s->file || !r->folder || names_add(&r->tier, "end") == NAME_NONE || names_add(&r->tier, "edge") == NAME_NONE ||
        names_add(&r->tier, "cloud") == NAME_NONE) {
        return read_out_of_memory(r);
    }
    int rc = read_table(r, &scenario_table, r->y->root, &w);
    rc = rc || s->n_text_model > 0 ? rc : read_default_language_model(r);
    s->name = w.name;
    s->about = w.about;
    s->n_tier = r->tier.n;
    s->tier_name = r->tier.name;
    if (rc == 0) {
        s->text = resolved_text(r, r->y->root);
        rc = s->text && !s->arena.failed ? finish(r) : read_out_of_memory(r);
    }
    return rc;
}

/* Devices that no group is, in a scenario that is fine else: a group may say what one of them does not. */
static int check_devices(struct reader *r, const struct yaml_node *devices)
{
    int rc = 0;
    size_t mark = read_enter(r, "devices");
    for (uint32_t i = 0; i < devices->n; i++) {
        size_t inner = read_enter(r, devices->pair[i].key);
        int one = read_check_keys(r, &group_table, devices->pair[i].value);
        read_leave(r, inner);
        rc = rc ? rc : one;
    }
    read_leave(r, mark);
    return rc;
}

int scenario_open(struct scenario *s, struct yaml *tree, const struct scenario_source *from, struct errors *errs)
{
    size_t n_before = errs->n;
    *s = (struct scenario){0};
    struct reader r = {.s = s, .y = tree, .errs = errs, .policies = from->policies, .without_tables = from->without_tables,
                       .files = from->files ? from->files : &s->files, .sampled = from->sampled};
    r.tier.arena = r.group.arena = r.kind.arena = r.model.arena = s->files.key.arena = &s->arena;
    int rc = from->text ? yaml_parse_map(tree, from->path, UINT32_MAX, from->text, strlen(from->text), &tree->root, errs)
                        : yaml_read_file(tree, from->path, errs);
    if (tree->root) {
        int one = yaml_include(tree, errs);
        rc = rc ? rc : one;
    }
    for (size_t i = 0; tree->root && i < from->n_set; i++) {
        int one = yaml_set(tree, from->set[i], errs);
        rc = rc ? rc : one;
    }
    const struct yaml_node *devices = tree->root ? yaml_get(tree->root, "devices") : NULL;
    if (tree->root) {
        int one = devices_lay(tree, errs);
        rc = rc ? rc : one;
    }
    if (tree->root) {
        int one = read_root(&r, from->path, from->folder);
        rc = rc ? rc : one;
    }
    rc = rc || !devices ? rc : check_devices(&r, devices);
    s->files.key.arena = NULL; /* complete: from here on the scenario may move, and threads share what was read */
    if (rc == 0 && errs->n > n_before) {
        rc = -ERR_INPUT;
    }
    if (rc != 0) {
        scenario_free(s);
    }
    return rc;
}

int scenario_read(struct scenario *s, const char *path, const char *const *set, size_t n_set, struct errors *errs)
{
    struct yaml tree = {0};
    const struct scenario_source from = {.path = path, .set = set, .n_set = n_set};
    int rc = scenario_open(s, &tree, &from, errs);
    yaml_clear(&tree);
    return rc;
}
