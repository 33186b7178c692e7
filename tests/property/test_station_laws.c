/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_station_laws.c - what holds for stations on any input: on random ones, against slow and plain references. */
#include "tests/stations.h"

#include "sim/base/stream.h"

/* The i-th uniform of a case. */
static double uniform(uint32_t seed, uint32_t i)
{
    return draw_uniform(&(struct draw_at){.key = {seed, 0}, .index = i, .purpose = DRAW_USER}, 0);
}
static double exponential(uint32_t seed, uint32_t i)
{
    return -log(uniform(seed, i));
}
static uint32_t below(uint32_t n, uint32_t seed, uint32_t i)
{
    return (uint32_t)(n * uniform(seed, i));
}

/* Customers of a case: a Poisson stream of load rho on c units; every third case in whole seconds, so full of ties. */
enum { N = 2000 };
struct input {
    double at_s[N], work[N], key[N];
};
static void make_input(struct input *in, uint32_t seed, double rho, uint32_t c)
{
    double now_s = 0;
    for (uint32_t i = 0; i < N; i++) {
        now_s += exponential(seed, 4 * i) / (rho * c);
        in->at_s[i] = seed % 3 ? now_s : floor(now_s);
        in->work[i] = seed % 3 ? exponential(seed, 4 * i + 1) : 1 + below(2, seed, 4 * i + 1);
        in->key[i] = below(4, seed, 4 * i + 2);
    }
}

/* A capacity that is 2 in [2k, 2k + .5) and 1/2 in the rest of each 2 s: .5 * 2 + 1.5 / 2 = 1.75 a cycle. */
static double cycle_to(double t_s)
{
    double k = floor(t_s / 2), in = t_s - 2 * k;
    return 1.75 * k + (in < .5 ? 2 * in : 1 + (in - .5) / 2);
}
static double cycle_served(void *ctx, uint32_t s, double t0_s, double t1_s)
{
    (void)ctx, (void)s;
    return cycle_to(t1_s) - cycle_to(t0_s);
}
static double cycle_finish_s(void *ctx, uint32_t s, double t0_s, double work)
{
    (void)ctx, (void)s;
    double sum = cycle_to(t0_s) + work, k = floor(sum / 1.75), in = sum - 1.75 * k;
    double t_s = 2 * k + (in < 1 ? in / 2 : .5 + (in - 1) * 2);
    return t_s > t0_s ? t_s : t0_s;
}
/* Rounds of up to 4; every other one gives a member half of what it has left, once that is much. */
static double some_round(void *ctx, struct station_set *set, uint32_t s, double now_s)
{
    (void)ctx;
    double n = 0;
    for (uint32_t row = station_first(set, s), next; row != ROW_NONE && n < 4; row = next, n++) {
        double work = set->item[row].work;
        next = station_next(set, s, row);
        station_take(set, s, row, work > 1 && fmod(now_s, 2) < 1 ? work / 2 : work, 1 + row % 3);
    }
    return .3 + .2 * n;
}
static const struct station_hooks hooks = {.finish_s = cycle_finish_s, .served = cycle_served, .round = some_round};

static void run_input(struct world *w, struct station_spec spec, const struct input *in)
{
    world_open(w, &hooks, NULL);
    uint32_t s = world_add(w, spec);
    for (uint32_t i = 0; i < N; i++) {
        assert_true(world_join(w, s, in->at_s[i], i, in->work[i], spec.discipline == STATION_ORDERED ? in->key[i] : 0));
    }
    world_run(w, INFINITY);
    assert_int_equal(w->n_left, N);
}

static void ahead_and_queued_departures_are_the_same_bits(void **state)
{
    (void)state;
    static const uint32_t units[] = {1, 2, 3, 8, 9, 16, 40, 64};
    static struct input in;
    static struct world ahead, queued;
    for (uint32_t seed = 1; seed <= 6; seed++) {
        for (size_t u = 0; u < LEN(units); u++) {
            make_input(&in, seed, seed > 3 ? 1.3 : .8, units[u]);
            memset(in.key, 0, sizeof in.key);
            struct station_spec spec = {.discipline = STATION_AHEAD, .rate = .9, .units = units[u]};
            spec.process = seed % 2;
            run_input(&ahead, spec, &in);
            for (spec.discipline = STATION_FIFO; spec.discipline <= STATION_ORDERED; spec.discipline++) {
                run_input(&queued, spec, &in);
                assert_memory_equal(ahead.end_s, queued.end_s, sizeof ahead.end_s);
                for (uint32_t i = 0; i < N; i++) {
                    assert_near(world_busy_s(&ahead, i), world_busy_s(&queued, i), 0, 0);
                }
                world_close(&queued);
            }
            world_close(&ahead);
        }
    }
}

/* Serve in steps to the next arrival or end: all present in equal shares, by decrementing what they have left. */
static void fluid_sharing(const struct input *in, double rate, uint32_t units, double *end_s)
{
    static double left[N];
    double now_s = 0;
    uint32_t come = 0, gone = 0;
    memcpy(left, in->work, sizeof left);
    while (gone < N) {
        double n = come - gone, share = rate * fmin(1, units / n), least = INFINITY;
        for (uint32_t i = 0; i < come; i++) {
            least = left[i] > 0 ? fmin(least, left[i]) : least;
        }
        double dt_s = least / share, arrival_s = come < N ? in->at_s[come] : INFINITY;
        bool ends = n > 0 && now_s + dt_s <= arrival_s;
        dt_s = ends ? dt_s : arrival_s - now_s;
        for (uint32_t i = 0; i < come; i++) {
            if (left[i] > 0) {
                bool out = ends && left[i] <= least * (1 + 1e-12);
                left[i] = out ? 0 : left[i] - share * dt_s;
                end_s[i] = out ? now_s + dt_s : end_s[i];
                gone += out;
            }
        }
        now_s = ends ? now_s + dt_s : arrival_s;
        come += !ends;
    }
}

static void sharing_is_the_fluid(void **state)
{
    (void)state;
    static struct input in;
    static struct world w;
    static double want_s[N];
    for (uint32_t seed = 1; seed <= 6; seed++) {
        uint32_t units = seed % 2 ? 1 : 3;
        make_input(&in, seed, seed > 3 ? 1.1 : .8, units);
        run_input(&w, (struct station_spec){.discipline = STATION_SHARED, .rate = 1.2, .units = units}, &in);
        fluid_sharing(&in, 1.2, units, want_s);
        for (uint32_t i = 0; i < N; i++) {
            assert_near(w.end_s[i], want_s[i], 0, 1e-9);
        }
        world_close(&w);
    }
}

/* One unit of rate 1 that always serves the least (key, number), sought among all; without preemption until it ends. */
static void plain_priority(const struct input *in, bool preempt, double *end_s)
{
    static double left[N];
    double now_s = 0;
    uint32_t come = 0, gone = 0, served = ROW_NONE;
    memcpy(left, in->work, sizeof left);
    while (gone < N) {
        if (preempt || served == ROW_NONE) {
            served = ROW_NONE;
            for (uint32_t i = 0; i < come; i++) {
                served = left[i] > 0 && (served == ROW_NONE || in->key[i] < in->key[served]) ? i : served;
            }
        }
        double arrival_s = come < N ? in->at_s[come] : INFINITY;
        if (served != ROW_NONE && now_s + left[served] <= arrival_s) {
            now_s += left[served];
            left[served] = 0;
            end_s[served] = now_s;
            served = ROW_NONE;
            gone++;
        } else {
            if (served != ROW_NONE) {
                left[served] -= arrival_s - now_s;
            }
            now_s = arrival_s;
            come++;
        }
    }
}

static void priority_serves_the_least_key(void **state)
{
    (void)state;
    static struct input in;
    static struct world w;
    static double want_s[N];
    for (uint32_t seed = 1; seed <= 6; seed++) {
        bool preempt = seed % 2;
        make_input(&in, seed, seed > 3 ? 1.1 : .8, 1);
        run_input(&w, (struct station_spec){.discipline = STATION_ORDERED, .rate = 1, .preempt = preempt}, &in);
        plain_priority(&in, preempt, want_s);
        for (uint32_t i = 0; i < N; i++) {
            assert_near(w.end_s[i], want_s[i], 0, 1e-9);
        }
        world_close(&w);
    }
}

/*
 * Periodic tasks with deadlines at the end of the period and utilisation at most 1 are feasible under preemptive EDF
 * (Liu and Layland, JACM 20:1, 1973, theorem 7), with any phases.
 */
static void edf_meets_every_deadline_of_a_feasible_set(void **state)
{
    (void)state;
    static const double period_s[] = {2, 3, 4, 5, 6, 8, 10, 12, 15, 20};
    enum { TASKS = 6, HORIZON = 300 };
    for (uint32_t seed = 1; seed <= 40; seed++) {
        static struct world w;
        double deadline_s[MAX_ROWS], next_s[TASKS], each_s[TASKS], work[TASKS], sum = 0;
        for (uint32_t k = 0; k < TASKS; k++) {
            each_s[k] = period_s[below(LEN(period_s), seed, k)];
            next_s[k] = each_s[k] * uniform(seed, 100 + k);
            sum += work[k] = exponential(seed, 200 + k);
        }
        for (uint32_t k = 0; k < TASKS; k++) {
            work[k] *= each_s[k] / sum * (seed % 2 ? 1 : .9);
        }
        world_open(&w, NULL, NULL);
        uint32_t s = world_add(&w, (struct station_spec){.discipline = STATION_ORDERED, .rate = 1, .preempt = true});
        uint32_t n = 0;
        for (;; n++) {
            uint32_t k = 0;
            for (uint32_t j = 1; j < TASKS; j++) {
                k = next_s[j] < next_s[k] ? j : k;
            }
            if (next_s[k] > HORIZON) {
                break;
            }
            deadline_s[n] = next_s[k] + each_s[k];
            assert_true(world_join(&w, s, next_s[k], n, work[k], deadline_s[n]));
            next_s[k] = deadline_s[n];
        }
        world_run(&w, INFINITY);
        assert_int_equal(w.n_left, n);
        for (uint32_t i = 0; i < n; i++) {
            assert_true(w.end_s[i] <= deadline_s[i] + 1e-9);
        }
        world_close(&w);
    }
}

/* What the customers of a run say, and what its units could do. */
struct books {
    double sojourn_s, busy_s, work, capacity, last_s;
    double joined_s[MAX_ROWS], given[MAX_ROWS];
    uint32_t present[MAX_ROWS], n_present;
};

static void book_out(struct books *b, const struct world *w, uint32_t row, double now_s)
{
    b->sojourn_s += now_s - b->joined_s[row];
    b->busy_s += world_busy_s(w, row);
    b->work += b->given[row] - w->set.item[row].work;
    for (uint32_t k = 0; k < b->n_present; k++) {
        if (b->present[k] == row) {
            b->present[k] = b->present[--b->n_present];
            return;
        }
    }
    fail_msg("row %u left twice", row);
}

/* Instant by instant to time_s, adding up what the busy units can do. */
static void book_run(struct books *b, struct world *w, uint32_t s, bool process, double time_s)
{
    while (b->last_s < time_s) {
        double next_s = fmin(time_s, evset_peek_time(&w->events)), rate = w->set.station[s].rate;
        if (next_s == INFINITY) {
            break;
        }
        double units = station_n_busy(&w->set, s);
        b->capacity += units * rate * (process ? cycle_served(NULL, s, b->last_s, next_s) : next_s - b->last_s);
        b->last_s = next_s;
        uint32_t before = w->n_left;
        world_run(w, next_s);
        for (; before < w->n_left; before++) {
            book_out(b, w, w->order[before], next_s);
        }
    }
    world_run(w, time_s);
}

/* A random act at time_s: join, remove, set the rate, rarely evict. */
static void book_act(struct books *b, struct world *w, uint32_t s, double time_s, uint32_t seed, uint32_t i)
{
    double what = uniform(seed, 8 * i + 1);
    uint32_t before = w->n_left;
    if (what < .6) {
        uint32_t row = i;
        b->given[row] = exponential(seed, 8 * i + 2);
        b->joined_s[row] = time_s;
        if (station_join(&w->set, s, time_s, row, b->given[row], below(4, seed, 8 * i + 3))) {
            b->present[b->n_present++] = row;
        }
    } else if (what < .8 && b->n_present) {
        uint32_t row = b->present[below(b->n_present, seed, 8 * i + 4)];
        station_remove(&w->set, time_s, row);
        book_out(b, w, row, time_s);
    } else if (what < .99) {
        static const double rate[] = {0, .5, 1, 1, 2, 4};
        station_set_rate(&w->set, s, time_s, rate[below(LEN(rate), seed, 8 * i + 5)]);
    } else {
        struct station_done done = station_evict(&w->set, s, time_s);
        for (uint32_t k = 0; k < done.n; k++) {
            book_out(b, w, done.row[k], time_s);
        }
    }
    assert_int_equal(before, w->n_left);
    assert_int_equal(station_n(&w->set, s), b->n_present);
}

/*
 * The meter's integrals are the customers' own times, and what they received is what the busy units could do (a round's
 * work is not its members').  To 1e-9, as an audit wants it.
 */
static void the_books_balance(void **state)
{
    (void)state;
    static struct world w;
    static struct books b;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        enum station_discipline d = STATION_FIFO + seed % 4;
        struct station_spec spec = {.discipline = d, .rate = 1, .gather = 3, .gather_s = .5};
        spec.limit = seed % 7 ? 0 : 20;
        spec.units = d == STATION_ROUNDS ? 1 : 1 + seed / 4 % 3;
        spec.preempt = d == STATION_ORDERED && seed % 3 == 0;
        spec.process = seed % 5 == 0;
        b = (struct books){0};
        world_open(&w, &hooks, NULL);
        uint32_t s = world_add(&w, spec);
        double now_s = 0;
        for (uint32_t i = 0; i < 4000; i++) {
            now_s += uniform(seed, 8 * i + 6) < .1 ? 0 : .4 * exponential(seed, 8 * i) / spec.units;
            book_run(&b, &w, s, spec.process, now_s);
            book_act(&b, &w, s, now_s, seed, i);
        }
        double present_s, busy_s, ages_s = 0;
        world_meter(&w, s, &present_s, &busy_s);
        for (uint32_t k = 0; k < b.n_present; k++) {
            ages_s += now_s - b.joined_s[b.present[k]];
        }
        assert_near(b.sojourn_s + ages_s, present_s, 1e-9, 0);
        struct station_done done = station_evict(&w.set, s, now_s);
        for (uint32_t k = 0; k < done.n; k++) {
            book_out(&b, &w, done.row[k], now_s);
        }
        assert_near(b.busy_s, busy_s, 1e-9, 0);
        if (d != STATION_ROUNDS) {
            assert_near(b.work, b.capacity, 1e-9, 0);
        }
        assert_int_equal(b.n_present, 0);
        assert_int_equal(evset_live(&w.events), 0);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ahead_and_queued_departures_are_the_same_bits),
        cmocka_unit_test(sharing_is_the_fluid),
        cmocka_unit_test(priority_serves_the_least_key),
        cmocka_unit_test(edf_meets_every_deadline_of_a_feasible_set),
        cmocka_unit_test(the_books_balance),
    };
    return cmocka_run_group_tests_name("station laws", tests, NULL, NULL);
}
