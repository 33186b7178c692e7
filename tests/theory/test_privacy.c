/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_privacy.c - tasks that are private: hard ones stay on the node of their job, soft ones that leave it are counted.  A device
 * of 1 GFLOP/s and an edge of ten times that, with 8 Mbit/s between them, so that 1 MB takes 1 s.
 */
#include "tests/simulate.h"

static const char plant[] =
    "tiersim: 1\n"
    "name: privacy\n"
    "nodes:\n"
    "  device: {tier: end, count: 2, attach: edge, processors: {npu: {speed: 1 GFLOP/s}}}\n"
    "  edge: {tier: edge, processors: {cpu: {speed: 10 GFLOP/s}}}\n"
    "links: {cell: {from: device, to: edge, capacity: 8 Mbit/s}}\n"
    "workloads:\n"
    "  job: {at: device, arrivals: {periodic: {period: 1000 s}}, input: 1 MB";
static const char end[] = "}\nexperiment: {policies: [mct], jobs: 4}\n";

struct result {
    double latency_s, exposed;
};

static void run_with(const char *more, const char *policy, struct result *out)
{
    char text[4096], set[256];
    snprintf(text, sizeof text, "%s, %s%s", plant, more, end);
    snprintf(set, sizeof set, "experiment.policies=[%s]", policy);
    struct simulate_input in = {.scenario = text, .set = {set}};
    struct simulated sim = simulate(&in);
    const struct record *r = simulated_record(&sim, 0, 0);
    *out = (struct result){r->metric[M_LATENCY_MEAN], r->metric[M_EXPOSURE]};
    simulated_clear(&sim);
}

static void assert_run(const char *more, const char *policy, double latency_s, double exposed)
{
    struct result got;
    run_with(more, policy, &got);
    assert_near(got.latency_s, latency_s, 1e-9, 0);
    if (isnan(exposed)) {
        assert_true(isnan(got.exposed));
    } else {
        assert_near(got.exposed, exposed, 0, 0);
    }
}

/* 5 GFLOP: 5 s at the device, 1 s for the input and 0.5 s at the edge. */
static void jobs_of_one_task(void **state)
{
    (void)state;
    assert_run("work: 5 GFLOP", "mct", 1.5, NAN);
    assert_run("work: 5 GFLOP, sensitivity: face", "mct", 1.5, 1);
    assert_run("work: 5 GFLOP, privacy: soft", "mct", 1.5, 1);
    assert_run("work: 5 GFLOP, privacy: soft", "local", 5, 0);
    assert_run("work: 5 GFLOP, privacy: hard", "mct", 5, 0);
    assert_run("work: 5 GFLOP, sensitivity: face, privacy: hard", "mct", 5, 0);
    assert_run("work: 5 GFLOP, sensitivity: face, privacy: none", "mct", 1.5, NAN);
}

/* Three layers in a row of 1, 10 and 1 GFLOP; 1 MB and 0.5 MB between them. */
#define LAYERS(first, middle, last)                                                                                    \
    "tasks: {a: {work: 1 GFLOP" first "}, b: {work: 10 GFLOP, after: {a: 1 MB}" middle "}, "                            \
    "c: {work: 1 GFLOP, after: {b: 0.5 MB}" last "}}"
#define HARD ", privacy: hard"
#define SOFT ", privacy: soft"

/*
 * All at the edge: 1 s for the input and 1.2 s.  With the first layer at the device: 1 + 1 + 1.1 s.  With the last there, too:
 * 1 + 1 + 1 + 0.5 + 1 s, which a single cut cannot do: neurosurgeon keeps all, 12 s.
 */
static void the_best_cut_with_private_layers(void **state)
{
    static const char *const policy[] = {"dads", "jointdnn", "edgeshard", "peft", "mct"};
    (void)state;
    for (size_t i = 0; i < LEN(policy); i++) {
        const bool once = i == 2, asked = i == 4; /* a place has one shard; by its input alone the first layer stays */
        assert_run(LAYERS("", "", ""), policy[i], asked ? 3.1 : 2.2, NAN);
        assert_run(LAYERS(HARD, "", ""), policy[i], 3.1, 0);
        assert_run(LAYERS(HARD, "", HARD), policy[i], once ? 12 : 4.5, 0);
        assert_run(LAYERS(SOFT, "", SOFT), policy[i], asked ? 3.1 : 2.2, 1);
        assert_run(LAYERS(HARD, SOFT, ""), policy[i], 3.1, 1);
    }
    assert_run(LAYERS(HARD, "", ""), "neurosurgeon", 3.1, 0);
    assert_run(LAYERS(HARD, "", HARD), "neurosurgeon", 12, 0);
    assert_run(LAYERS(SOFT, "", ""), "local", 12, 0);
    /* A layer says otherwise than its workload. */
    assert_run("privacy: hard, " LAYERS("", ", privacy: none", ""), "dads", 4.5, 0);
    assert_run("sensitivity: face, " LAYERS(HARD, "", ", privacy: none"), "dads", 3.1, 1);
}

/* Of a service only a layer in the middle is private: the job is exposed, once. */
static void a_private_layer_within_a_service_is_counted(void **state)
{
    (void)state;
    assert_run(LAYERS("", SOFT, ""), "neurosurgeon", 2.2, 1);
    assert_run(LAYERS("", SOFT, ""), "cloud: {run_in: [edge]}", 2.2, 1);
}

/* Places all of a job at the edge, whatever it is told. */
static int place_elsewhere(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st;
    (void)h;
    p->step[p->n++] = (struct ts_step){.verb = TS_PLACE, .upto = a->n_task - 1, .place = v->n_place - 1};
    return 0;
}
static const struct ts_policy elsewhere = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "mct", .about = "-",
                                           .flags = TS_WHOLE_GRAPHS, .state_size = 8, .decide = place_elsewhere};

static void a_plan_against_a_hard_label_is_illegal(void **state)
{
    char text[4096];
    struct err e = {0};
    (void)state;
    snprintf(text, sizeof text, "%s, %s%s", plant, LAYERS(HARD, "", ""), end);
    struct simulate_input in = {.scenario = text, .policy = &elsewhere};
    struct simulated sim = {.s = simulate_read(&in), .n_policy = 1, .n_replication = 1, .policy = &elsewhere};
    sim.record = calloc(1, sizeof *sim.record);
    assert_non_null(sim.record);
    assert_int_equal(simulate_one(&sim, 0, 0, &e), -ERR_POLICY);
    assert_non_null(strstr(e.text, "step 0 places task 0 on place 2, which is not among its candidates 0"));
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_of_one_task),
        cmocka_unit_test(the_best_cut_with_private_layers),
        cmocka_unit_test(a_private_layer_within_a_service_is_counted),
        cmocka_unit_test(a_plan_against_a_hard_label_is_illegal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
