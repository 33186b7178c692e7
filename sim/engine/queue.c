/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue.c - a line before `units` servers, one event per service under way: FIFO (a list) and ORDERED (a heap by key).
 * The units 0..n_busy-1 of a station are at work, in no order.
 */
#include "sim/engine/discipline.h"
#include "sim/engine/rows.h"

static inline struct unit *unit_of(struct station_set *set, uint32_t s, uint32_t k)
{
    return &set->unit[set->station[s].unit0 + k];
}

static inline void wait_push(struct station_set *set, uint32_t s, uint32_t row)
{
    uint32_t *first = &set->station[s].first;
    station_spec(set, s)->discipline == STATION_FIFO ? list_append(set->item, first, row)
                                                     : heap_push(set->item, first, row);
}

static inline void wait_remove(struct station_set *set, uint32_t s, uint32_t row)
{
    uint32_t *first = &set->station[s].first;
    station_spec(set, s)->discipline == STATION_FIFO ? list_remove(set->item, first, row)
                                                     : heap_remove(set->item, first, row);
}

/* Begin a stint on unit u, whose event is pending or EV_NONE. */
static inline void begin_stint(struct station_set *set, uint32_t s, double now_s, struct unit *u)
{
    u->start_s = now_s;
    station_post(set, &u->event, station_finish_s(set, s, now_s, set->item[u->row].work), set->kind, u->row);
}

/* Cut the stint short: what was done so far is the customer's. */
static void end_stint(struct station_set *set, uint32_t s, double now_s, const struct unit *u)
{
    struct item *it = &set->item[u->row];
    it->work = station_left(it->work, station_served(set, s, u->start_s, now_s));
    it->busy_s += now_s - u->start_s;
}

/* Unit k, which has no event, begins on row. */
static inline void serve(struct station_set *set, uint32_t s, double now_s, uint32_t k, uint32_t row)
{
    struct unit *u = unit_of(set, s, k);
    set->item[row].unit = k;
    u->row = row;
    u->event = EV_NONE;
    begin_stint(set, s, now_s, u);
}

/* One left, and its unit k, which has no event, serves the next in line.  If nobody waits it falls free, and the last
 * busy one takes its place. */
static inline void serve_next(struct station_set *set, uint32_t s, double now_s, uint32_t k)
{
    struct station *st = &set->station[s];
    uint32_t next = st->first;
    if (next != ROW_NONE) {
        station_count(set, s, now_s, UINT32_MAX, 0);
        wait_remove(set, s, next);
        serve(set, s, now_s, k, next);
        return;
    }
    station_count(set, s, now_s, UINT32_MAX, UINT32_MAX);
    st->n_busy--;
    if (k != st->n_busy) {
        struct unit *u = unit_of(set, s, k);
        *u = *unit_of(set, s, st->n_busy);
        set->item[u->row].unit = k;
    }
}

/* The unit whose customer comes last in order; O(units). */
static uint32_t worst_unit(struct station_set *set, uint32_t s)
{
    uint32_t worst = 0;
    for (uint32_t k = 1; k < set->station[s].n_busy; k++) {
        if (row_before(set->item, unit_of(set, s, worst)->row, unit_of(set, s, k)->row)) {
            worst = k;
        }
    }
    return worst;
}

static void queue_join(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    const struct station_spec *spec = station_spec(set, s);
    if (set->station[s].n_busy < spec->units) {
        station_count(set, s, now_s, 1, 1);
        serve(set, s, now_s, set->station[s].n_busy++, row);
        return;
    }
    station_count(set, s, now_s, 1, 0);
    uint32_t k = spec->preempt ? worst_unit(set, s) : 0, other = unit_of(set, s, k)->row;
    if (!spec->preempt || !row_before(set->item, row, other)) {
        wait_push(set, s, row);
        return;
    }
    end_stint(set, s, now_s, unit_of(set, s, k));
    station_unpost(set, &unit_of(set, s, k)->event);
    set->item[other].unit = ROW_NONE;
    wait_push(set, s, other);
    serve(set, s, now_s, k, row);
}

static uint32_t queue_event(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct item *it = &set->item[row];
    const struct unit *u = unit_of(set, s, it->unit);
    double rate = set->station[s].rate;
    CHECK(u->row == row);
    if (station_spec(set, s)->process) {
        it->busy_s += now_s - u->start_s;
    } else if (rate > 0) {
        it->busy_s += it->work / rate;
    }
    it->work = 0;
    serve_next(set, s, now_s, it->unit);
    set->done[0] = row;
    return 1;
}

static void queue_remove(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    uint32_t k = set->item[row].unit;
    if (k == ROW_NONE) {
        wait_remove(set, s, row);
        station_count(set, s, now_s, UINT32_MAX, 0);
        return;
    }
    end_stint(set, s, now_s, unit_of(set, s, k));
    station_unpost(set, &unit_of(set, s, k)->event);
    serve_next(set, s, now_s, k);
}

static void queue_set_rate(struct station_set *set, uint32_t s, double now_s, double rate)
{
    struct station *st = &set->station[s];
    for (uint32_t k = 0; k < st->n_busy; k++) {
        end_stint(set, s, now_s, unit_of(set, s, k));
    }
    st->rate = rate;
    for (uint32_t k = 0; k < st->n_busy; k++) {
        begin_stint(set, s, now_s, unit_of(set, s, k));
    }
}

static uint32_t queue_in_service(const struct station_set *set, uint32_t s)
{
    return set->unit[set->station[s].unit0].row;
}

const struct discipline discipline_queue = {
    .join = queue_join,
    .event = queue_event,
    .remove = queue_remove,
    .set_rate = queue_set_rate,
    .in_service = queue_in_service,
};
