/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/bounds.h"

#include <math.h>
#include <stdlib.h>

#include "sim/run/ideal.h"

struct gathering {
    const struct scenario *s;
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
    if (j->access == ROW_NONE || j->n_choice == 0) {
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
    return fixed ? j->access : ROW_NONE;
}

static int gather(void *ctx, const struct ideal_job *j)
{
    struct gathering *g = ctx;
    int rc = j->measured ? reserve(g, j->n_choice) : 0;
    if (rc || !j->measured) {
        return rc;
    }
    for (uint32_t k = 0; k < j->n_choice; k++) {
        const struct ideal_choice *c = &j->choice[k];
        g->choice[k] = (struct bound_choice){.latency_s = c->in_s + c->run_s + c->out_s, .energy_j = c->run_j + c->net_j,
                                             .cost = c->cost, .exposed = c->exposed, .in_s = c->in_s, .out_s = c->out_s,
                                             .floor_j = fmin(0, c->run_j)};
    }
    const struct bound_job job = {.class = j->workload, .access = needed_access(g->s, j), .released_s = j->released_s,
                                  .deadline_s = j->deadline_s, .work_flop = j->work_flop, .access_bits = j->input_bits,
                                  .access_s = j->access_s, .n_choice = j->n_choice, .choice = g->choice};
    return bound_jobs_add(g->jobs, &job, g->e);
}

int bounds_find(struct bounds *out, const struct scenario *s, uint32_t replication, uint64_t tie_seed, struct err *e)
{
    const struct run_spec spec = {.scenario = s, .replication = replication, .seed = s->experiment.seed,
                                  .tie_seed = tie_seed};
    struct gathering g = {.s = s, .e = e};
    struct run_counts counts = {0};
    *out = (struct bounds){0};
    int rc = bound_jobs_start(&g.jobs, s, e);
    rc = rc ? rc : ideal_jobs(&spec, gather, &g, &counts, e);
    rc = rc ? rc : bound_jobs_finish(g.jobs, counts.window_to_s + s->experiment.drain_s, out, e);
    bound_jobs_free(g.jobs);
    free(g.choice);
    return rc;
}
