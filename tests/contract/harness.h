/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * harness.h - a policy, asked by hand: its state block and its plan lie between guard bytes, every answer is checked as
 * a run would check it, and all answers are folded into a digest.
 */
#ifndef TESTS_CONTRACT_HARNESS_H
#define TESTS_CONTRACT_HARNESS_H

#include <tiersim/policy.h>

#include "sim/base/err.h"
#include "sim/model/scenario.h"
#include "sim/policy/check.h"

enum { HARNESS_PLACES = 16 };

struct harness {
    const struct ts_policy *policy;
    struct plan_checker checker;
    struct ts_host host;
    struct ts_plan plan; /* the last answer */
    struct err err;
    uint8_t n_level[HARNESS_PLACES]; /* of each place, by the view */
    double rate_bps, delay_s; /* what host->path says of any two nodes */
    uint64_t digest;
    char said[256]; /* by host->fail */
    uint32_t seed, n_drawn;
    uint64_t question;
    void *state;
    char *block; /* guard, state, guard */
    char *room;  /* steps, guard */
};

/* With the first n of param; can: bits enum plan_can.  0, or < 0 with h->err filled.  Close it in any case. */
int harness_open(struct harness *h, const struct ts_policy *p, uint32_t can, uint32_t seed,
                 const struct policy_param *param, uint32_t n);
void harness_close(struct harness *h);

/* Ask, check and fold.  The ask gets the next number; < 0 with h->err filled. */
int harness_ask(struct harness *h, const struct ts_view *v, struct ts_ask *a);

/* A world at random: places, one task with candidates, estimates. */
enum { WORLD_PLACES = 12 };
enum world_kind {
    WORLD_PLAIN,
    WORLD_ONE,
    WORLD_NONE,
    WORLD_EQUAL,
    WORLD_ENDLESS,
    WORLD_UNKNOWN,
    WORLD_LATE,
    WORLD_DOWN,
    WORLD_N
};

struct world {
    double col[TS_N_COL][WORLD_PLACES], est[TS_N_EST][WORLD_PLACES];
    const double *col_of[TS_N_COL], *est_of[TS_N_EST];
    ts_id cand[WORLD_PLACES];
    struct ts_task task;
    struct ts_view view;
    struct ts_ask ask;
};

/* Only the columns and estimates that p declares are there.  Pointers point into *w: it must not move. */
void world_init(struct world *w, const struct ts_policy *p, enum world_kind kind, uint32_t seed);

#endif
