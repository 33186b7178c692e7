/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * level.c - speed levels of places (DVFS).  A task at a level takes its place's units for so much longer, or less, as its
 * speed says, and draws the level's power: nothing else of a station or a job knows of levels.
 */
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/run/steps.h"

int levels_init(struct run *r, struct err *e)
{
    const struct scenario *s = r->s;
    for (uint32_t p = 0; p < s->n_place; p++) {
        const uint32_t n = s->pool[r->place_pool[p]].n_level;
        if (n > 0 && !r->n_level && !(r->n_level = calloc(s->n_place, sizeof *r->n_level))) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for the levels of %u places", s->n_place);
        }
        if (n > 0) {
            r->n_level[p] = (uint8_t)n;
        }
    }
    r->checker.n_level = r->n_level;
    return 0;
}

int run_level(const struct run *r, uint32_t place, uint32_t level, double *speed_flops, double *power_w)
{
    if (place >= r->s->n_place || level > r->s->pool[r->place_pool[place]].n_level) {
        return -1;
    }
    *speed_flops = r->s->pool[r->place_pool[place]].speed_flops / level_stretch(r, place, level);
    *power_w = level_w(r, place, level);
    return 0;
}
