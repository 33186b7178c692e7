/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_station.c - each discipline on a few customers, worked out by hand. */
#include "tests/stations.h"

static void assert_meter(struct world *w, uint32_t s, double present_s, double busy_s)
{
    double present, busy;
    world_meter(w, s, &present, &busy);
    assert_near(present, present_s, 1e-15, 0);
    assert_near(busy, busy_s, 1e-15, 0);
}

/* T10: two jobs of 10 s at once on one core run 0..10 and 10..20: present 2 * 10 + 1 * 10, busy 20.  At any hour. */
static void space_shared_jobs_run_one_after_the_other(void **state)
{
    (void)state;
    static const enum station_discipline as[] = {STATION_AHEAD, STATION_FIFO, STATION_ORDERED};
    for (size_t i = 0; i < 2 * LEN(as); i++) {
        struct world w;
        double start_s = i < LEN(as) ? 0 : 1e6;
        world_open(&w, NULL, NULL);
        uint32_t s = world_add(&w, (struct station_spec){.discipline = as[i % LEN(as)], .rate = 1});
        world_join(&w, s, start_s, 0, 10, 0);
        world_join(&w, s, start_s, 1, 10, 0);
        assert_int_equal(station_n_busy(&w.set, s), 1);
        world_run(&w, INFINITY);
        assert_near(w.end_s[0], start_s + 10, 0, 0);
        assert_near(w.end_s[1], start_s + 20, 0, 0);
        assert_near(world_busy_s(&w, 0), 10, 0, 0);
        assert_near(world_busy_s(&w, 1), 10, 0, 0);
        assert_meter(&w, s, 30, 20);
        world_close(&w);
    }
}

/* T10: time shared, both get half the core for 20 s: 10 unit-seconds each. */
static void time_shared_equal_jobs_end_together(void **state)
{
    (void)state;
    for (double start_s = 0; start_s < 2e6; start_s += 1e6) {
        struct world w;
        world_open(&w, NULL, NULL);
        uint32_t s = world_add(&w, (struct station_spec){.discipline = STATION_SHARED, .rate = 1});
        world_join(&w, s, start_s, 0, 10, 0);
        world_join(&w, s, start_s, 1, 10, 0);
        world_run(&w, INFINITY);
        assert_near(w.end_s[0], start_s + 20, 0, 0);
        assert_near(w.end_s[1], start_s + 20, 0, 0);
        assert_near(world_busy_s(&w, 0), 10, 0, 0);
        assert_near(world_busy_s(&w, 1), 10, 0, 0);
        assert_meter(&w, s, 40, 20);
        assert_near(w.set.station[s].work, 0, 0, 0); /* V starts over */
        world_close(&w);
    }
}

/*
 * Two cores at 2 units/s, work 6, 6, 6 at 0 and 4 at 3: three share at 2/3 of 2 = 4/3 a second, so by 3 each has had 4;
 * four share at 1/2 of 2 = 1, so the three leave at 5 with 2 units to go for the fourth, which has its own core: 6.
 * Busy: 3 * 2/3 + 2 * 1/2 = 3 for the three, 1 + 1 = 2 for the fourth; cores: 5 * 2 + 1 = 11.
 */
static void shared_cores_are_split_only_when_short(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, NULL, NULL);
    uint32_t s = world_add(&w, (struct station_spec){.discipline = STATION_SHARED, .rate = 2, .units = 2});
    for (uint32_t row = 0; row < 3; row++) {
        world_join(&w, s, 0, row, 6, 0);
    }
    world_join(&w, s, 3, 3, 4, 0);
    world_run(&w, INFINITY);
    for (uint32_t row = 0; row < 3; row++) {
        assert_int_equal(w.order[row], row);
        assert_near(w.end_s[row], 5, 1e-15, 0);
        assert_near(world_busy_s(&w, row), 3, 1e-15, 0);
    }
    assert_near(w.end_s[3], 6, 1e-15, 0);
    assert_near(world_busy_s(&w, 3), 2, 1e-15, 0);
    assert_meter(&w, s, 3 * 3 + 4 * 2 + 1, 11);
    world_close(&w);
}

/*
 * Row 0 with 2^30 of work never leaves; beside it one of work 1 at a time takes 2 s each, for 2^20 + 10 of them, though
 * V is rebased on the way.  Row 0 gets as much as they all.
 */
static void virtual_time_is_rebased_in_a_station_that_never_empties(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, NULL, NULL);
    uint32_t s = world_add(&w, (struct station_spec){.discipline = STATION_SHARED, .rate = 1});
    const uint32_t n = (1u << 20) + 10;
    world_join(&w, s, 0, 0, 0x1p30, 0);
    for (uint32_t k = 0; k < n; k++) {
        world_join(&w, s, 2. * k, 1, 1, 0);
        world_run(&w, 2. * k + 2);
        w.n_left = 0;
        assert_true(w.end_s[1] == 2. * k + 2 && world_busy_s(&w, 1) == 1);
    }
    assert_true(w.set.station[s].work < 20);
    station_remove(&w.set, w.now_s, 0);
    assert_near(w.set.item[0].work, 0x1p30 - n, 0, 0);
    assert_near(world_busy_s(&w, 0), n, 0, 0);
    world_close(&w);
}

/* Low A (10 s) at 0, low B (1 s) at 1, high (4 s) from 3 to 7: A goes on at 7 with 7 s left, before B: 14, then 15. */
static void a_preempted_customer_resumes_before_its_equals(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, NULL, NULL);
    uint32_t s =
        world_add(&w, (struct station_spec){.discipline = STATION_ORDERED, .rate = 1, .preempt = true});
    world_join(&w, s, 0, 0, 10, 1);
    world_join(&w, s, 1, 1, 1, 1);
    world_join(&w, s, 3, 2, 4, 0);
    world_run(&w, INFINITY);
    assert_near(w.end_s[2], 7, 0, 0);
    assert_near(w.end_s[0], 14, 0, 0);
    assert_near(w.end_s[1], 15, 0, 0);
    assert_near(world_busy_s(&w, 0), 10, 0, 0);
    assert_meter(&w, s, 14 + 14 + 4, 15);
    world_close(&w);
}

/* The same without preemption: A to 10, high to 14, B to 15. */
static void without_preemption_the_better_waits_for_the_end_of_service(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, NULL, NULL);
    uint32_t s = world_add(&w, (struct station_spec){.discipline = STATION_ORDERED, .rate = 1});
    world_join(&w, s, 0, 0, 10, 1);
    world_join(&w, s, 1, 1, 1, 1);
    world_join(&w, s, 3, 2, 4, 0);
    world_run(&w, INFINITY);
    assert_near(w.end_s[0], 10, 0, 0);
    assert_near(w.end_s[2], 14, 0, 0);
    assert_near(w.end_s[1], 15, 0, 0);
    world_close(&w);
}

/* Two units hold keys 1 and 2; key 0 at 2 takes the unit of key 2, which has 8 left and gets key 1's unit at 5: 13. */
static void the_worst_in_service_is_preempted(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, NULL, NULL);
    uint32_t s = world_add(
        &w, (struct station_spec){.discipline = STATION_ORDERED, .rate = 1, .preempt = true, .units = 2});
    world_join(&w, s, 0, 0, 5, 1);
    world_join(&w, s, 0, 1, 10, 2);
    world_join(&w, s, 2, 2, 6, 0);
    world_join(&w, s, 2, 3, 1, 2); /* an equal does not preempt, and comes after the preempted */
    world_run(&w, INFINITY);
    assert_near(w.end_s[0], 5, 0, 0);
    assert_near(w.end_s[2], 8, 0, 0);
    assert_near(w.end_s[3], 9, 0, 0);
    assert_near(w.end_s[1], 13, 0, 0);
    world_close(&w);
}

/* EDF: (C, D) = (4, 20) at 0, (2, 7) at 1, (3, 12) at 2: first 0-1, second 1-3, third 3-6, first 6-9. */
static void edf_serves_the_earliest_deadline(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, NULL, NULL);
    uint32_t s =
        world_add(&w, (struct station_spec){.discipline = STATION_ORDERED, .rate = 1, .preempt = true});
    world_join(&w, s, 0, 0, 4, 20);
    world_join(&w, s, 1, 1, 2, 7);
    world_join(&w, s, 2, 2, 3, 12);
    world_run(&w, INFINITY);
    assert_near(w.end_s[1], 3, 0, 0);
    assert_near(w.end_s[2], 6, 0, 0);
    assert_near(w.end_s[0], 9, 0, 0);
    world_close(&w);
}

/* A round of n takes 2 + n s and at most 3. */
static double batch_of_three(void *ctx, struct station_set *set, uint32_t s, double now_s)
{
    (void)ctx, (void)now_s;
    return 2 + station_take_batch(set, s, 3);
}
static const struct station_hooks batch_hooks = {.round = batch_of_three};

/* Arrivals at 0, 1, 1.5, 2, 2.5: alone 0-3, three 3-8, the last 8-11; a round of three gives each 5/3 of busy time. */
static void a_batch_takes_those_who_wait_when_it_starts(void **state)
{
    (void)state;
    static const double at_s[] = {0, 1, 1.5, 2, 2.5}, end_s[] = {3, 8, 8, 8, 11};
    static const double busy_s[] = {3, 5. / 3, 5. / 3, 5. / 3, 3};
    struct world w;
    world_open(&w, &batch_hooks, NULL);
    uint32_t s = world_add(&w, (struct station_spec){.discipline = STATION_ROUNDS, .rate = 1});
    for (uint32_t row = 0; row < LEN(at_s); row++) {
        world_join(&w, s, at_s[row], row, 1, 0);
    }
    world_run(&w, INFINITY);
    for (uint32_t row = 0; row < LEN(at_s); row++) {
        assert_int_equal(w.order[row], row);
        assert_near(w.end_s[row], end_s[row], 0, 0);
        assert_near(world_busy_s(&w, row), busy_s[row], 1e-15, 0);
    }
    assert_meter(&w, s, 3 + 7 + 6.5 + 6 + 8.5, 11);
    world_close(&w);
}

/* Three are gathered for at most 2 s: two of 0 and 1 start at 2 and end at 6; of 10, 10.5, 11 the third starts all. */
static void an_idle_station_gathers_a_full_batch_but_not_for_ever(void **state)
{
    (void)state;
    static const double at_s[] = {0, 1, 10, 10.5, 11}, end_s[] = {6, 6, 16, 16, 16};
    struct world w;
    world_open(&w, &batch_hooks, NULL);
    uint32_t s =
        world_add(&w, (struct station_spec){.discipline = STATION_ROUNDS, .rate = 1, .gather = 3, .gather_s = 2});
    for (uint32_t row = 0; row < LEN(at_s); row++) {
        world_join(&w, s, at_s[row], row, 1, 0);
    }
    world_run(&w, INFINITY);
    for (uint32_t row = 0; row < LEN(at_s); row++) {
        assert_near(w.end_s[row], end_s[row], 0, 0);
    }
    assert_meter(&w, s, 6 + 5 + 6 + 5.5 + 5, 4 + 5);

    world_join(&w, s, 20, 0, 1, 0); /* removed while it waits: the wait is over, and the next begins its own */
    station_remove(&w.set, 20, 0);
    assert_int_equal(evset_live(&w.events), 0);
    world_join(&w, s, 21, 0, 1, 0);
    world_run(&w, INFINITY);
    assert_near(w.end_s[0], 26, 0, 0);
    world_close(&w);
}

/* Each present gets one token, a round of n tokens lasts n s. */
static double one_token_each(void *ctx, struct station_set *set, uint32_t s, double now_s)
{
    (void)ctx, (void)now_s;
    double n = 0;
    for (uint32_t row = station_first(set, s), next; row != ROW_NONE; row = next, n++) {
        next = station_next(set, s, row);
        station_take(set, s, row, 1, 1);
    }
    return n;
}

/* A (2 tokens) at 0, B (3) at .5: rounds A 0-1, A and B 1-3, B 3-4, B 4-5. */
static void members_stay_until_their_work_is_done(void **state)
{
    (void)state;
    static const struct station_hooks hooks = {.round = one_token_each};
    struct world w;
    world_open(&w, &hooks, NULL);
    uint32_t s = world_add(&w, (struct station_spec){.discipline = STATION_ROUNDS, .rate = 1});
    world_join(&w, s, 0, 0, 2, 0);
    world_join(&w, s, .5, 1, 3, 0);
    world_run(&w, INFINITY);
    assert_near(w.end_s[0], 3, 0, 0);
    assert_near(w.end_s[1], 5, 0, 0);
    assert_near(world_busy_s(&w, 0), 2, 0, 0);
    assert_near(world_busy_s(&w, 1), 3, 0, 0);
    assert_meter(&w, s, 3 + 4.5, 5);
    world_close(&w);
}

/* One token of the first present, 1 s. */
static double one_token(void *ctx, struct station_set *set, uint32_t s, double now_s)
{
    (void)ctx, (void)now_s;
    station_take(set, s, station_first(set, s), 1, 1);
    return 1;
}

/*
 * Two are gathered for at most 100 s: A (1 token) and B (2) start at 0.  A runs 0-1, B waits for company until 100;
 * once begun it is not kept waiting, nor overtaken by C (1) of 100.5: 100-102, then C, who waits until 200.5.
 */
static void an_unfinished_member_keeps_its_place(void **state)
{
    (void)state;
    static const struct station_hooks hooks = {.round = one_token};
    struct world w;
    for (int third = 0; third < 2; third++) {
        world_open(&w, &hooks, NULL);
        uint32_t s =
            world_add(&w, (struct station_spec){.discipline = STATION_ROUNDS, .rate = 1, .gather = 2, .gather_s = 100});
        world_join(&w, s, 0, 0, 1, 0);
        world_join(&w, s, 0, 1, 2, 0);
        if (third) {
            world_join(&w, s, 100.5, 2, 1, 0);
        }
        world_run(&w, INFINITY);
        assert_near(w.end_s[0], 1, 0, 0);
        assert_near(w.end_s[1], 102, 0, 0);
        assert_true(third ? w.end_s[2] == 201.5 : isnan(w.end_s[2]));
        world_close(&w);
    }
}

/*
 * Three begin at 0 a round of 5 s.  Row 0 leaves at 1.5 with a third of that, .5; the others share the other 3.5 s:
 * .5 + 1.75.  A round that loses all its members ends, and the next begins.
 */
static void a_member_may_leave_its_round(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, &batch_hooks, NULL);
    uint32_t s =
        world_add(&w, (struct station_spec){.discipline = STATION_ROUNDS, .rate = 1, .gather = 3, .gather_s = 1});
    for (uint32_t row = 0; row < 3; row++) {
        world_join(&w, s, 0, row, 7, 0);
    }
    world_join(&w, s, 1, 3, 7, 0);
    world_run(&w, 1.5);
    station_remove(&w.set, 1.5, 0);
    assert_near(w.set.item[0].work, 7, 0, 0); /* the round's work is lost with it */
    assert_near(world_busy_s(&w, 0), .5, 0, 0);
    world_run(&w, 6);
    assert_near(w.end_s[1], 5, 0, 0);
    assert_near(world_busy_s(&w, 1), 2.25, 0, 0);
    assert_near(world_busy_s(&w, 2), 2.25, 0, 0);
    world_join(&w, s, 6, 4, 7, 0);
    station_remove(&w.set, 6, 3); /* alone in a round since 5 */
    assert_near(world_busy_s(&w, 3), 1, 0, 0);
    world_run(&w, INFINITY);
    assert_near(w.end_s[4], 10, 0, 0); /* it gathered until 7 */
    assert_meter(&w, s, 1.5 + 5 + 5 + 5 + 4, 5 + 1 + 3);
    world_close(&w);
}

/* A (10), B (5), C (2) at 0.  B leaves the line at 3, A the unit at 4 with 6 left; C runs 4-6. */
static void who_waits_or_is_served_may_be_removed(void **state)
{
    (void)state;
    static const enum station_discipline as[] = {STATION_FIFO, STATION_ORDERED};
    for (size_t i = 0; i < LEN(as); i++) {
        struct world w;
        world_open(&w, NULL, NULL);
        uint32_t s = world_add(&w, (struct station_spec){.discipline = as[i], .rate = 1});
        static const double work[] = {10, 5, 2};
        for (uint32_t row = 0; row < 3; row++) {
            world_join(&w, s, 0, row, work[row], 0);
        }
        world_run(&w, 3);
        station_remove(&w.set, 3, 1);
        world_run(&w, 4);
        station_remove(&w.set, 4, 0);
        world_run(&w, INFINITY);
        assert_near(w.set.item[1].work, 5, 0, 0);
        assert_near(world_busy_s(&w, 1), 0, 0, 0);
        assert_near(w.set.item[0].work, 6, 0, 0);
        assert_near(world_busy_s(&w, 0), 4, 0, 0);
        assert_int_equal(w.n_left, 1);
        assert_near(w.end_s[2], 6, 0, 0);
        assert_meter(&w, s, 4 + 3 + 6, 6);
        world_close(&w);
    }
}

/* A and B (10 each) share from 0; B leaves at 8 with 6 left; A has the unit for its other 6: 14. */
static void who_shares_may_be_removed(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, NULL, NULL);
    uint32_t s = world_add(&w, (struct station_spec){.discipline = STATION_SHARED, .rate = 1});
    world_join(&w, s, 0, 0, 10, 0);
    world_join(&w, s, 0, 1, 10, 0);
    world_run(&w, 8);
    station_remove(&w.set, 8, 1);
    world_run(&w, INFINITY);
    assert_near(w.set.item[1].work, 6, 0, 0);
    assert_near(world_busy_s(&w, 1), 4, 0, 0);
    assert_near(w.end_s[0], 14, 0, 0);
    assert_near(world_busy_s(&w, 0), 10, 0, 0);
    assert_meter(&w, s, 14 + 8, 14);
    world_close(&w);
}

/* Those who wait come first, then those in service; nothing stays pending, and the station goes on afterwards. */
static void a_station_may_be_evicted(void **state)
{
    (void)state;
    static const enum station_discipline as[] = {STATION_FIFO, STATION_ORDERED, STATION_SHARED, STATION_ROUNDS};
    for (size_t i = 0; i < LEN(as); i++) {
        struct world w;
        world_open(&w, &batch_hooks, NULL);
        uint32_t s = world_add(&w, (struct station_spec){.discipline = as[i], .rate = 1});
        for (uint32_t row = 0; row < 5; row++) {
            world_join(&w, s, 0, row, 10, 0);
        }
        world_run(&w, 2);
        struct station_done done = station_evict(&w.set, s, 2);
        assert_int_equal(done.n, 5);
        double busy_s = 0;
        for (uint32_t k = 0; k < 5; k++) {
            assert_int_equal(done.row[k], as[i] == STATION_SHARED ? k : (k + 1) % 5);
            busy_s += world_busy_s(&w, k);
        }
        assert_near(busy_s, 2, 1e-15, 0);
        assert_int_equal(station_n(&w.set, s), 0);
        assert_int_equal(evset_live(&w.events), 0);
        world_join(&w, s, 4, 0, 3, 0);
        world_run(&w, INFINITY);
        assert_near(w.end_s[0], 7, 0, 0);
        world_close(&w);
    }
}

/*
 * 10 units at rate 1; from 4 on rate 1/2, from 10 on none, from 20 on 3: 4 + 3 + 0 leave 3 for 20-21.  The unit is held
 * all the time.  Sharing: two of 5; a round of 10.
 */
static void no_work_is_lost_when_the_rate_changes(void **state)
{
    (void)state;
    static const enum station_discipline as[] = {STATION_FIFO, STATION_ORDERED, STATION_SHARED, STATION_ROUNDS};
    static const struct station_hooks hooks = {.round = one_token_each};
    for (size_t i = 0; i < LEN(as); i++) {
        struct world w;
        world_open(&w, &hooks, NULL);
        double scale = as[i] == STATION_ROUNDS ? .1 : 1; /* a round of one token is 1 unit of work */
        uint32_t s = world_add(&w, (struct station_spec){.discipline = as[i], .rate = scale});
        uint32_t n = as[i] == STATION_SHARED ? 2 : 1;
        for (uint32_t row = 0; row < n; row++) {
            world_join(&w, s, 0, row, as[i] == STATION_ROUNDS ? 1 : 10. / n, 0);
        }
        world_run(&w, 4);
        station_set_rate(&w.set, s, 4, .5 * scale);
        world_run(&w, 10);
        station_set_rate(&w.set, s, 10, 0);
        assert_int_equal(evset_live(&w.events), 0);
        world_run(&w, 20);
        station_set_rate(&w.set, s, 20, 3 * scale);
        world_run(&w, INFINITY);
        for (uint32_t row = 0; row < n; row++) {
            assert_near(w.end_s[row], 21, 1e-15, 0);
            assert_near(world_busy_s(&w, row), 21. / n, 1e-15, 0);
        }
        assert_meter(&w, s, 21. * n, 21);
        world_close(&w);
    }
}

static void a_full_station_refuses(void **state)
{
    (void)state;
    static const enum station_discipline as[] = {STATION_AHEAD, STATION_FIFO, STATION_ORDERED, STATION_SHARED,
                                                 STATION_ROUNDS};
    for (size_t i = 0; i < LEN(as); i++) {
        struct world w;
        world_open(&w, &batch_hooks, NULL);
        uint32_t s = world_add(&w, (struct station_spec){.discipline = as[i], .rate = 1, .limit = 2});
        assert_true(world_join(&w, s, 0, 0, 1, 0));
        assert_true(world_join(&w, s, 0, 1, 1, 0));
        assert_false(world_join(&w, s, 0, 2, 1, 0));
        world_run(&w, 3);
        assert_true(w.n_left >= 1);
        assert_true(world_join(&w, s, 3, 2, 1, 0));
        world_close(&w);
    }
}

/* Unlimited rate, and no work at a rate of 0: gone at once, without a division by nothing. */
static void what_takes_no_time_leaves_at_once(void **state)
{
    (void)state;
    static const enum station_discipline as[] = {STATION_FIFO, STATION_ORDERED, STATION_SHARED, STATION_AHEAD};
    for (size_t i = 0; i < LEN(as); i++) {
        struct world w;
        world_open(&w, NULL, NULL);
        uint32_t fast = world_add(&w, (struct station_spec){.discipline = as[i], .rate = INFINITY});
        world_join(&w, fast, 5, 0, 1e12, 0);
        world_join(&w, fast, 5, 1, 1, 0);
        if (as[i] != STATION_AHEAD) {
            uint32_t stalled = world_add(&w, (struct station_spec){.discipline = as[i], .rate = 0});
            world_join(&w, stalled, 5, 2, 0, 0);
        }
        world_run(&w, INFINITY);
        for (uint32_t row = 0; row < w.n_left; row++) {
            assert_near(w.end_s[row], 5, 0, 0);
            assert_near(world_busy_s(&w, row), 0, 0, 0);
        }
        assert_int_equal(w.n_left, as[i] == STATION_AHEAD ? 2 : 3);
        world_close(&w);
    }
}

/* A capacity in steps of .7 s; its integral and the inverse, by plain walking. */
static const double step_rate[] = {3, 0, 1, 5, .25, 0, 0, 2, 4, .5};
static double step_served(void *ctx, uint32_t s, double t0_s, double t1_s)
{
    (void)ctx, (void)s;
    double sum = 0;
    for (size_t k = 0; k < LEN(step_rate); k++) {
        double lo = fmax(t0_s, .7 * (double)k), hi = fmin(t1_s, .7 * (double)(k + 1));
        sum += hi > lo ? (hi - lo) * step_rate[k] : 0;
    }
    return sum;
}
static double step_finish_s(void *ctx, uint32_t s, double t0_s, double work)
{
    (void)ctx, (void)s;
    for (size_t k = 0; k < LEN(step_rate) && work > 0; k++) {
        double lo = fmax(t0_s, .7 * (double)k), hi = .7 * (double)(k + 1);
        double some = hi > lo ? (hi - lo) * step_rate[k] : 0;
        if (some >= work) {
            return lo + work / step_rate[k];
        }
        work -= some;
    }
    return work > 0 ? INFINITY : t0_s;
}
static const struct station_hooks step_hooks = {.finish_s = step_finish_s, .served = step_served};

/*
 * As T6: with F the integral of the capacity (11.025 in all), three of 1.5, 2, 3 from .1 on leave a FIFO link at
 * F^-1(F(.1) + 1.5), (+ 3.5), (+ 6.5).  Sharing it, they leave when 3 * 1.5, 1.5 + 2 * 2 - .5 ... have been served:
 * 4.5, then 2 * .5 more, then 1 more.
 */
static void over_a_process_departures_invert_the_integrated_capacity(void **state)
{
    (void)state;
    static const double work[] = {1.5, 2, 3}, fifo[] = {1.5, 3.5, 6.5}, shared[] = {4.5, 5.5, 6.5};
    static const enum station_discipline as[] = {STATION_AHEAD, STATION_FIFO, STATION_ORDERED, STATION_SHARED};
    for (size_t i = 0; i < LEN(as); i++) {
        struct world w;
        world_open(&w, &step_hooks, NULL);
        uint32_t s = world_add(&w, (struct station_spec){.discipline = as[i], .rate = 1, .process = true});
        for (uint32_t row = 0; row < 3; row++) {
            world_join(&w, s, .1, row, work[row], 0);
        }
        world_run(&w, INFINITY);
        for (uint32_t row = 0; row < 3; row++) {
            double want = as[i] == STATION_SHARED ? shared[row] : fifo[row];
            assert_near(w.end_s[row], step_finish_s(NULL, s, .1, want), 0, 1e-12);
        }
        world_join(&w, s, 6.5, 3, 10, 0); /* more than will ever come */
        world_run(&w, INFINITY);
        assert_int_equal(w.n_left, 3);
        world_close(&w);
    }
}

/* The factor scales the process: half of it from 1.4 on, by when 2.1 of the 4 are done; 1.9 more take 3.8 of it. */
static void a_factor_scales_the_process(void **state)
{
    (void)state;
    static const enum station_discipline as[] = {STATION_FIFO, STATION_SHARED};
    for (size_t i = 0; i < LEN(as); i++) {
        struct world w;
        world_open(&w, &step_hooks, NULL);
        uint32_t s = world_add(&w, (struct station_spec){.discipline = as[i], .rate = 1, .process = true});
        world_join(&w, s, 0, 0, 4, 0);
        world_run(&w, 1.4);
        station_set_rate(&w.set, s, 1.4, .5);
        world_run(&w, INFINITY);
        assert_near(w.end_s[0], step_finish_s(NULL, s, 1.4, 3.8), 0, 1e-12);
        assert_near(world_busy_s(&w, 0), w.end_s[0], 1e-14, 0);
        world_close(&w);
    }
}

/* A copy taken half way and the original go on alike, twice into the same copy. */
static void a_copy_goes_on_as_the_original(void **state)
{
    (void)state;
    static struct world w, fork;
    world_open(&w, &batch_hooks, NULL);
    for (enum station_discipline d = STATION_AHEAD; d <= STATION_ROUNDS; d++) {
        uint32_t s = world_add(&w, (struct station_spec){.discipline = d, .rate = 1, .preempt = d == STATION_ORDERED});
        for (uint32_t k = 0; k < 6; k++) {
            world_join(&w, s, 0, s * 8 + k, 1 + k, 6 - k);
        }
    }
    fork = w;
    fork.set = (struct station_set){0};
    for (int again = 0; again < 2; again++) {
        world_run(&w, 5 + again);
        if (again) {
            evset_clear(&fork.events);
        }
        struct station_set set = fork.set;
        fork = w;
        fork.set = set;
        assert_int_equal(evset_copy(&fork.events, &w.events, NULL), 0);
        assert_int_equal(station_set_copy(&fork.set, &w.set, &fork.events, NULL, NULL), 0);
        world_run(&fork, INFINITY);
    }
    world_run(&w, INFINITY);
    assert_int_equal(w.n_left, 30);
    assert_memory_equal(w.order, fork.order, sizeof w.order);
    assert_memory_equal(w.end_s, fork.end_s, sizeof w.end_s);
    world_close(&w);
    world_close(&fork);
}

/* Three stations of one meter, one customer of 2 s in each. */
static void stations_may_share_a_meter(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, NULL, NULL);
    uint32_t first;
    const struct station_spec spec = {.discipline = STATION_AHEAD, .rate = 1, .units = 1, .one_meter = true};
    assert_int_equal(station_add(&w.set, &spec, 3, NULL, &first), 0);
    uint32_t other = world_add(&w, (struct station_spec){.discipline = STATION_AHEAD, .rate = 1, .units = 20});
    for (uint32_t k = 0; k < 3; k++) {
        world_join(&w, first + k, 0, k, 2, 0);
    }
    world_join(&w, other, 0, 7, 5, 0);
    world_run(&w, INFINITY);
    assert_meter(&w, first, 6, 6);
    assert_true(station_meter(&w.set, first) == station_meter(&w.set, first + 2));
    assert_meter(&w, other, 5, 5);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(space_shared_jobs_run_one_after_the_other),
        cmocka_unit_test(time_shared_equal_jobs_end_together),
        cmocka_unit_test(shared_cores_are_split_only_when_short),
        cmocka_unit_test(virtual_time_is_rebased_in_a_station_that_never_empties),
        cmocka_unit_test(a_preempted_customer_resumes_before_its_equals),
        cmocka_unit_test(without_preemption_the_better_waits_for_the_end_of_service),
        cmocka_unit_test(the_worst_in_service_is_preempted),
        cmocka_unit_test(edf_serves_the_earliest_deadline),
        cmocka_unit_test(a_batch_takes_those_who_wait_when_it_starts),
        cmocka_unit_test(an_idle_station_gathers_a_full_batch_but_not_for_ever),
        cmocka_unit_test(members_stay_until_their_work_is_done),
        cmocka_unit_test(an_unfinished_member_keeps_its_place),
        cmocka_unit_test(a_member_may_leave_its_round),
        cmocka_unit_test(who_waits_or_is_served_may_be_removed),
        cmocka_unit_test(who_shares_may_be_removed),
        cmocka_unit_test(a_station_may_be_evicted),
        cmocka_unit_test(no_work_is_lost_when_the_rate_changes),
        cmocka_unit_test(a_full_station_refuses),
        cmocka_unit_test(what_takes_no_time_leaves_at_once),
        cmocka_unit_test(over_a_process_departures_invert_the_integrated_capacity),
        cmocka_unit_test(a_factor_scales_the_process),
        cmocka_unit_test(a_copy_goes_on_as_the_original),
        cmocka_unit_test(stations_may_share_a_meter),
    };
    return cmocka_run_group_tests_name("station", tests, NULL, NULL);
}
