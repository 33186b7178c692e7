/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server that is asked as a language model may be hostile, slow or gone: every job is decided all the same, by the
 * fallback, and counted; what it said is recorded, and a run is repeated from that without it.  Nothing that is secret gets
 * into a file.
 */
#include "tests/fake_llm.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include "policies/builtin.h"
#include "sim/experiment/verify.h"
#include "sim/io/results.h"
#include "sim/io/scenario_read.h"
#include "sim/io/text/text.h"
#include "tests/folder.h"

static const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};
static const char secret[] = "sk-sesame-0123456789";

static struct fake_llm server;

/* Three devices, a server each way: every job has three candidates.  `more` are keys of the model, then come the policies. */
static const char *scenario_of_policies(const char *backend, const char *more, const char *policies)
{
    static char text[4096];
    snprintf(text, sizeof text,
             "tiersim: 1\nname: asked\n"
             "nodes:\n"
             "  device: {tier: end, count: 3, attach: edge, processors: {cpu: {speed: 1 GFLOP/s}}, power: {idle: 1 W, busy: 3 W}}\n"
             "  edge: {tier: edge, processors: {cpu: {cores: 2, speed: 4 GFLOP/s}}, power: {idle: 5 W, busy: 20 W}}\n"
             "  cloud: {tier: cloud, processors: {cpu: {cores: 8, speed: 8 GFLOP/s}}, power: {idle: 5 W, busy: 90 W}}\n"
             "links:\n"
             "  wifi: {from: device, to: edge, per: edge, capacity: 10 Mbit/s}\n"
             "  wan: {from: edge, to: cloud, capacity: 50 Mbit/s, latency: 20 ms}\n"
             "workloads:\n"
             "  frame: {at: device, arrivals: {poisson: {rate: 2 /s}},\n"
             "          input: {exponential: {mean: 10 kB}}, work: {exponential: {mean: 0.1 GFLOP}},\n"
             "          deadline: 2 s}\n"
             "language_models:\n"
             "  far: {backend: %s, url: 'http://127.0.0.1:%u/v1/chat/completions', model: test-model, key_from: TIERSIM_TEST_KEY,\n"
             "        recording: said.jsonl, timeout: 0.2 s, tries: 3, back_off: 1 ms, answer: 20 kB%s}\n"
             "experiment: {policies: [%s], replications: 2, seed: 3, duration: 3 s, drain: 5 s}\n",
             backend, server.port, more, policies);
    return text;
}

/* The policy llm with these parameters, beside mct. */
static const char *scenario_of(const char *backend, const char *more, const char *policy)
{
    char policies[256];
    snprintf(policies, sizeof policies, "mct, llm: {%s}", policy);
    return scenario_of_policies(backend, more, policies);
}

/* mct under two_level, and under llm, for which two_level stands in. */
static const char *scenario_of_two_levels(const char *backend, const char *more)
{
    return scenario_of_policies(backend, more,
                                "mct: {at: edge, over: {policy: two_level, period: 1 s}}, mct: {label: llm, at: edge, over: "
                                "{policy: {llm: {use: settings, fallback: two_level}}, period: 1 s}}");
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(in_folder(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Run the scenario into a file of that name; *e says why not. */
static int try_run(const char *name, const char *scenario, struct err *e)
{
    struct scenario s;
    struct yaml tree = {0};
    struct errors errors = {0};
    struct runner_outcome out;
    struct run_options o = RUN_OPTIONS_DEFAULT;
    char path[256];
    snprintf(path, sizeof path, "%s", in_folder(name));
    put("asked.yaml", scenario);
    o.output = path;
    o.threads = 2;
    /* With the policies, as the command line reads it: the slow one's clock then has the period that is written. */
    const struct scenario_source source = {.path = in_folder("asked.yaml"), .policies = &set};
    if (scenario_open(&s, &tree, &source, &errors) < 0) {
        errors_print(&errors, stdout);
        fail();
    }
    yaml_clear(&tree);
    int rc = run_options_apply(&o, &s, e);
    rc = rc ? rc : experiment_run(&s, &set, &o, NULL, &out, e);
    scenario_free(&s);
    return rc;
}

static struct result run(const char *name, const char *scenario)
{
    struct err e = {0};
    struct result r = {0};
    if (try_run(name, scenario, &e) < 0 || result_read(&r, in_folder(name), &e) < 0) {
        fail_msg("%s", e.text);
    }
    return r;
}

/* Of the policy llm, over both replications. */
static struct text_counts counts(const struct result *r)
{
    struct text_counts sum = {0};
    for (uint32_t k = 0; k < r->n_replication; k++) {
        const struct text_counts *c = r->record[r->n_replication + k].asked;
        assert_non_null(c);
        sum.n_asked += c->n_asked;
        sum.think_s += c->think_s;
        for (unsigned i = 0; i < TS_N_SAYING; i++) {
            sum.n_came[i] += c->n_came[i];
        }
    }
    return sum;
}

static bool holds(const char *name, const char *what)
{
    struct stat st;
    FILE *f = fopen(in_folder(name), "r");
    assert_true(f && fstat(fileno(f), &st) == 0);
    char *bytes = malloc((size_t)st.st_size + 1);
    assert_true(bytes && fread(bytes, 1, (size_t)st.st_size, f) == (size_t)st.st_size);
    fclose(f);
    bool found = memmem(bytes, (size_t)st.st_size, what, strlen(what)) != NULL;
    free(bytes);
    return found;
}

static int setup(void **state)
{
    (void)state;
    return mkdtemp(folder) && setenv("TIERSIM_TEST_KEY", secret, 1) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    char command[300];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* Whatever comes, all are decided: by the model or by mct; and the memory that it takes is bounded. */
static const struct hostile {
    enum fake how;
    enum ts_saying want;
    const char *name;
} hostile[] = {
    {FAKE_SILENT, TS_S_LATE, "never answers"},
    {FAKE_SLOW, TS_S_LATE, "answers a byte at a time"},
    {FAKE_CUT, TS_S_UNREACHED, "cuts off"},
    {FAKE_NO_JSON, TS_S_MALFORMED, "sends a page"},
    {FAKE_NO_CHAT, TS_S_MALFORMED, "sends other JSON"},
    {FAKE_NO_ANSWER, TS_S_MALFORMED, "talks"},
    {FAKE_WRONG, TS_S_INVALID, "has another schema"},
    {FAKE_OUT_OF_RANGE, TS_S_INVALID, "is out of range"},
    {FAKE_HUGE, TS_S_LONG, "sends 100 MB"},
    {FAKE_HUGE_SAID, TS_S_LONG, "announces 100 MB"},
    {FAKE_DEEP, TS_S_LONG, "nests without end"},
    {FAKE_BROKEN, TS_S_REFUSED, "is broken"},
    {FAKE_REDIRECT, TS_S_REFUSED, "points elsewhere"},
};

static void a_hostile_server_only_costs_time(void **state)
{
    const struct hostile *h = *state;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    fake_start(&server, h->how);
    struct result r = run("hostile.h5", scenario_of("http", "", "use: weights, period: 1 s"));
    fake_end(&server);
    getrusage(RUSAGE_SELF, &after);
    struct text_counts c = counts(&r);
    assert_true(c.n_asked > 0);
    assert_int_equal(c.n_came[h->want], c.n_asked);
    for (uint32_t k = 0; k < 4; k++) { /* as mct, whose every job has a result */
        assert_near(r.record[k].metric[M_FINISHED_RATIO], 1, 0, 0);
    }
    assert_true(r.record[0].digest == r.record[2].digest); /* fallback: mct */
    assert_string_equal(r.answered_by[1], h->want == TS_S_INVALID || h->how == FAKE_NO_ANSWER ? "fake-1" : "");
    assert_true(after.ru_maxrss - before.ru_maxrss < 64 << 10); /* kB */
    result_free(&r);
}

/* Nobody waits for settings, so what two_level sets instead is only later. */
static void a_hostile_server_sets_nothing(void **state)
{
    const struct hostile *h = *state;
    fake_start(&server, h->how);
    struct result r = run("hostile.h5", scenario_of_two_levels("http", ""));
    fake_end(&server);
    struct text_counts c = counts(&r);
    assert_true(c.n_asked > 0);
    assert_int_equal(c.n_came[h->want], c.n_asked);
    for (uint32_t k = 0; k < 2; k++) {
        assert_near(r.record[2 + k].metric[M_SETTINGS], r.record[k].metric[M_SETTINGS], 0, 0);
        assert_near(r.record[2 + k].metric[M_FINISHED_RATIO], 1, 0, 0);
    }
    result_free(&r);
}

static void a_busy_server_is_asked_again(void **state)
{
    (void)state;
    fake_start(&server, FAKE_BUSY_TWICE);
    struct result r = run("busy.h5", scenario_of("http", "", "use: weights, period: 1 s"));
    int n_asked = server.n_asked, n_authorized = server.n_authorized;
    fake_end(&server);
    struct text_counts c = counts(&r);
    assert_int_equal(c.n_came[TS_S_FINE], c.n_asked);
    assert_int_equal(n_asked, r.n_told + 2);
    assert_int_equal(n_authorized, n_asked); /* each with the key */
    assert_string_equal(r.answered_by[1], "fake-1");
    result_free(&r);
}

static void nobody_there_is_no_error(void **state)
{
    (void)state;
    fake_start(&server, FAKE_GOOD);
    fake_end(&server); /* its port is closed now */
    struct result r = run("gone.h5", scenario_of("http", "", "use: score"));
    struct text_counts c = counts(&r);
    assert_true(c.n_asked > 20);
    assert_int_equal(c.n_came[TS_S_UNREACHED], c.n_asked);
    result_free(&r);
}

/* The fake rates p0 highest, the place that is offered first and that mct would take. */
static void what_was_recorded_is_replayed_and_verified_without_the_server(void **state)
{
    (void)state;
    struct err e = {0};
    struct verify_outcome out;
    fake_start(&server, FAKE_GOOD);
    struct result first = run("first.h5", scenario_of("record", ", time: measured", "use: score"));
    int n_asked = server.n_asked;
    assert_int_equal(counts(&first).n_came[TS_S_FINE], counts(&first).n_asked);
    assert_int_equal(n_asked, first.n_told); /* each request once */
    struct result again = run("again.h5", scenario_of("record", ", time: measured", "use: score"));
    assert_int_equal(server.n_asked, n_asked); /* all were there */
    fake_end(&server);
    struct result replayed = run("replayed.h5", scenario_of("replay", "", "use: score"));
    assert_true(first.n_told > 20);
    for (uint32_t k = 0; k < 4; k++) {
        assert_true(first.record[k].digest == again.record[k].digest);
        assert_true(first.record[k].digest == replayed.record[k].digest);
    }
    assert_near(counts(&first).think_s, counts(&replayed).think_s, 0, 0);
    const char *file[] = {"first.h5", "replayed.h5"};
    for (size_t i = 0; i < LEN(file); i++) {
        if (verify_file(in_folder(file[i]), &set, &(struct verify_options){0}, NULL, &out, &e) < 0) {
            fail_msg("%s", e.text);
        }
        assert_string_equal(out.difference, "");
        assert_int_equal(out.n_replayed, first.n_told);
        if (verify_file(in_folder(file[i]), &set, &(struct verify_options){.sample = 1}, NULL, &out, &e) < 0) {
            fail_msg("%s", e.text);
        }
        assert_string_equal(out.difference, "");
    }
    result_free(&first);
    result_free(&again);
    result_free(&replayed);
}

/* The fake lets the controller admit half of its jobs, from when that has come on. */
static void settings_are_recorded_replayed_and_verified(void **state)
{
    (void)state;
    struct err e = {0};
    struct verify_outcome out;
    unlink(in_folder("said.jsonl"));
    fake_start(&server, FAKE_GOOD);
    struct result first = run("first.h5", scenario_of_two_levels("record", ", time: measured"));
    fake_end(&server);
    struct result replayed = run("replayed.h5", scenario_of_two_levels("replay", ", time: measured"));
    assert_int_equal(counts(&first).n_came[TS_S_FINE], counts(&first).n_asked);
    assert_true(first.n_told > 0);
    for (uint32_t k = 2; k < 4; k++) {
        assert_true(first.record[k].digest == replayed.record[k].digest);
        assert_near(first.record[k].metric[M_SETTINGS], 1, 0, 0);
        assert_near(first.record[k].metric[M_REJECT_RATIO], .5, 0, .4); /* of some 18 jobs: 3 standard errors of .12 */
    }
    if (verify_file(in_folder("first.h5"), &set, &(struct verify_options){0}, NULL, &out, &e) < 0) {
        fail_msg("%s", e.text);
    }
    assert_string_equal(out.difference, "");
    assert_int_equal(out.n_replayed, first.n_told);
    result_free(&first);
    result_free(&replayed);
    unlink(in_folder("said.jsonl"));
}

static void another_scenario_is_not_in_the_recording(void **state)
{
    (void)state;
    struct err e = {0};
    const char *scenario = scenario_of("replay", ", tokens: 17", "use: score"); /* another request */
    assert_int_equal(try_run("other.h5", scenario, &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "said.jsonl: has no answer of the language model far to the request with SHA-256 "));
}

static void a_recording_that_is_none_is_refused(void **state)
{
    (void)state;
    struct err e = {0};
    put("said.jsonl", "{\"sha256\": \"12\", \"status\": 0}\n");
    assert_int_equal(try_run("other.h5", scenario_of("replay", "", "use: score"), &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "found what is no answer of a language model"));
    assert_int_equal(e.line, 1);
}

/* Neither key nor prompt stands in a file, whatever the server sends back; prompts do on request. */
static void nothing_secret_gets_into_a_file(void **state)
{
    (void)state;
    unlink(in_folder("said.jsonl"));
    for (int keep = 0; keep < 2; keep++) {
        fake_start(&server, keep ? FAKE_GOOD : FAKE_TELLS);
        struct result r = run("told.h5", scenario_of("record", keep ? ", keep: prompts" : "", "use: score"));
        fake_end(&server);
        assert_false(holds("told.h5", secret));
        assert_false(holds("said.jsonl", secret));
        assert_int_equal(holds("said.jsonl", "Rate every place"), keep);
        bool in_result = false;
        for (uint64_t i = 0; i < r.n_told; i++) {
            assert_null(strstr(r.told[i].by, "sesame"));
            in_result |= strstr(r.told[i].prompt, "Rate every place") != NULL;
        }
        assert_int_equal(in_result, keep);
        assert_true(keep || !holds("told.h5", "Rate every place"));
        result_free(&r);
        unlink(in_folder("said.jsonl"));
    }
}

static void a_missing_key_is_told_before_anything_is_run(void **state)
{
    (void)state;
    struct err e = {0};
    unsetenv("TIERSIM_TEST_KEY");
    assert_int_equal(try_run("no_key.h5", scenario_of("http", "", "use: score"), &e), -ERR_INPUT);
    assert_string_equal(e.text, "language_models.far.key_from: the environment variable TIERSIM_TEST_KEY holds no key");
    setenv("TIERSIM_TEST_KEY", secret, 1);
}

static void a_template_that_names_no_blank_is_told(void **state)
{
    (void)state;
    struct err e = {0};
    put("score.txt", "Rate\n {{places}} for {{jobb}}\n");
    const char *scenario = scenario_of("rules", ", prompts: {score: score.txt}", "use: score");
    assert_int_equal(try_run("other.h5", scenario, &e), -ERR_INPUT);
    assert_string_equal(e.text, "found {{jobb}}, wanted one of {{job}}, {{places}}, {{example}}");
    assert_int_equal(e.line, 2);
    assert_int_equal(e.column, 17);
}

int main(void)
{
    struct CMUnitTest tests[2 * LEN(hostile) + 9];
    char name[LEN(hostile)][80];
    size_t n = 0;
    for (size_t k = 0; k < LEN(hostile); k++) {
        void *row = (void *)(uintptr_t)&hostile[k];
        snprintf(name[k], sizeof name[k], "%s, and is over others", hostile[k].name);
        tests[n++] = (struct CMUnitTest){hostile[k].name, a_hostile_server_only_costs_time, NULL, NULL, row};
        tests[n++] = (struct CMUnitTest){name[k], a_hostile_server_sets_nothing, NULL, NULL, row};
    }
    const struct CMUnitTest more[] = {
        cmocka_unit_test(a_busy_server_is_asked_again),
        cmocka_unit_test(nobody_there_is_no_error),
        cmocka_unit_test(what_was_recorded_is_replayed_and_verified_without_the_server),
        cmocka_unit_test(another_scenario_is_not_in_the_recording),
        cmocka_unit_test(a_recording_that_is_none_is_refused),
        cmocka_unit_test(nothing_secret_gets_into_a_file),
        cmocka_unit_test(settings_are_recorded_replayed_and_verified),
        cmocka_unit_test(a_missing_key_is_told_before_anything_is_run),
        cmocka_unit_test(a_template_that_names_no_blank_is_told),
    };
    memcpy(tests + n, more, sizeof more);
    return cmocka_run_group_tests_name("language_models", tests, setup, teardown);
}
