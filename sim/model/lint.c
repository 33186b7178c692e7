/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/lint.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/quantity.h"

enum { QUANTITY_ROOM = 48, TEXT_ROOM = 512 };

static void add(struct lints *l, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void add(struct lints *l, const char *path, const char *fmt, ...)
{
    char text[TEXT_ROOM];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (l->n == l->room) {
        uint32_t room = 2 * l->room + 16;
        struct lint *grown = ARENA_NEW(&l->arena, room, struct lint);
        if (!grown) {
            return;
        }
        if (l->n) {
            memcpy(grown, l->lint, l->n * sizeof *grown);
        }
        l->lint = grown;
        l->room = room;
    }
    l->lint[l->n++] = (struct lint){.path = arena_copy(&l->arena, path), .text = arena_copy(&l->arena, text)};
}

static bool is_attached_to(const struct scenario *s, uint32_t g)
{
    for (uint32_t i = 0; i < s->n_group; i++) {
        if (s->group[i].attach == g) {
            return true;
        }
    }
    return false;
}

static void check_profiles(struct lints *l, const struct scenario *s, const struct node_group *group)
{
    for (uint32_t p = group->first_pool; p < group->first_pool + group->n_pool; p++) {
        const struct pool *pool = &s->pool[p];
        char path[TEXT_ROOM];
        snprintf(path, sizeof path, "nodes.%s.processors.%s.profile", group->name, pool->name);
        if (pool->profile && pool->profile->extrapolated) {
            add(l, path, "is scaled from another device's: its times are extrapolated, not measured");
        }
        if (pool->profile && pool->profile->threads > pool->profile->threads_max) {
            add(l, path, "%u threads, and no more than %u were measured: its times are extrapolated", pool->profile->threads,
                pool->profile->threads_max);
        }
        for (int k = 0; k < N_KERNEL; k++) {
            if (pool->beyond >> k & 1) {
                add(l, path, "some work has larger operators of the kind %s than were measured: their times are extrapolated",
                    kernel_name[k]);
            }
        }
    }
}

/* A job that is larger than all of a node where it is released: what stands there is its mean. */
static void check_memory(struct lints *l, const struct scenario *s, const struct workload *w)
{
    const struct node_group *group = &s->group[w->group];
    char path[TEXT_ROOM], job[QUANTITY_ROOM], memory[QUANTITY_ROOM];
    const double bits = w->input.mean + w->output.mean;
    if (group->memory_bits > 0 && bits > group->memory_bits) {
        snprintf(path, sizeof path, "workloads.%s", w->name);
        add(l, path, "input and output are %s in the mean, and %s has a memory of %s",
            quantity_text(bits, DIM_DATA, job, sizeof job), group->name,
            quantity_text(group->memory_bits, DIM_DATA, memory, sizeof memory));
    }
}

static void check_groups(struct lints *l, const struct scenario *s, const struct loads *loads)
{
    for (uint32_t g = 0; g < s->n_group; g++) {
        const struct node_group *group = &s->group[g];
        char path[TEXT_ROOM];
        snprintf(path, sizeof path, "nodes.%s", group->name);
        if (group->busy_w < group->idle_w) {
            add(l, path, "takes less power when it is busy than when it is idle");
        }
        check_profiles(l, s, group);
        if (loads->group_runs[g]) {
            continue;
        }
        if (group->attach != ROW_NONE && !loads->group_reached[g]) {
            add(l, path, "unused: no workload is at it");
        } else if (group->n_pool > 0 && !loads->group_reached[g]) {
            add(l, path, "unreachable: no job has a way to it");
        } else if (group->n_pool > 0) {
            add(l, path, "unused: no workload may run on its processors");
        } else if (!loads->group_reached[g] && !is_attached_to(s, g)) {
            add(l, path, "unused: it has no processor, and no route leads over it");
        }
    }
}

/* A trace that is over before the run, and starts again. */
static void check_span(struct lints *l, const struct scenario *s, const char *path, const struct series *trace)
{
    const struct experiment *x = &s->experiment;
    double run_s = x->warm_up_s + x->duration_s;
    char span[QUANTITY_ROOM], run[QUANTITY_ROOM];
    if (isfinite(run_s) && !x->end_when_done && trace->span_s < run_s) {
        add(l, path, "the trace lasts %s and is repeated: the run lasts %s",
            quantity_text(trace->span_s, DIM_TIME, span, sizeof span), quantity_text(run_s, DIM_TIME, run, sizeof run));
    }
}

/* The traces of one direction; those of a link as a whole are told once. */
static void check_traces(struct lints *l, const struct scenario *s, const struct link *link, uint32_t d, const char *path)
{
    const struct channel_spec *c = &link->direction[d], *first = &link->direction[0];
    if (c->capacity.kind == PROCESS_TRACE && (d == 0 || first->capacity.series != c->capacity.series)) {
        check_span(l, s, path, c->capacity.series);
    }
    if (c->latency.kind == PROCESS_TRACE && c->latency.series != c->capacity.series &&
        (d == 0 || first->latency.series != c->latency.series)) {
        check_span(l, s, path, c->latency.series);
    }
}

static void check_links(struct lints *l, const struct scenario *s, const struct loads *loads)
{
    static const char *const way[N_DIRECTION] = {"up", "down"};
    for (uint32_t k = 0; k < s->n_link; k++) {
        const struct link *link = &s->link[k];
        for (uint32_t d = 0; d < N_DIRECTION; d++) {
            const struct load_use *use = &loads->channel[N_DIRECTION * k + d];
            char path[TEXT_ROOM], must[QUANTITY_ROOM], capacity[QUANTITY_ROOM];
            snprintf(path, sizeof path, "links.%s.%s", link->name, way[d]);
            if (use->must > use->capacity) {
                add(l, path, "surely overloaded: %s must pass, and %s %s",
                    quantity_text(use->must, DIM_RATE, must, sizeof must),
                    link->n_instance > 1 ? "all of its instances together carry" : "it carries",
                    quantity_text(use->capacity, DIM_RATE, capacity, sizeof capacity));
            }
            check_traces(l, s, link, d, path);
        }
    }
}

/* One set of places is told once: where it is the first workload's. */
static bool is_told(const struct loads *loads, uint32_t w)
{
    for (uint32_t v = 0; v < w; v++) {
        const struct load_workload *a = &loads->workload[v], *b = &loads->workload[w];
        if (a->must == b->must && a->capacity == b->capacity) {
            return true;
        }
    }
    return false;
}

static void check_places(struct lints *l, const struct scenario *s, const struct loads *loads, const char *under)
{
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct load_workload *load = &loads->workload[w];
        char path[TEXT_ROOM], must[QUANTITY_ROOM], capacity[QUANTITY_ROOM];
        snprintf(path, sizeof path, "workloads.%s", s->workload[w].name);
        if (load->n_pool == 0) {
            add(l, path, "no processor can be reached on which its jobs may run%s", under);
        } else if (load->must > load->capacity && !is_told(loads, w)) {
            quantity_text(load->must, DIM_SPEED, must, sizeof must);
            quantity_text(load->capacity, DIM_SPEED, capacity, sizeof capacity);
            if (load->n_pool == 1) {
                const struct pool *pool = &s->pool[load->best_pool];
                snprintf(path, sizeof path, "nodes.%s.processors.%s", s->group[pool->group].name, pool->name);
            }
            add(l, path, "surely overloaded: jobs that can run nowhere else need %s, and %s %s%s", must,
                load->n_pool == 1 ? "it does" : "all processors where they can run do", capacity, under);
        }
    }
}

static void check_workloads(struct lints *l, const struct scenario *s, const struct loads *loads)
{
    check_places(l, s, loads, "");
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct workload *load = &s->workload[w];
        char path[TEXT_ROOM], after[QUANTITY_ROOM], unloaded[QUANTITY_ROOM];
        check_memory(l, s, load);
        snprintf(path, sizeof path, "workloads.%s.deadline", load->name);
        if (isfinite(loads->workload[w].unloaded_s) && load->deadline_s < loads->workload[w].unloaded_s) {
            add(l, path, "%s is less than the %s that a mean job takes at the best place when nothing else runs",
                quantity_text(load->deadline_s, DIM_TIME, after, sizeof after),
                quantity_text(loads->workload[w].unloaded_s, DIM_TIME, unloaded, sizeof unloaded));
        }
        if (load->arrivals.kind == ARRIVAL_TRACE) {
            snprintf(path, sizeof path, "workloads.%s.arrivals", load->name);
            check_span(l, s, path, load->arrivals.trace);
        }
    }
}

/*
 * A quantile rests on enough if a replication goes above it and comes back EXCURSIONS times (SEMANTICS 7.11), which takes at
 * least as many jobs above it.  Busy spells are shared, so that more are needed where there is a queue: the result says.
 */
static void check_window(struct lints *l, const struct scenario *s, const struct loads *loads)
{
    enum { EXCURSIONS = 10 };
    const double beyond = 0.01, wanted = EXCURSIONS / beyond; /* of the 99 % that tables show */
    const struct experiment *x = &s->experiment;
    double rate = 0;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        rate += loads->workload[w].rate;
    }
    double window_s = x->jobs ? (double)x->jobs / rate : x->duration_s;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        double jobs = loads->workload[w].rate * window_s;
        char is[QUANTITY_ROOM], wants[QUANTITY_ROOM];
        if (isfinite(jobs) && jobs > 0 && jobs < wanted) {
            const double more = wanted / jobs;
            if (x->jobs) {
                snprintf(is, sizeof is, "%.4g jobs", (double)x->jobs);
                snprintf(wants, sizeof wants, "%.4g jobs", (double)x->jobs * more);
            } else {
                quantity_text(window_s, DIM_TIME, is, sizeof is);
                quantity_text(window_s * more, DIM_TIME, wants, sizeof wants);
            }
            add(l, x->jobs ? "experiment.jobs" : "experiment.duration",
                "about %.3g jobs of %s a replication: too few for its p99, which wants %d times above it; %s instead of %s "
                "would have %.0f",
                jobs, s->workload[w].name, EXCURSIONS, wants, is, wanted);
        }
    }
}

/* What a policy may not use is not there for its jobs. */
static int check_policies(struct lints *l, const struct scenario *s, struct err *e)
{
    int rc = 0;
    for (uint32_t p = 0; rc == 0 && p < s->experiment.n_policy; p++) {
        const struct policy_spec *policy = &s->experiment.policy[p];
        bool told = policy->run_in == UINT64_MAX && policy->edges == EDGES_ALL;
        for (uint32_t q = 0; q < p; q++) {
            const struct policy_spec *other = &s->experiment.policy[q];
            told |= other->run_in == policy->run_in && other->edges == policy->edges;
        }
        if (!told) {
            struct loads loads;
            char under[TEXT_ROOM];
            snprintf(under, sizeof under, ", under the policy %s", policy->label);
            rc = loads_find(&loads, s, policy, e);
            if (rc == 0) {
                check_places(l, s, &loads, under);
            }
            loads_clear(&loads);
        }
    }
    return rc;
}

int lints_find(struct lints *out, const struct scenario *s, struct err *e)
{
    struct loads loads;
    int rc = loads_find(&loads, s, NULL, e);
    if (rc == 0) {
        check_groups(out, s, &loads);
        check_links(out, s, &loads);
        check_workloads(out, s, &loads);
        check_window(out, s, &loads);
        rc = check_policies(out, s, e);
    }
    loads_clear(&loads);
    return rc == 0 && out->arena.failed ? ERR_SET(e, ERR_MEMORY, "out of memory for warnings") : rc;
}

void lints_clear(struct lints *l)
{
    arena_clear(&l->arena);
    *l = (struct lints){0};
}
