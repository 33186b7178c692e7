/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/excerpt.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/file.h"
#include "sim/io/yaml.h"

enum { SHOWN = 100, BEFORE = 60 }; /* characters of a long line, and of them before the place */

static void take_file(struct excerpt *x, const char *file)
{
    struct err e = {0};
    if (x->file && strcmp(x->file, file) == 0) {
        return;
    }
    excerpt_clear(x);
    x->file = file;
    if (file_read(file, YAML_FILE_BYTES, &x->text, &x->n, &e) != 0) {
        x->text = NULL;
    }
}

/* The line's first byte and its length, or NULL. */
static const char *find_line(const struct excerpt *x, int line, size_t *n)
{
    const char *s = x->text, *end = x->text + x->n;
    for (int i = 1; s && i < line; i++) {
        s = memchr(s, '\n', (size_t)(end - s));
        s = s ? s + 1 : NULL;
    }
    if (s) {
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        *n = (size_t)((stop ? stop : end) - s);
    }
    return s;
}

static int starts_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

void excerpt_print(struct excerpt *x, const char *file, int line, int column, FILE *out)
{
    size_t n = 0;
    take_file(x, file);
    const char *text = line > 0 && column > 0 ? find_line(x, line, &n) : NULL;
    if (!text) {
        return;
    }
    int first = column > SHOWN ? column - BEFORE : 1, at = 0;
    const char *dots = first > 1 ? "..." : "";
    fprintf(out, "%8d | %s", line, dots);
    for (size_t i = 0; i < n && text[i] != '\r'; i++) {
        at += starts_character(text[i]);
        if (at >= first && at < first + SHOWN) {
            putc((unsigned char)text[i] < 0x20 || text[i] == 0x7F ? ' ' : text[i], out);
        }
    }
    fprintf(out, "%s\n%8s | %*s^\n", at >= first + SHOWN ? "..." : "", "", column - first + (int)strlen(dots), "");
}

void excerpt_clear(struct excerpt *x)
{
    free(x->text);
    *x = (struct excerpt){0};
}
