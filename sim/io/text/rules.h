/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules.h - a stand-in for a language model that needs no network: it reads the very prompt that a model would get, looks in
 * it for lines such as "p0: finish_s=0.12 queue=3", and answers by fixed rules in the format that is asked for.  It knows the
 * uses of the policy llm and nothing else.
 *
 *   score    whoever meets the deadline with time to spare is rated by joules, the others by time
 *   weights  a busy or late system is told to hurry and to spread, an idle one to save
 *   settings sites with cores to spare are offered to controllers whose own site has more tasks than cores; those that are
 *            nobody's own, to all.  Who lacks twice the cores of a site nevertheless admits less.  A parameter that weighs energy
 *            is 0 while tasks wait anywhere, else 0.4; others stay
 *   watch    more than half as much again as usual, of arrivals, time or lateness, is an anomaly, and calls for a new plan
 */
#ifndef SIM_IO_TEXT_RULES_H
#define SIM_IO_TEXT_RULES_H

#include <stdbool.h>
#include <tiersim/policy.h>

struct err;

bool rules_know(const char *use);
/* The answer, JSON, to be freed.  ERR_INPUT: a use that it does not know; ERR_MEMORY. */
int rules_answer(const char *use, const char *prompt, const struct ts_slot *slot, uint32_t n_slot, char **answer,
                 struct err *e);

#endif
