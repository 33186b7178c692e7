/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * news.c - what comes back to a controller: that a job has ended (SEMANTICS 5.1.7), and with it what rates its transfers got
 * (5.1.8).  News starts where the job ended and is sent only if somebody reads it.
 *
 * Rate of a link to a controller: capacity / (1 + own transfers over it that are under way), where the capacity is the mean,
 * or last / an average of what the controller's finished transfers got: bits over time in service.
 */
#include "sim/run/control.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"

/* Does anybody hear of it beside the policy? */
static bool is_learned_from(const struct run_control *c)
{
    return !c->spec->no_news && (c->max_rate || (c->spec->ledger != LEDGER_NONE && c->spec->view != VIEW_EXACT));
}

static enum know_kind know(const struct control *spec)
{
    return spec->know != KNOW_DEFAULT ? spec->know : spec->view == VIEW_EXACT ? KNOW_EXACT : KNOW_NOMINAL;
}

/* Links of a way out and back at most. */
static uint32_t most_links(const struct scenario *s)
{
    uint32_t most = 0;
    for (size_t i = 0; i < (size_t)s->n_core * s->n_core; i++) {
        most = s->route[i].n_hop != ROW_NONE && s->route[i].n_hop > most ? s->route[i].n_hop : most;
    }
    return N_DIRECTION * (most + 1);
}

int news_create(struct run *r, struct err *e)
{
    struct run_control *c = r->control;
    (void)e;
    c->knows = know(c->spec);
    c->max_rate = c->knows == KNOW_LAST || c->knows == KNOW_EWMA ? most_links(r->s) : 0;
    c->wants_news = is_learned_from(c) ||
                    (!c->spec->no_news && (r->spec.policy->ended || r->spec.policy->flags & TS_WANTS_LIVE));
    return 0;
}

void news_free(struct run *r)
{
    struct run_control *c = r->control;
    pairs_clear(&c->links);
    free(c->link);
    free(c->news);
    free(c->news_rate);
    free(c->rate);
    free(c->fault);
}

static struct known_link *link_of(struct run *r, uint32_t ctl, uint32_t channel)
{
    struct run_control *c = r->control;
    uint32_t row = pairs_row(&c->links, ctl, channel);
    if (row != ROW_NONE && row >= c->room_link) {
        uint32_t room = c->room_link ? 2 * c->room_link : 64;
        struct known_link *grown = realloc(c->link, room * sizeof *grown);
        if (!grown) {
            row = ROW_NONE;
        } else {
            memset(grown + c->room_link, 0, (room - c->room_link) * sizeof *grown);
            c->link = grown;
            c->room_link = room;
        }
    }
    if (row == ROW_NONE) {
        run_fail(r, "out of memory for what controllers know of links");
        return NULL;
    }
    return &c->link[row];
}

static bool more_news(struct run_control *c)
{
    if (!slab_grow((void **)&c->news, &c->n_news, sizeof *c->news, offsetof(struct news, next), &c->free_news)) {
        return false;
    }
    struct rate *grown = c->max_rate ? realloc(c->news_rate, (size_t)c->n_news * c->max_rate * sizeof *grown) : NULL;
    c->news_rate = grown ? grown : c->news_rate;
    return grown || !c->max_rate;
}

/* Where it ended: with a result, or given up, at the job's device; without room, or cancelled there, at the place. */
static struct stand where(const struct run *r, const struct job *j, uint32_t end)
{
    const bool no_room = (end == TS_DROP_FULL || end == TS_DROP_REFUSED) && j->place != ROW_NONE;
    const bool stopped = end == TS_CANCELLED && (j->phase == PHASE_SERVED || j->moved == MOVED_CANCELLED);
    return no_room || stopped ? stand_of_place(r, j->place) : stand_of_job(r, j);
}

/* A row of news that says what the ledger, and the links, learn from the end of a task; ROW_NONE after run_fail. */
static uint32_t note(struct run *r, uint32_t row, uint32_t ctl)
{
    struct run_control *c = r->control;
    if (c->free_news == ROW_NONE && !more_news(c)) {
        run_fail(r, "out of memory for news");
        return ROW_NONE;
    }
    const struct beside *b = &c->beside[row];
    const uint32_t i = c->free_news;
    c->free_news = c->news[i].next;
    c->news[i] = (struct news){.ctl = ctl, .entry = b->entry, .serial = b->serial, .n_rate = b->n_rate, .also = b->also,
                               .sent = b->sent, .moved_to = ROW_NONE, .ordinal = r->job[row].ordinal,
                               .workload = r->job[row].workload, .block = ROW_NONE};
    if (b->n_rate) {
        memcpy(c->news_rate + (size_t)i * c->max_rate, c->rate + (size_t)row * c->max_rate, b->n_rate * sizeof *c->rate);
    }
    return i;
}

/* It travels; the row may be another's when it has left. */
static void tell(struct run *r, uint32_t row, uint32_t i, struct stand from)
{
    const struct run_control *c = r->control;
    const uint32_t ctl = c->news[i].ctl;
    const struct message m = message_about(r, &r->job[row], MESSAGE_NEWS, ctl, i);
    message_send(r, &m, from, c->ctl[ctl].at);
}

/* Nobody is told. */
static void forget(struct run *r, uint32_t row, uint32_t block)
{
    if (block != ROW_NONE) {
        graph_give(r, r->job[row].workload, block);
    }
}

void news_send(struct run *r, uint32_t row, const struct ts_outcome *o, uint32_t block)
{
    struct run_control *c = r->control;
    const struct beside *b = &c->beside[row];
    const uint32_t ctl = control_of_job(r, &r->job[row]);
    if (!c->wants_news) {
        forget(r, row, block);
        return;
    }
    if (o->end == TS_REJECTED) { /* the controller's own doing */
        if (r->spec.policy->ended && !b->turned_away) {
            job_told(r, o, ctl, r->job[row].workload, block);
        } else {
            forget(r, row, block);
        }
        return;
    }
    const uint32_t i = note(r, row, ctl);
    if (i != ROW_NONE) {
        c->news[i].outcome = *o;
        c->news[i].block = block;
        tell(r, row, i, where(r, &r->job[row], o->end));
    }
}

void news_of_move(struct run *r, uint32_t row, uint32_t from_place)
{
    struct run_control *c = r->control;
    const uint32_t i = c->beside[row].sent == ROW_NONE || !c->wants_news || c->spec->view == VIEW_EXACT
                           ? ROW_NONE
                           : note(r, row, control_of_job(r, &r->job[row]));
    if (i != ROW_NONE) {
        c->news[i].entry = ROW_NONE;
        c->news[i].n_rate = 0;
        c->news[i].moved_to = r->job[row].place;
        tell(r, row, i, stand_of_place(r, from_place));
    }
}

void news_take_over(struct run *r, uint32_t row, uint32_t from)
{
    struct run_control *c = r->control;
    struct beside *to = &c->beside[row], *b = &c->beside[from];
    to->entry = b->entry;
    to->serial = b->serial;
    to->n_rate = b->n_rate;
    if (b->n_rate) {
        memcpy(c->rate + (size_t)row * c->max_rate, c->rate + (size_t)from * c->max_rate, b->n_rate * sizeof *c->rate);
    }
    b->entry = ROW_NONE;
    b->n_rate = 0;
}

void news_of_replica(struct run *r, uint32_t row, uint32_t with)
{
    struct run_control *c = r->control;
    const struct job *j = &r->job[row];
    const struct beside *b = &c->beside[row];
    if (!is_learned_from(c) || (b->entry == ROW_NONE && b->n_rate == 0)) {
        return;
    }
    const uint32_t i = note(r, row, control_of_job(r, j));
    if (i == ROW_NONE) {
        return;
    }
    if (with != ROW_NONE) {
        c->news[i].also = c->beside[with].also;
        c->beside[with].also = i;
        return;
    }
    tell(r, row, i, where(r, j, j->phase == PHASE_UP ? TS_DROP_FULL : TS_CANCELLED));
}

void news_of_unsent(struct run *r, uint32_t with, uint32_t entry, uint32_t serial)
{
    struct run_control *c = r->control;
    const uint32_t i = is_learned_from(c) ? note(r, with, control_of_job(r, &r->job[with])) : ROW_NONE;
    if (i != ROW_NONE) {
        c->news[i].entry = entry;
        c->news[i].serial = serial;
        c->news[i].n_rate = 0;
        c->beside[with].also = i; /* note has what was there */
    }
}

/* What a row of news says of a task, which is then free. */
static void learn(struct run *r, uint32_t i)
{
    struct run_control *c = r->control;
    const struct news news = c->news[i];
    const struct rate *rate = c->news_rate + (size_t)i * c->max_rate;
    for (uint32_t k = 0; k < news.n_rate; k++) {
        struct known_link *link = link_of(r, news.ctl, rate[k].channel);
        if (link) {
            double w = c->knows == KNOW_EWMA && link->rate_bps > 0 ? c->spec->ewma : 1;
            link->rate_bps = w * rate[k].bps + (1 - w) * link->rate_bps;
        }
    }
    ledger_remove(r, news.entry, news.serial);
    c->news[i].next = c->free_news;
    c->free_news = i;
}

void news_arrives(struct run *r, const struct message *m)
{
    const struct news news = r->control->news[m->about];
    for (uint32_t i = m->about, next; i != ROW_NONE; i = next) {
        next = r->control->news[i].also;
        learn(r, i);
    }
    if (news.moved_to != ROW_NONE) {
        sent_moved(r, news.sent, news.ordinal, news.moved_to);
        return;
    }
    sent_drop(r, news.sent, news.ordinal);
    if (news.outcome.end == 0) {
        return; /* of a replica: the policy hears of its job */
    }
    if (r->spec.policy->ended) {
        struct ts_outcome o = news.outcome;
        o.now_s = r->now_s;
        job_told(r, &o, news.ctl, news.workload, news.block);
    } else if (news.block != ROW_NONE) {
        graph_give(r, news.workload, news.block);
    }
}

void news_used(struct run *r, uint32_t row, uint32_t channel, double bits, double busy_s)
{
    struct run_control *c = r->control;
    struct beside *b = &c->beside[row];
    if (b->n_rate < c->max_rate && bits > 0 && busy_s > 0) {
        c->rate[(size_t)row * c->max_rate + b->n_rate++] = (struct rate){channel, bits / busy_s};
    }
}

void news_flow(struct run *r, const struct job *j, bool back, int change)
{
    struct run_control *c = r->control;
    if (c->knows == KNOW_EXACT) {
        return;
    }
    const uint32_t ctl = control_of_job(r, j);
    for (uint32_t h = 0; h < j->n_hop; h++) {
        uint32_t channel = back ? job_hop_back(r, j, h) : job_hop_out(r, j, h);
        struct known_link *link = link_of(r, ctl, channel);
        if (link) {
            link->n_flow += (uint32_t)change;
        }
    }
}

double news_rate_bps(struct run *r, uint32_t channel)
{
    struct run_control *c = r->control;
    uint32_t row = pairs_find(&c->links, c->asking, channel);
    const struct known_link *link = row == ROW_NONE ? NULL : &c->link[row];
    bool learned = link && link->rate_bps > 0;
    double capacity_bps = learned ? link->rate_bps : process_mean(&run_channel_spec(r, channel)->capacity);
    return run_channel_spec(r, channel)->alone ? capacity_bps : capacity_bps / ((link ? link->n_flow : 0) + 1.0);
}
