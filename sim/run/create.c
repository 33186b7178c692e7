/* SPDX-License-Identifier: GPL-3.0-or-later */
/* create.c - the live state of a replication at time 0, and its end. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/run/control.h"
#include "sim/run/race.h"

enum { FIRST_JOBS = 1024, MANY_SOURCES = 64, MESSAGES_ALONE = 1 << 30 };
/* A direction's latency has draws of its own. */
#define LATENCY_ENTITY 0x80000000u

static bool varies(const struct process *p)
{
    return p->kind == PROCESS_TRACE || p->kind == PROCESS_MARKOV || p->kind == PROCESS_LOG_AR1 || p->outage_every_s > 0;
}

/* Departures can be computed ahead only where nobody is taken out of a queue. */
static bool computes_ahead(const struct run *r)
{
    for (uint32_t w = 0; w < r->s->n_workload; w++) {
        if (r->s->workload[w].drop_late || r->s->workload[w].graph) {
            return false;
        }
    }
    return !r->spec.queued && !(r->spec.policy->flags & (TS_TAKES_BACK | TS_WANTS_LIVE));
}

/* The hooks of the stations: the capacity of a channel, and the rounds of a batch. */
static double hook_finish_s(void *ctx, uint32_t station, double t0_s, double work)
{
    struct run *r = ctx;
    uint32_t channel = station - r->s->n_place;
    const struct process *p = &run_channel_spec(r, channel)->capacity;
    struct process_at *at = &r->channel[channel].serve;
    if (r->ahead[station] != AHEAD_NOT) {
        return process_finish(p, at, t0_s, work); /* starts never go back */
    }
    process_seek(p, at, t0_s);
    struct process_at ahead = *at; /* the end may come earlier than it seems now, so the cursor itself stays */
    return process_finish(p, &ahead, t0_s, work);
}

static double hook_served(void *ctx, uint32_t station, double t0_s, double t1_s)
{
    struct run *r = ctx;
    uint32_t channel = station - r->s->n_place;
    return process_integral(&run_channel_spec(r, channel)->capacity, &r->channel[channel].serve, t0_s, t1_s);
}

/* A batch takes as long as its longest member, and the share of the others that does not run beside it. */
static double hook_round(void *ctx, struct station_set *set, uint32_t station, double now_s)
{
    struct run *r = ctx;
    const struct pool *pool = &r->s->pool[r->place_pool[station]];
    double sum = 0, most = 0;
    uint32_t n = 0;
    (void)now_s;
    for (uint32_t row = station_first(set, station); row != ROW_NONE && n < pool->batch_max; n++) {
        uint32_t next = station_next(set, station, row);
        double work = set->item[row].work;
        sum += work;
        most = work > most ? work : most;
        station_take(set, station, row, work, 1);
        row = next;
    }
    return pool->batch_overhead_s + (most + (1 - pool->batch_parallel) * (sum - most)) / pool->speed_flops;
}

static uint8_t ahead_of(const struct run *r, const struct station_spec *spec)
{
    if (spec->discipline != STATION_AHEAD) {
        return AHEAD_NOT;
    }
    return spec->units == 1 && r->s->n_place + r->s->n_channel <= AHEAD_NEXT_STATIONS ? AHEAD_NEXT : AHEAD_ALL;
}

static int add_places(struct run *r, bool ahead, struct err *e)
{
    const struct scenario *s = r->s;
    for (uint32_t p = 0; p < s->n_pool; p++) {
        const struct pool *pool = &s->pool[p];
        struct station_spec spec = {.discipline = STATION_ORDERED, .preempt = pool->preempt, .units = pool->units,
                                    .limit = pool->limit, .rate = pool->speed_flops};
        if (pool->discipline == DISCIPLINE_FIFO) {
            spec.discipline = ahead ? STATION_AHEAD : STATION_FIFO;
            spec.preempt = false;
        } else if (pool->discipline == DISCIPLINE_PS) {
            spec.discipline = STATION_SHARED;
        } else if (pool->discipline == DISCIPLINE_BATCH) {
            spec.discipline = STATION_ROUNDS;
            spec.units = 1;
            spec.rate = 1;
            spec.gather = pool->batch_wait_s > 0 ? pool->batch_max : 1;
            spec.gather_s = pool->batch_wait_s;
        }
        uint32_t first, count = s->group[pool->group].count;
        int rc = station_add(&r->stations, &spec, count, e, &first);
        if (rc) {
            return rc;
        }
        CHECK(first == pool->first_place);
        for (uint32_t i = 0; i < count; i++) {
            const struct node_group *group = &s->group[pool->group];
            struct place_live *place = &r->place[first + i];
            r->ahead[first + i] = ahead_of(r, &spec);
            place->units = pool->units;
            place->work_per_s = pool->units * pool->speed_flops;
            place->s_per_flop = 1 / pool->speed_flops;
            place->node = group->first_node + i;
            place->core = group->core ? group->first_core + i : ROW_NONE;
            r->place_pool[first + i] = p;
        }
    }
    return 0;
}

/* On all links: a message leaves less for others. */
static bool messages_meet(const struct scenario *s)
{
    bool meet = true;
    for (uint32_t l = 0; l < s->n_link; l++) {
        meet &= s->link[l].sharing != SHARING_NONE;
    }
    return meet;
}

static int add_channels(struct run *r, bool ahead, struct err *e)
{
    const struct scenario *s = r->s;
    for (uint32_t l = 0; l < s->n_link; l++) {
        const struct link *link = &s->link[l];
        bool process = varies(&link->direction[0].capacity) || varies(&link->direction[1].capacity);
        struct station_spec spec = {.discipline = link->sharing != SHARING_FIFO ? STATION_SHARED
                                                  : ahead                       ? STATION_AHEAD
                                                                                : STATION_FIFO,
                                    .units = link->sharing == SHARING_NONE ? MESSAGES_ALONE : 1,
                                    .rate = 1, .process = process, .one_meter = link->n_instance > 1000};
        uint32_t first;
        int rc = station_add(&r->stations, &spec, N_DIRECTION * link->n_instance, e, &first);
        if (rc) {
            return rc;
        }
        CHECK(first == s->n_place + link->first_channel);
        for (uint32_t c = 0; c < N_DIRECTION * link->n_instance; c++) {
            const struct process *latency = &link->direction[c % N_DIRECTION].latency;
            bool fixed = latency->kind == PROCESS_CONSTANT && !varies(latency);
            r->channel_link[link->first_channel + c] = l * N_DIRECTION + c % N_DIRECTION;
            r->ahead[first + c] = ahead_of(r, &spec);
            r->fixed_latency_s[link->first_channel + c] = fixed ? latency->value : NAN;
            r->expected_latency_s[link->first_channel + c] = varies(latency) ? NAN : process_mean(latency);
            if (!process) {
                r->stations.station[first + c].rate = link->direction[c % N_DIRECTION].capacity.value;
            }
        }
    }
    return 0;
}

static int start_channels(struct run *r, struct err *e)
{
    const struct scenario *s = r->s;
    bool any = false;
    for (uint32_t l = 0; l < s->n_link; l++) {
        for (uint32_t d = 0; d < N_DIRECTION; d++) {
            any |= varies(&s->link[l].direction[d].capacity) || varies(&s->link[l].direction[d].latency);
        }
    }
    if (!any) {
        return 0;
    }
    if (!(r->channel = calloc(s->n_channel, sizeof *r->channel))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u links that vary", s->n_channel);
    }
    const struct stream_key key = {(uint32_t)r->spec.seed, r->spec.replication};
    for (uint32_t c = 0; c < s->n_channel; c++) {
        uint32_t instance, direction, l = scenario_link_of_channel(s, c, &instance, &direction);
        const struct channel_spec *spec = &s->link[l].direction[direction];
        uint32_t entity = s->link[l].entity + direction;
        process_start(&spec->capacity, &r->channel[c].serve, key, entity, instance);
        process_start(&spec->capacity, &r->channel[c].look, key, entity, instance);
        process_start(&spec->latency, &r->channel[c].latency, key, entity ^ LATENCY_ENTITY, instance);
    }
    return 0;
}

static int start_sources(struct run *r, struct err *e)
{
    const struct scenario *s = r->s;
    const struct stream_key key = {(uint32_t)r->spec.seed, r->spec.replication};
    size_t bytes = 0;
    r->source_at = calloc(s->n_source + 1u, sizeof *r->source_at);
    r->arrival = calloc(s->n_source + 1u, sizeof *r->arrival);
    r->source_workload = calloc(s->n_source + 1u, sizeof *r->source_workload);
    r->draws = calloc(s->n_source + 1u, sizeof *r->draws);
    if (!r->source_at || !r->arrival || !r->source_workload || !r->draws) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u sources", s->n_source);
    }
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct workload *load = &s->workload[w];
        for (uint32_t k = 0; k < load->n_source; k++) {
            r->source_workload[load->first_source + k] = w;
            r->source_at[load->first_source + k] = bytes;
            bytes += (source_size(&load->arrivals, s->group[load->group].count) + 63) / 64 * 64;
        }
    }
    if (!(r->source_bytes = aligned_alloc(64, bytes + 64))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u sources", s->n_source);
    }
    memset(r->source_bytes, 0, bytes + 64);
    for (uint32_t i = 0; i < s->n_source; i++) {
        const struct workload *load = &s->workload[r->source_workload[i]];
        source_start(run_source(r, i), &load->arrivals, s->group[load->group].count, i - load->first_source, key,
                     load->entity);
        source_next(run_source(r, i), &r->arrival[i]);
        if (isfinite(r->arrival[i].look_s)) {
            evset_push(&r->events, r->arrival[i].look_s, EV_RELEASE, EK_SOURCE, i);
        }
        if (load->n_source <= MANY_SOURCES) {
            if (!(r->draws[i] = calloc(1, sizeof **r->draws))) {
                return ERR_SET(e, ERR_MEMORY, "out of memory for draws");
            }
            r->draws[i]->block = r->draws[i]->policy[0].block = r->draws[i]->policy[1].block = UINT64_MAX;
        }
    }
    return 0;
}

static int start_view(struct run *r, struct err *e)
{
    const struct scenario *s = r->s;
    const uint64_t cols = r->spec.policy->cols | (r->spec.over ? r->spec.over->cols : 0);
    for (unsigned c = 0; c < TS_N_COL; c++) {
        if (cols >> c & 1 && !(r->column[c] = calloc(s->n_place + 1u, sizeof **r->column))) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for the view of %u places", s->n_place);
        }
    }
    for (uint32_t p = 0; p < s->n_place; p++) {
        const struct pool *pool = &s->pool[r->place_pool[p]];
        const struct node_group *group = &s->group[pool->group];
        const double value[TS_N_COL] = {
            [TS_UP] = 1,
            [TS_NODE] = group->first_node + (p - pool->first_place),
            [TS_TIER] = group->tier,
            [TS_KIND] = pool->kind,
            [TS_UNITS] = pool->units,
            [TS_SPEED] = pool->speed_flops,
            [TS_POWER_W] = pool->busy_w_per_unit,
            [TS_LEVEL] = pool->n_level,
            [TS_PRICE] = group->price_per_s / pool->units,
            /* not modelled, hence unknown */
            [TS_TRUST] = NAN, [TS_MEM_FREE] = NAN, [TS_KV_FREE] = NAN, [TS_BATCH] = NAN,
            [TS_BATTERY_J] = NAN, [TS_CARBON] = NAN,
        };
        for (unsigned c = 0; c < TS_N_COL; c++) {
            if (r->column[c]) {
                r->column[c][p] = value[c];
            }
        }
    }
    r->view = (struct ts_view){.size = sizeof r->view, .n_place = s->n_place, .n_col = TS_N_COL, .ctl = 0,
                               .col = (const double *const *)r->column};
    return 0;
}

static int start_jobs(struct run *r, struct err *e)
{
    r->job = calloc(FIRST_JOBS, sizeof *r->job);
    if (!r->job) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for jobs");
    }
    if (r->spec.policy->ended && !(r->account = calloc(FIRST_JOBS, sizeof *r->account))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the accounts of jobs");
    }
    r->n_job = FIRST_JOBS;
    for (uint32_t i = 0; i < FIRST_JOBS; i++) {
        r->job[i].next = i + 1 < FIRST_JOBS ? i + 1 : ROW_NONE;
    }
    return station_set_reserve(&r->stations, FIRST_JOBS, e);
}

static void start_window(struct run *r)
{
    const struct experiment *x = &r->s->experiment;
    r->window_from_s = x->warm_up_s;
    r->window_to_s = r->end_s = INFINITY;
    evset_push(&r->events, x->warm_up_s, EV_BORDER, EK_BORDER, 0);
    if (!x->jobs && isfinite(x->duration_s)) {
        r->window_to_s = x->warm_up_s + x->duration_s;
        r->end_s = r->window_to_s + x->drain_s;
        evset_push(&r->events, r->window_to_s, EV_BORDER, EK_BORDER, 1);
    }
}

int run_create(struct run **out, const struct run_spec *spec, struct err *e)
{
    static const struct station_hooks hooks = {hook_finish_s, hook_served, hook_round};
    const struct scenario *s = spec->scenario;
    struct run *r = calloc(1, sizeof *r);
    int rc = 0;
    *out = NULL;
    if (!r) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a run");
    }
    r->spec = *spec;
    r->s = s;
    r->checker.policy = spec->policy;
    r->checker.can = PLAN_CAN_LEVEL | PLAN_CAN_THINK;
    r->checker.can |= spec->policy->flags & TS_TAKES_BACK ? PLAN_CAN_REPLICA | PLAN_CAN_HEDGE | PLAN_CAN_PATIENCE : 0;
    r->checker.can |= spec->policy->flags & TS_WANTS_LIVE ? PLAN_CAN_MIGRATE | PLAN_CAN_CANCEL : 0;
    r->free_race = r->free_thought = ROW_NONE;
    r->max_in_flight = s->experiment.max_in_flight;
    r->place = calloc(s->n_place + 1u, sizeof *r->place);
    r->place_pool = calloc(s->n_place + 1u, sizeof *r->place_pool);
    r->channel_link = calloc(s->n_channel + 1u, sizeof *r->channel_link);
    r->flows = calloc(s->n_channel + 1u, sizeof *r->flows);
    r->ahead = calloc(s->n_place + s->n_channel + 1u, sizeof *r->ahead);
    r->expected_latency_s = calloc(s->n_channel + 1u, sizeof *r->expected_latency_s);
    r->last = malloc((s->n_place + s->n_channel + 1u) * sizeof *r->last);
    r->fixed_latency_s = calloc(s->n_channel + 1u, sizeof *r->fixed_latency_s);
    if (!r->place || !r->place_pool || !r->channel_link || !r->flows || !r->fixed_latency_s || !r->last ||
        !r->ahead || !r->expected_latency_s) {
        rc = ERR_SET(e, ERR_MEMORY, "out of memory for %u places and %u channels", s->n_place, s->n_channel);
        goto out;
    }
    memset(r->last, 0xff, (s->n_place + s->n_channel) * sizeof *r->last);
    if ((rc = evset_init(&r->events, (size_t)s->n_source + 64, spec->tie_seed, e))) {
        goto out;
    }
    station_set_init(&r->stations, &r->events, EK_STATION, &hooks, r);
    r->stations.unmetered = true; /* the folds over transitions integrate */
    bool ahead = computes_ahead(r);
    if ((rc = add_places(r, ahead, e)) || (rc = add_channels(r, ahead, e)) || (rc = levels_init(r, e)) || (rc = start_jobs(r, e)) ||
        (rc = start_channels(r, e)) || (rc = start_view(r, e)) || (rc = graphs_init(r, e)) || (rc = lines_init(r, e)) ||
        (rc = question_init(r, e)) || (rc = run_blocks_init(r, e)) || (rc = changes_init(r, e)) ||
        (rc = control_create(r, e))) {
        goto out;
    }
    r->steady = !r->channel && messages_meet(r->s) && (!r->control || r->control->knows == KNOW_EXACT);
    start_window(r);
    rc = start_sources(r, e);
out:
    if (rc) {
        run_free(r);
    } else {
        *out = r;
    }
    return rc;
}

void run_free(struct run *r)
{
    if (!r) {
        return;
    }
    for (uint32_t i = 0; r->draws && i < r->s->n_source; i++) {
        free(r->draws[i]);
    }
    for (unsigned c = 0; c < TS_N_COL; c++) {
        free(r->column[c]);
    }
    control_free(r);
    run_blocks_clear(r);
    question_clear(r);
    graphs_clear(r);
    lines_clear(r);
    plan_checker_clear(&r->checker);
    station_set_clear(&r->stations);
    evset_clear(&r->events);
    races_clear(r);
    free(r->live);
    free(r->n_level);
    free(r->job);
    free(r->account);
    thoughts_clear(r);
    free(r->source_bytes);
    free(r->source_at);
    free(r->arrival);
    free(r->source_workload);
    free(r->draws);
    free(r->channel);
    free(r->watch);
    free(r->channel_link);
    free(r->flows);
    free(r->expected_latency_s);
    free(r->last);
    free(r->ahead);
    free(r->fixed_latency_s);
    free(r->place);
    free(r->place_pool);
    free(r->outcome);
    free(r->told_ctl);
    free(r);
}

const struct ts_view *run_view(struct run *r, uint32_t ctl)
{
    if (r->control) {
        view_show(r, ctl, NULL, 0);
    }
    r->view.ctl = ctl;
    return &r->view;
}

struct run_counts run_counts(const struct run *r)
{
    return (struct run_counts){
        .window_from_s = r->window_from_s,
        .window_to_s = r->window_to_s,
        .end_s = r->now_s,
        .n_released = r->n_released,
        .n_event = r->n_event,
        .n_question = r->n_question,
        .n_transition = r->n_transition,
        .n_event_live = evset_live(&r->events),
        .n_event_dead = evset_dead(&r->events),
        .rows_used = r->n_job,
        .verdict = r->verdict,
    };
}

uint32_t run_controllers(const struct run *r)
{
    return r->control ? r->control->n_ctl : r->blocks.n;
}

uint32_t run_clocks(const struct run *r)
{
    return r->blocks.n;
}

uint32_t run_fast(const struct run *r)
{
    return r->control ? r->control->n_fast : r->blocks.n;
}

struct run_setting run_setting(const struct run *r)
{
    return r->control->holds;
}

int run_below(const struct run *r, uint32_t ctl, uint32_t k, uint32_t *below, uint32_t *node)
{
    const struct run_control *c = r->control;
    for (uint32_t fast = 0; c && c->over_of && fast < c->n_fast; fast++) {
        if (c->over_of[fast] == ctl && k-- == 0) {
            *below = fast;
            *node = c->ctl[fast].at.node;
            return 0;
        }
    }
    return -1;
}

const double *run_clock(const struct run *r)
{
    return &r->now_s;
}
