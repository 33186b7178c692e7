/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steps.h - what the files of the event loop share: transitions and events are posted here, and a job's steps are told apart.
 */
#ifndef SIM_RUN_STEPS_H
#define SIM_RUN_STEPS_H

#include "sim/run/live.h"

/* loop.c: give the buffer away; say why the run cannot go on. */
void run_hand_on(struct run *r);
void run_fail(struct run *r, const char *why);

static inline __attribute__((always_inline)) void emit(struct run *r, enum transition_kind kind, uint32_t row, uint32_t from,
                                                        uint32_t to, double a,
                        double b, unsigned end)
{
    if (r->n_buffer == TRANSITION_BUFFER) {
        run_hand_on(r);
    }
    const struct job *j = &r->job[row];
    r->buffer[r->n_buffer++] = (struct transition){
        .time_s = r->now_s, .a = a, .b = b, .number = j->number, .way = transition_way(from, to),
        .what = transition_what(kind, end, j->tries, j->source), .row = row};
}

static inline ev_handle post(struct run *r, double time_s, unsigned class, enum event_kind kind, uint32_t row)
{
    return evset_push(&r->events, time_s, class, kind, row);
}

/* draw.c: the job's sizes, and its latency on a link whose latency varies. */
void job_draw(struct run *r, struct job *j, const struct arrival *arrival);
double job_varying_latency_s(struct run *r, struct job *j, uint32_t channel);

/* travel.c.  A free row, or ROW_NONE after run_fail. */
uint32_t job_take(struct run *r);
/*
 * Send a job on from where it is (a, b: what it got there), hop by hop until it waits for something.  waited: the latency
 * of the next hop is already behind it.  The first transition is of the given kind.
 */
void job_go_on(struct run *r, uint32_t row, uint32_t from, double a, double b, bool waited, enum transition_kind kind);
/* The job has been served at the station where it is: busy_s is the service it got, served_s how long it was in service. */
void job_leave(struct run *r, uint32_t row, double busy_s, double served_s);
/* Take a job out wherever it is; what it got there stays charged to it. */
void job_take_out(struct run *r, uint32_t row, enum ts_end end);
void job_end(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end);

/* answer.c: ask about a job now, or after all else of this instant (false). */
bool job_ask(struct run *r, uint32_t row, enum ts_why why);

/*
 * deferred.c: jobs that wait until something changes.  Put one off; take one back; something has changed: ask at the end of
 * this instant, if the policy declares it; put that question, or that of a tick of the clock (true if it is put).
 */
int run_defer(struct run *r, uint32_t row, struct err *e);
void run_undefer(struct run *r, uint32_t row);
void run_changed(struct run *r, enum ts_why why);
bool run_ask_pool(struct run *r, enum ts_why why);
bool run_tick(struct run *r);
/* A place has become free. */
static inline void run_freed(struct run *r)
{
    if (__builtin_expect(r->n_deferred != 0, 0)) {
        run_changed(r, TS_FREED);
    }
}

#endif
