/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_limit_hold.c [OPERATIONS] - the hold model (pop the least, push it back at + Exp(1)) on the bare wheel. */
#include "tests/bench/limit.h"

static void hold(const char *name, uint32_t n, uint64_t operations)
{
    static struct limit_random random;
    static struct limit_wheel q;
    struct limit_event e = {0};
    limit_random_init(&random, 42);
    limit_wheel_init(&q, n);
    for (uint32_t i = 0; i < n; i++) {
        limit_wheel_push(&q, limit_exponential(&random), i, 7);
    }
    double start = 0;
    for (uint64_t i = 0, warm = operations / 4 + n; i < warm + operations; i++) {
        if (i == warm) {
            start = limit_clock_s();
        }
        limit_wheel_pop(&q, &e);
        limit_wheel_push(&q, e.time_s + limit_exponential(&random), e.kind, e.row);
    }
    printf("bench: limit_hold_%s %.2f Mevents/s\n", name, (double)operations / (limit_clock_s() - start) * 1e-6);
    free(q.node);
    free(q.near);
    free(q.bucket);
    free(q.bitmap);
}

int main(int argc, char **argv)
{
    uint64_t operations = limit_count(argc, argv, 2000000);
    hold("1e2", 100, operations);
    hold("1e3", 1000, operations);
    hold("1e4", 10000, operations);
    hold("1e5", 100000, operations);
    hold("1e6", 1000000, operations);
    hold("1e7", 10000000, operations);
    return 0;
}
