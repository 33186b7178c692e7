/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/digest.h"
#include "sim/measure/audit.h"
#include "sim/measure/loops.h"
#include "sim/measure/summary.h"

/*
 * Sums have two levels: the folds add plainly, and every SETTLE_AFTER records and as many as there are resources, what
 * they have goes to compensated sums.  So a sum of K = 65536 terms is off by K 2^-53 = 7e-12 at worst, and the whole by
 * no more, at a sixth of the operations of compensating every term.
 */
enum { MEMBER_MAX = 1000, FIRST_ROWS = 256, SETTLE_AFTER = 65536 };

struct measure_state {
    struct resources resources;
    struct digest digest;
    struct audit audit;
    struct usage_fold usage;
    struct jobs_fold jobs;
    struct control_fold control;
    struct loops_fold loops;
    struct usage_mark open, close, end;
    bool opened, closed;
    uint32_t n_row;       /* rows there is room for */
    uint64_t n_unsettled; /* records since the last settlement */
    double last_s;
    struct err failed; /* memory went out while folding */
};

int measure_init(struct measure *m, const struct scenario *s, const struct measure_options *o, struct err *e)
{
    int rc;
    struct measure_state *st = m->state = calloc(1, sizeof *st);
    if (!st) {
        return ERR_SET(e, ERR_MEMORY, "out of memory to measure a run");
    }
    st->digest = digest_start();
    st->control.r = &st->resources;
    if ((rc = resources_init(&st->resources, s, o ? o->member_max : MEMBER_MAX, e)) ||
        (rc = audit_init(&st->audit, &st->resources, e)) || (rc = usage_init(&st->usage, &st->resources, e)) ||
        (rc = loops_init(&st->loops, s, e)) || (rc = jobs_init(&st->jobs, &st->resources, o ? o->rows : NULL, e)) ||
        (rc = usage_mark_init(&st->open, &st->resources, e)) || (rc = usage_mark_init(&st->close, &st->resources, e)) ||
        (rc = usage_mark_init(&st->end, &st->resources, e))) {
        return rc;
    }
    return 0;
}

void measure_clear(struct measure *m)
{
    struct measure_state *st = m->state;
    if (st) {
        usage_mark_clear(&st->open);
        usage_mark_clear(&st->close);
        usage_mark_clear(&st->end);
        jobs_clear(&st->jobs);
        loops_clear(&st->loops);
        usage_clear(&st->usage);
        audit_clear(&st->audit);
        resources_clear(&st->resources);
        free(st);
    }
    m->state = NULL;
}

/*
 * Version 1: (time bits; part, number; to, from; source, attempt, end, kind) of every record but those that only tell what is
 * measured of a run: TR_WINDOW, TR_CLOSE, a TR_ARRIVE that ends as TS_OPEN, TR_REPORTS, TR_LOOP and TR_EXPOSE.
 */
static inline void add_to_digest(struct digest *d, const struct transition *t)
{
    uint64_t time_bits;
    memcpy(&time_bits, &t->time_s, sizeof time_bits);
    digest_add(d, time_bits, transition_whose(t), t->way, t->what);
}

static int reserve_rows(struct measure_state *st, uint32_t row)
{
    uint64_t n_row = st->n_row ? st->n_row : FIRST_ROWS;
    while (n_row <= row) {
        n_row *= 2;
    }
    n_row = n_row < ROW_NONE ? n_row : ROW_NONE;
    st->n_row = (uint32_t)n_row;
    int rc = audit_reserve(&st->audit, st->n_row, &st->failed);
    rc = rc ? rc : usage_reserve(&st->usage, st->n_row, &st->failed);
    return rc ? rc : jobs_reserve(&st->jobs, st->n_row, &st->failed);
}

/* Move what the folds summed plainly to their compensated sums. */
static void settle(struct measure_state *st)
{
    audit_settle(&st->audit);
    usage_settle(&st->usage);
    jobs_settle(&st->jobs);
    st->n_unsettled = 0;
}

static void turn_window(struct measure_state *st, const struct transition *t)
{
    bool opens = t->row == 0;
    CHECK(opens ? !st->opened : st->opened && !st->closed);
    usage_mark(&st->usage, t->time_s, opens ? &st->open : &st->close);
    jobs_window(&st->jobs, opens, t->time_s);
    st->control.inside = opens;
    st->opened = true;
    st->closed = !opens;
}

/* Service at a place, bits of a channel. */
static inline double amount_left(const struct measure_state *st, const struct transition *t)
{
    return t->from < st->resources.n_place ? t->a : t->b;
}

/* A part of a job comes into being; the rows of its job and parent have been seen, if nothing is amiss. */
static void begin_part(struct measure_state *st, const struct transition *t)
{
    uint32_t row = t->job > t->parent ? t->job : t->parent;
    if (row >= st->n_row && reserve_rows(st, row) < 0) {
        return;
    }
    audit_part(&st->audit, t);
    jobs_part(&st->jobs, t);
}

/* A part of a job is gone, by TR_LEAVE or TR_CLOSE. */
static void leave_part(struct measure_state *st, const struct transition *t)
{
    audit_leave(&st->audit, t);
    usage_leave(&st->usage, t->time_s, t->from, amount_left(st, t));
    usage_stint(&st->usage, t->row, t->from, t->a);
    jobs_leave(&st->jobs, t);
}

/*
 * One record to each fold.  Kinds follow each other without a pattern, so that a jump on the kind is mispredicted about
 * once a record: there is one jump for all folds.
 */
static inline void fold(struct measure_state *st, const struct transition *t)
{
    struct usage_fold *usage = &st->usage;
    const double now_s = t->time_s;
    switch ((enum transition_kind)t->kind) {
    case TR_RELEASE:
        add_to_digest(&st->digest, t);
        audit_release(&st->audit, t);
        usage_change(usage, now_s, 1);
        jobs_release(&st->jobs, t);
        break;
    case TR_PLACE:
        add_to_digest(&st->digest, t);
        audit_place(&st->audit, t);
        usage_join(usage, now_s, t->from);
        usage_level(usage, t->row, t->end);
        jobs_place(&st->jobs, t);
        break;
    case TR_REFUSE:
        add_to_digest(&st->digest, t);
        audit_refuse(&st->audit, t);
        jobs_refuse(&st->jobs, t);
        break;
    case TR_MOVE:
        add_to_digest(&st->digest, t);
        audit_move(&st->audit, t);
        usage_leave(usage, now_s, t->from, amount_left(st, t));
        usage_stint(usage, t->row, t->from, t->a);
        usage_join(usage, now_s, t->to);
        jobs_move(&st->jobs, t);
        break;
    case TR_END:
        add_to_digest(&st->digest, t);
        __attribute__((fallthrough));
    case TR_CLOSE:
        if (__builtin_expect(t->part != 0, 0)) {
            leave_part(st, t);
            break;
        }
        audit_end(&st->audit, t);
        usage_leave(usage, now_s, t->from, amount_left(st, t));
        usage_stint(usage, t->row, t->from, t->a);
        usage_change(usage, now_s, -1);
        jobs_end(&st->jobs, t);
        break;
    case TR_HOLD:
        add_to_digest(&st->digest, t);
        audit_move(&st->audit, t);
        usage_leave(usage, now_s, t->from, amount_left(st, t));
        usage_stint(usage, t->row, t->from, t->a);
        usage_join(usage, now_s, ROW_NONE);
        jobs_hold(&st->jobs, t);
        break;
    case TR_SHIFT:
        add_to_digest(&st->digest, t);
        audit_shift(&st->audit, t);
        usage_join(usage, now_s, t->from);
        usage_level(usage, t->row, t->end);
        jobs_shift(&st->jobs, t);
        break;
    case TR_RECALL:
        add_to_digest(&st->digest, t);
        audit_recall(&st->audit, t);
        usage_leave(usage, now_s, t->from, amount_left(st, t));
        usage_stint(usage, t->row, t->from, t->a);
        usage_join(usage, now_s, ROW_NONE);
        jobs_recall(&st->jobs, t);
        break;
    case TR_WINDOW:
        turn_window(st, t);
        break;
    case TR_PART:
        add_to_digest(&st->digest, t);
        begin_part(st, t);
        break;
    case TR_LEAVE:
        add_to_digest(&st->digest, t);
        leave_part(st, t);
        break;
    case TR_LOOP:
        if (jobs_has(&st->jobs, t)) {
            st->jobs.failed |= loops_add(&st->loops, jobs_workload(&st->jobs, t), (uint32_t)t->b, t->a) < 0;
        }
        break;
    case TR_EXPOSE:
        jobs_expose(&st->jobs, t);
        break;
    case TR_SEND:
        add_to_digest(&st->digest, t);
        audit_send(&st->audit, t);
        usage_join(usage, now_s, t->to);
        break;
    case TR_PASS:
        add_to_digest(&st->digest, t);
        audit_move(&st->audit, t);
        usage_leave(usage, now_s, t->from, amount_left(st, t));
        usage_join(usage, now_s, t->to);
        control_pass(&st->control, t);
        break;
    case TR_ARRIVE:
        if (t->end != TS_OPEN) {
            add_to_digest(&st->digest, t);
        }
        audit_arrive(&st->audit, t);
        usage_leave(usage, now_s, t->from, amount_left(st, t));
        control_pass(&st->control, t);
        break;
    case TR_THINK:
        add_to_digest(&st->digest, t);
        control_think(&st->control, t);
        break;
    case TR_SET:
        add_to_digest(&st->digest, t);
        control_set(&st->control, t);
        break;
    case TR_REPORTS:
        control_reports(&st->control, t);
        break;
    case TR_GRADE:
        add_to_digest(&st->digest, t);
        audit_grade(&st->audit, t);
        jobs_grade(&st->jobs, t);
        break;
    case TR_ORDER:
        add_to_digest(&st->digest, t);
        control_order(&st->control, t);
        break;
    case TR_STALE:
        add_to_digest(&st->digest, t);
        control_stale(&st->control);
        break;
    }
}

void measure_fold(struct measure *m, const struct transition *t, size_t n)
{
    struct measure_state *st = m->state;
    if (n == 0 || st->failed.code != ERR_NONE) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (__builtin_expect(t[i].row >= st->n_row, 0) && reserve_rows(st, t[i].row) < 0) {
            return;
        }
        fold(st, &t[i]);
    }
    st->last_s = t[n - 1].time_s;
    st->n_unsettled += n;
    if (st->n_unsettled >= SETTLE_AFTER + st->resources.n_resource) {
        settle(st);
    }
}

static int record_allocate(struct record *out, const struct resources *r, struct err *e)
{
    const struct scenario *s = r->s;
    out->n_class = s->n_workload;
    out->n_group = s->n_group;
    out->n_pool = s->n_pool;
    out->n_link = s->n_link;
    out->n_tier = s->n_tier;
    out->n_place_member = r->n_place_member;
    out->n_channel_member = r->n_channel_member;
    out->class_metric = calloc((size_t)out->n_class + 1, sizeof *out->class_metric);
    out->excursions = calloc((size_t)out->n_class + 1, sizeof *out->excursions);
    out->pool = calloc((size_t)out->n_pool + 1, sizeof *out->pool);
    out->channel = calloc(N_DIRECTION * (size_t)out->n_link + 1, sizeof *out->channel);
    out->group_energy = calloc((size_t)out->n_group + 1, sizeof *out->group_energy);
    out->tier_energy = calloc((size_t)out->n_tier + 1, sizeof *out->tier_energy);
    out->pool_first_member = calloc((size_t)out->n_pool + 1, sizeof *out->pool_first_member);
    out->link_first_member = calloc((size_t)out->n_link + 1, sizeof *out->link_first_member);
    out->place_member = calloc((size_t)out->n_place_member + 1, sizeof *out->place_member);
    out->channel_member = calloc((size_t)out->n_channel_member + 1, sizeof *out->channel_member);
    if (!out->class_metric || !out->excursions || !out->pool || !out->channel || !out->group_energy || !out->tier_energy ||
        !out->pool_first_member || !out->link_first_member || !out->place_member || !out->channel_member) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the record of a run");
    }
    for (uint32_t p = 0; p < s->n_pool; p++) {
        out->pool_first_member[p] = r->kind[p].first_member;
    }
    for (uint32_t l = 0; l < s->n_link; l++) {
        uint32_t first = r->kind[s->n_pool + N_DIRECTION * l].first_member;
        out->link_first_member[l] = first == ROW_NONE ? ROW_NONE : first - r->n_place_member;
    }
    return 0;
}

/* The window as it was, whether its end was reached or not. */
static struct window close_window(struct measure_state *st)
{
    if (!st->opened) {
        usage_mark(&st->usage, st->last_s, &st->open);
    }
    if (!st->closed) {
        usage_mark(&st->usage, st->last_s, &st->close);
    }
    struct window w = {
        .from_s = st->open.time_s,
        .to_s = st->close.time_s,
        .in_system_from = st->open.in_system,
        .in_system_to = st->close.in_system,
        .usage = &st->close,
    };
    usage_mark_subtract(&st->close, &st->open, &st->resources);
    return w;
}

int measure_finish(struct measure *m, struct record *out, struct err *e)
{
    struct measure_state *st = m->state;
    jobs_flush(&st->jobs);
    settle(st);
    if (st->failed.code == ERR_NONE && st->jobs.failed) {
        ERR_SET(&st->failed, ERR_MEMORY, "out of memory for the quantiles of latencies");
    }
    if (st->failed.code != ERR_NONE || record_allocate(out, &st->resources, &st->failed) < 0) {
        record_clear(out);
        return ERR_SET(e, st->failed.code, "%s", st->failed.text);
    }
    usage_mark(&st->usage, st->last_s, &st->end);
    struct window w = close_window(st);
    out->digest = digest_value(st->digest);
    out->n_transition = st->digest.n;
    out->window_from_s = w.from_s;
    out->window_to_s = w.to_s;
    out->end_s = st->last_s;
    out->n_tie = st->usage.n_tie;
    out->cohort = st->jobs.cohort;
    out->latency = st->jobs.latency;
    st->jobs.cohort = NULL;
    st->jobs.latency = NULL;
    if (out->status == RECORD_EMPTY) {
        out->status = RECORD_OK;
    }
    summary_fill(out, &st->resources, &w, &st->jobs, &st->control.window);
    if (summary_decide(out, &st->jobs) < 0 || summary_excursions(out, &st->jobs) < 0 ||
        loops_finish(&st->loops, &out->own) < 0) {
        record_clear(out);
        return ERR_SET(e, ERR_MEMORY, "out of memory for the quantiles of latencies");
    }
    const double ledger_j = stats_sum_value(&st->jobs.settled_ledger_j) + stats_sum_value(&st->control.ledger_j);
    if (!audit_verdict(&st->audit, &st->usage, &st->end, ledger_j)) {
        out->status = RECORD_BROKEN;
        snprintf(out->text, sizeof out->text, "%s", st->audit.text);
    }
    return 0;
}
