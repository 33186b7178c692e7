/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * in_order.c - results that are handed on in the order of release (`in_order` of a workload): the jobs of a node that are there
 * stand in a line, and a result waits until all jobs before its own have ended, however.  What the job held elsewhere is let go
 * when its result is there: replicas that lost, tasks that nobody wants any more.
 *
 * Without such a workload there are no lines: run.line is NULL.
 */
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/run/race.h"
#include "sim/run/steps.h"

struct line {
    uint32_t first, last; /* rows, or ROW_NONE */
    bool goes_on;         /* its first are being handed on */
};

/* Neighbours of a row of run.job in its line. */
struct line_link {
    uint32_t before, after;
};

int lines_init(struct run *r, struct err *e)
{
    const struct scenario *s = r->s;
    uint32_t n = 0;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        n += s->workload[w].in_order ? s->group[s->workload[w].group].count : 0;
    }
    if (n == 0) {
        return 0;
    }
    r->line = malloc(n * sizeof *r->line);
    r->first_line = malloc(s->n_workload * sizeof *r->first_line);
    r->line_link = malloc(r->n_job * sizeof *r->line_link);
    if (!r->line || !r->first_line || !r->line_link) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for results in order of %u nodes", n);
    }
    for (uint32_t i = 0; i < n; i++) {
        r->line[i] = (struct line){ROW_NONE, ROW_NONE, false};
    }
    n = 0;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        r->first_line[w] = s->workload[w].in_order ? n : ROW_NONE;
        n += s->workload[w].in_order ? s->group[s->workload[w].group].count : 0;
    }
    return 0;
}

void lines_clear(struct run *r)
{
    free(r->line);
    free(r->first_line);
    free(r->line_link);
}

bool lines_reserve(struct run *r, uint32_t n)
{
    struct line_link *grown = realloc(r->line_link, n * sizeof *grown);
    if (!grown) {
        return false;
    }
    r->line_link = grown;
    return true;
}

/* NULL: the results of its workload are in no order. */
static struct line *line_of(const struct run *r, const struct job *j)
{
    const uint32_t first = r->first_line[j->workload];
    return first == ROW_NONE ? NULL : &r->line[first + j->node - r->home[j->workload].first_node];
}

void line_join(struct run *r, uint32_t row)
{
    struct line *line = line_of(r, &r->job[row]);
    if (!line) {
        return;
    }
    r->line_link[row] = (struct line_link){line->last, ROW_NONE};
    *(line->last == ROW_NONE ? &line->first : &r->line_link[line->last].after) = row;
    line->last = row;
}

struct line *line_leave(struct run *r, uint32_t row)
{
    struct line *line = line_of(r, &r->job[row]);
    if (line) {
        const struct line_link l = r->line_link[row];
        *(l.before == ROW_NONE ? &line->first : &r->line_link[l.before].after) = l.after;
        *(l.after == ROW_NONE ? &line->last : &r->line_link[l.after].before) = l.before;
    }
    return line;
}

bool line_holds(struct run *r, uint32_t row, uint32_t from, double a, double b)
{
    struct job *j = &r->job[row];
    const struct line *line = line_of(r, j);
    if (!line || line->first == row) {
        return false;
    }
    emit(r, TR_HOLD, row, from, ROW_NONE, a, b, 0);
    if (j->patience != EV_NONE) {
        evset_cancel(&r->events, j->patience);
        j->patience = EV_NONE;
    }
    if (j->block == BLOCK_RACE) {
        race_settle(r, row, true);
    } else if (j->block != ROW_NONE) {
        graph_settle(r, row);
    }
    j = &r->job[row];
    j->at = ROW_NONE;
    j->wait = EV_NONE;
    j->phase = PHASE_HELD;
    return true;
}

void line_go_on(struct run *r, struct line *line)
{
    if (line->goes_on) {
        return; /* a job that it hands on has ended: further up the stack */
    }
    line->goes_on = true;
    while (line->first != ROW_NONE && r->job[line->first].phase == PHASE_HELD) {
        job_finish(r, line->first, ROW_NONE, 0, 0);
    }
    line->goes_on = false;
}
