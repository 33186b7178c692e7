/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * consult.h - the world outside, for tests of policies alone: a language model that answers every number in the middle of its
 * range, at once; and a network that scores a row of numbers by their sum, negative, so that of times the shortest is best.
 */
#ifndef TESTS_CONSULT_H
#define TESTS_CONSULT_H

#include <math.h>
#include <tiersim/policy.h>

/* Nor is it over anybody. */
static inline int below_nobody(void *ctx, uint32_t k, ts_id *ctl, ts_id *node)
{
    (void)ctx, (void)k, (void)ctl, (void)node;
    return -1;
}

static inline int consult_the_middle(void *ctx, const struct ts_prompt *q, double *value, struct ts_said *said)
{
    (void)ctx;
    for (uint32_t i = 0; value && i < q->n_slot; i++) {
        double middle = q->slot[i].min / 2 + q->slot[i].max / 2;
        value[i] = q->slot[i].flags & TS_WHOLE ? floor(middle) : middle;
    }
    if (value) {
        *said = (struct ts_said){.size = sizeof *said, .status = TS_S_FINE};
    }
    return 0;
}

static inline int infer_minus_the_sum(void *ctx, const char *model, const float *in, uint32_t n, float *out, uint32_t m)
{
    (void)ctx, (void)model;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t row = i / (n / m);
        out[row] = (i % (n / m) ? out[row] : 0) - in[i];
    }
    return 0;
}

#endif
