/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shared.c - egalitarian processor sharing by virtual time.  station.work is V, the service that each customer present
 * has been given since the station last was empty or rebased; item.key is the finish tag, V at joining + work; the
 * heap's root is the next to leave.  item.busy_s starts as minus share_s, so that adding share_s gives the busy time.
 */
#include "sim/engine/discipline.h"
#include "sim/engine/rows.h"

enum { REBASE_ARRIVALS = 1 << 20 };

static uint32_t units_busy(const struct station_set *set, uint32_t s, uint32_t n)
{
    uint32_t units = station_spec(set, s)->units;
    return n < units ? n : units;
}

/* Bring V and share_s up to now_s. */
static void advance(struct station_set *set, uint32_t s, double now_s)
{
    struct station *st = &set->station[s];
    if (st->n > 0 && now_s > st->clock_s) {
        double n = st->n, busy = units_busy(set, s, st->n);
        st->work += station_served(set, s, st->clock_s, now_s) * busy / n;
        st->share_s += (now_s - st->clock_s) * busy / n;
    }
    st->clock_s = now_s;
}

/* Post the next departure; V restarts if nobody is left. */
static void post_next(struct station_set *set, uint32_t s)
{
    struct station *st = &set->station[s];
    if (st->first == ROW_NONE) {
        st->work = st->share_s = 0;
        station_unpost(set, &st->event);
        return;
    }
    double left = station_left(set->item[st->first].key, st->work);
    double end_s = station_finish_s(set, s, st->clock_s, left * st->n / units_busy(set, s, st->n));
    station_post(set, &st->event, end_s, set->kind + 1, s);
}

static void rebase(struct station_set *set, uint32_t s)
{
    struct station *st = &set->station[s];
    for (uint32_t row = st->first; row != ROW_NONE; row = heap_next(set->item, row)) {
        set->item[row].key -= st->work;
        set->item[row].busy_s += st->share_s;
    }
    st->work = st->share_s = 0;
}

static void leave(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct station *st = &set->station[s];
    heap_remove(set->item, &st->first, row);
    set->item[row].busy_s += st->share_s;
    station_count(set, s, now_s, UINT32_MAX, units_busy(set, s, st->n - 1) - units_busy(set, s, st->n));
    st->n_busy = st->n;
}

static void shared_join(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct station *st = &set->station[s];
    struct item *it = &set->item[row];
    advance(set, s, now_s);
    if (st->seq % REBASE_ARRIVALS == 0) {
        rebase(set, s);
    }
    it->key = st->work + it->work;
    it->busy_s = -st->share_s;
    heap_push(set->item, &st->first, row);
    station_count(set, s, now_s, 1, units_busy(set, s, st->n + 1) - units_busy(set, s, st->n));
    st->n_busy = st->n;
    post_next(set, s);
}

static uint32_t shared_event(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct station *st = &set->station[s];
    CHECK(row == s && st->first != ROW_NONE);
    st->event = EV_NONE;
    advance(set, s, now_s);
    double tag = set->item[st->first].key;
    st->work = st->work > tag ? st->work : tag; /* it is tag but for rounding */
    uint32_t n = 0;
    while (st->first != ROW_NONE && set->item[st->first].key <= st->work) {
        uint32_t gone = st->first;
        leave(set, s, now_s, gone);
        set->item[gone].work = 0;
        set->done[n++] = gone;
    }
    post_next(set, s);
    return n;
}

static void shared_remove(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    advance(set, s, now_s);
    set->item[row].work = station_left(set->item[row].key, set->station[s].work);
    leave(set, s, now_s, row);
    post_next(set, s);
}

static void shared_set_rate(struct station_set *set, uint32_t s, double now_s, double rate)
{
    advance(set, s, now_s);
    set->station[s].rate = rate;
    post_next(set, s);
}

static uint32_t shared_in_service(const struct station_set *set, uint32_t s)
{
    return set->station[s].first;
}

const struct discipline discipline_shared = {
    .join = shared_join,
    .event = shared_event,
    .remove = shared_remove,
    .set_rate = shared_set_rate,
    .in_service = shared_in_service,
};
