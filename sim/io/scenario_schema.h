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

/* 0, -ERR_MEMORY, or -ERR_IO where out failed. */
int scenario_schema(FILE *out);

#endif
