/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edgeshard - a network in shards, one on each of several places: layers in order, each place with one run of them, in the
 * memory that it has where the question tells it (scenarios do not yet).  Dynamic programmes over (layers placed, places used,
 * the last of them): the least latency of a job, or for a stream of jobs the least time of the slowest stage, a shard or a
 * transfer, as jobs follow each other through the stages.
 *
 * Source: Zhang, Cao, Shen, Cui, "EdgeShard: Efficient LLM Inference via Collaborative Edge Computing", IEEE Internet of Things
 * Journal 2024 (arXiv 2405.14371), algorithms 1 and 2.  Their latency programme checks memory along the way only; with the set
 * of places in the state, as in their second, it is exact on chains.  Where a border has data of several layers all of them
 * count.  Of more places than `places` those are tried that are the job's own or do all layers soonest.  Ties: the lower place.
 */
#include <stdbool.h>

#include "policies/builtin.h"
#include "policies/split.h"

enum { PLACES = 8, LATENCY = 0, LONG_S = 1 << 25 /* no run lasts longer */ };

struct edgeshard {
    double aim, places;
    struct scratch scratch;
};

struct way {
    double start_s, per_bit_s;
};

/* The question: n layers, m places. */
struct shards {
    const struct ts_ask *ask;
    bool stages; /* the slowest stage counts, not the sum */
    uint32_t n, m;
    ts_id place[PLACES];
    double *run_s, *in_s, *out_s;       /* [m][n + 1] sums over layers 0 .. i - 1 */
    double *bytes, *bits;               /* [n + 1] the same of memory; over the border before layer i */
    double free_bytes[PLACES], wait_s[PLACES];
    struct way way[PLACES][PLACES];
};

/* What the last shard of a state came from. */
struct step {
    double cost;
    uint32_t first, before; /* its first layer; the place before it, TS_NONE: it is the first shard */
};

/* Seconds that all layers take at a place; one that cannot run there takes LONG_S.  Less than none for the job's own place. */
static double rank(const struct ts_view *v, const struct ts_ask *a, ts_id place)
{
    double sum_s = 0;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        const uint32_t k = pick_candidate(a, t, place);
        sum_s += k == TS_NONE ? LONG_S : fmin(ts_estimate(a, t, k, TS_RUN_S) + ts_estimate(a, t, k, TS_IN_S), LONG_S);
    }
    return (ts_id)ts_known(v, TS_NODE, place) == a->task->origin ? -1 : sum_s;
}

/* The places to try, by rank; of equals the lower first. */
static void choose_places(struct shards *x, uint32_t most, const struct ts_view *v)
{
    const struct ts_ask *a = x->ask;
    double best[PLACES];
    for (uint32_t c = 0; c < a->n_cand; c++) {
        const ts_id place = a->cand[c];
        bool fits = ts_up(v, place);
        for (uint32_t i = 0; fits && i < x->m; i++) {
            fits = x->place[i] != place;
        }
        const double s = fits ? rank(v, a, place) : INFINITY;
        uint32_t at = x->m;
        while (at > 0 && s < best[at - 1]) {
            at--;
        }
        if (!fits || at == most) {
            continue;
        }
        x->m += x->m < most;
        for (uint32_t i = x->m - 1; i > at; i--) {
            best[i] = best[i - 1];
            x->place[i] = x->place[i - 1];
        }
        best[at] = s;
        x->place[at] = place;
    }
}

static void fill(struct shards *x, const struct ts_host *h, const struct ts_view *v)
{
    const struct ts_ask *a = x->ask;
    x->bytes[0] = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        const double bytes = ts_task_at(a, i)->mem_bytes;
        x->bytes[i + 1] = x->bytes[i] + (isnan(bytes) ? 0 : bytes);
    }
    for (uint32_t p = 0; p < x->m; p++) {
        const uint32_t row = p * (x->n + 1);
        const double bytes = ts_known(v, TS_MEM_FREE, x->place[p]);
        x->free_bytes[p] = isnan(bytes) ? INFINITY : bytes;
        x->wait_s[p] = pick_backlog_s(v, x->place[p]);
        x->run_s[row] = x->in_s[row] = x->out_s[row] = 0;
        for (uint32_t i = 0; i < x->n; i++) {
            const struct ts_task *t = ts_task_at(a, i);
            const uint32_t k = pick_candidate(a, t, x->place[p]);
            x->run_s[row + i + 1] = k == TS_NONE ? INFINITY : pick_cost(ts_estimate(a, t, k, TS_RUN_S));
            x->in_s[row + i + 1] = x->in_s[row + i] + (k == TS_NONE ? 0 : pick_cost(ts_estimate(a, t, k, TS_IN_S)));
            x->out_s[row + i + 1] = x->out_s[row + i] + (k == TS_NONE ? 0 : pick_cost(ts_estimate(a, t, k, TS_OUT_S)));
        }
        for (uint32_t q = 0; q < x->m; q++) {
            double rate_bps = INFINITY, delay_s = 0;
            const ts_id from = (ts_id)ts_known(v, TS_NODE, x->place[p]), to = (ts_id)ts_known(v, TS_NODE, x->place[q]);
            bool there = h->path(h->ctx, from, to, &rate_bps, &delay_s) >= 0;
            x->way[p][q] = there ? (struct way){delay_s, 1 / rate_bps} : (struct way){INFINITY, 0};
        }
    }
}

/* More on the way: another stage, or more of the sum. */
static double with(const struct shards *x, double cost, double stage_s)
{
    return x->stages ? fmax(cost, stage_s) : cost + stage_s;
}

/* The shards of a set of places up to layer i: the row of the table for the last place q. */
static struct step *row_of(const struct shards *x, struct step *table, uint32_t set, uint32_t i, uint32_t q)
{
    return &table[((size_t)set * (x->n + 1) + i) * x->m + q];
}

/* Layers first .. upto - 1 go to place q, not in the set, after what is best so far. */
static void extend(const struct shards *x, struct step *table, uint32_t set, uint32_t first, uint32_t before, uint32_t q)
{
    const uint32_t row = q * (x->n + 1);
    double cost = 0, run_s = 0;
    if (before != TS_NONE) {
        const struct way *way = &x->way[before][q];
        cost = row_of(x, table, set, first, before)->cost;
        cost = x->bits[first] > 0 ? with(x, cost, way->start_s + x->bits[first] * way->per_bit_s) : cost;
    }
    for (uint32_t upto = first + 1; cost < INFINITY && upto <= x->n; upto++) {
        run_s += x->run_s[row + upto];
        if (!(run_s < INFINITY) || x->bytes[upto] - x->bytes[first] > x->free_bytes[q]) {
            return;
        }
        double all = with(x, cost, x->in_s[row + upto] - x->in_s[row + first]);
        all = with(x, all, run_s + (x->stages ? 0 : x->wait_s[q]));
        all = with(x, all, x->out_s[row + upto] - x->out_s[row + first]);
        struct step *s = row_of(x, table, set | 1u << q, upto, q);
        if (all < s->cost) {
            *s = (struct step){all, first, before};
        }
    }
}

static void programme(const struct shards *x, struct step *table)
{
    const size_t n_row = ((size_t)1 << x->m) * (x->n + 1) * x->m;
    for (size_t i = 0; i < n_row; i++) {
        table[i] = (struct step){INFINITY, 0, TS_NONE};
    }
    for (uint32_t q = 0; q < x->m; q++) {
        extend(x, table, 0, 0, TS_NONE, q);
    }
    for (uint32_t set = 1; set < 1u << x->m; set++) { /* a set comes behind those that it contains */
        for (uint32_t first = 1; first < x->n; first++) {
            for (uint32_t before = 0; before < x->m; before++) {
                for (uint32_t q = 0; set >> before & 1 && q < x->m; q++) {
                    if (!(set >> q & 1) && row_of(x, table, set, first, before)->cost < INFINITY) {
                        extend(x, table, set, first, before, q);
                    }
                }
            }
        }
    }
}

static int answer(const struct shards *x, struct step *table, struct ts_plan *p)
{
    uint32_t set = 0, q = 0, n_shard = 0;
    double best = INFINITY;
    for (uint32_t s = 1; s < 1u << x->m; s++) {
        for (uint32_t k = 0; k < x->m; k++) {
            if (row_of(x, table, s, x->n, k)->cost < best) {
                best = row_of(x, table, s, x->n, k)->cost;
                set = s;
                q = k;
            }
        }
    }
    if (!(best < INFINITY)) {
        return split_reject(x->ask, p);
    }
    for (uint32_t upto = x->n; upto > 0;) { /* the last shard first */
        const struct step *s = row_of(x, table, set, upto, q);
        struct ts_step *out = &p->step[n_shard++];
        *out = (struct ts_step){.verb = TS_PLACE, .task = s->first, .place = x->place[q]};
        out->upto = upto - 1 > s->first ? upto - 1 : 0;
        set &= ~(1u << q);
        q = s->before;
        upto = s->first;
    }
    for (uint32_t i = 0; 2 * i + 1 < n_shard; i++) {
        const struct ts_step late = p->step[i];
        p->step[i] = p->step[n_shard - 1 - i];
        p->step[n_shard - 1 - i] = late;
    }
    p->n = n_shard;
    return 0;
}

static int edgeshard_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct edgeshard *s = st;
    static const struct split_config latency = {.aim = SPLIT_LATENCY};
    if (a->n_task == 1) {
        return split_decide(NULL, NULL, &latency, &s->scratch, h, v, a, p);
    }
    const uint32_t n = a->n_task;
    struct shards x = {.ask = a, .n = n, .stages = (int)s->aim != LATENCY};
    scratch_reset(&s->scratch);
    choose_places(&x, (uint32_t)s->places, v);
    const size_t cells = (size_t)x.m * (n + 1);
    x.run_s = scratch_take(&s->scratch, cells, sizeof(double));
    x.in_s = scratch_take(&s->scratch, cells, sizeof(double));
    x.out_s = scratch_take(&s->scratch, cells, sizeof(double));
    x.bytes = scratch_take(&s->scratch, n + 1u, sizeof(double));
    x.bits = scratch_take(&s->scratch, n + 1u, sizeof(double));
    struct step *table = scratch_take(&s->scratch, cells << x.m, sizeof *table);
    if (s->scratch.failed || (n > p->cap && h->more(h->ctx, p, n) < 0)) {
        return h->fail(h->ctx, "out of memory for the shards of %u tasks on %u places", n, x.m);
    }
    const struct split order = {.ask = a, .n = n};
    split_cut_sums(&order, NULL, x.bits);
    fill(&x, h, v);
    programme(&x, table);
    return answer(&x, table, p);
}

static void edgeshard_clear(void *st)
{
    scratch_clear(&((struct edgeshard *)st)->scratch);
}

static const char *const aim_word[] = {"latency", "throughput", NULL};
static const struct ts_param edgeshard_param[] = {
    {.key = "aim", .about = "what is to be least: latency of a job; or throughput: the slowest stage of a stream of them", .max = 1,
     .flags = TS_WHOLE, .offset = offsetof(struct edgeshard, aim), .word = aim_word},
    {.key = "places", .about = "tried at most; each doubles the time to think", .dflt = 5, .min = 1, .max = PLACES,
     .flags = TS_WHOLE, .offset = offsetof(struct edgeshard, places)},
    {0}};

const struct ts_policy policy_edgeshard = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "edgeshard",
    .about = "a network in shards on several places, for latency or throughput (Zhang et al. 2024)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = PICK_FINISH_NEEDS,
    .cols = SPLIT_COLS | 1u << TS_MEM_FREE,
    .state_size = sizeof(struct edgeshard),
    .param_size = sizeof(struct ts_param),
    .param = edgeshard_param,
    .decide = edgeshard_decide,
    .clear = edgeshard_clear,
};
