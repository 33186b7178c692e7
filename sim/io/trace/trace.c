/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/trace.h"

#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/rows.h"

/* A hundred times the longest run: what is longer has another unit than its header says. */
#define TRACE_SPAN_S (100 * 0x1p25)

static const struct trace_format formats[] = {
    {"throughput", "columns of header such as time_s,capacity_mbps", false, trace_read_throughput},
    {"gophers", "5Gophers CSV, one row per second", false, trace_read_gophers},
    {"sabre", "JSON of Sabre: duration_ms, bandwidth_kbps, latency_ms", false, trace_read_sabre},
    {"azure_llm", "Azure LLM inference trace: TIMESTAMP,ContextTokens,GeneratedTokens", true, trace_read_azure_llm},
    {0},
};

const struct trace_format *trace_formats(void)
{
    return formats;
}

const struct trace_format *trace_format_find(const char *name)
{
    for (const struct trace_format *f = formats; f->name; f++) {
        if (strcmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

int trace_read(struct arena *a, const char *path, const char *format, const char *column, const struct series **out,
               struct err *e)
{
    const struct trace_format *f = trace_format_find(format);
    if (!f) {
        return ERR_AT(e, path, 0, 0, "found the trace format '%.40s', wanted throughput, gophers, sabre or azure_llm",
                      format);
    }
    if (column && f->read != trace_read_gophers) {
        return ERR_AT(e, path, 0, 0, "found column '%.40s', but the format %s has nothing to choose", column, format);
    }
    struct trace_rows rows = {0};
    int rc = f->read(&rows, path, column, e);
    if (rc == 0 && rows.n < 2) {
        rc = ERR_AT(e, path, 0, 0, "found %zu rows, wanted at least two", rows.n);
    }
    if (rc == 0 && !(rows.span_s <= TRACE_SPAN_S)) {
        rc = ERR_AT(e, path, 0, 0, "found a trace of %g s, wanted at most %g s", rows.span_s, TRACE_SPAN_S);
    }
    if (rc == 0) {
        rc = trace_rows_to_series(&rows, a, f->points, out, e);
    }
    trace_rows_clear(&rows);
    return rc;
}
