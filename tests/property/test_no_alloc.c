/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nothing is allocated in the event loop once the system is warm, so memory does not grow with the number of simulated
 * jobs.  The folds allocate for the octaves that the latencies of a new segment of the window fall into, and for nothing
 * else: each such allocation adds an octave or more to a sketch.
 */
#include "tests/allocations.h"
#include "tests/workshop.h"

struct watch {
    struct measure measure;
    bool open;
    size_t in_folds;          /* allocations of the folds in the window */
    size_t at_open, at_close; /* all allocations */
    uint64_t n_job;           /* released in the window */
};

/* The borders of the window are seen up to a buffer of transitions late and early. */
static void fold(void *ctx, const struct transition *t, size_t n)
{
    struct watch *w = ctx;
    size_t before = allocations.n;
    bool opens = false, closes = false;
    for (size_t i = 0; i < n; i++) {
        opens |= t[i].kind == TR_WINDOW && t[i].row == 0;
        closes |= t[i].kind == TR_WINDOW && t[i].row == 1;
        w->n_job += w->open && t[i].kind == TR_RELEASE;
    }
    if (closes) {
        w->at_close = allocations.n;
        w->open = false;
    }
    measure_fold(&w->measure, t, n);
    w->in_folds += w->open ? allocations.n - before : 0;
    if (opens) {
        w->at_open = allocations.n;
        w->open = true;
    }
}

static size_t octaves(const struct record *r)
{
    size_t n = 0;
    for (size_t i = 0; i < (size_t)N_SEGMENT * r->n_class; i++) {
        n += r->latency[i].n / SKETCH_PER_OCTAVE;
    }
    return n;
}

/* Under every policy of the scenario. */
static void assert_no_allocation(const struct scenario *s, uint64_t n_job)
{
    for (uint32_t p = 0; p < s->experiment.n_policy; p++) {
        struct watch w = {.open = false};
        struct record r = {0};
        struct run_counts counts;
        struct err e = {0};
        struct run_spec spec = replication_of(s, p);
        spec.full = fold;
        spec.ctx = &w;
        assert_int_equal(measure_init(&w.measure, s, NULL, NULL), 0);
        assert_int_equal(drive(&spec, NULL, NULL, &counts, &e), 0);
        assert_true(w.n_job > n_job && w.at_close > 0);
        if (w.at_close - w.at_open != w.in_folds) {
            fail_msg("%s under %s: %zu allocations in the event loop", s->name, spec.policy->name,
                     w.at_close - w.at_open - w.in_folds);
        }
        assert_int_equal(measure_finish(&w.measure, &r, NULL), 0);
        assert_true(w.in_folds <= octaves(&r));
        measure_clear(&w.measure);
        record_clear(&r);
    }
}

/* All disciplines and kinds of arrivals, drops by deadline and by full queues; not overloaded. */
static void in_the_workshop(void **state)
{
    static const char *const set[] = {"nodes.edge.processors.gpu.speed=60 GFLOP/s",
                                      "nodes.cloud.processors.gpu.speed=60 GFLOP/s",
                                      "nodes.gateway.processors.gpu.speed=100 GFLOP/s",
                                      "nodes.robot.processors.cpu.speed=30 GFLOP/s",
                                      "nodes.camera.processors.npu.speed=40 GFLOP/s",
                                      "experiment.warm_up=100 s",
                                      "experiment.duration=300 s",
                                      NULL};
    struct scenario s;
    (void)state;
    workshop_read(&s, (struct workshop){.set = set});
    assert_no_allocation(&s, 10000);
    scenario_free(&s);
}

static void assert_none_in_file(const char *path, const char *const *set, size_t n_set, uint64_t n_job)
{
    struct scenario s;
    struct errors errs = {0};
    assert_int_equal(scenario_read(&s, path, set, n_set, &errs), 0);
    assert_no_allocation(&s, n_job);
    errors_clear(&errs);
    scenario_free(&s);
}

static void in_the_edge_workload(void **state)
{
    static const char *const set[] = {"experiment.jobs=200000", "experiment.warm_up=20 s"};
    (void)state;
    assert_none_in_file("scenarios/edge.yaml", set, LEN(set), 150000);
}

/* At load 0.5 no queue of 64, for which there is room from the start, is ever met: 0.5^64.  (At 0.9 longer ones come late.) */
static void in_a_single_queue(void **state)
{
    static const char *const set[] = {"experiment.jobs=200000", "experiment.warm_up=1000 s",
                                      "workloads.customer.arrivals.poisson.rate=0.5 /s"};
    (void)state;
    assert_none_in_file("scenarios/mm1.yaml", set, LEN(set), 150000);
}

/* What makes the tests above see something: the counter counts the library's allocations. */
static void allocations_are_counted(void **state)
{
    struct scenario s;
    (void)state;
    size_t before = allocations.n;
    workshop_read(&s, (struct workshop){0});
    assert_true(allocations.n > before);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_counted),
        cmocka_unit_test(in_the_workshop),
        cmocka_unit_test(in_the_edge_workload),
        cmocka_unit_test(in_a_single_queue),
    };
    return cmocka_run_group_tests(tests, workshop_setup, NULL);
}
