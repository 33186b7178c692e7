/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows.h - one row per job, in columns, for who asked for it (--tasks).  Rows are in order of the end of the jobs; what is
 * open at the end comes last.  Columns are filled in blocks that are handed out whole, so a run of any length needs the
 * memory of one block: 68 bytes a row.
 */
#ifndef SIM_MEASURE_ROWS_H
#define SIM_MEASURE_ROWS_H

#include <stddef.h>
#include <stdint.h>

enum { ROW_BLOCK = 65536 };

enum row_type { ROW_U8, ROW_U16, ROW_U32, ROW_U64, ROW_F32, ROW_F64 };

/* X(field, C type, row_type, unit, about); the parts add up to the latency within the rounding of a float. */
#define ROW_LIST(X)                                                                       \
    X(workload, uint16_t, ROW_U16, "1", "row of the workload")                            \
    X(source, uint32_t, ROW_U32, "1", "row of the source")                                \
    X(number, uint64_t, ROW_U64, "1", "n-th job of its source, from 0")                   \
    X(origin, uint32_t, ROW_U32, "1", "node where it was released")                       \
    X(place, uint32_t, ROW_U32, "1", "place that it was sent to last; 4294967295 = none") \
    X(release, double, ROW_F64, "s", "time of release")                                   \
    X(latency, float, ROW_F32, "s", "from the release to its end, in any state")          \
    X(decide, float, ROW_F32, "s", "until the decision")                                  \
    X(upload, float, ROW_F32, "s", "getting the input there")                             \
    X(queue, float, ROW_F32, "s", "wait for the processor")                               \
    X(compute, float, ROW_F32, "s", "in service")                                         \
    X(download, float, ROW_F32, "s", "getting the result back")                           \
    X(other, float, ROW_F32, "s", "lost attempts and the like")                           \
    X(slack, float, ROW_F32, "s", "deadline minus end: below 0 = missed; inf = none")     \
    X(energy, float, ROW_F32, "J", "above idle, lost attempts too")                       \
    X(end, uint8_t, ROW_U8, "1", "enum ts_end")                                           \
    X(measured, uint8_t, ROW_U8, "1", "1: released in the window")

#define ROW_ENUM(field, ctype, type, unit, about) ROW_COLUMN_##field,
enum row_column { ROW_LIST(ROW_ENUM) N_ROW_COLUMN };
#undef ROW_ENUM

struct row_info {
    const char *name, *unit, *about;
    enum row_type type;
    size_t size;   /* of an element, bytes */
    size_t offset; /* of the array in struct row_block */
};

extern const struct row_info row_info[N_ROW_COLUMN];

#define ROW_FIELD(field, ctype, type, unit, about) ctype field[ROW_BLOCK];
struct row_block {
    uint32_t n; /* rows filled, from the front */
    ROW_LIST(ROW_FIELD)
};
#undef ROW_FIELD

/* First element of a column. */
static inline const void *row_column(const struct row_block *b, enum row_column c)
{
    return (const char *)b + row_info[c].offset;
}

/* Who gets the blocks: full ones during the run, the rest in measure_finish.  b is the caller's only during the call. */
struct row_sink {
    void (*flush)(void *ctx, const struct row_block *b);
    void *ctx;
};

#endif
