/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/h5.h"

#include <hdf5_hl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    COMPRESS_FROM = 32768, /* bytes */
    CHUNK_ELEMENTS = 131072
};

struct h5_quiet h5_quiet_begin(void)
{
    struct h5_quiet q = {0};
    H5Eget_auto2(H5E_DEFAULT, &q.func, &q.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return q;
}

void h5_quiet_end(struct h5_quiet q)
{
    H5Eset_auto2(H5E_DEFAULT, q.func, q.data);
}

static herr_t innermost(unsigned n, const H5E_error2_t *seen, void *into)
{
    if (n == 0) {
        snprintf(into, 512, "%s", seen->desc ? seen->desc : "");
    }
    return 0;
}

/* Why HDF5's last call failed, into why[512]: what the system said if it said something, else HDF5's own words. */
static void reason(char *why)
{
    why[0] = 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, why);
    const char *mark = "error message = '";
    char *system = strstr(why, mark);
    if (system) {
        system += strlen(mark);
        memmove(why, system, strlen(system) + 1);
        char *end = strchr(why, '\'');
        if (end) {
            *end = 0;
        }
    }
    if (!why[0]) {
        snprintf(why, 512, "HDF5 gives no reason");
    }
}

__attribute__((format(printf, 3, 0))) static int stop(struct h5 *h, enum err_code code, const char *fmt, va_list ap,
                                                      const char *why)
{
    if (!h->failed) {
        char what[512];
        vsnprintf(what, sizeof what, fmt, ap);
        h->failed = true;
        h->code = code;
        err_set(h->e, __func__, code, "%s: %s%s%s", h->path, what, why[0] ? ": " : "", why);
    }
    return -(int)code;
}

int h5_fail(struct h5 *h, const char *fmt, ...)
{
    char why[512];
    reason(why);
    va_list ap;
    va_start(ap, fmt);
    int rc = stop(h, ERR_IO, fmt, ap, why);
    va_end(ap);
    return rc;
}

int h5_wrong(struct h5 *h, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int rc = stop(h, ERR_INPUT, fmt, ap, "");
    va_end(ap);
    return rc;
}

int h5_no_memory(struct h5 *h, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int rc = stop(h, ERR_MEMORY, fmt, ap, "");
    va_end(ap);
    return rc;
}

int h5_status(const struct h5 *h)
{
    return h->failed ? -(int)h->code : 0;
}

void h5_create(struct h5 *h, const char *file)
{
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS), fcpl = H5Pcreate(H5P_FILE_CREATE);
    h->file = -1;
    if (fapl >= 0 && fcpl >= 0 && H5Pset_libver_bounds(fapl, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
        H5Pset_fclose_degree(fapl, H5F_CLOSE_STRONG) >= 0 && H5Pset_obj_track_times(fcpl, 0) >= 0 &&
        H5Pset_link_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0 &&
        H5Pset_attr_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0) {
        h->file = H5Fcreate(file, H5F_ACC_EXCL, fcpl, fapl);
    }
    if (h->file < 0) {
        h5_fail(h, "cannot create the file");
    }
    H5Pclose(fcpl);
    H5Pclose(fapl);
}

void h5_open(struct h5 *h, const char *file)
{
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    h->file = -1;
    if (fapl >= 0 && H5Pset_fclose_degree(fapl, H5F_CLOSE_STRONG) >= 0) {
        h->file = H5Fopen(file, H5F_ACC_RDONLY, fapl);
    }
    if (h->file < 0) {
        h5_fail(h, "cannot open the file as HDF5");
    }
    H5Pclose(fapl);
}

/*
 * HDF5 cannot close a file that it cannot write: it stays half open and brings the process down at exit.  So what a
 * full disk refused goes to memory instead, which lets go of the file in good order; its name is removed by the
 * caller.
 */
static void discard_writes(hid_t file)
{
    void *handle = NULL;
    int sink = memfd_create("tiersim", MFD_CLOEXEC);
    if (sink >= 0 && H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) >= 0 && handle) {
        dup2(sink, *(int *)handle);
    }
    if (sink >= 0) {
        close(sink);
    }
}

void h5_close(struct h5 *h)
{
    if (h->file < 0) {
        return;
    }
    unsigned intent = H5F_ACC_RDONLY;
    H5Fget_intent(h->file, &intent);
    if (intent & H5F_ACC_RDWR) {
        if (!h->failed && H5Fflush(h->file, H5F_SCOPE_GLOBAL) < 0) {
            h5_fail(h, "cannot write the file");
        }
        if (h->failed) {
            discard_writes(h->file);
        }
    }
    if (H5Fclose(h->file) < 0) {
        h5_fail(h, "cannot close the file");
    }
    h->file = -1;
}

static hid_t file_type(enum h5_kind kind)
{
    switch (kind) {
    case H5_F64:
        return H5T_IEEE_F64LE;
    case H5_F32:
        return H5T_IEEE_F32LE;
    case H5_U64:
        return H5T_STD_U64LE;
    case H5_U32:
        return H5T_STD_U32LE;
    case H5_U16:
        return H5T_STD_U16LE;
    case H5_U8:
        return H5T_STD_U8LE;
    case H5_I32:
        return H5T_STD_I32LE;
    case H5_TEXT:
        break;
    }
    return -1;
}

hid_t h5_memory_type(enum h5_kind kind)
{
    switch (kind) {
    case H5_F64:
        return H5T_NATIVE_DOUBLE;
    case H5_F32:
        return H5T_NATIVE_FLOAT;
    case H5_U64:
        return H5T_NATIVE_UINT64;
    case H5_U32:
        return H5T_NATIVE_UINT32;
    case H5_U16:
        return H5T_NATIVE_UINT16;
    case H5_U8:
        return H5T_NATIVE_UINT8;
    case H5_I32:
        return H5T_NATIVE_INT32;
    case H5_TEXT:
        break;
    }
    return -1;
}

/* Text of any length, UTF-8; the caller closes it. */
static hid_t text_type(void)
{
    hid_t t = H5Tcopy(H5T_C_S1);
    H5Tset_size(t, H5T_VARIABLE);
    H5Tset_cset(t, H5T_CSET_UTF8);
    return t;
}

hid_t h5_make_group(struct h5 *h, hid_t parent, const char *name)
{
    if (h->failed) {
        return -1;
    }
    hid_t group;
    if (strcmp(name, ".") == 0 || H5Lexists(parent, name, H5P_DEFAULT) > 0) {
        group = H5Gopen2(parent, name, H5P_DEFAULT);
    } else {
        hid_t p = H5Pcreate(H5P_GROUP_CREATE);
        H5Pset_obj_track_times(p, 0);
        H5Pset_link_creation_order(p, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
        H5Pset_attr_creation_order(p, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
        group = H5Gcreate2(parent, name, H5P_DEFAULT, p, H5P_DEFAULT);
        H5Pclose(p);
    }
    if (group < 0) {
        h5_fail(h, "cannot make the group %s", name);
    }
    return group;
}

static void write_attribute(struct h5 *h, hid_t object, const char *name, hid_t type, hid_t memory, const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t a = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (a < 0 || H5Awrite(a, memory, value) < 0) {
        h5_fail(h, "cannot write the attribute %s", name);
    }
    if (a >= 0) {
        H5Aclose(a);
    }
    H5Sclose(space);
}

void h5_write_text(struct h5 *h, hid_t object, const char *name, const char *value)
{
    if (h->failed) {
        return;
    }
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(value) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    write_attribute(h, object, name, type, type, value);
    H5Tclose(type);
}

void h5_write_number(struct h5 *h, hid_t object, const char *name, double value)
{
    if (!h->failed) {
        write_attribute(h, object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
    }
}

void h5_write_whole(struct h5 *h, hid_t object, const char *name, uint64_t value)
{
    if (!h->failed) {
        write_attribute(h, object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
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

/*
 * How the elements lie in the file: one piece, or compressed chunks of whole trailing dimensions where they are many.
 */
static hid_t storage(enum h5_kind kind, unsigned n_dim, const hsize_t *shape)
{
    hid_t p = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(p, 0);
    H5Pset_attr_creation_order(p, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    if (kind == H5_F64) {
        double none = NAN;
        H5Pset_fill_value(p, H5T_NATIVE_DOUBLE, &none);
    }
    hsize_t n = 1, chunk[H5_MAX_DIM];
    for (unsigned d = 0; d < n_dim; d++) {
        n *= shape[d];
        chunk[d] = shape[d];
    }
    if (kind != H5_TEXT && n_dim > 0 && n * H5Tget_size(file_type(kind)) >= COMPRESS_FROM) {
        for (unsigned d = 0; d < n_dim && n > CHUNK_ELEMENTS; d++) {
            n /= chunk[d];
            chunk[d] = n >= CHUNK_ELEMENTS ? 1 : CHUNK_ELEMENTS / n;
            n *= chunk[d];
        }
        H5Pset_chunk(p, (int)n_dim, chunk);
        H5Pset_shuffle(p);
        H5Pset_deflate(p, 1);
    }
    return p;
}

static hid_t write_dataset(struct h5 *h, hid_t group, const char *name, enum h5_kind kind, unsigned n_dim,
                           const hsize_t *shape, const void *value)
{
    bool text = kind == H5_TEXT;
    hid_t memory = text ? text_type() : h5_memory_type(kind), type = text ? memory : file_type(kind);
    hid_t space = n_dim ? H5Screate_simple((int)n_dim, shape, NULL) : H5Screate(H5S_SCALAR);
    hid_t p = storage(kind, n_dim, shape);
    hid_t data = H5Dcreate2(group, name, type, space, H5P_DEFAULT, p, H5P_DEFAULT);
    if (data < 0 || H5Dwrite(data, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0) {
        h5_fail(h, "cannot write %s", name);
    }
    H5Pclose(p);
    H5Sclose(space);
    if (text) {
        H5Tclose(memory);
    }
    return data;
}

/* Scale of that dimension in the group, made at its first use. */
static hid_t scale(struct h5 *h, hid_t group, const struct h5_dim *dim)
{
    hid_t data;
    if (H5Lexists(group, dim->name, H5P_DEFAULT) > 0) {
        data = H5Dopen2(group, dim->name, H5P_DEFAULT);
    } else {
        data = write_dataset(h, group, dim->name, dim->kind, 1, &dim->n, dim->value);
        if (data >= 0 && H5DSset_scale(data, dim->name) < 0) {
            h5_fail(h, "cannot make %s a dimension", dim->name);
        }
        if (data >= 0) {
            describe(h, data, dim->unit, dim->about);
        }
    }
    return data;
}

void h5_write_array(struct h5 *h, hid_t group, const struct h5_array *a)
{
    hsize_t shape[H5_MAX_DIM] = {0};
    hid_t dim[H5_MAX_DIM];
    if (h->failed) {
        return;
    }
    for (unsigned d = 0; d < a->n_dim; d++) {
        shape[d] = a->dim[d]->n;
        dim[d] = scale(h, group, a->dim[d]);
    }
    hid_t data = h->failed ? -1 : write_dataset(h, group, a->name, a->kind, a->n_dim, shape, a->value);
    for (unsigned d = 0; d < a->n_dim; d++) {
        if (data >= 0 && dim[d] >= 0 && H5DSattach_scale(data, dim[d], d) < 0) {
            h5_fail(h, "cannot give %s its dimensions", a->name);
        }
        if (dim[d] >= 0) {
            H5Dclose(dim[d]);
        }
    }
    if (data >= 0) {
        describe(h, data, a->unit, a->about);
        if (a->kind == H5_F64) {
            h5_write_number(h, data, "_FillValue", NAN);
        }
        H5Dclose(data);
    }
}

void h5_write_note(struct h5 *h, hid_t group, const char *name, const char *about, const char *text)
{
    if (h->failed) {
        return;
    }
    hid_t data = write_dataset(h, group, name, H5_TEXT, 0, NULL, &text);
    if (data >= 0) {
        describe(h, data, "", about);
        H5Dclose(data);
    }
}

hid_t h5_make_column(struct h5 *h, hid_t group, const char *name, const char *unit, const char *about,
                     enum h5_kind kind, hsize_t chunk)
{
    if (h->failed) {
        return -1;
    }
    hsize_t none = 0, any = H5S_UNLIMITED;
    hid_t space = H5Screate_simple(1, &none, &any), p = storage(kind, 1, &none);
    H5Pset_chunk(p, 1, &chunk);
    hid_t data = H5Dcreate2(group, name, file_type(kind), space, H5P_DEFAULT, p, H5P_DEFAULT);
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
    if (done && at % chunk == 0 && n == chunk && H5Tequal(h5_memory_type(kind), file_type(kind)) > 0) {
        size_t bytes = (size_t)n * H5Tget_size(file_type(kind));
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

/*
 * A dimension of n rows without coordinates, as netCDF-4 writes it: a dataset with a telling name.  It has storage, a
 * byte a row, because h5diff remarks on datasets that have none.
 */
static hid_t bare_scale(struct h5 *h, hid_t group, const char *dim, hsize_t n)
{
    if (h->failed) {
        return -1;
    }
    if (H5Lexists(group, dim, H5P_DEFAULT) > 0) {
        return H5Dopen2(group, dim, H5P_DEFAULT);
    }
    char name[80];
    snprintf(name, sizeof name, "This is a netCDF dimension but not a netCDF variable. %9llu", (unsigned long long)n);
    hid_t space = H5Screate_simple(1, &n, NULL), p = storage(H5_U8, 0, NULL);
    H5Pset_alloc_time(p, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(p, H5D_FILL_TIME_ALLOC);
    hid_t data = H5Dcreate2(group, dim, H5T_STD_U8LE, space, H5P_DEFAULT, p, H5P_DEFAULT);
    if (data < 0 || H5DSset_scale(data, name) < 0) {
        h5_fail(h, "cannot make the dimension %s", dim);
    }
    H5Pclose(p);
    H5Sclose(space);
    return data;
}

void h5_write_table(struct h5 *h, hid_t group, const char *name, const char *about, enum h5_kind kind, hsize_t n,
                    const void *value)
{
    hid_t row = bare_scale(h, group, "row", n);
    hid_t data = h->failed ? -1 : write_dataset(h, group, name, kind, 1, &n, value);
    if (data >= 0) {
        describe(h, data, "1", about);
        if (H5DSattach_scale(data, row, 0) < 0) {
            h5_fail(h, "cannot give %s its dimension", name);
        }
        H5Dclose(data);
    }
    if (row >= 0) {
        H5Dclose(row);
    }
}

void h5_bind_columns(struct h5 *h, hid_t group, const char *dim, hsize_t n, unsigned n_column, const hid_t *column)
{
    hid_t row = bare_scale(h, group, dim, n);
    for (unsigned c = 0; c < n_column; c++) {
        if (!h->failed && H5DSattach_scale(column[c], row, 0) < 0) {
            h5_fail(h, "cannot bind a column to %s", dim);
        }
        if (column[c] >= 0) {
            H5Dclose(column[c]);
        }
    }
    if (row >= 0) {
        H5Dclose(row);
    }
}
