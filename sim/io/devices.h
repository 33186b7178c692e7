/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * devices.h - kinds of machines that a scenario's nodes are of.  `devices` at the top of a file, or of one that it includes, has
 * them by name; a group of nodes with `device: NAME` is that kind with its own keys laid over it.  What is left is a scenario
 * that knows no devices: nothing after this sees them.
 */
#ifndef SIM_IO_DEVICES_H
#define SIM_IO_DEVICES_H

#include "sim/io/yaml.h"

/* Carry it out on the tree, after includes and assignments.  0, or -code with all that is wrong added to errs. */
int devices_lay(struct yaml *y, struct errors *errs);

#endif
