/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace_report.h - what is in a trace, as text: rows and why some were dropped, quantiles, and how it varies over time. */
#ifndef SIM_SHOW_TRACE_REPORT_H
#define SIM_SHOW_TRACE_REPORT_H

#include "sim/base/series.h"
#include "sim/io/trace/flow.h"
#include "sim/show/number.h"
#include "sim/show/table.h"

struct err;

/* f: the flow that made the series, ended. */
int trace_report_print(const struct flow *f, const struct series *s, FILE *out, struct paper paper, struct err *e);

/* The unit in which values of an SI unit around x read best: Mbit/s, GB, g/kWh. */
struct scale trace_scale(const char *unit, double x);
/* "3.5 h", "57 min", "12.5 s" */
const char *trace_span_text(double s, char *buf, size_t n);
/* Slices over time that are fit for a series: of points about the mean gap or longer, of levels about a row; 1 s at least. */
double trace_slice_s(const struct series *s);

#endif
