/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/tiersim.h>

#include "sim/cli/cli.h"
#include "sim/policy/trial.h"
#include "sim/show/policies.h"

struct policies_options {
    const char *name;
    bool markdown;
};

static const struct argp_option option[] = {
    {"markdown", 'm', NULL, 0, "a table of all, with what a decision of each costs on this machine", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct policies_options *o = state->input;
    if (key == 'm') {
        o->markdown = true;
        return 0;
    }
    if (key == ARGP_KEY_ARG && !o->name) {
        o->name = arg;
        return 0;
    }
    if (key == ARGP_KEY_ARG) {
        argp_error(state, "found %s, wanted one policy at most", arg);
    }
    return ARGP_ERR_UNKNOWN;
}

/* What the machine calls its processor. */
static void processor_name(char *name, size_t n)
{
    static const char key[] = "model name";
    char line[256];
    FILE *f = fopen("/proc/cpuinfo", "r");
    snprintf(name, n, "an unnamed processor");
    while (f && fgets(line, sizeof line, f)) {
        const char *colon = strncmp(line, key, sizeof key - 1) == 0 ? strstr(line, ": ") : NULL;
        if (colon) {
            snprintf(name, n, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (f) {
        fclose(f);
    }
}

static int print_page(const struct policy_set *set)
{
    const double for_s = 0.03;
    char processor[200];
    struct err e = {0};
    struct trial *trial = malloc(sizeof *trial);
    double *ns = calloc(set->n, sizeof *ns);
    if (!trial || !ns) {
        free(trial);
        free(ns);
        ERR_SET(&e, ERR_MEMORY, "out of memory for %zu policies", set->n);
        return cli_fail(&e);
    }
    trial_init(trial);
    for (size_t i = 0; i < set->n; i++) {
        ns[i] = trial_ns(trial, set->policy[i], for_s);
    }
    processor_name(processor, sizeof processor);
    printf("Measured by tiersim %s on one core of %s: ns for a task with 10 candidates.\n\n", TS_VERSION, processor);
    show_policy_page(stdout, set, ns);
    free(trial);
    free(ns);
    return 0;
}

int verb_policies(const struct cli *c, int argc, char **argv)
{
    struct policies_options o = {0};
    const struct argp argp = {.options = option,
                              .parser = parse,
                              .args_doc = "[NAME]",
                              .doc = "Lists the policies, or explains the one of that name."};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.markdown) {
        return print_page(c->policies);
    }
    if (!o.name) {
        show_policies(stdout, c->policies);
        return 0;
    }
    struct err e = {0};
    const struct ts_policy *p = policy_set_find(c->policies, o.name, NULL, 0, 0, &e);
    if (!p) {
        return cli_fail(&e);
    }
    show_policy(stdout, p);
    return 0;
}
