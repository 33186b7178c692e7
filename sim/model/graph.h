/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graph.h - the tasks of a job and the data that go between them: a directed graph without cycles.
 *
 * Tasks without predecessors read the job's input, which comes from the node of the job.  A task whose results nobody in the
 * graph reads sends its output there, and the job ends when all such outputs have come.
 *
 * Branches.  Each job draws a latent value, uniform in (0,1).  A task is part of the job if the value lies in its band
 * (above, below], and if it has no predecessors or one of them is part of the job and sends it data.  What is left out is not
 * waited for: a join of all waits for the predecessors that send it something, one of k for k of them or, if there are fewer,
 * all.
 *
 * Tensors.  Edges of one task that name the same tensor carry the same data, which go to each node once, whoever reads them there.
 * They are as large, and as selective, as each other.
 *
 * Compression.  Data may be offered packed: fewer bits for some work at both ends and some accuracy of the job.  It is done where a
 * plan for a whole job asks for it.
 *
 * Selectivity.  An edge may carry data in some jobs only: each by chance, or every n-th of its source (iFogSim's fractional
 * and periodic edges).
 *
 * Exits.  A task may be an exit: a job whose latent value is up to its share `leaves` ends with its result, and what comes
 * behind the exit is no part of that job.  So the latent value is how hard a job is, as an exit's confidence tells it.  A plan
 * for a whole job may choose other shares, and leave exits out.
 *
 * Grades.  How good a task's result is, by the latent value of the job: rows (upto, accuracy], the last up to 1.
 *
 * Tasks are numbered so that data only go from lower to higher ones.  Data have one numbering, too, the links of the graph:
 * edge e is link e, the input that task k reads is link n_edge + k, and its output link n_edge + n_task + k.  The parts of a
 * job are numbered for its records: 0 the job itself, 1 + k task k, 1 + n_task + l what goes over link l.
 */
#ifndef SIM_MODEL_GRAPH_H
#define SIM_MODEL_GRAPH_H

#include <math.h>

#include "sim/model/scenario.h"

enum { GRAPH_TASKS = 1000, GRAPH_EDGES = 20000, GRAPH_SELECTIVE = 12 };
_Static_assert(1 + 3 * GRAPH_TASKS + GRAPH_EDGES < 1 << 15, "the parts of a job have numbers of 15 bits: see transition_whose");

struct latent_band {
    double above, below; /* (above, below] */
};

struct grade {
    double upto, accuracy;
};

struct task_spec {
    const char *name;
    uint32_t entity; /* stream_entity("workloads.NAME.tasks.NAME") */
    struct size_spec work, output; /* flop, bit */
    uint64_t runs_on;
    unsigned privacy; /* enum privacy */
    uint32_t at_least; /* of its predecessors, how many it waits for; 0 = all */
    struct latent_band when;
    double leaves;             /* of an exit: jobs of a latent value up to this end with its result; NAN: it is none */
    uint32_t n_grade;          /* 0: nothing is said */
    const struct grade *grade; /* [n_grade] in ascending order of upto */
    uint32_t first_in, n_in;   /* edges that lead to it */
    uint32_t first_out, n_out; /* edges that lead from it, in graph.out */
    uint8_t loops;     /* bit enum loop_instant: a loop starts or ends then */
    double share;      /* of the jobs, those that it is part of */
    double exit_share; /* and those whose output it sends */
};

struct packing {
    double ratio; /* bits over packed bits, from 1; 0: it is not offered */
    double pack_flop, unpack_flop, loss;
};

struct edge_spec {
    uint32_t from, to; /* tasks */
    uint32_t entity;   /* stream_entity("workloads.NAME.tasks.TO.after.FROM"), or ("workloads.NAME.tasks.FROM.tensor.TENSOR") */
    const char *tensor; /* of those of `from`; NULL: nobody else reads these data */
    uint32_t same;      /* not 0: edges of equal from and same carry the same data */
    uint32_t first;     /* the first edge that does, maybe this one */
    struct size_spec data; /* bit */
    struct packing packing;
    double chance;         /* with which a job has them; 1: each */
    double share;          /* of the jobs, those in which they are sent to a task */
    uint32_t every;        /* or each so many-th job of its source; 0: by chance */
};

static inline bool edge_is_selective(const struct edge_spec *edge)
{
    return edge->chance < 1 || edge->every > 1;
}

struct graph {
    uint32_t n_task, n_edge;
    struct task_spec *task; /* [n_task] */
    struct edge_spec *edge; /* [n_edge] in order of `to` */
    uint32_t *out;          /* [n_edge] numbers of edges in order of `from`, then `to` */
    bool early;             /* some task may start before all its data have come */
    bool shares;            /* some data have several readers */
    bool packs;             /* some data may be packed */
    uint32_t n_selective;   /* edges, or tensors; GRAPH_SELECTIVE at most */
    bool alike;             /* all tasks and all data are part of each job */
    bool exits, graded;     /* some task is an exit; some result has a grade */
};

/*
 * graph_copies.c: copies[k] > 1 copies of task k, named NAME.1, NAME.2, .., stand in its place, each of which reads what the task
 * would have read, and is read by its readers.  Between two tasks with copies, which must be equally many, copy i reads copy i.
 * To be done before graph_sort; the extent is known before.  If memory from the arena fails, the arena says so.
 */
struct graph_extent {
    uint32_t n_task, n_edge;
};
struct graph_extent graph_extent(const struct graph *g, const uint32_t *copies);
void graph_make_copies(struct graph *g, const uint32_t *copies, struct arena *a);

/*
 * Bring the tasks into their order, which is that given where it can be, and fill first_in, n_in, first_out, n_out, out, early,
 * same, first, shares, packs and n_selective; task and edge are filled but for that.  ROW_NONE, or a task (as given) on a cycle.
 * Scratch is taken from the arena; if that fails, the arena says so.
 */
uint32_t graph_sort(struct graph *g, struct arena *a);
/*
 * Fill alike and the shares, exactly: over all bands of latent values and all sets of selective edges.  ROW_NONE, or a task that
 * is part of no job; *idle: the middle of latent values for which a job would have no task at all, else NAN.
 */
uint32_t graph_share(struct graph *g, struct arena *a, double *idle);
/*
 * Which tasks are part of a job with that latent value, of whose edges those carry data that are not in quiet[n_edge] (NULL: all
 * do): runs[n_task]; and whether task k sends its output.  leaves[n_task]: of exits the shares that end there, < 0: it is left out;
 * NULL: as the scenario has it.
 */
void graph_runs(const struct graph *g, double latent, const uint8_t *quiet, const double *leaves, uint8_t *runs);
bool graph_is_exit(const struct graph *g, const uint8_t *quiet, const uint8_t *runs, uint32_t k);

/* How far each task is from the input: 0 of those that read it, else one more than the farthest before it.  level[n_task];
 * returns the number of levels. */
uint32_t graph_levels(const struct graph *g, uint32_t *level);

/* Size of the data of an edge: those of one tensor have one. */
static inline const struct size_spec *graph_data_size(const struct graph *g, uint32_t e)
{
    return &g->edge[g->edge[e].first].data;
}
static inline uint32_t graph_n_link(const struct graph *g)
{
    return g->n_edge + 2 * g->n_task;
}
static inline uint32_t graph_input(const struct graph *g, uint32_t task)
{
    return g->n_edge + task;
}
static inline uint32_t graph_output(const struct graph *g, uint32_t task)
{
    return g->n_edge + g->n_task + task;
}
static inline uint32_t graph_part_of_task(uint32_t task)
{
    return 1 + task;
}
static inline uint32_t graph_part_of_link(const struct graph *g, uint32_t link)
{
    return 1 + g->n_task + link;
}

/* The accuracy of a task's result for a job of that latent value; NAN if nothing is said. */
double graph_accuracy(const struct task_spec *t, double latent);

/* "detect", "crop > detect", "input > crop", "detect > output" for a part of a job of the workload, into buf[n]; returns
 * buf.  Part 0 is "". */
const char *graph_part_name(const struct workload *w, uint32_t part, char *buf, size_t n);

/* Row of task k of a workload among the tasks of all workloads. */
static inline uint32_t workload_task_row(const struct scenario *s, uint32_t workload, uint32_t k)
{
    return k == 0 ? workload : s->workload[workload].more_task + k - 1;
}
static inline uint32_t workload_n_task(const struct workload *w)
{
    return w->graph ? w->graph->n_task : 1;
}
static inline const struct size_spec *workload_work(const struct workload *w, uint32_t k)
{
    return w->graph ? &w->graph->task[k].work : &w->work;
}
static inline enum privacy workload_privacy(const struct workload *w, uint32_t k)
{
    const unsigned own = w->graph ? w->graph->task[k].privacy : PRIVACY_UNSAID, said = own ? own : w->privacy;
    return said ? (enum privacy)said : w->sensitivity ? PRIVACY_SOFT : PRIVACY_NONE;
}
/* Is some task of its jobs private? */
static inline bool workload_is_private(const struct workload *w)
{
    bool is_private = false;
    for (uint32_t k = 0; k < workload_n_task(w); k++) {
        is_private |= workload_privacy(w, k) >= PRIVACY_SOFT;
    }
    return is_private;
}
/* May task k run on a pool?  A hard private one only on those of the group where its job is. */
static inline bool workload_fits(const struct scenario *s, const struct workload *w, uint32_t k, uint32_t pool)
{
    uint64_t runs_on = w->graph ? w->graph->task[k].runs_on : w->runs_on;
    if (workload_privacy(w, k) == PRIVACY_HARD && s->pool[pool].group != w->group) {
        return false;
    }
    return (runs_on >> s->pool[pool].kind & 1) && size_stretch(workload_work(w, k), pool) < INFINITY;
}

#endif
