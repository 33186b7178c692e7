/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/test.h"

#include "sim/measure/ranking.h"

enum { REPLICATIONS = 10, POLICIES = 4 };

static struct record record[POLICIES][REPLICATIONS];
static struct replications policy[POLICIES];

/* Replication i of policy p has the objective 10 + i + add[p] + wave[p] times +1 and -1 in turn. */
static void make(const double add[], const double wave[])
{
    memset(record, 0, sizeof record);
    for (uint32_t p = 0; p < POLICIES; p++) {
        for (uint32_t i = 0; i < REPLICATIONS; i++) {
            record[p][i].policy = p;
            record[p][i].replication = i;
            record[p][i].status = RECORD_OK;
            record[p][i].metric[M_OBJECTIVE] = 10 + i + add[p] + (i % 2 ? -wave[p] : wave[p]);
        }
        policy[p] = (struct replications){.record = record[p], .n = REPLICATIONS};
    }
}

/*
 * Differences of +1 and -1 around their mean have the standard error sqrt(10/9) / sqrt(10) = 1/3.  Student's t with 9 degrees
 * of freedom: 2.262 at 95 %, 3.364 at 1 - 5 % / 6 for the six pairs.  A mean of 2.6/3 is beyond the first
 * and within the latter; one of 3.5/3 is beyond both.
 */
static void who_is_shown_to_be_better_makes_the_rank(void **state)
{
    (void)state;
    struct ranked out[POLICIES];
    make((const double[]){50, 2.6 / 3, 0, 3.5 / 3}, (const double[]){1, 1, 0, 1});
    assert_int_equal(ranking(policy, POLICIES, 0.95, out), 0);
    const uint32_t order[] = {2, 1, 3, 0}, rank[] = {1, 1, 3, 4};
    const enum call call[] = {CALL_NONE, CALL_NONE, CALL_HIGHER, CALL_HIGHER};
    const double first[] = {0, 2.6 / 3, 3.5 / 3, 50};
    for (uint32_t i = 0; i < POLICIES; i++) {
        assert_int_equal(out[i].policy, order[i]);
        assert_int_equal(out[i].rank, rank[i]);
        assert_int_equal(out[i].to_first.call, call[i]);
        assert_near(out[i].to_first.of.estimate, first[i], 0, 1e-12);
    }
    assert_near(out[0].mean.estimate, 14.5, 1e-12, 0);
    assert_near(out[1].to_first.of.half_width, 3.364 / 3, 1e-3, 0);
}

/* The same policies, of which the lowest knows what none may know: it has no rank, and takes none. */
static void a_reference_is_no_rival(void **state)
{
    (void)state;
    struct ranked out[POLICIES];
    make((const double[]){50, 2.6 / 3, 0, 3.5 / 3}, (const double[]){1, 1, 0, 0.5});
    policy[2].reference = true;
    assert_int_equal(ranking(policy, POLICIES, 0.95, out), 1);
    const uint32_t order[] = {2, 1, 3, 0}, rank[] = {0, 1, 1, 3};
    for (uint32_t i = 0; i < POLICIES; i++) {
        assert_int_equal(out[i].policy, order[i]);
        assert_int_equal(out[i].rank, rank[i]);
    }
    assert_near(out[0].to_first.of.estimate, -2.6 / 3, 0, 1e-12);
    assert_near(out[2].to_first.of.estimate, 0.9 / 3, 0, 1e-12);
}

static void nobody_has_a_rank_without_an_interval(void **state)
{
    (void)state;
    struct ranked out[POLICIES];
    make((const double[]){3, 2, 1, 0}, (const double[]){0, 0, 0, 0});
    record[3][4].metric[M_UNSTABLE] = 1; /* the lowest, but still growing: last, and without a rank */
    ranking(policy, POLICIES, 0.95, out);
    const uint32_t order[] = {2, 1, 0, 3}, rank[] = {1, 2, 3, 0};
    for (uint32_t i = 0; i < POLICIES; i++) {
        assert_int_equal(out[i].policy, order[i]);
        assert_int_equal(out[i].rank, rank[i]);
    }
    assert_int_equal(out[3].to_first.call, CALL_UNSTEADY);
    for (uint32_t p = 0; p < POLICIES; p++) {
        policy[p].n = 1;
        record[p][4].metric[M_UNSTABLE] = 0;
    }
    ranking(policy, POLICIES, 0.95, out);
    for (uint32_t i = 0; i < POLICIES; i++) {
        assert_int_equal(out[i].policy, POLICIES - 1 - i); /* in order all the same */
        assert_int_equal(out[i].rank, 0);
    }
    make((const double[]){3, 2, 1, 0}, (const double[]){0, 0, 0, 0});
    for (uint32_t p = 0; p < POLICIES; p++) {
        policy[p].given = true;
    }
    ranking(policy, POLICIES, 0.95, out);
    for (uint32_t i = 0; i < POLICIES; i++) {
        assert_int_equal(out[i].rank, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_shown_to_be_better_makes_the_rank),
        cmocka_unit_test(a_reference_is_no_rival),
        cmocka_unit_test(nobody_has_a_rank_without_an_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
