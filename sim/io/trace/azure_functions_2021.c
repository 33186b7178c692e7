/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * azure_functions_2021.c - Azure Functions, two weeks of January 2021 (Zhang et al., "Faster and cheaper serverless
 * computing on harvested resources", SOSP 2021): app,func,end_timestamp,duration in seconds.  The file is not in order of
 * arrival, which is the end less the duration.
 */
#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

enum { FUNCTIONS = 1000000 };

/* Number of the row's function, in order of appearance; -1 after an error. */
static double function_of(struct names *known, const struct sheet *s, const int *field, struct err *e)
{
    char key[256];
    snprintf(key, sizeof key, "%.120s:%.120s", s->field[field[0]], s->field[field[1]]);
    uint32_t row = names_find(known, key);
    if (row == NAME_NONE && known->n == FUNCTIONS) {
        ERR_AT(e, s->lines.path, s->lines.line, 1, "found more than %d functions, wanted at most as many", FUNCTIONS);
        return -1;
    }
    if (row == NAME_NONE) {
        const char *copy = arena_copy(known->arena, key);
        row = copy ? names_add(known, copy) : NAME_NONE;
    }
    if (row == NAME_NONE) {
        ERR_SET(e, ERR_MEMORY, "%s: no memory for the names of its functions", s->lines.path);
        return -1;
    }
    return row;
}

int trace_read_azure_functions_2021(struct flow *f, struct err *e)
{
    static const char *const heading[] = {"app", "func", "end_timestamp", "duration"};
    enum { APP, FUNC, END, DURATION, N };
    struct arena arena = {0};
    struct names known = {.arena = &arena};
    struct sheet s;
    int field[N];
    flow_column(f, "duration", "s");
    flow_column(f, "function", "number");
    int rc = sheet_open(&s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, heading, N, field, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        double end_s, value[2];
        rc = sheet_number(&s, field[END], heading[END], &end_s, e);
        rc = rc ? rc : sheet_number(&s, field[DURATION], heading[DURATION], &value[0], e);
        if (rc == 0 && (value[1] = function_of(&known, &s, field, e)) < 0) {
            rc = -(int)e->code;
        }
        if (rc == 0 && end_s < value[0]) {
            flow_drop(f, s.lines.line, "began before the trace did");
        } else if (rc == 0) {
            rc = flow_row(f, end_s - value[0], value, e);
        }
    }
    sheet_close(&s);
    arena_clear(&arena);
    return rc;
}
