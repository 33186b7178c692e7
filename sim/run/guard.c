/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard.c - everything that runs in a handler here calls nothing but what POSIX lets a handler call. */
#include "sim/run/guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/policy/terms.h"

/* The watch looks 8 times in a limit whether the same call is still under way. */
enum { TICKS = 8, WATCH_SIGNAL = SIGVTALRM, WAIT_MS = 10, WAITS = 500 };

static _Thread_local struct guard *current;
static atomic_bool installed;
static atomic_flag told = ATOMIC_FLAG_INIT;

/* A line put together without the C library. */
struct line {
    char text[512];
    size_t n;
};

static void put(struct line *l, const char *text)
{
    for (; *text && l->n < sizeof l->text; text++) {
        l->text[l->n++] = *text;
    }
}

static void put_whole(struct line *l, uint64_t x, unsigned min_digits)
{
    char digit[20];
    unsigned n = 0;
    do {
        digit[n++] = (char)('0' + x % 10);
        x /= 10;
    } while (x > 0);
    for (; min_digits > n; min_digits--) {
        put(l, "0");
    }
    while (n > 0) {
        put(l, (char[]){digit[--n], 0});
    }
}

/* To the microsecond, without zeros at the end; of what is below 2^40. */
static void put_seconds(struct line *l, double x_s)
{
    uint64_t us = x_s > 0 && x_s < 0x1p40 ? (uint64_t)(x_s * 1e6 + .5) : 0, part = us % 1000000;
    unsigned digits = 6;
    put_whole(l, us / 1000000, 1);
    if (part > 0) {
        for (; part % 10 == 0; part /= 10) {
            digits--;
        }
        put(l, ".");
        put_whole(l, part, digits);
    }
    put(l, " s");
}

/* Those who wait for the end of the process. */
_Noreturn static void wait_for_ever(void)
{
    for (;;) {
        pause();
    }
}

/* Say it, let what is finished reach the disk, and end. */
_Noreturn static void end_process(const struct guard *g, const char *what, const char *more)
{
    if (atomic_flag_test_and_set(&told)) {
        wait_for_ever();
    }
    const struct guard_saved *saved = g->saved;
    const uint64_t handed = saved ? atomic_load(&saved->n_handed) : 0;
    struct line l = {.n = 0};
    put(&l, "tiersim: policy ");
    put(&l, g->policy);
    put(&l, ": ");
    put(&l, g->call);
    put(&l, " ");
    put(&l, what);
    put(&l, " (");
    if (g->ask) {
        put(&l, "question ");
        put_whole(&l, g->ask->id, 1);
        put(&l, ", ");
        put(&l, name_of_why(g->ask->why));
        put(&l, ", ");
    }
    put(&l, "t = ");
    put_seconds(&l, *g->now_s);
    put(&l, ", replication ");
    put_whole(&l, g->replication, 1);
    put(&l, ")");
    put(&l, more);
    put(&l, "\n");
    ssize_t written = write(STDERR_FILENO, l.text, l.n);
    (void)written;
    for (int i = 0; saved && atomic_load(&saved->n_durable) < handed && i < WAITS; i++) {
        nanosleep(&(struct timespec){.tv_nsec = WAIT_MS * 1000000L}, NULL);
    }
    _exit(2);
}

static const char *crash_text(int sig)
{
    switch (sig) {
    case SIGSEGV:
        return "crashed: it used memory that is not its own, or ran out of stack (SIGSEGV)";
    case SIGBUS:
        return "crashed: it used memory that is not there (SIGBUS)";
    case SIGFPE:
        return "crashed: it divided a whole number by 0, or the like (SIGFPE)";
    case SIGILL:
        return "crashed: it ran what is no instruction (SIGILL)";
    default:
        return "gave up: it called abort, or the C library did so for it (SIGABRT)";
    }
}

static void on_crash(int sig)
{
    struct guard *g = current;
    if (g && g->call) {
        end_process(g, crash_text(sig), "");
    }
    signal(sig, SIG_DFL); /* not a policy's: what happened happens again, or is raised */
    if (sig == SIGABRT) {
        raise(sig);
    }
}

static void on_watch(int sig)
{
    struct guard *g = current;
    (void)sig;
    if (!g || !g->call) {
        return;
    }
    if (g->seen != g->n_call) {
        g->seen = g->n_call;
        g->n_tick = 0;
    } else if (++g->n_tick >= TICKS) {
        struct line limit = {.n = 0};
        put(&limit, "did not come back within ");
        put_seconds(&limit, g->limit_s);
        put(&limit, " of processor time");
        limit.text[limit.n] = '\0';
        end_process(g, limit.text, "; --call-limit changes what it may take");
    }
}

static void on_exit_call(void)
{
    struct guard *g = current;
    if (g && g->call) {
        end_process(g, "called exit", "");
    }
}

void guard_install(void)
{
    static const int crash[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    if (atomic_exchange(&installed, true)) {
        return;
    }
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof crash / sizeof crash[0]; i++) {
        sigaction(crash[i], &action, NULL);
    }
    action.sa_handler = on_watch;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigaction(WATCH_SIGNAL, &action, NULL);
    atexit(on_exit_call);
}

static bool start_timer(struct guard *g)
{
    const double step_s = g->limit_s / TICKS;
    const struct timespec step = {.tv_sec = (time_t)step_s, .tv_nsec = (long)((step_s - (double)(time_t)step_s) * 1e9)};
    const struct itimerspec every = {.it_interval = step, .it_value = step};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = WATCH_SIGNAL};
    event._sigev_un._tid = gettid();
    if (!(step_s >= 1e-6) || timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &g->timer) != 0) {
        return false; /* no limit, or none that this system can hold */
    }
    timer_settime(g->timer, 0, &every, NULL);
    return true;
}

void guard_begin(struct guard *g)
{
    g->call = NULL;
    g->n_call = g->seen = g->n_tick = 0;
    g->timed = false;
    if (!atomic_load(&installed)) {
        return;
    }
    sigaltstack(&(stack_t){.ss_sp = g->stack, .ss_size = sizeof g->stack}, &g->old_stack);
    g->outer = current;
    current = g;
    g->timed = start_timer(g);
}

void guard_end(struct guard *g)
{
    if (current != g) {
        return;
    }
    if (g->timed) {
        timer_delete(g->timer);
    }
    current = g->outer;
    sigaltstack(&g->old_stack, NULL);
}
