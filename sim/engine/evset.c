/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evset.c - the event set off its hot path: buckets that hold many, choosing the structure, peeking, cancelling. */
#include "sim/engine/evset.h"

#include <math.h>

enum {
    SAMPLE = EVSET_NEAR_MIN,
    BUCKETS_MIN = 64,
    BUCKETS_PER_EVENT_MAX = 16,
    SORT_SHIFTS = 16, /* what sorting a long list costs an event, in moves */
    UNLINK_STEPS = 8, /* a cancelled event further down its list stays there as dead */
    PERIOD_MIN = 4096,
    PERIOD_MAX = 1 << 30
};
static const double EVENTS_PER_BUCKET = 0.5;

/* --- small parts --- */

/* A bijection of the 56-bit numbers: odd factors and right shifts each are one. */
uint64_t evset_permuted(uint64_t counter, uint64_t seed)
{
    const uint64_t mask = (UINT64_C(1) << 56) - 1;
    uint64_t key = seed, x = counter;
    for (int round = 0; round < 3; round++) {
        key = (key ^ key >> 31) * UINT64_C(0xbf58476d1ce4e5b9) + UINT64_C(0x9e3779b97f4a7c15);
        x = ((x ^ key) * ((key >> 7) | 1)) & mask;
        x ^= x >> 29;
    }
    return x;
}

static void give_back(struct evset *set, uint32_t slot)
{
    set->node[slot].next = set->free;
    set->free = slot;
}

static void drop_dead(struct evset *set, uint32_t slot)
{
    give_back(set, slot);
    set->n_dead--;
}

static void heap_push(struct evset *set, uint32_t slot)
{
    const struct evset_node *x = &set->node[slot];
    evheap_push(&set->heap, (struct evheap_key){x->time, x->order}, slot);
    set->heap_time = set->heap.key[0].time;
}

static uint32_t heap_pop(struct evset *set)
{
    uint32_t slot = evheap_pop(&set->heap);
    set->heap_time = set->heap.key[0].time;
    return slot;
}

static void sift(struct evset_key *key, size_t i, size_t n)
{
    struct evset_key x = key[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        child += child + 1 < n && evset_less(&key[child + 1], &key[child]);
        if (!evset_less(&key[child], &x)) {
            break;
        }
        key[i] = key[child];
    }
    key[i] = x;
}

/* Descending.  Lists are last-in-first-out, so events of one instant mostly come sorted: then true; else by heap. */
static bool sort_keys(struct evset_key *key, size_t n)
{
    size_t sorted = 1;
    while (sorted < n && evset_less(&key[sorted], &key[sorted - 1])) {
        sorted++;
    }
    if (sorted >= n) {
        return true;
    }
    for (size_t i = n / 2; i-- > 0;) {
        sift(key, i, n);
    }
    for (size_t last = n - 1; last > 0; last--) {
        struct evset_key least = key[0];
        key[0] = key[last];
        key[last] = least;
        sift(key, 0, last);
    }
    return false;
}

void evset_link_late(struct evset *set)
{
    for (size_t i = 0; i < EVSET_LATE; i++) {
        if (set->late[i].slot != 0) {
            evset_link(set, set->late[i].slot, set->late[i].bucket);
            set->late[i].slot = 0;
        }
    }
    set->late_least = INT64_MAX;
}

/* --- buckets --- */

/* What the wheel does not reach.  A quiet time may have left the cursor behind: no wheel entry is before now. */
void evset_place_far(struct evset *set, uint32_t slot)
{
    if (set->mode == EVSET_WHEEL) {
        int64_t behind = evset_bucket(set, set->now) - 1, b = evset_bucket(set, set->node[slot].time);
        if (behind > set->cursor) {
            set->cursor = behind;
        }
        if ((uint64_t)(b - set->cursor - 1) < set->mask) {
            evset_link(set, slot, (uint64_t)b & set->mask);
            return;
        }
    }
    heap_push(set, slot);
}

/* The list of the bucket just taken off, in order, into the empty `near`; what finds no room there goes to the heap. */
void evset_empty_bucket(struct evset *set, uint32_t first)
{
    size_t n = 0, seen = 0;
    int64_t shifts = 0;
    for (uint32_t slot = first, next; slot != 0; slot = next, seen++) {
        const struct evset_node *x = &set->node[slot];
        next = x->next;
        if (x->time == EVSET_DEAD) {
            drop_dead(set, slot);
            continue;
        }
        set->n_near = n; /* which reserve_near copies */
        if (n == set->near_room && !evset_reserve_near(set, 2 * n)) {
            heap_push(set, slot);
            continue;
        }
        struct evset_key key = {x->time, x->order, slot};
        size_t i = n++;
        if (i < EVSET_SHIFTS_MAX) {
            for (; i > 0 && evset_less(&set->near[i - 1], &key); i--) {
                set->near[i] = set->near[i - 1];
                shifts++;
            }
        }
        set->near[i] = key;
    }
    set->n_near = n;
    if (n > EVSET_SHIFTS_MAX && !sort_keys(set->near, n)) {
        shifts += (int64_t)n * SORT_SHIFTS;
    }
    set->n_linked -= seen - 1;
    set->since.crowd += (int64_t)seen - 1;
    set->since.shifts += shifts;
}

/* --- the choice of the structure --- */

/* Put a slot before the list `all`, unless it is dead; returns the list. */
static uint32_t chain(struct evset *set, uint32_t slot, uint32_t all)
{
    if (set->node[slot].time == EVSET_DEAD) {
        drop_dead(set, slot);
        return all;
    }
    set->node[slot].next = all;
    return slot;
}

/* Take everything out of where it is, as one list; the dead are dropped.  Lists of buckets come out turned round, and
 * are turned again when they are placed. */
static uint32_t collect(struct evset *set)
{
    uint32_t all = 0;
    evset_link_late(set);
    for (size_t i = 0; i < set->n_near; i++) {
        all = chain(set, (uint32_t)set->near[i].slot, all);
    }
    for (size_t i = 0; i < set->heap.n; i++) {
        all = chain(set, set->heap.slot[i], all);
    }
    size_t words = set->mode == EVSET_WHEEL ? (set->mask + 1) / 64 : 0;
    for (size_t word = 0; word < words; word++) {
        for (uint64_t bits = set->bitmap[word]; bits != 0; bits &= bits - 1) {
            uint32_t slot = set->bucket[word * 64 + (size_t)__builtin_ctzll(bits)];
            for (uint32_t next; slot != 0; slot = next) {
                next = set->node[slot].next;
                all = chain(set, slot, all);
            }
        }
    }
    set->n_near = set->n_linked = 0;
    evheap_reset(&set->heap);
    set->heap_time = UINT64_MAX;
    return all;
}

/* Every n/SAMPLE-th time of the list, into the empty `near`, descending, and the least of all as the last of them. */
static size_t sample_times(struct evset *set, uint32_t all)
{
    const size_t step = set->n_live / SAMPLE + 1;
    uint64_t least = UINT64_MAX;
    size_t k = 0, i = 0;
    for (uint32_t slot = all; slot != 0; slot = set->node[slot].next, i++) {
        uint64_t time = set->node[slot].time;
        least = time < least ? time : least;
        if (i % step == 0) {
            set->near[k++] = (struct evset_key){.time = time, .order = i};
        }
    }
    sort_keys(set->near, k);
    set->near[k - 1].time = least;
    return k;
}

/* Mean time between events at the front: the least that the first 64th, 16th or quarter of the sample shows, since
 * the few that come soon are most of those that will pass.  Not below what the clock can tell apart. */
static double front_gap_s(const struct evset_key *sample, size_t k, size_t n)
{
    const double first = evset_seconds(sample[k - 1].time), whole = evset_seconds(sample[0].time) - first;
    double gap = whole > 0 ? whole / (double)n : 1;
    for (size_t part = 64; part > 1; part /= 4) {
        size_t i = k / part < 4 ? 4 : k / part;
        double s = i < k ? evset_seconds(sample[k - 1 - i].time) - first : 0;
        s *= (double)k / ((double)n * (double)i);
        gap = s > 0 && s < gap ? s : gap;
    }
    gap = gap > first * 0x1p-48 ? gap : first * 0x1p-48;
    return gap > 0x1p-900 ? gap : 0x1p-900;
}

/* Width and number of buckets, so that nearly all of the sample lies within; false if there is no memory. */
static bool make_wheel(struct evset *set, uint32_t all)
{
    const size_t n = set->n_live, k = sample_times(set, all);
    const double first = evset_seconds(set->near[k - 1].time), nearly_last = evset_seconds(set->near[k / 32].time);
    const double width = EVENTS_PER_BUCKET * front_gap_s(set->near, k, n), want = (nearly_last - first) / width + 2;
    size_t buckets = BUCKETS_MIN;
    while (buckets < n * BUCKETS_PER_EVENT_MAX && (double)buckets < want) {
        buckets *= 2;
    }
    if (!evset_reserve_wheel(set, buckets)) {
        return false;
    }
    set->buckets_per_s = 1 / width;
    set->cursor = evset_bucket(set, set->near[k - 1].time) - 1;
    return true;
}

static void choose(struct evset *set, bool heap_alone)
{
    uint32_t all = collect(set);
    const size_t n = set->n_live;
    if (n < EVSET_FEW_MIN || (n <= EVSET_FEW_MAX && set->mode == EVSET_FEW)) {
        set->mode = EVSET_FEW;
        set->grow_at = EVSET_FEW_MAX;
        set->shrink_at = 0;
    } else {
        set->mode = !heap_alone && make_wheel(set, all) ? EVSET_WHEEL : EVSET_HEAP;
        set->grow_at = 2 * n;
        set->shrink_at = n / 4 < EVSET_FEW_MIN ? EVSET_FEW_MIN : n / 4;
    }
    if (set->mode != EVSET_WHEEL) { /* all times are far from this cursor */
        set->mask = 0;
        set->buckets_per_s = 0;
        set->cursor = INT64_MIN / 2;
    }
    for (uint32_t slot = all, next; slot != 0; slot = next) {
        const struct evset_node *x = &set->node[slot];
        next = x->next;
        if (set->mode == EVSET_FEW) {
            evset_insert_few(set, (struct evset_key){x->time, x->order, slot});
        } else {
            evset_place(set, slot);
        }
    }
}

static void watch(struct evset *set, int64_t period)
{
    set->since.period = set->check_in = period;
    set->since.words = set->since.heap_pops = set->since.crowd = set->since.shifts = 0;
}

static int64_t least_period(const struct evset *set)
{
    return set->n_live > PERIOD_MIN ? (int64_t)set->n_live : PERIOD_MIN;
}

void evset_retune(struct evset *set)
{
    choose(set, false);
    watch(set, least_period(set));
}

/* Was it much work for the events that went through?  Then the structure is chosen anew; the heap alone if the wheel
 * was bad twice in a row and its buckets were little used.  Each time in a row the next judgement is put off twice as
 * long, so what no choice helps costs little. */
static void judge(struct evset *set)
{
    int64_t period = set->since.period, words = set->since.words, heap_pops = set->since.heap_pops;
    int64_t through = period - words - heap_pops + set->since.crowd;
    bool heap_alone = set->mode == EVSET_HEAP;
    if (heap_alone || words > 2 * through || heap_pops > through / 4 || set->since.shifts > 2 * through) {
        bool again = period > least_period(set), little_used = heap_pops + words > 3 * through;
        choose(set, !heap_alone && again && little_used);
        period = period < PERIOD_MAX ? 2 * period : period;
    } else {
        period = least_period(set);
    }
    watch(set, period);
}

/* --- the operations --- */

enum source { FROM_NONE, FROM_NEAR, FROM_HEAP };

/* Bring the next event to the end of `near` or the top of the heap; says to which. */
static enum source settle(struct evset *set)
{
    for (;;) {
        const struct evset_key *least = set->n_near > 0 ? &set->near[set->n_near - 1] : NULL;
        if (set->check_in < 0) {
            judge(set);
        } else if (least && set->node[least->slot].time == EVSET_DEAD) {
            drop_dead(set, (uint32_t)least->slot);
            set->n_near--;
        } else if (set->heap.n > 0 && set->node[set->heap.slot[0]].time == EVSET_DEAD) {
            drop_dead(set, heap_pop(set));
        } else if (least) {
            const struct evheap_key key = {least->time, least->order};
            return evheap_less(&key, &set->heap.key[0]) ? FROM_NEAR : FROM_HEAP;
        } else if (set->n_linked > 0) {
            set->check_in--;
            evset_empty_bucket(set, evset_advance(set));
        } else if (set->late_least != INT64_MAX) {
            evset_link_late(set);
        } else {
            return set->heap.n > 0 ? FROM_HEAP : FROM_NONE;
        }
    }
}

bool evset_pop_any(struct evset *set, struct event *out)
{
    uint32_t slot;
    switch (settle(set)) {
    case FROM_NEAR:
        slot = (uint32_t)set->near[--set->n_near].slot;
        break;
    case FROM_HEAP:
        slot = heap_pop(set);
        set->since.heap_pops++;
        set->check_in--;
        break;
    default:
        return false;
    }
    evset_give(set, slot, out);
    return true;
}

bool evset_peek(struct evset *set, struct event *out)
{
    enum source from = settle(set);
    if (from == FROM_NONE) {
        return false;
    }
    const struct evset_node *x =
        &set->node[from == FROM_NEAR ? set->near[set->n_near - 1].slot : set->heap.slot[0]];
    *out = (struct event){evset_seconds(x->time), x->kind, x->row};
    return true;
}

double evset_peek_time(struct evset *set)
{
    struct event next;
    return evset_peek(set, &next) ? next.time_s : INFINITY;
}

static void remove_few(struct evset *set, uint32_t slot)
{
    size_t i = 0;
    while (set->near[i].slot != slot) {
        i++;
    }
    set->n_near--;
    memmove(&set->near[i], &set->near[i + 1], (set->n_near - i) * sizeof *set->near);
}

/* Out of the list of its bucket; false if it is not near the list's head, or not in the wheel. */
static bool unlink_node(struct evset *set, uint32_t slot)
{
    const int64_t b = evset_bucket(set, set->node[slot].time);
    const uint64_t k = (uint64_t)b & set->mask;
    if ((uint64_t)(b - set->cursor - 1) >= set->mask) {
        return false;
    }
    uint32_t *at = &set->bucket[k];
    for (int i = 0; *at != slot; i++, at = &set->node[*at].next) {
        if (*at == 0 || i == UNLINK_STEPS) {
            return false;
        }
    }
    *at = set->node[slot].next;
    set->bitmap[k >> 6] &= ~((uint64_t)(set->bucket[k] == 0) << (k & 63));
    set->n_linked--;
    return true;
}

bool evset_cancel(struct evset *set, ev_handle handle)
{
    if (!evset_pending(set, handle)) {
        return false;
    }
    uint32_t slot = (uint32_t)handle;
    set->node[slot].generation++;
    set->n_live--;
    if (set->mode == EVSET_FEW) {
        remove_few(set, slot);
        give_back(set, slot);
    } else if (unlink_node(set, slot)) {
        give_back(set, slot);
    } else {
        set->node[slot].time = EVSET_DEAD;
        set->n_dead++;
    }
    if (set->n_live < set->shrink_at || set->n_dead > set->n_live + EVSET_FEW_MAX) {
        evset_retune(set);
    }
    return true;
}

ev_handle evset_move(struct evset *set, ev_handle handle, double time_s)
{
    if (!evset_pending(set, handle) || (set->free == 0 && evset_take_slot(set) == 0)) {
        return EV_NONE;
    }
    const struct evset_node x = set->node[(uint32_t)handle];
    evset_cancel(set, handle);
    return evset_push(set, time_s, (unsigned)(x.order >> 56), x.kind, x.row);
}
