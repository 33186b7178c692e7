/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/bound_loop.h"

#include <math.h>
#include <stdlib.h>

static int rising(const void *va, const void *vb)
{
    const double *a = va, *b = vb;
    return (*a > *b) - (*a < *b);
}

/* Sums of the n least of x[n]: [n + 1].  NULL: memory is out. */
static double *least_sums(const struct loop_job *job, size_t n, double (*of)(const struct loop_job *j))
{
    double *sum = calloc(n + 1, sizeof *sum), total = 0;
    if (!sum) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        sum[i] = of(&job[i]);
    }
    qsort(sum, n, sizeof *sum, rising);
    for (size_t i = 0; i <= n; i++) {
        const double x = sum[i];
        sum[i] = total;
        total += x;
    }
    return sum;
}

static double any_latency(const struct loop_job *j)
{
    return j->charged_s[0];
}
static double all_latency(const struct loop_job *j)
{
    return j->charged_s[1];
}
static double any_loss(const struct loop_job *j)
{
    return j->loss[0];
}
static double all_loss(const struct loop_job *j)
{
    return j->loss[1];
}
static double energy(const struct loop_job *j)
{
    return j->energy_j;
}
static double work(const struct loop_job *j)
{
    return j->work_s;
}

struct bound_loop *bound_loop_new(const struct loop_job *job, size_t n)
{
    struct bound_loop *l = calloc(1, sizeof *l);
    bool falls = false;
    if (!l) {
        return NULL;
    }
    l->n_could = n;
    for (size_t i = 0; i < n; i++) {
        l->n_hopeless += job[i].hopeless;
        falls |= job[i].floor_j < 0;
    }
    l->latency_s[0] = least_sums(job, n, any_latency);
    l->latency_s[1] = least_sums(job, n, all_latency);
    l->loss[0] = least_sums(job, n, any_loss);
    l->loss[1] = least_sums(job, n, all_loss);
    l->energy_j = falls ? NULL : least_sums(job, n, energy);
    if (!l->latency_s[0] || !l->latency_s[1] || !l->loss[0] || !l->loss[1] || (!falls && !l->energy_j)) {
        bound_loop_free(l);
        return NULL;
    }
    return l;
}

void bound_loop_free(struct bound_loop *l)
{
    if (l) {
        for (int k = 0; k < 2; k++) {
            free(l->latency_s[k]);
            free(l->loss[k]);
        }
        free(l->energy_j);
        free(l);
    }
}

static int by_user(const void *va, const void *vb)
{
    const struct loop_job *a = va, *b = vb;
    return a->source != b->source ? (a->source > b->source) - (a->source < b->source)
                                  : (a->released_s > b->released_s) - (a->released_s < b->released_s);
}

/* The times that users think before their jobs, and after the last for the rest of the window: think[n + users]; their number. */
static size_t list_thinking(const struct loop_job *job, size_t n, double to_s, double *think_s)
{
    size_t n_think = 0;
    for (size_t i = 0; i < n; i++) {
        const bool first = i == 0 || job[i - 1].source != job[i].source;
        const bool last = i + 1 == n || job[i + 1].source != job[i].source;
        think_s[n_think++] = job[i].released_s - (first ? 0 : job[i - 1].released_s);
        if (last) {
            think_s[n_think++] = to_s - job[i].released_s;
        }
    }
    return n_think;
}

double bound_loops_latency_s(struct loop_job *job, size_t n, uint64_t n_user, double to_s)
{
    double *work_s = least_sums(job, n, work), *think_s = calloc(2 * n + 1, sizeof *think_s), thought_s = 0;
    double mean_s = NAN;
    if (work_s && think_s) {
        qsort(job, n, sizeof *job, by_user);
        const size_t n_think = list_thinking(job, n, to_s, think_s);
        qsort(think_s, n_think, sizeof *think_s, rising);
        size_t most = 0; /* jobs that are done by to_s, and one of each user that is not */
        while (most < n && work_s[most + 1] <= to_s) {
            most++;
        }
        most = most + n_user < n ? most + n_user : n;
        for (size_t i = 0; i < most + n_user && i < n_think; i++) {
            thought_s += think_s[n_think - 1 - i];
        }
        mean_s = most > 0 ? fmax(0, ((double)n_user * to_s - thought_s) / (double)most * (1 - 1e-9)) : 0;
    }
    free(work_s);
    free(think_s);
    return mean_s;
}
