/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * relax.h - jobs on one machine that may be interrupted at no cost: what no schedule of several machines, of no more speed
 * together, or of one that cannot be interrupted, can beat (docs/bounds.md, work conservation and capacity).
 */
#ifndef SIM_MEASURE_RELAX_H
#define SIM_MEASURE_RELAX_H

#include <stddef.h>
#include <stdint.h>

struct relax_job {
    double ready_s; /* it may be worked on from then */
    double work_s;  /* of the machine */
    double due_s;   /* work must be done by then for the job to be in time; INFINITY = any time */
};

/*
 * The least sum over n jobs of min(instant when a job's work is done, until_s) less ready_s: the job with the least work left first
 * (Schrage, "A proof of the optimality of the shortest remaining processing time discipline", Oper. Res. 16(3), 1968), which has
 * the fewest jobs left at every instant.  Sorts job by ready_s.  NAN if memory is out.
 */
double relax_stay_sum(struct relax_job *job, size_t n, double until_s);

/*
 * Jobs that no schedule does in time, at least: in each of some intervals laid end to end, of the jobs that have to be done
 * within it the most laborious are left out until the rest fits.  The greatest such number over intervals of several lengths.
 * Sorts job by ready_s.  The number, or SIZE_MAX if memory is out.
 */
size_t relax_missed(struct relax_job *job, size_t n);

#endif
