/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Streams of transitions by hand.  The system is that of edge.h with 4 devices and 2 edge servers: a core of an edge
 * server is (120 - 100) / 2 = 10 W above idle, one of the cloud (400 - 200) / 4 = 50 W.
 */
#include <malloc.h>
#include <stdlib.h>

#include "sim/measure/audit.h"
#include "sim/measure/measure.h"
#include "tests/edge.h"
#include "tests/test.h"
#include "tiersim/policy.h"

enum { EDGE0, EDGE1, CLOUD, UP0, DOWN0, UP1, DOWN1 };

struct tape {
    struct transition t[400];
    size_t n;
};

static struct edge_system sys;

static int setup(void **state)
{
    struct err e = {0};
    (void)state;
    if (edge_system_init(&sys, 4, 2, &e) < 0) {
        fail_msg("%s", e.text);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scenario_free(&sys.s);
    return 0;
}

static struct transition *put(struct tape *tape, double time_s, enum transition_kind kind, uint32_t job)
{
    assert_true(tape->n < LEN(tape->t));
    struct transition *t = &tape->t[tape->n++];
    *t = (struct transition){.time_s = time_s, .kind = (uint8_t)kind, .number = job, .row = job,
                             .from = ROW_NONE, .to = ROW_NONE};
    return t;
}

static void window(struct tape *tape, double time_s, uint32_t closes)
{
    put(tape, time_s, TR_WINDOW, 0)->row = closes;
}

static struct transition *release(struct tape *tape, double time_s, uint32_t job, uint32_t node, double bits)
{
    struct transition *t = put(tape, time_s, TR_RELEASE, job);
    t->to = node;
    t->a = INFINITY;
    t->b = bits;
    return t;
}

static struct transition *place(struct tape *tape, double time_s, uint32_t job, uint32_t at, uint32_t joins, double bits)
{
    struct transition *t = put(tape, time_s, TR_PLACE, job);
    t->to = at;
    t->from = joins;
    t->a = 1e9;
    t->b = bits;
    return t;
}

static struct transition *move(struct tape *tape, double time_s, uint32_t job, uint32_t from, uint32_t to, double a,
                               double b)
{
    struct transition *t = put(tape, time_s, TR_MOVE, job);
    t->from = from;
    t->to = to;
    t->a = a;
    t->b = from < UP0 ? a : b; /* of a place: as long in service as served */
    return t;
}

static struct transition *end(struct tape *tape, double time_s, uint32_t job, uint32_t from, enum ts_end how, double a,
                              double b)
{
    struct transition *t = move(tape, time_s, job, from, ROW_NONE, a, b);
    t->kind = how == TS_OPEN ? TR_CLOSE : TR_END;
    t->end = (uint8_t)how;
    return t;
}

/* Released at a device of site 0, served at once at edge server 0 for service_s, no data. */
static void whole_job(struct tape *tape, double time_s, uint32_t job, double service_s)
{
    release(tape, time_s, job, 0, 0);
    place(tape, time_s, job, EDGE0, EDGE0, 0);
    end(tape, time_s + service_s, job, EDGE0, TS_DONE, service_s, 0);
}

static int by_time(const void *va, const void *vb)
{
    const struct transition *a = va, *b = vb;
    return a->time_s < b->time_s ? -1 : a->time_s > b->time_s;
}

/* Jobs were written one by one: into order of time (glibc's qsort merges, so equal times stay in order). */
static void sort(struct tape *tape)
{
    qsort(tape->t, tape->n, sizeof *tape->t, by_time);
}

static struct record fold(const struct tape *tape)
{
    struct measure m;
    struct record r = {0};
    assert_int_equal(measure_init(&m, &sys.s, NULL, NULL), 0);
    measure_fold(&m, tape->t, tape->n / 2); /* the way it is cut does not matter */
    measure_fold(&m, tape->t + tape->n / 2, tape->n - tape->n / 2);
    assert_int_equal(measure_finish(&m, &r, NULL), 0);
    measure_clear(&m);
    return r;
}

/*
 * Jobs 1 and 2 hold both cores of edge server 0 from 0 to 2.75 and to 6.  Job 0: released at 1, decided at 1.5, 1e6 bits
 * up until 2.5, waits until 2.75, served 2 s until 4.75, 5e5 bits down until 5.25.
 */
static struct tape busy_edge(void)
{
    struct tape tape = {0};
    window(&tape, 0, 0);
    for (uint32_t j = 1; j <= 2; j++) {
        release(&tape, 0, j, 2, 0);
        place(&tape, 0, j, EDGE0, EDGE0, 0);
    }
    release(&tape, 1, 0, 0, 1e6);
    place(&tape, 1.5, 0, EDGE0, UP0, 5e5);
    move(&tape, 2.5, 0, UP0, EDGE0, 0, 1e6);
    end(&tape, 2.75, 1, EDGE0, TS_DONE, 2.75, 0);
    move(&tape, 4.75, 0, EDGE0, DOWN0, 2, 2e9);
    end(&tape, 5.25, 0, DOWN0, TS_DONE, 0, 5e5);
    end(&tape, 6, 2, EDGE0, TS_DONE, 6, 0);
    window(&tape, 64, 1);
    return tape;
}

static void a_latency_is_the_sum_of_its_parts(void **state)
{
    struct tape tape = busy_edge();
    struct record r = fold(&tape);
    (void)state;
    assert_string_equal(r.text, "");
    assert_int_equal(r.status, RECORD_OK);
    assert_int_equal((int)r.metric[M_JOBS], 3);
    /* means over three jobs, of which only job 0 (4.25 s in all) has parts other than compute */
    assert_near(r.metric[M_LATENCY_DECIDE] * 3, 0.5, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_UPLOAD] * 3, 1, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_QUEUE] * 3, 0.25, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_COMPUTE] * 3, 2 + 2.75 + 6, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_DOWNLOAD] * 3, 0.5, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_OTHER], 0, 0, 0);
    assert_near(r.metric[M_LATENCY_MEAN] * 3, 4.25 + 2.75 + 6, 1e-15, 0);
    assert_near(r.metric[M_IN_SYSTEM], (4.25 + 2.75 + 6) / 64, 1e-15, 0);
    assert_near(r.metric[M_UTILISATION], 10.75 / (64 * 8), 1e-15, 0); /* 2 + 2 + 4 cores */
    assert_near(r.metric[M_BYTES], 1.5e6 / 8, 1e-15, 0);
    assert_near(r.metric[M_BYTES_PER_JOB], 1.5e6 / 8 / 3, 1e-15, 0);
    assert_near(r.metric[M_COST_PER_JOB], 1.5e6 * 2e-9 / 3, 1e-15, 0);
    assert_near(r.metric[M_THROUGHPUT], 3. / 64, 1e-15, 0);
    assert_near(r.metric[M_MISS_RATIO], 0, 0, 0);
    assert_true(isnan(r.metric[M_EXPOSURE])); /* nothing sensitive */
    record_clear(&r);
}

static void with_no_warm_up_and_all_ended_the_energy_is_useful_waste_and_idle(void **state)
{
    struct tape tape = busy_edge();
    struct record r = fold(&tape);
    (void)state;
    /* 10.75 core seconds of 10 W, 1.5e6 bits of 1e-6 J; 2 x 100 W, 200 W and 4 x 1 W of cells for 64 s */
    assert_near(r.metric[M_ENERGY_USEFUL], 107.5 + 1.5, 1e-12, 0);
    assert_near(r.metric[M_ENERGY_WASTE], 0, 0, 0);
    assert_near(r.metric[M_ENERGY_IDLE], 404 * 64, 1e-12, 0);
    assert_near(r.metric[M_ENERGY_LINK], 1.5, 1e-12, 0);
    assert_near(r.metric[M_ENERGY_TOTAL],
                r.metric[M_ENERGY_USEFUL] + r.metric[M_ENERGY_WASTE] + r.metric[M_ENERGY_IDLE], 1e-9, 0);
    assert_near(r.metric[M_ENERGY_PER_JOB], 109. / 3, 1e-12, 0);
    assert_near(r.group_energy[EDGE_EDGE].dynamic_j, 107.5, 1e-12, 0);
    assert_near(r.group_energy[EDGE_EDGE].idle_j, 200 * 64, 1e-12, 0);
    assert_near(r.tier_energy[2].idle_j, 200 * 64, 1e-12, 0);
    assert_near(r.tier_energy[3].dynamic_j, 1.5, 1e-12, 0); /* links */
    assert_near(r.tier_energy[3].idle_j, 4 * 64, 1e-12, 0);
    assert_near(r.place_member[r.pool_first_member[0] + 0].busy_s, 10.75, 1e-12, 0);
    assert_near(r.place_member[r.pool_first_member[0] + 1].busy_s, 0, 0, 0);
    assert_near(r.pool[0].held_s, 2.75 + 6 + 2.25, 1e-12, 0);
    assert_int_equal(r.pool[0].n_served, 3);
    assert_near(r.channel[2 * EDGE_CELL + DIRECTION_DOWN].bits, 5e5, 1e-12, 0);
    assert_near(r.channel[2 * EDGE_CELL + DIRECTION_DOWN].busy_s, 0.5, 1e-12, 0);
    assert_near(r.channel_member[r.link_first_member[EDGE_CELL] + 2 * 0 + DIRECTION_UP].bits, 1e6, 1e-12, 0);
    assert_near(r.channel_member[r.link_first_member[EDGE_CELL] + 2 * 1 + DIRECTION_UP].bits, 0, 0, 0);
    record_clear(&r);
}

/* Batsim issues 51 and 38: two hosts of one core, 103 W idle and 203 W busy, each busy for 3 s. */
static void two_hosts_at_203_watts_for_3_seconds_use_1218_joules(void **state)
{
    struct tape tape = {0};
    (void)state;
    sys.group[EDGE_EDGE].idle_w = 103;
    sys.pool[0].units = 1;
    sys.pool[0].busy_w_per_unit = 100;
    window(&tape, 0, 0);
    for (uint32_t j = 0; j < 2; j++) {
        release(&tape, 0, j, j, 0);
        place(&tape, 0, j, j, j, 0);
    }
    window(&tape, 3, 1);
    for (uint32_t j = 0; j < 2; j++) {
        end(&tape, 3, j, j, TS_DONE, 3, 0);
    }
    struct record r = fold(&tape);
    assert_int_equal(r.status, RECORD_OK);
    assert_near(r.tier_energy[1].dynamic_j + r.tier_energy[1].idle_j, 1218, 0, 0);
    assert_near(r.metric[M_ENERGY_PER_JOB], 300, 0, 0); /* nothing idle in it */
    record_clear(&r);
}

/* Cloudsimplus issue 153: a window split in two has the same energy. */
static void energy_does_not_depend_on_how_time_is_cut(void **state)
{
    static const double cut[] = {0, 1.25, 5, 64};
    double total_j = 0, bits = 0, held_s = 0;
    struct tape whole = busy_edge();
    struct record r = fold(&whole);
    (void)state;
    for (size_t i = 0; i + 1 < LEN(cut); i++) {
        struct tape tape = {0};
        for (size_t k = 1; k + 1 < whole.n; k++) {
            for (uint32_t side = 0; side < 2; side++) {
                if (whole.t[k - 1].time_s < cut[i + side] && whole.t[k].time_s >= cut[i + side]) {
                    window(&tape, cut[i + side], side);
                }
            }
            if (k == 1 && i == 0) {
                window(&tape, 0, 0);
            }
            tape.t[tape.n++] = whole.t[k];
        }
        if (i + 2 == LEN(cut)) {
            window(&tape, 64, 1);
        }
        struct record part = fold(&tape);
        assert_int_equal(part.status, RECORD_OK);
        assert_near(part.window_from_s, cut[i], 0, 0);
        assert_near(part.window_to_s, cut[i + 1], 0, 0);
        assert_int_equal(part.digest, r.digest);
        total_j += part.metric[M_ENERGY_TOTAL];
        bits += part.metric[M_BYTES] * 8;
        held_s += part.metric[M_IN_SYSTEM] * (cut[i + 1] - cut[i]);
        record_clear(&part);
    }
    assert_near(total_j, r.metric[M_ENERGY_TOTAL], 1e-12, 0);
    assert_near(bits, 1.5e6, 1e-12, 0);
    assert_near(held_s, 13, 1e-12, 0);
    record_clear(&r);
}

static void the_window_is_half_open(void **state)
{
    struct tape tape = {0};
    (void)state;
    window(&tape, 2, 0);
    window(&tape, 4, 1);
    whole_job(&tape, 1, 0, 4);    /* 1 to 5: before the window, over all of it */
    whole_job(&tape, 2, 1, 1);    /* at w: in; ends within */
    whole_job(&tape, 3.5, 2, .5); /* ends at h: outside */
    whole_job(&tape, 4, 3, 0.5);  /* at h: out */
    sort(&tape);
    struct record r = fold(&tape);
    assert_string_equal(r.text, "");
    assert_int_equal((int)r.metric[M_JOBS], 2);
    assert_near(r.metric[M_LATENCY_MEAN], 0.75, 1e-15, 0);
    assert_near(r.metric[M_THROUGHPUT], 1 / 2., 0, 0);
    assert_near(r.metric[M_IN_SYSTEM], (2 + 1 + .5) / 2, 1e-15, 0);
    assert_near(r.metric[M_UTILISATION], 3.5 / (2 * 8), 1e-15, 0);
    assert_near(r.metric[M_ENERGY_DYNAMIC], 35, 1e-15, 0);
    assert_near(r.metric[M_ENERGY_USEFUL], 15, 1e-15, 0); /* of the cohort */
    record_clear(&r);
}

static void quantiles_count_failures_as_infinite(void **state)
{
    struct tape tape = {0};
    struct sketch all = {0};
    (void)state;
    window(&tape, 0, 0);
    for (uint32_t j = 0; j < 10; j++) {
        double from_s = 10 * j;
        release(&tape, from_s, j, 0, 0);
        place(&tape, from_s, j, EDGE0, EDGE0, 0);
        end(&tape, from_s + 1 + j, j, EDGE0, j == 4 ? TS_DROP_EXPIRED : TS_DONE, 1 + j, 0);
    }
    struct record r = fold(&tape);
    for (size_t i = 0; i < (size_t)N_SEGMENT * r.n_class; i++) {
        assert_int_equal(sketch_merge(&all, &r.latency[i]), 0);
    }
    assert_int_equal(sketch_count(&all), 10);
    assert_near(sketch_quantile(&all, 0.5), 6, 1. / 256, 0); /* 1 2 3 4 6 7 8 9 10 inf: the fifth */
    assert_near(sketch_quantile(&all, 0.9), 10, 1. / 256, 0);
    assert_true(isinf(sketch_quantile(&all, 0.95)));
    assert_near(r.metric[M_FINISHED_RATIO], 0.9, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_MEAN], 50. / 9, 1e-15, 0);
    assert_near(r.metric[M_DROP_EXPIRED], 0.1, 1e-15, 0);
    assert_near(r.metric[M_ENERGY_WASTE], 50, 1e-15, 0); /* 5 s of 10 W */
    sketch_clear(&all);
    record_clear(&r);
}

static void open_jobs_make_the_miss_ratio_an_interval(void **state)
{
    static const enum ts_end how[] = {TS_DONE, TS_LATE, TS_REJECTED, TS_DROP_FULL, TS_OPEN, TS_OPEN, TS_OPEN, TS_DONE};
    struct tape tape = {0};
    (void)state;
    window(&tape, 0, 0);
    for (uint32_t j = 0; j < LEN(how); j++) {
        release(&tape, 0, j, 0, 0)->a = j == 5 ? 10 : 5; /* job 5 is due after the end at 9 */
        if (how[j] != TS_REJECTED) {
            place(&tape, 0, j, CLOUD, ROW_NONE, 0);
        }
    }
    window(&tape, 9, 1);
    for (uint32_t j = 0; j < LEN(how); j++) {
        end(&tape, how[j] == TS_OPEN ? 9 : 1 + j, j, ROW_NONE, how[j], 0, 0);
    }
    sort(&tape);
    struct record r = fold(&tape);
    assert_string_equal(r.text, "");
    /* missed for sure: late, rejected, dropped, two open ones due at 5; job 5 may still make it */
    assert_near(r.metric[M_MISS_RATIO], 6 / 8., 0, 0);
    assert_near(r.metric[M_MISS_LOW], 5 / 8., 0, 0);
    assert_near(r.metric[M_OPEN_RATIO], 3 / 8., 0, 0);
    assert_near(r.metric[M_GOODPUT], 2 / 9., 1e-15, 0);
    assert_near(r.metric[M_THROUGHPUT], 3 / 9., 1e-15, 0);
    assert_near(r.metric[M_DECISIONS], 8, 0, 0);
    assert_near(r.metric[M_UNSTABLE], 1, 0, 0); /* more than 0.1 % open */
    record_clear(&r);
}

/*
 * Refused at 3 after 1 s on the way, asked again until 3.5, placed at the other edge server.  Its first upload (2e6 bits,
 * 2 J) is waste, and the way that led to the refusal is `other`.
 */
static void a_refused_attempt_is_waste_and_other(void **state)
{
    struct tape tape = {0};
    (void)state;
    window(&tape, 0, 0);
    release(&tape, 1, 0, 0, 2e6);
    place(&tape, 1, 0, EDGE0, UP0, 0);
    move(&tape, 2.5, 0, UP0, ROW_NONE, 0, 2e6);
    put(&tape, 3, TR_REFUSE, 0)->from = EDGE0;
    place(&tape, 3.5, 0, CLOUD, UP0, 0);
    move(&tape, 4.5, 0, UP0, CLOUD, 0, 2e6);
    end(&tape, 6.5, 0, CLOUD, TS_DONE, 2, 0);
    struct record r = fold(&tape);
    assert_string_equal(r.text, "");
    assert_near(r.metric[M_LATENCY_OTHER], 2, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_DECIDE], 0.5, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_UPLOAD], 1, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_COMPUTE], 2, 1e-15, 0);
    assert_near(r.metric[M_LATENCY_MEAN], 5.5, 1e-15, 0);
    assert_near(r.metric[M_ENERGY_WASTE], 2, 1e-12, 0);
    assert_near(r.metric[M_ENERGY_USEFUL], 2 + 100, 1e-12, 0);
    assert_near(r.metric[M_DECISIONS], 2, 0, 0);
    record_clear(&r);
}

/* Two jobs of 1 s of work share one core under PS: each stays 2 s and gets 1 core second. */
static void under_processor_sharing_the_whole_stay_is_service(void **state)
{
    struct tape tape = {0};
    (void)state;
    sys.pool[0].discipline = DISCIPLINE_PS;
    sys.pool[0].units = 1;
    window(&tape, 0, 0);
    for (uint32_t j = 0; j < 2; j++) {
        release(&tape, 0, j, 0, 0);
        place(&tape, 0, j, EDGE0, EDGE0, 0);
    }
    for (uint32_t j = 0; j < 2; j++) {
        end(&tape, 2, j, EDGE0, TS_DONE, 1, 0);
    }
    struct record r = fold(&tape);
    assert_string_equal(r.text, "");
    assert_near(r.metric[M_LATENCY_COMPUTE], 2, 0, 0);
    assert_near(r.metric[M_LATENCY_QUEUE], 0, 0, 0);
    assert_near(r.metric[M_ENERGY_PER_JOB], 10, 1e-15, 0);
    assert_near(r.pool[0].busy_s, 2, 0, 0);
    record_clear(&r);
}

/* A round of three that lasts 1.5 s: each job's share of the round is 0.5 s, and the pool was busy 1.5 s. */
static void a_batch_pool_is_busy_for_the_sum_of_the_stints(void **state)
{
    struct tape tape = {0};
    (void)state;
    sys.pool[0].discipline = DISCIPLINE_BATCH;
    window(&tape, 0, 0);
    for (uint32_t j = 0; j < 3; j++) {
        release(&tape, 0, j, 0, 0);
        place(&tape, 0, j, EDGE0, EDGE0, 0);
    }
    for (uint32_t j = 0; j < 3; j++) {
        end(&tape, 1.5, j, EDGE0, TS_DONE, 0.5, 0);
    }
    struct record r = fold(&tape);
    assert_string_equal(r.text, "");
    assert_near(r.pool[0].busy_s, 1.5, 0, 0);
    assert_near(r.pool[0].held_s, 4.5, 0, 0);
    assert_near(r.metric[M_ENERGY_PER_JOB], 5, 1e-15, 0);
    record_clear(&r);
}

static void jobs_of_two_sites_and_two_workloads_are_told_apart(void **state)
{
    struct tape tape = {0};
    (void)state;
    window(&tape, 0, 0);
    for (uint32_t j = 0; j < 4; j++) { /* devices 0 and 2 are at site 0: 1 s each; 1 and 3 at site 1: 3 s each */
        double stay_s = j % 2 ? 3 : 1;
        uint32_t at = j == 2 ? CLOUD : j % 2;
        release(&tape, 0, j, j, 0)->source = j / 2;
        if (j / 2 == 1) {
            put(&tape, 0, TR_EXPOSE, j)->source = 1;
        }
        place(&tape, 0, j, at, at, 0)->source = j / 2;
        end(&tape, stay_s, j, at, TS_DONE, stay_s, 0)->source = j / 2;
    }
    sort(&tape);
    struct record r = fold(&tape);
    assert_string_equal(r.text, "");
    assert_near(r.metric[M_FAIRNESS], 16. / 20, 1e-15, 0); /* (1 + 3)^2 / (2 (1 + 9)) */
    assert_near(r.class_metric[0][M_JOBS], 2, 0, 0);
    assert_near(r.class_metric[1][M_LATENCY_MEAN], 2, 1e-15, 0);
    assert_true(isnan(r.class_metric[1][M_UTILISATION]));
    assert_true(isnan(r.class_metric[0][M_EXPOSURE]));
    assert_near(r.class_metric[1][M_EXPOSURE], 1, 0, 0); /* both left their devices */
    assert_near(r.metric[M_EXPOSURE], 1, 0, 0);
    record_clear(&r);
}

static void segments_are_of_time_or_of_jobs(void **state)
{
    struct tape tape = {0};
    (void)state;
    window(&tape, 10, 0);
    for (uint32_t j = 0; j < 8; j++) {
        whole_job(&tape, 10 + 7.75 * j, j, 0.25); /* segments of 1 s: 0, 7, 15, 23, 31, 38, 46, 54 */
    }
    struct record r = fold(&tape);
    for (uint32_t j = 0; j < 8; j++) {
        assert_int_equal(r.cohort[(size_t)(7.75 * j) * r.n_class].n_job, 1);
        assert_int_equal(sketch_count(&r.latency[(size_t)(7.75 * j) * r.n_class]), 1);
    }
    record_clear(&r);
    sys.s.experiment.jobs = 16;
    sys.s.experiment.duration_s = INFINITY;
    r = fold(&tape);
    for (uint32_t j = 0; j < 8; j++) {
        assert_int_equal(r.cohort[4 * j * r.n_class].n_job, 1);
    }
    record_clear(&r);
}

static void a_growing_backlog_is_unstable(void **state)
{
    struct tape tape = {0};
    (void)state;
    window(&tape, 0, 0);
    for (uint32_t j = 0; j < 64; j++) { /* a job a second of 10 + j/2 s: ever more of them */
        release(&tape, j, j, 0, 0);
        place(&tape, j, j, CLOUD, ROW_NONE, 0);
        end(&tape, j + 10 + j / 2., j, ROW_NONE, TS_DONE, 0, 0);
    }
    window(&tape, 64, 1);
    sort(&tape);
    struct record r = fold(&tape);
    assert_near(r.metric[M_UNSTABLE], 1, 0, 0);
    record_clear(&r);
    tape.n = 0;
    window(&tape, 0, 0);
    for (uint32_t j = 0; j < 64; j++) { /* 1.5 s each: as many at the end as at the start */
        release(&tape, j, j, 0, 0);
        place(&tape, j, j, CLOUD, ROW_NONE, 0);
        end(&tape, j + 1.5, j, ROW_NONE, TS_DONE, 0, 0);
    }
    window(&tape, 64, 1);
    sort(&tape);
    r = fold(&tape);
    assert_near(r.metric[M_UNSTABLE], 0, 0, 0);
    record_clear(&r);
}

static void breaks(const struct tape *tape, const char *text)
{
    struct record r = fold(tape);
    if (r.status != RECORD_BROKEN || strncmp(r.text, text, strlen(text)) != 0) {
        fail_msg("status %d, text \"%s\", wanted \"%s\"", r.status, r.text, text);
    }
    record_clear(&r);
}

static void cut_out(struct tape *tape, size_t i)
{
    memmove(&tape->t[i], &tape->t[i + 1], (tape->n - i - 1) * sizeof *tape->t);
    tape->n--;
}

static size_t find(const struct tape *tape, enum transition_kind kind, uint32_t job, uint32_t from)
{
    for (size_t i = 0; i < tape->n; i++) {
        if (tape->t[i].kind == kind && tape->t[i].number == job && tape->t[i].from == from) {
            return i;
        }
    }
    fail_msg("no such record");
    return 0;
}

static void a_lost_job_is_found(void **state)
{
    struct tape tape = busy_edge();
    (void)state;
    cut_out(&tape, find(&tape, TR_END, 2, EDGE0));
    breaks(&tape, "jobs: 3 released, 2 ended, 0 still there");
    tape = busy_edge();
    cut_out(&tape, find(&tape, TR_MOVE, 0, UP0));
    breaks(&tape, "jobs: job 0 of source 0 leaves edge[0].cpu at 4.75 s and is at cell[0].up");
    tape = busy_edge();
    tape.t[tape.n] = tape.t[find(&tape, TR_END, 1, EDGE0)];
    tape.t[tape.n++].time_s = 70;
    breaks(&tape, "jobs: job 1 of source 0 moves or ends at 70 s and is not there");
    tape = busy_edge();
    release(&tape, 65, 3, 0, 0)->row = 2;
    tape.t[find(&tape, TR_END, 2, EDGE0)].time_s = 66;
    sort(&tape);
    breaks(&tape, "jobs: job 3 of source 0 at 65 s is on the row of job 2 of source 0, which has not ended");
}

static void a_lost_bit_is_found(void **state)
{
    struct tape tape = busy_edge();
    (void)state;
    tape.t[find(&tape, TR_MOVE, 0, UP0)].b -= 1;
    breaks(&tape, "bits: cell[0].up carried 999999, its jobs brought 1000000");
    tape = busy_edge();
    tape.t[find(&tape, TR_END, 0, DOWN0)].b = 0;
    breaks(&tape, "bits: cell[0].down carried 0, its jobs brought 500000");
    /* but a job dropped on its way leaves the rest behind */
    tape = busy_edge();
    struct transition *last = &tape.t[find(&tape, TR_END, 0, DOWN0)];
    last->b = 2e5;
    last->end = TS_DROP_EXPIRED;
    struct record r = fold(&tape);
    assert_int_equal(r.status, RECORD_OK);
    assert_near(r.metric[M_ENERGY_WASTE], 20 + 1.2, 1e-12, 0);
    record_clear(&r);
}

static void a_lost_joule_is_found(void **state)
{
    struct tape tape = busy_edge();
    (void)state;
    tape.t[find(&tape, TR_MOVE, 0, EDGE0)].a -= 1e-6;
    breaks(&tape, "busy time: edge[0].cpu was busy 10.75 unit-s, its jobs were served 10.74999");
}

/* What measure_fold does for usage and audit alone, n times the same record for usage. */
static void count(struct usage_fold *u, struct audit *a, const struct transition *t, int n)
{
    switch (t->kind) {
    case TR_RELEASE:
        audit_release(a, t);
        usage_change(u, t->time_s, 1);
        break;
    case TR_PLACE:
        audit_place(a, t);
        break;
    case TR_MOVE:
        audit_move(a, t);
        break;
    default:
        audit_end(a, t);
        usage_change(u, t->time_s, -1);
        break;
    }
    for (int i = 0; i < n; i++) {
        if (t->kind == TR_MOVE || t->kind == TR_END) {
            usage_leave(u, t->time_s, t->from, t->from < u->r->n_place ? t->a : t->b);
        }
        if (t->kind == TR_MOVE || t->kind == TR_PLACE) {
            usage_join(u, t->time_s, t->kind == TR_PLACE ? t->from : t->to);
        }
    }
}

/* The folds one by one, so that one can be wrong: a unit counted twice, a joule that the jobs do not know of. */
static void what_one_fold_gets_wrong_another_sees(void **state)
{
    struct tape tape = busy_edge();
    struct transition *t = &tape.t[1];
    size_t n = tape.n - 2; /* without the window */
    (void)state;
    for (int fault = 0; fault < 4; fault++) {
        struct resources r;
        struct usage_fold u;
        struct audit a;
        struct usage_mark mark;
        assert_int_equal(resources_init(&r, &sys.s, 0, NULL), 0);
        assert_int_equal(usage_init(&u, &r, NULL), 0);
        assert_int_equal(audit_init(&a, &r, NULL), 0);
        assert_int_equal(audit_reserve(&a, 3, NULL), 0);
        assert_int_equal(usage_mark_init(&mark, &r, NULL), 0);
        for (size_t i = 0; i < n; i++) { /* job 1 placed twice, for 6 s */
            count(&u, &a, &t[i], i == 1 && fault == 1 ? 2 : 1);
        }
        if (fault == 2) { /* another customer, here and gone */
            u.counter[EDGE1 + 1].present_s += 1e-3;
        }
        usage_mark(&u, 6, &mark);
        bool holds = audit_verdict(&a, &u, &mark, 109 - (fault == 3 ? 1e-6 : 0));
        static const char *const text[] = {
            "",
            "presence: edge[0].cpu counted 17 job s, its jobs stayed 11 s",
            "presence: edge[1].cpu counted 0.001 job s, its jobs stayed 0 s",
            "joules: nodes and links used 109 J above idle, their jobs 108.999",
        };
        assert_int_equal(holds, fault == 0);
        if (strncmp(a.text, text[fault], strlen(text[fault])) != 0) {
            fail_msg("\"%s\", wanted \"%s\"", a.text, text[fault]);
        }
        usage_mark_clear(&mark);
        audit_clear(&a);
        usage_clear(&u);
        resources_clear(&r);
    }
}

static uint64_t digest_of(const struct tape *tape)
{
    struct record r = fold(tape);
    uint64_t digest = r.digest;
    record_clear(&r);
    return digest;
}

static void the_digest_depends_on_what_happened_alone(void **state)
{
    struct tape base = busy_edge();
    uint64_t digest = digest_of(&base), seen[8];
    size_t k = find(&base, TR_MOVE, 0, UP0), n = 0;
    (void)state;
    for (int field = 0; field < 8; field++) {
        struct tape tape = base;
        struct transition *t = &tape.t[k];
        switch (field) {
        case 0: t->time_s = nextafter(t->time_s, 0); break;
        case 1: t->kind = TR_REFUSE; break;
        case 2: t->source = 1; break;
        case 3: t->number = 1; break;
        case 4: t->from = ROW_NONE; break;
        case 5: t->to = CLOUD; break;
        case 6: t->attempt = 1; break;
        default: t->end = TS_DONE;
        }
        seen[n] = digest_of(&tape);
        for (size_t i = 0; i < n; i++) {
            assert_int_not_equal(seen[n], seen[i]);
        }
        assert_int_not_equal(seen[n++], digest);
    }
    struct tape tape = base;
    for (size_t i = 1; i + 1 < tape.n; i++) {
        tape.t[i].row += 7;
        tape.t[i].a += 1;
        tape.t[i].b += 1;
    }
    cut_out(&tape, tape.n - 1);
    end(&tape, 80, 5, ROW_NONE, TS_OPEN, 0, 0);
    assert_int_equal(digest_of(&tape), digest);
    struct transition swap = base.t[1];
    base.t[1] = base.t[3];
    base.t[3] = swap;
    assert_int_not_equal(digest_of(&base), digest);
}

struct sink {
    uint64_t n, n_block;
    double latency_s, parts_s;
    struct row_block last;
};

static void keep(void *ctx, const struct row_block *b)
{
    struct sink *sink = ctx;
    for (uint32_t i = 0; i < b->n; i++) {
        sink->latency_s += (double)b->latency[i];
        sink->parts_s += (double)b->decide[i] + (double)b->upload[i] + (double)b->queue[i] + (double)b->compute[i] +
                         (double)b->download[i] + (double)b->other[i];
    }
    sink->n += b->n;
    sink->n_block++;
    sink->last = *b;
}

static void rows_come_in_order_of_the_ends(void **state)
{
    struct tape tape = busy_edge();
    struct sink *sink = calloc(1, sizeof *sink);
    struct row_sink to = {.flush = keep, .ctx = sink};
    struct measure_options o = {.rows = &to};
    struct measure m;
    struct record r = {0};
    (void)state;
    assert_int_equal(measure_init(&m, &sys.s, &o, NULL), 0);
    measure_fold(&m, tape.t, tape.n);
    assert_int_equal(sink->n_block, 0);
    assert_int_equal(measure_finish(&m, &r, NULL), 0);
    assert_int_equal(sink->n, 3);
    assert_int_equal(sink->last.number[0], 1);
    assert_int_equal(sink->last.number[1], 0);
    assert_int_equal(sink->last.number[2], 2);
    assert_int_equal(sink->last.origin[2], 2);
    assert_int_equal(sink->last.place[1], EDGE0);
    assert_int_equal(sink->last.end[1], TS_DONE);
    assert_int_equal(sink->last.measured[1], 1);
    assert_near((double)sink->last.energy[1], 21.5, 1e-7, 0);
    assert_near((double)sink->last.queue[1], 0.25, 0, 0);
    assert_true(isinf(sink->last.slack[1]));
    assert_near(sink->latency_s, 13, 1e-6, 0);
    assert_near(sink->parts_s, 13, 1e-6, 0);
    assert_int_equal(r.digest, digest_of(&tape));
    assert_int_equal(r.n_place_member, 0); /* member_max 0 */
    assert_int_equal(r.pool_first_member[0], ROW_NONE);
    assert_string_equal(row_info[ROW_COLUMN_latency].name, "latency");
    assert_ptr_equal(row_column(&sink->last, ROW_COLUMN_end), sink->last.end);
    record_clear(&r);
    measure_clear(&m);
    free(sink);
}

static void nothing_is_allocated_once_rows_and_octaves_are_there(void **state)
{
    struct tape tape = busy_edge();
    struct measure m;
    (void)state;
    assert_int_equal(measure_init(&m, &sys.s, NULL, NULL), 0);
    measure_fold(&m, tape.t, tape.n - 1);
    size_t before = mallinfo2().uordblks;
    for (size_t i = 0; i < tape.n; i++) {
        tape.t[i].time_s += 0.001;
    }
    sys.s.experiment.duration_s = 64;
    for (int pass = 1; pass < 100; pass++) {
        for (size_t i = 0; i < tape.n; i++) {
            tape.t[i].time_s += 1e-6;
        }
        measure_fold(&m, &tape.t[1], tape.n - 2);
    }
    assert_int_equal(mallinfo2().uordblks, before);
    measure_clear(&m);
}

static void a_run_without_a_window_measures_nothing(void **state)
{
    struct tape tape = {0};
    (void)state;
    whole_job(&tape, 1, 0, 2);
    struct record r = fold(&tape);
    assert_int_equal(r.status, RECORD_OK);
    assert_near(r.metric[M_JOBS], 0, 0, 0);
    assert_true(isnan(r.metric[M_LATENCY_MEAN]));
    assert_true(isnan(r.metric[M_THROUGHPUT]));
    record_clear(&r);
}

static void metrics_are_found_by_name(void **state)
{
    (void)state;
    for (int m = 0; m < N_METRIC; m++) {
        assert_int_equal(metric_find(metric_info[m].name), m);
    }
    assert_int_equal(metric_find("nonsense"), -1);
    assert_int_equal(metric_info[M_ENERGY_USEFUL].kind, METRIC_JOB);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_latency_is_the_sum_of_its_parts),
        CASE(with_no_warm_up_and_all_ended_the_energy_is_useful_waste_and_idle),
        CASE(two_hosts_at_203_watts_for_3_seconds_use_1218_joules),
        CASE(energy_does_not_depend_on_how_time_is_cut),
        CASE(the_window_is_half_open),
        CASE(quantiles_count_failures_as_infinite),
        CASE(open_jobs_make_the_miss_ratio_an_interval),
        CASE(a_refused_attempt_is_waste_and_other),
        CASE(under_processor_sharing_the_whole_stay_is_service),
        CASE(a_batch_pool_is_busy_for_the_sum_of_the_stints),
        CASE(jobs_of_two_sites_and_two_workloads_are_told_apart),
        CASE(segments_are_of_time_or_of_jobs),
        CASE(a_growing_backlog_is_unstable),
        CASE(a_lost_job_is_found),
        CASE(a_lost_bit_is_found),
        CASE(a_lost_joule_is_found),
        CASE(what_one_fold_gets_wrong_another_sees),
        CASE(the_digest_depends_on_what_happened_alone),
        CASE(rows_come_in_order_of_the_ends),
        CASE(nothing_is_allocated_once_rows_and_octaves_are_there),
        CASE(a_run_without_a_window_measures_nothing),
        CASE(metrics_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
