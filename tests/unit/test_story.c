/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_story.c - --explain-job: what was asked about a job, what was offered and chosen, and where its time went, of a job
 * whose every step is known: 1 Mbit over 10 Mbit/s after 2 ms, 0.3 Gflop at 1 Gflop/s, nothing to send back but the 2 ms.
 */
#include "sim/experiment/story.h"

#include "sim/show/story.h"
#include "tests/replicate.h"

static const char text[] =
    "tiersim: 1\nname: story\n"
    "nodes:\n"
    "  device: {tier: end, attach: server, processors: {cpu: {speed: 0.1 GFLOP/s}}}\n"
    "  server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links: {wifi: {from: device, to: server, capacity: 10 Mbit/s, latency: 2 ms}}\n"
    "workloads: {frame: {at: device, arrivals: {periodic: {period: 10 s}}, input: 1 Mbit, work: 0.3 GFLOP,\n"
    "            deadline: 500 ms}}\n"
    "experiment: {policies: [local, nearest_edge], duration: 35 s}\n";

static const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};

static struct story tell(const struct scenario *s, uint32_t policy, uint64_t job)
{
    struct run_options o = RUN_OPTIONS_DEFAULT;
    struct story st;
    struct err e = {0};
    o.has_explain_job = true;
    o.explain_job = job;
    assert_int_equal(story_tell(&st, s, &set, policy, &o, &e), 0);
    return st;
}

static void where_the_time_went_at_the_server(void **state)
{
    struct scenario s;
    (void)state;
    scenario_of_text(&s, text, NULL);
    struct story st = tell(&s, 1, 2);
    assert_int_equal(st.n_question, 1);
    assert_near(st.question[0].now_s, 20, 0, 0);
    assert_int_equal(st.question[0].n_candidate, 2); /* itself and the server */
    assert_int_equal(st.question[0].verb, TS_PLACE);
    assert_int_equal(st.question[0].place, 1);
    assert_near(st.question[0].task.in_bits, 1e6, 0, 0);
    assert_int_equal(st.step[0].kind, TR_RELEASE);
    assert_int_equal(st.step[st.n_step - 1].kind, TR_END);
    assert_near(st.step[st.n_step - 1].time_s - 20, 0.002 + 0.1 + 0.3 + 0.002, 0, 1e-12);
    story_clear(&st);
    scenario_free(&s);
}

/* 0.3 Gflop at 0.1 Gflop/s take 3 s, six times the deadline. */
static void each_policy_has_a_story_of_its_own(void **state)
{
    struct scenario s;
    char *said = NULL;
    size_t n = 0;
    (void)state;
    scenario_of_text(&s, text, NULL);
    struct story st = tell(&s, 0, 2);
    FILE *out = open_memstream(&said, &n);
    story_print(out, &s, &st);
    fclose(out);
    assert_non_null(strstr(said, "Job 2 under local: frame number 2, released at 20.000000 s at device[0]"));
    assert_non_null(strstr(said, "At 20.000000 s local was asked because it arrived"));
    assert_non_null(strstr(said, "  > device.cpu "));
    assert_non_null(strstr(said, "It ended late at 23.000000 s, 3 s after its release; its deadline was at 20.500000 s."));
    free(said);
    story_clear(&st);
    scenario_free(&s);
}

/*
 * A job of 1 s each 100 ms at the first of two servers, whose controller may use that alone until the region, 10 ms away, which
 * looks each second, offers it the other: after 1 s.  So the job of 900 ms, which is there until the end, has that in its story,
 * and that of 1100 ms has not.
 */
static void settings_meanwhile_are_told(void **state)
{
    static const char two[] =
        "tiersim: 1\nname: settings\n"
        "nodes:\n"
        "  device: {tier: end, attach: server}\n"
        "  server: {tier: edge, count: 2, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
        "  region: {tier: cloud}\n"
        "links:\n"
        "  wifi: {from: device, to: server, per: server, capacity: 10 Mbit/s}\n"
        "  metro: {from: server, to: region, per: server, capacity: unlimited, latency: 10 ms}\n"
        "workloads: {frame: {at: device, arrivals: {periodic: {period: 100 ms, phase: sync}}, work: 1 GFLOP}}\n"
        "experiment: {policies: [mct: {at: server, over: {policy: two_level, period: 1 s, at: region}}], duration: 1.5 s}\n";
    static const struct {
        uint64_t job;
        bool meanwhile;
    } asked[] = {{9, true}, {11, false}};
    struct scenario s;
    (void)state;
    scenario_of_text(&s, two, NULL);
    for (size_t i = 0; i < LEN(asked); i++) {
        char *said = NULL;
        size_t n = 0;
        struct story st = tell(&s, 0, asked[i].job);
        for (uint32_t k = 0; k < st.n_setting; k++) {
            assert_true(st.setting[k].time_s >= st.step[0].time_s && st.setting[k].time_s <= st.step[st.n_step - 1].time_s);
        }
        FILE *out = open_memstream(&said, &n);
        story_print(out, &s, &st);
        fclose(out);
        const char *line = strstr(said, "  From 1.010000 s on, as was decided by the view of 1.000000 s, server[1] may be used.\n");
        assert_true((line != NULL) == asked[i].meanwhile);
        free(said);
        story_clear(&st);
    }
    scenario_free(&s);
}

static void a_job_that_is_not_there_is_an_error(void **state)
{
    struct scenario s;
    struct run_options o = RUN_OPTIONS_DEFAULT;
    struct story st;
    struct err e = {0};
    (void)state;
    scenario_of_text(&s, text, NULL);
    o.explain_job = 6;
    assert_int_equal(story_tell(&st, &s, &set, 0, &o, &e), -ERR_INPUT);
    assert_string_equal(e.text, "--explain-job 6: found only 4 jobs, wanted a number below that");
    story_clear(&st);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_the_time_went_at_the_server),
        cmocka_unit_test(each_policy_has_a_story_of_its_own),
        cmocka_unit_test(settings_meanwhile_are_told),
        cmocka_unit_test(a_job_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
