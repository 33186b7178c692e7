/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/exits.h"

#include <string.h>

static bool goes_on(const struct ts_ask *a, uint32_t task)
{
    for (uint32_t e = 0; e < a->n_edge; e++) {
        if (a->edge[e].from == task) {
            return true;
        }
    }
    return false;
}

/* Is there a task that reads from exits alone, and from this one? */
static bool is_only_way(const struct ts_ask *a, uint32_t exit)
{
    for (uint32_t e = 0; e < a->n_edge; e++) {
        const struct ts_task *t = ts_task_at(a, a->edge[e].to);
        bool alone = a->edge[e].from == exit;
        for (uint32_t k = t->edge; alone && k < t->edge + t->n_edge; k++) {
            alone = ts_task_at(a, a->edge[k].from)->exit;
        }
        if (alone) {
            return true;
        }
    }
    return false;
}

bool exits_init(struct exits *x, const struct ts_ask *a, struct scratch *scratch)
{
    const uint32_t n = a->n_task;
    *x = (struct exits){.n = n, .leaves = scratch_take(scratch, n, sizeof(double)),
                        .unused = scratch_take(scratch, n, sizeof(double)),
                        .easiest = scratch_take(scratch, n, sizeof(double)),
                        .jobs = {scratch_take(scratch, n, sizeof(double)), scratch_take(scratch, n, sizeof(double))}};
    for (uint32_t k = 0; !scratch->failed && k < n; k++) {
        const struct ts_task *t = ts_task_at(a, k);
        x->unused[k] = !t->exit || !goes_on(a, k) ? NAN : is_only_way(a, k) ? t->leaves : EXIT_OUT;
        x->leaves[k] = x->unused[k];
    }
    return !scratch->failed;
}

/* The hardest of the jobs that end with the task's result; 0: none does. */
static double last_of(const struct exits *x, const struct ts_ask *a, uint32_t task)
{
    return x->leaves[task] >= 0 ? x->leaves[task] : isnan(x->leaves[task]) && !goes_on(a, task) ? 1 : 0;
}

void exits_follow(struct exits *x, const struct ts_ask *a)
{
    for (uint32_t k = 0; k < x->n; k++) {
        const struct ts_task *t = ts_task_at(a, k);
        bool reached = t->n_edge == 0;
        x->easiest[k] = 0;
        for (uint32_t e = t->edge; e < t->edge + t->n_edge; e++) {
            const uint32_t from = a->edge[e].from;
            const bool is_out = x->leaves[from] < 0;
            reached |= !is_out;
            x->easiest[k] = is_out ? x->easiest[k] : fmax(x->easiest[k], fmax(x->easiest[from], x->leaves[from]));
        }
        x->easiest[k] = reached ? x->easiest[k] : 1;
        x->leaves[k] = x->leaves[k] <= x->easiest[k] ? x->unused[k] : x->leaves[k]; /* nobody ends there */
        x->jobs.share[k] = x->leaves[k] < 0 ? 0 : 1 - x->easiest[k];
        x->jobs.ends[k] = fmax(last_of(x, a, k) - x->easiest[k], 0);
    }
}

/* The integral of a task's accuracy over jobs that are harder than `from` and not than `to`. */
static double sum_accuracy(const struct ts_ask *a, const struct ts_task *t, double from, double to)
{
    double sum = 0, above = 0;
    for (uint32_t i = t->grade; i < t->grade + t->n_grade; i++) {
        sum += a->grade[i].accuracy * fmax(fmin(to, a->grade[i].upto) - fmax(from, above), 0);
        above = a->grade[i].upto;
    }
    return t->n_grade || !(to > from) ? sum : NAN;
}

double exits_accuracy(const struct exits *x, const struct ts_ask *a)
{
    double sum = 0;
    for (uint32_t k = 0; k < x->n; k++) {
        sum += sum_accuracy(a, ts_task_at(a, k), x->easiest[k], last_of(x, a, k));
    }
    return sum;
}

int exits_search(struct exits *x, const struct split_config *config, struct scratch *scratch, const struct ts_host *h,
                 const struct ts_view *v, const struct ts_ask *a, struct exits_choice *out)
{
    exits_follow(x, a);
    out->accuracy = exits_accuracy(x, a);
    out->leaves = scratch_take(scratch, x->n, sizeof(double));
    if (scratch->failed) {
        return h->fail(h->ctx, "out of memory for the exits of %u tasks", x->n);
    }
    memcpy(out->leaves, x->leaves, x->n * sizeof(double));
    int rc = split_search(split_chain, NULL, config, scratch, &x->jobs, h, v, a, &out->split);
    out->accuracy -= out->split.loss;
    return rc;
}

int exits_answer(struct exits *x, const struct exits_choice *c, const struct ts_host *h, const struct ts_ask *a, struct ts_plan *p)
{
    if (x->n > p->cap && h->more(h->ctx, p, x->n) < 0) {
        return h->fail(h->ctx, "out of memory for the parts of %u tasks", x->n);
    }
    if (!(c->split.cost < INFINITY)) {
        return split_reject(a, p);
    }
    memcpy(x->leaves, c->leaves, x->n * sizeof(double));
    exits_follow(x, a);
    for (uint32_t i = 0, first = 0; i < x->n; i++) {
        const bool is_exit = !isnan(x->leaves[i]), part = x->jobs.share[i] > 0;
        if (!part) {
            struct ts_step *s = &p->step[p->n++];
            s->verb = TS_CANCEL;
            s->task = i;
            s->place = TS_NONE;
            first = i + 1;
            continue;
        }
        const bool joins = !is_exit && i + 1 < x->n && isnan(x->leaves[i + 1]) && x->jobs.share[i + 1] > 0 &&
                           c->split.stays[i + 1] == c->split.stays[i];
        if (!joins) {
            split_place(&c->split, first, i, p);
            p->step[p->n - 1].value = is_exit ? x->leaves[i] : 0;
            first = i + 1;
        }
    }
    return 0;
}
