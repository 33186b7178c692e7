/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire - a policy at the other end of a socket.  What it is asked or told is a frame: what it is, the structs as they are, then the
 * columns and estimates that it declares, one after the other; the answer is the plan and its steps, before which it may want
 * uniforms.  Both ends are of one machine and one ABI here; everything is numbers, so the frame is copied, never converted.
 */
#include "toys.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_STEPS = 1024 };

enum frame { FRAME_INIT = 1, FRAME_ASK, FRAME_ENDED, FRAME_PLAN, FRAME_UNIFORM };

struct toy_wire_state {
    double fd, cols, needs, period_s;
};

/* As toy_mct declares. */
#define WIRE_COLS  (1u << TS_UP | 1u << TS_NODE | 1u << TS_WORK_S)
#define WIRE_NEEDS (1u << TS_IN_S | 1u << TS_RUN_S | 1u << TS_OUT_S)

/* As toy_upper does. */
#define WIRE_UPPER_COLS (1u << TS_QUEUED)

#define WIRE_PARAM(cols_of, needs_of)                                                                                         \
    {                                                                                                                         \
        {.key = "fd",                                                                                                         \
         .about = "descriptor of the socket",                                                                                 \
         .max = 65535,                                                                                                        \
         .offset = offsetof(struct toy_wire_state, fd),                                                                       \
         .flags = TS_WHOLE},                                                                                                  \
        {.key = "cols",                                                                                                       \
         .about = "columns that go over it",                                                                                  \
         .dflt = cols_of,                                                                                                     \
         .max = 1u << TS_N_COL,                                                                                               \
         .offset = offsetof(struct toy_wire_state, cols),                                                                     \
         .flags = TS_WHOLE},                                                                                                  \
        {.key = "needs",                                                                                                      \
         .about = "estimates that go over it",                                                                                \
         .dflt = needs_of,                                                                                                    \
         .max = 1u << TS_N_EST,                                                                                               \
         .offset = offsetof(struct toy_wire_state, needs),                                                                    \
         .flags = TS_WHOLE},                                                                                                  \
        {.key = "period",                                                                                                     \
         .unit = "s",                                                                                                         \
         .about = "of its clock",                                                                                             \
         .max = 3600,                                                                                                         \
         .offset = offsetof(struct toy_wire_state, period_s)},                                                                \
        {0},                                                                                                                  \
    }

static const struct ts_param toy_wire_param[] = WIRE_PARAM(WIRE_COLS, WIRE_NEEDS);
static const struct ts_param toy_wire_upper_param[] = WIRE_PARAM(WIRE_UPPER_COLS, 0);

static int put(int fd, const void *data, size_t n)
{
    for (const char *at = (const char *)data; n > 0;) {
        ssize_t done = write(fd, at, n);
        if (done <= 0) {
            return -1;
        }
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static int get(int fd, void *data, size_t n)
{
    for (char *at = (char *)data; n > 0;) {
        ssize_t done = read(fd, at, n);
        if (done <= 0) {
            return -1;
        }
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static int put_rows(int fd, const double *const *row, uint64_t which, unsigned n_row, uint32_t n)
{
    for (unsigned i = 0; i < n_row; i++) {
        if (which >> i & 1 && put(fd, row[i], n * sizeof(double)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What each frame begins with. */
static int put_view(const struct toy_wire_state *w, uint32_t what, const struct ts_view *v)
{
    const int fd = (int)w->fd;
    return put(fd, &what, sizeof what) < 0 || put(fd, v, sizeof *v) < 0 ||
                   put_rows(fd, v->col, (uint64_t)w->cols, TS_N_COL, v->n_place) < 0
               ? -1
               : 0;
}

int toy_wire_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    return put_view((const struct toy_wire_state *)st, FRAME_INIT, v) < 0 ? h->fail(h->ctx, "the socket was closed") : 0;
}

int toy_wire_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    const struct toy_wire_state *w = (const struct toy_wire_state *)st;
    return put_view(w, FRAME_ENDED, v) < 0 || put((int)w->fd, o, sizeof *o) < 0 ? h->fail(h->ctx, "the socket was closed") : 0;
}

/* The far end wants uniforms until its plan comes. */
static int await_plan(int fd, const struct ts_host *h, struct ts_plan *reply)
{
    uint32_t what;
    while (get(fd, &what, sizeof what) == 0) {
        if (what == FRAME_PLAN) {
            return get(fd, reply, sizeof *reply);
        }
        const double u = h->uniform(h->ctx);
        if (what != FRAME_UNIFORM || put(fd, &u, sizeof u) < 0) {
            return -1;
        }
    }
    return -1;
}

static int toy_wire_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    const struct toy_wire_state *w = (const struct toy_wire_state *)st;
    const int fd = (int)w->fd;
    struct ts_plan reply;
    if (put_view(w, FRAME_ASK, v) < 0 || put(fd, a, sizeof *a) < 0 ||
        put(fd, a->task, (size_t)a->n_task * a->task_size) < 0 || put(fd, a->cand, a->n_cand * sizeof *a->cand) < 0 ||
        put_rows(fd, a->est, (uint64_t)w->needs, TS_N_EST, a->n_cand) < 0 || await_plan(fd, h, &reply) < 0) {
        return h->fail(h->ctx, "the socket was closed");
    }
    if (reply.n > p->cap && (reply.n > MAX_STEPS || h->more(h->ctx, p, reply.n) < 0)) {
        return h->fail(h->ctx, "an answer of %u steps", reply.n);
    }
    if (get(fd, p->step, reply.n * sizeof *p->step) < 0) {
        return h->fail(h->ctx, "the socket was closed");
    }
    p->n = reply.n;
    p->think_s = reply.think_s;
    p->tokens = reply.tokens;
    return 0;
}

/* The services of the far end's host; ctx: the socket. */
static double far_uniform(void *ctx)
{
    const int fd = *(const int *)ctx;
    const uint32_t what = FRAME_UNIFORM;
    double u = NAN;
    return put(fd, &what, sizeof what) < 0 || get(fd, &u, sizeof u) < 0 ? NAN : u;
}

static int far_fail(void *ctx, const char *fmt, ...)
{
    (void)ctx, (void)fmt;
    return -1;
}

static int far_more(void *ctx, struct ts_plan *p, uint32_t cap)
{
    (void)ctx;
    return p->cap >= cap ? 0 : -1;
}

/* Memory for n rows of columns; row[i] points into it for the bits of which. */
static double *get_rows(int fd, const double **row, uint64_t which, unsigned n_row, uint32_t n)
{
    double *all = (double *)calloc((size_t)n_row * n + 1, sizeof *all);
    for (unsigned i = 0; all && i < n_row; i++) {
        row[i] = which >> i & 1 ? all + (size_t)i * n : NULL;
        if (row[i] && get(fd, all + (size_t)i * n, n * sizeof(double)) < 0) {
            free(all);
            return NULL;
        }
    }
    return all;
}

static int answer_one(int fd, const struct ts_host *h, const struct ts_view *v, const struct ts_policy *policy, void *state)
{
    struct ts_ask a;
    struct ts_plan plan = {0};
    const double *est[TS_N_EST];
    const uint32_t what = FRAME_PLAN;
    if (get(fd, &a, sizeof a) < 0) {
        return -1;
    }
    char *task = (char *)malloc((size_t)a.n_task * a.task_size + 1);
    ts_id *cand = (ts_id *)malloc((a.n_cand + 1) * sizeof *cand);
    struct ts_step *step = (struct ts_step *)calloc(MAX_STEPS, sizeof *step);
    int rc = task && cand && step && get(fd, task, (size_t)a.n_task * a.task_size) == 0 &&
                     get(fd, cand, a.n_cand * sizeof *cand) == 0
                 ? 0
                 : -1;
    double *ests = rc == 0 ? get_rows(fd, est, policy->needs, TS_N_EST, a.n_cand) : NULL;
    if (ests) {
        a.task = (const struct ts_task *)(const void *)task;
        a.cand = cand;
        a.est = est;
        plan.size = sizeof plan;
        plan.cap = MAX_STEPS;
        plan.step = step;
        plan.think_s = plan.tokens = NAN;
        rc = policy->decide(state, h, v, &a, &plan);
        rc = rc == 0 && put(fd, &what, sizeof what) == 0 && put(fd, &plan, sizeof plan) == 0 &&
                     put(fd, step, plan.n * sizeof *step) == 0
                 ? 0
                 : -1;
    }
    free(task);
    free(cand);
    free(step);
    free(ests);
    return ests ? rc : -1;
}

static int serve_one(int fd, uint32_t what, const struct ts_policy *policy, void *state)
{
    struct ts_view v;
    struct ts_outcome o;
    struct ts_host host = {0};
    const double *col[TS_N_COL];
    int rc = -1;
    host.size = sizeof host;
    host.abi = TS_ABI;
    host.ctx = &fd;
    host.uniform = far_uniform;
    host.fail = far_fail;
    host.more = far_more;
    if (get(fd, &v, sizeof v) < 0) {
        return -1;
    }
    double *cols = get_rows(fd, col, policy->cols, TS_N_COL, v.n_place);
    v.col = col;
    if (cols && what == FRAME_INIT) {
        rc = policy->init ? policy->init(state, &host, &v) : 0;
    } else if (cols && what == FRAME_ENDED) {
        rc = get(fd, &o, sizeof o) == 0 ? policy->ended(state, &host, &v, &o) : -1;
    } else if (cols && what == FRAME_ASK) {
        rc = answer_one(fd, &host, &v, policy, state);
    }
    free(cols);
    return rc;
}

int toy_wire_serve(int fd, const struct ts_policy *policy, void *state)
{
    uint32_t what;
    while (get(fd, &what, sizeof what) == 0) {
        if (serve_one(fd, what, policy, state) < 0) {
            return -1;
        }
    }
    return 0;
}

const struct ts_policy toy_wire = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_wire",
    .about = "whatever answers at the other end of a socket",
    .flags = TS_IMPURE,
    .needs = WIRE_NEEDS,
    .cols = WIRE_COLS,
    .state_size = sizeof(struct toy_wire_state),
    .param_size = sizeof(struct ts_param),
    .param = toy_wire_param,
    .decide = toy_wire_decide,
};

const struct ts_policy toy_wire_upper = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_wire_upper",
    .about = "whatever sets others at the other end of a socket",
    .flags = TS_IMPURE,
    .cols = WIRE_UPPER_COLS,
    .triggers = 1u << TS_TICK,
    .state_size = sizeof(struct toy_wire_state),
    .param_size = sizeof(struct ts_param),
    .param = toy_wire_upper_param,
    .decide = toy_wire_decide,
};
