/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/show/plot_figures.h"

static int cannot_be_written(const char *path, struct err *e)
{
    return ERR_SET(e, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

int gnuplot_open(struct gnuplot_files *f, const char *stem, struct err *e)
{
    snprintf(f->data_path, sizeof f->data_path, "%s.dat", stem);
    snprintf(f->script_path, sizeof f->script_path, "%s.gp", stem);
    f->data = fopen(f->data_path, "we");
    if (!f->data) {
        return cannot_be_written(f->data_path, e);
    }
    f->script = fopen(f->script_path, "we");
    if (!f->script) {
        int rc = cannot_be_written(f->script_path, e);
        fclose(f->data);
        unlink(f->data_path);
        return rc;
    }
    return 0;
}

static int close_file(FILE *file, const char *path, int rc, struct err *e)
{
    int failed = ferror(file);
    failed |= fclose(file) != 0;
    return rc || !failed ? rc : cannot_be_written(path, e);
}

int gnuplot_close(struct gnuplot_files *f, int rc, struct err *e)
{
    rc = close_file(f->data, f->data_path, rc, e);
    rc = close_file(f->script, f->script_path, rc, e);
    if (rc) {
        unlink(f->data_path);
        unlink(f->script_path);
    }
    return rc;
}

void gnuplot_begin(FILE *script, const char *base)
{
    fprintf(script, "# %s.gp - edit at will, then: gnuplot %s.gp\n", base, base);
    plot_text(script, "stem", base);
    fprintf(script, "data = stem . '.dat'\n"
                    "# pixels that headings take, about 9 and 8 a letter; panels are no narrower than they\n"
                    "wider(a, b) = a > b ? a : b\n"
                    "titled(over, below) = wider(9 * strlen(over), 8 * strlen(below))\n");
}

void gnuplot_lines(FILE *script, const char *const *line)
{
    for (; *line; line++) {
        fputs(*line, script);
    }
}

int gnuplot_run(const char *folder, const char *script, struct err *e)
{
    char *const argv[] = {(char[]){"gnuplot"}, (char *)(uintptr_t)script, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    int why = posix_spawnp(&child, "gnuplot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (why == ENOENT) {
        return ERR_SET(e, ERR_IO,
                       "gnuplot is not there: install it (on Debian gnuplot-nox) and run this again; the data and the "
                       "script %s/%s are written",
                       folder, script);
    }
    if (why != 0) {
        return ERR_SET(e, ERR_IO, "gnuplot cannot be started: %s", strerror(why));
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return ERR_SET(e, ERR_IO, "gnuplot failed on %s/%s; version 5.4 or later is wanted", folder, script);
    }
    return 0;
}
