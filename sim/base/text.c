/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/text.h"

#include <string.h>

enum { WORD_LENGTH = 63, SHOWN_LENGTH = 48 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned text_distance(const char *a, const char *b, unsigned limit)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_LENGTH || m > WORD_LENGTH || (n > m ? n - m : m - n) > limit) {
        return limit + 1;
    }
    unsigned row[3][WORD_LENGTH + 1]; /* of the table: the one before last, the last, this */
    for (size_t j = 0; j <= m; j++) {
        row[1][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= n; i++) {
        unsigned *this = row[(i + 1) % 3], *last = row[i % 3], *before = row[(i + 2) % 3], smallest = (unsigned)i;
        this[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            this[j] = least(least(last[j], this[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                this[j] = least(this[j], before[j - 2] + 1);
            }
            smallest = least(smallest, this[j]);
        }
        if (smallest > limit + 1) { /* a swap may still look back one row */
            return limit + 1;
        }
    }
    return least(row[(n + 1) % 3][m], limit + 1);
}

void text_nearest_offer(struct text_nearest *best, const char *written, const char *candidate)
{
    size_t length = strlen(written);
    unsigned limit = length < 4 ? 1 : length < 7 ? 2 : 3;
    unsigned distance = text_distance(written, candidate, limit);
    if (distance <= limit && distance < strlen(candidate) && (!best->word || distance < best->distance)) {
        best->word = candidate;
        best->distance = distance;
    }
}

const char *text_show(const char *s, size_t n, char *buf)
{
    size_t take = n <= SHOWN_LENGTH ? n : SHOWN_LENGTH - 3;
    while (take < n && take > 0 && ((unsigned char)s[take] & 0xC0) == 0x80) {
        take--; /* not in the middle of a character */
    }
    for (size_t i = 0; i < take; i++) {
        unsigned char c = (unsigned char)s[i];
        buf[i] = c < 0x20 || c == 0x7F ? ' ' : (char)c;
    }
    strcpy(buf + take, take < n ? "..." : "");
    return buf;
}
