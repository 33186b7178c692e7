/* SPDX-License-Identifier: GPL-3.0-or-later */
/* control.c - controllers at time 0: how many, where, and which one serves which device. */
#include "sim/run/control.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"

enum { FIRST_QUESTIONS = 64, MAX_CONTROLLERS = 1 << 24 };

bool slab_grow(void **slab, uint32_t *n, size_t size, size_t next_offset, uint32_t *free_row)
{
    uint32_t room = *n ? 2 * *n : FIRST_QUESTIONS;
    char *grown = room > *n ? realloc(*slab, room * size) : NULL;
    if (!grown) {
        return false;
    }
    *slab = grown;
    memset(grown + *n * size, 0, (room - *n) * size);
    for (uint32_t i = *n; i < room; i++) {
        uint32_t next = i + 1 < room ? i + 1 : *free_row;
        memcpy(grown + i * size + next_offset, &next, sizeof next);
    }
    *free_row = *n;
    *n = room;
    return true;
}

bool control_reserve(struct run *r, uint32_t n)
{
    struct run_control *c = r->control;
    if (n <= c->n_beside) {
        return true;
    }
    struct beside *grown = realloc(c->beside, n * sizeof *grown);
    if (!grown) {
        return false;
    }
    c->beside = grown;
    if (c->max_rate) {
        struct rate *rate = realloc(c->rate, (size_t)n * c->max_rate * sizeof *rate);
        if (!rate) {
            return false;
        }
        c->rate = rate;
    }
    memset(c->beside + c->n_beside, 0, (n - c->n_beside) * sizeof *c->beside);
    c->n_beside = n;
    return true;
}

void control_reset(struct run *r, uint32_t row)
{
    struct beside *b = &r->control->beside[row];
    b->entry = b->also = b->sent = ROW_NONE;
    b->n_rate = 0;
}

void control_holds(struct run *r, uint32_t row, uint32_t entry, uint32_t serial)
{
    struct beside *b = &r->control->beside[row];
    b->entry = entry;
    b->serial = serial;
    if (r->control->spec->view == VIEW_EXACT) {
        ledger_remove(r, entry, serial); /* the place counts what is assigned to it */
        b->entry = ROW_NONE;
    }
}

void run_fault(struct run *r, const struct err *e)
{
    struct run_control *c = r->control;
    if (!c->fault && (c->fault = malloc(sizeof *c->fault))) {
        *c->fault = *e;
    }
    r->over = true;
}

void control_arrived(struct run *r, uint32_t row)
{
    const struct job *j = &r->job[row];
    view_change(r, j->place, 1, j->estimate_s);
    ledger_admit(r, row);
    news_flow(r, j, false, -1);
}

void control_served(struct run *r, uint32_t row)
{
    const struct job *j = &r->job[row];
    view_change(r, j->place, -1, -j->estimate_s);
    if (j->moved != MOVED_CANCELLED) { /* else nothing goes back */
        news_flow(r, j, true, 1);
    }
}

bool control_left(struct run *r, uint32_t row, uint32_t channel, double busy_s)
{
    const struct job *j = &r->job[row];
    if (j->phase == PHASE_MESSAGE) {
        message_leaves(r, row, busy_s);
        return true;
    }
    /* Shared, it is in service as long as it is there. */
    const bool waits = r->s->link[r->channel_link[channel] / N_DIRECTION].sharing == SHARING_FIFO;
    news_used(r, row, channel, j->phase == PHASE_BACK ? j->output_bits : j->input_bits,
              waits ? busy_s : r->now_s - r->control->beside[row].joined_s);
    return false;
}

/* Where a node stands. */
static struct stand stand_of_node(const struct scenario *s, uint32_t node)
{
    return (struct stand){node, scenario_site_of_node(s, node), scenario_access_channel(s, node)};
}

struct stand stand_of_job(const struct run *r, const struct job *j)
{
    return j->moved ? stand_of_node(r->s, j->node) : (struct stand){j->node, j->site, j->access};
}

struct stand stand_of_place(const struct run *r, uint32_t place)
{
    const struct place_live *p = &r->place[place];
    return p->core != ROW_NONE ? (struct stand){p->node, p->core, ROW_NONE} : stand_of_node(r->s, p->node);
}

double control_distance_s(const struct scenario *s, uint32_t core, struct stand to)
{
    if (to.core == ROW_NONE || route_between(s, core, to.core)->n_hop == ROW_NONE) {
        return INFINITY;
    }
    const struct route *route = route_between(s, core, to.core);
    double sum_s = 0;
    for (uint32_t h = 0; h <= route->n_hop; h++) {
        uint32_t channel = h < route->n_hop ? s->hop[route->first_hop + h] : to.access;
        if (channel != ROW_NONE) {
            uint32_t instance, direction, link = scenario_link_of_channel(s, channel, &instance, &direction);
            sum_s += process_mean(&s->link[link].direction[direction].latency);
        }
    }
    return sum_s;
}

/* The nearest controller of each site, the first of equals. */
static int find_nearest(struct run *r, struct err *e)
{
    struct run_control *c = r->control;
    const struct scenario *s = r->s;
    if (!(c->of_site = malloc((s->n_core + 1u) * sizeof *c->of_site))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the controllers of %u sites", s->n_core);
    }
    for (uint32_t core = 0; core < s->n_core; core++) {
        double best_s = INFINITY;
        c->of_site[core] = ROW_NONE;
        for (uint32_t k = 0; k < c->n_fast; k++) {
            double s_away = c->ctl[k].at.core == core && c->ctl[k].at.access == ROW_NONE
                                ? 0
                                : control_distance_s(s, core, c->ctl[k].at);
            if (s_away < best_s) {
                best_s = s_away;
                c->of_site[core] = k;
            }
        }
    }
    return 0;
}

static int check_reach(const struct run *r, struct err *e)
{
    const struct run_control *c = r->control;
    for (uint32_t w = 0; w < r->s->n_workload; w++) {
        const struct workload *load = &r->s->workload[w];
        const struct home *home = &r->home[w];
        if (load->group == c->spec->group) {
            continue;
        }
        for (uint32_t i = 0; i < home->n_site && i < r->s->group[load->group].count; i++) {
            if (home->first_core == ROW_NONE || c->of_site[home->first_core + i] == ROW_NONE) {
                return ERR_SET(e, ERR_INPUT, "policy %s is asked at %s, to which no way leads from %s[%u] of workload %s",
                               r->spec.spec->label, r->s->group[c->spec->group].name, r->s->group[load->group].name, i,
                               load->name);
            }
        }
    }
    return 0;
}

void controllers_stand(struct run *r, uint32_t first, uint32_t n, const struct control *spec)
{
    for (uint32_t k = 0; k < n; k++) {
        struct controller *ctl = &r->control->ctl[first + k];
        ctl->waiting = ctl->thought = ctl->deferred = ctl->sent = (struct queue){ROW_NONE, ROW_NONE};
        ctl->first_setting = ROW_NONE;
        ctl->admits = 1;
        ctl->at = spec->at == CONTROL_GROUP ? stand_of_node(r->s, r->s->group[spec->group].first_node + k)
                                            : (struct stand){ROW_NONE, ROW_NONE, ROW_NONE};
    }
}

static uint32_t count_slow(const struct scenario *s, const struct control *spec)
{
    const struct control *slow = spec->over ? &spec->over->control : NULL;
    return !slow ? 0 : slow->at == CONTROL_GROUP ? s->group[slow->group].count : 1;
}

/* A controller at each member of the group, or at each device that releases jobs, or one nowhere. */
static int place_controllers(struct run *r, struct err *e)
{
    struct run_control *c = r->control;
    const struct scenario *s = r->s;
    uint64_t n = c->spec->at == CONTROL_NOWHERE ? 1 : c->spec->at == CONTROL_GROUP ? s->group[c->spec->group].count : 0;
    if (!(c->first_of_workload = calloc(s->n_workload + 1u, sizeof *c->first_of_workload))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for controllers");
    }
    for (uint32_t w = 0; c->spec->at == CONTROL_ORIGIN && w < s->n_workload; w++) {
        uint32_t v = 0;
        while (s->workload[v].group != s->workload[w].group) {
            v++;
        }
        c->first_of_workload[w] = v < w ? c->first_of_workload[v] : (uint32_t)n;
        n += v < w ? 0 : s->group[s->workload[w].group].count;
    }
    if (n > MAX_CONTROLLERS) {
        return ERR_SET(e, ERR_INPUT, "policy %s has %llu controllers, wanted at most %d", r->spec.spec->label,
                       (unsigned long long)n, MAX_CONTROLLERS);
    }
    c->n_fast = (uint32_t)n;
    c->n_ctl = c->n_fast + count_slow(s, c->spec);
    c->ctl = calloc(c->n_ctl + 1u, sizeof *c->ctl);
    c->deferring = calloc(c->n_ctl + 1u, sizeof *c->deferring);
    if (!c->ctl || !c->deferring) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u controllers", c->n_ctl);
    }
    controllers_stand(r, 0, c->n_fast, c->spec);
    for (uint32_t w = 0; c->spec->at == CONTROL_ORIGIN && w < s->n_workload; w++) {
        const struct node_group *group = &s->group[s->workload[w].group];
        for (uint32_t i = 0; i < group->count; i++) {
            c->ctl[c->first_of_workload[w] + i].at = stand_of_node(s, group->first_node + i);
        }
    }
    return 0;
}

uint32_t control_of_job(const struct run *r, const struct job *j)
{
    const struct run_control *c = r->control;
    const struct workload *load = &r->s->workload[j->workload];
    uint32_t member = j->node - r->s->group[load->group].first_node;
    if (c->spec->at == CONTROL_NOWHERE) {
        return 0;
    }
    if (c->spec->at == CONTROL_ORIGIN) {
        return c->first_of_workload[j->workload] + member;
    }
    return load->group == c->spec->group ? member : c->of_site[j->site];
}

double control_think_w(const struct run *r, const struct control *spec)
{
    if (spec->think_w == spec->think_w) {
        return spec->think_w;
    }
    const struct node_group *group = spec->at == CONTROL_GROUP ? &r->s->group[spec->group]
                                     : spec->at == CONTROL_ORIGIN && r->s->n_workload
                                         ? &r->s->group[r->s->workload[0].group]
                                         : NULL;
    return group && group->n_pool ? r->s->pool[group->first_pool].busy_w_per_unit : 0;
}

int control_create(struct run *r, struct err *e)
{
    const struct control *spec = &r->spec.spec->control;
    if (!spec->real) {
        return 0;
    }
    struct run_control *c = r->control = calloc(1, sizeof *c);
    if (!c) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for controllers");
    }
    c->spec = spec;
    c->free_question = c->free_entry = c->free_news = c->free_setting = ROW_NONE;
    c->asked = (struct queue){ROW_NONE, ROW_NONE};
    c->max_tries = spec->max_tries ? spec->max_tries : 1;
    int rc = place_controllers(r, e);
    c->n_level = 1;
    c->outlook[LEVEL_FAST] = (struct outlook){.spec = spec, .n_ctl = c->n_fast};
    if (!rc && spec->at == CONTROL_GROUP) {
        rc = find_nearest(r, e);
        rc = rc ? rc : check_reach(r, e);
    }
    rc = rc || !spec->over ? rc : upper_create(r, e);
    rc = rc ? rc : view_create(r, e);
    rc = rc ? rc : ledger_create(r, e);
    rc = rc ? rc : news_create(r, e);
    if (!rc && r->spec.policy->flags & TS_WANTS_LIVE && spec->no_news && spec->view != VIEW_EXACT) {
        rc = ERR_SET(e, ERR_INPUT, "policy %s moves and cancels tasks, of whose ends it must hear: wanted news: true, or "
                     "view: exact",
                     r->spec.spec->label);
    }
    if (!rc && !(control_reserve(r, r->n_job) && controller_room(r, 1))) {
        rc = ERR_SET(e, ERR_MEMORY, "out of memory for controllers");
    }
    return rc;
}

void control_free(struct run *r)
{
    struct run_control *c = r->control;
    if (c) {
        view_free(r);
        ledger_free(r);
        news_free(r);
        upper_free(r);
        free(c->ctl);
        free(c->deferring);
        free(c->first_of_workload);
        free(c->of_site);
        for (uint32_t i = 0; i < c->n_question; i++) {
            free(c->question[i].plan);
            free(c->question[i].racer);
        }
        free(c->question);
        free(c->row);
        free(c->task);
        free(c->beside);
        free(c);
    }
    r->control = NULL;
}
