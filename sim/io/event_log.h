/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_log.h - every transition as a line of CSV, for reading a run by eye or by script.
 *
 * Columns: policy, replication, time_s, event, workload, source, number, from, to, end, service_s, amount; the last two
 * are the unit-seconds of service at `from` and the bits carried there (of a place: seconds in service; of a release:
 * deadline and input bits; of a placement: work and output bits).
 */
#ifndef SIM_IO_EVENT_LOG_H
#define SIM_IO_EVENT_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "sim/model/scenario.h"
#include "sim/run/transition.h"

struct err;
struct event_log;

int event_log_open(struct event_log **log, const char *path, const struct scenario *s, struct err *e);
void event_log_write(struct event_log *log, uint32_t policy, uint32_t replication, const struct transition *t, size_t n);
/* ERR_IO if any of it could not be written; frees log. */
int event_log_close(struct event_log *log, struct err *e);
#endif
