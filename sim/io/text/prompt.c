/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/text/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/text.h"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* An error at a place of the template. */
static int fault(const char *file, const char *template, const char *at, struct err *e, const char *found,
                 const char *wanted)
{
    int line = 1, column = 1;
    for (const char *c = template; c < at; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    return ERR_AT(e, file ? file : "the policy's own template", line, column, "found %s, wanted %s", found, wanted);
}

/* Length of the name of the blank at `at`, which begins with {{; 0 if it is none. */
static size_t blank_length(const char *at)
{
    size_t n = strspn(at + 2, NAME_LETTERS);
    return strncmp(at + 2 + n, "}}", 2) == 0 ? n : 0;
}

int prompt_check(const char *file, const char *template, struct err *e)
{
    for (const char *at = template; (at = strstr(at, "{{")); at += 2) {
        char shown[TEXT_SHOWN];
        if (blank_length(at) == 0) {
            return fault(file, template, at, e, text_show(at, strcspn(at, "\n"), shown),
                         "{{name}} with a name of small letters, digits and _");
        }
    }
    return 0;
}

static const char *text_of(const struct ts_blank *blank, uint32_t n_blank, const char *name, size_t n)
{
    for (uint32_t i = 0; i < n_blank; i++) {
        if (strlen(blank[i].name) == n && strncmp(blank[i].name, name, n) == 0) {
            return blank[i].text;
        }
    }
    return NULL;
}

static int unknown(const char *file, const char *template, const char *at, size_t n, const struct ts_blank *blank,
                   uint32_t n_blank, struct err *e)
{
    char found[80], wanted[512] = "one of ";
    snprintf(found, sizeof found, "{{%.*s}}", n < 60 ? (int)n : 60, at + 2);
    for (uint32_t i = 0; i < n_blank; i++) {
        size_t used = strlen(wanted);
        snprintf(wanted + used, sizeof wanted - used, "%s{{%s}}", i ? ", " : "", blank[i].name);
    }
    return fault(file, template, at, e, found, wanted);
}

int prompt_fill(const char *file, const char *template, const struct ts_blank *blank, uint32_t n_blank, char **prompt,
                struct err *e)
{
    size_t size = 0;
    int rc = prompt_check(file, template, e);
    *prompt = NULL;
    FILE *out = rc ? NULL : open_memstream(prompt, &size);
    if (!rc && !out) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a prompt");
    }
    const char *from = template;
    for (const char *at; !rc && (at = strstr(from, "{{"));) {
        size_t n = blank_length(at);
        const char *text = text_of(blank, n_blank, at + 2, n);
        fwrite(from, 1, (size_t)(at - from), out);
        if (text) {
            fputs(text, out);
        } else {
            rc = unknown(file, template, at, n, blank, n_blank, e);
        }
        from = at + n + 4;
    }
    if (out) {
        fputs(from, out);
        if (fclose(out) != 0 && !rc) {
            rc = ERR_SET(e, ERR_MEMORY, "out of memory for a prompt");
        }
    }
    if (rc) {
        free(*prompt);
        *prompt = NULL;
    }
    return rc;
}
