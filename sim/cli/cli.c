/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/quantity.h"
#include "sim/io/probe.h"
#include "sim/io/results.h"

int cli_fail(const struct err *e)
{
    char text[2048];
    fprintf(stderr, "tiersim: %s\n", err_text(e, text, sizeof text));
    return err_exit_status(e->code);
}

int cli_fail_input(struct errors *errors)
{
    int status = err_exit_status(errors->code);
    if (isatty(fileno(stderr))) {
        errors_print_lines(errors, stderr);
    } else {
        errors_print(errors, stderr);
    }
    errors_clear(errors);
    return status ? status : 2;
}

int cli_read(struct result *r, const char *path, struct err *e)
{
    int rc = cli_probe(path, e);
    if (rc < 0) {
        *r = (struct result){0};
        return rc;
    }
    return result_read(r, path, e);
}

static int look(const char *path, struct err *e)
{
    struct result r;
    int rc = result_read(&r, path, e);
    result_free(&r);
    return rc;
}

int cli_probe(const char *path, struct err *e)
{
    return probe_read(path, "a result file", look, e);
}

void cli_folder(const char *file, const char *wanted, char *buf, size_t n)
{
    const char *slash = strrchr(file, '/');
    if (wanted) {
        snprintf(buf, n, "%s", wanted);
    } else {
        snprintf(buf, n, "%.*s", slash ? (int)(slash - file + (slash == file)) : 1, slash ? file : ".");
    }
}

char *cli_command_line(int argc, char **argv)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    for (int i = 0; f && i < argc; i++) {
        bool plain = argv[i][0] && strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                                   "_-+=./,:@%") == strlen(argv[i]);
        fputs(i ? " " : "", f);
        if (plain || i == 0) {
            fputs(argv[i], f);
            continue;
        }
        fputc('\'', f);
        for (const char *c = argv[i]; *c; c++) {
            fputs(*c == '\'' ? "'\\''" : (char[]){*c, 0}, f);
        }
        fputc('\'', f);
    }
    if (f) {
        fclose(f);
    }
    return text;
}

int cli_find_beside(const char *installed, const char *built, char *path, struct err *e)
{
    char self[PATH_MAX], there[2 * PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    const char *slash = strrchr(self, '/');
    int folder = slash ? (int)(slash - self) : 0;
    snprintf(there, sizeof there, "%.*s/../%s", folder, self, installed);
    if (slash && realpath(there, path)) {
        return 0;
    }
    snprintf(there, sizeof there, "%.*s/../../%s", folder, self, built);
    if (slash && realpath(there, path)) {
        return 0;
    }
    return ERR_SET(e, ERR_IO, "found nothing beside %s, wanted ../%s", self, installed);
}

int cli_flush(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "tiersim: standard output: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}

uint64_t cli_whole(struct argp_state *state, const char *option, const char *text, uint64_t min, uint64_t max)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
    if (!end || *end || errno || value < min || value > max) {
        argp_error(state, "%s: found %s, wanted a whole number from %" PRIu64 " to %" PRIu64, option,
                   text[0] ? text : "nothing", min, max);
    }
    return value;
}

error_t cli_parse_file(int key, char *arg, struct argp_state *state, const char **file, const char *wanted)
{
    switch (key) {
    case ARGP_KEY_ARG:
        if (*file) {
            argp_error(state, "found a second file %s, wanted one", arg);
        }
        *file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!*file) {
            argp_error(state, "wanted %s", wanted);
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

double cli_time(struct argp_state *state, const char *name, const char *text, bool from_0)
{
    double s = 0;
    struct err e = {0};
    if (quantity_parse(text, strlen(text), DIM_TIME, &s, &e) < 0) {
        argp_error(state, "%s: %s", name, e.text);
    }
    if (!(s > 0) && !(from_0 && s == 0)) {
        argp_error(state, "%s: found %s, wanted a time %s 0", name, text, from_0 ? "from" : "above");
    }
    return s;
}
