/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/err.h"

int probe_read(const char *path, const char *wanted, void (*read)(const char *path), struct err *e)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core = {0};
        setrlimit(RLIMIT_CORE, &no_core);
        for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
            signal(fatal[i], SIG_DFL); /* whatever the process makes of them */
        }
        read(path);
        _exit(0); /* what is wrong with the file is told by who asked */
    }
    if (child > 0) {
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
    }
    if (status != 0) {
        return ERR_SET(e, ERR_INPUT, "%s: found a file on which the HDF5 library fails (%s), wanted %s", path,
                       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it ended the process", wanted);
    }
    return 0;
}
