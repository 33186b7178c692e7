/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/progress.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_MS = 200 };

struct progress {
    struct runner_progress *of;
    FILE *out; /* NULL: draw nothing */
    pthread_t thread;
    sigset_t heard, before;
    int signals, end; /* descriptors: of the signals that are heard, of the wish to end */
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* 1234567 as "1.23 M". */
static void short_count(char *buf, size_t n, double x)
{
    const char *unit = x >= 1e9 ? " G" : x >= 1e6 ? " M" : x >= 1e3 ? " k" : "";
    double y = x >= 1e9 ? x / 1e9 : x >= 1e6 ? x / 1e6 : x >= 1e3 ? x / 1e3 : x;
    snprintf(buf, n, "%.*f%s", !unit[0] || y >= 100 ? 0 : y >= 10 ? 1 : 2, y, unit);
}

const char *progress_line(char *buf, size_t n, uint32_t n_done, uint32_t n_item, uint64_t n_job, double wall_s)
{
    char jobs[32], rate[32], left[32] = "";
    short_count(jobs, sizeof jobs, (double)n_job);
    short_count(rate, sizeof rate, wall_s > 0 ? (double)n_job / wall_s : 0);
    if (n_done > 0 && n_done < n_item) {
        double s = wall_s / n_done * (n_item - n_done);
        snprintf(left, sizeof left, ", %ld:%02ld left", (long)s / 60, (long)s % 60);
    }
    snprintf(buf, n, "%u of %u replications, %s jobs, %s/s%s", n_done, n_item, jobs, rate, left);
    return buf;
}

static void hear(struct progress *p)
{
    struct signalfd_siginfo info;
    if (read(p->signals, &info, sizeof info) != sizeof info) {
        return;
    }
    if (atomic_exchange(&p->of->stop, 1)) {
        pthread_sigmask(SIG_UNBLOCK, &p->heard, NULL);
        kill(getpid(), (int)info.ssi_signo);
    } else if (p->out) {
        fputs("\r\033[Kstopping: what is under way is finished, and what is finished is kept\n", p->out);
    }
}

static void draw(struct progress *p, double wall_s)
{
    uint32_t n_item = atomic_load(&p->of->n_item);
    char line[160];
    if (p->out && n_item > 0) {
        progress_line(line, sizeof line, atomic_load(&p->of->n_done), n_item, atomic_load(&p->of->n_job), wall_s);
        fprintf(p->out, "\r\033[K%s", line);
        fflush(p->out);
    }
}

static void *look(void *of)
{
    struct progress *p = of;
    double start_s = now_s();
    struct pollfd fd[2] = {{.fd = p->end, .events = POLLIN}, {.fd = p->signals, .events = POLLIN}};
    for (;;) {
        int n = poll(fd, 2, p->out ? PERIOD_MS : -1);
        if (n > 0 && fd[0].revents) {
            return NULL;
        }
        if (n > 0 && fd[1].revents) {
            hear(p);
        }
        draw(p, now_s() - start_s);
    }
}

/* Close what there is of it, and give the signals back. */
static void drop(struct progress *p)
{
    if (p->signals >= 0) {
        close(p->signals);
    }
    if (p->end >= 0) {
        close(p->end);
    }
    pthread_sigmask(SIG_SETMASK, &p->before, NULL);
    free(p);
}

struct progress *progress_start(struct runner_progress *of, FILE *out, bool quiet)
{
    struct progress *p = calloc(1, sizeof *p);
    if (!p) {
        return NULL;
    }
    p->of = of;
    p->out = !quiet && isatty(fileno(out)) ? out : NULL;
    sigemptyset(&p->heard);
    sigaddset(&p->heard, SIGINT);
    sigaddset(&p->heard, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &p->heard, &p->before);
    p->signals = signalfd(-1, &p->heard, SFD_CLOEXEC);
    p->end = eventfd(0, EFD_CLOEXEC);
    if (p->signals < 0 || p->end < 0 || pthread_create(&p->thread, NULL, look, p) != 0) {
        drop(p);
        return NULL;
    }
    return p;
}

void progress_stop(struct progress *p)
{
    if (!p) {
        return;
    }
    eventfd_write(p->end, 1);
    pthread_join(p->thread, NULL);
    if (p->out) {
        fputs("\r\033[K", p->out);
        fflush(p->out);
    }
    drop(p);
}
