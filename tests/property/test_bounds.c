/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_bounds.c - no policy beats a bound: every built-in one, the clairvoyant too, on small scenarios made up at random of all
 * that the model has; and the bounds of cases small enough for the head.
 */
#include "tests/replicate.h"

#include "sim/experiment/bound_lp.h"
#include "sim/experiment/bounds.h"
#include "sim/experiment/exhaust.h"
#include "sim/measure/relax.h"

/* xorshift: which scenarios are made up does not depend on the C library. */
static uint64_t dice;
static uint32_t roll(uint32_t n)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (uint32_t)(dice >> 33) % n;
}

#define ANY(...) (((const char *const[]){__VA_ARGS__})[roll(LEN(((const char *const[]){__VA_ARGS__})))])

/* Nodes and links; the place where to go on. */
static size_t make_up_system(char *text, size_t room)
{
    return (size_t)snprintf(text, room,
             "tiersim: 1\n"
             "name: made_up\n"
             "nodes:\n"
             "  device: {tier: end, count: %u, attach: edge%s, power: {idle: 1 W, busy: %u W}}\n"
             "  edge: {tier: edge, count: %u, processors: {%s}, power: {idle: 5 W, busy: 40 W}}\n"
             "  cloud: {tier: cloud, processors: {cpu: {cores: %u, speed: 8 GFLOP/s, discipline: %s}},\n"
             "          power: {idle: 9 W, busy: 200 W}}\n"
             "links:\n"
             "  cell: {from: device, to: edge, per: %s, sharing: %s, capacity: %s, latency: %s, energy: 200 nJ/bit}\n"
             "  wan: {from: edge, to: cloud, capacity: %s, latency: %s, price: 0.1 USD/GB, energy: 1 nJ/bit}\n",
             1 + roll(4),
             ANY("", ", processors: {cpu: {speed: 1 GFLOP/s}}", ", processors: {cpu: {speed: 2 GFLOP/s, queue: 2}}"),
             2 + roll(3), 1 + roll(2),
             ANY("cpu: {cores: 2, speed: 3 GFLOP/s, levels: [{speed: 4 GFLOP/s, power: 90 W}]}",
                 "cpu: {speed: 5 GFLOP/s, discipline: ps}",
                 "gpu: {speed: 9 GFLOP/s, discipline: batch, batch: {max: 3, wait: 10 ms, overhead: 2 ms, parallel: 60 %}}",
                 "cpu: {speed: 4 GFLOP/s, discipline: edf}, gpu: {speed: 7 GFLOP/s, queue: 3}"),
             1 + roll(3), ANY("fifo", "ps", "edf"), ANY("edge", "device"), ANY("fifo", "fair", "none"),
             ANY("10 Mbit/s", "50 Mbit/s",
                 "{markov: {good: {value: 40 Mbit/s, stays: 500 ms}, bad: {value: 2 Mbit/s, stays: 200 ms}}}",
                 "{log_ar1: {mean: 20 Mbit/s, sd_log: 0.5, correlation: 0.8, step: 100 ms}}"),
             ANY("0 s", "4 ms", "{exponential: {mean: 5 ms}}",
                 "{markov: {a: {value: 1 ms, stays: 1 s}, b: {value: 30 ms, stays: 1 s}}}"),
             ANY("unlimited", "100 Mbit/s"), ANY("20 ms", "{uniform: {low: 5 ms, high: 30 ms}}"));
}

static void make_up(char *text, size_t room)
{
    const char *objective = ANY(
        "", "objective: {latency: {per: 50 ms}, energy: {weight: 0.3, per: 1 J}, miss: 2}\n",
        "objective: {miss: 1, privacy: 0.5, cost: {per: 0.00001 USD}}\n",
        "objective: {latency: {per: 200 ms}, miss: 0.1, unfinished: 20 ms, energy: {per: 5 J}}\n");
    size_t n = make_up_system(text, room);
    n += (size_t)snprintf(text + n, room - n,
             "workloads:\n"
             "  one: {at: device, arrivals: {poisson: {rate: %u /s}}, input: {exponential: {mean: %u kB}}, output: %u kB,\n"
             "        work: {exponential: {mean: 0.3 GFLOP}}%s%s}\n"
             "  two: {at: device, arrivals: {periodic: {period: 200 ms, jitter: 50 ms}}, input: 5 kB,\n"
             "        work: {uniform: {low: 1 MFLOP, high: 0.8 GFLOP}}%s}\n"
             "%s"
             "experiment: {policies: [local], seed: %u, warm_up: %s, %s}\n",
             1 + roll(8), 1 + roll(60), roll(9), ANY("", ", deadline: 150 ms", ", deadline: {after: 100 ms, late: drop}"),
             ANY("", ", sensitivity: face"), ANY("", ", deadline: 80 ms", ", deadline: {after: 300 ms, late: drop}"),
             objective, roll(1000), ANY("0 s", "1 s"),
             ANY("jobs: 60", "duration: 3 s", "duration: 3 s, drain: 0 s", "jobs: 200, drain: 100 ms"));
    assert_true(n < room);
}

/* Jobs of one to five tasks in a row, a fork, joins of all and of some, a branch; work in flop or in seconds. */
static void make_up_graphs(char *text, size_t room)
{
    size_t n = make_up_system(text, room);
    n += (size_t)snprintf(text + n, room - n,
             "workloads:\n"
             "  one:\n"
             "    at: device\n"
             "    arrivals: {poisson: {rate: %u /s}}\n"
             "    input: {exponential: {mean: %u kB}}\n"
             "    output: %u kB\n"
             "%s"
             "    tasks:\n"
             "      a: {work: {exponential: {mean: 0.2 GFLOP}}}\n"
             "      b: {work: %s, after: {a: {exponential: {mean: 30 kB}}}}\n"
             "      c: {work: {uniform: {low: 1 MFLOP, high: 0.3 GFLOP}}, after: {a: 10 kB}%s}\n"
             "      d: {work: 0.1 GFLOP, after: {b: 20 kB, c: 5 kB}%s}\n"
             "%s"
             "  two: {at: device, arrivals: {periodic: {period: 300 ms, jitter: 50 ms}}, input: 5 kB, work: 0.1 GFLOP}\n"
             "%s"
             "experiment: {policies: [local], seed: %u, %s}\n",
             1 + roll(4), 1 + roll(40), roll(9),
             ANY("", "    deadline: 200 ms\n", "    deadline: {after: 300 ms, late: drop}\n"),
             ANY("0.1 GFLOP", "{seconds: {cloud: 20 ms, edge: 90 ms, times: {exponential: {mean: 1}}}}"),
             ANY("", ", when: {above: 0.5}"), ANY("", ", join: any"),
             ANY("", "      e: {work: 0.1 GFLOP, output: 2 kB}\n", "      e: {work: 0.1 GFLOP, after: [a]}\n"),
             ANY("", "objective: {latency: {per: 50 ms}, energy: {weight: 0.3, per: 1 J}, miss: 2}\n"),
             roll(1000), ANY("jobs: 60", "duration: 3 s", "duration: 3 s, drain: 0 s, warm_up: 1 s"));
    assert_true(n < room);
}

/* Closed loops, alone or beside others, of jobs of one task or more. */
static void make_up_loops(char *text, size_t room)
{
    size_t n = make_up_system(text, room);
    n += (size_t)snprintf(text + n, room - n,
             "workloads:\n"
             "  one: {at: device, arrivals: {closed: {users: %u, think: %s}}, input: {exponential: {mean: %u kB}},\n"
             "        output: %u kB%s, %s}\n"
             "%s"
             "%s"
             "experiment: {policies: [local], seed: %u, %s}\n",
             1 + roll(6), ANY("{exponential: {mean: 300 ms}}", "100 ms", "{uniform: {low: 0 s, high: 2 s}}"), 1 + roll(40),
             roll(9),
             ANY("", ", deadline: 200 ms", ", deadline: {after: 300 ms, late: drop}"),
             ANY("work: {exponential: {mean: 0.5 GFLOP}}", "work: 1 GFLOP",
                 "tasks: {a: {work: {exponential: {mean: 0.2 GFLOP}}}, b: {work: 0.1 GFLOP, after: {a: 10 kB}}}"),
             ANY("", "", "  two: {at: device, arrivals: {poisson: {rate: 1 /s}}, input: 5 kB, work: 0.1 GFLOP}\n",
                 "  two: {at: device, arrivals: {closed: {think: 1 s}}, input: 5 kB, work: 0.1 GFLOP}\n"),
             ANY("", "objective: {latency: {per: 50 ms}, energy: {weight: 0.3, per: 1 J}, miss: 2}\n"),
             roll(1000), ANY("duration: 4 s", "duration: 4 s, warm_up: 1 s", "duration: 3 s, drain: 0 s"));
    assert_true(n < room);
}

/* A scenario and the bounds of its first replication. */
struct bounded {
    struct scenario s;
    struct bounds b[2]; /* [1]: for policies that race */
};

static void bounded_of_text(struct bounded *x, const char *text)
{
    const bool wanted[2] = {true, true};
    struct err e = {0};
    scenario_of_text(&x->s, text, NULL);
    assert_int_equal(bounds_find(x->b, &x->s, 0, 0, wanted, &e), 0);
}

static void bounded_clear(struct bounded *x)
{
    bounds_clear(&x->b[0]);
    bounds_clear(&x->b[1]);
    scenario_free(&x->s);
}

struct seen {
    uint32_t n, n_all, n_any, n_tight;
};

static void assert_not_below(double value, double bound, const char *what, const char *policy, const char *text)
{
    if (!isnan(value) && !(value >= bound)) {
        fail_msg("policy %s has %s %.17g, below the bound %.17g, in\n%s", policy, what, value, bound, text);
    }
}

static void check_values(const double m[N_METRIC], const char *policy, const char *text, struct seen *seen)
{
    if (!(m[M_JOBS] > 0)) {
        return;
    }
    assert_true(m[M_BOUND_LATENCY] >= 0);
    assert_not_below(m[M_LATENCY_CHARGED], m[M_BOUND_LATENCY], "latency_charged", policy, text);
    assert_not_below(m[M_MISS_RATIO], m[M_BOUND_MISS], "miss_ratio", policy, text);
    assert_not_below(m[M_ENERGY_PER_JOB], m[M_BOUND_ENERGY], "energy_per_job", policy, text);
    assert_not_below(m[M_OBJECTIVE], m[M_BOUND_OBJECTIVE], "objective", policy, text);
    seen->n++;
    seen->n_tight += m[M_LATENCY_CHARGED] < 1.2 * m[M_BOUND_LATENCY];
}

/* Run one policy; false if the scenario is not for it. */
static bool judge(const struct scenario *s, const struct ts_policy *policy, const struct bounds b[2], const char *text,
                  struct seen *seen)
{
    const struct policy_spec plain = {.policy = policy->name, .label = policy->name, .run_in = UINT64_MAX};
    struct tape tape = {0};
    struct run_spec spec = {.scenario = s, .spec = &plain, .policy = policy, .seed = s->experiment.seed, .full = tape_take,
                            .ctx = &tape};
    struct run_counts counts;
    struct err e = {0};
    int rc = drive(&spec, NULL, NULL, &counts, &e);
    if (rc == 0) {
        struct record r = record_of(s, tape.t, tape.n);
        assert_int_equal(r.status, RECORD_OK);
        assert_int_equal(bounds_fill(&b[(policy->flags & TS_TAKES_BACK) != 0], &r, &e), 0);
        check_values(r.metric, policy->name, text, seen);
        for (uint32_t c = 0; c < r.n_class; c++) {
            check_values(r.class_metric[c], policy->name, text, seen);
        }
        seen->n_all += r.metric[M_REJECT_RATIO] + r.metric[M_DROP_RATIO] == 0;
        seen->n_any += r.metric[M_REJECT_RATIO] + r.metric[M_DROP_RATIO] > 0;
        record_clear(&r);
    } else {
        assert_true(rc == -ERR_INPUT || rc == -ERR_POLICY);
    }
    free(tape.t);
    return rc == 0;
}

struct family {
    void (*make_up)(char *text, size_t room);
    uint32_t n, n_tight; /* scenarios; runs that come near a bound, at least */
};

static void no_policy_beats_a_bound(void **state)
{
    const struct family *family = *state;
    char text[8192];
    struct seen seen = {0};
    uint32_t n_run = 0;
    for (uint32_t i = 0; i < family->n; i++) {
        struct bounded x;
        dice = UINT64_C(0x9E3779B97F4A7C15) * (i + 1);
        family->make_up(text, sizeof text);
        bounded_of_text(&x, text);
        for (uint32_t p = 0; p < N_BUILTIN_POLICY; p++) {
            n_run += judge(&x.s, builtin_policy[p], x.b, text, &seen);
        }
        bounded_clear(&x);
    }
    if (getenv("TS_SHOW")) {
        printf("%u runs: %u carry out all, %u not, %u near a bound\n", n_run, seen.n_all, seen.n_any, seen.n_tight);
    }
    /* Nearly all can run, all kinds of bounds were tried, and now and then one is near. */
    assert_true(n_run >= family->n * 10);
    assert_true(seen.n_all > 100 && seen.n_any > 100 && seen.n_tight > family->n_tight);
}

/*
 * Ready at 0, 1, 2 with work 3, 1, 1.  Least left first: 1 stops the first, which has 2 left, at 1 and is done at 2; the third
 * at 3; the first at 5.  Stays 5 + 1 + 1 = 7.  Cut at 4: 4 + 1 + 1.
 */
static void least_left_first_by_hand(void **state)
{
    (void)state;
    struct relax_job job[] = {{2, 1, INFINITY}, {0, 3, INFINITY}, {1, 1, INFINITY}};
    assert_near(relax_stay_sum(job, 3, INFINITY), 7, 1e-15, 0);
    assert_near(relax_stay_sum(job, 3, 4), 6, 1e-15, 0);
    /* one that needs less than is left of another does not wait, one that needs as much does, idle in between */
    struct relax_job gap[] = {{0, 2, INFINITY}, {1, 1, INFINITY}, {10, 1, INFINITY}};
    assert_near(relax_stay_sum(gap, 3, INFINITY), 2 + 2 + 1, 1e-15, 0);
}

/* Works 4, 3, 2, 1 all due at 5: without 4 it is still 6, without 3 too it is 3. */
static void too_much_work_misses(void **state)
{
    (void)state;
    struct relax_job job[] = {{0, 1, 5}, {0, 4, 5}, {0, 3, 5}, {0, 2, 5}};
    assert_int_equal(relax_missed(job, 4), 2);
    struct relax_job many[40];
    for (size_t i = 0; i < LEN(many); i++) { /* 40 times 1 s of work, all due within 2 s */
        many[i] = (struct relax_job){0.01 * (double)i, 1, 2};
    }
    assert_int_equal(relax_missed(many, LEN(many)), 38);
    assert_int_equal(relax_missed(NULL, 0), 0);
}

/*
 * One device without a processor, one edge server of 1 GFLOP/s and 10 W above idle, a link of 8 Mbit/s, 1 uJ/bit and 10 ms.
 * Three jobs at 0, 0.1, 0.2 s with 50 kB and 0.2 GFLOP: alone 10 ms + 50 ms + 200 ms + 10 ms = 270 ms, 2 J + 0.4 J.  The server as
 * a machine has them ready at 60, 160, 260 ms and done at 260, 460, 660 ms, 10 ms later back: 270, 370, 470 ms.  The link has
 * them through at 60, 160, 260 ms, so no more than alone.
 */
static void three_jobs_by_hand(void **state)
{
    static const char text[] =
        "tiersim: 1\n"
        "name: three\n"
        "nodes:\n"
        "  device: {tier: end, attach: edge}\n"
        "  edge: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}, power: {idle: 5 W, busy: 15 W}}\n"
        "links: {up: {from: device, to: edge, capacity: 8 Mbit/s, latency: 10 ms, up: {energy: 1 uJ/bit}}}\n"
        "workloads:\n"
        "  job: {at: device, arrivals: {periodic: {period: 100 ms}}, input: 50 kB, work: 0.2 GFLOP, deadline: 300 ms}\n"
        "objective: {latency: {per: 100 ms}, energy: {per: 1 J}, miss: 1, unfinished: 250 ms}\n"
        "experiment: {policies: [mct], jobs: 3}\n";
    struct bounded x;
    (void)state;
    bounded_of_text(&x, text);
    const struct bound_class *all = &x.b[0].class[1];
    assert_int_equal(all->n_job, 3);
    assert_near(all->all.latency_s, (0.27 + 0.37 + 0.47) / 3, 1e-8, 0);
    assert_near(all->any.latency_s, 0.25, 1e-8, 0); /* rather charged than done */
    assert_near(all->energy_j[BOUND_STEPS], 3 * 2.4, 1e-8, 0);
    assert_near(all->energy_j[BOUND_STEPS / 2], 2.4, 1e-8, 0); /* half of three is one */
    /*
     * Due, less the 10 ms back, at 290, 390, 490 ms, 230 ms after they are ready.  From 60 ms on 230 ms hold two of those ready at
     * 60 and 160, but due at 390 is after 290; the double, until 520, has all three, 600 ms of work in 460: one is left out.
     */
    assert_near(all->any.miss, 1 / 3.0, 1e-8, 0);
    assert_near(all->any.loss, 2.5 + 1, 1e-8, 0); /* no result: 250 ms and a miss, no energy; done it would be 2.7 + 2.4 */
    assert_near(all->all.loss, 3.7 + 1 / 3.0 + 2.4, 1e-8, 0); /* latency 370 ms, a third misses, 2.4 J */
    bounded_clear(&x);
}

/*
 * A fork, seconds on P1 and P2, data of 6 s between the two: task 1 is done at 4 or 5; tasks 2 and 3 each on P2 from 5 on, where
 * task 1 is for their sake, until 7.  On P1 they would be done at 15, on P2 after task 1 on P1 at 12.  Both on P2 make 9, which
 * a bound on each by itself does not see; and all of it is at least 4 + 2 + 2 s of two machines: 4 s.  At 3 W and 5 W above idle
 * least is 12 J for task 1, 10 J for each of the others.
 */
static void a_fork_by_hand(void **state)
{
    static const char text[] =
        "tiersim: 1\n"
        "name: fork\n"
        "nodes:\n"
        "  user: {tier: end, attach: P1}\n"
        "  P1: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}, power: {idle: 1 W, busy: 4 W}}\n"
        "  P2: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}, power: {idle: 1 W, busy: 6 W}}\n"
        "links: {desk: {from: user, to: P1, capacity: unlimited}, wire: {from: P1, to: P2, capacity: 1 B/s}}\n"
        "workloads:\n"
        "  job:\n"
        "    at: user\n"
        "    arrivals: {periodic: {period: 1 h}}\n"
        "    deadline: 6.5 s\n"
        "    tasks:\n"
        "      t1: {work: {seconds: {P1: 4 s, P2: 5 s}}}\n"
        "      t2: {work: {seconds: {P1: 11 s, P2: 2 s}}, after: {t1: 6 B}}\n"
        "      t3: {work: {seconds: {P1: 11 s, P2: 2 s}}, after: {t1: 6 B}}\n"
        "experiment: {policies: [heft], jobs: 1}\n";
    struct bounded x;
    (void)state;
    bounded_of_text(&x, text);
    assert_near(x.b[0].class[1].all.latency_s, 7, 1e-8, 0);
    assert_near(x.b[0].class[1].all.miss, 1, 1e-8, 0);
    assert_near(x.b[0].class[1].energy_j[BOUND_STEPS], 12 + 10 + 10, 1e-8, 0);
    bounded_clear(&x);
}

/*
 * Three users think 1 s and send jobs of 1 s to one core, for 100 s.  Without any waiting each could send 99.  By 100 s at most
 * 100 are done, and three more there; 103 jobs and three users take 106 s of thinking, so that 300 - 106 s are waited for 103:
 * 1.8835 s.  (N D - Z is 2 s, what a long run has.)
 */
static void three_users_by_hand(void **state)
{
    static const char text[] =
        "tiersim: 1\n"
        "name: users\n"
        "nodes: {edge: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
        "workloads: {job: {at: edge, arrivals: {closed: {users: 3, think: 1 s}}, work: 1 GFLOP}}\n"
        "experiment: {policies: [local], duration: 100 s}\n";
    struct bounded x;
    struct seen seen = {0};
    (void)state;
    bounded_of_text(&x, text);
    assert_int_equal(x.b[0].class[0].loop->n_could, 3 * 99);
    assert_near(x.b[0].loops_latency_s, 194 / 103.0, 1e-8, 0);
    assert_near(x.b[0].class[0].loop->latency_s[1][10], 10, 1e-6, 0);
    assert_true(judge(&x.s, &policy_local, x.b, text, &seen));
    assert_int_equal(seen.n_tight, 2); /* 2 s; all together and the class */
    bounded_clear(&x);
}

/*
 * Latencies that are drawn, work and bits of no account: a job's latency is what is drawn out and back, exponential of mean 10 ms
 * each, 20 ms in all.  The least of 17 draws each way has a mean of 20/17 ms.  1000 jobs: standard errors of .45 and .05 ms.
 */
static void replicas_have_luck_of_their_own(void **state)
{
    static const char text[] =
        "tiersim: 1\n"
        "name: luck\n"
        "nodes:\n"
        "  device: {tier: end, attach: edge}\n"
        "  edge: {tier: edge, processors: {cpu: {speed: 1 TFLOP/s}}}\n"
        "links: {up: {from: device, to: edge, capacity: unlimited, latency: {exponential: {mean: 10 ms}}}}\n"
        "workloads: {job: {at: device, arrivals: {periodic: {period: 1 s}}, work: 1 kFLOP}}\n"
        "experiment: {policies: [mct], jobs: 1000}\n";
    struct bounded x;
    (void)state;
    bounded_of_text(&x, text);
    assert_near(x.b[0].class[1].all.latency_s, 20e-3, 0, 4 * .45e-3);
    assert_near(x.b[1].class[1].all.latency_s, 20e-3 / 17, 0, 4 * .05e-3);
    bounded_clear(&x);
}

/*
 * Two jobs of 1 s at 0 on one core: one after the other is best, 1 s + 2 s.  Shares may be done side by side: what is done by 1 s
 * counts 1 s, what is done at t > 1 counts t, so 1 + (1 + 2)/2 = 2.5, less at most a slot of 2 s/47 for each job.  With a
 * second core 1 s each; with a result worth no more than 0.7 s none.
 */
static void two_jobs_in_a_program_by_hand(void **state)
{
    const double one[] = {1, 1};
    const struct lp_choice choice[] = {{.place = 0, .latency_s = 1, .work_s = 1}, {.place = 0, .latency_s = 1, .work_s = 1},
                                       {.place = 1, .latency_s = 1, .work_s = 1}};
    struct lp_job job[] = {{.allowed_s = 1.5, .without = INFINITY, .first = 0, .n_choice = 1},
                           {.allowed_s = 1.5, .without = INFINITY, .first = 1, .n_choice = 1}};
    struct lp_case c = {.n_job = 2, .n_place = 2, .job = job, .choice = choice, .units = one, .per_s = 1};
    struct err e = {0};
    double bound;
    (void)state;
    assert_int_equal(bound_lp(&c, &bound, &e), 0);
    assert_near(bound, 2.5 - 1 / 47.0, 0, 1.01 / 47);
    c.per_s = 0;
    c.per_miss = 1; /* by 1.5 s there is room for 1.5 jobs, and for what is begun in the slot around it */
    assert_int_equal(bound_lp(&c, &bound, &e), 0);
    assert_near(bound, 0.5 - 1 / 47.0, 0, 1.01 / 47);
    c.per_s = 1;
    c.per_miss = 0;
    job[1].n_choice = 2;
    assert_int_equal(bound_lp(&c, &bound, &e), 0);
    assert_near(bound, 2, 1e-9, 0);
    job[0].without = job[1].without = 0.7;
    assert_int_equal(bound_lp(&c, &bound, &e), 0);
    assert_near(bound, 1.4, 1e-9, 0);
}

/* A few jobs, two places for each, and three of them nearly at once. */
static void make_up_few(char *text, size_t room)
{
    size_t n = (size_t)snprintf(text, room,
        "tiersim: 1\n"
        "name: few\n"
        "nodes:\n"
        "  device: {tier: end, count: 2, attach: edge, processors: {cpu: {speed: 1 GFLOP/s%s}}, power: {idle: 1 W, busy: %u W}}\n"
        "  edge: {tier: edge, processors: {cpu: {speed: %u GFLOP/s%s}}, power: {idle: 5 W, busy: 40 W}}\n"
        "links: {cell: {from: device, to: edge, capacity: %u Mbit/s, sharing: %s}}\n"
        "workloads:\n"
        "  job: {at: device, arrivals: {poisson: {rate: 3 /s}}, input: {exponential: {mean: 40 kB}},\n"
        "        work: {exponential: {mean: 0.4 GFLOP}}%s}\n"
        "%s"
        "experiment: {policies: [local], seed: %u, jobs: %u}\n",
        ANY("", ", queue: 1", ", discipline: ps"), 2 + roll(5), 2 + roll(3), ANY("", ", discipline: edf", ", discipline: ps"),
        5 + roll(20), ANY("fifo", "fair"), ANY("", ", deadline: 400 ms", ", deadline: {after: 300 ms, late: drop}"),
        ANY("", "objective: {latency: {per: 100 ms}, energy: {per: 1 J}, miss: 2}\n",
            "objective: {latency: {weight: 0.1, per: 100 ms}, miss: 1}\n"), roll(1000), 3 + roll(3));
    assert_true(n < room);
}

/* bound <= the best of all placements <= each policy that places at release. */
static void the_optimum_lies_between(void **state)
{
    enum { SCENARIOS = 20 };
    char text[4096];
    uint32_t n_run = 0, n_met = 0, n_near = 0;
    (void)state;
    for (uint32_t i = 0; i < SCENARIOS; i++) {
        struct bounded x;
        dice = UINT64_C(0xD1B54A32D192ED03) * (i + 1);
        make_up_few(text, sizeof text);
        bounded_of_text(&x, text);
        const bool objective = x.s.objective.given;
        double bound = objective ? x.b[0].class[1].any.loss : x.b[0].class[1].all.latency_s;
        if (isnan(x.b[0].optimum)) { /* each way some job is dropped, or too many are released until all measured ones are done */
            bounded_clear(&x);
            continue;
        }
        if (!(x.b[0].optimum >= bound)) {
            fail_msg("the optimum %.17g is below the bound %.17g in\n%s", x.b[0].optimum, bound, text);
        }
        n_near += bound > 0.9 * x.b[0].optimum;
        for (uint32_t p = 0; p < N_BUILTIN_POLICY; p++) {
            const struct policy_spec plain = {.policy = builtin_policy[p]->name, .label = "", .run_in = UINT64_MAX};
            struct tape tape = {0};
            struct run_spec spec = {.scenario = &x.s, .spec = &plain, .policy = builtin_policy[p], .seed = x.s.experiment.seed,
                                    .full = tape_take, .ctx = &tape};
            struct run_counts counts;
            struct err e = {0};
            if (drive(&spec, NULL, NULL, &counts, &e) == 0 && counts.n_question == counts.n_released) {
                struct record r = record_of(&x.s, tape.t, tape.n);
                bool whole = r.metric[M_REJECT_RATIO] + r.metric[M_DROP_RATIO] == 0;
                double value = objective ? r.metric[M_OBJECTIVE] : whole ? r.metric[M_LATENCY_CHARGED] : NAN;
                if (!isnan(value)) {
                    assert_not_below(value, x.b[0].optimum, "a value", builtin_policy[p]->name, text);
                    n_run++;
                    n_met += value == x.b[0].optimum;
                }
                record_clear(&r);
            }
            free(tape.t);
        }
        bounded_clear(&x);
    }
    assert_true(n_run > 150 && n_met > 5 && n_near > 5);
}

int main(void)
{
    static struct family open_jobs = {make_up, 60, 100}, graphs = {make_up_graphs, 30, 50}, loops = {make_up_loops, 30, 50};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(least_left_first_by_hand),
        cmocka_unit_test(too_much_work_misses),
        cmocka_unit_test(three_jobs_by_hand),
        cmocka_unit_test(a_fork_by_hand),
        cmocka_unit_test(three_users_by_hand),
        cmocka_unit_test(replicas_have_luck_of_their_own),
        cmocka_unit_test(two_jobs_in_a_program_by_hand),
        cmocka_unit_test(the_optimum_lies_between),
        cmocka_unit_test_prestate(no_policy_beats_a_bound, &open_jobs),
        cmocka_unit_test_prestate(no_policy_beats_a_bound, &graphs),
        cmocka_unit_test_prestate(no_policy_beats_a_bound, &loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
