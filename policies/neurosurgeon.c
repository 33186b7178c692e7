/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * neurosurgeon - the first layers of a network where its input is, the others elsewhere: of all cuts in the order of the
 * layers, the one of least latency or energy.  All or none may stay.
 *
 * Source: Kang, Hauswald, Gao, Rovinski, Mudge, Mars, Tang, "Neurosurgeon: Collaborative Intelligence Between the Cloud and
 * Mobile Edge", ASPLOS 2017, algorithm 1.  Theirs scales the server's times by its load; here what waits there counts.
 * Ties: the cut further behind, so that less is sent for nothing.
 */
#include "policies/builtin.h"
#include "policies/split.h"

struct neurosurgeon {
    struct split_config config;
    struct scratch scratch;
};

static int neurosurgeon_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                               struct ts_plan *p)
{
    struct neurosurgeon *s = st;
    return split_decide(split_chain, st, &s->config, &s->scratch, h, v, a, p);
}

static void neurosurgeon_clear(void *st)
{
    scratch_clear(&((struct neurosurgeon *)st)->scratch);
}

static const struct ts_param neurosurgeon_param[] = {SPLIT_PARAMS(struct neurosurgeon, config), {0}};

const struct ts_policy policy_neurosurgeon = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "neurosurgeon",
    .about = "a network cut in the order of its layers where that is quickest or takes least energy (Kang et al. 2017)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = SPLIT_NEEDS,
    .cols = SPLIT_COLS,
    .state_size = sizeof(struct neurosurgeon),
    .param_size = sizeof(struct ts_param),
    .param = neurosurgeon_param,
    .decide = neurosurgeon_decide,
    .clear = neurosurgeon_clear,
};
