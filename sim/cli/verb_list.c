/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/io/yaml.h"

enum { ABOUT_ROOM = 512 };

/* The scenarios lie beside the installed program, or in the tree that it was built in; into folder[PATH_MAX]. */
static int find_scenarios(char *folder, struct err *e)
{
    static const char *const beside[] = {"../share/tiersim/scenarios", "../../scenarios"};
    char self[PATH_MAX], path[PATH_MAX + 64];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    for (size_t i = 0; slash && i < sizeof beside / sizeof beside[0]; i++) {
        snprintf(path, sizeof path, "%.*s/%s", (int)(slash - self), self, beside[i]);
        if (realpath(path, folder)) {
            return 0;
        }
    }
    return ERR_SET(e, ERR_IO, "found no folder of scenarios beside %s, wanted ../share/tiersim/scenarios", self);
}

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
    if (find_scenarios(folder, &e) != 0) {
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
