/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plant.h - a device, an edge of two cores and a cloud of four, each of 1 GFLOP/s, with links of 1 MB/s; jobs of 1 MB that come at
 * the device and return 3 MB, up to their tasks.  And how a plan for all of them is filled.
 */
#ifndef TESTS_PLANT_H
#define TESTS_PLANT_H

#include <stdbool.h>
#include <tiersim/policy.h>

#define PLANT(name, period) \
    "tiersim: 1\n" \
    "name: " name "\n" \
    "nodes:\n" \
    "  device: {tier: end, attach: edge, processors: {npu: {speed: 1 GFLOP/s}}, power: {idle: 0 W, busy: 1 W}}\n" \
    "  edge: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s, cores: 2}}, power: {idle: 0 W, busy: 20 W}}\n" \
    "  cloud: {tier: cloud, processors: {gpu: {speed: 1 GFLOP/s, cores: 4}}, power: {idle: 0 W, busy: 400 W}}\n" \
    "links:\n" \
    "  cell: {from: device, to: edge, capacity: 8 Mbit/s, energy: 1 uJ/bit}\n" \
    "  wan: {from: edge, to: cloud, capacity: 8 Mbit/s, latency: 0.5 s}\n" \
    "workloads:\n" \
    "  job:\n" \
    "    at: device\n" \
    "    arrivals: {periodic: {period: " period ", phase: sync}}\n" \
    "    input: 1 MB\n" \
    "    output: 3 MB\n"

/* The next task of a plan goes to a place; as_one: as one service with the task before it, if that goes there, too. */
static inline int plant_put(const struct ts_host *h, struct ts_plan *p, uint32_t task, ts_id place, bool as_one)
{
    if (as_one && p->n > 0 && p->step[p->n - 1].place == place) {
        p->step[p->n - 1].upto = task;
        return 0;
    }
    if (p->n == p->cap && h->more(h->ctx, p, 2 * p->cap) < 0) {
        return -1;
    }
    p->step[p->n++] = (struct ts_step){.verb = TS_PLACE, .task = task, .place = place};
    return 0;
}

#endif
