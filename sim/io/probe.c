/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/err.h"

_Noreturn static void read_here(const char *path, int (*read_it)(const char *path, struct err *e), int out)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    const struct rlimit no_core = {0}, no_loop = {PROBE_MOST_S, PROBE_MOST_S};
    struct err found = {.code = ERR_NONE};
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &no_loop);
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        signal(fatal[i], SIG_DFL); /* whatever the process makes of them */
    }
    read_it(path, &found);
    _exit(write(out, &found, sizeof found) == sizeof found ? 0 : 1);
}

int probe_read(const char *path, const char *wanted, int (*read_it)(const char *path, struct err *e), struct err *e)
{
    struct err found = {.code = ERR_NONE};
    int status = 0, end[2];
    if (pipe2(end, O_CLOEXEC) != 0) {
        return ERR_SET(e, ERR_IO, "%s: cannot be looked at: %s", path, strerror(errno));
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        read_here(path, read_it, end[1]);
    }
    close(end[1]);
    ssize_t n = 0;
    if (child > 0) {
        while ((n = read(end[0], &found, sizeof found)) < 0 && errno == EINTR) {
        }
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
    }
    close(end[0]);
    if (child < 0) {
        return ERR_SET(e, ERR_IO, "%s: no process to look at it: %s", path, strerror(errno));
    }
    if (status != 0 || n != sizeof found) {
        return ERR_SET(e, ERR_INPUT, "%s: found a file on which the HDF5 library fails (%s), wanted %s", path,
                       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it ended the process", wanted);
    }
    if (found.code != ERR_NONE) {
        *e = found;
    }
    return -(int)found.code;
}
