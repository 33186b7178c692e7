/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scenario_read.h - a scenario from its file; docs/scenario.md says what may stand there. */
#ifndef SIM_IO_SCENARIO_READ_H
#define SIM_IO_SCENARIO_READ_H

#include "sim/io/errors.h"
#include "sim/model/scenario.h"

/*
 * Fill *s from the YAML file at path, after carrying out the assignments PATH=VALUE of set[n_set] in their order.  0;
 * or -ERR_INPUT, -ERR_MEMORY, -ERR_IO with all that is wrong in *errs and *s empty.  scenario_free releases it.
 */
int scenario_read(struct scenario *s, const char *path, const char *const *set, size_t n_set, struct errors *errs);

#endif
