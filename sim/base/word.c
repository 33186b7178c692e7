/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/word.h"

#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned word_distance(const char *a, const char *b)
{
    size_t na = strnlen(a, WORD_MAX), nb = strnlen(b, WORD_MAX);
    if (na == WORD_MAX || nb == WORD_MAX) {
        return WORD_MAX;
    }
    unsigned row[3][WORD_MAX]; /* of the table of distances between prefixes: row i modulo 3 */
    for (unsigned j = 0; j <= nb; j++) {
        row[0][j] = j;
    }
    for (unsigned i = 1; i <= na; i++) {
        unsigned *now = row[i % 3];
        const unsigned *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= nb; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
    }
    return row[na % 3][nb];
}

void word_guess_offer(struct word_guess *g, const char *known)
{
    unsigned distance = word_distance(g->word, known);
    if (distance * 3 <= strlen(known) && (!g->best || distance < g->distance)) {
        g->best = known;
        g->distance = distance;
    }
}
