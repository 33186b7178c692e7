/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_policies.c - each built-in policy on one end device, two edge servers and the cloud.
 *
 *     place  node  tier    cores  speed, each      input there  service  result back
 *     0      0     end     1       1 GFLOP/s       0 s          1.0000   0
 *     1      1     edge    2       4 GFLOP/s       .020         .2500    .011
 *     2      2     edge    2       4 GFLOP/s       .030         .2500    .012
 *     3      3     cloud   4      16 GFLOP/s       .110         .0625    .060
 *
 * The job of 1 GFLOP is released on node 0, attached to node 1, at 100 s.  Estimated finish when all are idle: 1.0, .281,
 * .292, .2325.  A row says what differs from that; the comment behind it is the sum that gives the answer.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "policies/builtin.h"
#include "sim/base/err.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"
#include "tests/consult.h"
#include "tests/question.h"

enum { PLACES = 4, ALL = 15, EST = 100, REJECT = -1, PUT_OFF = -2 };

struct change {
    int what; /* column, or EST + estimate; 0 ends the list (TS_ASOF never differs) */
    int place; /* ALL: every one */
    double to;
};

/* All idle, all up; candidates by the bits of mask. */
static void world_init(struct question *w, unsigned mask)
{
    question_init(w, TS_ARRIVED, PLACES);
    question_col(w, TS_TIER, (double[]){0, 1, 1, 2});
    question_col(w, TS_UNITS, (double[]){1, 2, 2, 4});
    question_col(w, TS_SPEED, (double[]){1e9, 4e9, 4e9, 16e9});
    question_est(w, TS_IN_S, (double[]){0, .020, .030, .110});
    question_est(w, TS_RUN_S, (double[]){1, .25, .25, .0625});
    question_est(w, TS_OUT_S, (double[]){0, .011, .012, .060});
    w->view.now_s = 100;
    struct ts_task *t = question_task(w);
    t->site = 1;
    t->released_s = 100;
    for (ts_id place = 0; place < PLACES; place++) {
        if (mask >> place & 1) {
            question_cand(w, place);
        }
    }
}

/* Estimates go with candidates, not with places: pack those of the candidates. */
static void world_pack(struct question *w)
{
    for (int e = 0; e < TS_N_EST; e++) {
        for (uint32_t k = 0; k < w->task[0].n_cand; k++) {
            w->est[e][k] = w->est[e][w->cand[k]];
        }
    }
}

static void world_change(struct question *w, const struct change *change)
{
    for (; change->what != 0; change++) {
        for (int place = 0; place < PLACES; place++) {
            if (change->place == place || change->place == ALL) {
                double *x = change->what >= EST ? w->est[change->what - EST] : w->col[change->what];
                x[place] = change->to;
            }
        }
    }
}

struct dice {
    const double *u; /* [4], over and over */
    unsigned n;
};

static double roll(void *ctx)
{
    struct dice *dice = ctx;
    return dice->u[dice->n++ % 4];
}

/* The place that the policy answers with, REJECT or PUT_OFF. */
static int answer(const struct ts_policy *p, void *state, struct question *w, const double u[4])
{
    struct dice dice = {u, 0};
    struct ts_host host = {.size = sizeof host, .abi = TS_ABI, .ctx = &dice, .uniform = roll,
                           .consult = consult_the_middle, .infer = infer_minus_the_sum,
                           .below = below_nobody};
    const uint32_t most = p->flags & TS_TAKES_BACK ? 2 : 1; /* a second one is a replica */
    struct ts_step step[2] = {{0}};
    struct ts_plan plan = {.size = sizeof plan, .cap = most, .step = step, .think_s = NAN, .tokens = NAN};
    assert_int_equal(p->decide(state, &host, &w->view, &w->ask, &plan), 0);
    assert_true(plan.n >= 1 && plan.n <= most && step[1].replica == plan.n - 1);
    assert_int_equal(step->task, 0);
    if (step->verb == TS_REJECT) {
        return REJECT;
    }
    if (step->verb == TS_DEFER) {
        return PUT_OFF;
    }
    assert_int_equal(step->verb, TS_PLACE);
    return (int)step->place;
}

static void forget(const struct ts_policy *p, void *state)
{
    if (p->clear) {
        p->clear(state);
    }
}

/* The same of a new state with default parameters. */
static int first_answer(const struct ts_policy *p, struct question *w, const double u[4])
{
    struct ts_host host = {.size = sizeof host, .abi = TS_ABI, .consult = consult_the_middle, .infer = infer_minus_the_sum,
                           .below = below_nobody};
    struct err err = {0};
    void *state = calloc(1, p->state_size + 1);
    assert_non_null(state);
    assert_int_equal(policy_set_params(p, NULL, NULL, state, &err), 0);
    assert_int_equal(p->init ? p->init(state, &host, &w->view) : 0, 0);
    int place = answer(p, state, w, u);
    forget(p, state);
    free(state);
    return place;
}

// clang-format off
static struct row {
    const char *name;
    const struct ts_policy *policy;
    int want;
    struct policy_param param[3];
    struct change change[8];
    double u[4];
    unsigned cand;        /* 0: all */
    double deadline_s;    /* 0: none */
} rows[] = {
#define DOWN(place) {TS_UP, place, 0}
    {"local stays on its device", &policy_local, 0, .cand = ALL},
    {"local without a processor of its own takes the nearest place", &policy_local, 1, .cand = 14},            /* .020 */
    {"local with its device down takes the nearest place", &policy_local, 1, .change = {DOWN(0)}},
    {"local takes the lower of two nearest", &policy_local, 1, .cand = 14, .change = {{EST + TS_IN_S, 2, .020}}},
    {"local without a candidate rejects", &policy_local, REJECT, .change = {DOWN(ALL)}},

    {"nearest_edge takes the server it is attached to", &policy_nearest_edge, 1, .change = {{EST + TS_IN_S, 1, 9}}},
    {"nearest_edge takes the nearer edge if its own is down", &policy_nearest_edge, 2, .change = {DOWN(1)}},
    {"nearest_edge without an edge takes the nearest", &policy_nearest_edge, 3, .cand = 8},
    {"nearest_edge reads no end device as its server", &policy_nearest_edge, 2, .change = {{TS_NODE, 0, 1}, DOWN(1)}},

    {"cloud takes the cloud", &policy_cloud, 3, .cand = ALL},
    {"cloud without a cloud takes the nearest edge", &policy_cloud, 1, .change = {DOWN(3)}},
    {"cloud with nothing else takes the device", &policy_cloud, 0, .change = {DOWN(1), DOWN(2), DOWN(3)}},
    {"cloud takes the nearer of two clouds", &policy_cloud, 2, .change = {{TS_TIER, 2, 2}}},         /* .030 < .110 */
    {"cloud without one takes the scenario's own tier", &policy_cloud, 3, .change = {{TS_TIER, 3, 5}}},
    {"cloud takes the cloud before the scenario's own tier", &policy_cloud, 3, .change = {{TS_TIER, 1, 5}}},
    {"cloud without tiers takes the nearest", &policy_cloud, 0, .change = {{TS_TIER, ALL, NAN}}},

    {"random takes each quarter for a candidate", &policy_random, 1, .u = {.3}},                     /* .3 * 4 = 1.2 */
    {"random reaches the last", &policy_random, 3, .u = {.999}},
    {"random passes over what is down", &policy_random, 1, .u = {.3}, .change = {DOWN(0)}},          /* .3 * 3 = .9 */
#define WEIGHTS .param = {{.key = "weights.edge", .value = .8}, {.key = "weights.cloud", .value = .2}}
    {"random with weights halves the edge's share, lower", &policy_random, 1, WEIGHTS, .u = {.3}},   /* .3 < .4 */
    {"random with weights halves the edge's share, upper", &policy_random, 2, WEIGHTS, .u = {.5}},   /* .4 < .5 < .8 */
    {"random with weights gives the cloud a fifth", &policy_random, 3, WEIGHTS, .u = {.81}},
    {"random gives one edge the share of the tier", &policy_random, 2, WEIGHTS,
     .change = {DOWN(1)}, .u = {.79}},  /* .79 < .8 */
    {"random with weights keeps to tiers that are up", &policy_random, 3, WEIGHTS,
     .change = {DOWN(1), DOWN(2)}, .u = {.01}},
    {"random never takes a tier without weight", &policy_random, REJECT, WEIGHTS, .cand = 1},
    {"random counts the scenario's own tiers as other", &policy_random, 2,
     .param = {{.key = "weights.other", .value = 1}},
     .change = {{TS_TIER, 2, 7}}, .u = {.5}},

    {"jsq takes the shortest queue", &policy_jsq, 0, .change = {{TS_BUSY, 0, 1}, {TS_BUSY, 1, 2}, {TS_BUSY, 2, 1},
     {TS_QUEUED, 2, 1}, {TS_BUSY, 3, 3}}},                                                           /* 1 2 2 3 */
    {"jsq breaks ties by lot", &policy_jsq, 2, .u = {.5}},                                           /* .5 * 4 = 2 */
    {"jsq breaks ties among those that tie", &policy_jsq, 3, .u = {.5},
     .change = {{TS_BUSY, 0, 1}, {TS_QUEUED, 2, 1}}},  /* 1, 3 */
    {"jsq with speed counts (tasks + 1) / speed", &policy_jsq, 3, .param = {{.key = "speed", .value = 1}},
     .change = {{TS_BUSY, 3, 3}, {TS_QUEUED, 3, 3}}},  /* per GFLOP/s: 1/1 1/8 1/8 7/64 */
    {"jsq with speed leaves a long queue", &policy_jsq, 2, .param = {{.key = "speed", .value = 1}},
     .change = {{TS_BUSY, 3, 4}, {TS_QUEUED, 3, 4}, {TS_BUSY, 1, 1}}},  /* 1 2/8 1/8 9/64 */
    {"jsq takes an unknown queue last", &policy_jsq, 3, .change = {{TS_QUEUED, ALL, NAN}, {TS_QUEUED, 3, 50}}},
    {"jsq takes any of unknown queues", &policy_jsq, 1, .change = {{TS_QUEUED, ALL, NAN}}, .u = {.26}},
    {"jsq with all down rejects", &policy_jsq, REJECT, .change = {DOWN(ALL)}},

#define QUEUES {TS_QUEUED, 0, 1}, {TS_QUEUED, 1, 2}, {TS_QUEUED, 2, 2}, {TS_QUEUED, 3, 3}
    {"power_of_d takes the shorter of two, lower", &policy_power_of_d, 0,
     .change = {QUEUES}, .u = {.1, .1}},  /* 0, 1 */
    {"power_of_d takes the shorter of two, upper", &policy_power_of_d, 2,
     .change = {QUEUES}, .u = {.9, .9}},  /* 3, 2 */
    {"power_of_d draws different ones", &policy_power_of_d, 2,
     .change = {QUEUES, {TS_QUEUED, 2, 0}}, .u = {.3, .4}},  /* 1, 2 */
    {"power_of_d takes the first drawn of equals", &policy_power_of_d, 3, .u = {.9, .1}},
    {"power_of_d draws among those that are up", &policy_power_of_d, 1,
     .change = {QUEUES, DOWN(0)}, .u = {.1, .9}},  /* 1, 3 */
    {"power_of_d with d = 1 is a lot", &policy_power_of_d, 2,
     .param = {{.key = "d", .value = 1}}, .change = {QUEUES}, .u = {.6}},
    {"power_of_d with d above n sees all", &policy_power_of_d, 0, .param = {{.key = "d", .value = 64}},
     .change = {QUEUES}, .u = {.9, .9, .9, .9}},
    {"power_of_d with one candidate takes it", &policy_power_of_d, 3, .cand = 8, .u = {.9, .9}},

#define WORK {TS_WORK_S, 0, .5}, {TS_WORK_S, 1, .3}, {TS_WORK_S, 2, .2}, {TS_WORK_S, 3, .4}
    {"least_work takes the least", &policy_least_work, 2, .change = {WORK}},
    {"least_work passes over what is down", &policy_least_work, 1, .change = {WORK, DOWN(2)}},
    {"least_work breaks ties by lot", &policy_least_work, 3, .u = {.75}},                            /* .75 * 4 = 3 */

#define FULL(place, cores, work) {TS_BUSY, place, cores}, {TS_WORK_S, place, work}
    {"mct takes the first to finish", &policy_mct, 3, .cand = ALL},
    {"mct passes over a busy cloud", &policy_mct, 1,
     .change = {FULL(3, 4, 1)}},  /* 1 + .1225 > .281 */
    {"mct sees a free core", &policy_mct, 3, .change = {FULL(3, 3, 9)}},                             /* .2325 */
    {"mct lets the upload hide the work ahead", &policy_mct, 3, .change = {FULL(3, 4, .1)}},         /* .1 < .110 */
    {"mct passes over two busy ones", &policy_mct, 2, .change = {FULL(3, 4, 1), FULL(1, 2, .5)}},    /* .761, .292 */
    {"a small margin leaves mct as it is", &policy_mct, 3,
     .param = {{.key = "margin", .value = .7}}},  /* .9325 < 1 */
    {"a margin keeps a job at home", &policy_mct, 0,
     .param = {{.key = "margin", .value = .8}}},  /* 1.0325 > 1 */
    {"mct takes the lower of equals", &policy_mct, 1,
     .change = {DOWN(3), {EST + TS_IN_S, 2, .020}, {EST + TS_OUT_S, 2, .011}}},
    {"mct takes an unknown finish last", &policy_mct, 0, .change = {{EST + TS_IN_S, ALL, NAN}, {EST + TS_IN_S, 0, 99}}},
    {"mct takes the first of unknown ones", &policy_mct, 1, .change = {{EST + TS_RUN_S, ALL, NAN}, DOWN(0)}},
    {"mct never waits for ever", &policy_mct, REJECT, .change = {{EST + TS_IN_S, ALL, INFINITY}}},
    {"mct with one candidate takes it", &policy_mct, 2, .cand = 4},
    {"mct with all down rejects", &policy_mct, REJECT, .change = {DOWN(ALL)}},

    {"edf_admission lets in what will be in time", &policy_edf_admission, 3, .deadline_s = 100.24},  /* 100.2325 */
    {"edf_admission rejects what will be late", &policy_edf_admission, REJECT, .deadline_s = 100.23},
    {"edf_admission keeps its slack", &policy_edf_admission, REJECT, .param = {{.key = "slack", .value = .01}},
     .deadline_s = 100.24},
    {"edf_admission lets in what has no deadline", &policy_edf_admission, 2, .change = {FULL(3, 4, 1), FULL(1, 2, 1)}},
    {"edf_admission rejects what is late already", &policy_edf_admission, REJECT, .deadline_s = 99},
    {"edf_admission with all down rejects", &policy_edf_admission, REJECT, .change = {DOWN(ALL)}},

    /* Energy at rest 0 J, 1 W, 20 W, 100 W while served: 1 * 1, .25 * 20, .25 * 20, .0625 * 100 J; sending .2, .2, .4 J. */
#define ENERGY                                                                                   \
    {EST + TS_RUN_J, 0, 1}, {EST + TS_RUN_J, 1, 5}, {EST + TS_RUN_J, 2, 4.5}, {EST + TS_RUN_J, 3, 6.25},            \
        {EST + TS_NET_J, ALL, .2}
    {"energy_greedy without a deadline saves all it can", &policy_energy_greedy, 0,
     .change = {ENERGY}},  /* 1.2 J */
    {"energy_greedy saves what the deadline lets it", &policy_energy_greedy, 2, .deadline_s = 100.5,
     .change = {ENERGY}},  /* 4.7 < 5.2 */
    {"energy_greedy keeps its margin", &policy_energy_greedy, 3, .deadline_s = 100.28,
     .param = {{.key = "margin", .value = .03}},
     .change = {ENERGY}},  /* .2325 + .03 < .28 < .281 */
    {"energy_greedy without a place in time takes the first", &policy_energy_greedy, 3, .deadline_s = 100.2,
     .change = {ENERGY}},
    {"energy_greedy takes the faster of equal energies", &policy_energy_greedy, 3, .deadline_s = 102},
    {"energy_greedy with all down rejects", &policy_energy_greedy, REJECT, .change = {DOWN(ALL)}},

    /* A deadline of 1.25 s at a reserve of .2 wants a finish within 1.0 s; the device needs just that. */
    {"deadline_slack takes the least slack that is enough", &policy_deadline_slack, 0, .deadline_s = 101.25},
    {"deadline_slack keeps its reserve", &policy_deadline_slack, 2, .deadline_s = 101.24},           /* .992 < 1.0; .292 */
    {"deadline_slack takes the best it can", &policy_deadline_slack, 3, .deadline_s = 100.1},
    {"deadline_slack without a deadline takes the first", &policy_deadline_slack, 3, .cand = ALL},
    {"deadline_slack may want the largest slack", &policy_deadline_slack, 3, .deadline_s = 101.25,
     .param = {{.key = "rule", .text = "largest", .value = NAN}}},

    /* Latency / 1 s + .2 * tasks / cores + .2 * energy / 1 J: 1 + 0 + .24, .281 + 0 + 1.04, .292 + .94, .2325 + 1.29. */
    {"qos_weighted weighs latency and energy", &policy_qos_weighted, 2, .change = {ENERGY}},         /* 1.232 < 1.24 */
    {"qos_weighted weighs load", &policy_qos_weighted, 0, .change = {ENERGY, {TS_BUSY, 2, 1}}},      /* 1.332 > 1.24 */
    {"qos_weighted weighs latency alone", &policy_qos_weighted, 3,
     .param = {{.key = "weights.energy", .value = 0}}, .change = {ENERGY}},
    {"qos_weighted keeps what is private", &policy_qos_weighted, 0,
     .change = {{EST + TS_EXPOSURE, ALL, 1}, {EST + TS_EXPOSURE, 0, 0}}},
    {"qos_weighted never waits for ever", &policy_qos_weighted, REJECT, .change = {{EST + TS_IN_S, ALL, INFINITY}}},

    /* v * energy + work there * service / cores + (input + result)^2: with v = .1 .12, .52 + .031^2, .47 + .042^2, .645 + .0289. */
    {"dpp saves energy while queues are short", &policy_dpp, 0, .change = {ENERGY}},
    {"dpp leaves a queue that costs more than energy", &policy_dpp, 2,
     .change = {ENERGY, {TS_WORK_S, 0, .36}}},  /* .48 > .472 */
    {"dpp stays while it does not", &policy_dpp, 0, .change = {ENERGY, {TS_WORK_S, 0, .35}}},        /* .47 < .472 */
    {"dpp with v = 0 looks at queues and links alone", &policy_dpp, 1, .param = {{.key = "v", .value = 0}},
     .change = {ENERGY, {TS_WORK_S, 0, .01}}},                                                       /* .001 > .00096 */

    /* Battery at its offset: b = 0, so that time alone counts; then what it takes: see lodco_slot.h. */
#define UNKNOWN_BATTERY {TS_BATTERY_J, ALL, NAN}
    {"lodco with a full battery is quick", &policy_lodco, 3, .change = {ENERGY, UNKNOWN_BATTERY}},
    {"lodco drops what is too late anyway", &policy_lodco, REJECT, .deadline_s = 100.2, .change = {UNKNOWN_BATTERY}},
    {"lodco drops what takes too much", &policy_lodco, REJECT,
     .param = {{.key = "energy.most", .value = .15}}, .change = {ENERGY, UNKNOWN_BATTERY}},
    {"lodco with an empty battery drops", &policy_lodco, REJECT,
     .param = {{.key = "charge", .value = 0}}, .change = {ENERGY, UNKNOWN_BATTERY}},
    /* v = 10, offset 100 + 10 * 10 / .1 = 1100 J; at .95, -b = 55: 55 * 1 + 10 * 1.0 > 55 * .2 + 10 * .2325. */
    {"lodco with less than a full battery sends", &policy_lodco, 3,
     .param = {{.key = "charge", .value = .95}}, .change = {ENERGY, UNKNOWN_BATTERY}},
    {"lodco computes what costs little", &policy_lodco, 0, .param = {{.key = "charge", .value = .95}},
     .change = {{EST + TS_NET_J, ALL, 1.2}, {EST + TS_RUN_J, ALL, 1}, UNKNOWN_BATTERY}},  /* 65 < 68.3 */
    {"lodco drops what costs more than the penalty", &policy_lodco, REJECT,
     .param = {{.key = "charge", .value = .5}, {.key = "penalty", .value = 1}},
     .change = {{EST + TS_NET_J, ALL, 1.2}, {EST + TS_RUN_J, ALL, 1}, UNKNOWN_BATTERY}},  /* offset 200: 110 > 10 */
    {"lodco reads a battery that is known", &policy_lodco, REJECT,
     .change = {ENERGY, {TS_BATTERY_J, 0, .15}}},  /* sending takes .2 */

    {"droo puts off what it may choose", &policy_droo, PUT_OFF, .cand = ALL},
    {"droo places what has one way only", &policy_droo, 0, .cand = 1},
    {"lydroo places what has one way only", &policy_lydroo, 1, .cand = 14},                          /* its site */
};
// clang-format on

static void check_row(void **state)
{
    const struct row *row = *state;
    struct question w;
    struct err err = {0};
    uint64_t block[64];
    struct policy_spec spec = {.param = row->param};
    while (spec.n_param < LEN(row->param) && row->param[spec.n_param].key) {
        spec.n_param++;
    }
    assert_true(row->policy->state_size <= sizeof block);
    assert_int_equal(policy_set_params(row->policy, NULL, &spec, block, &err), 0);
    world_init(&w, row->cand ? row->cand : ALL);
    world_change(&w, row->change);
    world_pack(&w);
    w.task[0].deadline_s = row->deadline_s > 0 ? row->deadline_s : INFINITY;
    assert_int_equal(answer(row->policy, block, &w, row->u), row->want);
    forget(row->policy, block);
}

static void without_candidates_all_reject(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BUILTIN_POLICY; i++) {
        struct question w;
        world_init(&w, 0);
        world_pack(&w);
        assert_int_equal(first_answer(builtin_policy[i], &w, (const double[4]){.5, .5, .5, .5}), REJECT);
    }
}

static void round_robin_goes_round(void **state)
{
    (void)state;
    static const double u[4];
    /* Place 1 is down from the 5th question on: its turn (counter 5, 9) falls to place 2. */
    static const int want[] = {0, 1, 2, 3, 0, 2, 2, 3, 0, 2};
    struct question w;
    uint64_t block[1];
    struct err err = {0};
    assert_int_equal(policy_set_params(&policy_round_robin, NULL, NULL, block, &err), 0);
    world_init(&w, ALL);
    world_pack(&w);
    for (size_t i = 0; i < LEN(want); i++) {
        w.col[TS_UP][1] = i < 5;
        assert_int_equal(answer(&policy_round_robin, block, &w, u), want[i]);
    }
}

static int enlarge(void *ctx, struct ts_plan *p, uint32_t cap)
{
    p->step = ctx;
    p->cap = cap;
    return 0;
}

/* Two tasks with different candidates, in a plan that has room for one step: mct takes 3 of all and 1 of {0, 1}. */
static void every_task_of_a_question_is_answered(void **state)
{
    (void)state;
    struct question w;
    uint64_t block[1];
    struct err err = {0};
    world_init(&w, ALL);
    world_pack(&w);
    struct ts_task task[2] = {w.task[0], w.task[0]};
    task[1].n_cand = 2;
    w.ask.task = task;
    w.ask.n_task = 2;
    struct ts_step step[2] = {0};
    struct ts_host host = {.size = sizeof host, .abi = TS_ABI, .ctx = step, .more = enlarge};
    struct ts_plan plan = {.size = sizeof plan, .cap = 1};
    assert_int_equal(policy_set_params(&policy_mct, NULL, NULL, block, &err), 0);
    assert_int_equal(policy_mct.decide(block, &host, &w.view, &w.ask, &plan), 0);
    assert_int_equal(plan.n, 2);
    assert_int_equal(step[0].task, 0);
    assert_int_equal(step[0].place, 3);
    assert_int_equal(step[1].task, 1);
    assert_int_equal(step[1].place, 1);
}

/*
 * Place 3 would finish first, after .2325 s, place 1 second, so it is sent there, too, after twice that.  A task of a graph, or one
 * with one candidate, has no second.
 */
static void hedge_has_a_second_place_for_later(void **state)
{
    (void)state;
    struct question w;
    uint64_t block[1];
    struct err err = {0};
    assert_int_equal(policy_set_params(&policy_hedge, NULL, NULL, block, &err), 0);
    for (int i = 0; i < 3; i++) {
        struct ts_step step[2] = {0};
        struct ts_host host = {.size = sizeof host, .abi = TS_ABI, .ctx = step, .more = enlarge};
        struct ts_plan plan = {.size = sizeof plan, .cap = 0};
        world_init(&w, i == 1 ? 8 : ALL);
        world_pack(&w);
        struct ts_task task = w.task[0];
        task.n_edge = i == 2;
        w.ask.task = &task;
        w.view.now_s = 100;
        assert_int_equal(policy_hedge.decide(block, &host, &w.view, &w.ask, &plan), 0);
        assert_int_equal(plan.n, i ? 1 : 2);
        assert_true(step[0].verb == TS_PLACE && step[0].place == 3 && step[0].replica == 0 && step[0].not_before_s == 0);
        if (i == 0) {
            assert_true(step[1].verb == TS_PLACE && step[1].place == 1 && step[1].replica == 1);
            assert_near(step[1].not_before_s, 100 + 2 * .2325, 0, 1e-12);
        }
    }
}

/* What is not declared in cols and needs may be missing altogether: the answer is the same. */
static void only_what_is_declared_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BUILTIN_POLICY; i++) {
        const struct ts_policy *p = builtin_policy[i];
        struct question w;
        static const double u[4] = {.6, .2, .9, .4};
        world_init(&w, ALL);
        world_pack(&w);
        int whole = first_answer(p, &w, u);
        question_declare(&w, p);
        assert_int_equal(first_answer(p, &w, u), whole);
    }
}

int main(void)
{
    struct CMUnitTest tests[LEN(rows) + 5] = {
        cmocka_unit_test(without_candidates_all_reject),
        cmocka_unit_test(round_robin_goes_round),
        cmocka_unit_test(every_task_of_a_question_is_answered),
        cmocka_unit_test(hedge_has_a_second_place_for_later),
        cmocka_unit_test(only_what_is_declared_is_read),
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        tests[i + 5] = (struct CMUnitTest){rows[i].name, check_row, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
