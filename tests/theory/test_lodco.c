/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_lodco.c - LODCO in the environment of its paper (one device, slots of 2 ms, a task in each with probability .6,
 * energy harvested uniform up to 48 uJ, Rayleigh channel at 50 m), around the functions that the policy decides by:
 * published figures, and what the theory promises whatever the draws.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "policies/lodco_slot.h"
#include "sim/base/stream.h"

enum { SLOTS = 20000 };

struct life {
    double cost_s;           /* a task, the penalty for a dropped one */
    double share[3];         /* of tasks, by mode */
    double most_j, least_j;  /* level of the battery */
    double late_j, late_s;   /* its mean, and the cost, over the second half */
    double offset_j;
};

static struct life live(double v, uint32_t seed)
{
    const struct lodco_device *d = &lodco_published;
    struct life life = {.offset_j = lodco_published_offset_j(d, v)};
    double level_j = 0, cost_s = 0, early_s = 0;
    uint32_t tasks = 0, early = 0, count[3] = {0};
    for (uint32_t t = 0; t < SLOTS; t++) {
        const struct draw_at at = {{seed, 0}, stream_entity("lodco"), 0, t, DRAW_USER, 0};
        if (t == SLOTS / 2) {
            early = tasks;
            early_s = cost_s;
        }
        double b = level_j - life.offset_j, used_j = 0;
        if (draw_uniform(&at, 0) < .6) {
            double h = 1e-4 / pow(50, 4) * -log(draw_uniform(&at, 1));
            struct lodco_way way[2] = {lodco_local(d, b, v), lodco_remote(d, b, v, h)};
            enum lodco_mode mode = lodco_choose(way[0], way[1], level_j, b, v, d->penalty_s);
            used_j = mode == LODCO_DROP ? 0 : way[mode].energy_j;
            cost_s += mode == LODCO_DROP ? d->penalty_s : way[mode].time_s;
            assert_true(mode == LODCO_DROP || way[mode].time_s <= d->deadline_s * (1 + 1e-12));
            assert_true(mode == LODCO_DROP || (way[mode].energy_j >= d->e_min_j * (1 - 1e-9) &&
                                               way[mode].energy_j <= d->e_max_j * (1 + 1e-9)));
            count[mode]++;
            tasks++;
        }
        level_j += (b <= 0 ? d->harvest_j * draw_uniform(&at, 2) : 0) - used_j;
        life.most_j = fmax(life.most_j, level_j);
        life.least_j = fmin(life.least_j, level_j);
        life.late_j += t >= SLOTS / 2 ? level_j / (SLOTS - SLOTS / 2) : 0;
    }
    life.cost_s = cost_s / tasks;
    life.late_s = (cost_s - early_s) / (tasks - early);
    for (int m = 0; m < 3; m++) {
        life.share[m] = (double)count[m] / tasks;
    }
    if (getenv("TS_SHOW")) {
        printf("V %g: cost %.4f ms, shares %.4f %.4f %.4f, theta %.4f mJ, level %.4f mJ at most; late %.4f mJ, %.4f ms\n", v,
               1e3 * life.cost_s, life.share[0], life.share[1], life.share[2], 1e3 * life.offset_j, 1e3 * life.most_j,
               1e3 * life.late_j, 1e3 * life.late_s);
    }
    return life;
}

/* Within 5 %; of the few local and dropped tasks, some 1100 and 100 of 12000, within 3 standard errors and that. */
static void figures_of_the_paper(void **state)
{
    (void)state;
    static const struct {
        double v, cost_s, share[3], offset_j, most_j;
    } row[] = {{1e-5, .371e-3, {.095, .898, .007}, 3.0e-3, 3.047e-3},
               {1e-4, .333e-3, {.076, .913, .012}, 12.0e-3, 11.98e-3}};
    for (size_t i = 0; i < LEN(row); i++) {
        struct life life = live(row[i].v, 1);
        assert_near(life.cost_s, row[i].cost_s, .05, 0);
        for (int m = 0; m < 3; m++) {
            assert_near(life.share[m], row[i].share[m], .05, 3 * sqrt(row[i].share[m] * (1 - row[i].share[m]) / 12000));
        }
        assert_near(life.offset_j, row[i].offset_j, 1e-12, 0);
        assert_near(life.most_j, row[i].most_j, .05, 0);
    }
}

/* Whatever happens: 0 <= level <= theta + the most of one harvest. */
static void the_battery_stays_within_its_bounds(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        for (double v = 1e-6; v < 3e-4; v *= 4) {
            struct life life = live(v, seed);
            assert_true(life.least_j >= 0);
            assert_true(life.most_j <= life.offset_j + lodco_published.harvest_j);
        }
    }
}

/* The cost falls with V, towards its optimum by O(1/V), and the level grows as theta, which is linear in V: over a factor of
 * 4 each time, once the battery has filled (27.6 mJ, at 24 uJ a slot less what is used, take some 2000 slots). */
static void more_v_costs_less_and_needs_more_battery(void **state)
{
    (void)state;
    double last_s = INFINITY;
    for (double v = 1e-6; v < 3e-4; v *= 4) {
        struct life life = live(v, 2);
        assert_true(life.late_s <= last_s);
        assert_near(life.late_j, life.offset_j, .05, 2 * lodco_published.harvest_j);
        last_s = life.late_s;
    }
}

/* The closed forms are the least over a fine grid of what they choose. */
static void frequency_and_power_are_the_best(void **state)
{
    (void)state;
    const struct lodco_device *d = &lodco_published;
    const double v = 1e-5, effort = d->kappa * d->cycles;
    for (double b = -3e-3; b < 1e-4; b += 1e-4) {
        double best = lodco_score(lodco_local(d, b, v), b, v);
        for (double f = d->cycles / d->deadline_s; f <= d->f_max_hz; f *= 1.001) {
            double e_j = effort * f * f;
            if (e_j >= d->e_min_j && e_j <= d->e_max_j) {
                assert_true(lodco_score((struct lodco_way){e_j, d->cycles / f}, b, v) >= best * (1 - 1e-12) - 1e-30);
            }
        }
        for (double h = 1e-13; h < 1e-10; h *= 2) {
            best = lodco_score(lodco_remote(d, b, v, h), b, v);
            for (double p = 1e-6; p <= d->p_max_w; p *= 1.002) {
                struct lodco_way way = lodco_send(d, h / d->noise_w, p);
                if (way.energy_j >= d->e_min_j && way.energy_j <= d->e_max_j && way.time_s <= d->deadline_s) {
                    assert_true(lodco_score(way, b, v) >= best - 1e-12 * fabs(best));
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_of_the_paper),
        cmocka_unit_test(the_battery_stays_within_its_bounds),
        cmocka_unit_test(more_v_costs_less_and_needs_more_battery),
        cmocka_unit_test(frequency_and_power_are_the_best),
    };
    return cmocka_run_group_tests_name("lodco", tests, NULL, NULL);
}
