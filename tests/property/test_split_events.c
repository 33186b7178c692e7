/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network that is cut costs the events that its cuts need, however many layers it has. */
#include "tests/simulate.h"

enum { JOBS = 50, TEXT = 1 << 16 };

/* The first third of the layers where the job is, as one service, the others at the last candidate. */
static int cut_in_two(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                      struct ts_plan *p)
{
    (void)st, (void)h, (void)v;
    const uint32_t cut = a->n_task / 3;
    const struct ts_task *first = ts_task_at(a, 0);
    const ts_id near = ts_candidate(a, first, 0), far = ts_candidate(a, first, first->n_cand - 1);
    p->step[0] = (struct ts_step){.verb = TS_PLACE, .task = 0, .upto = cut - 1, .place = near};
    p->step[1] = (struct ts_step){.verb = TS_PLACE, .task = cut, .upto = a->n_task - 1, .place = far};
    p->n = 2;
    return 0;
}

static const struct ts_policy cutter = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "cutter", .about = "-",
                                        .flags = TS_WHOLE_GRAPHS, .decide = cut_in_two};

/* A chain of n layers of 3 GFLOP in all, a phone and a server. */
static void write_chain(char text[TEXT], uint32_t n)
{
    int at = snprintf(text, TEXT,
                      "tiersim: 1\nname: chain\n"
                      "nodes:\n"
                      "  phone: {tier: end, attach: server, processors: {cpu: {cores: 1, speed: 10 GFLOP/s}}}\n"
                      "  server: {tier: edge, processors: {gpu: {cores: 1, speed: 100 GFLOP/s}}}\n"
                      "links: {wifi: {from: phone, to: server, capacity: 80 Mbit/s}}\n"
                      "workloads:\n  photo:\n    at: phone\n    arrivals: {periodic: {period: 1 s, phase: sync}}\n"
                      "    input: 1 MB\n    tasks:\n");
    for (uint32_t i = 0; i < n; i++) {
        at += snprintf(text + at, (size_t)(TEXT - at), "      l%u: {work: %.17g FLOP", i, 3e9 / n);
        at += i == 0 ? 0 : snprintf(text + at, (size_t)(TEXT - at), ", after: {l%u: 500 kB}", i - 1);
        at += snprintf(text + at, (size_t)(TEXT - at), i + 1 < n ? "}\n" : ", output: 10 kB}\n");
    }
    at += snprintf(text + at, (size_t)(TEXT - at), "experiment: {policies: [mct], jobs: %d}\n", JOBS);
    assert_true(at < TEXT);
}

/* What its run took; the mean latency of its jobs. */
static struct run_counts count(uint32_t n_layer, double *latency_s)
{
    static char text[TEXT];
    write_chain(text, n_layer);
    struct scenario s = simulate_read(&(struct simulate_input){.scenario = text});
    struct measure m = {NULL};
    struct record record = {0};
    struct run_counts counts;
    struct err e = {0};
    const struct run_spec run = {.scenario = &s, .spec = s.experiment.policy, .policy = &cutter, .seed = 1,
                                 .full = simulate_fold, .ctx = &m};
    assert_int_equal(measure_init(&m, &s, &(struct measure_options){.member_max = 10}, &e), 0);
    assert_int_equal(drive(&run, s.file, NULL, &counts, &e), 0);
    assert_int_equal(measure_finish(&m, &record, &e), 0);
    assert_int_equal(record.status, RECORD_OK);
    *latency_s = record.metric[M_LATENCY_MEAN];
    measure_clear(&m);
    record_clear(&record);
    scenario_free(&s);
    return counts;
}

/* 1 GFLOP at 10 GFLOP/s, 500 kB at 80 Mbit/s, 2 GFLOP at 100 GFLOP/s, 10 kB back: 100 + 50 + 20 + 1 ms. */
static void test_events_are_those_of_the_cut(void **state)
{
    (void)state;
    double few_s, many_s;
    const struct run_counts few = count(3, &few_s), many = count(600, &many_s);
    assert_near(few_s, 0.171, 1e-9, 0);
    assert_near(many_s, 0.171, 1e-9, 0);
    assert_true(few.n_event > JOBS && few.n_question >= JOBS);
    assert_int_equal(many.n_event, few.n_event);
    assert_int_equal(many.n_question, few.n_question);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_events_are_those_of_the_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
