/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/results_compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/h5.h"

enum { BLOCK_BYTES = 1 << 22, PATH_BYTES = 400, VALUE_BYTES = 80 };

struct compare {
    struct h5 stored, again;
    const bool *chosen;
    hsize_t n_policy, n_replication;
    struct results_compared *out;
    struct err *e;
    int rc; /* of the first failure */
};

/* An object in both files. */
struct pair {
    hid_t stored, again;
    char path[PATH_BYTES];
};

static bool go_on(const struct compare *c)
{
    return c->rc == 0 && !c->out->difference[0];
}

__attribute__((format(printf, 2, 3))) static void differ(struct compare *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (go_on(c)) {
        vsnprintf(c->out->difference, sizeof c->out->difference, fmt, ap);
    }
    va_end(ap);
}

static void no_memory(struct compare *c)
{
    c->rc = c->rc ? c->rc : ERR_SET(c->e, ERR_MEMORY, "no memory to compare results");
}

static void cannot_read(struct compare *c, const char *path)
{
    c->rc = c->rc ? c->rc : ERR_SET(c->e, ERR_INPUT, "%s: cannot be read", path);
}

/* A number, or a text, of that type at p. */
static const char *show(hid_t type, const void *p, char *buf)
{
    size_t n = H5Tget_size(type);
    H5T_class_t class = H5Tget_class(type);
    uint64_t whole = 0;
    float single;
    double real;
    if (class == H5T_STRING) {
        const char *text;
        memcpy(&text, p, sizeof text);
        return H5Tis_variable_str(type) > 0 ? text_show(text ? text : "", text ? strlen(text) : 0, buf)
                                            : text_show(p, strnlen(p, n), buf);
    }
    memcpy(&whole, p, n < sizeof whole ? n : sizeof whole);
    memcpy(&single, p, n < sizeof single ? n : sizeof single);
    memcpy(&real, &whole, sizeof real);
    if (class == H5T_FLOAT) {
        snprintf(buf, VALUE_BYTES, n == sizeof single ? "%.9g" : "%.17g", n == sizeof single ? (double)single : real);
    } else {
        snprintf(buf, VALUE_BYTES, "%" PRIu64, whole);
    }
    return buf;
}

static bool same_value(hid_t type, const char *a, const char *b)
{
    if (H5Tis_variable_str(type) > 0) {
        const char *x, *y;
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        return strcmp(x ? x : "", y ? y : "") == 0;
    }
    return memcmp(a, b, H5Tget_size(type)) == 0;
}

/* A type whose bytes in memory we take as they are in the file: a number, a text. */
static bool is_plain(hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    return (class == H5T_INTEGER || class == H5T_FLOAT) ? H5Tget_size(type) <= sizeof(uint64_t) : class == H5T_STRING;
}

/* Types and shapes are equal, and of a kind that we compare. */
static bool same_form(struct compare *c, const char *path, hid_t type_stored, hid_t type_again, hid_t space_stored,
                      hid_t space_again)
{
    hsize_t is[H5S_MAX_RANK] = {0}, be[H5S_MAX_RANK] = {0};
    if (!is_plain(type_again) || H5Tequal(type_stored, type_again) <= 0) {
        differ(c, "%s: stored with another type than recomputed", path);
        return false;
    }
    int n_is = H5Sget_simple_extent_dims(space_stored, is, NULL), n_be = H5Sget_simple_extent_dims(space_again, be, NULL);
    if (n_is != n_be || memcmp(is, be, sizeof is) != 0) {
        differ(c, "%s: stored with another shape than recomputed", path);
        return false;
    }
    return n_is >= 0;
}

static void index_text(char *buf, size_t size, unsigned n_dim, const hsize_t *shape, hsize_t at)
{
    char number[32];
    hsize_t index[H5S_MAX_RANK] = {0};
    for (unsigned d = n_dim; d-- > 0;) {
        index[d] = at % shape[d];
        at /= shape[d];
    }
    buf[0] = 0;
    for (unsigned d = 0; d < n_dim; d++) {
        snprintf(number, sizeof number, "%s%llu%s", d ? ", " : " [", (unsigned long long)index[d],
                 d + 1 == n_dim ? "]" : "");
        strncat(buf, number, size - strlen(buf) - 1);
    }
}

/* Is the element at this place of one of the replications that were run again? */
static bool is_chosen(const struct compare *c, unsigned n_dim, const hsize_t *shape, hsize_t at)
{
    hsize_t rest = 1;
    if (!c->chosen) {
        return true;
    }
    for (unsigned d = 2; d < n_dim; d++) {
        rest *= shape[d];
    }
    return c->chosen[at / rest];
}

/* Elements from .. from + n (of the first dimension) of a dataset; free with drop. */
static char *read_block(struct compare *c, const struct pair *p, hid_t data, hid_t type, unsigned n_dim,
                        const hsize_t *shape, hsize_t from, hsize_t n)
{
    hsize_t start[H5S_MAX_RANK] = {from}, count[H5S_MAX_RANK] = {0}, total = 1;
    memcpy(count, shape, n_dim * sizeof *count);
    count[0] = n;
    for (unsigned d = 0; d < n_dim; d++) {
        total *= count[d];
    }
    hid_t space = H5Dget_space(data), memory = n_dim ? H5Screate_simple((int)n_dim, count, NULL) : H5Screate(H5S_SCALAR);
    char *bytes = calloc((size_t)total + 1, H5Tget_size(type));
    if (!bytes) {
        no_memory(c);
    } else if ((n_dim && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0) ||
               H5Dread(data, type, memory, space, H5P_DEFAULT, bytes) < 0) {
        cannot_read(c, p->path);
        free(bytes);
        bytes = NULL;
    }
    H5Sclose(memory);
    H5Sclose(space);
    return bytes;
}

static void drop(char *bytes, hid_t type, hsize_t n)
{
    if (bytes && H5Tis_variable_str(type) > 0) {
        hid_t space = H5Screate_simple(1, &n, NULL);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, bytes);
        H5Sclose(space);
    }
    free(bytes);
}

static void compare_values(struct compare *c, const struct pair *p, hid_t type, unsigned n_dim, const hsize_t *shape)
{
    hsize_t row = 1, n_row = n_dim ? shape[0] : 1;
    size_t size = H5Tget_size(type);
    for (unsigned d = 1; d < n_dim; d++) {
        row *= shape[d];
    }
    hsize_t block = row * size < BLOCK_BYTES ? BLOCK_BYTES / (row * size + 1) + 1 : 1;
    for (hsize_t from = 0; row > 0 && go_on(c) && from < n_row; from += block) {
        hsize_t n = n_row - from < block ? n_row - from : block;
        char *a = read_block(c, p, p->stored, type, n_dim, shape, from, n);
        char *b = go_on(c) ? read_block(c, p, p->again, type, n_dim, shape, from, n) : NULL;
        for (hsize_t i = 0; a && b && i < n * row; i++) {
            hsize_t at = from * row + i;
            if (is_chosen(c, n_dim, shape, at) && !same_value(type, a + i * size, b + i * size)) {
                char place[200], stored[VALUE_BYTES], again[VALUE_BYTES];
                index_text(place, sizeof place, n_dim, shape, at);
                differ(c, "%s%s: stored %s, recomputed %s", p->path, place, show(type, a + i * size, stored),
                       show(type, b + i * size, again));
                break;
            }
        }
        drop(a, type, n * row);
        drop(b, type, n * row);
        c->out->n_number += n * row;
    }
}

/* With a choice of replications: what has no rows of single ones is not compared. */
static bool is_left_out(const struct compare *c, const char *path, unsigned n_dim, const hsize_t *shape)
{
    return c->chosen && strncmp(path, "/tasks/", 7) != 0 &&
           (n_dim < 2 || shape[0] != c->n_policy || shape[1] != c->n_replication || strstr(path, "/pooled") ||
            strcmp(path, "/sketch/first") == 0);
}

static void compare_datasets(struct compare *c, struct pair *p)
{
    hid_t type_stored = H5Dget_type(p->stored), type_again = H5Dget_type(p->again);
    hid_t space_stored = H5Dget_space(p->stored), space_again = H5Dget_space(p->again);
    hsize_t shape[H5S_MAX_RANK] = {0};
    int n_dim = H5Sget_simple_extent_dims(space_again, shape, NULL);
    if (n_dim < 0 || !is_left_out(c, p->path, (unsigned)n_dim, shape)) {
        if (same_form(c, p->path, type_stored, type_again, space_stored, space_again)) {
            bool rows = c->chosen && strncmp(p->path, "/tasks/", 7) == 0;
            const bool *chosen = c->chosen;
            c->chosen = rows ? NULL : chosen;
            compare_values(c, p, type_again, (unsigned)n_dim, shape);
            c->chosen = chosen;
        }
    }
    H5Sclose(space_again);
    H5Sclose(space_stored);
    H5Tclose(type_again);
    H5Tclose(type_stored);
}

/* Values of a scalar attribute of both. */
static void compare_attribute_values(struct compare *c, const char *path, hid_t stored, hid_t again)
{
    hid_t type = H5Aget_type(again), type_stored = H5Aget_type(stored);
    hid_t space = H5Aget_space(again), space_stored = H5Aget_space(stored);
    size_t size = H5Tget_size(type);
    if (same_form(c, path, type_stored, type, space_stored, space)) {
        char *a = calloc(1, size + 1), *b = calloc(1, size + 1), x[VALUE_BYTES], y[VALUE_BYTES];
        if (!a || !b) {
            no_memory(c);
        } else if (H5Sget_simple_extent_npoints(space) != 1 || H5Tis_variable_str(type) > 0 ||
                   H5Aread(stored, type, a) < 0 || H5Aread(again, type, b) < 0) {
            cannot_read(c, path);
        } else if (memcmp(a, b, size) != 0) {
            differ(c, "%s: stored %s, recomputed %s", path, show(type, a, x), show(type, b, y));
        }
        free(a);
        free(b);
        c->out->n_number++;
    }
    H5Sclose(space);
    H5Sclose(space_stored);
    H5Tclose(type);
    H5Tclose(type_stored);
}

/* What a file says of itself alone: an index, dimensions by their addresses, how many rows it has in all. */
static bool is_own(const struct compare *c, const char *name)
{
    return (c->chosen && strcmp(name, "NAME") == 0) || strcmp(name, "DIMENSION_LIST") == 0 ||
           strcmp(name, "REFERENCE_LIST") == 0 || strcmp(name, "unfinished") == 0;
}

struct visit {
    struct compare *c;
    struct pair *p;
    bool missing; /* only whether the other file lacks it */
};

static herr_t compare_attribute(hid_t object, const char *name, const H5A_info_t *info, void *ctx)
{
    struct visit *v = ctx;
    char path[PATH_BYTES + 64];
    (void)info, (void)object;
    snprintf(path, sizeof path, "%.*s, attribute %.40s", PATH_BYTES - 1, v->p->path, name);
    if (is_own(v->c, name)) {
        return 0;
    }
    if (H5Aexists(v->missing ? v->p->again : v->p->stored, name) <= 0) {
        differ(v->c, "%s: %s", path, v->missing ? "stored, but not recomputed" : "not stored, but recomputed");
    } else if (!v->missing) {
        hid_t stored = H5Aopen(v->p->stored, name, H5P_DEFAULT), again = H5Aopen(v->p->again, name, H5P_DEFAULT);
        if (stored < 0 || again < 0) {
            cannot_read(v->c, path);
        } else {
            compare_attribute_values(v->c, path, stored, again);
        }
        if (stored >= 0) {
            H5Aclose(stored);
        }
        if (again >= 0) {
            H5Aclose(again);
        }
    }
    return go_on(v->c) ? 0 : 1;
}

static void compare_attributes(struct compare *c, struct pair *p)
{
    struct visit v = {.c = c, .p = p};
    hsize_t at = 0;
    H5Aiterate2(p->again, H5_INDEX_NAME, H5_ITER_INC, &at, compare_attribute, &v);
    at = 0;
    v.missing = true;
    if (go_on(c)) {
        H5Aiterate2(p->stored, H5_INDEX_NAME, H5_ITER_INC, &at, compare_attribute, &v);
    }
}

static void compare_groups(struct compare *c, struct pair *p);

/* Is that a group of rows of a replication that was not run again? */
static bool is_of_others(const struct compare *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    return c->chosen && strncmp(path, "/tasks/", 7) == 0 && slash > path + 6 && strspn(slash + 1, "0123456789") > 0;
}

/* A group that is there only if a replication that was run again has something for it. */
static bool is_of_some(const char *path)
{
    return strncmp(path, "/tasks", 6) == 0 || strcmp(path, "/recording") == 0 || strcmp(path, "/language_model") == 0;
}

static herr_t compare_link(hid_t group, const char *name, const H5L_info_t *info, void *ctx)
{
    struct visit *v = ctx;
    struct pair p = {.stored = -1, .again = -1};
    (void)info, (void)group;
    bool root = strcmp(v->p->path, "/") == 0;
    snprintf(p.path, sizeof p.path, "%.*s/%.100s", PATH_BYTES - 102, root ? "" : v->p->path, name);
    if (root && strcmp(name, "provenance") == 0) {
        return 0;
    }
    hid_t other = v->missing ? v->p->again : v->p->stored;
    if (H5Lexists(other, name, H5P_DEFAULT) <= 0) {
        if (!(v->missing && (is_of_others(v->c, p.path) || (v->c->chosen && is_of_some(p.path))))) {
            differ(v->c, "%s: %s", p.path, v->missing ? "stored, but not recomputed" : "not stored, but recomputed");
        }
        return go_on(v->c) ? 0 : 1;
    }
    if (v->missing) {
        return 0;
    }
    p.stored = H5Oopen(v->p->stored, name, H5P_DEFAULT);
    p.again = H5Oopen(v->p->again, name, H5P_DEFAULT);
    if (p.stored < 0 || p.again < 0) {
        cannot_read(v->c, p.path);
    } else if (H5Iget_type(p.stored) != H5Iget_type(p.again)) {
        differ(v->c, "%s: stored as another kind of object than recomputed", p.path);
    } else {
        compare_attributes(v->c, &p);
        if (go_on(v->c) && H5Iget_type(p.again) == H5I_GROUP) {
            compare_groups(v->c, &p);
        } else if (go_on(v->c)) {
            compare_datasets(v->c, &p);
        }
    }
    if (p.stored >= 0) {
        H5Oclose(p.stored);
    }
    if (p.again >= 0) {
        H5Oclose(p.again);
    }
    return go_on(v->c) ? 0 : 1;
}

static void compare_groups(struct compare *c, struct pair *p)
{
    struct visit v = {.c = c, .p = p};
    hsize_t at = 0;
    H5Literate(p->again, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, compare_link, &v);
    at = 0;
    v.missing = true;
    if (go_on(c)) {
        H5Literate(p->stored, H5_INDEX_NAME, H5_ITER_INC, &at, compare_link, &v);
    }
}

int results_compare(const char *stored, const char *again, const bool *chosen, uint32_t n_policy,
                    uint32_t n_replication, struct results_compared *out, struct err *e)
{
    struct compare c = {.stored = {.file = -1, .path = stored, .e = e},
                        .again = {.file = -1, .path = again, .e = e},
                        .chosen = chosen,
                        .n_policy = n_policy,
                        .n_replication = n_replication,
                        .out = out,
                        .e = e};
    *out = (struct results_compared){0};
    struct h5_quiet q = h5_quiet_begin();
    h5_open(&c.stored, stored);
    h5_open(&c.again, again);
    c.rc = c.stored.failed ? h5_status(&c.stored) : h5_status(&c.again);
    if (c.rc == 0) {
        struct pair root = {.stored = c.stored.file, .again = c.again.file, .path = "/"};
        compare_attributes(&c, &root);
        if (go_on(&c)) {
            compare_groups(&c, &root);
        }
    }
    h5_close(&c.again);
    h5_close(&c.stored);
    h5_quiet_end(q);
    return c.rc;
}
