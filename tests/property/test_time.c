/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time and order (SEMANTICS 3) in whole runs: long ones, very short steps, many things at once, and borders. */
#include "tests/replicate.h"

#define SERVER(speed) "nodes: {server: {tier: edge, processors: {cpu: {speed: " speed "}}}}\n"

struct one_run {
    struct scenario s;
    struct tape tape;
    struct run_counts counts;
};

static struct one_run run_of(const char *text)
{
    struct one_run r;
    scenario_of_text(&r.s, text, NULL);
    r.counts = replicate(replication_of(&r.s, 0), &r.tape);
    digest_of(&r.s, &r.tape); /* the audit holds */
    return r;
}

static void forget(struct one_run *r)
{
    free(r->tape.t);
    scenario_free(&r->s);
}

static double ulp(double x)
{
    return nextafter(x, INFINITY) - x;
}

static const struct transition *find(const struct one_run *r, enum transition_kind kind, uint64_t number)
{
    for (size_t i = 0; i < r->tape.n; i++) {
        if (r->tape.t[i].kind == kind && r->tape.t[i].number == number) {
            return &r->tape.t[i];
        }
    }
    fail_msg("job %llu has no such record", (unsigned long long)number);
    return NULL;
}

/*
 * A day is 86400 s: job k is released at k * 86400 exactly, a year on too.  Its latency, 0.1 s up, 0.3 s of service and
 * 0.1 s down, is a difference of clocks, each rounded to a ulp at the year's end (3.7e-9 s).
 */
static void a_year_of_daily_jobs(void **state)
{
    struct one_run r =
        run_of("tiersim: 1\nname: year\n"
               "nodes: {sensor: {tier: end}, server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
               "links: {line: {from: sensor, to: server, capacity: 1 Mbit/s}}\n"
               "workloads: {daily: {at: sensor, arrivals: {periodic: {period: 24 h}}, input: 100 kbit,\n"
               "            work: 0.3 GFLOP, output: 100 kbit}}\n"
               "experiment: {policies: [jsq], duration: 8760 h, drain: 1 h}\n");
    (void)state;
    assert_int_equal(r.counts.n_released, 365);
    for (uint64_t k = 0; k < 365; k++) {
        double released_s = find(&r, TR_RELEASE, k)->time_s, ended_s = find(&r, TR_END, k)->time_s;
        assert_true(released_s == (double)k * 86400);
        assert_near(ended_s - released_s, 0.5, 0, 4 * ulp(ended_s));
    }
    forget(&r);
}

/*
 * Three devices whose jobs meet at a server with one core: the same every 50 s, however they are served.  So the latencies
 * of the first round and those after 10^6 s, of which each is a difference of clocks, agree to 4 ulp(10^6 s) = 4.7e-10 s.
 * A processor gives no job its result earlier than 0.3/0.7 + 0.9 + 0.07/0.7 + 2 * 0.003 = 1.43 s, which is what it takes
 * alone; that they meet shows in the last of the three: the link alone needs 3 * 0.3/0.7 s for their inputs.
 */
static void assert_same_after_a_million_seconds(const char *discipline, const char *sharing)
{
    char processor[128], line[64];
    snprintf(processor, sizeof processor, "nodes.server.processors.cpu={speed: 1 GFLOP/s, %s}", discipline);
    snprintf(line, sizeof line, "links.line.sharing=%s", sharing);
    const char *const set[] = {processor, line, NULL};
    struct one_run r;
    scenario_of_text(&r.s,
                     "tiersim: 1\nname: shift\n"
                     "nodes: {sensor: {tier: end, count: 3},\n"
                     "        server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                     "links: {line: {from: sensor, to: server, per: server, capacity: 0.7 Mbit/s, latency: 3 ms}}\n"
                     "workloads: {round: {at: sensor, arrivals: {periodic: {period: 50 s, phase: sync}},\n"
                     "            input: 300 kbit, work: 0.9 GFLOP, output: 70 kbit}}\n"
                     "experiment: {policies: [jsq], duration: 1000050 s}\n",
                     set);
    r.counts = replicate(replication_of(&r.s, 0), &r.tape);
    digest_of(&r.s, &r.tape); /* the audit holds */
    const uint64_t later = 3 * 20000; /* 10^6 s / 50 s rounds of three jobs */
    double slowest_s = 0;
    assert_int_equal(r.counts.n_released, later + 3);
    for (uint64_t k = 0; k < 3; k++) {
        double first_s = find(&r, TR_END, k)->time_s;
        double last_s = find(&r, TR_END, later + k)->time_s - find(&r, TR_RELEASE, later + k)->time_s;
        assert_near(find(&r, TR_RELEASE, later + k)->time_s, 1e6, 0, 0);
        assert_near(last_s, first_s, 0, 4 * ulp(1e6));
        assert_true(first_s > 0.3 / 0.7 + 0.9 + 0.07 / 0.7 + 2 * 0.003 - 1e-9);
        slowest_s = first_s > slowest_s ? first_s : slowest_s;
    }
    assert_true(slowest_s > 3 * 0.3 / 0.7 + 0.9 + 0.07 / 0.7);
    forget(&r);
}

static void a_million_seconds_later_it_is_the_same(void **state)
{
    static const char *const discipline[] = {
        "discipline: fifo", "discipline: ps", "discipline: priority, preempt: resume",
        "discipline: edf, preempt: resume", "discipline: batch, batch: {max: 2, wait: 100 ms, parallel: 0.5}"};
    (void)state;
    for (size_t i = 0; i < LEN(discipline); i++) {
        assert_same_after_a_million_seconds(discipline[i], "fair");
        assert_same_after_a_million_seconds(discipline[i], "fifo");
    }
}

/* At 10^6 s a ulp is 1.2e-10 s: a service of 1e-11 s ends at the instant of its start, and counts as 1e-11 s. */
static void steps_below_a_ulp_are_carried_as_durations(void **state)
{
    struct one_run r = run_of("tiersim: 1\nname: tiny\n" SERVER(
        "100 GFLOP/s") "workloads: {job: {at: server, arrivals: {periodic: {period: 1000000 s}}, work: 1 FLOP}}\n"
                       "experiment: {policies: [local], duration: 1000001 s}\n");
    (void)state;
    const struct transition *end = find(&r, TR_END, 1);
    assert_true(end->time_s == 1e6);
    assert_near(end->a, 1e-11, 1e-15, 0);
    forget(&r);
}

/* 600000 releases and as many questions at one instant, then as many ends at another. */
static void more_than_a_million_events_at_once(void **state)
{
    struct one_run r = run_of("tiersim: 1\nname: crowd\n"
                              "nodes: {phone: {tier: end, count: 600000, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                              "workloads: {news: {at: phone, arrivals: {periodic: {period: 100 s, phase: sync}},\n"
                              "            work: 0.5 GFLOP}}\n"
                              "experiment: {policies: [local], duration: 10 s}\n");
    uint64_t n_end = 0;
    (void)state;
    assert_int_equal(r.counts.n_released, 600000);
    for (size_t i = 0; i < r.tape.n; i++) {
        const struct transition *t = &r.tape.t[i];
        if (t->kind == TR_END) {
            assert_true(t->time_s == 0.5 && t->number == n_end); /* in the order of their numbers */
            n_end++;
        }
    }
    assert_int_equal(n_end, 600000);
    forget(&r);
}

/* A user who thinks for no time and whose jobs take none never lets time go on. */
static void time_that_stands_still_ends_the_run(void **state)
{
    struct scenario s;
    struct tape tape = {0};
    struct run_counts counts;
    struct err e = {0};
    (void)state;
    scenario_of_text(
        &s,
        "tiersim: 1\nname: zeno\n" SERVER(
            "1 GFLOP/s") "workloads: {hasty: {at: server, arrivals: {closed: {think: 0 s}}, work: 0 FLOP}}\n"
                         "experiment: {policies: [local], duration: 10 s}\n",
        NULL);
    struct run_spec spec = replication_of(&s, 0);
    spec.full = tape_take;
    spec.ctx = &tape;
    assert_int_equal(drive(&spec, NULL, NULL, &counts, &e), -ERR_NUMERIC);
    assert_non_null(strstr(e.text, "more than 1000016 events at 0 s without progress of time"));
    assert_non_null(strstr(e.text, "workload hasty"));
    free(tape.t);
    scenario_free(&s);
}

/*
 * A job each second that takes one, window [2 s, 5 s): measured are those released at 2, 3, 4; of the ends at 1, 2, ...
 * those at 2, 3, 4 count for the throughput.
 */
static void the_window_is_half_open(void **state)
{
    struct one_run r = run_of("tiersim: 1\nname: border\n" SERVER(
        "1 GFLOP/s") "workloads: {job: {at: server, arrivals: {periodic: {period: 1 s}}, work: 1 GFLOP}}\n"
                     "experiment: {policies: [local], warm_up: 2 s, duration: 3 s}\n");
    struct record record = record_of(&r.s, r.tape.t, r.tape.n);
    (void)state;
    assert_near(record.metric[M_JOBS], 3, 0, 0);
    assert_near(record.metric[M_THROUGHPUT], 3. / 3, 1e-15, 0);
    assert_near(record.metric[M_UTILISATION], 1, 1e-15, 0);
    assert_near(record.window_from_s, 2, 0, 0);
    assert_near(record.window_to_s, 5, 0, 0);
    record_clear(&record);
    forget(&r);
}

/* An end at the deadline meets it (class 1 before class 2), one that comes 1 ns late does not. */
static void an_end_at_the_deadline_meets_it(void **state)
{
    static const char text[] = "tiersim: 1\nname: deadline\n" SERVER(
        "1 GFLOP/s") "workloads: {job: {at: server, arrivals: {periodic: {period: 2 s}}, work: 1 GFLOP,\n"
                     "            deadline: {after: 1 s, late: drop}}}\n"
                     "experiment: {policies: [local], duration: 10 s}\n";
    static const char *const late[] = {"workloads.job.deadline.after=0.999999999 s", NULL};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct one_run r;
        scenario_of_text(&r.s, text, i ? late : NULL);
        replicate(replication_of(&r.s, 0), &r.tape);
        for (uint64_t k = 0; k < 5; k++) {
            assert_int_equal(find(&r, TR_END, k)->end, i ? TS_DROP_EXPIRED : TS_DONE);
        }
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_year_of_daily_jobs),
        cmocka_unit_test(a_million_seconds_later_it_is_the_same),
        cmocka_unit_test(steps_below_a_ulp_are_carried_as_durations),
        cmocka_unit_test(more_than_a_million_events_at_once),
        cmocka_unit_test(time_that_stands_still_ends_the_run),
        cmocka_unit_test(the_window_is_half_open),
        cmocka_unit_test(an_end_at_the_deadline_meets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
