/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * order.c - orders about tasks that were sent: their cancellation, their move.  An order is a message of ORDER_BITS from the node
 * of the job to the place of the task; it takes the latencies of the way, waits for nothing, and costs its bits and joules in
 * the account of control (SEMANTICS 5.3).
 */
#include "sim/base/err.h"
#include "sim/run/steps.h"

/* As much as an answer of a controller. */
enum { ORDER_BITS = 64 * 8 };

double order_send(struct run *r, uint32_t row)
{
    struct job j = r->job[row]; /* one that was moved has the way of its data in its row */
    struct way way = {0, 0};
    double s = 0, joule = 0;
    job_stand(r, &j);
    const bool reached = job_way(r, &j, j.place, &way);
    CHECK(reached);
    for (uint32_t h = 0; h < way.n_hop; h++) {
        const uint32_t channel = hop_out(r, j.access, way.first_hop, h);
        s += channel_latency_now(r, channel);
        joule += ORDER_BITS * run_channel_spec(r, channel)->energy_j_per_bit;
    }
    if (way.n_hop > 0) {
        emit(r, TR_ORDER, row, ROW_NONE, r->place[j.place].node, joule, (double)ORDER_BITS * way.n_hop, 0);
    }
    return s;
}

void order_stale(struct run *r, uint32_t place)
{
    emit_raw(r, (struct transition){.time_s = r->now_s,
                                    .way = transition_way(ROW_NONE, r->place[place].node),
                                    .what = transition_what(TR_STALE, 0, 0, 0)});
}

bool job_stops(const struct run *r, uint32_t row)
{
    const struct job *j = &r->job[row];
    if (j->phase != PHASE_SERVED) {
        return true;
    }
    const struct pool *pool = &r->s->pool[r->place_pool[j->at]];
    return pool->discipline == DISCIPLINE_PS || pool->preempt || r->stations.item[row].unit == ROW_NONE;
}
