/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/record.h"

#include <stdlib.h>

const double record_quantile[N_QUANTILE] = {0.5, 0.9, 0.95, 0.99, 0.999};

void record_clear(struct record *r)
{
    for (size_t i = 0; r->latency && i < (size_t)N_SEGMENT * r->n_class; i++) {
        sketch_clear(&r->latency[i]);
    }
    free(r->latency);
    free(r->excursions);
    free(r->class_metric);
    free(r->cohort);
    free(r->pool);
    free(r->channel);
    free(r->group_energy);
    free(r->tier_energy);
    free(r->pool_first_member);
    free(r->link_first_member);
    free(r->place_member);
    free(r->channel_member);
    tallies_clear(&r->own);
    free(r->asked);
    free(r->told);
    *r = (struct record){0};
}

void cohort_add(struct cohort *a, const struct cohort *b)
{
    a->n_job += b->n_job;
    a->n_finished += b->n_finished;
    a->n_late += b->n_late;
    a->n_decision += b->n_decision;
    for (size_t k = 0; k < sizeof a->n_end / sizeof *a->n_end; k++) {
        a->n_end[k] += b->n_end[k];
    }
    a->n_open_late += b->n_open_late;
    a->n_sensitive += b->n_sensitive;
    a->n_exposed += b->n_exposed;
    a->n_graded += b->n_graded;
    a->accuracy += b->accuracy;
    a->latency_s += b->latency_s;
    a->decide_s += b->decide_s;
    a->upload_s += b->upload_s;
    a->queue_s += b->queue_s;
    a->compute_s += b->compute_s;
    a->download_s += b->download_s;
    a->other_s += b->other_s;
    a->latency2_s2 += b->latency2_s2;
    a->useful_j += b->useful_j;
    a->waste_j += b->waste_j;
    a->bits += b->bits;
    a->cost += b->cost;
    a->in_system += b->in_system;
}
