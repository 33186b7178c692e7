/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stations.h - stations with an event set, as tests drive them: what leaves is noted per row. */
#ifndef TESTS_STATIONS_H
#define TESTS_STATIONS_H

#include "tests/test.h"

#include "sim/engine/station.h"

enum { KIND = 40, MAX_ROWS = 1 << 13 };

struct world {
    struct evset events;
    struct station_set set;
    double now_s;
    uint32_t n_left, order[MAX_ROWS]; /* rows in the order in which they were served */
    double end_s[MAX_ROWS];           /* when; NAN if not yet */
};

static inline void world_open(struct world *w, const struct station_hooks *hooks, void *ctx)
{
    *w = (struct world){0};
    assert_int_equal(evset_init(&w->events, 16, 0, NULL), 0);
    station_set_init(&w->set, &w->events, KIND, hooks, ctx);
    assert_int_equal(station_set_reserve(&w->set, MAX_ROWS, NULL), 0);
    for (size_t i = 0; i < MAX_ROWS; i++) {
        w->end_s[i] = NAN;
    }
}

static inline void world_close(struct world *w)
{
    station_set_clear(&w->set);
    evset_clear(&w->events);
}

static inline uint32_t world_add(struct world *w, struct station_spec spec)
{
    uint32_t s;
    spec.units = spec.units ? spec.units : 1;
    assert_int_equal(station_add(&w->set, &spec, 1, NULL, &s), 0);
    return s;
}

/* Handle the events up to and at time_s, and stand there. */
static inline void world_run(struct world *w, double time_s)
{
    struct event e;
    while (evset_peek_time(&w->events) <= time_s && evset_pop(&w->events, &e)) {
        w->now_s = e.time_s;
        struct station_done done = station_event(&w->set, e.time_s, e.kind, e.row);
        for (uint32_t i = 0; i < done.n; i++) {
            w->order[w->n_left++] = done.row[i];
            w->end_s[done.row[i]] = e.time_s;
        }
        station_resume(&w->set, done.station, e.time_s);
    }
    w->now_s = time_s < INFINITY ? time_s : w->now_s;
}

/* Run to time_s and join there. */
static inline bool world_join(struct world *w, uint32_t s, double time_s, uint32_t row, double work, double key)
{
    world_run(w, time_s);
    return station_join(&w->set, s, time_s, row, work, key);
}

static inline double world_busy_s(const struct world *w, uint32_t row)
{
    return w->set.item[row].busy_s;
}

/* The meter of station s, up to now. */
static inline void world_meter(struct world *w, uint32_t s, double *present_s, double *busy_s)
{
    struct meter *m = station_meter(&w->set, s);
    meter_advance(m, w->now_s);
    *present_s = integral_value(&m->present_s);
    *busy_s = integral_value(&m->busy_s);
}

#endif
