/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies/builtin.h"
#include "sim/cli/cli.h"
#include "sim/cli/plugin_options.h"
#include "sim/io/provenance.h"
#include "sim/run/guard.h"

static const struct verb verb_table[] = {
    {"run", "simulate a scenario and write its results", verb_run},
    {"init", "write a first scenario, to be changed", verb_init},
    {"list", "list the scenarios, or the devices, that come with the program", verb_list},
    {"check", "say whether scenarios are right, and what is probably not meant", verb_check},
    {"explain", "print a scenario as it is understood: values, where they come from, loads", verb_explain},
    {"plot", "draw a figure from a result file", verb_plot},
    {"export", "turn a result file into CSV", verb_export},
    {"verify", "run a result file again and compare bit by bit", verb_verify},
    {"info", "print the tables of a result file, and where it comes from", verb_info},
    {"import", "turn published traces, graphs of tasks and tables of devices into what scenarios use", verb_import},
    {"fit", "estimate generators of arrivals, sizes and links from a trace", verb_fit},
    {"profile", "print the layers of an ONNX model: what they compute, move and hold, and where it may be cut", verb_profile},
    {"calibrate", "measure what operators of neural networks take on this machine", verb_calibrate},
    {"train", "let a policy learn from runs of a scenario", verb_train},
    {"policies", "list the policies, or explain one", verb_policies},
    {"new-policy", "write a policy of your own to start from, with its test", verb_new_policy},
    {"schema", "print the JSON Schema of scenarios, for editors", verb_schema},
};

enum { N_VERB = sizeof verb_table / sizeof verb_table[0] };

static void print_help(FILE *out)
{
    fprintf(out, "Usage: tiersim VERB [OPTION...] [FILE...]\n"
                 "Simulates scheduling across cloud, edge and end devices.\n\n");
    for (int v = 0; v < N_VERB; v++) {
        fprintf(out, "  %-10s %s\n", verb_table[v].name, verb_table[v].about);
    }
    fprintf(out, "\nBefore its own options a verb takes --plugin FILE.so: policies of your own, then known by name.\n"
                 "`tiersim VERB --help` explains a verb; `tiersim --version` says which program this is.\n"
                 "Exit status: 0 fine, 1 the world failed, 2 the input is wrong, 3 an audit or a check failed.\n");
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    const struct policy_set builtin = {.policy = builtin_policy, .n = N_BUILTIN_POLICY};
    struct plugins plugins = {0};
    struct err e = {0};
    char *line = cli_command_line(argc, argv);
    const struct cli c = {.policies = &plugins.set, .line = line};
    if (!line) {
        ERR_SET(&e, ERR_MEMORY, "out of memory");
    }
    int rc = !line || plugins_init(&plugins, &builtin, &e) || plugin_options_take(&plugins, &argc, argv, &e);
    int status = rc ? cli_fail(&e) : verb->run(&c, argc, argv);
    plugins_clear(&plugins);
    free(line);
    return status;
}

/* The writer of results has a heap of its own, which grows by a page and a system call at a time (hundreds of them) unless it
 * begins large.  Pages that are never touched cost nothing. */
enum { HEAP_BEGINS = 4 << 20 };

int main(int argc, char **argv)
{
    mallopt(M_TOP_PAD, HEAP_BEGINS);
    argp_err_exit_status = 2;
    guard_install();
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "-?") == 0) {
        print_help(stdout);
        return cli_flush();
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("%s\n", provenance_program());
        return cli_flush();
    }
    for (int v = 0; v < N_VERB; v++) {
        if (strcmp(argv[1], verb_table[v].name) == 0) {
            char name[64];
            snprintf(name, sizeof name, "tiersim %s", verb_table[v].name);
            argv[1] = name;
            int status = run_verb(&verb_table[v], argc - 1, argv + 1);
            int flushed = cli_flush();
            return status ? status : flushed;
        }
    }
    fprintf(stderr, "tiersim: there is no verb %s; `tiersim --help` lists them\n", argv[1]);
    return 2;
}
