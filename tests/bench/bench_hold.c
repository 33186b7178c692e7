/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_hold.c [OPERATIONS] - the event set under the hold model: pop the least, push it back later.
 *
 * hold_N: increments Exp(1) at N pending.  hold_LAW_N: other laws of mean 1; the last of them, skew, is spread over
 * 60 decades, so that no wheel fits it.  hold_cancel_N: half of all entries are cancelled before they come up.
 */
#include "sim/engine/evset.h"
#include "tests/bench/limit.h"

enum law { EXPONENTIAL, UNIFORM, BIMODAL, CONSTANT, PARETO, TICK, EQUAL, SKEW };

LIMIT_INLINE double increment(struct limit_random *r, enum law law, double now)
{
    double u;
    switch (law) {
    case UNIFORM:
        return 2 * limit_uniform(r);
    case BIMODAL: /* one in ten is ten times as far */
        u = limit_uniform(r);
        return 0.95238 * u + (limit_uniform(r) < 0.1 ? 9.5238 : 0);
    case CONSTANT:
        return 1;
    case PARETO:
        return pow(1 - limit_uniform(r), -1 / 1.5) / 3;
    case TICK: /* on a grid of sixteenths */
        return ceil((now + limit_exponential(r)) * 16) / 16 - now;
    case EQUAL: /* a second's worth of events at each instant */
        return floor(now) + 1 - now;
    case SKEW:
        return pow(10, 60 * limit_uniform(r) - 59) * (now + 1e-30);
    default:
        return limit_exponential(r);
    }
}

/* Inlined for each law, so that what is timed has no switch in it. */
LIMIT_INLINE void hold(const char *name, enum law law, uint32_t n, uint64_t operations)
{
    static struct limit_random random;
    struct evset set;
    struct event e;
    limit_random_init(&random, 42);
    if (evset_init(&set, n, 0, NULL) < 0) {
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        double t = law == CONSTANT ? limit_uniform(&random) : increment(&random, law, 0);
        evset_push(&set, t, EV_END, i, 7);
    }
    double start = 0;
    for (uint64_t i = 0, warm = operations / 4 + n; i < warm + operations; i++) {
        if (i == warm) {
            start = limit_clock_s();
        }
        evset_pop(&set, &e);
        evset_push(&set, e.time_s + increment(&random, law, e.time_s), EV_END, e.kind, e.row);
    }
    printf("bench: hold_%s %.2f Mevents/s\n", name, (double)operations / (limit_clock_s() - start) * 1e-6);
    evset_clear(&set);
}

/* Every event guards the one before it: a time-out ten times as far, cancelled when the event comes up. */
static void hold_cancel(const char *name, uint32_t n, uint64_t operations)
{
    static struct limit_random random;
    struct evset set;
    struct event e;
    ev_handle *timeout = limit_memory(n * sizeof *timeout);
    limit_random_init(&random, 42);
    if (evset_init(&set, 2 * n, 0, NULL) < 0) {
        free(timeout);
        return;
    }
    for (uint32_t i = 0; i < n / 2; i++) {
        evset_push(&set, limit_exponential(&random), EV_END, 0, i);
        timeout[i] = evset_push(&set, 10 + limit_exponential(&random), EV_DEADLINE, 1, i);
    }
    double start = 0;
    for (uint64_t i = 0, warm = operations / 4 + n; i < warm + operations; i++) {
        if (i == warm) {
            start = limit_clock_s();
        }
        evset_pop(&set, &e);
        if (e.kind == 1) { /* the time-out came first: the event goes on without one */
            timeout[e.row] = EV_NONE;
            continue;
        }
        evset_cancel(&set, timeout[e.row]);
        evset_push(&set, e.time_s + limit_exponential(&random), EV_END, 0, e.row);
        timeout[e.row] = evset_push(&set, e.time_s + 10 + limit_exponential(&random), EV_DEADLINE, 1, e.row);
    }
    printf("bench: hold_cancel_%s %.2f Mevents/s\n", name,
           (double)operations / (limit_clock_s() - start) * 1e-6); /* each with two pushes and a cancel */
    evset_clear(&set);
    free(timeout);
}

int main(int argc, char **argv)
{
    uint64_t operations = limit_count(argc, argv, 2000000);
    hold("1e1", EXPONENTIAL, 10, operations);
    hold("1e2", EXPONENTIAL, 100, operations);
    hold("1e3", EXPONENTIAL, 1000, operations);
    hold("1e4", EXPONENTIAL, 10000, operations);
    hold("1e5", EXPONENTIAL, 100000, operations);
    hold("1e6", EXPONENTIAL, 1000000, operations);
    hold("1e7", EXPONENTIAL, 10000000, operations);
    hold("uni_1e3", UNIFORM, 1000, operations);
    hold("uni_1e5", UNIFORM, 100000, operations);
    hold("bim_1e3", BIMODAL, 1000, operations);
    hold("bim_1e5", BIMODAL, 100000, operations);
    hold("const_1e3", CONSTANT, 1000, operations);
    hold("const_1e5", CONSTANT, 100000, operations);
    hold("pareto_1e3", PARETO, 1000, operations);
    hold("pareto_1e5", PARETO, 100000, operations);
    hold("tick_1e3", TICK, 1000, operations);
    hold("tick_1e5", TICK, 100000, operations);
    hold("equal_1e5", EQUAL, 100000, operations);
    hold("skew_1e3", SKEW, 1000, operations);
    hold("skew_1e5", SKEW, 100000, operations);
    hold_cancel("1e2", 100, operations);
    hold_cancel("1e4", 10000, operations);
    hold_cancel("1e6", 1000000, operations);
    return 0;
}
