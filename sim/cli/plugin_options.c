/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/plugin_options.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/err.h"

/* The value of an option that stands in argv[i], as "--name=VALUE" or in the next word; NULL: it is another option. */
static char *value_of(const char *name, int i, int argc, char **argv, bool *in_next)
{
    size_t n = strlen(name);
    if (strncmp(argv[i], name, n) != 0) {
        return NULL;
    }
    *in_next = argv[i][n] == '\0';
    if (*in_next) {
        return i + 1 < argc ? argv[i + 1] : NULL;
    }
    return argv[i][n] == '=' ? argv[i] + n + 1 : NULL;
}

/* Of "FILE.so:NAME" load FILE.so, and leave NAME. */
static int take_file(struct plugins *p, char *value, struct err *e)
{
    char path[PATH_MAX];
    char *colon = strrchr(value, ':');
    if (!colon || colon - value < 4 || strncmp(colon - 3, ".so", 3) != 0) {
        return 0;
    }
    snprintf(path, sizeof path, "%.*s", (int)(colon - value), value);
    memmove(value, colon + 1, strlen(colon));
    return plugins_load(p, path, e);
}

int plugin_options_take(struct plugins *p, int *argc, char **argv, struct err *e)
{
    int n = 1, rc = 0;
    bool all = true;
    for (int i = 1; i < *argc && rc == 0; i++) {
        bool in_next = false;
        char *value = NULL;
        all = all && strcmp(argv[i], "--") != 0;
        if (all && (value = value_of("--plugin", i, *argc, argv, &in_next))) {
            rc = value[0] ? plugins_load(p, value, e) : ERR_SET(e, ERR_INPUT, "--plugin: found nothing, wanted a file");
            i += in_next;
            continue;
        }
        if (all && ((value = value_of("--policy", i, *argc, argv, &in_next)) ||
                    (value = value_of("-p", i, *argc, argv, &in_next)))) {
            rc = take_file(p, value, e);
        }
        argv[n++] = argv[i];
    }
    *argc = n;
    argv[n] = NULL;
    return rc;
}
