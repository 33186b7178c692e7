/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * train.h - a policy learns from episodes: replications of one or more scenarios, each beginning with what was learned before.
 *
 * Episodes come in rounds of `batch`.  Those of a round begin alike, run on all processors, and what they learned is merged in
 * their order (ts_policy.merge; without it rounds are of one), so a round is a function of the one before and the table is the
 * same at any number of threads.  Every so many episodes the policy is judged as it is, frozen, on draws held back.  After a
 * round what there is may be written, whole and durable; a training that goes on from there ends with the same table, bit for
 * bit.
 *
 * With `uncertainty: sampled` each episode, and each replication of a judgement, meets a system of its own, so that what is learned
 * holds for all that it may be.
 */
#ifndef SIM_EXPERIMENT_TRAIN_H
#define SIM_EXPERIMENT_TRAIN_H

#include "sim/base/stats.h"
#include "sim/experiment/runner.h"

struct err;

struct train_options {
    const char *policy;    /* label or name; its parameters are those that each scenario gives it, if it names it */
    uint64_t episodes;     /* in all */
    uint32_t batch;        /* episodes of a round */
    uint64_t every;        /* episodes between two judgements; 0: a twentieth of all */
    uint32_t replications; /* of a judgement; 0: none is made */
    uint64_t seed;         /* of the episodes' draws; judged by those of ~seed; below 2^32 */
    uint32_t threads;      /* 0: as many as there are processors */
    const char *output, *command_line;
    const char *onnx; /* file for what was learned as a neural network (network.h); NULL: none */
    bool resume;
};

struct train_outcome {
    uint64_t episodes, decisions; /* in the table, by this process */
    double learn_s, wall_s;       /* spent on episodes; on all */
    struct stats_interval first, last; /* reward of a job, at the first and last judgement */
    bool stopped;
};

/*
 * Train on n scenarios (opened without their tables, options applied), in turn, and write the table to o->output.  Errors:
 * those of drive(); ERR_INPUT: nothing to train, another training in the file that is to be resumed, a seed that is judged by, no
 * network among what a first round learned where o->onnx wants one.
 */
int train(struct scenario *s, uint32_t n, const struct policy_set *set, const struct train_options *o,
          struct runner_progress *progress, struct train_outcome *out, struct err *e);

#endif
