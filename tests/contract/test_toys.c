/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_toys.c - the interface carries policies of every kind: each toy is asked what its kind is asked, and its plan is
 * checked by the rules of a run that can do it.
 *
 * The graph is that of Topcuoglu, Hariri, Wu (2002), fig. 2: 10 tasks on 3 processors; published makespan of HEFT 80.
 * The same costs as independent tasks: Min-Min ends at 36 (no schedule is shorter).
 */
#include "tests/test.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/contract/harness.h"
#include "tests/contract/toys/toys.h"

enum { TASKS = 10, PLACES = 3, EDGES = 15, EVERYTHING = 0x7ff };

static const double cost_s[TASKS][PLACES] = {{14, 16, 9}, {13, 19, 18}, {11, 13, 19}, {13, 8, 17},  {12, 13, 10},
                                             {13, 16, 9}, {7, 15, 11},  {5, 11, 14},  {18, 12, 20}, {21, 7, 16}};
static const struct ts_edge edges[EDGES] = {{0, 1, TS_NONE, 0, 18}, {0, 2, TS_NONE, 0, 12}, {0, 3, TS_NONE, 0, 9},
                                            {0, 4, TS_NONE, 0, 11}, {0, 5, TS_NONE, 0, 14}, {1, 7, TS_NONE, 0, 19},
                                            {1, 8, TS_NONE, 0, 16}, {2, 6, TS_NONE, 0, 23}, {3, 7, TS_NONE, 0, 27},
                                            {3, 8, TS_NONE, 0, 23}, {4, 8, TS_NONE, 0, 13}, {5, 7, TS_NONE, 0, 15},
                                            {6, 9, TS_NONE, 0, 17}, {7, 9, TS_NONE, 0, 11}, {8, 9, TS_NONE, 0, 13}};

/* Places 0 .. 2 and up to 10 tasks that each may go to any of them. */
struct small {
    double col[TS_N_COL][PLACES], run_s[TASKS * PLACES];
    const double *col_of[TS_N_COL], *est_of[TS_N_EST];
    ts_id cand[TASKS * PLACES];
    struct ts_task task[TASKS];
    struct ts_view view;
    struct ts_ask ask;
};

static void small_init(struct small *s, uint32_t n_task, enum ts_why why)
{
    *s = (struct small){.col = {[TS_UP] = {1, 1, 1}, [TS_NODE] = {0, 1, 2}}};
    for (int c = 0; c < TS_N_COL; c++) {
        s->col_of[c] = s->col[c];
    }
    for (uint32_t i = 0; i < TASKS; i++) {
        s->task[i] = (struct ts_task){
            .id = i, .step = i, .at = TS_NONE, .deadline_s = INFINITY, .cand = PLACES * i, .n_cand = PLACES};
        for (uint32_t k = 0; k < PLACES; k++) {
            s->cand[PLACES * i + k] = k;
            s->run_s[PLACES * i + k] = cost_s[i][k];
        }
    }
    s->est_of[TS_RUN_S] = s->run_s;
    s->view = (struct ts_view){sizeof s->view, PLACES, TS_N_COL, 0, 100, s->col_of};
    s->ask = (struct ts_ask){.size = sizeof s->ask,
                             .why = why,
                             .n_task = n_task,
                             .task_size = sizeof s->task[0],
                             .n_cand = PLACES * n_task,
                             .n_est = TS_N_EST,
                             .task = s->task,
                             .cand = s->cand,
                             .est = s->est_of};
}

static void ask(struct harness *h, struct small *s)
{
    if (harness_ask(h, &s->view, &s->ask) < 0) {
        fail_msg("%s", h->err.text);
    }
}

static void minmin_places_the_pool_when_a_place_is_free(void **state)
{
    (void)state;
    struct harness h;
    struct small s;
    double free_s[PLACES] = {0}, makespan_s = 0;
    assert_int_equal(harness_open(&h, &toy_minmin, 0, 1, NULL, 0), 0);
    for (uint32_t i = 0; i < TASKS; i++) {
        small_init(&s, 1, TS_ARRIVED);
        ask(&h, &s);
        assert_int_equal(h.plan.step[0].verb, TS_DEFER);
    }
    small_init(&s, TASKS, TS_FREED);
    ask(&h, &s);
    assert_int_equal(h.plan.n, TASKS);
    for (uint32_t i = 0; i < TASKS; i++) {
        const struct ts_step *step = &h.plan.step[i];
        free_s[step->place] += cost_s[step->task][step->place];
        makespan_s = fmax(makespan_s, free_s[step->place]);
    }
    assert_near(makespan_s, 36, 0, 0);
    harness_close(&h);
}

/* Each step starts when its place is free and its data is there: 1 bit/s between places, nothing within one. */
static double replay(const struct ts_plan *p)
{
    double free_s[PLACES] = {0}, end_s[TASKS] = {0}, makespan_s = 0;
    ts_id at[TASKS] = {0};
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t task = p->step[i].task;
        at[task] = p->step[i].place;
        double start_s = free_s[at[task]];
        for (size_t e = 0; e < EDGES; e++) {
            if (edges[e].to == task) {
                assert_true(end_s[edges[e].from] > 0); /* before its successors */
                start_s = fmax(start_s, end_s[edges[e].from] + (at[edges[e].from] == at[task] ? 0 : edges[e].bits));
            }
        }
        end_s[task] = free_s[at[task]] = start_s + cost_s[task][at[task]];
        makespan_s = fmax(makespan_s, end_s[task]);
    }
    return makespan_s;
}

static void heft_fixes_a_graph_at_release(void **state)
{
    (void)state;
    struct harness h;
    struct small s;
    assert_int_equal(harness_open(&h, &toy_heft, 0, 1, NULL, 0), 0);
    small_init(&s, TASKS, TS_ARRIVED);
    s.ask.edge = edges;
    s.ask.n_edge = EDGES;
    ask(&h, &s);
    assert_int_equal(h.plan.n, TASKS);
    assert_near(replay(&h.plan), 80, 0, 0);
    harness_close(&h);
}

/*
 * Layers of 1, 1, 1, 4 s on the device, a tenth of that in the cloud; 30 bit in, 20, 2, 10 bit between, 1 bit/s.  Cuts:
 * 30 + .7, 1 + 20 + .6, 2 + 2 + .5, 3 + 10 + .4, 7 = 30.7, 21.6, 4.5, 13.4, 7 s.
 */
static void split_cuts_where_little_crosses(void **state)
{
    (void)state;
    static const double run_s[4][2] = {{1, .1}, {1, .1}, {1, .1}, {4, .4}};
    struct ts_edge chain[3] = {{0, 1, TS_NONE, 0, 20}, {1, 2, TS_NONE, 0, 2}, {2, 3, TS_NONE, 0, 10}};
    struct harness h;
    struct small s;
    assert_int_equal(harness_open(&h, &toy_split, PLAN_CAN_RANGE, 1, NULL, 0), 0);
    small_init(&s, 4, TS_ARRIVED);
    s.task[0].in_bits = 30;
    s.ask.edge = chain;
    s.ask.n_edge = 3;
    for (uint32_t i = 0; i < 4; i++) {
        s.task[i].n_cand = 2;
        s.run_s[PLACES * i] = run_s[i][0];
        s.run_s[PLACES * i + 1] = run_s[i][1];
    }
    ask(&h, &s);
    const struct ts_step *part = h.plan.step;
    assert_int_equal(h.plan.n, 2);
    assert_true(part[0].task == 0 && part[0].upto == 1 && part[0].place == 0);
    assert_true(part[1].task == 2 && part[1].upto == 3 && part[1].place == 1);
    h.rate_bps = 1e-3; /* nothing may cross: one part */
    ask(&h, &s);
    assert_int_equal(h.plan.n, 1);
    assert_true(h.plan.step[0].task == 0 && h.plan.step[0].upto == 3 && h.plan.step[0].place == 0);
    harness_close(&h);
}

/* Task 0 takes 14, 16, 9 s on places 0, 1, 2, at 100 s: place 2 now, place 0 from 100 + 3 * 9 s on. */
static void hedge_sends_a_late_replica(void **state)
{
    (void)state;
    static const struct policy_param param[] = {{.key = "factor", .value = 3}};
    struct harness h;
    struct small s;
    assert_int_equal(harness_open(&h, &toy_hedge, PLAN_CAN_REPLICA | PLAN_CAN_HEDGE, 1, param, 1), 0);
    small_init(&s, 1, TS_ARRIVED);
    ask(&h, &s);
    assert_int_equal(h.plan.n, 2);
    assert_true(h.plan.step[0].place == 2 && h.plan.step[0].replica == 0 && h.plan.step[0].not_before_s == 0);
    assert_true(h.plan.step[1].place == 0 && h.plan.step[1].replica == 1 && h.plan.step[1].not_before_s == 127);
    const struct ts_outcome won = {.size = sizeof won, .end = TS_DONE, .replica = 1};
    assert_int_equal(toy_hedge.ended(h.state, &h.host, &s.view, &won), 0);
    const uint64_t *count = (const uint64_t *)h.state + 1; /* behind the parameter */
    assert_true(count[0] == 0 && count[1] == 1);
    harness_close(&h);
}

/* Queues 5, 1, 2 and free blocks 10, 20, 300: prefill to 1, decode to 2.  Decoding at 0 moves, decoding at 1 stays. */
static void prefill_and_decode_go_apart_and_rounds_move(void **state)
{
    (void)state;
    static const double queued[PLACES] = {5, 1, 2}, free_blocks[PLACES] = {10, 20, 300};
    struct harness h;
    struct small s;
    assert_int_equal(harness_open(&h, &toy_llm, PLAN_CAN_MIGRATE, 1, NULL, 0), 0);
    small_init(&s, 2, TS_ARRIVED);
    memcpy(s.col[TS_QUEUED], queued, sizeof queued);
    memcpy(s.col[TS_KV_FREE], free_blocks, sizeof free_blocks);
    ask(&h, &s);
    assert_int_equal(h.plan.n, 2);
    assert_int_equal(h.plan.step[0].place, 1);
    assert_int_equal(h.plan.step[1].place, 2);
    s.ask.why = TS_ROUND;
    s.task[0].at = 0;
    s.task[1].at = 1;
    ask(&h, &s);
    assert_int_equal(h.plan.n, 1);
    assert_int_equal(h.plan.step[0].verb, TS_MIGRATE);
    assert_int_equal(h.plan.step[0].task, 0);
    assert_int_equal(h.plan.step[0].place, 2);
    harness_close(&h);
}

/* Carry a TS_SET of a parameter to the controller that it is for, as its parameter table says. */
static void carry(const struct harness *from, struct harness *to)
{
    const struct ts_step *s = &from->plan.step[0];
    assert_true(s->verb == TS_SET && s->knob == TS_K_PARAM);
    const struct ts_param *q = &to->policy->param[s->task];
    assert_true(q->min <= s->value && s->value <= q->max);
    memcpy((char *)to->state + q->offset, &s->value, sizeof s->value);
}

/*
 * The job's device (place 0) finishes in 1 s, place 1 in .7 s.  With nothing waiting the margin is 0 and the job
 * leaves; with 4, 5, 6 waiting, 5 on average, the upper controller sets .5 s, more than the gain of .3 s.
 */
static void an_upper_controller_sets_a_lower_one(void **state)
{
    (void)state;
    static const double waiting[2][PLACES] = {{0, 0, 0}, {4, 5, 6}};
    double zero[PLACES] = {0};
    struct harness upper, lower;
    struct small s;
    assert_int_equal(harness_open(&upper, &toy_upper, PLAN_CAN_SET, 1, NULL, 0), 0);
    assert_int_equal(harness_open(&lower, &toy_mct, 0, 1, NULL, 0), 0);
    for (int i = 0; i < 2; i++) {
        small_init(&s, 0, TS_TICK);
        s.view.ctl = 1;
        memcpy(s.col[TS_QUEUED], waiting[i], sizeof waiting[i]);
        ask(&upper, &s);
        carry(&upper, &lower);
        small_init(&s, 1, TS_ARRIVED);
        s.est_of[TS_IN_S] = s.est_of[TS_OUT_S] = zero;
        s.run_s[0] = 1, s.run_s[1] = .7, s.run_s[2] = 9;
        ask(&lower, &s);
        assert_int_equal(lower.plan.step[0].place, i == 0 ? 1 : 0);
    }
    harness_close(&upper);
    harness_close(&lower);
}

/* The digest of 300 answers in worlds as toy_mct declares them. */
static uint64_t play(const struct ts_policy *p, const struct policy_param *param, uint32_t n)
{
    struct harness h;
    if (harness_open(&h, p, 0, 1, param, n) < 0) {
        fail_msg("%s", h.err.text);
    }
    for (uint32_t i = 0; i < 300; i++) {
        struct world w;
        world_init(&w, &toy_mct, i % WORLD_N, i);
        if (harness_ask(&h, &w.view, &w.ask) < 0) {
            fail_msg("%s", h.err.text);
        }
    }
    uint64_t digest = h.digest;
    harness_close(&h);
    return digest;
}

static const struct policy_param margin[] = {{.key = "margin", .value = 1.5}};

static void mct_is_the_same_from_a_shared_object(void **state)
{
    (void)state;
    char path[512];
    const char *build = getenv("TS_BUILD");
    snprintf(path, sizeof path, "%s/tests/contract/toys/mct.so", build ? build : "build/release");
    void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!so) {
        fail_msg("%s", dlerror());
    }
    const struct ts_policy *p = dlsym(so, "toy_mct");
    assert_non_null(p);
    assert_ptr_not_equal(p, &toy_mct);
    assert_true(play(p, margin, 1) == play(&toy_mct, margin, 1));
    assert_true(play(p, margin, 1) != play(&toy_mct, NULL, 0)); /* the margin counts */
    dlclose(so);
}

static void mct_is_the_same_behind_a_socket(void **state)
{
    (void)state;
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        double margin_s = 1.5;
        close(fd[0]);
        _exit(toy_wire_serve(fd[1], &toy_mct, &margin_s) == 0 ? 0 : 1);
    }
    close(fd[1]);
    const struct policy_param param[] = {{.key = "fd", .value = fd[0]}};
    uint64_t far = play(&toy_wire, param, 1);
    close(fd[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(far == play(&toy_mct, margin, 1));
}

static void a_closed_socket_ends_the_run_with_its_reason(void **state)
{
    (void)state;
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    assert_int_equal(shutdown(fd[1], SHUT_WR), 0); /* takes the question and never answers */
    const struct policy_param param[] = {{.key = "fd", .value = fd[0]}};
    struct harness h;
    struct world w;
    assert_int_equal(harness_open(&h, &toy_wire, 0, 1, param, 1), 0);
    world_init(&w, &toy_mct, WORLD_PLAIN, 1);
    assert_int_equal(harness_ask(&h, &w.view, &w.ask), -ERR_POLICY);
    assert_string_equal(h.err.text, "policy toy_wire: the socket was closed");
    harness_close(&h);
    close(fd[0]);
    close(fd[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minmin_places_the_pool_when_a_place_is_free),
        cmocka_unit_test(heft_fixes_a_graph_at_release),
        cmocka_unit_test(split_cuts_where_little_crosses),
        cmocka_unit_test(hedge_sends_a_late_replica),
        cmocka_unit_test(prefill_and_decode_go_apart_and_rounds_move),
        cmocka_unit_test(an_upper_controller_sets_a_lower_one),
        cmocka_unit_test(mct_is_the_same_from_a_shared_object),
        cmocka_unit_test(mct_is_the_same_behind_a_socket),
        cmocka_unit_test(a_closed_socket_ends_the_run_with_its_reason),
    };
    return cmocka_run_group_tests_name("toys", tests, NULL, NULL);
}
