/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fence.h - what a policy must leave alone: the bytes before and behind the memory that it may write, and all of what it is
 * shown.  The words next to its memory are looked at after each call; what it was shown is summed before and after some
 * questions (the first ones, and those whose number is a power of two; in a debug build all), and of long columns the first
 * 1024 places are.
 */
#ifndef SIM_RUN_FENCE_H
#define SIM_RUN_FENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tiersim/policy.h>

#define FENCE_WORD UINT64_C(0xA5C35AC3E7817E18)
enum { FENCE_WORDS = 8, SEAL_FIRST = 16, SEAL_PLACES = 1024 };

/* n bytes, all zero, aligned for anything, between fences; NULL: no memory. */
void *fence_alloc(size_t n);
void fence_free(void *memory);
/* Is every byte of the fences around the n bytes as it was? */
bool fence_is_whole(const void *memory, size_t n);

/* The same of the nearest whole word on both sides. */
static inline bool fence_is_near_whole(const void *memory, size_t n)
{
    const uint64_t *before = (const uint64_t *)memory - 1;
    const uint64_t *behind = (const uint64_t *)memory + (n + sizeof *behind - 1) / sizeof *behind;
    return *before == FENCE_WORD && *behind == FENCE_WORD;
}

static inline bool seal_is_due(uint64_t question)
{
#ifdef TS_DEBUG
    (void)question;
    return true;
#else
    return question < SEAL_FIRST || (question & (question - 1)) == 0;
#endif
}
/* A sum over what a policy is shown; a may be NULL. */
uint64_t seal_of(const struct ts_view *v, const struct ts_ask *a);

#endif
