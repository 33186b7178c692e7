/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h - words for messages: the word somebody may have meant, and what somebody wrote made fit to be shown. */
#ifndef SIM_BASE_TEXT_H
#define SIM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that text_show may write. */
enum { TEXT_SHOWN = 64 };

/*
 * Slips of the pen between a and b: letters put in, left out, changed, or swapped with their neighbour (the restricted
 * distance of Damerau and Levenshtein).  Counts no further than limit (< 8): what is farther is limit + 1.
 */
unsigned text_distance(const char *a, const char *b, unsigned limit);

/* The nearest word so far.  Start with {0}; at equal distance the earlier word stays. */
struct text_nearest {
    const char *word;
    unsigned distance;
};
/* Offer a candidate for what was written; words that are too far to be a slip are passed over. */
void text_nearest_offer(struct text_nearest *best, const char *written, const char *candidate);

/* The n bytes at s on one line, cut short with "..." where long, into buf[TEXT_SHOWN]; returns buf. */
const char *text_show(const char *s, size_t n, char *buf);

#endif
