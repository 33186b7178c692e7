/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stamp.h - dates with the time of day, as nanoseconds since 1970 (UTC). */
#ifndef SIM_IO_TRACE_STAMP_H
#define SIM_IO_TRACE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads "2023-11-16 18:17:03.9799600", or what has `shape` with a 0 for each digit, such as "0000.00.00_00.00.00"; NULL is
 * "0000-00-00 00:00:00".  Up to nine decimals, then nothing, "+00:00" or "Z".  False if it is something else, or no date
 * from 1970 to 2200.
 */
bool stamp_read(const char *text, const char *shape, int64_t *ns);

#endif
