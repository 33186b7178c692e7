/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * toys.h - one small policy of each kind that the interface must carry.  They see <tiersim/policy.h> alone and compile as C
 * and as C++; test_toys.c plays the questions they need, and test_policy_in_run.c runs those that this program can.
 */
#ifndef TESTS_CONTRACT_TOYS_H
#define TESTS_CONTRACT_TOYS_H

#include <tiersim/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const struct ts_policy toy_mct;    /* single task */
extern const struct ts_policy toy_minmin; /* a pool of deferred tasks */
extern const struct ts_policy toy_heft;   /* a graph, fixed at release */
extern const struct ts_policy toy_split;  /* a chain in two parts */
extern const struct ts_policy toy_hedge;  /* a late second replica */
extern const struct ts_policy toy_llm;    /* prefill and decode apart, decode asked each round */
extern const struct ts_policy toy_upper;  /* the slow one of two levels: sets a parameter of the fast one */
extern const struct ts_policy toy_wire;   /* whatever answers at the other end of a socket, */
extern const struct ts_policy toy_wire_upper; /* .. or sets others from there */

/* For toy_wire in the place of a policy that has these functions, too. */
int toy_wire_init(void *st, const struct ts_host *h, const struct ts_view *v);
int toy_wire_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o);
/* The other end: answers what comes over fd by policy until it is closed; state has its parameters. */
int toy_wire_serve(int fd, const struct ts_policy *policy, void *state);

#ifdef __cplusplus
}
#endif
#endif
