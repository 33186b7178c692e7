/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_evset_order.c - random pushes, pops, cancels and moves against a sorted array, under laws of increments that
 * tune the set well, badly and not at all, at sizes that pass through every structure and back.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/engine/evset.h"

enum { MOST = 6000, GONE = 256 };

struct entry {
    double time_s;
    uint64_t sequence;
    unsigned cls;
    uint32_t row;
    ev_handle handle;
};

/* The reference: descending, the least last. */
struct naive {
    struct entry entry[MOST + 1];
    size_t n;
    uint64_t sequence;
};

static bool later(const struct entry *a, const struct entry *b)
{
    return a->time_s != b->time_s ? a->time_s > b->time_s
           : a->cls != b->cls     ? a->cls > b->cls
                                  : a->sequence > b->sequence;
}

static void naive_push(struct naive *ref, struct entry x)
{
    size_t low = 0, high = ref->n;
    x.sequence = ref->sequence++;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (later(&ref->entry[mid], &x)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    memmove(&ref->entry[low + 1], &ref->entry[low], (ref->n - low) * sizeof x);
    ref->entry[low] = x;
    ref->n++;
}

static struct entry naive_take(struct naive *ref, size_t i)
{
    struct entry x = ref->entry[i];
    memmove(&ref->entry[i], &ref->entry[i + 1], (ref->n - i - 1) * sizeof x);
    ref->n--;
    return x;
}

static uint64_t draw(uint64_t *s)
{
    uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static double uniform(uint64_t *s) { return ((double)(draw(s) >> 11) + 0.5) * 0x1p-53; }

static double exponential(uint64_t *s) { return -log(uniform(s)); }
static double bimodal(uint64_t *s) { return uniform(s) < 0.1 ? 100 + uniform(s) : uniform(s); }
static double constant(uint64_t *s) { return 1 + 0 * (double)(*s & 1); }
static double pareto(uint64_t *s) { return pow(uniform(s), -1 / 1.5); }
static double wild_pareto(uint64_t *s) { return pow(uniform(s), -1 / 0.05); }
static double grid(uint64_t *s) { return (double)(draw(s) % 8); }
static double zero(uint64_t *s) { return 0 * (double)(*s & 1); }
static double mostly_zero(uint64_t *s) { return draw(s) % 64 == 0 ? exponential(s) : 0; }
static double tiny_then_huge(uint64_t *s) { return draw(s) % 2 ? 1e-12 * uniform(s) : 1e9 * uniform(s); }

struct law {
    const char *name;
    double (*increment)(uint64_t *);
};
static const struct law laws[] = {
    {"exponential", exponential}, {"uniform", uniform},         {"bimodal", bimodal},
    {"constant", constant},       {"pareto", pareto},           {"wild pareto", wild_pareto},
    {"tick grid", grid},          {"equal times", zero},        {"mostly equal", mostly_zero},
    {"tiny or huge", tiny_then_huge},
};

static struct naive reference;

/* One walk: the set is drawn towards a size that changes now and then; every pop is compared with the reference. */
static void walk(const struct law *law, uint64_t seed, size_t most, int steps)
{
    struct naive *ref = &reference;
    struct evset set;
    ref->n = 0;
    ref->sequence = 0;
    assert_int_equal(evset_init(&set, 0, 0, NULL), 0);
    ev_handle gone[GONE] = {EV_NONE};
    size_t target = 10;
    uint32_t row = 0;
    double now = 0;
    for (int step = 0; step < steps; step++) {
        uint64_t what = draw(&seed) % 16;
        if (step % (steps / 12) == 0) {
            target = draw(&seed) % 3 == 0 ? draw(&seed) % 20 : draw(&seed) % most;
        }
        if (what < 3 && ref->n > 0) {
            size_t i = draw(&seed) % ref->n;
            struct entry x = naive_take(ref, i);
            gone[step % GONE] = x.handle;
            if (what == 0) {
                x.time_s = now + law->increment(&seed);
                x.handle = evset_move(&set, x.handle, x.time_s);
                assert_true(x.handle != EV_NONE);
                naive_push(ref, x);
            } else {
                assert_true(evset_cancel(&set, x.handle));
            }
        } else if (ref->n < target || (what < 9 && ref->n < MOST)) {
            struct entry x = {now + law->increment(&seed), 0, 1 + (unsigned)(draw(&seed) % EV_PROBE), row++, 0};
            x.handle = evset_push(&set, x.time_s, x.cls, x.cls, x.row);
            naive_push(ref, x);
        } else if (ref->n > 0) {
            struct event e;
            struct entry x = naive_take(ref, ref->n - 1);
            if (what == 15) {
                assert_true(evset_peek_time(&set) == x.time_s);
            }
            assert_true(evset_pop(&set, &e));
            if (e.row != x.row || e.time_s != x.time_s || e.kind != x.cls) {
                fail_msg("%s, step %d: row %u at %.17g, wanted %u at %.17g", law->name, step, e.row, e.time_s, x.row,
                         x.time_s);
            }
            now = e.time_s;
            gone[step % GONE] = x.handle;
            if (what < 12) {
                assert_int_equal(evset_more_now(&set), ref->n > 0 && ref->entry[ref->n - 1].time_s == now);
            }
        }
        assert_false(evset_pending(&set, gone[draw(&seed) % GONE]));
        assert_int_equal(evset_live(&set), ref->n);
    }
    evset_clear(&set);
}

static void any_mix_comes_in_total_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(laws); i++) {
        walk(&laws[i], 1000 + i, 40, 20000);
        walk(&laws[i], 2000 + i, 400, 40000);
        walk(&laws[i], 3000 + i, MOST, 120000);
    }
}

/* The same random walk of pushes and pops on two sets; `other` sees the events of each instant and class permuted. */
static void a_tie_seed_moves_events_only_within_time_and_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(laws); i++) {
        struct evset plain, shuffled, again;
        assert_int_equal(evset_init(&plain, 0, 0, NULL), 0);
        assert_int_equal(evset_init(&shuffled, 0, 77, NULL), 0);
        assert_int_equal(evset_init(&again, 0, 77, NULL), 0);
        uint64_t seed = 9, moved = 0, left = 0;
        double now = 0;
        uint32_t row = 0;
        for (int round = 0; round < 300; round++) {
            for (int k = 0; k < 30; k++, row++) {
                double t = floor(8 * (now + laws[i].increment(&seed))) / 8 + now - floor(8 * now) / 8;
                t = t < now ? now : t;
                unsigned cls = 1 + (unsigned)(draw(&seed) % 3);
                evset_push(&plain, t, cls, cls, row);
                evset_push(&shuffled, t, cls, cls, row);
                evset_push(&again, t, cls, cls, row);
            }
            for (int k = 0; k < 25; k++) {
                struct event a, b, c;
                assert_true(evset_pop(&plain, &a) && evset_pop(&shuffled, &b) && evset_pop(&again, &c));
                assert_true(a.time_s == b.time_s && a.kind == b.kind);
                assert_memory_equal(&b, &c, sizeof b);
                moved += a.row != b.row;
                left += a.row;
                left -= b.row;
                now = a.time_s;
            }
        }
        for (struct event a, b; evset_pop(&plain, &a);) {
            assert_true(evset_pop(&shuffled, &b));
            assert_true(a.time_s == b.time_s && a.kind == b.kind);
            left += a.row;
            left -= b.row;
        }
        assert_int_equal(left, 0); /* the same rows came out in the end */
        if (laws[i].increment == zero || laws[i].increment == grid) {
            assert_true(moved > 1000);
        }
        evset_clear(&plain);
        evset_clear(&shuffled);
        evset_clear(&again);
    }
}

/* Bursts that each come before all that is pending, and each of which runs backwards. */
static void decreasing_bursts(void **state)
{
    (void)state;
    enum { BURSTS = 60, LENGTH = 500 };
    struct evset set;
    assert_int_equal(evset_init(&set, 0, 0, NULL), 0);
    for (int burst = BURSTS; burst-- > 0;) {
        for (int i = LENGTH; i-- > 0;) {
            evset_push(&set, burst + (double)i / LENGTH, EV_TICK, 0, (uint32_t)(burst * LENGTH + i));
        }
        if (burst % 7 == 0) {
            assert_true(evset_peek_time(&set) == burst); /* the next is brought up, and must yield to the next burst */
        }
    }
    for (uint32_t i = 0; i < BURSTS * LENGTH; i++) {
        struct event e;
        assert_true(evset_pop(&set, &e));
        assert_int_equal(e.row, i);
    }
    evset_clear(&set);
}

/* Above EVSET_LATE_BUCKETS buckets links are delayed; too large for the sorted array, so only order is looked at. */
static void a_large_set_stays_in_order(void **state)
{
    (void)state;
    enum { N = 200000 };
    struct evset set, copy;
    uint64_t seed = 5, rows = 0;
    assert_int_equal(evset_init(&set, N, 0, NULL), 0);
    for (uint32_t i = 0; i < N; i++) {
        evset_push(&set, exponential(&seed), EV_TICK, 0, i);
    }
    struct event e, f;
    double last = 0;
    for (int i = 0; i < 3 * N; i++) {
        assert_true(evset_pop(&set, &e));
        assert_true(e.time_s >= last);
        last = e.time_s;
        ev_handle h = evset_push(&set, last + exponential(&seed), EV_TICK, 0, e.row);
        if (i % 3 == 0) {
            evset_move(&set, h, last + exponential(&seed) / N);
        }
    }
    assert_true(set.mask + 1 > EVSET_LATE_BUCKETS);
    assert_int_equal(evset_copy(&copy, &set, NULL), 0);
    for (uint32_t i = 0; i < N; i++) {
        assert_true(evset_pop(&set, &e) && evset_pop(&copy, &f));
        assert_memory_equal(&e, &f, sizeof e);
        assert_true(e.time_s >= last);
        last = e.time_s;
        rows += e.row;
    }
    assert_int_equal(rows, (uint64_t)N * (N - 1) / 2);
    assert_false(evset_pop(&set, &e));
    evset_clear(&set);
    evset_clear(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_mix_comes_in_total_order),
        cmocka_unit_test(a_tie_seed_moves_events_only_within_time_and_class),
        cmocka_unit_test(decreasing_bursts),
        cmocka_unit_test(a_large_set_stays_in_order),
    };
    return cmocka_run_group_tests_name("evset_order", tests, NULL, NULL);
}
