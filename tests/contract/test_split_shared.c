/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_split_shared.c - what a cut sends of a tensor that an exit and the layer behind it read: stage 0 makes 100 bits for exit 1
 * and stage 2; a bit costs 1, all else nothing.
 */
#include "tests/test.h"

#include "policies/split.h"

enum { STAGE, EXIT, REST, N };

static struct split parted(double *zero, const struct split_jobs *jobs, struct ts_ask *ask)
{
    static const struct ts_edge edge[] = {{.from = STAGE, .to = EXIT, .bits = 100, .same = 1},
                                          {.from = STAGE, .to = REST, .bits = 100, .same = 1}};
    *ask = (struct ts_ask){.edge = edge, .n_edge = 2, .n_task = N};
    return (struct split){.ask = ask, .n = N, .near = zero, .far = zero, .in = zero, .out = zero, .jobs = jobs, .up_bit = 1};
}

/* Half the jobs end at the exit, or it is left out: behind the exit the bits of half the jobs go, or of all; before it of all. */
static void jobs_that_go_on_send_it(void **state)
{
    static const struct {
        double share[N], before, behind;
    } want[] = {{{1, 1, 0.5}, 100, 50}, {{1, 0, 1}, 100, 100}, {{1, 1, 1}, 100, 100}};
    (void)state;
    for (size_t i = 0; i < LEN(want); i++) {
        double zero[N] = {0}, share[N], ends[N] = {0}, bits[N + 1];
        const struct split_jobs jobs = {.share = share, .ends = ends};
        const uint8_t cut_before[N] = {1, 0, 0}, cut_behind[N] = {1, 1, 0};
        struct ts_ask ask;
        memcpy(share, want[i].share, sizeof share);
        const struct split x = parted(zero, &jobs, &ask);
        split_cut_sums(&x, NULL, bits);
        assert_near(bits[EXIT], want[i].before, 0, 0);
        assert_near(bits[REST], want[i].behind, 0, 0);
        assert_near(split_cost(&x, cut_before), want[i].before, 0, 0);
        assert_near(split_cost(&x, cut_behind), want[i].behind, 0, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_that_go_on_send_it),
    };
    return cmocka_run_group_tests_name("split_shared", tests, NULL, NULL);
}
