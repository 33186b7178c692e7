/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scenario_read.h - a scenario from its file; docs/scenario.md says what may stand there. */
#ifndef SIM_IO_SCENARIO_READ_H
#define SIM_IO_SCENARIO_READ_H

#include "sim/io/yaml.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"

/* What is read, and against what it is checked. */
struct scenario_source {
    const char *path;
    const char *text;   /* NULL: that of the file at path; else path is only its name in messages */
    const char *folder; /* in which relative paths begin, with a slash; NULL: that of path */
    const char *const *set; /* [n_set] assignments PATH=VALUE, carried out in their order */
    size_t n_set;
    bool without_tables; /* what its policies have learned is not read */
    const struct stream_key *sampled; /* values that are not known exactly are drawn for this replication; NULL: as written */
    struct read_files *files; /* of an earlier reading of the same text: no file is read again; NULL: none */
    const struct policy_set *policies; /* that there are; NULL: names and parameters of policies are not checked */
};

/*
 * Fill *s, and *tree with what it was read from (start with {0}): the file with all it includes, aliases, merges and
 * assignments carried out.  0; or -ERR_INPUT, -ERR_MEMORY, -ERR_IO with all that is wrong in *errs and *s empty.
 * scenario_free releases the one, yaml_clear the other, also after a failure.
 */
int scenario_open(struct scenario *s, struct yaml *tree, const struct scenario_source *from, struct errors *errs);

/* The scenario alone, of a file whose policies are not checked. */
int scenario_read(struct scenario *s, const char *path, const char *const *set, size_t n_set, struct errors *errs);

#endif
