/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/err.h"

int gnuplot_close(FILE *f, const char *path, struct err *e)
{
    int failed = ferror(f);
    failed |= fclose(f) != 0;
    return failed ? ERR_SET(e, ERR_IO, "%s: cannot be written: %s", path, strerror(errno)) : 0;
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
