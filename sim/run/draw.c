/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * draw.c - the draws of jobs: sizes, latencies of messages, and what policies draw.  Each is an address (stream.h), so the
 * blocks of 64 jobs made at once are invisible.
 */
#include "sim/base/dist.h"
#include "sim/run/steps.h"

static double draw_size(const struct size_spec *z, const struct workload *load, const struct arrival *arrival,
                        struct draw_at at, uint8_t purpose)
{
    if (z->kind == SIZE_LINEAR) {
        double x = z->constant;
        for (uint32_t k = 0; k < z->n_term; k++) {
            x += z->weight[k] * load->arrivals.trace->value[z->column[k]][arrival->trace_row];
        }
        return x;
    }
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

void job_draw(struct run *r, struct job *j, const struct arrival *arrival)
{
    const struct workload *load = &r->s->workload[j->workload];
    const struct draw_at at = {{(uint32_t)r->spec.seed, r->spec.replication}, load->entity,
                               load->n_source > 1 ? j->source - load->first_source : 0, j->number, DRAW_INPUT, 0};
    struct draws *d = r->draws[j->source];
    if (!d) {
        j->input_bits = draw_size(&load->input, load, arrival, at, DRAW_INPUT);
        j->work_flop = draw_size(&load->work, load, arrival, at, DRAW_WORK);
        j->output_bits = draw_size(&load->output, load, arrival, at, DRAW_OUTPUT);
        return;
    }
    if (__builtin_expect(d->block != j->number / DRAWS, 0)) {
        fill_draws(d, load, at, j->number / DRAWS);
    }
    uint32_t k = j->number % DRAWS;
    j->input_bits = load->input.kind == SIZE_DRAWN ? d->input[k] : draw_size(&load->input, load, arrival, at, 0);
    j->work_flop = load->work.kind == SIZE_DRAWN ? d->work[k] : draw_size(&load->work, load, arrival, at, 0);
    j->output_bits = load->output.kind == SIZE_DRAWN ? d->output[k] : draw_size(&load->output, load, arrival, at, 0);
}

static struct draw_at address(const struct run *r, const struct job *j, uint32_t entity, uint8_t purpose)
{
    const struct workload *load = &r->s->workload[j->workload];
    return (struct draw_at){{(uint32_t)r->spec.seed, r->spec.replication}, entity,
                            load->n_source > 1 ? j->source - load->first_source : 0, j->number, purpose, 0};
}

double job_draw_latent(const struct run *r, const struct job *j)
{
    const struct draw_at at = address(r, j, r->s->workload[j->workload].entity, DRAW_LATENT);
    return draw_uniform(&at, 0);
}

void job_draw_quiet(const struct run *r, const struct job *j, uint8_t *quiet)
{
    const struct graph *g = r->s->workload[j->workload].graph;
    for (uint32_t e = 0; e < g->n_edge; e++) {
        const struct edge_spec *edge = &g->edge[e];
        quiet[e] = edge->every > 1 && (j->number + 1) % edge->every != 0;
        if (edge->chance < 1) {
            const struct draw_at at = address(r, j, edge->entity, DRAW_LATENT);
            quiet[e] = draw_uniform(&at, 0) > edge->chance;
        }
    }
}

void job_draw_graph(struct run *r, const struct job *j, const struct arrival *arrival, struct task_live *task,
                    struct link_live *link)
{
    const struct workload *load = &r->s->workload[j->workload];
    const struct graph *g = load->graph;
    const struct graph_live *live = &r->graph[j->workload];
    const bool all = g->exits; /* a plan may choose other tasks */
    for (uint32_t n = 0; n < live->n_varies; n++) {
        const uint32_t k = live->varies[n];
        const struct task_spec *t = &g->task[k];
        link[graph_input(g, k)].bits = j->input_bits;
        if (task[k].state == TASK_OUT && !all) {
            continue;
        }
        const struct draw_at at = address(r, j, t->entity, DRAW_WORK);
        task[k].work_flop = draw_size(&t->work, load, arrival, at, DRAW_WORK);
        if (task[k].is_exit || all) {
            link[graph_output(g, k)].bits = draw_size(&t->output, load, arrival, at, DRAW_OUTPUT);
        }
        for (uint32_t i = 0; i < t->n_in; i++) {
            const struct edge_spec *edge = &g->edge[t->first_in + i];
            if (task[edge->from].state != TASK_OUT || all) {
                const struct draw_at from = address(r, j, edge->entity, DRAW_INPUT);
                link[t->first_in + i].bits = draw_size(graph_data_size(g, t->first_in + i), load, arrival, from, DRAW_INPUT);
            }
        }
    }
}

/* The entity of what a job, or part of one, draws beside its sizes. */
static uint32_t entity_of(const struct run *r, const struct job *j)
{
    const struct workload *load = &r->s->workload[j->workload];
    const struct graph *g = load->graph;
    if (!g) { /* replicas meet latencies of their own */
        return load->entity ^ PART_FACTOR * j->part;
    }
    if (j->part == 0) {
        return load->entity;
    }
    if (j->part <= g->n_task) {
        return g->task[j->part - 1].entity;
    }
    uint32_t link = j->part - graph_part_of_link(g, 0);
    return link < g->n_edge ? g->edge[link].entity : g->task[(link - g->n_edge) % g->n_task].entity;
}

/* Address of the job's latency on a link: the job and the link, not the hop, so that other links on the way move no draw. */
static struct draw_at latency_address(const struct run *r, const struct job *j, uint32_t channel, bool back)
{
    const uint32_t link = r->channel_link[channel] / N_DIRECTION, direction = r->channel_link[channel] % N_DIRECTION;
    struct draw_at at = address(r, j, entity_of(r, j) ^ r->s->link[link].entity * LINK_FACTOR, DRAW_LATENCY);
    const bool one_way = j->part && r->s->workload[j->workload].graph; /* data of a graph; replicas come back */
    at.attempt = (uint8_t)(direction + (back && !one_way ? N_DIRECTION : 0));
    return at;
}

double job_latency_drawn_s(const struct run *r, const struct job *j, uint32_t channel, bool back)
{
    const struct draw_at at = latency_address(r, j, channel, back);
    return dist_draw(&run_channel_spec(r, channel)->latency.dist, &at);
}

/* The same for the access link, from a block of 64 jobs. */
static double access_latency_s(struct run *r, const struct job *j, uint32_t channel, bool back)
{
    const struct dist *dist = &run_channel_spec(r, channel)->latency.dist;
    struct draw_at at = latency_address(r, j, channel, back);
    const uint64_t block = j->number / DRAWS;
    struct draws *d = r->draws[j->source];
    if (__builtin_expect(d->latency[back][block & 1].block != block || d->latency[back][block & 1].dist != dist, 0)) {
        double even[DRAWS], odd[DRAWS];
        d->latency[back][block & 1].block = block;
        d->latency[back][block & 1].dist = dist;
        at.index = block * DRAWS;
        draw_fill_pair(&at, DRAWS, even, odd);
        dist_fill(dist, &at, DRAWS, even, d->latency[back][block & 1].s);
    }
    return d->latency[back][block & 1].s[j->number % DRAWS];
}

/*
 * Jobs go out in order of their numbers, but come back in any.  So when one goes out over its access link, the latency of its
 * way back is drawn from the block that is there, and kept.
 */
static double drawn_latency_s(struct run *r, struct job *j, uint32_t channel)
{
    const bool back = j->phase == PHASE_BACK;
    if (!r->draws[j->source] || j->part || channel / N_DIRECTION != j->access / N_DIRECTION) {
        return job_latency_drawn_s(r, j, channel, back);
    }
    if (back) {
        return j->back_latency_s;
    }
    if (run_channel_spec(r, channel ^ 1u)->latency.kind == PROCESS_DRAWN) {
        j->back_latency_s = access_latency_s(r, j, channel ^ 1u, true);
    }
    return access_latency_s(r, j, channel, false);
}

double job_varying_latency_s(struct run *r, struct job *j, uint32_t channel)
{
    const struct process *p = &run_channel_spec(r, channel)->latency;
    return p->kind == PROCESS_DRAWN ? drawn_latency_s(r, j, channel) : channel_latency_now(r, channel);
}

double job_guess(const struct run *r, const struct job *j, uint32_t part, double flop)
{
    const struct workload *load = &r->s->workload[j->workload];
    const struct draw_at at = {{(uint32_t)r->spec.seed, r->spec.replication}, load->entity ^ PART_FACTOR * part,
                               load->n_source > 1 ? j->source - load->first_source : 0, j->number, DRAW_ESTIMATE, 0};
    return flop * (1 + load->estimate.bias) * dist_draw(&load->estimate.error, &at);
}

double run_policy_uniform(struct run *r, uint32_t i)
{
    const struct job *j = &r->job[r->asked[0]];
    uint64_t which = (uint64_t)j->n_asked * 64 + i; /* later questions about a job draw on */
    struct draws *d = r->draws[j->source];
    struct draw_at at = address(r, j, entity_of(r, j), DRAW_POLICY);
    at.attempt = (uint8_t)(which / 256);
    if (which != 0 || !d || j->part) {
        return draw_uniform(&at, which % 256);
    }
    const uint64_t block = j->number / DRAWS;
    if (__builtin_expect(d->policy[block & 1].block != block, 0)) {
        double odd[DRAWS];
        d->policy[block & 1].block = block;
        at.index = block * DRAWS;
        draw_fill_pair(&at, DRAWS, d->policy[block & 1].u, odd);
    }
    return d->policy[block & 1].u[j->number % DRAWS];
}
