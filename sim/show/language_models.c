/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/language_models.h"

#include <tiersim/policy.h>

/* Over all replications of a policy. */
static struct text_counts counts_of(const struct result *r, uint32_t policy)
{
    struct text_counts sum = {0};
    for (uint32_t k = 0; r->answered_by && k < r->n_replication; k++) {
        const struct text_counts *c = r->record[(size_t)policy * r->n_replication + k].asked;
        if (!c || c->n_asked == 0) {
            continue;
        }
        sum.n_asked += c->n_asked;
        for (unsigned i = 0; i < TS_N_SAYING; i++) {
            sum.n_came[i] += c->n_came[i];
        }
        sum.think_s += c->think_s;
        sum.think_max_s = c->think_max_s > sum.think_max_s ? c->think_max_s : sum.think_max_s;
        sum.tokens_in += c->tokens_in;
        sum.tokens_out += c->tokens_out;
    }
    return sum;
}

static void add_share(struct table *t, uint64_t n, uint64_t of)
{
    table_add(t, n ? "%.2f" : "0", 100 * (double)n / (double)of);
}

static void add_row(struct table *t, const struct result *r, uint32_t policy, const struct text_counts *c)
{
    const double n = (double)c->n_asked;
    const char *by = r->answered_by[policy];
    table_add(t, "%s", r->policy[policy]);
    table_add(t, "%s", by[0] ? by : "nobody");
    table_add(t, "%llu", (unsigned long long)c->n_asked);
    add_share(t, c->n_asked - c->n_came[TS_S_FINE], c->n_asked);
    add_share(t, c->n_came[TS_S_LATE], c->n_asked);
    add_share(t, c->n_came[TS_S_UNREACHED] + c->n_came[TS_S_REFUSED], c->n_asked);
    add_share(t, c->n_came[TS_S_LONG] + c->n_came[TS_S_MALFORMED] + c->n_came[TS_S_INVALID], c->n_asked);
    table_add(t, "%.4g", c->think_s / n * 1e3);
    table_add(t, "%.4g", c->think_max_s * 1e3);
    table_add(t, "%.0f", c->tokens_in / n);
    table_add(t, "%.0f", c->tokens_out / n);
}

void language_models_print(const struct result *r, FILE *out, struct paper paper)
{
    static const struct table_column column[] = {{.name = "policy", .text = true},
                                                 {.over = "", .name = "answered by", .text = true},
                                                 {.over = "", .name = "asked"},
                                                 {.over = "fell back, %", .name = "in all"},
                                                 {.name = "late"},
                                                 {.name = "failed"},
                                                 {.name = "wrong"},
                                                 {.over = "time, ms", .name = "mean"},
                                                 {.name = "longest"},
                                                 {.over = "tokens each", .name = "in"},
                                                 {.name = "out"}};
    struct table t = {0};
    for (size_t i = 0; i < sizeof column / sizeof column[0]; i++) {
        table_add_column(&t, column[i]);
    }
    for (uint32_t p = 0; p < r->n_policy; p++) {
        const struct text_counts c = counts_of(r, p);
        if (c.n_asked > 0) {
            add_row(&t, r, p, &c);
        }
    }
    if (t.n_row > 0) {
        fprintf(out, "\nWhat language models were asked, over all replications\n\n");
        table_print(&t, out, paper);
        fprintf(out, "\nFell back: no answer in time, none at all, or not what was asked for.  Time: simulated, as charged.\n");
    }
    table_clear(&t);
}

json_t *language_models_json(const struct result *r, uint32_t policy)
{
    static const char *const name[TS_N_SAYING] = {"answered", "late", "unreached", "refused", "too_long", "malformed",
                                                  "invalid"};
    const struct text_counts c = counts_of(r, policy);
    if (c.n_asked == 0) {
        return NULL;
    }
    json_t *of = json_pack("{s:s, s:I, s:f, s:f, s:f, s:f}", "answered_by", r->answered_by[policy], "asked",
                           (json_int_t)c.n_asked, "think_time", c.think_s, "think_time_max", c.think_max_s, "tokens_in",
                           c.tokens_in, "tokens_out", c.tokens_out);
    for (unsigned i = 0; i < TS_N_SAYING; i++) {
        json_object_set_new(of, name[i], json_integer((json_int_t)c.n_came[i]));
    }
    return of;
}
