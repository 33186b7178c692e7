/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/loops.h"

#include <stdio.h>
#include <stdlib.h>

const char *const loop_ending[LOOP_VALUES] = {"", "_p50", "_p95", "_p99"};
static const double quantile[LOOP_VALUES] = {0, 0.5, 0.95, 0.99};

int loops_init(struct loops_fold *f, const struct scenario *s, struct err *e)
{
    uint32_t n = 0;
    *f = (struct loops_fold){.s = s, .first = calloc(s->n_workload + 1u, sizeof *f->first)};
    for (uint32_t w = 0; f->first && w < s->n_workload; w++) {
        f->first[w] = n;
        n += s->workload[w].n_loop;
    }
    f->sum = calloc(n + 1u, sizeof *f->sum);
    if (!f->first || !f->sum) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u loops", n);
    }
    f->first[s->n_workload] = n;
    return 0;
}

int loops_add(struct loops_fold *f, uint32_t workload, uint32_t loop, double latency_s)
{
    struct loop_sum *sum = &f->sum[f->first[workload] + loop];
    sum->sum_s += latency_s;
    sum->n++;
    return sketch_add(&sum->latency, latency_s);
}

static int hand_on(const struct loop_sum *sum, const char *name, struct tallies *out)
{
    int rc = 0;
    for (int k = 0; k < LOOP_VALUES && rc == 0; k++) {
        struct tally row = {.sum = sum->sum_s, .n = sum->n};
        if (k > 0) {
            row = (struct tally){.sum = sketch_quantile(&sum->latency, quantile[k]), .n = 1};
        }
        snprintf(row.name, sizeof row.name, TALLY_LOOP "%s%s", name, loop_ending[k]);
        rc = tallies_put(out, &row);
    }
    return rc ? -ERR_MEMORY : 0;
}

int loops_finish(const struct loops_fold *f, struct tallies *out)
{
    int rc = 0;
    for (uint32_t w = 0; w < f->s->n_workload; w++) {
        for (uint32_t i = 0; i < f->s->workload[w].n_loop && rc == 0; i++) {
            const struct loop_sum *sum = &f->sum[f->first[w] + i];
            rc = sum->n ? hand_on(sum, f->s->workload[w].loop[i].name, out) : 0;
        }
    }
    return rc;
}

void loops_clear(struct loops_fold *f)
{
    for (uint32_t i = 0; f->first && f->sum && i < f->first[f->s->n_workload]; i++) {
        sketch_clear(&f->sum[i].latency);
    }
    free(f->first);
    free(f->sum);
    *f = (struct loops_fold){0};
}
