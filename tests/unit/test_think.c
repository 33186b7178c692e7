/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_think.c - a time to decide that is given as work: what it takes on one core of the controller's processor.
 *
 * The edge has an npu of 30 GFLOP/s first, and a cpu whose profile takes 5 us to start a model, and for a gemm 10 us, 10 GFLOP/s
 * and 1 GB/s; devices of both kinds do 2 GFLOP/s.
 */
#include "tests/simulate.h"

static const char text[] =
    "tiersim: 1\n"
    "name: think\n"
    "nodes:\n"
    "  near: {tier: end, attach: edge, processors: {cpu: {speed: 2 GFLOP/s}}}\n"
    "  far: {tier: end, attach: edge, processors: {cpu: {speed: 2 GFLOP/s}}}\n"
    "  edge:\n"
    "    tier: edge\n"
    "    processors:\n"
    "      npu: {cores: 4, speed: 30 GFLOP/s, profile: {operators: {gemm: {speed: 30 GFLOP/s}}}}\n"
    "      cpu:\n"
    "        speed: 10 GFLOP/s\n"
    "        profile: {start: 5 us, operators: {gemm: {once: 10 us, speed: 10 GFLOP/s, bandwidth: 8 Gbit/s}}}\n"
    "links: {cell: {from: [near, far], to: edge, per: edge, capacity: 10 Mbit/s}}\n"
    "workloads:\n"
    "  job: {at: near, arrivals: {poisson: {rate: 1 /s}}, work: 1 GFLOP}\n"
    "  other: {at: far, arrivals: {poisson: {rate: 1 /s}}, work: 1 GFLOP}\n"
    "experiment:\n"
    "  controller: {at: edge, think: {work: 3 MFLOP}}\n"
    "  duration: 10 s\n"
    "  policies:\n"
    "    - mct\n"                                                                                  /* 3 / 30000 s */
    "    - mct: {label: b, think: {work: 3 MFLOP, processor: cpu}}\n"                                        /* 3 / 10000 s */
    "    - mct: {label: c, think: {work: {operators: {gemm: {count: 2, flop: 4 MFLOP, bytes: 3 MB}}}, processor: cpu}}\n"
                                                                               /* 5 us + 2 * 10 us + .4 ms + 3 ms */
    "    - mct: {label: d, at: origin}\n"                                                                    /* 3 / 2000 s */
    "    - mct: {label: e, think: {work: {exponential: {mean: 6 MFLOP}}}}\n"                                 /* 6 / 30000 s */
    "    - mct: {label: f, think: {work: {seconds: {npu: 7 ms, cpu: 9 ms}}, processor: cpu}}\n"
    "    - mct: {label: g, think: 4 ms}\n";

static void work_takes_what_the_processor_needs(void **state)
{
    static const double want_s[] = {1e-4, 3e-4, 3.425e-3, 1.5e-3, 2e-4, 9e-3, 4e-3};
    struct scenario s = simulate_read(&(struct simulate_input){.scenario = text});
    (void)state;
    assert_int_equal(s.experiment.n_policy, LEN(want_s));
    for (size_t i = 0; i < LEN(want_s); i++) {
        const struct control *c = &s.experiment.policy[i].control;
        assert_near(dist_mean(&c->think), want_s[i], 1e-12, 0);
        assert_false(c->measured_think);
    }
    scenario_free(&s);
}

/* Of controllers over others, which think at the edge whatever is below: 6 / 30000 s, 6 / 10000 s, and for times nothing new. */
static void controllers_over_others_think_as_long(void **state)
{
    static const struct {
        const char *think;
        double want_s;
    } t[] = {{"{work: 6 MFLOP}", 2e-4}, {"{work: 6 MFLOP, processor: cpu}", 6e-4}, {"{exponential: {mean: 5 ms}}", 5e-3},
             {"7 ms", 7e-3}};
    (void)state;
    for (size_t i = 0; i < LEN(t); i++) {
        char set[200];
        snprintf(set, sizeof set,
                 "experiment.policies=[{mct: {at: origin, over: {policy: two_level, period: 1 s, at: edge, think: %s}}}]",
                 t[i].think);
        struct scenario s = simulate_read(&(struct simulate_input){.scenario = text, .set = {set}});
        assert_near(dist_mean(&s.experiment.policy[0].control.think), 1.5e-3, 1e-12, 0);
        assert_near(dist_mean(&s.experiment.policy[0].control.over->control.think), t[i].want_s, 1e-12, 0);
        assert_non_null(strstr(s.experiment.policy[0].control.text, t[i].think));
        scenario_free(&s);
    }
}

/* What a result file keeps gives the same times again. */
static void it_is_kept_as_it_was_written(void **state)
{
    struct scenario s = simulate_read(&(struct simulate_input){.scenario = text});
    (void)state;
    assert_non_null(strstr(s.experiment.policy[1].control.text, "think: {work: 3 MFLOP, processor: cpu}"));
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_takes_what_the_processor_needs),
        cmocka_unit_test(controllers_over_others_think_as_long),
        cmocka_unit_test(it_is_kept_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
