/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_decide_where.c - what the shipped scenario of that name shows.  Decision latency is
 *     request over the links + wait for the controller + thinking + answer over the links,
 * with messages of 256 and 64 bytes, whose bits take microseconds.  The cell is 8 ms away, the cloud another 2 + 70 ms:
 *     edge    2 x 8 ms + M/D/1 at 66 questions/s of 8 ms each: 16 + 8 (1 + .53 / .47 / 2) = 28.5 ms in the mean
 *     cloud   2 x 80 ms + M/D/1 at 264 questions/s of 2 ms each: 160 + 2 (1 + .53 / .47 / 2) = 163.1 ms
 * so the median lies in tens of milliseconds at the edge and in hundreds in the cloud.
 */
#include "tests/simulate.h"

enum { END, EDGE, CLOUD, OLD }; /* rows of the scenario's policies; the older views from OLD on */

static struct simulated shipped(const char *duration)
{
    static char text[1 << 16];
    FILE *f = fopen("scenarios/decide_where.yaml", "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return simulate(&(struct simulate_input){.scenario = text, .set = {duration, "experiment.replications=3"}});
}

static void the_edge_decides_in_tens_of_ms_and_the_cloud_in_hundreds(void **state)
{
    (void)state;
    struct simulated sim = shipped("experiment.duration=40 s");
    const double rho = 200 / 4. * 1.3 * .008, wait = rho / (1 - rho) / 2;
    const double edge_s = .016 + .008 * (1 + wait), cloud_s = .160 + .002 * (1 + wait);
    double p50_s[CLOUD + 1];
    for (int p = END; p <= CLOUD; p++) {
        p50_s[p] = simulated_estimate(&sim, (uint32_t)p, 0, M_DECIDE_P50).mean;
    }
    assert_near(simulated_estimate(&sim, EDGE, 0, M_LATENCY_DECIDE).mean, edge_s, .05, 0);
    assert_near(simulated_estimate(&sim, CLOUD, 0, M_LATENCY_DECIDE).mean, cloud_s, .01, 0);
    assert_true(p50_s[EDGE] >= .010 && p50_s[EDGE] < .100);
    assert_true(p50_s[CLOUD] >= .100 && p50_s[CLOUD] < 1);
    assert_true(p50_s[CLOUD] > 5 * p50_s[EDGE]);
    assert_near(p50_s[END], .040, 1. / 128, 0); /* nothing travels; few questions meet another */
    simulated_clear(&sim);
}

static void the_older_the_view_the_more_is_missed(void **state)
{
    (void)state;
    struct simulated sim = shipped("experiment.duration=40 s");
    double last = simulated_estimate(&sim, EDGE, 0, M_MISS_RATIO).mean;
    for (uint32_t p = OLD; p < sim.n_policy; p++) {
        double missed = simulated_estimate(&sim, p, 0, M_MISS_RATIO).mean;
        assert_true(missed > last);
        last = missed;
    }
    assert_int_equal(sim.n_policy, OLD + 4);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_edge_decides_in_tens_of_ms_and_the_cloud_in_hundreds),
        cmocka_unit_test(the_older_the_view_the_more_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
