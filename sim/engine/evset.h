/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evset.h - the pending events of one replication, in the total order (time, class, sequence).
 *
 * Events lie in 32-byte nodes that never move while they are pending; a handle is the node's slot and the slot's
 * generation.  What orders them depends on how many there are, and never shows in the order:
 *   few      a sorted array `near`, the least at its end, filled by a pass without branches;
 *   wheel    a calendar of buckets about half an event wide, each a list, with a bitmap of those that hold any.  The
 *            bucket under the cursor is emptied into `near`.  A heap beside it takes what the wheel cannot: the far
 *            future, and a crowd in the bucket under the cursor.  The next event is the lesser of the two, so the
 *            wheel may be tuned badly and is still right, and an operation costs at most O(log n), amortised;
 *   heap     the heap alone, while the wheel would hardly be used.
 * Width and number of buckets come from a sample of the pending times, taken anew when the set has doubled or shrunk
 * to a quarter, or when the buckets turn out crowded or empty.  A cancelled event is taken out if it is near the head
 * of its list; else it stays there as dead until it comes up, or is swept when the dead outnumber the living.  Memory
 * is taken only when the set outgrows what it ever held.
 *
 * Times are seconds, finite, >= 0 and not before the last popped time (CHECK).
 * Source: Brown, Calendar queues, CACM 31:10 (1988); order and classes: the project's semantics, time and order.
 */
#ifndef SIM_ENGINE_EVSET_H
#define SIM_ENGINE_EVSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/engine/evheap.h"

/* Which goes first at one instant. */
enum ev_class {
    EV_BORDER = 0, /* of a window: half-open, so before all else of its instant */
    EV_END = 1,  /* of a service or transfer */
    EV_DEADLINE, /* and time-outs: what ends at its deadline has met it */
    EV_FAILURE,  /* what ends at that instant has survived it */
    EV_RECOVERY,
    EV_CHANGE, /* of capacity, level or driver; handover */
    EV_RELEASE,
    EV_JOIN,   /* a start, or joining a station */
    EV_SAMPLE, /* of what reports will say */
    EV_NEWS,   /* a report or an answer arrives */
    EV_DECIDE,
    EV_TICK, /* and control */
    EV_PROBE
};

struct event {
    double time_s;
    uint32_t kind; /* for the switch that handles it; the set only carries it */
    uint32_t row;  /* of the entity it is about */
};

typedef uint64_t ev_handle; /* generation << 32 | slot */
#define EV_NONE ((ev_handle)0)

struct evset_node {
    uint64_t time;  /* bits of the double; EVSET_DEAD once cancelled */
    uint64_t order; /* class << 56 | sequence */
    uint32_t next;  /* slot of the next in its bucket or on the free list, 0 for none */
    uint32_t kind, row;
    uint32_t generation; /* of the slot: counts up when its event is popped or cancelled */
};

struct evset_key {
    uint64_t time, order, slot;
};

struct evset_late {
    uint64_t bucket;
    uint32_t slot; /* 0 for none */
};

enum evset_mode { EVSET_FEW, EVSET_WHEEL, EVSET_HEAP };

enum {
    EVSET_FEW_MAX = 12,          /* above it the wheel */
    EVSET_FEW_MIN = 6,           /* below it the sorted array again */
    EVSET_NEAR_MIN = 1024,       /* room in `near`, which also holds the sample */
    EVSET_SHIFTS_MAX = 32,       /* an insertion into `near` that would move more goes to the heap */
    EVSET_LATE = 8,              /* pushes between the prefetch of a bucket and the link into it, and */
    EVSET_LATE_BUCKETS = 131072, /* the number of buckets above which this pays */
    EVSET_AHEAD = 24             /* buckets between the prefetch of an event and the cursor */
};

#define EVSET_DEAD UINT64_MAX
#define EVSET_TIME_END UINT64_C(0x7ff0000000000000) /* bits of infinity */

/* A member is private to evset.h and evset.c.  All pointers are to memory of its own. */
struct evset {
    struct evset_node *node; /* slot 0 is none */
    struct evset_key *near;  /* [n_near], the least last */
    uint32_t *bucket;        /* [mask + 1], slot of the first in each */
    uint64_t *bitmap;        /* a bit per bucket: it is not empty */
    uint64_t mask;           /* buckets - 1, of a power of two; 0 if there is no wheel */
    int64_t cursor;          /* number of the bucket emptied last; the wheel holds cursor+1 .. cursor+mask */
    double buckets_per_s;
    uint64_t heap_time; /* least time in the heap, UINT64_MAX if it is empty */
    uint64_t now;       /* bits of the last popped time */
    uint64_t sequence, tie_seed;
    size_t n_near, n_linked, n_live, n_dead;
    size_t grow_at, shrink_at; /* live events above and below which the structure is chosen anew */
    int64_t check_in;          /* work (buckets entered, words skipped, heap pops) until the tuning is judged */
    uint32_t free;             /* first free slot, 0 for none */
    enum evset_mode mode;
    struct evset_late late[EVSET_LATE]; /* wheel entries that are not linked yet, a ring */
    uint64_t late_at;
    int64_t late_least; /* no entry of the ring has a lesser bucket number */
    struct evheap heap;
    size_t n_slots, slots_room, near_room, buckets_room; /* slots ever used; capacities */
    struct {
        int64_t period;                           /* of work, as check_in counts it */
        int64_t words, heap_pops, crowd, shifts; /* crowd: events that were not the first in their bucket */
    } since;                                      /* the last judgement of the tuning */
    bool failed;
};

/* An empty set with room for `expected` events.  tie_seed other than 0 permutes the sequence numbers, so events of
 * equal time and class come in another order, the same for the same seed.  Negative if there is no memory. */
int evset_init(struct evset *set, size_t expected, uint64_t tie_seed, struct err *e);
void evset_clear(struct evset *set);
/* A deep copy: both go on alike, and handles hold in both.  `to` is overwritten, not cleared. */
int evset_copy(struct evset *to, const struct evset *from, struct err *e);

static inline size_t evset_live(const struct evset *set) { return set->n_live; }
/* Cancelled ones that still take room. */
static inline size_t evset_dead(const struct evset *set) { return set->n_dead; }
/* Did a push ever find no memory?  It returned EV_NONE and left the set as it was; the run should end. */
static inline bool evset_failed(const struct evset *set) { return set->failed; }

/* The least event, or false if there is none.  evset_peek_time: INFINITY if there is none. */
static inline bool evset_pop(struct evset *set, struct event *out);
bool evset_peek(struct evset *set, struct event *out);
double evset_peek_time(struct evset *set);
/* Is any pending at the instant of the last one popped? */
static inline bool evset_more_now(struct evset *set);

/* cls is an ev_class, in general 0 to 255.  EV_NONE if there is no memory (evset_failed). */
static inline ev_handle evset_push(struct evset *set, double time_s, unsigned cls, uint32_t kind, uint32_t row);
/* Is the handle's event still to come? */
static inline bool evset_pending(const struct evset *set, ev_handle handle);
/* False if it was popped or cancelled before, or is EV_NONE. */
bool evset_cancel(struct evset *set, ev_handle handle);
/* Cancel, and push at another time with the same class, kind and row but a new sequence number.  EV_NONE if it was
 * gone, or if there is no memory: then it is still pending under the old handle. */
ev_handle evset_move(struct evset *set, ev_handle handle, double time_s);

/* --- what follows is the hot path; the rest is in evset.c and evset_memory.c --- */

#define EVSET_LIKELY(x) __builtin_expect(!!(x), 1)
#define EVSET_UNLIKELY(x) __builtin_expect(!!(x), 0)
/* The parts of a push and a pop, which are too long for the compiler's taste. */
#define EVSET_PART static inline __attribute__((always_inline))

uint32_t evset_take_slot(struct evset *set);
bool evset_reserve_near(struct evset *set, size_t room);
bool evset_reserve_wheel(struct evset *set, size_t buckets); /* which are empty */
uint64_t evset_permuted(uint64_t counter, uint64_t seed);
void evset_place_far(struct evset *set, uint32_t slot);
void evset_link_late(struct evset *set);
void evset_empty_bucket(struct evset *set, uint32_t first);
void evset_retune(struct evset *set);
bool evset_pop_any(struct evset *set, struct event *out);

EVSET_PART uint64_t evset_bits(double time_s)
{
    uint64_t bits;
    time_s += 0.0; /* -0 is 0 */
    memcpy(&bits, &time_s, sizeof bits);
    return bits;
}

EVSET_PART double evset_seconds(uint64_t bits)
{
    double time_s;
    memcpy(&time_s, &bits, sizeof time_s);
    return time_s;
}

/* As one number of 128 bits, which compares without a branch. */
__extension__ typedef unsigned __int128 evset_wide;

EVSET_PART bool evset_less(const struct evset_key *a, const struct evset_key *b)
{
    return ((evset_wide)a->time << 64 | a->order) < ((evset_wide)b->time << 64 | b->order);
}

/* Number of the bucket of a time; it grows with time, and stays below 2^62. */
EVSET_PART int64_t evset_bucket(const struct evset *set, uint64_t time)
{
    double b = evset_seconds(time) * set->buckets_per_s;
    return (int64_t)(b < 0x1p62 ? b : 0x1p62);
}

EVSET_PART void evset_link(struct evset *set, uint32_t slot, uint64_t k)
{
    set->node[slot].next = set->bucket[k];
    set->bucket[k] = slot;
    set->bitmap[k >> 6] |= UINT64_C(1) << (k & 63);
    set->n_linked++;
}

/* Fetch the bucket now and link EVSET_LATE pushes later, when it has come from memory. */
EVSET_PART void evset_link_later(struct evset *set, uint32_t slot, int64_t b)
{
    uint64_t k = (uint64_t)b & set->mask;
    __builtin_prefetch(&set->bucket[k], 1);
    __builtin_prefetch(&set->bitmap[k >> 6], 1);
    struct evset_late *due = &set->late[set->late_at++ % EVSET_LATE], was = *due;
    *due = (struct evset_late){k, slot};
    set->late_least = b < set->late_least ? b : set->late_least;
    if (EVSET_LIKELY(was.slot != 0)) {
        evset_link(set, was.slot, was.bucket);
    }
}

/* Into a short sorted array.  Each step moves a lesser key up or leaves what is there, without a branch, and needs
 * nothing of the step before. */
EVSET_PART void evset_insert_few(struct evset *set, struct evset_key x)
{
    struct evset_key *near = set->near;
    size_t at = set->n_near++;
    for (size_t i = at; i > 0; i--) {
        const struct evset_key low = near[i - 1], high = near[i];
        uint64_t up = 0 - (uint64_t)evset_less(&low, &x);
        near[i].time = high.time ^ ((high.time ^ low.time) & up);
        near[i].order = high.order ^ ((high.order ^ low.order) & up);
        near[i].slot = high.slot ^ ((high.slot ^ low.slot) & up);
        at += up;
    }
    near[at] = x;
}

/* Into the bucket under the cursor, which is mostly empty; false if too many would have to move. */
EVSET_PART bool evset_insert_near(struct evset *set, struct evset_key x)
{
    struct evset_key *near = set->near;
    size_t n = set->n_near;
    if (n >= set->near_room || (n >= EVSET_SHIFTS_MAX && !evset_less(&x, &near[n - EVSET_SHIFTS_MAX]))) {
        return false;
    }
    for (; n > 0 && evset_less(&near[n - 1], &x); n--) {
        near[n] = near[n - 1];
    }
    near[n] = x;
    set->n_near++;
    return true;
}

EVSET_PART void evset_place(struct evset *set, uint32_t slot)
{
    const struct evset_node *x = &set->node[slot];
    int64_t b = evset_bucket(set, x->time), ahead = b - set->cursor;
    if (EVSET_LIKELY((uint64_t)(ahead - 1) < set->mask)) {
        if (EVSET_LIKELY(set->mask < EVSET_LATE_BUCKETS)) {
            evset_link(set, slot, (uint64_t)b & set->mask);
        } else {
            evset_link_later(set, slot, b);
        }
    } else if (ahead > 0 || !evset_insert_near(set, (struct evset_key){x->time, x->order, slot})) {
        evset_place_far(set, slot);
    }
}

static inline ev_handle evset_push(struct evset *set, double time_s, unsigned cls, uint32_t kind, uint32_t row)
{
    uint64_t time = evset_bits(time_s), sequence = set->sequence;
    CHECK(time - set->now < EVSET_TIME_END - set->now);
    CHECK(cls < 256);
    uint32_t slot = set->free;
    if (EVSET_UNLIKELY(slot == 0) && (slot = evset_take_slot(set)) == 0) {
        return EV_NONE;
    }
    set->sequence++;
    if (EVSET_UNLIKELY(set->tie_seed != 0)) {
        sequence = evset_permuted(sequence, set->tie_seed);
    }
    struct evset_node *x = &set->node[slot];
    set->free = x->next;
    x->time = time;
    x->order = (uint64_t)cls << 56 | sequence;
    x->kind = kind;
    x->row = row;
    ev_handle handle = (ev_handle)x->generation << 32 | slot;
    if (set->mode == EVSET_FEW) {
        evset_insert_few(set, (struct evset_key){time, x->order, slot});
    } else {
        evset_place(set, slot);
    }
    if (EVSET_UNLIKELY(++set->n_live > set->grow_at)) {
        evset_retune(set);
    }
    return handle;
}

/* The first bucket at or after `from`, going round, that holds any; there must be one. */
EVSET_PART uint64_t evset_scan(struct evset *set, uint64_t from)
{
    const uint64_t last_word = set->mask >> 6;
    uint64_t word = from >> 6, bits = set->bitmap[word] >> (from & 63);
    if (EVSET_LIKELY(bits != 0)) {
        return from + (uint64_t)__builtin_ctzll(bits);
    }
    do {
        word = (word + 1) & last_word;
        bits = set->bitmap[word];
        set->since.words++;
        set->check_in--;
    } while (bits == 0);
    return word << 6 | (uint64_t)__builtin_ctzll(bits);
}

/* Move the cursor to the next bucket that holds any, take its list off and return the first slot; n_linked > 0. */
EVSET_PART uint32_t evset_advance(struct evset *set)
{
    const uint64_t from = (uint64_t)(set->cursor + 1) & set->mask;
    uint64_t k = evset_scan(set, from);
    if (EVSET_UNLIKELY(set->cursor + 1 + (int64_t)((k - from) & set->mask) >= set->late_least)) {
        evset_link_late(set);
        k = evset_scan(set, from);
    }
    set->cursor += 1 + (int64_t)((k - from) & set->mask);
    if (set->mask >= EVSET_LATE_BUCKETS) {
        uint32_t soon = set->bucket[(k + EVSET_AHEAD / 3) & set->mask];
        __builtin_prefetch(&set->node[set->node[soon].next]);
    }
    __builtin_prefetch(&set->node[set->bucket[(k + EVSET_AHEAD) & set->mask]]);
    uint32_t slot = set->bucket[k];
    set->bucket[k] = 0;
    set->bitmap[k >> 6] &= ~(UINT64_C(1) << (k & 63));
    set->n_linked--;
    return slot;
}

/* Give the event of a live node out and its slot back. */
EVSET_PART void evset_give(struct evset *set, uint32_t slot, struct event *out)
{
    struct evset_node *x = &set->node[slot];
    *out = (struct event){evset_seconds(x->time), x->kind, x->row};
    set->now = x->time;
    x->generation++;
    x->next = set->free;
    set->free = slot;
    if (EVSET_UNLIKELY(--set->n_live < set->shrink_at)) {
        evset_retune(set);
    }
}

static inline bool evset_pop(struct evset *set, struct event *out)
{
    uint32_t slot;
    for (;;) {
        /* A node's time below the heap's says two things at once: it is alive, and it is the next. */
        if (set->n_near != 0) {
            slot = (uint32_t)set->near[set->n_near - 1].slot;
            if (EVSET_UNLIKELY(set->node[slot].time >= set->heap_time)) {
                return evset_pop_any(set, out);
            }
            set->n_near--;
            break;
        }
        if (EVSET_UNLIKELY(set->n_linked == 0 || --set->check_in < 0)) {
            return evset_pop_any(set, out);
        }
        slot = evset_advance(set);
        if (EVSET_LIKELY(set->node[slot].next == 0 && set->node[slot].time < set->heap_time)) {
            break;
        }
        evset_empty_bucket(set, slot);
    }
    evset_give(set, slot, out);
    return true;
}

static inline bool evset_more_now(struct evset *set)
{
    /* What is due now is near, in the heap, or, if the cursor has stayed behind, in a bucket. */
    int64_t b = evset_bucket(set, set->now);
    bool near_later = set->n_near == 0 || set->near[set->n_near - 1].time > set->now;
    bool buckets_later = (b <= set->cursor) | ((set->n_linked == 0) & (b < set->late_least));
    if (EVSET_LIKELY(near_later & buckets_later & (set->heap_time > set->now))) {
        return false;
    }
    return evset_peek_time(set) <= evset_seconds(set->now);
}

static inline bool evset_pending(const struct evset *set, ev_handle handle)
{
    uint32_t slot = (uint32_t)handle;
    CHECK(slot < set->n_slots);
    return set->node[slot].generation == handle >> 32;
}

#endif
