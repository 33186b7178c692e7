/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/ideal_impl.h"

#include <math.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/base/fpmode.h"
#include "sim/model/graph.h"
#include "sim/run/race.h"

static int nothing_decided(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    (void)st, (void)h, (void)v, (void)a, (void)p;
    return 0;
}

/* Its questions are answered here: all jobs are rejected. */
static const struct ts_policy nobody = {
    .abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "nobody", .about = "rejects all", .decide = nothing_decided};

static double least_value(const struct process *p)
{
    double least = p->kind == PROCESS_CONSTANT ? p->value : p->kind == PROCESS_DRAWN ? dist_min(&p->dist) : 0;
    if (p->kind == PROCESS_TRACE) {
        least = INFINITY;
        for (size_t i = 0; i < p->series->n_row; i++) {
            least = fmin(least, p->series->value[p->column][i] * p->scale);
        }
    } else if (p->kind == PROCESS_MARKOV) {
        least = INFINITY;
        for (uint32_t i = 0; i < p->n_state; i++) {
            least = fmin(least, p->state[i].value);
        }
    }
    return p->outage_every_s > 0 ? fmin(least, p->outage_value) : least;
}

double ideal_latency_s(const struct ideal *d, const struct job *j, uint32_t channel, bool back)
{
    double fixed_s = d->r->fixed_latency_s[channel];
    if (fixed_s == fixed_s) {
        return fixed_s;
    }
    if (run_channel_spec(d->r, channel)->latency.kind != PROCESS_DRAWN) {
        return d->least_s[d->r->channel_link[channel]];
    }
    double least_s = job_latency_drawn_s(d->r, j, channel, back);
    struct job replica = *j;
    while (d->races && j->part == 0 && replica.part < MAX_REPLICAS) {
        replica.part++;
        least_s = fmin(least_s, job_latency_drawn_s(d->r, &replica, channel, back));
    }
    return least_s;
}

double ideal_through_s(const struct ideal *d, uint32_t channel, double t_s, double bits)
{
    struct run *r = d->r;
    const struct process *p = &run_channel_spec(r, channel)->capacity;
    if (p->kind == PROCESS_CONSTANT && !(p->outage_every_s > 0)) {
        return t_s + bits / p->value;
    }
    if (d->timeless) {
        return t_s;
    }
    struct process_at *look = &r->channel[channel].look;
    process_seek(p, look, r->now_s);
    struct process_at ahead = *look;
    process_seek(p, &ahead, t_s);
    return process_finish(p, &ahead, t_s, bits);
}

static struct ideal_choice choice_at(const struct ideal *d, const struct job *j, uint32_t place, uint32_t level)
{
    struct run *r = d->r;
    const struct pool *pool = &r->s->pool[r->place_pool[place]];
    struct ideal_choice c = {.place = place, .in_s = INFINITY};
    struct way way = {0, 0};
    if (!job_way(r, j, place, &way)) {
        return c;
    }
    double t_s = r->now_s;
    for (uint32_t h = 0; h < way.n_hop; h++) {
        uint32_t up = hop_out(r, j->access, way.first_hop, h);
        const struct channel_spec *out = run_channel_spec(r, up), *back = run_channel_spec(r, up ^ 1u);
        t_s = ideal_through_s(d, up, t_s + ideal_latency_s(d, j, up, false), j->input_bits);
        c.net_j += j->input_bits * out->energy_j_per_bit + j->output_bits * back->energy_j_per_bit;
        c.cost += j->input_bits * out->price_per_bit + j->output_bits * back->price_per_bit;
    }
    c.in_s = t_s - r->now_s;
    c.run_s = j->work_flop * run_stretch(r, j->step, place, level) / pool->speed_flops;
    c.run_j = c.run_s * level_w(r, place, level);
    if (pool->discipline == DISCIPLINE_BATCH) {
        c.run_s += pool->batch_overhead_s;
        double alone_j = c.run_s * level_w(r, place, level);
        c.run_j = fmin(alone_j, alone_j / pool->batch_max);
    }
    t_s += c.run_s;
    const double served_s = t_s;
    for (uint32_t h = way.n_hop; h-- > 0;) {
        uint32_t down = hop_out(r, j->access, way.first_hop, h) ^ 1u;
        t_s = ideal_through_s(d, down, t_s + ideal_latency_s(d, j, down, true), j->output_bits);
    }
    c.out_s = t_s - served_s;
    c.exposed = r->home[j->workload].is_private && r->place[place].node != j->node;
    return c;
}

static struct ideal_job job_of(struct ideal *d, const struct ts_ask *a, uint32_t row)
{
    const struct job *j = &d->r->job[row];
    const struct ts_task *t = ts_task_at(a, 0);
    d->timeless = d->r->home[j->workload].closed;
    struct ideal_job out = {
        .number = j->number, .source = j->source, .workload = j->workload, .node = j->node, .access = j->access,
        .measured = j->measured, .released_s = j->release_s, .deadline_s = j->deadline_s, .work_flop = j->work_flop,
        .input_bits = j->input_bits, .output_bits = j->output_bits, .choice = d->choice};
    if (j->access != ROW_NONE) {
        out.access_s = ideal_latency_s(d, j, j->access, false);
    }
    if (d->r->s->workload[j->workload].graph) {
        out.whole = true;
        out.n_choice = ideal_graph(d, a, row, d->choice, &out.work_flop);
        return out;
    }
    double least = INFINITY; /* of what its work takes anywhere */
    for (uint32_t k = 0; k < t->n_cand; k++) {
        const uint32_t place = ts_candidate(a, t, k), n_level = d->r->s->pool[d->r->place_pool[place]].n_level;
        for (uint32_t level = 0; level <= n_level; level++) {
            d->choice[out.n_choice] = choice_at(d, j, place, level);
            out.n_choice += isfinite(d->choice[out.n_choice].in_s) ? 1 : 0;
        }
        least = fmin(least, run_stretch(d->r, j->step, place, 0));
    }
    out.work_flop *= isfinite(least) ? least : 1;
    return out;
}

static int reject_all(struct ideal *d, int (*take)(void *ctx, const struct ideal_job *j), void *ctx, struct err *e)
{
    const struct ts_view *v;
    const struct ts_ask *a;
    const struct ts_outcome *o;
    struct ts_plan plan = {.size = sizeof plan, .cap = d->r->s->n_task, .step = d->step, .think_s = NAN, .tokens = NAN};
    int rc;
    while ((rc = run_next(d->r, &v, &a, &o, e)) == RUN_QUESTION) {
        const struct ideal_job job = job_of(d, a, d->r->asked[0]);
        plan.n = a->n_task;
        if ((rc = take(ctx, &job)) || (rc = run_answer(d->r, &plan, e))) {
            return rc;
        }
    }
    CHECK(rc != RUN_OUTCOME);
    return rc;
}

static void drop_transitions(void *ctx, const struct transition *t, size_t n)
{
    (void)ctx, (void)t, (void)n;
}

static int prepare(struct ideal *d, struct err *e)
{
    const struct scenario *s = d->r->s;
    d->least_s = calloc(N_DIRECTION * (size_t)s->n_link + 1, sizeof *d->least_s);
    d->choice = calloc(((size_t)d->r->n_cand_max + 1) * (1 + MAX_LEVELS), sizeof *d->choice);
    d->came_s = calloc(s->n_task + 1u, sizeof *d->came_s);
    d->needed = calloc(s->n_task + 1u, sizeof *d->needed);
    d->done_s = calloc((size_t)(s->n_task + 1u) * (d->r->n_cand_max + 1u), sizeof *d->done_s);
    d->step = calloc(s->n_task + 1u, sizeof *d->step);
    for (uint32_t k = 0; d->step && k < s->n_task; k++) {
        d->step[k] = (struct ts_step){.verb = TS_REJECT, .task = k, .place = TS_NONE};
    }
    if (!d->step || !d->least_s || !d->choice || !d->came_s || !d->needed || !d->done_s) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the choices of a job");
    }
    for (uint32_t l = 0; l < s->n_link; l++) {
        for (uint32_t k = 0; k < N_DIRECTION; k++) {
            d->least_s[N_DIRECTION * l + k] = least_value(&s->link[l].direction[k].latency);
        }
    }
    return 0;
}

/* A loop whose window ends with a number of jobs ends when the policy makes it. */
static int check_workloads(const struct scenario *s, struct err *e)
{
    for (uint32_t w = 0; w < s->n_workload; w++) {
        if (s->workload[w].arrivals.kind == ARRIVAL_CLOSED && s->experiment.jobs) {
            return ERR_SET(e, ERR_INPUT, "workloads.%s: found a closed loop with bounds and `jobs`: when the window ends depends "
                           "on the policy, so no bound holds for all; wanted a `duration`, or no bounds", s->workload[w].name);
        }
    }
    return 0;
}

int ideal_jobs(const struct run_spec *spec, bool races, int (*take)(void *ctx, const struct ideal_job *j), void *ctx,
               struct run_counts *counts, struct err *e)
{
    const struct policy_spec anywhere = {.policy = nobody.name, .label = nobody.name, .edges = EDGES_ALL,
                                         .run_in = UINT64_MAX};
    struct ts_policy whole = nobody;
    struct run_spec own = *spec;
    struct ideal d = {.races = races};
    whole.flags = TS_WHOLE_GRAPHS;
    own.policy = &whole;
    own.spec = &anywhere;
    own.full = drop_transitions;
    own.progress = NULL;
    int rc = check_workloads(spec->scenario, e);
    if (rc) {
        return rc;
    }
    const uint32_t mode = fpmode_get();
    fpmode_set(FPMODE_STANDARD);
    rc = run_create(&d.r, &own, e);
    rc = rc ? rc : prepare(&d, e);
    rc = rc ? rc : reject_all(&d, take, ctx, e);
    if (d.r) {
        *counts = run_counts(d.r);
    }
    run_free(d.r);
    fpmode_set(mode);
    free(d.least_s);
    free(d.choice);
    free(d.came_s);
    free(d.needed);
    free(d.step);
    free(d.done_s);
    return rc;
}
