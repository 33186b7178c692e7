/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/station.h"

#include <stdlib.h>
#include <string.h>

#include "sim/engine/discipline.h"

_Static_assert(sizeof(struct item) <= 48 && sizeof(struct station) <= 64, "the memory that the header promises");

static const struct discipline *const discipline[] = {
    [STATION_FIFO] = &discipline_queue,
    [STATION_ORDERED] = &discipline_queue,
    [STATION_SHARED] = &discipline_shared,
    [STATION_ROUNDS] = &discipline_rounds,
};

static const struct discipline *discipline_of(const struct station_set *set, uint32_t s)
{
    const struct discipline *d = discipline[station_spec(set, s)->discipline];
    CHECK(d != NULL); /* AHEAD cannot do that */
    return d;
}

/* The arrays of a set: where its pointer and its count stand, and the size of an element. */
enum array { ARRAY_STATION, ARRAY_CLASS, ARRAY_METER, ARRAY_UNIT, ARRAY_FREE, ARRAY_ITEM, ARRAY_DONE, N_ARRAY };
#define ARRAY(field, count) \
    {offsetof(struct station_set, field), offsetof(struct station_set, count), sizeof *((struct station_set *)0)->field}
static const struct {
    size_t at, count, size;
} arrays[N_ARRAY] = {
    [ARRAY_STATION] = ARRAY(station, n_station), [ARRAY_CLASS] = ARRAY(class, n_class),
    [ARRAY_METER] = ARRAY(meter, n_meter),       [ARRAY_UNIT] = ARRAY(unit, n_unit),
    [ARRAY_FREE] = ARRAY(free_s, n_free),        [ARRAY_ITEM] = ARRAY(item, n_row),
    [ARRAY_DONE] = ARRAY(done, n_row),
};

static void *array_at(const struct station_set *set, enum array a)
{
    void *at;
    memcpy(&at, (const char *)set + arrays[a].at, sizeof at);
    return at;
}

static uint32_t array_count(const struct station_set *set, enum array a)
{
    uint32_t n;
    memcpy(&n, (const char *)set + arrays[a].count, sizeof n);
    return n;
}

/* Room for n elements, those beyond the old count zeroed; the count stays as it is. */
static int array_resize(struct station_set *set, enum array a, size_t n, struct err *e)
{
    size_t size = arrays[a].size, old = array_count(set, a);
    char *at = n < ROW_NONE ? realloc(array_at(set, a), (n ? n : 1) * size) : NULL;
    if (!at) {
        return ERR_SET(e, ERR_MEMORY, "found no memory for %zu entries of %zu bytes of stations", n, size);
    }
    if (n > old) {
        memset(at + old * size, 0, (n - old) * size);
    }
    memcpy((char *)set + arrays[a].at, &at, sizeof at);
    return 0;
}

void station_set_init(struct station_set *set, struct evset *events, uint32_t kind, const struct station_hooks *hooks,
                      void *ctx)
{
    *set = (struct station_set){.events = events, .kind = kind, .ctx = ctx};
    if (hooks) {
        set->hooks = *hooks;
    }
}

void station_set_clear(struct station_set *set)
{
    for (enum array a = 0; a < N_ARRAY; a++) {
        free(array_at(set, a));
    }
    *set = (struct station_set){0};
}

int station_set_reserve(struct station_set *set, uint32_t n_row, struct err *e)
{
    if (n_row <= set->n_row) {
        return 0;
    }
    size_t n = n_row > 2 * (size_t)set->n_row ? n_row : 2 * (size_t)set->n_row;
    int rc = array_resize(set, ARRAY_ITEM, n, e);
    rc = rc < 0 ? rc : array_resize(set, ARRAY_DONE, n, e);
    if (rc < 0) {
        return rc;
    }
    for (size_t row = set->n_row; row < n; row++) {
        set->item[row].station = ROW_NONE;
    }
    set->n_row = (uint32_t)n;
    return 0;
}

int station_set_copy(struct station_set *dst, const struct station_set *src, struct evset *events, void *ctx,
                     struct err *e)
{
    struct station_set all = *src;
    for (enum array a = 0; a < N_ARRAY; a++) {
        int rc = array_resize(dst, a, array_count(src, a), e);
        if (rc < 0) {
            return rc;
        }
        void *at = array_at(dst, a);
        if (array_count(src, a)) {
            memcpy(at, array_at(src, a), array_count(src, a) * arrays[a].size);
        }
        memcpy((char *)&all + arrays[a].at, &at, sizeof at);
    }
    *dst = all;
    dst->events = events;
    dst->ctx = ctx;
    return 0;
}

static void check_spec(const struct station_set *set, const struct station_spec *spec)
{
    CHECK(spec->units >= 1 && (spec->discipline != STATION_ROUNDS || (spec->units == 1 && set->hooks.round)));
    CHECK(spec->rate >= 0 && (spec->discipline != STATION_AHEAD || spec->rate > 0));
    CHECK(!spec->preempt || spec->discipline == STATION_ORDERED);
    CHECK(!spec->process || (set->hooks.finish_s && set->hooks.served));
    CHECK(spec->gather_s >= 0 && spec->gather_s < INFINITY);
}

int station_add(struct station_set *set, const struct station_spec *spec, uint32_t count, struct err *e,
                uint32_t *first)
{
    check_spec(set, spec);
    bool ahead = spec->discipline == STATION_AHEAD;
    size_t n_free = ahead && spec->units > 1 ? (size_t)count * spec->units : 0;
    size_t n_unit = spec->discipline == STATION_FIFO || spec->discipline == STATION_ORDERED
                        ? (size_t)count * spec->units
                        : 0;
    uint32_t n_meter = spec->one_meter ? 1 : count;
    const size_t more[N_ARRAY] = {[ARRAY_STATION] = count, [ARRAY_CLASS] = 1,     [ARRAY_METER] = n_meter,
                                  [ARRAY_UNIT] = n_unit,   [ARRAY_FREE] = n_free};
    for (enum array a = 0; a < N_ARRAY; a++) {
        int rc = more[a] ? array_resize(set, a, array_count(set, a) + more[a], e) : 0;
        if (rc < 0) {
            return rc;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        set->station[set->n_station + i] = (struct station){
            .rate = spec->rate,
            .event = EV_NONE,
            .class = set->n_class,
            .first = ROW_NONE,
            .unit0 = spec->discipline == STATION_ROUNDS ? ROW_NONE /* no member */
                                                        : (ahead ? set->n_free : set->n_unit) + i * spec->units,
        };
    }
    set->class[set->n_class++] = (struct station_class){*spec, set->n_station, set->n_meter};
    *first = set->n_station;
    set->n_station += count;
    set->n_meter += n_meter;
    set->n_unit += (uint32_t)n_unit;
    set->n_free += (uint32_t)n_free;
    return 0;
}

/* An AHEAD station whose customer leaves by an event of ours. */
static void join_ahead(struct station_set *set, uint32_t s, double now_s, uint32_t row)
{
    struct stint stint = station_enter_ahead(set, s, now_s, set->item[row].work);
    set->item[row].work = 0;
    set->item[row].busy_s = stint.busy_s;
    if (stint.end_s < INFINITY) {
        evset_push(set->events, stint.end_s, EV_END, set->kind, row);
    }
}

bool station_join(struct station_set *set, uint32_t s, double now_s, uint32_t row, double work, double key)
{
    CHECK(row < set->n_row && set->item[row].station == ROW_NONE && work >= 0 && work < INFINITY);
    struct item *it = &set->item[row];
    if (station_is_full(set, s)) {
        return false;
    }
    it->work = work;
    it->busy_s = 0;
    it->key = key;
    it->station = s;
    it->unit = ROW_NONE;
    enum station_discipline d = station_spec(set, s)->discipline;
    if (d == STATION_AHEAD) {
        join_ahead(set, s, now_s, row);
        return true;
    }
    if (d != STATION_ROUNDS) {
        it->seq = set->station[s].seq++;
    }
    discipline[d]->join(set, s, now_s, row);
    return true;
}

struct station_done station_event(struct station_set *set, double now_s, uint32_t kind, uint32_t row)
{
    CHECK(kind - set->kind < STATION_EVENT_KINDS);
    uint32_t s = kind == set->kind ? set->item[row].station : row, n = 1;
    CHECK(s < set->n_station);
    if (station_spec(set, s)->discipline == STATION_AHEAD) {
        station_leave_ahead(set, s, now_s);
        set->done[0] = row;
    } else {
        n = discipline_of(set, s)->event(set, s, now_s, row);
    }
    for (uint32_t i = 0; i < n; i++) {
        set->item[set->done[i]].station = ROW_NONE;
    }
    return (struct station_done){set->done, n, s};
}

void station_remove(struct station_set *set, double now_s, uint32_t row)
{
    CHECK(row < set->n_row && set->item[row].station != ROW_NONE);
    discipline_of(set, set->item[row].station)->remove(set, set->item[row].station, now_s, row);
    set->item[row].station = ROW_NONE;
}

struct station_done station_evict(struct station_set *set, uint32_t s, double now_s)
{
    const struct station *st = &set->station[s];
    uint32_t n = 0;
    while (st->n > 0) {
        uint32_t row = st->first != ROW_NONE ? st->first : discipline_of(set, s)->in_service(set, s);
        station_remove(set, now_s, row);
        set->done[n++] = row;
    }
    return (struct station_done){set->done, n, s};
}

void station_set_rate(struct station_set *set, uint32_t s, double now_s, double rate)
{
    CHECK(rate >= 0);
    if (rate == set->station[s].rate) {
        return;
    }
    discipline_of(set, s)->set_rate(set, s, now_s, rate);
}

void station_heap_replace(double *free_s, uint32_t n, double value_s)
{
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 4 * at + 1, end = child + 4 < n ? child + 4 : n, least = child;
        if (child >= n) {
            break;
        }
        for (uint32_t k = child + 1; k < end; k++) {
            least = free_s[k] < free_s[least] ? k : least;
        }
        if (!(free_s[least] < value_s)) {
            break;
        }
        free_s[at] = free_s[least];
        at = least;
    }
    free_s[at] = value_s;
}

struct stint station_enter_ahead_many(struct station_set *set, uint32_t s, double now_s, double work)
{
    struct station *st = &set->station[s];
    const struct station_spec *spec = &set->class[st->class].spec;
    uint32_t c = spec->units;
    double *free_s = c == 1 ? &st->work : set->free_s + st->unit0;
    uint32_t k = c <= STATION_SCAN_MAX ? station_next_free(free_s, c) : 0;
    double start_s = free_s[k] > now_s ? free_s[k] : now_s;
    double end_s = station_finish_s(set, s, start_s, work);
    if (c <= STATION_SCAN_MAX) {
        free_s[k] = end_s;
    } else {
        station_heap_replace(free_s, c, end_s);
    }
    if (!set->unmetered) {
        meter_change(station_meter(set, s), now_s, 1, st->n < c);
    }
    st->n++;
    return (struct stint){start_s, end_s, spec->process ? end_s - start_s : work / st->rate};
}
