/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read_profile.h - what operators of neural networks cost a processor: laws from a file that `tiersim calibrate` wrote, perhaps
 * scaled to a device that was not measured, or laws as they are written here; and the work of a task as a list of operators.
 */
#ifndef SIM_IO_READ_PROFILE_H
#define SIM_IO_READ_PROFILE_H

#include "sim/io/read.h"

extern const struct table profile_table, operators_table;

/* `read` of the key of a processor; the field is a const struct cost_profile *. */
int read_profile(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

/*
 * Operators, each {count, flop, bytes}: what they take on each pool into time_s[n_pool], their flop into *flop.  A pool
 * without a profile does the flop at its speed; INFINITY: it has no speed to do them at, for they have bytes alone.
 */
int read_operators(struct reader *r, const struct yaml_node *n, double *time_s, double *flop);

#endif
