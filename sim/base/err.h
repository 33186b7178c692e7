/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * err.h - what went wrong and where, told once by the code that saw it; and the checks for what can only be our bug.
 *
 * A function that can fail returns 0, or a negative code after filling a struct err.  The code decides the exit
 * status: an input at fault is 2, the world (memory, disk, a library) is 1, a failed audit or comparison is 3.
 */
#ifndef SIM_BASE_ERR_H
#define SIM_BASE_ERR_H

enum err_code { ERR_NONE, ERR_INPUT, ERR_POLICY, ERR_MEMORY, ERR_IO, ERR_NUMERIC, ERR_AUDIT };

struct err {
    enum err_code code;
    int line, column;  /* in the input, from 1; 0 if there is none */
    char input[512];   /* file or argument at fault; "" if there is none */
    char text[1024];   /* a sentence the user can act on: what was found, what was wanted */
    const char *func;  /* where in the code it was seen */
};

/* Fill *e unless it is NULL or already set (the first error wins).  Returns -code. */
int err_set(struct err *e, const char *func, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for a place in an input file. */
int err_set_at(struct err *e, const char *func, const char *input, int line, int column, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* "input:line:column: text" with the parts that are there, into buf[n]; returns buf. */
const char *err_text(const struct err *e, char *buf, unsigned long n);
/* Process exit status for a code. */
int err_exit_status(enum err_code code);

#define ERR_SET(e, code, ...) err_set((e), __func__, (code), __VA_ARGS__)
#define ERR_AT(e, input, line, column, ...) err_set_at((e), __func__, (input), (line), (column), __VA_ARGS__)

/* A false condition is a bug of ours, in every build: print it with what err_bug_context said, and abort. */
_Noreturn void err_bug(const char *file, int line, const char *cond);
/* What the calling thread is simulating, for the message of a failed CHECK.  *t_s is read when it fails. */
void err_bug_context(const double *t_s, const char *what);

#define CHECK(cond) (__builtin_expect(!!(cond), 1) ? (void)0 : err_bug(__FILE__, __LINE__, #cond))
#ifdef TS_DEBUG
#define CHECK_SLOW(cond) CHECK(cond)
#else
#define CHECK_SLOW(cond) ((void)sizeof(cond))
#endif

#endif
