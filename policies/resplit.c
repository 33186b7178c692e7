/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resplit - a cut that is kept until another is worth a change.  At each job the best cut in the order of the tasks is sought, as
 * neurosurgeon does; the one in use goes on unless the other takes less by `margin`, and `hold` has passed since the last
 * change.  A change takes `reload`: the parts are loaded anew before the job runs.  So a link that fluctuates does not
 * make the cut go to and fro; with margin 0 and hold 0 it follows the link, with a hold without end it is fixed.
 *
 * There is a cut for each workload and block of state: with links of their own, devices want `state: device`.
 *
 * Source: the objective of Koch, Djuhera, Binotto, "Intelligent Orchestration of Distributed Large Foundation Model Inference at
 * the Edge", arXiv 2504.03668 (2025), whose orchestrator splits anew while networks change; hysteresis and cool-down as in any
 * two-point control.  Ties: the cut in use; of new ones that further behind.
 */
#include <stdbool.h>

#include "policies/builtin.h"
#include "policies/split.h"

/* The cut in use of a workload. */
struct kept {
    uint32_t cut; /* tasks that stay; TS_NONE: none yet */
    double since_s;
};

struct resplit {
    struct split_config config;
    double margin, hold_s, reload_s;
    struct scratch scratch;
    struct kept *kept; /* [n_kept] by workload */
    uint32_t n_kept;
    uint32_t cut; /* that keep_cut is about */
};

static double keep_cut(void *st, const struct split *x, uint8_t *near)
{
    return split_chain_at(((const struct resplit *)st)->cut, x, near);
}

/* The cut in use of a workload, or NULL: memory is out. */
static struct kept *kept_of(struct resplit *s, uint32_t workload)
{
    if (workload >= s->n_kept) {
        struct kept *grown = realloc(s->kept, (workload + 1u) * sizeof *grown);
        if (!grown) {
            return NULL;
        }
        for (uint32_t w = s->n_kept; w <= workload; w++) {
            grown[w] = (struct kept){.cut = TS_NONE};
        }
        s->kept = grown;
        s->n_kept = workload + 1;
    }
    return &s->kept[workload];
}

static uint32_t count_near(const struct split_choice *c, uint32_t n)
{
    uint32_t cut = 0;
    while (cut < n && c->stays[cut]) {
        cut++;
    }
    return cut;
}

static int resplit_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct resplit *s = st;
    if (a->n_task == 1) {
        return split_decide(split_chain, st, &s->config, &s->scratch, h, v, a, p);
    }
    struct split_choice best, same = {.cost = INFINITY};
    struct kept *kept = kept_of(s, a->task->cls);
    scratch_reset(&s->scratch);
    if (!kept || (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0)) {
        return h->fail(h->ctx, "out of memory for the parts of %u tasks", a->n_task);
    }
    s->cut = kept->cut;
    if (split_search(split_chain, st, &s->config, &s->scratch, NULL, h, v, a, &best) < 0 ||
        (s->cut != TS_NONE && split_search(keep_cut, st, &s->config, &s->scratch, NULL, h, v, a, &same) < 0)) {
        return -1;
    }
    if (!(best.cost < INFINITY)) {
        return split_reject(a, p); /* there is no way for any cut */
    }
    const bool first = s->cut == TS_NONE, lost = !(same.cost < INFINITY);
    const bool held = v->now_s - kept->since_s < s->hold_s;
    if (first || lost || (!held && best.cost < (1 - s->margin) * same.cost)) {
        *kept = (struct kept){count_near(&best, a->n_task), v->now_s};
        if (!first && s->reload_s > 0) {
            p->think_s = s->reload_s;
        }
        same = best;
    }
    return split_answer(&same, a->n_task, p);
}

static void resplit_clear(void *st)
{
    struct resplit *s = st;
    scratch_clear(&s->scratch);
    free(s->kept);
}

static const struct ts_param resplit_param[] = {
    SPLIT_PARAMS(struct resplit, config),
    {.key = "margin", .about = "by how much of its cost another cut must be better", .dflt = 0.1, .max = 1,
     .offset = offsetof(struct resplit, margin)},
    {.key = "hold", .unit = "s", .about = "no change so soon after the last", .max = 33554432,
     .offset = offsetof(struct resplit, hold_s)},
    {.key = "reload", .unit = "s", .about = "time of a change, before the job for which it is made runs", .max = 3600,
     .offset = offsetof(struct resplit, reload_s)},
    {0}};

const struct ts_policy policy_resplit = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "resplit",
    .about = "a network's cut is kept until another is better by a margin (after Koch et al. 2025)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = SPLIT_NEEDS,
    .cols = SPLIT_COLS,
    .state_size = sizeof(struct resplit),
    .param_size = sizeof(struct ts_param),
    .param = resplit_param,
    .decide = resplit_decide,
    .clear = resplit_clear,
};
