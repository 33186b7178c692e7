/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/bounds.h"

#include <math.h>
#include <stdlib.h>

#include "sim/experiment/bound_lp.h"
#include "sim/experiment/exhaust.h"
#include "sim/run/ideal.h"

enum { FEW_JOBS = 64, FEW_CHOICES = 1024 };

/* The jobs of a cohort, as long as they are few enough for the linear program. */
struct few {
    struct lp_job job[FEW_JOBS];
    struct lp_choice choice[FEW_CHOICES];
    uint32_t n_job, n_choice;
    bool too_many;
};

struct gathering {
    const struct scenario *s;
    struct few *few;
    struct bound_jobs *jobs;
    struct bound_choice *choice;
    uint32_t room;
    struct err *e;
};

static int reserve(struct gathering *g, uint32_t n)
{
    if (n > g->room) {
        struct bound_choice *grown = realloc(g->choice, n * sizeof *grown);
        if (!grown) {
            return ERR_SET(g->e, ERR_MEMORY, "out of memory for bounds");
        }
        g->choice = grown;
        g->room = n;
    }
    return 0;
}

/* The channel that every way to a processor begins with, where its capacity does not change; or ROW_NONE. */
static uint32_t needed_access(const struct scenario *s, const struct ideal_job *j)
{
    uint32_t instance, direction;
    if (j->access == ROW_NONE || j->n_choice == 0 || j->whole) {
        return ROW_NONE;
    }
    for (uint32_t k = 0; k < j->n_choice; k++) {
        if (scenario_node_of_place(s, j->choice[k].place) == j->node) {
            return ROW_NONE;
        }
    }
    const struct link *link = &s->link[scenario_link_of_channel(s, j->access, &instance, &direction)];
    const struct process *capacity = &link->direction[direction].capacity;
    bool fixed = capacity->kind == PROCESS_CONSTANT && !(capacity->outage_every_s > 0) && isfinite(capacity->value);
    return fixed && link->sharing != SHARING_NONE ? j->access : ROW_NONE;
}

static double weighed_rest(const struct scenario *s, const struct ideal_choice *c)
{
    return objective_loss(&s->objective, (struct objective_sums){.energy_j = c->run_j + c->net_j, .cost = c->cost,
                                                                 .exposed = c->exposed});
}

static void keep_few(struct few *few, const struct scenario *s, const struct ideal_job *j)
{
    few->too_many = few->too_many || j->whole || few->n_job == FEW_JOBS || few->n_choice + j->n_choice > FEW_CHOICES;
    if (few->too_many) {
        return;
    }
    few->job[few->n_job++] = (struct lp_job){.released_s = j->released_s, .allowed_s = j->deadline_s - j->released_s,
                                             .first = few->n_choice, .n_choice = j->n_choice};
    for (uint32_t k = 0; k < j->n_choice; k++) {
        const struct ideal_choice *c = &j->choice[k];
        const struct pool *pool = &s->pool[scenario_pool_of_place(s, c->place)];
        few->too_many = few->too_many || c->run_j < 0; /* who takes power away may be better broken off */
        few->choice[few->n_choice++] = (struct lp_choice){
            .place = c->place, .in_s = c->in_s, .out_s = c->out_s, .latency_s = c->in_s + c->run_s + c->out_s,
            .work_s = c->run_s - pool->batch_overhead_s, .rest = weighed_rest(s, c)};
    }
}

/* Places that the jobs may use get rows of their own, and what can work there at a time. */
static uint32_t number_places(struct few *few, const struct scenario *s, double units[FEW_CHOICES])
{
    uint32_t place[FEW_CHOICES], n = 0;
    for (uint32_t i = 0; i < few->n_choice; i++) {
        uint32_t row = 0;
        while (row < n && place[row] != few->choice[i].place) {
            row++;
        }
        if (row == n) {
            const struct pool *pool = &s->pool[scenario_pool_of_place(s, few->choice[i].place)];
            place[n] = few->choice[i].place;
            units[n++] = pool->discipline == DISCIPLINE_BATCH ? bound_batch_units(pool) : pool->units;
        }
        few->choice[i].place = row;
    }
    return n;
}

/* What a job without a result counts, by these weights, if it was there until the end of the run, or not at all. */
static void set_without(struct few *few, const struct objective *o, const struct lp_case *c, double end_s, bool all)
{
    for (uint32_t j = 0; j < few->n_job; j++) {
        double lived_s = all ? end_s - few->job[j].released_s : 0;
        few->job[j].without = isinf(lived_s) ? INFINITY
                                             : c->per_s * objective_charged_s(o, few->job[j].allowed_s, lived_s) + c->per_miss;
    }
}

/* Programs for latency, misses and the objective, with all jobs carried out or any. */
static int solve_few(struct few *few, const struct scenario *s, double end_s, struct bounds *out, struct err *e)
{
    const struct objective *o = &s->objective;
    double units[FEW_CHOICES], value[2][3];
    struct lp_case c = {.n_job = few->n_job, .job = few->job, .choice = few->choice, .units = units};
    const double weight[3][3] = {{1, 0, 0}, {0, 1, 0}, {o->per_s, o->per_miss, 1}};
    int rc = 0;
    if (few->too_many || few->n_job == 0) {
        return 0;
    }
    c.n_place = number_places(few, s, units);
    for (int all = 0; all < 2; all++) {
        for (int k = 0; k < 3 && rc == 0; k++) {
            value[all][k] = NAN;
            c.per_s = weight[k][0];
            c.per_miss = weight[k][1];
            c.per_rest = weight[k][2];
            set_without(few, o, &c, end_s, all);
            rc = k < 2 || o->given ? bound_lp(&c, &value[all][k], e) : 0;
        }
    }
    if (rc == 0) {
        bounds_raise(out, (struct bound_values){value[1][0], value[1][1], value[1][2]},
                     (struct bound_values){value[0][0], value[0][1], value[0][2]});
    }
    return rc;
}

static int gather(void *ctx, const struct ideal_job *j)
{
    struct gathering *g = ctx;
    const bool loop = g->s->workload[j->workload].arrivals.kind == ARRIVAL_CLOSED;
    int rc = j->measured || loop ? reserve(g, j->n_choice) : 0;
    if (rc || (!j->measured && !loop)) {
        return rc;
    }
    for (uint32_t k = 0; k < j->n_choice; k++) {
        const struct ideal_choice *c = &j->choice[k];
        g->choice[k] = (struct bound_choice){.latency_s = c->in_s + c->run_s + c->out_s, .energy_j = c->run_j + c->net_j,
                                             .cost = c->cost, .exposed = c->exposed, .in_s = c->in_s, .out_s = c->out_s,
                                             .floor_j = fmin(0, c->run_j)};
    }
    g->few->too_many |= loop;
    const struct bound_job job = {.class = j->workload, .loop = loop, .source = j->source,
                                  .access = loop ? ROW_NONE : needed_access(g->s, j), .released_s = j->released_s,
                                  .deadline_s = j->deadline_s, .work_flop = j->work_flop, .access_bits = j->input_bits,
                                  .access_s = j->access_s, .n_choice = j->n_choice, .choice = g->choice};
    keep_few(g->few, g->s, j);
    return bound_jobs_add(g->jobs, &job, g->e);
}

static int find(struct bounds *out, const struct scenario *s, uint32_t replication, uint64_t tie_seed, bool races,
                bool *are_few, struct err *e)
{
    const struct run_spec spec = {.scenario = s, .replication = replication, .seed = s->experiment.seed,
                                  .tie_seed = tie_seed};
    struct gathering g = {.s = s, .few = calloc(1, sizeof *g.few), .e = e};
    struct run_counts counts = {0};
    int rc = g.few ? bound_jobs_start(&g.jobs, s, e) : ERR_SET(e, ERR_MEMORY, "out of memory for bounds");
    rc = rc ? rc : ideal_jobs(&spec, races, gather, &g, &counts, e);
    const double end_s = counts.window_to_s + s->experiment.drain_s;
    rc = rc ? rc : bound_jobs_finish(g.jobs, (struct bound_span){counts.window_from_s, counts.window_to_s, end_s}, out, e);
    rc = rc ? rc : solve_few(g.few, s, end_s, out, e);
    *are_few = rc == 0 && !g.few->too_many;
    bound_jobs_free(g.jobs);
    free(g.choice);
    free(g.few);
    return rc;
}

int bounds_find(struct bounds out[2], const struct scenario *s, uint32_t replication, uint64_t tie_seed,
                const bool wanted[2], struct err *e)
{
    double optimum = NAN;
    bool are_few = false;
    int rc = 0;
    out[0] = out[1] = (struct bounds){0};
    for (int races = 0; races < 2; races++) {
        if (wanted[races]) {
            rc = rc ? rc : find(&out[races], s, replication, tie_seed, races, &are_few, e);
        }
    }
    rc = rc || !are_few ? rc : exhaust(s, replication, tie_seed, &optimum, e);
    out[0].optimum = out[1].optimum = optimum;
    return rc;
}
