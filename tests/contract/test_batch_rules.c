/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_batch_rules.c - rules that plan over all tasks that wait: worked and published cases, each rule against a slow
 * reference written straight from its paper, and what is sent and what held back.
 */
#include "tests/test.h"

#include <stdio.h>

#include "policies/bidding.h"
#include "policies/builtin.h"
#include "policies/matching.h"
#include "tests/contract/each.h"
#include "tests/contract/graphs.h"
#include "tests/contract/pools.h"

enum { RANDOM_POOLS = 400 };
static const struct policy_param all_at_once = {.key = "ahead", .value = 3600};

static void open_rule(struct harness *h, const struct ts_policy *p, const struct policy_param *param)
{
    if (harness_open(h, p, 0, 1, param, param ? 1 : 0) < 0) {
        fail_msg("%s", h->err.text);
    }
}

static void ask_pool(struct harness *h, struct question *w)
{
    if (harness_ask(h, &w->view, &w->ask) < 0) {
        fail_msg("%s", h->err.text);
    }
}

/* The pool with these services, in rows of tasks. */
static void pool_of(struct question *w, uint32_t n_task, uint32_t n_place, const double *run_s)
{
    pool_init(w, n_task, n_place);
    memcpy(w->est[TS_RUN_S], run_s, n_task * n_place * sizeof *run_s);
}

/* When the last of the placed tasks ends, each place one core, in the order of the plan. */
static double makespan_s(const struct question *w, const struct ts_plan *p)
{
    double free_s[POOL_PLACES] = {0}, last_s = 0;
    for (uint32_t k = 0; k < p->n; k++) {
        ts_id place = p->step[k].place;
        assert_int_equal(p->step[k].verb, TS_PLACE);
        free_s[place] += w->est[TS_RUN_S][p->step[k].task * w->view.n_place + place];
        last_s = fmax(last_s, free_s[place]);
    }
    return last_s;
}

static double makespan_under(const struct ts_policy *rule, uint32_t n_task, uint32_t n_place, const double *run_s)
{
    struct harness h;
    struct question w;
    open_rule(&h, rule, &all_at_once);
    pool_of(&w, n_task, n_place, run_s);
    ask_pool(&h, &w);
    double s = makespan_s(&w, &h.plan);
    harness_close(&h);
    return s;
}

/*
 * The ten tasks of Topcuoglu et al. 2002 as if they were independent.  Min-Min, worked out (task, place, end): 8 P1 5, 10 P2
 * 7, 1 P3 9, 7 P1 12, 4 P2 15, 6 P3 18, 3 P1 23, 9 P2 27, 5 P3 28, 2 P1 36: makespan 36, which is the optimum, too.
 */
static void min_min_on_the_matrix_of_topcuoglu(void **state)
{
    (void)state;
    double run_s[30];
    for (int i = 0; i < 30; i++) {
        run_s[i] = graph_topcuoglu.run_s[i / 3][i % 3];
    }
    assert_near(makespan_under(&policy_min_min, 10, 3, run_s), 36, 0, 0);
}

/*
 * Three tasks of 1 s and one of 3 s on two equal places.  Min-Min places the short ones at 1, 1 and 2, the long one ends at
 * 4; Max-Min begins with the long one, the short ones end at 1, 2 and 3 beside it (Maheswaran et al. 1999, section 3.2).
 */
static void max_min_fills_the_gaps_beside_a_long_task(void **state)
{
    (void)state;
    static const double run_s[] = {1, 1, 1, 1, 1, 1, 3, 3};
    assert_near(makespan_under(&policy_min_min, 4, 2, run_s), 4, 0, 0);
    assert_near(makespan_under(&policy_max_min, 4, 2, run_s), 3, 0, 0);
}

/*
 * Task 1 takes 20 on P1, 50 on P2; task 2 takes 15 and 20.  Min-Min gives P1 to task 2 (15) and then to task 1 (35 < 50).
 * Task 1 would suffer 30, task 2 only 5: Sufferage gives P1 to task 1 (20), and task 2 goes to P2 (20 < 35).
 */
static void sufferage_leaves_the_place_to_whom_needs_it(void **state)
{
    (void)state;
    static const double run_s[] = {20, 50, 15, 20};
    assert_near(makespan_under(&policy_min_min, 2, 2, run_s), 35, 0, 0);
    assert_near(makespan_under(&policy_sufferage, 2, 2, run_s), 20, 0, 0);
}

/* The sum is least with tasks on places 1, 0, 2: 2 + 3 + 1 (by the diagonal 4 + 4 + 1, greedily 1 + 3 + 9). */
static void hungarian_takes_the_least_sum(void **state)
{
    (void)state;
    static const double run_s[] = {4, 2, 8, 3, 4, 7, 3, 1, 1};
    struct harness h;
    struct question w;
    open_rule(&h, &policy_hungarian, NULL);
    pool_of(&w, 3, 3, run_s);
    ask_pool(&h, &w);
    for (uint32_t k = 0; k < 3; k++) {
        static const ts_id want[] = {1, 0, 2};
        assert_int_equal(h.plan.step[k].verb, TS_PLACE);
        assert_int_equal(h.plan.step[k].place, want[h.plan.step[k].task]);
    }
    harness_close(&h);
}

/* Deadlines 9, 3, none, 3 on one place: 1 and 3 (the lower first), then 0, then 2. */
static void edf_goes_by_deadlines(void **state)
{
    (void)state;
    static const double run_s[] = {1, 2, 1, 1}, deadline_s[] = {9, 3, INFINITY, 3};
    static const uint32_t want[] = {1, 3, 0, 2};
    struct harness h;
    struct question w;
    open_rule(&h, &policy_edf, &all_at_once);
    pool_of(&w, 4, 1, run_s);
    for (int i = 0; i < 4; i++) {
        w.task[i].deadline_s = deadline_s[i];
    }
    ask_pool(&h, &w);
    for (uint32_t k = 0; k < 4; k++) {
        assert_int_equal(h.plan.step[k].task, want[k]);
    }
    harness_close(&h);
}

/* What each core is free at, by the rule of problem.h, and what a task would come to there. */
struct slow {
    const struct question *w;
    double free_s[POOL_PLACES][POOL_TASKS];
    uint32_t n_core[POOL_PLACES], where[POOL_TASKS], n_order, order[POOL_TASKS];
    int done[POOL_TASKS];
};

static void slow_init(struct slow *f, const struct question *w)
{
    memset(f, 0, sizeof *f);
    f->w = w;
    for (uint32_t p = 0; p < w->view.n_place; p++) {
        double units = w->col[TS_UNITS][p], busy = w->col[TS_BUSY][p], work_s = w->col[TS_WORK_S][p];
        f->n_core[p] = (uint32_t)fmin(units, POOL_TASKS);
        for (uint32_t c = 0; c < f->n_core[p]; c++) {
            f->free_s[p][c] = c < units - busy ? 0 : busy < units ? work_s * units / busy : work_s;
        }
    }
}

static uint32_t slow_core(const struct slow *f, uint32_t p)
{
    uint32_t first = 0;
    for (uint32_t c = 1; c < f->n_core[p]; c++) {
        first = f->free_s[p][c] < f->free_s[p][first] ? c : first;
    }
    return first;
}

static double slow_finish_s(const struct slow *f, uint32_t i, uint32_t p)
{
    const struct question *w = f->w;
    uint32_t k = i * w->view.n_place + p;
    if (w->col[TS_UP][p] == 0) {
        return INFINITY;
    }
    return fmax(f->free_s[p][slow_core(f, p)], w->est[TS_IN_S][k]) + w->est[TS_RUN_S][k] + w->est[TS_OUT_S][k];
}

static uint32_t slow_best(const struct slow *f, uint32_t i)
{
    uint32_t best = 0;
    for (uint32_t p = 1; p < f->w->view.n_place; p++) {
        best = slow_finish_s(f, i, p) < slow_finish_s(f, i, best) ? p : best;
    }
    return best;
}

static void slow_put(struct slow *f, uint32_t i, uint32_t p)
{
    f->free_s[p][slow_core(f, p)] = slow_finish_s(f, i, p) - f->w->est[TS_OUT_S][i * f->w->view.n_place + p];
    f->where[i] = p;
    f->done[i] = 1;
    f->order[f->n_order++] = i;
}

/* Min-Min and Max-Min as the papers have them: all finishes anew before each assignment. */
static void slow_by_finish(struct slow *f, double sign)
{
    for (;;) {
        uint32_t next = TS_NONE;
        double next_s = INFINITY;
        for (uint32_t i = 0; i < f->w->ask.n_task; i++) {
            double s = slow_finish_s(f, i, slow_best(f, i));
            if (!f->done[i] && s < INFINITY && sign * s < next_s) {
                next = i;
                next_s = sign * s;
            }
        }
        if (next == TS_NONE) {
            return;
        }
        slow_put(f, next, slow_best(f, next));
    }
}

static void slow_min_min(struct slow *f)
{
    slow_by_finish(f, 1);
}

static void slow_max_min(struct slow *f)
{
    slow_by_finish(f, -1);
}

static double slow_sufferage_s(const struct slow *f, uint32_t i)
{
    double second_s = INFINITY;
    uint32_t best = slow_best(f, i);
    for (uint32_t p = 0; p < f->w->view.n_place; p++) {
        second_s = p == best ? second_s : fmin(second_s, slow_finish_s(f, i, p));
    }
    return second_s - slow_finish_s(f, i, best);
}

/* Maheswaran et al. 1999, figure 4: machines are unassigned at the start of each round; a task takes an unassigned one, or
 * pushes out whoever holds it and suffers less. */
static void slow_sufferage(struct slow *f)
{
    for (int again = 1; again;) {
        uint32_t holder[POOL_PLACES];
        again = 0;
        for (uint32_t p = 0; p < f->w->view.n_place; p++) {
            holder[p] = TS_NONE;
        }
        for (uint32_t i = 0; i < f->w->ask.n_task; i++) {
            uint32_t p = slow_best(f, i);
            if (!f->done[i] && slow_finish_s(f, i, p) < INFINITY &&
                (holder[p] == TS_NONE || slow_sufferage_s(f, holder[p]) < slow_sufferage_s(f, i))) {
                holder[p] = i;
            }
        }
        for (uint32_t i = 0; i < f->w->ask.n_task; i++) { /* the order in a round is free: a place has one holder */
            for (uint32_t p = 0; p < f->w->view.n_place; p++) {
                if (holder[p] == i) {
                    slow_put(f, i, p);
                    again = 1;
                }
            }
        }
    }
}

static const struct {
    const struct ts_policy *rule;
    void (*slow)(struct slow *f);
    bool ordered; /* the order of the steps is the rule's, too */
} twin[] = {{&policy_min_min, slow_min_min, true}, {&policy_max_min, slow_max_min, true},
            {&policy_sufferage, slow_sufferage, false}};

static void rules_do_what_their_papers_say(void **state)
{
    (void)state;
    for (size_t k = 0; k < LEN(twin); k++) {
        struct harness h;
        open_rule(&h, twin[k].rule, &all_at_once);
        for (uint32_t seed = 0; seed < RANDOM_POOLS; seed++) {
            struct question w;
            struct slow f;
            pool_draw(&w, seed, POOL_TASKS);
            slow_init(&f, &w);
            twin[k].slow(&f);
            ask_pool(&h, &w);
            assert_int_equal(h.plan.n, w.ask.n_task);
            for (uint32_t s = 0; s < h.plan.n; s++) {
                uint32_t i = h.plan.step[s].task;
                assert_int_equal(h.plan.step[s].verb, f.done[i] ? TS_PLACE : TS_REJECT);
                assert_int_equal(h.plan.step[s].place, f.done[i] ? f.where[i] : TS_NONE);
                assert_true(!twin[k].ordered || s >= f.n_order || i == f.order[s]);
            }
        }
        harness_close(&h);
    }
}

/* The least sum over all ways to give rows from i on a column of their own; columns with a bit in `wide` take all. */
static double try_all(const double *cost, uint32_t n_row, uint32_t n_col, uint32_t i, unsigned taken, unsigned wide)
{
    double least = i == n_row ? 0 : INFINITY;
    for (uint32_t j = 0; i < n_row && j < n_col; j++) {
        if (!(taken >> j & 1)) {
            unsigned after = (taken | 1u << j) & ~wide;
            least = fmin(least, cost[i * n_col + j] + try_all(cost, n_row, n_col, i + 1, after, wide));
        }
    }
    return least;
}

static void a_matching_is_as_cheap_as_the_cheapest(void **state)
{
    (void)state;
    struct scratch s = {0};
    for (uint32_t seed = 0; seed < RANDOM_POOLS; seed++) {
        const struct draw_at at = {.key = {seed, 0}, .entity = 7};
        uint32_t n_row = 1 + seed % 6, n_col = n_row + seed / 6 % 3, col_of[6];
        double cost[48], sum = 0;
        for (uint32_t k = 0; k < n_row * n_col; k++) { /* whole numbers: sums are exact */
            cost[k] = floor((seed % 2 ? 5 : 1000) * draw_uniform(&at, k));
        }
        unsigned taken = 0;
        scratch_reset(&s);
        assert_int_equal(matching_least(cost, n_row, n_col, col_of, &s), 0);
        for (uint32_t i = 0; i < n_row; i++) {
            assert_true(col_of[i] < n_col && !(taken >> col_of[i] & 1));
            taken |= 1u << col_of[i];
            sum += cost[i * n_col + col_of[i]];
        }
        assert_near(sum, try_all(cost, n_row, n_col, 0, 0, 0), 0, 0);
    }
    scratch_clear(&s);
}

/* What the rows pay in all; each column but the last is held once at most. */
static double sum_of(const double *cost, uint32_t n_row, uint32_t n_col, const uint32_t *col_of)
{
    double sum = 0;
    uint32_t held[80] = {0};
    for (uint32_t i = 0; i < n_row; i++) {
        assert_true(col_of[i] < n_col);
        assert_true(col_of[i] == n_col - 1 || held[col_of[i]]++ == 0);
        sum += cost[i * n_col + col_of[i]];
    }
    return sum;
}

/*
 * Whole numbers and n epsilon < 1: any sum that is not the least is 1 above it at least, so an auction finds the least, here
 * with more rows than columns, too.  With a coarse epsilon it may miss it by n epsilon.
 */
static void an_auction_is_as_cheap_as_the_cheapest_but_for_epsilon(void **state)
{
    (void)state;
    struct scratch s = {0};
    double missed = 0;
    for (uint32_t seed = 0; seed < RANDOM_POOLS; seed++) {
        const struct draw_at at = {.key = {seed, 0}, .entity = 9};
        uint32_t n_row = 1 + seed % 6, n_col = 2 + seed / 6 % 6, col_of[6];
        double cost[42], top = seed % 2 ? 5 : 1000;
        for (uint32_t k = 0; k < n_row * n_col; k++) {
            cost[k] = floor((k % n_col == n_col - 1 && seed % 3 ? 3 : 1) * top * draw_uniform(&at, k));
        }
        double least = try_all(cost, n_row, n_col, 0, 0, 1u << (n_col - 1));
        scratch_reset(&s);
        assert_int_equal(bidding_least(cost, n_row, n_col, .9 / n_row, col_of, &s), 0);
        assert_near(sum_of(cost, n_row, n_col, col_of), least, 0, 0);
        assert_int_equal(bidding_least(cost, n_row, n_col, top / 20, col_of, &s), 0);
        double more = sum_of(cost, n_row, n_col, col_of) - least;
        assert_true(more >= 0 && more <= n_row * top / 20);
        missed = fmax(missed, more / top);
    }
    assert_true(missed > 0); /* so the coarse one was put to the test */
    scratch_clear(&s);
}

/* Sizes of real pools: the last column as often as there are rows is what the Hungarian method needs for the same. */
static void an_auction_and_the_hungarian_method_agree(void **state)
{
    (void)state;
    enum { ROWS = 40, LANES = 30, COLUMNS = LANES + ROWS };
    static double wide[ROWS * (LANES + 1)], cost[ROWS * COLUMNS];
    uint32_t col_of[ROWS];
    struct scratch s = {0};
    for (uint32_t seed = 0; seed < 30; seed++) {
        const struct draw_at at = {.key = {seed, 0}, .entity = 10};
        uint32_t n_row = 1 + seed * 7 % ROWS, n_lane = 1 + seed * 11 % LANES, n_col = n_lane + n_row;
        for (uint32_t i = 0; i < n_row; i++) {
            for (uint32_t j = 0; j < n_col; j++) {
                double here = j < n_lane ? floor(1e6 * draw_uniform(&at, i * LANES + j)) : seed % 2 ? 1e9 : 4e5;
                cost[i * n_col + j] = here;
                wide[i * (n_lane + 1) + (j < n_lane ? j : n_lane)] = here;
            }
        }
        scratch_reset(&s);
        assert_int_equal(matching_least(cost, n_row, n_col, col_of, &s), 0);
        double least = sum_of(cost, n_row, n_col, col_of);
        assert_int_equal(bidding_least(wide, n_row, n_lane + 1, .9 / n_row, col_of, &s), 0);
        assert_near(sum_of(wide, n_row, n_lane + 1, col_of), least, 0, 0);
    }
    scratch_clear(&s);
}

/* Places of one core each: the sum of the finishes of what a plan sends, and how much it sends. */
static double planned_s(const struct question *w, const struct ts_plan *p, uint32_t *n_sent)
{
    double sum_s = 0;
    *n_sent = 0;
    for (uint32_t k = 0; k < p->n; k++) {
        if (p->step[k].verb == TS_PLACE) {
            struct slow f;
            slow_init(&f, w);
            sum_s += slow_finish_s(&f, p->step[k].task, p->step[k].place);
            ++*n_sent;
        }
    }
    return sum_s;
}

static void auction_plans_as_well_as_hungarian(void **state)
{
    (void)state;
    struct harness one, other;
    open_rule(&one, &policy_hungarian, &all_at_once);
    open_rule(&other, &policy_auction, &all_at_once);
    for (uint32_t seed = 0; seed < RANDOM_POOLS; seed++) {
        struct question w;
        uint32_t n_one, n_other;
        pool_draw(&w, seed, POOL_TASKS);
        for (uint32_t p = 0; p < w.view.n_place; p++) {
            w.col[TS_UNITS][p] = 1;
            w.col[TS_BUSY][p] = w.col[TS_BUSY][p] > 0;
        }
        ask_pool(&one, &w);
        ask_pool(&other, &w);
        double least_s = planned_s(&w, &one.plan, &n_one), s = planned_s(&w, &other.plan, &n_other);
        assert_int_equal(n_one, n_other);
        assert_near(s, least_s, 0, 0); /* whole numbers, 12 tasks, epsilon 1e-6 s */
    }
    harness_close(&one);
    harness_close(&other);
}

static const struct ts_policy *const batch_rules[] = {&policy_edf, &policy_min_min, &policy_max_min, &policy_sufferage,
                                                      &policy_hungarian, &policy_auction};

/* One core that is free in 5 s and one that is free now, by far the slower: its tasks wait for the fast one. */
static void what_cannot_start_is_held_back(void **state)
{
    const struct ts_policy *p = *state;
    static const double run_s[] = {1, 99, 1, 99, 1, 99};
    struct harness h;
    struct question w;
    open_rule(&h, p, NULL);
    pool_of(&w, 2, 2, run_s);
    w.col[TS_BUSY][0] = 1;
    w.col[TS_WORK_S][0] = 5;
    w.ask.n_task = 1;
    w.ask.why = TS_ARRIVED;
    ask_pool(&h, &w); /* alone: 5 + 1 < 99 */
    assert_int_equal(h.plan.step[0].verb, TS_DEFER);
    *pool_est(&w, TS_IN_S, 0, 0) = 5; /* is there when the core is free */
    ask_pool(&h, &w);
    assert_int_equal(h.plan.step[0].verb, TS_PLACE);
    assert_int_equal(h.plan.step[0].place, 0);
    w.ask.n_task = 2;
    w.ask.why = TS_FREED;
    ask_pool(&h, &w); /* together: one is there in time, the other not, or both are matched and one with the slow core */
    uint32_t n_sent = 0, n_late = 0;
    for (uint32_t k = 0; k < h.plan.n; k++) {
        n_sent += h.plan.step[k].verb == TS_PLACE && h.plan.step[k].task == 0;
        n_late += h.plan.step[k].verb == TS_PLACE && h.plan.step[k].task == 1 && h.plan.step[k].place == 0;
    }
    assert_int_equal(n_sent, 1);
    assert_int_equal(n_late, 0);
    harness_close(&h);
}

static void a_slot_decides_at_its_ticks_alone(void **state)
{
    const struct ts_policy *p = *state;
    const struct policy_param slot = {.key = "slot", .value = 2};
    struct harness h;
    struct question w;
    open_rule(&h, p, &slot);
    pool_of(&w, 2, 2, (const double[]){1, 3, 1, 3});
    w.ask.n_task = 1;
    w.ask.why = TS_ARRIVED;
    ask_pool(&h, &w);
    assert_int_equal(h.plan.step[0].verb, TS_DEFER);
    w.ask.n_task = 2;
    w.ask.why = TS_FREED;
    ask_pool(&h, &w);
    assert_int_equal(h.plan.step[0].verb, TS_DEFER);
    assert_int_equal(h.plan.step[1].verb, TS_DEFER);
    w.ask.why = TS_TICK;
    ask_pool(&h, &w); /* the second could start in 1 s, before the next tick; hungarian and auction give each its core */
    assert_int_equal(h.plan.step[0].verb, TS_PLACE);
    assert_int_equal(h.plan.step[1].verb, TS_PLACE);
    w.ask.n_task = 0;
    ask_pool(&h, &w); /* a tick when nothing waits */
    assert_int_equal(h.plan.n, 0);
    harness_close(&h);
}

static void any_pool_gets_a_legal_answer(void **state)
{
    const struct ts_policy *p = *state;
    for (int at_once = 0; at_once < 2; at_once++) {
        struct harness h;
        open_rule(&h, p, at_once ? &all_at_once : NULL);
        for (uint32_t seed = 0; seed < RANDOM_POOLS; seed++) {
            struct question w;
            pool_draw(&w, seed, POOL_TASKS);
            ask_pool(&h, &w);
        }
        harness_close(&h);
    }
}

int main(void)
{
    static const struct each_test each[] = {
        {"what cannot start is held back", what_cannot_start_is_held_back},
        {"a slot decides at its ticks alone", a_slot_decides_at_its_ticks_alone},
        {"any pool gets a legal answer", any_pool_gets_a_legal_answer},
    };
    const struct CMUnitTest single[] = {
        cmocka_unit_test(min_min_on_the_matrix_of_topcuoglu),
        cmocka_unit_test(max_min_fills_the_gaps_beside_a_long_task),
        cmocka_unit_test(sufferage_leaves_the_place_to_whom_needs_it),
        cmocka_unit_test(hungarian_takes_the_least_sum),
        cmocka_unit_test(edf_goes_by_deadlines),
        cmocka_unit_test(rules_do_what_their_papers_say),
        cmocka_unit_test(a_matching_is_as_cheap_as_the_cheapest),
        cmocka_unit_test(an_auction_is_as_cheap_as_the_cheapest_but_for_epsilon),
        cmocka_unit_test(an_auction_and_the_hungarian_method_agree),
        cmocka_unit_test(auction_plans_as_well_as_hungarian),
    };
    return each_run("batch_rules", single, LEN(single), each, LEN(each), batch_rules, LEN(batch_rules));
}
