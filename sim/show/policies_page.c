/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policies_page.c - the table of docs/policies.md: a row for each policy, from its table and what its decisions cost. */
#include <math.h>
#include <string.h>

#include "sim/policy/terms.h"
#include "sim/show/policies.h"

/* "idea (source)rest" as two cells: "idea" with the rest, and the source. */
static void put_rule(FILE *out, const struct ts_policy *p)
{
    const char *open = strrchr(p->about, '('), *close = open ? strchr(open, ')') : NULL;
    if (close && open > p->about + 1) {
        fprintf(out, "%.*s%s | %.*s |", (int)(open - p->about) - 1, p->about, close + 1, (int)(close - open) - 1, open + 1);
    } else {
        fprintf(out, "%s | |", p->about);
    }
}

/* "margin 0 s (0 s to 3600 s)", "search greedy (greedy, exact)" */
static void put_param(FILE *out, const struct ts_policy *p, const struct ts_param *q)
{
    char dflt[POLICY_NUMBER], min[POLICY_NUMBER], max[POLICY_NUMBER];
    show_policy_number(q->dflt, p, q, dflt, sizeof dflt);
    fprintf(out, "`%s` %s (", q->key, dflt);
    const char *const *word = policy_param_words(p, q);
    for (size_t w = 0; word && word[w]; w++) {
        fprintf(out, "%s%s", w ? ", " : "", word[w]);
    }
    if (!word) {
        show_policy_number(q->min, p, q, min, sizeof min);
        show_policy_number(q->max, p, q, max, sizeof max);
        fprintf(out, isinf(q->max) ? "at least %s" : "%s to %s", min, max);
    }
    fputc(')', out);
}

static void put_params(FILE *out, const struct ts_policy *p)
{
    for (size_t i = 0; policy_param_at(p, i); i++) {
        fputs(i ? "; " : " ", out);
        put_param(out, p, policy_param_at(p, i));
    }
    fputs(" |", out);
}

static void put_triggers(FILE *out, const struct ts_policy *p)
{
    const char *before = " ";
    for (unsigned why = TS_ARRIVED; why <= TS_CHANGED; why++) {
        if (p->triggers >> why & 1) {
            fprintf(out, "%s%s", before, name_of_why(why));
            before = ", ";
            const struct ts_param *tick = why == TS_TICK ? policy_clock(p) : NULL;
            if (tick) {
                fprintf(out, " every `%s`", tick->key);
            }
        }
    }
    fputs(" |", out);
}

/* Two digits are as many as a second measurement agrees with. */
static void put_cost(FILE *out, double ns)
{
    double unit = 1;
    while (ns >= 100 * unit) {
        unit *= 10;
    }
    if (isnan(ns)) {
        fputs(" |\n", out);
    } else if (ns < 10) {
        fprintf(out, " %.1f |\n", ns);
    } else {
        fprintf(out, " %.0f |\n", unit * floor(ns / unit + .5));
    }
}

void show_policy_page(FILE *out, const struct policy_set *set, const double *ns)
{
    fputs("| policy | idea | source | parameters: default (range) | asked besides | ns |\n|---|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < set->n; i++) {
        const struct ts_policy *p = set->policy[i];
        fprintf(out, "| `%s` | ", p->name);
        put_rule(out, p);
        put_params(out, p);
        put_triggers(out, p);
        put_cost(out, ns[i]);
    }
}
