/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/yaml.h"

void yaml_write_text(FILE *out, const char *text)
{
    putc('"', out);
    for (const char *s = text; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n') {
            fputs("\\n", out);
        } else if (c < 0x20 || c == 0x7F) {
            fprintf(out, "\\x%02x", c);
        } else {
            fprintf(out, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
        }
    }
    putc('"', out);
}

/* A name that no reader takes for anything else. */
static bool is_bare(const char *key)
{
    const char *s = key;
    while (isalnum((unsigned char)*s) || (s > key && strchr("_-./", *s) && *s)) {
        s++;
    }
    return s > key && !*s;
}

static void write_scalar(FILE *out, const struct yaml_node *n)
{
    bool one_line = true;
    for (const char *s = n->text; *s; s++) {
        one_line = one_line && (unsigned char)*s >= 0x20;
    }
    if (n->plain && one_line) {
        fputs(n->text, out);
    } else {
        yaml_write_text(out, n->text);
    }
}

/* A scalar that ends where it should in flow style, too. */
static bool is_plain_in_flow(const struct yaml_node *n)
{
    const char *s = n->text;
    while (isalnum((unsigned char)*s) || (*s && strchr("_-./% +", *s))) {
        s++;
    }
    return n->plain && !*s;
}

void yaml_write_flow(FILE *out, const struct yaml_node *n)
{
    if (n->kind == YAML_SCALAR) {
        if (is_plain_in_flow(n)) {
            fputs(n->text, out);
        } else {
            yaml_write_text(out, n->text);
        }
        return;
    }
    putc(n->kind == YAML_MAP ? '{' : '[', out);
    for (uint32_t i = 0; i < n->n; i++) {
        fputs(i ? ", " : "", out);
        if (n->kind == YAML_MAP) {
            if (is_bare(n->pair[i].key)) {
                fputs(n->pair[i].key, out);
            } else {
                yaml_write_text(out, n->pair[i].key);
            }
            fputs(": ", out);
        }
        yaml_write_flow(out, n->kind == YAML_MAP ? n->pair[i].value : n->item[i]);
    }
    putc(n->kind == YAML_MAP ? '}' : ']', out);
}

static void write_node(FILE *out, const struct yaml_node *n, int indent);

/* What stands after "key:" or "-". */
static void write_value(FILE *out, const struct yaml_node *n, int indent)
{
    if (n->kind == YAML_SCALAR || n->n == 0) {
        putc(' ', out);
        write_node(out, n, indent);
        putc('\n', out);
    } else {
        putc('\n', out);
        write_node(out, n, indent + 2);
    }
}

static void write_node(FILE *out, const struct yaml_node *n, int indent)
{
    if (n->kind == YAML_SCALAR) {
        write_scalar(out, n);
    } else if (n->n == 0) {
        fputs(n->kind == YAML_MAP ? "{}" : "[]", out);
    }
    for (uint32_t i = 0; n->kind == YAML_MAP && i < n->n; i++) {
        fprintf(out, "%*s", indent, "");
        if (is_bare(n->pair[i].key)) {
            fputs(n->pair[i].key, out);
        } else {
            yaml_write_text(out, n->pair[i].key);
        }
        putc(':', out);
        write_value(out, n->pair[i].value, indent);
    }
    for (uint32_t i = 0; n->kind == YAML_LIST && i < n->n; i++) {
        fprintf(out, "%*s-", indent, "");
        write_value(out, n->item[i], indent);
    }
}

char *yaml_write(const struct yaml_node *n, struct arena *a)
{
    char *text = NULL, *copy = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out) {
        write_node(out, n, 0);
        bool failed = ferror(out);
        if (fclose(out) == 0 && !failed) {
            copy = arena_copy_n(a, text, size);
        }
    }
    free(text);
    return copy;
}
