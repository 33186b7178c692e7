/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * word.h - which known word was probably meant: the nearest by optimal string alignment distance (insert, delete,
 * replace, swap neighbours: Damerau, Comm. ACM 7 (1964) 171-176) that differs in at most a third of its letters.
 *
 *     struct word_guess guess = {.word = "mtc"};
 *     word_guess_offer(&guess, "local");
 *     word_guess_offer(&guess, "mct");       guess.best is "mct"
 */
#ifndef SIM_BASE_WORD_H
#define SIM_BASE_WORD_H

enum { WORD_MAX = 64 }; /* longer words are near to nothing */

struct word_guess {
    const char *word;  /* what was found */
    const char *best;  /* nearest word offered so far, the first of equals; NULL if none is near */
    unsigned distance; /* of best */
};

/* Edits from a to b; WORD_MAX if one of them is longer than that. */
unsigned word_distance(const char *a, const char *b);
void word_guess_offer(struct word_guess *g, const char *known);

#endif
