/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/sheet.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/err.h"

static void on_field(void *bytes, size_t n, void *data)
{
    struct sheet *s = data;
    if (s->n_field == SHEET_FIELDS || s->n_row > 0) {
        s->overfull = s->overfull || s->n_field == SHEET_FIELDS;
        return;
    }
    s->field[s->n_field++] = memcpy(s->room + s->used, bytes, n);
    s->used += n;
    s->room[s->used++] = 0;
}

static void on_row(int end, void *data)
{
    struct sheet *s = data;
    (void)end;
    s->n_row++;
}

int sheet_open(struct sheet *s, const char *path, struct sha256 *sha, char delimiter, char comment, struct err *e)
{
    *s = (struct sheet){.delimiter = delimiter, .comment = comment};
    int rc = lines_open(&s->lines, path, sha, e);
    if (rc != 0) {
        return rc;
    }
    /* A byte for the end of each field comes on top of those of the line. */
    s->room = malloc(LINE_BYTES + SHEET_FIELDS);
    s->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    s->has_parser = csv_init(&s->parser, CSV_STRICT | CSV_STRICT_FINI) == 0;
    if (!s->room || !s->plain || !s->has_parser) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", path);
    }
    csv_set_delim(&s->parser, (unsigned char)delimiter);
    return 0;
}

void sheet_close(struct sheet *s)
{
    for (size_t i = 0; i < s->n_header; i++) {
        free(s->header[i]);
    }
    if (s->has_parser) {
        csv_free(&s->parser);
    }
    if (s->plain) {
        freelocale(s->plain);
    }
    free(s->room);
    lines_close(&s->lines);
    s->n_header = 0;
    s->has_parser = false;
    s->plain = (locale_t)0;
    s->room = NULL;
}

static int split_at_blanks(struct sheet *s, struct err *e)
{
    s->n_field = 0;
    memcpy(s->room, s->lines.text, s->lines.n + 1);
    for (char *c = s->room; *(c += strspn(c, " \t"));) {
        if (s->n_field == SHEET_FIELDS) {
            return ERR_AT(e, s->lines.path, s->lines.line, 1, "found more than %d fields, wanted at most as many",
                          SHEET_FIELDS);
        }
        s->field[s->n_field++] = c;
        c += strcspn(c, " \t");
        if (*c) {
            *c++ = 0;
        }
    }
    return 0;
}

static int split(struct sheet *s, struct err *e)
{
    const char *path = s->lines.path, *text = s->lines.text;
    size_t n = s->lines.n;
    const char *cr = memchr(text, '\r', n);
    if (cr) {
        return ERR_AT(e, path, s->lines.line, (int)(cr - text) + 1,
                      "found a carriage return within a line, wanted lines that end with LF or CRLF");
    }
    if (s->delimiter == ' ') {
        return split_at_blanks(s, e);
    }
    s->n_field = s->n_row = 0;
    s->used = 0;
    s->overfull = false;
    size_t taken = csv_parse(&s->parser, text, n, on_field, on_row, s);
    if (taken == n) {
        csv_parse(&s->parser, "\n", 1, on_field, on_row, s);
    }
    if (csv_error(&s->parser) == CSV_ENOMEM) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", path);
    }
    if (taken < n) {
        return ERR_AT(e, path, s->lines.line, (int)taken + 1,
                      "found a stray quote, wanted quotes around a whole field");
    }
    if (s->n_row == 0) {
        return ERR_AT(e, path, s->lines.line, sheet_column(s, s->n_field),
                      "found a quote that is not closed on its line, wanted a closing quote");
    }
    if (s->overfull) {
        return ERR_AT(e, path, s->lines.line, 1, "found more than %d fields, wanted at most as many", SHEET_FIELDS);
    }
    return 0;
}

int sheet_next(struct sheet *s, struct err *e)
{
    int rc;
    do {
        rc = lines_next(&s->lines, e);
        if (rc <= 0) {
            return rc;
        }
    } while (strspn(s->lines.text, " \t") == s->lines.n || (s->comment && s->lines.text[0] == s->comment));
    rc = split(s, e);
    if (rc != 0) {
        return rc;
    }
    if (s->n_header > 0 && (size_t)s->n_field != s->n_header) {
        return ERR_AT(e, s->lines.path, s->lines.line, 1, "found %d fields, wanted %zu as in the header", s->n_field,
                      s->n_header);
    }
    return 1;
}

int sheet_header(struct sheet *s, struct err *e)
{
    int rc = sheet_next(s, e);
    if (rc < 0) {
        return rc;
    }
    if (rc == 0) {
        return ERR_AT(e, s->lines.path, 0, 0, "found an empty file, wanted a header and rows");
    }
    for (int i = 0; i < s->n_field; i++) {
        s->header[i] = strdup(s->field[i]);
        if (!s->header[i]) {
            return ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", s->lines.path);
        }
        s->n_header++;
    }
    return 0;
}

int sheet_field(const struct sheet *s, const char *name, bool fold)
{
    for (size_t i = 0; i < s->n_header; i++) {
        if ((fold ? strcasecmp(s->header[i], name) : strcmp(s->header[i], name)) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int sheet_fields(const struct sheet *s, const char *const *name, int n, int *field, struct err *e)
{
    for (int i = 0; i < n; i++) {
        field[i] = sheet_field(s, name[i], false);
        if (field[i] < 0) {
            return ERR_AT(e, s->lines.path, s->lines.line, 1, "found no heading %s, wanted one", name[i]);
        }
    }
    return 0;
}

int sheet_column(const struct sheet *s, int i)
{
    const char *c = s->lines.text;
    if (s->delimiter == ' ') {
        for (c += strspn(c, " \t"); i > 0 && *c; i--) {
            c += strcspn(c, " \t");
            c += strspn(c, " \t");
        }
        return (int)(c - s->lines.text) + 1;
    }
    bool quoted = false;
    for (; i > 0 && *c; c++) {
        quoted = quoted != (*c == '"');
        i -= !quoted && *c == s->delimiter;
    }
    return (int)(c - s->lines.text) + 1;
}

/*
 * What most files hold, digits with a dot: up to 15 of them are a whole number that a double has exactly, and so is their
 * power of ten, so that one division rounds as strtod does (Clinger, PLDI 1990).  False: something else.
 */
static bool short_number(const char *text, double *x)
{
    static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    uint64_t digits = 0;
    int n = 0, decimals = 0;
    bool dot = false;
    for (const char *c = text; *c; c++) {
        if (*c == '.' && !dot) {
            dot = true;
        } else if (*c >= '0' && *c <= '9' && n < 15) {
            digits = digits * 10 + (uint64_t)(*c - '0');
            n++;
            decimals += dot;
        } else {
            return false;
        }
    }
    *x = (double)digits / power[decimals];
    return n > 0;
}

int sheet_fault(const struct sheet *s, int i, const char *wanted, struct err *e)
{
    return ERR_AT(e, s->lines.path, s->lines.line, sheet_column(s, i), "found '%.40s', wanted %s", s->field[i], wanted);
}

int sheet_number(const struct sheet *s, int i, const char *what, double *x, struct err *e)
{
    const char *text = s->field[i];
    if (short_number(text, x)) {
        return 0;
    }
    char *end;
    /* What strtod knows beyond decimal numbers (hexadecimal, nan, inf) has other letters. */
    bool plain = text[0] && text[strspn(text, "+-.0123456789eE")] == 0;
    double value = plain ? strtod_l(text, &end, s->plain) : 0;
    if (!plain || *end != 0 || end == text || !(value >= 0 && value <= SHEET_NUMBER_MAX)) {
        return ERR_AT(e, s->lines.path, s->lines.line, sheet_column(s, i),
                      "found '%.40s', wanted %s: a number from 0 to 1e15", text, what);
    }
    *x = value == 0 ? 0 : value;
    return 0;
}

int sheet_whole(const struct sheet *s, int i, const char *what, double *x, struct err *e)
{
    int rc = sheet_number(s, i, what, x, e);
    if (rc == 0 && (*x > 1e9 || *x != (double)(int64_t)*x)) {
        rc = ERR_AT(e, s->lines.path, s->lines.line, sheet_column(s, i),
                    "found '%.40s', wanted %s (a whole number to 1e9)", s->field[i], what);
    }
    return rc;
}

int sheet_goes_back(const struct sheet *s, int i, struct err *e)
{
    return ERR_AT(e, s->lines.path, s->lines.line, sheet_column(s, i),
                  "found '%.40s', which is before the row above, wanted rows in order of time", s->field[i]);
}
