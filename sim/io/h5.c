/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/h5.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/io/file.h"

/*
 * Small files are the usual ones, and most of their cost is in libhdf5's bookkeeping: a buffer that it zeroes for each
 * dataset, trees of names where a list would do.
 */
enum {
    SIEVE_BYTES = 1024,
    TEXT_BYTES = 16384, /* zeroed for each dataset of texts; by default 1 MiB */
    META_BYTES = 65536,
    LINKS_IN_HEADER = 64,
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

static const char system_says[] = "error message = '";

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
    char *system = strstr(why, system_says);
    if (system) {
        system += strlen(system_says);
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

hid_t h5_text_of(size_t length)
{
    hid_t t = H5Tcopy(H5T_C_S1);
    if (t >= 0 && (H5Tset_size(t, length) < 0 || H5Tset_cset(t, H5T_CSET_UTF8) < 0)) {
        H5Tclose(t);
        t = -1;
    }
    return t;
}

/* In one piece in the file, or within the header. */
static hid_t storage(H5D_layout_t layout)
{
    hid_t p = H5Pcreate(H5P_DATASET_CREATE);
    if (p >= 0 && (H5Pset_obj_track_times(p, 0) < 0 || H5Pset_layout(p, layout) < 0 ||
                   H5Pset_attr_creation_order(p, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) < 0)) {
        H5Pclose(p);
        p = -1;
    }
    return p;
}

static void close_kit(struct h5_kit *k)
{
    H5Sclose(k->one);
    H5Tclose(k->name);
    H5Tclose(k->text);
    H5Tclose(k->users);
    H5Tclose(k->owner);
    H5Pclose(k->group);
    H5Pclose(k->plain);
    H5Pclose(k->small);
    H5Pclose(k->transfer);
}

static bool open_kit(struct h5_kit *k)
{
    *k = (struct h5_kit){.one = H5Screate(H5S_SCALAR),
                         .name = h5_text_of(1),
                         .text = h5_text_of(H5T_VARIABLE),
                         .users = H5Tvlen_create(H5T_STD_REF_OBJ),
                         .owner = H5Tcreate(H5T_COMPOUND, sizeof(struct h5_user)),
                         .group = H5Pcreate(H5P_GROUP_CREATE),
                         .plain = storage(H5D_CONTIGUOUS),
                         .small = storage(H5D_COMPACT),
                         .transfer = H5Pcreate(H5P_DATASET_XFER)};
    return k->one >= 0 && k->name >= 0 && k->text >= 0 && k->users >= 0 && k->owner >= 0 && k->plain >= 0 &&
           k->small >= 0 && k->group >= 0 && k->transfer >= 0 && H5Pset_buffer(k->transfer, TEXT_BYTES, NULL, NULL) >= 0 &&
           H5Pset_obj_track_times(k->group, 0) >= 0 &&
           H5Pset_link_creation_order(k->group, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0 &&
           H5Pset_attr_creation_order(k->group, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0 &&
           H5Pset_link_phase_change(k->group, LINKS_IN_HEADER, 0) >= 0 &&
           H5Pset_est_link_info(k->group, LINKS_IN_HEADER, 16) >= 0 &&
           H5Pset_attr_phase_change(k->group, LINKS_IN_HEADER, 0) >= 0 &&
           H5Tinsert(k->owner, "dataset", offsetof(struct h5_user, ref), H5T_STD_REF_OBJ) >= 0 &&
           H5Tinsert(k->owner, "dimension", offsetof(struct h5_user, dim), H5T_NATIVE_INT) >= 0;
}

void h5_create(struct h5 *h, const char *file)
{
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS), fcpl = H5Pcreate(H5P_FILE_CREATE);
    h->file = -1;
    if (fapl >= 0 && fcpl >= 0 && H5Pset_libver_bounds(fapl, H5F_LIBVER_V18, H5F_LIBVER_LATEST) >= 0 &&
        H5Pset_fclose_degree(fapl, H5F_CLOSE_STRONG) >= 0 && H5Pset_obj_track_times(fcpl, 0) >= 0 &&
        H5Pset_sieve_buf_size(fapl, SIEVE_BYTES) >= 0 && H5Pset_meta_block_size(fapl, META_BYTES) >= 0 &&
        H5Pset_link_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0 &&
        H5Pset_attr_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0 && open_kit(&h->kit)) {
        h->file = H5Fcreate(file, H5F_ACC_EXCL, fcpl, fapl);
    }
    if (h->file < 0) {
        h5_fail(h, "cannot create the file");
        close_kit(&h->kit);
    }
    H5Pclose(fcpl);
    H5Pclose(fapl);
}

static herr_t note_resources(unsigned n, const H5E_error2_t *seen, void *into)
{
    (void)n;
    *(bool *)into |= seen->maj_num == H5E_RESOURCE || seen->min_num == H5E_NOSPACE || seen->min_num == H5E_CANTALLOC ||
                     (seen->desc && strstr(seen->desc, system_says));
    return 0;
}

/* HDF5 does not open the file: by what is in it, unless memory or the system failed. */
static void refuse_file(struct h5 *h)
{
    char why[512];
    bool resources = H5Eget_num(H5E_DEFAULT) <= 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_resources, &resources);
    if (resources) {
        h5_fail(h, "cannot open the file as HDF5");
    } else {
        reason(why);
        h5_wrong(h, "cannot open the file as HDF5 (%s), wanted a whole one that Tiersim wrote", why);
    }
}

void h5_open(struct h5 *h, const char *file)
{
    struct err unopened = {0};
    int fd;
    h->file = -1;
    if (file_open(file, &fd, NULL, &unopened) != 0) {
        h5_wrong(h, "%s", unopened.text);
        return;
    }
    close(fd);
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    if (fapl >= 0 && H5Pset_fclose_degree(fapl, H5F_CLOSE_STRONG) >= 0) {
        h->file = H5Fopen(file, H5F_ACC_RDONLY, fapl);
    }
    if (h->file < 0) {
        refuse_file(h);
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
        close_kit(&h->kit);
    }
    if (H5Fclose(h->file) < 0) {
        h5_fail(h, "cannot close the file");
    }
    h->file = -1;
}

hid_t h5_file_type(enum h5_kind kind)
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
