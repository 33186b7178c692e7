/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin.h - policies from shared objects.  An object names its policies in a table that TS_PLUGIN makes
 * (<tiersim/policy.h>); each is checked as the built-in ones are, and is found by its name from then on.  Objects stay
 * loaded until the program ends.
 */
#ifndef SIM_IO_PLUGIN_H
#define SIM_IO_PLUGIN_H

#include "sim/policy/set.h"

struct err;

/* The policies that there are, which a program starts from its built-in ones. */
struct plugins {
    struct policy_set set; /* valid until the next plugins_load */
    const struct ts_policy **policy;
};

/* What is built in; only memory can fail. */
int plugins_init(struct plugins *p, const struct policy_set *builtin, struct err *e);
/*
 * Load the object at path and add its policies, unless they are there already.  ERR_INPUT if it is no file or no such
 * object, ERR_POLICY if a table in it is wrong or a name is taken: then nothing was added.
 */
int plugins_load(struct plugins *p, const char *path, struct err *e);
void plugins_clear(struct plugins *p);

#endif
