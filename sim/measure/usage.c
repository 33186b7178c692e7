/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/usage.h"

#include <stdlib.h>

int usage_init(struct usage_fold *u, const struct resources *r, struct err *e)
{
    size_t n = (size_t)r->n_resource + 1;
    *u = (struct usage_fold){.r = r, .counter = aligned_alloc(64, n * sizeof *u->counter)};
    if (!u->counter) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for counters of %u resources", r->n_resource);
    }
    for (size_t i = 0; i < n; i++) {
        u->counter[i] = (struct counter){0};
    }
    return 0;
}

void usage_clear(struct usage_fold *u)
{
    free(u->counter);
    *u = (struct usage_fold){0};
}

/* Bring the integrals of a counter up to now_s (TwoSum, as in sum.h). */
static inline void advance(struct counter *c, uint32_t units, double now_s)
{
    typedef int32_t count_pair __attribute__((vector_size(8)));
    double dt_s = now_s - c->last_s;
    count_pair n = {(int32_t)c->n, (int32_t)(c->n < units ? c->n : units)};
    usage_pair x = __builtin_convertvector(n, usage_pair) * (usage_pair){dt_s, dt_s};
    usage_pair sum = c->sum, total = sum + x, part = total - sum;
    c->lost += (sum - (total - part)) + (x - part);
    c->sum = total;
    c->last_s = now_s;
}

/* A change of one counter; what who leaves takes along. */
struct change {
    double now_s;
    uint32_t resource, by; /* by: 1 joins, UINT32_MAX leaves */
};

struct departure {
    double amount;
    uint32_t resource;
};

/*
 * Kinds follow each other without a pattern, so a branch on them would be mispredicted once a record, which costs more
 * than the counting: each record writes a leave and a join to a list, and the end of the list moves on by those that
 * there are.
 */
void usage_fold(struct usage_fold *u, const struct transition *t, size_t n)
{
    struct change change[2 * USAGE_STRETCH + 2];
    struct departure departure[USAGE_STRETCH + 1];
    uint32_t n_change = 0, n_departure = 0, n_place = u->r->n_place;
    struct sum system_s = u->system_s;
    double last_s = u->last_s;
    int64_t in_system = u->in_system;
    CHECK(n <= USAGE_STRETCH);
    for (const struct transition *end = t + n; t < end; t++) {
        bool moves = t->kind == TR_MOVE, ends = (t->kind == TR_END) | (t->kind == TR_CLOSE);
        uint32_t from = t->from, to = moves ? t->to : from;
        sum_add(&system_s, (double)in_system * (t->time_s - last_s));
        last_s = t->time_s;
        in_system += (t->kind == TR_RELEASE) - ends;
        uint32_t leaves = (moves | ends) & (from != ROW_NONE);
        uint32_t joins = (moves | (t->kind == TR_PLACE)) & (to != ROW_NONE);
        departure[n_departure] = (struct departure){(&t->a)[from >= n_place], from};
        n_departure += leaves;
        change[n_change] = (struct change){last_s, from, UINT32_MAX};
        n_change += leaves;
        change[n_change] = (struct change){last_s, to, 1};
        n_change += joins;
    }
    u->system_s = system_s;
    u->last_s = last_s;
    u->in_system = in_system;
    for (uint32_t i = 0; i < n_change; i++) {
        struct counter *c = &u->counter[change[i].resource];
        advance(c, resource_kind(u->r, change[i].resource)->units, change[i].now_s);
        c->n += change[i].by;
    }
    for (uint32_t i = 0; i < n_departure; i++) {
        struct counter *c = &u->counter[departure[i].resource];
        sum_add(&c->amount, departure[i].amount);
        c->n_left++;
    }
}

struct totals {
    struct sum held_s, busy_s, amount;
    uint64_t n_served;
};

static struct usage usage_of(const struct totals *totals, const struct resource_kind *k, bool place)
{
    double amount = sum_value(totals->amount);
    struct usage usage = {
        .held_s = sum_value(totals->held_s),
        .busy_s = k->busy_by_stint ? amount : sum_value(totals->busy_s),
        .bits = place ? 0 : amount,
        .n_served = totals->n_served,
    };
    usage.dynamic_j = usage.busy_s * k->w_per_unit + usage.bits * k->j_per_bit;
    return usage;
}

static struct usage usage_of_kind(struct usage_fold *u, const struct resource_kind *k, double time_s,
                                  struct usage *member)
{
    struct totals all = {0};
    bool place = k->first < u->r->n_place;
    for (uint32_t i = 0; i < k->count; i++) {
        struct counter *c = &u->counter[k->first + i * k->stride];
        advance(c, k->units, time_s);
        struct totals one = {{c->sum[0], c->lost[0]}, {c->sum[1], c->lost[1]}, c->amount, c->n_left};
        sum_add(&all.held_s, sum_value(one.held_s));
        sum_add(&all.busy_s, sum_value(one.busy_s));
        sum_add(&all.amount, sum_value(one.amount));
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
    sum_add(&u->system_s, (double)u->in_system * (time_s - u->last_s));
    u->last_s = time_s;
    mark->time_s = time_s;
    mark->in_system = u->in_system;
    mark->in_system_s = sum_value(u->system_s);
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
