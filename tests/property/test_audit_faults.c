/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The audit finds a fault in what a real run reports, wherever it is (SEMANTICS 9): the transitions of the workshop are
 * folded with one of them lost, told twice, or changed in one number, many times over with another one.
 */
#include "tests/workshop.h"

enum { TRIALS = 60 };

static struct scenario s;
static struct tape tape;

static int setup(void **state)
{
    static const char *const brief[] = {"experiment.duration=10 s", NULL};
    workshop_setup(state);
    workshop_read(&s, (struct workshop){.set = brief});
    replicate(replication_of(&s, 1), &tape);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(tape.t);
    scenario_free(&s);
    return 0;
}

/* The verdict's first word: which identity does not hold; "" if all do. */
static const char *verdict(const struct tape *with)
{
    static char word[32];
    struct record r = record_of(&s, with->t, with->n);
    assert_int_equal(r.status == RECORD_BROKEN, r.text[0] != 0);
    snprintf(word, sizeof word, "%.*s", (int)strcspn(r.text, ":"), r.text);
    record_clear(&r);
    return word;
}

static struct tape copy_of_tape(size_t room)
{
    struct tape copy = {malloc((tape.n + room) * sizeof *copy.t), tape.n, tape.n + room};
    assert_non_null(copy.t);
    memcpy(copy.t, tape.t, tape.n * sizeof *copy.t);
    return copy;
}

/* The k-th of TRIALS records, spread over the run, that `fits`. */
static size_t pick(bool (*fits)(const struct transition *t), size_t k)
{
    size_t at = k * (tape.n / TRIALS), left = tape.n;
    while (left-- > 0 && !fits(&tape.t[at])) {
        at = (at + 1) % tape.n;
    }
    assert_true(fits(&tape.t[at]));
    return at;
}

static bool is_of_a_job(const struct transition *t)
{
    return t->kind == TR_RELEASE || t->kind == TR_MOVE || t->kind == TR_END || t->kind == TR_CLOSE || t->kind == TR_PART ||
           t->kind == TR_LEAVE;
}

static bool carried(const struct transition *t)
{
    return t->kind == TR_MOVE && t->from != ROW_NONE && t->from >= s.n_place && t->b > 0;
}

/* Not at the batch station, whose stints are the only account of its busy time. */
static bool served(const struct transition *t)
{
    return t->kind == TR_MOVE && t->from < s.n_place && t->a > 0 &&
           s.pool[scenario_pool_of_place(&s, t->from)].discipline != DISCIPLINE_BATCH;
}

static bool moves(const struct transition *t)
{
    return t->kind == TR_MOVE && t->to != ROW_NONE && t->from != ROW_NONE;
}

static void the_run_itself_is_sound(void **state)
{
    (void)state;
    assert_string_equal(verdict(&tape), "");
}

static void a_record_lost(void **state)
{
    (void)state;
    for (size_t k = 0; k < TRIALS; k++) {
        struct tape with = copy_of_tape(0);
        size_t i = pick(is_of_a_job, k);
        memmove(with.t + i, with.t + i + 1, (with.n - i - 1) * sizeof *with.t);
        with.n--;
        assert_string_not_equal(verdict(&with), "");
        free(with.t);
    }
}

static void a_record_told_twice(void **state)
{
    (void)state;
    for (size_t k = 0; k < TRIALS; k++) {
        struct tape with = copy_of_tape(1);
        size_t i = pick(is_of_a_job, k);
        memmove(with.t + i + 1, with.t + i, (with.n - i) * sizeof *with.t);
        with.n++;
        assert_string_not_equal(verdict(&with), "");
        free(with.t);
    }
}

static void bits_or_busy_time_lost_or_gained(void **state)
{
    (void)state;
    for (size_t k = 0; k < TRIALS; k++) {
        struct tape with = copy_of_tape(0);
        double factor = k % 2 ? 2 : 0.5;
        size_t i = pick(carried, k);
        with.t[i].b *= factor;
        assert_string_equal(verdict(&with), "bits");
        with.t[i].b /= factor;
        i = pick(served, k);
        with.t[i].a *= factor;
        assert_string_equal(verdict(&with), "busy time");
        free(with.t);
    }
}

/* One bit of a message of some thousand bytes; one microsecond of service. */
static void even_a_little_of_it(void **state)
{
    (void)state;
    for (size_t k = 0; k < TRIALS; k++) {
        struct tape with = copy_of_tape(0);
        size_t i = pick(carried, k);
        with.t[i].b += 1;
        assert_string_equal(verdict(&with), "bits");
        with.t[i].b -= 1;
        i = pick(served, k);
        with.t[i].a += 1e-6;
        assert_string_equal(verdict(&with), "busy time");
        free(with.t);
    }
}

static void a_job_on_the_wrong_way(void **state)
{
    (void)state;
    for (size_t k = 0; k < TRIALS; k++) {
        struct tape with = copy_of_tape(0);
        size_t i = pick(moves, k);
        with.t[i].to = with.t[i].to == 0 ? 1 : 0;
        assert_string_not_equal(verdict(&with), "");
        with.t[i] = tape.t[i];
        with.t[i].number++;
        assert_string_equal(verdict(&with), "jobs");
        with.t[i] = tape.t[i];
        with.t[i].time_s -= 1;
        assert_string_not_equal(verdict(&with), "");
        free(with.t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_run_itself_is_sound), cmocka_unit_test(a_record_lost),
        cmocka_unit_test(a_record_told_twice),     cmocka_unit_test(bits_or_busy_time_lost_or_gained),
        cmocka_unit_test(even_a_little_of_it),     cmocka_unit_test(a_job_on_the_wrong_way),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
