/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/io/scenario_schema.h"

int verb_schema(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .doc = "Prints the JSON Schema of scenarios, by which editors complete and check them. An editor that has the "
               "language server of YAML finds it by a first line such as\n"
               "# yaml-language-server: $schema=scenario.schema.json"};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    if (scenario_schema(c->policies, stdout) != 0) {
        struct err e = {0};
        ERR_SET(&e, ERR_MEMORY, "the schema could not be made");
        return cli_fail(&e);
    }
    return 0;
}
