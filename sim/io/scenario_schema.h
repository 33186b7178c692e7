/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_schema.h - docs/scenario.schema.json from the key tables that the parser reads with, so that editors complete
 * and check scenarios: JSON Schema, draft 7, which editors know best.
 *
 * What a schema cannot say is left to the parser: names that refer to others, what holds between keys, and ranges of
 * quantities with units beyond their sign.
 */
#ifndef SIM_IO_SCENARIO_SCHEMA_H
#define SIM_IO_SCENARIO_SCHEMA_H

#include <stdio.h>

struct policy_set;

/* Policies of the set and their parameters are named, so that editors offer them; 0, -ERR_MEMORY, or -ERR_IO where out failed. */
int scenario_schema(const struct policy_set *policies, FILE *out);

#endif
