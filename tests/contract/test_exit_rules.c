/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_exit_rules.c - networks with exits: an example worked out by hand, and random chains on which every exit and cut is
 * tried, job by job of each hardness.
 */
#include "tests/test.h"

#include <math.h>

#include "policies/builtin.h"
#include "sim/base/stream.h"
#include "tests/contract/harness.h"
#include "tests/question.h"

enum { STAGES = 5, TASKS = 2 * STAGES, GRADES = 3, NEAR = 0, FAR = 1 };

/*
 * Stages in a row, each but the last followed by an exit: task 2 i is stage i, task 2 i + 1 its exit.  Data go from stage to
 * stage; from an exit to the next stage nothing but its verdict, 1 bit.
 */
struct chain {
    uint32_t n; /* stages */
    double run_s[TASKS][2], bits[STAGES]; /* bits[i]: that stage i reads; of stage 0 the input */
    double rate_bps, delay_s, deadline_s;
    struct ts_grade grade[STAGES][GRADES]; /* of exit i; the last: of the network */
    bool flat; /* of exits one grade is known, the first */
};

static uint32_t n_task(const struct chain *g)
{
    return 2 * g->n - 1;
}

static double way_s(const struct chain *g, double bits)
{
    return g->delay_s + bits / g->rate_bps;
}

/* The grades stay with g. */
static void chain_ask(struct question *q, const struct chain *g)
{
    question_init(q, TS_ARRIVED, 2);
    for (uint32_t i = 0; i < n_task(g); i++) {
        const bool exit = i % 2, ends = exit || i + 1 == n_task(g);
        struct ts_task *t = question_task(q);
        t->deadline_s = g->deadline_s;
        t->in_bits = i == 0 ? g->bits[0] : 0;
        t->exit = exit;
        t->leaves = exit ? 0.5 : 0;
        t->grade = GRADES * (i / 2);
        t->n_grade = !ends ? 0 : exit && g->flat ? 1 : GRADES;
        for (uint32_t p = 0; p < 2; p++) {
            const uint32_t k = question_cand(q, p);
            q->est[TS_RUN_S][k] = g->run_s[i][p];
            q->est[TS_IN_S][k] = p == FAR && i == 0 ? way_s(g, g->bits[0]) : 0;
            q->est[TS_OUT_S][k] = p == FAR && ends ? way_s(g, 8) : 0;
        }
        if (exit) {
            question_edge(q, i - 1, i, 0);
        } else if (i > 0) {
            question_edge(q, i - 2, i, g->bits[i / 2]);
            question_edge(q, i - 1, i, 1);
        }
        t->n_edge = q->ask.n_edge - t->edge;
    }
    q->ask.grade = g->grade[0];
    q->ask.n_grade = GRADES * g->n;
}

/* A choice: the share that ends at exit i (0: it is left out), and the task from which on all is far. */
struct choice {
    double share[STAGES];
    uint32_t cut;
};

static double accuracy_of(const struct chain *g, uint32_t i, double hardness)
{
    uint32_t row = 0;
    while (row + 1 < GRADES && hardness > g->grade[i][row].upto) {
        row++;
    }
    return g->grade[i][row].accuracy;
}

/* A job of that hardness goes through: its latency, and its accuracy. */
static double follow(const struct chain *g, const struct choice *c, double hardness, double *accuracy)
{
    double s = c->cut == 0 ? way_s(g, g->bits[0]) : 0;
    for (uint32_t k = 0; k < n_task(g); k++) {
        const uint32_t i = k / 2, place = k >= c->cut ? FAR : NEAR;
        if (k % 2 && !(c->share[i] > 0)) {
            continue;
        }
        /* What goes over the cut: the stage before its exit if that is far, else the last stage that is near and the verdict. */
        if (place == FAR && c->cut > 0 && (k == c->cut || (k == c->cut + 1 && c->cut % 2 && !(c->share[c->cut / 2] > 0)))) {
            const bool verdict = k % 2 == 0 && c->share[i - 1] > 0 && k == c->cut;
            s += way_s(g, k % 2 ? g->bits[i + 1] * (hardness > c->share[i]) : g->bits[i] + (verdict ? 1 : 0));
        }
        s += g->run_s[k][place];
        if ((k % 2 && hardness <= c->share[i]) || k + 1 == n_task(g)) {
            *accuracy = accuracy_of(g, i, hardness);
            return s + (place == FAR ? way_s(g, 8) : 0);
        }
    }
    return NAN;
}

/* The means over jobs of all hardnesses; what the choice does changes at shares and grades alone. */
static double mean_s(const struct chain *g, const struct choice *c, double *accuracy)
{
    double border[2 * STAGES * GRADES + 2], s = 0, sum = 0, one = 0;
    uint32_t n = 0;
    border[n++] = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        border[n++] = i + 1 < g->n ? c->share[i] : 0;
        for (uint32_t k = 0; k < GRADES; k++) {
            border[n++] = g->grade[i][k].upto;
        }
    }
    for (uint32_t i = 1; i < n; i++) {
        for (uint32_t k = i; k > 0 && border[k] < border[k - 1]; k--) {
            double x = border[k];
            border[k] = border[k - 1];
            border[k - 1] = x;
        }
    }
    for (uint32_t i = 1; i < n; i++) {
        double width = border[i] - border[i - 1];
        s += width > 0 ? width * follow(g, c, (border[i] + border[i - 1]) / 2, &one) : 0;
        sum += width > 0 ? width * one : 0;
    }
    *accuracy = sum;
    return s;
}

static struct choice ask(const struct ts_policy *p, const struct chain *g, const struct policy_param *param, uint32_t n_param)
{
    struct question q;
    struct harness h;
    struct choice c = {.cut = n_task(g)};
    chain_ask(&q, g);
    assert_int_equal(harness_open(&h, p, PLAN_CAN_RANGE | PLAN_CAN_EXIT, 1, param, n_param), 0);
    h.rate_bps = g->rate_bps;
    h.delay_s = g->delay_s;
    if (harness_ask(&h, &q.view, &q.ask) < 0) {
        fail_msg("%s: %s", p->name, h.err.text);
    }
    for (uint32_t i = 0; i < h.plan.n; i++) {
        const struct ts_step *s = &h.plan.step[i];
        if (s->verb == TS_PLACE) {
            c.cut = s->place == FAR && s->task < c.cut ? s->task : c.cut;
            c.share[s->task / 2] = s->task % 2 ? s->value : c.share[s->task / 2];
        }
    }
    harness_close(&h);
    return c;
}

static struct chain draw_chain(uint32_t seed)
{
    const struct draw_at at = {.key = {seed, 0}, .entity = 7};
    uint32_t j = 0;
    struct chain g = {.n = 2 + seed % (STAGES - 1), .rate_bps = 1, .delay_s = seed % 2};
    for (uint32_t k = 0; k < n_task(&g); k++) {
        g.run_s[k][NEAR] = k % 2 ? (seed % 7 ? 1 : floor(50 * draw_uniform(&at, j++))) : 4 + floor(20 * draw_uniform(&at, j++));
        g.run_s[k][FAR] = k % 2 ? .1 : 1 + floor(3 * draw_uniform(&at, j++));
    }
    for (uint32_t i = 0; i < g.n; i++) {
        double upto = 0, accuracy = 1;
        g.bits[i] = 1 + floor(40 * draw_uniform(&at, j++));
        for (uint32_t k = 0; k < GRADES; k++) {
            upto += (1 - upto) * (.2 + .6 * draw_uniform(&at, j++));
            accuracy -= .3 * draw_uniform(&at, j++) * (i + 1 == g.n ? .1 : 1);
            g.grade[i][k] = (struct ts_grade){k + 1 == GRADES ? 1 : upto, accuracy};
        }
    }
    g.deadline_s = seed % 3 == 0 ? INFINITY : 10 + floor(60 * draw_uniform(&at, j++));
    return g;
}

/* The best cut of a choice of exits. */
static double best_cut_s(const struct chain *g, struct choice *c, double *accuracy)
{
    double best = INFINITY, one;
    for (c->cut = 0; c->cut <= n_task(g); c->cut++) {
        best = fmin(best, mean_s(g, c, &one));
    }
    *accuracy = one;
    return best;
}

/* The last exit that some cut meets the deadline with; else the quickest of all. */
static void edgent_finds_what_trying_all_finds(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 300; seed++) {
        struct chain g = draw_chain(seed);
        double accuracy, quickest = INFINITY, want = NAN;
        for (uint32_t end = g.n; end-- > 0 && isnan(want);) { /* jobs end at exit `end`, or at the end of the network */
            struct choice c = {.cut = 0};
            c.share[end] = end + 1 < g.n;
            double s = best_cut_s(&g, &c, &accuracy);
            quickest = fmin(quickest, s);
            want = s <= (seed % 2 ? 0.75 : 1) * g.deadline_s ? s : NAN;
        }
        const struct policy_param slack = {.key = "slack", .value = 0.25, .text = "0.25"};
        struct choice c = ask(&policy_edgent, &g, &slack, seed % 2);
        assert_near(mean_s(&g, &c, &accuracy), isnan(want) ? quickest : want, 1e-12, 0);
    }
}

/*
 * An exit of which no more is known than that its results are right in 90 % takes the share that the scenario says, one half: it
 * costs 4 + 1 s, the rest of the network 20 s more.
 */
static void spinn_takes_an_exit_of_one_grade_as_it_is(void **state)
{
    const struct policy_param loss = {.key = "loss", .value = .1, .text = "0.1"};
    struct chain g = {.n = 2, .run_s = {{4, 100}, {1, 100}, {20, 100}}, .rate_bps = 1, .deadline_s = INFINITY, .flat = true,
                      .grade = {{{1, .9}}, {{.3, .95}, {.6, .95}, {1, .95}}}};
    (void)state;
    const struct choice c = ask(&policy_spinn, &g, &loss, 1);
    assert_near(c.share[0], 0.5, 0, 0);
    assert_int_equal(c.cut, n_task(&g));
}

/* One confidence for all exits; the least mean latency of those good enough and in time, else the most accurate in time, else .. */
static void spinn_finds_what_trying_all_finds(void **state)
{
    (void)state;
    uint32_t n_left = 0;
    for (uint32_t seed = 0; seed < 300; seed++) {
        struct chain g = draw_chain(seed);
        struct choice none = {.cut = 0};
        double full, accuracy, s[4] = {INFINITY, INFINITY, INFINITY, 0}; /* quickest; in time; both; most accurate in time */
        best_cut_s(&g, &none, &full);
        for (uint32_t level = 0; level <= (g.n - 1) * GRADES; level++) {
            struct choice c = {.cut = 0};
            double sure = level < (g.n - 1) * GRADES ? g.grade[level / GRADES][level % GRADES].accuracy : 2, most = 0;
            for (uint32_t i = 0; i + 1 < g.n; i++) {
                for (uint32_t k = 0; k < GRADES && g.grade[i][k].accuracy >= sure; k++) {
                    c.share[i] = g.grade[i][k].upto;
                }
                c.share[i] = c.share[i] > most ? c.share[i] : 0; /* else nobody would end there */
                most = fmax(most, c.share[i]);
            }
            double one = best_cut_s(&g, &c, &accuracy);
            s[0] = fmin(s[0], one);
            if (one <= g.deadline_s && accuracy > s[3]) {
                s[1] = one;
                s[3] = accuracy;
            }
            s[2] = one <= g.deadline_s && !(accuracy < .9 * full) ? fmin(s[2], one) : s[2];
        }
        const struct policy_param loss = {.key = "loss", .value = .1, .text = "0.1"};
        struct choice c = ask(&policy_spinn, &g, &loss, 1);
        double want = s[2] < INFINITY ? s[2] : s[1] < INFINITY ? s[1] : s[0];
        assert_near(mean_s(&g, &c, &accuracy), want, 1e-12, 0);
        n_left += c.share[0] > 0;
    }
    assert_true(n_left > 30); /* exits are used */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edgent_finds_what_trying_all_finds),
        cmocka_unit_test(spinn_takes_an_exit_of_one_grade_as_it_is),
        cmocka_unit_test(spinn_finds_what_trying_all_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
