/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <math.h>

#include "sim/show/estimate.h"
#include "sim/show/language_models.h"
#include "sim/show/leaderboard.h"
#include "sim/show/summary.h"

/* JSON has no infinities: they are the text "inf"; what is unknown is null. */
static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : isinf(x) ? json_string(x > 0 ? "inf" : "-inf") : json_null();
}

static json_t *interval(struct stats_interval x)
{
    return json_pack("{s:o, s:o}", "estimate", number(x.estimate), "half_width", number(x.half_width));
}

static json_t *metrics(const struct result *r, uint32_t policy, uint32_t class)
{
    json_t *all = json_object();
    for (uint32_t m = 0; m < N_METRIC; m++) {
        struct stats_interval mean = analysis_mean(replications_of(r, policy), class, m, LEVEL);
        json_object_set_new(all, metric_info[m].name, interval(mean));
    }
    json_t *quantiles = json_object();
    for (uint32_t q = 0; q < r->n_q; q++) {
        char name[32];
        snprintf(name, sizeof name, "%g", r->q[q]);
        json_t *one = interval(estimate_quantile(r, policy, class, q));
        json_object_set_new(one, "enough", json_boolean(estimate_is_enough(r, policy, class, q)));
        json_object_set_new(quantiles, name, one);
    }
    json_object_set_new(all, "latency_quantile", quantiles);
    return all;
}

static json_t *tiers(const struct result *r, uint32_t policy)
{
    json_t *all = json_object();
    for (uint32_t t = 0; t <= r->n_tier; t++) {
        json_object_set_new(all, r->tier[t],
                            json_pack("{s:o, s:o}", "busy", interval(estimate_tier(r, policy, t, true)), "idle",
                                      interval(estimate_tier(r, policy, t, false))));
    }
    return all;
}

static json_t *differences(const struct result *r, uint32_t policy)
{
    static const enum metric shown[] = {M_LATENCY_MEAN,   M_MISS_RATIO, M_ENERGY_PER_JOB,
                                        M_FINISHED_RATIO, M_THROUGHPUT, M_OBJECTIVE};
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof shown / sizeof shown[0] && (shown[i] != M_OBJECTIVE || r->objective[0]); i++) {
        struct difference d = analysis_difference(replications_of(r, policy), replications_of(r, r->compare_to),
                                                  ALL_CLASSES, shown[i], LEVEL);
        json_t *one = interval(d.of);
        json_object_set_new(one, "lower", json_boolean(d.call == CALL_LOWER));
        json_object_set_new(one, "higher", json_boolean(d.call == CALL_HIGHER));
        json_object_set_new(one, "note", json_string(call_text(d.call)));
        json_object_set_new(all, metric_info[shown[i]].name, one);
    }
    return all;
}

static json_t *policy_object(const struct result *r, uint32_t p)
{
    struct standing f = analysis_standing(replications_of(r, p));
    json_t *o = json_pack("{s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:o}", "policy", r->policy[p], "reference",
                          (int)replications_of(r, p).reference, "replications",
                          (int)f.n, "not_run", (int)f.n_empty, "broken", (int)f.n_broken, "failed", (int)f.n_failed,
                          "saturated", (int)f.n_saturated, "unstable", (int)f.n_unstable, "all",
                          metrics(r, p, ALL_CLASSES), "tier_energy", tiers(r, p));
    if (r->n_own > 0) {
        json_t *own = json_object();
        for (uint32_t i = 0; i < r->n_own; i++) {
            json_object_set_new(own, r->own[i], interval(estimate_own(r, p, r->own[i])));
        }
        json_object_set_new(o, "own", own);
    }
    json_t *classes = json_object();
    for (uint32_t c = 0; c < r->n_class; c++) {
        json_object_set_new(classes, r->class_name[c], metrics(r, p, c));
    }
    json_object_set_new(o, "workload", classes);
    json_t *asked = language_models_json(r, p);
    if (asked) {
        json_object_set_new(o, "language_model", asked);
    }
    if (r->compare_to != ROW_NONE && p != r->compare_to) {
        json_object_set_new(o, "difference", differences(r, p));
    }
    return o;
}

/* The policies in the order of the objective; rank null: none may be given. */
static json_t *leaderboard(const struct result *r)
{
    struct arena a = {0};
    uint32_t first;
    const struct ranked *board = leaderboard_of(r, &a, &first);
    json_t *all = json_array();
    for (uint32_t i = 0; board && i < r->n_policy; i++) {
        json_t *rank = board[i].rank ? json_integer(board[i].rank) : json_null();
        json_array_append_new(all, json_pack("{s:s, s:o, s:o}", "policy", r->policy[board[i].policy], "rank", rank,
                                             "to_first", interval(board[i].to_first.of)));
    }
    arena_clear(&a);
    return all;
}

static json_t *provenance_object(const struct result *r)
{
    json_t *o = json_object();
    for (uint32_t i = 0; i < r->provenance.n; i++) {
        json_object_set_new(o, r->provenance.line[i].key, json_string(r->provenance.line[i].value));
    }
    return o;
}

int summary_json(const struct result *r, FILE *out, struct err *e)
{
    json_t *policies = json_array();
    for (uint32_t p = 0; p < r->n_policy; p++) {
        json_array_append_new(policies, policy_object(r, p));
    }
    json_t *root = json_pack("{s:s, s:s, s:s, s:i, s:o, s:b, s:s, s:s, s:s, s:o, s:I, s:o}", "name", r->name, "about",
                             r->about, "file", r->path, "replications", (int)r->n_replication, "warm_up",
                             number(r->warm_up_s), "warm_up_found", (int)r->warm_up_found, "unsteady", r->unsteady,
                             "given_arrivals", r->given_arrivals, "given_links", r->given_links, "duration",
                             number(r->duration_s), "seed", (json_int_t)r->seed, "policies", policies);
    if (root && r->compare_to != ROW_NONE) {
        json_object_set_new(root, "compare_to", json_string(r->policy[r->compare_to]));
    }
    if (root && r->objective[0]) {
        json_object_set_new(root, "objective", json_string(r->objective));
        json_object_set_new(root, "leaderboard", leaderboard(r));
    }
    if (root) {
        json_object_set_new(root, "unfinished", json_integer((json_int_t)r->n_unfinished));
        json_object_set_new(root, "provenance", provenance_object(r));
    }
    int rc = root ? json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : -1;
    fputc('\n', out);
    json_decref(root);
    return rc == 0 ? 0 : ERR_SET(e, ERR_MEMORY, "no memory for the JSON of %u policies", r->n_policy);
}
