/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_keys.h - every value of a scenario, one by one: those that are written, and what holds for keys that were left
 * out, in the order of the parser's tables.
 */
#ifndef SIM_IO_SCENARIO_KEYS_H
#define SIM_IO_SCENARIO_KEYS_H

#include "sim/io/yaml.h"

struct scenario_value {
    const char *path;     /* such as nodes.edge.count */
    const char *text;     /* as it would be written; of a key that was left out perhaps words: "half the duration" */
    bool given;           /* written somewhere; else by default */
    struct yaml_place at; /* given */
};

/* Call `take` for each, from a tree that scenario_open found right.  0, -ERR_MEMORY, or what `take` returned (not 0). */
int scenario_values(const struct yaml *tree, int (*take)(void *ctx, const struct scenario_value *v), void *ctx);

#endif
