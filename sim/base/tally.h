/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tally.h - means under names that come as they are used: what a policy reports of itself, up to TALLIES_OF_POLICY of them, and
 * behind these, under names that begin with TALLY_LOOP, what is measured of loops (sim/measure/loops.h).
 */
#ifndef SIM_BASE_TALLY_H
#define SIM_BASE_TALLY_H

#include <stdint.h>

#define TALLY_LOOP "loop_"
enum { TALLY_NAME_MAX = 40, TALLIES_OF_POLICY = 256, TALLIES_MAX = 2 * TALLIES_OF_POLICY };

struct tally {
    char name[TALLY_NAME_MAX]; /* [a-z0-9_]+ */
    double sum;
    uint64_t n;
};

/* All zero is none; in the order in which the names first came. */
struct tallies {
    struct tally *row; /* [n] */
    uint32_t n, room;
};

/* Is that a name of at most TALLY_NAME_MAX - 1 letters a to z, digits and _? */
int tally_is_name(const char *name);
/* Count a value, which is finite, under the name.  -1: there are TALLIES_MAX names already, or no memory. */
int tallies_add(struct tallies *t, const char *name, double value);
/* NULL: there is none. */
const struct tally *tallies_find(const struct tallies *t, const char *name);
/* Put a row in as it is; to begin with an empty list.  -1 as above. */
int tallies_put(struct tallies *t, const struct tally *row);
void tallies_clear(struct tallies *t);

#endif
