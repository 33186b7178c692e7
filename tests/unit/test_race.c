/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_race.c - replicas that an ideal controller decides: at a device where one has no room, and what they cost.
 *
 * Work of 0.1 GFLOP takes 0.1 s on the phone, whose core has room for one task, and 10 ms at the server, 100 ms away.
 */
#include "tests/replicate.h"

#define TEXT                                                                                                                  \
    "tiersim: 1\nname: race\n"                                                                                                \
    "nodes:\n"                                                                                                                \
    "  phone: {tier: end, attach: server, processors: {cpu: {speed: 1 GFLOP/s, queue: 1}}}\n"                                 \
    "  server: {tier: edge, processors: {cpu: {cores: 2, speed: 10 GFLOP/s}}}\n"                                              \
    "links: {wifi: {from: phone, to: server, capacity: unlimited, latency: 100 ms}}\n"                                        \
    "workloads:\n"                                                                                                            \
    "  first: {at: phone, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP}\n"                                            \
    "  second: {at: phone, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP}\n"                                           \
    "experiment: {policies: [jsq], duration: 3 s}\n"

enum { WORKLOADS = 2, JOBS = 3 }; /* of each workload */

/* A replica at each candidate: the phone first. */
static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h, (void)v;
    assert_int_equal(a->task->n_cand, 2);
    for (uint32_t k = 0; k < 2; k++) {
        p->step[k].verb = TS_PLACE;
        p->step[k].place = a->cand[k];
        p->step[k].replica = (uint16_t)k;
    }
    p->n = 2;
    return 0;
}

static struct ts_outcome told;

static int ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v;
    told = *o;
    return 0;
}

static const struct ts_policy racer = {.abi = TS_ABI, .size = sizeof racer, .name = "racer", .about = "x",
                                       .flags = TS_TAKES_BACK, .decide = decide, .ended = ended};

static struct cohort go(const char *const *set)
{
    struct scenario s;
    struct tape tape;
    struct cohort sum = {0};
    scenario_of_text(&s, TEXT, set);
    replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = &racer, .seed = 1}, &tape);
    struct record r = record_of(&s, tape.t, tape.n);
    assert_string_equal(r.text, ""); /* the audit holds */
    for (uint32_t i = 0; i < N_SEGMENT * WORKLOADS; i++) {
        cohort_add(&sum, &r.cohort[i]);
    }
    record_clear(&r);
    free(tape.t);
    scenario_free(&s);
    return sum;
}

/* Of two jobs at an instant the second finds no room on the phone; the replica that is still to be sent has its result. */
static void a_full_place_does_not_end_a_race_before_all_are_sent(void **state)
{
    (void)state;
    const struct cohort sum = go(NULL);
    assert_int_equal(sum.n_finished, 2 * JOBS);
    assert_near(sum.latency_s, JOBS * (.1 + (.1 + .01 + .1)), 1e-12, 0);
}

/* At the server one core and no queue: it has the first job's replica when the second's comes, which then has run out of places. */
static void a_race_ends_where_the_last_finds_no_room(void **state)
{
    static const char *const tight[] = {"nodes.server.processors.cpu.cores=1", "nodes.server.processors.cpu.queue=1",
                                        "nodes.phone.processors.cpu.speed=0.5 GFLOP/s", NULL};
    (void)state;
    const struct cohort sum = go(tight);
    assert_int_equal(sum.n_finished, JOBS);
    assert_int_equal(sum.n_end[TS_DROP_FULL], JOBS);
    assert_near(sum.latency_s, JOBS * .2, 1e-12, 0);
}

/*
 * The phone takes 1 s for a task, 2 s for each of two, so the server has both results at 210 ms: for each job it has worked 10 ms
 * and the phone, in vain, half of 210 ms, at 10 W a core.
 */
static void what_a_loser_cost_is_told(void **state)
{
    static const char *const slow[] = {"nodes.phone.processors.cpu={speed: 0.1 GFLOP/s, discipline: ps}",
                                       "nodes.phone.power={busy: 10 W}", "nodes.server.power={busy: 20 W}", NULL};
    (void)state;
    const struct cohort sum = go(slow);
    assert_near(sum.latency_s, 2 * JOBS * .21, 1e-12, 0);
    assert_int_equal(told.replica, 1);
    assert_near(told.energy_j, .1 + 1.05, 1e-12, 0);
    assert_near(told.waste_j, 1.05, 1e-12, 0);
    assert_near(sum.waste_j, 2 * JOBS * 1.05, 1e-9, 0); /* as measured */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_place_does_not_end_a_race_before_all_are_sent),
        cmocka_unit_test(what_a_loser_cost_is_told),
        cmocka_unit_test(a_race_ends_where_the_last_finds_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
