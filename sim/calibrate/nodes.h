/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nodes.h - the nodes of a whole model as the runtime ran them, from the profile that it writes (JSON of trace events): after
 * fusing and folding, with the shapes that they really had, and how long each took.  Times of it are whole microseconds.
 */
#ifndef SIM_CALIBRATE_NODES_H
#define SIM_CALIBRATE_NODES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/calibrate/operators.h"

struct err;
struct ort;

struct node_time {
    struct operator_cost counted;
    double s; /* the least of all runs */
};

/*
 * Run the model so many times with the profile on.  Nodes to be freed; the file goes to a folder of its own, which is removed.
 * ERR_INPUT: the runtime refuses the model.
 */
int nodes_profile(struct ort *o, const void *model, size_t n, const char *name, uint32_t runs, struct node_time **node,
                  uint32_t *n_node, struct err *e);
/* The nodes of such a profile; ERR_INPUT: it is none. */
int nodes_read(const char *path, struct node_time **node, uint32_t *n_node, struct err *e);

#endif
