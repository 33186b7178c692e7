/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/blocks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"

static uint64_t number_sites(const struct scenario *s, uint32_t *first)
{
    uint64_t n = 0;
    memset(first, 0xff, (s->n_core + 1u) * sizeof *first);
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct node_group *group = &s->group[s->workload[w].group];
        const struct node_group *at = group->attach == ROW_NONE ? group : &s->group[group->attach];
        for (uint32_t i = 0; at->core && i < at->count && i < group->count; i++) {
            first[at->first_core + i] = 0;
        }
        if (!at->core) {
            first[s->n_core] = 0;
        }
    }
    for (uint32_t core = 0; core <= s->n_core; core++) {
        first[core] = first[core] == ROW_NONE ? ROW_NONE : (uint32_t)n++;
    }
    return n;
}

static uint64_t number_devices(const struct scenario *s, uint32_t *first)
{
    uint64_t n = 0;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        uint32_t v = 0;
        while (s->workload[v].group != s->workload[w].group) {
            v++;
        }
        first[w] = v < w ? first[v] : (uint32_t)n;
        n += v < w ? 0 : s->group[s->workload[w].group].count;
    }
    return n;
}

int blocks_number(struct blocks *b, const struct scenario *s, const struct policy_spec *policy, uint64_t state_size,
                  struct err *e)
{
    const bool sites = policy->state == STATE_SITE;
    *b = (struct blocks){.n = 1};
    if (policy->state == STATE_RUN) {
        return 0;
    }
    if (!(b->first = malloc((sites ? s->n_core + 1u : s->n_workload) * sizeof *b->first))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the blocks of state of policy %s", policy->label);
    }
    const uint64_t n = sites ? number_sites(s, b->first) : number_devices(s, b->first);
    if (n > MAX_BLOCKS || state_size > MAX_BLOCK_BYTES / n) {
        return ERR_SET(e, ERR_INPUT,
                       "policy %s: state: %s makes %" PRIu64 " blocks of %" PRIu64 " bytes, wanted at most %d, and %" PRIu64
                       " bytes in all", policy->label, sites ? "site" : "device", n, state_size, MAX_BLOCKS, MAX_BLOCK_BYTES);
    }
    b->n = (uint32_t)n;
    return 0;
}

void blocks_clear(struct blocks *b)
{
    free(b->first);
    b->first = NULL;
}
