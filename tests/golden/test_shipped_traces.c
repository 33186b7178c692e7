/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_shipped_traces.c - the traces of the folder traces/ are readable and have the statistics that traces/README.md
 * claims for them.  Tolerances are the claims of that page.
 */
#include "tests/test.h"

#include "sim/base/err.h"
#include "sim/io/trace/trace.h"
#include "tests/trace_stats.h"

static const struct series *read_trace(struct arena *a, const char *path, const char *format)
{
    struct err e = {0};
    const struct series *s = NULL;
    char text[2048];
    if (trace_read(a, path, format, NULL, trace_kind_find(format)->points, &s, &e) != 0) {
        fail_msg("%s", err_text(&e, text, sizeof text));
    }
    return s;
}

static void the_assistant_is_like_the_published_code_trace(void **state)
{
    (void)state;
    struct arena a = {0};
    const struct series *s = read_trace(&a, "traces/assistant.csv", "azure_llm");
    double empty, dispersion = stats_dispersion(s, 1, &empty);
    assert_int_equal(s->n_row, 1000);
    assert_near((double)s->n_row / s->span_s, 2.57, 0.05, 0);
    assert_near(stats_gap_cv(s), 13.2, 0.1, 0);
    assert_near(empty, 0.73, 0.05, 0);
    assert_near(dispersion, 13, 0.1, 0);
    assert_near(stats_dispersion(s, 10, &empty), 71, 0.1, 0);
    assert_near(stats_quantile(s, 0, 0.05), 75, 0.02, 0);
    assert_near(stats_quantile(s, 0, 0.5), 1469, 0.02, 0);
    assert_near(stats_quantile(s, 0, 0.95), 7303, 0.02, 0);
    assert_near(stats_quantile(s, 0, 1), 7437, 0, 0);
    assert_near(s->mean[0], 2048, 0.03, 0);
    assert_near(stats_quantile(s, 1, 0.05), 6, 0, 0);
    assert_near(stats_quantile(s, 1, 0.5), 13, 0, 0);
    assert_near(stats_quantile(s, 1, 0.95), 90, 0.02, 0);
    assert_near(s->mean[1], 27.9, 0.03, 0);

    /*
     * The lognormal fits of the published trace: (7.00, 1.36) and (2.79, 0.85); their correlation is -0.02, that of 1000
     * independent pairs 0 with a standard error of 0.03; 4.7 % of its prompts have 7400 tokens or more, at the cap.
     */
    double mean, sd, lag1;
    stats_log(s->value[0], s->n_row, &mean, &sd, &lag1);
    assert_near(mean, 7.00, 0, 0.1);
    assert_near(sd, 1.36, 0.05, 0);
    const double prompt_mean = mean, prompt_sd = sd;
    stats_log(s->value[1], s->n_row, &mean, &sd, &lag1);
    assert_near(mean, 2.79, 0, 0.1);
    assert_near(sd, 0.85, 0.05, 0);
    double correlation = 0, at_cap = 0;
    for (size_t i = 0; i < s->n_row; i++) {
        correlation += (log(s->value[0][i]) - prompt_mean) / prompt_sd * (log(s->value[1][i]) - mean) / sd / 1000;
        at_cap += s->value[0][i] >= 7400;
    }
    assert_near(correlation, -0.02, 0, 0.06);
    assert_near(at_cap / 1000, 0.047, 0.05, 0);
    arena_clear(&a);
}

static void the_uplink_is_like_a_published_5g_link(void **state)
{
    (void)state;
    struct arena a = {0};
    const struct series *s = read_trace(&a, "traces/uplink.csv", "throughput");
    assert_int_equal(s->n_row, 600);
    assert_near(s->span_s, 600, 0, 0);
    double up[600], mean, sd, lag1;
    size_t n_up = 0;
    int starts = 0, low = 0;
    for (size_t i = 0; i < s->n_row; i++) {
        bool down = s->value[0][i] < 0.1 * s->mean[0];
        bool down_before = s->value[0][(i + 599) % 600] < 0.1 * s->mean[0];
        starts += down && !down_before;
        low += down;
        if (s->value[0][i] > 0.25 * s->mean[0]) {
            up[n_up++] = s->value[0][i];
        }
    }
    stats_log(up, n_up, &mean, &sd, &lag1);
    assert_near(s->mean[0], 588.6e6, 0.03, 0); /* .98 of the time 600, .02 of it 30 */
    assert_near(sd, 0.44, 0.1, 0);
    assert_near(lag1, 0.81, 0.1, 0);
    assert_near(starts, 6, 0, 1);
    assert_near(low, 12, 0, 4);
    arena_clear(&a);
}

static void the_wan_swings_slowly(void **state)
{
    (void)state;
    struct arena a = {0};
    const struct series *s = read_trace(&a, "traces/wan.csv", "throughput");
    double noise[600], mean, sd, lag1;
    assert_int_equal(s->n_row, 600);
    assert_near(s->span_s, 600, 0, 0);
    for (size_t i = 0; i < 600; i++) {
        noise[i] = s->value[0][i] / (1.5e9 * (1 + 0.25 * cos(2 * acos(-1) * ((double)i + 0.5) / 600)));
    }
    stats_log(noise, 600, &mean, &sd, &lag1);
    assert_near(s->mean[0], 1.5e9, 0.02, 0);
    assert_near(sd, 0.08, 0.1, 0);
    assert_near(lag1, 0.95, 0.03, 0);
    assert_near(stats_quantile(s, 0, 0.01), 1.1e9, 0.15, 0);
    assert_near(stats_quantile(s, 0, 0.99), 1.95e9, 0.15, 0);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_assistant_is_like_the_published_code_trace),
        cmocka_unit_test(the_uplink_is_like_a_published_5g_link),
        cmocka_unit_test(the_wan_swings_slowly),
    };
    return cmocka_run_group_tests_name("shipped traces", tests, NULL, NULL);
}
