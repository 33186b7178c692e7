/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/loops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/loops.h"
#include "sim/show/estimate.h"
#include "sim/show/number.h"

enum { CELL = 32 };

static const char *const heading[LOOP_VALUES] = {"mean", "p50", "p95", "p99"};

bool loops_own(const char *name)
{
    return strncmp(name, TALLY_LOOP, sizeof TALLY_LOOP - 1) == 0;
}

/* Is it the mean, which stands under the loop's own name: others end in the name of a quantile, and that one is there, too. */
static bool is_mean(const struct result *r, const char *name)
{
    char other[TALLY_NAME_MAX + 8];
    bool is = false;
    snprintf(other, sizeof other, "%s%s", name, loop_ending[1]);
    for (uint32_t i = 0; loops_own(name) && i < r->n_own; i++) {
        is |= strcmp(r->own[i], other) == 0;
    }
    return is;
}

static void add_line(const struct result *r, uint32_t p, const char *name, struct table *t)
{
    struct stats_interval x[LOOP_VALUES];
    char value[CELL], half[CELL];
    for (int k = 0; k < LOOP_VALUES; k++) {
        char own[TALLY_NAME_MAX + 8];
        snprintf(own, sizeof own, "%s%s", name, loop_ending[k]);
        x[k] = estimate_own(r, p, own);
    }
    if (isnan(x[0].estimate)) {
        return;
    }
    table_add(t, "%s", name + sizeof TALLY_LOOP - 1);
    table_add(t, "%s", r->policy[p]);
    for (int k = 0; k < LOOP_VALUES; k++) {
        x[k].estimate *= 1e3;
        x[k].half_width *= 1e3;
        number_text(x[k], scale_for(SCALE_PLAIN, &x[k].estimate, 1), value, half, sizeof value);
        table_add(t, "%s", value);
        table_add(t, "%s", half);
    }
}

void loops_print(const struct result *r, FILE *out, struct paper paper)
{
    struct table t = {0};
    bool any = false;
    table_add_column(&t, (struct table_column){.name = "loop", .text = true});
    table_add_column(&t, (struct table_column){.over = "", .name = "policy", .text = true});
    for (int k = 0; k < LOOP_VALUES; k++) {
        table_add_column(&t, (struct table_column){.over = k == 0 ? "latency, ms" : NULL, .name = heading[k]});
        table_add_column(&t, (struct table_column){.name = "", .joined = true});
    }
    for (uint32_t i = 0; i < r->n_own; i++) {
        for (uint32_t p = 0; is_mean(r, r->own[i]) && p < r->n_policy; p++) {
            any = true;
            add_line(r, p, r->own[i], &t);
        }
    }
    if (any) {
        fprintf(out, "\nLoops: from the release of a job to the result of the last task of the chain\n\n");
        table_print(&t, out, paper);
    }
    table_clear(&t);
}
