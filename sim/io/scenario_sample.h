/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_sample.h - a scenario as one replication meets it whose values are not known exactly: those are drawn about what is
 * written, by (seed, replication, path), so that all policies meet the same machines.  The text is read again, so that all that
 * follows from a value follows from what was drawn; no file is.
 */
#ifndef SIM_IO_SCENARIO_SAMPLE_H
#define SIM_IO_SCENARIO_SAMPLE_H

#include "sim/model/scenario.h"

struct err;

/*
 * The scenario as a replication meets it: *out is s, or with `uncertainty: sampled` *drawn, which scenario_sample fills.
 * scenario_free releases *drawn in any case.
 */
int scenario_of_replication(const struct scenario **out, struct scenario *drawn, const struct scenario *s, uint64_t seed,
                            uint32_t replication, struct err *e);
/* Fill *out, which shares language models, files and the experiment but its times to think with s, and must not outlive it;
 * scenario_free releases it. */
int scenario_sample(struct scenario *out, const struct scenario *s, struct stream_key of, struct err *e);

#endif
