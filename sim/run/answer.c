/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.c - when questions are put, and how plans are carried out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/policy/check.h"
#include "sim/run/control.h"
#include "sim/run/race.h"

enum { MAX_ASKED = 100000 };

bool job_put(struct run *r, uint32_t row, enum ts_why why)
{
    const struct job *j = &r->job[row];
    r->job[row].phase = PHASE_ASKED;
    if (__builtin_expect(r->blocks.n > 1, 0)) {
        r->view.ctl = block_of_job(r, j);
    }
    if (__builtin_expect(j->block != ROW_NONE, 0) && j->part == 0) {
        return question_put_graph(r, row, why);
    }
    question_put(r, row, why);
    return true;
}

bool job_ask(struct run *r, uint32_t row, enum ts_why why)
{
    struct job *j = &r->job[row];
    j->why = (uint16_t)why;
    if (r->control) {
        controller_request(r, row, why);
        return false;
    }
    if (!evset_more_now(&r->events)) {
        return job_put(r, row, why);
    }
    j->wait = post(r, r->now_s, EV_DECIDE, EK_ASK, row);
    return false;
}

static int defer(struct run *r, uint32_t row, const struct ts_step *step, struct err *e)
{
    struct job *j = &r->job[row];
    j->phase = PHASE_DEFERRED;
    j->n_asked++;
    if (step->not_before_s == 0) {
        return run_defer(r, row, e); /* other things must happen before it is asked about again */
    }
    if (j->n_asked > MAX_ASKED) {
        return ERR_SET(e, ERR_POLICY,
                       "policy %s deferred job %llu for the %dth time: wanted a decision (it was released at %g s, now %g s)",
                       r->spec.policy->name, (unsigned long long)j->ordinal, MAX_ASKED + 1, j->release_s, r->now_s);
    }
    j->why = TS_TICK;
    j->wait = post(r, fmax(step->not_before_s, r->now_s), EV_DECIDE, EK_ASK, row); /* what is thought out may be late for it */
    return 0;
}

/* Send a job to a place; its level is set. */
static inline __attribute__((always_inline)) int send(struct run *r, uint32_t row, uint32_t place, double flop, struct err *e)
{
    struct job *j = &r->job[row];
    struct way way;
    if (!job_way(r, j, place, &way)) {
        return ERR_SET(e, ERR_POLICY, "policy %s placed job %llu where no route leads", r->spec.policy->name,
                       (unsigned long long)j->ordinal);
    }
    struct place_live *live = &r->place[place];
    j->place = place;
    j->placed_s = r->now_s;
    j->phase = PHASE_UP;
    j->first_hop = way.first_hop;
    j->n_hop = (uint16_t)way.n_hop;
    j->hop = 0;
    job_may_expose(r, row, j->step, place);
    j->estimate_s = flop / live->work_per_s * run_stretch(r, j->step, place, j->level);
    live->assigned++;
    live->backlog_s += j->estimate_s;
    place_show(r, place);
    if (r->control) {
        news_flow(r, j, false, 1);
    }
    job_go_on(r, row, ROW_NONE, j->work_flop, j->output_bits, false, TR_PLACE);
    return 0;
}

int job_send(struct run *r, uint32_t row, const struct ts_step *step, double flop, struct err *e)
{
    struct job *j = &r->job[row];
    j->level = step->level;
    if (step->patience_s > 0) {
        j->patience = post(r, r->now_s + step->patience_s, EV_DEADLINE, EK_PATIENCE, row);
    }
    return send(r, row, step->place, flop, e);
}

static int place(struct run *r, uint32_t row, const struct ts_step *step, double flop, struct err *e)
{
    if (__builtin_expect(r->job[row].part != 0, 0)) {
        if (step->patience_s > 0) {
            return ERR_SET(e, ERR_POLICY, "policy %s: patience with a task of a graph cannot be carried out",
                           r->spec.policy->name);
        }
        r->job[row].level = step->level;
        graph_place(r, row, step->place, flop);
        return 0;
    }
    return job_send(r, row, step, flop, e);
}

/* A plan for all tasks of a job; one that is put off is asked about when its turn comes. */
static int answer_graph(struct run *r, const struct ts_plan *p)
{
    uint32_t row = r->asked[0];
    graph_answered(r);
    if (graph_plan(r, row, p->step, p->n, r->ask.id)) {
        r->job[row].placed_s = r->now_s;
        job_end(r, row, ROW_NONE, 0, 0, TS_REJECTED);
        return 0;
    }
    graph_planned(r, row);
    return 0;
}

/* Step i begins a race. */
static int race(struct run *r, uint32_t row, const struct ts_plan *p, uint32_t i, struct err *e)
{
    struct racer racer[MAX_REPLICAS];
    uint32_t n;
    int rc = race_read(r, row, p, i, racer, &n, e);
    job_note(r, row, r->ask.id, p->step[i].tag);
    return rc ? rc : race_begin(r, row, racer, n, ts_task_at(&r->ask, p->step[i].task)->flop, e);
}

int job_carry_out(struct run *r, uint32_t row, const struct ts_step *step, double flop, uint64_t ask, struct err *e)
{
    if (step->verb == TS_MIGRATE) {
        return job_migrate(r, row, step, e);
    }
    job_note(r, row, ask, step->tag);
    if (step->verb == TS_PLACE) {
        return place(r, row, step, flop, e);
    }
    if (step->verb == TS_CANCEL) {
        job_cancel(r, row);
        return 0;
    }
    if (step->verb == TS_DEFER) {
        return defer(r, row, step, e);
    }
    r->job[row].placed_s = r->now_s;
    job_end(r, row, ROW_NONE, 0, 0, TS_REJECTED);
    return 0;
}

/* Any plan, checked. */
static __attribute__((noinline)) int carry_out(struct run *r, const struct ts_plan *p, struct err *e)
{
    int rc = 0;
    if (r->control) {
        return controller_answer(r, p, e);
    }
    if (__builtin_expect(p->think_s > 0, 0)) {
        return run_think(r, p, e);
    }
    if (__builtin_expect(r->asked_graph, 0)) {
        return answer_graph(r, p);
    }
    for (uint32_t i = 0; i < p->n && !rc; i++) {
        const struct ts_step *step = &p->step[i];
        uint32_t row = r->asked[step->task];
        const bool live = step->verb == TS_MIGRATE || step->verb == TS_CANCEL;
        if (p->n > 1 && r->job[row].phase != PHASE_ASKED && !(live && r->job[row].phase == PHASE_SERVED)) {
            continue; /* its job has ended with an earlier step, or that step was for it, too */
        }
        if (step->verb == TS_PLACE && __builtin_expect(r->checker.can & PLAN_CAN_REPLICA, 0) &&
            race_is_one(r, p, i)) {
            rc = race(r, row, p, i, e);
        } else {
            rc = job_carry_out(r, row, step, ts_task_at(&r->ask, step->task)->flop, r->ask.id, e);
        }
    }
    return rc;
}

int run_answer(struct run *r, const struct ts_plan *p, struct err *e)
{
    CHECK(r->asking);
    const bool plain = plan_is_plain(&r->view, &r->ask, p);
    int rc = plain ? 0 : plan_check_full(r->control ? control_checker(r) : &r->checker, &r->view, &r->ask, p, e);
    if (rc) {
        return rc;
    }
    r->asking = false;
    const uint32_t row = r->asked[0];
    if (__builtin_expect(plain && !r->control && r->job[row].block == ROW_NONE && r->job[row].part == 0, 1)) {
        job_note(r, row, r->ask.id, p->step->tag);
        r->job[row].level = 0;
        return send(r, row, p->step->place, r->ask.task->flop, e);
    }
    return carry_out(r, p, e);
}

int run_path(struct run *r, uint32_t from_node, uint32_t to_node, double *rate_bps, double *delay_s)
{
    const struct scenario *s = r->s;
    *rate_bps = INFINITY;
    *delay_s = 0;
    if (from_node >= s->n_node || to_node >= s->n_node) {
        return -1;
    }
    if (from_node == to_node) {
        return 0;
    }
    uint32_t from = scenario_site_of_node(s, from_node), to = scenario_site_of_node(s, to_node);
    if (from == ROW_NONE || to == ROW_NONE || route_between(s, from, to)->n_hop == ROW_NONE) {
        return -1;
    }
    const struct route *route = route_between(s, from, to);
    uint32_t up = scenario_access_channel(s, from_node), down = scenario_access_channel(s, to_node);
    for (uint32_t h = 0; h < route->n_hop + 2; h++) {
        uint32_t channel = h == 0 ? up : h <= route->n_hop ? s->hop[route->first_hop + h - 1] : down;
        if (channel != ROW_NONE) {
            channel = h > route->n_hop ? channel ^ 1u : channel;
            double rate = channel_rate_now(r, channel);
            *rate_bps = rate < *rate_bps ? rate : *rate_bps;
            *delay_s += channel_latency_now(r, channel);
        }
    }
    return 0;
}
