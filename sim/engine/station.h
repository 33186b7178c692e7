/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * station.h - places where work waits and is served.  A station knows rows (numbers of customers), amounts of work and
 * rates; what they stand for (a task on a processor, a message on a link) is the caller's.
 *
 * Rate.  Each unit of a station works at `rate`, in units of work per second; it may be INFINITY, and 0 stalls.  With
 * `process` it is a factor on an exogenous process that is known ahead and asked through the hooks finish_s and served:
 * a change of such a capacity costs no event, and no work can be lost or gained by it.  station_set_rate is for
 * changes that are decided during the run (speed levels, failures).
 *
 * Disciplines, each with `units` servers:
 *   AHEAD    first come first served, the departure computed on arrival from the times at which units fall free: no
 *            queue, but all departures to come are pending at once; pays where they need no event of their own
 *            (station_enter_ahead).  Nobody can be removed and the rate cannot be set.
 *   FIFO     the same by a queue and one event per service under way; the departures equal AHEAD's bit for bit.
 *   ORDERED  smallest key first, ties in order of arrival: priority, or EDF with the deadline as key.  With `preempt` a
 *            customer takes the unit of the worst one in service that it beats, which later resumes where it was.
 *   SHARED   egalitarian processor sharing: n customers are each served at min(1, units/n) of the rate.  By virtual
 *            time: V grows by the service each customer gets, one of work w leaves when V has grown by w, so a station
 *            has one pending event and remaining work is never decremented.  Equal finish tags leave together.  V
 *            restarts at 0 when the station empties and is rebased, as the tags are, every 2^20 arrivals (so it stays
 *            below some 2^20 mean demands).
 *   ROUNDS   the hook `round` chooses the members of a round and how long it lasts; one event a round whatever the
 *            batch.  Between rounds customers join, leave, or sit one out.  A static batch is a hook of two lines.
 *
 * Times are s.  Busy time is in unit-seconds: what a customer got is the sum of its stints (AHEAD, FIFO, ORDERED), the
 * integral of its share min(1, units/n) (SHARED), or its weight's share of its rounds (ROUNDS); over the customers it
 * adds up to the integral of busy units that the station's meter keeps by separate code.  A stalled unit is busy.
 *
 * Events.  The set posts two kinds: `kind` with row = customer (end of a service), and `kind` + 1 with row = station
 * (SHARED and ROUNDS).  Ends have class EV_END; the end of a wait for a full batch has EV_JOIN.
 *
 * Memory: rows are numbers, nothing points into the set, and nothing is allocated but by station_add,
 * station_set_reserve and station_set_copy.  48 bytes a customer, 64 a station, 24 a unit of FIFO and ORDERED, 56 a
 * meter; stations of one station_add may share one meter.
 */
#ifndef SIM_ENGINE_STATION_H
#define SIM_ENGINE_STATION_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/engine/evset.h"
#include "sim/engine/meter.h"

#define ROW_NONE UINT32_MAX

enum station_discipline { STATION_AHEAD, STATION_FIFO, STATION_ORDERED, STATION_SHARED, STATION_ROUNDS };
enum { STATION_EVENT_KINDS = 2, STATION_SCAN_MAX = 8 };

struct station_spec {
    enum station_discipline discipline;
    bool preempt;    /* ORDERED only */
    bool process;    /* rate is a factor on the process of the hooks */
    bool one_meter;  /* for all stations of this station_add, else one each */
    uint32_t units;  /* >= 1; ROUNDS: 1 */
    uint32_t limit;  /* customers present at most; 0: no limit */
    double rate;     /* >= 0; AHEAD: > 0 */
    uint32_t gather; /* ROUNDS: a round starts when so many wait ... */
    double gather_s; /* ... or the first has waited so long; 0: at once */
};

struct station_set;

struct station_hooks {
    /* Time at which the integral of the process from t0_s on reaches work, s; t0_s if work is 0, INFINITY if never. */
    double (*finish_s)(void *ctx, uint32_t station, double t0_s, double work);
    /* Integral of the process over [t0_s, t1_s], t1_s >= t0_s. */
    double (*served)(void *ctx, uint32_t station, double t0_s, double t1_s);
    /* Choose the members of the next round among those present (station_first, station_next) by station_take; return
     * the work of the round as a whole (its duration at rate 1, s).  Who takes nobody is asked again at
     * the next join or station_resume. */
    double (*round)(void *ctx, struct station_set *set, uint32_t station, double now_s);
};

/* A customer; the fields are the discipline's while it is present.  After it left: */
struct item {
    double work;   /* what it had left; 0 if it was served */
    double busy_s; /* busy time it received */
    double key;
    uint32_t seq;     /* order of arrival, modulo 2^32 */
    uint32_t station; /* ROW_NONE when it is at none */
    uint32_t next, prev, child;
    uint32_t unit; /* FIFO, ORDERED: the unit that serves it; ROUNDS: its weight; ROW_NONE: it waits */
};

struct unit {
    double start_s; /* of the stint under way */
    ev_handle event;
    uint32_t row;
};

struct station {
    double rate;
    double work;    /* AHEAD with one unit: when it falls free, s; SHARED: V; ROUNDS: work left of the round */
    double clock_s; /* SHARED, ROUNDS: the time that work and share_s are of */
    double share_s; /* busy time of a customer (SHARED) or of a weight of 1 (ROUNDS) since V's or the round's start */
    ev_handle event;
    uint32_t class, n, n_busy; /* n_busy: customers in service */
    uint32_t first; /* of those who wait (SHARED: of all): a list, or the root of a heap */
    union {
        uint32_t unit0;  /* first of its units */
        uint32_t member; /* ROUNDS: first member of the round */
    };
    union {
        uint32_t seq;
        uint32_t weight; /* ROUNDS: sum over the members */
    };
};

struct station_class {
    struct station_spec spec;
    uint32_t station0, meter0;
};

struct station_set {
    struct evset *events;
    void *ctx; /* for the hooks */
    struct station_hooks hooks;
    uint32_t kind;
    uint32_t n_station, n_class, n_meter, n_unit, n_free, n_row;
    struct station *station;     /* [n_station] */
    struct station_class *class; /* [n_class], one per station_add */
    struct meter *meter;
    struct unit *unit; /* of FIFO and ORDERED */
    double *free_s;    /* of AHEAD with several units: when each falls free */
    struct item *item; /* [n_row] */
    uint32_t *done;    /* [n_row], what station_event returned last */
    bool unmetered;    /* no meters are kept: for who integrates elsewhere; set before anything is added */
};

/* Rows that left, in order; valid until the set's next event or eviction. */
struct station_done {
    const uint32_t *row;
    uint32_t n, station;
};

/* One customer's way through an AHEAD station; end_s may be INFINITY. */
struct stint {
    double start_s, end_s, busy_s;
};

/* An empty set that posts kind and kind + 1 to events.  hooks may be NULL if no station needs one. */
void station_set_init(struct station_set *set, struct evset *events, uint32_t kind, const struct station_hooks *hooks,
                      void *ctx);
void station_set_clear(struct station_set *set);
/* Make room for the rows 0..n_row-1, at least doubling. */
int station_set_reserve(struct station_set *set, uint32_t n_row, struct err *e);
/* Make dst (zeroed, or an earlier copy of src's stations) equal to src, with its own copy of the events and ctx. */
int station_set_copy(struct station_set *dst, const struct station_set *src, struct evset *events, void *ctx,
                     struct err *e);
/* Add count like stations; *first is the number of the first. */
int station_add(struct station_set *set, const struct station_spec *spec, uint32_t count, struct err *e,
                uint32_t *first);

/* A customer joins at now_s with work >= 0; key matters to ORDERED only.  False: refused, the station is full. */
bool station_join(struct station_set *set, uint32_t s, double now_s, uint32_t row, double work, double key);
/* Handle an event that the set posted.  Those who leave have item.busy_s and work 0.  After dealing with them (freeing
 * memory, joining again) a station of ROUNDS wants station_resume; for the others it does nothing. */
struct station_done station_event(struct station_set *set, double now_s, uint32_t kind, uint32_t row);
void station_resume(struct station_set *set, uint32_t s, double now_s);
/* Take a customer out, waiting or in service (not of AHEAD).  Its item.work and item.busy_s say what is left and what
 * it received; work of an unfinished round is lost, and a round that loses its last member ends. */
void station_remove(struct station_set *set, double now_s, uint32_t row);
/* Take all out: first those who wait, then those in service. */
struct station_done station_evict(struct station_set *set, uint32_t s, double now_s);
/* Change the rate (with `process`: the factor) from now on; who is in service goes on with what is left (not AHEAD). */
void station_set_rate(struct station_set *set, uint32_t s, double now_s, double rate);

/* For the hook `round`: those present, members of the last round first, then in order of arrival. */
static inline uint32_t station_first(const struct station_set *set, uint32_t s)
{
    return set->station[s].first;
}
static inline uint32_t station_next(const struct station_set *set, uint32_t s, uint32_t row)
{
    uint32_t next = set->item[row].next;
    return next == set->station[s].first ? ROW_NONE : next;
}
/* Make row a member that gets `amount` <= item.work done; the busy time of the round is shared by weight >= 1.  Ask for
 * the next row before taking this one. */
void station_take(struct station_set *set, uint32_t s, uint32_t row, double amount, uint32_t weight);
/* Take the first, at most max, with all their work and weight 1; how many. */
uint32_t station_take_batch(struct station_set *set, uint32_t s, uint32_t max);

static inline struct meter *station_meter(const struct station_set *set, uint32_t s)
{
    const struct station_class *c = &set->class[set->station[s].class];
    return &set->meter[c->spec.one_meter ? c->meter0 : c->meter0 + (s - c->station0)];
}

/* Customers present and units at work now: min(n, units), or for ROUNDS whether a round is under way. */
static inline uint32_t station_n(const struct station_set *set, uint32_t s)
{
    return set->station[s].n;
}
static inline uint32_t station_n_busy(const struct station_set *set, uint32_t s)
{
    const struct station *st = &set->station[s];
    const struct station_spec *spec = &set->class[st->class].spec;
    uint32_t n = spec->discipline == STATION_ROUNDS ? st->n_busy : st->n;
    return n < spec->units ? n : spec->units;
}

static inline bool station_is_full(const struct station_set *set, uint32_t s)
{
    const struct station *st = &set->station[s];
    uint32_t limit = set->class[st->class].spec.limit;
    return limit && st->n >= limit;
}

/* When one unit that starts at t0_s on work is through, s. */
static inline double station_finish_s(const struct station_set *set, uint32_t s, double t0_s, double work)
{
    const struct station *st = &set->station[s];
    if (!(st->rate > 0)) {
        return work > 0 ? INFINITY : t0_s;
    }
    return set->class[st->class].spec.process ? set->hooks.finish_s(set->ctx, s, t0_s, work / st->rate)
                                              : t0_s + work / st->rate;
}

/* The unit of free_s[0..n) that falls free next, sought branch-free. */
static inline uint32_t station_next_free(const double *free_s, uint32_t n)
{
    uint32_t k = 0;
    for (uint32_t i = 1; i < n; i++) {
        k = free_s[i] < free_s[k] ? i : k;
    }
    return k;
}
/* Replace the smallest, free_s[0], of a 4-ary heap. */
void station_heap_replace(double *free_s, uint32_t n, double value_s);

/*
 * The short way through an AHEAD station that is not full, for who keeps the customer and posts the departure itself:
 * enter at now_s, and leave at end_s.
 */
/* The general case of the next: several units, or a process. */
struct stint station_enter_ahead_many(struct station_set *set, uint32_t s, double now_s, double work);
static inline struct stint station_enter_ahead(struct station_set *set, uint32_t s, double now_s, double work)
{
    struct station *st = &set->station[s];
    const struct station_spec *spec = &set->class[st->class].spec;
    if (spec->units > 1 || spec->process) {
        return station_enter_ahead_many(set, s, now_s, work);
    }
    if (!set->unmetered) {
        meter_change(station_meter(set, s), now_s, 1, st->n < 1);
    }
    double start_s = st->work > now_s ? st->work : now_s, busy_s = work / st->rate;
    st->n++;
    return (struct stint){start_s, st->work = start_s + busy_s, busy_s};
}
static inline void station_leave_ahead(struct station_set *set, uint32_t s, double now_s)
{
    struct station *st = &set->station[s];
    st->n--;
    if (!set->unmetered) {
        bool idle = st->n < set->class[st->class].spec.units;
        meter_change(station_meter(set, s), now_s, UINT32_MAX, idle ? UINT32_MAX : 0);
    }
}

#endif
