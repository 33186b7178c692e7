/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/policy/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/policy/set.h"
#include "sim/policy/terms.h"

/* What is being checked, so that every message can name it. */
struct plan_case {
    struct plan_checker *checker;
    const struct ts_view *view;
    const struct ts_ask *ask;
    const struct ts_plan *plan;
    struct err *err;
};

void plan_checker_clear(struct plan_checker *c)
{
    free(c->answers);
    c->answers = NULL;
    c->room = 0;
}

/* Order of the candidate list as one number. */
static uint64_t rank(const double *tier, ts_id place)
{
    return (uint64_t)tier[place] << 32 | place;
}

bool plan_has_ordered(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, ts_id place)
{
    const double *tier = v->n_col > TS_TIER ? v->col[TS_TIER] : NULL;
    if (!tier || place >= v->n_place) {
        return false;
    }
    const ts_id *cand = a->cand + t->cand;
    uint64_t want = rank(tier, place);
    uint32_t lo = 0, hi = t->n_cand;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (rank(tier, cand[mid]) < want) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < t->n_cand && cand[lo] == place;
}

static int illegal(const struct plan_case *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int illegal(const struct plan_case *c, const char *fmt, ...)
{
    char text[640];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return ERR_SET(c->err, ERR_POLICY, "policy %s, question %" PRIu64 " (%s, t = %.9g s): %s", c->checker->policy->name,
                   c->ask->id, name_of_why(c->ask->why), c->view->now_s, text);
}

static bool has_candidate(const struct ts_ask *a, const struct ts_task *t, ts_id place)
{
    for (uint32_t k = 0; k < t->n_cand; k++) {
        if (ts_candidate(a, t, k) == place) {
            return true;
        }
    }
    return false;
}

/* "0, 3, 4, .. (12 in all)" */
static const char *list_candidates(const struct ts_ask *a, const struct ts_task *t, char *buf, size_t n)
{
    size_t used = 0;
    uint32_t shown = t->n_cand > 10 ? 8 : t->n_cand;
    snprintf(buf, n, "none");
    for (uint32_t k = 0; k < shown; k++) {
        used += (size_t)snprintf(buf + used, n - used, "%s%u", k ? ", " : "", ts_candidate(a, t, k));
    }
    if (shown < t->n_cand) {
        snprintf(buf + used, n - used, ", .. (%u in all)", t->n_cand);
    }
    return buf;
}

/* A number that must be 0 (not said) or positive and finite, and 0 unless the run can do what it asks for. */
static int check_number(const struct plan_case *c, uint32_t i, const char *what, double x, bool can)
{
    if (!(x >= 0 && x < INFINITY)) {
        return illegal(c, "step %u has %s = %g, wanted 0 or a positive number", i, what, x);
    }
    if (x > 0 && !can) {
        return illegal(c, "step %u has %s = %g, which this run cannot carry out", i, what, x);
    }
    return 0;
}

static int check_count(const struct plan_case *c, uint32_t i, const char *what, uint32_t x, bool can)
{
    if (x != 0 && !can) {
        return illegal(c, "step %u has %s = %u, which this run cannot carry out", i, what, x);
    }
    return 0;
}

static int check_numbers(const struct plan_case *c, uint32_t i, const struct ts_step *s)
{
    const uint32_t can = c->checker->can;
    if (s->flags & ~(uint32_t)TS_PACK) {
        return illegal(c, "step %u has flags = 0x%x, wanted 0 or %u (pack)", i, s->flags, (unsigned)TS_PACK);
    }
    if (s->flags != 0 && (s->verb != TS_PLACE || !(can & PLAN_CAN_RANGE))) {
        return illegal(c, "step %u packs data, which only a place in a plan for a whole job may ask for", i);
    }
    if (check_number(c, i, "not_before_s", s->not_before_s, s->verb == TS_DEFER || can & PLAN_CAN_HEDGE) < 0 ||
        check_number(c, i, "patience_s", s->patience_s, can & PLAN_CAN_PATIENCE) < 0 ||
        check_number(c, i, "share", s->share, can & PLAN_CAN_SHARE) < 0 ||
        check_number(c, i, "net_share", s->net_share, can & PLAN_CAN_SHARE) < 0 ||
        check_number(c, i, "tx_w", s->tx_w, can & PLAN_CAN_SHARE) < 0 ||
        check_count(c, i, "level", s->level, can & PLAN_CAN_LEVEL) < 0 ||
        check_count(c, i, "width", s->width, can & PLAN_CAN_WIDTH) < 0 ||
        check_count(c, i, "knob", s->knob, can & PLAN_CAN_SET) < 0) {
        return -ERR_POLICY;
    }
    const bool exit = s->verb == TS_PLACE && can & PLAN_CAN_EXIT && s->task < c->ask->n_task && s->upto == 0 &&
                      ts_task_at(c->ask, s->task)->exit;
    if (s->verb != TS_SET && s->value != 0 && !exit) {
        return illegal(c, "step %u has value = %g, which only a set and the place of an exit may have", i, s->value);
    }
    return exit && !(s->value >= 0 && s->value <= 1)
               ? illegal(c, "step %u lets a share of %g end at exit %u, wanted a number from 0 to 1", i, s->value, s->task)
               : 0;
}

/* A deferred task must be asked about again some time. */
static int check_defer(const struct plan_case *c, uint32_t i, const struct ts_step *s)
{
    const ts_id at = ts_task_at(c->ask, s->task)->at;
    if (at != TS_NONE) {
        return illegal(c, "step %u defers task %u, which runs on place %u: wanted migrate or cancel", i, s->task, at);
    }
    const struct ts_policy *policy = c->checker->policy;
    const uint64_t change = UINT64_C(1) << TS_FREED | UINT64_C(1) << TS_REPORT | UINT64_C(1) << TS_CHANGED;
    if (s->not_before_s == 0 && !(policy->triggers & change) && !policy_clock(policy)) {
        return illegal(c,
                       "step %u defers task %u until something changes, but the policy has no trigger (freed, report, "
                       "changed) and no clock (tick): it would never be asked again",
                       i, s->task);
    }
    if (s->not_before_s != 0 && !(s->not_before_s > c->view->now_s)) {
        return illegal(c, "step %u defers task %u to %.9g s, wanted a later instant than now", i, s->task,
                       s->not_before_s);
    }
    return 0;
}

static int check_place(const struct plan_case *c, uint32_t i, const struct ts_step *s, uint32_t last)
{
    for (uint32_t k = s->task; k <= last; k++) {
        const struct ts_task *t = ts_task_at(c->ask, k);
        if (!has_candidate(c->ask, t, s->place)) {
            char list[256];
            if (s->place >= c->view->n_place) {
                return illegal(c, "step %u places task %u on place %u, which does not exist; its candidates are %s", i,
                               k, s->place, list_candidates(c->ask, t, list, sizeof list));
            }
            return illegal(c, "step %u places task %u on place %u, which is not among its candidates %s", i, k,
                           s->place, list_candidates(c->ask, t, list, sizeof list));
        }
        if (s->level > 0 && (!c->checker->n_level || s->level > c->checker->n_level[s->place])) {
            return illegal(c, "step %u runs task %u at level %u of place %u, which has %u", i, k, s->level, s->place,
                           c->checker->n_level ? c->checker->n_level[s->place] : 0);
        }
        if (s->verb == TS_MIGRATE && t->at == TS_NONE) {
            return illegal(c, "step %u migrates task %u, which does not run yet", i, k);
        }
        if (s->verb == TS_PLACE && t->at != TS_NONE) {
            return illegal(c, "step %u places task %u, which runs on place %u: wanted migrate or cancel", i, k, t->at);
        }
    }
    return 0;
}

static int check_verb(const struct plan_case *c, uint32_t i, const struct ts_step *s, uint32_t last)
{
    switch (s->verb) {
    case TS_PLACE:
    case TS_MIGRATE:
        return check_place(c, i, s, last);
    case TS_DEFER:
        return check_defer(c, i, s);
    case TS_REJECT:
        if (ts_task_at(c->ask, s->task)->at != TS_NONE) {
            return illegal(c, "step %u rejects task %u, which runs already: wanted cancel", i, s->task);
        }
        return 0;
    default:
        return 0;
    }
}

/* Counted as answered other than by placing it: no replica may follow. */
#define ANSWERED UINT32_MAX

/* The step as one more answer to each of its tasks. */
static int check_answers(const struct plan_case *c, uint32_t i, const struct ts_step *s, uint32_t last)
{
    for (uint32_t k = s->task; k <= last; k++) {
        uint32_t *answers = &c->checker->answers[k];
        if (*answers == ANSWERED || s->replica < *answers || (*answers > 0 && s->verb != TS_PLACE)) {
            return illegal(c, "step %u is a second answer to task %u (%s, replica %u)", i, k, name_of_verb(s->verb),
                           s->replica);
        }
        if (s->replica > *answers) {
            return illegal(c, "step %u is replica %u of task %u, wanted replica %u first", i, s->replica, k, *answers);
        }
        *answers = s->verb == TS_PLACE ? *answers + 1 : ANSWERED;
    }
    if (s->replica > 0 && !(c->checker->can & PLAN_CAN_REPLICA)) {
        return illegal(c, "step %u is replica %u of task %u: this run cannot carry out replicas", i, s->replica,
                       s->task);
    }
    return 0;
}

static int check_parameter(const struct plan_case *c, uint32_t i, const struct ts_step *s, const struct ts_policy *policy)
{
    uint32_t n = 0;
    while (policy_param_at(policy, n)) {
        n++;
    }
    if (s->task >= n) {
        return illegal(c, "step %u sets parameter %u of policy %s, which has %u", i, s->task, policy->name, n);
    }
    const struct ts_param *q = policy_param_at(policy, s->task);
    if (!policy_param_can_be_set(policy, q)) {
        return illegal(c, "step %u sets %s of policy %s, %s", i, q->key, policy->name,
                       policy_clock(policy) == q ? "the period of its clock, which cannot be set" : "which is fixed");
    }
    if (!(q->min <= s->value && s->value <= q->max) || (q->flags & TS_WHOLE && floor(s->value) != s->value)) {
        return illegal(c, "step %u sets %s of policy %s to %g, wanted a %snumber from %g to %g", i, q->key, policy->name, s->value,
                       q->flags & TS_WHOLE ? "whole " : "", q->min, q->max);
    }
    return 0;
}

static int check_setting(const struct plan_case *c, uint32_t i, const struct ts_step *s, const struct plan_below *below)
{
    if (s->place != TS_NONE && s->place >= below->n) {
        return illegal(c, "step %u sets controller %u, wanted one of the %u below it, or TS_NONE for all", i, s->place, below->n);
    }
    if (s->place != TS_NONE && below->over_of[s->place] != c->view->ctl) {
        return illegal(c, "step %u sets controller %u, which another slow one is over: host->below tells those it may set", i,
                       s->place);
    }
    switch (s->knob) {
    case TS_K_PARAM:
        return check_parameter(c, i, s, below->policy);
    case TS_K_ALLOW:
        if (s->task >= below->n_node || (s->value != 0 && s->value != 1)) {
            return illegal(c, "step %u allows node %u with value %g, wanted one of %u nodes and 1, or 0 to forbid it", i, s->task,
                           s->value, below->n_node);
        }
        return 0;
    case TS_K_ADMIT:
        return s->value >= 0 && s->value <= 1
                   ? 0
                   : illegal(c, "step %u admits a share of %g, wanted a number from 0 to 1", i, s->value);
    default:
        return illegal(c, "step %u sets knob %u, which this run cannot carry out: wanted %u (param), %u (allow) or %u (admit)", i,
                       s->knob, (unsigned)TS_K_PARAM, (unsigned)TS_K_ALLOW, (unsigned)TS_K_ADMIT);
    }
}

static int check_set(const struct plan_case *c, uint32_t i, const struct ts_step *s)
{
    if (s->knob < TS_K_PARAM || s->knob > TS_K_LINK) {
        return illegal(c, "step %u sets knob %u, wanted %u to %u", i, s->knob, (unsigned)TS_K_PARAM,
                       (unsigned)TS_K_LINK);
    }
    if (!isfinite(s->value)) {
        return illegal(c, "step %u sets knob %u to %g, wanted a finite number", i, s->knob, s->value);
    }
    return c->checker->below ? check_setting(c, i, s, c->checker->below) : 0;
}

static int check_step(const struct plan_case *c, uint32_t i)
{
    static const uint32_t wants[] = {
        [TS_PLACE] = 0,
        [TS_DEFER] = 0,
        [TS_REJECT] = 0,
        [TS_MIGRATE] = PLAN_CAN_MIGRATE,
        [TS_CANCEL] = PLAN_CAN_CANCEL,
        [TS_SET] = PLAN_CAN_SET,
    };
    const struct ts_step *s = &c->plan->step[i];
    if (s->verb < TS_PLACE || s->verb > TS_SET) {
        return illegal(c, "step %u has verb %u, wanted %u (place) to %u (set)", i, s->verb, (unsigned)TS_PLACE,
                       (unsigned)TS_SET);
    }
    const bool leaves_out = s->verb == TS_CANCEL && c->checker->can & PLAN_CAN_EXIT;
    if ((wants[s->verb] & ~c->checker->can) != 0 && !leaves_out) {
        return illegal(c, "step %u: this run cannot carry out %s", i, name_of_verb(s->verb));
    }
    if (check_numbers(c, i, s) < 0) {
        return -ERR_POLICY;
    }
    if (s->verb == TS_SET) {
        return check_set(c, i, s);
    }
    if (s->task >= c->ask->n_task) {
        return illegal(c, "step %u answers task %u (%s), but the question has %u", i, s->task, name_of_verb(s->verb),
                       c->ask->n_task);
    }
    uint32_t last = s->upto ? s->upto : s->task;
    if (last < s->task || last >= c->ask->n_task) {
        return illegal(c, "step %u is for tasks %u to %u, but the question has %u", i, s->task, last, c->ask->n_task);
    }
    if (last > s->task && (s->verb != TS_PLACE || !(c->checker->can & PLAN_CAN_RANGE))) {
        return illegal(c, "step %u is for tasks %u to %u: this run cannot %s several tasks as one", i, s->task, last,
                       name_of_verb(s->verb));
    }
    if (check_verb(c, i, s, last) < 0 || check_answers(c, i, s, last) < 0) {
        return -ERR_POLICY;
    }
    return 0;
}

/*
 * What a plan for a whole job leaves out: exits with which something goes on, and what comes behind one at which all jobs end.
 * answers[k] is used anew.
 */
static int check_left_out(const struct plan_case *c)
{
    enum { STAYS, LEFT_OUT, ENDS_ALL, BEHIND };
    const struct ts_ask *a = c->ask;
    uint32_t *is = c->checker->answers, n_left_out = 0;
    memset(is, 0, a->n_task * sizeof *is);
    for (uint32_t i = 0; i < c->plan->n; i++) {
        const struct ts_step *s = &c->plan->step[i];
        is[s->task] = s->verb == TS_CANCEL ? LEFT_OUT : s->value >= 1 ? ENDS_ALL : is[s->task];
        n_left_out += s->verb == TS_CANCEL;
    }
    for (uint32_t k = 0; n_left_out > 0 && k < a->n_task; k++) { /* data go from lower tasks to higher ones */
        const struct ts_task *t = ts_task_at(a, k);
        bool behind = false, goes_on = false;
        for (uint32_t e = t->edge; e < t->edge + t->n_edge; e++) {
            behind |= is[a->edge[e].from] >= ENDS_ALL;
        }
        for (uint32_t e = 0; e < a->n_edge; e++) {
            goes_on |= a->edge[e].from == k;
        }
        if (is[k] == LEFT_OUT && !behind && !(t->exit && goes_on)) {
            return illegal(c, "task %u is left out, wanted an exit with which something goes on, or a task behind one of all", k);
        }
        is[k] = behind ? BEHIND : is[k];
    }
    return 0;
}

static int check_effort(const struct plan_case *c, const char *what, double x)
{
    if (!isnan(x) && !(x >= 0 && x < INFINITY)) {
        return illegal(c, "%s = %g, wanted a number from 0, or NAN for what the scenario says", what, x);
    }
    if (!isnan(x) && !(c->checker->can & PLAN_CAN_THINK)) {
        return illegal(c, "%s = %g, which this run cannot carry out", what, x);
    }
    return 0;
}

static int check_plan(const struct plan_case *c)
{
    const struct ts_plan *p = c->plan;
    if (p->n > p->cap) {
        return illegal(c, "%u steps, but there is room for %u: wanted host->more first", p->n, p->cap);
    }
    if (check_effort(c, "think_s", p->think_s) < 0 || check_effort(c, "tokens", p->tokens) < 0) {
        return -ERR_POLICY;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        if (check_step(c, i) < 0) {
            return -ERR_POLICY;
        }
    }
    for (uint32_t k = 0; k < c->ask->n_task; k++) {
        /* A task that runs already may be left as it is. */
        if (c->checker->answers[k] == 0 && ts_task_at(c->ask, k)->at == TS_NONE) {
            return illegal(c, "%u steps and none for task %u: wanted place, defer or reject", p->n, k);
        }
    }
    return c->checker->can & PLAN_CAN_EXIT ? check_left_out(c) : 0;
}

static int make_room(struct plan_checker *c, uint32_t n, struct err *e)
{
    if (n > c->room) {
        uint32_t *answers = realloc(c->answers, (size_t)n * sizeof *answers);
        if (!answers) {
            return ERR_SET(e, ERR_MEMORY, "no memory to check a plan for %u tasks", n);
        }
        c->answers = answers;
        c->room = n;
    }
    if (n > 0) {
        memset(c->answers, 0, (size_t)n * sizeof *c->answers);
    }
    return 0;
}

int plan_check_full(struct plan_checker *c, const struct ts_view *v, const struct ts_ask *a, const struct ts_plan *p,
                    struct err *e)
{
    int rc = make_room(c, a->n_task, e);
    return rc < 0 ? rc : check_plan(&(struct plan_case){c, v, a, p, e});
}

int plan_check_return(const struct ts_policy *policy, const char *call, int rc, const char *said, struct err *e)
{
    if (rc == 0) {
        return 0;
    }
    if (rc > 0) {
        return ERR_SET(e, ERR_POLICY, "policy %s: %s returned %d, wanted 0, or < 0 after host->fail", policy->name,
                       call, rc);
    }
    if (!said || !said[0]) {
        return ERR_SET(e, ERR_POLICY, "policy %s: %s returned %d without saying why by host->fail", policy->name, call,
                       rc);
    }
    return ERR_SET(e, ERR_POLICY, "policy %s: %s", policy->name, said);
}
