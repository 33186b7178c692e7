/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger.c - what a controller has sent where and the rows that it knows cannot contain yet (SEMANTICS 5.1.6).  An entry
 * is made with the decision; it is taken out by a row as of its admission or later, or by the news of the end.
 */
#include "sim/run/control.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"

int ledger_create(struct run *r, struct err *e)
{
    (void)r, (void)e; /* it grows as it is used */
    return 0;
}

void ledger_free(struct run *r)
{
    pairs_clear(&r->control->cells);
    free(r->control->cell);
    free(r->control->entry);
}

/* Who shares the ledger of a controller: all of its site, or it alone. */
static uint32_t ledger_of(const struct run_control *c, uint32_t ctl)
{
    return c->spec->ledger == LEDGER_SHARED && c->ctl[ctl].at.core != ROW_NONE ? c->ctl[ctl].at.core : ctl;
}

static uint32_t cell_of(struct run *r, uint32_t ctl, uint32_t place)
{
    struct run_control *c = r->control;
    uint32_t row = pairs_row(&c->cells, ledger_of(c, ctl), place);
    if (row != ROW_NONE && row >= c->room_cell) {
        uint32_t room = c->room_cell ? 2 * c->room_cell : 64;
        struct ledger_cell *grown = realloc(c->cell, room * sizeof *grown);
        if (!grown) {
            return ROW_NONE;
        }
        for (uint32_t i = c->room_cell; i < room; i++) {
            grown[i] = (struct ledger_cell){.asof_s = -1, .first = ROW_NONE};
        }
        c->cell = grown;
        c->room_cell = room;
    }
    return row;
}

uint32_t ledger_add(struct run *r, uint32_t ctl, uint32_t place, double work_s, uint32_t *serial)
{
    struct run_control *c = r->control;
    if (c->spec->ledger == LEDGER_NONE) {
        return ROW_NONE;
    }
    uint32_t at = cell_of(r, ctl, place);
    if (at == ROW_NONE || (c->free_entry == ROW_NONE && !slab_grow((void **)&c->entry, &c->n_entry, sizeof *c->entry,
                                                                   offsetof(struct entry, next), &c->free_entry))) {
        run_fail(r, "out of memory for ledgers");
        return ROW_NONE;
    }
    uint32_t row = c->free_entry;
    struct entry *e = &c->entry[row];
    struct ledger_cell *cell = &c->cell[at];
    c->free_entry = e->next;
    *e = (struct entry){.admitted_s = NAN, .work_s = work_s, .cell = at, .next = cell->first, .before = ROW_NONE,
                        .serial = e->serial + 1};
    if (cell->first != ROW_NONE) {
        c->entry[cell->first].before = row;
    }
    cell->first = row;
    cell->n++;
    cell->work_s += work_s;
    *serial = e->serial;
    return row;
}

static void take_out(struct run_control *c, uint32_t row)
{
    struct entry *e = &c->entry[row];
    struct ledger_cell *cell = &c->cell[e->cell];
    if (e->before == ROW_NONE) {
        cell->first = e->next;
    } else {
        c->entry[e->before].next = e->next;
    }
    if (e->next != ROW_NONE) {
        c->entry[e->next].before = e->before;
    }
    cell->n--;
    cell->work_s = cell->n ? cell->work_s - e->work_s : 0;
    e->cell = ROW_NONE;
    e->next = c->free_entry;
    c->free_entry = row;
}

void ledger_remove(struct run *r, uint32_t entry, uint32_t serial)
{
    struct run_control *c = r->control;
    if (entry != ROW_NONE && c->entry[entry].serial == serial && c->entry[entry].cell != ROW_NONE) {
        take_out(c, entry);
    }
}

void ledger_admit(struct run *r, uint32_t row)
{
    struct run_control *c = r->control;
    const struct beside *b = &c->beside[row];
    if (b->entry != ROW_NONE && c->entry[b->entry].serial == b->serial && c->entry[b->entry].cell != ROW_NONE) {
        c->entry[b->entry].admitted_s = r->now_s;
        c->entry[b->entry].after = c->answering;
    }
}

struct ledger_sum ledger_sum(struct run *r, uint32_t ctl, uint32_t place, double asof_s)
{
    struct run_control *c = r->control;
    uint32_t at = pairs_find(&c->cells, ledger_of(c, ctl), place);
    if (at == ROW_NONE) {
        return (struct ledger_sum){0, 0};
    }
    struct ledger_cell *cell = &c->cell[at];
    if (asof_s > cell->asof_s) {
        cell->asof_s = asof_s;
        for (uint32_t i = cell->first, next; i != ROW_NONE; i = next) {
            const struct entry *e = &c->entry[i];
            next = e->next;
            if (e->admitted_s < asof_s || (e->admitted_s == asof_s && !e->after)) {
                take_out(c, i);
            }
        }
    }
    return (struct ledger_sum){cell->n, cell->work_s};
}
