/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/stopwatch.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/io/ort/ort.h"

enum { WARM_UP = 2, LEAST_RUNS = 5 };

static double clock_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double resident(void)
{
    unsigned long size = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        if (fscanf(f, "%lu %lu", &size, &pages) != 2) {
            pages = 0;
        }
        fclose(f);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* Indices of rows must be all over the table: the runtime's wrapper fills them with ones. */
static void spread_indices(struct ort_session *s)
{
    for (uint32_t i = 0; i < ort_n_input(s); i++) {
        const struct ort_tensor *t = ort_input(s, i);
        for (size_t k = 0; t->type == ORT_I64 && t->n > 1 && k < t->n; k++) {
            ((int64_t *)t->data)[k] = (int64_t)(k * 7919 % 997);
        }
    }
}

static int least_of_runs(struct ort_session *s, clockid_t clock, double each_s, double *least, struct err *e)
{
    const double end = clock_s(clock) + each_s;
    int rc = 0;
    *least = INFINITY;
    for (int run = -WARM_UP; !rc && (run < LEAST_RUNS || clock_s(clock) < end); run++) {
        const double from = clock_s(clock);
        rc = ort_run(s, e);
        const double took = clock_s(clock) - from;
        if (run >= 0) {
            *least = fmin(*least, took);
        }
    }
    return rc;
}

int stopwatch_model(struct ort *o, const void *model, size_t n, const char *name, uint32_t threads, bool by_clock, double each_s,
                    struct stopwatch_time *out, struct err *e)
{
    const struct ort_options options = {.threads = threads};
    const clockid_t clock = by_clock || threads > 1 ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
    struct ort_session *s = NULL;
    malloc_trim(0);
    const double before = resident(), from = clock_s(clock);
    int rc = ort_session_open(o, model, n, name, &options, &s, e);
    out->load_s = clock_s(clock) - from;
    if (!rc) {
        spread_indices(s);
        rc = least_of_runs(s, clock, each_s, &out->run_s, e);
    }
    const double grown = resident() - before;
    out->resident_bytes = grown > 0 ? grown : NAN;
    ort_session_close(s);
    return rc;
}

int stopwatch_pin(int32_t processor, struct err *e)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (size_t i = 0; i < CPU_SETSIZE && processor < 0; i++) {
        CPU_SET(i, &set);
    }
    if (processor >= 0) {
        CPU_SET((size_t)processor, &set);
    }
    if (sched_setaffinity(0, sizeof set, &set) == 0) {
        return 0;
    }
    return ERR_SET(e, ERR_INPUT, "found processor %d, to which nothing can be held here (%s), wanted one of the %ld of this "
                   "machine, from 0", processor, strerror(errno), sysconf(_SC_NPROCESSORS_CONF));
}

double stopwatch_machine_load(void)
{
    double load;
    return getloadavg(&load, 1) == 1 ? load : NAN;
}

void stopwatch_machine(char *text, size_t n)
{
    struct utsname u = {0};
    char line[256], model[128] = "unknown processor";
    FILE *f = fopen("/proc/cpuinfo", "re");
    while (f && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon) {
            snprintf(model, sizeof model, "%s", colon + 2);
            model[strcspn(model, "\n")] = '\0';
            break;
        }
    }
    if (f) {
        fclose(f);
    }
    uname(&u);
    snprintf(text, n, "%s, %ld processors, %s %s, %s", model, sysconf(_SC_NPROCESSORS_ONLN), u.sysname, u.release, u.machine);
}
