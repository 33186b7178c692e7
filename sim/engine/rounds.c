/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rounds.c - service in rounds whose members a hook chooses.  station.work is what is left of the round and share_s the
 * busy time of a weight of 1 since it began, both as of clock_s.  While an item waits, its key is the time since when;
 * in a round, its key is the amount that it gets done and its unit is its weight.
 */
#include "sim/engine/discipline.h"
#include "sim/engine/rows.h"

/* station.member between a round's end and station_resume */
#define RESTING (ROW_NONE - 1)

static bool in_round(const struct station *st)
{
    return st->member < RESTING;
}

/* Wait for a full batch, or choose members and begin; the station is idle. */
static void start(struct station_set *set, uint32_t s, double now_s)
{
    struct station *st = &set->station[s];
    const struct station_spec *spec = station_spec(set, s);
    station_unpost(set, &st->event);
    if (st->first == ROW_NONE) {
        return;
    }
    double full_s = set->item[st->first].key + spec->gather_s;
    if (st->n < spec->gather && now_s < full_s) {
        st->event = evset_push(set->events, full_s, EV_JOIN, set->kind + 1, s);
        return;
    }
    st->work = set->hooks.round(set->ctx, set, s, now_s);
    if (!in_round(st)) {
        return;
    }
    CHECK(st->work >= 0);
    st->clock_s = now_s;
    st->share_s = 0;
    station_count(set, s, now_s, 0, 1);
    station_post(set, &st->event, station_finish_s(set, s, now_s, st->work), set->kind + 1, s);
}

/* Bring a round's work and share_s up to now_s. */
static void advance(struct station_set *set, uint32_t s, double now_s)
{
    struct station *st = &set->station[s];
    st->work = station_left(st->work, station_served(set, s, st->clock_s, now_s));
    st->share_s += (now_s - st->clock_s) / st->weight;
    st->clock_s = now_s;
}

static void rounds_join(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct station *st = &set->station[s];
    set->item[row].key = now_s;
    list_append(set->item, &st->first, row);
    station_count(set, s, now_s, 1, 0);
    if (st->member == ROW_NONE) {
        start(set, s, now_s);
    }
}

/* The members get their amounts; those with work left go back to the head of the line. */
static uint32_t end_round(struct station_set *set, uint32_t s, double now_s)
{
    struct station *st = &set->station[s];
    uint32_t n = 0, stay = ROW_NONE;
    while (st->member != ROW_NONE) {
        uint32_t row = st->member;
        struct item *it = &set->item[row];
        list_remove(set->item, &st->member, row);
        it->busy_s += it->unit * st->share_s;
        it->unit = ROW_NONE;
        it->work -= it->key;
        if (it->work > 0) {
            it->key = -INFINITY; /* it has waited long enough */
            list_append(set->item, &stay, row);
        } else {
            set->done[n++] = row;
        }
    }
    list_prepend(set->item, &st->first, stay);
    station_count(set, s, now_s, (uint32_t)-n, UINT32_MAX);
    st->n_busy = st->weight = 0;
    return n;
}

static uint32_t rounds_event(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct station *st = &set->station[s];
    CHECK(row == s);
    st->event = EV_NONE;
    if (!in_round(st)) {
        start(set, s, now_s);
        return 0;
    }
    if (!station_spec(set, s)->process && st->rate > 0) {
        st->share_s += st->work / st->rate / st->weight;
    } else {
        advance(set, s, now_s);
    }
    uint32_t n = end_round(set, s, now_s);
    st->member = RESTING;
    return n;
}

static void remove_waiting(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct station *st = &set->station[s];
    list_remove(set->item, &st->first, row);
    station_count(set, s, now_s, UINT32_MAX, 0);
    if (st->first == ROW_NONE && !in_round(st)) {
        station_unpost(set, &st->event);
    }
}

static void rounds_remove(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct station *st = &set->station[s];
    struct item *it = &set->item[row];
    if (it->unit == ROW_NONE) {
        remove_waiting(set, s, now_s, row);
        return;
    }
    advance(set, s, now_s);
    list_remove(set->item, &st->member, row);
    it->busy_s += it->unit * st->share_s;
    st->weight -= it->unit;
    st->n_busy--;
    station_count(set, s, now_s, UINT32_MAX, st->member == ROW_NONE ? UINT32_MAX : 0);
    if (st->member == ROW_NONE) {
        start(set, s, now_s);
    }
}

static void rounds_set_rate(struct station_set *set, uint32_t s, double now_s, double rate)
{
    struct station *st = &set->station[s];
    if (!in_round(st)) {
        st->rate = rate;
        return;
    }
    advance(set, s, now_s);
    st->rate = rate;
    station_post(set, &st->event, station_finish_s(set, s, now_s, st->work), set->kind + 1, s);
}

static uint32_t rounds_in_service(const struct station_set *set, uint32_t s)
{
    return set->station[s].member;
}

const struct discipline discipline_rounds = {
    .join = rounds_join,
    .event = rounds_event,
    .remove = rounds_remove,
    .set_rate = rounds_set_rate,
    .in_service = rounds_in_service,
};

void station_resume(struct station_set *set, uint32_t s, double now_s)
{
    struct station *st = &set->station[s];
    if (station_spec(set, s)->discipline == STATION_ROUNDS && !in_round(st)) {
        st->member = ROW_NONE;
        start(set, s, now_s);
    }
}

void station_take(struct station_set *set, uint32_t s, uint32_t row, double amount, uint32_t weight)
{
    struct station *st = &set->station[s];
    struct item *it = &set->item[row];
    CHECK(it->station == s && it->unit == ROW_NONE && weight >= 1 && amount >= 0 && amount <= it->work);
    list_remove(set->item, &st->first, row);
    list_append(set->item, &st->member, row);
    it->key = amount;
    it->unit = weight;
    st->weight += weight;
    st->n_busy++;
}

uint32_t station_take_batch(struct station_set *set, uint32_t s, uint32_t max)
{
    uint32_t n = 0;
    for (uint32_t row = station_first(set, s); row != ROW_NONE && n < max; row = station_first(set, s), n++) {
        station_take(set, s, row, set->item[row].work, 1);
    }
    return n;
}
