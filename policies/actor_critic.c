/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * actor_critic - a candidate is taken with a chance proportional to exp(preference); preferences are a linear function of its
 * features (context.h), or a network with one hidden layer of softsign units x / (1 + |x|), the same for all candidates.  A
 * linear critic values the state (mean features, least estimated finish); both learn from
 *
 *     delta = reward + exp(-beta dt) V(next decision) - V(this one)
 *
 * when the reward, that of the decision's own job, and the next decision are known.  The actor's step is along
 * delta / (its root mean square) * gradient of log chance.  Frozen, the greatest preference decides.  Only the first 16
 * candidates are looked at.
 *
 * Sources: Sutton, McAllester, Singh, Mansour, NIPS 12 (2000) 1057-1063; in continuous time Doya, Neural Computation 12 (2000).
 */
#include <stddef.h>
#include <stdio.h>
#include <tiersim/math.h>

#include "policies/builtin.h"
#include "policies/context.h"
#include "policies/decisions.h"
#include "policies/keep.h"

enum { D = CONTEXT_D, CANDIDATES = 16, HIDDEN = 16, WEIGHTS = HIDDEN * (D + 1), CRITIC = D + 1 };

struct actor_decision {
    struct decision head;
    double x[CANDIDATES][D], chance[CANDIDATES], state[CRITIC], next[CRITIC];
    double dt_s, reward;
    uint32_t n, taken, has_next, has_reward;
};

struct actor {
    double hidden, scale_s, beta, rate_actor, rate_critic, lost;
    double weight[WEIGHTS]; /* linear: [D]; else [hidden][D] into, then [hidden] out of the hidden layer */
    double value[CRITIC];
    double square, n_update; /* mean square of delta, over updates */
    double base[WEIGHTS + CRITIC + 2]; /* when a merge began */
    struct decisions waiting;
    uint64_t last;
};

#define PARAM(key_, unit_, about_, dflt_, min_, max_, field, flags_)                                                   \
    {                                                                                                                  \
        .key = (key_), .unit = (unit_), .about = (about_), .dflt = (dflt_), .min = (min_), .max = (max_),              \
        .offset = offsetof(struct actor, field), .flags = (flags_)                                                     \
    }

static const struct ts_param actor_param[] = {
    PARAM("hidden", NULL, "units of the hidden layer; 0: preferences are linear", 0, 0, HIDDEN, hidden, TS_WHOLE | TS_FIXED),
    PARAM("scale", "s", "unit of the times that are looked at", 1, 1e-9, 1e6, scale_s, TS_FIXED),
    PARAM("beta", "1/s", "discount rate: what comes after t counts exp(-beta t)", 0.5, 0, 1e6, beta, 0),
    PARAM("rate.actor", NULL, "learning rate of the preferences", 0.01, 0, 1, rate_actor, 0),
    PARAM("rate.critic", NULL, "learning rate of the values", 0.02, 0, 1, rate_critic, 0),
    PARAM("lost", NULL, "what a job without a result costs where the scenario has no objective", 10, 0, 1e9, lost, TS_FIXED),
    {0},
};

static double softsign(double x)
{
    return x / (1 + fabs(x));
}

static double preference(const struct actor *c, const double x[D])
{
    const int n = (int)c->hidden;
    if (n == 0) {
        return context_dot(c->weight, x);
    }
    double sum = 0;
    for (int j = 0; j < n; j++) {
        sum += c->weight[HIDDEN * D + j] * softsign(context_dot(&c->weight[j * D], x));
    }
    return sum;
}

/* weight += step * gradient of the preference at x */
static void move(struct actor *c, const double x[D], double step)
{
    const int n = (int)c->hidden;
    for (int i = 0; n == 0 && i < D; i++) {
        c->weight[i] += step * x[i];
    }
    for (int j = 0; j < n; j++) {
        double *into = &c->weight[j * D], *out = &c->weight[HIDDEN * D + j], u = context_dot(into, x);
        double slope = 1 / ((1 + fabs(u)) * (1 + fabs(u))), was = *out;
        *out += step * softsign(u);
        for (int i = 0; i < D; i++) {
            into[i] += step * was * slope * x[i];
        }
    }
}

static double value(const double w[CRITIC], const double s[CRITIC])
{
    double sum = 0;
    for (int i = 0; i < CRITIC; i++) {
        sum += w[i] * s[i];
    }
    return sum;
}

static void learn(struct actor *c, struct actor_decision *d)
{
    double delta = d->reward + ts_math_exp(-c->beta * d->dt_s) * value(c->value, d->next) - value(c->value, d->state);
    c->n_update++;
    double share = c->n_update < 1000 ? 1 / c->n_update : 0.001;
    c->square += share * (delta * delta - c->square);
    double norm = value(d->state, d->state), step = c->rate_actor * delta / sqrt(c->square + 1e-12);
    for (int i = 0; i < CRITIC; i++) {
        c->value[i] += c->rate_critic * delta / (1 + norm) * d->state[i];
    }
    for (uint32_t k = 0; k < d->n; k++) {
        move(c, d->x[k], step * ((k == d->taken) - d->chance[k]));
    }
    d->head.tag = 0;
}

/* The hidden layer begins small and unlike each other, so that its units learn different things. */
static int actor_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    struct actor *c = st;
    (void)h, (void)v;
    for (int j = 0; j < (int)c->hidden; j++) {
        for (int i = 0; i < D; i++) {
            c->weight[j * D + i] = ((i * 7 + j * 13 + i * j * 5) % 11 - 5) / 25.0;
        }
        c->weight[HIDDEN * D + j] = (j % 2 ? 0.1 : -0.1);
    }
    return 0;
}

/* Preferences into chances; returns the greatest one's row.  At least one is there. */
static uint32_t chances(const double pref[CANDIDATES], uint32_t n, double chance[CANDIDATES])
{
    uint32_t best = 0;
    double sum = 0;
    for (uint32_t k = 1; k < n; k++) {
        best = pref[k] > pref[best] ? k : best;
    }
    for (uint32_t k = 0; k < n; k++) {
        chance[k] = ts_math_exp(pref[k] - pref[best]);
        sum += chance[k];
    }
    for (uint32_t k = 0; k < n; k++) {
        chance[k] /= sum;
    }
    return best;
}

static uint32_t draw(const struct ts_host *h, const double chance[CANDIDATES], uint32_t n)
{
    double u = h->uniform(h->ctx);
    uint32_t k = 0;
    while (k + 1 < n && (u -= chance[k]) >= 0) {
        k++;
    }
    return k;
}

/* The candidates that are up into d, their places into place; their mean and the least finish are the state. */
static void look(struct actor *c, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t,
                 struct actor_decision *d, ts_id place[CANDIDATES], double pref[CANDIDATES])
{
    double least_s = INFINITY;
    for (uint32_t k = 0; k < t->n_cand && d->n < CANDIDATES; k++) {
        ts_id p = ts_candidate(a, t, k);
        if (!ts_up(v, p)) {
            continue;
        }
        double *x = d->x[d->n], finish_s = pick_rank(pick_finish_s(v, a, t, k));
        context_of(c->scale_s, v, a, t, k, x);
        least_s = finish_s < least_s ? finish_s : least_s;
        for (int i = 0; i < D; i++) {
            d->state[i] += x[i];
        }
        place[d->n] = p;
        pref[d->n++] = preference(c, x);
    }
    for (int i = 0; i < D && d->n > 0; i++) {
        d->state[i] /= d->n;
    }
    d->state[D] = context_clip(least_s / c->scale_s);
}

static int decide_task(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, uint32_t i,
                       struct ts_step *step)
{
    struct actor *c = st;
    const struct ts_task *t = ts_task_at(a, i);
    struct actor_decision now = {.n = 0};
    ts_id place[CANDIDATES];
    double pref[CANDIDATES];
    look(c, v, a, t, &now, place, pref);
    step->task = i;
    step->verb = now.n ? TS_PLACE : TS_REJECT;
    step->place = TS_NONE;
    if (now.n == 0) {
        return 0;
    }
    uint32_t best = chances(pref, now.n, now.chance);
    now.taken = h->frozen ? best : draw(h, now.chance, now.n);
    step->place = place[now.taken];
    if (h->frozen) {
        return 0;
    }
    uint64_t before = c->last;
    struct actor_decision *d = decisions_next(&c->waiting, sizeof *d, v->now_s), *was;
    if (!d) {
        return h->fail(h->ctx, "out of memory for decisions that wait for their reward");
    }
    now.head = d->head;
    *d = now;
    step->tag = c->last = d->head.tag;
    if ((was = decisions_find(&c->waiting, before))) {
        was->has_next = 1;
        was->dt_s = v->now_s - was->head.at_s;
        memcpy(was->next, d->state, sizeof was->next);
        if (was->has_reward) {
            learn(c, was);
        }
    }
    return 0;
}

static int actor_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    return decisions_each(decide_task, st, h, v, a, p);
}

static int actor_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    struct actor *c = st;
    struct actor_decision *d = decisions_find(&c->waiting, o->tag);
    (void)v;
    if (!d || d->has_reward || h->frozen) {
        return 0;
    }
    d->reward = decision_reward(o, c->lost);
    d->has_reward = 1;
    if (d->has_next) {
        learn(c, d);
    }
    return 0;
}

static const char definition[] = "1\ninput\nwork\nservice\nback\ntasks per core\n";

/* What is learned as one row of numbers. */
static void pack(const struct actor *c, double out[WEIGHTS + CRITIC + 2])
{
    memcpy(out, c->weight, sizeof c->weight);
    memcpy(out + WEIGHTS, c->value, sizeof c->value);
    out[WEIGHTS + CRITIC] = c->square;
    out[WEIGHTS + CRITIC + 1] = c->n_update;
}

static void unpack(struct actor *c, const double in[WEIGHTS + CRITIC + 2])
{
    memcpy(c->weight, in, sizeof c->weight);
    memcpy(c->value, in + WEIGHTS, sizeof c->value);
    c->square = in[WEIGHTS + CRITIC];
    c->n_update = in[WEIGHTS + CRITIC + 1];
}

enum { LAYERS = 64 };

/* The preferences as a network, in the words that `tiersim train --onnx` takes. */
static void describe_layers(const struct actor *c, char out[LAYERS])
{
    if (c->hidden > 0) {
        snprintf(out, LAYERS, "%d %d 0 softsign\n%d 1 %d none\n", D, (int)c->hidden, (int)c->hidden, HIDDEN * D);
    } else {
        snprintf(out, LAYERS, "%d 1 0 none\n", D);
    }
}

static int actor_save(void *st, const struct ts_host *h)
{
    const struct actor *c = st;
    const double figures[2] = {c->hidden, c->scale_s};
    double all[WEIGHTS + CRITIC + 2];
    pack(c, all);
    char layers[LAYERS];
    describe_layers(c, layers);
    int rc = keep_put_text(h, "features.txt", definition);
    rc = rc ? rc : keep_put_text(h, "network.txt", layers);
    rc = rc ? rc : keep_put(h, "hidden_scale.f64", figures, 2);
    return rc ? rc : keep_put(h, "weights.f64", all, WEIGHTS + CRITIC + 2);
}

static int actor_load(void *st, const struct ts_host *h)
{
    struct actor *c = st;
    double figures[2], all[WEIGHTS + CRITIC + 2];
    char layers[LAYERS];
    int rc = keep_same_text(h, "features.txt", definition);
    rc = rc ? rc : keep_get(h, "hidden_scale.f64", figures, 2);
    rc = rc ? rc : keep_get(h, "weights.f64", all, WEIGHTS + CRITIC + 2);
    if (rc == 0 && (figures[0] != c->hidden || figures[1] != c->scale_s)) {
        rc = h->fail(h->ctx, "it was learned with %g hidden units and scale %g s, here they are %g and %g s", figures[0],
                     figures[1], c->hidden, c->scale_s);
    }
    describe_layers(c, layers);
    rc = rc ? rc : keep_same_text(h, "network.txt", layers);
    if (rc == 0 && (all[WEIGHTS + CRITIC] < 0 || all[WEIGHTS + CRITIC + 1] < 0)) {
        rc = h->fail(h->ctx, "what was learned has a mean square or a count below 0");
    }
    if (rc == 0) {
        unpack(c, all);
    }
    return rc;
}

/* Weights are averaged; updates add up. */
static int actor_merge(void *st, const struct ts_host *h, uint32_t k, uint32_t n)
{
    struct actor *c = st, other = *c;
    double mine[WEIGHTS + CRITIC + 2], theirs[WEIGHTS + CRITIC + 2];
    if (k == 0) {
        pack(c, c->base);
    }
    int rc = actor_load(&other, h);
    pack(c, mine);
    pack(&other, theirs);
    for (int i = 0; i < WEIGHTS + CRITIC + 1; i++) {
        mine[i] += (theirs[i] - c->base[i]) / n;
    }
    mine[WEIGHTS + CRITIC + 1] += theirs[WEIGHTS + CRITIC + 1] - c->base[WEIGHTS + CRITIC + 1];
    if (rc == 0) {
        unpack(c, mine);
    }
    return rc;
}

static void actor_clear(void *st)
{
    struct actor *c = st;
    decisions_clear(&c->waiting);
}

const struct ts_policy policy_actor_critic = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "actor_critic",
    .about = "learns preferences by the gradient of its reward, with a critic (Sutton et al. 2000)",
    .needs = CONTEXT_NEEDS,
    .cols = CONTEXT_COLS,
    .state_size = sizeof(struct actor),
    .param_size = sizeof(struct ts_param),
    .param = actor_param,
    .init = actor_init,
    .decide = actor_decide,
    .ended = actor_ended,
    .save = actor_save,
    .load = actor_load,
    .clear = actor_clear,
    .merge = actor_merge,
};
