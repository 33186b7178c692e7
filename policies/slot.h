/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slot.h - what the policies that decide by slots share.  A task that could run on its own node or on a server is put
 * off to the policy's next tick; there the devices that have tasks are decided about together, and each runs all its
 * tasks itself, at the speed level that the rule says, or sends them all.  The server is a place of the node that the
 * device is attached to, the access point of the papers, or else the place that finishes first.  Where there is nothing to
 * choose, a task goes at once.
 */
#ifndef POLICIES_SLOT_H
#define POLICIES_SLOT_H

#include <tiersim/math.h>

#include "policies/levels.h"
#include "policies/pick.h"

enum { SLOT_DEVICES = 64 }; /* in one slot; those beyond wait for the next */

enum { SLOT_GREEDY, SLOT_EXACT };

/* The front of the state of each such policy. */
struct slot_channel {
    double slot_s, search, bandwidth_hz, overhead;
};

static const char *const slot_search[] = {"greedy", "exact", 0};

/* The rows of its parameter table, for a state that starts with a struct slot_channel; slot is the policy's tick. */
#define SLOT_PARAMS(search_about)                                                                                      \
    {.key = "slot", .unit = "s", .about = "time between decisions", .dflt = 0.1, .min = 1e-6, .max = 3600,             \
     .offset = offsetof(struct slot_channel, slot_s)},                                                                 \
    {.key = "search", .about = search_about, .dflt = SLOT_GREEDY, .max = SLOT_EXACT,                                   \
     .offset = offsetof(struct slot_channel, search), .flags = TS_WHOLE, .word = slot_search},                         \
    {.key = "bandwidth", .unit = "Hz", .about = "of the channel that devices share", .dflt = 2e7, .min = 1,            \
     .max = 1e12, .offset = offsetof(struct slot_channel, bandwidth_hz), .flags = TS_FIXED},                           \
    {                                                                                                                  \
        .key = "overhead", .about = "bits sent for a bit of data", .dflt = 1.1, .min = 1, .max = 100,                  \
        .offset = offsetof(struct slot_channel, overhead), .flags = TS_FIXED                                           \
    }
#define SLOT_TICK "slot"

/* What the slot needs of places. */
#define SLOT_COLS  (PICK_FINISH_COLS | 1u << TS_NODE | 1u << TS_LEVEL)
#define SLOT_NEEDS (PICK_FINISH_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J)

/* The candidates of a task that it is chosen between; TS_NONE: there is none of that kind. */
struct slot_choice {
    uint32_t own, server; /* candidates k */
};

/* A device with tasks in the slot: sums over them, at the usual speed until the rule says another. */
struct slot_device {
    ts_id node, place; /* place: its own */
    uint16_t level;    /* that it computes at */
    double weight;     /* of the most important */
    double in_bits, run_s, run_j, send_s, send_j;
};

static inline struct slot_choice slot_choose(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    struct slot_choice c = {TS_NONE, TS_NONE};
    double best_s = INFINITY;
    int attached = 0;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        double node = ts_known(v, TS_NODE, place), finish_s = pick_rank(pick_finish_s(v, a, t, k));
        if (!ts_up(v, place) || finish_s == INFINITY) {
            continue;
        }
        if (node == t->origin) {
            c.own = c.own == TS_NONE ? k : c.own;
        } else if ((node == t->site) > attached || ((node == t->site) == attached && finish_s < best_s)) {
            c.server = k;
            best_s = finish_s;
            attached = node == t->site;
        }
    }
    return c;
}

static inline void slot_answer(struct ts_plan *p, uint32_t i, enum ts_verb verb, ts_id place)
{
    p->step[i].task = i;
    p->step[i].verb = verb;
    p->step[i].place = place;
}

/* A task with nothing to choose is placed or rejected; of others 1 is returned. */
static inline int slot_is_open(const struct ts_view *v, const struct ts_ask *a, uint32_t i, struct slot_choice *c,
                               struct ts_plan *p)
{
    const struct ts_task *t = ts_task_at(a, i);
    *c = slot_choose(v, a, t);
    if (c->own != TS_NONE && c->server != TS_NONE) {
        return 1;
    }
    uint32_t k = c->own != TS_NONE ? c->own : c->server;
    slot_answer(p, i, k == TS_NONE ? TS_REJECT : TS_PLACE, k == TS_NONE ? TS_NONE : ts_candidate(a, t, k));
    return 0;
}

/* Row of a node, n if it is new. */
static inline uint32_t slot_find(const struct slot_device *d, uint32_t n, ts_id node)
{
    uint32_t i = 0;
    while (i < n && d[i].node != node) {
        i++;
    }
    return i;
}

static inline double slot_known(double x)
{
    return isnan(x) ? 0 : x;
}

/* The devices with tasks to decide about; returns how many. */
static inline uint32_t slot_gather(const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p, struct slot_device *d)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        struct slot_choice c;
        uint32_t row = slot_is_open(v, a, i, &c, p) ? slot_find(d, n, t->origin) : SLOT_DEVICES;
        if (row == SLOT_DEVICES) {
            continue;
        }
        if (row == n) {
            d[n++] = (struct slot_device){.node = t->origin, .place = ts_candidate(a, t, c.own)};
        }
        double weight = t->priority > 0 ? t->priority : 1;
        d[row].weight = weight > d[row].weight ? weight : d[row].weight;
        d[row].in_bits += t->in_bits;
        d[row].run_s += ts_estimate(a, t, c.own, TS_RUN_S);
        d[row].run_j += slot_known(ts_estimate(a, t, c.own, TS_RUN_J));
        d[row].send_s += ts_estimate(a, t, c.server, TS_IN_S);
        d[row].send_j += slot_known(ts_estimate(a, t, c.server, TS_NET_J));
    }
    return n;
}

/* What devices do in the slot, a bit each, the lowest for the first: neither is to compute. */
struct slot_modes {
    uint64_t send, wait;
};

/* The device as it would be at a level of its place. */
static inline struct slot_device slot_at_level(const struct ts_host *h, const struct slot_device *d, uint16_t level)
{
    struct slot_device at = *d;
    struct level_run run = level_run(h, d->place, level, d->run_s, d->run_j);
    at.level = level;
    at.run_s = run.run_s;
    at.run_j = run.run_j;
    return at;
}

/* Answers each task by the mode of its device. */
static inline void slot_answer_all(const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p,
                                   const struct slot_device *d, uint32_t n, struct slot_modes mode)
{
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        struct slot_choice c;
        if (!slot_is_open(v, a, i, &c, p)) {
            continue;
        }
        uint32_t row = slot_find(d, n, t->origin);
        if (row == n || (mode.wait >> row & 1)) {
            slot_answer(p, i, TS_DEFER, TS_NONE);
        } else if (mode.send >> row & 1) {
            slot_answer(p, i, TS_PLACE, ts_candidate(a, t, c.server));
        } else {
            slot_answer(p, i, TS_PLACE, d[row].place);
            p->step[i].level = d[row].level;
        }
    }
}

/* The most bits a second and Hz that a channel is taken to carry. */
#define SLOT_MOST_BITS 40.0

/* Ratio of signal to noise at which a channel of the bandwidth carries what the device's way does: by Shannon, less the
 * overhead of the papers. */
static inline double slot_snr(const struct slot_device *d, const struct slot_channel *c)
{
    double bits = d->send_s > 0 ? d->in_bits / d->send_s * c->overhead / c->bandwidth_hz : SLOT_MOST_BITS;
    bits = bits < SLOT_MOST_BITS ? bits : SLOT_MOST_BITS;
    double snr = ts_math_expm1(bits * 0.69314718055994531);
    return snr > 1e-9 ? snr : 1e-9;
}

/* Bits a second that the device computes. */
static inline double slot_local_bps(const struct slot_device *d)
{
    double bps = d->run_s > 0 ? d->in_bits / d->run_s : 1e18;
    return bps < 1e18 ? bps : 1e18;
}

/* The body of decide: put off, or at a tick decided by the rule, which gives the modes of n devices and sets their levels. */
typedef struct slot_modes slot_rule(void *st, const struct ts_host *h, const struct ts_view *v, struct slot_device *d,
                                    uint32_t n);

PICK_INLINE int slot_decide(slot_rule *rule, void *st, const struct ts_host *h, const struct ts_view *v,
                            const struct ts_ask *a, struct ts_plan *p)
{
    struct slot_device device[SLOT_DEVICES];
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return -1;
    }
    p->n = a->n_task;
    uint32_t n = a->why == TS_TICK ? slot_gather(v, a, p, device) : 0;
    slot_answer_all(v, a, p, device, n, n ? rule(st, h, v, device, n) : (struct slot_modes){0, 0});
    return 0;
}

#endif
