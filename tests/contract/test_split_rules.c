/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_split_rules.c - where networks are cut: the examples of the papers as they were worked out independently, and random
 * graphs on which every assignment is tried.
 */
#include "tests/test.h"

#include <math.h>

#include "policies/builtin.h"
#include "sim/base/stream.h"
#include "tests/contract/harness.h"
#include "tests/question.h"

enum { TASKS = 24, EDGES = 64, NEAR = 0, FAR = 1 };

/* A network between a device (place and node 0) and a server (1). */
struct net {
    uint32_t n, n_edge;
    double near_s[TASKS], far_s[TASKS]; /* INFINITY: it cannot run there */
    struct ts_edge edge[EDGES];
    double input_bits, rate_bps, delay_s, output_bits; /* of task 0; of all ways; of task n - 1 */
    double wait_s[2]; /* until either place is free */
    ts_id workload;
    bool down; /* the server */
    double flops[2];  /* for packing */
    bool offers;
    struct ts_packed packed[EDGES];
};
#define PACKS (1u << 31) /* with an assignment: what crosses and may be packed is */

static double way_s(const struct net *g, double bits)
{
    return g->delay_s + bits / g->rate_bps;
}

static void net_ask(struct question *q, const struct net *g)
{
    question_init(q, TS_ARRIVED, 2);
    for (uint32_t p = 0; p < 2; p++) {
        q->col[TS_BUSY][p] = g->wait_s[p] > 0;
        q->col[TS_WORK_S][p] = g->wait_s[p];
        q->col[TS_SPEED][p] = g->flops[p];
    }
    q->col[TS_UP][FAR] = !g->down;
    for (uint32_t i = 0; i < g->n; i++) {
        struct ts_task *t = question_task(q);
        t->in_bits = i == 0 ? g->input_bits : 0;
        t->cls = g->workload;
        for (uint32_t p = 0; p < 2; p++) {
            const double run_s = p == NEAR ? g->near_s[i] : g->far_s[i]; /* INFINITY: not there */
            if (run_s < INFINITY) {
                const uint32_t k = question_cand(q, p);
                q->est[TS_RUN_S][k] = run_s;
                q->est[TS_IN_S][k] = p == FAR && i == 0 ? way_s(g, g->input_bits) : 0;
                q->est[TS_OUT_S][k] = p == FAR && i == g->n - 1 && g->output_bits > 0 ? way_s(g, g->output_bits) : 0;
                q->est[TS_RUN_J][k] = p == NEAR ? 2 * run_s : 100 * run_s;             /* 2 W and 100 W */
                q->est[TS_NET_J][k] = p == FAR && i == 0 ? 1e-7 * g->input_bits : 0; /* 100 nJ/bit */
            }
        }
    }
    q->ask.edge = g->edge;
    q->ask.n_edge = g->n_edge;
    q->ask.packed = g->offers ? g->packed : NULL;
}

/* Data of edge e to the other side. */
static double edge_s(const struct net *g, uint32_t e, uint32_t far)
{
    const struct ts_packed *packed = &g->packed[e];
    const bool up = !(far >> g->edge[e].from & 1);
    if (!(far & PACKS) || isnan(packed->bits)) {
        return way_s(g, g->edge[e].bits);
    }
    return way_s(g, packed->bits) + packed->pack_flop / g->flops[up ? NEAR : FAR] + packed->unpack_flop / g->flops[up ? FAR : NEAR];
}

/* What the assignment (bit i: task i is far) takes; a tensor of several readers goes once. */
static double cost_s(const struct net *g, uint32_t far)
{
    const uint32_t all = (1u << g->n) - 1;
    double s = ((far & all) != all ? g->wait_s[NEAR] : 0) + (far & all ? g->wait_s[FAR] : 0);
    for (uint32_t i = 0; i < g->n; i++) {
        s += far >> i & 1 ? g->far_s[i] : g->near_s[i];
    }
    s += far & 1 ? way_s(g, g->input_bits) : 0;
    s += far >> (g->n - 1) & 1 && g->output_bits > 0 ? way_s(g, g->output_bits) : 0;
    for (uint32_t i = 0; i < g->n; i++) {
        bool sent = false;
        for (uint32_t e = 0; e < g->n_edge; e++) {
            const struct ts_edge *x = &g->edge[e];
            bool crosses = x->from == i && (far >> x->from & 1) != (far >> x->to & 1);
            if (crosses && !(x->same && sent)) {
                s += edge_s(g, e, far);
                sent = true;
            }
        }
    }
    return s;
}

/* The assignment of the plan. */
static uint32_t ask(const struct ts_policy *p, const struct net *g, const struct policy_param *param, uint32_t n_param)
{
    struct question q;
    struct harness h;
    uint32_t far = 0;
    net_ask(&q, g);
    assert_int_equal(harness_open(&h, p, PLAN_CAN_RANGE, 1, param, n_param), 0);
    h.rate_bps = g->rate_bps;
    h.delay_s = g->delay_s;
    if (harness_ask(&h, &q.view, &q.ask) < 0) {
        fail_msg("%s: %s", p->name, h.err.text);
    }
    for (uint32_t k = 0; k < h.plan.n; k++) {
        const struct ts_step *s = &h.plan.step[k];
        for (uint32_t i = s->task; i <= (s->upto ? s->upto : s->task); i++) {
            far |= (s->place == FAR ? 1u << i : 0) | (s->flags & TS_PACK ? PACKS : 0);
        }
    }
    harness_close(&h);
    return far;
}

/* AlexNet, without groups: operator, 10^6 macs, 10^6 parameters, kB of the result. */
static const struct {
    double mmac, mega_parameters, kb;
} alexnet[] = {
    {105, 0.035, 1161.6}, {0, 0, 1161.6}, {0, 0, 1161.6}, {0, 0, 279.9}, /* conv1 relu lrn pool1 */
    {224, 0.31, 746.5},   {0, 0, 746.5},  {0, 0, 746.5},  {0, 0, 173.1}, /* conv2 relu lrn pool2 */
    {150, 0.88, 259.6},   {0, 0, 259.6},  {112, 0.66, 259.6}, {0, 0, 259.6}, /* conv3 relu conv4 relu */
    {74.8, 0.44, 173.1},  {0, 0, 173.1},  {0, 0, 36.9},                  /* conv5 relu pool5 */
    {37.75, 37.75, 16.4}, {0, 0, 16.4},   {16.78, 16.78, 16.4}, {0, 0, 16.4}, {4.1, 4.1, 4}, {0, 0, 4}, /* fc6 to softmax */
};
enum { POOL5 = 14 };

/*
 * Kang et al. 2017 as a toy, worked out elsewhere: a device of 28 GFLOP/s, 6.5 GB/s and 0.4 ms a layer, a server of 1.2 TFLOP/s,
 * 180 GB/s and 0.1 ms, an input of 152 kB over Wi-Fi of 12.8 Mbit/s.  The device alone takes 93.6 ms, the server 4.6 ms after
 * 95 ms for the input; the best is to cut behind pool5, 80.0 ms.  Of layers counts the longer of flop and bytes.
 */
static void neurosurgeon_cuts_alexnet_behind_pool5(void **state)
{
    struct net g = {.n = LEN(alexnet), .n_edge = LEN(alexnet) - 1, .input_bits = 152e3 * 8, .rate_bps = 12.8e6};
    (void)state;
    for (uint32_t i = 0; i < g.n; i++) {
        double bytes = 1e3 * (i ? alexnet[i - 1].kb : 152) + 1e3 * alexnet[i].kb + 4e6 * alexnet[i].mega_parameters;
        g.near_s[i] = fmax(2e6 * alexnet[i].mmac / 28e9, bytes / 6.5e9) + 0.4e-3;
        g.far_s[i] = fmax(2e6 * alexnet[i].mmac / 1.2e12, bytes / 180e9) + 0.1e-3;
        if (i > 0) {
            g.edge[i - 1] = (struct ts_edge){.from = i - 1, .to = i, .at = TS_NONE, .bits = 8e3 * alexnet[i - 1].kb};
        }
    }
    const uint32_t all = (1u << g.n) - 1, cut = all & ~((2u << POOL5) - 1);
    assert_near(cost_s(&g, 0), 93.6e-3, 0.01, 0);
    assert_near(cost_s(&g, all), 99.6e-3, 0.01, 0);
    assert_near(cost_s(&g, cut), 80.0e-3, 0.01, 0);
    assert_int_equal(ask(&policy_neurosurgeon, &g, NULL, 0), cut);
    assert_int_equal(ask(&policy_dads, &g, NULL, 0), cut);
    assert_int_equal(ask(&policy_jointdnn, &g, NULL, 0), cut);
    /* 3G of 1.4 Mbit/s: everything stays.  A link of 1 Gbit/s: everything goes. */
    g.rate_bps = 1.4e6;
    assert_int_equal(ask(&policy_neurosurgeon, &g, NULL, 0), 0);
    g.rate_bps = 1e9;
    assert_int_equal(ask(&policy_neurosurgeon, &g, NULL, 0), all);
    g.down = true;
    assert_int_equal(ask(&policy_neurosurgeon, &g, NULL, 0), 0);
    g.down = false;
    /*
     * Energy, of the device at 2 W and of 100 nJ/bit: all on the device 0.187 J, sending the input 0.122 J, and 0.112 + 0.0295 J
     * behind pool5; so it goes at once, also over 3G.  With the 100 W of the server counted (0.46 J) it stays; with a tenth of
     * that, 0.046 J for all and 0.019 J behind pool5, it is cut there, and so it is with an input of twice the size, 0.243 J.
     */
    g.rate_bps = 1.4e6;
    const struct policy_param energy[] = {{.key = "aim", .value = NAN, .text = "energy"},
                                          {.key = "far_share", .value = 1, .text = "1"}};
    const struct policy_param tenth[] = {energy[0], {.key = "far_share", .value = 0.1, .text = "0.1"}};
    assert_int_equal(ask(&policy_neurosurgeon, &g, energy, 1), all);
    assert_int_equal(ask(&policy_neurosurgeon, &g, energy, 2), 0);
    assert_int_equal(ask(&policy_neurosurgeon, &g, tenth, 2), cut);
    g.input_bits *= 2;
    assert_int_equal(ask(&policy_neurosurgeon, &g, energy, 1), cut);
}

/* A chain by its times, in s, with so many bits before each layer but the first. */
static struct net chain_net(uint32_t n, const double *near_s, const double *far_s, double bits, double rate_bps)
{
    struct net g = {.n = n, .n_edge = n - 1, .rate_bps = rate_bps};
    for (uint32_t i = 0; i < n; i++) {
        g.near_s[i] = near_s[i];
        g.far_s[i] = far_s[i];
    }
    for (uint32_t i = 0; i < g.n_edge; i++) {
        g.edge[i] = (struct ts_edge){.from = i, .to = i + 1, .at = TS_NONE, .bits = bits};
    }
    return g;
}

/*
 * Out and back, 1 + 2 + 1 + 2 + 1 s, and the wait w for the device at the start and again on the way back: 7 + 2 w against
 * 12 + w on the device alone.  What is cheaper out of order goes to and fro; waits of 4 s and 6 s are on either side.
 */
static void jointdnn_waits_again_on_the_way_back(void **state)
{
    struct net g = chain_net(3, (double[]){1, 10, 1}, (double[]){10, 1, 10}, 20, 10);
    (void)state;
    g.wait_s[NEAR] = 4;
    assert_int_equal(ask(&policy_jointdnn, &g, NULL, 0), 1 << 1);
    g.wait_s[NEAR] = 6;
    assert_int_equal(ask(&policy_jointdnn, &g, NULL, 0), 0);
}

/* The first and the last are pinned to the device, and what lies between goes and comes back: 1 + 1 + 1 + 1 s, not 11 s. */
static void dads_brings_data_back_to_what_is_pinned(void **state)
{
    struct net g = chain_net(3, (double[]){0, 10, 1}, (double[]){INFINITY, 1, INFINITY}, 10, 10);
    (void)state;
    assert_int_equal(ask(&policy_dads, &g, NULL, 0), 1 << 1);
}

/* Both on the device are quickest, 5 s; a stage each, of 2 s and 4 s, does more of them.  Who waits there now is no matter. */
static void dads_under_load_evens_out_the_stages(void **state)
{
    const struct policy_param heavy = {.key = "load", .value = NAN, .text = "heavy"};
    struct net g = chain_net(2, (double[]){2, 3}, (double[]){10, 4}, 0, 10);
    (void)state;
    assert_int_equal(ask(&policy_dads, &g, NULL, 0), 0);
    assert_int_equal(ask(&policy_dads, &g, &heavy, 1), 1 << 1);
    g.wait_s[NEAR] = 100;
    assert_int_equal(ask(&policy_dads, &g, &heavy, 1), 1 << 1);
}

/* All cuts take 20 s: what may stay stays.  Of two servers that are alike the first is taken. */
static void equals_stay_or_go_to_the_first(void **state)
{
    struct net g = chain_net(2, (double[]){10, 10}, (double[]){10, 10}, 0, 10);
    struct question q;
    struct harness h;
    (void)state;
    assert_int_equal(ask(&policy_neurosurgeon, &g, NULL, 0), 0);
    question_init(&q, TS_ARRIVED, 3);
    for (uint32_t i = 0; i < 2; i++) {
        question_task(&q);
        for (ts_id p = 0; p < 3; p++) {
            q.est[TS_RUN_S][question_cand(&q, p)] = p == 0 ? 10 : 1;
        }
    }
    assert_int_equal(harness_open(&h, &policy_neurosurgeon, PLAN_CAN_RANGE, 1, NULL, 0), 0);
    assert_int_equal(harness_ask(&h, &q.view, &q.ask), 0);
    assert_int_equal(h.plan.n, 1);
    assert_int_equal(h.plan.step[0].place, 1);
    harness_close(&h);
}

/* Hu et al. 2019 as a toy: milliseconds on the device and on the server, kB of the result, sent once. */
static const struct {
    double near_ms, far_ms, kb;
} surgery[] = {{0, 0, 150}, {6, .6, 50},   {5, .5, 20}, {18, 1.8, 40}, {4, .4, 30},
               {1, .1, 120}, {25, 2.5, 60}, {1, .1, 4},  {3, .3, .4}};
enum { IN, CONV_A, CONV_B1, CONV_B2, CONV_C, CAT, CONV_D, POOL, FC };

static struct net surgery_net(double mbit_per_s)
{
    static const uint32_t arc[][2] = {{IN, CONV_A}, {IN, CONV_B1}, {IN, CONV_C}, {CONV_B1, CONV_B2}, {CONV_A, CAT}, {CONV_B2, CAT},
                                      {CONV_C, CAT}, {CAT, CONV_D}, {CONV_D, POOL}, {POOL, FC}};
    struct net g = {.n = LEN(surgery), .n_edge = LEN(arc), .rate_bps = mbit_per_s * 1e6};
    for (uint32_t i = 0; i < g.n; i++) {
        g.near_s[i] = surgery[i].near_ms / 1e3;
        g.far_s[i] = i == IN ? INFINITY : surgery[i].far_ms / 1e3;
    }
    for (uint32_t e = 0; e < g.n_edge; e++) {
        g.edge[e] = (struct ts_edge){.from = arc[e][0], .to = arc[e][1], .at = TS_NONE, .same = 1,
                                     .bits = 8e3 * surgery[arc[e][0]].kb};
    }
    return g;
}

/*
 * Least cuts, by trying all: 63.0 ms with all on the device at 0.5 and 2 Mbit/s; at 20 Mbit/s {a, b1, c} stay: 15 + 40 + 4.8 ms;
 * at 200 Mbit/s the input goes: 6 + 6.3 ms.
 */
static void dads_finds_the_cut_that_no_chain_has(void **state)
{
    static const struct {
        double mbit_per_s, want_s;
        uint32_t near;
    } golden[] = {{0.5, 63e-3, 0x1ff},
                  {2, 63e-3, 0x1ff},
                  {20, 59.8e-3, 1 << IN | 1 << CONV_A | 1 << CONV_B1 | 1 << CONV_C},
                  {200, 12.3e-3, 1 << IN}};
    (void)state;
    for (size_t k = 0; k < LEN(golden); k++) {
        struct net g = surgery_net(golden[k].mbit_per_s);
        uint32_t far = ask(&policy_dads, &g, NULL, 0);
        assert_int_equal(far, 0x1ff & ~golden[k].near);
        assert_near(cost_s(&g, far), golden[k].want_s, 1e-12, 0);
    }
    struct net g = surgery_net(20);
    uint32_t chain = ask(&policy_neurosurgeon, &g, NULL, 0);
    assert_true(cost_s(&g, chain) > 59.8e-3 + 1e-6);
}

/* Heavy load: the busiest of device, network and server is at most three times that of the best of all assignments. */
static double busiest_s(const struct net *g, uint32_t far)
{
    double near_s = 0, far_s = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        *(far >> i & 1 ? &far_s : &near_s) += far >> i & 1 ? g->far_s[i] : g->near_s[i];
    }
    struct net idle = *g;
    idle.wait_s[NEAR] = idle.wait_s[FAR] = 0;
    return fmax(fmax(near_s, far_s), cost_s(&idle, far) - near_s - far_s);
}

/* Nothing far is read by what is near, but could be far. */
static bool is_closed(const struct net *g, uint32_t far)
{
    for (uint32_t e = 0; e < g->n_edge; e++) {
        if (g->far_s[g->edge[e].to] < INFINITY && far >> g->edge[e].from & 1 && !(far >> g->edge[e].to & 1)) {
            return false;
        }
    }
    return true;
}

static struct net draw_net(uint32_t seed, bool chain, const struct draw_at *at)
{
    uint32_t j = 0;
    struct net g = {.n = 2 + seed % 9, .rate_bps = 1, .delay_s = chain ? seed / 3 % 4 : 0,
                    .input_bits = floor(30 * draw_uniform(at, j++))};
    for (uint32_t i = 0; i < g.n; i++) {
        g.near_s[i] = 1 + floor(20 * draw_uniform(at, j++));
        g.far_s[i] = 1 + floor(5 * draw_uniform(at, j++));
    }
    for (uint32_t to = 1; to < g.n; to++) {
        bool any = false;
        for (uint32_t from = chain ? to - 1 : 0; from < to && g.n_edge < EDGES; from++) {
            if (from + 1 == to ? chain || !any || draw_uniform(at, j++) < .4 : draw_uniform(at, j++) < .3) {
                g.edge[g.n_edge++] = (struct ts_edge){.from = from, .to = to, .at = TS_NONE, .same = seed % 2};
                any = true;
            }
        }
    }
    for (uint32_t i = 0; i < g.n; i++) { /* all readers of a task read the same */
        double bits = 1 + floor(25 * draw_uniform(at, j++));
        for (uint32_t e = 0; e < g.n_edge; e++) {
            g.edge[e].bits = g.edge[e].from == i ? bits : g.edge[e].bits;
        }
    }
    g.output_bits = floor(3 * draw_uniform(at, j++));
    for (int p = 0; p < 2; p++) {
        g.wait_s[p] = seed % 3 ? floor(15 * draw_uniform(at, j++)) : 0;
    }
    return g;
}

static void no_assignment_is_better(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 600; seed++) {
        const struct draw_at at = {.key = {seed, 0}, .entity = 7};
        struct net g = draw_net(seed, seed % 3 == 0, &at);
        double closed = INFINITY, prefix = INFINITY, any = INFINITY, load = INFINITY;
        for (uint32_t far = 0; far < 1u << g.n; far++) {
            double s = cost_s(&g, far);
            any = fmin(any, s);
            closed = is_closed(&g, far) ? fmin(closed, s) : closed;
            load = is_closed(&g, far) ? fmin(load, busiest_s(&g, far)) : load;
        }
        for (uint32_t k = 0; k <= g.n; k++) {
            prefix = fmin(prefix, cost_s(&g, ((1u << g.n) - 1) & ~((1u << k) - 1)));
        }
        const struct policy_param heavy = {.key = "load", .value = NAN, .text = "heavy"};
        assert_near(cost_s(&g, ask(&policy_dads, &g, NULL, 0)), closed, 1e-12, 0);
        assert_near(cost_s(&g, ask(&policy_neurosurgeon, &g, NULL, 0)), prefix, 1e-12, 0);
        assert_true(busiest_s(&g, ask(&policy_dads, &g, &heavy, 1)) <= 3 * load * (1 + 1e-12));
        if (seed % 3 == 0) {
            assert_near(cost_s(&g, ask(&policy_jointdnn, &g, NULL, 0)), any, 1e-12, 0);
        }
    }
}

/* Losses are nothing, or more than may be. */
static void draw_packed(struct net *g, const struct draw_at *at)
{
    uint32_t j = 10000;
    g->offers = true;
    g->flops[NEAR] = 1;
    g->flops[FAR] = 4;
    for (uint32_t i = 0; i < g->n; i++) {
        const bool offered = draw_uniform(at, j++) < .7;
        const double ratio = 1 + floor(4 * draw_uniform(at, j++)), pack = floor(8 * draw_uniform(at, j++));
        const double unpack = floor(8 * draw_uniform(at, j++)), loss = draw_uniform(at, j++) < .15 ? .5 : 0;
        for (uint32_t e = 0; e < g->n_edge; e++) {
            if (g->edge[e].from == i) {
                g->packed[e] = (struct ts_packed){offered ? g->edge[e].bits / ratio : NAN, pack, unpack, loss};
            }
        }
    }
}

static bool loses(const struct net *g, uint32_t far)
{
    bool loses = false;
    for (uint32_t e = 0; e < g->n_edge; e++) {
        const bool crosses = (far >> g->edge[e].from & 1) != (far >> g->edge[e].to & 1);
        loses |= crosses && far & PACKS && !isnan(g->packed[e].bits) && g->packed[e].loss > 0;
    }
    return loses;
}

/* The same where data may go packed, or not; in a third of the networks the last layer is private, to which data may come back. */
static void no_assignment_is_better_packed_or_not(void **state)
{
    uint32_t n_packs = 0, n_plain = 0;
    (void)state;
    for (uint32_t seed = 0; seed < 600; seed++) {
        const struct draw_at at = {.key = {seed, 0}, .entity = 7};
        struct net g = draw_net(seed, seed % 3 == 0, &at);
        double closed = INFINITY, prefix = INFINITY, any = INFINITY;
        draw_packed(&g, &at);
        g.far_s[g.n - 1] = seed % 7 < 2 ? INFINITY : g.far_s[g.n - 1];
        for (uint32_t k = 0; k < 2u << g.n; k++) {
            const uint32_t far = k >> 1 | (k & 1 ? PACKS : 0);
            double s = loses(&g, far) ? INFINITY : cost_s(&g, far);
            any = fmin(any, s);
            closed = is_closed(&g, far) ? fmin(closed, s) : closed;
            const uint32_t near = ~(k >> 1) & ((1u << g.n) - 1);
            prefix = (near & (near + 1)) == 0 ? fmin(prefix, s) : prefix;
        }
        const uint32_t dads = ask(&policy_dads, &g, NULL, 0), neurosurgeon = ask(&policy_neurosurgeon, &g, NULL, 0);
        const struct policy_param never = {.key = "compress", .value = NAN, .text = "never"};
        assert_false(loses(&g, dads) || loses(&g, neurosurgeon));
        assert_near(cost_s(&g, dads), closed, 1e-12, 0);
        assert_near(cost_s(&g, neurosurgeon), prefix, 1e-12, 0);
        assert_false(ask(&policy_dads, &g, &never, 1) & PACKS);
        if (seed % 3 == 0) {
            assert_near(cost_s(&g, ask(&policy_jointdnn, &g, NULL, 0)), any, 1e-12, 0);
        }
        n_packs += dads & PACKS ? 1 : 0;
        n_plain += dads & PACKS ? 0 : 1;
    }
    assert_true(n_packs > 50 && n_plain > 50);
}

/* One question after the other, as the rate changes; what is far, and whether a change was charged. */
static uint32_t ask_again(struct harness *h, const struct net *g, double now_s, double *think_s)
{
    struct question q;
    uint32_t far = 0;
    net_ask(&q, g);
    q.view.now_s = now_s;
    h->rate_bps = g->rate_bps;
    if (harness_ask(h, &q.view, &q.ask) < 0) {
        fail_msg("%s", h->err.text);
    }
    for (uint32_t k = 0; k < h->plan.n; k++) {
        const struct ts_step *s = &h->plan.step[k];
        for (uint32_t i = s->task; i <= (s->upto ? s->upto : s->task); i++) {
            far |= s->place == FAR ? 1u << i : 0;
        }
    }
    *think_s = h->plan.think_s;
    return far;
}

/*
 * Two layers of 10 s near and 1 s far, 100 bits of input, 40 between them: at r bit/s all near takes 20 s, a cut between them
 * 11 + 40 / r s, all far 2 + 100 / r s.  The margin is a fifth, the hold 10 s, and a change takes 3 s.
 */
static void a_cut_is_kept_until_another_is_better_by_the_margin(void **state)
{
    struct net g = {.n = 2, .n_edge = 1, .near_s = {10, 10}, .far_s = {1, 1},
                    .edge = {{.from = 0, .to = 1, .at = TS_NONE, .bits = 40}}, .input_bits = 100};
    const struct policy_param param[] = {{.key = "margin", .value = .2, .text = "0.2"},
                                         {.key = "hold", .value = 10, .text = "10 s"},
                                         {.key = "reload", .value = 3, .text = "3 s"}};
    static const struct {
        double now_s, rate_bps;
        uint32_t far;
        bool changes, down;
        ts_id workload;
    } step[] = {
        {0, 10, 3, false, false, 0},  /* 12 s far, 15 s cut, 20 s near; the first choice costs nothing */
        {20, 6, 3, false, false, 0},  /* 17.67 s cut is no fifth less than 18.67 s far */
        {30, 4, 0, false, false, 1},  /* another workload has a first choice of its own */
        {40, 4, 0, true, false, 0},   /* 20 s near, 21 s cut, 27 s far */
        {45, 10, 0, false, false, 0}, /* 12 s far, 20 s near, but the last change was 5 s ago */
        {60, 10, 3, true, false, 0},
        {65, 10, 0, true, true, 0},   /* no longer there: 5 s ago or not */
        {90, 4, 0, false, false, 1},
    };
    struct harness h;
    double think_s;
    (void)state;
    assert_int_equal(harness_open(&h, &policy_resplit, PLAN_CAN_RANGE | PLAN_CAN_THINK, 1, param, LEN(param)), 0);
    for (size_t i = 0; i < LEN(step); i++) {
        g.rate_bps = step[i].rate_bps;
        g.down = step[i].down;
        g.workload = step[i].workload;
        assert_int_equal(ask_again(&h, &g, step[i].now_s, &think_s), step[i].far);
        assert_int_equal(!isnan(think_s), step[i].changes);
        assert_true(isnan(think_s) || think_s == 3);
    }
    harness_close(&h);
}

/*
 * Three layers of 10 s near and 1 s far, the first read by both others, 40 bits each; the way takes 5 s and 1 / r s a bit.  Behind
 * the first layer 17 + 80 / r s, 25 at 10 bit/s and 30.3 at 6, all near 30: no tenth less.
 */
static void the_cut_in_use_is_measured_as_the_others_are(void **state)
{
    struct net g = {.n = 3, .n_edge = 2, .near_s = {10, 10, 10}, .far_s = {1, 1, 1}, .input_bits = 1000, .delay_s = 5,
                    .edge = {{.from = 0, .to = 1, .at = TS_NONE, .bits = 40}, {.from = 0, .to = 2, .at = TS_NONE, .bits = 40}}};
    const struct policy_param margin = {.key = "margin", .value = .1, .text = "0.1"};
    struct harness h;
    double think_s;
    (void)state;
    assert_int_equal(harness_open(&h, &policy_resplit, PLAN_CAN_RANGE | PLAN_CAN_THINK, 1, &margin, 1), 0);
    h.delay_s = g.delay_s;
    g.rate_bps = 10;
    assert_int_equal(ask_again(&h, &g, 0, &think_s), 6);
    g.rate_bps = 6;
    assert_int_equal(ask_again(&h, &g, 1, &think_s), 6);
    harness_close(&h);
}

/* Two layers, the second on the server only: while the link is down the job is rejected, and no cut is kept. */
static void no_way_is_no_cut(void **state)
{
    struct net g = {.n = 2, .n_edge = 1, .near_s = {1, INFINITY}, .far_s = {1, 1}, .input_bits = 1000,
                    .edge = {{.from = 0, .to = 1, .at = TS_NONE, .bits = 40}}};
    const struct policy_param reload = {.key = "reload", .value = 3, .text = "3 s"};
    struct harness h;
    double think_s;
    (void)state;
    assert_int_equal(harness_open(&h, &policy_resplit, PLAN_CAN_RANGE | PLAN_CAN_THINK, 1, &reload, 1), 0);
    ask_again(&h, &g, 0, &think_s);
    assert_int_equal(h.plan.step[0].verb, TS_REJECT);
    g.rate_bps = 10;
    assert_int_equal(ask_again(&h, &g, 1, &think_s), 2);
    assert_true(isnan(think_s));
    harness_close(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neurosurgeon_cuts_alexnet_behind_pool5),
        cmocka_unit_test(dads_finds_the_cut_that_no_chain_has),
        cmocka_unit_test(jointdnn_waits_again_on_the_way_back),
        cmocka_unit_test(dads_brings_data_back_to_what_is_pinned),
        cmocka_unit_test(dads_under_load_evens_out_the_stages),
        cmocka_unit_test(equals_stay_or_go_to_the_first),
        cmocka_unit_test(no_assignment_is_better),
        cmocka_unit_test(no_assignment_is_better_packed_or_not),
        cmocka_unit_test(a_cut_is_kept_until_another_is_better_by_the_margin),
        cmocka_unit_test(the_cut_in_use_is_measured_as_the_others_are),
        cmocka_unit_test(no_way_is_no_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
