/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dnn_tasks.h - a neural network as a fragment of a scenario: input, output and tasks of a workload.
 *
 * A task's work is the flop of its layers.  With processors given it is in seconds on each: of every layer that moves or
 * computes anything the longer of flop / speed and bytes / bandwidth (the roofline of Williams, Waterman, Patterson 2009), and
 * an overhead.  Or it is by kinds of operators (dnn_operators.h), which take what a processor's profile says.
 */
#ifndef SIM_IO_ONNX_DNN_TASKS_H
#define SIM_IO_ONNX_DNN_TASKS_H

#include <stdio.h>

#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/model/dnn_parts.h"

/* A processor, or a group of nodes, as far as the time of a layer goes. */
struct dnn_device {
    const char *name;
    double speed_flops, bytes_per_s, overhead_s;
};

struct dnn_tasks_request {
    enum dnn_form form;
    uint32_t most;       /* tasks of a chain */
    const char *path;    /* of the model, for the heading */
    bool bare;           /* without a heading */
    const char *under;   /* keys that the fragment stands under, such as workloads.vision; or NULL */
    bool operators;      /* work by kinds of operators */
    uint32_t n_device;
    const struct dnn_device *device;
};

/* The tasks before they are written. */
struct dnn_tasks {
    struct dnn_parts parts;
    /*
     * "conv1", "conv2": the operator of the first layer, counted, of each part; "exit1", "exit2" of those that end as exits, and
     * then of exits behind parts that others read, too.
     */
    struct names names;
    uint32_t *part; /* [names.n] of each name */
    uint32_t *exit; /* [parts.n] the name of its exit, if it has one */
    uint32_t first, last; /* those that are taken: all, unless the caller narrows it */
};

/* Seconds that a layer takes on a device. */
double dnn_layer_s(const struct dnn_layer *l, const struct dnn_device *on);
/* Which tasks there are; all in the arena.  -ERR_MEMORY, or 0. */
int dnn_tasks_name(struct dnn_tasks *t, const struct dnn *d, const struct dnn_tasks_request *q, struct arena *a, struct err *e);
/* The number of a task, or ERR_INPUT with the nearest. */
int dnn_tasks_find(const struct dnn_tasks *t, const struct dnn_tasks_request *q, const char *name, uint32_t *part, struct err *e);
/*
 * `input: ...` and `tasks: ...` of those that are taken.  What comes before them is the job's input, what others read behind them
 * output.  ERR_INPUT: a layer whose cost is not known, or more parts than a job may have tasks.
 */
int dnn_tasks_print(FILE *out, const struct dnn *d, struct dnn_tasks *t, const struct dnn_tasks_request *q, struct arena *a,
                    struct err *e);

#endif
