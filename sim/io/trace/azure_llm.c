/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * azure_llm.c - Azure LLM inference traces of 2023 and 2024 (github.com/Azure/AzurePublicDataset).  Stamps have 100 ns
 * (2023) or 1 us and an offset +00:00 (2024); they are kept as whole nanoseconds until the first is subtracted.
 */
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"
#include "sim/io/trace/stamp.h"

static int check_header(const struct sheet *s, struct err *e)
{
    static const char *const header[] = {"TIMESTAMP", "ContextTokens", "GeneratedTokens"};
    for (int i = 0; i < 3; i++) {
        if ((size_t)i >= s->n_header || strcmp(s->header[i], header[i]) != 0) {
            return ERR_AT(e, s->lines.path, s->lines.line, sheet_column(s, i), "found the heading '%.40s', wanted %s",
                          (size_t)i < s->n_header ? s->header[i] : "", header[i]);
        }
    }
    return 0;
}

int trace_read_azure_llm(struct flow *f, struct err *e)
{
    struct sheet s;
    int64_t first = 0, before = INT64_MIN;
    flow_column(f, "prompt_tokens", "tokens");
    flow_column(f, "output_tokens", "tokens");
    int rc = sheet_open(&s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : check_header(&s, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        int64_t now;
        double tokens[2];
        if (!stamp_read(s.field[0], NULL, &now)) {
            rc = sheet_fault(&s, 0, "a TIMESTAMP such as 2023-11-16 18:17:03.9799600", e);
            break;
        }
        if (now < before) {
            rc = sheet_goes_back(&s, 0, e);
            break;
        }
        first = before == INT64_MIN ? now : first;
        before = now;
        rc = sheet_whole(&s, 1, s.header[1], &tokens[0], e);
        rc = rc ? rc : sheet_whole(&s, 2, s.header[2], &tokens[1], e);
        rc = rc ? rc : flow_row(f, (double)(now - first) / 1e9, tokens, e);
    }
    sheet_close(&s);
    return rc;
}
