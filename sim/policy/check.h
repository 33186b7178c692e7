/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check.h - whether a plan is a legal answer to its question (SEMANTICS 5.2).  Illegal is what is wrong by what the
 * policy could know: it is reported with the policy, the question, what was answered and what was wanted, and never
 * repaired. What may turn out impossible later (a place that went down meanwhile) is refused by the run and not looked
 * at here.
 *
 * Nearly every plan is one step that places one task; that case is inline and costs a few ns.
 */
#ifndef SIM_POLICY_CHECK_H
#define SIM_POLICY_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <tiersim/policy.h>

#include "sim/base/err.h"

/* What the run that asks can carry out beyond placing, deferring and rejecting whole tasks. */
enum plan_can {
    PLAN_CAN_MIGRATE = 1 << 0,
    PLAN_CAN_CANCEL = 1 << 1,
    PLAN_CAN_SET = 1 << 2,
    PLAN_CAN_RANGE = 1 << 3,    /* several tasks as one service */
    PLAN_CAN_REPLICA = 1 << 4,  /* several steps for one task */
    PLAN_CAN_HEDGE = 1 << 5,    /* place not before some instant */
    PLAN_CAN_PATIENCE = 1 << 6, /* ask again if not started */
    PLAN_CAN_LEVEL = 1 << 7,
    PLAN_CAN_WIDTH = 1 << 8,
    PLAN_CAN_SHARE = 1 << 9, /* share, net_share, tx_w */
    PLAN_CAN_THINK = 1 << 10, /* think_s, tokens */
    PLAN_CAN_EXIT = 1 << 11   /* exits: another share of jobs that end there, or left out */
};

/* Whom the plans of slow controllers may set. */
struct plan_below {
    const struct ts_policy *policy;
    uint32_t n, n_node;      /* controllers below, numbered from 0; nodes */
    const uint32_t *over_of; /* [n] number of the slow one that each has over it */
};

/* One per controller; init by {.policy = .., .can = ..}.  The scratch grows to the largest question. */
struct plan_checker {
    const struct ts_policy *policy;
    uint32_t can; /* bits enum plan_can */
    const uint8_t *n_level; /* [places] levels that each has; NULL: none has */
    const struct plan_below *below; /* with PLAN_CAN_SET, NULL: whom it sets is not looked at */
    uint32_t room;
    uint32_t *answers; /* [room] of each task so far */
};

void plan_checker_clear(struct plan_checker *c);

enum { PLAN_SCAN = 32 }; /* longer lists of candidates are searched by halving */

/* Whether the place is a candidate of the task, found by halving: the list is in order of (tier, place).  False may
 * also mean that the tiers are unknown: plan_check_full then looks at each. */
bool plan_has_ordered(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, ts_id place);

static inline bool plan_has_candidate(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t,
                                      ts_id place)
{
    const ts_id *cand = a->cand + t->cand;
    if (t->n_cand > PLAN_SCAN) {
        return plan_has_ordered(v, a, t, place);
    }
    for (uint32_t k = 0; k < t->n_cand; k++) {
        if (cand[k] == place) {
            return true;
        }
    }
    return false;
}

/* True only if the plan is one step that places the one task on a candidate and says nothing else. */
static inline bool plan_is_plain(const struct ts_view *v, const struct ts_ask *a, const struct ts_plan *p)
{
    if (p->n != 1 || a->n_task != 1 || !isnan(p->think_s) || !isnan(p->tokens)) {
        return false;
    }
    const struct ts_step *s = p->step;
    if (s->verb != TS_PLACE || (s->flags | s->task | s->upto | s->replica | s->level | s->width | s->knob) != 0) {
        return false;
    }
    if (s->not_before_s != 0 || s->patience_s != 0 || s->share != 0 || s->net_share != 0 || s->tx_w != 0 ||
        s->value != 0) {
        return false;
    }
    return plan_has_candidate(v, a, a->task, s->place);
}

/* Every rule, for any plan.  0, or < 0 with *e filled (ERR_POLICY; ERR_MEMORY if the scratch cannot grow). */
int plan_check_full(struct plan_checker *c, const struct ts_view *v, const struct ts_ask *a, const struct ts_plan *p,
                    struct err *e);

static inline int plan_check(struct plan_checker *c, const struct ts_view *v, const struct ts_ask *a,
                             const struct ts_plan *p, struct err *e)
{
    return plan_is_plain(v, a, p) ? 0 : plan_check_full(c, v, a, p, e);
}

/*
 * What a call of the policy returned: 0 if it is 0, else < 0 with *e filled (ERR_POLICY).  said is the text that the
 * policy gave to host->fail, or "" or NULL if it gave none, which is a fault of its own.  call is "init", "decide", ..
 */
int plan_check_return(const struct ts_policy *policy, const char *call, int rc, const char *said, struct err *e);

#endif
