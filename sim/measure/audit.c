/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/audit.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define TOLERANCE 1e-9 /* relative, of every identity */

int audit_init(struct audit *a, const struct resources *r, struct err *e)
{
    *a = (struct audit){.r = r};
    a->resource = calloc((size_t)r->n_resource + 1, sizeof *a->resource);
    a->audited = calloc((size_t)r->n_resource + 1, sizeof *a->audited);
    return a->resource && a->audited ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory to audit %u resources", r->n_resource);
}

int audit_reserve(struct audit *a, uint32_t n_row, struct err *e)
{
    if (n_row <= a->n_job) {
        return 0;
    }
    struct audit_job *job = realloc(a->job, n_row * sizeof *job);
    if (!job) {
        return ERR_SET(e, ERR_MEMORY, "out of memory to audit %u jobs in flight", n_row);
    }
    for (uint32_t row = a->n_job; row < n_row; row++) {
        job[row] = (struct audit_job){.at = AUDIT_GONE};
    }
    a->job = job;
    a->n_job = n_row;
    return 0;
}

void audit_clear(struct audit *a)
{
    free(a->job);
    free(a->resource);
    free(a->audited);
    *a = (struct audit){0};
}

__attribute__((format(printf, 2, 3), cold, noinline)) static void breach(struct audit *a, const char *fmt, ...)
{
    if (!a->broken) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(a->text, sizeof a->text, fmt, ap);
        va_end(ap);
        a->broken = true;
    }
}

static const char *where(const struct audit *a, uint32_t resource, char *buf, size_t n)
{
    if (resource >= a->r->n_resource) {
        snprintf(buf, n, "nowhere");
        return buf;
    }
    return resources_name(a->r, resource, buf, n);
}

static uint64_t number_of(const struct audit_job *j)
{
    return j->whose & (((uint64_t)1 << 48) - 1);
}

__attribute__((cold)) void audit_breach_at(struct audit *a, const struct audit_job *j, const struct transition *t,
                                          uint32_t left)
{
    char is[80], said[80];
    if (t->kind != TR_RELEASE && t->kind != TR_SEND && t->time_s < a->last_s) {
        breach(a, "time: job %" PRIu64 " of source %u at %.17g s after a record at %.17g s", t->number, t->source,
               t->time_s, a->last_s);
    } else if (j->at == AUDIT_GONE) {
        breach(a, "jobs: job %" PRIu64 " of source %u moves or ends at %.17g s and is not there", t->number, t->source,
               t->time_s);
    } else if (t->kind == TR_RELEASE || t->kind == TR_PART || t->kind == TR_SEND || j->whose != transition_whose(t) ||
               j->source != t->source) {
        breach(a, "jobs: job %" PRIu64 " of source %u at %.17g s is on the row of job %" PRIu64 " of source %u, which has "
               "not ended", t->number, t->source, t->time_s, number_of(j), j->source);
    } else {
        breach(a, "jobs: job %" PRIu64 " of source %u leaves %s at %.17g s and is at %s", t->number, t->source,
               where(a, left, said, sizeof said), t->time_s, where(a, j->at, is, sizeof is));
    }
}

__attribute__((cold)) void audit_breach_parts(struct audit *a, const struct audit_job *j, const struct transition *t)
{
    breach(a, "jobs: job %" PRIu64 " of source %u ends at %.17g s, and %u of its parts do not", t->number, t->source,
           t->time_s, j->n_part);
}

void audit_part(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row], *whole = &a->job[t->job];
    if (j->at != AUDIT_GONE) {
        audit_breach_at(a, j, t, ROW_NONE);
    }
    if (whole->at != ROW_NONE || whole->whose != t->number || whole->source != t->source || t->time_s < a->last_s) {
        breach(a, "jobs: part %u of job %" PRIu64 " of source %u comes into being at %.17g s, and the job is not there", t->part,
               t->number, t->source, t->time_s);
    } else {
        whole->n_part++;
    }
    *j = (struct audit_job){.released_s = t->time_s, .joined_s = t->time_s, .bits = {t->b, 0, 0}, .whose = transition_whose(t),
                            .source = t->source, .at = ROW_NONE, .job = t->job};
    a->last_s = t->time_s;
}

void audit_leave(struct audit *a, const struct transition *t)
{
    struct audit_job *j = &a->job[t->row];
    if (audit_follows(a, j, t, t->from)) {
        audit_leaves(a, j, t);
        j->at = AUDIT_GONE;
        a->job[j->job].n_part--;
        j->n_part = 0; /* the row may be a job's next */
        if (t->from != ROW_NONE && t->from >= a->r->n_place) {
            a->resource[resource_slot(t->from)].amount -= j->bits[j->carries] - t->b; /* it leaves the rest undone */
        }
    }
}

void audit_grade(struct audit *a, const struct transition *t)
{
    if (audit_follows(a, &a->job[t->row], t, ROW_NONE) && !(t->a >= 0 && t->a <= 1)) {
        breach(a, "accuracy: job %" PRIu64 " of source %u has %.17g at %.17g s, which is no share", t->number, t->source, t->a,
               t->time_s);
    }
}

void audit_settle(struct audit *a)
{
    for (uint32_t i = 0; i < a->r->n_resource; i++) {
        stats_sum_add(&a->audited[i].stay_s, a->resource[resource_slot(i)].stay_s);
        stats_sum_add(&a->audited[i].amount, a->resource[resource_slot(i)].amount);
        a->resource[resource_slot(i)].stay_s = a->resource[resource_slot(i)].amount = 0;
    }
    stats_sum_add(&a->audited_system_s, a->system_s);
    a->system_s = 0;
}

static bool near(double x, double y, double slack)
{
    return fabs(x - y) <= TOLERANCE * fmax(fabs(x), fabs(y)) + slack;
}

static void compare_resource(struct audit *a, const struct usage_fold *u, uint32_t resource)
{
    const struct counted *counted = &u->counted[resource];
    const struct audited *own = &a->audited[resource];
    double present_s = stats_sum_value(&counted->present_s), stay_s = stats_sum_value(&own->stay_s);
    double amount = stats_sum_value(&counted->amount), own_amount = stats_sum_value(&own->amount);
    double ulp_s = nextafter(a->last_s, INFINITY) - a->last_s;
    char name[128];
    where(a, resource, name, sizeof name);
    if (!near(present_s, stay_s, 0)) {
        breach(a, "presence: %s counted %.17g job s, its jobs stayed %.17g s", name, present_s, stay_s);
    }
    if (u->counter[resource_slot(resource)].n != 0) {
        breach(a, "jobs: %s counts %.0f present, and all have ended", name,
               u->counter[resource_slot(resource)].n);
    }
    if (resource >= a->r->n_place) {
        if (!near(amount, own_amount, 0)) {
            breach(a, "bits: %s carried %.17g, its jobs brought %.17g", name, amount, own_amount);
        }
        return;
    }
    double busy_s = resource_kind(a->r, resource)->busy_by_stint ? amount : stats_sum_value(&counted->busy_s);
    if (!near(busy_s, own_amount, 2 * ulp_s * (double)a->resource[resource_slot(resource)].n_stay)) {
        breach(a, "busy time: %s was busy %.17g unit-s, its jobs were served %.17g", name, busy_s, own_amount);
    }
}

/* Power of the nodes and links, integrated, and what rounding of the clock may do to it. */
static double node_side_j(const struct audit *a, const struct usage_mark *end, double *slack_j)
{
    struct stats_sum dynamic_j = {0};
    double ulp_s = nextafter(a->last_s, INFINITY) - a->last_s;
    *slack_j = 0;
    for (uint32_t k = 0; k < a->r->n_kind; k++) {
        stats_sum_add(&dynamic_j, end->kind[k].dynamic_j);
        *slack_j += 2 * ulp_s * (double)end->kind[k].n_served * fabs(a->r->kind[k].w_per_unit);
    }
    return stats_sum_value(&dynamic_j);
}

bool audit_verdict(struct audit *a, const struct usage_fold *u, const struct usage_mark *end, double ledger_j)
{
    if (a->n_released != a->n_gone) {
        breach(a, "jobs: %" PRIu64 " released, %" PRIu64 " ended, %" PRIu64 " still there", a->n_released, a->n_gone - a->n_closed,
               a->n_closed);
    }
    for (uint32_t row = 0; row < a->n_job; row++) {
        if (a->job[row].at != AUDIT_GONE) {
            breach(a, "jobs: job %" PRIu64 " of source %u never ended", number_of(&a->job[row]), a->job[row].source);
        }
    }
    audit_settle(a);
    double system_s = stats_sum_value(&a->audited_system_s);
    if (!near(end->in_system_s, system_s, 0)) {
        breach(a, "presence: the system counted %.17g job s, its jobs stayed %.17g s", end->in_system_s, system_s);
    }
    for (uint32_t resource = 0; resource < a->r->n_resource; resource++) {
        compare_resource(a, u, resource);
    }
    double slack_j, node_j = node_side_j(a, end, &slack_j);
    if (!near(node_j, ledger_j, slack_j)) {
        breach(a, "joules: nodes and links used %.17g J above idle, their jobs %.17g J", node_j, ledger_j);
    }
    return !a->broken;
}
