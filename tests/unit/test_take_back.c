/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plans that take back what was sent: replicas and hedges of which the first result counts, and patience.
 *
 * A job of 0.1 GFLOP each second at `home`, which has no processor; place 0 is 10 ms away and takes 0.1 s, place 1 is 20 ms away
 * and takes 0.2 s, each at 10 W.  Place 0 has the result at home after 0.12 s.
 */
#include "tests/replicate.h"

#define TEXT(deadline, speed_1)                                                                                          \
    "tiersim: 1\nname: race\n"                                                                                          \
    "nodes:\n"                                                                                                          \
    "  home: {tier: edge}\n"                                                                                            \
    "  near: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}, power: {busy: 10 W}}\n"                                \
    "  far: {tier: edge, processors: {cpu: {speed: " speed_1 "}}, power: {busy: 10 W}}\n"                               \
    "links:\n"                                                                                                          \
    "  short: {from: home, to: near, capacity: unlimited, latency: 10 ms}\n"                                            \
    "  long: {from: home, to: far, capacity: unlimited, latency: 20 ms}\n"                                              \
    "workloads: {customer: {at: home, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP" deadline "}}\n"             \
    "experiment: {policies: [race], duration: 4.5 s}\n"

enum { JOBS = 5 };

static struct ts_outcome told[16];
static double hedge_s;

static int decide_both(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                       struct ts_plan *p)
{
    (void)st;
    if (h->more(h->ctx, p, 2) < 0) {
        return (h->fail)(h->ctx, "no room");
    }
    for (uint32_t k = 0; k < 2; k++) {
        p->step[k].verb = TS_PLACE;
        p->step[k].place = a->cand[k];
        p->step[k].replica = (uint16_t)k;
        p->step[k].tag = 70 + k;
    }
    p->step[1].not_before_s = hedge_s > 0 ? v->now_s + hedge_s : 0;
    p->n = 2;
    return 0;
}

static int decide_slowly(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                         struct ts_plan *p)
{
    p->think_s = .03;
    return decide_both(st, h, v, a, p);
}

static int ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v;
    assert_true(o->job < LEN(told));
    told[o->job] = *o;
    return 0;
}

static const struct ts_policy both = {.abi = TS_ABI, .size = sizeof both, .name = "race", .about = "x",
                                      .flags = TS_TAKES_BACK, .decide = decide_both, .ended = ended};

static struct record go(const char *text, const struct ts_policy *p)
{
    struct scenario s;
    struct tape tape, again;
    scenario_of_text(&s, text, NULL);
    replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = p, .seed = 1}, &tape);
    replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = p, .seed = 1}, &again);
    assert_true(digest_of(&s, &tape) == digest_of(&s, &again)); /* and the audit holds */
    struct record r = record_of(&s, tape.t, tape.n);
    free(tape.t);
    free(again.t);
    scenario_free(&s);
    return r;
}

static void assert_energy(const struct record *r, double useful_j, double waste_j)
{
    struct cohort sum = all_of(r);
    assert_near(sum.useful_j, JOBS * useful_j, 1e-9, 0);
    assert_near(sum.waste_j, JOBS * waste_j, 1e-9, 0);
    assert_near(r->group_energy[1].dynamic_j + r->group_energy[2].dynamic_j, JOBS * (useful_j + waste_j), 1e-9, 0);
}

/*
 * The cancellation leaves at 0.12 s and is there at 0.14 s; place 1 has worked since 0.02 s: 0.12 s at 10 W are lost where it can
 * be stopped, else all its 0.2 s.
 */
static void the_first_result_counts_and_the_other_is_waste(void **state)
{
    static const struct {
        const char *text;
        double waste_j;
    } place_1[] = {{TEXT("", "0.5 GFLOP/s, discipline: ps"), 1.2},
                   {TEXT("", "0.5 GFLOP/s, discipline: priority, preempt: resume"), 1.2},
                   {TEXT("", "0.5 GFLOP/s, discipline: priority, preempt: none"), 2},
                   {TEXT("", "0.5 GFLOP/s, discipline: batch, batch: {max: 2}"), 2},
                   {TEXT("", "0.5 GFLOP/s"), 2}};
    (void)state;
    hedge_s = 0;
    for (size_t i = 0; i < LEN(place_1); i++) {
        struct record r = go(place_1[i].text, &both);
        struct cohort sum = all_of(&r);
        assert_int_equal(sum.n_finished, JOBS);
        assert_near(sum.latency_s, JOBS * .12, 1e-12, 0);
        assert_near(sum.compute_s, JOBS * .1, 1e-12, 0);
        assert_near(sum.upload_s + sum.download_s, JOBS * .02, 1e-12, 0);
        assert_energy(&r, 1, place_1[i].waste_j);
        for (int k = 0; k < JOBS; k++) {
            assert_int_equal(told[k].end, TS_DONE);
            assert_int_equal(told[k].replica, 0);
            assert_int_equal(told[k].tag, 70);
            assert_near(told[k].run_s, .1, 1e-12, 0);
        }
        record_clear(&r);
    }
}

/*
 * Place 1 takes 1.25 s: it serves the losers of jobs 0, 2 and 4 from 0.02 s, 2.02 s and 4.02 s on to their ends, of which the last
 * is beyond the run's, 4.5 s; those of jobs 1 and 3 come while it does and wait, and are gone when their orders come.
 */
static void a_loser_that_waits_is_gone_at_once(void **state)
{
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT("", "0.08 GFLOP/s"), &both);
    struct cohort sum = all_of(&r);
    assert_int_equal(sum.n_finished, JOBS);
    assert_near(sum.useful_j, JOBS, 1e-9, 0);
    assert_near(r.group_energy[2].dynamic_j, 10 * (1.25 + 1.25 + .48), 1e-9, 0);
    record_clear(&r);
}

/* Each order is 64 B over one link at 1 uJ/bit; place 1 is stopped at 0.14 s as above. */
static void an_order_costs_bytes_and_joules(void **state)
{
    (void)state;
    static const char text[] = TEXT("", "0.5 GFLOP/s, discipline: ps");
    static const char *const costs[] = {"links.long.energy=1 uJ/bit", "links.short.energy=5 uJ/bit", NULL};
    struct scenario s;
    struct tape tape;
    hedge_s = 0;
    scenario_of_text(&s, text, costs);
    replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = &both, .seed = 1}, &tape);
    struct record r = record_of(&s, tape.t, tape.n);
    assert_string_equal(r.text, ""); /* the audit holds */
    assert_near(r.metric[M_CONTROL_BYTES], JOBS * 64, 0, 0);
    assert_near(r.metric[M_ENERGY_CONTROL], JOBS * 512e-6, 1e-12, 0);
    assert_energy(&r, 1, 1.2); /* none of it is of the jobs */
    free(tape.t);
    record_clear(&r);
    scenario_free(&s);
}

/* Thought out after 0.03 s, both replicas start then and all is 0.03 s later; a hedge for 0.05 s still starts at 0.05 s. */
static void what_is_taken_back_may_take_thought(void **state)
{
    struct ts_policy slow = both;
    (void)state;
    slow.decide = decide_slowly;
    hedge_s = 0;
    struct record r = go(TEXT("", "0.5 GFLOP/s, discipline: ps"), &slow);
    assert_near(all_of(&r).latency_s, JOBS * .15, 1e-12, 0);
    assert_near(told[2].decide_s, .03, 1e-12, 0);
    assert_int_equal(told[2].tag, 70);
    assert_energy(&r, 1, 1.2);
    record_clear(&r);
    hedge_s = .05;
    r = go(TEXT("", "0.5 GFLOP/s, discipline: ps"), &slow); /* at place 1 from 0.07 s to 0.17 s */
    assert_near(all_of(&r).latency_s, JOBS * .15, 1e-12, 0);
    assert_energy(&r, 1, 1);
    record_clear(&r);
    hedge_s = 0; /* dropped while the policy thinks */
    r = go(TEXT(", deadline: {after: 20 ms, late: drop}", "0.5 GFLOP/s"), &slow);
    assert_int_equal(all_of(&r).n_end[TS_DROP_EXPIRED], JOBS);
    assert_energy(&r, 0, 0);
    record_clear(&r);
}

/* Place 1 is five times as fast: its result is there after 0.06 s; place 0 has worked since 0.01 s and goes on to the end. */
static void the_higher_replica_may_win(void **state)
{
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT("", "5 GFLOP/s"), &both);
    assert_near(all_of(&r).latency_s, JOBS * .06, 1e-12, 0);
    assert_energy(&r, .2, 1);
    assert_int_equal(told[2].replica, 1);
    assert_int_equal(told[2].tag, 71);
    record_clear(&r);
}

/* 0.11 s of service from 0.02 s on: done at 0.13 s, and cancelled at 0.14 s on the way home. */
static void a_loser_may_be_done_before_it_hears_of_it(void **state)
{
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT("", "0.90909090909090909 GFLOP/s"), &both);
    assert_near(all_of(&r).latency_s, JOBS * .12, 1e-12, 0);
    assert_energy(&r, 1, 1.1);
    record_clear(&r);
}

/* Sent at 0.05 s, there at 0.07 s, cancelled at 0.14 s, where it can be stopped. */
static void a_hedge_starts_late(void **state)
{
    (void)state;
    hedge_s = .05;
    struct record r = go(TEXT("", "0.5 GFLOP/s, discipline: ps"), &both);
    assert_near(all_of(&r).latency_s, JOBS * .12, 1e-12, 0);
    assert_energy(&r, 1, .7);
    record_clear(&r);
}

static void a_hedge_that_is_not_needed_never_starts(void **state)
{
    (void)state;
    hedge_s = .13;
    struct record r = go(TEXT("", "0.5 GFLOP/s"), &both);
    assert_near(all_of(&r).latency_s, JOBS * .12, 1e-12, 0);
    assert_energy(&r, 1, 0);
    record_clear(&r);
}

/* Dropped at 0.05 s: 0.04 s and 0.03 s of work are lost. */
static void a_deadline_ends_all_replicas(void **state)
{
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT(", deadline: {after: 50 ms, late: drop}", "0.5 GFLOP/s"), &both);
    assert_int_equal(all_of(&r).n_end[TS_DROP_EXPIRED], JOBS);
    assert_energy(&r, 0, .7);
    record_clear(&r);
}

/* Waits 0.3 s for its service, then gives up. */
static int decide_impatiently(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                              struct ts_plan *p)
{
    (void)st, (void)h, (void)v;
    if (a->why == TS_REFUSED) {
        assert_int_equal(ts_task_at(a, 0)->tries, 1);
        return ts_answer_reject(p);
    }
    p->step[0].patience_s = .3;
    return ts_answer_place(p, a->cand[0]);
}

#define QUEUE(discipline)                                                                                               \
    "tiersim: 1\nname: queue\n"                                                                                         \
    "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s" discipline "}}, power: {busy: 10 W}}}\n"          \
    "workloads: {customer: {at: server, arrivals: {periodic: {period: 1 s}}, work: 1.5 GFLOP}}\n"                       \
    "experiment: {policies: [race], duration: 4.5 s}\n"

/* Jobs 0, 2, 4 are served from 0, 2, 4 s on for 1.5 s; jobs 1 and 3 come while they are, and leave 0.3 s later. */
static void patience_runs_out_in_a_queue(void **state)
{
    static const char *const text[] = {QUEUE(""), QUEUE(", discipline: edf")};
    struct ts_policy p = both;
    (void)state;
    p.decide = decide_impatiently;
    for (size_t i = 0; i < LEN(text); i++) {
        struct record r = go(text[i], &p);
        struct cohort sum = all_of(&r);
        assert_int_equal(sum.n_finished, 3);
        assert_int_equal(sum.n_end[TS_REJECTED], 2);
        assert_near(sum.latency_s, 4.5, 1e-12, 0);
        assert_near(sum.useful_j, 45, 1e-9, 0);
        assert_near(sum.waste_j, 0, 0, 0);
        assert_near(told[1].now_s, 1.3, 1e-12, 0);
        record_clear(&r);
    }
    struct record r = go(QUEUE(", discipline: ps"), &p); /* where nobody waits */
    assert_int_equal(all_of(&r).n_end[TS_REJECTED], 0);
    record_clear(&r);
}

/* An upload of 1 s is taken back after 0.3 s: 0.3 Mbit at 1 uJ/bit are lost. */
static void patience_runs_out_on_a_link(void **state)
{
    struct ts_policy p = both;
    (void)state;
    p.decide = decide_impatiently;
    struct record r = go("tiersim: 1\nname: link\n"
                         "nodes: {home: {tier: edge}, server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                         "links: {wire: {from: home, to: server, capacity: 1 Mbit/s, latency: 0 ms, energy: 1 uJ/bit}}\n"
                         "workloads: {customer: {at: home, arrivals: {periodic: {period: 1 s}}, input: 125 kB, work: 1 MFLOP}}\n"
                         "experiment: {policies: [race], duration: 4.5 s}\n",
                         &p);
    struct cohort sum = all_of(&r);
    assert_int_equal(sum.n_end[TS_REJECTED], JOBS);
    assert_near(sum.bits, JOBS * .3e6, 1e-3, 0);
    assert_near(sum.waste_j, JOBS * .3, 1e-9, 0);
    record_clear(&r);
}

/* Without the flag such plans are illegal. */
static void who_takes_back_says_so(void **state)
{
    struct ts_policy p = both;
    struct scenario s;
    struct run_counts counts;
    struct tape tape = {0};
    (void)state;
    p.flags = 0;
    scenario_of_text(&s, TEXT("", "1 GFLOP/s"), NULL);
    const char *const want[] = {"step 1 is replica 1 of task 0: this run cannot carry out replicas",
                                "step 0 has patience_s = 0.3, which this run cannot carry out"};
    hedge_s = 0;
    for (int i = 0; i < 2; i++) {
        struct err e = {0};
        p.decide = i ? decide_impatiently : decide_both;
        const struct run_spec spec = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &p, .seed = 1,
                                      .full = tape_take, .ctx = &tape};
        assert_int_equal(drive(&spec, NULL, NULL, &counts, &e), -ERR_POLICY);
        if (!strstr(e.text, want[i])) {
            fail_msg("%s", e.text);
        }
    }
    free(tape.t);
    scenario_free(&s);
}

/* To the first two places that are not the job's own. */
static int decide_peers(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    uint32_t n = 0;
    if (h->more(h->ctx, p, 2) < 0) {
        return (h->fail)(h->ctx, "no room");
    }
    (void)st;
    for (uint32_t k = 0; k < a->task[0].n_cand && n < 2; k++) {
        const ts_id place = ts_candidate(a, &a->task[0], k);
        if ((ts_id)v->col[TS_NODE][place] != a->task[0].origin) {
            p->step[n].verb = TS_PLACE;
            p->step[n].place = place;
            p->step[n].replica = (uint16_t)n;
            n++;
        }
    }
    p->n = n;
    return 0;
}

/*
 * Three hosts on a hub: the way out and the way back both go up one cable and down another, at the cost of an exponential time
 * each, all four drawn apart.  Of the runs by ten seeds the second replica wins some; that it took as long out as back, to 1 ns,
 * is a chance of 1e-7.
 */
static void a_replica_comes_back_with_luck_of_its_own(void **state)
{
    static const char text[] =
        "tiersim: 1\nname: hub\n"
        "nodes:\n"
        "  host: {tier: edge, count: 3, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
        "  hub: {tier: edge}\n"
        "links: {cable: {from: host, to: hub, per: host, capacity: unlimited, latency: {exponential: {mean: 10 ms}}}}\n"
        "workloads: {customer: {at: host, arrivals: {periodic: {period: 10 s}}, work: 0.1 GFLOP}}\n"
        "experiment: {policies: [race], jobs: 1}\n";
    static const struct ts_policy peers = {.abi = TS_ABI, .size = sizeof peers, .name = "race", .about = "x",
                                           .cols = 1u << TS_NODE, .flags = TS_TAKES_BACK, .decide = decide_peers, .ended = ended};
    struct scenario s;
    uint32_t n_second = 0;
    (void)state;
    scenario_of_text(&s, text, NULL);
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct tape tape;
        replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = &peers, .seed = seed}, &tape);
        struct record r = record_of(&s, tape.t, tape.n);
        struct cohort sum = all_of(&r);
        assert_int_equal(sum.n_finished, 1);
        assert_true(fabs(sum.upload_s - sum.download_s) > 1e-9);
        n_second += told[0].replica;
        record_clear(&r);
        free(tape.t);
    }
    assert_true(n_second > 0 && n_second < 10);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_result_counts_and_the_other_is_waste),
        cmocka_unit_test(a_loser_that_waits_is_gone_at_once),
        cmocka_unit_test(an_order_costs_bytes_and_joules),
        cmocka_unit_test(what_is_taken_back_may_take_thought),
        cmocka_unit_test(the_higher_replica_may_win),
        cmocka_unit_test(a_loser_may_be_done_before_it_hears_of_it),
        cmocka_unit_test(a_hedge_starts_late),
        cmocka_unit_test(a_hedge_that_is_not_needed_never_starts),
        cmocka_unit_test(a_deadline_ends_all_replicas),
        cmocka_unit_test(patience_runs_out_in_a_queue),
        cmocka_unit_test(patience_runs_out_on_a_link),
        cmocka_unit_test(who_takes_back_says_so),
        cmocka_unit_test(a_replica_comes_back_with_luck_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
