/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edge.h - a small system by hand, for tests and benches that need no file: devices attached round-robin to edge servers,
 * a FIFO cell per edge server, a WAN to one cloud.
 *
 *     place     0 .. n_edge-1: edge[i].cpu       n_edge: cloud.cpu
 *     channel   2 i: cell[i].up   2 i + 1: cell[i].down   then wan[i].up, wan[i].down
 *     node      devices, then edge servers, then the cloud
 */
#ifndef TESTS_EDGE_H
#define TESTS_EDGE_H

#include <math.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/model/scenario.h"

struct edge_system {
    struct scenario s;
    struct node_group group[3];
    struct pool pool[2];
    struct link link[2];
    struct workload workload[2];
    uint32_t from[2];
};

enum { EDGE_DEVICE, EDGE_EDGE, EDGE_CLOUD, EDGE_CELL = 0, EDGE_WAN = 1 };

/*
 * Fills *x, which must not move.  Two workloads on the devices, the second sensitive.  Edge servers: 2 cores, 100 W idle,
 * 120 W busy; the cloud: 4 cores, 200 W to 400 W.  Cells: 1e-6 J/bit, 2e-9 per bit, 1 W idle each way.  Window [0, 64).
 */
static inline int edge_system_init(struct edge_system *x, uint32_t n_device, uint32_t n_edge, struct err *e)
{
    static const char *const tier[] = {"end", "edge", "cloud"}, *const kind[] = {"cpu"};
    memset(x, 0, sizeof *x);
    x->group[EDGE_DEVICE] = (struct node_group){.name = "device", .tier = 0, .count = n_device, .attach = EDGE_EDGE};
    x->group[EDGE_EDGE] = (struct node_group){.name = "edge", .tier = 1, .count = n_edge, .attach = ROW_NONE,
                                              .n_pool = 1, .first_pool = 0, .idle_w = 100, .busy_w = 120};
    x->group[EDGE_CLOUD] = (struct node_group){.name = "cloud", .tier = 2, .count = 1, .attach = ROW_NONE,
                                               .n_pool = 1, .first_pool = 1, .idle_w = 200, .busy_w = 400};
    x->pool[0] = (struct pool){.name = "cpu", .units = 2, .speed_flops = 1e9};
    x->pool[1] = (struct pool){.name = "cpu", .units = 4, .speed_flops = 1e9};
    x->from[0] = EDGE_DEVICE;
    x->from[1] = EDGE_EDGE;
    struct channel_spec cell = {.capacity = {.kind = PROCESS_CONSTANT, .value = 1e6}, .energy_j_per_bit = 1e-6,
                                .price_per_bit = 2e-9, .idle_w = 1};
    struct channel_spec wan = {.capacity = {.kind = PROCESS_CONSTANT, .value = INFINITY},
                               .latency = {.kind = PROCESS_CONSTANT, .value = 0.05}};
    x->link[EDGE_CELL] = (struct link){.name = "cell", .n_from = 1, .from = &x->from[0], .to = EDGE_EDGE,
                                       .per = EDGE_EDGE, .direction = {cell, cell}};
    x->link[EDGE_WAN] = (struct link){.name = "wan", .n_from = 1, .from = &x->from[1], .to = EDGE_CLOUD,
                                      .per = EDGE_EDGE, .direction = {wan, wan}};
    for (int w = 0; w < 2; w++) {
        x->workload[w] = (struct workload){.name = w ? "photo" : "frame", .group = EDGE_DEVICE, .runs_on = 1,
                                           .deadline_s = INFINITY, .sensitivity = w ? "face" : NULL,
                                           .arrivals = {.kind = ARRIVAL_POISSON, .rate = 1}};
    }
    x->s = (struct scenario){
        .name = "edge", .n_tier = 3, .n_kind = 1, .n_group = 3, .n_pool = 2, .n_link = 2, .n_workload = 2,
        .tier_name = tier, .kind_name = kind, .group = x->group, .pool = x->pool, .link = x->link,
        .workload = x->workload, .experiment = {.duration_s = 64, .drain_s = INFINITY, .compare_to = ROW_NONE},
    };
    return scenario_finish(&x->s, e);
}

#endif
