/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * yaml_include.c - `include` at the top of a file: the named files are read, in turn with what they include, and the
 * file's own keys are laid over them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/io/file.h"
#include "sim/io/yaml.h"

enum { FILES = 1000, CHAIN = 32 };

static const char key_include[] = "include";

/* A file that is being read, and the one that includes it. */
struct link {
    const struct link *by;
    const char *name;   /* as messages show it */
    const char *prefix; /* its folder, relative to that of the first file: "" or with a slash at the end */
    uint32_t source;
    dev_t device;
    ino_t number;
};

struct includer {
    struct yaml *y;
    struct errors *errs;
    const char *folder; /* of the first file: "" or with a slash at the end */
    unsigned n_file;
    int rc;
};

static void fault(struct includer *in, struct yaml_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void fault(struct includer *in, struct yaml_place at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    errors_add_v(in->errs, at.source, in->y->source[at.source].name, at.line, at.column, fmt, ap);
    va_end(ap);
    in->rc = -ERR_INPUT;
}

static void *out_of_memory(struct includer *in)
{
    struct err e = {.code = ERR_MEMORY, .text = "out of memory"};
    errors_add_err(in->errs, 0, &e);
    in->rc = -ERR_MEMORY;
    return NULL;
}

static const char *folder_of(struct includer *in, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = arena_copy_n(&in->y->arena, path, slash ? (size_t)(slash + 1 - path) : 0);
    return folder ? folder : out_of_memory(in);
}

/* Those of `over` laid over those of `under`; NULL after a failure. */
static const struct yaml_node *merge(struct includer *in, const struct yaml_node *under, const struct yaml_node *over)
{
    const struct yaml_node *both = NULL;
    int rc = yaml_merge(in->y, under, over, &both, in->errs);
    in->rc = in->rc ? in->rc : rc;
    return both;
}

static const struct yaml_node *resolve(struct includer *in, const struct link *file, const struct yaml_node *root);

/* "a.yaml > lib/b.yaml > " from the first file on. */
static void write_chain(FILE *out, const struct link *file)
{
    if (file->by) {
        write_chain(out, file->by);
    }
    fprintf(out, "%s > ", file->name);
}

static void fault_cycle(struct includer *in, const struct link *file, struct yaml_place at, const char *name)
{
    char *chain = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&chain, &n);
    if (out) {
        write_chain(out, file);
        fclose(out);
    }
    fault(in, at, "include: found %s inside itself, wanted no cycle: %s%s", name, chain ? chain : "", name);
    free(chain);
}

static bool is_being_read(const struct link *file, const struct stat *st)
{
    for (; file; file = file->by) {
        if (file->device == st->st_dev && file->number == st->st_ino) {
            return true;
        }
    }
    return false;
}

/* What a file that is included by `by` stands for, or NULL. */
static const struct yaml_node *read_one(struct includer *in, const struct link *by, const struct yaml_node *written)
{
    struct arena *a = &in->y->arena;
    struct yaml_place at = written->at;
    struct err e = {0};
    struct stat st;
    char *bytes = NULL;
    size_t n = 0;
    if (written->kind != YAML_SCALAR || yaml_is_null(written) || written->n == 0) {
        fault(in, at, "include: found %s, wanted a file or a list of files",
              written->kind == YAML_MAP ? "a mapping" : written->kind == YAML_LIST ? "a list in a list" : "nothing");
        return NULL;
    }
    const char *path = written->text[0] == '/' ? written->text : arena_format(a, "%s%s", by->prefix, written->text);
    const char *name = path && path[0] != '/' ? arena_format(a, "%s%s", in->folder, path) : path;
    struct link file = {.by = by, .name = name, .prefix = path ? folder_of(in, path) : NULL};
    if (!name || !file.prefix) {
        return out_of_memory(in);
    }
    unsigned depth = 0;
    for (const struct link *l = by; l; l = l->by) {
        depth++;
    }
    if (++in->n_file > FILES || depth > CHAIN) {
        fault(in, at, "include: found more than %d files or %d inside each other, wanted fewer", FILES, CHAIN);
        return NULL;
    }
    if (stat(name, &st) == 0 && is_being_read(by, &st)) {
        fault_cycle(in, by, at, name);
        return NULL;
    }
    if (file_read(name, YAML_FILE_BYTES - in->y->n_byte, &bytes, &n, &e) != 0) {
        char text[sizeof e.input + sizeof e.text + 32];
        if (e.code == ERR_INPUT) {
            fault(in, at, "include: %s", err_text(&e, text, sizeof text));
        } else {
            errors_add_err(in->errs, at.source, &e);
            in->rc = -(int)e.code;
        }
        return NULL;
    }
    const struct yaml_node *root = NULL;
    file.source = in->y->n_source;
    file.device = st.st_dev;
    file.number = st.st_ino;
    in->y->prefix = file.prefix;
    int rc = yaml_parse_map(in->y, name, by->source, bytes, n, &root, in->errs);
    free(bytes);
    in->rc = in->rc ? in->rc : rc;
    return root ? resolve(in, &file, root) : NULL;
}

/* The mapping of a file with what it includes, or NULL. */
static const struct yaml_node *resolve(struct includer *in, const struct link *file, const struct yaml_node *root)
{
    const struct yaml_node *written = yaml_get(root, key_include), *under = NULL;
    if (!written) {
        return root;
    }
    root = yaml_without(in->y, root, key_include);
    if (!root) {
        out_of_memory(in);
    }
    uint32_t n = written->kind == YAML_LIST ? written->n : 1;
    for (uint32_t i = 0; root && i < n && in->rc != -ERR_MEMORY; i++) {
        const struct yaml_node *one = read_one(in, file, written->kind == YAML_LIST ? written->item[i] : written);
        int rc = in->rc;
        in->rc = 0; /* a file with duplicate keys is there all the same */
        under = under && one ? merge(in, under, one) : one ? one : under;
        in->rc = in->rc ? in->rc : rc;
    }
    int rc = in->rc;
    in->rc = 0;
    root = root && under ? merge(in, under, root) : root;
    in->rc = in->rc ? in->rc : rc;
    return root;
}

int yaml_include(struct yaml *y, struct errors *errs)
{
    struct includer in = {.y = y, .errs = errs};
    struct stat st = {0};
    struct link file = {.name = y->source[0].name, .prefix = ""};
    if (stat(file.name, &st) == 0) {
        file.device = st.st_dev;
        file.number = st.st_ino;
    }
    in.folder = folder_of(&in, file.name);
    if (!in.folder) {
        return in.rc;
    }
    const struct yaml_node *root = resolve(&in, &file, y->root);
    y->prefix = "";
    y->root = root;
    return in.rc;
}
