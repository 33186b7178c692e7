/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workflow.h - graphs of tasks as others publish them, as a fragment of a scenario: the tasks of a workload.  Work is in flop
 * where the file has it, else in seconds of one kind of processor; data are in bytes.
 *
 *   dot        digraph of daggen and its like (Suter, daggen, 2013; dslab): NODE [size=FLOP]; A -> B [size=BYTES];
 *   pipedream  profile of a network (Narayanan et al., SOSP 2019): nodeN -- OP -- forward_compute_time=MS, ..,
 *              activation_size=BYTES, ..; then lines of a tab and `nodeA -- nodeB`.  All is of a minibatch, whose size the
 *              file does not tell; nodes called Input are data loading, and left out.
 *   workflow   WfFormat of WfCommons up to 1.5 (Coleman et al., FGCS 128, 2022): runtimes, parents, files
 *   dax        XML of Pegasus (Deelman et al., FGCS 46, 2015; Bharathi et al., WORKS 2008): runtimes, uses, parents
 */
#ifndef SIM_IO_WORKFLOW_H
#define SIM_IO_WORKFLOW_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/names.h"

struct workflow_task {
    double work; /* flop, or s */
    double made_bytes; /* of a layer: what each of those after it is sent */
    bool left_out;
    uint32_t first_use, n_use; /* its files, in workflow.use */
    bool sorted;               /* by file */
};

/* A task reads or writes a file. */
struct workflow_use {
    uint32_t file; /* row of workflow.files */
    bool writes;
    double bytes;
};

struct workflow_edge {
    uint32_t from, to;
    double bytes;
};

struct workflow {
    struct arena arena;
    const char *path;
    const struct workflow_kind *kind;
    uint32_t batch;     /* samples of a minibatch, by which times and data are divided; 0: they stay as they are */
    struct names names; /* of tasks, as written; */
    struct names fit;   /* and as a scenario takes them, each its own */
    struct names files;
    bool in_seconds;
    uint32_t n_use, room_use;
    struct workflow_use *use; /* [n_use], those of a task together */
    uint32_t n_edge, room_task, room_edge;
    struct workflow_task *task; /* [names.n] */
    struct workflow_edge *edge; /* [n_edge] */
};

struct workflow_kind {
    const char *name, *about;
    const char *minibatch; /* who measured minibatches: a graph of one may be had by the sample; NULL: it is none */
    int (*read)(struct workflow *w, struct err *e);
};

/* Ends with name NULL. */
const struct workflow_kind *workflow_kinds(void);

/* Read the graph of a file by a kind, of which one with batch > 0 is of minibatches: 0, or ERR_INPUT at a line of the file;
 * workflow_clear in any case. */
int workflow_read(struct workflow *w, const struct workflow_kind *kind, const char *path, uint32_t batch, struct err *e);
void workflow_clear(struct workflow *w);

/* For readers: the task of that name, added if it is new, NAME_NONE if memory is out; data between two. */
uint32_t workflow_task(struct workflow *w, const char *name, size_t n);
int workflow_add_edge(struct workflow *w, struct workflow_edge edge, struct err *e);
int workflow_read_json(struct workflow *w, struct err *e); /* workflow_json.c */
int workflow_read_dax(struct workflow *w, struct err *e);  /* workflow_dax.c */
/* And, where data go by files: a file of a task, told before those of the next task; the bytes of those that the one writes and
 * the other reads, once all have been told (workflow_files.c). */
int workflow_use(struct workflow *w, uint32_t task, const char *file, bool writes, double bytes, struct err *e);
double workflow_shared(struct workflow *w, uint32_t from, uint32_t to);

/*
 * The fragment, under keys such as workloads.science unless NULL; seconds are those of a kind of processor or of a group called
 * `on`.  -ERR_IO: the stream fails.
 */
int workflow_print(const struct workflow *w, const char *under, const char *on, FILE *out);

#endif
