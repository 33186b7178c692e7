/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read_dist.h - distributions as they are written: {lognormal: {mean: 3 MB, cv: 0.6}}, a plain quantity for a constant.
 * Quantities have the dimension of the place, reader.dimension.
 */
#ifndef SIM_IO_READ_DIST_H
#define SIM_IO_READ_DIST_H

#include "sim/io/read.h"

/* Parameters of any distribution; NAN or NULL where they were not given. */
struct dist_written {
    double value, mean, cv, low, high, shape, scale, median, sigma, minimum, sd;
    uint32_t stages;
    const struct yaml_node *points, *components, *branches; /* lists */
};

/*
 * The distributions as choices: `more` of the table of a place that may hold one, whose struct has a dist_written at
 * more_offset.  The tag is more_tag + dist_kind.
 */
extern const struct table dist_kinds;
/* And the quantity that may stand there alone. */
extern const struct key dist_scalar;
#define DIST_CHOICE                                                                                                    \
    "one of uniform, exponential, erlang, gamma, lognormal, weibull, pareto, hyperexponential, normal, constant, "     \
    "quantiles, mixture"

/* Nothing given yet. */
struct dist_written dist_written_none(void);
/* Make the distribution that was written under the key named dist_name(kind) of mapping n. */
int read_dist_make(struct reader *r, enum dist_kind kind, const struct dist_written *w, const struct yaml_node *n,
                   struct dist *d);
/* `read` of a key; the field is a struct dist: a quantity for a constant, or a mapping that says a distribution. */
int read_dist(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

#endif
