/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/experiment/pilot.h"
#include "sim/experiment/runner.h"
#include "sim/experiment/story.h"
#include "sim/experiment/think.h"
#include "sim/io/scenario_read.h"
#include "sim/show/progress.h"
#include "sim/show/story.h"
#include "sim/show/summary.h"

struct run_arguments {
    struct run_options options;
    const char *file;
    const char **policy, **set; /* [argc], what was given so far */
    size_t n_set;
};

enum {
    KEY_DURATION = 256, KEY_JOBS, KEY_SET, KEY_TASKS, KEY_QUICK, KEY_JSON, KEY_TIE_SEED, KEY_EXPLAIN,
    KEY_LOG, KEY_RESUME, KEY_BOUNDS, KEY_CALL_LIMIT,
};

static const struct argp_option option[] = {
    {NULL, 0, NULL, 0, "What is run:", 1},
    {"policy", 'p', "NAME[=TABLE]", 0,
     "run this policy instead of the scenario's, with what it learned in TABLE; may be given several times", 1},
    {"replications", 'r', "N", 0, "independent runs of each policy", 1},
    {"duration", KEY_DURATION, "TIME", 0, "measured time, such as 10s", 1},
    {"jobs", KEY_JOBS, "N", 0, "measure N jobs instead of a time", 1},
    {"seed", 's', "N", 0, "seed of all random draws", 1},
    {"set", KEY_SET, "PATH=VALUE", 0,
     "change the scenario, such as nodes.edge.count=16 or language_models.small.url=URL; may be given several times", 1},
    {"bounds", KEY_BOUNDS, NULL, 0, "find what no policy can beat, and show what each is above it", 1},
    {"quick", KEY_QUICK, NULL, 0, "a look, not a measurement: two replications, a tenth of the time", 1},
    {"tie-seed", KEY_TIE_SEED, "N", 0, "shuffle what happens at the very same instant", 1},
    {NULL, 0, NULL, 0, "How, and what is kept:", 2},
    {"threads", 't', "N", 0, "threads; results do not depend on them (default: all processors)", 2},
    {"output", 'o', "FILE", 0, "result file (default: results/NAME.h5)", 2},
    {"resume", KEY_RESUME, NULL, 0, "go on with a run that was stopped or killed, from what FILE has of it", 2},
    {"call-limit", KEY_CALL_LIMIT, "TIME", 0,
     "processor time that one call of a policy may take (default: 10s; 0s: any)", 2},
    {"tasks", KEY_TASKS, NULL, 0, "keep a row per job in the file", 2},
    {"log", KEY_LOG, "FILE", 0, "write every event of the runs as CSV", 2},
    {NULL, 0, NULL, 0, "What is printed:", 3},
    {"quiet", 'q', NULL, 0, "nothing but errors", 3},
    {"json", KEY_JSON, NULL, 0, "the tables as JSON, in SI units", 3},
    {"explain-job", KEY_EXPLAIN, "N", 0,
     "run one replication of each policy and tell the story of its N-th job, from 0; writes no file", 3},
    {0},
};

static error_t parse_printed(int key, struct run_options *o, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'q':
        o->quiet = true;
        return 0;
    case KEY_JSON:
        o->json = true;
        return 0;
    case KEY_EXPLAIN:
        o->has_explain_job = true;
        o->explain_job = cli_whole(state, "--explain-job", arg, 0, UINT64_MAX - 1);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, struct run_options *o, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'r':
        o->replications = (uint32_t)cli_whole(state, "--replications", arg, 1, 1000000);
        return 0;
    case KEY_DURATION:
        o->duration_s = cli_time(state, "--duration", arg, false);
        return 0;
    case KEY_JOBS:
        o->jobs = cli_whole(state, "--jobs", arg, 1, (uint64_t)1 << 48);
        return 0;
    case 's':
        o->has_seed = true;
        o->seed = cli_whole(state, "--seed", arg, 0, UINT32_MAX);
        return 0;
    case KEY_TIE_SEED:
        o->has_tie_seed = true;
        o->tie_seed = cli_whole(state, "--tie-seed", arg, 0, UINT64_MAX);
        return 0;
    case 't':
        o->threads = (uint32_t)cli_whole(state, "--threads", arg, 1, 4096);
        return 0;
    case 'o':
        o->output = arg;
        return 0;
    case KEY_RESUME:
        o->resume = true;
        return 0;
    case KEY_TASKS:
        o->tasks = true;
        return 0;
    case KEY_QUICK:
        o->quick = true;
        return 0;
    case KEY_CALL_LIMIT:
        o->call_limit_s = cli_time(state, "--call-limit", arg, true);
        return 0;
    case KEY_LOG:
        o->log = arg;
        return 0;
    default:
        return parse_printed(key, o, arg, state);
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct run_arguments *a = state->input;
    switch (key) {
    case 'p':
        a->policy[a->options.n_policy++] = arg;
        return 0;
    case KEY_SET:
        a->set[a->n_set++] = arg;
        return 0;
    case KEY_BOUNDS: /* an assignment, so that the result file says it */
        a->set[a->n_set++] = "experiment.bounds=true";
        return 0;
    case ARGP_KEY_ARG:
        if (a->file) {
            argp_error(state, "found a second scenario %s, wanted one", arg);
        }
        a->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->file) {
            argp_error(state, "wanted a scenario file such as scenarios/factory.yaml");
        }
        return 0;
    default:
        return parse_option(key, &a->options, arg, state);
    }
}

/* The story of a job under each policy that is to be run. */
static int tell_stories(const struct cli *c, const struct scenario *s, const struct run_options *o, struct err *e)
{
    int rc = 0;
    for (uint32_t p = 0; p < s->experiment.n_policy && rc == 0; p++) {
        struct story st = {0};
        rc = story_tell(&st, s, c->policies, p, o, e);
        if (rc == 0) {
            printf("%s", p > 0 ? "\n" : "");
            story_print(stdout, s, &st);
        }
        story_clear(&st);
    }
    return rc;
}

static void print_outcome(const struct runner_outcome *out, const struct run_options *o)
{
    if (!o->quiet && !o->json) {
        printf("\nwrote %s in %.1f s: %.3g M jobs, %.3g M/s\n", out->path, out->wall_s, (double)out->n_job / 1e6,
               out->wall_s > 0 ? (double)out->n_job / out->wall_s / 1e6 : 0);
    }
    if (out->n_missing > 0) {
        fprintf(stderr, "tiersim: stopped: %u replications are missing in %s; --resume goes on with it\n",
                out->n_missing, out->path);
    }
    if (out->n_broken > 0) {
        fprintf(stderr, "tiersim: the audit failed in %u replications: %s\n", out->n_broken, out->broken);
    }
}

static int run_and_show(const struct cli *c, struct scenario *s, const struct run_options *o)
{
    struct err e = {0};
    struct runner_progress progress = {0};
    struct runner_outcome out = {0};
    struct progress *line = progress_start(&progress, stderr, o->quiet);
    int rc = think_measure(s, c->policies, &e);
    rc = rc ? rc : pilot_find_warm_up(s, c->policies, o, &progress, &e);
    rc = rc ? rc : experiment_run(s, c->policies, o, &progress, &out, &e);
    progress_stop(line);
    if (rc < 0) {
        return cli_fail(&e);
    }
    struct result r = {0};
    if (!o->quiet || o->json) {
        rc = result_read(&r, out.path, &e);
        if (rc == 0 && o->json) {
            rc = summary_json(&r, stdout, &e);
        } else if (rc == 0) {
            summary_print(&r, stdout, paper_of(stdout));
        }
        result_free(&r);
    }
    print_outcome(&out, o);
    return rc < 0 ? cli_fail(&e) : out.n_broken > 0 ? 3 : out.n_missing > 0 ? 1 : 0;
}

static int load_and_run(const struct cli *c, const struct run_arguments *a)
{
    struct scenario s = {0};
    struct yaml tree = {0};
    struct errors errors = {0};
    const struct scenario_source from = {.path = a->file, .set = a->set, .n_set = a->n_set, .policies = c->policies};
    int rc = scenario_open(&s, &tree, &from, &errors);
    yaml_clear(&tree);
    if (rc < 0) {
        return cli_fail_input(&errors);
    }
    errors_clear(&errors);
    struct err e = {0};
    int status;
    if (run_options_apply(&a->options, &s, &e) < 0) {
        status = cli_fail(&e);
    } else if (a->options.has_explain_job) {
        status = tell_stories(c, &s, &a->options, &e) < 0 ? cli_fail(&e) : 0;
    } else {
        status = run_and_show(c, &s, &a->options);
    }
    scenario_free(&s);
    return status;
}

int verb_run(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .options = option,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Simulates the scenario FILE under its policies, prints a table and writes a result file."};
    struct run_arguments a = {.options = RUN_OPTIONS_DEFAULT};
    a.policy = calloc((size_t)argc + 1, sizeof *a.policy);
    a.set = calloc((size_t)argc + 1, sizeof *a.set);
    int status = 1;
    if (a.policy && a.set) {
        argp_parse(&argp, argc, argv, 0, NULL, &a);
        a.options.policy = a.policy;
        a.options.command_line = c->line;
        status = load_and_run(c, &a);
    } else {
        fprintf(stderr, "tiersim: no memory\n");
    }
    free(a.policy);
    free(a.set);
    return status;
}
