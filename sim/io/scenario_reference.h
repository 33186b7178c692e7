/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scenario_reference.h - docs/scenario.md from the key tables that the parser reads with. */
#ifndef SIM_IO_SCENARIO_REFERENCE_H
#define SIM_IO_SCENARIO_REFERENCE_H

#include <stdio.h>

/* The reference of the scenario language as Markdown.  0, or -ERR_IO where out failed. */
int scenario_reference(FILE *out);

#endif
