/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message.c - requests, answers, reports and news on their way: customers of the links like the data of jobs.  A message is
 * a row of run.job whose source is a number above those of all sources, one for each kind.
 */
#include "sim/run/control.h"

#include "sim/base/dist.h"
#include "sim/base/err.h"

#define MESSAGE_FACTOR 0x85EBCA6Bu /* odd, as LINK_FACTOR, so that hashes of names are not just laid over each other */

/* Its direction over hop k: up from where it starts, over the core, down to where it goes. */
static uint32_t hop_of(const struct run *r, const struct job *j, const struct message *m, uint32_t k)
{
    if (j->access != ROW_NONE && k == 0) {
        return j->access;
    }
    if (m->access_to != ROW_NONE && k + 1u == j->n_hop) {
        return m->access_to ^ 1u;
    }
    return r->s->hop[j->first_hop + k - (j->access != ROW_NONE)];
}

/* As for jobs (draw.c): links on the way, and other messages, move no draw. */
static double latency_s(struct run *r, const struct message *m, uint32_t channel)
{
    const double fixed_s = r->fixed_latency_s[channel];
    if (fixed_s == fixed_s) {
        return fixed_s;
    }
    const uint32_t link = r->channel_link[channel] / N_DIRECTION, direction = r->channel_link[channel] % N_DIRECTION;
    const struct process *p = &r->s->link[link].direction[direction].latency;
    const struct draw_at at = {{(uint32_t)r->spec.seed, r->spec.replication},
                               m->entity ^ r->s->link[link].entity * LINK_FACTOR,
                               m->member, m->index, DRAW_LATENCY, (uint8_t)(m->attempt * N_DIRECTION + direction)};
    return p->kind == PROCESS_DRAWN ? dist_draw(&p->dist, &at) : channel_latency_now(r, channel);
}

static void deliver(struct run *r, const struct message *m)
{
    switch (m->kind) {
    case MESSAGE_REPORT:
        view_hear(r, m);
        break;
    case MESSAGE_NEWS:
        news_arrives(r, m);
        break;
    case MESSAGE_SET:
        upper_set(r, m);
        break;
    default:
        controller_reads(r, m);
    }
}

/* Its bits go over to the next link, or wait its latency; or they have arrived.  waited: the latency is over. */
static void go_on(struct run *r, uint32_t row, uint32_t from, double a, bool waited, enum transition_kind kind)
{
    struct run_control *c = r->control;
    for (;;) {
        struct job *j = &r->job[row];
        const double bits = j->input_bits;
        if (j->hop == j->n_hop) {
            struct message m = c->beside[row].message;
            emit(r, TR_ARRIVE, row, from, ROW_NONE, a, from == ROW_NONE ? 0 : bits, 0);
            job_give(r, row);
            deliver(r, &m);
            return;
        }
        const uint32_t channel = hop_of(r, j, &c->beside[row].message, j->hop), station = r->s->n_place + channel;
        const double carried = kind == TR_SEND || from != ROW_NONE ? bits : 0;
        if (!waited) {
            double wait_s = latency_s(r, &c->beside[row].message, channel);
            if (wait_s > 0) {
                emit(r, kind, row, from, ROW_NONE, a, carried, 0);
                j->at = ROW_NONE;
                j->wait = post(r, r->now_s + wait_s, EV_JOIN, EK_JOIN, row);
                return;
            }
        }
        emit(r, kind, row, from, station, a, carried, 0);
        if (job_serve(r, row, channel, bits)) {
            return;
        }
        kind = TR_PASS; /* through a link without a limit in no time */
        from = station;
        a = 0;
        waited = false;
        j->hop++;
    }
}

void message_joins(struct run *r, uint32_t row)
{
    go_on(r, row, ROW_NONE, 0, true, TR_PASS);
}

void message_leaves(struct run *r, uint32_t row, double busy_s)
{
    struct job *j = &r->job[row];
    uint32_t from = j->at;
    j->hop++;
    go_on(r, row, from, busy_s, false, TR_PASS);
}

struct message message_about(const struct run *r, const struct job *j, enum control_message kind, uint32_t ctl, uint32_t about)
{
    const struct workload *load = &r->s->workload[j->workload];
    return (struct message){.kind = kind,
                            .ctl = ctl,
                            .about = about,
                            .entity = load->entity ^ MESSAGE_FACTOR * (1u + kind + N_MESSAGE * j->part),
                            .member = load->n_source > 1 ? j->source - load->first_source : 0,
                            .index = j->number,
                            .attempt = (uint8_t)(j->n_asked & 127)};
}

void message_send(struct run *r, const struct message *m, struct stand from, struct stand to)
{
    struct run_control *c = r->control;
    if (from.node == to.node || from.node == ROW_NONE || to.node == ROW_NONE) {
        deliver(r, m);
        return;
    }
    const struct route *route = from.core == ROW_NONE || to.core == ROW_NONE ? NULL
                                                                             : route_between(r->s, from.core, to.core);
    CHECK(route && route->n_hop != ROW_NONE);
    if (route->n_hop == 0 && from.access == ROW_NONE && to.access == ROW_NONE) {
        deliver(r, m);
        return;
    }
    const uint32_t row = job_take(r);
    if (row == ROW_NONE) {
        return;
    }
    struct job *j = &r->job[row];
    *j = (struct job){.number = c->n_message[m->kind]++,
                      .source = MESSAGE_SOURCE + m->kind,
                      .phase = PHASE_MESSAGE,
                      .input_bits = c->spec->bits[m->kind],
                      .access = from.access,
                      .first_hop = route->first_hop,
                      .n_hop = (uint16_t)((from.access != ROW_NONE) + route->n_hop + (to.access != ROW_NONE)),
                      .at = ROW_NONE,
                      .deadline_s = INFINITY,
                      .block = ROW_NONE};
    c->beside[row].message = *m;
    c->beside[row].message.access_to = to.access;
    go_on(r, row, ROW_NONE, 0, false, TR_SEND);
}
