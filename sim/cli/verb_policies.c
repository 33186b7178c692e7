/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/show/policies.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **name = state->input;
    if (key == ARGP_KEY_ARG && !*name) {
        *name = arg;
        return 0;
    }
    if (key == ARGP_KEY_ARG) {
        argp_error(state, "found %s, wanted one policy at most", arg);
    }
    return ARGP_ERR_UNKNOWN;
}

int verb_policies(const struct cli *c, int argc, char **argv)
{
    const char *name = NULL;
    const struct argp argp = {
        .parser = parse, .args_doc = "[NAME]", .doc = "Lists the policies, or explains the one of that name."};
    argp_parse(&argp, argc, argv, 0, NULL, &name);
    if (!name) {
        show_policies(stdout, c->policies);
        return 0;
    }
    struct err e = {0};
    const struct ts_policy *p = policy_set_find(c->policies, name, NULL, 0, 0, &e);
    if (!p) {
        return cli_fail(&e);
    }
    show_policy(stdout, p);
    return 0;
}
