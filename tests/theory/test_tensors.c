/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_tensors.c - data that several tasks read: they go to a node once, whoever reads them there.  Schedules are worked out by
 * hand on the plant of test_graph.c: a device, its edge and a cloud in a row, 1 GFLOP takes 1 s of a core, 1 MB 1 s of a link.
 */
#include "tests/simulate.h"

#include "sim/base/stream.h"
#include "tests/plant.h"

static const char plant[] = PLANT("tensors", "1000 s");
static const char one_job[] = "experiment: {policies: [mct], jobs: 1}\n";

/*
 * Where a task goes: to its only candidate, or to one of them by lot.  As a planner of whole graphs neighbours at one place may be
 * one service.
 */
struct rule {
    double lot, as_one;
};

static ts_id place_of(const struct rule *rule, const struct ts_ask *a, const struct ts_task *t)
{
    const struct draw_at at = {.key = {(uint32_t)rule->lot, 0}, .entity = t->step};
    const uint32_t k = rule->lot > 0 ? (uint32_t)(t->n_cand * draw_uniform(&at, 0)) : 0;
    return ts_candidate(a, t, k);
}

static int place_each(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    const struct rule *rule = st;
    (void)v;
    for (uint32_t i = 0; i < a->n_task; i++) {
        if (plant_put(h, p, i, place_of(rule, a, ts_task_at(a, i)), rule->as_one > 0) < 0) {
            return -1;
        }
    }
    return 0;
}

static const struct ts_param rule_param[] = {
    {.key = "lot", .about = "-", .max = 1e6, .flags = TS_WHOLE, .offset = offsetof(struct rule, lot)},
    {.key = "as_one", .about = "-", .max = 1, .flags = TS_WHOLE, .offset = offsetof(struct rule, as_one)},
    {0}};
#define RULE(whole)                                                                                                    \
    {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "mct", .about = "-", .flags = (whole),                   \
     .needs = 1u << TS_IN_S | 1u << TS_NET_J, .state_size = sizeof(struct rule), .param_size = sizeof(struct ts_param), \
     .param = rule_param, .decide = place_each}
static const struct ts_policy asked = RULE(0), planner = RULE(TS_WHOLE_GRAPHS);

struct result {
    double latency_s, energy_j, bytes;
};

static struct result run_under(const struct ts_policy *policy, const char *tasks, const char *set)
{
    char text[16384];
    snprintf(text, sizeof text, "%s    tasks:\n%s%s", plant, tasks, one_job);
    struct simulate_input in = {.scenario = text, .rows = true, .policy = policy, .set = {set}};
    struct simulated sim = simulate(&in);
    const struct record *r = simulated_record(&sim, 0, 0);
    assert_int_equal(sim.rows[0]->end[0], TS_DONE);
    struct result out = {sim.rows[0]->latency[0], sim.rows[0]->energy[0], r->metric[M_BYTES_PER_JOB]};
    simulated_clear(&sim);
    return out;
}

static void assert_run(const char *tasks, double latency_s, double energy_j, double bytes)
{
    const struct ts_policy *const policy[] = {&asked, &planner, NULL};
    for (size_t i = 0; i < LEN(policy); i++) { /* NULL: mct, which asks for estimates */
        const struct result got = run_under(policy[i], tasks, NULL);
        assert_near(got.latency_s, latency_s, 0, 1e-5);
        assert_near(got.energy_j, energy_j, 0, 1e-4);
        assert_near(got.bytes, bytes, 0, 1e-3);
    }
}

/*
 * 1 s of a; its 2 MB to the edge, once, 2 s; b there 1 s and c beside it 3 s; d 1 s; 3 MB back, 3 s.  Energy: 1 J, 5 s of a core at
 * 10 W, and 4e7 bit at 1 uJ.
 */
static void two_readers_at_a_node_are_sent_it_once(void **state)
{
    (void)state;
    assert_run("      a: {work: 1 GFLOP, runs_on: npu}\n"
               "      b: {work: 1 GFLOP, runs_on: cpu, after: {a: {data: 2 MB, tensor: x}}}\n"
               "      c: {work: 3 GFLOP, runs_on: cpu, after: {a: {data: 2 MB, tensor: x}}}\n"
               "      d: {work: 1 GFLOP, runs_on: cpu, after: [b, c]}\n",
               1 + 2 + 3 + 1 + 3, 1 + 50 + 40, 5e6);
}

/* The same without the name: 4 MB share the link, so b and c begin at 5 s. */
static void data_of_their_own_are_sent_for_each(void **state)
{
    (void)state;
    assert_run("      a: {work: 1 GFLOP, runs_on: npu}\n"
               "      b: {work: 1 GFLOP, runs_on: cpu, after: {a: 2 MB}}\n"
               "      c: {work: 3 GFLOP, runs_on: cpu, after: {a: {data: 2 MB, tensor: x}}}\n"
               "      d: {work: 1 GFLOP, runs_on: cpu, after: [b, c]}\n",
               1 + 4 + 3 + 1 + 3, 1 + 50 + 56, 7e6);
}

/* c comes after b and has the data at once. */
static void who_comes_later_finds_it_there(void **state)
{
    (void)state;
    assert_run("      a: {work: 1 GFLOP, runs_on: npu}\n"
               "      b: {work: 1 GFLOP, runs_on: cpu, after: {a: {data: 2 MB, tensor: x}}}\n"
               "      c: {work: 3 GFLOP, runs_on: cpu, after: {a: {data: 2 MB, tensor: x}, b: 1 MB}}\n",
               1 + 2 + 1 + 3 + 3, 1 + 40 + 40, 5e6);
}

/*
 * The input of e comes to the edge in 1 s, which a takes, too; e is done at 2 s, when c is asked about and the data are half of
 * the way for b.  They come at 3 s; c is done at 6 s.
 */
static void who_comes_meanwhile_waits_for_it(void **state)
{
    (void)state;
    assert_run("      a: {work: 1 GFLOP, runs_on: npu}\n"
               "      e: {work: 1 GFLOP, runs_on: cpu}\n"
               "      b: {work: 1 GFLOP, runs_on: cpu, after: {a: {data: 2 MB, tensor: x}}}\n"
               "      c: {work: 3 GFLOP, runs_on: cpu, after: {a: {data: 2 MB, tensor: x}, e: 1 MB}}\n"
               "      d: {work: 1 GFLOP, runs_on: cpu, after: [b, c]}\n",
               3 + 3 + 1 + 3, 1 + 60 + 48, 6e6);
}

/* b takes what comes first, e's; what comes for it later, and what c wants, is one message, and not in vain: 2 s, then 3 s. */
static void what_one_does_without_another_wants(void **state)
{
    (void)state;
    assert_run("      a: {work: 1 GFLOP, runs_on: npu}\n"
               "      e: {work: 0 FLOP, runs_on: npu}\n"
               "      b: {work: 1 GFLOP, runs_on: cpu, join: any, after: {a: {data: 2 MB, tensor: x}, e: 0 B}}\n"
               "      c: {work: 3 GFLOP, runs_on: cpu, after: {a: {data: 2 MB, tensor: x}}}\n"
               "      d: {work: 1 GFLOP, runs_on: cpu, after: [b, c]}\n",
               1 + 2 + 3 + 1 + 3, 1 + 50 + 40, 5e6);
}

/*
 * An inception module, of which h comes before c in the order: s 0.1 s, a and c 1 s, h 20 s, cat 10 s at the device, a tenth of
 * it at the edge.  s makes 4 MB for both a and c, a and c 0.5 MB.  By the model of the papers, in which all comes one after the
 * other, {s, a, c} stay: 2.1 + 2 * 0.5 + 3 = 6.1 s.  The chain s, a, h, c, cat has no such cut; its best is behind s,
 * 0.1 + 4 + 3.2 = 7.3 s, since what a and c read goes once; else (11.3 s) it would be behind a, 1.1 + 0.5 + 4 + 3.1 = 8.7 s.
 *
 * In the run h and c go side by side.  s and a are done at 1.1 s, what h reads comes at 1.6 s and h ends at 3.6 s; c ends at
 * 2.1 s and its data come at 2.6 s; cat ends at 4.6 s.
 */
static const char inception[] =
    "      s: {work: 0.1 GFLOP, runs_on: npu}\n"
    "      a: {work: 1 GFLOP, after: {s: {data: 4 MB, tensor: x}}}\n"
    "      h: {work: 20 GFLOP, after: {a: 0.5 MB}}\n"
    "      c: {work: 1 GFLOP, after: {s: {data: 4 MB, tensor: x}}}\n"
    "      cat: {work: 10 GFLOP, output: 0 B, after: {h: 0.5 MB, c: 0.5 MB}}\n";

static void dads_finds_a_cut_that_no_chain_has(void **state)
{
    static const char *const set[] = {"experiment.policies=[dads: {run_in: [end, edge]}]",
                                      "experiment.policies=[neurosurgeon: {run_in: [end, edge]}]"};
    static const double want_s[] = {4.6, 7.3}, want_bytes[] = {1e6, 4e6};
    (void)state;
    for (int i = 0; i < 2; i++) {
        char text[8192];
        snprintf(text, sizeof text, "%s    tasks:\n%s%s", plant, inception, one_job);
        struct simulate_input in = {.scenario = text, .set = {set[i], "nodes.edge.processors.cpu={speed: 10 GFLOP/s}"}};
        struct simulated sim = simulate(&in);
        const struct record *r = simulated_record(&sim, 0, 0);
        assert_near(r->metric[M_LATENCY_MEAN], want_s[i], 1e-9, 0);
        assert_near(r->metric[M_BYTES_PER_JOB], want_bytes[i], 1e-9, 0);
        simulated_clear(&sim);
    }
}

enum { TASKS = 9, TENSORS = 3 };

/* A random graph as text; what it sends if task k is at place by_lot(k): each tensor, or data of one reader, once to each node. */
static double draw_graph(uint32_t seed, char *text, size_t room)
{
    static const char *const name[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    const struct draw_at at = {.key = {seed, 1}};
    uint32_t j = 0, node[TASKS];
    bool sent[TASKS][TENSORS][3] = {{{false}}};
    bool reads[TASKS] = {false};
    double kb = 0, tensor_kb[TASKS][TENSORS];
    size_t n = 0;
    for (uint32_t k = 0; k < TASKS; k++) {
        const struct draw_at lot = {.key = {seed, 0}, .entity = k};
        node[k] = (uint32_t)(3 * draw_uniform(&lot, 0));
        uint32_t n_in = 0;
        n += (size_t)snprintf(text + n, room - n, "      %s: {work: 100 MFLOP", name[k]);
        for (uint32_t from = 0; from < k; from++) {
            const uint32_t tensor = (uint32_t)(TENSORS * draw_uniform(&at, j++)); /* 0: data of its own */
            const uint32_t far = node[from] > node[k] ? node[from] - node[k] : node[k] - node[from];
            if (draw_uniform(&at, j++) < .5) {
                continue;
            }
            reads[from] = true;
            n += (size_t)snprintf(text + n, room - n, "%s%s: {data: %.17g kB", n_in++ ? ", " : ", after: {", name[from],
                                  tensor_kb[from][tensor]);
            if (tensor) {
                n += (size_t)snprintf(text + n, room - n, ", tensor: t%u", tensor);
            }
            n += (size_t)snprintf(text + n, room - n, "}");
            kb += tensor && sent[from][tensor][node[k]] ? 0 : far * tensor_kb[from][tensor];
            sent[from][tensor][node[k]] = true;
        }
        n += (size_t)snprintf(text + n, room - n, "%s}\n", n_in ? "}" : "");
        kb += n_in ? 0 : 1000 * node[k]; /* the input */
        for (uint32_t i = 0; i < TENSORS; i++) {
            tensor_kb[k][i] = 1 + floor(500 * draw_uniform(&at, j++));
        }
    }
    for (uint32_t k = 0; k < TASKS; k++) {
        kb += reads[k] ? 0 : 3000 * node[k]; /* outputs */
    }
    return 1e3 * kb;
}

static void links_carry_each_tensor_once_to_each_node(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        char text[8192], asks[96], plans[96];
        const double bytes = draw_graph(seed, text, sizeof text);
        snprintf(asks, sizeof asks, "experiment.policies=[mct: {lot: %u}]", seed);
        snprintf(plans, sizeof plans, "experiment.policies=[mct: {lot: %u, as_one: %u}]", seed, seed % 2);
        assert_near(run_under(&asked, text, asks).bytes, bytes, 1e-12, 1e-6);
        assert_near(run_under(&planner, text, plans).bytes, bytes, 1e-12, 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_readers_at_a_node_are_sent_it_once),
        cmocka_unit_test(data_of_their_own_are_sent_for_each),
        cmocka_unit_test(who_comes_later_finds_it_there),
        cmocka_unit_test(who_comes_meanwhile_waits_for_it),
        cmocka_unit_test(what_one_does_without_another_wants),
        cmocka_unit_test(dads_finds_a_cut_that_no_chain_has),
        cmocka_unit_test(links_carry_each_tensor_once_to_each_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
