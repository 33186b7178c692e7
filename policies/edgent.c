/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edgent - the right size of a network, and where it is cut: of the exits from the last to the first, the one that meets the
 * deadline where the network up to it is cut best.  All jobs end at the exit that was chosen, other exits are left out.  If
 * none meets the deadline it is the quickest; the paper then has no answer.
 *
 * Source: Li, Zhou, Chen, "Edge Intelligence: On-Demand Deep Learning Model Co-Inference with Device-Edge Synergy", MECOMM
 * 2018 (arXiv 1806.07840), algorithm 1; Li, Zeng, Zhou, Chen, IEEE Trans. Wireless Communications 19 (2020).  Ties: the later
 * exit, the cut further behind.
 */
#include "policies/builtin.h"
#include "policies/exits.h"

struct edgent {
    struct scratch scratch;
    struct split_config config; /* for latency */
    double slack;
};

static int edgent_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct edgent *s = st;
    if (a->n_task == 1) {
        return split_decide(NULL, NULL, &s->config, &s->scratch, h, v, a, p);
    }
    struct exits x;
    struct exits_choice best = {.split = {.cost = NAN}}, one;
    scratch_reset(&s->scratch);
    if (!exits_init(&x, a, &s->scratch)) {
        return h->fail(h->ctx, "out of memory for the exits of %u tasks", a->n_task);
    }
    const double allowed_s = (1 - s->slack) * (ts_task_at(a, 0)->deadline_s - v->now_s);
    for (uint32_t k = a->n_task; !(best.split.cost <= allowed_s) && k != TS_NONE; k--) {
        const bool whole = k == a->n_task; /* all of the network, else up to exit k */
        if (!whole && isnan(x.leaves[k])) {
            continue;
        }
        if (!whole) {
            x.leaves[k] = 1;
        }
        if (exits_search(&x, &s->config, &s->scratch, h, v, a, &one) < 0) {
            return -1;
        }
        if (!whole) {
            x.leaves[k] = x.unused[k];
        }
        best = whole || one.split.cost < best.split.cost ? one : best;
    }
    return exits_answer(&x, &best, h, a, p);
}

static void edgent_clear(void *st)
{
    scratch_clear(&((struct edgent *)st)->scratch);
}

static const struct ts_param edgent_param[] = {
    SPLIT_PACK_PARAMS(struct edgent, config),
    {.key = "slack", .about = "of the time until the deadline, what is kept in reserve", .max = 1,
     .offset = offsetof(struct edgent, slack)},
    {0}};

const struct ts_policy policy_edgent = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "edgent",
    .about = "the last exit of a network that meets the deadline, and where it is cut (Li et al. 2018)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = EXITS_NEEDS,
    .cols = EXITS_COLS,
    .state_size = sizeof(struct edgent),
    .param_size = sizeof(struct ts_param),
    .param = edgent_param,
    .decide = edgent_decide,
    .clear = edgent_clear,
};
