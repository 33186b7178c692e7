/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sufferage - a place is given to the task that would suffer most without it: the difference between its second best
 * place and its best.  In rounds: each task that waits claims its best place; of several claims the greatest sufferage
 * holds; at the end of a round what is held is fixed and the losers begin another.
 *
 * The published rule speaks of machines of one processor.  A place with several cores is one machine here, as in
 * XSufferage (Casanova, Legrand, Zagorodnov, Berman, HCW 2000): between equal cores of one place nobody suffers.  A task
 * with one place only suffers beyond all others.
 *
 * Source: Maheswaran, Ali, Siegel, Hensgen, Freund, J. Parallel Distrib. Comput. 59 (1999) 107-131, figure 4.  Ties: the
 * task that claims first, which is the lower row; the lower candidate.
 */
#include "policies/batch.h"
#include "policies/builtin.h"

static const struct ts_param sufferage_param[] = {BATCH_PARAMS, {0}};

struct claim {
    struct stint best;
    double sufferage_s;
};

static struct claim claim(const struct problem *q, const struct batch_plan *plan, uint32_t task)
{
    struct stint best = batch_best(q, plan, task);
    double second_s = INFINITY;
    for (uint32_t o = q->first[task]; o < q->first[task + 1]; o++) {
        double finish_s = batch_try(q, plan, o).finish_s;
        if (o != best.option && finish_s < second_s) {
            second_s = finish_s;
        }
    }
    return (struct claim){best, second_s - best.finish_s};
}

/* Who holds a place in this round; TS_NONE: nobody. */
static void hold_round(const struct problem *q, const struct batch_plan *plan, struct claim *claims, uint32_t *holder)
{
    for (uint32_t place = 0; place < q->n_place; place++) {
        holder[place] = TS_NONE;
    }
    for (uint32_t i = 0; i < q->n_task; i++) {
        if (plan->stint[i].option != TS_NONE || problem_n_option(q, i) == 0) {
            continue;
        }
        claims[i] = claim(q, plan, i);
        uint32_t *held = &holder[q->option[claims[i].best.option].place];
        if (*held == TS_NONE || claims[*held].sufferage_s < claims[i].sufferage_s) {
            *held = i;
        }
    }
}

static int sufferage_rule(void *st, const struct problem *q, struct batch_plan *plan)
{
    (void)st;
    struct claim *claims = scratch_take(q->scratch, q->n_task, sizeof *claims);
    uint32_t *holder = scratch_take(q->scratch, q->n_place, sizeof *holder);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory for the claims of %u tasks", q->n_task);
    }
    uint32_t before;
    do {
        before = plan->n;
        hold_round(q, plan, claims, holder);
        for (uint32_t place = 0; place < q->n_place; place++) {
            if (holder[place] != TS_NONE) {
                batch_assign(q, plan, holder[place], claims[holder[place]].best);
            }
        }
    } while (plan->n > before);
    return 0;
}

static int sufferage_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             struct ts_plan *p)
{
    return batch_decide(sufferage_rule, st, h, v, a, p);
}

const struct ts_policy policy_sufferage = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "sufferage",
    .about = "a place goes to the waiting task that would suffer most without it (Maheswaran et al. 1999)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .triggers = BATCH_TRIGGERS,
    .state_size = sizeof(struct batch),
    .param_size = sizeof(struct ts_param),
    .param = sufferage_param,
    .decide = sufferage_decide,
    .clear = batch_clear,
    .tick = BATCH_TICK,
};
