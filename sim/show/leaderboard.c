/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/leaderboard.h"

#include <math.h>

#include "sim/show/estimate.h"
#include "sim/show/number.h"

enum { CELL = 64 };

const struct ranked *leaderboard_of(const struct result *r, struct arena *a, uint32_t *first)
{
    struct replications *policy = ARENA_NEW(a, (size_t)r->n_policy + 1, struct replications);
    struct ranked *board = ARENA_NEW(a, (size_t)r->n_policy + 1, struct ranked);
    if (!r->objective[0] || !policy || !board) {
        return NULL;
    }
    for (uint32_t p = 0; p < r->n_policy; p++) {
        policy[p] = replications_of(r, p);
    }
    *first = ranking(policy, r->n_policy, LEVEL, board);
    return board;
}

static void add_number(struct table *t, struct stats_interval x, const char *before)
{
    char value[CELL], half[CELL];
    number_text(x, (struct scale){.per = 1, .unit = ""}, value, half, sizeof value);
    table_add(t, "%s%s", isfinite(x.estimate) ? before : "", value);
    table_add(t, "%s", before[0] ? "" : half);
}

static void add_shown(struct table *t, const struct result *r, const struct ranked *one, const char *first)
{
    const char *known = r->reference && r->reference[one->policy] ? "reference, " : "";
    switch (one->to_first.call) {
    case CALL_HIGHER:
        table_add(t, "%sworse than %s", known, first);
        break;
    case CALL_LOWER:
        table_add(t, "%sbetter than %s", known, first);
        break;
    case CALL_NONE:
        table_add(t, "%snot told apart from %s", known, first);
        break;
    default:
        table_add(t, "%s%s", known, call_text(one->to_first.call));
    }
}

static void add_row(struct table *t, const struct result *r, const struct ranked *board, uint32_t i, uint32_t first)
{
    const struct ranked *one = &board[i];
    bool steady = !standing_is_unsteady(analysis_standing(replications_of(r, one->policy)));
    table_add(t, "%s", r->policy[one->policy]);
    if (one->rank) {
        table_add(t, "%u", one->rank);
    } else {
        table_add(t, "–");
    }
    add_number(t, one->mean, steady ? "" : "≥");
    if (i == first || first == r->n_policy) {
        for (int c = 0; c < 3; c++) {
            table_add(t, "%s", c == 2 && i != first ? "reference" : "");
        }
    } else {
        add_number(t, one->to_first.of, "");
        add_shown(t, r, one, r->policy[board[first].policy]);
    }
}

void leaderboard_print(const struct result *r, FILE *out, struct paper paper)
{
    struct arena a = {0};
    struct table t = {0};
    uint32_t first = 0;
    const struct ranked *board = leaderboard_of(r, &a, &first);
    if (board) {
        fprintf(out, "\n%sObjective: %s; mean per job, lower is better%s\n\n", paper.colour ? "\033[1m" : "", r->objective,
                paper.colour ? "\033[0m" : "");
        table_add_column(&t, (struct table_column){.name = "policy", .text = true});
        table_add_column(&t, (struct table_column){.name = "rank"});
        table_add_column(&t, (struct table_column){.name = "objective"});
        table_add_column(&t, (struct table_column){.name = "", .joined = true});
        table_add_column(&t, (struct table_column){.name = "to the first"});
        table_add_column(&t, (struct table_column){.name = "", .joined = true});
        table_add_column(&t, (struct table_column){.over = "", .name = "shown", .text = true});
        for (uint32_t i = 0; i < r->n_policy; i++) {
            add_row(&t, r, board, i, first);
        }
        table_print(&t, out, paper);
        fprintf(out, "Rank: one more than the policies shown to be better, by paired differences at 95 %% for all pairs "
                     "together.\n");
    }
    table_clear(&t);
    arena_clear(&a);
}
