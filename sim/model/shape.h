/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shape.h - graphs of tasks made by a rule: what studies of list scheduling draw at random, and the shapes of two workflows
 * that they all use.  The work of each task and the data of each edge are drawn once, so that all jobs have the same graph.
 *
 *   chain        `tasks` one after the other
 *   fork_join    a task, `width` side by side, a task that waits for them; and again, `stages` times
 *   in_tree      `branching` ^ (levels - 1) tasks, each `branching` of which are joined, down to one
 *   out_tree     the same, turned round
 *   layered      `tasks` in levels of a drawn width; each has one parent in the level above, and each other task of the
 *                `reach` levels above with probability `density` (after daggen: Suter 2013)
 *   epigenomics  per lane: split, `chunks` side by side of filter, sol2sanger, fastq2bfq, map, then merge; the lanes merge, then
 *                index, pileup (Bharathi et al., "Characterization of scientific workflows", WORKS 2008); 24 tasks for a
 *                lane of 5 chunks, as that of the Pegasus gallery
 *   montage      of n images: n project, 3n - 6 diff for pairs that overlap (image i with i + 1, i + 2, i + 3, no more than
 *                pairs of neighbours in a plane), concat, model, n background, table, add, shrink, jpeg: 5n tasks, as those
 *                of the gallery (ibid.)
 *
 * Draws are addressed by the seed and the numbers of tasks, so a graph is a function of its figures.
 */
#ifndef SIM_MODEL_SHAPE_H
#define SIM_MODEL_SHAPE_H

#include "sim/model/graph.h"

enum shape_kind {
    SHAPE_CHAIN,
    SHAPE_FORK_JOIN,
    SHAPE_IN_TREE,
    SHAPE_OUT_TREE,
    SHAPE_LAYERED,
    SHAPE_EPIGENOMICS,
    SHAPE_MONTAGE,
};

struct shape {
    int kind;                                  /* enum shape_kind */
    uint32_t tasks;                            /* chain, layered */
    uint32_t width, stages;                    /* fork_join */
    uint32_t levels, branching;                /* trees */
    uint32_t lanes, chunks;                    /* epigenomics */
    uint32_t images;                           /* montage; 3 or more */
    struct dist layer_width;                   /* layered: rounded, and at least 1 */
    double density;                            /* layered: 0 to 1 */
    uint32_t reach;                            /* layered: levels; 1 or more */
    uint32_t seed;
    struct size_spec work;                     /* flop; drawn */
    struct size_spec data;                     /* bit; drawn */
};

/*
 * The tasks and edges of the shape, from the arena, ready for graph_sort: names, work, edges and data are filled.  If they are
 * more than GRAPH_TASKS or GRAPH_EDGES, only their numbers are, as far as they were counted.  If memory is out the arena says so.
 */
void shape_make(const struct shape *shape, struct arena *a, struct graph *g);

#endif
