/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/sheet.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/err.h"
#include "sim/io/file.h"

#define SHEET_BYTES ((size_t)2 << 30)

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

int sheet_open(struct sheet *s, const char *path, bool comments, struct err *e)
{
    *s = (struct sheet){.path = path, .comments = comments};
    int rc = file_read(path, SHEET_BYTES, &s->text, &s->size, e);
    if (rc != 0) {
        return rc;
    }
    /* A byte for the end of each field comes on top of those of the line. */
    s->room = malloc(SHEET_LINE_BYTES + SHEET_FIELDS);
    s->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    s->has_parser = csv_init(&s->parser, CSV_STRICT | CSV_STRICT_FINI) == 0;
    if (!s->room || !s->plain || !s->has_parser) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", path);
    }
    if (s->size >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0) {
        s->next = 3;
    }
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
    free(s->text);
    *s = (struct sheet){0};
}

/* The line's bytes without its end; false after the last. */
static bool next_line(struct sheet *s, size_t *n)
{
    if (s->next >= s->size) {
        return false;
    }
    s->start = s->text + s->next;
    const char *newline = memchr(s->start, '\n', s->size - s->next);
    *n = newline ? (size_t)(newline - s->start) : s->size - s->next;
    s->next += *n + (newline ? 1 : 0);
    s->line++;
    if (*n > 0 && s->start[*n - 1] == '\r') {
        --*n;
    }
    return true;
}

static int split(struct sheet *s, size_t n, struct err *e)
{
    const char *cr = memchr(s->start, '\r', n);
    if (cr) {
        return ERR_AT(e, s->path, s->line, (int)(cr - s->start) + 1,
                      "found a carriage return within a line, wanted lines that end with LF or CRLF");
    }
    if (n >= SHEET_LINE_BYTES) {
        return ERR_AT(e, s->path, s->line, 1, "found a line of %zu bytes, wanted at most %d", n, SHEET_LINE_BYTES - 1);
    }
    s->n_field = s->n_row = 0;
    s->used = 0;
    s->overfull = false;
    size_t taken = csv_parse(&s->parser, s->start, n, on_field, on_row, s);
    if (taken == n) {
        csv_parse(&s->parser, "\n", 1, on_field, on_row, s);
    }
    if (csv_error(&s->parser) == CSV_ENOMEM) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", s->path);
    }
    if (taken < n) {
        return ERR_AT(e, s->path, s->line, (int)taken + 1, "found a stray quote, wanted quotes around a whole field");
    }
    if (s->n_row == 0) {
        return ERR_AT(e, s->path, s->line, sheet_column(s, s->n_field),
                      "found a quote that is not closed on its line, wanted a closing quote");
    }
    if (s->overfull) {
        return ERR_AT(e, s->path, s->line, 1, "found more than %d fields, wanted at most as many", SHEET_FIELDS);
    }
    return 0;
}

int sheet_next(struct sheet *s, struct err *e)
{
    size_t n;
    do {
        if (!next_line(s, &n)) {
            return 0;
        }
    } while (strspn(s->start, " \t") >= n || (s->comments && s->start[0] == '#'));
    int rc = split(s, n, e);
    if (rc != 0) {
        return rc;
    }
    if (s->n_header > 0 && (size_t)s->n_field != s->n_header) {
        return ERR_AT(e, s->path, s->line, 1, "found %d fields, wanted %zu as in the header", s->n_field, s->n_header);
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
        return ERR_AT(e, s->path, 0, 0, "found an empty file, wanted a header and rows");
    }
    for (int i = 0; i < s->n_field; i++) {
        s->header[i] = strdup(s->field[i]);
        if (!s->header[i]) {
            return ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", s->path);
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

int sheet_column(const struct sheet *s, int i)
{
    const char *c = s->start;
    bool quoted = false;
    for (; i > 0 && *c && *c != '\n'; c++) {
        quoted = quoted != (*c == '"');
        i -= !quoted && *c == ',';
    }
    return (int)(c - s->start) + 1;
}

int sheet_number(const struct sheet *s, int i, const char *what, double *x, struct err *e)
{
    const char *text = s->field[i];
    char *end;
    /* What strtod knows beyond decimal numbers (hexadecimal, nan, inf) has other letters. */
    bool plain = text[0] && text[strspn(text, "+-.0123456789eE")] == 0;
    double value = plain ? strtod_l(text, &end, s->plain) : 0;
    if (!plain || *end != 0 || end == text || !(value >= 0 && value <= SHEET_NUMBER_MAX)) {
        return ERR_AT(e, s->path, s->line, sheet_column(s, i), "found '%.40s', wanted %s: a number from 0 to 1e15", text,
                      what);
    }
    *x = value == 0 ? 0 : value;
    return 0;
}
