/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_limit_mm1.c [CUSTOMERS] - an M/M/1 queue at load 0.9, two events a customer, on the bare sorted array. */
#include "tests/bench/limit.h"

enum { ARRIVAL, DEPARTURE, PLACES = 65536 };

int main(int argc, char **argv)
{
    const uint64_t customers = limit_count(argc, argv, 10000000);
    const double gap_s = 1 / 0.9;
    static struct limit_random random;
    static struct limit_few q;
    static double arrived[PLACES]; /* a ring: who waits or is served, by arrival */
    uint64_t left = customers, first = 0, last = 0;
    double sojourn_s = 0;
    struct limit_event e;
    limit_random_init(&random, 42);
    limit_few_push(&q, limit_exponential(&random) * gap_s, ARRIVAL, 0);
    double start = limit_clock_s();
    while (limit_few_pop(&q, &e)) {
        if (e.kind == ARRIVAL) {
            if (last - first == PLACES) {
                abort(); /* the queue is longer than 0.9^65536 allows */
            }
            arrived[last++ % PLACES] = e.time_s;
            if (--left > 0) {
                limit_few_push(&q, e.time_s + limit_exponential(&random) * gap_s, ARRIVAL, 0);
            }
            if (last - first == 1) {
                limit_few_push(&q, e.time_s + limit_exponential(&random), DEPARTURE, 0);
            }
        } else {
            sojourn_s += e.time_s - arrived[first++ % PLACES];
            if (last != first) {
                limit_few_push(&q, e.time_s + limit_exponential(&random), DEPARTURE, 0);
            }
        }
    }
    double took_s = limit_clock_s() - start;
    fprintf(stderr, "mean sojourn %.3f s, theory 10\n", sojourn_s / (double)customers);
    printf("bench: limit_mm1 %.2f Mcustomers/s\n", (double)customers / took_s * 1e-6);
    return 0;
}
