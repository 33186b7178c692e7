/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layout.h - where the numbers of a record stand in a result file, once, for its writer and its reader.
 *
 * A part is a group of datasets that share their dimensions: (policy, replication, and up to two more).  Each of its
 * fields is one dataset, and one number per row of an array that the record holds.
 */
#ifndef SIM_IO_LAYOUT_H
#define SIM_IO_LAYOUT_H

#include "sim/io/h5.h"
#include "sim/measure/record.h"
#include "sim/measure/rows.h"

/*
 * Version of the layout.  2: excursions, traces, the tie seed, how the warm-up was found.  Files of older versions are read
 * as they are: what they do not say is as it was then.
 */
enum { RESULTS_SCHEMA = 3 };

enum layout_axis {
    AXIS_POLICY,
    AXIS_REPLICATION,
    AXIS_CLASS,
    AXIS_SEGMENT,
    AXIS_POOL,
    AXIS_LINK,
    AXIS_DIRECTION,
    AXIS_GROUP,
    AXIS_TIER,
    AXIS_PLACE,
    AXIS_CHANNEL,
    AXIS_QUANTILE,
    AXIS_TRACE,
    N_AXIS
};

/* One number of a row: a double, or a uint64_t where `whole`. */
struct layout_field {
    const char *name, *unit, *about;
    size_t offset;
    bool whole;
};

struct layout_part {
    const char *group, *about;
    unsigned n_dim;
    enum layout_axis dim[2]; /* after policy and replication */
    size_t row_bytes;
    void *(*rows)(const struct record *r); /* [product of dim]; NULL where the record keeps none */
    unsigned n_field;
    const struct layout_field *field;
};

enum {
    PART_DIGEST,
    PART_COUNTERS,
    PART_WINDOW,
    PART_SUMMARY,
    PART_CLASS,
    PART_EXCURSIONS,
    PART_ALL_EXCURSIONS,
    PART_COHORT,
    PART_POOL,
    PART_LINK,
    PART_GROUP,
    PART_TIER,
    PART_PLACE,
    PART_CHANNEL,
    PART_TEXT,
    N_PART
};
extern const struct layout_part layout_part[N_PART];

/* Rows of a part in one record, given the length of each dimension. */
size_t layout_rows(const struct layout_part *part, const hsize_t length[N_AXIS]);
/* Give r, zeroed, its arrays of these lengths, all zero.  ERR_MEMORY. */
int layout_make_record(struct record *r, const hsize_t length[N_AXIS], struct err *e);

/* How a column of rows stands in the file. */
enum h5_kind layout_column_kind(enum row_type type);
/* A policy's label as the name of a group, into buf[n]: HDF5 keeps '/' and a lone '.' for itself. */
const char *layout_group_name(char *buf, size_t n, const char *label);

#endif
