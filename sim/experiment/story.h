/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * story.h - one job of one replication: what the policy was told about it, what it chose, and where its time went.
 */
#ifndef SIM_EXPERIMENT_STORY_H
#define SIM_EXPERIMENT_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/experiment/options.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"
#include "sim/run/transition.h"

struct err;

struct story_candidate {
    uint32_t place;
    double est[TS_N_EST]; /* NAN where the policy did not ask for it */
    double busy, queued, work_s; /* of the view; NAN where it does not look */
};

struct story_question {
    double now_s;
    struct ts_task task;
    uint32_t why, verb, place; /* what was answered */
    double not_before_s;
    uint32_t ctl; /* that was asked */
    uint32_t n_candidate;
    struct story_candidate *candidate; /* [n_candidate] */
};

struct story {
    uint64_t job; /* n-th release of the replication, from 0 */
    const struct ts_policy *policy;
    const char *label;
    bool found;
    uint64_t number; /* of the job at its source */
    uint32_t source;
    uint32_t n_question, n_step;
    struct story_question *question; /* [n_question] */
    struct transition *step;         /* [n_step] its transitions and those of its parts, from its release to its end */
    uint32_t n_setting;
    struct transition *setting;      /* [n_setting] TR_SET at any controller in that time */
    bool ended;
    uint64_t n_release;
};

/* Run replication 0 of one policy of the experiment and follow the job. */
int story_tell(struct story *st, const struct scenario *s, const struct policy_set *set, uint32_t policy,
               const struct run_options *o, struct err *e);
void story_clear(struct story *st);

#endif
