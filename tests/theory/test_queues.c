/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_queues.c - one station of the whole simulator against queueing theory: a scenario file in, records out, and
 * means that have a closed form between.  Times are in units of the mean service (1 GFLOP on 1 GFLOP/s = 1 s), so the
 * load of one server is the rate of arrivals.
 *
 * Formulas: Kleinrock, Queueing Systems I (1975) and II (1976); Kelly, Reversibility and Stochastic Networks (1979) for
 * insensitivity.  Figures in brackets are from published tables.
 */
#include "tests/queueing.h"
#include "tests/simulate.h"

enum { REPLICATIONS = 20 };

static const char server[] =
    "tiersim: 1\n"
    "name: server\n"
    "nodes: {server: {tier: edge, processors: {cpu: {cores: 1, speed: 1 GFLOP/s}}}}\n"
    "workloads:\n"
    "  customer: {at: server, arrivals: {poisson: {rate: 0.8 /s}}, work: {exponential: {mean: 1 GFLOP}}}\n"
    "experiment: {policies: [local], warm_up: 1000 s, jobs: 20000, replications: 20}\n";

#define RATE(x)       "workloads.customer.arrivals.poisson.rate=" x " /s"
#define WORK(x)       "workloads.customer.work=" x
#define CORES(x)      "nodes.server.processors.cpu.cores=" x
#define QUEUE(x)      "nodes.server.processors.cpu.queue=" x
#define DISCIPLINE(x) "nodes.server.processors.cpu.discipline=" x

static void one_server_with_exponential_service(void **state)
{
    (void)state;
    static const struct {
        const char *rate;
        double rho;
        unsigned jobs;
    } load[] = {{RATE("0.5"), .5, 10000}, {RATE("0.8"), .8, 30000}, {RATE("0.9"), .9, 80000}};
    for (size_t i = 0; i < LEN(load); i++) {
        double rho = load[i].rho;
        struct simulated sim = SIMULATE_JOBS(server, load[i].jobs, load[i].rate);
        assert_estimate(simulated_latency(&sim), 1 / (1 - rho), .06, rho <= .8);
        assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_QUEUE), rho / (1 - rho), .07, rho <= .8);
        assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_COMPUTE), 1, .02, true);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_UTILISATION), rho, .02, rho <= .8);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_IN_SYSTEM), rho / (1 - rho), .07, rho <= .8);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_THROUGHPUT), rho, .02, true);
        simulated_clear(&sim);
    }
}

/* Share of measured jobs that waited: more than the rounding of the clock, 1e-9 s. */
static struct estimate waited(const struct simulated *sim)
{
    double x[REPLICATIONS];
    assert_int_equal(sim->n_replication, REPLICATIONS);
    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        const struct row_block *b = sim->rows[r];
        double n = 0, n_waited = 0;
        for (uint32_t i = 0; i < b->n; i++) {
            n += b->measured[i];
            n_waited += b->measured[i] && b->queue[i] > 1e-9f;
        }
        x[r] = n_waited / n;
    }
    return estimate_of(x, REPLICATIONS);
}

static void several_servers_and_the_share_that_waits(void **state)
{
    (void)state;
    struct simulated two = SIMULATE_JOBS(server, 20000, CORES("2"), RATE("1.6"));
    assert_near(mmc_time(2, 1.6, 1), 2.77778, 0, 5e-6); /* [2.77778] */
    assert_estimate(simulated_latency(&two), mmc_time(2, 1.6, 1), .05, true);
    assert_estimate(simulated_estimate(&two, 0, ALL_CLASSES, M_UTILISATION), .8, .02, true);
    simulated_clear(&two);

    struct simulated four = SIMULATE_JOBS(server, 20000, CORES("4"), RATE("3.2"));
    assert_near(mmc_time(4, 3.2, 1), 1.74554, 0, 5e-6); /* [1.74554] */
    assert_estimate(simulated_latency(&four), mmc_time(4, 3.2, 1), .05, true);
    simulated_clear(&four);

    /* More servers than the scan over units takes: their times lie in a heap. */
    struct simulated twenty = SIMULATE_JOBS(server, 20000, CORES("20"), RATE("18"));
    assert_estimate(simulated_latency(&twenty), mmc_time(20, 18, 1), .06, false);
    simulated_clear(&twenty);

    const struct simulate_input rows[] = {
        {.scenario = server, .set = {CORES("2"), RATE("1.6")}, .rows = true},
        {.scenario = server, .set = {CORES("4"), RATE("3.2")}, .rows = true},
    };
    static const double wanted[] = {.71111, .59643}; /* [.71111, .59643] */
    for (size_t i = 0; i < LEN(rows); i++) {
        unsigned c = i == 0 ? 2 : 4;
        assert_near(erlang_c(c, .8 * c), wanted[i], 0, 5e-6);
        struct simulated sim = simulate(&rows[i]);
        assert_estimate(waited(&sim), erlang_c(c, .8 * c), .04, false);
        simulated_clear(&sim);
    }
}

static void one_server_with_any_service(void **state)
{
    (void)state;
    static const struct {
        const char *rate, *work;
        double rho, cv;
        unsigned jobs;
    } of[] = {
        {RATE("0.5"), WORK("1 GFLOP"), .5, 0, 10000}, /* [1.5] */
        {RATE("0.8"), WORK("1 GFLOP"), .8, 0, 20000}, /* [3.0] */
        {RATE("0.9"), WORK("1 GFLOP"), .9, 0, 30000}, /* [5.5] */
        {RATE("0.7"), WORK("{erlang: {mean: 1 GFLOP, stages: 4}}"), .7, .5, 20000},
        {RATE("0.7"), WORK("{lognormal: {mean: 1 GFLOP, cv: 1}}"), .7, 1, 30000},
        {RATE("0.7"), WORK("{lognormal: {mean: 1 GFLOP, cv: 1.5}}"), .7, 1.5, 60000},
        {RATE("0.7"), WORK("{hyperexponential: {mean: 1 GFLOP, cv: 2}}"), .7, 2, 50000},
    };
    for (size_t i = 0; i < LEN(of); i++) {
        struct simulated sim = SIMULATE_JOBS(server, of[i].jobs, of[i].rate, of[i].work);
        assert_estimate(simulated_latency(&sim), mg1_time(of[i].rho, of[i].cv), .06, of[i].rho <= .8 && of[i].cv <= 1);
        simulated_clear(&sim);
    }
}

/* Arrivals at constant intervals 1/rho: the share sigma of arrivals that wait solves sigma = exp(-(1 - sigma)/rho). */
static void regular_arrivals(void **state)
{
    (void)state;
    double sigma = 0;
    for (int i = 0; i < 1000; i++) {
        sigma = exp(-(1 - sigma) / .8);
    }
    struct simulated sim = SIMULATE_JOBS(server, 20000, "workloads.customer.arrivals={periodic: {period: 1.25 s}}");
    assert_estimate(simulated_latency(&sim), 1 / (1 - sigma), .04, true);
    simulated_clear(&sim);
}

/* Shared equally, only the mean of the service counts (Kelly, chapter 3); with c cores as in M/M/c. */
static void processor_sharing_sees_only_the_mean(void **state)
{
    (void)state;
    static const char *const work[] = {WORK("{exponential: {mean: 1 GFLOP}}"), WORK("1 GFLOP"),
                                       WORK("{hyperexponential: {mean: 1 GFLOP, cv: 2}}"),
                                       WORK("{lognormal: {mean: 1 GFLOP, cv: 1}}")};
    for (size_t i = 0; i < LEN(work); i++) {
        struct simulated one = SIMULATE_JOBS(server, 20000, DISCIPLINE("ps"), RATE("0.7"), work[i]);
        assert_estimate(simulated_latency(&one), 1 / (1 - .7), .05, i != 2);
        simulated_clear(&one);
        struct simulated four = SIMULATE_JOBS(server, 20000, DISCIPLINE("ps"), CORES("4"), RATE("2.8"), work[i]);
        assert_estimate(simulated_latency(&four), mmc_time(4, 2.8, 1), .05, i != 2);
        simulated_clear(&four);
    }
}

/* Whoever finds all cores busy is dropped: Erlang's loss formula, whatever the service (Kelly, section 3.4). */
static void a_queue_without_waiting_room_loses(void **state)
{
    (void)state;
    static const char *const work[] = {WORK("{exponential: {mean: 1 GFLOP}}"),
                                       WORK("{lognormal: {mean: 1 GFLOP, cv: 1}}")};
    for (size_t i = 0; i < LEN(work); i++) {
        struct simulated sim = SIMULATE_JOBS(server, 20000, CORES("4"), QUEUE("4"), RATE("3.2"), work[i]);
        double b = erlang_b(4, 3.2);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_DROP_FULL), b, .05, true);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_DROP_RATIO), b, .05, true);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_MISS_RATIO), b, .05, true);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_UTILISATION), .8 * (1 - b), .05, true);
        simulated_clear(&sim);
    }
}

/* M/M/1/K: p(n) = (1 - rho) rho^n / (1 - rho^(K+1)); it may be overloaded. */
static void a_bounded_queue(void **state)
{
    (void)state;
    static const struct {
        const char *rate;
        double rho;
    } load[] = {{RATE("0.8"), .8}, {RATE("1.5"), 1.5}};
    for (size_t i = 0; i < LEN(load); i++) {
        enum { K = 5 };
        double p[K + 1], sum = 0, present = 0;
        for (int n = 0; n <= K; n++) {
            p[n] = pow(load[i].rho, n);
            sum += p[n];
            present += n * p[n];
        }
        double lost = p[K] / sum;
        present /= sum;
        struct simulated sim = SIMULATE_JOBS(server, 20000, QUEUE("5"), load[i].rate);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_DROP_FULL), lost, .06, true);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_IN_SYSTEM), present, .04, true);
        assert_estimate(simulated_latency(&sim), present / (load[i].rho * (1 - lost)), .04, true);
        simulated_clear(&sim);
    }
}

/* --- priorities --- */

static const char classes[] =
    "tiersim: 1\n"
    "name: classes\n"
    "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s, discipline: priority}}}}\n"
    "workloads:\n"
    "  low: {at: server, priority: -1, arrivals: {poisson: {rate: 0.1 /s}}, work: {gamma: {shape: 2, scale: 1 GFLOP}}}\n"
    "  high: {at: server, priority: 5, arrivals: {poisson: {rate: 0.2 /s}}, work: {exponential: {mean: 1 GFLOP}}}\n"
    "  middle: {at: server, priority: 2, arrivals: {poisson: {rate: 0.6 /s}}, work: 0.5 GFLOP}\n"
    "experiment: {policies: [local], warm_up: 1000 s, jobs: 60000, replications: 20}\n";

/* The classes from the most urgent: rows of the file, rates, mean and mean square of the service; load .7 in all. */
enum { N_CLASS = 3 };
static const int class_row[N_CLASS] = {1, 2, 0};
static const double class_rate[N_CLASS] = {.2, .6, .1}, class_mean[N_CLASS] = {1, .5, 2};
static const double class_square[N_CLASS] = {2, .25, 6};

/* Cobham, Operations Research 2 (1954): who is in service goes on; W_k = W_0 / ((1 - s_(k-1)) (1 - s_k)). */
static void priorities_without_preemption(void **state)
{
    (void)state;
    struct simulated sim = SIMULATE_JOBS(classes, 30000, "nodes.server.processors.cpu.preempt=none");
    double residual = 0, above = 0;
    for (int k = 0; k < N_CLASS; k++) {
        residual += class_rate[k] * class_square[k] / 2;
    }
    for (int k = 0; k < N_CLASS; k++) {
        double with = above + class_rate[k] * class_mean[k];
        double wait = residual / ((1 - above) * (1 - with));
        assert_estimate(simulated_estimate(&sim, 0, class_row[k], M_LATENCY_QUEUE), wait, .05, true);
        assert_estimate(simulated_estimate(&sim, 0, class_row[k], M_LATENCY_MEAN), wait + class_mean[k], .05, true);
        above = with;
    }
    simulated_clear(&sim);
}

/*
 * Preempted work resumes: T_k = (E S_k (1 - s_k) + R_k) / ((1 - s_(k-1)) (1 - s_k)), R_k of the classes up to k alone.
 */
static void priorities_with_preemption(void **state)
{
    (void)state;
    struct simulated sim = simulate_jobs(classes, 30000, NULL);
    double residual = 0, above = 0;
    for (int k = 0; k < N_CLASS; k++) {
        double with = above + class_rate[k] * class_mean[k];
        residual += class_rate[k] * class_square[k] / 2;
        double time = (class_mean[k] * (1 - with) + residual) / ((1 - above) * (1 - with));
        assert_estimate(simulated_estimate(&sim, 0, class_row[k], M_LATENCY_MEAN), time, .05, true);
        assert_estimate(simulated_estimate(&sim, 0, class_row[k], M_LATENCY_COMPUTE), class_mean[k], .03, true);
        above = with;
    }
    simulated_clear(&sim);
}

/* Where all are alike, who comes first is served first, whatever the queue is called: transition for transition. */
static void orders_agree_where_nothing_tells_jobs_apart(void **state)
{
    (void)state;
    static const char *const same[] = {DISCIPLINE("fifo"), DISCIPLINE("priority"), DISCIPLINE("edf")};
    uint64_t digest[LEN(same)];
    for (size_t i = 0; i < LEN(same); i++) {
        const struct simulate_input in = {.scenario = server, .set = {same[i], CORES("3"), RATE("2.7"),
                                          "workloads.customer.deadline=5 s", "experiment.replications=1"}};
        struct simulated sim = simulate(&in);
        digest[i] = sim.record[0].digest;
        simulated_clear(&sim);
    }
    assert_int_equal(digest[1], digest[0]);
    assert_int_equal(digest[2], digest[0]);
}

/*
 * Tasks (2, 5) and (4, 7): two of five seconds, four of seven, load .971.  Preemptive EDF meets all deadlines while the
 * load is at most 1, deadlines being periods; by rate the second has done 3 of its 4 seconds when the first comes again
 * at 5, and 1 is left at 7 (Liu, Layland, J. ACM 20 (1973)).  All repeats after 35 s: 10 rounds are run.
 */
static const char periodic_tasks[] =
    "tiersim: 1\n"
    "name: periodic_tasks\n"
    "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s, discipline: edf}}}}\n"
    "workloads:\n"
    "  five:  {at: server, priority: 2, deadline: 5 s, arrivals: {periodic: {period: 5 s}}, work: 2 GFLOP}\n"
    "  seven: {at: server, priority: 1, deadline: 7 s, arrivals: {periodic: {period: 7 s}}, work: 4 GFLOP}\n"
    "experiment: {policies: [local], duration: 350 s}\n";

static void earliest_deadline_meets_what_can_be_met(void **state)
{
    (void)state;
    struct simulated edf = simulate(&(struct simulate_input){.scenario = periodic_tasks});
    assert_near(edf.record[0].metric[M_JOBS], 70 + 50, 0, 0);
    assert_near(edf.record[0].metric[M_MISS_RATIO], 0, 0, 0);
    assert_near(edf.record[0].metric[M_UTILISATION], (70 * 2 + 50 * 4) / 350.0, 1e-12, 0);
    simulated_clear(&edf);
    const struct simulate_input by_rate = {.scenario = periodic_tasks, .set = {DISCIPLINE("priority")}};
    struct simulated fixed = simulate(&by_rate);
    assert_near(fixed.record[0].class_metric[0][M_MISS_RATIO], 0, 0, 0);
    assert_true(fixed.record[0].class_metric[1][M_MISS_RATIO] >= 10 / 50.0); /* at least the first of each 35 s */
    simulated_clear(&fixed);
}

/* --- batches --- */

/*
 * Whoever waits when the server falls free is served, all together, in D = 1 s.  After a round the server is idle for
 * 1/lambda if nobody came in it, with probability exp(-lambda D); so it is busy for the share b = D / (D + exp(-lambda
 * D) / lambda).  Arrivals see that share (Poisson), and then wait for the rest of a constant round, D/2 in the mean.
 */
static void an_unbounded_batch(void **state)
{
    (void)state;
    const double rate = 1.5, busy = 1 / (1 + exp(-rate) / rate);
    struct simulated sim = SIMULATE_JOBS(server, 20000, RATE("1.5"), WORK("0.4 GFLOP"),
                               "nodes.server.processors.cpu={speed: 1 GFLOP/s, discipline: batch, "
                               "batch: {max: 100000, overhead: 600 ms}}");
    assert_estimate(simulated_latency(&sim), 1 + busy / 2, .02, true);
    assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_UTILISATION), busy, .02, true);
    simulated_clear(&sim);
}

/* Batches of one are M/G/1, however the members would share a round. */
static void batches_of_one(void **state)
{
    (void)state;
    struct simulated sim = SIMULATE_JOBS(server, 20000, RATE("0.7"), WORK("{exponential: {mean: 0.5 GFLOP}}"),
                               "nodes.server.processors.cpu={speed: 1 GFLOP/s, discipline: batch, "
                               "batch: {max: 1, overhead: 500 ms, parallel: 0.5}}");
    assert_estimate(simulated_latency(&sim), mg1_time(.7, .5), .04, true); /* .5 s + exponential of .5 s: cv .5 */
    simulated_clear(&sim);
}

/* Eight users who never think fill every batch of four: each waits for one round and is served in the next. */
static void full_batches(void **state)
{
    (void)state;
    const struct simulate_input in = {
        .scenario = server,
        .set = {"workloads.customer.arrivals={closed: {users: 8, think: 0 s}}", WORK("0.5 GFLOP"),
                "nodes.server.processors.cpu={speed: 1 GFLOP/s, discipline: batch, "
                "batch: {max: 4, overhead: 250 ms, parallel: 0.5}}",
                "experiment={policies: [local], warm_up: 15 s, duration: 75 s}"}};
    struct simulated sim = simulate(&in);
    const double round = .25 + .5 + .5 * 1.5; /* overhead, the longest, half of the other three */
    assert_near(sim.record[0].metric[M_LATENCY_MEAN], 2 * round, 1e-9, 0);
    assert_near(sim.record[0].metric[M_THROUGHPUT], 4 / round, 1e-12, 0); /* in 50 whole rounds */
    assert_near(sim.record[0].metric[M_UTILISATION], 1, 1e-12, 0);
    assert_near(sim.record[0].metric[M_IN_SYSTEM], 8, 1e-12, 0);
    simulated_clear(&sim);
}

/* --- arrivals in bursts --- */

/* 2 by 2 matrices, row by row. */
struct matrix {
    double a, b, c, d;
};

static struct matrix times(struct matrix x, struct matrix y)
{
    return (struct matrix){x.a * y.a + x.b * y.c, x.a * y.b + x.b * y.d, x.c * y.a + x.d * y.c, x.c * y.b + x.d * y.d};
}

static struct matrix inverse(struct matrix x)
{
    double det = x.a * x.d - x.b * x.c;
    return (struct matrix){x.d / det, -x.b / det, -x.c / det, x.a / det};
}

/*
 * MMPP/M/1 by the matrix-geometric method (Neuts, 1981): pi_n = pi_0 R^n with R = L (mu I + L - Q - mu R)^-1, from 0 by
 * iteration; pi_0 (Q - L + mu R) = 0 and pi_0 (I - R)^-1 1 = 1.  The mean number is pi_0 R (I - R)^-2 1.
 * Rates l[2], mean stays t[2], service rate 1.
 */
static double mmpp_present(const double l[2], const double t[2])
{
    struct matrix r = {0, 0, 0, 0};
    const struct matrix rate = {l[0], 0, 0, l[1]};
    for (int i = 0; i < 100000; i++) {
        r = times(rate, inverse((struct matrix){1 + l[0] + 1 / t[0] - r.a, -1 / t[0] - r.b, -1 / t[1] - r.c,
                                                1 + l[1] + 1 / t[1] - r.d}));
    }
    /* pi_0 = k (x, 1): its first column of (Q - L + R) gives x. */
    double x = -(1 / t[1] + r.c) / (-1 / t[0] - l[0] + r.a);
    struct matrix sum = inverse((struct matrix){1 - r.a, -r.b, -r.c, 1 - r.d}), present = times(r, times(sum, sum));
    return (x * (present.a + present.b) + present.c + present.d) / (x * (sum.a + sum.b) + sum.c + sum.d);
}

static void arrivals_that_come_in_bursts(void **state)
{
    (void)state;
    const double rate[2] = {.25, 1.25}, stay[2] = {20, 10}, alike[2] = {.8, .8};
    const double mean_rate = (rate[0] * stay[0] + rate[1] * stay[1]) / (stay[0] + stay[1]);
    assert_near(mmpp_present(alike, stay), .8 / .2, 1e-9, 0); /* M/M/1 */
    struct simulated sim = SIMULATE_JOBS(server, 60000,
                               "workloads.customer.arrivals={mmpp: {shared: true, calm: {rate: 0.25 /s, stays: 20 s}, "
                               "storm: {rate: 1.25 /s, stays: 10 s}}}");
    assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_IN_SYSTEM), mmpp_present(rate, stay), .06, false);
    assert_estimate(simulated_latency(&sim), mmpp_present(rate, stay) / mean_rate, .06, false);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_with_exponential_service),
        cmocka_unit_test(several_servers_and_the_share_that_waits),
        cmocka_unit_test(one_server_with_any_service),
        cmocka_unit_test(regular_arrivals),
        cmocka_unit_test(processor_sharing_sees_only_the_mean),
        cmocka_unit_test(a_queue_without_waiting_room_loses),
        cmocka_unit_test(a_bounded_queue),
        cmocka_unit_test(priorities_without_preemption),
        cmocka_unit_test(priorities_with_preemption),
        cmocka_unit_test(orders_agree_where_nothing_tells_jobs_apart),
        cmocka_unit_test(earliest_deadline_meets_what_can_be_met),
        cmocka_unit_test(an_unbounded_batch),
        cmocka_unit_test(batches_of_one),
        cmocka_unit_test(full_batches),
        cmocka_unit_test(arrivals_that_come_in_bursts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
