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

/* Fill *out, which shares experiment, language models and files with s and must not outlive it; scenario_free releases it. */
int scenario_sample(struct scenario *out, const struct scenario *s, struct stream_key of, struct err *e);

#endif
