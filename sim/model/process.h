/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * process.h - a quantity that varies over time whoever looks at it: the capacity or latency of a link, the rate of
 * arrivals.  It is exogenous and piecewise constant, so it is known ahead and costs no event: the time by which a link has
 * carried so many bits is the inverse of its integral (SEMANTICS 1 and 4).
 *
 * The state of a process is a cursor on its calendar: plain data, moving forward only; a copy of it is a cursor of its own
 * that may run ahead and be thrown away.  Every draw is addressed by (key, entity, member, number of the step or stay), and
 * where the cursor stands is a function of the time alone: it does not matter who asks, when, or how often.
 *
 * Addresses, j = 0: DRAW_OFFSET 0 the start of a trace; DRAW_NOISE 2^20 - 1 + k the innovation of step k; DRAW_STAY n the
 * length of stay n, DRAW_BRANCH 0 the first state and DRAW_BRANCH n + 1 what follows stay n; the outage has attempt 1.
 *
 * AR(1): x_k = sum over j < m' of phi^j sqrt(1 - phi^2) eps(k - j), where m' lies in [m, 2m) and phi^m < 2^-53, so that
 * the rest of the sum is below one rounding.  It is summed anew where k is a multiple of m and stepped from there, hence
 * exact to the bit from wherever one comes, O(1) a step and at most 2m for a jump of any length.
 */
#ifndef SIM_MODEL_PROCESS_H
#define SIM_MODEL_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/dist.h"
#include "sim/base/series.h"
#include "sim/base/stream.h"

enum process_kind {
    PROCESS_CONSTANT, /* value */
    PROCESS_DRAWN,    /* a value drawn from dist for every message; only for latencies; a cursor shows the mean */
    PROCESS_TRACE,    /* series, one column times scale, from a random or the first instant, for ever round */
    PROCESS_MARKOV,   /* exponential stays; the next state is uniform over the others; starts as in steady state */
    PROCESS_LOG_AR1,  /* value = mean exp(sd_log x_k - sd_log^2/2) on step k, x_k a unit AR(1) */
};

/* More would be summed over more than 2^19 steps: take a longer step. */
#define PROCESS_CORRELATION_MAX 0.9999
/* No run is longer (SEMANTICS 3); a process is not followed beyond. */
#define PROCESS_HORIZON_S 0x1p25

struct process_state {
    const char *name;
    double value;  /* SI */
    double stay_s; /* mean sojourn, > 0 */
};

struct process {
    enum process_kind kind;
    double value;                             /* CONSTANT; INFINITY = unlimited */
    struct dist dist;                         /* DRAWN */
    const struct series *series;              /* TRACE */
    uint32_t column;                          /* TRACE */
    double scale;                             /* TRACE */
    bool start_random;                        /* TRACE: an offset of its own for each replication and member */
    uint32_t n_state;                         /* MARKOV, >= 2 */
    const struct process_state *state;        /* MARKOV [n_state] */
    double mean, sd_log, correlation, step_s; /* LOG_AR1: 0 <= correlation <= PROCESS_CORRELATION_MAX */
    /*
     * An outage may lie over any kind but DRAWN: up for an exponential time of mean every, then down for one of mean
     * lasts, at time 0 as in steady state; every 0 = none.
     */
    double outage_every_s, outage_lasts_s, outage_value;
};

/* Mean over time (over messages for DRAWN). */
double process_mean(const struct process *p);

/* Where a process stands.  `value` holds on [from_s, until_s). */
struct process_at {
    double from_s, until_s, value;
    double base_until_s, base_value; /* without the outage */
    double outage_until_s;
    double offset_s; /* of a trace */
    double unit;     /* LOG_AR1: x of the step */
    uint64_t step;   /* of the base: step, row (of all cycles) or stay number */
    uint64_t cycle;  /* of the outage: stay number */
    uint32_t state;
    bool down;
    uint32_t entity, member;
    struct stream_key key;
};

/* Stand at time 0. */
void process_start(const struct process *p, struct process_at *at, struct stream_key key, uint32_t entity,
                   uint32_t member);
/* Go forward until from_s <= t_s < until_s; t_s >= at->from_s. */
void process_seek(const struct process *p, struct process_at *at, double t_s);
/*
 * The instant by which the process, integrated from t_s, has grown by amount (>= 0); t_s itself while it is unlimited.
 * INFINITY if it never does or not before PROCESS_HORIZON_S.  The cursor is left where that instant lies, or at the last
 * value that was looked at.  t_s >= at->from_s.
 */
double process_finish(const struct process *p, struct process_at *at, double t_s, double amount);
/* The integral over [from_s, to_s]; the cursor is left at to_s. */
double process_integral(const struct process *p, struct process_at *at, double from_s, double to_s);

#endif
