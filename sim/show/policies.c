/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/policies.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/policy/terms.h"

void show_policies(FILE *out, const struct policy_set *set)
{
    int width = 0;
    for (size_t i = 0; i < set->n; i++) {
        int n = (int)strlen(set->policy[i]->name);
        width = n > width ? n : width;
    }
    for (size_t i = 0; i < set->n; i++) {
        fprintf(out, "%-*s  %s\n", width, set->policy[i]->name, set->policy[i]->about);
    }
}

static const char *unit_of(const struct ts_param *q)
{
    return q->unit ? q->unit : "";
}

void show_policy_number(double x, const struct ts_policy *p, const struct ts_param *q, char *buf, size_t n)
{
    if (policy_param_words(p, q)) {
        snprintf(buf, n, "%s", policy_param_words(p, q)[(size_t)x]);
        return;
    }
    snprintf(buf, n, "%g%s%s", x, unit_of(q)[0] ? " " : "", unit_of(q));
}

enum { KEY_WIDTH = 14 }; /* at least */

static void show_params(FILE *out, const struct ts_policy *p)
{
    if (!policy_param_at(p, 0)) {
        fputs("\nParameters: none\n", out);
        return;
    }
    int width = KEY_WIDTH;
    for (size_t i = 0; policy_param_at(p, i); i++) {
        int n = (int)strlen(policy_param_at(p, i)->key);
        width = n > width ? n : width;
    }
    fputs("\nParameters\n", out);
    for (size_t i = 0; policy_param_at(p, i); i++) {
        const struct ts_param *q = policy_param_at(p, i);
        char dflt[POLICY_NUMBER], min[POLICY_NUMBER] = "", max[POLICY_NUMBER] = "";
        show_policy_number(q->dflt, p, q, dflt, sizeof dflt);
        show_policy_number(q->min, p, q, min, sizeof min);
        show_policy_number(q->max, p, q, max, sizeof max);
        fprintf(out, "  %-*s %s\n", width, q->key, q->about ? q->about : "");
        const char *const *word = policy_param_words(p, q);
        for (size_t w = 0; word && word[w]; w++) {
            fprintf(out, "%*s%s%s", w ? 0 : width + 3, "", w ? ", " : "one of ", word[w]);
        }
        if (word) {
            fprintf(out, "; %s unless said\n", dflt);
            continue;
        }
        fprintf(out, "  %-*s %s, ", width, "", q->flags & TS_WHOLE ? "a whole number" : "a number");
        if (isinf(q->max)) {
            fprintf(out, "at least %s; %s unless said\n", min, dflt);
        } else {
            fprintf(out, "%s to %s; %s unless said\n", min, max, dflt);
        }
    }
}

/* "Title: a, b, c" for the bits that are set, or nothing if none is. */
static void show_bits(FILE *out, const char *title, uint64_t bits, unsigned n, const char *(*name)(unsigned))
{
    const char *before = title;
    for (unsigned i = 0; i < n; i++) {
        if (bits >> i & 1) {
            fprintf(out, "%s%s", before, name(i));
            before = ", ";
        }
    }
    if (before != title) {
        fputc('\n', out);
    }
}

/* Letters of the key up to its dot, the dot included; 0 if it has none. */
static size_t prefix_length(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot ? (size_t)(dot - key) + 1 : 0;
}

/* The line of a scenario with every parameter at its default: a dotted key is a nested mapping. */
static void show_usage(FILE *out, const struct ts_policy *p)
{
    fprintf(out, "\nIn a scenario\n  policies: [%s", p->name);
    const char *open = "";
    size_t open_length = 0;
    for (size_t i = 0; policy_param_at(p, i); i++) {
        const struct ts_param *q = policy_param_at(p, i);
        size_t length = prefix_length(q->key);
        bool inside = length == open_length && strncmp(q->key, open, length) == 0;
        char dflt[POLICY_NUMBER];
        show_policy_number(q->dflt, p, q, dflt, sizeof dflt);
        fputs(i == 0 ? ": {" : !inside && open_length ? "}, " : ", ", out);
        if (length && !(inside && i > 0)) {
            fprintf(out, "%.*s: {", (int)length - 1, q->key);
        }
        fprintf(out, "%s: %s", q->key + length, dflt);
        open = q->key;
        open_length = length;
    }
    fprintf(out, "%s%s]\n", open_length ? "}" : "", policy_param_at(p, 0) ? "}" : "");
}

void show_policy(FILE *out, const struct ts_policy *p)
{
    const uint64_t always = UINT64_C(1) << TS_ARRIVED | UINT64_C(1) << TS_REFUSED;
    fprintf(out, "%s: %s\n", p->name, p->about);
    show_params(out, p);
    fputc('\n', out);
    show_bits(out, "Reads of each place: ", p->cols, TS_N_COL, name_of_col);
    show_bits(out, "Estimates for each candidate: ", p->needs, TS_N_EST, name_of_est);
    show_bits(out, "Is asked when: ", p->triggers | always, TS_CHANGED + 1, name_of_why);
    if (p->flags & TS_CLAIRVOYANT) {
        fputs("Clairvoyant: is told the true demands; a reference, not a rival\n", out);
    }
    if (p->flags & TS_IMPURE) {
        fputs("Impure: asks the world outside: what language models answer is recorded and replayed, networks are run anew\n", out);
    }
    show_usage(out, p);
}
