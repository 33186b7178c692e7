/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_form.h - the bytes of the binary form, version 1, for its writer and its reader; docs/traces.md has them in words.
 * Little-endian, as are the machines we run on.
 */
#ifndef SIM_IO_TRACE_STORE_FORM_H
#define SIM_IO_TRACE_STORE_FORM_H

#include <stdint.h>

#include "sim/io/trace/flow.h"

/* As PNG's: a byte beyond ASCII, line ends that a transfer as text would change. */
#define STORE_MAGIC "\x89TST\r\n\x1a\n"

enum {
    STORE_VERSION = 1,
    STORE_HEAD = 8192,    /* bytes before the first column */
    STORE_PAGE = 4096,    /* columns start at multiples of it */
    STORE_ORIGIN = 4096,  /* bytes of the text of origin, with its closing 0 */
    STORE_ROWS = 1 << 15, /* rows checked at a time */
};

struct store_column {
    char name[TRACE_NAME], unit[TRACE_NAME]; /* closed by 0, the rest 0 */
    uint64_t offset;                         /* from the start of the file, bytes */
    uint64_t digest; /* of its numbers, four a record (sim/base/digest.h), the last filled up by 0 */
};

struct store_head {
    char magic[8];
    uint32_t version, points; /* points: 1 = arrivals, 0 = levels */
    uint64_t n_row, file_bytes;
    double span_s;
    uint32_t n_column, digest_version;             /* n_column: without the time */
    struct store_column column[1 + TRACE_COLUMNS]; /* the time first; those beyond are 0 */
    char origin[STORE_ORIGIN];
    uint64_t digest; /* of all of the head before it */
};

_Static_assert(sizeof(struct store_head) <= STORE_HEAD, "the head has room");
_Static_assert(sizeof(double) == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "columns are mapped as they lie");

/* Bytes of n rows of a column, filled up to whole pages. */
static inline uint64_t store_column_bytes(uint64_t n_row)
{
    return (n_row * sizeof(double) + STORE_PAGE - 1) / STORE_PAGE * STORE_PAGE;
}

uint64_t store_head_digest(const struct store_head *h);

/* Digest of a column that comes in pieces, all of them but the last a multiple of four numbers. */
struct digest;
void store_digest_add(struct digest *d, const double *x, size_t n);

#endif
