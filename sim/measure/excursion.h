/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * excursion.h - how often a class's latency went above a level and came back: what a quantile rests on (SEMANTICS 7.10).
 *
 * Latencies of neighbouring jobs go up and down together, so ten thousand jobs may have seen one busy spell.  An excursion
 * above x is entered by a job that takes longer than x and left by one that takes less than half of it, both counted from
 * the least latency of the class: the way there and back and the bare service are the same in quiet and in busy spells.
 *
 * All levels x are counted at once, 8 an octave: after each job those of [0, up] are above and the rest is not, as a job
 * raises `up` to its own level or lowers it to twice that.  O(1) a job, 2 kB a class.
 */
#ifndef SIM_MEASURE_EXCURSION_H
#define SIM_MEASURE_EXCURSION_H

#include <stdint.h>
#include <string.h>

enum {
    EXCURSION_PER_OCTAVE = 8,
    EXCURSION_OCTAVES = 64, /* from 2^-30 s; what is less is level 0, what is more the last */
    EXCURSION_LEVELS = EXCURSION_OCTAVES * EXCURSION_PER_OCTAVE + 2,
};

struct excursion {
    double least_s; /* latency seen; 0 while none was, see seen */
    uint32_t seen, up;
    uint32_t started[EXCURSION_LEVELS + 1]; /* entered above level k: the sum of [0..k], modulo 2^32 */
};

static inline uint32_t excursion_level(double above_s)
{
    uint64_t bits;
    memcpy(&bits, &above_s, sizeof bits);
    int64_t level = (int64_t)(bits >> 49) - ((1023 - 30) * EXCURSION_PER_OCTAVE - 1);
    return level < 0 ? 0 : level < EXCURSION_LEVELS ? (uint32_t)level : EXCURSION_LEVELS - 1;
}

/* The next job of the class took so long; INFINITY: it has no result.  A zeroed struct has seen none. */
static inline void excursion_add(struct excursion *x, double latency_s)
{
    if (latency_s < x->least_s || !x->seen) {
        x->least_s = latency_s;
        x->seen = latency_s < (double)__builtin_inf();
    }
    uint32_t level = latency_s > x->least_s ? excursion_level(latency_s - x->least_s) : 0;
    if (level > x->up) {
        x->started[x->up + 1]++;
        x->started[level + 1]--;
        x->up = level;
    } else if (level + EXCURSION_PER_OCTAVE < x->up) {
        x->up = level + EXCURSION_PER_OCTAVE;
    }
}

/* How many there were above latency_s, INFINITY included. */
uint32_t excursion_count(const struct excursion *x, double latency_s);

#endif
