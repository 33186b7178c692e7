/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/text/rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/quantity.h"
#include "sim/io/text/wire.h"

/* The figure after "KEY=" in the first line "ROW: ..." of the prompt; NAN if there is none. */
static double figure(const char *prompt, const char *row, const char *key)
{
    size_t n_row = strlen(row), n_key = strlen(key);
    for (const char *line = prompt; line; line = strchr(line, '\n')) {
        line += line != prompt;
        line += strspn(line, " -*");
        const char *end = line + strcspn(line, "\n"), *at = line + n_row + 1;
        if ((size_t)(end - line) <= n_row || strncmp(line, row, n_row) != 0 || line[n_row] != ':') {
            continue;
        }
        for (; at < end; at += strcspn(at, " \n")) {
            double x;
            at += strspn(at, " ");
            if (strncmp(at, key, n_key) == 0 && at[n_key] == '=') {
                at += n_key + 1;
                return number_parse(at, strcspn(at, " \r\n,;"), &x) == 0 ? x : NAN;
            }
        }
        return NAN;
    }
    return NAN;
}

/* Of that range, and whole where it must be. */
static double fit(double x, const struct ts_slot *s)
{
    x = s->flags & TS_WHOLE ? floor(x + 0.5) : x;
    return !(x >= s->min) ? s->min : x > s->max ? s->max : x;
}

/*
 * Places that meet the deadline with two fifths of it to spare get 60 to 100 points, the more the less energy they take; the
 * others up to 60, the more the sooner they are done.  Without a deadline time alone counts, up to 100.
 */
static void score(const char *prompt, const struct ts_slot *slot, uint32_t n, double *value, double *scratch)
{
    (void)scratch;
    double deadline_s = figure(prompt, "job", "deadline_s"), soonest_s = INFINITY, least_j = INFINITY;
    for (uint32_t k = 0; k < n; k++) {
        double finish_s = figure(prompt, slot[k].name, "finish_s"), energy_j = figure(prompt, slot[k].name, "energy_j");
        soonest_s = finish_s < soonest_s ? finish_s : soonest_s;
        least_j = finish_s <= 0.6 * deadline_s && energy_j < least_j ? energy_j : least_j;
    }
    for (uint32_t k = 0; k < n; k++) {
        double finish_s = figure(prompt, slot[k].name, "finish_s"), energy_j = figure(prompt, slot[k].name, "energy_j");
        bool spare = finish_s <= 0.6 * deadline_s, frugal = energy_j > 0 && isfinite(least_j);
        double share = finish_s > 0 ? soonest_s / finish_s : 1;
        value[k] = spare ? 60 + 40 * (frugal ? least_j / energy_j : 1) : (isnan(deadline_s) ? 100 : 60) * share;
    }
}

struct said {
    const char *name;
    double value;
};

/* What is not among those that the rules speak of stays at the least that it may be. */
static void say(const struct said *said, size_t n_said, const struct ts_slot *slot, uint32_t n, double *value)
{
    for (uint32_t k = 0; k < n; k++) {
        value[k] = slot[k].min;
        for (size_t i = 0; i < n_said; i++) {
            value[k] = strcmp(said[i].name, slot[k].name) == 0 ? said[i].value : value[k];
        }
    }
}

static void weights(const char *prompt, const struct ts_slot *slot, uint32_t n, double *value, double *scratch)
{
    (void)scratch;
    double busy = figure(prompt, "system", "busy"), late = figure(prompt, "system", "late");
    bool hurry = busy > 0.7 || late > 0.01, save = busy < 0.4 && !(late > 0.001);
    const struct said said[] = {{"time", 100},
                                {"load", hurry ? 60 : save ? 0 : 20},
                                {"energy", hurry ? 0 : save ? 60 : 20},
                                {"admit", late > 0.05 ? 100 : 1000}};
    say(said, sizeof said / sizeof said[0], slot, n, value);
}

static void watch(const char *prompt, const struct ts_slot *slot, uint32_t n, double *value, double *scratch)
{
    (void)scratch;
    static const char *const key[] = {"arrivals_per_s", "latency_s", "late", "busy"};
    static const double floor_of[] = {0, 0, 0.01, 0.05};
    bool odd = false;
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++) {
        odd |= figure(prompt, "now", key[i]) > 1.5 * figure(prompt, "usual", key[i]) + floor_of[i];
    }
    const struct said said[] = {{"anomaly", odd}, {"replan", odd}};
    say(said, sizeof said / sizeof said[0], slot, n, value);
}

/* How many slots there are whose names are WHAT1, WHAT2, ..; the first goes to *from. */
static uint32_t numbered(const char *what, const struct ts_slot *slot, uint32_t n, uint32_t *from)
{
    const size_t letters = strlen(what);
    uint32_t count = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (strncmp(slot[k].name, what, letters) == 0) {
            *from = count ? *from : k;
            count++;
        }
    }
    return count;
}

/* The figure of the k-th of several rows, such as s1. */
static double figure_of(const char *prompt, const char *row, uint32_t k, const char *key)
{
    char name[16];
    snprintf(name, sizeof name, "%s%u", row, k + 1);
    return figure(prompt, name, key);
}

/* The first of the largest. */
static uint32_t largest(const double *x, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < n; k++) {
        best = x[k] > x[best] ? k : best;
    }
    return best;
}

/* Cores that sites have to spare, those that controllers lack at their own, and who has which site. */
struct stock {
    uint32_t n_site, n_ctl;
    double *spare, *lacks, *offer;
};

static void give(struct stock *s, uint32_t site, uint32_t ctl)
{
    s->offer[site] = ctl + 1.0;
    s->lacks[ctl] -= s->spare[site];
    s->spare[site] = 0;
}

/*
 * Who has a site that he needs still keeps it; the others go to who lacks most, those with most to spare first.  A site that is
 * nobody's own is everybody's.
 */
static void share_sites(const char *prompt, struct stock *s)
{
    for (uint32_t i = 0; i < s->n_site; i++) {
        const double has = figure_of(prompt, "s", i, "offered_to");
        s->offer[i] = figure_of(prompt, "s", i, "own_of") > 0 ? 0 : s->n_ctl + 1.0;
        if (has >= 1 && has <= s->n_ctl && s->spare[i] > 0 && s->lacks[(uint32_t)has - 1] > 0) {
            give(s, i, (uint32_t)has - 1);
        }
    }
    for (uint32_t site, ctl; s->n_site > 0 && s->n_ctl > 0; give(s, site, ctl)) {
        site = largest(s->spare, s->n_site);
        ctl = largest(s->lacks, s->n_ctl);
        if (!(s->spare[site] > 0 && s->lacks[ctl] > 0)) {
            break;
        }
    }
}

static void settings(const char *prompt, const struct ts_slot *slot, uint32_t n, double *value, double *scratch)
{
    uint32_t first_offer = 0, first_admit = 0;
    struct stock s = {.n_site = numbered("offer", slot, n, &first_offer), .n_ctl = numbered("admit", slot, n, &first_admit)};
    double cores = 0;
    bool crowded = false;
    s.spare = scratch;
    s.lacks = scratch + s.n_site;
    s.offer = value + first_offer;
    for (uint32_t i = 0; i < s.n_site; i++) {
        const double own_of = figure_of(prompt, "s", i, "own_of"), has = figure_of(prompt, "s", i, "cores");
        const double lacks = (figure_of(prompt, "s", i, "load") - 1) * has;
        s.spare[i] = own_of > 0 && lacks < 0 ? -lacks : 0;
        if (own_of >= 1 && own_of <= s.n_ctl) {
            s.lacks[(uint32_t)own_of - 1] = lacks;
            crowded |= lacks > 0;
        }
        cores += has;
    }
    share_sites(prompt, &s);
    for (uint32_t k = 0; k < s.n_ctl; k++) {
        value[first_admit + k] = s.lacks[k] * s.n_site > 2 * cores ? 75 : 100;
    }
    for (uint32_t k = 0; k < n; k++) {
        if (strncmp(slot[k].name, "param_", 6) == 0) {
            value[k] = strstr(slot[k].name, "energy") ? (crowded ? 0 : 0.4) : figure(prompt, slot[k].name, "now");
        }
    }
}

/* scratch: [n], zeros. */
static const struct rule {
    const char *use;
    void (*answer)(const char *prompt, const struct ts_slot *slot, uint32_t n, double *value, double *scratch);
} rule[] = {{"score", score}, {"weights", weights}, {"watch", watch}, {"settings", settings}};

static const struct rule *find(const char *use)
{
    for (size_t i = 0; i < sizeof rule / sizeof rule[0]; i++) {
        if (strcmp(rule[i].use, use) == 0) {
            return &rule[i];
        }
    }
    return NULL;
}

bool rules_know(const char *use)
{
    return find(use) != NULL;
}

int rules_answer(const char *use, const char *prompt, const struct ts_slot *slot, uint32_t n_slot, char **answer,
                 struct err *e)
{
    const struct rule *r = find(use);
    double *value = calloc(2 * ((size_t)n_slot + 1), sizeof *value);
    *answer = NULL;
    if (r && value) {
        r->answer(prompt, slot, n_slot, value, value + n_slot + 1);
        for (uint32_t k = 0; k < n_slot; k++) {
            value[k] = fit(value[k], &slot[k]);
        }
        *answer = wire_object(slot, n_slot, value);
    }
    free(value);
    return *answer ? 0
           : !r    ? ERR_SET(e, ERR_INPUT, "the rules cannot answer '%s', wanted a use among score, weights, watch and settings",
                             use)
                   : ERR_SET(e, ERR_MEMORY, "out of memory for an answer");
}
