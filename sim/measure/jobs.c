/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/jobs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/graph.h"

/* A site per core node, and after them one per node that no link reaches. */
static void number_sites(struct jobs_fold *f, const struct scenario *s)
{
    f->n_site = s->n_core;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct node_group *group = &s->group[s->workload[w].group];
        struct job_class *class = &f->class[w];
        *class = (struct job_class){
            .first_source = s->workload[w].first_source,
            .group_first_node = group->first_node,
            .n_site = group->count,
            .is_private = workload_is_private(&s->workload[w]),
        };
        if (group->attach != ROW_NONE) {
            class->n_site = s->group[group->attach].count;
            class->first_site = s->group[group->attach].first_core;
        } else if (group->core) {
            class->first_site = group->first_core;
        } else {
            class->first_site = f->n_site;
            for (uint32_t v = 0; v < w; v++) {
                if (s->workload[v].group == s->workload[w].group) {
                    class->first_site = f->class[v].first_site;
                }
            }
            f->n_site += class->first_site == f->n_site ? group->count : 0;
        }
    }
}

int jobs_init(struct jobs_fold *f, const struct resources *r, const struct row_sink *rows, struct err *e)
{
    const struct scenario *s = r->s;
    *f = (struct jobs_fold){.r = r, .rows = rows, .n_class = s->n_workload};
    size_t n_cell = (size_t)N_SEGMENT * f->n_class;
    f->class = calloc((size_t)f->n_class + 1, sizeof *f->class);
    f->cohort = calloc(n_cell + f->n_class + 1, sizeof *f->cohort);
    f->latency = calloc(n_cell + 1, sizeof *f->latency);
    f->excursion = calloc((size_t)f->n_class + 1, sizeof *f->excursion);
    f->unfinished_s = calloc((size_t)f->n_class + 1, sizeof *f->unfinished_s);
    f->decide = calloc((size_t)f->n_class + 1, sizeof *f->decide);
    f->ended = calloc((size_t)f->n_class + 1, sizeof *f->ended);
    f->block = rows ? malloc(sizeof *f->block) : NULL;
    if (!f->class || !f->cohort || !f->latency || !f->excursion || !f->unfinished_s || !f->decide || !f->ended ||
        (rows && !f->block)) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the cohorts of %u workloads", f->n_class);
    }
    if (rows) {
        f->block->n = 0;
    }
    number_sites(f, s);
    f->site = calloc((size_t)f->n_site + 1, sizeof *f->site);
    return f->site ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for %u sites", f->n_site);
}

int jobs_reserve(struct jobs_fold *f, uint32_t n_row, struct err *e)
{
    if (n_row <= f->n_job) {
        return 0;
    }
    struct job *job = realloc(f->job, n_row * sizeof *job);
    if (!job) {
        return ERR_SET(e, ERR_MEMORY, "out of memory to measure %u jobs in flight", n_row);
    }
    memset(job + f->n_job, 0, (n_row - f->n_job) * sizeof *job);
    f->job = job;
    f->n_job = n_row;
    return 0;
}

void jobs_clear(struct jobs_fold *f)
{
    for (size_t i = 0; f->latency && i < (size_t)N_SEGMENT * f->n_class; i++) {
        sketch_clear(&f->latency[i]);
    }
    for (uint32_t i = 0; f->decide && i < f->n_class; i++) {
        sketch_clear(&f->decide[i]);
    }
    free(f->latency);
    free(f->decide);
    free(f->excursion);
    free(f->unfinished_s);
    free(f->job);
    free(f->class);
    free(f->site);
    free(f->cohort);
    free(f->ended);
    free(f->block);
    *f = (struct jobs_fold){0};
}

void jobs_window(struct jobs_fold *f, bool open, double time_s)
{
    const struct experiment *x = &f->r->s->experiment;
    f->inside = open;
    f->segment_from = time_s;
    f->segment_per_job = x->jobs ? N_SEGMENT / (double)x->jobs : 0;
    f->segment_per_s = !x->jobs && x->duration_s > 0 ? N_SEGMENT / x->duration_s : 0;
}

/* Of the measured cohort, so that its latency has a sketch. */
static inline bool is_measured(const struct jobs_fold *f, const struct job *j)
{
    return j->cell < N_SEGMENT * f->n_class;
}

/* The workload that a source belongs to. */
static inline uint32_t class_of(const struct jobs_fold *f, uint32_t source)
{
    uint32_t lo = 0, hi = f->n_class;
    while (hi - lo > 1) {
        uint32_t mid = (lo + hi) / 2;
        bool above = f->class[mid].first_source <= source;
        lo = above ? mid : lo;
        hi = above ? hi : mid;
    }
    return lo;
}

bool jobs_has(const struct jobs_fold *f, const struct transition *t)
{
    return is_measured(f, &f->job[t->row]);
}

uint32_t jobs_workload(const struct jobs_fold *f, const struct transition *t)
{
    return f->job[t->row].class;
}

void jobs_release(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row];
    uint32_t segment = N_SEGMENT, class = class_of(f, t->source);
    if (f->inside) {
        double at = (t->time_s - f->segment_from) * f->segment_per_s + (double)f->n_measured * f->segment_per_job;
        segment = at < N_SEGMENT - 1 ? (uint32_t)at : N_SEGMENT - 1;
        f->n_measured++;
    }
    *j = (struct job){
        .released_s = t->time_s,
        .deadline_s = t->a,
        .since_s = t->time_s,
        .origin = t->to,
        .place = ROW_NONE,
        .cell = segment * f->n_class + class,
        .class = (uint16_t)class,
        .part = PART_DECIDE,
    };
    struct cohort *cell = &f->cohort[j->cell];
    cell->n_job++;
    cell->n_sensitive += f->class[class].is_private;
    cell->in_system += (double)f->in_system;
    f->in_system++;
}

/* Time since the last change goes to the part, and the job is in the next. */
static inline void turn(struct job *j, enum part to, double now_s, enum part next)
{
    j->part_s[to] += now_s - j->since_s;
    j->since_s = now_s;
    j->part = (unsigned)next & 0x7f;
}

static inline void arrive_at_place(struct job *j, double now_s)
{
    turn(j, j->part == PART_UPLOAD ? PART_UPLOAD : PART_OTHER, now_s, PART_QUEUE);
}

static inline void leave_place(const struct resource_kind *kind, struct job *j, const struct transition *t)
{
    double stay_s = t->time_s - j->since_s, service_s = kind->stay_is_service ? stay_s : t->b;
    double part_s = stay_s < service_s ? stay_s : service_s; /* less only by the rounding of the clock */
    j->part_s[PART_COMPUTE] += service_s;
    j->part_s[PART_QUEUE] += stay_s - part_s;
    j->since_s = t->time_s;
    j->part = PART_DOWNLOAD;
}

/* Leaves a place, a channel, or nowhere. */
static inline void leave(struct jobs_fold *f, struct job *j, const struct transition *t)
{
    const struct resource_kind *kind = resource_kind(f->r, t->from);
    struct cohort *cell = &f->cohort[j->cell];
    j->attempt_j += t->a * kind->w_per_unit + t->b * kind->j_per_bit;
    cell->bits += t->b * kind->carries;
    cell->cost += t->b * kind->price_per_bit;
    if (t->from < f->r->n_place) {
        if (__builtin_expect(j->level != 0, 0)) {
            j->attempt_j += t->a * resource_level_w(kind, j->level);
        }
        leave_place(kind, j, t);
    }
}

void jobs_expose(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row], *whole = t->part ? &f->job[j->job] : j;
    f->cohort[whole->cell].n_exposed += !whole->exposed;
    whole->exposed = 1;
}

void jobs_place(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row];
    struct cohort *cell = &f->cohort[j->cell];
    turn(j, j->part == PART_DECIDE ? PART_DECIDE : PART_OTHER, t->time_s, PART_UPLOAD);
    j->waste_j += j->attempt_j;
    j->attempt_j = 0;
    j->place = t->to;
    j->level = (unsigned)t->end & 0x7f;
    cell->n_decision++;
    if (t->from < f->r->n_place) {
        arrive_at_place(j, t->time_s);
    }
}

void jobs_shift(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row];
    j->part = PART_OTHER;
    j->place = t->to;
    j->level = (unsigned)t->end & 0x7f;
    if (t->from < f->r->n_place) {
        arrive_at_place(j, t->time_s);
    }
}

void jobs_refuse(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row];
    turn(j, PART_OTHER, t->time_s, PART_DECIDE);
    j->waste_j += j->attempt_j;
    j->attempt_j = 0;
}

void jobs_recall(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row];
    leave(f, j, t);
    turn(j, PART_OTHER, t->time_s, PART_DECIDE);
    j->waste_j += j->attempt_j;
    j->attempt_j = 0;
}

void jobs_move(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row];
    leave(f, j, t);
    if (t->to < f->r->n_place) {
        arrive_at_place(j, t->time_s);
    }
}

void jobs_hold(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row];
    leave(f, j, t);
    j->since_s = t->time_s;
    j->part = PART_HELD;
}

/* Of a job whose result was held: how long that came back, which is what else there was before. */
static double held_download_s(const struct job *j)
{
    double before_s = 0;
    for (int p = 0; p < PART_DOWNLOAD; p++) {
        before_s += j->part_s[p];
    }
    return fmax(0, j->since_s - j->released_s - before_s);
}

/* What a part is in when it comes into being. */
static enum part first_part(const struct graph *g, uint32_t part)
{
    return !g || part <= g->n_task ? PART_DECIDE
           : part < graph_part_of_link(g, graph_output(g, 0)) ? PART_UPLOAD : PART_DOWNLOAD;
}

void jobs_part(struct jobs_fold *f, const struct transition *t)
{
    const struct job *whole = &f->job[t->job];
    struct job j = f->job[t->parent];
    if (j.part != PART_DOWNLOAD) {
        j.part_s[j.part] += t->time_s - j.since_s;
    }
    j.since_s = t->time_s;
    j.attempt_j = j.waste_j = 0;
    j.job = t->job;
    j.place = ROW_NONE;
    j.cell = whole->cell;
    j.class = whole->class;
    j.level = 0;
    j.ended = 0;
    j.part = (unsigned)first_part(f->r->s->workload[class_of(f, t->source)].graph, t->part) & 0x7f;
    f->job[t->row] = j;
}

void jobs_leave(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row], *whole = &f->job[j->job];
    leave(f, j, t);
    if (whole->ended) { /* what lost a race is charged when it is no more */
        f->cohort[whole->cell].waste_j += j->attempt_j + j->waste_j;
        f->ledger_j += j->attempt_j + j->waste_j;
        return;
    }
    if (t->end == 0 || t->end == TS_DONE) {
        whole->attempt_j += j->attempt_j;
    } else {
        whole->waste_j += j->attempt_j;
    }
    whole->waste_j += j->waste_j;
    whole->place = j->place == ROW_NONE ? whole->place : j->place;
    if (t->end == TS_DONE) {
        memcpy(whole->part_s, j->part_s, sizeof whole->part_s);
        whole->since_s = j->since_s;
        whole->part = PART_DOWNLOAD;
    }
}

void jobs_grade(struct jobs_fold *f, const struct transition *t)
{
    struct cohort *cell = &f->cohort[f->job[t->row].cell];
    cell->n_graded++;
    cell->accuracy += t->a;
}

static void add_row(struct jobs_fold *f, const struct job *j, const struct transition *t, double latency_s,
                    double download_s)
{
    struct row_block *b = f->block;
    uint32_t i = b->n++;
    b->workload[i] = j->class;
    b->source[i] = t->source;
    b->number[i] = t->number;
    b->origin[i] = j->origin;
    b->place[i] = j->place;
    b->release[i] = j->released_s;
    b->latency[i] = (float)latency_s;
    b->decide[i] = (float)j->part_s[PART_DECIDE];
    b->upload[i] = (float)j->part_s[PART_UPLOAD];
    b->queue[i] = (float)j->part_s[PART_QUEUE];
    b->compute[i] = (float)j->part_s[PART_COMPUTE];
    b->download[i] = (float)download_s;
    b->other[i] = (float)j->part_s[PART_OTHER];
    b->slack[i] = (float)(j->deadline_s - t->time_s);
    b->energy[i] = (float)(j->attempt_j + j->waste_j);
    b->end[i] = t->end;
    b->measured[i] = is_measured(f, j);
    if (b->n == ROW_BLOCK) {
        jobs_flush(f);
    }
}

void jobs_flush(struct jobs_fold *f)
{
    if (f->block && f->block->n > 0) {
        f->rows->flush(f->rows->ctx, f->block);
        f->block->n = 0;
    }
}

static void add_finished(struct jobs_fold *f, struct cohort *cell, const struct job *j, double latency_s,
                         double download_s)
{
    cell->latency_s += latency_s;
    cell->latency2_s2 += latency_s * latency_s;
    cell->decide_s += j->part_s[PART_DECIDE];
    cell->upload_s += j->part_s[PART_UPLOAD];
    cell->queue_s += j->part_s[PART_QUEUE];
    cell->compute_s += j->part_s[PART_COMPUTE];
    cell->download_s += download_s;
    cell->other_s += j->part_s[PART_OTHER];
    if (is_measured(f, j)) {
        const struct job_class *class = &f->class[j->class];
        uint32_t member = j->origin - class->group_first_node;
        struct site *site = &f->site[class->first_site + (member < class->n_site ? member : member % class->n_site)];
        site->latency_s += latency_s;
        site->n++;
        if (__builtin_expect(j->part_s[PART_DECIDE] > 0, 0)) {
            f->failed |= sketch_add(&f->decide[j->class], j->part_s[PART_DECIDE]) < 0;
        }
    }
}

static double charged_s(const struct jobs_fold *f, const struct job *j, double lived_s)
{
    const struct scenario *s = f->r->s;
    return objective_charged_s(&s->objective, s->workload[j->class].deadline_s, lived_s);
}

void jobs_end(struct jobs_fold *f, const struct transition *t)
{
    struct job *j = &f->job[t->row];
    struct cohort *cell = &f->cohort[j->cell];
    leave(f, j, t);
    bool finished = t->end == TS_DONE || t->end == TS_LATE;
    double latency_s = t->time_s - j->released_s, download_s = 0, left_s = t->time_s - j->since_s;
    if (j->part == PART_DOWNLOAD) {
        download_s = left_s;
    } else if (__builtin_expect(j->part == PART_HELD, 0)) {
        download_s = held_download_s(j);
        j->part_s[PART_OTHER] += left_s;
    } else {
        j->part_s[j->part] += left_s;
    }
    double useful_j = finished ? j->attempt_j : 0, waste_j = j->waste_j + (finished ? 0 : j->attempt_j);
    cell->n_end[t->end]++;
    cell->useful_j += useful_j;
    cell->waste_j += waste_j;
    f->ledger_j += useful_j + waste_j;
    if (finished) {
        add_finished(f, cell, j, latency_s, download_s);
    } else {
        cell->n_decision += t->end == TS_REJECTED;
        cell->n_open_late += t->end == TS_OPEN && j->deadline_s <= t->time_s;
        f->unfinished_s[j->class] += is_measured(f, j) ? charged_s(f, j, latency_s) : 0;
    }
    if (is_measured(f, j)) {
        f->failed |= sketch_add(&f->latency[j->cell], finished ? latency_s : INFINITY) < 0;
        excursion_add(&f->excursion[j->class], finished ? latency_s : INFINITY);
    }
    f->ended[j->class][t->end] += f->inside && t->kind == TR_END;
    f->in_system--;
    j->ended = 1;
    if (f->block) {
        add_row(f, j, t, latency_s, download_s);
    }
}

void jobs_settle(struct jobs_fold *f)
{
    stats_sum_add(&f->settled_ledger_j, f->ledger_j);
    f->ledger_j = 0;
    for (size_t i = 0; i < (size_t)N_SEGMENT * f->n_class; i++) {
        f->cohort[i].n_late = f->cohort[i].n_end[TS_LATE];
        f->cohort[i].n_finished = f->cohort[i].n_end[TS_DONE] + f->cohort[i].n_late;
    }
}
