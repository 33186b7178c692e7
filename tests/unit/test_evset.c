/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_evset.c - the event set's contract on cases small enough to write down; random ones are in property/. */
#include "tests/test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/engine/evset.h"

/* The set takes memory by aligned_alloc alone: here it is counted, and refused on request. */
static struct {
    size_t taken;
    bool refuse;
} memory;

void *aligned_alloc(size_t alignment, size_t size)
{
    void *p = NULL;
    memory.taken++;
    return memory.refuse || posix_memalign(&p, alignment, size) != 0 ? NULL : p;
}

static struct evset set;

static int setup(void **state)
{
    (void)state;
    return evset_init(&set, 0, 0, NULL);
}

static int teardown(void **state)
{
    (void)state;
    memory.refuse = false;
    evset_clear(&set);
    return 0;
}

static void expect_row(uint32_t row)
{
    struct event e;
    assert_true(evset_pop(&set, &e));
    assert_int_equal(e.row, row);
}

static void an_empty_set_has_no_next(void **state)
{
    (void)state;
    struct event e;
    assert_false(evset_pop(&set, &e));
    assert_false(evset_peek(&set, &e));
    assert_true(isinf(evset_peek_time(&set)));
    assert_int_equal(evset_live(&set), 0);
}

static void an_event_comes_back_as_it_went(void **state)
{
    (void)state;
    evset_push(&set, 1.5, EV_TICK, 7, 9);
    struct event peeked, popped;
    assert_true(evset_peek(&set, &peeked));
    assert_int_equal(evset_live(&set), 1);
    assert_true(evset_pop(&set, &popped));
    assert_true(popped.time_s == 1.5 && popped.kind == 7 && popped.row == 9);
    assert_memory_equal(&peeked, &popped, sizeof popped);
}

static void time_then_class_then_sequence(void **state)
{
    (void)state;
    evset_push(&set, 2, EV_END, 0, 4);
    evset_push(&set, 1, EV_PROBE, 0, 3);
    evset_push(&set, 1, EV_DEADLINE, 0, 1);
    evset_push(&set, 1, EV_DEADLINE, 0, 2);
    evset_push(&set, 1, EV_END, 0, 0);
    for (uint32_t row = 0; row < 5; row++) {
        expect_row(row);
    }
}

static void what_is_due_now_comes_before_what_is_later(void **state)
{
    (void)state;
    evset_push(&set, 1, EV_RELEASE, 0, 0);
    evset_push(&set, 1, EV_RELEASE, 0, 2);
    expect_row(0);
    evset_push(&set, 1, EV_END, 0, 1); /* a lesser class at the same instant, pushed while it is going on */
    evset_push(&set, 1, EV_RELEASE, 0, 3);
    expect_row(1);
    expect_row(2);
    expect_row(3);
}

static void a_step_below_the_clock_is_no_step(void **state)
{
    (void)state;
    evset_push(&set, 1e6, EV_TICK, 0, 0);
    expect_row(0);
    evset_push(&set, 1e6 + 1e-12, EV_TICK, 0, 1); /* ulp(1e6) is 1.2e-10 */
    evset_push(&set, 1e6, EV_TICK, 0, 2);
    assert_true(evset_peek_time(&set) == 1e6);
    expect_row(1);
    expect_row(2);
}

static void minus_zero_is_zero(void **state)
{
    (void)state;
    evset_push(&set, 0.0, EV_TICK, 0, 0);
    evset_push(&set, -0.0, EV_TICK, 0, 1);
    expect_row(0);
    expect_row(1);
}

static void a_time_that_cannot_be_is_a_bug(void **state)
{
    (void)state;
    const double bad[] = {-1, NAN, INFINITY, 2.5}; /* the last is before the last popped time */
    evset_push(&set, 3, EV_TICK, 0, 0);
    expect_row(0);
    for (size_t i = 0; i < LEN(bad); i++) {
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            fclose(stderr);
            evset_push(&set, bad[i], EV_TICK, 0, 0);
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

static void a_handle_is_stale_once_its_event_is_gone(void **state)
{
    (void)state;
    ev_handle popped = evset_push(&set, 1, EV_TICK, 0, 0);
    ev_handle cancelled = evset_push(&set, 2, EV_TICK, 0, 1);
    assert_true(popped != EV_NONE && popped != cancelled);
    expect_row(0);
    assert_false(evset_cancel(&set, popped));
    assert_true(evset_pending(&set, cancelled));
    assert_true(evset_cancel(&set, cancelled));
    assert_false(evset_cancel(&set, cancelled));
    assert_false(evset_pending(&set, cancelled));
    ev_handle in_its_slot = evset_push(&set, 3, EV_TICK, 0, 2);
    assert_int_equal((uint32_t)in_its_slot, (uint32_t)cancelled);
    assert_false(evset_cancel(&set, cancelled));
    assert_int_equal(evset_move(&set, cancelled, 4), EV_NONE);
    assert_false(evset_cancel(&set, EV_NONE));
    assert_int_equal(evset_live(&set), 1);
}

static void a_moved_event_keeps_class_kind_and_row_and_goes_to_the_back(void **state)
{
    (void)state;
    ev_handle a = evset_push(&set, 5, EV_DEADLINE, 3, 1);
    evset_push(&set, 2, EV_DEADLINE, 0, 0);
    evset_push(&set, 2, EV_TICK, 0, 2);
    ev_handle b = evset_move(&set, a, 2);
    assert_true(b != EV_NONE && !evset_pending(&set, a));
    expect_row(0);
    struct event e;
    assert_true(evset_pop(&set, &e));
    assert_true(e.time_s == 2 && e.kind == 3 && e.row == 1);
    expect_row(2);
}

/* The first 500, a microsecond apart, make narrow buckets, so the others lie in the heap, where they stay when dead. */
static void the_dead_never_outnumber_the_living(void **state)
{
    (void)state;
    enum { N = 5000, SOON = 500 };
    static ev_handle handle[N];
    size_t most = 0;
    for (uint32_t i = 0; i < N; i++) {
        handle[i] = evset_push(&set, i < SOON ? i * 1e-6 : i, EV_DEADLINE, 0, i);
    }
    for (uint32_t i = SOON; i < N; i++) {
        assert_true(evset_cancel(&set, handle[i]));
        assert_int_equal(evset_live(&set), N - 1 - (i - SOON));
        assert_true(evset_dead(&set) <= evset_live(&set) + EVSET_FEW_MAX);
        most = evset_dead(&set) > most ? evset_dead(&set) : most;
    }
    assert_true(most > N / 4);
    for (uint32_t i = 0; i < SOON; i++) {
        expect_row(i);
    }
    assert_int_equal(evset_live(&set) + evset_dead(&set), 0);
}

/* Every mode is gone through, both ways; the modes are looked at so that this test cannot miss them. */
static void few_many_few(void **state)
{
    (void)state;
    enum { N = 3000 };
    bool seen[3] = {false, false, false};
    for (uint32_t i = 0; i < N; i++) {
        evset_push(&set, (double)((i * 1871) % N), EV_TICK, 0, (i * 1871) % N); /* 1871 is prime: a permutation */
        seen[set.mode] = true;
    }
    assert_true(seen[EVSET_FEW] && seen[EVSET_WHEEL]);
    for (uint32_t i = 0; i < N; i++) {
        expect_row(i);
    }
    assert_int_equal(set.mode, EVSET_FEW);
}

/* The wheel reaches about a second (1000 events a millisecond apart), so an event at 2 s first goes to the heap. */
static void a_tie_of_wheel_and_heap_is_decided_by_sequence(void **state)
{
    (void)state;
    enum { N = 1000, FIRST = N, SECOND };
    struct event e = {0};
    for (uint32_t i = 0; i < N; i++) {
        evset_push(&set, i / 1000.0, EV_TICK, 0, i);
    }
    evset_push(&set, 2, EV_TICK, 0, FIRST);
    for (int i = 0; i < 3 * N / 2; i++) {
        assert_true(evset_pop(&set, &e));
        evset_push(&set, e.time_s + 1.0005, EV_TICK, 0, e.row); /* never at 2 exactly */
    }
    size_t in_heap = set.heap.n;
    evset_push(&set, 2, EV_TICK, 0, SECOND);
    assert_true(in_heap > 0 && set.heap.n == in_heap);
    for (int i = 0; i < N && e.row != FIRST; i++) {
        assert_true(evset_pop(&set, &e) && e.row != SECOND);
    }
    assert_true(e.time_s == 2);
    expect_row(SECOND);
}

/* Times 10^(k/100): each decade holds as many, so a wheel made for the first sees hardly any of the rest. */
static void extreme_skew_is_left_to_the_heap(void **state)
{
    (void)state;
    enum { N = 20000, TURNS = 400000 };
    for (uint32_t i = 0; i < N; i++) {
        evset_push(&set, pow(10, (double)((i * 7919) % N) / 100), EV_TICK, 0, i);
    }
    bool heap = false;
    double last = 0;
    struct event e;
    for (int i = 0; i < TURNS && evset_pop(&set, &e); i++) {
        assert_true(e.time_s >= last);
        last = e.time_s;
        double later = e.time_s < 1e150 ? e.time_s * (1 + (double)((uint32_t)i * 7919 % N)) : e.time_s;
        evset_push(&set, later, EV_TICK, 0, e.row);
        heap |= set.mode == EVSET_HEAP;
    }
    assert_true(heap);
}

static void a_million_at_one_instant(void **state)
{
    (void)state;
    enum { N = 1000000 };
    for (uint32_t i = 0; i < N; i++) {
        evset_push(&set, 1, EV_TICK, 0, i);
    }
    for (uint32_t i = 0; i < N; i++) {
        expect_row(i);
        evset_push(&set, 1, EV_TICK, 0, N + i); /* each posts one more at the same instant */
    }
    for (uint32_t i = 0; i < N; i++) {
        expect_row(N + i);
    }
}

static void the_tie_seed_is_a_bijection(void **state)
{
    (void)state;
    enum { N = 1 << 16 };
    static unsigned char seen[N];
    for (uint64_t seed = 1; seed < 4; seed++) {
        evset_clear(&set);
        assert_int_equal(evset_init(&set, 0, seed, NULL), 0);
        memset(seen, 0, sizeof seen);
        for (uint32_t i = 0; i < N; i++) {
            evset_push(&set, 1, EV_TICK, 0, i);
        }
        struct event e;
        uint64_t last = 0;
        uint32_t in_place = 0;
        for (uint32_t i = 0; i < N; i++) {
            assert_true(evset_pop(&set, &e));
            assert_true(seen[e.row]++ == 0);
            in_place += e.row == i;
            uint64_t p = evset_permuted(e.row, seed); /* row i was the i-th push */
            assert_true(p >> 56 == 0 && (i == 0 || p > last)); /* distinct, as a bijection's values are */
            last = p;
        }
        assert_true(in_place < 12); /* fixed points of a random permutation: Poisson(1) */
    }
}

static void a_copy_goes_on_alike_and_alone(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 7, 100, 5000};
    for (size_t s = 0; s < LEN(sizes); s++) {
        evset_clear(&set);
        assert_int_equal(evset_init(&set, 0, 0, NULL), 0);
        ev_handle one = EV_NONE;
        for (uint32_t i = 0; i < sizes[s]; i++) {
            one = evset_push(&set, (double)((i * 1871) % sizes[s]), EV_TICK, 0, i);
        }
        struct evset copy;
        assert_int_equal(evset_copy(&copy, &set, NULL), 0);
        assert_true(evset_cancel(&copy, one) == (one != EV_NONE));
        assert_true(evset_cancel(&set, one) == (one != EV_NONE));
        struct event a, b;
        while (evset_pop(&set, &a)) {
            assert_true(evset_pop(&copy, &b));
            assert_memory_equal(&a, &b, sizeof a);
        }
        assert_false(evset_pop(&copy, &b));
        evset_clear(&copy);
    }
}

static void nothing_is_taken_in_the_steady_state(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct event e;
    uint32_t random = 1;
    for (uint32_t i = 0; i < N; i++) {
        evset_push(&set, i, EV_TICK, 0, i);
    }
    for (int i = 0; i < 40 * N; i++) {
        if (i == 4 * N) {
            memory.taken = 0;
        }
        random = random * 1664525u + 1013904223u;
        evset_pop(&set, &e);
        ev_handle h = evset_push(&set, e.time_s + random % (2 * N), EV_TICK, 0, e.row);
        evset_move(&set, h, e.time_s + random % N);
    }
    assert_int_equal(memory.taken, 0);
}

static void no_memory_is_said_and_loses_nothing(void **state)
{
    (void)state;
    uint32_t n = 0;
    memory.refuse = true;
    while (evset_push(&set, n % 10, EV_TICK, 0, n) != EV_NONE) {
        n++;
    }
    assert_true(n > EVSET_FEW_MAX && evset_failed(&set));
    assert_int_equal(evset_live(&set), n);
    struct event e;
    double last = 0;
    for (uint32_t i = 0; i < n; i++) {
        assert_true(evset_pop(&set, &e) && e.time_s >= last);
        last = e.time_s;
    }
    assert_false(evset_pop(&set, &e));

    struct evset other;
    struct err err = {0};
    assert_int_equal(evset_init(&other, 10, 0, &err), -ERR_MEMORY);
    assert_string_equal(err.text, "no memory for an event set of 10 events");
    err = (struct err){0};
    assert_int_equal(evset_copy(&other, &set, &err), -ERR_MEMORY);
    evset_clear(&other);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(an_empty_set_has_no_next),
        CASE(an_event_comes_back_as_it_went),
        CASE(time_then_class_then_sequence),
        CASE(what_is_due_now_comes_before_what_is_later),
        CASE(a_step_below_the_clock_is_no_step),
        CASE(minus_zero_is_zero),
        CASE(a_time_that_cannot_be_is_a_bug),
        CASE(a_handle_is_stale_once_its_event_is_gone),
        CASE(a_moved_event_keeps_class_kind_and_row_and_goes_to_the_back),
        CASE(the_dead_never_outnumber_the_living),
        CASE(few_many_few),
        CASE(a_tie_of_wheel_and_heap_is_decided_by_sequence),
        CASE(extreme_skew_is_left_to_the_heap),
        CASE(a_million_at_one_instant),
        CASE(the_tie_seed_is_a_bijection),
        CASE(a_copy_goes_on_alike_and_alone),
        CASE(nothing_is_taken_in_the_steady_state),
        CASE(no_memory_is_said_and_loses_nothing),
    };
    return cmocka_run_group_tests_name("evset", tests, NULL, NULL);
}
