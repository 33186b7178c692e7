/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_control.h - the keys that say where a policy is asked and what it knows; they stand among those of a policy. */
#ifndef SIM_IO_READ_CONTROL_H
#define SIM_IO_READ_CONTROL_H

#include "sim/io/read.h"

enum control_key { CK_AT, CK_VIEW, CK_LEDGER, CK_NEWS, CK_THINK, CK_KNOW, CK_POWER, CK_MAX_TRIES, CK_BYTES, CK_OVER,
                   N_CONTROL_KEY };

/* What was written of each; NULL: nothing. */
struct control_written {
    const struct yaml_node *node[N_CONTROL_KEY];
};

/* The keys: `more` of a table whose struct has a control_written at more_offset. */
extern const struct table control_table;

/* Of two mappings what holds together: what is missing in w is as in otherwise. */
void control_merge(struct control_written *w, const struct control_written *otherwise);
/* From what was written to what is meant; groups must have been read. */
int control_make(struct reader *r, const struct control_written *w, struct control *out);

/*
 * read_experiment.c: NAME, or {NAME: {PARAMETER: VALUE}}, into the policy's name and parameters, which are checked.  period is
 * the time that its clock, if it has one, goes by.
 */
int read_bare_policy(struct reader *r, const struct yaml_node *n, const struct yaml_node *period, struct policy_spec *policy);
/* What may stand there. */
extern const struct key policy_name_key, policy_bare_key;

#endif
