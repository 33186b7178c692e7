/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the built-in driver sees to around the policy's calls: the floating-point mode, and what a failed check says. */
#include <signal.h>
#include <sys/wait.h>

#include "sim/base/blobs.h"
#include "sim/base/fpmode.h"
#include "tests/replicate.h"

/* Modes other than the standard one: what -ffast-math sets, and rounding up. */
#if defined(__x86_64__)
enum { MODE_FAST = 0x8040, MODE_UP = 0x4000 };
#elif defined(__aarch64__)
enum { MODE_FAST = 0x1000000, MODE_UP = 0x400000 };
#else
#include <fenv.h>
enum { MODE_FAST = FE_TOWARDZERO ^ FE_TONEAREST, MODE_UP = FE_UPWARD ^ FE_TONEAREST };
#endif

static const char text[] = "tiersim: 1\nname: queue\n"
                           "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                           "workloads: {customer: {at: server, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP}}\n"
                           "experiment: {policies: [liar], duration: 9.5 s}\n";

static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h, (void)v;
    return ts_answer_place(p, a->cand[0]);
}

static int decide_fast(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                       struct ts_plan *p)
{
    fpmode_set(MODE_FAST);
    return decide(st, h, v, a, p);
}

static int decide_badly(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    CHECK(v->now_s < 3);
    return decide(st, h, v, a, p);
}

static int ended_up(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v, (void)o;
    fpmode_set(MODE_UP);
    return 0;
}

static const struct ts_policy honest = {.abi = TS_ABI, .size = sizeof honest, .name = "honest", .decide = decide};

/* Places the first job and puts all others off, until their deadline takes them. */
static int decide_once(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                       struct ts_plan *p)
{
    if (ts_task_at(a, 0)->job == 0) {
        return decide(st, h, v, a, p);
    }
    ts_answer_reject(p);
    p->step[0].verb = TS_DEFER;
    p->step[0].not_before_s = v->now_s + 5;
    return 0;
}

/* What was told of the end of each job. */
static struct ts_outcome told[10];

static int ended_tell(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v;
    assert_true(o->job < LEN(told));
    told[o->job] = *o;
    return 0;
}

/* The outcome of a run under p, and the transitions on the tape if there is one. */
static int outcome(const struct ts_policy *p, const char *const *set, struct tape *tape, struct err *e)
{
    struct scenario s;
    struct tape unseen = {0};
    struct run_counts counts;
    scenario_of_text(&s, text, set);
    const struct run_spec spec = {.scenario = &s,
                                  .spec = &s.experiment.policy[0],
                                  .policy = p,
                                  .seed = 1,
                                  .full = tape_take,
                                  .ctx = tape ? tape : &unseen};
    int rc = drive(&spec, NULL, NULL, &counts, e);
    free(unseen.t);
    scenario_free(&s);
    return rc;
}

static void a_policy_that_changes_the_mode_is_found(void **state)
{
    struct ts_policy liar[2] = {honest, honest};
    liar[0].name = "fast";
    liar[0].decide = decide_fast;
    liar[1].name = "upward";
    liar[1].ended = ended_up;
    (void)state;
    for (size_t i = 0; i < LEN(liar); i++) {
        struct err e = {0};
        assert_int_equal(outcome(&liar[i], NULL, NULL, &e), -ERR_POLICY);
        assert_non_null(strstr(e.text, liar[i].name));
        assert_non_null(strstr(e.text, "changed how the processor rounds"));
        assert_int_equal(fpmode_get(), FPMODE_STANDARD);
    }
}

static void the_callers_mode_does_not_reach_a_run(void **state)
{
    struct tape standard = {0}, fast = {0};
    struct err e = {0};
    (void)state;
    assert_int_equal(outcome(&honest, NULL, &standard, &e), 0);
    fpmode_set(MODE_UP);
    int rc = outcome(&honest, NULL, &fast, &e);
    uint32_t mode = fpmode_get();
    fpmode_set(FPMODE_STANDARD);
    assert_int_equal(rc, 0);
    assert_int_equal(mode, MODE_UP);
    assert_int_equal(standard.n, fast.n);
    assert_memory_equal(standard.t, fast.t, standard.n * sizeof *standard.t);
    free(standard.t);
    free(fast.t);
}

/* The fourth job is released at 3 s. */
static void a_failed_check_says_when_and_under_which_policy(void **state)
{
    struct ts_policy bad = honest;
    char said[1000] = "";
    int fd[2], status;
    (void)state;
    bad.name = "bad";
    bad.decide = decide_badly;
    assert_int_equal(pipe(fd), 0);
    pid_t child = fork();
    if (child == 0) {
        struct err e = {0};
        signal(SIGABRT, SIG_DFL);
        dup2(fd[1], STDERR_FILENO);
        outcome(&bad, NULL, NULL, &e);
        _exit(0);
    }
    close(fd[1]);
    for (ssize_t n, all = 0; (n = read(fd[0], said + all, sizeof said - 1 - (size_t)all)) > 0; all += n) {
    }
    close(fd[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_non_null(strstr(said, "bug: not v->now_s < 3 (at simulated time 3 s in bad)"));
}

/* Job 0 is placed as it is released; its row is the next job's, which is never placed and whose parts are not those of job 0. */
static void a_job_that_was_never_placed_has_no_time_of_decision(void **state)
{
    static const char *const set[] = {"workloads.customer.deadline={after: 500 ms, late: drop}", NULL};
    struct ts_policy once = honest;
    struct err e = {0};
    (void)state;
    once.name = "once";
    once.decide = decide_once;
    once.ended = ended_tell;
    assert_int_equal(outcome(&once, set, NULL, &e), 0);
    assert_int_equal(told[0].end, TS_DONE);
    assert_near(told[0].decide_s, 0, 0, 0);
    for (uint64_t k = 1; k < 9; k++) {
        assert_int_equal(told[k].end, TS_DROP_EXPIRED);
        assert_true(isnan(told[k].decide_s));
    }
}

/* Counts the jobs that ended, over runs, if it may learn; each decision is tagged with what its outcome must say. */
struct keeper {
    double n;
};

static int keeper_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    decide(st, h, v, a, p);
    p->step[0].tag = 100 + a->id;
    return 0;
}

static int keeper_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    struct keeper *k = st;
    (void)v;
    assert_int_equal(o->tag, 100 + o->ask);
    k->n += !h->frozen;
    return 0;
}

static int keeper_save(void *st, const struct ts_host *h)
{
    const struct keeper *k = st;
    uint64_t n = sizeof k->n;
    double copy = k->n;
    return h->blob(h->ctx, 1, "n.f64", &copy, &n);
}

static int keeper_load(void *st, const struct ts_host *h)
{
    struct keeper *k = st;
    uint64_t n = 0;
    assert_int_equal(h->blob(h->ctx, 0, "n.f64", NULL, &n), 0);
    assert_int_equal(n, sizeof k->n);
    return h->blob(h->ctx, 0, "n.f64", &k->n, &n);
}

/* Adds what the other learned beyond the state that both began with. */
static int keeper_merge(void *st, const struct ts_host *h, uint32_t k, uint32_t n)
{
    struct keeper *mine = st, other;
    (void)k, (void)n;
    keeper_load(&other, h);
    mine->n += other.n - 5;
    return 0;
}

static const struct ts_policy keeper = {.abi = TS_ABI, .size = sizeof keeper, .name = "keeper", .decide = keeper_decide,
                                        .state_size = sizeof(struct keeper), .ended = keeper_ended, .save = keeper_save,
                                        .load = keeper_load, .merge = keeper_merge};

static double kept(const struct blobs *b)
{
    const struct blob *n = blobs_find(b, "n.f64");
    double x;
    assert_non_null(n);
    memcpy(&x, n->bytes, sizeof x);
    return x;
}

/* 10 jobs at 0, 1, .. 9 s, of which the drain lets all end: 5 + 10, and 5 if nothing is learned; two such learners 25. */
static void what_a_policy_saves_is_loaded_and_merged(void **state)
{
    struct scenario s;
    struct run_counts counts;
    struct tape tape = {0};
    struct err e = {0};
    struct blobs in = {0}, out[2] = {0}, all = {0}, frozen = {0};
    const double five = 5;
    (void)state;
    scenario_of_text(&s, text, NULL);
    assert_int_equal(blobs_put(&in, "n.f64", &five, sizeof five), 0);
    struct run_spec spec = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &keeper, .seed = 1, .full = tape_take,
                            .ctx = &tape, .state_in = &in};
    for (size_t k = 0; k < 2; k++) {
        spec.state_out = &out[k];
        assert_int_equal(drive(&spec, NULL, NULL, &counts, &e), 0);
        assert_true(kept(&out[k]) == 15);
    }
    spec.state_out = &all;
    assert_true(drive_can_merge(&keeper) && !drive_can_merge(&honest));
    assert_int_equal(drive_merge(&spec, NULL, out, 2, &e), 0);
    assert_true(kept(&all) == 25);
    s.experiment.policy[0].frozen = true;
    spec.state_out = &frozen;
    assert_int_equal(drive(&spec, NULL, NULL, &counts, &e), 0);
    assert_true(kept(&frozen) == 5);
    spec.policy = &honest;
    assert_int_equal(drive(&spec, NULL, NULL, &counts, &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "keeps nothing between runs"));
    blobs_clear(&in), blobs_clear(&out[0]), blobs_clear(&out[1]), blobs_clear(&all), blobs_clear(&frozen);
    free(tape.t);
    scenario_free(&s);
}

/* A hundred numbers of its own for each job. */
static int decide_reports(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    int rc = 0;
    for (uint32_t i = 0; i < 100 && rc == 0; i++) {
        char name[TALLY_NAME_MAX];
        snprintf(name, sizeof name, "n%u", 100 * (uint32_t)a->task[0].job + i);
        rc = h->metric(h->ctx, name, 1);
    }
    return rc ? rc : decide(st, h, v, a, p);
}

static int decide_reports_a_loop(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                 struct ts_plan *p)
{
    int rc = h->metric(h->ctx, "loop_seen", 1);
    return rc ? rc : decide(st, h, v, a, p);
}

/* 256 of a policy are told, not under names of loops; and behind these there is room for all that is told of 64 loops. */
static void loops_have_room_beside_what_a_policy_reports(void **state)
{
    struct ts_policy talker[2] = {honest, honest};
    static const char *const said[] = {"no room for metric 'n256', wanted at most 256 of them",
                                       "a metric called 'loop_seen', wanted"};
    struct tallies own[2] = {{0}, {0}};
    struct tally of_loop = {.name = "loop_l", .n = 1};
    struct scenario s;
    (void)state;
    scenario_of_text(&s, text, NULL);
    talker[0].decide = decide_reports;
    talker[1].decide = decide_reports_a_loop;
    for (int k = 0; k < 2; k++) {
        struct tape tape = {0};
        struct run_counts counts;
        struct err e = {0};
        const struct run_spec spec = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &talker[k], .seed = 1,
                                      .full = tape_take, .ctx = &tape, .own = &own[k]};
        assert_int_equal(drive(&spec, NULL, NULL, &counts, &e), -ERR_POLICY);
        assert_non_null(strstr(e.text, said[k]));
        free(tape.t);
    }
    for (int i = 0; i < 64 * 4; i++) {
        assert_int_equal(tallies_put(&own[0], &of_loop), 0);
    }
    assert_int_equal(own[0].n, 512);
    tallies_clear(&own[0]);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_that_changes_the_mode_is_found),
        cmocka_unit_test(the_callers_mode_does_not_reach_a_run),
        cmocka_unit_test(a_job_that_was_never_placed_has_no_time_of_decision),
        cmocka_unit_test(a_failed_check_says_when_and_under_which_policy),
        cmocka_unit_test(what_a_policy_saves_is_loaded_and_merged),
        cmocka_unit_test(loops_have_room_beside_what_a_policy_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
