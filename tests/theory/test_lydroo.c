/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_lydroo.c - LyDROO's slot problem against a grid, and in the environment of its paper (10 devices 120 to 255 m
 * from an access point, Rician channels, exponential arrivals of data, .08 J a slot allowed): queues stay stable, and
 * more V means more data and longer queues.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "policies/lydroo_slot.h"
#include "sim/base/fmath.h"
#include "sim/base/stream.h"

enum { N = 10, SLOTS = 800 };

/* A Rician channel of mean power 1, of which .3 come by the line of sight. */
static double fading(const struct draw_at *at, uint32_t j)
{
    double x = sqrt(.3) + sqrt(.7 / 2) * ts_probit(draw_uniform(at, j)), y = sqrt(.7 / 2) * ts_probit(draw_uniform(at, j + 1));
    return x * x + y * y;
}

/* Mean power gain at 120 to 255 m. */
static double path_gain(uint32_t i)
{
    double d_m = 120 + (255 - 120) * i / (N - 1.0);
    return 3 * pow(3e8 / (4 * 3.14159265358979 * 915e6 * d_m), 3);
}

static struct lydroo_slot instance(uint32_t k, uint32_t n)
{
    const struct draw_at at = {{3, 0}, stream_entity("lydroo"), 0, k, DRAW_USER, 0};
    struct lydroo_slot p = lydroo_published;
    p.n = n;
    for (uint32_t i = 0; i < n; i++) {
        double queue = 8 * draw_uniform(&at, 10 * i), energy = k % 3 ? 100 * draw_uniform(&at, 10 * i + 1) : 0;
        p.device[i] = lydroo_published_device(i % 2 ? 1.5 : 1, queue, energy, path_gain(i) * fading(&at, 10 * i + 2));
    }
    return p;
}

static double slot_used(const struct lydroo_slot *p, const struct lydroo_answer *x)
{
    double sum = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        sum += x->use[i].share;
    }
    return sum;
}

/* Two that send: no division of the slot on a grid of thousandths, with powers on a grid, is better. */
static void no_division_of_the_slot_is_better(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 12; k++) {
        struct lydroo_slot p = instance(k, 2);
        struct lydroo_answer x = {.mode = 3};
        lydroo_solve(&p, &x);
        assert_true(slot_used(&p, &x) <= 1 + 1e-12);
        double best = 0, of_first[101], of_second[101];
        for (int share = 0; share <= 100; share++) {
            double *of[2] = {&of_first[share], &of_second[share]};
            for (uint32_t i = 0; i < 2; i++) {
                *of[i] = 0;
                for (double p_w = 1e-5; p_w <= p.p_max_w; p_w *= 1.01) {
                    double mbit = p.rate_mbps * log2(1 + p.device[i].gain_per_w * p_w) * share / 100;
                    double part = mbit > p.device[i].queue_mbit ? p.device[i].queue_mbit / mbit : 1;
                    struct lydroo_use use = {share / 100., part * mbit, part * p_w * share / 100};
                    *of[i] = fmax(*of[i], lydroo_value(&p, i, use));
                }
            }
        }
        for (int share = 0; share <= 100; share++) {
            best = fmax(best, of_first[share] + of_second[100 - share]);
        }
        assert_true(best <= x.value * (1 + 1e-9));
        assert_near(best, x.value, .03, 0); /* steps of .01 in time and power lose that at most */
    }
}

/* f = min(sqrt(a / (3 phi kappa Y)), phi Q, f_max), a = Q + 20 w: with Q = 2 Mbit, w = 1, Y = 1000: a = 22, phi = 1e8 cycles a
 * Mbit: sqrt(22 / (3 1e8 1e-26 1000)) = 85.6 MHz; with Y = 10: phi Q = 200 MHz; with Q = 9 Mbit and Y = 0: 300 MHz. */
static void the_frequency_of_a_device_that_computes(void **state)
{
    (void)state;
    static const double queue[] = {2, 2, 9}, energy[] = {1000, 10, 0}, mhz[] = {85.6348839, 200, 300};
    struct lydroo_slot p = lydroo_published;
    p.n = 3;
    for (uint32_t i = 0; i < 3; i++) {
        p.device[i] = lydroo_published_device(1, queue[i], energy[i], 1e-9);
        struct lydroo_use use = lydroo_compute(&p, i);
        assert_near(use.mbit, mhz[i] / 100, 1e-8, 0);
        assert_near(use.energy_j, 1e-26 * pow(mhz[i] * 1e6, 3), 1e-7, 0);
    }
}

static void greedy_modes_are_nearly_the_best(void **state)
{
    (void)state;
    enum { INSTANCES = 20, DEVICES = 8 };
    double ratio = 0, worst = 1;
    for (uint32_t k = 0; k < INSTANCES; k++) {
        struct lydroo_slot p = instance(100 + k, DEVICES);
        struct lydroo_answer best, x;
        lydroo_exact(&p, &best);
        lydroo_greedy(&p, &x);
        assert_true(x.value <= best.value * (1 + 1e-12));
        ratio += x.value / best.value / INSTANCES;
        worst = fmin(worst, x.value / best.value);
    }
    if (getenv("TS_SHOW")) {
        printf("greedy %.5f, worst %.5f\n", ratio, worst);
    }
    assert_true(ratio >= .99);
}

struct life {
    double rate_mbps, queue_mbit, energy_w; /* weighted sum; mean over devices; the largest of a device */
};

static struct life live(double v, double arrivals_mbit)
{
    const double allowed_j = .08, factor = 1000;
    struct lydroo_slot p = lydroo_published;
    struct life life = {0};
    double used[N] = {0};
    p.v = v;
    p.n = N;
    for (uint32_t i = 0; i < N; i++) {
        p.device[i] = lydroo_published_device(i % 2 ? 1.5 : 1, 0, 0, 0);
    }
    for (uint32_t t = 0; t < SLOTS; t++) {
        const struct draw_at at = {{1, 0}, stream_entity("lydroo"), 1, t, DRAW_USER, 0};
        for (uint32_t i = 0; i < N; i++) {
            struct lydroo_device *d = &p.device[i];
            d->queue_mbit += arrivals_mbit * -log(draw_uniform(&at, 4 * i));
            d->gain_per_w = path_gain(i) * fading(&at, 4 * i + 2) / (2e6 * 3.98107170553497e-21);
        }
        struct lydroo_answer x;
        lydroo_greedy(&p, &x);
        assert_true(slot_used(&p, &x) <= 1 + 1e-12);
        for (uint32_t i = 0; i < N; i++) {
            struct lydroo_device *d = &p.device[i];
            assert_true(x.use[i].mbit <= d->queue_mbit * (1 + 1e-12));
            d->queue_mbit = fmax(d->queue_mbit - x.use[i].mbit, 0);
            d->energy_queue = fmax(d->energy_queue + factor * (x.use[i].energy_j - allowed_j), 0);
            used[i] += x.use[i].energy_j / SLOTS;
            life.rate_mbps += d->weight * x.use[i].mbit / SLOTS;
            life.queue_mbit += t >= SLOTS / 2 ? d->queue_mbit / N / (SLOTS - SLOTS / 2) : 0;
        }
    }
    for (uint32_t i = 0; i < N; i++) {
        life.energy_w = fmax(life.energy_w, used[i]);
        /* Y grows by factor (used - allowed) at least, so the mean use is at most allowed + Y at the end / (factor slots). */
        assert_true(used[i] <= allowed_j + p.device[i].energy_queue / (factor * SLOTS) + 1e-12);
    }
    if (getenv("TS_SHOW")) {
        printf("V %g, %g Mbit a slot: weighted %.4f Mbit/s, queue %.4f Mbit, most energy %.5f W\n", v, arrivals_mbit,
               life.rate_mbps, life.queue_mbit, life.energy_w);
    }
    return life;
}

/* At 2.5 Mbit a slot all that arrives is done, within the allowance: 5 * (1 + 1.5) * 2.5 = 31.25 of weighted Mbit a slot. */
static void the_queues_are_stable_within_the_allowance(void **state)
{
    (void)state;
    struct life life = live(20, 2.5);
    assert_near(life.rate_mbps, 31.25, .034, 0); /* 8000 exponential sizes: a standard error of 1.1 % */
    assert_true(life.queue_mbit < 5 * 2.5);
    assert_true(life.energy_w <= .08 * 1.02);
}

/* What V buys shows where not all can be done: more weighted data for longer queues of the others. */
static void more_v_is_never_less_data(void **state)
{
    (void)state;
    double last = 0;
    for (double v = 1; v < 100; v *= 64) {
        struct life life = live(v, 4.5);
        assert_true(life.rate_mbps >= last * .999);
        last = life.rate_mbps;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_division_of_the_slot_is_better),
        cmocka_unit_test(the_frequency_of_a_device_that_computes),
        cmocka_unit_test(greedy_modes_are_nearly_the_best),
        cmocka_unit_test(the_queues_are_stable_within_the_allowance),
        cmocka_unit_test(more_v_is_never_less_data),
    };
    return cmocka_run_group_tests_name("lydroo", tests, NULL, NULL);
}
