/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * azure_llm.c - Azure LLM inference traces of 2023 and 2024 (github.com/Azure/AzurePublicDataset).  Stamps have 100 ns
 * (2023) or 1 us and an offset +00:00 (2024); they are kept as whole nanoseconds until the first is subtracted.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/sheet.h"
#include "sim/io/trace/rows.h"

/* Days from 1970-01-01 of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int month_days(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)));
}

/* "2023-11-16 18:17:03.9799600" in nanoseconds since 1970; false if it is something else. */
static bool read_stamp(const char *text, int64_t *ns)
{
    static const char shape[] = "dddd-dd-dd dd:dd:dd";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !digit : text[i] != shape[i]) {
            return false;
        }
    }
    int y, mo, d, h, mi, s;
    if (sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d", &y, &mo, &d, &h, &mi, &s) != 6) {
        return false;
    }
    if (y < 1970 || y > 2200 || mo < 1 || mo > 12 || d < 1 || d > month_days(y, mo) || h > 23 || mi > 59 || s > 59) {
        return false;
    }
    int64_t part = 0, unit = 1000000000;
    const char *c = text + sizeof shape - 1;
    if (*c == '.') {
        for (c++; *c >= '0' && *c <= '9' && unit > 1; c++) {
            unit /= 10;
            part += (*c - '0') * unit;
        }
    }
    *ns = (((days_from_civil(y, mo, d) * 24 + h) * 60 + mi) * 60 + s) * 1000000000 + part;
    return *c == 0 || strcmp(c, "+00:00") == 0 || strcmp(c, "Z") == 0;
}

static int read_tokens(const struct sheet *s, int i, double *tokens, struct err *e)
{
    int rc = sheet_number(s, i, s->header[i], tokens, e);
    if (rc == 0 && (*tokens > 1e9 || *tokens != (double)(int64_t)*tokens)) {
        rc = ERR_AT(e, s->path, s->line, sheet_column(s, i), "found '%.40s', wanted %s (a whole number to 1e9)",
                    s->field[i], s->header[i]);
    }
    return rc;
}

int trace_read_azure_llm(struct trace_rows *r, const char *path, const char *column, struct err *e)
{
    static const char *const header[] = {"TIMESTAMP", "ContextTokens", "GeneratedTokens"};
    struct sheet s;
    int64_t first = 0, before = 0;
    (void)column;
    r->n_column = 2;
    r->name[0] = "prompt_tokens";
    r->name[1] = "output_tokens";
    int rc = sheet_open(&s, path, false, e);
    rc = rc ? rc : sheet_header(&s, e);
    for (int i = 0; i < 3 && rc == 0; i++) {
        if ((size_t)i >= s.n_header || strcmp(s.header[i], header[i]) != 0) {
            rc = ERR_AT(e, path, s.line, sheet_column(&s, i), "found the heading '%.40s', wanted %s",
                        (size_t)i < s.n_header ? s.header[i] : "", header[i]);
        }
    }
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        int64_t now;
        double tokens[2];
        if (!read_stamp(s.field[0], &now)) {
            rc = ERR_AT(e, path, s.line, 1, "found '%.40s', wanted a TIMESTAMP such as 2023-11-16 18:17:03.9799600",
                        s.field[0]);
            break;
        }
        first = r->n == 0 ? now : first;
        if (r->n > 0 && now < before) {
            rc = ERR_AT(e, path, s.line, 1, "found '%.40s', which is before the row above, wanted rows in order of time",
                        s.field[0]);
            break;
        }
        before = now;
        rc = read_tokens(&s, 1, &tokens[0], e);
        rc = rc ? rc : read_tokens(&s, 2, &tokens[1], e);
        rc = rc ? rc : trace_rows_add(r, (double)(now - first) / 1e9, tokens, e);
    }
    sheet_close(&s);
    if (rc == 0 && r->n >= 2 && r->time_s[r->n - 1] == 0) {
        rc = ERR_AT(e, path, 0, 0, "found all rows at one time, wanted some after the first");
    }
    if (r->n >= 2) {
        /* One more mean interval, so that the cycle has the rate of the file. */
        r->span_s = r->time_s[r->n - 1] * ((double)r->n / (double)(r->n - 1));
    }
    return rc;
}
