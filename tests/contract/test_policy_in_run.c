/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_policy_in_run.c - the contract kept in a real run: every policy that is registered runs a small scenario to its
 * end, twice with the same transitions; and what a liar does there ends the run with a message, or costs only its own
 * jobs.
 */
#include "tests/test.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policies/builtin.h"
#include "sim/base/err.h"
#include "sim/io/scenario_read.h"
#include "sim/io/text/text.h"
#include "sim/policy/set.h"
#include "sim/policy/infer.h"
#include "sim/run/drive.h"
#include "tests/consult.h"
#include "tests/contract/toys/toys.h"

/* 6 devices, of 2 at each of 3 edge servers, and the cloud: places 0 .. 5, 6 .. 8, 9; nodes in the order of the file.
 */
static const char text[] =
    "tiersim: 1\n"
    "name: contract\n"
    "nodes:\n"
    "  gateway: {tier: edge}\n"
    "  device: {tier: end, count: 6, attach: edge, processors: {cpu: {cores: 1, speed: 1 GFLOP/s}}}\n"
    "  edge: {tier: edge, count: 3, processors: {cpu: {cores: 2, speed: 4 GFLOP/s}}}\n"
    "  cloud: {tier: cloud, processors: {cpu: {cores: 4, speed: 8 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: edge, per: edge, sharing: fifo, capacity: 50 Mbit/s, latency: 2 ms}\n"
    "  metro: {from: edge, to: gateway, per: edge, capacity: 100 Mbit/s, latency: 3 ms}\n"
    "  wan: {from: gateway, to: cloud, capacity: 100 Mbit/s, latency: 20 ms}\n"
    "workloads:\n"
    "  job:\n"
    "    at: device\n"
    "    arrivals: {poisson: {rate: 2 /s}}\n"
    "    input: {exponential: {mean: 50 kB}}\n"
    "    work: {exponential: {mean: 0.4 GFLOP}}\n"
    "    output: 1 kB\n"
    "    deadline: 1 s\n"
    "experiment: {policies: [local], warm_up: 1 s, duration: 20 s, drain: 10 s}\n";

enum { DEVICES = 6, EDGE_0 = 6, CLOUD = 9, DEVICE_0 = 1 };

static struct scenario scenario;

static int read_scenario(void **state)
{
    (void)state;
    char path[] = "/tmp/tiersim_contract_XXXXXX";
    struct errors errs = {0};
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, text, sizeof text - 1) != (ssize_t)(sizeof text - 1)) {
        return -1;
    }
    close(fd);
    int rc = scenario_read(&scenario, path, NULL, 0, &errs);
    unlink(path);
    errors_clear(&errs);
    return rc;
}

static int free_scenario(void **state)
{
    (void)state;
    scenario_free(&scenario);
    return 0;
}

/* What a run did. */
struct counted {
    uint64_t digest;
    uint32_t n_release, n_place, n_set, n_end[TS_N_END];
    uint32_t n_at[CLOUD + 1]; /* placements */
    uint32_t n_attached;      /* of those, at the edge server that the device is attached to */
    uint32_t node[1 << 16];   /* of the job in a row */
};

static void fold(void *ctx, const struct transition *t, size_t n)
{
    struct counted *tally = ctx;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &t[i].time_s, sizeof bits);
        tally->digest = (tally->digest ^ bits ^ (uint64_t)t[i].kind << 56 ^ t[i].to) * UINT64_C(0x9E3779B97F4A7C15);
        tally->digest ^= tally->digest >> 29;
        if (t[i].kind == TR_SET) {
            memcpy(&bits, &t[i].a, sizeof bits);
            tally->digest ^= bits;
            tally->n_set++;
        } else if (t[i].kind == TR_RELEASE) {
            tally->n_release++;
            tally->node[t[i].row] = t[i].to;
        } else if (t[i].kind == TR_PLACE) {
            tally->n_place++;
            tally->n_at[t[i].to]++;
            tally->n_attached += t[i].to == EDGE_0 + (tally->node[t[i].row] - DEVICE_0) % 3;
        } else if ((t[i].kind == TR_END || t[i].kind == TR_CLOSE) && t[i].part == 0) {
            tally->n_end[t[i].end]++;
        }
    }
}

static struct policy_param descriptor = {.key = "fd"}; /* of the socket, for toy_wire */

static int infer_without_err(void *ctx, const char *model, const float *in, uint32_t n, float *out, uint32_t m, struct err *e)
{
    (void)e;
    return infer_minus_the_sum(ctx, model, in, n, out, m);
}

/* With parameters, and under a slow one, unless that is NULL, which is asked every second and is nowhere. */
static int go_given(const struct ts_policy *p, const struct policy_param *param, uint32_t n_param, const struct ts_policy *over,
                    struct counted *tally, struct err *e)
{
    memset(tally, 0, sizeof *tally);
    const struct policy_spec slow = {.policy = over ? over->name : "", .control = {.real = true, .think_w = NAN},
                                     .n_param = over == &toy_wire_upper, .param = &descriptor};
    const struct policy_spec spec = {.policy = p->name, .label = p->name, .edges = EDGES_ALL, .run_in = UINT64_MAX,
                                     .n_param = n_param, .param = param,
                                     .control = {.real = over != NULL, .think_w = NAN, .over = &slow, .every_s = 1}};
    struct text_models *models; /* the rules */
    const struct infer_service network = {.infer = infer_without_err};
    struct text_session session;
    assert_int_equal(text_open(&models, &scenario, NULL, e), 0);
    text_begin(&session, models, &spec);
    const struct run_spec run = {
        .scenario = &scenario, .spec = &spec, .policy = p, .over = over, .seed = 7, .full = fold, .text = &session.service,
        .infer = &network, .ctx = tally};
    struct run_counts counts;
    int rc = drive(&run, NULL, NULL, &counts, e);
    text_end(&session, NULL, e);
    text_close(models);
    return rc;
}

static int go_under(const struct ts_policy *p, const struct ts_policy *over, struct counted *tally, struct err *e)
{
    return go_given(p, &descriptor, p == &toy_wire, over, tally, e);
}

static int go(const struct ts_policy *p, struct counted *tally, struct err *e)
{
    return go_under(p, NULL, tally, e);
}

static void it_runs_to_the_end_and_again_the_same(void **state)
{
    const struct ts_policy *p = *state;
    static struct counted first, again;
    struct err e = {0};
    if (go(p, &first, &e) < 0 || go(p, &again, &e) < 0) {
        fail_msg("%s", e.text);
    }
    uint32_t ended = 0;
    for (int i = 0; i < TS_N_END; i++) {
        ended += first.n_end[i];
    }
    assert_true(first.digest == again.digest);
    assert_true(first.n_release > 200); /* 12 /s for 21 s: 252 +- 16, and those of the drain */
    assert_int_equal(ended, first.n_release);
    if (p->flags & TS_IMPURE) { /* some are still being thought about */
        assert_true(first.n_place <= first.n_release);
    } else if (p->flags & TS_TAKES_BACK) { /* some go to several places */
        assert_true(first.n_place + first.n_end[TS_REJECTED] >= first.n_release);
    } else {
        assert_int_equal(first.n_place + first.n_end[TS_REJECTED], first.n_release);
    }
}

static void each_simple_rule_goes_where_it_says(void **state)
{
    (void)state;
    static struct counted t;
    struct err e = {0};
    assert_int_equal(go(&policy_local, &t, &e), 0);
    for (int i = EDGE_0; i <= CLOUD; i++) {
        assert_int_equal(t.n_at[i], 0);
    }
    assert_int_equal(go(&policy_nearest_edge, &t, &e), 0);
    assert_int_equal(t.n_attached, t.n_place);
    assert_int_equal(go(&policy_cloud, &t, &e), 0);
    assert_int_equal(t.n_at[CLOUD], t.n_place);
}

/* Candidates are the device, three edge servers and the cloud: in turn, each gets a fifth of the jobs. */
static void round_robin_shares_evenly(void **state)
{
    (void)state;
    static struct counted t;
    struct err e = {0};
    assert_int_equal(go(&policy_round_robin, &t, &e), 0);
    uint32_t most = 0, least = UINT32_MAX;
    for (int i = EDGE_0; i <= CLOUD; i++) {
        most = t.n_at[i] > most ? t.n_at[i] : most;
        least = t.n_at[i] < least ? t.n_at[i] : least;
    }
    assert_true(most - least <= 1);
    assert_true(least >= t.n_place / 5 && most <= t.n_place / 5 + 1);
}

/* The toy's rule is that of mct where a place has one core; here it counts work of places with a free core, too. */
static void a_policy_of_the_public_header_alone_runs(void **state)
{
    (void)state;
    static struct counted t, again;
    struct err e = {0};
    assert_int_equal(go(&toy_mct, &t, &e), 0);
    assert_int_equal(go(&toy_mct, &again, &e), 0);
    assert_true(t.digest == again.digest && t.n_place == t.n_release);
}

/* A pool of deferred tasks, decided in slots and when a place becomes free; a second replica for what takes long. */
static void toys_of_more_kinds_run(void **state)
{
    static const struct ts_policy *const toy[] = {&toy_minmin, &toy_hedge};
    static struct counted t, again;
    (void)state;
    for (size_t i = 0; i < LEN(toy); i++) {
        struct err e = {0};
        if (go(toy[i], &t, &e) < 0 || go(toy[i], &again, &e) < 0) {
            fail_msg("%s", e.text);
        }
        assert_true(t.digest == again.digest);
        assert_int_equal(t.n_end[TS_DONE] + t.n_end[TS_LATE] + t.n_end[TS_OPEN], t.n_release);
        assert_true(toy[i] == &toy_hedge ? t.n_place > t.n_release : t.n_place >= t.n_release - t.n_end[TS_OPEN]);
    }
}

/* Two levels, one of which comes from elsewhere: toy_mct under toy_upper, or toy_mct alone. */
struct elsewhere {
    const char *file, *symbol;
    const struct ts_policy *here, *wire;
    bool slow;
};

static int go_with(const struct elsewhere *x, const struct ts_policy *p, struct counted *tally, struct err *e)
{
    return x->slow ? go_under(&toy_mct, p, tally, e) : go(p, tally, e);
}

/* From a shared object and behind a socket. */
static void the_same_rule_makes_the_same_run_from_elsewhere(void **state)
{
    static const struct elsewhere all[] = {{"mct", "toy_mct", &toy_mct, &toy_wire, false},
                                           {"upper", "toy_upper", &toy_upper, &toy_wire_upper, true}};
    static struct counted here, object, socket;
    char path[512];
    const char *build = getenv("TS_BUILD");
    struct err e = {0};
    int fd[2], status;
    (void)state;
    for (const struct elsewhere *x = all; x < all + LEN(all); x++) {
        if (go_with(x, x->here, &here, &e) < 0) {
            fail_msg("%s", e.text);
        }
        assert_true((here.n_set > 0) == x->slow);
        snprintf(path, sizeof path, "%s/tests/contract/toys/%s.so", build ? build : "build/release", x->file);
        void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        assert_non_null(so);
        const struct ts_policy *p = dlsym(so, x->symbol);
        assert_true(p && p != x->here);
        assert_int_equal(go_with(x, p, &object, &e), 0);
        assert_true(object.digest == here.digest);
        dlclose(so);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            double margin_s = 0;
            close(fd[0]);
            _exit(toy_wire_serve(fd[1], x->here, &margin_s) == 0 ? 0 : 1);
        }
        close(fd[1]);
        descriptor.value = fd[0];
        assert_int_equal(go_with(x, x->wire, &socket, &e), 0);
        close(fd[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_true(socket.digest == here.digest);
    }
}

/* The far end serves a policy with its parameters until the socket is closed. */
static int serve(int fd, const struct ts_policy *p, const struct policy_param *param, uint32_t n_param)
{
    const struct policy_spec spec = {.policy = p->name, .label = p->name, .n_param = n_param, .param = param};
    struct err e = {0};
    void *st = calloc(1, p->state_size + 1);
    return !st || policy_set_params(p, NULL, &spec, st, &e) < 0 || toy_wire_serve(fd, p, st) < 0;
}

/* toy_wire in the place of a policy: what that declares goes over the socket. */
static int go_over_socket(const struct ts_policy *p, const struct policy_param *param, uint32_t n_param, struct counted *tally,
                          struct err *e)
{
    struct ts_policy wire = toy_wire;
    int fd[2], status;
    wire.cols = p->cols;
    wire.needs = p->needs;
    wire.triggers = p->triggers;
    wire.init = p->init ? toy_wire_init : NULL;
    wire.ended = p->ended ? toy_wire_ended : NULL;
    wire.tick = p->tick ? "period" : NULL;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(fd[0]);
        _exit(serve(fd[1], p, param, n_param));
    }
    close(fd[1]);
    const struct policy_param near[] = {{.key = "fd", .value = fd[0]},
                                        {.key = "cols", .value = (double)p->cols},
                                        {.key = "needs", .value = (double)p->needs},
                                        {.key = "period", .value = n_param ? param->value : 0}};
    int rc = go_given(&wire, near, LEN(near), NULL, tally, e);
    close(fd[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return rc;
}

/* Learners, which hear how jobs end, and of which some draw; and rules that decide at the ticks of a clock. */
static void who_learns_or_ticks_does_the_same_over_a_socket(void **state)
{
    static const struct ts_policy *const all[] = {&policy_linucb,   &policy_thompson, &policy_q_learning,
                                                  &policy_double_q, &policy_min_min,  &toy_minmin};
    static struct counted here, socket;
    (void)state;
    for (size_t i = 0; i < LEN(all); i++) {
        const struct ts_policy *p = all[i];
        const struct policy_param tick = {.key = p->tick, .value = .25};
        struct err e = {0};
        if (go_given(p, &tick, p->tick != NULL, NULL, &here, &e) < 0 ||
            go_over_socket(p, &tick, p->tick != NULL, &socket, &e) < 0) {
            fail_msg("%s: %s", p->name, e.text);
        }
        assert_true(p->ended || p->tick);
        assert_true(socket.n_release > 200 && socket.digest == here.digest);
    }
}

#define LIAR(tag, body)                                                                                                \
    static int tag(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,                 \
                   struct ts_plan *p)                                                                                  \
    {                                                                                                                  \
        (void)st, (void)h, (void)v, (void)a;                                                                           \
        body                                                                                                           \
    }

LIAR(leaves_the_candidates, return ts_answer_place(p, a->cand[0] == 0 ? 1 : 0);) /* somebody else's device */
LIAR(says_nothing, (void)p; return 0;)
LIAR(gives_up_silently, (void)p; return -7;)
LIAR(gives_up_and_says_so, (void)p; return (h->fail)(h->ctx, "no model named %s", "x");)
LIAR(wants_a_replica, {
    h->more(h->ctx, p, 2);
    ts_answer_place(p, a->cand[0]);
    p->step[1].verb = TS_PLACE;
    p->step[1].place = a->cand[1];
    p->step[1].replica = 1;
    p->n = 2;
    return 0;
})
LIAR(defers_for_ever, {
    p->step[0].verb = TS_DEFER;
    p->n = 1;
    return 0;
})
LIAR(puts_off_for_ever, {
    p->step[0].verb = TS_DEFER;
    p->step[0].not_before_s = v->now_s + .5;
    p->n = 1;
    return 0;
})
/* What is declared is there, also what this program never knows. */
LIAR(reads_everything, {
    for (unsigned c = 0; c < TS_N_COL; c++) {
        for (ts_id place = 0; place < v->n_place; place++) {
            if (v->col[c][place] < 0) {
                return -1;
            }
        }
    }
    for (unsigned e = 0; e < TS_N_EST; e++) {
        for (uint32_t k = 0; k < a->n_cand; k++) {
            if (a->est[e][k] < 0) {
                return -1;
            }
        }
    }
    if (!isnan(ts_known(v, TS_KV_FREE, 0))) {
        return (h->fail)(h->ctx, "caches are not modelled, but %g blocks are free", ts_known(v, TS_KV_FREE, 0));
    }
    return ts_answer_place(p, a->cand[0]);
})

/* Nodes: the gateway 0, devices 1 .. 6, edge servers 7 .. 9; device i is attached to server i mod 3. */
LIAR(checks_its_site, {
    const struct ts_task *t = ts_task_at(a, 0);
    if (t->site != 7 + (t->origin - DEVICE_0) % 3) {
        return (h->fail)(h->ctx, "a job of node %u is attached to %u", t->origin, t->site);
    }
    return ts_answer_place(p, a->cand[0]);
})

static struct liar {
    const char *name;
    int (*decide)(void *, const struct ts_host *, const struct ts_view *, const struct ts_ask *, struct ts_plan *);
    const char *want; /* part of the message; NULL: the run goes to its end */
} liars[] = {
    {"a liar leaves the candidates", leaves_the_candidates, ", which is not among its candidates "},
    {"a liar says nothing", says_nothing, "0 steps and none for task 0: wanted place, defer or reject"},
    {"a liar gives up silently", gives_up_silently, "policy liar: decide returned -7 without saying why by host->fail"},
    {"a policy gives up and says so", gives_up_and_says_so, "policy liar: no model named x"},
    {"a policy wants what the run cannot do", wants_a_replica, "this run cannot carry out replicas"},
    {"a liar defers for ever", defers_for_ever, "it would never be asked again"},
    {"a policy that puts off for ever leaves its jobs open", puts_off_for_ever, NULL},
    {"a policy may read all that it declares", reads_everything, NULL},
    {"a policy is told the node that a device is attached to", checks_its_site, NULL},
};

static void a_liar_ends_its_run(void **state)
{
    const struct liar *liar = *state;
    const struct ts_policy p = {.abi = TS_ABI,
                                .size = sizeof p,
                                .name = "liar",
                                .about = "lies",
                                .cols = (1u << TS_N_COL) - 1,
                                .needs = (1u << TS_N_EST) - 1,
                                .decide = liar->decide};
    static struct counted t;
    struct err e = {0};
    int rc = go(&p, &t, &e);
    if (liar->want) {
        assert_int_equal(rc, -ERR_POLICY);
        if (!strstr(e.text, liar->want)) {
            fail_msg("%s", e.text);
        }
        return;
    }
    if (rc < 0) {
        fail_msg("%s", e.text);
    }
    if (liar->decide == puts_off_for_ever) {
        assert_int_equal(t.n_end[TS_OPEN], t.n_release);
    }
}

int main(void)
{
    enum { PLAIN = 6 };
    static char name[N_BUILTIN_POLICY][64];
    struct CMUnitTest tests[PLAIN + N_BUILTIN_POLICY + LEN(liars)] = {
        cmocka_unit_test(each_simple_rule_goes_where_it_says),
        cmocka_unit_test(round_robin_shares_evenly),
        cmocka_unit_test(a_policy_of_the_public_header_alone_runs),
        cmocka_unit_test(toys_of_more_kinds_run),
        cmocka_unit_test(the_same_rule_makes_the_same_run_from_elsewhere),
        cmocka_unit_test(who_learns_or_ticks_does_the_same_over_a_socket),
    };
    size_t n = PLAIN;
    for (size_t i = 0; i < N_BUILTIN_POLICY; i++, n++) {
        snprintf(name[i], sizeof name[i], "%s runs to the end and again the same", builtin_policy[i]->name);
        void *policy = (void *)(uintptr_t)builtin_policy[i];
        tests[n] = (struct CMUnitTest){name[i], it_runs_to_the_end_and_again_the_same, NULL, NULL, policy};
    }
    for (size_t i = 0; i < LEN(liars); i++, n++) {
        tests[n] = (struct CMUnitTest){liars[i].name, a_liar_ends_its_run, NULL, NULL, &liars[i]};
    }
    return cmocka_run_group_tests_name("policy_in_run", tests, read_scenario, free_scenario);
}
