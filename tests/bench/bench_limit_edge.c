/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_limit_edge.c [TASKS] - the edge workload on the bare wheel, an event per service end.
 *
 * n devices, each Poisson at 1/s, device mod 10 its edge site.  A task crosses the site's uplink (one server), then
 * with probability 0.8 the site's processor (8 cores), else 50 ms, the cloud (32 cores) and 50 ms, then the downlink
 * (one server); all FIFO, all services exponential, all loads 0.6, 0.7, 0.7 and 0.3.
 */
#include "tests/bench/limit.h"

enum { SITES = 10, UP = 0, PROCESSOR = SITES, DOWN = 2 * SITES, CLOUD = 3 * SITES, STATIONS };
enum { RELEASED, UP_DONE, TO_CLOUD, CLOUD_DONE, FROM_CLOUD, PROCESSOR_DONE, DOWN_DONE };
enum { IN_FLIGHT_MAX = 1000000 };

struct task {
    double released_s;
    uint32_t device, next; /* in a queue or on the free list, 0 for none */
};

struct station {
    uint32_t servers, busy, head, tail;
    double mean_s;
};

struct edge {
    struct limit_random random;
    struct limit_wheel q;
    struct task *task; /* 0 is none */
    struct station station[STATIONS];
};

LIMIT_INLINE void serve(struct edge *w, double now, uint32_t s, uint32_t kind, uint32_t task)
{
    limit_wheel_push(&w->q, now + limit_exponential(&w->random) * w->station[s].mean_s, kind | s << 8, task);
}

LIMIT_INLINE void enter(struct edge *w, double now, uint32_t s, uint32_t kind, uint32_t task)
{
    struct station *x = &w->station[s];
    if (x->busy < x->servers) {
        x->busy++;
        serve(w, now, s, kind, task);
        return;
    }
    w->task[task].next = 0;
    if (x->head) {
        w->task[x->tail].next = task;
    } else {
        x->head = task;
    }
    x->tail = task;
}

LIMIT_INLINE void leave(struct edge *w, double now, uint32_t s, uint32_t kind)
{
    struct station *x = &w->station[s];
    uint32_t next = x->head;
    if (next) {
        x->head = w->task[next].next;
        serve(w, now, s, kind, next);
    } else {
        x->busy--;
    }
}

static void edge_init(struct edge *w, uint32_t n)
{
    const double site_hz = n / 10.0;
    limit_random_init(&w->random, 7);
    limit_wheel_init(&w->q, n + IN_FLIGHT_MAX);
    w->task = limit_memory((IN_FLIGHT_MAX + 1) * sizeof *w->task);
    for (uint32_t i = 1; i < IN_FLIGHT_MAX; i++) {
        w->task[i].next = i + 1;
    }
    for (int site = 0; site < SITES; site++) {
        w->station[UP + site] = (struct station){.servers = 1, .mean_s = 0.6 / site_hz};
        w->station[PROCESSOR + site] = (struct station){.servers = 8, .mean_s = 0.7 * 8 / (0.8 * site_hz)};
        w->station[DOWN + site] = (struct station){.servers = 1, .mean_s = 0.3 / site_hz};
    }
    w->station[CLOUD] = (struct station){.servers = 32, .mean_s = 0.7 * 32 / (0.2 * n)};
    for (uint32_t i = 0; i < n; i++) {
        limit_wheel_push(&w->q, limit_exponential(&w->random), RELEASED, i);
    }
}

/* Runs `tasks` tasks to their end; returns the sum of their latencies. */
static double edge_run(struct edge *w, uint64_t tasks)
{
    uint32_t free_task = 1;
    double latency_s = 0;
    struct limit_event e;
    while (limit_wheel_pop(&w->q, &e)) {
        const double now = e.time_s;
        const uint32_t station = e.kind >> 8, k = e.row;
        switch (e.kind & 255) {
        case RELEASED:
            if (tasks > 0) {
                tasks--;
                limit_wheel_push(&w->q, now + limit_exponential(&w->random), RELEASED, k);
                uint32_t task = free_task;
                free_task = w->task[task].next;
                w->task[task].released_s = now;
                w->task[task].device = k;
                enter(w, now, UP + k % SITES, UP_DONE, task);
            }
            break;
        case UP_DONE:
            leave(w, now, station, UP_DONE);
            if (limit_uniform(&w->random) < 0.2) {
                limit_wheel_push(&w->q, now + 0.05, TO_CLOUD, k);
            } else {
                enter(w, now, station - UP + PROCESSOR, PROCESSOR_DONE, k);
            }
            break;
        case TO_CLOUD:
            enter(w, now, CLOUD, CLOUD_DONE, k);
            break;
        case CLOUD_DONE:
            leave(w, now, CLOUD, CLOUD_DONE);
            limit_wheel_push(&w->q, now + 0.05, FROM_CLOUD, k);
            break;
        case FROM_CLOUD:
            enter(w, now, DOWN + w->task[k].device % SITES, DOWN_DONE, k);
            break;
        case PROCESSOR_DONE:
            leave(w, now, station, PROCESSOR_DONE);
            enter(w, now, station - PROCESSOR + DOWN, DOWN_DONE, k);
            break;
        default: /* DOWN_DONE */
            leave(w, now, station, DOWN_DONE);
            latency_s += now - w->task[k].released_s;
            w->task[k].next = free_task;
            free_task = k;
            break;
        }
    }
    return latency_s;
}

static void edge(const char *name, uint32_t n, uint64_t tasks)
{
    static struct edge w;
    w = (struct edge){0};
    edge_init(&w, n);
    double start = limit_clock_s(), latency_s = edge_run(&w, tasks);
    printf("bench: limit_edge_%s %.0f tasks/s\n", name, (double)tasks / (limit_clock_s() - start));
    fprintf(stderr, "%s devices: mean latency %.4f s\n", name, latency_s / (double)tasks);
    free(w.q.node);
    free(w.q.near);
    free(w.q.bucket);
    free(w.q.bitmap);
    free(w.task);
}

int main(int argc, char **argv)
{
    uint64_t tasks = limit_count(argc, argv, 1000000);
    edge("1e2", 100, tasks);
    edge("1e3", 1000, tasks);
    edge("1e4", 10000, tasks);
    edge("1e5", 100000, tasks);
    return 0;
}
