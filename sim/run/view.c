/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * view.c - what a controller knows of the places: live rows, or samples of the past (SEMANTICS 5.1.2-4).
 *
 * A place samples at phase + k period, after all changes of that instant but those by answers, which come after it.  With
 * `period` alone that costs no event: when something changes, what was there is kept if a sample saw it, in a ring of as
 * many as the delay makes readable.  Over links each sample is a message to each controller.
 *
 * A sample has what is present at the place; what is on its way there only its sender knows (ledger.c).
 */
#include "sim/run/control.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"

enum { MAX_SAMPLES = 1 << 27 };
static const enum ts_col varying[] = {TS_ASOF, TS_BUSY, TS_QUEUED, TS_WORK_S};
enum { N_VARYING = sizeof varying / sizeof *varying };

static double phase_s(const struct outlook *w, uint32_t place)
{
    return w->phase_s ? w->phase_s[place] : 0;
}

/* The last sample of a place up to t_s, or before it; below 0 if there was none. */
static double sample_at(const struct outlook *w, uint32_t place, double t_s, bool before)
{
    const double phase = phase_s(w, place), period = w->spec->period_s;
    double k = floor((t_s - phase) / period);
    while (phase + (k + 1) * period < t_s || (!before && phase + (k + 1) * period == t_s)) {
        k++;
    }
    while (phase + k * period > t_s || (before && phase + k * period == t_s)) {
        k--;
    }
    return k < 0 ? -1 : phase + k * period;
}

static bool sees(const struct sample *x, double sample_s)
{
    return x->since_s < sample_s || (x->since_s == sample_s && !x->after);
}

static int room(double **x, uint32_t n, struct err *e)
{
    *x = calloc(n + 1u, sizeof **x);
    return *x ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for the view of %u places", n);
}

/* Places of core nodes have rows that all controllers know. */
static int list_places(struct run *r, struct err *e)
{
    struct run_control *c = r->control;
    c->core_place = calloc(r->s->n_place + 1u, sizeof *c->core_place);
    c->core_index = calloc(r->s->n_place + 1u, sizeof *c->core_index);
    c->now = calloc(r->s->n_place + 1u, sizeof *c->now);
    if (!c->core_place || !c->core_index || !c->now) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the view of %u places", r->s->n_place);
    }
    for (uint32_t p = 0; p < r->s->n_place; p++) {
        bool core = r->place[p].core != ROW_NONE;
        c->core_index[p] = core ? c->n_core_place : ROW_NONE;
        c->core_place[c->n_core_place] = p;
        c->n_core_place += core;
    }
    return 0;
}

static int start_past(struct run *r, struct outlook *w, struct err *e)
{
    const double depth = ceil(w->spec->delay_s / w->spec->period_s) + 2;
    if (depth * r->s->n_place > MAX_SAMPLES) {
        return ERR_SET(e, ERR_INPUT, "policy %s: a delay of %g s and a period of %g s keep %.0f samples of each of %u places, "
                       "wanted at most %d in all", r->spec.spec->label, w->spec->delay_s, w->spec->period_s, depth, r->s->n_place,
                       MAX_SAMPLES);
    }
    w->depth = (uint32_t)depth;
    w->past = calloc((size_t)w->depth * r->s->n_place + 1, sizeof *w->past);
    w->newest = calloc(r->s->n_place + 1u, sizeof *w->newest);
    if (!w->past || !w->newest) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for samples of %u places", r->s->n_place);
    }
    for (size_t i = 0; i < (size_t)w->depth * r->s->n_place; i++) {
        w->past[i].since_s = INFINITY; /* not used yet */
    }
    return 0;
}

/* Controller of a device's place: that of the first job source of its group; ROW_NONE if it has none. */
static uint32_t controller_of_device(const struct run *r, uint32_t place)
{
    const uint32_t node = r->place[place].node, group = scenario_group_of_node(r->s, node);
    for (uint32_t w = 0; w < r->s->n_workload; w++) {
        if (r->s->workload[w].group == group) {
            struct job j = {.workload = w, .node = node};
            job_stand(r, &j);
            return control_of_job(r, &j);
        }
    }
    return ROW_NONE;
}

/* Joules and links of a bit from where something stands down to its site, or up. */
struct cost {
    double j, hops;
};

static void add_channel(const struct run *r, struct cost *c, uint32_t channel)
{
    if (channel != ROW_NONE) {
        c->j += run_channel_spec(r, channel)->energy_j_per_bit;
        c->hops++;
    }
}

static struct cost core_cost(const struct run *r, uint32_t from, uint32_t to)
{
    struct cost c = {0, 0};
    const struct route *route = route_between(r->s, from, to);
    for (uint32_t h = 0; route->n_hop != ROW_NONE && h < route->n_hop; h++) {
        add_channel(r, &c, r->s->hop[route->first_hop + h]);
    }
    return c;
}

/*
 * Reports of a period that cost no event, by multiplication: of each place of a core node to every controller, of a device's
 * place to its own fast one.  To a controller that is nowhere each goes over one link that costs nothing.
 */
static int count_reports(struct run *r, struct outlook *w, struct err *e)
{
    struct run_control *c = r->control;
    const double bits = c->spec->bits[MESSAGE_REPORT];
    if (w->spec->at == CONTROL_NOWHERE) {
        w->report_bits = bits * (w == &c->outlook[LEVEL_FAST] ? r->s->n_place : c->n_core_place);
        return 0;
    }
    struct cost *sum = calloc(r->s->n_core + 1u, sizeof *sum); /* of a bit from all places of core nodes */
    if (!sum) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for reports");
    }
    for (uint32_t to = 0; to < r->s->n_core; to++) {
        for (uint32_t i = 0; i < c->n_core_place; i++) {
            struct cost one = core_cost(r, r->place[c->core_place[i]].core, to);
            sum[to].j += one.j;
            sum[to].hops += one.hops;
        }
    }
    for (uint32_t k = w->first_ctl; k < w->first_ctl + w->n_ctl; k++) {
        struct cost access = {0, 0};
        add_channel(r, &access, c->ctl[k].at.access == ROW_NONE ? ROW_NONE : c->ctl[k].at.access ^ 1u);
        if (c->ctl[k].at.core != ROW_NONE) {
            w->report_j += bits * (sum[c->ctl[k].at.core].j + access.j * c->n_core_place);
            w->report_bits += bits * (sum[c->ctl[k].at.core].hops + access.hops * c->n_core_place);
        }
    }
    free(sum);
    for (uint32_t p = 0; p < r->s->n_place && w == &c->outlook[LEVEL_FAST]; p++) {
        uint32_t ctl = c->core_index[p] == ROW_NONE ? controller_of_device(r, p) : ROW_NONE;
        if (ctl != ROW_NONE && c->ctl[ctl].at.node != r->place[p].node) {
            struct stand from = stand_of_place(r, p);
            struct cost one = core_cost(r, from.core, c->ctl[ctl].at.core);
            add_channel(r, &one, from.access);
            w->report_j += bits * one.j;
            w->report_bits += bits * one.hops;
        }
    }
    return 0;
}

void view_account(struct run *r, double window_s)
{
    const struct run_control *c = r->control;
    for (uint32_t level = 0; level < c->n_level; level++) {
        const struct outlook *w = &c->outlook[level];
        if (w->spec->view == VIEW_PERIODIC) {
            double n = window_s / w->spec->period_s;
            emit_raw(r, (struct transition){.time_s = r->now_s, .a = n * w->report_j, .b = n * w->report_bits,
                                            .way = transition_way(ROW_NONE, ROW_NONE),
                                            .what = transition_what(TR_REPORTS, 0, 0, 0)});
        }
    }
}

static void beat(struct run *r, double time_s, uint32_t level)
{
    post(r, time_s, EV_SAMPLE, EK_SAMPLE, level);
    r->n_alone++;
}

/* Who hears of a place: all controllers of a core node's, its own fast one of a device's. */
static int start_reports(struct run *r, struct outlook *w, struct err *e)
{
    const struct run_control *c = r->control;
    const uint32_t level = (uint32_t)(w - c->outlook);
    const uint64_t n_device = level == LEVEL_FAST ? r->s->n_place - c->n_core_place : 0;
    const uint64_t n = (uint64_t)c->n_core_place * w->n_ctl + n_device;
    if (n > MANY_REPORTS && !w->spec->many) {
        return ERR_SET(e, ERR_INPUT, "policy %s: %llu reports travel each period, wanted at most %d, or `many: true` in its view",
                       r->spec.spec->label, (unsigned long long)n, MANY_REPORTS);
    }
    if (n > MAX_SAMPLES || !(w->heard = calloc((size_t)w->n_ctl * c->n_core_place + r->s->n_place + 1, sizeof *w->heard))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %llu reports", (unsigned long long)n);
    }
    beat(r, 0, level);
    return 0;
}

static int start_outlook(struct run *r, struct outlook *w, struct err *e)
{
    int rc = 0;
    if (w->spec->view != VIEW_EXACT && !w->spec->sync) {
        rc = room(&w->phase_s, r->s->n_place, e);
        for (uint32_t p = 0; !rc && p < r->s->n_place; p++) {
            w->phase_s[p] = w->spec->period_s * p / r->s->n_place;
        }
    }
    if (!rc && w->spec->view == VIEW_PERIODIC) {
        rc = start_past(r, w, e);
        rc = rc ? rc : count_reports(r, w, e);
    }
    return rc || w->spec->view != VIEW_LINKS ? rc : start_reports(r, w, e);
}

int view_create(struct run *r, struct err *e)
{
    struct run_control *c = r->control;
    int rc = list_places(r, e);
    for (unsigned i = 0; i < N_VARYING; i++) {
        if (!rc && r->column[varying[i]]) {
            rc = room(&c->known[varying[i]], r->s->n_place, e);
        }
        for (uint32_t p = 0; !rc && c->known[varying[i]] && p < r->s->n_place; p++) {
            c->known[varying[i]][p] = NAN;
        }
    }
    for (unsigned k = 0; k < TS_N_COL; k++) {
        c->col[k] = c->known[k] ? c->known[k] : r->column[k];
    }
    r->view.col = (const double *const *)c->col;
    for (uint32_t level = 0; !rc && level < c->n_level; level++) {
        rc = start_outlook(r, &c->outlook[level], e);
    }
    return rc;
}

void view_free(struct run *r)
{
    struct run_control *c = r->control;
    for (unsigned k = 0; k < TS_N_COL; k++) {
        free(c->known[k]);
    }
    for (uint32_t level = 0; level < c->n_level; level++) {
        free(c->outlook[level].past);
        free(c->outlook[level].newest);
        free(c->outlook[level].phase_s);
        free(c->outlook[level].heard);
    }
    free(c->core_place);
    free(c->core_index);
    free(c->shown);
    free(c->now);
}

/* What is there changes: is the sample before that still to be kept? */
static void keep_sample(struct run *r, struct outlook *w, uint32_t place)
{
    const struct sample *now = &r->control->now[place];
    if (w->spec->view == VIEW_PERIODIC && sees(now, sample_at(w, place, r->now_s, !r->control->answering))) {
        w->newest[place] = (w->newest[place] + 1) % w->depth;
        w->past[(size_t)place * w->depth + w->newest[place]] = *now;
    }
}

void view_change(struct run *r, uint32_t place, int n, double work_s)
{
    struct run_control *c = r->control;
    struct sample *now = &c->now[place];
    for (uint32_t level = 0; level < c->n_level; level++) {
        keep_sample(r, &c->outlook[level], place);
    }
    if (!(now->since_s == r->now_s && now->after)) {
        now->since_s = r->now_s;
        now->after = c->answering;
    }
    now->n += (uint32_t)n;
    now->work_s = now->n ? now->work_s + work_s : 0;
}

/* What a sample of that instant saw. */
static const struct sample *seen(const struct run_control *c, const struct outlook *w, uint32_t place, double sample_s)
{
    const struct sample *past = w->past + (size_t)place * w->depth;
    if (sees(&c->now[place], sample_s)) {
        return &c->now[place];
    }
    for (uint32_t i = 0; i < w->depth; i++) {
        const struct sample *x = &past[(w->newest[place] + w->depth - i) % w->depth];
        if (x->since_s < INFINITY && sees(x, sample_s)) {
            return x;
        }
    }
    return NULL;
}

static struct sample *heard_by(const struct run_control *c, const struct outlook *w, uint32_t ctl, uint32_t place)
{
    return c->core_index[place] == ROW_NONE
               ? &w->heard[(size_t)w->n_ctl * c->n_core_place + place]
               : &w->heard[(size_t)(ctl - w->first_ctl) * c->n_core_place + c->core_index[place]];
}

static void set(struct run_control *c, enum ts_col col, uint32_t place, double x)
{
    if (c->known[col]) {
        c->known[col][place] = x;
    }
}

static void show(struct run *r, uint32_t ctl, uint32_t place)
{
    struct run_control *c = r->control;
    const struct outlook *w = outlook_of(r, ctl);
    const struct place_live *live = &r->place[place];
    struct sample row = {.since_s = 0};
    uint32_t assigned = 0; /* on their way: known of live rows alone */
    double asof_s = r->now_s;
    if (w->spec->view == VIEW_EXACT) {
        row = (struct sample){.n = live->n, .work_s = live->backlog_s};
        assigned = live->assigned - live->n;
    } else if (c->ctl[ctl].at.node == live->node) {
        row = c->now[place];
    } else if (w->spec->view == VIEW_LINKS) {
        row = *heard_by(c, w, ctl, place);
        asof_s = row.since_s;
    } else {
        asof_s = sample_at(w, place, r->now_s - w->spec->delay_s, false);
        const struct sample *x = asof_s < 0 ? NULL : seen(c, w, place, asof_s);
        row = x ? *x : row;
        asof_s = asof_s < 0 ? 0 : asof_s;
    }
    struct ledger_sum sent = ledger_sum(r, ctl, place, w->spec->view == VIEW_EXACT ? -1 : asof_s);
    uint32_t busy = row.n < live->units ? row.n : live->units;
    set(c, TS_ASOF, place, asof_s);
    set(c, TS_BUSY, place, busy);
    set(c, TS_QUEUED, place, row.n - busy + assigned + sent.n);
    set(c, TS_WORK_S, place, row.work_s + sent.work_s);
}

void view_show(struct run *r, uint32_t ctl, const ts_id *cand, uint32_t n_cand)
{
    struct run_control *c = r->control;
    c->asking = ctl;
    r->view.ctl = ctl;
    for (uint32_t i = 0; i < c->n_shown; i++) { /* nobody else is told of a device's */
        for (unsigned k = 0; k < N_VARYING; k++) {
            set(c, varying[k], c->shown[i], NAN);
        }
    }
    c->n_shown = 0;
    if (n_cand > c->room_shown) {
        ts_id *grown = realloc(c->shown, 2 * (size_t)n_cand * sizeof *grown);
        if (!grown) {
            run_fail(r, "out of memory for a view");
            return;
        }
        c->shown = grown;
        c->room_shown = 2 * n_cand;
    }
    for (uint32_t i = 0; i < c->n_core_place; i++) {
        show(r, ctl, c->core_place[i]);
    }
    for (uint32_t i = 0; i < n_cand; i++) {
        if (c->core_index[cand[i]] == ROW_NONE) {
            show(r, ctl, cand[i]);
            c->shown[c->n_shown++] = cand[i];
        }
    }
}

static void report(struct run *r, const struct outlook *w, uint32_t ctl, uint32_t place)
{
    struct run_control *c = r->control;
    struct message m = {.kind = MESSAGE_REPORT, .ctl = ctl, .place = place, .sample = c->now[place],
                        .entity = MESSAGE_REPORT + N_MESSAGE * (uint32_t)(w - c->outlook), .member = place % (1u << 24),
                        .index = w->n_sample};
    m.sample.since_s = r->now_s;
    if (c->ctl[ctl].at.node != r->place[place].node) { /* else it looks for itself */
        message_send(r, &m, stand_of_place(r, place), c->ctl[ctl].at);
    }
}

static void report_all(struct run *r, const struct outlook *w, uint32_t place)
{
    struct run_control *c = r->control;
    if (c->core_index[place] == ROW_NONE) {
        uint32_t ctl = w == &c->outlook[LEVEL_FAST] ? controller_of_device(r, place) : ROW_NONE;
        if (ctl != ROW_NONE) {
            report(r, w, ctl, place);
        }
        return;
    }
    for (uint32_t ctl = w->first_ctl; ctl < w->first_ctl + w->n_ctl; ctl++) {
        struct stand from = stand_of_place(r, place);
        if (c->ctl[ctl].at.node == ROW_NONE ||
            (c->ctl[ctl].at.core != ROW_NONE && route_between(r->s, from.core, c->ctl[ctl].at.core)->n_hop != ROW_NONE)) {
            report(r, w, ctl, place);
        }
    }
}

/* The k-th sampling is of place k mod n_place, or of all. */
void view_sample(struct run *r, uint32_t level)
{
    struct outlook *w = &r->control->outlook[level];
    const uint64_t n = w->spec->sync ? 1 : r->s->n_place, k = w->n_sample;
    r->n_alone--;
    for (uint32_t p = 0; w->spec->sync && p < r->s->n_place; p++) {
        report_all(r, w, p);
    }
    if (!w->spec->sync) {
        report_all(r, w, (uint32_t)(k % n));
    }
    w->n_sample = k + 1;
    uint32_t next = (uint32_t)(w->n_sample % n);
    if (run_goes_on(r)) {
        beat(r, phase_s(w, next) + (double)(w->n_sample / n) * w->spec->period_s, level);
    }
}

void view_hear(struct run *r, const struct message *m)
{
    struct sample *row = heard_by(r->control, outlook_of(r, m->ctl), m->ctl, m->place);
    if (m->sample.since_s > row->since_s) {
        *row = m->sample;
    }
    controller_ask(r, m->ctl, TS_REPORT);
}
