/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graphs.h - published examples of list scheduling, as questions, and what becomes of a plan for one: each place serves
 * one task at a time, first come first served by the arrival of the last data, as stations of a run do.
 */
#ifndef TESTS_CONTRACT_GRAPHS_H
#define TESTS_CONTRACT_GRAPHS_H

#include "sim/base/stream.h"
#include "tests/contract/harness.h"
#include "tests/question.h"

enum { GRAPH_MAX_TASK = 10, GRAPH_MAX_PLACE = 3, GRAPH_MAX_EDGE = 15 };

struct graph_example {
    const char *name;
    uint32_t n_task, n_place, n_edge;
    double run_s[GRAPH_MAX_TASK][GRAPH_MAX_PLACE];
    struct {
        uint32_t from, to; /* from 1, as in the papers */
        double bits;       /* at 1 bit/s between any two places */
    } edge[GRAPH_MAX_EDGE];
};

/* Topcuoglu, Hariri, Wu, IEEE Trans. Parallel Distrib. Syst. 13 (2002) 260-274, figure 2 and table 1. */
static const struct graph_example graph_topcuoglu = {
    .name = "topcuoglu", .n_task = 10, .n_place = 3, .n_edge = 15,
    .run_s = {{14, 16, 9}, {13, 19, 18}, {11, 13, 19}, {13, 8, 17}, {12, 13, 10}, {13, 16, 9}, {7, 15, 11}, {5, 11, 14},
              {18, 12, 20}, {21, 7, 16}},
    .edge = {{1, 2, 18}, {1, 3, 12}, {1, 4, 9}, {1, 5, 11}, {1, 6, 14}, {2, 8, 19}, {2, 9, 16}, {3, 7, 23}, {4, 8, 27},
             {4, 9, 23}, {5, 9, 13}, {6, 8, 15}, {7, 10, 17}, {8, 10, 11}, {9, 10, 13}}};

/* Arabnejad, Barbosa, IEEE Trans. Parallel Distrib. Syst. 25 (2014) 682-694, figure 1, as the public implementation
 * github.com/mackncheesiest/peft has it in its tests. */
static const struct graph_example graph_arabnejad = {
    .name = "arabnejad", .n_task = 10, .n_place = 3, .n_edge = 15,
    .run_s = {{22, 21, 36}, {22, 18, 18}, {32, 27, 43}, {7, 10, 4}, {29, 27, 35}, {26, 17, 24}, {14, 25, 30}, {29, 23, 36},
              {15, 21, 8}, {13, 16, 33}},
    .edge = {{1, 2, 17}, {1, 3, 31}, {1, 4, 29}, {1, 5, 13}, {1, 6, 7}, {2, 8, 3}, {2, 9, 30}, {3, 7, 16}, {4, 8, 11},
             {4, 9, 7}, {5, 9, 57}, {6, 8, 5}, {7, 10, 9}, {8, 10, 42}, {9, 10, 7}}};

/* A random graph of up to 10 tasks on up to 3 places; small whole numbers tie often. */
static inline struct graph_example graph_draw(uint32_t seed, const struct draw_at *at)
{
    uint32_t j = 0;
    struct graph_example g = {.name = "random", .n_task = 2 + seed % 9, .n_place = 1 + seed / 9 % 3};
    for (uint32_t i = 0; i < g.n_task; i++) {
        for (uint32_t p = 0; p < g.n_place; p++) {
            g.run_s[i][p] = 1 + floor(8 * draw_uniform(at, j++));
        }
    }
    for (uint32_t to = 1; to < g.n_task; to++) {
        for (uint32_t from = 0; from < to && g.n_edge < GRAPH_MAX_EDGE; from++) {
            if (draw_uniform(at, j++) < .3) {
                g.edge[g.n_edge].from = from + 1;
                g.edge[g.n_edge].to = to + 1;
                g.edge[g.n_edge++].bits = floor(9 * draw_uniform(at, j++));
            }
        }
    }
    return g;
}

/* The example as a question; with independent true, without its edges. */
static inline void graph_ask(struct question *q, const struct graph_example *g, int independent)
{
    question_init(q, independent ? TS_FREED : TS_ARRIVED, g->n_place);
    for (uint32_t i = 0; i < g->n_task; i++) {
        question_task(q);
        for (uint32_t p = 0; p < g->n_place; p++) {
            q->est[TS_RUN_S][question_cand(q, p)] = g->run_s[i][p];
        }
    }
    for (uint32_t e = 0; !independent && e < g->n_edge; e++) {
        question_edge(q, g->edge[e].from - 1, g->edge[e].to - 1, g->edge[e].bits);
    }
}

/* What is served where and when. */
struct graph_course {
    uint32_t place[GRAPH_MAX_TASK];
    double start_s[GRAPH_MAX_TASK], end_s[GRAPH_MAX_TASK], makespan_s;
};

/* The last data of a task are there; NAN while a predecessor has not ended. */
static inline double graph_ready_s(const struct question *w, const struct graph_course *c, uint32_t task)
{
    double ready_s = 0;
    for (uint32_t e = 0; e < w->ask.n_edge; e++) {
        const struct ts_edge *edge = &w->edge[e];
        if (edge->to == task) {
            double s = c->end_s[edge->from] + (c->place[edge->from] == c->place[task] ? 0 : edge->bits);
            ready_s = isnan(s) || isnan(ready_s) ? NAN : fmax(ready_s, s);
        }
    }
    return ready_s;
}

/*
 * A plan that places every task of the question, carried out.  The next to start is, of the tasks whose predecessors have
 * ended, the one that can start first; on one place whose data came first; else the first of the plan.  A task whose
 * predecessor is not yet carried out cannot come before one that can start: its data come later still.
 */
static inline struct graph_course graph_carry_out(const struct question *w, const struct ts_plan *p)
{
    struct graph_course c = {.makespan_s = 0};
    double free_s[GRAPH_MAX_PLACE] = {0};
    for (uint32_t k = 0; k < p->n; k++) {
        c.place[p->step[k].task] = p->step[k].place;
    }
    for (uint32_t i = 0; i < w->ask.n_task; i++) {
        c.start_s[i] = c.end_s[i] = NAN;
    }
    for (uint32_t n = 0; n < p->n; n++) {
        uint32_t next = TS_NONE;
        double next_ready_s = 0, next_start_s = INFINITY;
        for (uint32_t k = 0; k < p->n; k++) {
            uint32_t i = p->step[k].task;
            double ready_s = graph_ready_s(w, &c, i), start_s = fmax(ready_s, free_s[c.place[i]]);
            if (isnan(c.end_s[i]) && !isnan(ready_s) &&
                (start_s < next_start_s || (start_s == next_start_s && ready_s < next_ready_s))) {
                next = i;
                next_ready_s = ready_s;
                next_start_s = start_s;
            }
        }
        c.start_s[next] = next_start_s;
        c.end_s[next] = free_s[c.place[next]] = next_start_s + w->est[TS_RUN_S][w->task[next].cand + c.place[next]];
        c.makespan_s = fmax(c.makespan_s, c.end_s[next]);
    }
    return c;
}

#endif
