/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dads - a network cut anywhere: what stays is closed under "reads from", and the cut of least cost is the least cut of
 * a graph whose arcs are runs and transfers.  Under light load the sum of all is least (DSL).  Under heavy load what counts
 * is the busiest of device, network and server (DSH): cuts for several weights of the three, of which the best is taken; the
 * first, of equal weights, is at most three times the best there is.
 *
 * Data come back to what can only run near, such as a private last layer, and for nothing else; to several readers of the same
 * each counts.
 *
 * Source: Hu, Bao, Wang, Liu, "Dynamic Adaptive DNN Surgery for Inference Acceleration on the Edge", INFOCOM 2019.  Ties: less
 * stays.
 */
#include <stdbool.h>
#include <string.h>

#include "policies/builtin.h"
#include "policies/flow.h"
#include "policies/split.h"

#define NEVER 1e30 /* capacity of what may not be cut */
enum { LATENCY, THROUGHPUT, ROUNDS = 12 };

struct dads {
    struct split_config config;
    double load;
    struct scratch scratch;
};

struct weight {
    double near, net, far;
};

static double capped(double x)
{
    return x < NEVER ? x : NEVER;
}

/*
 * The nodes: tasks, for each of them what it sends to several readers alike, then source (near) and sink (far), and one for
 * the wait at either, which is on its side if a task is.
 */
static double cut(const struct split *x, struct weight w, uint8_t *near)
{
    const struct ts_ask *a = x->ask;
    const uint32_t n = x->n, source = 2 * n, sink = 2 * n + 1, near_wait = 2 * n + 2, far_wait = 2 * n + 3;
    struct flow f = flow_make(x->scratch, 2 * n + 4, 4 * n + 2 + 3 * a->n_edge);
    uint32_t *sent = scratch_zero(x->scratch, n, sizeof *sent);
    if (x->scratch->failed) {
        return NAN;
    }
    for (uint32_t i = 0; i < n; i++) {
        flow_add(&f, source, i, capped(w.far * x->far[i] + w.net * (x->in[i] + x->out[i]))); /* cut if it goes */
        flow_add(&f, i, sink, capped(w.near * x->near[i]));                                 /* cut if it stays */
        flow_add(&f, i, near_wait, NEVER);
        flow_add(&f, far_wait, i, NEVER);
    }
    flow_add(&f, near_wait, sink, x->near_wait);
    flow_add(&f, source, far_wait, x->far_wait);
    for (uint32_t e = 0; e < a->n_edge; e++) {
        const struct ts_edge *edge = &a->edge[e];
        if (edge->from >= n || edge->to >= n) {
            continue;
        }
        double cost = capped(w.net * split_up(x, e));
        const bool pinned = isinf(x->far[edge->to]);
        flow_add(&f, edge->to, edge->from, pinned ? capped(w.net * split_down(x, e)) : NEVER);
        if (!edge->same || (sent[edge->from] && sent[edge->from] != edge->same)) {
            flow_add(&f, edge->from, edge->to, cost); /* one kind of data for many is told apart for each task */
            continue;
        }
        if (!sent[edge->from]) {
            sent[edge->from] = edge->same;
            flow_add(&f, edge->from, n + edge->from, cost);
        }
        flow_add(&f, n + edge->from, edge->to, NEVER);
    }
    double least = flow_run(&f, source, sink);
    for (uint32_t i = 0; i < n; i++) {
        near[i] = f.level[i] != TS_NONE;
    }
    return least;
}

/* The busiest of the three. */
static double busiest(const struct split *x, const uint8_t *near, struct weight *load)
{
    *load = (struct weight){0, 0, 0};
    double all = split_cost(x, near);
    for (uint32_t i = 0; i < x->n; i++) {
        load->near += near[i] ? x->near[i] : 0;
        load->far += near[i] ? 0 : x->far[i];
    }
    load->net = all - load->near - load->far;
    return fmax(load->near, fmax(load->net, load->far));
}

static double least_load(const struct split *busy, uint8_t *near)
{
    struct split idle = *busy, *x = &idle;
    idle.near_wait = idle.far_wait = 0; /* what waits now is no load of this job */
    struct weight w = {1, 1, 1}, load;
    uint8_t *tried = scratch_take(x->scratch, x->n, 1);
    double best = INFINITY;
    for (int round = 0; tried && round < ROUNDS; round++) {
        double value = cut(x, w, tried);
        if (isnan(value) || value >= NEVER) {
            return isnan(value) ? NAN : best;
        }
        double worst = busiest(x, tried, &load);
        if (worst < best) {
            best = worst;
            memcpy(near, tried, x->n);
        }
        double *heavy = load.near >= worst ? &w.near : load.net >= worst ? &w.net : &w.far;
        *heavy *= 1.5;
    }
    return tried ? best : NAN;
}

static double best_cut(void *st, const struct split *x, uint8_t *near)
{
    if ((int)((const struct dads *)st)->load == THROUGHPUT) {
        return least_load(x, near);
    }
    double value = cut(x, (struct weight){1, 1, 1}, near);
    return isnan(value) ? NAN : value < NEVER ? split_cost(x, near) : INFINITY;
}

static int dads_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct dads *s = st;
    return split_decide(best_cut, st, &s->config, &s->scratch, h, v, a, p);
}

static void dads_clear(void *st)
{
    scratch_clear(&((struct dads *)st)->scratch);
}

static const char *const load_word[] = {"light", "heavy", NULL};
static const struct ts_param dads_param[] = {
    SPLIT_PARAMS(struct dads, config),
    {.key = "load", .about = "light: the least latency (DSL); heavy: the greatest throughput (DSH)", .max = 1, .flags = TS_WHOLE,
     .offset = offsetof(struct dads, load), .word = load_word},
    {0}};

const struct ts_policy policy_dads = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "dads",
    .about = "a network cut anywhere by the least cut of its graph (Hu et al. 2019)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = SPLIT_NEEDS,
    .cols = SPLIT_COLS,
    .state_size = sizeof(struct dads),
    .param_size = sizeof(struct ts_param),
    .param = dads_param,
    .decide = dads_decide,
    .clear = dads_clear,
};
