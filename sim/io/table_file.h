/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table_file.h - what a policy has learned, as a file (HDF5, valid netCDF-4): written by `tiersim train`, taken by a run
 * with `table:`.
 *
 *   /                      title: the policy; episodes, decisions: learned from
 *   /state/KEY/value       what the policy saved under KEY: KEY.f64 as doubles, KEY.txt as text, else bytes
 *   /parameters            its parameters then, a line each, "KEY: VALUE" in SI units
 *   /scenario              what it was learned on, by name: a line for each workload, group of nodes, processor and link
 *   /training              what was trained and how, as text: a training goes on only with the very same
 *   /curve                 (point, replication): the policy as it was after so many episodes, on seeds held back
 *   /provenance            all that may differ between two trainings of the same
 *
 * A file is untrusted: names, types and shapes are looked at here, what the numbers mean by the policy's load.
 */
#ifndef SIM_IO_TABLE_FILE_H
#define SIM_IO_TABLE_FILE_H

#include "sim/base/arena.h"
#include "sim/base/blobs.h"
#include "sim/io/provenance.h"
#include "sim/model/scenario.h"

/* What the curve shows; order of curve_name. */
enum curve { CURVE_REWARD, CURVE_LATENCY, CURVE_MISS, CURVE_ENERGY, N_CURVE };
struct curve_info {
    const char *name, *unit, *about;
};
extern const struct curve_info curve_info[N_CURVE];

struct table_file {
    const char *policy;
    const char *parameters, *scenario, *training; /* texts */
    struct blobs state;       /* in the arena after reading, never cleared then */
    uint64_t episodes, wanted; /* done, of so many */
    double decisions;
    uint32_t n_point, n_replication;
    const double *episode;     /* [n_point] after how many */
    const double *curve[N_CURVE]; /* [n_point][n_replication] */
};

/* What a scenario is to a table: one line for each thing that has a name; in the arena, NULL without memory. */
const char *table_scenario_text(const struct scenario *s, struct arena *a);

/* Put the file in its place, whole and durable.  ERR_IO, ERR_MEMORY. */
int table_file_write(const struct table_file *t, const char *path, const struct provenance *p, struct err *e);
/* ERR_INPUT: it is no such file, or not a whole one.  All that is read lies in the arena. */
int table_file_read(struct table_file *t, const char *path, struct arena *a, struct err *e);

/*
 * Fill in `learned` of a policy that has a table, and give those parameters that are not set the values that they were learned
 * with.  A table of another policy or scenario is ERR_INPUT.
 */
int table_load(struct scenario *s, struct policy_spec *p, struct err *e);

#endif
