/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reading half of h5.h: a file is untrusted, so type, rank and shape are looked at before anything is read. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/h5.h"

enum { MAX_TEXT = 64 << 20 }; /* bytes of all texts of a dataset */

bool h5_has(struct h5 *h, hid_t group, const char *name)
{
    return !h->failed && H5Lexists(group, name, H5P_DEFAULT) > 0;
}

/* What is there but does not open: it is something else, or the file is damaged. */
static void tell_unopened(struct h5 *h, hid_t group, const char *name, H5I_type_t want)
{
    const char *noun = want == H5I_GROUP ? "group" : "dataset";
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object >= 0 && H5Iget_type(object) != want) {
        h5_wrong(h, "%s: found another kind of object, wanted a %s", name, noun);
    } else {
        h5_fail(h, "cannot open the %s %s", noun, name);
    }
    if (object >= 0) {
        H5Oclose(object);
    }
}

hid_t h5_open_group(struct h5 *h, hid_t parent, const char *name)
{
    if (h->failed) {
        return -1;
    }
    bool there = strcmp(name, ".") == 0 || H5Lexists(parent, name, H5P_DEFAULT) > 0;
    hid_t group = there ? H5Gopen2(parent, name, H5P_DEFAULT) : -1;
    if (there && group < 0) {
        tell_unopened(h, parent, name, H5I_GROUP);
    } else if (group < 0) {
        h5_wrong(h, "there is no group %s: not a result file of Tiersim, or not a whole one", name);
    }
    return group;
}

/* Open a dataset and its space. */
static hid_t open_dataset(struct h5 *h, hid_t group, const char *name, hid_t *space)
{
    *space = -1;
    if (h->failed) {
        return -1;
    }
    bool there = H5Lexists(group, name, H5P_DEFAULT) > 0;
    hid_t data = there ? H5Dopen2(group, name, H5P_DEFAULT) : -1;
    if (there && data < 0) {
        tell_unopened(h, group, name, H5I_DATASET);
        return -1;
    }
    if (data < 0) {
        h5_wrong(h, "there is no dataset %s: not a result file of Tiersim, or not a whole one", name);
        return -1;
    }
    *space = H5Dget_space(data);
    if (*space < 0) {
        h5_fail(h, "cannot read %s", name);
    }
    return data;
}

static void close_dataset(hid_t data, hid_t space)
{
    if (space >= 0) {
        H5Sclose(space);
    }
    if (data >= 0) {
        H5Dclose(data);
    }
}

static void shape_text(char *buf, size_t size, unsigned n_dim, const hsize_t *shape)
{
    size_t used = (size_t)snprintf(buf, size, "(");
    for (unsigned d = 0; d < n_dim && used < size; d++) {
        used += (size_t)snprintf(buf + used, size - used, "%s%llu", d ? ", " : "", (unsigned long long)shape[d]);
    }
    if (used < size) {
        snprintf(buf + used, size - used, ")");
    }
}

static void check_shape(struct h5 *h, hid_t space, const char *name, unsigned n_dim, const hsize_t *want)
{
    hsize_t found[H5S_MAX_RANK] = {0};
    int n = H5Sget_simple_extent_ndims(space);
    if (n >= 0) {
        H5Sget_simple_extent_dims(space, found, NULL);
    }
    if (n != (int)n_dim || memcmp(found, want, n_dim * sizeof *want) != 0) {
        char is[128], be[128];
        shape_text(is, sizeof is, n < 0 ? 0 : (unsigned)n, found);
        shape_text(be, sizeof be, n_dim, want);
        h5_wrong(h, "%s: found the shape %s, wanted %s", name, is, be);
    }
}

static void check_class(struct h5 *h, hid_t data, const char *name, enum h5_kind kind)
{
    hid_t type = H5Dget_type(data);
    if (type < 0) {
        h5_fail(h, "cannot read %s", name);
        return;
    }
    H5T_class_t found = H5Tget_class(type);
    bool fits = kind == H5_TEXT                    ? found == H5T_STRING
                : kind == H5_F64 || kind == H5_F32 ? found == H5T_FLOAT || found == H5T_INTEGER
                                                   : found == H5T_INTEGER;
    if (!fits) {
        h5_wrong(h, "%s: found another type, wanted %s", name,
                 kind == H5_TEXT                    ? "text"
                 : kind == H5_F64 || kind == H5_F32 ? "numbers"
                                                    : "whole numbers");
    }
    H5Tclose(type);
}

hsize_t h5_read_length(struct h5 *h, hid_t group, const char *name, hsize_t max)
{
    hid_t space, data = open_dataset(h, group, name, &space);
    hsize_t n = 0;
    if (data >= 0) {
        if (H5Sget_simple_extent_ndims(space) != 1) {
            h5_wrong(h, "%s: wanted one dimension", name);
        } else {
            H5Sget_simple_extent_dims(space, &n, NULL);
            if (n > max) {
                h5_wrong(h, "%s: found %llu entries, wanted at most %llu", name, (unsigned long long)n,
                         (unsigned long long)max);
                n = 0;
            }
        }
    }
    close_dataset(data, space);
    return n;
}

void h5_read_array(struct h5 *h, hid_t group, const char *name, enum h5_kind kind, unsigned n_dim, const hsize_t *shape,
                   void *value)
{
    hid_t space, data = open_dataset(h, group, name, &space);
    if (data >= 0) {
        check_shape(h, space, name, n_dim, shape);
        check_class(h, data, name, kind);
    }
    if (!h->failed && H5Dread(data, h5_memory_type(kind), H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0) {
        h5_fail(h, "cannot read %s", name);
    }
    close_dataset(data, space);
}

hsize_t h5_read_part(struct h5 *h, hid_t group, const char *name, enum h5_kind kind, hsize_t from, hsize_t n,
                     void *value)
{
    hid_t space, data = open_dataset(h, group, name, &space);
    hsize_t length = 0, found = 0;
    if (data >= 0 && H5Sget_simple_extent_ndims(space) != 1) {
        h5_wrong(h, "%s: wanted one dimension", name);
    }
    if (data >= 0) {
        check_class(h, data, name, kind);
    }
    if (!h->failed) {
        H5Sget_simple_extent_dims(space, &length, NULL);
        found = from >= length ? 0 : length - from < n ? length - from : n;
    }
    if (found > 0) {
        hid_t memory = H5Screate_simple(1, &found, NULL);
        if (H5Sselect_hyperslab(space, H5S_SELECT_SET, &from, NULL, &found, NULL) < 0 ||
            H5Dread(data, h5_memory_type(kind), memory, space, H5P_DEFAULT, value) < 0) {
            h5_fail(h, "cannot read %s", name);
            found = 0;
        }
        H5Sclose(memory);
    }
    close_dataset(data, space);
    return found;
}

const char *const *h5_read_texts(struct h5 *h, hid_t group, const char *name, hsize_t n, struct arena *a)
{
    hid_t space, data = open_dataset(h, group, name, &space), type = h5_text_of(H5T_VARIABLE);
    const char **text = ARENA_NEW(a, (size_t)n + 1, const char *);
    char **raw = calloc((size_t)n + 1, sizeof *raw);
    if (!raw || !text) {
        h5_no_memory(h, "%s: no memory for %llu texts", name, (unsigned long long)n);
    }
    if (type < 0) {
        h5_fail(h, "cannot read %s", name);
    }
    if (data >= 0) {
        check_class(h, data, name, H5_TEXT);
        if (H5Sget_simple_extent_npoints(space) != (hssize_t)n) {
            h5_wrong(h, "%s: found %lld texts, wanted %llu", name, (long long)H5Sget_simple_extent_npoints(space),
                     (unsigned long long)n);
        }
    }
    if (!h->failed && H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) < 0) {
        h5_fail(h, "cannot read %s", name);
    }
    size_t bytes = 0;
    for (hsize_t i = 0; !h->failed && i < n; i++) {
        const char *s = raw[i] ? raw[i] : "";
        bytes += strlen(s);
        if (bytes >= MAX_TEXT) {
            h5_wrong(h, "%s: found too much text", name);
        } else if (!(text[i] = arena_copy(a, s))) {
            h5_no_memory(h, "%s: no memory for %llu texts", name, (unsigned long long)n);
        }
    }
    if (raw && !h->failed) {
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
    }
    free(raw);
    H5Tclose(type);
    close_dataset(data, space);
    return h->failed ? NULL : text;
}

static hid_t open_attribute(struct h5 *h, hid_t object, const char *name, H5T_class_t want)
{
    if (h->failed) {
        return -1;
    }
    hid_t a = H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1;
    if (a < 0) {
        h5_wrong(h, "there is no attribute %s: not a result file of Tiersim, or not a whole one", name);
        return -1;
    }
    hid_t type = H5Aget_type(a), space = H5Aget_space(a);
    if (H5Tget_class(type) != want || H5Sget_simple_extent_npoints(space) != 1 ||
        (want == H5T_STRING && H5Tis_variable_str(type) > 0)) {
        h5_wrong(h, "the attribute %s is of another type than %s", name, want == H5T_STRING ? "text" : "a number");
        H5Aclose(a);
        a = -1;
    }
    H5Sclose(space);
    H5Tclose(type);
    return a;
}

const char *h5_read_text(struct h5 *h, hid_t object, const char *name, struct arena *arena)
{
    hid_t a = open_attribute(h, object, name, H5T_STRING);
    if (a < 0) {
        return "";
    }
    hid_t type = H5Aget_type(a);
    size_t n = H5Tget_size(type);
    char *text = n < MAX_TEXT ? ARENA_NEW(arena, n + 1, char) : NULL;
    if (!text && n < MAX_TEXT) {
        h5_no_memory(h, "no memory for the attribute %s", name);
    } else if (!text) {
        h5_wrong(h, "the attribute %s is too long", name);
    } else if (H5Aread(a, type, text) < 0) {
        h5_fail(h, "cannot read the attribute %s", name);
    }
    H5Tclose(type);
    H5Aclose(a);
    return text ? text : "";
}

double h5_read_number(struct h5 *h, hid_t object, const char *name)
{
    double value = NAN;
    hid_t a = open_attribute(h, object, name, H5T_FLOAT);
    if (a >= 0) {
        if (H5Aread(a, H5T_NATIVE_DOUBLE, &value) < 0) {
            h5_fail(h, "cannot read the attribute %s", name);
        }
        H5Aclose(a);
    }
    return value;
}

uint64_t h5_read_whole(struct h5 *h, hid_t object, const char *name)
{
    uint64_t value = 0;
    hid_t a = open_attribute(h, object, name, H5T_INTEGER);
    if (a >= 0) {
        if (H5Aread(a, H5T_NATIVE_UINT64, &value) < 0) {
            h5_fail(h, "cannot read the attribute %s", name);
        }
        H5Aclose(a);
    }
    return value;
}
