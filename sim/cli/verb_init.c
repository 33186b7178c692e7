/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/io/read.h"

/* The lines of scenarios/first.yaml. */
static const char *const first[] = {
#include "scenarios/first.inc"
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    return cli_parse_file(key, arg, state, state->input, "a name such as mine");
}

/* The scenario under its new name. */
static int write_scenario(FILE *out, const char *name)
{
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        if (strcmp(first[i], "name: first\n") == 0) {
            fprintf(out, "name: %s\n", name);
        } else {
            fputs(first[i], out);
        }
    }
    return ferror(out) ? -1 : 0;
}

int verb_init(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .parser = parse,
        .args_doc = "NAME",
        .doc = "Writes NAME.yaml, a small scenario with comments, to start from. A file that is there stays as it is."};
    const char *arg = NULL;
    char name[NAME_LENGTH + 1], path[NAME_LENGTH + 16];
    struct err e = {0};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &arg);
    size_t n = strlen(arg), end = n > 5 && strcmp(arg + n - 5, ".yaml") == 0 ? n - 5 : n;
    if (end > NAME_LENGTH || snprintf(name, sizeof name, "%.*s", (int)end, arg) < 0 || !read_is_name(name)) {
        ERR_SET(&e, ERR_INPUT, "found %s, wanted a name of at most %d letters, digits, _ and -, not a digit first", arg,
                NAME_LENGTH);
        return cli_fail(&e);
    }
    snprintf(path, sizeof path, "%s.yaml", name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out) {
        ERR_SET(&e, errno == EEXIST ? ERR_INPUT : ERR_IO, "%s: %s", path,
                errno == EEXIST ? "is there already, and stays as it is" : strerror(errno));
        return cli_fail(&e);
    }
    int rc = write_scenario(out, name);
    if (fclose(out) != 0 || rc != 0) {
        ERR_SET(&e, ERR_IO, "%s: %s", path, strerror(errno));
        unlink(path);
        return cli_fail(&e);
    }
    printf("wrote %s; run it: tiersim run %s\n", path, path);
    return 0;
}
