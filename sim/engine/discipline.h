/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * discipline.h - what station.c asks of a service discipline, and what the disciplines share.  A discipline keeps the
 * counts and the meter (through station_count), the order, the units and the events of its stations; station.c
 * refuses, sets item.work, key, seq and station (busy_s 0, unit ROW_NONE) before a join, and clears item.station after
 * a departure.
 */
#ifndef SIM_ENGINE_DISCIPLINE_H
#define SIM_ENGINE_DISCIPLINE_H

#include "sim/engine/station.h"

struct discipline {
    void (*join)(struct station_set *set, uint32_t s, double now_s, uint32_t row);
    /* An event of station s; row is the customer, or s.  Fills set->done and returns how many. */
    uint32_t (*event)(struct station_set *set, uint32_t s, double now_s, uint32_t row);
    void (*remove)(struct station_set *set, uint32_t s, double now_s, uint32_t row);
    void (*set_rate)(struct station_set *set, uint32_t s, double now_s, double rate);
    uint32_t (*in_service)(const struct station_set *set, uint32_t s); /* any; asked when all present are in service */
};

extern const struct discipline discipline_queue, discipline_shared, discipline_rounds;

static inline const struct station_spec *station_spec(const struct station_set *set, uint32_t s)
{
    return &set->class[set->station[s].class].spec;
}

/* So many more present and so many more units busy from now_s on (modulo 2^32). */
static inline void station_count(struct station_set *set, uint32_t s, double now_s, uint32_t present, uint32_t busy)
{
    set->station[s].n += present;
    if (!set->unmetered) {
        meter_change(station_meter(set, s), now_s, present, busy);
    }
}

/* Work that a unit does over [t0_s, t1_s]. */
static inline double station_served(const struct station_set *set, uint32_t s, double t0_s, double t1_s)
{
    double rate = set->station[s].rate;
    if (!(t1_s > t0_s) || !(rate > 0)) {
        return 0;
    }
    return rate * (station_spec(set, s)->process ? set->hooks.served(set->ctx, s, t0_s, t1_s) : t1_s - t0_s);
}

/* Rounding may have served an ulp more than there was. */
static inline double station_left(double work, double served)
{
    return work > served ? work - served : 0;
}

/* Have the event at *event come at time_s; none if that is never. */
static inline void station_post(struct station_set *set, ev_handle *event, double time_s, uint32_t kind, uint32_t row)
{
    if (!(time_s < INFINITY)) {
        if (*event != EV_NONE) {
            evset_cancel(set->events, *event);
            *event = EV_NONE;
        }
    } else if (*event != EV_NONE) {
        *event = evset_move(set->events, *event, time_s);
    } else {
        *event = evset_push(set->events, time_s, EV_END, kind, row);
    }
}

static inline void station_unpost(struct station_set *set, ev_handle *event)
{
    station_post(set, event, INFINITY, 0, 0);
}

#endif
