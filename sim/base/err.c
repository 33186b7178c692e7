/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local const double *bug_time_s;
static _Thread_local const char *bug_what;

int err_set(struct err *e, const char *func, enum err_code code, const char *fmt, ...)
{
    if (e && e->code == ERR_NONE) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(e->text, sizeof e->text, fmt, ap);
        va_end(ap);
        e->code = code;
        e->func = func;
    }
    return -(int)code;
}

int err_set_at(struct err *e, const char *func, const char *input, int line, int column, const char *fmt, ...)
{
    if (e && e->code == ERR_NONE) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(e->text, sizeof e->text, fmt, ap);
        va_end(ap);
        snprintf(e->input, sizeof e->input, "%s", input);
        e->line = line;
        e->column = column;
        e->code = ERR_INPUT;
        e->func = func;
    }
    return -(int)ERR_INPUT;
}

const char *err_text(const struct err *e, char *buf, unsigned long n)
{
    if (e->input[0] && e->line) {
        snprintf(buf, n, "%s:%d:%d: %s", e->input, e->line, e->column, e->text);
    } else if (e->input[0]) {
        snprintf(buf, n, "%s: %s", e->input, e->text);
    } else {
        snprintf(buf, n, "%s", e->text);
    }
    return buf;
}

int err_exit_status(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return 0;
    case ERR_INPUT:
    case ERR_POLICY:
        return 2;
    case ERR_AUDIT:
        return 3;
    default:
        return 1;
    }
}

void err_bug_context(const double *t_s, const char *what)
{
    bug_time_s = t_s;
    bug_what = what;
}

void err_bug(const char *file, int line, const char *cond)
{
    fprintf(stderr, "%s:%d: bug: not %s", file, line, cond);
    if (bug_time_s) {
        fprintf(stderr, " (at simulated time %.17g s in %s)", *bug_time_s, bug_what ? bug_what : "a run");
    }
    fputc('\n', stderr);
    abort();
}
