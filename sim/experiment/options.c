/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/options.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/experiment_write.h"
#include "sim/io/read.h"
#include "sim/io/table_file.h"
#include "sim/model/scenario.h"

enum { QUICK_REPLICATIONS = 2, QUICK_SHARE = 10 };

static bool is_chosen(const struct policy_spec *chosen, uint32_t n, const char *label)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(chosen[i].label, label) == 0) {
            return true;
        }
    }
    return false;
}

/* Append to chosen[*n] what the name stands for; there is room for all of the scenario's policies and one more. */
static void choose(const struct experiment *x, const char *name, struct policy_spec *chosen, uint32_t *n)
{
    uint32_t found = 0;
    for (int by_label = 1; by_label >= 0 && !found; by_label--) {
        for (uint32_t i = 0; i < x->n_policy; i++) {
            if (strcmp(by_label ? x->policy[i].label : x->policy[i].policy, name) == 0) {
                found++;
                if (!is_chosen(chosen, *n, x->policy[i].label)) {
                    chosen[(*n)++] = x->policy[i];
                }
            }
        }
    }
    if (!found && !is_chosen(chosen, *n, name)) {
        chosen[(*n)++] = (struct policy_spec){.policy = name, .label = name, .edges = EDGES_ALL, .run_in = UINT64_MAX,
                                             .control = x->control};
    }
}

/*
 * "NAME=FILE": the policy with the table that it learned, frozen, or with the network that it runs (FILE.onnx); the file as seen
 * from where the program was called.
 */
static int take_file(struct scenario *s, struct policy_spec *p, struct err *e)
{
    static const char ending[] = ".onnx";
    const char *equal = strchr(p->policy, '=');
    if (!equal || p->table || p->network) {
        return 0;
    }
    const size_t n = strlen(equal + 1), n_ending = sizeof ending - 1;
    const bool network = n > n_ending && strcmp(equal + 1 + n - n_ending, ending) == 0;
    char *path = realpath(equal + 1, NULL);
    const char *kept = path ? arena_copy(&s->arena, path) : NULL;
    p->policy = arena_copy_n(&s->arena, p->policy, (size_t)(equal - p->policy));
    p->network = p->network_path = network ? kept : NULL;
    p->table = p->table_path = network ? NULL : kept;
    p->frozen = !network;
    free(path);
    if (!path) {
        return ERR_SET(e, ERR_INPUT, "--policy: there is no %s %s", network ? "network" : "table", equal + 1);
    }
    if (!p->policy || !kept || !read_note_file(s, kept, kept)) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the file %s", equal + 1);
    }
    return table_load(s, p, e);
}

static int apply_policies(const struct run_options *o, struct scenario *s, struct err *e)
{
    struct experiment *x = &s->experiment;
    struct policy_spec *chosen = ARENA_NEW(&s->arena, (size_t)x->n_policy + o->n_policy, struct policy_spec);
    if (!chosen) {
        return ERR_SET(e, ERR_MEMORY, "no memory for %u policies", o->n_policy);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->n_policy; i++) {
        const char *name = arena_copy(&s->arena, o->policy[i]);
        if (!name) {
            return ERR_SET(e, ERR_MEMORY, "no memory for %u policies", o->n_policy);
        }
        choose(x, name, chosen, &n);
    }
    for (uint32_t i = 0; i < n; i++) {
        int rc = take_file(s, &chosen[i], e);
        if (rc < 0) {
            return rc;
        }
    }
    const char *against = x->compare_to == ROW_NONE ? NULL : x->policy[x->compare_to].label;
    x->compare_to = ROW_NONE;
    for (uint32_t i = 0; i < n && against; i++) {
        if (strcmp(chosen[i].label, against) == 0) {
            x->compare_to = i;
        }
    }
    x->policy = chosen;
    x->n_policy = n;
    return 0;
}

int run_options_apply(const struct run_options *o, struct scenario *s, struct err *e)
{
    struct experiment *x = &s->experiment;
    if (o->n_policy > 0) {
        int rc = apply_policies(o, s, e);
        if (rc < 0) {
            return rc;
        }
    }
    if (o->jobs && !isnan(o->duration_s)) {
        return ERR_SET(e, ERR_INPUT, "found both --duration and --jobs, wanted one of them");
    }
    if (!isnan(o->duration_s)) {
        x->duration_s = o->duration_s;
        x->jobs = 0;
        x->drain_s = isfinite(x->drain_s) || x->end_when_done ? x->drain_s : x->duration_s / 2;
    }
    if (o->jobs) {
        x->jobs = o->jobs;
        x->duration_s = INFINITY;
    }
    if (o->quick) {
        x->duration_s /= QUICK_SHARE;
        x->jobs = (x->jobs + QUICK_SHARE - 1) / QUICK_SHARE;
        x->replications = x->replications < QUICK_REPLICATIONS ? x->replications : QUICK_REPLICATIONS;
    }
    if (o->replications) {
        x->replications = o->replications;
    }
    if (x->warm_up_auto && x->jobs > 0) {
        return ERR_SET(e, ERR_INPUT, "--jobs: found with warm_up: auto, wanted a duration to look for it in");
    }
    if (o->has_seed) {
        x->seed = o->seed;
    }
    return experiment_write(s, e);
}
