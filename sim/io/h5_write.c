/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The writing half of h5.h.  Dimension scales are what H5DSset_scale and H5DSattach_scale would leave (the HDF5 Dimension
 * Scale Specification), but each of their attributes is written once: attaching n datasets to a scale one by one reads
 * and writes its list n times.
 */
#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/h5.h"

enum {
    COMPRESS_FROM = 32768, /* bytes */
    CHUNK_ELEMENTS = 131072,
    SMALL = 4096, /* bytes of what stands within a header */
};

void h5_begin_group(struct h5 *h, struct h5_group *g, hid_t parent, const char *name)
{
    *g = (struct h5_group){.id = -1};
    if (h->failed) {
        return;
    }
    bool there = strcmp(name, ".") == 0 || H5Lexists(parent, name, H5P_DEFAULT) > 0;
    g->id = there ? H5Gopen2(parent, name, H5P_DEFAULT)
                  : H5Gcreate2(parent, name, H5P_DEFAULT, h->kit.group, H5P_DEFAULT);
    if (g->id < 0) {
        h5_fail(h, "cannot make the group %s", name);
    }
}

static void write_attribute(struct h5 *h, hid_t object, const char *name, hid_t space, hid_t type, hid_t memory,
                            const void *value)
{
    hid_t a = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (a < 0 || H5Awrite(a, memory, value) < 0) {
        h5_fail(h, "cannot write the attribute %s", name);
    }
    if (a >= 0) {
        H5Aclose(a);
    }
}

void h5_write_text(struct h5 *h, hid_t object, const char *name, const char *value)
{
    if (!h->failed) {
        if (H5Tset_size(h->kit.name, strlen(value) + 1) < 0) {
            h5_fail(h, "cannot write the attribute %s", name);
            return;
        }
        write_attribute(h, object, name, h->kit.one, h->kit.name, h->kit.name, value);
    }
}

void h5_write_number(struct h5 *h, hid_t object, const char *name, double value)
{
    if (!h->failed) {
        write_attribute(h, object, name, h->kit.one, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
    }
}

void h5_write_whole(struct h5 *h, hid_t object, const char *name, uint64_t value)
{
    if (!h->failed) {
        write_attribute(h, object, name, h->kit.one, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
    }
}

static void describe(struct h5 *h, hid_t object, const char *unit, const char *about)
{
    if (unit && unit[0]) {
        h5_write_text(h, object, "units", unit);
    }
    if (about && about[0]) {
        h5_write_text(h, object, "long_name", about);
    }
}

/* Compressed chunks of whole trailing dimensions, of n elements in all. */
static hid_t in_chunks(const struct h5 *h, unsigned n_dim, const hsize_t *shape, hsize_t n)
{
    hid_t p = H5Pcopy(h->kit.plain);
    hsize_t chunk[H5_MAX_DIM];
    memcpy(chunk, shape, n_dim * sizeof *chunk);
    for (unsigned d = 0; d < n_dim && n > CHUNK_ELEMENTS; d++) {
        n /= chunk[d];
        chunk[d] = n >= CHUNK_ELEMENTS ? 1 : CHUNK_ELEMENTS / n;
        n *= chunk[d];
    }
    H5Pset_chunk(p, (int)n_dim, chunk);
    H5Pset_shuffle(p);
    H5Pset_deflate(p, 1);
    return p;
}

/* How the elements lie in the file; the caller closes it if it is not of the kit. */
static hid_t storage(const struct h5 *h, enum h5_kind kind, unsigned n_dim, const hsize_t *shape)
{
    hsize_t n = 1, bytes;
    for (unsigned d = 0; d < n_dim; d++) {
        n *= shape[d];
    }
    bytes = n * (kind == H5_TEXT ? 16 : H5Tget_size(h5_file_type(kind)));
    return bytes <= SMALL                                             ? h->kit.small
           : kind == H5_TEXT || n_dim == 0 || bytes < COMPRESS_FROM ? h->kit.plain
                                                                      : in_chunks(h, n_dim, shape, n);
}

static hid_t write_dataset(struct h5 *h, hid_t group, const char *name, enum h5_kind kind, unsigned n_dim,
                           const hsize_t *shape, const void *value)
{
    bool text = kind == H5_TEXT;
    hid_t memory = text ? h->kit.text : h5_memory_type(kind), type = text ? memory : h5_file_type(kind);
    hid_t space = n_dim ? H5Screate_simple((int)n_dim, shape, NULL) : h->kit.one;
    hid_t p = storage(h, kind, n_dim, shape);
    hid_t data = H5Dcreate2(group, name, type, space, H5P_DEFAULT, p, H5P_DEFAULT);
    if (data < 0 || H5Dwrite(data, memory, H5S_ALL, H5S_ALL, h->kit.transfer, value) < 0) {
        h5_fail(h, "cannot write %s", name);
    }
    if (p != h->kit.small && p != h->kit.plain) {
        H5Pclose(p);
    }
    if (n_dim) {
        H5Sclose(space);
    }
    return data;
}

/* A new dimension of the group, whose coordinates are in data; label: its own name, or what netCDF-4 says instead. */
static struct h5_scale *add_scale(struct h5 *h, struct h5_group *g, const char *name, const char *label, hid_t data)
{
    if (h->failed) {
        if (data >= 0) {
            H5Dclose(data);
        }
        return NULL;
    }
    if (g->n_scale == H5_MAX_SCALE || H5Rcreate(&g->scale[g->n_scale].ref, data, ".", H5R_OBJECT, -1) < 0) {
        h5_fail(h, "cannot make %s a dimension", name);
        H5Dclose(data);
        return NULL;
    }
    struct h5_scale *s = &g->scale[g->n_scale++];
    s->name = name;
    s->data = data;
    h5_write_text(h, data, "CLASS", "DIMENSION_SCALE");
    h5_write_text(h, data, "NAME", label);
    return s;
}

static struct h5_scale *find_scale(struct h5_group *g, const char *name)
{
    for (unsigned i = 0; i < g->n_scale; i++) {
        if (strcmp(g->scale[i].name, name) == 0) {
            return &g->scale[i];
        }
    }
    return NULL;
}

/* Scale of that dimension in the group, made at its first use. */
static struct h5_scale *scale(struct h5 *h, struct h5_group *g, const struct h5_dim *dim)
{
    struct h5_scale *s = find_scale(g, dim->name);
    if (s || h->failed) {
        return s;
    }
    hid_t data = write_dataset(h, g->id, dim->name, dim->kind, 1, &dim->n, dim->value);
    s = add_scale(h, g, dim->name, dim->name, data);
    if (s) {
        describe(h, data, dim->unit, dim->about);
    }
    return s;
}

/*
 * A dimension of n rows without coordinates, as netCDF-4 writes it: a dataset with a telling name.  It has storage, a
 * byte a row, because h5diff remarks on datasets that have none.
 */
static struct h5_scale *bare_scale(struct h5 *h, struct h5_group *g, const char *dim, hsize_t n)
{
    struct h5_scale *s = find_scale(g, dim);
    if (s || h->failed) {
        return s;
    }
    char label[80];
    snprintf(label, sizeof label, "This is a netCDF dimension but not a netCDF variable. %9llu", (unsigned long long)n);
    hid_t space = H5Screate_simple(1, &n, NULL), p = H5Pcopy(h->kit.plain);
    H5Pset_alloc_time(p, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(p, H5D_FILL_TIME_ALLOC);
    hid_t data = H5Dcreate2(g->id, dim, H5T_STD_U8LE, space, H5P_DEFAULT, p, H5P_DEFAULT);
    if (data < 0) {
        h5_fail(h, "cannot make the dimension %s", dim);
    }
    H5Pclose(p);
    H5Sclose(space);
    return add_scale(h, g, dim, label, data);
}

static bool add_user(struct h5_scale *s, hobj_ref_t ref, unsigned dim)
{
    if (s->n_user == s->room) {
        size_t room = 2 * s->room + 16;
        struct h5_user *grown = realloc(s->user, room * sizeof *grown);
        if (!grown) {
            return false;
        }
        s->user = grown;
        s->room = room;
    }
    s->user[s->n_user] = (struct h5_user){.dim = (int)dim};
    s->user[s->n_user++].ref = ref;
    return true;
}

/* Give a dataset its dimensions. */
static void attach(struct h5 *h, hid_t data, unsigned n_dim, struct h5_scale *const *s)
{
    hobj_ref_t ref;
    hvl_t list[H5_MAX_DIM];
    hsize_t n = n_dim;
    if (h->failed || n_dim == 0) {
        return;
    }
    if (H5Rcreate(&ref, data, ".", H5R_OBJECT, -1) < 0) {
        h5_fail(h, "cannot attach dimensions");
        return;
    }
    for (unsigned d = 0; d < n_dim; d++) {
        list[d] = (hvl_t){.len = 1, .p = &s[d]->ref};
        if (!add_user(s[d], ref, d)) {
            h5_no_memory(h, "no memory for the dimension %s", s[d]->name);
            return;
        }
    }
    hid_t space = H5Screate_simple(1, &n, NULL);
    write_attribute(h, data, "DIMENSION_LIST", space, h->kit.users, h->kit.users, list);
    H5Sclose(space);
}

void h5_end_group(struct h5 *h, struct h5_group *g)
{
    for (unsigned i = 0; i < g->n_scale; i++) {
        struct h5_scale *s = &g->scale[i];
        hsize_t n = s->n_user;
        if (!h->failed && n > 0) {
            hid_t space = H5Screate_simple(1, &n, NULL);
            write_attribute(h, s->data, "REFERENCE_LIST", space, h->kit.owner, h->kit.owner, s->user);
            H5Sclose(space);
        }
        H5Dclose(s->data);
        free(s->user);
    }
    if (g->id >= 0) {
        H5Gclose(g->id);
    }
    *g = (struct h5_group){.id = -1};
}

void h5_write_array(struct h5 *h, struct h5_group *g, const struct h5_array *a)
{
    hsize_t shape[H5_MAX_DIM] = {0};
    struct h5_scale *dim[H5_MAX_DIM] = {NULL};
    for (unsigned d = 0; d < a->n_dim; d++) {
        shape[d] = a->dim[d]->n;
        dim[d] = scale(h, g, a->dim[d]);
    }
    hid_t data = h->failed ? -1 : write_dataset(h, g->id, a->name, a->kind, a->n_dim, shape, a->value);
    if (data >= 0) {
        attach(h, data, a->n_dim, dim);
        describe(h, data, a->unit, a->about);
        if (a->kind == H5_F64) {
            h5_write_number(h, data, "_FillValue", NAN);
        }
        H5Dclose(data);
    }
}

void h5_write_table(struct h5 *h, struct h5_group *g, const char *name, const char *unit, const char *about,
                    enum h5_kind kind, hsize_t n, const void *value)
{
    struct h5_scale *row = bare_scale(h, g, "row", n);
    hid_t data = h->failed ? -1 : write_dataset(h, g->id, name, kind, 1, &n, value);
    if (data >= 0) {
        attach(h, data, 1, &row);
        describe(h, data, unit, about);
        H5Dclose(data);
    }
}

void h5_write_note(struct h5 *h, struct h5_group *g, const char *name, const char *about, const char *text)
{
    hid_t data = h->failed ? -1 : write_dataset(h, g->id, name, H5_TEXT, 0, NULL, &text);
    if (data >= 0) {
        describe(h, data, "", about);
        H5Dclose(data);
    }
}

hid_t h5_make_column(struct h5 *h, struct h5_group *g, const char *name, const char *unit, const char *about,
                     enum h5_kind kind, hsize_t chunk)
{
    if (h->failed) {
        return -1;
    }
    hsize_t none = 0, any = H5S_UNLIMITED;
    hid_t space = H5Screate_simple(1, &none, &any), p = H5Pcopy(h->kit.plain);
    H5Pset_chunk(p, 1, &chunk);
    hid_t data = H5Dcreate2(g->id, name, h5_file_type(kind), space, H5P_DEFAULT, p, H5P_DEFAULT);
    if (data < 0) {
        h5_fail(h, "cannot make the column %s", name);
    } else {
        describe(h, data, unit, about);
    }
    H5Pclose(p);
    H5Sclose(space);
    return data;
}

static bool append_part(hid_t column, enum h5_kind kind, hsize_t at, hsize_t n, const void *value)
{
    hid_t file = H5Dget_space(column), memory = H5Screate_simple(1, &n, NULL);
    bool done = H5Sselect_hyperslab(file, H5S_SELECT_SET, &at, NULL, &n, NULL) >= 0 &&
                H5Dwrite(column, h5_memory_type(kind), memory, file, H5P_DEFAULT, value) >= 0;
    H5Sclose(memory);
    H5Sclose(file);
    return done;
}

void h5_append(struct h5 *h, hid_t column, enum h5_kind kind, hsize_t at, hsize_t n, hsize_t chunk, const void *value)
{
    if (h->failed || n == 0) {
        return;
    }
    hsize_t end = at + n;
    bool done = H5Dset_extent(column, &end) >= 0;
    /* The bytes of a whole chunk are those of memory where both are little-endian, as on every machine that we know. */
    if (done && at % chunk == 0 && n == chunk && H5Tequal(h5_memory_type(kind), h5_file_type(kind)) > 0) {
        size_t bytes = (size_t)n * H5Tget_size(h5_file_type(kind));
#if H5_VERSION_GE(1, 10, 3)
        done = H5Dwrite_chunk(column, H5P_DEFAULT, 0, &at, bytes, value) >= 0;
#else
        done = H5DOwrite_chunk(column, H5P_DEFAULT, 0, &at, bytes, value) >= 0;
#endif
    } else if (done) {
        done = append_part(column, kind, at, n, value);
    }
    if (!done) {
        h5_fail(h, "cannot append rows");
    }
}

void h5_bind_columns(struct h5 *h, struct h5_group *g, const char *dim, hsize_t n, unsigned n_column,
                     const hid_t *column)
{
    struct h5_scale *row = bare_scale(h, g, dim, n);
    for (unsigned c = 0; c < n_column; c++) {
        if (column[c] >= 0) {
            attach(h, column[c], 1, &row);
            H5Dclose(column[c]);
        }
    }
}

/* A name as libhdf5 takes it for a virtual dataset, where % begins a pattern. */
static void escape(char *buf, size_t size, const char *name)
{
    size_t n = 0;
    for (; *name && n + 3 < size; name++) {
        buf[n++] = *name;
        if (*name == '%') {
            buf[n++] = '%';
        }
    }
    buf[n] = 0;
}

void h5_write_virtual(struct h5 *h, struct h5_group *g, const char *name, const char *unit, const char *about,
                      enum h5_kind kind, hsize_t n, const char *file)
{
    char from[1024];
    struct h5_scale *row = bare_scale(h, g, "row", n);
    if (h->failed) {
        return;
    }
    escape(from, sizeof from, file);
    hid_t space = H5Screate_simple(1, &n, NULL), p = H5Pcreate(H5P_DATASET_CREATE);
    bool set = p >= 0 && H5Pset_obj_track_times(p, 0) >= 0 && H5Pset_virtual(p, space, from, name, space) >= 0;
    hid_t data = set ? H5Dcreate2(g->id, name, h5_file_type(kind), space, H5P_DEFAULT, p, H5P_DEFAULT) : -1;
    if (data < 0) {
        h5_fail(h, "cannot refer to the column %s", name);
    } else {
        attach(h, data, 1, &row);
        describe(h, data, unit, about);
        H5Dclose(data);
    }
    H5Pclose(p);
    H5Sclose(space);
}
