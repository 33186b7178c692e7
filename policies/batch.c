/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/batch.h"

#include <stdbool.h>

int batch_plan_init(struct batch_plan *plan, const struct problem *q)
{
    *plan = (struct batch_plan){
        .stint = scratch_take(q->scratch, q->n_task, sizeof *plan->stint),
        .order = scratch_take(q->scratch, q->n_task, sizeof *plan->order),
        .lane_s = scratch_take(q->scratch, problem_n_lane(q), sizeof *plan->lane_s),
        .first = scratch_take(q->scratch, q->n_place, sizeof *plan->first),
    };
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory to plan %u tasks", q->n_task);
    }
    memcpy(plan->lane_s, q->lane_s, problem_n_lane(q) * sizeof *plan->lane_s);
    for (uint32_t place = 0; place < q->n_place; place++) {
        plan->first[place] = q->first_lane[place];
    }
    for (uint32_t i = 0; i < q->n_task; i++) {
        plan->stint[i].option = TS_NONE;
    }
    return 0;
}

struct stint batch_best(const struct problem *q, const struct batch_plan *plan, uint32_t task)
{
    struct stint best = {.option = TS_NONE, .finish_s = INFINITY};
    for (uint32_t o = q->first[task]; o < q->first[task + 1]; o++) {
        struct stint s = batch_try(q, plan, o);
        if (s.finish_s < best.finish_s) {
            best = s;
        }
    }
    return best;
}

void batch_assign(const struct problem *q, struct batch_plan *plan, uint32_t task, struct stint stint)
{
    const struct option *o = &q->option[stint.option];
    plan->stint[task] = stint;
    plan->order[plan->n++] = task;
    plan->lane_s[stint.lane] = stint.finish_s - o->out_s;
    uint32_t first = q->first_lane[o->place];
    for (uint32_t lane = first + 1; lane < q->first_lane[o->place + 1]; lane++) {
        first = plan->lane_s[lane] < plan->lane_s[first] ? lane : first;
    }
    plan->first[o->place] = first;
}

int batch_by_finish(const struct problem *q, struct batch_plan *plan, int largest)
{
    struct stint *best = scratch_take(q->scratch, q->n_task, sizeof *best);
    uint32_t *left = scratch_take(q->scratch, q->n_task, sizeof *left), n = 0;
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory to plan %u tasks", q->n_task);
    }
    for (uint32_t i = 0; i < q->n_task; i++) {
        best[i] = batch_best(q, plan, i);
        if (best[i].option != TS_NONE) {
            left[n++] = i;
        }
    }
    while (n > 0) {
        uint32_t k = 0;
        for (uint32_t j = 1; j < n; j++) {
            double mine = best[left[j]].finish_s, champion = best[left[k]].finish_s;
            k = (largest ? mine > champion : mine < champion) ? j : k;
        }
        uint32_t task = left[k], place = q->option[best[task].option].place;
        batch_assign(q, plan, task, best[task]);
        n--;
        memmove(left + k, left + k + 1, (n - k) * sizeof *left); /* keeps the order of rows, by which ties go */
        for (uint32_t j = 0; j < n; j++) {
            if (q->option[best[left[j]].option].place == place) {
                best[left[j]] = batch_best(q, plan, left[j]);
            }
        }
    }
    return 0;
}

/* A core that is free when the input is there, or soon after; of what is unknown nothing can be awaited. */
static bool starts_now(double free_s, double in_s, double ahead_s)
{
    return !(free_s > in_s + ahead_s) || free_s >= PROBLEM_UNKNOWN_S;
}

static void step(struct ts_plan *p, uint32_t task, uint32_t verb, ts_id place)
{
    struct ts_step *s = &p->step[p->n++];
    s->verb = verb;
    s->task = task;
    s->place = place;
}

/* What starts now goes out, in the order of the plan; the others wait. */
static void send(double ahead_s, const struct problem *q, const struct batch_plan *plan, struct ts_plan *p)
{
    for (uint32_t k = 0; k < plan->n; k++) {
        struct stint *s = &plan->stint[plan->order[k]];
        const struct option *o = &q->option[s->option];
        if (starts_now(s->free_s, o->in_s, ahead_s)) {
            step(p, plan->order[k], TS_PLACE, o->at);
        } else {
            s->option = TS_NONE;
        }
    }
    for (uint32_t i = 0; i < q->n_task; i++) {
        if (plan->stint[i].option == TS_NONE) {
            step(p, i, problem_n_option(q, i) ? TS_DEFER : TS_REJECT, TS_NONE);
        }
    }
}

/* A question about one task: the best place, if the task can start there at once. */
static int decide_one(double ahead_s, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    const struct ts_task *t = a->task;
    uint32_t best = pick_soonest(v, a, t);
    if (best == TS_NONE) {
        return ts_answer_reject(p);
    }
    ts_id place = ts_candidate(a, t, best);
    double free_s = pick_backlog_s(v, place);
    if (!starts_now(free_s, ts_estimate(a, t, best, TS_IN_S), ahead_s)) {
        p->step[0].verb = TS_DEFER;
        p->n = 1;
        return 0;
    }
    return ts_answer_place(p, place);
}

int batch_decide(batch_rule *rule, void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                 struct ts_plan *p)
{
    struct batch *b = st;
    struct problem q;
    struct batch_plan plan;
    double ahead_s = b->ahead_s + b->slot_s;
    bool waits = b->slot_s > 0 && a->why != TS_TICK;
    if (a->n_task == 1 && !waits) {
        return decide_one(ahead_s, v, a, p);
    }
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return h->fail(h->ctx, "no room for a plan of %u steps", a->n_task);
    }
    for (uint32_t i = 0; waits && i < a->n_task; i++) {
        step(p, i, TS_DEFER, TS_NONE);
    }
    if (waits || a->n_task == 0) {
        return 0;
    }
    if (problem_state(&q, &b->planner, h, v, a) < 0 || batch_plan_init(&plan, &q) < 0 || rule(st, &q, &plan) < 0) {
        return -1;
    }
    send(ahead_s, &q, &plan, p);
    return 0;
}

void batch_clear(void *st)
{
    planner_clear(&((struct batch *)st)->planner);
}
