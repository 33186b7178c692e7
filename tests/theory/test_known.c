/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_known.c - what a controller knows of links by its own transfers, and of places by a ledger that its site shares
 * (SEMANTICS 5.1.6, 5.1.8): cases by hand.  A policy that only writes down what it is told sends all to the one server.
 */
#include "tests/simulate.h"

/* What it was told at each question, in order: time of the input on its way, tasks at the server. */
enum { MOST = 16 };
static struct {
    uint32_t n;
    double in_s[MOST], tasks[MOST];
} told;

static int write_down(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    const struct ts_task *t = ts_task_at(a, 0);
    const ts_id server = ts_candidate(a, t, t->n_cand - 1);
    (void)st, (void)h;
    if (told.n < MOST) {
        told.in_s[told.n] = ts_estimate(a, t, t->n_cand - 1, TS_IN_S);
        told.tasks[told.n++] = ts_known(v, TS_BUSY, server) + ts_known(v, TS_QUEUED, server);
    }
    return ts_answer_place(p, server);
}

static const struct ts_policy writer = {.abi = TS_ABI,
                                        .size = sizeof(struct ts_policy),
                                        .name = "writer",
                                        .about = "writes down what it is told",
                                        .needs = 1u << TS_IN_S,
                                        .cols = 1u << TS_BUSY | 1u << TS_QUEUED,
                                        .decide = write_down};

static void run(const char *scenario, const char *policies)
{
    told.n = 0;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = scenario, .policy = &writer, .set = {policies}});
    simulated_clear(&sim);
}

static void assert_told(const double *got, const double *want, size_t n)
{
    assert_int_equal(told.n, n);
    for (size_t i = 0; i < n; i++) {
        assert_near(got[i], want[i], 0, 1e-9);
    }
}

/*
 * 1 MB over 8 Mbit/s takes 1 s alone, 2 s where two share the link, and then each has got 4 Mbit/s.  At 0 s both workloads release
 * a job, at 10 s `often` alone, at 20 s both.  What a question is told: bits (1 + own transfers under way) / rate, where the
 * rate is at first what is nominal, 8 Mbit/s.
 *     at 0 s    1 s and, with the first under way, 2 s; both end at 2 s at 4 Mbit/s
 *     at 10 s   8 / 4 = 2 s; alone, it gets 8 Mbit/s
 *     at 20 s   last: 8 / 8 = 1 s, then 2 s;  average: .25 * 8 + .75 * 4 = 5 Mbit/s: 1.6 s, then 3.2 s
 */
static const char shared_link[] =
    "tiersim: 1\n"
    "name: shared_link\n"
    "nodes:\n"
    "  gate: {tier: edge}\n"
    "  server: {tier: cloud, processors: {cpu: {cores: 100, speed: 1 GFLOP/s}}}\n"
    "links: {lan: {from: gate, to: server, capacity: 8 Mbit/s, sharing: fair}}\n"
    "workloads:\n"
    "  often: {at: gate, arrivals: {periodic: {period: 10 s, phase: sync}}, input: 1 MB, work: 1 MFLOP}\n"
    "  seldom: {at: gate, arrivals: {periodic: {period: 20 s, phase: sync}}, input: 1 MB, work: 1 MFLOP}\n"
    "experiment: {policies: [jsq: {at: gate}], duration: 25 s, drain: 0 s}\n";

static void the_last_transfer_tells_a_rate(void **state)
{
    (void)state;
    static const double last[] = {1, 2, 2, 1, 2}, average[] = {1, 2, 2, 1.6, 3.2}, nominal[] = {1, 2, 1, 1, 2};
    run(shared_link, "experiment.policies=[{jsq: {at: gate, know: last}}]");
    assert_told(told.in_s, last, LEN(last));
    run(shared_link, "experiment.policies=[{jsq: {at: gate, know: {ewma: 0.25}}}]");
    assert_told(told.in_s, average, LEN(average));
    run(shared_link, "experiment.policies=[{jsq: {at: gate, know: nominal}}]");
    assert_told(told.in_s, nominal, LEN(nominal));
}

/*
 * Two devices of one site release jobs of 1000 s at 0, 10 and 20 s.  The server reported at 0 s, before the first, that it is
 * idle, and reports no more.  A device that knows its own doings counts its own jobs there, one that shares the ledger of its
 * site all of them.
 */
static const char one_site[] =
    "tiersim: 1\n"
    "name: one_site\n"
    "nodes:\n"
    "  device: {tier: end, count: 2, attach: gate}\n"
    "  gate: {tier: edge}\n"
    "  server: {tier: cloud, processors: {cpu: {cores: 100, speed: 1 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: gate, capacity: unlimited}\n"
    "  lan: {from: gate, to: server, capacity: unlimited}\n"
    "workloads:\n"
    "  job: {at: device, arrivals: {periodic: {period: 10 s, phase: sync}}, work: 1000 GFLOP}\n"
    "experiment: {policies: [jsq], duration: 25 s, drain: 0 s}\n";

static void a_site_may_share_its_ledger(void **state)
{
    (void)state;
    static const double own[] = {0, 0, 1, 1, 2, 2}, shared[] = {0, 1, 2, 3, 4, 5}, none[] = {0, 0, 0, 0, 0, 0};
    run(one_site, "experiment.policies=[{jsq: {at: origin, view: {period: 100 s, phase: sync}, ledger: own}}]");
    assert_told(told.tasks, own, LEN(own));
    run(one_site, "experiment.policies=[{jsq: {at: origin, view: {period: 100 s, phase: sync}, ledger: shared}}]");
    assert_told(told.tasks, shared, LEN(shared));
    run(one_site, "experiment.policies=[{jsq: {at: origin, view: {period: 100 s, phase: sync}, ledger: none}}]");
    assert_told(told.tasks, none, LEN(none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_transfer_tells_a_rate),
        cmocka_unit_test(a_site_may_share_its_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
