/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cli/cli.h"
#include "sim/experiment/train.h"
#include "sim/io/scenario_read.h"
#include "sim/show/progress.h"

struct train_arguments {
    struct train_options options;
    struct run_options run; /* duration and jobs of an episode */
    const char **file, **set; /* [argc], what was given so far */
    uint32_t n_file;
    size_t n_set;
    bool quiet;
};

enum { KEY_SEED = 's', KEY_DURATION = 256, KEY_JOBS, KEY_SET, KEY_RESUME, KEY_EVERY, KEY_BATCH, KEY_ONNX };

static const struct argp_option option[] = {
    {NULL, 0, NULL, 0, "What is learned:", 1},
    {"policy", 'p', "NAME", 0, "the learner, with the parameters that the scenario gives it", 1},
    {"episodes", 'n', "N", 0, "runs to learn from (default 100)", 1},
    {"batch", KEY_BATCH, "N", 0, "runs of a round, which learn side by side and are merged (default 8)", 1},
    {"seed", KEY_SEED, "N", 0, "of the episodes' draws (default: 1000 beyond the scenario's)", 1},
    {"duration", KEY_DURATION, "TIME", 0, "of an episode, such as 10s (default: as the scenario says)", 1},
    {"jobs", KEY_JOBS, "N", 0, "of an episode, instead of a time", 1},
    {"set", KEY_SET, "PATH=VALUE", 0, "change the scenario; may be given several times", 1},
    {NULL, 0, NULL, 0, "How it is judged:", 2},
    {"every", KEY_EVERY, "N", 0, "episodes between two points of the learning curve (default: a twentieth)", 2},
    {"replications", 'r', "N", 0, "runs for a point, on draws held back (default 10; 0: no curve)", 2},
    {NULL, 0, NULL, 0, "How, and what is kept:", 3},
    {"output", 'o', "FILE", 0, "table (default: results/SCENARIO_POLICY.h5)", 3},
    {"onnx", KEY_ONNX, "FILE", 0,
     "beside the table, what was learned as a neural network, for --policy onnx=FILE (of actor_critic)", 3},
    {"resume", KEY_RESUME, NULL, 0, "go on with a training that was stopped or killed", 3},
    {"threads", 't', "N", 0, "threads; the table does not depend on them (default: all processors)", 3},
    {"quiet", 'q', NULL, 0, "nothing but errors", 3},
    {0},
};

static error_t parse_learning(int key, struct train_arguments *a, char *arg, struct argp_state *state)
{
    struct train_options *o = &a->options;
    switch (key) {
    case 'p':
        o->policy = arg;
        return 0;
    case 'n':
        o->episodes = cli_whole(state, "--episodes", arg, 1, UINT32_MAX);
        return 0;
    case KEY_BATCH:
        o->batch = (uint32_t)cli_whole(state, "--batch", arg, 1, 4096);
        return 0;
    case KEY_SEED:
        o->seed = cli_whole(state, "--seed", arg, 0, UINT32_MAX);
        return 0;
    case KEY_DURATION:
        a->run.duration_s = cli_time(state, "--duration", arg, false);
        return 0;
    case KEY_JOBS:
        a->run.jobs = cli_whole(state, "--jobs", arg, 1, (uint64_t)1 << 48);
        return 0;
    case KEY_EVERY:
        o->every = cli_whole(state, "--every", arg, 1, UINT32_MAX);
        return 0;
    case 'r':
        o->replications = (uint32_t)cli_whole(state, "--replications", arg, 0, 100000);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct train_arguments *a = state->input;
    switch (key) {
    case KEY_SET:
        a->set[a->n_set++] = arg;
        return 0;
    case 'o':
        a->options.output = arg;
        return 0;
    case KEY_ONNX:
        a->options.onnx = arg;
        return 0;
    case KEY_RESUME:
        a->options.resume = true;
        return 0;
    case 't':
        a->options.threads = (uint32_t)cli_whole(state, "--threads", arg, 1, 4096);
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        a->file[a->n_file++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (a->n_file == 0 || !a->options.policy) {
            argp_error(state, "wanted a scenario file and --policy, such as: scenarios/factory.yaml --policy q_learning");
        }
        return 0;
    default:
        return parse_learning(key, a, arg, state);
    }
}

static void print_reward(const char *when, struct stats_interval x)
{
    printf("%s %.6g +- %.2g\n", when, x.estimate, x.half_width);
}

static void print_outcome(const struct train_options *o, const struct train_outcome *out)
{
    printf("wrote %s%s%s: %" PRIu64 " episodes in %.1f s", o->output, o->onnx ? " and " : "", o->onnx ? o->onnx : "",
           out->episodes, out->wall_s);
    if (out->learn_s > 0) {
        printf(", %.3g M decisions, %.3g M/s", (double)out->decisions / 1e6, (double)out->decisions / out->learn_s / 1e6);
    }
    putchar('\n');
    if (out->last.n > 0) {
        print_reward("reward of a job on draws held back, at the first point of the curve", out->first);
        print_reward("                                             and at the last", out->last);
    }
}

static int train_and_show(const struct cli *c, struct scenario *s, struct train_arguments *a)
{
    struct err e = {0};
    struct runner_progress progress = {0};
    struct train_outcome out;
    char path[4096];
    if (a->options.seed == UINT64_MAX) {
        a->options.seed = (s[0].experiment.seed + 1000) & UINT32_MAX;
    }
    if (!a->options.output) {
        mkdir("results", 0777);
        snprintf(path, sizeof path, "results/%s_%s.h5", s[0].name, a->options.policy);
        a->options.output = path;
    }
    struct progress *line = progress_start(&progress, stderr, a->quiet);
    int rc = train(s, a->n_file, c->policies, &a->options, &progress, &out, &e);
    progress_stop(line);
    if (rc < 0) {
        return cli_fail(&e);
    }
    if (!a->quiet) {
        print_outcome(&a->options, &out);
    }
    if (out.stopped) {
        fprintf(stderr, "tiersim: stopped after %" PRIu64 " of %" PRIu64 " episodes; --resume goes on with %s\n", out.episodes,
                a->options.episodes, a->options.output);
    }
    return out.stopped;
}

static int open_scenario(const struct cli *c, const struct train_arguments *a, const char *file, struct scenario *s)
{
    struct yaml tree = {0};
    struct errors errors = {0};
    struct err e = {0};
    const struct scenario_source from = {
        .path = file, .set = a->set, .n_set = a->n_set, .policies = c->policies, .without_tables = true};
    int rc = scenario_open(s, &tree, &from, &errors);
    yaml_clear(&tree);
    if (rc < 0) {
        return cli_fail_input(&errors);
    }
    errors_clear(&errors);
    return run_options_apply(&a->run, s, &e) < 0 ? cli_fail(&e) : 0;
}

int verb_train(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .options = option,
        .parser = parse,
        .args_doc = "FILE...",
        .doc = "Lets a policy learn from runs of the scenarios, in turn, and writes what it learned: a table that a run takes with "
               "`--policy NAME=TABLE`, or in a scenario with `policies: [{NAME: {table: TABLE, learning: frozen}}]`.\v"
               "`tiersim plot learning TABLE` draws the learning curve."};
    struct train_arguments a = {.options = {.episodes = 100, .batch = 8, .replications = 10, .seed = UINT64_MAX,
                                            .command_line = c->line},
                                .run = RUN_OPTIONS_DEFAULT};
    a.file = calloc((size_t)argc + 1, sizeof *a.file);
    a.set = calloc((size_t)argc + 1, sizeof *a.set);
    struct scenario *s = NULL;
    int status = 1;
    uint32_t n = 0;
    if (a.file && a.set) {
        argp_parse(&argp, argc, argv, 0, NULL, &a);
        s = calloc(a.n_file + 1u, sizeof *s);
        status = s ? 0 : 1;
    }
    if (status) {
        fprintf(stderr, "tiersim: no memory\n");
    }
    for (; status == 0 && n < a.n_file; n++) {
        status = open_scenario(c, &a, a.file[n], &s[n]);
    }
    status = status ? status : train_and_show(c, s, &a);
    for (uint32_t i = 0; s && i < n; i++) {
        scenario_free(&s[i]);
    }
    free(s);
    free(a.file);
    free(a.set);
    return status;
}
