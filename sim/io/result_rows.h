/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result_rows.h - the rows per job of a result file, block by block. */
#ifndef SIM_IO_RESULT_ROWS_H
#define SIM_IO_RESULT_ROWS_H

#include "sim/io/results.h"

/*
 * Rows from .. from + ROW_BLOCK of a replication into *b; b->n says how many there are, 0 behind the last one or where
 * none were kept.  ERR_IO, ERR_INPUT.
 */
int result_read_rows(const struct result *r, uint32_t policy, uint32_t replication, uint64_t from, struct row_block *b,
                     struct err *e);

#endif
