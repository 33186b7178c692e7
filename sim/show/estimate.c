/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/estimate.h"

#include <stdlib.h>

struct replications replications_of(const struct result *r, uint32_t policy)
{
    return (struct replications){.record = &r->record[(size_t)policy * r->n_replication],
                                 .n = r->n_replication,
                                 .unsteady = r->unsteady[0] != '\0',
                                 .given = r->given_arrivals[0] != '\0',
                                 .reference = r->reference && r->reference[policy]};
}

struct stats_interval estimate_tier(const struct result *r, uint32_t policy, uint32_t tier, bool busy)
{
    struct replications p = replications_of(r, policy);
    double *x = calloc(p.n + 1, sizeof *x);
    size_t n = 0;
    for (size_t k = 0; x && k < p.n; k++) {
        if (p.record[k].status == RECORD_OK || p.record[k].status == RECORD_SATURATED) {
            x[n++] = busy ? p.record[k].tier_energy[tier].dynamic_j : p.record[k].tier_energy[tier].idle_j;
        }
    }
    struct stats_interval i = stats_t_interval(x, n, LEVEL);
    free(x);
    return i;
}

struct stats_interval estimate_own(const struct result *r, uint32_t policy, const char *name)
{
    struct replications p = replications_of(r, policy);
    double *x = calloc(p.n + 1, sizeof *x);
    size_t n = 0;
    for (size_t k = 0; x && k < p.n; k++) {
        const struct tally *t = tallies_find(&p.record[k].own, name);
        if (t && (p.record[k].status == RECORD_OK || p.record[k].status == RECORD_SATURATED)) {
            x[n++] = t->sum / (double)t->n;
        }
    }
    struct stats_interval i = stats_t_interval(x, n, LEVEL);
    free(x);
    return i;
}

struct stats_interval estimate_quantile(const struct result *r, uint32_t policy, uint32_t class, uint32_t q)
{
    bool all = class == ALL_CLASSES;
    size_t at = all ? (size_t)policy * r->n_q + q : ((size_t)policy * r->n_class + class) * r->n_q + q;
    const double *value = all ? r->pooled_all : r->pooled, *high = all ? r->pooled_all_high : r->pooled_high;
    if (!value || !high) {
        return (struct stats_interval){.estimate = NAN, .half_width = NAN};
    }
    bool unsteady = standing_is_unsteady(analysis_standing(replications_of(r, policy)));
    return (struct stats_interval){
        .estimate = value[at], .half_width = unsteady ? NAN : high[at] - value[at], .n = r->n_replication};
}

bool estimate_is_enough(const struct result *r, uint32_t policy, uint32_t class, uint32_t q)
{
    return q < N_QUANTILE && analysis_is_enough(replications_of(r, policy), class, q);
}
