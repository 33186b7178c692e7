/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_station.c [CUSTOMERS] - an M/M/c queue at load 0.9 on a station of each discipline and the event set, two
 * events a customer: what the engine leaves of limit_mm1 before there is a model.
 */
#include "sim/engine/station.h"
#include "tests/bench/limit.h"

enum { ARRIVAL, STATION, ROWS = 65536 };

static double batch(void *ctx, struct station_set *set, uint32_t s, double now_s)
{
    (void)ctx, (void)now_s;
    return 0.2 * station_take_batch(set, s, 8) + 0.4; /* 8 in 2 s: 4 a second */
}

static void queue(const char *name, enum station_discipline d, uint32_t units, double rate, uint64_t customers)
{
    static struct limit_random random;
    static uint32_t free_row[ROWS];
    static const struct station_hooks hooks = {.round = batch};
    const struct station_spec spec = {.discipline = d, .units = units, .rate = 1, .preempt = d == STATION_ORDERED};
    struct evset events;
    struct station_set set;
    struct event e;
    uint32_t s, n_free = ROWS;
    uint64_t left = customers;
    limit_random_init(&random, 42);
    for (uint32_t i = 0; i < ROWS; i++) {
        free_row[i] = i;
    }
    station_set_init(&set, &events, STATION, &hooks, NULL);
    if (evset_init(&events, 16, 0, NULL) < 0 || station_set_reserve(&set, ROWS, NULL) < 0 ||
        station_add(&set, &spec, 1, NULL, &s) < 0) {
        exit(1);
    }
    evset_push(&events, 0, EV_RELEASE, ARRIVAL, 0);
    double start = limit_clock_s();
    while (evset_pop(&events, &e)) {
        if (e.kind == ARRIVAL) {
            double work = limit_exponential(&random);
            station_join(&set, s, e.time_s, free_row[--n_free], work, work);
            if (--left > 0) {
                evset_push(&events, e.time_s + limit_exponential(&random) / rate, EV_RELEASE, ARRIVAL, 0);
            }
        } else {
            struct station_done done = station_event(&set, e.time_s, e.kind, e.row);
            for (uint32_t i = 0; i < done.n; i++) {
                free_row[n_free++] = done.row[i];
            }
            station_resume(&set, s, e.time_s);
        }
    }
    double took_s = limit_clock_s() - start;
    const struct integral *present_s = &station_meter(&set, s)->present_s;
    fprintf(stderr, "station_%s: mean number present %.3f\n", name, integral_value(present_s) / present_s->last_s);
    printf("bench: station_%s %.2f Mcustomers/s\n", name, (double)customers / took_s * 1e-6);
    station_set_clear(&set);
    evset_clear(&events);
}

int main(int argc, char **argv)
{
    const uint64_t customers = limit_count(argc, argv, 3000000);
    queue("fifo", STATION_FIFO, 1, .9, customers);
    queue("fifo_64", STATION_FIFO, 64, 57.6, customers);
    queue("ahead", STATION_AHEAD, 1, .9, customers);
    queue("ahead_64", STATION_AHEAD, 64, 57.6, customers);
    queue("ordered", STATION_ORDERED, 1, .9, customers); /* the least work first */
    queue("shared", STATION_SHARED, 1, .9, customers);
    queue("shared_64", STATION_SHARED, 64, 57.6, customers);
    queue("rounds", STATION_ROUNDS, 1, 3.6, customers);
    return 0;
}
