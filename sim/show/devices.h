/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices.h - the devices of a file as a table: what they have, and how well it is known. */
#ifndef SIM_SHOW_DEVICES_H
#define SIM_SHOW_DEVICES_H

#include "sim/io/yaml.h"
#include "sim/show/table.h"

/* A row for each processor of each device under `devices` of the file's root. */
void devices_add(struct table *t, const struct yaml_node *root);
/* The columns of such a table. */
void devices_head(struct table *t);
/* The same as a table of Markdown, without its head; devices_head_markdown prints that. */
void devices_print_markdown(const struct yaml_node *root, FILE *out);
void devices_head_markdown(FILE *out);

#endif
