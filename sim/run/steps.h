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
        .what = transition_what(kind, end, j->tries, j->source), .row = row, .part = j->part};
}

/* A part of the job in row whole comes into being. */
static inline void emit_part(struct run *r, uint32_t row, uint32_t whole, uint32_t parent, double bits)
{
    emit(r, TR_PART, row, ROW_NONE, ROW_NONE, 0, bits, 0);
    r->buffer[r->n_buffer - 1].job = whole;
    r->buffer[r->n_buffer - 1].parent = parent;
}

/* In entities of draws about a link; odd, so that hashes of names are not just laid over each other. */
#define LINK_FACTOR 0x9E3779B9u
/* The same about a part of a job. */
#define PART_FACTOR 0xC2B2AE35u

/* The same of what is no job's. */
static inline void emit_raw(struct run *r, struct transition t)
{
    if (r->n_buffer == TRANSITION_BUFFER) {
        run_hand_on(r);
    }
    r->buffer[r->n_buffer++] = t;
}

static inline ev_handle post(struct run *r, double time_s, unsigned class, enum event_kind kind, uint32_t row)
{
    return evset_push(&r->events, time_s, class, kind, row);
}

/* draw.c: the job's sizes, and its latency on a link whose latency varies. */
void job_draw(struct run *r, struct job *j, const struct arrival *arrival);
/* The work of a part of the job (0: of the job) as it is estimated. */
double job_guess(const struct run *r, const struct job *j, uint32_t part, double flop);
double job_varying_latency_s(struct run *r, struct job *j, uint32_t channel);
/* The job's on a link whose latency is drawn for each message, out or back. */
double job_latency_drawn_s(const struct run *r, const struct job *j, uint32_t channel, bool back);
/* Of a job of several tasks: its latent value; the sizes of those tasks that are part of it, and of their data, where they vary. */
double job_draw_latent(const struct run *r, const struct job *j);
/* Its edges that carry nothing, of a graph that has selective ones: quiet[n_edge]. */
void job_draw_quiet(const struct run *r, const struct job *j, uint8_t *quiet);
void job_draw_graph(struct run *r, const struct job *j, const struct arrival *arrival, struct task_live *task,
                    struct link_live *link);

/* travel.c.  A free row, or ROW_NONE after run_fail; give it back. */
uint32_t job_take(struct run *r);
void job_give(struct run *r, uint32_t row);
/* Join a channel; false if it has no limit, so that the bits are through. */
bool job_serve(struct run *r, uint32_t row, uint32_t channel, double bits);
/*
 * Send a job on from where it is (a, b: what it got there), hop by hop until it waits for something.  waited: the latency
 * of the next hop is already behind it.  The first transition is of the given kind.
 */
void job_go_on(struct run *r, uint32_t row, uint32_t from, double a, double b, bool waited, enum transition_kind kind);
/* The job has been served at the station where it is: busy_s is the service it got, served_s how long it was in service. */
void job_leave(struct run *r, uint32_t row, double busy_s, double served_s);
/* Take a job out wherever it is; what it got there stays charged to it. */
void job_take_out(struct run *r, uint32_t row, enum ts_end end);
/* The same without ending it: where it was, the service it got there, the bits or seconds in service. */
struct pulled {
    uint32_t from;
    double a, b;
};
struct pulled job_pull(struct run *r, uint32_t row);
/* Work announced to a place is done, or will never come there. */
void place_unassign(struct run *r, uint32_t place, double estimate_s);
/* What it used at a station that it leaves goes to its account: unit-seconds of a place, bits of a channel. */
void job_charge(struct run *r, uint32_t row, uint32_t station, double a, double b);
/* A task of the row, by its row among those of all workloads, goes to a place: where it is private that may expose it. */
void job_exposed(struct run *r, uint32_t row);
static inline void job_may_expose(struct run *r, uint32_t row, uint32_t task, uint32_t place)
{
    if (__builtin_expect(r->home[task].is_private, 0) && r->place[place].node != r->job[row].node) {
        job_exposed(r, row);
    }
}
/* Of a job of several tasks: how good its result is, before its end; what is left of it goes, as its result is there. */
void graph_grade(struct run *r, uint32_t row);
void graph_settle(struct run *r, uint32_t row);
/* Tell the outcome of a job; of one of several tasks, to the decisions about them first, and give back its block. */
void job_told(struct run *r, const struct ts_outcome *o, uint32_t ctl, uint32_t workload, uint32_t block);
void job_end(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end);
/* It ends with its result, which is handed on at this instant. */
static inline void job_finish(struct run *r, uint32_t row, uint32_t from, double a, double b)
{
    if (__builtin_expect(r->job[row].block != ROW_NONE, 0)) {
        graph_grade(r, row);
    }
    job_end(r, row, from, a, b, r->now_s <= r->job[row].deadline_s ? TS_DONE : TS_LATE);
}

/*
 * in_order.c: results that are handed on in the order of release.  A job is released, or ends: its line, or NULL, of which those
 * are then to be handed on whose turn it is.  Does a job's result have to wait for others?  Then that is done.
 */
struct line;
int lines_init(struct run *r, struct err *e);
void lines_clear(struct run *r);
bool lines_reserve(struct run *r, uint32_t n);
void line_join(struct run *r, uint32_t row);
struct line *line_leave(struct run *r, uint32_t row);
void line_go_on(struct run *r, struct line *line);
bool line_holds(struct run *r, uint32_t row, uint32_t from, double a, double b);
/* The result of a job is at its node. */
static inline void job_result(struct run *r, uint32_t row, uint32_t from, double a, double b)
{
    if (__builtin_expect(r->line != NULL, 0) && line_holds(r, row, from, a, b)) {
        return;
    }
    job_finish(r, row, from, a, b);
}

/*
 * graph.c, graph_block.c, graph_plan.c: jobs of several tasks.  The job in the row is going to be released, false after
 * run_fail; it is released, true if a question is put.
 */
int graphs_init(struct run *r, struct err *e);
void graphs_clear(struct run *r);
bool graph_coming(struct run *r, uint32_t row, const struct arrival *arrival);
bool graph_release(struct run *r, uint32_t row);
/* A part is where its way ends (job_go_on).  False: it is a task that joins its place now. */
bool graph_step(struct run *r, uint32_t row, uint32_t from, double a, double b);
/* The task in the row is to run at a place, at the row's level, its work announced as so much. */
void graph_place(struct run *r, uint32_t row, uint32_t place, double flop);
/* The plan for a whole job, which alone may have ranges of tasks, has come. */
static inline void graph_answered(struct run *r)
{
    r->asked_graph = false;
    r->ask.est = (const double *const *)r->est;
    r->checker.can &= ~(uint32_t)(PLAN_CAN_RANGE | PLAN_CAN_EXIT);
}
/* Of a plan of n steps for the whole job that answers question ask: which tasks are part of the job, where and how they are to run;
 * NULL, or the step that rejects the job.  And it holds from now on. */
const struct ts_step *graph_plan(struct run *r, uint32_t row, const struct ts_step *step, uint32_t n, uint64_t ask);
void graph_planned(struct run *r, uint32_t row);
/* A job or part of one ends (job_end): what else is there of the job goes.  True: it was a part, and the job has ended, too. */
bool graph_ends(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end);
/* By what question and step the task in a row was decided; for the outcome. */
void graph_note(struct run *r, uint32_t row, uint64_t ask, uint64_t tag);
static inline void job_note(struct run *r, uint32_t row, uint64_t ask, uint64_t tag)
{
    if (r->account && __builtin_expect(r->job[row].part != 0, 0)) {
        graph_note(r, row, ask, tag);
    } else if (r->account) {
        r->account[row].ask = ask;
        r->account[row].tag = tag;
    }
}
/* Tell the outcome of a job of the workload to each decision about its tasks; its block is then kept until it is given back. */
void graph_credit(struct run *r, uint32_t workload, uint32_t block, const struct ts_outcome *o, uint32_t ctl);
void graph_give(struct run *r, uint32_t workload, uint32_t block);

/*
 * migrate.c: all of a block that are deferred, then all of it that are at their places, into run.live, false if memory is out;
 * cancel a task that is there, or asked about; move one that is there; once it has arrived, its way is again that from its node.
 */
static inline bool job_is_live(const struct job *j)
{
    return j->phase == PHASE_SERVED && j->part == 0 && j->moved != MOVED_CANCELLED;
}
bool live_list(struct run *r, uint32_t block, uint32_t *n_all);
void job_cancel(struct run *r, uint32_t row);
int job_migrate(struct run *r, uint32_t row, const struct ts_step *step, struct err *e);
void job_way_home(struct run *r, struct job *j);

/*
 * order.c: an order about the task in the row goes to its place; what the way there takes, s.  Does a task stop at once if it is
 * cancelled?  One that runs does not where nobody is preempted: the end of its service, or round, is its next point for that.
 */
double order_send(struct run *r, uint32_t row);
/* An order has come to a place for a task that is not there (any more). */
void order_stale(struct run *r, uint32_t place);
bool job_stops(const struct run *r, uint32_t row);

/* recall.c: the patience of a job has run out; true if a question is put. */
bool run_out_of_patience(struct run *r, uint32_t row);

/* answer.c: send a job on its way to where the step says; errors as of run_answer. */
int job_send(struct run *r, uint32_t row, const struct ts_step *step, double flop, struct err *e);
/* thought.c: do what the plan says when plan.think_s has passed; it has. */
int run_think(struct run *r, const struct ts_plan *p, struct err *e);
void thought_out(struct run *r, uint32_t at);
void thoughts_clear(struct run *r);

/* answer.c, too: do for a job what a step of question `ask` says; flop as the policy was told. */
int job_carry_out(struct run *r, uint32_t row, const struct ts_step *step, double flop, uint64_t ask, struct err *e);
/* Tell the policy at a controller, or with a block of state, before the next event. */
void run_tell(struct run *r, const struct ts_outcome *o, uint32_t ctl);
/* Ask about a job now, or after all else of this instant (false). */
bool job_ask(struct run *r, uint32_t row, enum ts_why why);
/* Put the question about a job; false after run_fail. */
bool job_put(struct run *r, uint32_t row, enum ts_why why);

/*
 * deferred.c: jobs that wait until something changes.  Put one off; take one back; something has changed: ask at the end of
 * this instant, if the policy declares it; put that question, to one of several blocks, or that of a tick of a block's clock
 * (true if it is put).
 */
int run_defer(struct run *r, uint32_t row, struct err *e);
void run_undefer(struct run *r, uint32_t row);
void run_changed(struct run *r, enum ts_why why);
bool run_ask_pool(struct run *r, enum ts_why why);
bool run_ask_block(struct run *r, uint32_t block);
bool run_tick(struct run *r, uint32_t block);
/* Something else will happen: else clocks and changes would go on alone for ever. */
static inline bool run_goes_on(const struct run *r)
{
    return evset_live(&r->events) > r->n_alone || r->n_deferred > 0;
}

/* change.c: events where links come, go or change level, if the policy declares TS_CHANGED; such an event. */
int changes_init(struct run *r, struct err *e);
void run_change(struct run *r, uint32_t channel);

/* A place has become free. */
static inline void run_freed(struct run *r)
{
    if (__builtin_expect(r->n_deferred != 0, 0)) {
        run_changed(r, TS_FREED);
    }
}

#endif
