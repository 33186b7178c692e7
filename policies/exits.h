/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exits.h - a network with exits between a device and a server, cut once in the order of its tasks: the frame of the policies
 * that choose where a job may end, too.
 *
 * A choice of exits is leaves[k] of each task: of an exit the share of the jobs, the easiest, that end there; EXIT_OUT: it is left
 * out; NAN: it is no exit, or its result is the job's anyway.  The jobs that come behind an exit are the harder ones.  An exit
 * that is the only way to a task behind it cannot be left out: not chosen, it has the share that the scenario gives it.  What a
 * choice costs is the mean over jobs; how good it is, by the grades of the question (struct ts_grade).
 */
#ifndef POLICIES_EXITS_H
#define POLICIES_EXITS_H

#include <stdbool.h>

#include "policies/split.h"

#define EXIT_OUT (-1.0)

struct exits {
    uint32_t n;      /* tasks */
    double *leaves;  /* [n] the choice */
    double *unused;  /* [n] leaves of an exit that is not chosen */
    double *easiest; /* [n] jobs harder than this share of all come to the task; 1: none does */
    struct split_jobs jobs;
};

/* A choice, what it costs, and how good it is. */
struct exits_choice {
    double *leaves; /* [n] */
    double accuracy; /* NAN: nothing is known */
    struct split_choice split;
};

/* Room in the scratch, with no exit chosen.  False: memory is out. */
bool exits_init(struct exits *x, const struct ts_ask *a, struct scratch *scratch);
/* Fill what follows from the choice; an exit at which nobody ends is not chosen. */
void exits_follow(struct exits *x, const struct ts_ask *a);
/* Mean accuracy of the choice that was followed; NAN if a result has no grade. */
double exits_accuracy(const struct exits *x, const struct ts_ask *a);
/* What the choice costs where it is cut best.  0, or < 0 after host->fail. */
int exits_search(struct exits *x, const struct split_config *config, struct scratch *scratch, const struct ts_host *h,
                 const struct ts_view *v, const struct ts_ask *a, struct exits_choice *out);
/* The plan; an infinite cost rejects. */
int exits_answer(struct exits *x, const struct exits_choice *c, const struct ts_host *h, const struct ts_ask *a, struct ts_plan *p);

#define EXITS_COLS  SPLIT_COLS
#define EXITS_NEEDS (PICK_FINISH_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J)

#endif
