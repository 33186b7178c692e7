/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/policy/terms.h"

#include <stddef.h>
#include <tiersim/policy.h>

static const char *const why_name[] = {
    [TS_ARRIVED] = "arrived", [TS_READY] = "ready",     [TS_BRANCH] = "branch", [TS_ROUND] = "round",
    [TS_REFUSED] = "refused", [TS_LOST] = "lost",       [TS_FREED] = "freed",   [TS_REPORT] = "report",
    [TS_TICK] = "tick",       [TS_CHANGED] = "changed",
};

static const char *const verb_name[] = {
    [TS_PLACE] = "place",     [TS_DEFER] = "defer",   [TS_REJECT] = "reject",
    [TS_MIGRATE] = "migrate", [TS_CANCEL] = "cancel", [TS_SET] = "set",
};

static const char *const col_name[TS_N_COL] = {
    [TS_ASOF] = "asof",           [TS_UP] = "up",
    [TS_NODE] = "node",           [TS_TIER] = "tier",
    [TS_KIND] = "kind",           [TS_TRUST] = "trust",
    [TS_UNITS] = "units",         [TS_BUSY] = "busy",
    [TS_QUEUED] = "queued",       [TS_WORK_S] = "work_s",
    [TS_SPEED] = "speed",         [TS_LEVEL] = "level",
    [TS_POWER_W] = "power_w",     [TS_MEM_FREE] = "mem_free",
    [TS_KV_FREE] = "kv_free",     [TS_BATCH] = "batch",
    [TS_BATTERY_J] = "battery_j", [TS_PRICE] = "price",
    [TS_CARBON] = "carbon",
};

static const char *const est_name[TS_N_EST] = {
    [TS_IN_S] = "in_s",       [TS_RUN_S] = "run_s",       [TS_OUT_S] = "out_s",
    [TS_RUN_J] = "run_j",     [TS_NET_J] = "net_j",       [TS_COST] = "cost",
    [TS_QUALITY] = "quality", [TS_EXPOSURE] = "exposure", [TS_LOAD_S] = "load_s",
};

static const char *const end_name[TS_N_END] = {
    [TS_DONE] = "done",
    [TS_LATE] = "late",
    [TS_REJECTED] = "rejected",
    [TS_DROP_FULL] = "dropped(full)",
    [TS_DROP_EXPIRED] = "dropped(expired)",
    [TS_DROP_REFUSED] = "dropped(refused)",
    [TS_DROP_LINK] = "dropped(link)",
    [TS_DROP_LOST] = "dropped(lost)",
    [TS_CANCELLED] = "cancelled",
    [TS_OPEN] = "open",
};

static const char *word(const char *const *table, size_t n, unsigned i)
{
    return i < n && table[i] ? table[i] : "?";
}

#define WORD(table, i) word(table, sizeof(table) / sizeof((table)[0]), i)

const char *name_of_why(unsigned why)
{
    return WORD(why_name, why);
}

const char *name_of_verb(unsigned verb)
{
    return WORD(verb_name, verb);
}

const char *name_of_col(unsigned col)
{
    return WORD(col_name, col);
}

const char *name_of_est(unsigned est)
{
    return WORD(est_name, est);
}

const char *name_of_end(unsigned end)
{
    return WORD(end_name, end);
}
