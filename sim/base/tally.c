/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/tally.h"

#include <stdlib.h>
#include <string.h>

int tally_is_name(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n < TALLY_NAME_MAX && n == strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

const struct tally *tallies_find(const struct tallies *t, const char *name)
{
    for (uint32_t i = 0; i < t->n; i++) {
        if (strcmp(t->row[i].name, name) == 0) {
            return &t->row[i];
        }
    }
    return NULL;
}

int tallies_put(struct tallies *t, const struct tally *row)
{
    if (t->n == t->room) {
        uint32_t room = t->room ? 2 * t->room : 8;
        struct tally *grown = room <= TALLIES_MAX ? realloc(t->row, room * sizeof *grown) : NULL;
        if (!grown) {
            return -1;
        }
        t->row = grown;
        t->room = room;
    }
    t->row[t->n++] = *row;
    return 0;
}

int tallies_add(struct tallies *t, const char *name, double value)
{
    for (uint32_t i = 0; i < t->n; i++) {
        if (strcmp(t->row[i].name, name) == 0) {
            t->row[i].sum += value;
            t->row[i].n++;
            return 0;
        }
    }
    struct tally row = {.sum = value, .n = 1};
    strncpy(row.name, name, sizeof row.name - 1);
    return tallies_put(t, &row);
}

void tallies_clear(struct tallies *t)
{
    free(t->row);
    *t = (struct tallies){0};
}
