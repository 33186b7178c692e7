/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/audit.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tiersim/policy.h"

#define TOLERANCE 1e-9 /* relative, of every identity */

int audit_init(struct audit *a, const struct resources *r, struct err *e)
{
    *a = (struct audit){.r = r, .resource = calloc((size_t)r->n_resource + 1, sizeof *a->resource)};
    return a->resource ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory to audit %u resources", r->n_resource);
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
    memset(job + a->n_job, 0, (n_row - a->n_job) * sizeof *job);
    a->job = job;
    a->n_job = n_row;
    return 0;
}

void audit_clear(struct audit *a)
{
    free(a->job);
    free(a->resource);
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

__attribute__((cold, noinline)) static void breach_at(struct audit *a, const struct audit_job *j,
                                                      const struct transition *t, double last_s)
{
    char is[80], said[80];
    if (t->time_s < last_s) {
        breach(a, "time: job %" PRIu64 " of source %u at %.17g s after a record at %.17g s", t->number, t->source,
               t->time_s, last_s);
    } else if (!j->present) {
        breach(a, "jobs: job %" PRIu64 " of source %u moves or ends at %.17g s and is not there", t->number, t->source,
               t->time_s);
    } else if (t->kind == TR_RELEASE || j->number != t->number || j->source != t->source) {
        breach(a, "jobs: job %" PRIu64 " of source %u at %.17g s is on the row of job %" PRIu64 " of source %u, which has "
               "not ended", t->number, t->source, t->time_s, j->number, j->source);
    } else {
        breach(a, "jobs: job %" PRIu64 " of source %u leaves %s at %.17g s and is at %s", t->number, t->source,
               where(a, t->from, said, sizeof said), t->time_s, where(a, j->at, is, sizeof is));
    }
}

static void release(struct audit *a, struct audit_job *j, const struct transition *t)
{
    if (j->present) {
        breach_at(a, j, t, t->time_s);
    }
    *j = (struct audit_job){.released_s = t->time_s, .input_bits = t->b, .number = t->number, .source = t->source,
                            .at = ROW_NONE, .present = true};
    a->n_released++;
}

/* What a job brings where it joins: the bits of its input or output to a channel. */
static inline void join(struct audit *a, struct audit_job *j, uint32_t to, double now_s)
{
    uint32_t slot = to != ROW_NONE ? to : a->r->n_resource;
    double bits = j->served ? j->output_bits : j->input_bits;
    j->at = to;
    j->joined_s = now_s;
    sum_add(&a->resource[slot].amount, to >= a->r->n_place ? bits : 0);
}

static inline void leave(struct audit *a, struct audit_job *j, const struct transition *t)
{
    struct audit_resource *from = &a->resource[t->from];
    bool place = t->from < a->r->n_place;
    double undone_bits = 0;
    if (t->kind != TR_MOVE && t->end != TS_DONE && t->end != TS_LATE) {
        undone_bits = place ? 0 : (j->served ? j->output_bits : j->input_bits) - t->b;
    }
    sum_add(&from->stay_s, t->time_s - j->joined_s);
    sum_add(&from->amount, (place ? t->a : 0) - undone_bits);
    from->n_stay++;
    j->served |= place;
}

/* A move, or an end, which is a move to nowhere; nobody can foretell which, so there is no branch between them. */
static inline void move(struct audit *a, struct audit_job *j, const struct transition *t)
{
    bool ends = t->kind != TR_MOVE;
    double age_s = t->time_s - j->released_s;
    if (t->from != ROW_NONE) {
        leave(a, j, t);
    }
    join(a, j, ends ? ROW_NONE : t->to, t->time_s);
    sum_add(&a->system_s, ends ? age_s : 0);
    j->present = !ends;
    a->n_ended += t->kind == TR_END;
    a->n_closed += t->kind == TR_CLOSE;
}

void audit_fold(struct audit *a, const struct transition *t, size_t n)
{
    for (size_t i = 0; i < n; i++, t++) {
        CHECK(t->row < a->n_job);
        struct audit_job *j = &a->job[t->row];
        if (t->kind == TR_RELEASE) {
            release(a, j, t);
            continue;
        }
        bool moves = t->kind == TR_MOVE || t->kind == TR_END || t->kind == TR_CLOSE;
        double last_s = a->last_s;
        bool wrong = !j->present | (j->number != t->number) | (j->source != t->source) | (t->time_s < last_s) |
                     (moves & (j->at != t->from));
        a->last_s = t->time_s;
        if (wrong) {
            breach_at(a, j, t, last_s);
        } else if (moves) {
            move(a, j, t);
        } else if (t->kind == TR_PLACE) {
            j->output_bits = t->b;
            j->served = false;
            if (t->from != ROW_NONE) {
                join(a, j, t->from, t->time_s);
            }
        }
    }
}

static bool near(double x, double y, double slack)
{
    return fabs(x - y) <= TOLERANCE * fmax(fabs(x), fabs(y)) + slack;
}

static void compare_resource(struct audit *a, const struct counter *c, uint32_t resource)
{
    const struct audit_resource *own = &a->resource[resource];
    const struct resource_kind *kind = resource_kind(a->r, resource);
    char name[128];
    double stay_s = sum_value(own->stay_s), present_s = counter_present_s(c);
    if (!near(present_s, stay_s, 0)) {
        breach(a, "presence: %s counted %.17g job s, its jobs stayed %.17g s", where(a, resource, name, sizeof name),
               present_s, stay_s);
    }
    if (c->n != 0) {
        breach(a, "jobs: %s counts %u present, and all have ended", where(a, resource, name, sizeof name), c->n);
    }
    double amount = sum_value(own->amount), counted = kind->busy_by_stint ? sum_value(c->amount) : counter_busy_s(c);
    if (resource >= a->r->n_place && !near(sum_value(c->amount), amount, 0)) {
        breach(a, "bits: %s carried %.17g, its jobs brought %.17g", where(a, resource, name, sizeof name),
               sum_value(c->amount), amount);
    }
    double ulp_s = nextafter(a->last_s, INFINITY) - a->last_s;
    if (resource < a->r->n_place && !near(counted, amount, 2 * ulp_s * (double)own->n_stay)) {
        breach(a, "busy time: %s was busy %.17g unit-s, its jobs were served %.17g", where(a, resource, name, sizeof name),
               counted, amount);
    }
}

/* Power of the nodes and links, integrated, and what rounding of the clock may do to it. */
static double node_side_j(const struct audit *a, const struct usage_mark *end, double *slack_j)
{
    struct sum dynamic_j = {0};
    double ulp_s = nextafter(a->last_s, INFINITY) - a->last_s;
    *slack_j = 0;
    for (uint32_t k = 0; k < a->r->n_kind; k++) {
        sum_add(&dynamic_j, end->kind[k].dynamic_j);
        *slack_j += 2 * ulp_s * (double)end->kind[k].n_served * fabs(a->r->kind[k].w_per_unit);
    }
    return sum_value(dynamic_j);
}

bool audit_verdict(struct audit *a, const struct usage_fold *u, const struct usage_mark *end, double ledger_j)
{
    if (a->n_released != a->n_ended + a->n_closed) {
        breach(a, "jobs: %" PRIu64 " released, %" PRIu64 " ended, %" PRIu64 " still there", a->n_released, a->n_ended,
               a->n_closed);
    }
    for (uint32_t row = 0; row < a->n_job; row++) {
        if (a->job[row].present) {
            breach(a, "jobs: job %" PRIu64 " of source %u never ended", a->job[row].number, a->job[row].source);
        }
    }
    double system_s = sum_value(a->system_s);
    if (!near(end->in_system_s, system_s, 0)) {
        breach(a, "presence: the system counted %.17g job s, its jobs stayed %.17g s", end->in_system_s, system_s);
    }
    for (uint32_t resource = 0; resource < a->r->n_resource; resource++) {
        compare_resource(a, &u->counter[resource], resource);
    }
    double slack_j, node_j = node_side_j(a, end, &slack_j);
    if (!near(node_j, ledger_j, slack_j)) {
        breach(a, "joules: nodes and links used %.17g J above idle, their jobs %.17g J", node_j, ledger_j);
    }
    return !a->broken;
}
