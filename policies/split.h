/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * split.h - a graph of tasks, such as the layers of a neural network, parted between the node that it comes from (near)
 * and one place elsewhere (far): the frame of the policies that choose where to cut.
 *
 * What an assignment costs: the run of each task where it is, what waits there already, and each transfer between the two,
 * one after the other, as the papers have it; in seconds, or in joules of the near node and of what is sent.  Data that
 * several tasks read go over once if the question says that they are the same (ts_edge.same).  A task that reads the job's
 * input has to be sent that if it is far, one whose result is the job's sends that back.
 *
 * Where data may be packed, each pair of places is looked at twice: with all data as they are, and with all packed that may be,
 * the work of which counts at either place.  That is how a plan can say it: by the service that reads the data.
 *
 * Each pair of a near and a far place is tried; the least cost wins, the lower candidates of equals.  Tasks one after
 * the other at one place become one step of the plan, one service.  Units: s, J, bit.
 */
#ifndef POLICIES_SPLIT_H
#define POLICIES_SPLIT_H

#include <stdbool.h>
#include <tiersim/policy.h>

#include "policies/pick.h"
#include "policies/scratch.h"

enum split_aim { SPLIT_LATENCY, SPLIT_ENERGY };
enum split_compress { SPLIT_NEVER, SPLIT_WHEN_CHEAPER };

struct split_config {
    double aim;       /* enum split_aim */
    double far_share; /* of the energy of far places, what counts */
    double compress;  /* enum split_compress */
    double most_loss; /* of accuracy, by packing the data that cross */
};

/* Rows of a policy's parameter table, for a struct split_config at `field` of its state; first those about compression. */
#define SPLIT_PACK_PARAMS(state, field)                                                                                   \
    {.key = "compress", .about = "whether data between the two places are packed where the scenario offers it",            \
     .dflt = SPLIT_WHEN_CHEAPER, .max = 1, .flags = TS_WHOLE, .offset = offsetof(state, field.compress),                   \
     .word = split_compress_word},                                                                                        \
    {.key = "most_loss", .about = "of accuracy, what packing may cost a job; else data go as they are", .dflt = 0.01, .max = 1, \
     .offset = offsetof(state, field.most_loss)}
#define SPLIT_PARAMS(state, field)                                                                                        \
    {.key = "aim", .about = "what is to be least: latency; or the energy of the device and of what is sent",                \
     .min = 0, .max = 1, .flags = TS_WHOLE, .offset = offsetof(state, field.aim), .word = split_aim_word},                  \
    {.key = "far_share", .about = "of the energy above idle of other nodes, what counts too; 0: the device's alone", .max = 1, \
     .offset = offsetof(state, field.far_share)},                                                                         \
    SPLIT_PACK_PARAMS(state, field)
extern const char *const split_aim_word[], *const split_compress_word[];

/* Of all jobs, those that a task is part of, and those whose result is its; by these shares costs are weighed. */
struct split_jobs {
    double *share, *ends; /* [n] */
};

/* A job's graph between two places. */
struct split {
    const struct ts_ask *ask;
    struct scratch *scratch;
    uint32_t n;                /* tasks, each behind those that it reads from */
    double *near, *far;        /* [n] cost of the run; INFINITY: it cannot run there */
    double *in, *out;          /* [n] cost of its input and its result, if it is far */
    const struct split_jobs *jobs; /* which jobs the tasks are part of; NULL: all */
    double near_wait, far_wait;/* once, if a task is there */
    double up_start, up_bit, down_start, down_bit; /* cost of a message, and of a bit of it, from near to far and back */
    double *up_packed, *down_packed; /* [n_edge] cost of data beyond that of a message if all go packed that may; NULL: they go as
                                        they are, by the bit */
};

/* Chooses: near[n] is 1 for what stays.  The cost, or INFINITY: there is no way; NAN: out of memory. */
typedef double split_rule(void *st, const struct split *x, uint8_t *near);

/* What the data of an edge cost from near to far, or back. */
static inline double split_up(const struct split *x, uint32_t e)
{
    return x->up_start + (x->up_packed ? x->up_packed[e] : x->up_bit * x->ask->edge[e].bits);
}
static inline double split_down(const struct split *x, uint32_t e)
{
    return x->down_start + (x->down_packed ? x->down_packed[e] : x->down_bit * x->ask->edge[e].bits);
}

/* What an assignment costs; the rules are held to it. */
double split_cost(const struct split *x, const uint8_t *near);

/*
 * A run of tasks in order: what goes over the cut before task k that lower tasks make, sum[k] of [n + 1], by the share of jobs that
 * send it, each piece of data once.  each[n_edge]: how much it is; NULL: bits.
 */
void split_cut_sums(const struct split *x, const double *each, double *sum);
/* The rule that cuts once in the order of the tasks; of equals the cut further behind, so that less is sent for nothing. */
double split_chain(void *st, const struct split *x, uint8_t *near);
/* The same of one cut: that many tasks stay. */
double split_chain_at(uint32_t cut, const struct split *x, uint8_t *near);

/* Where the tasks go. */
struct split_choice {
    double cost;    /* INFINITY: there is no way */
    ts_id near, far;
    uint8_t *stays; /* [n] 1: near; memory of the scratch */
    bool packs;     /* what crosses and may be packed is */
    double loss;    /* of accuracy, by that, in the mean of jobs */
};

/* The best pair of places by the rule; jobs as in struct split.  0, or < 0 after host->fail. */
int split_search(split_rule *rule, void *st, const struct split_config *config, struct scratch *scratch,
                 const struct split_jobs *jobs, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                 struct split_choice *out);
/* Tasks first .. upto, in a row at one place, as one step. */
void split_place(const struct split_choice *c, uint32_t first, uint32_t upto, struct ts_plan *p);
/* All tasks, those in a row at one place as one step; or none. */
int split_answer(const struct split_choice *c, uint32_t n, struct ts_plan *p);
int split_reject(const struct ts_ask *a, struct ts_plan *p);

/*
 * The body of decide; the scratch is of the state.  A single task goes where it would finish first.  Reads SPLIT_COLS and
 * SPLIT_NEEDS; flag TS_WHOLE_GRAPHS.
 */
int split_decide(split_rule *rule, void *st, const struct split_config *config, struct scratch *scratch, const struct ts_host *h,
                 const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p);

#define SPLIT_COLS  (PICK_FINISH_COLS | 1u << TS_NODE | 1u << TS_SPEED | 1u << TS_POWER_W)
#define SPLIT_NEEDS (PICK_FINISH_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J)

#endif
