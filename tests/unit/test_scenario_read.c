/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_scenario_read.c - the shipped scenarios arrive in SI units, field by field; assignments; what is stored. */
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "sim/io/scenario_read.h"

static struct errors errs;

static void read_with(struct scenario *s, const char *path, const char *const *set, size_t n_set)
{
    if (scenario_read(s, path, set, n_set, &errs) != 0) {
        errors_print(&errs, stdout);
        errors_clear(&errs);
        fail_msg("%s is not read", path);
    }
}

/* The scenario that a text describes. */
static void read_text(struct scenario *s, const char *text)
{
    char path[] = "/tmp/tiersim-scenario-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    int rc = scenario_read(s, path, NULL, 0, &errs);
    unlink(path);
    if (rc != 0) {
        errors_print(&errs, stdout);
        errors_clear(&errs);
        fail();
    }
}

static void mm1(void **state)
{
    (void)state;
    struct scenario s;
    read_with(&s, "scenarios/mm1.yaml", NULL, 0);
    assert_string_equal(s.name, "mm1");
    assert_int_equal(s.n_group, 1);
    assert_int_equal(s.n_pool, 1);
    assert_int_equal(s.n_workload, 1);
    assert_int_equal(s.group[0].count, 1);
    assert_string_equal(s.tier_name[s.group[0].tier], "edge");
    assert_string_equal(s.pool[0].name, "cpu");
    assert_int_equal(s.pool[0].units, 1);
    assert_true(s.pool[0].speed_flops == 1e9);
    assert_int_equal(s.pool[0].discipline, DISCIPLINE_FIFO);
    assert_false(s.pool[0].preempt);
    assert_int_equal(s.pool[0].limit, 0);
    const struct workload *w = &s.workload[0];
    assert_string_equal(w->name, "customer");
    assert_int_equal(w->arrivals.kind, ARRIVAL_POISSON);
    assert_true(w->arrivals.rate == 0.9);
    assert_false(w->arrivals.separate);
    assert_int_equal(w->work.dist.kind, DIST_EXPONENTIAL);
    assert_true(dist_mean(&w->work.dist) == 1e9);
    assert_true(dist_mean(&w->input.dist) == 0 && dist_mean(&w->output.dist) == 0);
    assert_int_equal(w->runs_on, 1);
    assert_true(isinf(w->deadline_s));
    assert_false(w->known);
    assert_null(w->sensitivity);
    const struct experiment *x = &s.experiment;
    assert_int_equal(x->n_policy, 1);
    assert_string_equal(x->policy[0].policy, "local");
    assert_string_equal(x->policy[0].label, "local");
    assert_int_equal(x->policy[0].run_in, UINT64_MAX);
    assert_int_equal(x->jobs, 10000000);
    assert_true(isinf(x->duration_s) && isinf(x->drain_s));
    assert_int_equal(x->replications, 1);
    assert_int_equal(x->seed, 1);
    assert_true(x->warm_up_s == 0);
    assert_int_equal(x->compare_to, ROW_NONE);
    assert_int_equal(x->max_in_flight, 4000000);
    scenario_free(&s);
}

static void edge(void **state)
{
    (void)state;
    struct scenario s;
    read_with(&s, "scenarios/edge.yaml", NULL, 0);
    assert_int_equal(s.n_group, 3);
    assert_int_equal(s.group[0].count, 1000);
    assert_int_equal(s.group[0].n_pool, 0);
    assert_int_equal(s.group[0].attach, 1);
    assert_int_equal(s.group[1].attach, ROW_NONE);
    assert_int_equal(s.n_pool, 2);
    assert_int_equal(s.n_kind, 1); /* both are called cpu */
    assert_true(s.pool[s.group[2].first_pool].speed_flops == 62.5e9);
    const struct link *cell = &s.link[0], *wan = &s.link[1];
    assert_int_equal(cell->n_from, 1);
    assert_int_equal(cell->from[0], 0);
    assert_int_equal(cell->to, 1);
    assert_int_equal(cell->per, 1);
    assert_int_equal(cell->n_instance, 10);
    assert_int_equal(cell->sharing, SHARING_FIFO);
    assert_true(cell->direction[DIRECTION_UP].capacity.value == 1e8);
    assert_true(cell->direction[DIRECTION_DOWN].capacity.value == 1e8);
    assert_int_equal(wan->per, 1); /* from is one group: each of its members has a link */
    assert_true(isinf(wan->direction[DIRECTION_UP].capacity.value));
    assert_true(wan->direction[DIRECTION_DOWN].latency.value == 0.05);
    assert_true(dist_mean(&s.workload[0].input.dist) == 75e3 * 8);
    assert_true(dist_mean(&s.workload[0].output.dist) == 37.5e3 * 8);
    const struct policy_spec *random = &s.experiment.policy[0];
    assert_string_equal(random->policy, "random");
    assert_int_equal(random->edges, EDGES_ATTACHED);
    assert_int_equal(random->n_param, 2);
    assert_string_equal(random->param[0].key, "weights.edge");
    assert_true(random->param[0].value == 0.8);
    assert_string_equal(random->param[1].key, "weights.cloud");
    assert_string_equal(random->param[1].text, "0.2");
    assert_int_equal(random->line, 21);
    assert_int_equal(random->column, 14);
    scenario_free(&s);
}

static void factory(void **state)
{
    (void)state;
    struct scenario s;
    read_with(&s, "scenarios/factory.yaml", NULL, 0);
    assert_int_equal(s.n_group, 5);
    assert_true(s.group[0].idle_w == 2 && s.group[0].busy_w == 5);
    assert_true(s.group[3].price_per_s == 14.4 / 3600);
    assert_true(s.group[4].idle_w == 0 && s.group[4].busy_w == 0);
    assert_int_equal(s.group[4].n_pool, 0);
    assert_int_equal(s.n_kind, 3);
    const struct pool *robot = &s.pool[1], *edge = &s.pool[2];
    assert_int_equal(robot->discipline, DISCIPLINE_PRIORITY);
    assert_true(robot->preempt);
    assert_int_equal(edge->discipline, DISCIPLINE_EDF);
    assert_true(edge->preempt);
    assert_non_null(strstr(s.text, "source: \"NVIDIA T4"));

    const struct link *cell = &s.link[0], *wan = &s.link[2];
    assert_int_equal(cell->n_from, 2);
    assert_int_equal(cell->sharing, SHARING_FAIR);
    const struct channel_spec *up = &cell->direction[DIRECTION_UP], *down = &cell->direction[DIRECTION_DOWN];
    assert_int_equal(up->capacity.kind, PROCESS_LOG_AR1);
    assert_true(up->capacity.mean == 6e8 && up->capacity.sd_log == 0.44 && up->capacity.correlation == 0.81);
    assert_true(up->capacity.step_s == 1);
    assert_true(up->capacity.outage_every_s == 10 && up->capacity.outage_lasts_s == 0.2);
    assert_true(up->capacity.outage_value == 2e7);
    assert_non_null(strstr(s.text, "source: statistics published with 5Gophers"));
    assert_true(up->energy_j_per_bit == 110e-9 && down->energy_j_per_bit == 40e-9);
    assert_int_equal(up->latency.kind, PROCESS_DRAWN);
    assert_near(dist_mean(&down->latency.dist), 8e-3, 1e-12, 0);
    assert_true(down->capacity.value == 9e8 && down->capacity.outage_every_s == 0);
    assert_int_equal(wan->direction[0].latency.kind, PROCESS_MARKOV);
    assert_int_equal(wan->direction[0].latency.n_state, 2);
    assert_string_equal(wan->direction[0].latency.state[1].name, "congested");
    assert_true(wan->direction[0].latency.state[1].value == 0.045);
    assert_int_equal(wan->direction[0].capacity.kind, PROCESS_TRACE);
    assert_true(wan->direction[0].capacity.start_random && wan->direction[0].capacity.scale == 1);
    assert_ptr_equal(wan->direction[0].capacity.series, wan->direction[1].capacity.series);
    assert_true(wan->direction[1].price_per_bit == 0.02e-9 / 8);

    const struct workload *frame = &s.workload[0], *alarm = &s.workload[1], *assistant = &s.workload[2];
    assert_int_equal(frame->arrivals.kind, ARRIVAL_PERIODIC);
    assert_true(frame->arrivals.jitter_s == 0.02);
    assert_int_equal(frame->arrivals.phase, PHASE_SPREAD);
    assert_int_equal(frame->runs_on, 1 << 0 | 1 << 2); /* npu, cpu, gpu in the order of their first pools */
    assert_true(frame->deadline_s == 0.25);
    assert_false(frame->drop_late);
    assert_int_equal(alarm->arrivals.kind, ARRIVAL_MMPP);
    assert_false(alarm->arrivals.shared);
    assert_true(alarm->arrivals.modulation.state[1].value == 4);
    assert_true(alarm->deadline_s == 0.06);
    assert_true(alarm->drop_late);
    assert_true(alarm->priority == 2);
    assert_int_equal(assistant->arrivals.kind, ARRIVAL_TRACE);
    assert_int_equal(assistant->work.kind, SIZE_LINEAR);
    assert_int_equal(assistant->work.n_term, 2);
    assert_true(assistant->work.weight[0] == 1e9 && assistant->work.weight[1] == 12e9);
    assert_string_equal(assistant->arrivals.trace->name[assistant->output.column[0]], "output_tokens");
    assert_true(assistant->output.weight[0] == 48);
    assert_string_equal(assistant->sensitivity, "plant");

    const struct experiment *x = &s.experiment;
    assert_int_equal(x->n_policy, 10);
    assert_string_equal(x->policy[8].param[0].key, "margin");
    assert_true(x->policy[8].param[0].value == 0.005);
    assert_int_equal(x->compare_to, 1);
    assert_true(x->warm_up_s == 20 && x->duration_s == 120 && x->drain_s == 10);
    scenario_free(&s);
}

static void the_real_factory(void **state)
{
    (void)state;
    const char *data = getenv("TIERSIM_DATA");
    if (!data || !*data) {
        skip_because("TIERSIM_DATA does not name the folder of the real traces");
    }
    struct scenario s;
    read_with(&s, "scenarios/factory_real.yaml", NULL, 0);
    const struct process *cell = &s.link[0].direction[DIRECTION_UP].capacity;
    assert_int_equal(cell->kind, PROCESS_TRACE);
    assert_true(cell->series->n_row > 500);
    assert_true(s.workload[2].arrivals.trace->n_row == 8819);
    scenario_free(&s);
}

/* The stored text is a scenario of its own, with assignments in it, that stores the same text. */
static void what_is_stored_reads_back(void **state)
{
    (void)state;
    const char *set[] = {"nodes.edge.count=16", "experiment.policies=[jsq, {mct: {margin: 7 ms}}]",
                         "experiment.compare_to=mct", "experiment.jobs=5", "links.wan.latency=2 ms"};
    struct scenario s, again;
    read_with(&s, "scenarios/edge.yaml", set, LEN(set));
    assert_int_equal(s.group[1].count, 16);
    assert_int_equal(s.experiment.compare_to, 1);
    assert_true(s.link[1].direction[0].latency.value == 0.002);
    assert_int_equal(s.experiment.policy[0].line, 0);
    read_text(&again, s.text);
    assert_string_equal(again.text, s.text);
    assert_int_equal(again.group[1].count, 16);
    scenario_free(&s);
    scenario_free(&again);
}

#define HEAD                                                                                                          \
    "tiersim: 1\nname: t\nnodes: {a: {tier: edge, count: 3, processors: {cpu: {speed: 1 GFLOP/s}}}, "                  \
    "b: {tier: cloud, processors: {gpu: {speed: 1 GFLOP/s}}}}\n"
#define TAIL "experiment: {policies: [local], duration: 10 s}\n"

static void every_distribution(void **state)
{
    (void)state;
    /* mean of each by its parameters: pareto a m/(a-1) = 3*2/2; weibull of shape 1 is exponential; lognormal
     * median exp(sigma^2/2); quantiles: trapezes (0.5*(1+3)/2 + 0.5*(3+7)/2); mixture (1*4 + 3*8)/4 */
    static const struct {
        const char *text;
        enum dist_kind kind;
        double mean;
    } row[] = {
        {"5 FLOP", DIST_CONSTANT, 5},
        {"{constant: 5 FLOP}", DIST_CONSTANT, 5},
        {"{uniform: {low: 2 FLOP, high: 6 FLOP}}", DIST_UNIFORM, 4},
        {"{uniform: {mean: 2 FLOP, cv: 0.2}}", DIST_UNIFORM, 2},
        {"{exponential: {mean: 3 FLOP}}", DIST_EXPONENTIAL, 3},
        {"{erlang: {mean: 3 FLOP, stages: 4}}", DIST_ERLANG, 3},
        {"{gamma: {shape: 3, scale: 2 FLOP}}", DIST_GAMMA, 6},
        {"{gamma: {mean: 3 FLOP, cv: 50 %}}", DIST_GAMMA, 3},
        {"{lognormal: {mean: 3 FLOP, cv: 0.6}}", DIST_LOGNORMAL, 3},
        {"{lognormal: {median: 3 FLOP, sigma: 0.5}}", DIST_LOGNORMAL, 3 * 1.1331484530668263},
        {"{weibull: {shape: 1, scale: 3 FLOP}}", DIST_WEIBULL, 3},
        {"{pareto: {shape: 3, minimum: 2 FLOP}}", DIST_PARETO, 3},
        {"{hyperexponential: {mean: 3 FLOP, cv: 2}}", DIST_HYPEREXPONENTIAL, 3},
        {"{hyperexponential: {branches: [{weight: 1, mean: 4 FLOP}, {weight: 3, mean: 8 FLOP}]}}",
         DIST_HYPEREXPONENTIAL, 7},
        {"{normal: {mean: 100 FLOP, sd: 1 FLOP}}", DIST_NORMAL, 100},
        {"{quantiles: [[0, 1 FLOP], [50 %, 3 FLOP], [1, 7 FLOP]]}", DIST_QUANTILES, 3.5},
        {"{mixture: [{weight: 1, of: 4 FLOP}, {weight: 3, of: {exponential: {mean: 8 FLOP}}}]}", DIST_MIXTURE, 7},
    };
    for (size_t i = 0; i < LEN(row); i++) {
        char text[1024];
        snprintf(text, sizeof text, HEAD "workloads: {w: {at: a, arrivals: {poisson: {rate: 1 /s}}, work: %s}}\n" TAIL,
                 row[i].text);
        struct scenario s;
        read_text(&s, text);
        assert_int_equal(s.workload[0].work.dist.kind, row[i].kind);
        assert_near(dist_mean(&s.workload[0].work.dist), row[i].mean, 1e-9, 0);
        scenario_free(&s);
    }
}

static const struct arrivals *read_arrivals_of(struct scenario *s, const char *arrivals)
{
    char text[1024];
    snprintf(text, sizeof text, HEAD "workloads: {w: {at: a, arrivals: %s, work: 1 FLOP}}\n" TAIL, arrivals);
    read_text(s, text);
    return &s->workload[0].arrivals;
}

static void every_kind_of_arrivals(void **state)
{
    (void)state;
    struct scenario s;
    const struct arrivals *a = read_arrivals_of(&s, "{poisson: {rate: 30 /min, sources: separate}}");
    assert_true(a->kind == ARRIVAL_POISSON && a->rate == 0.5 && a->separate);
    scenario_free(&s);
    a = read_arrivals_of(&s, "{onoff: {shared: true, burst: {rate: 5 /s, stays: 2 s}, silent: {stays: 8 s}}}");
    assert_true(a->kind == ARRIVAL_MMPP && a->shared && a->modulation.n_state == 2);
    assert_true(a->modulation.state[0].value == 5 && a->modulation.state[1].value == 0);
    assert_true(a->modulation.state[1].stay_s == 8);
    assert_near(arrivals_rate(a, 3), 3 * 5 * 0.2, 1e-12, 0);
    scenario_free(&s);
    a = read_arrivals_of(&s, "{periodic: {period: 40 ms}}");
    assert_true(a->kind == ARRIVAL_PERIODIC && a->period_s == 0.04 && a->jitter_s == 0 && a->phase == PHASE_SPREAD);
    scenario_free(&s);
    a = read_arrivals_of(&s, "{diurnal: {rate: 2 /s, swing: 30 %, peak: 14 h}}");
    assert_true(a->kind == ARRIVAL_DIURNAL && a->swing == 0.3 && a->period_s == 86400 && a->peak_s == 50400 && a->shared);
    scenario_free(&s);
    a = read_arrivals_of(&s, "{closed: {users: 4, think: {erlang: {mean: 2 s, stages: 2}}}}");
    assert_true(a->kind == ARRIVAL_CLOSED && a->users == 4 && dist_mean(&a->think) == 2);
    assert_int_equal(s.n_source, 12);
    scenario_free(&s);
}

static void labels_tell_policies_apart(void **state)
{
    (void)state;
    struct scenario s;
    read_text(&s, HEAD "workloads: {w: {at: a, arrivals: {poisson: {rate: 1 /s}}, work: 1 FLOP}}\n"
                       "experiment:\n"
                       "  policies: [mct, mct: {margin: 5 ms, deep: {x: true}}, mct: {label: mine}, jsq: {run_in: cloud}]\n"
                       "  duration: 10 s\n"
                       "  compare_to: mine\n");
    const struct policy_spec *policy = s.experiment.policy;
    assert_string_equal(policy[0].label, "mct");
    assert_string_equal(policy[1].label, "mct(margin=5 ms, deep.x=true)");
    assert_true(policy[1].param[1].value == 1);
    assert_string_equal(policy[2].label, "mine");
    assert_string_equal(policy[3].label, "jsq");
    assert_int_equal(policy[3].run_in, 1 << 2); /* end, edge, cloud */
    assert_int_equal(s.experiment.compare_to, 2);
    assert_true(s.experiment.drain_s == 5); /* half the duration */
    scenario_free(&s);
}

static void pools_and_tiers(void **state)
{
    (void)state;
    struct scenario s;
    read_text(&s,
              "tiersim: 1\nname: t\ntiers: [fog]\n"
              "defaults: &node {tier: fog, power: {idle: 7 W}}\n"
              "nodes:\n"
              "  a:\n"
              "    <<: *node\n"
              "    count: 1e3\n"
              "    processors:\n"
              "      cpu: {speed: 1 GFLOP/s, queue: 8, discipline: priority, preempt: none}\n"
              "      gpu: {speed: 1 TFLOP/s, discipline: batch, batch: {max: 16, wait: 5 ms, parallel: 0.9}}\n"
              "  b: {<<: *node, tier: edge, attach: {to: a, by: even}, processors: {cpu: {cores: 2, speed: 2 GFLOP/s}}}\n"
              "links: {l: {from: b, to: a, capacity: {value: 1 Gbit/s, outage: {every: 1 h, lasts: 1 s}}, latency: 1 ms}}\n"
              "workloads: {w: {at: b, arrivals: {poisson: {rate: 1 /s}}, work: 1 FLOP, runs_on: gpu}}\n" TAIL);
    assert_string_equal(s.tier_name[s.group[0].tier], "fog");
    assert_int_equal(s.group[0].tier, 3);
    assert_int_equal(s.group[1].tier, 1);
    assert_true(s.group[1].idle_w == 7 && s.group[1].busy_w == 7);
    assert_int_equal(s.group[0].count, 1000);
    assert_int_equal(s.pool[0].limit, 8);
    assert_false(s.pool[0].preempt);
    assert_int_equal(s.pool[1].batch_max, 16);
    assert_true(s.pool[1].batch_wait_s == 0.005 && s.pool[1].batch_overhead_s == 0 && s.pool[1].batch_parallel == 0.9);
    assert_int_equal(s.pool[2].kind, s.pool[0].kind);
    assert_int_equal(s.workload[0].runs_on, 1 << 1);
    assert_true(s.link[0].direction[0].capacity.outage_every_s == 3600);
    assert_null(strstr(s.text, "defaults"));
    scenario_free(&s);
}

/* Linear in groups: with anything quadratic in the reader this would take minutes. */
static void ten_thousand_groups(void **state)
{
    (void)state;
    enum { N = 10000 };
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    fputs("tiersim: 1\nname: t\nnodes:\n  hub: {tier: cloud}\n", out);
    for (int i = 0; i < N; i++) {
        fprintf(out, "  g%d: {tier: end, count: %d, processors: {cpu: {speed: 1 GFLOP/s}}}\n", i, i + 1);
    }
    fputs("workloads: {w: {at: g9999, arrivals: {poisson: {rate: 1 /s}}, work: 1 FLOP}}\n" TAIL, out);
    fclose(out);
    struct scenario s;
    read_text(&s, text);
    assert_int_equal(s.n_group, N + 1);
    assert_int_equal(s.group[N].count, N);
    assert_int_equal(s.workload[0].group, N);
    free(text);
    scenario_free(&s);
}

struct hashed {
    uint32_t entity;
    unsigned number;
};

static int by_entity(const void *va, const void *vb)
{
    const struct hashed *a = va, *b = vb;
    return (a->entity > b->entity) - (a->entity < b->entity);
}

static const char *scrambled_name(char *buf, size_t n, unsigned number)
{
    snprintf(buf, n, "w%x_%x", number * 0x9e3779b1u, number * 0x85ebca6bu + 1);
    return buf;
}

/* Of 2^18 names about 2^36 / 2 / 2^32 = 8 pairs have one 32-bit hash; their workloads would share their luck. */
static void two_names_of_one_hash_are_refused(void **state)
{
    enum { N = 1 << 18 };
    struct hashed *hashed = calloc(N, sizeof *hashed);
    struct scenario s;
    char name[32], first[32], second[32], address[64], text[1024], want[128], path[] = "/tmp/tiersim_hash_XXXXXX";
    size_t i = 1;
    (void)state;
    assert_non_null(hashed);
    for (unsigned k = 0; k < N; k++) {
        snprintf(address, sizeof address, "workloads.%s", scrambled_name(name, sizeof name, k));
        hashed[k] = (struct hashed){stream_entity(address), k};
    }
    qsort(hashed, N, sizeof *hashed, by_entity);
    while (i < N && hashed[i].entity != hashed[i - 1].entity) {
        i++;
    }
    assert_true(i < N);
    scrambled_name(first, sizeof first, hashed[i - 1].number);
    scrambled_name(second, sizeof second, hashed[i].number);
    snprintf(text, sizeof text,
             "tiersim: 1\nname: t\nnodes: {a: {tier: end, processors: {cpu: {speed: 1 GFLOP/s}}}}\nworkloads:\n"
             "  %s: &w {at: a, arrivals: {poisson: {rate: 1 /s}}, work: 1 FLOP}\n  middle: *w\n  %s: *w\n" TAIL,
             first, second);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    assert_int_equal(scenario_read(&s, path, NULL, 0, &errs), -ERR_INPUT);
    unlink(path);
    snprintf(want, sizeof want, "workloads.%s: its name hashes as that of %s", second, first);
    assert_int_equal(errs.n, 1);
    assert_non_null(strstr(errs.entry[0].text, want));
    errors_clear(&errs);
    free(hashed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mm1),
        cmocka_unit_test(edge),
        cmocka_unit_test(factory),
        cmocka_unit_test(the_real_factory),
        cmocka_unit_test(what_is_stored_reads_back),
        cmocka_unit_test(every_distribution),
        cmocka_unit_test(every_kind_of_arrivals),
        cmocka_unit_test(labels_tell_policies_apart),
        cmocka_unit_test(pools_and_tiers),
        cmocka_unit_test(ten_thousand_groups),
        cmocka_unit_test(two_names_of_one_hash_are_refused),
    };
    return cmocka_run_group_tests_name("scenario_read", tests, NULL, NULL);
}
