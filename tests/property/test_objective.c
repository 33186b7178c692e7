/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_objective.c - one formula: what a policy is told as rewards adds up to what results call the objective, whatever ends
 * jobs come to; and by hand, what one job of each kind of end counts.
 */
#include "tests/replicate.h"

/*
 * 1 MB over 8 Mbit/s: 1 s, 8 J, 0.001 USD; then 2 GFLOP at 4 GFLOP/s: 0.5 s, 5 J.  To be filled in: more of the job, the
 * objective, the experiment.
 */
static const char one_job[] =
    "tiersim: 1\n"
    "name: one\n"
    "nodes:\n"
    "  device: {tier: end, attach: edge}\n"
    "  edge: {tier: edge, processors: {cpu: {speed: 4 GFLOP/s}}, power: {idle: 3 W, busy: 13 W}}\n"
    "links: {up: {from: device, to: edge, capacity: 8 Mbit/s, energy: 1 uJ/bit, price: 1 USD/GB}}\n"
    "workloads:\n"
    "  job: {at: device, arrivals: {periodic: {period: 100 s}}, input: 1 MB, work: 2 GFLOP%s}\n"
    "%s"
    "experiment: {policies: [mct], %s}\n";

#define REST    "cost: {weight: 2, per: 0.001 USD}, miss: 1, privacy: 0.5"
#define WEIGHTS "objective: {latency: {per: 100 ms}, energy: {weight: 0.2, per: 1 J}, " REST "}\n"

static double objective_of(const char *job, const char *objective, const char *experiment)
{
    struct scenario s;
    struct tape tape;
    char text[2048];
    snprintf(text, sizeof text, one_job, job, objective, experiment);
    scenario_of_text(&s, text, NULL);
    replicate(replication_of(&s, 0), &tape);
    struct record r = record_of(&s, tape.t, tape.n);
    assert_int_equal(r.status, RECORD_OK);
    assert_near(r.metric[M_JOBS], 1, 0, 0);
    double objective_found = r.metric[M_OBJECTIVE];
    assert_true(r.class_metric[0][M_OBJECTIVE] == objective_found || isnan(objective_found));
    record_clear(&r);
    free(tape.t);
    scenario_free(&s);
    return objective_found;
}

static void a_late_job_by_hand(void **state)
{
    (void)state;
    /* 1.5 s / 0.1 s + 0.2 * 13 J + 2 * 0.001 / 0.001 + 1 + 0.5 */
    assert_near(objective_of(", deadline: 1 s, sensitivity: face", WEIGHTS, "jobs: 1"), 15 + 2.6 + 2 + 1 + 0.5, 1e-12, 0);
    /* in time: no miss */
    assert_near(objective_of(", deadline: 2 s, sensitivity: face", WEIGHTS, "jobs: 1"), 15 + 2.6 + 2 + 0.5, 1e-12, 0);
    /* of no label: not exposed; a weight left out counts nothing */
    assert_near(objective_of(", deadline: 1 s", "objective: {" REST "}\n", "jobs: 1"), 2 + 1, 1e-12, 0);
}

static void a_job_without_a_result_is_charged(void **state)
{
    (void)state;
    /* taken out at 1 s, when its input has just come to the edge: 8 J and the price of the link are spent */
    const char *drop = ", deadline: {after: 1 s, late: drop}";
    const char *within = "objective: {latency: {per: 100 ms}, energy: {weight: 0.2, per: 1 J}, unfinished: 10 ms, " REST "}\n";
    const char *beyond = "objective: {latency: {per: 100 ms}, energy: {weight: 0.2, per: 1 J}, unfinished: 3 s, " REST "}\n";
    assert_near(objective_of(drop, WEIGHTS, "jobs: 1"), 10 + 1.6 + 2 + 1, 1e-12, 0);
    assert_near(objective_of(drop, beyond, "jobs: 1"), 30 + 1.6 + 2 + 1, 1e-12, 0);
    assert_near(objective_of(drop, within, "jobs: 1"), 10 + 1.6 + 2 + 1, 1e-12, 0); /* it was there for longer */
    /* Without a deadline, open after 400 ms: ten times 100 ms; bits of a transfer count when it ends. */
    assert_near(objective_of("", WEIGHTS, "duration: 300 ms, drain: 100 ms"), 10 + 1, 1e-12, 0);
}

static void without_an_objective_there_is_none(void **state)
{
    (void)state;
    assert_true(isnan(objective_of("", "", "jobs: 1")));
}

/* All that ends jobs, and all that they use: full queues, deadlines that drop, rejections, shared places, batches. */
static const char many_jobs[] =
    "tiersim: 1\n"
    "name: many\n"
    "nodes:\n"
    "  device: {tier: end, count: 6, attach: edge, processors: {cpu: {speed: 1 GFLOP/s, queue: 3}}, \n"
    "           power: {idle: 1 W, busy: 4 W}}\n"
    "  edge: {tier: edge, count: 2, processors: {cpu: {cores: 2, speed: 4 GFLOP/s, discipline: ps}, gpu: {speed: 9 GFLOP/s,\n"
    "         discipline: batch, batch: {max: 4, wait: 20 ms}}}, power: {idle: 20 W, busy: 90 W}}\n"
    "  cloud: {tier: cloud, processors: {cpu: {cores: 2, speed: 8 GFLOP/s, discipline: edf}},\n"
    "          power: {idle: 80 W, busy: 300 W}}\n"
    "links:\n"
    "  cell: {from: device, to: edge, per: edge, sharing: fair, capacity: 5 Mbit/s, latency: 3 ms, energy: 200 nJ/bit}\n"
    "  wan: {from: edge, to: cloud, capacity: unlimited, latency: 30 ms, energy: 5 nJ/bit, price: 0.1 USD/GB}\n"
    "workloads:\n"
    "  view: {at: device, arrivals: {poisson: {rate: 2 /s}}, input: {exponential: {mean: 60 kB}}, output: 2 kB,\n"
    "         work: {exponential: {mean: 0.9 GFLOP}}, deadline: {after: 600 ms, late: drop}, sensitivity: face}\n"
    "  sum: {at: device, arrivals: {poisson: {rate: 1.5 /s}}, input: 30 kB, work: {exponential: {mean: 1.2 GFLOP}},\n"
    "        deadline: 500 ms}\n"
    "objective:\n"
    "  latency: {per: 200 ms}\n"
    "  energy: {weight: 0.3, per: 5 J}\n"
    "  cost: {per: 0.00001 USD}\n"
    "  miss: 2\n"
    "  privacy: 0.25\n"
    "experiment: {policies: [random, mct, edf_admission, local, power_of_d], jobs: 1500}\n";

enum { MEASURED = 1500 };

/* What a policy was told of the cohort; a test runs one replication at a time. */
static struct {
    double reward, energy_j, waste_j, cost, bits, exposure;
    uint32_t n, n_end[TS_N_END];
} told;

static int take_news(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v;
    if (o->job < MEASURED) { /* jobs are numbered by their release, and the window opens with the first */
        told.reward += o->reward;
        told.energy_j += o->energy_j;
        told.waste_j += o->waste_j;
        told.cost += o->cost;
        told.bits += o->bits;
        told.exposure += o->exposure;
        told.n_end[o->end]++;
        told.n++;
    }
    return 0;
}

static void rewards_are_the_objective(void **state)
{
    (void)state;
    struct scenario s;
    uint32_t n_end[TS_N_END] = {0};
    scenario_of_text(&s, many_jobs, NULL);
    for (uint32_t p = 0; p < s.experiment.n_policy; p++) {
        struct run_spec spec = replication_of(&s, p);
        struct ts_policy listening = *spec.policy;
        struct tape deaf, tape;
        listening.ended = take_news;
        memset(&told, 0, sizeof told);
        replicate(spec, &deaf);
        spec.policy = &listening;
        replicate(spec, &tape);
        assert_int_equal(digest_of(&s, &deaf), digest_of(&s, &tape)); /* to be told changes nothing */
        struct record r = record_of(&s, tape.t, tape.n);
        assert_int_equal(told.n, MEASURED);
        assert_near(-told.reward / MEASURED, r.metric[M_OBJECTIVE], 1e-12, 0);
        assert_near(told.energy_j, r.metric[M_ENERGY_USEFUL] + r.metric[M_ENERGY_WASTE], 1e-12, 0);
        assert_near(told.waste_j, r.metric[M_ENERGY_WASTE], 1e-12, 0);
        assert_near(told.cost / MEASURED, r.metric[M_COST_PER_JOB], 1e-12, 0);
        assert_near(told.bits / 8 / MEASURED, r.metric[M_BYTES_PER_JOB], 1e-12, 0);
        uint64_t n_exposed = 0;
        for (uint32_t i = 0; i < N_SEGMENT * r.n_class; i++) {
            n_exposed += r.cohort[i].n_exposed;
        }
        assert_near(told.exposure, (double)n_exposed, 0, 0);
        for (unsigned end = 0; end < TS_N_END; end++) {
            n_end[end] += told.n_end[end];
        }
        record_clear(&r);
        free(deaf.t);
        free(tape.t);
    }
    const enum ts_end seen[] = {TS_DONE, TS_LATE, TS_REJECTED, TS_DROP_FULL, TS_DROP_EXPIRED};
    for (size_t i = 0; i < LEN(seen); i++) {
        assert_true(n_end[seen[i]] >= 10); /* else this test is of less than it says */
    }
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_job_by_hand),
        cmocka_unit_test(a_job_without_a_result_is_charged),
        cmocka_unit_test(without_an_objective_there_is_none),
        cmocka_unit_test(rewards_are_the_objective),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
