/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_shard_rules.c - networks on more than two places: EdgeShard's programmes against an example worked out independently
 * and against trying all on random chains.
 */
#include "tests/test.h"

#include <math.h>

#include "policies/builtin.h"
#include "sim/base/stream.h"
#include "tests/contract/harness.h"
#include "tests/question.h"

enum { LAYERS = 8, PLACES = 4 };

/* A chain of layers, and places each on a node of its own; place 0 is the job's. */
struct shards {
    uint32_t n, m;
    double run_s[LAYERS][PLACES]; /* INFINITY: it cannot run there */
    double bytes[LAYERS], free_bytes[PLACES], wait_s[PLACES];
    double bits[LAYERS + 1]; /* before each layer, of the first the input; of the result */
    double rate_bps[PLACES][PLACES], delay_s;
    bool pinned;             /* layer 0 to place 0 */
};

/* host->path is handed the harness alone: the chain that is asked about stands behind it. */
struct asked {
    struct harness h;
    const struct shards *g;
};

static double way_s(const struct shards *g, uint32_t from, uint32_t to, double bits)
{
    return from == to ? 0 : g->delay_s + bits / g->rate_bps[from][to];
}

static int path(void *ctx, ts_id from, ts_id to, double *rate_bps, double *delay_s)
{
    const struct shards *g = ((const struct asked *)ctx)->g;
    *rate_bps = from == to ? INFINITY : g->rate_bps[from][to];
    *delay_s = from == to ? 0 : g->delay_s;
    return 0;
}

static void shard_ask(struct question *q, const struct shards *g)
{
    question_init(q, TS_ARRIVED, g->m);
    for (uint32_t p = 0; p < g->m; p++) {
        q->col[TS_MEM_FREE][p] = g->free_bytes[p];
        q->col[TS_BUSY][p] = g->wait_s[p] > 0;
        q->col[TS_WORK_S][p] = g->wait_s[p];
    }
    for (uint32_t i = 0; i < g->n; i++) {
        struct ts_task *t = question_task(q);
        t->mem_bytes = g->bytes[i];
        t->in_bits = i == 0 ? g->bits[0] : 0;
        for (uint32_t p = 0; p < (i == 0 && g->pinned ? 1 : g->m); p++) {
            if (!(g->run_s[i][p] < INFINITY)) {
                continue;
            }
            const uint32_t k = question_cand(q, p);
            q->est[TS_RUN_S][k] = g->run_s[i][p];
            q->est[TS_IN_S][k] = i == 0 ? way_s(g, 0, p, g->bits[0]) : 0;
            q->est[TS_OUT_S][k] = i + 1 == g->n ? way_s(g, p, 0, g->bits[g->n]) : 0;
        }
        if (i > 0) {
            t->n_edge = 1;
            question_edge(q, i - 1, i, g->bits[i]);
        }
    }
}

/* What an assignment costs: the sum, or the slowest stage; INFINITY: a place has two shards or too little memory. */
static double cost_s(const struct shards *g, const uint32_t *place, bool slowest)
{
    double sum = 0, worst = 0;
    uint32_t used = 0;
    if (g->pinned && place[0] != 0) {
        return INFINITY;
    }
    for (uint32_t first = 0, upto; first < g->n; first = upto) {
        const uint32_t p = place[first];
        double run_s = 0, bytes = 0;
        for (upto = first; upto < g->n && place[upto] == p; upto++) {
            run_s += g->run_s[upto][p];
            bytes += g->bytes[upto];
        }
        if (used >> p & 1 || bytes > g->free_bytes[p]) {
            return INFINITY;
        }
        used |= 1u << p;
        double in_s = way_s(g, first ? place[first - 1] : 0, p, g->bits[first]);
        double out_s = upto == g->n ? way_s(g, p, 0, g->bits[g->n]) : 0;
        sum += in_s + g->wait_s[p] + run_s + out_s;
        worst = fmax(worst, fmax(in_s, fmax(run_s, out_s)));
    }
    return slowest ? worst : sum;
}

static void ask(const struct shards *g, const struct policy_param *param, uint32_t n_param, uint32_t *place)
{
    struct question q;
    struct asked a = {.g = g};
    shard_ask(&q, g);
    assert_int_equal(harness_open(&a.h, &policy_edgeshard, PLAN_CAN_RANGE, 1, param, n_param), 0);
    a.h.host.path = path;
    if (harness_ask(&a.h, &q.view, &q.ask) < 0) {
        fail_msg("%s", a.h.err.text);
    }
    for (uint32_t k = 0; k < a.h.plan.n; k++) {
        const struct ts_step *s = &a.h.plan.step[k];
        assert_int_equal(s->verb, TS_PLACE);
        for (uint32_t i = s->task; i <= (s->upto ? s->upto : s->task); i++) {
            place[i] = s->place;
        }
    }
    harness_close(&a.h);
}

/*
 * Eight layers, seven of 4 GFLOP and one of 6, 2 GB each, 64 kB between them and back; the source with 40 GFLOP/s and 6 GB, two
 * edge servers with 120 and 60 GFLOP/s, 8 and 10 GB, the cloud with 1000 and 64; 50 Mbit/s between edges, 1 Mbit/s to the cloud.
 * The first layer is on the source.  Best, by trying all elsewhere: it alone, three on the slower, four on the faster server:
 * 100 + 10.24 + 200 + 10.24 + 150 + 10.24 = 480.72 ms.
 */
static void edgeshard_finds_480_72_ms(void **state)
{
    static const double gflops[] = {40, 120, 60, 1000}, gb[] = {6, 8, 10, 64};
    static const uint32_t want[] = {0, 2, 2, 2, 1, 1, 1, 1};
    struct shards g = {.n = 8, .m = 4, .pinned = true};
    uint32_t place[LAYERS] = {0};
    (void)state;
    for (uint32_t i = 0; i < g.n; i++) {
        g.bytes[i] = 2e9;
        g.bits[i + 1] = 64e3 * 8;
        for (uint32_t p = 0; p < g.m; p++) {
            g.run_s[i][p] = (i == 7 ? 6 : 4) / gflops[p];
        }
    }
    for (uint32_t p = 0; p < g.m; p++) {
        g.free_bytes[p] = gb[p] * 1e9;
        for (uint32_t q = 0; q < g.m; q++) {
            g.rate_bps[p][q] = p == 3 || q == 3 ? 1e6 : 50e6;
        }
    }
    ask(&g, NULL, 0, place);
    for (uint32_t i = 0; i < g.n; i++) {
        assert_int_equal(place[i], want[i]);
    }
    assert_near(cost_s(&g, place, false), 480.72e-3, 1e-12, 0);
    /* Of two places one is the job's own, with the pinned layer, the other the cloud: 100 + 512 + 30 + 512 ms. */
    const struct policy_param two = {.key = "places", .value = 2, .text = "2"};
    ask(&g, &two, 1, place);
    assert_near(cost_s(&g, place, false), 1.154, 1e-12, 0);
}

static struct shards draw_shards(uint32_t seed)
{
    const struct draw_at at = {.key = {seed, 0}, .entity = 9};
    uint32_t j = 0;
    struct shards g = {.n = 2 + seed % 6, .m = 2 + seed % 3, .delay_s = seed % 2, .pinned = seed % 4 == 0};
    for (uint32_t i = 0; i < g.n; i++) {
        g.bytes[i] = 1 + floor(3 * draw_uniform(&at, j++));
        g.bits[i] = 1 + floor(20 * draw_uniform(&at, j++));
        for (uint32_t p = 0; p < g.m; p++) {
            g.run_s[i][p] = 1 + floor(30 * draw_uniform(&at, j++));
        }
    }
    g.bits[g.n] = 1;
    for (uint32_t p = 0; p < g.m; p++) {
        g.free_bytes[p] = p == 0 ? 3 * g.n : 1 + floor(2 * g.n * draw_uniform(&at, j++)); /* all fits somewhere */
        g.wait_s[p] = seed % 5 ? 0 : floor(9 * draw_uniform(&at, j++));
        for (uint32_t q = 0; q < g.m; q++) {
            g.rate_bps[p][q] = .5 + floor(4 * draw_uniform(&at, j++));
        }
    }
    return g;
}

static void no_shards_are_better(void **state)
{
    const struct policy_param throughput = {.key = "aim", .value = NAN, .text = "throughput"};
    (void)state;
    for (uint32_t seed = 0; seed < 300; seed++) {
        struct shards g = draw_shards(seed);
        double best[2] = {INFINITY, INFINITY};
        uint32_t place[LAYERS] = {0}, n_all = 1;
        for (uint32_t i = 0; i < g.n; i++) {
            n_all *= g.m;
        }
        for (uint32_t all = 0; all < n_all; all++) {
            for (uint32_t i = 0, rest = all; i < g.n; i++, rest /= g.m) {
                place[i] = rest % g.m;
            }
            best[0] = fmin(best[0], cost_s(&g, place, false));
            best[1] = fmin(best[1], cost_s(&g, place, true));
        }
        ask(&g, NULL, 0, place);
        assert_near(cost_s(&g, place, false), best[0], 1e-12, 0);
        ask(&g, &throughput, 1, place);
        assert_near(cost_s(&g, place, true), best[1], 1e-12, 0);
    }
}

/* Of three places two may be tried: the job's own, and the one that can run both layers, 12 s, not the quicker helper. */
static void a_place_that_cannot_run_all_is_tried_last(void **state)
{
    const struct policy_param places = {.key = "places", .value = 2, .text = "2"};
    struct shards g = {.n = 2, .m = 3, .run_s = {{10, .1, 1}, {10, INFINITY, 1}}, .free_bytes = {9, 9, 9}, .bits = {10, 10, 10}};
    uint32_t place[LAYERS] = {0};
    (void)state;
    for (uint32_t p = 0; p < g.m; p++) {
        for (uint32_t q = 0; q < g.m; q++) {
            g.rate_bps[p][q] = 2;
        }
    }
    ask(&g, &places, 1, place);
    assert_int_equal(place[0], 2);
    assert_int_equal(place[1], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edgeshard_finds_480_72_ms),
        cmocka_unit_test(no_shards_are_better),
        cmocka_unit_test(a_place_that_cannot_run_all_is_tried_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
