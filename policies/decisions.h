/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decisions.h - decisions that wait for their reward.  It comes with the news of the job's end, many decisions later and in
 * another order; the tag of the step, the number of the decision, leads back to what was known when it was made.
 *
 * Decisions stand in a ring by their number.  It grows until MOST of them can wait; where more do, the oldest are forgotten,
 * and so is a decision about a job that was decided about again: of a job of several tasks the news names the last decision,
 * and the reward goes to it alone.
 */
#ifndef POLICIES_DECISIONS_H
#define POLICIES_DECISIONS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/policy.h>

/* A plan with a step for each task of the question.  0, or < 0 after host->fail. */
static inline int decisions_begin(const struct ts_host *h, const struct ts_ask *a, struct ts_plan *p)
{
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return h->fail(h->ctx, "out of memory for a plan");
    }
    p->n = a->n_task;
    return 0;
}

/* A rule that fills the step of task i.  0, or < 0 after host->fail. */
typedef int decisions_rule(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, uint32_t i,
                           struct ts_step *step);

/* The body of decide: the rule applied to each task. */
static inline __attribute__((always_inline)) int decisions_each(decisions_rule *rule, void *st, const struct ts_host *h,
                                                                const struct ts_view *v, const struct ts_ask *a,
                                                                struct ts_plan *p)
{
    int rc = decisions_begin(h, a, p);
    for (uint32_t i = 0; i < a->n_task && rc == 0; i++) {
        rc = rule(st, h, v, a, i, &p->step[i]);
    }
    return rc;
}

enum { DECISIONS_FIRST = 64, DECISIONS_MOST = 1 << 16 };

/* What every record starts with; tag 0 is free. */
struct decision {
    uint64_t tag;
    double at_s;
};

struct decisions {
    char *row; /* [room] records of `size` bytes */
    size_t size;
    uint64_t room, n; /* n: decisions so far; their tags are 1 .. n */
};

static inline struct decision *decisions_slot(const struct decisions *d, uint64_t tag)
{
    return (struct decision *)(void *)(d->row + (tag & (d->room - 1)) * d->size);
}

/* The decision of that tag, or NULL if it is not waited for. */
static inline void *decisions_find(const struct decisions *d, uint64_t tag)
{
    if (!d->row || tag == 0) {
        return NULL;
    }
    struct decision *slot = decisions_slot(d, tag);
    return slot->tag == tag ? slot : NULL;
}

/* Twice the room, or the first; 0, or -1 when memory is out. */
static inline int decisions_grow(struct decisions *d, size_t size)
{
    struct decisions wide = {.size = size, .room = d->room ? 2 * d->room : DECISIONS_FIRST, .n = d->n};
    wide.row = (char *)calloc(wide.room, size);
    if (!wide.row) {
        return -1;
    }
    for (uint64_t i = 0; i < d->room; i++) {
        const struct decision *old = (const struct decision *)(const void *)(d->row + i * size);
        if (old->tag) {
            memcpy(decisions_slot(&wide, old->tag), old, size);
        }
    }
    free(d->row);
    *d = wide;
    return 0;
}

/* A record for the next decision, all zero but its tag and time; NULL when memory is out. */
static inline void *decisions_next(struct decisions *d, size_t size, double now_s)
{
    while (!d->row || (d->room < DECISIONS_MOST && decisions_slot(d, d->n + 1)->tag)) {
        if (decisions_grow(d, size) < 0) {
            return NULL;
        }
    }
    struct decision *slot = decisions_slot(d, ++d->n);
    memset(slot, 0, size);
    slot->tag = d->n;
    slot->at_s = now_s;
    return slot;
}

static inline void decisions_clear(struct decisions *d)
{
    free(d->row);
    *d = (struct decisions){0};
}

/*
 * What the end of a job is worth: the scenario's objective for it.  Without one that is its latency, negative, and `lost` for
 * a job without a result.
 */
static inline double decision_reward(const struct ts_outcome *o, double lost)
{
    return isnan(o->reward) ? -lost : o->reward;
}

#endif
