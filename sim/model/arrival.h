/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arrival.h - when jobs of a workload are released, and at which member of its group (SEMANTICS 1).
 *
 * A group is one source with one pending instant: a superposed Poisson process of rate N lambda and a uniform choice of
 * the member, a ring of periodic phases, one cursor on a trace.  With `separate` every member is a source of its own.
 *
 * Addresses: entity of the workload, member = number of the source, index = n-th job of the source, j = 0:
 * DRAW_INTERVAL the unit exponential, or the interval, before it, DRAW_MEMBER whose it is, DRAW_JITTER, DRAW_THINK before
 * it.  DRAW_OFFSET 0 is where the source's trace starts, or the phase of the member of that number.  The modulation of an
 * MMPP is a process of this entity, of member 0 if it is shared.  So separate sources are nested: a greater count leaves
 * the others' draws.
 */
#ifndef SIM_MODEL_ARRIVAL_H
#define SIM_MODEL_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/dist.h"
#include "sim/base/series.h"
#include "sim/model/process.h"

enum arrival_kind {
    ARRIVAL_POISSON,
    ARRIVAL_MMPP,     /* the rate is a Markov process; ON/OFF is its two-state case with rate 0 in one */
    ARRIVAL_PERIODIC, /* phase + k period + uniform jitter in [0, jitter) */
    ARRIVAL_DIURNAL,  /* rate (1 + swing cos(2 pi (t - peak_s) / period_s)), by inverting the cumulative rate */
    ARRIVAL_CLOSED,   /* users per member; the think time starts when the user's job has ended */
    ARRIVAL_TRACE,    /* the rows of a series, each at a member chosen uniformly */
    ARRIVAL_RENEWAL,  /* independent intervals, the first from time 0 on */
};

enum phase_kind { PHASE_SPREAD, PHASE_SYNC, PHASE_RANDOM }; /* i/N period; 0; drawn per member */

struct arrivals {
    enum arrival_kind kind;
    bool separate;              /* each member is its own source; of a trace, each replays it */
    bool shared;                /* MMPP, RENEWAL: one process for the whole group (a diurnal rate is everybody's) */
    double rate;                /* POISSON, DIURNAL (mean): 1/s per member */
    struct process modulation;  /* MMPP: PROCESS_MARKOV whose values are rates, 1/s per member */
    double period_s, jitter_s;  /* PERIODIC (jitter < period/2); period of DIURNAL */
    enum phase_kind phase;      /* PERIODIC */
    double swing, peak_s;       /* DIURNAL: 0 <= swing <= 1 */
    uint32_t users;             /* CLOSED: per member */
    struct dist think;          /* CLOSED, s */
    struct dist interval;       /* RENEWAL, s, of one member; of a shared process of N members a N-th of it */
    const struct series *trace; /* TRACE: a point series */
    bool start_random;          /* TRACE: a cyclic offset of its own for each replication and source */
};

/* Mean arrivals per second of the whole group of n members; of a closed loop, the rate if no job took time. */
double arrivals_rate(const struct arrivals *a, uint32_t n_members);

/* How many sources the run makes: 1, n_members (separate, or a process not shared) or n_members * users (closed); < 2^24. */
uint32_t arrivals_n_source(const struct arrivals *a, uint32_t n_members);

/* One arrival.  The run asks for the next when the simulated time is look_s; the release is at or after that. */
struct arrival {
    double look_s;    /* INFINITY: no more (closed: until source_think) */
    double release_s; /* >= look_s */
    uint64_t index;   /* n-th of the source: addresses the job's draws */
    uint32_t member;  /* of the group */
    uint32_t trace_row;
};

/*
 * Live cursor of one source: plain data, so a copy of its bytes is a fork.  A group that is one source makes the draws of
 * 64 consecutive jobs at once; addressing makes that invisible.
 */
struct source;
/* Bytes of a source; a multiple of 8. */
size_t source_size(const struct arrivals *a, uint32_t n_members);
/* Fill the source_size bytes at s, aligned to 8.  number: which source of the workload; entity: of the workload. */
void source_start(struct source *s, const struct arrivals *a, uint32_t n_members, uint32_t number,
                  struct stream_key key, uint32_t entity);
/* The next arrival, in order of look_s; of a closed loop the user's first, then none. */
void source_next(struct source *s, struct arrival *out);
/* CLOSED: the user's job ended at t_s in any state; gives the user's next arrival. */
void source_think(struct source *s, double t_s, struct arrival *out);

#endif
