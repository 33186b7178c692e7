/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_sections.h - the sections of a scenario, each the `read` of its key at the top; they fill reader.s. */
#ifndef SIM_IO_READ_SECTIONS_H
#define SIM_IO_READ_SECTIONS_H

#include "sim/io/read.h"

/* Tiers beside end, edge and cloud, which reader.tier holds before. */
int read_tiers(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
int read_nodes(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
int read_links(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
int read_workloads(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
int read_objective(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
int read_language_models(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
/* The one that a scenario has which speaks of none: the rules. */
int read_default_language_model(struct reader *r);
int read_experiment(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

/* What stands in them, beneath the names where there are names; and the file as a whole. */
extern const struct table language_model_table, scenario_table,
    group_table, link_table, workload_table, objective_table, experiment_table;

/* The name of a policy, as it stands in the list of policies. */
extern const struct key policy_name_key;

#endif
