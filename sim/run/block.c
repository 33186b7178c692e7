/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * block.c - the blocks of a policy's state under an ideal controller (blocks.h).  What is asked and told of a job is asked and
 * told the block of its site or device, and what is deferred waits there; blocks know of each other only what the view shows.
 */
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/run/steps.h"

int run_blocks_init(struct run *r, struct err *e)
{
    int rc = blocks_number(&r->blocks, r->s, r->spec.spec, r->spec.policy->state_size, e);
    if (rc) {
        return rc;
    }
    const uint32_t n = r->blocks.n;
    r->block = calloc(n, sizeof *r->block);
    r->deferring = n > 1 ? calloc(n, sizeof *r->deferring) : NULL;
    if (!r->block || (n > 1 && !r->deferring)) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u blocks of state", n);
    }
    for (uint32_t b = 0; b < n; b++) {
        r->block[b].clock.next = EV_NONE;
    }
    return 0;
}

void run_blocks_clear(struct run *r)
{
    for (uint32_t b = 0; r->block && b < r->blocks.n; b++) {
        free(r->block[b].deferred);
    }
    free(r->block);
    free(r->deferring);
    blocks_clear(&r->blocks);
}
