/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * estimate.h - what a result file says of a policy, as tables and figures show it; see measure/analysis.h for the
 * rules.
 */
#ifndef SIM_SHOW_ESTIMATE_H
#define SIM_SHOW_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/io/results.h"
#include "sim/measure/analysis.h"

#define LEVEL 0.95

struct replications replications_of(const struct result *r, uint32_t policy);
/* Mean energy of a tier (n_tier: the links) in the window, above idle or idle, J. */
struct stats_interval estimate_tier(const struct result *r, uint32_t policy, uint32_t tier, bool busy);
/* Mean of what a policy reports of itself under a name; NAN if it does not. */
struct stats_interval estimate_own(const struct result *r, uint32_t policy, const char *name);
/* Pooled latency quantile of row q of r->q, as it stands in the file. */
struct stats_interval estimate_quantile(const struct result *r, uint32_t policy, uint32_t class, uint32_t q);
/* Does it rest on enough excursions (SEMANTICS 7.10)? */
bool estimate_is_enough(const struct result *r, uint32_t policy, uint32_t class, uint32_t q);

#endif
