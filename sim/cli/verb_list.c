/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/io/yaml.h"

enum { ABOUT_ROOM = 512 };

static int is_yaml(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

/* What the file says of itself, into about[ABOUT_ROOM]. */
static void read_about(const char *path, char *about)
{
    struct yaml y = {0};
    struct errors errors = {0};
    const struct yaml_node *line = NULL;
    if (yaml_read_file(&y, path, &errors) == 0) {
        line = yaml_get(y.root, "about");
    }
    snprintf(about, ABOUT_ROOM, "%s", line && line->kind == YAML_SCALAR ? line->text : "");
    errors_clear(&errors);
    yaml_clear(&y);
}

int verb_list(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {.doc = "Lists the scenarios that come with the program, with a line each."};
    char folder[PATH_MAX], about[ABOUT_ROOM];
    struct dirent **entry = NULL;
    struct err e = {0};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    if (cli_find_beside("share/tiersim/scenarios", "scenarios", folder, &e) != 0) {
        return cli_fail(&e);
    }
    int n = scandir(folder, &entry, is_yaml, alphasort), wide = 0;
    for (int i = 0; i < n; i++) {
        int length = (int)strlen(entry[i]->d_name);
        wide = length > wide ? length : wide;
    }
    printf("In %s:\n", folder);
    for (int i = 0; i < n; i++) {
        char path[PATH_MAX + 300];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        read_about(path, about);
        printf("  %-*s  %s\n", wide, entry[i]->d_name, about);
        free(entry[i]);
    }
    free(entry);
    return 0;
}
