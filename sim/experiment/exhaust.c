/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/exhaust.h"

#include <math.h>
#include <string.h>

#include "sim/base/fpmode.h"
#include "sim/measure/measure.h"
#include "sim/run/run.h"

enum { MOST_JOBS = 12, MOST_RUNS = 20000 };

/* Which way each question is answered: a candidate by its number, or behind the last of them a rejection. */
struct answers {
    uint32_t n;
    uint32_t way[MOST_JOBS], n_way[MOST_JOBS];
};

static int decide_elsewhere(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                            struct ts_plan *p)
{
    (void)st, (void)h, (void)v, (void)a, (void)p;
    return 0;
}

static const struct ts_policy given = {
    .abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "given", .about = "answers that were made before",
    .decide = decide_elsewhere};

static void fold(void *ctx, const struct transition *t, size_t n)
{
    measure_fold(ctx, t, n);
}

/* Answer as told; questions that come for the first time are answered by way 0.  1: there are too many. */
static int answer_all(struct run *r, struct answers *w, bool may_reject, struct err *e)
{
    const struct ts_view *v;
    const struct ts_ask *a;
    const struct ts_outcome *o;
    uint32_t n = 0;
    int rc;
    while ((rc = run_next(r, &v, &a, &o, e)) == RUN_QUESTION) {
        const struct ts_task *t = ts_task_at(a, 0);
        if (n == MOST_JOBS) {
            return 1;
        }
        if (n == w->n) {
            w->way[w->n] = 0;
            w->n_way[w->n++] = t->n_cand > 0 ? t->n_cand + may_reject : 1;
        }
        uint32_t way = w->way[n++];
        struct ts_step step = {.verb = way < t->n_cand ? TS_PLACE : TS_REJECT,
                               .place = way < t->n_cand ? ts_candidate(a, t, way) : TS_NONE};
        struct ts_plan plan = {.size = sizeof plan, .n = 1, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
        if ((rc = run_answer(r, &plan, e))) {
            return rc;
        }
    }
    return rc;
}

static int try_answers(const struct run_spec *spec, struct answers *w, double *value, struct err *e)
{
    struct run_spec own = *spec;
    struct measure m = {NULL};
    struct run *r = NULL;
    struct record record = {0};
    const bool objective = spec->scenario->objective.given;
    own.ctx = &m;
    *value = NAN;
    int rc = measure_init(&m, spec->scenario, NULL, e);
    rc = rc ? rc : run_create(&r, &own, e);
    rc = rc ? rc : answer_all(r, w, objective, e);
    rc = rc ? rc : measure_finish(&m, &record, e);
    if (rc == 0 && record.status == RECORD_OK) {
        bool lost = record.metric[M_REJECT_RATIO] + record.metric[M_DROP_RATIO] > 0;
        *value = objective ? record.metric[M_OBJECTIVE] : lost ? NAN : record.metric[M_LATENCY_CHARGED];
    }
    record_clear(&record);
    run_free(r);
    measure_clear(&m);
    return rc;
}

/* The next ways, the last question first; false after the last. */
static bool advance(struct answers *w)
{
    while (w->n > 0 && w->way[w->n - 1] + 1 >= w->n_way[w->n - 1]) {
        w->n--;
    }
    if (w->n == 0) {
        return false;
    }
    w->way[w->n - 1]++;
    return true;
}

int exhaust(const struct scenario *s, uint32_t replication, uint64_t tie_seed, double *optimum, struct err *e)
{
    const struct policy_spec anywhere = {.policy = given.name, .label = given.name, .edges = EDGES_ALL, .run_in = UINT64_MAX};
    const struct run_spec spec = {.scenario = s, .spec = &anywhere, .policy = &given, .replication = replication,
                                  .seed = s->experiment.seed, .tie_seed = tie_seed, .full = fold};
    struct answers w = {.n = 0};
    double least = INFINITY;
    uint32_t n_run = 0;
    const uint32_t mode = fpmode_get();
    int rc;
    fpmode_set(FPMODE_STANDARD);
    do {
        double value = NAN;
        rc = n_run++ < MOST_RUNS ? try_answers(&spec, &w, &value, e) : 1;
        least = fmin(least, value);
    } while (rc == 0 && advance(&w));
    fpmode_set(mode);
    *optimum = rc == 0 && isfinite(least) ? least : NAN;
    return rc > 0 ? 0 : rc;
}
