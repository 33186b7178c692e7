/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/resource.h"

#include <stdlib.h>

static struct resource_kind of_pool(const struct scenario *s, const struct pool *pool)
{
    bool batch = pool->discipline == DISCIPLINE_BATCH;
    return (struct resource_kind){
        .units = batch ? 0 : pool->units,
        .w_per_unit = pool->busy_w_per_unit,
        .first = pool->first_place,
        .stride = 1,
        .count = s->group[pool->group].count,
        .first_member = ROW_NONE,
        .stay_is_service = pool->discipline == DISCIPLINE_PS,
        .busy_by_stint = batch,
        .level = pool->level,
    };
}

static struct resource_kind of_direction(const struct scenario *s, const struct link *link, uint32_t d)
{
    const struct channel_spec *spec = &link->direction[d];
    return (struct resource_kind){
        .units = 1,
        .j_per_bit = spec->energy_j_per_bit,
        .price_per_bit = spec->price_per_bit,
        .carries = 1,
        .idle_w = spec->idle_w,
        .first = s->n_place + link->first_channel + d,
        .stride = N_DIRECTION,
        .count = link->n_instance,
        .first_member = ROW_NONE,
    };
}

static void number_members(struct resources *r, uint32_t member_max)
{
    uint32_t n_pool = r->s->n_pool;
    for (uint32_t k = 0; k < n_pool; k++) {
        if (r->kind[k].count <= member_max) {
            r->kind[k].first_member = r->n_place_member;
            r->n_place_member += r->kind[k].count;
        }
    }
    for (uint32_t k = n_pool; k < r->n_kind; k++) {
        uint32_t direction = (k - n_pool) % N_DIRECTION;
        if (r->kind[k].count <= member_max) {
            r->kind[k].first_member = r->n_place_member + r->n_channel_member + direction;
            r->n_channel_member += direction == N_DIRECTION - 1 ? N_DIRECTION * r->kind[k].count : 0;
        }
    }
}

int resources_init(struct resources *r, const struct scenario *s, uint32_t member_max, struct err *e)
{
    *r = (struct resources){.s = s, .n_place = s->n_place, .n_resource = s->n_place + s->n_channel,
                            .n_kind = s->n_pool + N_DIRECTION * s->n_link};
    r->kind = calloc((size_t)r->n_kind + 1, sizeof *r->kind);
    r->kind_of = calloc((size_t)r->n_resource + 1, sizeof *r->kind_of);
    if (!r->kind || !r->kind_of) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for measures of %u resources", r->n_resource);
    }
    for (uint32_t p = 0; p < s->n_pool; p++) {
        r->kind[p] = of_pool(s, &s->pool[p]);
        r->has_levels |= s->pool[p].n_level > 0;
    }
    for (uint32_t l = 0; l < s->n_link; l++) {
        for (uint32_t d = 0; d < N_DIRECTION; d++) {
            r->kind[s->n_pool + N_DIRECTION * l + d] = of_direction(s, &s->link[l], d);
        }
    }
    r->kind_of[resource_slot(ROW_NONE)] = r->n_kind;
    for (uint32_t k = 0; k < r->n_kind; k++) {
        for (uint32_t i = 0; i < r->kind[k].count; i++) {
            r->kind_of[resource_slot(r->kind[k].first + i * r->kind[k].stride)] = k;
        }
    }
    number_members(r, member_max);
    return 0;
}

void resources_clear(struct resources *r)
{
    free(r->kind);
    free(r->kind_of);
    *r = (struct resources){0};
}

const char *resources_name(const struct resources *r, uint32_t resource, char *buf, size_t n)
{
    return resource < r->n_place ? scenario_place_name(r->s, resource, buf, n)
                                 : scenario_channel_name(r->s, resource - r->n_place, buf, n);
}
