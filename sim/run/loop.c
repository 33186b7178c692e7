/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop.c - the event loop: one switch over kinds of events.  A job is released, asked about, sent hop by hop to its place,
 * served, and its result sent back; whatever it leaves and joins at one instant is one transition.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/dist.h"
#include "sim/base/err.h"
#include "sim/policy/check.h"
#include "sim/run/live.h"

enum { MAX_EVENTS_AT_ONCE = 1000000, MAX_ASKED = 100000 };
#define LINK_FACTOR 0x9E3779B9u /* odd, so that hashes of names are not just laid over each other */

static void hand_on(struct run *r)
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

static inline __attribute__((always_inline)) void emit(struct run *r, enum transition_kind kind, uint32_t row, uint32_t from,
                                                        uint32_t to, double a,
                        double b, unsigned end)
{
    if (r->n_buffer == TRANSITION_BUFFER) {
        hand_on(r);
    }
    const struct job *j = &r->job[row];
    r->buffer[r->n_buffer++] = (struct transition){
        .time_s = r->now_s, .a = a, .b = b, .number = j->number, .source = j->source, .row = row, .from = from, .to = to,
        .kind = (uint8_t)kind, .end = (uint8_t)end, .attempt = j->tries};
}

static void emit_window(struct run *r, uint32_t closes)
{
    if (r->n_buffer == TRANSITION_BUFFER) {
        hand_on(r);
    }
    r->buffer[r->n_buffer++] = (struct transition){
        .time_s = r->now_s, .row = closes, .from = ROW_NONE, .to = ROW_NONE, .kind = TR_WINDOW};
}

static void fail(struct run *r, const char *why)
{
    r->failure = r->failure ? r->failure : why;
    r->over = true;
}

static inline ev_handle post(struct run *r, double time_s, unsigned class, enum event_kind kind, uint32_t row)
{
    return evset_push(&r->events, time_s, class, kind, row);
}

/* --- rows --- */

static bool more_jobs(struct run *r)
{
    uint32_t n = r->n_job * 2;
    struct job *grown = n > r->n_job ? realloc(r->job, n * sizeof *grown) : NULL;
    if (!grown) {
        return false;
    }
    r->job = grown;
    memset(grown + r->n_job, 0, (n - r->n_job) * sizeof *grown);
    for (uint32_t i = r->n_job; i < n; i++) {
        grown[i].next = i + 1 < n ? i + 1 : ROW_NONE;
    }
    r->free_job = r->n_job;
    r->n_job = n;
    return station_set_reserve(&r->stations, n, NULL) == 0;
}

static uint32_t take_job(struct run *r)
{
    if (__builtin_expect(r->free_job == ROW_NONE, 0) && !more_jobs(r)) {
        fail(r, "out of memory for jobs in flight");
        return ROW_NONE;
    }
    uint32_t row = r->free_job;
    r->free_job = r->job[row].next;
    return row;
}

static void give_job(struct run *r, uint32_t row)
{
    r->job[row].phase = PHASE_FREE;
    r->job[row].next = r->free_job;
    r->free_job = row;
}

/* --- the end of a job --- */

static void tell(struct run *r, const struct job *j, enum ts_end end)
{
    if (r->n_outcome == r->room_outcome) {
        uint32_t room = r->room_outcome ? 2 * r->room_outcome : 16;
        struct ts_outcome *grown = realloc(r->outcome, room * sizeof *grown);
        if (!grown) {
            fail(r, "out of memory for outcomes");
            return;
        }
        r->outcome = grown;
        r->room_outcome = room;
    }
    bool served = end == TS_DONE || end == TS_LATE;
    r->outcome[r->n_outcome++] = (struct ts_outcome){
        .size = sizeof *r->outcome,
        .end = end,
        .job = j->ordinal,
        .task = TS_NONE,
        .place = j->place,
        .tries = j->tries,
        .now_s = r->now_s,
        .released_s = j->release_s,
        .started_s = served ? j->served_s - j->busy_s : NAN,
        .ended_s = r->now_s,
        .decide_s = j->placed_s - j->release_s,
        .in_s = served ? j->arrived_s - j->placed_s : NAN,
        .wait_s = served ? j->served_s - j->arrived_s - j->busy_s : NAN,
        .run_s = served ? j->busy_s : NAN,
        .out_s = served ? r->now_s - j->served_s : NAN,
        .energy_j = NAN,
        .waste_j = NAN,
        .cost = NAN,
        .bits = NAN,
        .quality = NAN,
        .reward = served ? -(r->now_s - j->release_s) : NAN,
    };
}

static void end_job(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end)
{
    struct job *j = &r->job[row];
    emit(r, TR_END, row, from, ROW_NONE, a, b, end);
    if (j->timer != EV_NONE) {
        evset_cancel(&r->events, j->timer);
    }
    r->n_live--;
    r->n_measured_live -= j->measured;
    r->over |= r->closed && r->n_measured_live == 0;
    if (r->spec.policy->ended) {
        tell(r, j, end);
    }
    if (r->home[j->workload].closed) {
        uint32_t source = j->source;
        source_think(run_source(r, source), r->now_s, &r->arrival[source]);
        if (isfinite(r->arrival[source].look_s)) {
            post(r, r->arrival[source].look_s, EV_RELEASE, EK_SOURCE, source);
        }
    }
    give_job(r, row);
}

/* --- on the way --- */

/*
 * The job's latency on a link.  Its address is the job and the link, not the hop: what other links lie on the way moves no
 * draw.
 */
static double drawn_latency_s(struct run *r, const struct job *j, uint32_t channel, const struct dist *dist)
{
    const struct workload *load = &r->s->workload[j->workload];
    const uint32_t link = r->channel_link[channel] / N_DIRECTION, direction = r->channel_link[channel] % N_DIRECTION;
    const uint32_t back = j->phase == PHASE_BACK;
    struct draws *d = r->draws[j->source];
    struct draw_at at = {{(uint32_t)r->spec.seed, r->spec.replication},
                         load->entity ^ r->s->link[link].entity * LINK_FACTOR,
                         load->n_source > 1 ? j->source - load->first_source : 0, j->number, DRAW_LATENCY,
                         (uint8_t)(direction + (back ? N_DIRECTION : 0))};
    if (!d || channel / N_DIRECTION != j->access / N_DIRECTION) {
        return dist_draw(dist, &at);
    }
    if (__builtin_expect(d->latency[back].block != j->number / DRAWS || d->latency[back].dist != dist, 0)) {
        double even[DRAWS], odd[DRAWS];
        d->latency[back].block = j->number / DRAWS;
        d->latency[back].dist = dist;
        at.index = d->latency[back].block * DRAWS;
        draw_fill_pair(&at, DRAWS, even, odd);
        dist_fill(dist, &at, DRAWS, even, d->latency[back].s);
    }
    return d->latency[back].s[j->number % DRAWS];
}

static double varying_latency_s(struct run *r, const struct job *j, uint32_t channel)
{
    const struct process *p = &run_channel_spec(r, channel)->latency;
    return p->kind == PROCESS_DRAWN ? drawn_latency_s(r, j, channel, &p->dist) : channel_latency_now(r, channel);
}

static inline double message_latency_s(struct run *r, const struct job *j, uint32_t channel)
{
    double fixed_s = r->fixed_latency_s[channel];
    return fixed_s == fixed_s ? fixed_s : varying_latency_s(r, j, channel);
}

static inline __attribute__((always_inline)) void serve(struct run *r, uint32_t row, uint32_t station, double work, double key)
{
    struct job *j = &r->job[row];
    j->at = station;
    if (r->ahead[station] != AHEAD_NOT) {
        struct stint stint = station_enter_ahead(&r->stations, station, r->now_s, work);
        j->start_s = stint.start_s;
        j->busy_s = stint.busy_s;
        j->leave_s = stint.end_s;
        j->next = ROW_NONE;
        uint32_t before = ROW_NONE;
        if (r->ahead[station] == AHEAD_NEXT) { /* they leave as they came, so only the first has an event */
            before = r->last[station];
            r->last[station] = row;
        }
        if (before != ROW_NONE) {
            r->job[before].next = row;
        } else if (stint.end_s < INFINITY) { /* else it is stalled for ever */
            post(r, stint.end_s, EV_END, EK_LEFT, row);
        }
    } else {
        bool joined = station_join(&r->stations, station, r->now_s, row, work, key);
        CHECK(joined);
    }
}

static void join_place(struct run *r, uint32_t row, uint32_t place)
{
    struct job *j = &r->job[row];
    const struct pool *pool = &r->s->pool[r->place_pool[place]];
    double key = pool->discipline == DISCIPLINE_PRIORITY ? -r->s->workload[j->workload].priority
                 : pool->discipline == DISCIPLINE_EDF    ? j->deadline_s
                                                         : 0;
    j->phase = PHASE_SERVED;
    j->arrived_s = r->now_s;
    r->place[place].n++;
    place_show(r, place);
    serve(r, row, place, j->work_flop, key);
}

/* Assigned work goes when the job has left its place, or will never come there. */
static void unassign(struct run *r, const struct job *j)
{
    struct place_live *place = &r->place[j->place];
    place->assigned--;
    place->backlog_s = place->assigned ? place->backlog_s - j->estimate_s : 0;
    place_show(r, j->place);
}

/*
 * Send a job on from where it is (a, b: what it got there), hop by hop until it waits for something.  waited: the latency
 * of the next hop is already behind it.  The first transition is of the given kind.
 */
static void go_on(struct run *r, uint32_t row, uint32_t from, double a, double b, bool waited,
                  enum transition_kind kind)
{
    const uint32_t n_place = r->s->n_place;
    for (;;) {
        struct job *j = &r->job[row];
        uint32_t place = kind == TR_PLACE ? j->place : ROW_NONE;
        if (j->hop == j->n_hop) {
            if (j->phase == PHASE_BACK) {
                end_job(r, row, from, a, b, r->now_s <= j->deadline_s ? TS_DONE : TS_LATE);
                return;
            }
            if (station_is_full(&r->stations, j->place)) {
                if (kind == TR_PLACE) {
                    emit(r, kind, row, ROW_NONE, place, j->work_flop, j->output_bits, 0);
                }
                unassign(r, j);
                end_job(r, row, from, a, b, TS_DROP_FULL);
                return;
            }
            emit(r, kind, row, kind == TR_PLACE ? j->place : from, j->place, a, b, 0);
            join_place(r, row, j->place);
            return;
        }
        bool back = j->phase == PHASE_BACK;
        uint32_t channel = back ? job_hop_back(r, j, j->hop) : job_hop_out(r, j, j->hop);
        uint32_t station = n_place + channel;
        if (!waited) {
            double latency_s = message_latency_s(r, j, channel);
            if (latency_s > 0) {
                emit(r, kind, row, kind == TR_PLACE ? ROW_NONE : from, place, a, b, 0);
                j->at = ROW_NONE;
                j->wait = post(r, r->now_s + latency_s, EV_JOIN, EK_JOIN, row);
                return;
            }
        }
        emit(r, kind, row, kind == TR_PLACE ? station : from, kind == TR_PLACE ? place : station, a, b, 0);
        double bits = back ? j->output_bits : j->input_bits;
        if (r->stations.station[station].rate < INFINITY) {
            r->flows[channel]++;
            serve(r, row, station, bits, 0);
            return;
        }
        kind = TR_MOVE; /* through a link without a limit in no time */
        from = station;
        a = 0;
        b = bits;
        waited = false;
        j->hop++;
    }
}

/* The job has been served at the station where it is: busy_s is the service it got, served_s how long it was in service. */
static inline void leave(struct run *r, uint32_t row, double busy_s, double served_s)
{
    struct job *j = &r->job[row];
    uint32_t from = j->at;
    double done;
    if (j->phase == PHASE_SERVED) {
        struct place_live *place = &r->place[from];
        place->n--;
        place->assigned--;
        place->backlog_s = place->assigned ? place->backlog_s - j->estimate_s : 0;
        place_show(r, from);
        done = served_s;
        j->busy_s = busy_s;
        j->served_s = r->now_s;
        j->phase = PHASE_BACK;
        j->hop = 0;
        if (r->n_deferred && !r->pool_pending) {
            r->pool_pending = true;
            post(r, r->now_s, EV_DECIDE, EK_POOL, 0);
        }
    } else {
        r->flows[from - r->s->n_place]--;
        done = j->phase == PHASE_BACK ? j->output_bits : j->input_bits;
        j->hop++;
    }
    go_on(r, row, from, busy_s, done, false, TR_MOVE);
}

static void undefer(struct run *r, uint32_t row)
{
    for (uint32_t i = 0; i < r->n_deferred; i++) {
        if (r->deferred[i] == row) {
            memmove(r->deferred + i, r->deferred + i + 1, (r->n_deferred - i - 1) * sizeof *r->deferred);
            r->n_deferred--;
            return;
        }
    }
}

/* Take a job out wherever it is; what it got there stays charged to it. */
static void take_out(struct run *r, uint32_t row, enum ts_end end)
{
    struct job *j = &r->job[row];
    uint32_t from = j->at;
    double a = 0, b = 0;
    if (from != ROW_NONE) {
        double work = j->phase == PHASE_BACK ? j->output_bits : j->input_bits;
        station_remove(&r->stations, r->now_s, row);
        a = r->stations.item[row].busy_s;
        b = work - r->stations.item[row].work;
        if (j->phase == PHASE_SERVED) {
            b = a;
            r->place[from].n--;
        } else {
            r->flows[from - r->s->n_place]--;
        }
    } else if (j->phase == PHASE_DEFERRED && j->wait == EV_NONE) {
        undefer(r, row);
    } else {
        evset_cancel(&r->events, j->wait);
    }
    if (j->phase == PHASE_UP || j->phase == PHASE_SERVED) {
        unassign(r, j);
    }
    j->timer = EV_NONE;
    end_job(r, row, from, a, b, end);
}

/* --- release --- */

static double draw_size(const struct run *r, const struct size_spec *z, const struct workload *load,
                        const struct arrival *arrival, struct draw_at at, uint8_t purpose)
{
    if (z->kind == SIZE_LINEAR) {
        double x = z->constant;
        for (uint32_t k = 0; k < z->n_term; k++) {
            x += z->weight[k] * load->arrivals.trace->value[z->column[k]][arrival->trace_row];
        }
        return x;
    }
    (void)r;
    at.purpose = purpose;
    return dist_draw(&z->dist, &at);
}

static bool needs_draw(const struct size_spec *z)
{
    return z->kind == SIZE_DRAWN && z->dist.kind != DIST_CONSTANT;
}

/* Constants are filled once, with the first block. */
static void fill_size(const struct size_spec *z, struct draw_at at, uint8_t purpose, const double *u, double *out,
                      bool first)
{
    at.purpose = purpose;
    if (needs_draw(z) || (first && z->kind == SIZE_DRAWN)) {
        dist_fill(&z->dist, &at, DRAWS, u, out);
    }
}

/* Draws of the 64 jobs around this one; what nobody reads is not drawn. */
static void fill_draws(struct draws *d, const struct workload *load, struct draw_at at, uint64_t block)
{
    double even[DRAWS] = {0}, odd[DRAWS] = {0};
    bool first = d->block == UINT64_MAX;
    at.index = block * DRAWS;
    if (needs_draw(&load->input) || needs_draw(&load->work)) {
        at.purpose = DRAW_INPUT;
        draw_fill_pair(&at, DRAWS, even, odd);
    }
    fill_size(&load->input, at, DRAW_INPUT, even, d->input, first);
    fill_size(&load->work, at, DRAW_WORK, odd, d->work, first);
    if (needs_draw(&load->output)) {
        at.purpose = DRAW_OUTPUT;
        draw_fill_pair(&at, DRAWS, even, odd);
    }
    fill_size(&load->output, at, DRAW_OUTPUT, even, d->output, first);
    d->block = block;
}

static void draw_job(struct run *r, struct job *j, const struct arrival *arrival)
{
    const struct workload *load = &r->s->workload[j->workload];
    const struct draw_at at = {{(uint32_t)r->spec.seed, r->spec.replication}, load->entity,
                               load->n_source > 1 ? j->source - load->first_source : 0, j->number, DRAW_INPUT, 0};
    struct draws *d = r->draws[j->source];
    if (!d) {
        j->input_bits = draw_size(r, &load->input, load, arrival, at, DRAW_INPUT);
        j->work_flop = draw_size(r, &load->work, load, arrival, at, DRAW_WORK);
        j->output_bits = draw_size(r, &load->output, load, arrival, at, DRAW_OUTPUT);
        return;
    }
    if (__builtin_expect(d->block != j->number / DRAWS, 0)) {
        fill_draws(d, load, at, j->number / DRAWS);
    }
    uint32_t k = j->number % DRAWS;
    j->input_bits = load->input.kind == SIZE_DRAWN ? d->input[k] : draw_size(r, &load->input, load, arrival, at, 0);
    j->work_flop = load->work.kind == SIZE_DRAWN ? d->work[k] : draw_size(r, &load->work, load, arrival, at, 0);
    j->output_bits = load->output.kind == SIZE_DRAWN ? d->output[k] : draw_size(r, &load->output, load, arrival, at, 0);
}

static uint32_t coming_job(struct run *r, uint32_t source)
{
    const struct arrival *arrival = &r->arrival[source];
    uint32_t row = take_job(r);
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
    j->timer = j->wait = EV_NONE;
    j->phase = PHASE_COMING;
    j->tries = j->measured = 0;
    j->n_asked = 0;
    j->hop = j->n_hop = 0;
    draw_job(r, j, arrival);
    return row;
}

static void close_window(struct run *r)
{
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

static void release(struct run *r, uint32_t row)
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
}

/* --- questions --- */

/* Ask about a job now, or after all else of this instant. */
static bool ask(struct run *r, uint32_t row, enum ts_why why)
{
    struct job *j = &r->job[row];
    j->why = (uint8_t)why;
    if (evset_peek_time(&r->events) > r->now_s) {
        question_put(r, row, why);
        return true;
    }
    r->n_tie++;
    j->wait = post(r, r->now_s, EV_DECIDE, EK_ASK, row);
    return false;
}

static bool ask_pool(struct run *r)
{
    r->pool_pending = false;
    if (!r->n_deferred) {
        return false;
    }
    bool many = r->spec.policy->triggers >> TS_FREED & 1;
    uint32_t n = many ? r->n_deferred : 1;
    if (!question_put_many(r, r->deferred, n, TS_FREED)) {
        fail(r, "out of memory for a question");
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        r->job[r->deferred[i]].phase = PHASE_ASKED;
    }
    memmove(r->deferred, r->deferred + n, (r->n_deferred - n) * sizeof *r->deferred);
    r->n_deferred -= n;
    return true;
}

static int defer(struct run *r, uint32_t row, const struct ts_step *step, struct err *e)
{
    struct job *j = &r->job[row];
    if (++j->n_asked > MAX_ASKED) {
        return ERR_SET(e, ERR_POLICY,
                       "policy %s deferred job %llu for the %dth time: wanted a decision (it was released at %g s, now %g s)",
                       r->spec.policy->name, (unsigned long long)j->ordinal, MAX_ASKED + 1, j->release_s, r->now_s);
    }
    j->phase = PHASE_DEFERRED;
    if (step->not_before_s > r->now_s) {
        j->why = TS_TICK;
        j->wait = post(r, step->not_before_s, EV_DECIDE, EK_ASK, row);
        return 0;
    }
    if (r->n_deferred == r->room_deferred) {
        uint32_t room = r->room_deferred ? 2 * r->room_deferred : 64;
        uint32_t *grown = realloc(r->deferred, room * sizeof *grown);
        if (!grown) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for %u deferred jobs", room);
        }
        r->deferred = grown;
        r->room_deferred = room;
    }
    j->wait = EV_NONE;
    r->deferred[r->n_deferred++] = row;
    return 0;
}

static int place_job(struct run *r, uint32_t row, uint32_t place, const struct ts_task *t, struct err *e)
{
    struct job *j = &r->job[row];
    struct way way;
    if (!job_way(r, j, place, &way)) {
        return ERR_SET(e, ERR_POLICY, "policy %s placed job %llu where no route leads", r->spec.policy->name,
                       (unsigned long long)j->ordinal);
    }
    struct place_live *live = &r->place[place];
    j->place = place;
    j->placed_s = r->now_s;
    j->phase = PHASE_UP;
    j->first_hop = way.first_hop;
    j->n_hop = (uint16_t)way.n_hop;
    j->hop = 0;
    j->estimate_s = t->flop / live->work_per_s;
    live->assigned++;
    live->backlog_s += j->estimate_s;
    place_show(r, place);
    go_on(r, row, ROW_NONE, j->work_flop, j->output_bits, false, TR_PLACE);
    return 0;
}

int run_answer(struct run *r, const struct ts_plan *p, struct err *e)
{
    CHECK(r->asking);
    int rc = plan_check(&r->checker, &r->view, &r->ask, p, e);
    if (rc) {
        return rc;
    }
    r->asking = false;
    for (uint32_t i = 0; i < p->n && !rc; i++) {
        const struct ts_step *step = &p->step[i];
        uint32_t row = r->asked[step->task];
        if (step->verb == TS_PLACE) {
            rc = place_job(r, row, step->place, ts_task_at(&r->ask, step->task), e);
        } else if (step->verb == TS_DEFER) {
            rc = defer(r, row, step, e);
        } else {
            r->job[row].placed_s = r->now_s;
            end_job(r, row, ROW_NONE, 0, 0, TS_REJECTED);
        }
    }
    return rc;
}

double run_policy_uniform(struct run *r, uint32_t i)
{
    const struct job *j = &r->job[r->asked[0]];
    const struct workload *load = &r->s->workload[j->workload];
    uint64_t which = (uint64_t)j->n_asked * 64 + i; /* later questions about a job draw on */
    struct draws *d = r->draws[j->source];
    struct draw_at at = {{(uint32_t)r->spec.seed, r->spec.replication}, load->entity,
                         load->n_source > 1 ? j->source - load->first_source : 0, j->number, DRAW_POLICY,
                         (uint8_t)(which / 256)};
    if (which != 0 || !d) {
        return draw_uniform(&at, which % 256);
    }
    if (__builtin_expect(d->policy_block != j->number / DRAWS, 0)) {
        double odd[DRAWS];
        d->policy_block = j->number / DRAWS;
        at.index = d->policy_block * DRAWS;
        draw_fill_pair(&at, DRAWS, d->policy, odd);
    }
    return d->policy[j->number % DRAWS];
}

int run_path(struct run *r, uint32_t from_node, uint32_t to_node, double *rate_bps, double *delay_s)
{
    const struct scenario *s = r->s;
    *rate_bps = INFINITY;
    *delay_s = 0;
    if (from_node >= s->n_node || to_node >= s->n_node) {
        return -1;
    }
    if (from_node == to_node) {
        return 0;
    }
    uint32_t from = scenario_site_of_node(s, from_node), to = scenario_site_of_node(s, to_node);
    if (from == ROW_NONE || to == ROW_NONE || route_between(s, from, to)->n_hop == ROW_NONE) {
        return -1;
    }
    const struct route *route = route_between(s, from, to);
    uint32_t up = scenario_access_channel(s, from_node), down = scenario_access_channel(s, to_node);
    for (uint32_t h = 0; h < route->n_hop + 2; h++) {
        uint32_t channel = h == 0 ? up : h <= route->n_hop ? s->hop[route->first_hop + h - 1] : down;
        if (channel != ROW_NONE) {
            channel = h > route->n_hop ? channel ^ 1u : channel;
            double rate = channel_rate_now(r, channel);
            *rate_bps = rate < *rate_bps ? rate : *rate_bps;
            *delay_s += channel_latency_now(r, channel);
        }
    }
    return 0;
}

/* --- the loop --- */

/* What is still there is accounted for; stints under way are closed. */
static void close_run(struct run *r)
{
    for (uint32_t row = 0; row < r->n_job; row++) {
        struct job *j = &r->job[row];
        double a = 0;
        if (j->phase == PHASE_FREE || j->phase == PHASE_COMING) {
            continue;
        }
        if (j->at != ROW_NONE) {
            if (r->ahead[j->at] != AHEAD_NOT) {
                a = r->now_s > j->start_s ? r->now_s - j->start_s : 0;
            } else {
                station_remove(&r->stations, r->now_s, row);
                a = r->stations.item[row].busy_s;
            }
        }
        emit(r, TR_CLOSE, row, j->at, ROW_NONE, a, 0, TS_OPEN);
    }
    hand_on(r);
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
    leave(r, row, j->busy_s, j->busy_s);
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
    release(r, row);
    return ask(r, row, TS_ARRIVED);
}

/* The members of a batch share its round alike, and all leave at its end. */
static inline bool shares_round(const struct run *r, uint32_t station)
{
    return station < r->s->n_place && r->s->pool[r->place_pool[station]].discipline == DISCIPLINE_BATCH;
}

/* Handle an event; true if a question is put. */
static bool handle(struct run *r, const struct event *ev)
{
    switch ((enum event_kind)ev->kind) {
    case EK_SOURCE:
        return next_arrival(r, ev->row);
    case EK_RELEASE:
        release(r, ev->row);
        return ask(r, ev->row, TS_ARRIVED);
    case EK_LEFT:
        leave_ahead(r, ev->row);
        return false;
    case EK_JOIN:
        go_on(r, ev->row, ROW_NONE, 0, 0, true, TR_MOVE);
        return false;
    case EK_STATION:
    case EK_STATION2: {
        struct station_done done = station_event(&r->stations, r->now_s, ev->kind, ev->row);
        uint32_t station = done.station;
        for (uint32_t i = 0; i < done.n; i++) {
            double busy_s = r->stations.item[done.row[i]].busy_s;
            leave(r, done.row[i], busy_s, shares_round(r, station) ? busy_s * done.n : busy_s);
        }
        station_resume(&r->stations, station, r->now_s);
        return false;
    }
    case EK_DEADLINE:
        take_out(r, ev->row, TS_DROP_EXPIRED);
        return false;
    case EK_ASK:
        question_put(r, ev->row, r->job[ev->row].why);
        r->job[ev->row].phase = PHASE_ASKED;
        return true;
    case EK_POOL:
        return ask_pool(r);
    case EK_BORDER:
        border(r, ev->row);
        return false;
    }
    CHECK(0 && "an event of a known kind");
    return false;
}

static int finish(struct run *r, struct err *e)
{
    close_run(r);
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
    } else if (ev->kind != EK_POOL && ev->kind != EK_BORDER) {
        const struct job *j = &r->job[ev->row];
        snprintf(whose, sizeof whose, "job %llu of workload %s, %s", (unsigned long long)j->number,
                 s->workload[j->workload].name,
                 j->at == ROW_NONE ? place : resource_name(s, j->at, place, sizeof place));
    }
    return ERR_SET(e, ERR_NUMERIC, "more than %d events at %.17g s without progress of time, the last one: %s",
                   MAX_EVENTS_AT_ONCE, r->now_s, whose);
}

int run_next(struct run *r, const struct ts_view **v, const struct ts_ask **a, const struct ts_outcome **o, struct err *e)
{
    CHECK(!r->asking);
    for (;;) {
        if (__builtin_expect(r->told < r->n_outcome, 0)) {
            *v = &r->view;
            *o = &r->outcome[r->told++];
            r->view.now_s = r->now_s;
            return RUN_OUTCOME;
        }
        r->told = r->n_outcome = 0;
        struct event ev;
        if (__builtin_expect(r->over, 0) || !evset_pop(&r->events, &ev)) {
            if (evset_failed(&r->events)) {
                fail(r, "out of memory for events");
            }
            return finish(r, e);
        }
        r->n_event++;
        r->now_s = ev.time_s;
        if (ev.time_s > r->same_s) {
            r->same_s = ev.time_s;
            r->n_same = 0;
        } else if (__builtin_expect(++r->n_same > MAX_EVENTS_AT_ONCE, 0)) {
            return stuck(r, &ev, e);
        }
        if (handle(r, &ev)) {
            *v = &r->view;
            *a = &r->ask;
            return RUN_QUESTION;
        }
    }
}
