/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_compression.c - data that go packed between nodes, by hand: a device of 1 GFLOP/s and an edge, with 8 Mbit/s between them,
 * so that 1 MB takes 1 s.
 */
#include "tests/simulate.h"

#define PLANT(cpu)                                                                                                     \
    "tiersim: 1\n"                                                                                                     \
    "name: compression\n"                                                                                              \
    "nodes:\n"                                                                                                         \
    "  device: {tier: end, attach: edge, processors: {npu: {speed: 1 GFLOP/s}}, power: {idle: 0 W, busy: 1 W}}\n"      \
    "  edge: {tier: edge, processors: {cpu: " cpu "}, power: {idle: 0 W, busy: 20 W}}\n"                               \
    "  cloud: {tier: cloud, processors: {gpu: {speed: 1 GFLOP/s}}}\n"                                                  \
    "links:\n"                                                                                                         \
    "  cell: {from: device, to: edge, capacity: 8 Mbit/s, energy: 1 uJ/bit}\n"                                         \
    "  wan: {from: edge, to: cloud, capacity: 8 Mbit/s}\n"                                                             \
    "workloads:\n"                                                                                                     \
    "  job:\n"                                                                                                         \
    "    at: device\n"                                                                                                 \
    "    arrivals: {periodic: {period: 1000 s, phase: sync}}\n"
#define EXPERIMENT "experiment: {policies: [mct], jobs: 2}\n"

struct result {
    double latency_s, energy_j, bytes, accuracy;
};

static struct result run_with(const struct ts_policy *policy, const char *text, const char *set, const char *more)
{
    struct simulate_input in = {.scenario = text, .policy = policy, .set = {set, more}};
    struct simulated sim = simulate(&in);
    const double *m = simulated_record(&sim, 0, 0)->metric;
    const struct result out = {m[M_LATENCY_MEAN], m[M_ENERGY_PER_JOB], m[M_BYTES_PER_JOB], m[M_ACCURACY]};
    simulated_clear(&sim);
    return out;
}

static void assert_result(struct result got, struct result want)
{
    assert_near(got.latency_s, want.latency_s, 1e-9, 0);
    assert_near(got.energy_j, want.energy_j, 1e-9, 0);
    assert_near(got.bytes, want.bytes, 1e-9, 1e-9);
    assert_near(got.accuracy, want.accuracy, 1e-12, 0);
}

/*
 * Three layers, 10 times as fast at the edge.  As they are: all at the device 10 s; all at the edge 4 s for the input and 1 s; cut
 * behind a 1 + 8 + 0.9 s, behind b 4 + 2 + 0.6 s.  Packed what a makes is 1 MB: 1 + 0.1 + 1 + 0.1 + 0.9 s behind a, the best.
 */
static const char layers[] =
    PLANT("{speed: 10 GFLOP/s}")
    "    input: 4 MB\n"
    "    tasks:\n"
    "      a: {work: 1 GFLOP}\n"
    "      b: {work: 3 GFLOP, after: {a: {data: 8 MB, compress: {ratio: 8, pack: 0.1 GFLOP, unpack: 1 GFLOP, loss: 0.01}}}}\n"
    "      c: {work: 6 GFLOP, after: {b: 2 MB}, accuracy: 0.9}\n"
    EXPERIMENT;

static void compression_moves_the_best_cut(void **state)
{
    static const char *const name[] = {"neurosurgeon", "dads", "jointdnn", "resplit", "edgent", "spinn"};
    /* 1.1 s at 1 W, 1 s at 20 W, 8e6 bit at 1 uJ; all at the edge 1 s at 20 W and 32e6 bit. */
    const struct result packed = {3.1, 1.1 + 20 + 8, 1e6, 0.89}, plain = {5, 20 + 32, 4e6, 0.9};
    (void)state;
    for (size_t i = 0; i < LEN(name); i++) {
        char with[128], never[128], sure[128];
        const char *loss = strcmp(name[i], "spinn") == 0 ? "loss: 0.02, " : "";
        snprintf(with, sizeof with, "experiment.policies=[%s: {%srun_in: [end, edge]}]", name[i], loss);
        snprintf(never, sizeof never, "experiment.policies=[%s: {%scompress: never, run_in: [end, edge]}]", name[i], loss);
        snprintf(sure, sizeof sure, "experiment.policies=[%s: {%smost_loss: 0.005, run_in: [end, edge]}]", name[i], loss);
        assert_result(run_with(NULL, layers, with, NULL), packed);
        assert_result(run_with(NULL, layers, never, NULL), plain);
        assert_result(run_with(NULL, layers, sure, NULL), plain);
    }
    /* spinn may lose a hundredth of 0.9, which is less than packing costs. */
    assert_result(run_with(NULL, layers, "experiment.policies=[spinn: {run_in: [end, edge]}]", NULL), plain);
    /* Who is asked layer by layer sends data as they are: a and b at the device, 4 s, then 2 s and 0.6 s. */
    assert_result(run_with(NULL, layers, "experiment.policies=[mct: {run_in: [end, edge]}]", NULL),
                  (struct result){6.6, 4 + 12 + 16, 2e6, 0.9});
    /* Energy of the device: 1.1 + 8 J packed, 10 J at the device, 32 J for the input. */
    assert_result(run_with(NULL, layers, "experiment.policies=[neurosurgeon: {aim: energy, run_in: [end, edge]}]", NULL), packed);
    assert_result(run_with(NULL, layers, "experiment.policies=[neurosurgeon: {aim: energy, compress: never, run_in: [end, edge]}]",
                           NULL), (struct result){10, 10, 0, 0.9});
}

/* Plans whole graphs: each task by itself to its only candidate, all that is offered packed. */
static int pack_all(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st;
    (void)v;
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return -1;
    }
    for (uint32_t i = 0; i < a->n_task; i++) {
        p->step[p->n++] = (struct ts_step){.verb = TS_PLACE, .flags = TS_PACK, .task = i,
                                           .place = ts_candidate(a, ts_task_at(a, i), 0)};
    }
    return 0;
}
static const struct ts_policy packer = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "mct", .about = "-",
                                        .flags = TS_WHOLE_GRAPHS, .state_size = 8, .decide = pack_all};

/*
 * 1 s and 0.5 s to pack; 2 MB; b and c unpack for 0.25 s each: b ends at 4.75 s, c at 6.75 s; d takes 1 s.  1.5 s at 1 W, 5.5 s
 * of one of two cores at 20 W, 16e6 bit.
 */
static const char shared[] =
    PLANT("{speed: 1 GFLOP/s, cores: 2}")
    "    tasks:\n"
    "      a: {work: 1 GFLOP, runs_on: npu}\n"
    "      b: {work: 1 GFLOP, runs_on: cpu, after: {a: &x {data: 8 MB, tensor: x, compress: {ratio: 4, pack: 0.5 GFLOP, "
    "unpack: 0.25 GFLOP, loss: 0.02}}}}\n"
    "      c: {work: 3 GFLOP, runs_on: cpu, after: {a: *x}}\n"
    "      d: {work: 1 GFLOP, runs_on: cpu, after: [b, c], accuracy: 0.9}\n"
    "%s" EXPERIMENT;

static void what_several_read_is_packed_once(void **state)
{
    char text[4096];
    (void)state;
    snprintf(text, sizeof text, shared, "");
    assert_result(run_with(&packer, text, NULL, NULL), (struct result){7.75, 1.5 + 55 + 16, 2e6, 0.88});
    /* With a reader in the cloud: 2 MB more over two hops, and nothing more is lost; it goes on from there to d as it is. */
    snprintf(text, sizeof text, shared, "      e: {work: 1 GFLOP, runs_on: gpu, after: {a: *x}, accuracy: 0.95}\n");
    const struct result got = run_with(&packer, text, NULL, NULL);
    assert_near(got.bytes, 6e6, 1e-9, 0);
    assert_near(got.accuracy, 0.88, 1e-12, 0);
}

/* Work in seconds: 2 s at the device, of which a flop is worth nothing; packing is flop of its processor all the same. */
static void packing_is_work_of_the_processor(void **state)
{
    static const char text[] =
        PLANT("{speed: 10 GFLOP/s}")
        "    tasks:\n"
        "      a: {work: {seconds: {npu: 2 s}}}\n"
        "      b: {work: {seconds: {cpu: 3 s}}, accuracy: 0.5, after: {a: {data: 8 MB, compress: {ratio: 4, pack: 0.5 GFLOP, "
        "unpack: 5 GFLOP}}}}\n"
        EXPERIMENT;
    (void)state;
    assert_result(run_with(&packer, text, NULL, NULL), (struct result){2 + .5 + 2 + .5 + 3, 2.5 + 70 + 16, 2e6, 0.5});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compression_moves_the_best_cut),
        cmocka_unit_test(what_several_read_is_packed_once),
        cmocka_unit_test(packing_is_work_of_the_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
