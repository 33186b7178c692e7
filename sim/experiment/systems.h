/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * systems.h - what the replications of an experiment run on: the scenario as each of them meets it, found before anything is run
 * and the same for all policies.
 */
#ifndef SIM_EXPERIMENT_SYSTEMS_H
#define SIM_EXPERIMENT_SYSTEMS_H

#include "sim/model/scenario.h"

struct err;

struct systems {
    const struct scenario *s;
    struct scenario *drawn; /* [replications] with `uncertainty: sampled`, else NULL: all meet s */
};

/* For all replications of s, which must outlive them.  Errors as of scenario_of_replication; systems_clear in any case. */
int systems_find(struct systems *x, const struct scenario *s, int n_thread, struct err *e);
const struct scenario *systems_of(const struct systems *x, uint32_t replication);
void systems_clear(struct systems *x);

#endif
