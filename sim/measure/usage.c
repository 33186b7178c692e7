/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/usage.h"

#include <stdlib.h>
#include <string.h>

int usage_init(struct usage_fold *u, const struct resources *r, struct err *e)
{
    *u = (struct usage_fold){.r = r};
    u->counter = calloc((size_t)r->n_resource + 1, sizeof *u->counter);
    u->counted = calloc((size_t)r->n_resource + 1, sizeof *u->counted);
    if (!u->counter || !u->counted) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for counters of %u resources", r->n_resource);
    }
    if (r->has_levels && !(u->level_j = calloc((size_t)r->n_place + 1, sizeof *u->level_j))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the levels of %u places", r->n_place);
    }
    for (uint32_t i = 0; i < r->n_resource; i++) {
        u->counter[resource_slot(i)].units = resource_kind(r, i)->units;
    }
    return 0;
}

int usage_reserve(struct usage_fold *u, uint32_t n_row, struct err *e)
{
    if (!u->level_j || n_row <= u->n_row) {
        return 0;
    }
    uint8_t *level = realloc(u->level, n_row);
    if (!level) {
        return ERR_SET(e, ERR_MEMORY, "out of memory to measure %u jobs in flight", n_row);
    }
    memset(level + u->n_row, 0, n_row - u->n_row);
    u->level = level;
    u->n_row = n_row;
    return 0;
}

void usage_clear(struct usage_fold *u)
{
    free(u->counter);
    free(u->counted);
    free(u->level);
    free(u->level_j);
    *u = (struct usage_fold){0};
}

void usage_settle(struct usage_fold *u)
{
    for (uint32_t i = 0; i < u->r->n_resource; i++) {
        struct counter *c = &u->counter[resource_slot(i)];
        stats_sum_add(&u->counted[i].present_s, c->present_s);
        stats_sum_add(&u->counted[i].busy_s, c->busy_s);
        stats_sum_add(&u->counted[i].amount, c->amount);
        c->present_s = c->busy_s = c->amount = 0;
    }
    stats_sum_add(&u->counted_system_s, u->system_s);
    u->system_s = 0;
}

struct totals {
    struct stats_sum held_s, busy_s, amount;
    double level_j;
    uint64_t n_served;
};

static struct usage usage_of(const struct totals *totals, const struct resource_kind *k, bool place)
{
    double amount = stats_sum_value(&totals->amount);
    struct usage usage = {
        .held_s = stats_sum_value(&totals->held_s),
        .busy_s = k->busy_by_stint ? amount : stats_sum_value(&totals->busy_s),
        .bits = place ? 0 : amount,
        .n_served = totals->n_served,
    };
    usage.dynamic_j = usage.busy_s * k->w_per_unit + usage.bits * k->j_per_bit + totals->level_j;
    return usage;
}

static struct usage usage_of_kind(const struct usage_fold *u, const struct resource_kind *k, double time_s,
                                  struct usage *member)
{
    struct totals all = {0};
    bool place = k->first < u->r->n_place;
    for (uint32_t i = 0; i < k->count; i++) {
        uint32_t resource = k->first + i * k->stride;
        const struct counted *c = &u->counted[resource];
        struct totals one = {c->present_s, c->busy_s, c->amount, place && u->level_j ? stats_sum_value(&u->level_j[resource]) : 0,
                             u->counter[resource_slot(resource)].n_left};
        stats_sum_add(&all.held_s, stats_sum_value(&one.held_s));
        stats_sum_add(&all.busy_s, stats_sum_value(&one.busy_s));
        stats_sum_add(&all.amount, stats_sum_value(&one.amount));
        all.level_j += one.level_j;
        all.n_served += one.n_served;
        if (k->first_member != ROW_NONE) {
            member[k->first_member + i * k->stride] = usage_of(&one, k, place);
            member[k->first_member + i * k->stride].idle_j = k->idle_w * time_s;
        }
    }
    struct usage usage = usage_of(&all, k, place);
    usage.idle_j = k->idle_w * k->count * time_s;
    return usage;
}

void usage_mark(struct usage_fold *u, double time_s, struct usage_mark *mark)
{
    for (uint32_t i = 0; i < u->r->n_resource; i++) {
        struct counter *c = &u->counter[resource_slot(i)];
        c->joined &= c->last_s == time_s;
        counter_advance(c, time_s);
    }
    usage_change(u, time_s, 0);
    usage_settle(u);
    mark->time_s = time_s;
    mark->in_system = u->in_system;
    mark->in_system_s = stats_sum_value(&u->counted_system_s);
    for (uint32_t k = 0; k < u->r->n_kind; k++) {
        mark->kind[k] = usage_of_kind(u, &u->r->kind[k], time_s, mark->member);
    }
}

int usage_mark_init(struct usage_mark *mark, const struct resources *r, struct err *e)
{
    *mark = (struct usage_mark){0};
    mark->kind = calloc((size_t)r->n_kind + 1, sizeof *mark->kind);
    mark->member = calloc((size_t)r->n_place_member + r->n_channel_member + 1, sizeof *mark->member);
    if (!mark->kind || !mark->member) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for usage of %u kinds of resources", r->n_kind);
    }
    return 0;
}

static void subtract(struct usage *to, const struct usage *from)
{
    to->busy_s -= from->busy_s;
    to->held_s -= from->held_s;
    to->bits -= from->bits;
    to->dynamic_j -= from->dynamic_j;
    to->idle_j -= from->idle_j;
    to->n_served -= from->n_served;
}

void usage_mark_subtract(struct usage_mark *to, const struct usage_mark *from, const struct resources *r)
{
    for (uint32_t k = 0; k < r->n_kind; k++) {
        subtract(&to->kind[k], &from->kind[k]);
    }
    for (uint32_t m = 0; m < r->n_place_member + r->n_channel_member; m++) {
        subtract(&to->member[m], &from->member[m]);
    }
    to->in_system_s -= from->in_system_s;
}

void usage_mark_clear(struct usage_mark *mark)
{
    free(mark->kind);
    free(mark->member);
    *mark = (struct usage_mark){0};
}
