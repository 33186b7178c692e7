/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_toys_in_run.c - toys that plan graphs, split chains, and put prefill and decode apart, in real runs; and every toy from
 * a shared object makes the run that it makes built in.
 *
 * Layers of 1, 1, 1, 4 GFLOP, 30 bit in, 20, 2, 10 bit between them; the device does 1 GFLOP/s, the cloud 10, and 1 bit/s goes
 * from one to the other.  A job a minute, so none meets another.
 */
#include "tests/replicate.h"

#include <dlfcn.h>

#include "tests/contract/toys/toys.h"

#define TEXT(tasks)                                                                                                     \
    "tiersim: 1\nname: toys\n"                                                                                          \
    "nodes:\n"                                                                                                          \
    "  device: {tier: end, attach: hub, processors: {cpu: {speed: 1 GFLOP/s}}}\n"                                       \
    "  hub: {tier: edge}\n"                                                                                             \
    "  cloud: {tier: cloud, processors: {cpu: {speed: 10 GFLOP/s}}}\n"                                                  \
    "links:\n"                                                                                                          \
    "  air: {from: device, to: hub, per: hub, capacity: 1 bit/s}\n"                                                     \
    "  wan: {from: hub, to: cloud, capacity: unlimited}\n"                                                              \
    "workloads: {job: {at: device, arrivals: {periodic: {period: 1 min}}, input: 30 bit, " tasks "}}\n"                 \
    "experiment: {policies: [local], duration: 10 min}\n"

static const char layers[] = TEXT("tasks: {a: {work: 1 GFLOP}, b: {work: 1 GFLOP, after: {a: 20 bit}}, "
                                  "c: {work: 1 GFLOP, after: {b: 2 bit}}, d: {work: 4 GFLOP, after: {c: 10 bit}}}");
static const char model[] = TEXT("tasks: {prefill: {work: 1 GFLOP}, decode: {work: 4 GFLOP, after: {prefill: 20 bit}}}");
static const char single[] = TEXT("work: 1 GFLOP");

static uint64_t run(const char *text, const struct ts_policy *p, double *latency_s)
{
    struct scenario s;
    struct tape tape;
    scenario_of_text(&s, text, NULL);
    replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = p, .seed = 1}, &tape);
    struct record r = record_of(&s, tape.t, tape.n);
    assert_string_equal(r.text, ""); /* the audit holds */
    *latency_s = r.metric[M_LATENCY_MEAN];
    assert_near(r.metric[M_FINISHED_RATIO], 1, 0, 0);
    const uint64_t digest = r.digest;
    record_clear(&r);
    free(tape.t);
    scenario_free(&s);
    return digest;
}

/*
 * Split after layer b: 2 s here, 2 s for 2 bit, .5 s there.  The toy of HEFT heeds data between tasks alone: all four there,
 * 30 s for the input and .7 s.  Prefill waits nowhere, so it is here, 1 s; its 20 bit take 20 s, decode there .4 s.
 */
static void toys_run_as_by_hand(void **state)
{
    (void)state;
    double latency_s;
    run(layers, &toy_split, &latency_s);
    assert_near(latency_s, 4.5, 1e-9, 0);
    run(layers, &toy_heft, &latency_s);
    assert_near(latency_s, 30.7, 1e-9, 0);
    run(model, &toy_llm, &latency_s);
    assert_near(latency_s, 21.4, 1e-9, 0);
}

static void toys_from_shared_objects_make_the_same_runs(void **state)
{
    static const struct {
        const char *file, *name, *text;
        const struct ts_policy *here;
    } toy[] = {{"mct", "toy_mct", single, &toy_mct},     {"minmin", "toy_minmin", single, &toy_minmin},
               {"heft", "toy_heft", layers, &toy_heft},  {"split", "toy_split", layers, &toy_split},
               {"hedge", "toy_hedge", single, &toy_hedge}, {"llm", "toy_llm", model, &toy_llm}};
    const char *build = getenv("TS_BUILD");
    double here_s, there_s;
    (void)state;
    for (size_t i = 0; i < LEN(toy); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/tests/contract/toys/%s.so", build ? build : "build/release", toy[i].file);
        void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!so) {
            fail_msg("%s", dlerror());
        }
        const struct ts_policy *there = dlsym(so, toy[i].name);
        assert_non_null(there);
        assert_ptr_not_equal(there, toy[i].here);
        assert_true(run(toy[i].text, toy[i].here, &here_s) == run(toy[i].text, there, &there_s));
        assert_near(here_s, there_s, 0, 0);
        dlclose(so);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toys_run_as_by_hand),
        cmocka_unit_test(toys_from_shared_objects_make_the_same_runs),
    };
    return cmocka_run_group_tests_name("toys_in_run", tests, NULL, NULL);
}
