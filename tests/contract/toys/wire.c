/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire - a policy at the other end of a socket.  A question is a frame: the structs as they are, then the columns and
 * estimates that the policy declares, one after the other; the answer is the plan and its steps.  Both ends are of one
 * machine and one ABI here; everything is numbers, so the frame is copied, never converted.
 */
#include "toys.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_STEPS = 1024 };

struct toy_wire_state {
    double fd;
};

static const struct ts_param toy_wire_param[] = {
    {.key = "fd",
     .about = "descriptor of the socket",
     .dflt = 0,
     .min = 0,
     .max = 65535,
     .offset = offsetof(struct toy_wire_state, fd),
     .flags = TS_WHOLE},
    {0},
};

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

/* As toy_mct declares. */
#define WIRE_COLS  (1u << TS_UP | 1u << TS_NODE | 1u << TS_WORK_S)
#define WIRE_NEEDS (1u << TS_IN_S | 1u << TS_RUN_S | 1u << TS_OUT_S)

/* As toy_upper does. */
#define WIRE_UPPER_COLS (1u << TS_QUEUED)

static int exchange(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p,
                    uint64_t cols, uint64_t needs)
{
    int fd = (int)((const struct toy_wire_state *)st)->fd;
    struct ts_plan reply;
    if (put(fd, v, sizeof *v) < 0 || put(fd, a, sizeof *a) < 0 ||
        put(fd, a->task, (size_t)a->n_task * a->task_size) < 0 || put(fd, a->cand, a->n_cand * sizeof *a->cand) < 0 ||
        put_rows(fd, v->col, cols, TS_N_COL, v->n_place) < 0 ||
        put_rows(fd, a->est, needs, TS_N_EST, a->n_cand) < 0 || get(fd, &reply, sizeof reply) < 0) {
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

static int toy_wire_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    return exchange(st, h, v, a, p, WIRE_COLS, WIRE_NEEDS);
}

static int toy_wire_upper_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                 struct ts_plan *p)
{
    return exchange(st, h, v, a, p, WIRE_UPPER_COLS, 0);
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

static int answer_one(int fd, struct ts_view *v, const struct ts_policy *policy, void *state)
{
    struct ts_ask a;
    struct ts_step step[16];
    struct ts_host host = {0};
    struct ts_plan plan = {0};
    const double *col[TS_N_COL], *est[TS_N_EST];
    memset(step, 0, sizeof step);
    if (get(fd, &a, sizeof a) < 0) {
        return -1;
    }
    char *task = (char *)malloc((size_t)a.n_task * a.task_size + 1);
    ts_id *cand = (ts_id *)malloc((a.n_cand + 1) * sizeof *cand);
    int rc = task && cand && get(fd, task, (size_t)a.n_task * a.task_size) == 0 &&
                     get(fd, cand, a.n_cand * sizeof *cand) == 0
                 ? 0
                 : -1;
    double *cols = rc == 0 ? get_rows(fd, col, policy->cols, TS_N_COL, v->n_place) : NULL;
    double *ests = cols ? get_rows(fd, est, policy->needs, TS_N_EST, a.n_cand) : NULL;
    if (ests) {
        v->col = col;
        a.task = (const struct ts_task *)(const void *)task;
        a.cand = cand;
        a.est = est;
        host.size = sizeof host;
        host.abi = TS_ABI;
        plan.size = sizeof plan;
        plan.cap = 16;
        plan.step = step;
        plan.think_s = plan.tokens = NAN;
        rc = policy->decide(state, &host, v, &a, &plan);
        rc = rc == 0 && put(fd, &plan, sizeof plan) == 0 && put(fd, step, plan.n * sizeof *step) == 0 ? 0 : -1;
    }
    free(task);
    free(cand);
    free(cols);
    free(ests);
    return ests ? rc : -1;
}

int toy_wire_serve(int fd, const struct ts_policy *policy, void *state)
{
    struct ts_view v;
    while (get(fd, &v, sizeof v) == 0) {
        if (answer_one(fd, &v, policy, state) < 0) {
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
    .param = toy_wire_param,
    .decide = toy_wire_upper_decide,
};
