/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * race.h - replicas of a task (SEMANTICS 5.3).  Each is a part of its job with a row of its own; the job itself waits.  The
 * first whose result arrives at the node of the job wins, and the job ends.  The others go on until the order that cancels
 * them arrives (order.c), and one that runs then to the end of its service unless its place preempts; the row of the job is
 * kept for so long.  What they cost is waste of the job.  A hedge is a replica that starts later, if the race is still on then.
 *
 * Where a controller is not ideal, all that has come with its answer to the node of the job: what starts does so from then on, and
 * who wins and who is cancelled is settled there, as above.  The controller hears of each replica (news.c).
 */
#ifndef SIM_RUN_RACE_H
#define SIM_RUN_RACE_H

#include "sim/run/live.h"

enum { MAX_REPLICAS = 16 };
/* job.block of a job and its replicas in a race; of a job that has ended and whose row is kept for the losers. */
#define BLOCK_RACE (ROW_NONE - 1)
#define BLOCK_KEPT (ROW_NONE - 2)
#define BLOCK_ENDING (ROW_NONE - 3) /* while it ends, or its result waits for those of others */

/* A replica as it was decided. */
struct racer {
    struct ts_step step;
    uint32_t entry, serial; /* in the ledger of who decided, or ROW_NONE: not yet, or never */
    double work_s;          /* that it has there */
};

struct replica {
    uint32_t row;    /* ROW_NONE: not sent yet, or gone */
    bool sent;
    ev_handle event; /* its start as a hedge, or the arrival of its cancellation */
    struct racer as;
    double flop;     /* announced */
};
struct race {
    uint32_t job, next; /* row of the job; free race */
    uint32_t n, n_there, n_coming; /* replicas; that are on their way or at their places; that are still to be sent */
    struct replica replica[MAX_REPLICAS];
};

void races_clear(struct run *r);
/* Does the step of the plan begin a race, as one of several for its task or to start later? */
bool race_is_one(const struct run *r, const struct ts_plan *p, uint32_t i);
/*
 * The race of the task in the row that step i of the plan begins with those further steps that are for its task: *n racers, in
 * the ledger of nobody.  Begin it; flop as the policy was told.  Errors: as of run_answer.
 */
int race_read(const struct run *r, uint32_t row, const struct ts_plan *p, uint32_t i, struct racer racer[MAX_REPLICAS],
              uint32_t *n, struct err *e);
int race_begin(struct run *r, uint32_t row, const struct racer *racer, uint32_t n, double flop, struct err *e);
/* The same of racers that are kept: copied to *to. */
int race_keep(const struct run *r, uint32_t row, const struct ts_plan *p, uint32_t i, struct racer **to, uint32_t *n,
              struct err *e);
/* A hedge starts; a cancellation arrives: which = race * MAX_REPLICAS + replica. */
void race_start(struct run *r, uint32_t which);
void race_cancel(struct run *r, uint32_t which);
/* As graph_step and graph_ends, for replicas. */
bool race_step(struct run *r, uint32_t row, uint32_t from, double a, double b);
bool race_ends(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end);
/* The race of the job in the row is over: one has won, or it gave up. */
void race_settle(struct run *r, uint32_t whole, bool finished);

#endif
