/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/split.h"

#include <string.h>

const char *const split_aim_word[] = {"latency", "energy", NULL};
const char *const split_compress_word[] = {"never", "when_cheaper", NULL};

/* Edges of one task that carry the same are one message to a place. */
static bool are_same(const struct ts_edge *a, const struct ts_edge *b)
{
    return a->same && a->from == b->from && a->same == b->same;
}

static double share_of(const struct split *x, uint32_t task)
{
    return x->jobs ? x->jobs->share[task] : 1;
}

/* Data between tasks that are part of some job. */
static bool is_sent(const struct split *x, const struct ts_edge *edge)
{
    return edge->from < x->n && edge->to < x->n && share_of(x, edge->from) > 0 && share_of(x, edge->to) > 0;
}

double split_cost(const struct split *x, const uint8_t *near)
{
    const struct ts_ask *a = x->ask;
    double cost = 0;
    bool any_near = false, any_far = false;
    for (uint32_t i = 0; i < x->n; i++) {
        cost += near[i] ? x->near[i] : x->far[i] + x->in[i] + x->out[i];
        any_near |= near[i];
        any_far |= !near[i];
    }
    for (uint32_t e = 0; e < a->n_edge; e++) {
        const struct ts_edge *edge = &a->edge[e];
        bool sent = is_sent(x, edge) && near[edge->from] != near[edge->to];
        double share = sent ? share_of(x, edge->to) : 0; /* of the jobs, those in which somebody there reads them */
        for (uint32_t k = 0; sent && edge->same && k < a->n_edge; k++) {
            const struct ts_edge *other = &a->edge[k];
            const bool too = are_same(edge, other) && is_sent(x, other) && near[other->to] == near[edge->to];
            sent = !too || k >= e;
            share = too ? fmax(share, share_of(x, other->to)) : share;
        }
        if (sent) {
            cost += share * (near[edge->from] ? split_up(x, e) : split_down(x, e));
        }
    }
    return cost + (any_near ? x->near_wait : 0) + (any_far ? x->far_wait : 0);
}

void split_cut_sums(const struct split *x, const double *each, double *sum)
{
    const struct ts_ask *a = x->ask;
    memset(sum, 0, (x->n + 1u) * sizeof *sum);
    for (uint32_t e = 0; e < a->n_edge; e++) {
        const struct ts_edge *edge = &a->edge[e];
        if (!is_sent(x, edge)) {
            continue;
        }
        /* A cut behind another reader of the same data has those of this one and later ones: edges are in order of `to`. */
        uint32_t first = edge->from;
        double share = share_of(x, edge->to);
        for (uint32_t k = 0; edge->same && k < a->n_edge; k++) {
            const bool too = are_same(edge, &a->edge[k]) && is_sent(x, &a->edge[k]);
            first = too && k < e ? a->edge[k].to : first;
            share = too && k > e ? fmax(share, share_of(x, a->edge[k].to)) : share;
        }
        for (uint32_t k = first + 1; k <= edge->to; k++) {
            sum[k] += share * (each ? each[e] : edge->bits);
        }
    }
}

/* The best of the cuts first .. last. */
static double cut_between(const struct split *x, uint32_t first, uint32_t last, uint8_t *near)
{
    double *sum = scratch_take(x->scratch, x->n + 1u, sizeof *sum), *stay = scratch_take(x->scratch, x->n + 1u, sizeof *stay);
    if (x->scratch->failed) {
        return NAN;
    }
    split_cut_sums(x, x->up_packed, sum);
    stay[0] = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        stay[i + 1] = stay[i] + x->near[i];
    }
    double go = 0, goes_on = 0, best = INFINITY;
    uint32_t cut = last;
    for (uint32_t k = x->n + 1; k-- > first;) {
        go += k < x->n ? x->far[k] + x->in[k] + x->out[k] : 0;
        goes_on = k < x->n ? fmax(goes_on, share_of(x, k)) : 0; /* of the jobs, those that come to the cut */
        double cost = stay[k] + go + (sum[k] > 0 ? goes_on * x->up_start + (x->up_packed ? sum[k] : x->up_bit * sum[k]) : 0) +
                      (k > 0 ? x->near_wait : 0) + goes_on * x->far_wait;
        if (k <= last && cost < best) {
            best = cost;
            cut = k;
        }
    }
    for (uint32_t i = 0; i < x->n; i++) {
        near[i] = i < cut;
    }
    return best;
}

double split_chain(void *st, const struct split *x, uint8_t *near)
{
    (void)st;
    return cut_between(x, 0, x->n, near);
}

double split_chain_at(uint32_t cut, const struct split *x, uint8_t *near)
{
    return cut_between(x, cut, cut, near);
}

/* What costs a share of the jobs, to all in the mean. */
static double weigh(double share, double cost)
{
    return share > 0 ? share * cost : 0;
}

/* The candidate of t at a place, or TS_NONE; like: that of the task before, whose candidates may be the same. */
static uint32_t candidate_like(const struct ts_ask *a, const struct ts_task *t, ts_id place, uint32_t like)
{
    if (place == TS_NONE || (like < t->n_cand && ts_candidate(a, t, like) == place)) {
        return place == TS_NONE ? TS_NONE : like;
    }
    return pick_candidate(a, t, place);
}

/* Costs of the tasks between two places; near TS_NONE: nothing can stay. */
static void fill(struct split *x, const struct split_config *config, const struct ts_view *v, ts_id near, ts_id far)
{
    const struct ts_ask *a = x->ask;
    const bool energy = (int)config->aim == SPLIT_ENERGY;
    uint32_t here = TS_NONE, there = TS_NONE;
    double j_per_bit = NAN;
    for (uint32_t i = 0; i < x->n; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        here = candidate_like(a, t, near, here);
        there = candidate_like(a, t, far, there);
        x->near[i] = x->far[i] = INFINITY;
        x->in[i] = x->out[i] = 0;
        if (here != TS_NONE) {
            x->near[i] = pick_cost(ts_estimate(a, t, here, energy ? TS_RUN_J : TS_RUN_S));
        }
        if (there != TS_NONE) {
            double net_j = ts_estimate(a, t, there, TS_NET_J);
            double run = ts_estimate(a, t, there, energy ? TS_RUN_J : TS_RUN_S);
            x->far[i] = !energy ? pick_cost(run) : config->far_share > 0 ? config->far_share * pick_cost(run) : 0;
            x->in[i] = energy ? pick_cost(net_j) : pick_cost(ts_estimate(a, t, there, TS_IN_S));
            x->out[i] = energy ? 0 : pick_cost(ts_estimate(a, t, there, TS_OUT_S));
            bool tells = isnan(j_per_bit) && t->in_bits > 0 && !(t->out_bits > 0);
            j_per_bit = tells ? net_j / t->in_bits : j_per_bit;
        }
        if (x->jobs) {
            x->near[i] = weigh(x->jobs->share[i], x->near[i]);
            x->far[i] = weigh(x->jobs->share[i], x->far[i]);
            x->in[i] = weigh(x->jobs->share[i], x->in[i]);
            x->out[i] = weigh(x->jobs->ends[i], x->out[i]);
        }
    }
    x->near_wait = near == TS_NONE || energy ? 0 : pick_backlog_s(v, near);
    x->far_wait = far == TS_NONE || energy ? 0 : pick_backlog_s(v, far);
    if (energy) {
        x->up_start = x->down_start = 0;
        x->up_bit = x->down_bit = pick_cost(j_per_bit);
    }
}

/* The way between the two places, for latency; false: there is none. */
static bool find_way(struct split *x, const struct ts_host *h, ts_id near_node, ts_id far_node)
{
    double rate_bps = INFINITY, delay_s = 0;
    if (h->path(h->ctx, near_node, far_node, &rate_bps, &delay_s) < 0) {
        return false;
    }
    x->up_start = delay_s;
    x->up_bit = 1 / rate_bps;
    if (h->path(h->ctx, far_node, near_node, &rate_bps, &delay_s) < 0) {
        return false;
    }
    x->down_start = delay_s;
    x->down_bit = 1 / rate_bps;
    return true;
}

/* Another place, if it is none of the n before it; how many there are then. */
static uint32_t add_place(ts_id *place, uint32_t n, ts_id other)
{
    for (uint32_t i = 0; i < n; i++) {
        if (place[i] == other) {
            return n;
        }
    }
    place[n] = other;
    return n + 1;
}

/* Has task i the candidates of the one before? */
static bool has_same(const struct ts_ask *a, uint32_t i)
{
    const struct ts_task *t = ts_task_at(a, i), *before = i > 0 ? ts_task_at(a, i - 1) : NULL;
    bool same = before && t->n_cand == before->n_cand;
    for (uint32_t k = 0; same && k < t->n_cand; k++) {
        same = ts_candidate(a, t, k) == ts_candidate(a, before, k);
    }
    return same;
}

/* The places of all candidates, each once: those at the node of the job, and those elsewhere. */
static void list_places(const struct ts_view *v, const struct ts_ask *a, ts_id *near, uint32_t *n_near, ts_id *far, uint32_t *n_far)
{
    const ts_id origin = ts_task_at(a, 0)->origin;
    *n_near = *n_far = 0;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        const uint32_t n = has_same(a, i) ? 0 : t->n_cand;
        for (uint32_t k = 0; k < n; k++) {
            const ts_id place = ts_candidate(a, t, k);
            if (!ts_up(v, place)) {
                continue;
            }
            if ((ts_id)ts_known(v, TS_NODE, place) == origin) {
                *n_near = add_place(near, *n_near, place);
            } else {
                *n_far = add_place(far, *n_far, place);
            }
        }
    }
}

void split_place(const struct split_choice *c, uint32_t first, uint32_t upto, struct ts_plan *p)
{
    struct ts_step *s = &p->step[p->n++];
    s->verb = TS_PLACE;
    s->task = first;
    s->upto = upto > first ? upto : 0;
    s->place = c->stays[first] ? c->near : c->far;
    s->flags = c->packs ? TS_PACK : 0;
}

int split_answer(const struct split_choice *best, uint32_t n, struct ts_plan *p)
{
    for (uint32_t i = 0, first = 0; i < n; i++) {
        if (i + 1 == n || best->stays[i + 1] != best->stays[i]) {
            split_place(best, first, i, p);
            first = i + 1;
        }
    }
    return 0;
}

int split_reject(const struct ts_ask *a, struct ts_plan *p)
{
    for (uint32_t i = 0; i < a->n_task; i++) {
        p->step[p->n++] = (struct ts_step){.verb = TS_REJECT, .task = i, .place = TS_NONE};
    }
    return 0;
}

/* Cost of a flop at a place. */
static double flop_cost(const struct split_config *config, const struct ts_view *v, ts_id place, bool far)
{
    const double s = place == TS_NONE ? INFINITY : 1 / ts_known(v, TS_SPEED, place);
    const bool energy = (int)config->aim == SPLIT_ENERGY;
    return !energy || place == TS_NONE ? s : s * ts_known(v, TS_POWER_W, place) * (far ? config->far_share : 1);
}

static double add_work(double cost_per_flop, double flop)
{
    return flop > 0 ? cost_per_flop * flop : 0;
}

/* What data cost if all go packed that may; no cut goes where that would lose more accuracy than is allowed. */
static void fill_packed(struct split *x, const struct split_config *config, const struct ts_view *v, ts_id near, ts_id far,
                        double *up, double *down)
{
    const double near_cost = flop_cost(config, v, near, false), far_cost = flop_cost(config, v, far, true);
    for (uint32_t e = 0; e < x->ask->n_edge; e++) {
        const struct ts_packed *packed = &x->ask->packed[e];
        const bool may = !isnan(packed->bits);
        const double bits = may ? packed->bits : x->ask->edge[e].bits, loss = may ? packed->loss : 0;
        const double pack = may ? packed->pack_flop : 0, unpack = may ? packed->unpack_flop : 0;
        up[e] = loss > config->most_loss ? INFINITY : x->up_bit * bits + add_work(near_cost, pack) + add_work(far_cost, unpack);
        down[e] = loss > config->most_loss ? INFINITY : x->down_bit * bits + add_work(far_cost, pack) + add_work(near_cost, unpack);
    }
    x->up_packed = up;
    x->down_packed = down;
}

/* Of accuracy, what packing costs that crosses. */
static double loss_of(const struct split *x, const uint8_t *near)
{
    double loss = 0;
    for (uint32_t e = 0; e < x->ask->n_edge; e++) {
        const struct ts_edge *edge = &x->ask->edge[e];
        bool counts = !isnan(x->ask->packed[e].bits) && is_sent(x, edge) && near[edge->from] != near[edge->to];
        for (uint32_t k = 0; counts && edge->same && k < e; k++) {
            const struct ts_edge *other = &x->ask->edge[k];
            counts = other->from != edge->from || other->same != edge->same || near[other->to] == near[other->from];
        }
        loss += counts ? share_of(x, edge->to) * x->ask->packed[e].loss : 0;
    }
    return loss;
}

/* The rule's choice between two places; it is the best so far, or nothing changes.  False: memory is out. */
static bool try_rule(split_rule *rule, void *st, const struct split *x, const struct split_config *config, ts_id near, ts_id far,
                     uint8_t *stays, struct split_choice *best)
{
    const double cost = rule(st, x, stays), loss = x->up_packed && cost < best->cost ? loss_of(x, stays) : 0;
    if (cost < best->cost && loss <= config->most_loss) {
        *best = (struct split_choice){.cost = cost, .near = near, .far = far, .stays = best->stays, .packs = x->up_packed != NULL,
                                      .loss = loss};
        memcpy(best->stays, stays, x->n);
    }
    return !isnan(cost);
}

int split_search(split_rule *rule, void *st, const struct split_config *config, struct scratch *scratch,
                 const struct split_jobs *jobs, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                 struct split_choice *best)
{
    const uint32_t n = a->n_task;
    struct split x = {.ask = a, .scratch = scratch, .n = n, .jobs = jobs,
                      .near = scratch_take(scratch, n, sizeof(double)), .far = scratch_take(scratch, n, sizeof(double)),
                      .in = scratch_take(scratch, n, sizeof(double)), .out = scratch_take(scratch, n, sizeof(double))};
    *best = (struct split_choice){.cost = INFINITY, .near = TS_NONE, .far = TS_NONE, .stays = scratch_take(scratch, n, 1)};
    ts_id *near = scratch_take(scratch, a->n_cand + 1u, sizeof *near), *far = scratch_take(scratch, a->n_cand + 1u, sizeof *far);
    uint8_t *stays = scratch_take(scratch, n, 1);
    const bool packs = a->packed && (int)config->compress != SPLIT_NEVER;
    double *up = packs ? scratch_take(scratch, a->n_edge + 1u, sizeof(double)) : NULL;
    double *down = packs ? scratch_take(scratch, a->n_edge + 1u, sizeof(double)) : NULL;
    if (scratch->failed) {
        return h->fail(h->ctx, "out of memory for the parts of %u tasks", n);
    }
    uint32_t n_near, n_far;
    list_places(v, a, near, &n_near, far, &n_far);
    near[n_near] = far[n_far] = TS_NONE; /* no place of its own, or none elsewhere, is a choice, too */
    for (uint32_t i = 0; i < n_near + (n_near == 0); i++) {
        for (uint32_t k = 0; k < n_far + (n_far == 0); k++) {
            ts_id there = far[k] == TS_NONE ? 0 : (ts_id)ts_known(v, TS_NODE, far[k]);
            if (far[k] != TS_NONE && !find_way(&x, h, ts_task_at(a, 0)->origin, there)) {
                continue;
            }
            fill(&x, config, v, near[i], far[k]);
            bool fine = try_rule(rule, st, &x, config, near[i], far[k], stays, best);
            if (packs && near[i] != TS_NONE && far[k] != TS_NONE) {
                fill_packed(&x, config, v, near[i], far[k], up, down);
                fine &= try_rule(rule, st, &x, config, near[i], far[k], stays, best);
                x.up_packed = x.down_packed = NULL;
            }
            if (!fine) {
                return h->fail(h->ctx, "out of memory for the parts of %u tasks", n);
            }
        }
    }
    return 0;
}

int split_decide(split_rule *rule, void *st, const struct split_config *config, struct scratch *scratch, const struct ts_host *h,
                 const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    if (a->n_task == 1) {
        uint32_t k = pick_soonest(v, a, a->task);
        return k == TS_NONE ? ts_answer_reject(p) : ts_answer_place(p, ts_candidate(a, a->task, k));
    }
    struct split_choice best;
    scratch_reset(scratch);
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return h->fail(h->ctx, "out of memory for the parts of %u tasks", a->n_task);
    }
    if (split_search(rule, st, config, scratch, NULL, h, v, a, &best) < 0) {
        return -1;
    }
    if (!(best.cost < INFINITY)) {
        return split_reject(a, p);
    }
    return split_answer(&best, a->n_task, p);
}
