/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary.h - the metrics of a record, from its sums: SEMANTICS 7 and 8 in formulas.
 */
#ifndef SIM_MEASURE_SUMMARY_H
#define SIM_MEASURE_SUMMARY_H

#include "sim/measure/control.h"
#include "sim/measure/jobs.h"
#include "sim/measure/usage.h"

/* What happened in the window. */
struct window {
    double from_s, to_s;
    int64_t in_system_from, in_system_to; /* jobs there when it opened and closed */
    const struct usage_mark *usage;       /* to less from */
};

/*
 * Fill out's metric, class_metric, pool, channel, place_member, channel_member, group_energy and tier_energy, which are
 * allocated, from out's cohort and status, the window, and the ends and sites of the job fold.
 */
void summary_fill(struct record *out, const struct resources *r, const struct window *w, const struct jobs_fold *jobs,
                  const struct control_sums *control);

/* Fill the quantiles of the time until the decision among out's metrics.  -ERR_MEMORY. */
int summary_decide(struct record *out, const struct jobs_fold *jobs);

/* Fill out's excursions and all_excursions, the former allocated, from its sketches and the fold.  -ERR_MEMORY. */
int summary_excursions(struct record *out, const struct jobs_fold *jobs);

/*
 * Slope over its standard error, of y over 0, 1, .. n-1 by least squares; the variance is widened by (1 + r) / (1 - r), r
 * the lag-1 correlation of the residuals if > 0, as neighbours are not independent (Santer et al., "Statistical
 * significance of trends", J. Geophys. Res. 105, 2000, section 4).  0 if n < 3; infinite on a perfect line.
 */
double summary_trend_z(const double *y, uint32_t n);

#endif
