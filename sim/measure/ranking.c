/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/ranking.h"

#include <math.h>

static bool is_steady(struct replications p)
{
    return !standing_is_unsteady(analysis_standing(p));
}

/* Steady before unsteady, known before unknown, lower before higher; then as they come. */
static bool comes_before(const struct replications *policy, const struct ranked *a, const struct ranked *b)
{
    bool steady = is_steady(policy[a->policy]), known = !isnan(a->mean.estimate);
    if (steady != is_steady(policy[b->policy])) {
        return steady;
    }
    if (known != !isnan(b->mean.estimate)) {
        return known;
    }
    return a->mean.estimate < b->mean.estimate;
}

/* Ranks that rest on nothing are 0: too few replications, one given recording, no steady state. */
static uint32_t rank_of(const struct replications *policy, uint32_t n, uint32_t p, double level)
{
    uint32_t rank = 1, n_known = 0, n_rival = 0;
    for (uint32_t q = 0; q < n; q++) {
        if (policy[q].reference) {
            continue;
        }
        enum call call = q == p ? CALL_NONE
                                : analysis_difference(policy[p], policy[q], ALL_CLASSES, M_OBJECTIVE, level).call;
        n_rival++;
        n_known += call == CALL_NONE || call == CALL_LOWER || call == CALL_HIGHER;
        rank += call == CALL_HIGHER;
        if (call == CALL_GIVEN) {
            return 0;
        }
    }
    return is_steady(policy[p]) && !policy[p].reference && (n_known > 1 || n_rival == 1) ? rank : 0;
}

uint32_t ranking(const struct replications *policy, uint32_t n, double level, struct ranked *out)
{
    const double n_pair = n > 1 ? 0.5 * n * (n - 1.0) : 1, together = 1 - (1 - level) / n_pair;
    for (uint32_t p = 0; p < n; p++) {
        struct ranked one = {.policy = p, .mean = analysis_mean(policy[p], ALL_CLASSES, M_OBJECTIVE, level),
                             .rank = rank_of(policy, n, p, together)};
        uint32_t at = p;
        for (; at > 0 && comes_before(policy, &one, &out[at - 1]); at--) {
            out[at] = out[at - 1];
        }
        out[at] = one;
    }
    uint32_t first = 0;
    while (first < n && policy[out[first].policy].reference) {
        first++;
    }
    for (uint32_t i = 0; i < n; i++) {
        out[i].to_first = (struct difference){.call = CALL_NONE};
        if (first < n && i != first) {
            out[i].to_first = analysis_difference(policy[out[i].policy], policy[out[first].policy], ALL_CLASSES, M_OBJECTIVE,
                                                  together);
        }
    }
    return first;
}
