/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workshop.h - a small plant with all that the model has, for tests of what must hold everywhere: every kind of arrivals,
 * every discipline, links of both kinds under every process, drawn latencies, drops, refusals by full queues.
 *
 * Its text has room for more at the front of nodes, links and workloads.  Traces are the shipped ones, found by
 * $TIERSIM_DATA, which workshop_setup sets.
 */
#ifndef TESTS_WORKSHOP_H
#define TESTS_WORKSHOP_H

#include "tests/replicate.h"

static const char workshop_text[] =
    "tiersim: 1\n"
    "name: workshop\n"
    "nodes:\n"
    "%s"
    "  camera: {tier: end, count: 10, attach: edge, processors: {npu: {cores: 1, speed: 20 GFLOP/s}},\n"
    "           power: {idle: 2 W, busy: 5 W}}\n"
    "  robot: {tier: end, count: 6, attach: edge,\n"
    "          processors: {cpu: {cores: 2, speed: 10 GFLOP/s, discipline: priority, preempt: resume}},\n"
    "          power: {idle: 8 W, busy: 20 W}}\n"
    "  edge: {tier: edge, count: 4, processors: {gpu: {cores: 2, speed: 200 GFLOP/s, discipline: edf, queue: 20}},\n"
    "         power: {idle: 40 W, busy: 110 W}}\n"
    "  gateway: {tier: edge, processors: {gpu: {speed: 300 GFLOP/s, discipline: batch,\n"
    "            batch: {max: 4, wait: 2 ms, overhead: 1 ms, parallel: 0.8}}}}\n"
    "  cloud: {tier: cloud, processors: {gpu: {cores: 4, speed: 400 GFLOP/s, discipline: ps}}, price: 3 USD/h,\n"
    "          power: {idle: 200 W, busy: 900 W}}\n"
    "links:\n"
    "%s"
    "  cell: {from: [camera, robot], to: edge, per: edge, sharing: fair, latency: {lognormal: {mean: 8 ms, cv: 0.3}},\n"
    "         up: {capacity: {log_ar1: {mean: 60 Mbit/s, sd_log: 0.44, correlation: 0.81, step: 0.5 s},\n"
    "                         outage: {every: 10 s, lasts: 0.2 s, capacity: 1 Mbit/s}}, energy: 110 nJ/bit},\n"
    "         down: {capacity: 90 Mbit/s, energy: 40 nJ/bit}}\n"
    "  backhaul: {from: edge, to: gateway, per: gateway, sharing: fifo, capacity: 1 Gbit/s, latency: 0.5 ms}\n"
    "  wan: {from: gateway, to: cloud, sharing: fifo, latency: {exponential: {mean: 18 ms}}, energy: 47 nJ/bit,\n"
    "        capacity: {trace: {file: \"${TIERSIM_DATA}/wan.csv\", format: throughput, start: random}}}\n"
    "workloads:\n"
    "%s"
    "  frame: {at: camera, arrivals: {periodic: {period: 500 ms, jitter: 150 ms, phase: random}}, runs_on: [npu, gpu],\n"
    "          input: {lognormal: {mean: 60 kB, cv: 0.4}}, work: {gamma: {mean: 4 GFLOP, cv: 0.1}}, output: 200 B,\n"
    "          deadline: 250 ms}\n"
    "  alarm: {at: robot, arrivals: {mmpp: {shared: false, calm: {rate: 0.3 /s, stays: 3 s},\n"
    "          burst: {rate: 4 /s, stays: 1 s}}}, input: 20 kB, work: {exponential: {mean: 0.6 GFLOP}}, output: 100 B,\n"
    "          deadline: {after: 70 ms, late: drop}, priority: 2}\n"
    "  shift: {at: robot, arrivals: {onoff: {shared: true, burst: {rate: 2 /s, stays: 2 s}, silent: {stays: 3 s}}},\n"
    "          input: {uniform: {low: 1 kB, high: 9 kB}}, work: {pareto: {shape: 2.5, minimum: 0.2 GFLOP}}}\n"
    "  assistant: {at: robot, arrivals: {trace: {file: \"${TIERSIM_DATA}/assistant.csv\", format: azure_llm, start: random}},\n"
    "              input: {linear: {prompt_tokens: 6 B}}, runs_on: [gpu],\n"
    "              work: {linear: {prompt_tokens: 0.01 GFLOP, output_tokens: 0.1 GFLOP}},\n"
    "              output: {linear: {output_tokens: 6 B}}, deadline: 5 s, sensitivity: plant}\n"
    "  chat: {at: camera, arrivals: {closed: {users: 2, think: {exponential: {mean: 2 s}}}}, runs_on: [npu, gpu],\n"
    "         input: {exponential: {mean: 5 kB}}, work: {weibull: {shape: 0.8, scale: 2 GFLOP}},\n"
    "         output: {exponential: {mean: 20 kB}}}\n"
    "  probe: {at: robot, arrivals: {poisson: {rate: 1 /s, sources: separate}}, input: {erlang: {mean: 4 kB, stages: 2}},\n"
    "          work: {hyperexponential: {mean: 1 GFLOP, cv: 2}}, output: 1 kB}\n"
    "  sweep: {at: camera, arrivals: {diurnal: {rate: 1 /s, swing: 0.6, period: 20 s}}, runs_on: [npu, gpu],\n"
    "          input: 1 kB, work: {exponential: {mean: 1 GFLOP}}}\n"
    "experiment: {policies: [random, jsq, power_of_d: {d: 2}, mct, local, edf_admission, round_robin], seed: 3,\n"
    "             warm_up: 5 s, duration: 30 s, drain: 5 s}\n";

struct workshop {
    const char *nodes, *links, *workloads; /* more, each in lines of its own that start with two blanks; or NULL */
    const char *const *set;                /* assignments, ending with NULL; or NULL */
};

static inline int workshop_setup(void **state)
{
    char *folder = realpath("traces", NULL);
    (void)state;
    assert_non_null(folder);
    assert_int_equal(setenv("TIERSIM_DATA", folder, 1), 0);
    free(folder);
    return 0;
}

static inline void workshop_read(struct scenario *s, struct workshop w)
{
    static char text[16384];
    int n = snprintf(text, sizeof text, workshop_text, w.nodes ? w.nodes : "", w.links ? w.links : "",
                     w.workloads ? w.workloads : "");
    assert_true(n > 0 && (size_t)n < sizeof text);
    scenario_of_text(s, text, w.set);
}

#endif
