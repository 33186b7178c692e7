/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * load.c - workloads released at members of one group and fit for the same processors go the same ways; each kind of way is
 * followed once, from every site to every place.
 */
#include "sim/model/load.h"

#include <math.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/model/graph.h"
#include "sim/model/load_data.h"
#include "sim/model/route.h"

enum { WORKLOADS_COMPARED = 1000 }; /* up to so many, places where jobs can run are compared as sets */

/* What is known of the way that is being followed. */
struct follower {
    struct loads *l;
    const struct scenario *s;
    const struct policy_spec *policy;
    const struct workload *w;   /* the first that goes this way */
    uint32_t n_member, *member; /* all that go it */
    double *done_s;             /* [most tasks of a job] scratch */
    double *travel_s;           /* [n_member] to the end under way and back, for the mean job */
    uint64_t *pools;            /* bit p: pool p is a candidate */
    uint32_t n_end;             /* ends: pairs of a site and a node */
    uint32_t *passed, *last;    /* [n_link * N_DIRECTION] ends reached through it, the last of them */
    uint32_t n_channel, *channel; /* of them those passed at all */
};

static size_t words_of(const struct scenario *s)
{
    return s->n_pool / 64 + 1;
}

static bool fits(const struct follower *f, uint32_t pool)
{
    uint32_t tier = f->s->group[f->s->pool[pool].group].tier;
    bool is_fit = false;
    for (uint32_t k = 0; k < workload_n_task(f->w) && !is_fit; k++) {
        is_fit = workload_fits(f->s, f->w, k, pool);
    }
    return is_fit && (!f->policy || (f->policy->run_in >> tier & 1));
}

static double share_of(const struct workload *w, uint32_t k)
{
    return w->graph ? w->graph->task[k].share : 1;
}

/* What a job does of task k on a pool in the mean, flop. */
static double task_flop(const struct workload *w, uint32_t k, uint32_t pool)
{
    const struct size_spec *work = workload_work(w, k);
    return share_of(w, k) * work->mean * size_stretch(work, pool);
}

/* Time of the mean job on a pool, of as many cores as it needs; INFINITY: some task of it does not fit. */
static double service_s(const struct scenario *s, const struct workload *w, uint32_t pool, double *done_s)
{
    double last_s = 0;
    for (uint32_t k = 0; k < workload_n_task(w); k++) {
        const struct task_spec *t = w->graph ? &w->graph->task[k] : NULL;
        double ready_s = 0;
        for (uint32_t i = 0; t && i < t->n_in; i++) {
            const double s_ = done_s[w->graph->edge[t->first_in + i].from];
            ready_s = i == 0 ? s_ : t->at_least ? fmin(ready_s, s_) : fmax(ready_s, s_);
        }
        if (!workload_fits(s, w, k, pool)) {
            return INFINITY;
        }
        done_s[k] = ready_s + task_flop(w, k, pool) / s->pool[pool].speed_flops + s->pool[pool].batch_overhead_s;
        last_s = fmax(last_s, done_s[k]);
    }
    return last_s;
}

/* Time of a message of so many bits over a channel that carries nothing else. */
static double message_s(const struct scenario *s, uint32_t channel, double bits)
{
    uint32_t instance, direction, link = scenario_link_of_channel(s, channel, &instance, &direction);
    const struct channel_spec *c = &s->link[link].direction[direction];
    return process_mean(&c->latency) + bits / process_mean(&c->capacity);
}

/* There over a channel, and back over its other direction. */
static double round_s(const struct scenario *s, const struct workload *w, uint32_t channel)
{
    return message_s(s, channel, w->input.mean) + message_s(s, channel ^ 1, w->output.mean);
}

static void pass(struct follower *f, uint32_t channel)
{
    uint32_t instance, direction, link = scenario_link_of_channel(f->s, channel, &instance, &direction);
    uint32_t c = N_DIRECTION * link + direction;
    if (f->passed[c] == 0) {
        f->channel[f->n_channel++] = c;
    }
    f->passed[c] += f->last[c] != f->n_end; /* once, should a route come there again */
    f->last[c] = f->n_end;
    f->l->group_reached[f->s->link[link].to] = true;
    for (uint32_t i = 0; i < f->s->link[link].n_from; i++) {
        uint32_t g = f->s->link[link].from[i];
        f->l->group_reached[g] |= f->s->group[g].core;
    }
}

static void end_at(struct follower *f, uint32_t pool)
{
    f->pools[pool / 64] |= (uint64_t)1 << pool % 64;
    f->l->group_runs[f->s->pool[pool].group] = true;
    for (uint32_t i = 0; i < f->n_member; i++) {
        struct load_workload *load = &f->l->workload[f->member[i]];
        double time_s = f->travel_s[i] + service_s(f->s, &f->s->workload[f->member[i]], pool, f->done_s);
        if (time_s < load->unloaded_s) {
            load->unloaded_s = time_s;
            load->best_pool = pool;
        }
    }
}

static bool fits_group(const struct follower *f, uint32_t g)
{
    bool is_fit = false;
    for (uint32_t p = f->s->group[g].first_pool; p < f->s->group[g].first_pool + f->s->group[g].n_pool; p++) {
        is_fit |= fits(f, p);
    }
    return is_fit;
}

static void end_at_group(struct follower *f, uint32_t g)
{
    for (uint32_t p = f->s->group[g].first_pool; p < f->s->group[g].first_pool + f->s->group[g].n_pool; p++) {
        if (fits(f, p)) {
            end_at(f, p);
        }
    }
}

static void go_over(struct follower *f, uint32_t channel)
{
    pass(f, channel);
    for (uint32_t i = 0; i < f->n_member; i++) {
        f->travel_s[i] += round_s(f->s, &f->s->workload[f->member[i]], channel);
    }
}

/* From a site, whose devices come over the channel `access` if they are attached, to a core node. */
static void follow_route(struct follower *f, uint32_t site, uint32_t access, uint32_t core)
{
    const struct route *route = route_between(f->s, site, core);
    memset(f->travel_s, 0, f->n_member * sizeof *f->travel_s);
    f->n_end++;
    if (access != ROW_NONE) {
        go_over(f, access);
    }
    for (uint32_t h = 0; site != core && h < route->n_hop; h++) {
        go_over(f, f->s->hop[route->first_hop + h]);
    }
    end_at_group(f, f->s->core_group[core]);
}

static void follow(struct follower *f)
{
    const struct scenario *s = f->s;
    const struct node_group *home = &s->group[f->w->group];
    const struct node_group *at = home->attach == ROW_NONE ? home : &s->group[home->attach];
    f->l->group_reached[f->w->group] = true;
    if (!home->core && fits_group(f, f->w->group)) {
        f->n_end++;
        memset(f->travel_s, 0, f->n_member * sizeof *f->travel_s);
        end_at_group(f, f->w->group);
    }
    for (uint32_t i = 0; at->core && i < at->count && (at == home || i < home->count); i++) {
        uint32_t site = at->first_core + i;
        uint32_t access = at == home ? ROW_NONE : scenario_access_channel(s, home->first_node + i);
        f->l->group_reached[s->core_group[site]] = true;
        for (uint32_t core = 0; core < s->n_core; core++) {
            if (load_may_go(s, f->policy, site, core) && fits_group(f, s->core_group[core])) {
                follow_route(f, site, access, core);
            }
        }
    }
}

/* The first candidate from pool p on, or one behind the last pool. */
static uint32_t next_pool(const struct follower *f, uint32_t p)
{
    while (p < f->s->n_pool && !(f->pools[p / 64] >> p % 64 & 1)) {
        p = f->pools[p / 64] >> p % 64 ? p + 1 : (p / 64 + 1) * 64;
    }
    return p;
}

/* Work of a job's tasks at the places where it may go: a task that fits one of them alone must go there. */
static void add_tasks(struct follower *f, const struct workload *load, double rate, double open)
{
    for (uint32_t k = 0; k < workload_n_task(load); k++) {
        uint32_t n_fit = 0;
        for (uint32_t p = next_pool(f, 0); p < f->s->n_pool; p = next_pool(f, p + 1)) {
            n_fit += workload_fits(f->s, load, k, p);
        }
        for (uint32_t p = next_pool(f, 0); p < f->s->n_pool; p = next_pool(f, p + 1)) {
            if (workload_fits(f->s, load, k, p)) {
                const double flop = task_flop(load, k, p);
                f->l->pool[p].may += rate * flop;
                f->l->pool[p].must += n_fit == 1 ? open * flop : 0;
            }
        }
    }
}

/* Work and data of those that go the way, onto where they may go and where they must. */
static void add_up(struct follower *f)
{
    const struct scenario *s = f->s;
    struct loads *l = f->l;
    uint32_t n_pool = 0;
    double capacity = 0, data[2] = {0}, data_open[2] = {0};
    for (uint32_t p = next_pool(f, 0); p < s->n_pool; p = next_pool(f, p + 1)) {
        n_pool++;
        capacity += l->pool[p].capacity;
    }
    for (uint32_t i = 0; i < f->n_member; i++) {
        const struct workload *load = &s->workload[f->member[i]];
        struct load_workload *out = &l->workload[f->member[i]];
        double open = out->closed ? 0 : out->rate;
        out->n_pool = n_pool;
        out->capacity = capacity;
        add_tasks(f, load, out->rate, open);
        data[0] += out->rate * load->input.mean;
        data[1] += out->rate * load->output.mean;
        data_open[0] += open * load->input.mean;
        data_open[1] += open * load->output.mean;
    }
    for (uint32_t i = 0; i < f->n_channel; i++) {
        uint32_t c = f->channel[i];
        for (uint32_t back = 0; back < 2; back++) {
            l->channel[c ^ back].may += data[back];
            l->channel[c ^ back].must += f->passed[c] == f->n_end ? data_open[back] : 0;
        }
    }
}

/* What a job does at least in the mean, each task where it takes least flop of a set of pools. */
static double least_flop(const struct scenario *s, const struct workload *w, const uint64_t *pools)
{
    double sum = 0;
    for (uint32_t k = 0; k < workload_n_task(w); k++) {
        double least = INFINITY;
        for (uint32_t p = 0; p < s->n_pool; p++) {
            if ((pools[p / 64] >> p % 64 & 1) && workload_fits(s, w, k, p)) {
                least = fmin(least, task_flop(w, k, p));
            }
        }
        sum += isfinite(least) ? least : 0;
    }
    return sum;
}

/* What must be done by the places of each workload: its own work and that of all whose places are among them. */
static void compare_sets(struct loads *l, const struct scenario *s, const uint64_t *pools)
{
    size_t n_word = words_of(s);
    bool all = s->n_workload <= WORKLOADS_COMPARED;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        struct load_workload *out = &l->workload[w];
        for (uint32_t v = all ? 0 : w; v < (all ? s->n_workload : w + 1); v++) {
            const struct load_workload *other = &l->workload[v];
            bool within = true;
            for (size_t i = 0; within && i < n_word; i++) {
                within = (pools[v * n_word + i] & ~pools[w * n_word + i]) == 0;
            }
            if (within && other->n_pool > 0 && !other->closed) {
                out->must += other->rate * least_flop(s, &s->workload[v], &pools[v * n_word]);
            }
        }
    }
}

static void start(struct loads *l, const struct scenario *s)
{
    for (uint32_t p = 0; p < s->n_pool; p++) {
        const struct pool *pool = &s->pool[p];
        l->pool[p].capacity = s->group[pool->group].count * (pool->units * pool->speed_flops);
    }
    for (uint32_t k = 0; k < s->n_link; k++) {
        for (uint32_t d = 0; d < N_DIRECTION; d++) {
            const struct channel_spec *c = &s->link[k].direction[d];
            l->channel[N_DIRECTION * k + d].capacity = c->alone ? INFINITY : s->link[k].n_instance * process_mean(&c->capacity);
        }
    }
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct workload *load = &s->workload[w];
        l->workload[w] = (struct load_workload){
            .rate = arrivals_rate(&load->arrivals, s->group[load->group].count),
            .closed = load->arrivals.kind == ARRIVAL_CLOSED,
            .unloaded_s = INFINITY,
            .best_pool = ROW_NONE,
        };
    }
}

/* The workloads from row w on that go its way. */
static void gather(struct follower *f, uint32_t w, bool *done)
{
    const struct scenario *s = f->s;
    f->w = &s->workload[w];
    f->n_member = 0;
    for (; w < s->n_workload; w++) {
        const struct workload *other = &s->workload[w];
        bool alike = other->group == f->w->group && other->runs_on == f->w->runs_on && !other->graph && !f->w->graph &&
                     other->work.stretch == f->w->work.stretch;
        if (other == f->w || alike) {
            f->member[f->n_member++] = w;
            done[w] = true;
        }
    }
}

int loads_find(struct loads *out, const struct scenario *s, const struct policy_spec *policy, struct err *e)
{
    struct arena scratch = {0};
    size_t n_word = words_of(s), n_channel = (size_t)N_DIRECTION * s->n_link;
    *out = (struct loads){0};
    out->pool = ARENA_NEW(&out->arena, s->n_pool, struct load_use);
    out->channel = ARENA_NEW(&out->arena, n_channel, struct load_use);
    out->workload = ARENA_NEW(&out->arena, s->n_workload, struct load_workload);
    out->group_runs = ARENA_NEW(&out->arena, s->n_group, bool);
    out->group_reached = ARENA_NEW(&out->arena, s->n_group, bool);
    uint64_t *pools = ARENA_NEW(&scratch, n_word * s->n_workload, uint64_t);
    bool *done = ARENA_NEW(&scratch, s->n_workload, bool);
    struct follower f = {
        .l = out,
        .s = s,
        .policy = policy,
        .member = ARENA_NEW(&scratch, s->n_workload, uint32_t),
        .done_s = ARENA_NEW(&scratch, s->n_task + 1u, double),
        .travel_s = ARENA_NEW(&scratch, s->n_workload, double),
        .channel = ARENA_NEW(&scratch, n_channel, uint32_t),
        .passed = ARENA_NEW(&scratch, n_channel, uint32_t),
        .last = ARENA_NEW(&scratch, n_channel, uint32_t),
    };
    if (out->arena.failed || scratch.failed) {
        arena_clear(&scratch);
        return ERR_SET(e, ERR_MEMORY, "out of memory for the loads of %u workloads", s->n_workload);
    }
    start(out, s);
    for (uint32_t w = 0; w < s->n_workload; w++) {
        if (done[w]) {
            continue;
        }
        f.pools = &pools[w * n_word];
        f.n_end = 0;
        for (uint32_t i = 0; i < f.n_channel; i++) {
            f.passed[f.channel[i]] = f.last[f.channel[i]] = 0;
        }
        f.n_channel = 0;
        gather(&f, w, done);
        follow(&f);
        add_up(&f);
        for (uint32_t i = 1; i < f.n_member; i++) {
            memcpy(&pools[f.member[i] * n_word], f.pools, n_word * sizeof *pools);
        }
    }
    compare_sets(out, s, pools);
    load_add_data(out, s, policy, &scratch);
    const bool failed = scratch.failed;
    arena_clear(&scratch);
    return failed ? ERR_SET(e, ERR_MEMORY, "out of memory for the loads of links") : 0;
}

void loads_clear(struct loads *l)
{
    arena_clear(&l->arena);
    *l = (struct loads){0};
}
