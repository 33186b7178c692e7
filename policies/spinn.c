/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spinn - progressive inference: jobs end at an exit that is confident enough, so that only the harder ones go further and over
 * the link.  How confident and where to cut is chosen together.  For each confidence that the grades of the exits tell apart,
 * the same at all exits, the jobs that end at an exit are those that it is at least so accurate for; of an exit of one grade those
 * that end there by the scenario.  Exits at which nobody ends are left out.
 *
 * Of the choices whose accuracy is at most `loss` below that of the whole network, and whose mean latency meets the deadline, the
 * one of least mean latency; if there is none, the most accurate one that meets the deadline; else the quickest.  Ties: the
 * higher confidence, the cut further behind.
 *
 * Source: Laskaridis, Venieris, Almeida, Leontiadis, Lane, "SPINN: Synergistic Progressive Inference of Neural Networks over
 * Device and Cloud", MobiCom 2020 (arXiv 2008.06402), section 4.  Theirs weighs more than two aims.
 */
#include <stdlib.h>

#include "policies/builtin.h"
#include "policies/exits.h"

struct spinn {
    struct scratch scratch;
    struct split_config config; /* for latency */
    double loss;
};

static int by_value(const void *va, const void *vb)
{
    const double *a = va, *b = vb;
    return (*a > *b) - (*a < *b);
}

/* Confidences to try, ascending; each once.  How many. */
static uint32_t list_levels(const struct exits *x, const struct ts_ask *a, double *level)
{
    uint32_t n = 0, kept = 0;
    for (uint32_t k = 0; k < x->n; k++) {
        const struct ts_task *t = ts_task_at(a, k);
        for (uint32_t i = t->grade; !isnan(x->leaves[k]) && i < t->grade + t->n_grade; i++) {
            level[n++] = a->grade[i].accuracy;
        }
    }
    qsort(level, n, sizeof *level, by_value);
    for (uint32_t i = 0; i < n; i++) {
        if (kept == 0 || level[i] > level[kept - 1]) {
            level[kept++] = level[i];
        }
    }
    return kept;
}

/* The share of jobs that an exit is so sure of. */
static double share_at(const struct ts_ask *a, const struct ts_task *t, double level)
{
    double share = 0;
    for (uint32_t i = t->grade; i < t->grade + t->n_grade && a->grade[i].accuracy >= level; i++) {
        share = a->grade[i].upto;
    }
    return t->n_grade == 1 && share > 0 ? t->leaves : share;
}

/* Jobs end where an exit is so sure. */
static void choose_exits(struct exits *x, const struct ts_ask *a, double level)
{
    for (uint32_t k = 0; k < x->n; k++) {
        double share = isnan(x->leaves[k]) ? 0 : share_at(a, ts_task_at(a, k), level);
        x->leaves[k] = isnan(x->leaves[k]) ? NAN : share > 0 ? share : x->unused[k];
    }
}

/* 2: as good as wanted and in time; 1: in time; 0: neither. */
static int rank(const struct exits_choice *c, double accuracy, double allowed_s)
{
    bool in_time = c->split.cost <= allowed_s;
    return in_time ? 1 + !(c->accuracy < accuracy) : 0;
}

static bool is_better(const struct exits_choice *c, const struct exits_choice *best, double accuracy, double allowed_s)
{
    int is = rank(c, accuracy, allowed_s), was = rank(best, accuracy, allowed_s);
    return is != was ? is > was : is == 1 ? c->accuracy > best->accuracy : c->split.cost < best->split.cost;
}

static int spinn_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct spinn *s = st;
    if (a->n_task == 1) {
        return split_decide(NULL, NULL, &s->config, &s->scratch, h, v, a, p);
    }
    struct exits x;
    struct exits_choice best, one;
    scratch_reset(&s->scratch);
    double *level = scratch_take(&s->scratch, a->n_grade + 1u, sizeof *level);
    if (!exits_init(&x, a, &s->scratch) || !level) {
        return h->fail(h->ctx, "out of memory for the exits of %u tasks", a->n_task);
    }
    static const struct split_config plain = {.aim = SPLIT_LATENCY};
    const uint32_t n = list_levels(&x, a, level);
    const double allowed_s = ts_task_at(a, 0)->deadline_s - v->now_s;
    const int n_packing = a->packed ? 2 : 1;
    double wanted = NAN; /* by the accuracy of the whole network, with data as they are, which comes first */
    for (int packs = 0; packs < n_packing; packs++) {
        for (uint32_t i = n + 1; i-- > 0;) {
            choose_exits(&x, a, i < n ? level[i] : INFINITY);
            if (exits_search(&x, packs ? &s->config : &plain, &s->scratch, h, v, a, &one) < 0) {
                return -1;
            }
            const bool first = i == n && packs == 0;
            wanted = first ? (1 - s->loss) * one.accuracy : wanted;
            best = first || is_better(&one, &best, wanted, allowed_s) ? one : best;
        }
    }
    return exits_answer(&x, &best, h, a, p);
}

static void spinn_clear(void *st)
{
    scratch_clear(&((struct spinn *)st)->scratch);
}

static const struct ts_param spinn_param[] = {
    SPLIT_PACK_PARAMS(struct spinn, config),
    {.key = "loss", .about = "of the accuracy of the whole network, what may be lost", .dflt = 0.01, .max = 1,
     .offset = offsetof(struct spinn, loss)},
    {0}};

const struct ts_policy policy_spinn = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "spinn",
    .about = "how sure an exit must be for jobs to end there, and where the network is cut (Laskaridis et al. 2020)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = EXITS_NEEDS,
    .cols = EXITS_COLS,
    .state_size = sizeof(struct spinn),
    .param_size = sizeof(struct ts_param),
    .param = spinn_param,
    .decide = spinn_decide,
    .clear = spinn_clear,
};
