/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * set.h - the policies that the program was handed: built in, loaded from a shared object, reached by a socket. Nothing
 * here knows a particular one; a table is checked once when it comes in, so that everything later may trust it.
 */
#ifndef SIM_POLICY_SET_H
#define SIM_POLICY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <tiersim/policy.h>

struct err;
struct policy_spec;

struct policy_set {
    const struct ts_policy *const *policy; /* [n], in the order of listings */
    size_t n;
};

/* Whether a table is one that this program can run: ABI and sizes, name, decide, known bits, parameters.  ERR_POLICY.
 */
int policy_check_table(const struct ts_policy *p, struct err *e);
/* All tables of the set, and that no two have one name. */
int policy_set_check(const struct policy_set *set, struct err *e);

/* The policy of that name, or NULL after filling *e with the names that there are; file (or NULL), line and column say
 * where the name stands. */
const struct ts_policy *policy_set_find(const struct policy_set *set, const char *name, const char *file, int line,
                                        int column, struct err *e);

/* Into *over the policy of the slow controllers that the scenario puts over those of spec, NULL if there are none.  Errors: as
 * policy_set_find. */
int policy_set_find_over(const struct policy_set *set, const struct policy_spec *spec, const char *file,
                         const struct ts_policy **over, struct err *e);

/* Does one of the two ask the world outside? */
static inline bool policy_asks(const struct ts_policy *p, const struct ts_policy *over)
{
    return (p->flags | (over ? over->flags : 0)) & TS_IMPURE;
}

/* Row i of the parameter table, or NULL behind its end. */
const struct ts_param *policy_param_at(const struct ts_policy *p, size_t i);
/* The row of that key, or NULL. */
const struct ts_param *policy_param_of(const struct ts_policy *p, const char *key);
/* The parameter that holds the period of its clock, or NULL if it has no clock. */
const struct ts_param *policy_clock(const struct ts_policy *p);
/* Whether a slow controller may set it: not the period of the clock, nor what is fixed. */
bool policy_param_can_be_set(const struct ts_policy *p, const struct ts_param *q);

/* The words that may be written for a parameter, ending with NULL; NULL: it is a number. */
const char *const *policy_param_words(const struct ts_policy *p, const struct ts_param *q);

/*
 * Make the state block ready for init: zero its p->state_size bytes, set the defaults, then the values of spec (NULL:
 * none), which are in SI units.  Unknown keys and values out of range are ERR_INPUT at the place of the parameter in
 * file (or NULL), and so is a network of a policy that asks nothing outside.
 */
int policy_set_params(const struct ts_policy *p, const char *file, const struct policy_spec *spec, void *state,
                      struct err *e);
/* What such a block holds for one of the parameters, where the values are legal. */
double policy_param_written(const struct ts_policy *p, const struct policy_spec *spec, const struct ts_param *q);

#endif
