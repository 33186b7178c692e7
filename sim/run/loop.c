/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop.c - the event loop: one switch over kinds of events; arrivals, the window, and the end. */
#include <math.h>
#include <stdio.h>

#include "sim/base/err.h"
#include "sim/run/control.h"
#include "sim/run/race.h"

/* Events in a row without progress of time: these, and as many for each node, all of which may have a job at one instant. */
enum { MAX_EVENTS_AT_ONCE = 1000000, MAX_EVENTS_OF_NODE = 16 };

static uint64_t max_events_at_once(const struct run *r)
{
    return MAX_EVENTS_AT_ONCE + (uint64_t)MAX_EVENTS_OF_NODE * r->s->n_node;
}

void run_hand_on(struct run *r)
{
    if (r->n_buffer) {
        r->spec.full(r->spec.ctx, r->buffer, r->n_buffer);
        r->n_transition += r->n_buffer;
        r->n_buffer = 0;
    }
    r->over |= evset_failed(&r->events);
    if (r->spec.progress) {
        atomic_fetch_add_explicit(r->spec.progress, r->n_released - r->n_shown, memory_order_relaxed);
        r->n_shown = r->n_released;
    }
}

void run_fail(struct run *r, const char *why)
{
    r->failure = r->failure ? r->failure : why;
    r->over = true;
}

static void emit_window(struct run *r, uint32_t closes)
{
    if (r->n_buffer == TRANSITION_BUFFER) {
        run_hand_on(r);
    }
    r->buffer[r->n_buffer++] = (struct transition){
        .time_s = r->now_s, .row = closes, .from = ROW_NONE, .to = ROW_NONE, .kind = TR_WINDOW};
}

static uint32_t coming_job(struct run *r, uint32_t source)
{
    const struct arrival *arrival = &r->arrival[source];
    uint32_t row = job_take(r);
    if (row == ROW_NONE) {
        return row;
    }
    const uint32_t w = r->source_workload[source];
    const struct workload *load = &r->s->workload[w];
    struct job *j = &r->job[row];
    j->source = source;
    j->workload = w;
    j->number = arrival->index;
    j->node = r->s->group[load->group].first_node + arrival->member;
    job_stand(r, j);
    j->place = j->at = ROW_NONE;
    j->placed_s = NAN;
    j->timer = j->wait = j->patience = EV_NONE;
    j->phase = PHASE_COMING;
    j->tries = j->measured = 0;
    j->n_asked = 0;
    j->moved = 0;
    j->hop = j->n_hop = 0;
    j->step = w;
    j->part = 0;
    j->block = ROW_NONE;
    job_draw(r, j, arrival);
    if (__builtin_expect(load->graph != NULL, 0) && !graph_coming(r, row, arrival)) {
        return ROW_NONE;
    }
    return row;
}

static void close_window(struct run *r)
{
    if (r->control) {
        view_account(r, r->now_s - r->window_from_s);
    }
    r->closed = true;
    r->over |= r->n_measured_live == 0;
    r->window_to_s = r->now_s;
    emit_window(r, 1);
    if (!(r->end_s < INFINITY)) {
        double drain_s = r->s->experiment.drain_s;
        r->end_s = r->now_s + (drain_s >= 0 ? drain_s : (r->now_s - r->window_from_s) / 2);
    }
    if (r->end_s < INFINITY) {
        post(r, r->end_s, EV_BORDER, EK_BORDER, 2);
    }
}

/* True if a question is put. */
static bool release(struct run *r, uint32_t row)
{
    struct job *j = &r->job[row];
    const struct workload *load = &r->s->workload[j->workload];
    j->release_s = r->now_s;
    j->deadline_s = r->now_s + load->deadline_s;
    j->ordinal = r->n_released++;
    j->phase = PHASE_ASKED;
    emit(r, TR_RELEASE, row, ROW_NONE, j->node, j->deadline_s, j->input_bits, 0);
    if (++r->n_live > r->max_in_flight) {
        r->verdict = RUN_SATURATED;
        r->over = true;
    }
    if (r->open && !r->closed) {
        j->measured = 1;
        r->n_measured_live++;
        if (++r->n_measured == r->s->experiment.jobs) {
            close_window(r);
        }
    }
    if (load->drop_late) {
        j->timer = post(r, j->deadline_s, EV_DEADLINE, EK_DEADLINE, row);
    }
    if (__builtin_expect(r->line != NULL, 0)) {
        line_join(r, row);
    }
    return __builtin_expect(j->block != ROW_NONE, 0) ? graph_release(r, row) : job_ask(r, row, TS_ARRIVED);
}

static void close_row(struct run *r, uint32_t row)
{
    struct job *j = &r->job[row];
    double a = 0;
    if (j->at != ROW_NONE) {
        if (r->ahead[j->at] != AHEAD_NOT) {
            a = r->now_s > j->start_s ? r->now_s - j->start_s : 0;
        } else {
            station_remove(&r->stations, r->now_s, row);
            a = r->stations.item[row].busy_s;
        }
    }
    emit(r, j->phase == PHASE_MESSAGE ? TR_ARRIVE : TR_CLOSE, row, j->at, ROW_NONE, a, 0, TS_OPEN);
}

/* What is still there is accounted for, parts before their jobs; stints under way are closed. */
static void close_run(struct run *r)
{
    for (int parts = r->graph != NULL || r->race != NULL; parts >= 0; parts--) {
        for (uint32_t row = 0; row < r->n_job; row++) {
            const struct job *j = &r->job[row];
            const bool is_there = j->phase != PHASE_FREE && j->phase != PHASE_COMING && j->phase != PHASE_KEPT &&
                                  j->phase != PHASE_SENT;
            if (is_there && (j->part != 0) == parts) {
                close_row(r, row);
            }
        }
    }
    run_hand_on(r);
}

static void border(struct run *r, uint32_t which)
{
    if (which == 0) {
        r->open = true;
        emit_window(r, 0);
    } else if (which == 1) {
        close_window(r);
    } else {
        r->over = true;
    }
}

/* A job leaves a station whose departures are computed ahead; who follows it there is next. */
static void leave_ahead(struct run *r, uint32_t row)
{
    const struct job *j = &r->job[row];
    station_leave_ahead(&r->stations, j->at, r->now_s);
    if (j->next != ROW_NONE) {
        double leave_s = r->job[j->next].leave_s;
        if (leave_s < INFINITY) {
            post(r, leave_s, EV_END, EK_LEFT, j->next);
        }
    } else if (r->last[j->at] == row) {
        r->last[j->at] = ROW_NONE;
    }
    job_leave(r, row, j->busy_s, j->busy_s);
}

/* The pending arrival of a source comes up; true if a question is put. */
static bool next_arrival(struct run *r, uint32_t source)
{
    struct arrival *arrival = &r->arrival[source];
    uint32_t row = coming_job(r, source);
    if (row == ROW_NONE) {
        return false;
    }
    double release_s = arrival->release_s;
    if (!r->home[r->source_workload[source]].closed) {
        source_next(run_source(r, source), arrival);
        if (arrival->look_s < INFINITY) {
            post(r, arrival->look_s, EV_RELEASE, EK_SOURCE, source);
        }
    }
    if (release_s > r->now_s) {
        r->job[row].wait = post(r, release_s, EV_RELEASE, EK_RELEASE, row);
        return false;
    }
    return release(r, row);
}

/* The members of a batch share its round alike, and all leave at its end. */
static inline bool shares_round(const struct run *r, uint32_t station)
{
    return station < r->s->n_place && r->s->pool[r->place_pool[station]].discipline == DISCIPLINE_BATCH;
}

/* It has been served at the station, and nobody has dealt with that. */
static bool has_left(const struct run *r, uint32_t row, uint32_t station)
{
    return r->job[row].at == station && r->stations.item[row].station == ROW_NONE;
}

/* Handle an event; true if a question is put. */
static bool handle(struct run *r, const struct event *ev)
{
    switch ((enum event_kind)ev->kind) {
    case EK_SOURCE:
        return next_arrival(r, ev->row);
    case EK_RELEASE:
        return release(r, ev->row);
    case EK_LEFT:
        leave_ahead(r, ev->row);
        return false;
    case EK_JOIN:
        if (r->control && r->job[ev->row].phase == PHASE_MESSAGE) {
            message_joins(r, ev->row);
            return false;
        }
        job_go_on(r, ev->row, ROW_NONE, 0, 0, true, TR_MOVE);
        return false;
    case EK_STATION:
    case EK_STATION2: {
        struct station_done done = station_event(&r->stations, r->now_s, ev->kind, ev->row);
        uint32_t station = done.station;
        for (uint32_t i = 0; i < done.n; i++) {
            const uint32_t row = r->stations.done[i]; /* done.row moves where a message or part takes a new row */
            if ((r->graph || r->race) && !has_left(r, row, station)) {
                continue; /* taken out with its job, which one before it ended */
            }
            double busy_s = r->stations.item[row].busy_s;
            job_leave(r, row, busy_s, shares_round(r, station) ? busy_s * done.n : busy_s);
        }
        station_resume(&r->stations, station, r->now_s);
        return false;
    }
    case EK_DEADLINE:
        job_take_out(r, ev->row, TS_DROP_EXPIRED);
        return false;
    case EK_ASK:
        if (r->control) {
            controller_again(r, ev->row);
            return false;
        }
        return job_put(r, ev->row, r->job[ev->row].why);
    case EK_POOL:
        return run_ask_pool(r, ev->row);
    case EK_BLOCK:
        return run_ask_block(r, ev->row);
    case EK_TICK:
        return run_tick(r, ev->row);
    case EK_CHANGE:
        run_change(r, ev->row);
        return false;
    case EK_PATIENCE:
        return run_out_of_patience(r, ev->row);
    case EK_HEDGE:
        race_start(r, ev->row);
        return false;
    case EK_CANCEL:
        race_cancel(r, ev->row);
        return false;
    case EK_THOUGHT:
        thought_out(r, ev->row);
        return false;
    case EK_BORDER:
        border(r, ev->row);
        return false;
    case EK_CONTROL:
        return controller_start(r, ev->row);
    case EK_DECIDED:
        controller_thought(r, ev->row);
        return false;
    case EK_WAKE:
        controller_wake(r, ev->row);
        return false;
    case EK_SAMPLE:
        view_sample(r, ev->row);
        return false;
    case EK_SLOW:
        upper_tick(r);
        return false;
    case EK_SET:
        return upper_holds(r, ev->row);
    }
    CHECK(0 && "an event of a known kind");
    return false;
}

static int finish(struct run *r, struct err *e)
{
    close_run(r);
    if (r->control && r->control->fault) {
        *e = *r->control->fault;
        return -(int)e->code;
    }
    if (r->failure) {
        return ERR_SET(e, ERR_MEMORY, "%s (at %g s, %u jobs in flight)", r->failure, r->now_s, r->n_live);
    }
    return RUN_ENDED;
}

static const char *resource_name(const struct scenario *s, uint32_t resource, char *buf, size_t n)
{
    return resource < s->n_place ? scenario_place_name(s, resource, buf, n)
                                 : scenario_channel_name(s, resource - s->n_place, buf, n);
}

/* Time does not go on; says whose event is the last one. */
__attribute__((cold, noinline)) static int stuck(const struct run *r, const struct event *ev, struct err *e)
{
    const struct scenario *s = r->s;
    char place[128] = "on the way", whose[256] = "of the run";
    if (ev->kind == EK_SOURCE) {
        snprintf(whose, sizeof whose, "an arrival of workload %s", s->workload[r->source_workload[ev->row]].name);
    } else if (ev->kind == EK_STATION2) {
        resource_name(s, ev->row, whose, sizeof whose);
    } else if (ev->kind == EK_CHANGE) {
        resource_name(s, s->n_place + ev->row, whose, sizeof whose);
    } else if (ev->kind == EK_CONTROL || ev->kind == EK_DECIDED || ev->kind == EK_WAKE) {
        snprintf(whose, sizeof whose, "controller %u of policy %s", ev->row, r->spec.spec->label);
    } else if (ev->kind != EK_POOL && ev->kind != EK_BLOCK && ev->kind != EK_TICK && ev->kind != EK_HEDGE &&
               ev->kind != EK_CANCEL && ev->kind != EK_THOUGHT && ev->kind != EK_BORDER && ev->kind < EK_SAMPLE) {
        const struct job *j = &r->job[ev->row];
        snprintf(whose, sizeof whose, "job %llu of workload %s, %s", (unsigned long long)j->number,
                 s->workload[j->workload].name,
                 j->at == ROW_NONE ? place : resource_name(s, j->at, place, sizeof place));
    }
    return ERR_SET(e, ERR_NUMERIC, "more than %llu events at %.17g s without progress of time, the last one: %s",
                   (unsigned long long)max_events_at_once(r), r->now_s, whose);
}

int run_next(struct run *r, const struct ts_view **v, const struct ts_ask **a, const struct ts_outcome **o, struct err *e)
{
    CHECK(!r->asking);
    for (;;) {
        if (__builtin_expect(r->told < r->n_outcome, 0)) {
            *v = &r->view;
            *o = &r->outcome[r->told++];
            r->view.now_s = r->now_s;
            if (r->control) {
                view_show(r, r->told_ctl[r->told - 1], NULL, 0);
            } else if (r->told_ctl) {
                r->view.ctl = r->told_ctl[r->told - 1];
            }
            return RUN_OUTCOME;
        }
        r->told = r->n_outcome = 0;
        struct event ev;
        if (__builtin_expect(r->over, 0) || !evset_pop(&r->events, &ev)) {
            if (evset_failed(&r->events)) {
                run_fail(r, "out of memory for events");
            }
            return finish(r, e);
        }
        r->n_event++;
        r->now_s = ev.time_s;
        if (ev.time_s > r->same_s) {
            r->same_s = ev.time_s;
            r->n_same = 0;
        } else if (__builtin_expect(++r->n_same > MAX_EVENTS_AT_ONCE, 0) && r->n_same > max_events_at_once(r)) {
            return stuck(r, &ev, e);
        }
        if (handle(r, &ev)) {
            *v = &r->view;
            *a = &r->ask;
            return __builtin_expect(r->asking, 1) ? RUN_QUESTION : RUN_SETTING;
        }
    }
}
