/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_decide.c [DECISIONS] - what one decision costs, without the run around it: the questions of sim/policy/trial.h.
 * decide_rule is mct; decide_NAME the other policies, but for those that ask the world outside; decide_check the check of so
 * many plans that place one task.
 */
#include <math.h>

#include "policies/builtin.h"
#include "sim/policy/check.h"
#include "sim/policy/trial.h"
#include "tests/bench/limit.h"

/* ns per plan of one placement. */
static double time_check(struct trial *t, uint64_t n, uint64_t *sum)
{
    struct ts_step step = {.verb = TS_PLACE};
    struct ts_plan plan = {.n = 1, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
    struct plan_checker checker = {.policy = &policy_mct};
    struct err e = {0};
    trial_turn(t, 0, 1, TS_ARRIVED);
    double start = limit_clock_s();
    for (uint64_t i = 0; i < n; i++) {
        step.place = t->cand[i * 7 % TRIAL_CANDIDATES];
        __asm__ volatile("" ::: "memory"); /* the plan comes from elsewhere */
        *sum += plan_check(&checker, &t->view, &t->ask, &plan, &e) == 0;
    }
    double ns = (limit_clock_s() - start) / (double)n * 1e9;
    plan_checker_clear(&checker);
    return ns;
}

int main(int argc, char **argv)
{
    uint64_t n = limit_count(argc, argv, 2000000), sum = 0;
    static struct trial t;
    trial_init(&t);
    for (int i = 0; i < N_BUILTIN_POLICY; i++) {
        const struct ts_policy *p = builtin_policy[i];
        double ns = trial_ns(&t, p, .1);
        if (!isnan(ns)) {
            printf("bench: decide_%s %.1f ns\n", p == &policy_mct ? "rule" : p->name, ns);
        }
    }
    printf("bench: decide_check %.1f ns\n", time_check(&t, n, &sum));
    return sum == 0; /* keeps the work */
}
