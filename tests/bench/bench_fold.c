/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_fold.c [PASSES] - what all folds together cost, on the stream of the edge workload: 1000 devices at 10 edge
 * servers, four jobs of five served at the edge, one in the cloud, thousands in flight.
 *
 * Jobs go their way with exponential stays and no waiting, which has the shape of the records right; the times of a pass
 * are shifted for the next.  Only measure_fold is timed.
 */
#include <stdlib.h>

#include "sim/measure/measure.h"
#include "tests/bench/limit.h"
#include "tests/edge.h"
#include "tiersim/policy.h"

enum { N_DEVICE = 1000, N_EDGE = 10, N_JOB = 60000, RECORDS_MAX = 7 };

static int by_time(const void *va, const void *vb)
{
    const struct transition *a = va, *b = vb;
    if (a->time_s != b->time_s) {
        return a->time_s < b->time_s ? -1 : 1;
    }
    return a->number != b->number ? (a->number < b->number ? -1 : 1) : a->attempt - b->attempt;
}

/* One job's records from released_s on; attempt holds their order for the sort. */
static size_t story(struct transition *t, struct limit_random *r, uint64_t number, double released_s)
{
    uint32_t device = (uint32_t)(limit_uniform(r) * N_DEVICE), edge = device % N_EDGE;
    uint32_t up = N_EDGE + 1 + 2 * edge, down = up + 1;
    bool cloud = limit_uniform(r) < 0.2;
    uint32_t place = cloud ? N_EDGE : edge;
    double now_s = released_s, stay_s = 0, bits = 6e5 * limit_exponential(r), result_bits = 3e5 * limit_exponential(r);
    size_t n = 0;
    t[n++] = (struct transition){.kind = TR_RELEASE, .to = device, .from = ROW_NONE, .a = INFINITY, .b = bits};
    t[n++] = (struct transition){.kind = TR_PLACE, .from = up, .to = place, .a = 7e9, .b = result_bits};
    now_s += stay_s = 0.006 * limit_exponential(r);
    if (cloud) {
        t[n++] = (struct transition){.kind = TR_MOVE, .time_s = now_s, .from = up, .to = ROW_NONE, .b = bits};
        now_s += 0.05;
    }
    t[n++] = (struct transition){.kind = TR_MOVE, .time_s = now_s, .from = cloud ? ROW_NONE : up, .to = place,
                                 .b = cloud ? 0 : bits};
    now_s += stay_s = 0.07 * limit_exponential(r);
    t[n++] = (struct transition){.kind = TR_MOVE, .time_s = now_s, .from = place, .to = cloud ? ROW_NONE : down, .a = stay_s};
    if (cloud) {
        now_s += 0.05;
        t[n++] = (struct transition){.kind = TR_MOVE, .time_s = now_s, .from = ROW_NONE, .to = down};
    }
    now_s += stay_s = 0.003 * limit_exponential(r);
    t[n++] = (struct transition){.kind = TR_END, .time_s = now_s, .from = down, .to = ROW_NONE, .end = TS_DONE,
                                 .b = result_bits};
    t[0].time_s = t[1].time_s = released_s;
    for (size_t i = 0; i < n; i++) {
        t[i].number = number;
        t[i].attempt = (uint16_t)i;
    }
    return n;
}

/* All records in order of time, rows given out as jobs come and go. */
static size_t generate(struct transition *t, struct limit_random *r, double *span_s)
{
    static uint32_t row_of[N_JOB], free_row[N_JOB];
    uint32_t n_free = 0, n_row = 0;
    size_t n = 0;
    double now_s = 0;
    for (uint64_t j = 0; j < N_JOB; j++) {
        now_s += limit_exponential(r) / N_DEVICE;
        n += story(&t[n], r, j, now_s);
    }
    qsort(t, n, sizeof *t, by_time);
    for (size_t i = 0; i < n; i++) {
        if (t[i].kind == TR_RELEASE) {
            row_of[t[i].number] = n_free ? free_row[--n_free] : n_row++;
        } else if (t[i].kind == TR_END) {
            free_row[n_free++] = row_of[t[i].number];
        }
        t[i].row = row_of[t[i].number];
        t[i].attempt = 0;
    }
    *span_s = t[n - 1].time_s + 1;
    return n;
}

/* Time this thread had, so that neighbours on the machine do not count. */
static double spent_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *va, const void *vb)
{
    double a = *(const double *)va, b = *(const double *)vb;
    return a < b ? -1 : a > b;
}

/* Median over the passes of the time of a record, ns. */
static double run(const struct scenario *s, const struct transition *t, size_t n, double span_s, int passes,
                  const struct measure_options *o)
{
    struct measure m;
    struct record record = {0};
    struct transition buffer[TRANSITION_BUFFER], window = {.kind = TR_WINDOW};
    double *ns = calloc((size_t)passes, sizeof *ns), median = NAN;
    if (!ns || measure_init(&m, s, o, NULL) < 0) {
        free(ns);
        return NAN;
    }
    measure_fold(&m, &window, 1);
    for (int pass = 0; pass < passes; pass++) {
        for (size_t i = 0; i < n; i += TRANSITION_BUFFER) {
            size_t k = n - i < TRANSITION_BUFFER ? n - i : TRANSITION_BUFFER;
            for (size_t l = 0; l < k; l++) {
                buffer[l] = t[i + l];
                buffer[l].time_s += pass * span_s;
                buffer[l].number += (uint64_t)pass * N_JOB;
            }
            double start_s = spent_s();
            measure_fold(&m, buffer, k);
            ns[pass] += (spent_s() - start_s) * 1e9 / (double)n;
        }
    }
    if (measure_finish(&m, &record, NULL) < 0 || record.status != RECORD_OK) {
        fprintf(stderr, "bench_fold: %s\n", record.text);
    }
    qsort(ns, (size_t)passes, sizeof *ns, by_value);
    median = ns[passes / 2];
    free(ns);
    record_clear(&record);
    measure_clear(&m);
    return median;
}

static void drop_rows(void *ctx, const struct row_block *b)
{
    *(uint64_t *)ctx += b->n;
}

int main(int argc, char **argv)
{
    static struct edge_system x;
    struct limit_random r;
    struct err e = {0};
    int passes = (int)limit_count(argc, argv, 40);
    double span_s;
    uint64_t n_row = 0;
    struct row_sink sink = {.flush = drop_rows, .ctx = &n_row};
    struct measure_options rows = {.member_max = 1000, .rows = &sink};
    struct transition *t = malloc(sizeof *t * RECORDS_MAX * N_JOB);
    limit_random_init(&r, 42);
    if (!t || edge_system_init(&x, N_DEVICE, N_EDGE, &e) < 0) {
        fprintf(stderr, "bench_fold: %s\n", t ? e.text : "out of memory");
        return 1;
    }
    /* No core ever is all that waits: stays here are not those of two cores. */
    x.pool[0].units = x.pool[1].units = 10000;
    size_t n = generate(t, &r, &span_s);
    x.s.experiment.duration_s = span_s * passes;
    double ns = run(&x.s, t, n, span_s, passes, NULL);
    printf("bench: fold %.2f ns/record\n", ns);
    printf("bench: fold_job %.1f ns/job\n", ns * (double)n / N_JOB);
    printf("bench: fold_rows %.2f ns/record\n", run(&x.s, t, n, span_s, passes, &rows));
    free(t);
    scenario_free(&x.s);
    return 0;
}
