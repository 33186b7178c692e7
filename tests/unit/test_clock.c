/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When a policy is asked without a job's own event: at the ticks of its clock, and when something changed for what it has put
 * off.  Jobs are released at 0, 1, 2, .. s at a server that takes 0.1 s for each.
 */
#include <stddef.h>

#include "tests/replicate.h"

static const char text[] = "tiersim: 1\nname: queue\n"
                           "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                           "workloads: {customer: {at: server, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP}}\n"
                           "experiment: {policies: [slot], duration: 9.5 s, drain: 3 s}\n";

struct slot {
    double period_s;
    uint64_t n_asked;
};

/* What the policies of this test were asked about. */
static struct asked {
    double now_s;
    uint32_t why, n_task;
    uint64_t job[16];
} asked[64];
static size_t n_asked;

static void note(const struct ts_view *v, const struct ts_ask *a)
{
    assert_true(n_asked < LEN(asked) && a->n_task <= LEN(asked[0].job));
    asked[n_asked] = (struct asked){.now_s = v->now_s, .why = a->why, .n_task = a->n_task};
    for (uint32_t i = 0; i < a->n_task; i++) {
        asked[n_asked].job[i] = ts_task_at(a, i)->job;
    }
    n_asked++;
}

static int put_all(const struct ts_ask *a, struct ts_plan *p, uint32_t verb)
{
    for (uint32_t i = 0; i < a->n_task; i++) {
        p->step[i].verb = verb;
        p->step[i].task = i;
        p->step[i].place = verb == TS_PLACE ? ts_candidate(a, ts_task_at(a, i), 0) : 0;
    }
    p->n = a->n_task;
    return 0;
}

/* Puts off what arrives and places all of it at the end of the slot. */
static int decide_slot(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h;
    if (a->why != TS_ARRIVED) {
        note(v, a);
    }
    return put_all(a, p, a->why == TS_ARRIVED ? TS_DEFER : TS_PLACE);
}

/* Twice as long a slot each time, which holds from the tick on. */
static int decide_longer(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                         struct ts_plan *p)
{
    struct slot *slot = st;
    slot->period_s *= a->why == TS_TICK ? 2 : 1;
    return decide_slot(st, h, v, a, p);
}

/* Places the first job and puts all others off, to be asked about them whenever something changes. */
static int decide_never(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct slot *slot = st;
    (void)h;
    if (a->why != TS_ARRIVED) {
        note(v, a);
    }
    return put_all(a, p, slot->n_asked++ == 0 ? TS_PLACE : TS_DEFER);
}

static const struct ts_param param[] = {
    {.key = "slot", .unit = "s", .about = "between decisions", .dflt = 2.5, .max = 100, .offset = offsetof(struct slot, period_s)},
    {0},
};
static const struct ts_policy slotted = {.abi = TS_ABI, .size = sizeof slotted, .name = "slot", .about = "x",
                                         .triggers = 1u << TS_TICK, .state_size = sizeof(struct slot),
                                         .param_size = sizeof param[0], .param = param, .decide = decide_slot,
                                         .tick = "slot"};

static void go(const struct ts_policy *p, double slot_s, struct tape *tape)
{
    struct policy_param value = {.key = "slot", .value = slot_s};
    struct policy_spec policy;
    struct scenario s;
    scenario_of_text(&s, text, NULL);
    policy = s.experiment.policy[0];
    policy.param = &value;
    policy.n_param = 1;
    n_asked = 0;
    replicate((struct run_spec){.scenario = &s, .spec = &policy, .policy = p, .seed = 1}, tape);
    scenario_free(&s);
}

static void assert_asked(size_t i, double now_s, enum ts_why why, uint32_t n_task, uint64_t first_job)
{
    assert_true(i < n_asked);
    assert_near(asked[i].now_s, now_s, 1e-15, 0); /* sums of whole tenths */
    assert_int_equal(asked[i].why, why);
    assert_int_equal(asked[i].n_task, n_task);
    for (uint32_t k = 0; k < n_task; k++) {
        assert_int_equal(asked[i].job[k], first_job + k);
    }
}

/* What is released at the very instant of a tick is asked about before it: job 5 is of the second slot, job 10 of the
 * fourth.  The run ends at 12.5 s, before the tick of that instant. */
static void a_slot_is_decided_at_its_end(void **state)
{
    struct tape tape;
    (void)state;
    go(&slotted, 2.5, &tape);
    assert_int_equal(n_asked, 4);
    assert_asked(0, 2.5, TS_TICK, 3, 0);
    assert_asked(1, 5, TS_TICK, 3, 3);
    assert_asked(2, 7.5, TS_TICK, 2, 6);
    assert_asked(3, 10, TS_TICK, 3, 8);
    size_t n_placed = 0;
    for (size_t i = 0; i < tape.n; i++) {
        if (tape.t[i].kind == TR_PLACE) {
            assert_near(tape.t[i].time_s, asked[n_placed < 3 ? 0 : n_placed < 6 ? 1 : n_placed < 8 ? 2 : 3].now_s, 0, 0);
            n_placed++;
        }
    }
    assert_int_equal(n_placed, 11);
    free(tape.t);
}

/* Job j is released at j, so the tick at j has it, and of those between none; job 0, released at 0, waits for the first. */
static void a_tick_comes_without_tasks_too(void **state)
{
    struct tape tape;
    (void)state;
    go(&slotted, 0.25, &tape);
    free(tape.t);
    assert_int_equal(n_asked, 37); /* 0.25 k below 9.5, when all has ended */
    for (size_t i = 0; i < n_asked; i++) {
        assert_asked(i, 0.25 * (double)(i + 1), TS_TICK, i == 0 || i % 4 == 3, (i + 1) / 4);
    }
}

/* 1, 1 + 2, 3 + 4; then 7 + 8 is beyond the end. */
static void another_period_counts_from_the_tick(void **state)
{
    struct ts_policy longer = slotted;
    struct tape tape;
    (void)state;
    longer.decide = decide_longer;
    go(&longer, 1, &tape);
    free(tape.t);
    assert_int_equal(n_asked, 3);
    assert_asked(0, 1, TS_TICK, 2, 0);
    assert_asked(1, 3, TS_TICK, 2, 2);
    assert_asked(2, 7, TS_TICK, 4, 4);
}

/* A clock that stands still never ticks, so all stay open. */
static void a_period_of_0_stops_the_clock(void **state)
{
    struct tape tape;
    (void)state;
    go(&slotted, 0, &tape);
    free(tape.t);
    assert_int_equal(n_asked, 0);
}

/* Places the first of those asked about if the server is idle, and puts off the others. */
static int decide_in_turn(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                          struct ts_plan *p)
{
    (void)st, (void)h;
    note(v, a);
    put_all(a, p, TS_DEFER);
    if (ts_known(v, TS_BUSY, 0) == 0) {
        p->step[0].verb = TS_PLACE;
        p->step[0].place = 0;
    }
    return 0;
}

/*
 * Jobs of 1.6 s released each second, one at a time: job 0 is placed at 0 and ends at 1.6, when job 1 waits; job 1 ends at
 * 3.2, when 2 and 3 wait; job 2 ends at 4.8, when 3 and 4 wait.
 */
static void what_becomes_free_is_told_to_all_that_wait(void **state)
{
    static const char *const slower[] = {"nodes.server.processors.cpu.speed=0.0625 GFLOP/s", NULL};
    struct ts_policy waits = slotted;
    struct scenario s;
    struct tape tape;
    (void)state;
    waits.decide = decide_in_turn;
    waits.tick = NULL;
    waits.triggers = 1u << TS_FREED;
    waits.cols = 1u << TS_BUSY;
    scenario_of_text(&s, text, slower);
    n_asked = 0;
    replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = &waits, .seed = 1}, &tape);
    scenario_free(&s);
    free(tape.t);
    assert_asked(0, 0, TS_ARRIVED, 1, 0);
    assert_asked(1, 1, TS_ARRIVED, 1, 1);
    assert_asked(2, 1.6, TS_FREED, 1, 1);
    assert_asked(3, 2, TS_ARRIVED, 1, 2);
    assert_asked(4, 3, TS_ARRIVED, 1, 3);
    assert_asked(5, 3.2, TS_FREED, 2, 2);
    assert_asked(6, 4, TS_ARRIVED, 1, 4);
    assert_asked(7, 4.8, TS_FREED, 2, 3);
}

/* Whoever has a clock alone is asked when it ticks, and not when a place becomes free. */
static void only_what_is_declared_is_asked(void **state)
{
    struct ts_policy waits = slotted;
    struct tape tape;
    (void)state;
    waits.decide = decide_never;
    go(&waits, 4, &tape);
    free(tape.t);
    assert_int_equal(n_asked, 3);
    assert_asked(0, 4, TS_TICK, 4, 1);
    assert_asked(1, 8, TS_TICK, 8, 1);
    assert_int_equal(asked[2].n_task, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_is_decided_at_its_end),        cmocka_unit_test(a_tick_comes_without_tasks_too),
        cmocka_unit_test(another_period_counts_from_the_tick), cmocka_unit_test(a_period_of_0_stops_the_clock),
        cmocka_unit_test(what_becomes_free_is_told_to_all_that_wait), cmocka_unit_test(only_what_is_declared_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
