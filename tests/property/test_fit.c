/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_fit.c - what is fitted to a trace is what the trace was made by: samples of our own generators give their
 * parameters back, the fragment of a scenario that is written reads back, and what it makes has the statistics of the
 * trace again.  A tolerance is five standard errors of the estimate at that many arrivals, steps or sizes.
 */
#include "sim/calibrate/describe.h"
#include "sim/calibrate/fit.h"
#include "sim/calibrate/fit_write.h"
#include "sim/calibrate/mmpp.h"
#include "sim/io/trace/trace.h"
#include "sim/show/fit.h"
#include "tests/replicate.h"

enum { ARRIVALS = 20000, STEPS = 40000, SIZES = 20000 };

static void draw_arrivals(const struct arrivals *a, double *time_s, size_t n)
{
    struct source *s = malloc(source_size(a, 1));
    struct arrival next;
    assert_non_null(s);
    source_start(s, a, 1, 0, (struct stream_key){7, 3}, stream_entity("tests"));
    for (size_t i = 0; i < n; i++) {
        source_next(s, &next);
        time_s[i] = next.release_s;
    }
    for (size_t i = n; i-- > 0;) {
        time_s[i] -= time_s[0];
    }
    free(s);
}

/* All four models of one sample; the one of least BIC. */
static int fit_all(const double *time_s, size_t n, struct arena *a, struct arrivals_fit fit[N_FIT_ARRIVALS])
{
    int best = 0;
    for (int m = 0; m < N_FIT_ARRIVALS; m++) {
        struct err e = {0};
        assert_int_equal(fit_arrivals((enum fit_arrivals)m, time_s, n, a, &fit[m], &e), 0);
        best = fit[m].quality.bic < fit[best].quality.bic ? m : best;
    }
    return best;
}

/* Rate 5 /s: of 20000 gaps the mean is known to 1 / sqrt(20000) = .7 %. */
static void a_poisson_stream_is_told(void **state)
{
    static double time_s[ARRIVALS];
    const struct arrivals a = {.kind = ARRIVAL_POISSON, .rate = 5};
    struct arrivals_fit fit[N_FIT_ARRIVALS];
    struct arena arena = {0};
    (void)state;
    draw_arrivals(&a, time_s, ARRIVALS);
    assert_int_equal(fit_all(time_s, ARRIVALS, &arena, fit), FIT_POISSON);
    assert_near(fit[FIT_POISSON].model.rate, 5, 5 * 0.0071, 0);
    /* The others hold the Poisson process as a case, so they are no less likely, and say nearly the same. */
    assert_near(dist_cv(&fit[FIT_RENEWAL].model.interval), 1, 5 * 0.0090, 0);
    assert_true(fit[FIT_RENEWAL].quality.log_likelihood >= fit[FIT_POISSON].quality.log_likelihood - 1e-6);
    assert_true(fit[FIT_MMPP].quality.log_likelihood >= fit[FIT_POISSON].quality.log_likelihood - 0.5);
    assert_true(fit[FIT_POISSON].quality.distance < 0.015); /* 1.36 sqrt(1/20000 + 1/50000) = .011 at 5 %, 1.63 at 1 % */
    arena_clear(&arena);
}

/*
 * Gamma gaps of cv 2, shape 1/4.  The information of a shape k with the mean known is psi'(k) - 1/k (Johnson, Kotz and
 * Balakrishnan, Continuous Univariate Distributions 1, 17.7): 17.2 - 4, so the shape is known to 1 / sqrt(13.2 * 20000) =
 * .0019 of .25, .8 %, and the cv to half of that.
 */
static void gamma_gaps_are_told(void **state)
{
    static double time_s[ARRIVALS];
    struct arrivals a = {.kind = ARRIVAL_RENEWAL, .shared = true};
    struct arrivals_fit fit[N_FIT_ARRIVALS];
    struct arena arena = {0};
    (void)state;
    assert_int_equal(dist_gamma(&a.interval, 0.5, 2, NULL), 0);
    draw_arrivals(&a, time_s, ARRIVALS);
    assert_int_equal(fit_all(time_s, ARRIVALS, &arena, fit), FIT_RENEWAL);
    assert_near(dist_cv(&fit[FIT_RENEWAL].model.interval), 2, 5 * 0.004, 0);
    assert_near(dist_mean(&fit[FIT_RENEWAL].model.interval), 0.5, 5 * 2 / sqrt(ARRIVALS), 0);
    assert_near(fit[FIT_RENEWAL].sample.cv, 2, 0.1, 0);
    arena_clear(&arena);
}

/*
 * Bursts of 14 /s that stay for 2 s, silence for 10 s: 28 arrivals a cycle, so 714 cycles in 20000, and stays are known to
 * 1 / sqrt(714) = 3.7 %, the rate in bursts to .8 %.
 */
static void bursts_and_silence_are_told(void **state)
{
    static double time_s[ARRIVALS];
    const struct process_state states[2] = {{"burst", 14, 2}, {"silent", 0, 10}};
    const struct arrivals a = {
        .kind = ARRIVAL_MMPP, .shared = true, .modulation = {.kind = PROCESS_MARKOV, .n_state = 2, .state = states}};
    struct arrivals_fit fit[N_FIT_ARRIVALS];
    struct arena arena = {0};
    (void)state;
    draw_arrivals(&a, time_s, ARRIVALS);
    assert_int_equal(fit_all(time_s, ARRIVALS, &arena, fit), FIT_ONOFF);
    const struct process_state *found = fit[FIT_ONOFF].model.modulation.state;
    assert_near(found[0].value, 14, 5 * 0.008, 0);
    assert_near(found[0].stay_s, 2, 5 * 0.037, 0);
    assert_near(found[1].stay_s, 10, 5 * 0.037, 0);
    assert_true(found[1].value == 0);
    assert_true(fit[FIT_ONOFF].quality.distance < 0.02);
    arena_clear(&arena);
}

/* 20 /s for 5 s and 1 /s for 20 s: 120 arrivals a cycle, 167 cycles, so stays to 8 %; the slow rate from 3300 arrivals. */
static void two_rates_are_told(void **state)
{
    static double time_s[ARRIVALS];
    const struct process_state states[2] = {{"fast", 20, 5}, {"slow", 1, 20}};
    const struct arrivals a = {
        .kind = ARRIVAL_MMPP, .shared = true, .modulation = {.kind = PROCESS_MARKOV, .n_state = 2, .state = states}};
    struct arrivals_fit fit[N_FIT_ARRIVALS];
    struct arena arena = {0};
    (void)state;
    draw_arrivals(&a, time_s, ARRIVALS);
    assert_int_equal(fit_all(time_s, ARRIVALS, &arena, fit), FIT_MMPP);
    const struct process_state *found = fit[FIT_MMPP].model.modulation.state;
    assert_near(found[0].value, 20, 5 * 0.008, 0);
    assert_near(found[1].value, 1, 5 * 0.02, 0);
    assert_near(found[0].stay_s, 5, 5 * 0.08, 0);
    assert_near(found[1].stay_s, 20, 5 * 0.08, 0);
    /* Its counts spread as the formula says they do. */
    const struct mmpp m = {{20, 1}, {1.0 / 5, 1.0 / 20}};
    struct arrivals_described d;
    fit_describe_arrivals(time_s, ARRIVALS, 1 / 4.8, &d);
    assert_near(d.dispersion[0], mmpp_dispersion(&m, 10 / 4.8), 0.15, 0);
    assert_near(d.dispersion[1], mmpp_dispersion(&m, 100 / 4.8), 0.35, 0);
    arena_clear(&arena);
}

/* With equal rates the states do not matter: the likelihood is that of a Poisson process, sum of log r - r x. */
static void equal_rates_are_a_poisson_process(void **state)
{
    static const double x[] = {0, 0.3, 2, 0.01, 7};
    const struct mmpp m = {{1.5, 1.5}, {0.2, 3}};
    double want = 0;
    (void)state;
    for (size_t i = 0; i < LEN(x); i++) {
        want += log(1.5) - 1.5 * x[i];
    }
    assert_near(mmpp_log_likelihood(&m, x, LEN(x)), want, 1e-12, 0);
    assert_near(mmpp_dispersion(&m, 3), 1, 1e-15, 0);
}

/* A level of a process, as a series with a row for each value. */
static struct series level_of(const struct process *p, double span_s, double *time_s, double *value, size_t room)
{
    static const double *column[1];
    static const char *const name[1] = {"capacity"};
    struct process_at at;
    struct series s = {.n_column = 1, .name = name, .value = column, .time_s = time_s, .span_s = span_s};
    column[0] = value;
    process_start(p, &at, (struct stream_key){5, 1}, stream_entity("tests"), 0);
    for (double t = 0; t < span_s; t = at.until_s) {
        process_seek(p, &at, t);
        assert_true(s.n_row < room);
        time_s[s.n_row] = t;
        value[s.n_row++] = at.value;
    }
    return s;
}

/* All models of one level; the one of least BIC. */
static int fit_levels(const struct series *s, struct arena *a, struct level_fit fit[N_FIT_LEVEL])
{
    struct level_steps l;
    struct err e = {0};
    int best = 0;
    assert_int_equal(fit_level_steps(s, 0, 1, true, a, &l, &e), 0);
    for (int m = 0; m < N_FIT_LEVEL; m++) {
        assert_int_equal(fit_level((enum fit_level)m, &l, a, &fit[m], &e), 0);
        best = fit[m].quality.bic < fit[best].quality.bic ? m : best;
    }
    return best;
}

/*
 * 40000 steps of 1 s with phi = .74 are as good as 40000 (1 - phi) / (1 + phi) = 6000 independent ones: the standard
 * deviation .55 to about 1 %, phi to sqrt(1 - phi^2) / 200 = .0034.  Outages are 40000 / 520 = 77: every and lasts to 11 %;
 * a step is an outage if nine tenths of it are, which takes .9 s of the 20 s away on average.
 */
static void a_fading_link_with_outages_is_told(void **state)
{
    static double time_s[2 * STEPS], value[2 * STEPS];
    const struct process p = {.kind = PROCESS_LOG_AR1, .mean = 30e6, .sd_log = 0.55, .correlation = 0.74, .step_s = 1,
                              .outage_every_s = 500, .outage_lasts_s = 20};
    struct level_fit fit[N_FIT_LEVEL];
    struct arena arena = {0};
    (void)state;
    const struct series s = level_of(&p, STEPS, time_s, value, LEN(time_s));
    assert_int_equal(fit_levels(&s, &arena, fit), FIT_LOG_AR1);
    const struct process *found = &fit[FIT_LOG_AR1].model;
    assert_near(found->mean, 30e6, 5 * 0.0075, 0);
    assert_near(found->sd_log, 0.55, 5 * 0.01, 0);
    assert_near(found->correlation, 0.74, 0, 5 * 0.0034);
    assert_near(found->outage_every_s, 500, 5 * 0.11, 0);
    assert_near(found->outage_lasts_s, 19.1, 5 * 0.11, 0);
    assert_true(found->outage_value < 0.05 * 30e6);
    assert_true(fit[FIT_LOG_AR1].quality.distance < 0.05); /* outages are at their mean, not at 0: 3.7 % of the time */
    assert_near(fit[FIT_LOG_AR1].sample.cv, sqrt(exp(0.55 * 0.55) / (1 - 20.0 / 520) - 1), 0.1, 0);
    arena_clear(&arena);
}

/*
 * 500 Mbit/s for 120 s and 100 for 40 s: 250 cycles, stays to 6 %.  A stay of less than about a step is not seen, which
 * makes the others 4 % longer; a step across a change is of neither level, which moves the values by a hundredth.
 */
static void a_link_of_two_levels_is_told(void **state)
{
    static double time_s[2 * STEPS], value[2 * STEPS];
    const struct process_state states[2] = {{"near", 500e6, 120}, {"far", 100e6, 40}};
    const struct process p = {.kind = PROCESS_MARKOV, .n_state = 2, .state = states};
    struct level_fit fit[N_FIT_LEVEL];
    struct arena arena = {0};
    (void)state;
    const struct series s = level_of(&p, STEPS, time_s, value, LEN(time_s));
    int best = fit_levels(&s, &arena, fit);
    assert_true(best != FIT_LOG_AR1);
    const struct process_state *found = fit[FIT_MARKOV2].model.state;
    assert_near(found[1].value, 500e6, 0.03, 0);
    assert_near(found[0].value, 100e6, 0.05, 0);
    assert_near(found[1].stay_s, 120, 5 * 0.06, 0);
    assert_near(found[0].stay_s, 40, 5 * 0.06, 0);
    assert_true(fit[FIT_MARKOV2].model.outage_every_s == 0);
    assert_near(fit[FIT_MARKOV2].sample.mean, 400e6, 0.06, 0);
    arena_clear(&arena);
}

static void draw_sizes(const struct dist *d, double *x)
{
    for (uint64_t i = 0; i < SIZES; i++) {
        x[i] = dist_draw(d, &(struct draw_at){{3, 1}, stream_entity("tests"), 0, i, DRAW_INPUT, 0});
    }
}

/* A median is known to sigma / sqrt(n), a sigma to sigma / sqrt(2 n). */
static void a_lognormal_is_told(void **state)
{
    static double x[SIZES];
    struct dist d;
    struct size_fit fit[2];
    struct arena arena = {0};
    struct err e = {0};
    (void)state;
    assert_int_equal(dist_lognormal_native(&d, 7, 1.36, NULL), 0);
    draw_sizes(&d, x);
    assert_int_equal(fit_size(FIT_LOGNORMAL, x, SIZES, &arena, &fit[0], &e), 0);
    assert_int_equal(fit_size(FIT_MIXTURE2, x, SIZES, &arena, &fit[1], &e), 0);
    assert_near(fit[0].model.u.lognormal.mu, 7, 0, 5 * 1.36 / sqrt(SIZES));
    assert_near(fit[0].model.u.lognormal.sigma, 1.36, 0, 5 * 1.36 / sqrt(2.0 * SIZES));
    assert_true(fit[0].quality.bic < fit[1].quality.bic);
    assert_true(fit[0].quality.distance < 1.63 / sqrt(SIZES)); /* 1 % of samples are farther */
    arena_clear(&arena);
}

/* Parts six of their deviations apart, so each is nearly a sample of its own: 6000 and 14000 of 20000. */
static void a_mixture_of_two_is_told(void **state)
{
    static double x[SIZES];
    const double weight[2] = {0.3, 0.7};
    struct dist part[2], d;
    struct size_fit fit[3];
    struct arena arena = {0};
    struct err e = {0};
    (void)state;
    assert_int_equal(dist_lognormal_native(&part[0], 4, 0.5, NULL), 0);
    assert_int_equal(dist_lognormal_native(&part[1], 7, 0.4, NULL), 0);
    assert_int_equal(dist_mixture(&d, &arena, 2, weight, part, NULL), 0);
    draw_sizes(&d, x);
    for (int m = FIT_LOGNORMAL; m <= FIT_MIXTURE3; m++) {
        assert_int_equal(fit_size((enum fit_size)m, x, SIZES, &arena, &fit[m], &e), 0);
    }
    assert_true(fit[1].quality.bic < fit[0].quality.bic && fit[1].quality.bic < fit[2].quality.bic);
    const struct dist *found = fit[1].model.u.mixture.component;
    assert_near(fit[1].model.u.mixture.share[0], 0.3, 0, 5 * sqrt(.3 * .7 / SIZES));
    assert_near(found[0].u.lognormal.mu, 4, 0, 5 * 0.5 / sqrt(6000) * 1.2);
    assert_near(found[1].u.lognormal.mu, 7, 0, 5 * 0.4 / sqrt(14000) * 1.2);
    assert_near(found[0].u.lognormal.sigma, 0.5, 0, 5 * 0.5 / sqrt(12000) * 1.5);
    assert_near(found[1].u.lognormal.sigma, 0.4, 0, 5 * 0.4 / sqrt(28000) * 1.5);
    arena_clear(&arena);
}

/* 1 .. 89 and eleven times 100: an atom from .89 to 1, where quantiles keep to it. */
static void quantiles_keep_atoms(void **state)
{
    double x[100];
    struct size_fit fit;
    struct arena arena = {0};
    struct err e = {0};
    (void)state;
    for (int i = 0; i < 100; i++) {
        x[i] = i < 89 ? i + 1 : 100;
    }
    assert_int_equal(fit_size(FIT_QUANTILES, x, LEN(x), &arena, &fit, &e), 0);
    assert_near(dist_quantile(&fit.model, 0.9), 100, 1e-15, 0);
    assert_near(dist_quantile(&fit.model, 0.999), 100, 1e-15, 0);
    assert_near(dist_quantile(&fit.model, 0.5), 51, 1e-12, 0); /* the value of rank .5 * 100, from 0 */
    assert_near(dist_min(&fit.model), 1, 0, 0);
    assert_true(isnan(fit.quality.bic));
    x[0] = 0;
    assert_int_equal(fit_size(FIT_LOGNORMAL, x, LEN(x), &arena, &fit, &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "found sizes of 0"));
    arena_clear(&arena);
}

/*
 * From a trace to a scenario and back: the fragment is a workload's, the loader reads it, the run's source and sizes make a
 * trace like the one it came from.
 */
static void what_is_written_reads_back_and_makes_the_like(void **state)
{
    static double time_s[ARRIVALS], tokens[ARRIVALS], again_s[ARRIVALS];
    const struct process_state states[2] = {{"burst", 14, 2}, {"silent", 0, 10}};
    const struct arrivals a = {
        .kind = ARRIVAL_MMPP, .shared = true, .modulation = {.kind = PROCESS_MARKOV, .n_state = 2, .state = states}};
    const double *column[1] = {tokens}, mean[1] = {0};
    const char *const name[1] = {"tokens"};
    struct arrivals_described first, second;
    struct dist d;
    struct err e = {0};
    struct scenario s;
    char *fragment = NULL, text[8192];
    size_t n = 0;
    (void)state;
    draw_arrivals(&a, time_s, ARRIVALS);
    assert_int_equal(dist_lognormal_native(&d, 7, 0.8, NULL), 0);
    draw_sizes(&d, tokens);
    const struct series trace = {.n_row = ARRIVALS, .n_column = 1, .time_s = time_s, .value = column, .name = name,
                                 .mean = mean, .span_s = time_s[ARRIVALS - 1] + 1};
    const struct fit_request request = {.path = "made", .kind = "here", .points = true, .under = "workloads.chat",
                                        .n_size = 1, .size = {{"input", "tokens", "4B", 32}}, .step_s = NAN};
    FILE *out = open_memstream(&fragment, &n);
    assert_int_equal(fit_print(out, &trace, &request, &e), 0);
    fclose(out);
    assert_non_null(strstr(fragment, "# onoff     *"));
    snprintf(text, sizeof text,
             "tiersim: 1\nname: t\nnodes: {phone: {tier: end, processors: {cpu: {speed: 1 GFLOP/s}}}}\n%s"
             "    at: phone\n    work: 1 FLOP\nexperiment: {policies: [local], duration: 1 s}\n", fragment);
    scenario_of_text(&s, text, NULL);
    draw_arrivals(&s.workload[0].arrivals, again_s, ARRIVALS);
    double gap_s = time_s[ARRIVALS - 1] / (ARRIVALS - 1);
    fit_describe_arrivals(time_s, ARRIVALS, gap_s, &first);
    fit_describe_arrivals(again_s, ARRIVALS, gap_s, &second);
    assert_near(second.rate, first.rate, 0.15, 0); /* 714 cycles: 2 sqrt(2) 3.7 % and the fit's own */
    assert_near(second.cv, first.cv, 0.15, 0);
    assert_near(second.dispersion[0], first.dispersion[0], 0.2, 0);
    assert_near(second.dispersion[1], first.dispersion[1], 0.4, 0);
    assert_near(dist_mean(&s.workload[0].input.dist), 32 * exp(7 + 0.32), 5 * 0.0095, 0); /* bit; cv .94 / sqrt(20000) */
    free(fragment);
    scenario_free(&s);
}

/* And of a link. */
static void a_link_reads_back_and_makes_the_like(void **state)
{
    static double time_s[2 * STEPS], value[2 * STEPS];
    const struct process p = {.kind = PROCESS_LOG_AR1, .mean = 30e6, .sd_log = 0.55, .correlation = 0.9, .step_s = 1,
                              .outage_every_s = 300, .outage_lasts_s = 20, .outage_value = 1e5};
    const double mean[1] = {0};
    struct level_described first, second;
    struct level_steps l;
    struct arena arena = {0};
    struct err e = {0};
    struct scenario s;
    char *fragment = NULL, text[8192];
    size_t n = 0;
    (void)state;
    struct series trace = level_of(&p, STEPS, time_s, value, LEN(time_s));
    trace.mean = mean;
    const struct fit_request request = {.path = "made", .kind = "here", .under = "links.radio", .step_s = 1};
    FILE *out = open_memstream(&fragment, &n);
    assert_int_equal(fit_print(out, &trace, &request, &e), 0);
    fclose(out);
    snprintf(text, sizeof text,
             "tiersim: 1\nname: t\nnodes:\n  phone: {tier: end}\n  mast: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
             "%s    from: phone\n    to: mast\nworkloads: {w: {at: phone, arrivals: {poisson: {rate: 1 /s}}, work: 1 FLOP}}\n"
             "experiment: {policies: [jsq], duration: 1 s}\n", fragment);
    scenario_of_text(&s, text, NULL);
    assert_int_equal(fit_level_steps(&trace, 0, 1, true, &arena, &l, &e), 0);
    fit_describe_level(&l, &first);
    const struct process *read = &s.link[0].direction[DIRECTION_UP].capacity;
    assert_int_equal(read->kind, PROCESS_LOG_AR1);
    const struct series again = level_of(read, STEPS, time_s, value, LEN(time_s));
    assert_int_equal(fit_level_steps(&again, 0, 1, true, &arena, &l, &e), 0);
    fit_describe_level(&l, &second);
    assert_near(second.mean, first.mean, 0.06, 0); /* 40000 / 19 = 2100 independent steps: 1.3 % each */
    assert_near(second.sd_log, first.sd_log, 0.06, 0);
    assert_near(second.down, first.down, 0.6, 0); /* 125 outages each: 13 % of 6 %, twice */
    for (int i = 0; i < FIT_LAGS; i++) {
        assert_near(second.correlation[i], first.correlation[i], 0, 0.12);
    }
    free(fragment);
    arena_clear(&arena);
    scenario_free(&s);
}

/* Three hours between arrivals: of the 50000 that would be drawn only those within the longest run are. */
static void a_slow_stream_is_described_by_what_a_run_can_hold(void **state)
{
    enum { N = 200 };
    static double time_s[N];
    const struct arrivals a = {.kind = ARRIVAL_POISSON, .rate = 1e-4};
    struct arrivals_fit fit[N_FIT_ARRIVALS];
    struct arena arena = {0};
    (void)state;
    draw_arrivals(&a, time_s, N);
    fit_all(time_s, N, &arena, fit);
    for (int m = 0; m < N_FIT_ARRIVALS; m++) {
        assert_near(fit[m].sample.rate, 1e-4, 0.25, 0); /* of 200: 7 %, and of 3300: 2 % */
        assert_true(fit[m].quality.distance < 0.2);
    }
    arena_clear(&arena);
}

static void too_little_is_refused(void **state)
{
    static const double few[] = {0, 1, 2}, once[30] = {0};
    struct arrivals_fit fit;
    struct arena arena = {0};
    struct err e = {0};
    (void)state;
    assert_int_equal(fit_arrivals(FIT_POISSON, few, LEN(few), &arena, &fit, &e), -ERR_INPUT);
    assert_string_equal(e.text, "found 3 arrivals in 2 s, wanted 20 or more, not all at once");
    e = (struct err){0};
    assert_int_equal(fit_arrivals(FIT_MMPP, once, LEN(once), &arena, &fit, &e), -ERR_INPUT);
    arena_clear(&arena);
}

static void the_statistics_are_right(void **state)
{
    static const double x[] = {1, 2, 3, 4, 5, 6}, up[] = {1, 2, 3, 4}, down[] = {3, 4, 5, 6};
    (void)state;
    assert_near(describe_mean(x, 6), 3.5, 1e-15, 0);
    assert_near(describe_sd(x, 6), sqrt(35.0 / 12), 1e-15, 0);
    /* Products of neighbours: 3.75 + .75 - .25 + .75 + 3.75 = 8.75 of 17.5, times 6/5. */
    assert_near(describe_correlation(x, 6, 1), 0.6, 1e-15, 0);
    assert_true(isnan(describe_correlation(x, 6, 5)));
    assert_near(describe_distance(up, 4, down, 4), 0.5, 1e-15, 0);
    assert_near(describe_distance(up, 4, up, 4), 0, 0, 0);
}

/* What reference figures say of the published traces (Splitwise, ISCA 2024; 5Gophers, WWW 2020). */
static void published_traces_are_of_their_classes(void **state)
{
    const char *data = getenv("TIERSIM_DATA");
    char path[512];
    struct arena arena = {0};
    struct err e = {0};
    const struct series *s;
    struct arrivals_fit fit[N_FIT_ARRIVALS];
    struct arrivals_described trace;
    struct size_fit size;
    (void)state;
    snprintf(path, sizeof path, "%s/llm/azure_llm_code_2023.csv", data ? data : "");
    if (!data || access(path, R_OK) != 0) {
        skip_because("TIERSIM_DATA does not name the folder of the real traces");
    }
    assert_int_equal(trace_read(&arena, path, "azure_llm", NULL, true, &s, &e), 0);
    fit_all(s->time_s, s->n_row, &arena, fit);
    fit_describe_arrivals(s->time_s, s->n_row, 0.1, &trace); /* windows of 1, 10 and 100 s */
    assert_near(trace.rate, 2.57, 0.01, 0);
    assert_near(trace.cv, 13.2, 0.01, 0);
    assert_near(trace.dispersion[0], 13, 0.1, 0);
    assert_near(trace.dispersion[1], 71, 0.1, 0);
    /* ON/OFF, not gamma: 73 % of seconds are empty, 8 to 10 arrivals in the others. */
    const struct process_state *on = fit[FIT_ONOFF].model.modulation.state;
    assert_true(on[0].value > 7 && on[0].value < 13);
    assert_near(on[1].stay_s / (on[0].stay_s + on[1].stay_s), 0.75, 0.1, 0);
    fit_describe_arrivals(s->time_s, s->n_row, 0.39, &trace);
    assert_true(fit_misses(&fit[FIT_ONOFF].sample, &trace) < fit_misses(&fit[FIT_RENEWAL].sample, &trace) / 2);
    /* Lognormals: prompts (7.00, 1.36), outputs (2.79, .85). */
    assert_int_equal(fit_size(FIT_LOGNORMAL, s->value[0], s->n_row, &arena, &size, &e), 0);
    assert_near(size.model.u.lognormal.mu, 7.00, 0, 0.01);
    assert_near(size.model.u.lognormal.sigma, 1.36, 0, 0.01);
    assert_int_equal(fit_size(FIT_LOGNORMAL, s->value[1], s->n_row, &arena, &size, &e), 0);
    assert_near(size.model.u.lognormal.mu, 2.79, 0, 0.01);
    assert_near(size.model.u.lognormal.sigma, 0.85, 0, 0.01);
    arena_clear(&arena);
}

struct links_seen {
    double n, sd_log, correlation, outage_s, n_outage;
};

/* log_ar1 with outages fitted to each of these traces at steps of 1 s, as the published calibration was. */
static struct links_seen fit_links(const char *data, const char *const *name, size_t n)
{
    struct links_seen seen = {0};
    for (size_t i = 0; i < n; i++) {
        struct arena arena = {0};
        struct err e = {0};
        struct level_steps l;
        struct level_fit fit;
        const struct series *s;
        char path[512];
        snprintf(path, sizeof path, "%s/links/ghent4g_sabre/report_%s.json", data, name[i]);
        assert_int_equal(trace_read(&arena, path, "sabre", NULL, false, &s, &e), 0);
        assert_int_equal(fit_level_steps(s, 0, 1, true, &arena, &l, &e), 0);
        assert_int_equal(fit_level(FIT_LOG_AR1, &l, &arena, &fit, &e), 0);
        seen.n++;
        seen.sd_log += fit.model.sd_log;
        seen.correlation += fit.model.correlation;
        seen.n_outage += fit.model.outage_every_s > 0;
        seen.outage_s += fit.model.outage_every_s > 0 ? fit.model.outage_lasts_s : 0;
        arena_clear(&arena);
    }
    return seen;
}

/*
 * Ghent 4G: sd of the logarithm .55, phi(1 s) .74, outages of 2.3 s on average over 40 logs (van der Hooft et al., IEEE
 * Commun. Lett. 20, 2016, as calibrated).  These are half of them, of which means scatter by a fifth of a trace's own.
 */
static void published_links_are_of_their_class(void **state)
{
    static const char *const name[] = {
        "bicycle_0001", "bus_0001", "bus_0003", "bus_0005", "bus_0007", "bus_0009", "bus_0011", "car_0002",
        "car_0004", "car_0006", "car_0008", "foot_0002", "foot_0004", "foot_0006", "foot_0008", "train_0002",
        "tram_0001", "tram_0003", "tram_0005", "tram_0007"};
    const char *data = getenv("TIERSIM_DATA");
    char path[512];
    (void)state;
    snprintf(path, sizeof path, "%s/links/ghent4g_sabre", data ? data : "");
    if (!data || access(path, R_OK) != 0) {
        skip_because("TIERSIM_DATA does not name the folder of the real traces");
    }
    struct links_seen seen = fit_links(data, name, LEN(name));
    assert_near(seen.sd_log / seen.n, 0.55, 0, 0.1);
    assert_near(seen.correlation / seen.n, 0.74, 0, 0.1);
    assert_true(seen.n_outage > 0);
    assert_near(seen.outage_s / seen.n_outage, 2.3, 0, 1.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poisson_stream_is_told),
        cmocka_unit_test(gamma_gaps_are_told),
        cmocka_unit_test(bursts_and_silence_are_told),
        cmocka_unit_test(two_rates_are_told),
        cmocka_unit_test(equal_rates_are_a_poisson_process),
        cmocka_unit_test(a_fading_link_with_outages_is_told),
        cmocka_unit_test(a_link_of_two_levels_is_told),
        cmocka_unit_test(a_lognormal_is_told),
        cmocka_unit_test(a_mixture_of_two_is_told),
        cmocka_unit_test(quantiles_keep_atoms),
        cmocka_unit_test(what_is_written_reads_back_and_makes_the_like),
        cmocka_unit_test(a_link_reads_back_and_makes_the_like),
        cmocka_unit_test(a_slow_stream_is_described_by_what_a_run_can_hold),
        cmocka_unit_test(too_little_is_refused),
        cmocka_unit_test(the_statistics_are_right),
        cmocka_unit_test(published_traces_are_of_their_classes),
        cmocka_unit_test(published_links_are_of_their_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
