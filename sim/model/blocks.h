/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * blocks.h - how many blocks of state a policy has in a scenario, and whose each is: one of the run, or one of each site or
 * device where jobs are released.  Sites are numbered in the order of their nodes, devices in that of the workloads that
 * release jobs there first; devices that are attached to no site have one block together.
 */
#ifndef SIM_MODEL_BLOCKS_H
#define SIM_MODEL_BLOCKS_H

#include "sim/model/scenario.h"

enum { MAX_BLOCKS = 1 << 20 };
#define MAX_BLOCK_BYTES (UINT64_C(1) << 30) /* of all, in one replication */

struct blocks {
    uint32_t n;
    /* STATE_SITE: [n_core + 1] block of a site, or ROW_NONE; last, of devices without; STATE_DEVICE: [n_workload] of the group's
     * first member; else NULL. */
    uint32_t *first;
};

/* Of a policy whose state has so many bytes.  Errors: ERR_INPUT if they are too many, ERR_MEMORY. */
int blocks_number(struct blocks *b, const struct scenario *s, const struct policy_spec *policy, uint64_t state_size,
                  struct err *e);
void blocks_clear(struct blocks *b);

#endif
