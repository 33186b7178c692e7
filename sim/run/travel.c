/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * travel.c - a job on its way: hop by hop to its place, served there, and its result sent back.  Whatever it leaves and
 * joins at one instant is one transition.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/run/control.h"
#include "sim/run/race.h"

static bool more_jobs(struct run *r)
{
    uint32_t n = r->n_job * 2;
    struct job *grown = n > r->n_job ? realloc(r->job, n * sizeof *grown) : NULL;
    if (!grown) {
        return false;
    }
    r->job = grown;
    if (r->account) {
        struct account *accounts = realloc(r->account, n * sizeof *accounts);
        if (!accounts) {
            return false;
        }
        r->account = accounts;
    }
    if ((r->control && !control_reserve(r, n)) || (r->line && !lines_reserve(r, n))) {
        return false;
    }
    memset(grown + r->n_job, 0, (n - r->n_job) * sizeof *grown);
    for (uint32_t i = r->n_job; i < n; i++) {
        grown[i].next = i + 1 < n ? i + 1 : ROW_NONE;
    }
    r->free_job = r->n_job;
    r->n_job = n;
    return station_set_reserve(&r->stations, n, NULL) == 0;
}

uint32_t job_take(struct run *r)
{
    if (__builtin_expect(r->free_job == ROW_NONE, 0) && !more_jobs(r)) {
        run_fail(r, "out of memory for jobs in flight");
        return ROW_NONE;
    }
    uint32_t row = r->free_job;
    r->free_job = r->job[row].next;
    if (r->account) {
        r->account[row] = (struct account){0};
    }
    if (r->control) {
        control_reset(r, row);
    }
    return row;
}

void job_give(struct run *r, uint32_t row)
{
    if (__builtin_expect(r->job[row].block == BLOCK_KEPT, 0)) {
        r->job[row].phase = PHASE_KEPT;
        return;
    }
    r->job[row].at = ROW_NONE;
    r->job[row].phase = PHASE_FREE;
    r->job[row].next = r->free_job;
    r->free_job = row;
}

/* What the job used at a station that it leaves: unit-seconds of a place, bits of a channel. */
void job_charge(struct run *r, uint32_t row, uint32_t station, double a, double b)
{
    struct account *account = &r->account[row];
    if (station < r->s->n_place) {
        account->energy_j += a * level_w(r, station, r->job[row].level);
    } else {
        const struct channel_spec *spec = run_channel_spec(r, station - r->s->n_place);
        account->energy_j += b * spec->energy_j_per_bit;
        account->cost += b * spec->price_per_bit;
        account->bits += b;
    }
}

void job_exposed(struct run *r, uint32_t row)
{
    emit(r, TR_EXPOSE, row, ROW_NONE, ROW_NONE, 0, 0, 0);
    if (r->account) {
        r->account[row].exposed = true;
    }
}

/* What a policy learns from the end of a job: the scenario's loss, negative; without an objective its latency. */
static double reward(const struct run *r, const struct job *j, const struct account *account, enum ts_end end)
{
    const struct objective *o = &r->s->objective;
    const bool served = end == TS_DONE || end == TS_LATE;
    const double lived_s = r->now_s - j->release_s;
    if (!o->given) {
        return served ? -lived_s : NAN;
    }
    const double allowed_s = r->s->workload[j->workload].deadline_s;
    return -objective_loss(o, (struct objective_sums){
                                  .latency_s = served ? lived_s : objective_charged_s(o, allowed_s, lived_s),
                                  .energy_j = account->energy_j,
                                  .cost = account->cost,
                                  .missed = end != TS_DONE,
                                  .exposed = account->exposed,
                              });
}

void run_tell(struct run *r, const struct ts_outcome *o, uint32_t ctl)
{
    const bool several = r->control || r->blocks.n > 1;
    if (r->n_outcome == r->room_outcome) {
        uint32_t room = r->room_outcome ? 2 * r->room_outcome : 16;
        struct ts_outcome *grown = realloc(r->outcome, room * sizeof *grown);
        if (grown) {
            r->outcome = grown;
        }
        uint32_t *whose = several ? realloc(r->told_ctl, room * sizeof *whose) : NULL;
        if (whose) {
            r->told_ctl = whose;
        }
        if (!grown || (several && !whose)) {
            run_fail(r, "out of memory for outcomes");
            return;
        }
        r->room_outcome = room;
    }
    if (several) {
        r->told_ctl[r->n_outcome] = ctl;
    }
    r->outcome[r->n_outcome++] = *o;
}

void job_told(struct run *r, const struct ts_outcome *o, uint32_t ctl, uint32_t workload, uint32_t block)
{
    if (__builtin_expect(block != ROW_NONE, 0)) {
        graph_credit(r, workload, block, o, ctl);
        graph_give(r, workload, block);
    }
    run_tell(r, o, ctl);
}

/* block: of a job of several tasks, else ROW_NONE. */
static struct ts_outcome outcome(const struct run *r, uint32_t row, enum ts_end end, uint32_t block)
{
    const struct job *j = &r->job[row];
    const struct account *account = &r->account[row];
    bool finished = end == TS_DONE || end == TS_LATE, served = finished && !r->s->workload[j->workload].graph;
    return (struct ts_outcome){
        .size = sizeof *r->outcome,
        .end = end,
        .job = j->ordinal,
        .ask = account->ask,
        .tag = account->tag,
        .replica = account->replica,
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
        .energy_j = account->energy_j,
        .waste_j = finished ? account->waste_j : account->energy_j,
        .cost = account->cost,
        .bits = account->bits,
        .quality = finished && block != ROW_NONE ? r->graph[j->workload].job[block].accuracy : NAN,
        .reward = reward(r, j, account, end),
        .exposure = account->exposed,
    };
}

void job_end(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end)
{
    struct job *j = &r->job[row];
    uint32_t block = ROW_NONE; /* of a job of several tasks */
    if (__builtin_expect(j->block != ROW_NONE, 0)) {
        block = j->part || j->block >= BLOCK_ENDING ? ROW_NONE : j->block;
        if (graph_ends(r, row, from, a, b, end)) {
            return;
        }
    }
    emit(r, TR_END, row, from, ROW_NONE, a, b, end);
    if (j->timer != EV_NONE) {
        evset_cancel(&r->events, j->timer);
    }
    if (__builtin_expect(j->patience != EV_NONE, 0)) {
        evset_cancel(&r->events, j->patience);
    }
    r->n_live--;
    r->n_measured_live -= j->measured;
    r->over |= r->closed && r->n_measured_live == 0;
    if (r->control) {
        struct ts_outcome o = r->account ? outcome(r, row, end, block) : (struct ts_outcome){.end = end};
        news_send(r, row, &o, block);
        j = &r->job[row];
    } else if (r->account) {
        struct ts_outcome o = outcome(r, row, end, block);
        job_told(r, &o, block_of_job(r, j), j->workload, block);
    } else if (__builtin_expect(block != ROW_NONE, 0)) {
        graph_give(r, j->workload, block);
    }
    if (r->home[j->workload].closed) {
        uint32_t source = j->source;
        source_think(run_source(r, source), r->now_s, &r->arrival[source]);
        if (isfinite(r->arrival[source].look_s)) {
            post(r, r->arrival[source].look_s, EV_RELEASE, EK_SOURCE, source);
        }
    }
    struct line *line = __builtin_expect(r->line != NULL, 0) ? line_leave(r, row) : NULL;
    job_give(r, row);
    if (__builtin_expect(line != NULL, 0)) {
        line_go_on(r, line);
    }
}

static inline double message_latency_s(struct run *r, struct job *j, uint32_t channel)
{
    double fixed_s = r->fixed_latency_s[channel];
    return fixed_s == fixed_s ? fixed_s : job_varying_latency_s(r, j, channel);
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

static inline void join_channel(struct run *r, uint32_t row, uint32_t channel, double bits)
{
    r->flows[channel]++;
    if (__builtin_expect(r->control != NULL, 0)) {
        r->control->beside[row].joined_s = r->now_s;
    }
    serve(r, row, r->s->n_place + channel, bits, 0);
}

bool job_serve(struct run *r, uint32_t row, uint32_t channel, double bits)
{
    uint32_t station = r->s->n_place + channel;
    if (!(r->stations.station[station].rate < INFINITY)) {
        return false;
    }
    join_channel(r, row, channel, bits);
    return true;
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
    if (r->control) {
        control_arrived(r, row);
    }
    if (__builtin_expect(j->moved != 0, 0)) {
        job_stand(r, j); /* its way here began elsewhere */
    }
    place_show(r, place);
    serve(r, row, place, j->work_flop * run_stretch(r, j->step, place, j->level), key);
}

void place_unassign(struct run *r, uint32_t place, double estimate_s)
{
    struct place_live *p = &r->place[place];
    p->assigned--;
    p->backlog_s = p->assigned ? p->backlog_s - estimate_s : 0;
    place_show(r, place);
}

void job_go_on(struct run *r, uint32_t row, uint32_t from, double a, double b, bool waited,
                  enum transition_kind kind)
{
    const uint32_t n_place = r->s->n_place;
    for (;;) {
        struct job *j = &r->job[row];
        uint32_t place = kind != TR_MOVE ? j->place : ROW_NONE, level = kind != TR_MOVE ? j->level : 0;
        if (j->hop == j->n_hop) {
            if (__builtin_expect(j->part != 0, 0) && graph_step(r, row, from, a, b)) {
                return;
            }
            if (j->phase == PHASE_BACK) {
                if (r->control) {
                    news_flow(r, j, true, -1);
                }
                job_result(r, row, from, a, b);
                return;
            }
            if (station_is_full(&r->stations, j->place)) {
                if (kind != TR_MOVE) {
                    emit(r, kind, row, ROW_NONE, place, a, b, level);
                    a = b = 0;
                }
                place_unassign(r, j->place, j->estimate_s);
                if (r->control) {
                    news_flow(r, j, false, -1);
                }
                if (!r->control || !controller_refused(r, row, from, a, b, kind == TR_PLACE)) {
                    job_end(r, row, from, a, b, TS_DROP_FULL);
                }
                return;
            }
            emit(r, kind, row, kind != TR_MOVE ? j->place : from, j->place, a, b, level);
            join_place(r, row, j->place);
            return;
        }
        bool back = j->phase == PHASE_BACK;
        uint32_t channel = back ? job_hop_back(r, j, j->hop) : job_hop_out(r, j, j->hop);
        uint32_t station = n_place + channel;
        if (!waited) {
            double latency_s = message_latency_s(r, j, channel);
            if (latency_s > 0) {
                if (kind != TR_MOVE || from != ROW_NONE) { /* else it is a part of a job, and nowhere already */
                    emit(r, kind, row, kind != TR_MOVE ? ROW_NONE : from, place, a, b, level);
                }
                j->at = ROW_NONE;
                j->wait = post(r, r->now_s + latency_s, EV_JOIN, EK_JOIN, row);
                return;
            }
        }
        emit(r, kind, row, kind != TR_MOVE ? station : from, kind != TR_MOVE ? place : station, a, b, level);
        double bits = back ? j->output_bits : j->input_bits;
        if (r->stations.station[station].rate < INFINITY) {
            join_channel(r, row, channel, bits);
            return;
        }
        if (r->account) {
            job_charge(r, row, station, 0, bits);
        }
        kind = TR_MOVE; /* through a link without a limit in no time */
        from = station;
        a = 0;
        b = bits;
        waited = false;
        j->hop++;
    }
}

/* It was cancelled while it ran, and has run on. */
static void cancelled_leaves(struct run *r, uint32_t row, uint32_t place, double busy_s, double served_s)
{
    if (r->account) {
        job_charge(r, row, place, busy_s, served_s);
    }
    job_end(r, row, place, busy_s, served_s, TS_CANCELLED);
}

void job_leave(struct run *r, uint32_t row, double busy_s, double served_s)
{
    struct job *j = &r->job[row];
    uint32_t from = j->at;
    double done;
    if (j->phase == PHASE_SERVED) {
        struct place_live *place = &r->place[from];
        place->n--;
        place->assigned--;
        place->backlog_s = place->assigned ? place->backlog_s - j->estimate_s : 0;
        if (__builtin_expect(j->moved == MOVED, 0)) {
            job_way_home(r, j);
        }
        if (r->control) {
            control_served(r, row);
        }
        place_show(r, from);
        done = served_s;
        j->busy_s = busy_s;
        j->served_s = r->now_s;
        j->phase = PHASE_BACK;
        j->hop = 0;
        run_freed(r);
        if (__builtin_expect(j->moved == MOVED_CANCELLED, 0)) {
            cancelled_leaves(r, row, from, busy_s, done);
            return;
        }
    } else {
        r->flows[from - r->s->n_place]--;
        if (r->control && control_left(r, row, from - r->s->n_place, busy_s)) {
            return;
        }
        done = j->phase == PHASE_BACK ? j->output_bits : j->input_bits;
        j->hop++;
    }
    if (r->account) {
        job_charge(r, row, from, busy_s, done);
    }
    job_go_on(r, row, from, busy_s, done, false, TR_MOVE);
}

struct pulled job_pull(struct run *r, uint32_t row)
{
    struct job *j = &r->job[row];
    struct pulled p = {.from = j->at};
    if (p.from != ROW_NONE) {
        double work = j->phase == PHASE_SERVED ? j->work_flop : j->phase == PHASE_BACK ? j->output_bits : j->input_bits;
        if (r->stations.item[row].station != ROW_NONE) { /* else it has left at this instant */
            station_remove(&r->stations, r->now_s, row);
        }
        p.a = r->stations.item[row].busy_s;
        p.b = work - r->stations.item[row].work;
        if (j->phase == PHASE_SERVED) {
            p.b = p.a;
            r->place[p.from].n--;
            if (r->control) {
                view_change(r, p.from, -1, -j->estimate_s);
            }
        } else {
            r->flows[p.from - r->s->n_place]--;
        }
        if (r->account) {
            job_charge(r, row, p.from, p.a, p.b);
        }
    } else if (j->phase == PHASE_DEFERRED && j->wait == EV_NONE) {
        run_undefer(r, row);
    } else if (j->wait != EV_NONE) {
        evset_cancel(&r->events, j->wait);
    }
    if (j->place != ROW_NONE && (j->phase == PHASE_UP || j->phase == PHASE_SERVED)) {
        place_unassign(r, j->place, j->estimate_s);
        run_freed(r);
    }
    const bool single = !j->part || j->block == BLOCK_RACE; /* of its data a graph has rows of their own */
    if (r->control && single && (j->phase == PHASE_UP || j->phase == PHASE_BACK)) {
        news_flow(r, j, j->phase == PHASE_BACK, -1);
    }
    return p;
}

void job_take_out(struct run *r, uint32_t row, enum ts_end end)
{
    struct pulled p = {.from = ROW_NONE};
    if (r->job[row].phase != PHASE_GRAPH) {
        p = job_pull(r, row);
    }
    r->job[row].timer = EV_NONE;
    job_end(r, row, p.from, p.a, p.b, end);
}
