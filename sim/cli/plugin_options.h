/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin_options.h - what every verb understands before its own options: --plugin FILE loads the policies of a shared
 * object, and --policy FILE.so:NAME is --plugin FILE.so --policy NAME.
 */
#ifndef SIM_CLI_PLUGIN_OPTIONS_H
#define SIM_CLI_PLUGIN_OPTIONS_H

#include "sim/io/plugin.h"

/* Load what argv names, in its order, and take it out of argv[0..*argc); what follows `--` stays. */
int plugin_options_take(struct plugins *p, int *argc, char **argv, struct err *e);

#endif
