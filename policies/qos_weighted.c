/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qos_weighted - every place gets a score, least is best: the weighted sum of what a job would meet there,
 *
 *     latency     estimated finish / time it has (its deadline, else `reference.latency`)
 *     load        tasks there / cores
 *     privacy     1 if a sensitive input leaves its node
 *     energy      computing and sending / `reference.energy`
 *     migration   1 for any place but the present one, and the time to load a model and to move `state` there
 *                 / the time it has
 *
 * each cut at `clip`.  A source of jobs (a device, a workload) keeps its place until another is better by more than
 * `hysteresis` and the last change is `cool_down` ago, so that it neither follows every gust of load nor flits
 * between equal places; a place that is down or cannot be reached is left at once.
 *
 * Sources: the score and the rule to commit of Koch, Djuhera, Binotto, arXiv 2504.03668 (2025), whose objective
 * balances latency, use and privacy; energy and the two brakes as in the orchestrators that follow it.  Weights and
 * references are ours.
 */
#include "policies/builtin.h"
#include "policies/memo.h"
#include "policies/pick.h"

struct qos_weighted {
    double latency, load, privacy, energy, migration; /* weights */
    double reference_s, reference_j, clip, hysteresis, cool_down_s, state_bits;
    struct memo source; /* by device and workload: place + 1, and since when */
};

enum { SOURCE_PLACE, SOURCE_SINCE_S, SOURCE_WIDTH };

static const struct ts_param qos_param[] = {
#define WEIGHT(name, value, text)                                                                                    \
    {.key = "weights." #name, .about = text, .dflt = value, .max = 1e6, .offset = offsetof(struct qos_weighted, name)}
    WEIGHT(latency, 1, "of latency"),
    WEIGHT(load, 0.2, "of the load of the place"),
    WEIGHT(privacy, 1, "of a sensitive input that leaves its node"),
    WEIGHT(energy, 0.2, "of energy"),
    WEIGHT(migration, 0.1, "of a change of place"),
#undef WEIGHT
    {.key = "reference.latency",
     .unit = "s",
     .about = "latency that counts 1 for a job without a deadline",
     .dflt = 1,
     .min = 1e-6,
     .max = 86400,
     .offset = offsetof(struct qos_weighted, reference_s),
     .flags = TS_FIXED},
    {.key = "reference.energy",
     .unit = "J",
     .about = "energy that counts 1",
     .dflt = 1,
     .min = 1e-9,
     .max = 1e9,
     .offset = offsetof(struct qos_weighted, reference_j),
     .flags = TS_FIXED},
    {.key = "clip",
     .about = "most that one part counts before its weight",
     .dflt = 10,
     .min = 1,
     .max = 1e6,
     .offset = offsetof(struct qos_weighted, clip),
     .flags = TS_FIXED},
    {.key = "hysteresis",
     .about = "gain in score needed to change the place",
     .dflt = 0.1,
     .min = 0,
     .max = 1e6,
     .offset = offsetof(struct qos_weighted, hysteresis)},
    {.key = "cool_down",
     .unit = "s",
     .about = "least time between changes of a source's place",
     .dflt = 1,
     .min = 0,
     .max = 86400,
     .offset = offsetof(struct qos_weighted, cool_down_s)},
    {.key = "state",
     .unit = "bit",
     .about = "what a change of place moves, at the rate of the input",
     .dflt = 0,
     .min = 0,
     .max = 1e16,
     .offset = offsetof(struct qos_weighted, state_bits),
     .flags = TS_FIXED},
    {0},
};

/* Weight times a part that is cut at the clip; a part of weight 0 does not count, known or not. */
static inline double qos_part(const struct qos_weighted *q, double weight, double x)
{
    return weight == 0 ? 0 : weight * (x > q->clip ? q->clip : x);
}

/* Time to move what a change of place moves, and to load a model. */
static inline double qos_move_s(const struct qos_weighted *q, const struct ts_ask *a, const struct ts_task *t, uint32_t k)
{
    double load_s = ts_estimate(a, t, k, TS_LOAD_S);
    double per_bit_s = t->in_bits > 0 ? ts_estimate(a, t, k, TS_IN_S) / t->in_bits : 0;
    return (isnan(load_s) ? 0 : load_s) + (q->state_bits > 0 ? q->state_bits * per_bit_s : 0);
}

/* Score of candidate k for a source that is at `present` (TS_NONE: nowhere yet), where a second and a joule count per_s and
 * per_j; infinite if it cannot be. */
PICK_INLINE double qos_score(const struct qos_weighted *q, const struct ts_view *v, const struct ts_ask *a,
                             const struct ts_task *t, uint32_t k, ts_id present, double per_s, double per_j)
{
    ts_id place = ts_candidate(a, t, k);
    double finish_s = pick_finish_s(v, a, t, k);
    if (!ts_up(v, place) || finish_s == INFINITY) {
        return INFINITY;
    }
    double energy_j = ts_estimate(a, t, k, TS_RUN_J) + ts_estimate(a, t, k, TS_NET_J);
    int stays = present == TS_NONE || present == place;
    double moved = stays || q->migration == 0 ? 0 : 1 + qos_move_s(q, a, t, k) * per_s;
    return pick_rank(qos_part(q, q->latency, finish_s * per_s) +
                     qos_part(q, q->load, pick_queue(v, place) / ts_known(v, TS_UNITS, place)) +
                     qos_part(q, q->privacy, ts_estimate(a, t, k, TS_EXPOSURE)) +
                     qos_part(q, q->energy, energy_j * per_j) + qos_part(q, q->migration, moved));
}

static inline ts_id qos_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             const struct ts_task *t)
{
    (void)h;
    struct qos_weighted *q = st;
    double *source = memo_row(&q->source, (uint64_t)t->origin << 32 | t->cls, SOURCE_WIDTH);
    ts_id present = source && source[SOURCE_PLACE] > 0 ? (ts_id)source[SOURCE_PLACE] - 1 : TS_NONE, best = TS_NONE;
    double best_score = INFINITY, present_score = INFINITY;
    double time_s = t->deadline_s < INFINITY ? t->deadline_s - t->released_s : q->reference_s;
    double per_s = 1 / (time_s > 0 ? time_s : q->reference_s), per_j = 1 / q->reference_j;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        double score = qos_score(q, v, a, t, k, present, per_s, per_j);
        if (ts_candidate(a, t, k) == present) {
            present_score = score;
        }
        if (score < best_score) {
            best = ts_candidate(a, t, k);
            best_score = score;
        }
    }
    if (best == TS_NONE || !source) {
        return best;
    }
    int may = v->now_s >= source[SOURCE_SINCE_S] + q->cool_down_s && best_score < present_score - q->hysteresis;
    if (best != present && (may || present_score == INFINITY)) {
        source[SOURCE_PLACE] = best + 1.0;
        source[SOURCE_SINCE_S] = v->now_s;
        return best;
    }
    return present;
}

static int qos_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                      struct ts_plan *p)
{
    const struct qos_weighted *own = st;
    int rc = pick_each(qos_pick, st, h, v, a, p);
    return memo_check(&own->source, h, rc);
}

static void qos_clear(void *st)
{
    struct qos_weighted *q = st;
    memo_clear(&q->source);
}

const struct ts_policy policy_qos_weighted = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "qos_weighted",
    .about = "the best weighted score of latency, load, privacy, energy and migration, with hysteresis (Koch et al. 2025)",
    .needs = PICK_FINISH_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J | 1u << TS_EXPOSURE | 1u << TS_LOAD_S,
    .cols = PICK_FINISH_COLS,
    .state_size = sizeof(struct qos_weighted),
    .param_size = sizeof(struct ts_param),
    .param = qos_param,
    .decide = qos_decide,
    .clear = qos_clear,
};
