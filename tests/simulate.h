/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * simulate.h - a whole experiment in memory, for tests: the text of a scenario goes through the reader, every policy
 * and replication through the run and the folds, and the records stay.  Whatever a test looks for, all identities of
 * the audit hold in each run (jobs, presence, busy time, bits, joules: SEMANTICS 9), else the test fails there.
 *
 * Where theory gives a mean, it is compared with that over replications within STANDARD_ERRORS of them.  With TS_LONG
 * in the environment (make verify) the runs are long enough for SHARP.
 */
#ifndef TESTS_SIMULATE_H
#define TESTS_SIMULATE_H

#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "policies/builtin.h"
#include "sim/base/stats.h"
#include "sim/io/scenario_read.h"
#include "sim/io/scenario_sample.h"
#include "sim/measure/measure.h"
#include "sim/policy/set.h"
#include "sim/run/drive.h"

enum { STANDARD_ERRORS = 3, MAX_SET = 16, LONG_JOBS = 500000 }; /* 20 replications: 10^7 jobs */
static const double SHARP = 0.01;

/* A file that the scenario refers to, such as a trace; lies beside it. */
struct simulate_file {
    const char *name, *text;
};

struct simulate_input {
    const char *scenario;          /* YAML */
    const char *set[MAX_SET];      /* assignments PATH=VALUE; NULL ends them */
    struct simulate_file file[2];  /* name NULL: none */
    bool rows;                     /* keep a row per job, up to ROW_BLOCK a run */
    const struct ts_policy *policy; /* answers instead of those that the scenario names; NULL: they do */
    const struct ts_policy *over;   /* the same of slow controllers */
    const struct text_service *text; /* answers who asks a language model; NULL: nobody does */
};

struct simulated {
    struct scenario s;
    uint32_t n_policy, n_replication;
    struct record *record;      /* [n_policy][n_replication] */
    struct row_block **rows;    /* the same; NULL if not asked for */
    const struct ts_policy *policy, *over;
    const struct text_service *text;
};

static inline bool simulate_long(void)
{
    return getenv("TS_LONG") != NULL;
}

static inline void simulate_put_file(const char *folder, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* The scenario of the input, from a folder that is gone afterwards. */
static inline struct scenario simulate_read(const struct simulate_input *in)
{
    const char *base = getenv("TMPDIR");
    char folder[256], path[512];
    snprintf(folder, sizeof folder, "%s/tiersim-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    simulate_put_file(folder, "scenario.yaml", in->scenario);
    for (size_t i = 0; i < LEN(in->file) && in->file[i].name; i++) {
        simulate_put_file(folder, in->file[i].name, in->file[i].text);
    }
    snprintf(path, sizeof path, "%s/scenario.yaml", folder);
    size_t n_set = 0;
    while (n_set < MAX_SET && in->set[n_set]) {
        n_set++;
    }
    struct scenario s;
    struct errors errs = {0};
    int rc = scenario_read(&s, path, in->set, n_set, &errs);
    if (rc) {
        errors_print(&errs, stdout);
    }
    errors_clear(&errs);
    unlink(path);
    for (size_t i = 0; i < LEN(in->file) && in->file[i].name; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, in->file[i].name);
        unlink(path);
    }
    rmdir(folder);
    assert_int_equal(rc, 0);
    return s;
}

static inline void simulate_fold(void *ctx, const struct transition *t, size_t n)
{
    measure_fold(ctx, t, n);
}

static inline void simulate_keep_rows(void *ctx, const struct row_block *b)
{
    struct row_block *kept = ctx;
    CHECK(kept->n == 0); /* one block is all a test wants to look at */
    *kept = *b;
}

/* One replication; safe from several threads. */
static inline int simulate_one(struct simulated *sim, uint32_t policy, uint32_t replication, struct err *e)
{
    const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};
    const struct policy_spec *spec = &sim->s.experiment.policy[policy];
    uint32_t i = policy * sim->n_replication + replication;
    struct record *out = &sim->record[i];
    struct row_sink sink = {simulate_keep_rows, NULL};
    struct measure_options options = {.member_max = 1000};
    struct measure m = {NULL};
    struct run_counts counts;
    *out = (struct record){.policy = policy, .replication = replication};
    if (sim->rows) {
        sink.ctx = sim->rows[i] = calloc(1, sizeof **sim->rows);
        CHECK(sink.ctx);
        options.rows = &sink;
    }
    const struct ts_policy *table = sim->policy ? sim->policy : policy_set_find(&set, spec->policy, NULL, 0, 0, e);
    struct scenario drawn = {0};
    struct run_spec run = {.spec = spec, .policy = table, .replication = replication,
                                 .seed = sim->s.experiment.seed, .full = simulate_fold, .ctx = &m, .text = sim->text};
    int rc = table ? policy_set_find_over(&set, spec, NULL, &run.over, e) : -1;
    rc = rc ? rc : scenario_of_replication(&run.scenario, &drawn, &sim->s, run.seed, replication, e);
    run.spec = rc ? spec : &run.scenario->experiment.policy[policy];
    run.over = sim->over && spec->control.over ? sim->over : run.over;
    rc = rc ? rc : measure_init(&m, run.scenario, &options, e);
    if (!rc && !(rc = drive(&run, sim->s.file, NULL, &counts, e))) {
        out->status = counts.verdict == RUN_SATURATED ? RECORD_SATURATED : RECORD_EMPTY;
        rc = measure_finish(&m, out, e);
    }
    measure_clear(&m);
    scenario_free(&drawn);
    return rc;
}

static inline struct simulated simulate(const struct simulate_input *in)
{
    struct simulated sim = {.s = simulate_read(in), .policy = in->policy, .over = in->over, .text = in->text};
    sim.n_policy = sim.s.experiment.n_policy;
    sim.n_replication = sim.s.experiment.replications;
    uint32_t n = sim.n_policy * sim.n_replication, n_bad = 0;
    sim.record = calloc(n, sizeof *sim.record);
    sim.rows = in->rows ? calloc(n, sizeof *sim.rows) : NULL;
    struct err *e = calloc(n, sizeof *e);
    assert_true(sim.record && e && (!in->rows || sim.rows));
#pragma omp parallel for schedule(dynamic, 1)
    for (uint32_t i = 0; i < n; i++) {
        simulate_one(&sim, i / sim.n_replication, i % sim.n_replication, &e[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        char text[2000];
        if (e[i].code != ERR_NONE || sim.record[i].status != RECORD_OK) {
            printf("policy %s, replication %u: status %d: %s\n", sim.s.experiment.policy[i / sim.n_replication].label,
                   i % sim.n_replication, (int)sim.record[i].status,
                   e[i].code ? err_text(&e[i], text, sizeof text) : sim.record[i].text);
            n_bad++;
        }
    }
    free(e);
    assert_int_equal(n_bad, 0);
    return sim;
}

static inline void simulated_clear(struct simulated *sim)
{
    for (uint32_t i = 0; i < sim->n_policy * sim->n_replication; i++) {
        record_clear(&sim->record[i]);
        if (sim->rows) {
            free(sim->rows[i]);
        }
    }
    free(sim->record);
    free(sim->rows);
    scenario_free(&sim->s);
}

static inline const struct record *simulated_record(const struct simulated *sim, uint32_t policy, uint32_t replication)
{
    return &sim->record[policy * sim->n_replication + replication];
}

/* A metric of a class, or of all of them. */
enum { ALL_CLASSES = -1 };
static inline double simulated_value(const struct simulated *sim, uint32_t policy, uint32_t replication, int class,
                                     enum metric m)
{
    const struct record *r = simulated_record(sim, policy, replication);
    return class == ALL_CLASSES ? r->metric[m] : r->class_metric[class][m];
}

/* The scenario with so many measured jobs a replication, or LONG_JOBS in a long run, and the assignments of set. */
static inline struct simulated simulate_jobs(const char *scenario, unsigned jobs, const char *const set[])
{
    char how_many[64];
    struct simulate_input in = {.scenario = scenario, .set = {how_many}};
    unsigned n = simulate_long() && jobs < LONG_JOBS ? LONG_JOBS : jobs;
    snprintf(how_many, sizeof how_many, "experiment.jobs=%u", n);
    for (size_t i = 0; set && set[i]; i++) {
        assert_true(i + 2 < MAX_SET);
        in.set[i + 1] = set[i];
    }
    return simulate(&in);
}

#define SIMULATE_JOBS(scenario, jobs, ...) \
    simulate_jobs((scenario), (jobs), (const char *const[]){__VA_ARGS__, NULL})

/* Mean over replications, and its standard error. */
struct estimate {
    double mean, error;
};

static inline struct estimate estimate_of(const double *x, uint32_t n)
{
    return (struct estimate){stats_mean(x, n), sqrt(stats_variance(x, n) / n)};
}

static inline struct estimate simulated_estimate(const struct simulated *sim, uint32_t policy, int class, enum metric m)
{
    double *x = calloc(sim->n_replication, sizeof *x);
    assert_non_null(x);
    for (uint32_t r = 0; r < sim->n_replication; r++) {
        x[r] = simulated_value(sim, policy, r, class, m);
    }
    struct estimate e = estimate_of(x, sim->n_replication);
    free(x);
    return e;
}

static inline struct estimate simulated_latency(const struct simulated *sim)
{
    return simulated_estimate(sim, 0, ALL_CLASSES, M_LATENCY_MEAN);
}

/*
 * The mean is the wanted one within STANDARD_ERRORS; and the run was long enough to say so: those are at most `power`
 * of it.  In a long run of a model that promises it, the mean is within SHARP instead: some hundred comparisons of such
 * precision by standard errors would fail now and then by chance.  TS_SHOW in the environment shows all.
 */
#define assert_estimate(got, want, power, sharp)                                                                     \
    do {                                                                                                             \
        struct estimate got_ = (got);                                                                                \
        double want_ = (want), room_ = STANDARD_ERRORS * got_.error;                                                 \
        if (getenv("TS_SHOW")) {                                                                                     \
            printf("%s:%d: %.6g wanted %.6g: %+.2f standard errors of %.2g %%\n", __func__, __LINE__, got_.mean,     \
                   want_, (got_.mean - want_) / got_.error, 100 * got_.error / fabs(want_));                         \
        }                                                                                                            \
        if (!(room_ <= (power) * fabs(want_))) {                                                                     \
            fail_msg("%s: %d standard errors are %g of %g: too few jobs", #got, STANDARD_ERRORS, room_, want_);      \
        }                                                                                                            \
        bool long_ = simulate_long() && (sharp);                                                                     \
        assert_near(got_.mean, want_, long_ ? SHARP : 0, long_ ? 0 : room_);                                         \
    } while (0)

#endif
