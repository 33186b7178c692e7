/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/cli.h"

/* policies/template/, line by line. */
static const char *const policy_line[] = {
#include "template/my_policy.c.inc"
    NULL};
static const char *const makefile_line[] = {
#include "template/Makefile.inc"
    NULL};

enum { NAME_MAX_LETTERS = 40 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    return cli_parse_file(key, arg, state, state->input, "a name such as mine");
}

static int is_policy_name(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n <= NAME_MAX_LETTERS && n == strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") && name[0] > '9';
}

/* A line with `my_policy` and `@INCLUDE@` put in. */
static void put_line(FILE *out, const char *text, const char *name, const char *include)
{
    static const char our_name[] = "my_policy", our_include[] = "@INCLUDE@";
    while (*text) {
        if (strncmp(text, our_name, strlen(our_name)) == 0) {
            fputs(name, out);
            text += strlen(our_name);
        } else if (strncmp(text, our_include, strlen(our_include)) == 0) {
            fputs(include, out);
            text += strlen(our_include);
        } else {
            fputc(*text++, out);
        }
    }
}

static int write_file(const char *folder, const char *file, const char *const *line, const char *name, const char *include,
                      struct err *e)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *out = fopen(path, "wx");
    if (!out) {
        return ERR_SET(e, ERR_IO, "%s: %s", path, strerror(errno));
    }
    for (; *line; line++) {
        put_line(out, *line, name, include);
    }
    int failed = ferror(out);
    return fclose(out) != 0 || failed ? ERR_SET(e, ERR_IO, "%s: %s", path, strerror(errno)) : 0;
}

int verb_new_policy(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .parser = parse,
        .args_doc = "NAME",
        .doc = "Makes the folder NAME with a policy to start from, which compiles to a plug-in, and its test: "
               "`make -C NAME check`."};
    const char *name = NULL;
    char include[PATH_MAX], file[NAME_MAX_LETTERS + 8];
    struct err e = {0};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &name);
    if (!is_policy_name(name)) {
        ERR_SET(&e, ERR_INPUT, "found %s, wanted a name of at most %d letters a to z, digits and _, not a digit first", name,
                NAME_MAX_LETTERS);
        return cli_fail(&e);
    }
    snprintf(file, sizeof file, "%s.c", name);
    if (cli_find_beside("include/tiersim/..", "include", include, &e) != 0) {
        return cli_fail(&e);
    }
    if (mkdir(name, 0777) != 0) {
        ERR_SET(&e, errno == EEXIST ? ERR_INPUT : ERR_IO, "%s: %s", name,
                errno == EEXIST ? "is there already, and stays as it is" : strerror(errno));
        return cli_fail(&e);
    }
    if (write_file(name, file, policy_line, name, include, &e) != 0 ||
        write_file(name, "Makefile", makefile_line, name, include, &e) != 0) {
        return cli_fail(&e);
    }
    printf("wrote %s/%s.c and %s/Makefile; try it: make -C %s check\n", name, name, name, name);
    return 0;
}
