/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kinds.h - the readers of the published formats, one file each; trace.c has their table. */
#ifndef SIM_IO_TRACE_KINDS_H
#define SIM_IO_TRACE_KINDS_H

#include "sim/io/trace/flow.h"

struct err;

int trace_read_arrivals(struct flow *f, struct err *e);
int trace_read_azure_functions_2019(struct flow *f, struct err *e);
int trace_read_azure_functions_2021(struct flow *f, struct err *e);
int trace_read_azure_llm(struct flow *f, struct err *e);
int trace_read_bitbrains(struct flow *f, struct err *e);
int trace_read_carbon(struct flow *f, struct err *e);
int trace_read_fcc(struct flow *f, struct err *e);
int trace_read_gavel(struct flow *f, struct err *e);
int trace_read_gophers(struct flow *f, struct err *e);
int trace_read_lumos5g(struct flow *f, struct err *e);
int trace_read_mahimahi(struct flow *f, struct err *e);
int trace_read_mooncake(struct flow *f, struct err *e);
int trace_read_openb(struct flow *f, struct err *e);
int trace_read_pensieve(struct flow *f, struct err *e);
int trace_read_sabre(struct flow *f, struct err *e);
int trace_read_servegen(struct flow *f, struct err *e);
int trace_read_swf(struct flow *f, struct err *e);
int trace_read_throughput(struct flow *f, struct err *e);
int trace_read_ucc5g(struct flow *f, struct err *e);
int trace_read_wfformat(struct flow *f, struct err *e);

#endif
