/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ridge.c - learning, saving and merging of the models of ridge.h. */
#include "policies/ridge.h"

#include "policies/cholesky.h"
#include "policies/keep.h"

const char *const ridge_arms_word[] = {"all", "tier", "candidate", NULL};

static void find_theta(struct ridge_arm *m)
{
    for (int i = 0; i < CONTEXT_D; i++) {
        m->theta[i] = context_dot(m->inverse[i], m->b);
    }
}

/* A <- A + x x' */
static void add(struct ridge_arm *m, const double x[CONTEXT_D])
{
    double u[CONTEXT_D];
    for (int i = 0; i < CONTEXT_D; i++) {
        u[i] = context_dot(m->inverse[i], x);
    }
    double scale = 1 / (1 + context_dot(x, u));
    for (int i = 0; i < CONTEXT_D; i++) {
        for (int j = 0; j < CONTEXT_D; j++) {
            m->a[i][j] += x[i] * x[j];
            m->inverse[i][j] -= scale * u[i] * u[j];
        }
    }
}

/* The past fades by g; direction `at` gets what d rewards take from the identity. */
static void fade(struct ridge_arm *m, double g, int at)
{
    double x[CONTEXT_D] = {0};
    for (int i = 0; i < CONTEXT_D; i++) {
        m->b[i] *= g;
        for (int j = 0; j < CONTEXT_D; j++) {
            m->a[i][j] *= g;
            m->inverse[i][j] /= g;
        }
    }
    x[at] = sqrt((1 - g) * CONTEXT_D);
    add(m, x);
}

int ridge_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    struct ridge *r = st;
    (void)h, (void)v;
    for (uint32_t k = 0; k < CONTEXT_ARMS; k++) {
        for (int i = 0; i < CONTEXT_D; i++) {
            r->arm[k].a[i][i] = r->arm[k].inverse[i][i] = 1;
        }
    }
    return 0;
}

int ridge_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    struct ridge *r = st;
    struct ridge_decision *d = decisions_find(&r->waiting, o->tag);
    (void)v;
    if (!d || h->frozen) {
        return 0;
    }
    double reward = decision_reward(o, r->lost);
    for (uint32_t k = 0; k < CONTEXT_ARMS && r->discount < 1; k++) {
        fade(&r->arm[k], r->discount, (int)((uint64_t)r->n_reward % CONTEXT_D));
        find_theta(&r->arm[k]);
    }
    struct ridge_arm *m = &r->arm[d->arm];
    add(m, d->x);
    for (int i = 0; i < CONTEXT_D; i++) {
        m->b[i] += reward * d->x[i];
    }
    find_theta(m);
    r->n_reward++;
    d->head.tag = 0;
    return 0;
}

enum { A_NUMBERS = CONTEXT_ARMS * CONTEXT_D * CONTEXT_D, B_NUMBERS = CONTEXT_ARMS * CONTEXT_D };

static const char definition[] = "1\ninput\nwork\nservice\nback\ntasks per core\n";

int ridge_save(void *st, const struct ts_host *h)
{
    const struct ridge *r = st;
    double a[A_NUMBERS], b[B_NUMBERS];
    for (uint32_t k = 0; k < CONTEXT_ARMS; k++) {
        memcpy(&a[k * CONTEXT_D * CONTEXT_D], r->arm[k].a, sizeof r->arm[k].a);
        memcpy(&b[k * CONTEXT_D], r->arm[k].b, sizeof r->arm[k].b);
    }
    double figures[3] = {r->arms, r->scale_s, r->n_reward};
    int rc = keep_put_text(h, "features.txt", definition);
    rc = rc ? rc : keep_put(h, "a.f64", a, A_NUMBERS);
    rc = rc ? rc : keep_put(h, "b.f64", b, B_NUMBERS);
    return rc ? rc : keep_put(h, "arms_scale_rewards.f64", figures, 3);
}

/* The inverse of A, column by column through its Cholesky factor; < 0: it has none. */
static int invert(struct ridge_arm *m)
{
    double l[CONTEXT_D][CONTEXT_D];
    if (cholesky_factor(&m->a[0][0], l) < 0) {
        return -1;
    }
    for (int j = 0; j < CONTEXT_D; j++) {
        double x[CONTEXT_D] = {0};
        x[j] = 1;
        cholesky_down(l, x);
        cholesky_up(l, x);
        for (int i = 0; i < CONTEXT_D; i++) {
            m->inverse[i][j] = x[i];
        }
    }
    find_theta(m);
    return 0;
}

int ridge_load(void *st, const struct ts_host *h)
{
    struct ridge *r = st;
    double a[A_NUMBERS], b[B_NUMBERS], figures[3];
    int rc = keep_same_text(h, "features.txt", definition);
    rc = rc ? rc : keep_get(h, "a.f64", a, A_NUMBERS);
    rc = rc ? rc : keep_get(h, "b.f64", b, B_NUMBERS);
    rc = rc ? rc : keep_get(h, "arms_scale_rewards.f64", figures, 3);
    if (rc) {
        return rc;
    }
    if (figures[0] != r->arms || figures[1] != r->scale_s) {
        return h->fail(h->ctx, "it was learned with arms %g and scale %g s, here they are %g and %g s", figures[0], figures[1],
                       r->arms, r->scale_s);
    }
    r->n_reward = figures[2];
    for (uint32_t k = 0; k < CONTEXT_ARMS; k++) {
        memcpy(r->arm[k].a, &a[k * CONTEXT_D * CONTEXT_D], sizeof r->arm[k].a);
        memcpy(r->arm[k].b, &b[k * CONTEXT_D], sizeof r->arm[k].b);
        if (invert(&r->arm[k]) < 0) {
            return h->fail(h->ctx, "what was learned has a matrix that is not positive definite");
        }
    }
    return 0;
}

/* Without discount what the learners saw adds up; with one their models are averaged. */
int ridge_merge(void *st, const struct ts_host *h, uint32_t k, uint32_t n)
{
    struct ridge *r = st, *other = malloc(sizeof *other);
    double part = r->discount < 1 ? 1.0 / n : 1;
    if (k == 0) {
        free(r->before);
        r->before = malloc(sizeof r->arm);
        if (r->before) {
            memcpy(r->before, r->arm, sizeof r->arm);
        }
    }
    int rc = r->before && other ? 0 : h->fail(h->ctx, "out of memory for models");
    if (rc == 0) {
        *other = *r;
        rc = ridge_load(other, h);
    }
    for (uint32_t j = 0; j < CONTEXT_ARMS && rc == 0; j++) {
        struct ridge_arm *m = &r->arm[j];
        for (int i = 0; i < CONTEXT_D; i++) {
            m->b[i] += part * (other->arm[j].b[i] - r->before[j].b[i]);
            for (int l = 0; l < CONTEXT_D; l++) {
                m->a[i][l] += part * (other->arm[j].a[i][l] - r->before[j].a[i][l]);
            }
        }
        rc = k + 1 == n && invert(m) < 0 ? h->fail(h->ctx, "the models merge into none") : 0;
    }
    if (rc == 0) {
        r->n_reward = other->n_reward > r->n_reward ? other->n_reward : r->n_reward;
    }
    free(other);
    return rc;
}

void ridge_clear(void *st)
{
    struct ridge *r = st;
    free(r->before);
    decisions_clear(&r->waiting);
}
