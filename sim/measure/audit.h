/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit.h - the sample-path identities of SEMANTICS 9, from the jobs' own times: what usage.c counts at the resources is
 * here summed over jobs, by separate code, and compared at the end.
 *
 *   jobs       each is released once, moves from where it is, and ends once; releases = ends + still there; so does each
 *              part of one, before the job ends
 *   presence   integral of the number present = sojourns of those who left + ages of those still there; of each
 *              resource and of the system
 *   busy time  integral of busy units of a place = sum of the stints served there (not of batch pools, where the stints
 *              are the only account)
 *   bits       what joined a channel = what it carried + what was left of those taken off it
 *   joules     power integrated at the nodes and links = energy of all jobs
 *
 * To 1e-9 relative, plus what the clock's rounding can do to stints that are carried as durations.  A job out of order
 * is told at once; of several breaches the first is kept.  64 bytes a job present, 56 a resource.
 */
#ifndef SIM_MEASURE_AUDIT_H
#define SIM_MEASURE_AUDIT_H

#include "sim/measure/usage.h"
#include "tiersim/policy.h"

struct audit_job {
    double released_s, joined_s;
    double bits[3]; /* of the input, of the output, and none */
    uint64_t whose;  /* transition_whose */
    uint32_t source;
    uint32_t at;     /* resource, ROW_NONE, or AUDIT_GONE */
    uint32_t carries; /* which of bits: 1 from when it left a place */
    union {
        uint32_t n_part; /* of a job: its parts that are there */
        uint32_t job;    /* of a part: row of its job */
    };
};

#define AUDIT_GONE (ROW_NONE - 1) /* nowhere, and for good: the row is free */

/* Sums over jobs since the last audit_settle. */
struct audit_resource {
    double stay_s;
    uint64_t n_stay;
    double amount; /* stints, unit-seconds; bits joined less bits left undone */
};

/* And before it. */
struct audited {
    struct stats_sum stay_s, amount;
};

struct audit {
    const struct resources *r;
    uint32_t n_job;                  /* rows there are */
    struct audit_job *job;           /* [n_job] */
    struct audit_resource *resource; /* [1 + n_resource] by slot */
    struct audited *audited;         /* [n_resource] */
    double system_s;
    struct stats_sum audited_system_s;
    uint64_t n_released, n_gone, n_closed; /* gone: ended, or closed at the end of the run */
    double last_s;
    bool broken;
    char text[256]; /* which identity, where, both values */
};

int audit_init(struct audit *a, const struct resources *r, struct err *e);
/* Make room for rows below n_row. */
int audit_reserve(struct audit *a, uint32_t n_row, struct err *e);
/* A record that its job's row does not fit: tell why. */
void audit_breach_at(struct audit *a, const struct audit_job *j, const struct transition *t, uint32_t left);
/* A job that ends before its parts. */
void audit_breach_parts(struct audit *a, const struct audit_job *j, const struct transition *t);
/* TR_PART; and the end of a part, by TR_LEAVE or TR_CLOSE. */
void audit_part(struct audit *a, const struct transition *t);
void audit_leave(struct audit *a, const struct transition *t);
/* TR_GRADE: of a job that is there, a share. */
void audit_grade(struct audit *a, const struct transition *t);
/* Add what was summed to the compensated sums; to be called now and then. */
void audit_settle(struct audit *a);
/*
 * Compare with u, which has just been marked at the end: *end; ledger_j is the energy of all jobs.  True if all holds;
 * else text says what does not.
 */
bool audit_verdict(struct audit *a, const struct usage_fold *u, const struct usage_mark *end, double ledger_j);
void audit_clear(struct audit *a);

/* What follows takes one record each, on a row that there is room for. */

/* Whether the record follows from what is known of its job, which is at `left`. */
static inline bool audit_follows(struct audit *a, const struct audit_job *j, const struct transition *t, uint32_t left)
{
    bool follows = (j->at == left) & (j->whose == transition_whose(t)) & (j->source == t->source) & (t->time_s >= a->last_s);
    if (__builtin_expect(!follows, 0)) {
        audit_breach_at(a, j, t, left);
        return false;
    }
    a->last_s = t->time_s;
    return true;
}

static inline void audit_joins(struct audit *a, struct audit_job *j, double now_s, uint32_t resource)
{
    a->resource[resource_slot(resource)].amount += j->bits[resource >= a->r->n_place ? j->carries : 2];
    j->joined_s = now_s;
    j->at = resource;
}

static inline void audit_leaves(struct audit *a, struct audit_job *j, const struct transition *t)
{
    struct audit_resource *left = &a->resource[resource_slot(t->from)];
    bool serves = t->from < a->r->n_place;
    left->stay_s += t->time_s - j->joined_s;
    left->amount += serves ? t->a : 0;
    left->n_stay++;
    j->carries |= serves;
}

static inline void audit_release(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row];
    if (__builtin_expect(j->at != AUDIT_GONE, 0)) {
        audit_breach_at(a, j, t, ROW_NONE);
    }
    if (__builtin_expect(j->n_part != 0, 0)) {
        audit_breach_parts(a, j, t);
    }
    *j = (struct audit_job){.released_s = t->time_s, .joined_s = t->time_s, .bits = {t->b, 0, 0}, .whose = t->number,
                            .source = t->source, .at = ROW_NONE};
    a->n_released++;
}

static inline void audit_place(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row];
    j->bits[1] = t->b;
    j->carries = 0;
    if (audit_follows(a, j, t, ROW_NONE)) {
        audit_joins(a, j, t->time_s, t->from);
    }
}

static inline void audit_shift(struct audit *a, const struct transition *t)
{
    a->job[t->row].bits[0] = t->a;
    audit_place(a, t);
}

static inline void audit_refuse(struct audit *a, const struct transition *t)
{
    audit_follows(a, &a->job[t->row], t, ROW_NONE);
}

static inline void audit_move(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row];
    if (audit_follows(a, j, t, t->from)) {
        audit_leaves(a, j, t);
        audit_joins(a, j, t->time_s, t->to);
    }
}

/* It leaves with the rest of its bits undone. */
static inline void audit_recall(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row];
    if (audit_follows(a, j, t, t->from)) {
        audit_leaves(a, j, t);
        if (t->from != ROW_NONE && t->from >= a->r->n_place) {
            a->resource[resource_slot(t->from)].amount -= j->bits[j->carries] - t->b;
        }
        j->carries = 0;
        j->joined_s = t->time_s;
        j->at = ROW_NONE;
    }
}

/* A message is as a job that carries its bits, is in no system, and only passes links. */
static inline void audit_send(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row];
    if (__builtin_expect(j->at != AUDIT_GONE, 0)) {
        audit_breach_at(a, j, t, ROW_NONE);
    }
    *j = (struct audit_job){.released_s = t->time_s, .bits = {t->b, 0, 0}, .whose = transition_whose(t),
                            .source = t->source, .at = ROW_NONE};
    audit_joins(a, j, t->time_s, t->to);
}

/* It has arrived; or is on its way still, at the end of the run, and leaves its bits undone. */
static inline void audit_arrive(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row];
    if (audit_follows(a, j, t, t->from)) {
        audit_leaves(a, j, t);
        j->at = AUDIT_GONE;
        if (t->end == TS_OPEN && t->from != ROW_NONE) {
            a->resource[resource_slot(t->from)].amount -= j->bits[0] - t->b;
        }
    }
}

/* TR_END, or TR_CLOSE. */
static inline void audit_end(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row];
    if (audit_follows(a, j, t, t->from)) {
        audit_leaves(a, j, t);
        j->at = AUDIT_GONE;
        a->system_s += t->time_s - j->released_s;
        a->n_gone++;
        a->n_closed += t->kind == TR_CLOSE;
        if (t->end != TS_DONE && t->end != TS_LATE && t->from != ROW_NONE && t->from >= a->r->n_place) {
            a->resource[resource_slot(t->from)].amount -= j->bits[j->carries] - t->b; /* it leaves the rest undone */
        }
    }
}

#endif
