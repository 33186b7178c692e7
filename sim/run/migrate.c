/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * migrate.c - tasks that are at their places and may be moved or cancelled (SEMANTICS 5.3).  A policy with TS_WANTS_LIVE is told
 * of them at ticks and changes.  What moves is the input of a task that has not begun, else the workload's `state`; the source
 * serves until the move starts, which is at once, and the work that is left goes on at the other place.  The result then goes
 * from there to the node of the job, as if it had been placed there.
 *
 * The order comes from the node of the job, in no time, or from a controller, as its answer; the place then tells that
 * controller of the move.
 */
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/run/control.h"

static bool is_listed(const struct run *r, const struct job *j, uint32_t block)
{
    return job_is_live(j) && block_of_job(r, j) == block;
}

bool live_list(struct run *r, uint32_t block, uint32_t *n_all)
{
    const struct block *b = &r->block[block];
    uint32_t n = b->n_deferred;
    for (uint32_t row = 0; row < r->n_job; row++) {
        n += is_listed(r, &r->job[row], block);
    }
    if (n > r->room_live) {
        uint32_t *grown = realloc(r->live, 2 * (size_t)n * sizeof *grown);
        if (!grown) {
            return false;
        }
        r->live = grown;
        r->room_live = 2 * n;
    }
    *n_all = n;
    n = 0;
    for (; n < b->n_deferred; n++) {
        r->live[n] = b->deferred[n];
    }
    for (uint32_t row = 0; row < r->n_job; row++) {
        if (is_listed(r, &r->job[row], block)) {
            r->live[n++] = row;
        }
    }
    return true;
}

void job_cancel(struct run *r, uint32_t row)
{
    if (job_is_live(&r->job[row])) {
        if (!r->control) { /* else the order has come from there */
            order_send(r, row);
        }
        if (!job_stops(r, row)) {
            r->job[row].moved = MOVED_CANCELLED;
            return;
        }
        if (r->job[row].timer != EV_NONE) {
            evset_cancel(&r->events, r->job[row].timer);
        }
        job_take_out(r, row, TS_CANCELLED);
    } else {
        r->job[row].placed_s = r->now_s;
        job_end(r, row, ROW_NONE, 0, 0, TS_CANCELLED);
    }
}

/* What is left of the work as it was announced: that much of it as is left of the true work. */
static double estimate_left_flop(const struct run *r, const struct job *j, double left_flop)
{
    const double flop = j->estimate_s * r->place[j->place].work_per_s / run_stretch(r, j->step, j->place, j->level);
    return j->work_flop > 0 ? flop * (left_flop / j->work_flop) : flop;
}

int job_migrate(struct run *r, uint32_t row, const struct ts_step *step, struct err *e)
{
    struct job *j = &r->job[row];
    const uint32_t from = j->place, to = step->place;
    if (r->place[to].node == j->node && r->place[from].node != j->node) {
        return ERR_SET(e, ERR_POLICY, "policy %s moved job %llu back to its own node: wanted another place",
                       r->spec.policy->name, (unsigned long long)j->ordinal);
    }
    if (to == from) {
        return 0;
    }
    struct leg leg;
    if (!data_way(r, j, from, to, &leg)) {
        return ERR_SET(e, ERR_POLICY, "policy %s moved job %llu to where no link leads from its place: wanted another place",
                       r->spec.policy->name, (unsigned long long)j->ordinal);
    }
    if (!r->control) {
        order_send(r, row);
    }
    const struct pulled p = job_pull(r, row);
    const double left_flop = r->stations.item[row].work / run_stretch(r, j->step, from, j->level);
    const bool begun = p.a > 0;
    if (begun && j->patience != EV_NONE) {
        evset_cancel(&r->events, j->patience);
        j->patience = EV_NONE;
    }
    const double known_flop = estimate_left_flop(r, j, left_flop);
    emit(r, TR_MOVE, row, from, ROW_NONE, p.a, p.b, 0);
    run_freed(r);
    j->access = leg.access;
    j->first_hop = leg.first_hop;
    j->n_hop = (uint16_t)leg.n_hop;
    j->hop = 0;
    j->input_bits = begun ? r->s->workload[j->workload].state_bits : j->input_bits;
    j->work_flop = left_flop;
    j->level = step->level;
    j->place = to;
    j->at = ROW_NONE;
    j->wait = EV_NONE;
    j->moved = MOVED;
    j->phase = PHASE_UP;
    j->estimate_s = known_flop / r->place[to].work_per_s * run_stretch(r, j->step, to, j->level);
    r->place[to].assigned++;
    r->place[to].backlog_s += j->estimate_s;
    place_show(r, to);
    const double input_bits = j->input_bits, output_bits = j->output_bits;
    if (r->control) {
        news_flow(r, j, false, 1);
        news_of_move(r, row, from);
    }
    job_may_expose(r, row, j->step, to);
    job_go_on(r, row, ROW_NONE, input_bits, output_bits, false, TR_SHIFT);
    return 0;
}

void job_way_home(struct run *r, struct job *j)
{
    struct way way;
    job_stand(r, j);
    bool reached = job_way(r, j, j->place, &way);
    CHECK(reached);
    j->first_hop = way.first_hop;
    j->n_hop = (uint16_t)way.n_hop;
    j->moved = 0;
}
