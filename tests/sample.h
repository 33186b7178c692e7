/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sample.h - an experiment as it might have been: 10 policies, 3 workloads, 10 replications of made-up but plausible
 * numbers, so that files, tables and figures can be tested and looked at without a simulation.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/policy.h>

#include "sim/measure/record.h"
#include "sim/measure/rows.h"
#include "sim/model/scenario.h"

enum { SAMPLE_POLICIES = 10, SAMPLE_CLASSES = 3, SAMPLE_REPLICATIONS = 10, SAMPLE_JOBS = 4000 };

static const char *const sample_policy[SAMPLE_POLICIES] = {"local",       "nearest_edge", "cloud",      "random",
                                                           "round_robin", "jsq",          "power_of_d", "least_work",
                                                           "mct",         "edf_admission"};

/* The scenario with its experiment; policies and replications may be fewer. */
static struct scenario sample_scenario(uint32_t n_policy, uint32_t n_replication)
{
    static const char *const tier[] = {"end", "edge", "cloud"};
    static const char *const kind[] = {"npu", "cpu", "gpu"};
    static struct node_group group[] = {
        {.name = "camera", .tier = 0, .count = 2000, .idle_w = 2, .busy_w = 5},
        {.name = "robot", .tier = 0, .count = 40, .first_node = 2000, .idle_w = 8, .busy_w = 20},
        {.name = "edge", .tier = 1, .count = 8, .first_node = 2040, .idle_w = 40, .busy_w = 110},
        {.name = "cloud", .tier = 2, .count = 1, .first_node = 2048, .idle_w = 900, .busy_w = 4800},
    };
    static struct pool pool[] = {
        {.name = "npu", .group = 0, .units = 1},
        {.name = "cpu", .group = 1, .units = 4, .first_place = 2000},
        {.name = "gpu", .group = 2, .units = 2, .first_place = 2040},
        {.name = "gpu", .group = 3, .units = 16, .first_place = 2048},
    };
    static struct link link[] = {
        {.name = "cell", .n_instance = 8}, {.name = "backhaul", .n_instance = 1}, {.name = "wan", .n_instance = 1}};
    static struct workload workload[] = {{.name = "frame", .deadline_s = 0.25},
                                         {.name = "alarm", .deadline_s = 0.06, .drop_late = true},
                                         {.name = "assistant", .deadline_s = 5}};
    static struct policy_spec spec[SAMPLE_POLICIES];
    for (int p = 0; p < SAMPLE_POLICIES; p++) {
        spec[p] = (struct policy_spec){.policy = sample_policy[p], .label = sample_policy[p]};
    }
    return (struct scenario){
        .name = "factory",
        .about = "2000 cameras, 40 robots, 8 edge servers, one cloud region",
        .text = "tiersim: 1\nname: factory\n",
        .n_tier = 3,
        .n_kind = 3,
        .n_group = 4,
        .n_pool = 4,
        .n_link = 3,
        .n_workload = SAMPLE_CLASSES,
        .tier_name = tier,
        .kind_name = kind,
        .group = group,
        .pool = pool,
        .link = link,
        .workload = workload,
        .n_node = 2049,
        .n_place = 2049,
        .n_channel = 20,
        .experiment = {.n_policy = n_policy,
                       .policy = spec,
                       .replications = n_replication,
                       .seed = 1,
                       .warm_up_s = 20,
                       .duration_s = 120,
                       .drain_s = 10,
                       .compare_to = n_policy > 1 ? 1 : ROW_NONE},
    };
}

static double sample_uniform(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u); /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double sample_normal(uint64_t *state)
{
    return sqrt(-2 * log(sample_uniform(state))) * cos(6.283185307179586 * sample_uniform(state));
}

/* What a job of a workload goes through under a policy: service, way, wait; s. */
static void sample_job(uint32_t policy, uint32_t class, double luck, uint64_t *state, struct cohort *c,
                       struct sketch *s, double deadline_s, int drop_late)
{
    static const double service[SAMPLE_CLASSES][2] = {{0.2, 0.005}, {0.01, 0.0006}, {60, 1.2}};
    static const double wait[SAMPLE_POLICIES] = {0.001, 0.030, 0.004, 0.020, 0.016, 0.006, 0.008, 0.005, 0.004, 0.003};
    int local = policy == 0, cloud = policy == 2;
    double compute = service[class][local ? 0 : 1] * exp(0.35 * sample_normal(state)) * (cloud ? 0.4 : 1);
    double upload = local ? 0 : (cloud ? 0.045 : 0.016) * exp(0.3 * sample_normal(state)) * (class == 0 ? 1.5 : 1);
    double download = local ? 0 : (cloud ? 0.026 : 0.009) * exp(0.3 * sample_normal(state));
    double queue = sample_uniform(state) < 0.6 ? -wait[policy] * luck * 4 * log(sample_uniform(state)) : 0;
    double latency = compute + upload + download + queue;
    int rejected = policy == 9 && latency > deadline_s, dropped = drop_late && latency > deadline_s;
    c->n_job++;
    c->n_decision++;
    c->useful_j += local ? 0.4 : cloud ? 1.9 : 0.9;
    c->bits += local ? 0 : 960000;
    if (rejected || dropped) {
        c->n_end[rejected ? TS_REJECTED : TS_DROP_EXPIRED]++;
        sketch_add(s, INFINITY);
        return;
    }
    c->n_finished++;
    c->n_late += latency > deadline_s;
    c->n_end[latency > deadline_s ? TS_LATE : TS_DONE]++;
    c->latency_s += latency;
    c->latency2_s2 += latency * latency;
    c->upload_s += upload;
    c->queue_s += queue;
    c->compute_s += compute;
    c->download_s += download;
    sketch_add(s, latency);
}

static void sample_metrics(double m[N_METRIC], const struct cohort *c, double window_s)
{
    double n = (double)c->n_job, done = (double)c->n_finished;
    for (int i = 0; i < N_METRIC; i++) {
        m[i] = 0;
    }
    m[M_JOBS] = n;
    m[M_FINISHED_RATIO] = done / n;
    m[M_LATENCY_MEAN] = c->latency_s / done;
    m[M_LATENCY_UPLOAD] = c->upload_s / done;
    m[M_LATENCY_QUEUE] = c->queue_s / done;
    m[M_LATENCY_COMPUTE] = c->compute_s / done;
    m[M_LATENCY_DOWNLOAD] = c->download_s / done;
    m[M_MISS_RATIO] = 1 - (done - (double)c->n_late) / n;
    m[M_REJECT_RATIO] = (double)c->n_end[TS_REJECTED] / n;
    m[M_DROP_RATIO] = m[M_DROP_EXPIRED] = (double)c->n_end[TS_DROP_EXPIRED] / n;
    m[M_ENERGY_PER_JOB] = c->useful_j / n;
    m[M_EDP] = m[M_ENERGY_PER_JOB] * m[M_LATENCY_MEAN];
    m[M_DECISIONS] = n;
    m[M_THROUGHPUT] = done / window_s;
    m[M_GOODPUT] = (done - (double)c->n_late) / window_s;
}

static void *sample_take(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p) {
        abort();
    }
    return p;
}

/* The record of one replication, complete, to be cleared by the caller. */
static struct record sample_record(const struct scenario *s, uint32_t policy, uint32_t replication)
{
    struct record r = {.policy = policy,
                       .replication = replication,
                       .status = RECORD_OK,
                       .n_class = s->n_workload,
                       .n_group = s->n_group,
                       .n_pool = s->n_pool,
                       .n_link = s->n_link,
                       .n_tier = s->n_tier,
                       .digest = 0x9E3779B97F4A7C15u * (policy * 100 + replication + 1),
                       .n_transition = 123456 + policy,
                       .n_event = 98765,
                       .n_event_dead = 4321,
                       .n_question = 24000,
                       .n_tie = 3,
                       .window_from_s = 20,
                       .window_to_s = 140,
                       .end_s = 145.25 + replication,
                       .wall_s = 0.7};
    uint64_t state = replication + 1, own = policy * 1000 + replication;
    double luck = exp(0.08 * sample_normal(&state)) * exp(0.02 * sample_normal(&own));
    struct cohort all = {0}, of[SAMPLE_CLASSES] = {{0}};
    r.cohort = sample_take(N_SEGMENT * r.n_class, sizeof *r.cohort);
    r.latency = sample_take(N_SEGMENT * r.n_class, sizeof *r.latency);
    r.class_metric = sample_take(r.n_class, sizeof *r.class_metric);
    static const uint32_t share[SAMPLE_CLASSES] = {SAMPLE_JOBS * 8 / 10, SAMPLE_JOBS * 15 / 100, SAMPLE_JOBS * 5 / 100};
    for (uint32_t c = 0; c < r.n_class; c++) {
        for (uint32_t j = 0; j < share[c]; j++) {
            uint32_t at = j * N_SEGMENT / share[c] * r.n_class + c;
            sample_job(policy, c, luck, &state, &r.cohort[at], &r.latency[at], s->workload[c].deadline_s,
                       s->workload[c].drop_late);
        }
        for (uint32_t g = 0; g < N_SEGMENT; g++) {
            const struct cohort *x = &r.cohort[g * r.n_class + c];
            for (struct cohort *to = &of[c];; to = &all) {
                to->n_job += x->n_job, to->n_finished += x->n_finished, to->n_late += x->n_late;
                to->useful_j += x->useful_j, to->latency_s += x->latency_s, to->upload_s += x->upload_s;
                to->queue_s += x->queue_s, to->compute_s += x->compute_s, to->download_s += x->download_s;
                to->n_end[TS_REJECTED] += x->n_end[TS_REJECTED],
                    to->n_end[TS_DROP_EXPIRED] += x->n_end[TS_DROP_EXPIRED];
                if (to == &all) {
                    break;
                }
            }
        }
        sample_metrics(r.class_metric[c], &of[c], 120);
        r.class_metric[c][M_ENERGY_TOTAL] = NAN;
    }
    sample_metrics(r.metric, &all, 120);
    r.pool = sample_take(r.n_pool, sizeof *r.pool);
    r.channel = sample_take(2 * r.n_link, sizeof *r.channel);
    r.group_energy = sample_take(r.n_group, sizeof *r.group_energy);
    r.tier_energy = sample_take(r.n_tier + 1, sizeof *r.tier_energy);
    double busy = all.useful_j, part[4] = {policy == 0, policy != 0 && policy != 2, policy == 2, 0.05};
    for (uint32_t t = 0; t <= r.n_tier; t++) {
        static const double idle_w[] = {4320, 320, 900, 0};
        r.tier_energy[t] = (struct energy){.dynamic_j = busy * part[t], .idle_j = 120 * idle_w[t]};
        r.metric[M_ENERGY_TOTAL] += r.tier_energy[t].dynamic_j + r.tier_energy[t].idle_j;
        r.metric[M_ENERGY_IDLE] += r.tier_energy[t].idle_j;
    }
    for (uint32_t g = 0; g < r.n_group; g++) {
        r.group_energy[g] =
            (struct energy){.dynamic_j = 10.0 * g + policy, .idle_j = 120 * s->group[g].count * s->group[g].idle_w};
    }
    for (uint32_t p = 0; p < r.n_pool; p++) {
        r.pool[p] = (struct usage){
            .busy_s = 30.0 * (p + 1) * luck, .held_s = 45.0 * (p + 1), .dynamic_j = 7, .n_served = 1000 + p};
    }
    for (uint32_t l = 0; l < 2 * r.n_link; l++) {
        r.channel[l] = (struct usage){
            .busy_s = 11.0 * (l + 1), .held_s = 20, .bits = 1e9 * (l + 1), .dynamic_j = 3, .n_served = 5};
    }
    /* Cameras and their pool have too many members, cells and the others have few. */
    r.n_place_member = 49;
    r.n_channel_member = 20;
    r.pool_first_member = sample_take(r.n_pool, sizeof *r.pool_first_member);
    r.link_first_member = sample_take(r.n_link, sizeof *r.link_first_member);
    memcpy(r.pool_first_member, (const uint32_t[]){UINT32_MAX, 0, 40, 48}, 4 * sizeof(uint32_t));
    memcpy(r.link_first_member, (const uint32_t[]){0, 16, 18}, 3 * sizeof(uint32_t));
    r.place_member = sample_take(r.n_place_member, sizeof *r.place_member);
    r.channel_member = sample_take(r.n_channel_member, sizeof *r.channel_member);
    for (uint32_t i = 0; i < r.n_place_member; i++) {
        r.place_member[i].busy_s = i + 0.5;
    }
    for (uint32_t i = 0; i < r.n_channel_member; i++) {
        r.channel_member[i].bits = 1000.0 * i;
    }
    return r;
}

#endif
