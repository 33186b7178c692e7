/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replicate.h - a scenario that stands in a test as text, and one replication of it, kept as the list of its transitions.
 * Whatever fails on the way fails the test.
 */
#ifndef TESTS_REPLICATE_H
#define TESTS_REPLICATE_H

#include <stdlib.h>
#include <sys/mman.h>
#include <tiersim/policy.h>
#include <unistd.h>

#include "policies/builtin.h"
#include "sim/io/scenario_read.h"
#include "sim/measure/measure.h"
#include "sim/policy/set.h"
#include "sim/run/drive.h"
#include "tests/test.h"

struct tape {
    struct transition *t;
    size_t n, room;
};

/* Read the text after the assignments PATH=VALUE of set, a list that ends with NULL (or NULL). */
static inline void scenario_of_text(struct scenario *s, const char *text, const char *const *set)
{
    struct errors errs = {0};
    char path[64];
    size_t n_set = 0;
    int fd = memfd_create("scenario", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    while (set && set[n_set]) {
        n_set++;
    }
    if (scenario_read(s, path, set, n_set, &errs) != 0) {
        errors_print(&errs, stderr);
        fail_msg("the scenario of the test is wrong");
    }
    errors_clear(&errs);
    close(fd);
}

static inline void tape_take(void *ctx, const struct transition *t, size_t n)
{
    struct tape *tape = ctx;
    if (tape->n + n > tape->room) {
        tape->room = 2 * tape->room + n;
        tape->t = realloc(tape->t, tape->room * sizeof *tape->t);
        assert_non_null(tape->t);
    }
    memcpy(tape->t + tape->n, t, n * sizeof *t);
    tape->n += n;
}

/* What is to be run: policy `row` of the scenario's list, a built-in one; change what should be different. */
static inline struct run_spec replication_of(const struct scenario *s, uint32_t row)
{
    const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};
    struct err e = {0};
    const struct policy_spec *spec = &s->experiment.policy[row];
    const struct ts_policy *policy = policy_set_find(&set, spec->policy, NULL, 0, 0, &e);
    if (!policy) {
        fail_msg("%s", e.text);
    }
    return (struct run_spec){.scenario = s, .spec = spec, .policy = policy, .seed = s->experiment.seed};
}

/* Run it onto an empty tape. */
static inline struct run_counts replicate(struct run_spec spec, struct tape *tape)
{
    struct run_counts counts;
    struct err e = {0};
    *tape = (struct tape){0};
    spec.full = tape_take;
    spec.ctx = tape;
    if (drive(&spec, NULL, NULL, &counts, &e) != 0) {
        fail_msg("%s", e.text);
    }
    return counts;
}

/* The record of n transitions. */
static inline struct record record_of(const struct scenario *s, const struct transition *t, size_t n)
{
    struct measure m;
    struct record r = {0};
    assert_int_equal(measure_init(&m, s, NULL, NULL), 0);
    measure_fold(&m, t, n);
    assert_int_equal(measure_finish(&m, &r, NULL), 0);
    measure_clear(&m);
    return r;
}

static inline uint64_t digest_of(const struct scenario *s, const struct tape *tape)
{
    struct record r = record_of(s, tape->t, tape->n);
    uint64_t digest = r.digest;
    assert_string_equal(r.text, "");
    record_clear(&r);
    return digest;
}

/* Sums over the cohort, all segments. */
static inline struct cohort all_of(const struct record *r)
{
    struct cohort sum = {0};
    for (uint32_t i = 0; i < N_SEGMENT; i++) {
        cohort_add(&sum, &r->cohort[i]);
    }
    return sum;
}

#endif
