/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_h5.c - a result file whose objects are of other types and shapes, or missing, or hold other numbers.  The input is
 * a list of changes, eight bytes each, to a sound file; what libhdf5 takes as a file is ours to read without a fault.  The
 * bytes of the file are never touched: that would test libhdf5.  fuzz: max_len 64
 */
#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/h5.h"
#include "sim/io/result_rows.h"
#include "sim/io/results.h"
#include "tests/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_OBJECT = 1000, NAME = 200, N_POLICY = 2, N_REPLICATION = 2 };

static struct {
    char *bytes; /* of the sound file */
    size_t n;
    unsigned n_object;
    char object[MAX_OBJECT][NAME];
} sound;

static herr_t note(hid_t group, const char *name, const H5L_info_t *info, void *ctx)
{
    (void)group, (void)info, (void)ctx;
    if (sound.n_object < MAX_OBJECT) {
        snprintf(sound.object[sound.n_object++], NAME, "/%s", name);
    }
    return 0;
}

static void make_sound(void)
{
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    struct results_options o = {.rows = true};
    struct provenance p = {0};
    struct results *r;
    struct err e = {0};
    char path[] = "/tmp/tiersim-fuzz-XXXXXX", file[64];
    struct row_block *b = calloc(1, sizeof *b);
    if (!b || !mkdtemp(path)) {
        abort();
    }
    snprintf(file, sizeof file, "%s/x.h5", path);
    if (results_begin(&r, file, &s, &o, &e) < 0) {
        abort();
    }
    b->n = 10;
    for (uint32_t cell = 0; cell < N_POLICY * N_REPLICATION; cell++) {
        struct record rec = sample_record(&s, cell / N_REPLICATION, cell % N_REPLICATION);
        results_rows(r, rec.policy, rec.replication, b, &e);
        results_record(r, &rec, &e);
        record_clear(&rec);
    }
    FILE *f = results_commit(r, &p, &e) == 0 ? fopen(file, "rb") : NULL;
    if (!f || fseek(f, 0, SEEK_END) != 0 || !(sound.bytes = malloc(sound.n = (size_t)ftell(f)))) {
        abort();
    }
    rewind(f);
    sound.n = fread(sound.bytes, 1, sound.n, f);
    fclose(f);
    unlink(file);
    rmdir(path);
    free(b);
    hid_t h = H5LTopen_file_image(sound.bytes, sound.n, H5LT_FILE_IMAGE_OPEN_RW);
    H5Lvisit(h, H5_INDEX_NAME, H5_ITER_INC, note, NULL);
    H5Fclose(h);
}

/* A type of that number; the caller closes it. */
static hid_t type_of(uint8_t which)
{
    const hid_t plain[] = {H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_STD_U64LE, H5T_STD_I8LE, H5T_STD_I32BE,
                           H5T_STD_B16LE,  H5T_STD_REF_OBJ, H5T_UNIX_D32LE};
    const hsize_t n = 3;
    hid_t t;
    switch (which % 16) {
    case 8:
        t = H5Tcopy(H5T_C_S1);
        H5Tset_size(t, 5);
        return t;
    case 9:
        t = H5Tcopy(H5T_C_S1);
        H5Tset_size(t, H5T_VARIABLE);
        return t;
    case 10:
        t = H5Tcopy(H5T_C_S1);
        H5Tset_size(t, H5T_VARIABLE);
        H5Tset_cset(t, H5T_CSET_UTF8);
        return t;
    case 11:
        return H5Tvlen_create(H5T_STD_U8LE);
    case 12:
        return H5Tarray_create2(H5T_STD_U32LE, 1, &n);
    case 13:
        t = H5Tcreate(H5T_COMPOUND, 16);
        H5Tinsert(t, "a", 0, H5T_IEEE_F64LE);
        H5Tinsert(t, "b", 8, H5T_STD_U64LE);
        return t;
    case 14:
        return H5Tenum_create(H5T_STD_U8LE);
    case 15:
        return H5Tcreate(H5T_OPAQUE, 7);
    default:
        return H5Tcopy(plain[which % 8]);
    }
}

static hid_t space_of(uint8_t rank, const uint8_t *dim)
{
    static const hsize_t length[] = {2, 1, 3, 0, 5, 64, 4, (hsize_t)1 << 40};
    hsize_t shape[6];
    for (unsigned d = 0; d < 6; d++) {
        shape[d] = length[dim[d % 2] >> (d < 2 ? 0 : 3) & 7];
    }
    return rank % 8 == 7 ? H5Screate(H5S_NULL) : rank % 8 == 0 ? H5Screate(H5S_SCALAR)
                                                               : H5Screate_simple(rank % 8 < 6 ? rank % 8 : 6, shape, NULL);
}

static void replace_dataset(hid_t f, const char *name, const uint8_t *b)
{
    H5Ldelete(f, name, H5P_DEFAULT);
    hid_t t = type_of(b[3]), s = space_of(b[4], b + 5), d = H5Dcreate2(f, name, t, s, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dclose(d);
    H5Sclose(s);
    H5Tclose(t);
}

/* The attribute of that number of an object: removed, and put back as something else. */
static void replace_attribute(hid_t f, const char *name, const uint8_t *b, bool back)
{
    char attribute[NAME] = "";
    hid_t o = H5Oopen(f, name, H5P_DEFAULT);
    ssize_t n = H5Aget_name_by_idx(o, ".", H5_INDEX_NAME, H5_ITER_INC, b[7], attribute, sizeof attribute, H5P_DEFAULT);
    if (n > 0) {
        H5Adelete(o, attribute);
    }
    if (n > 0 && back) {
        hid_t t = type_of(b[3]), s = space_of(b[4] % 8 < 3 ? b[4] : 0, b + 5);
        if (H5Sget_simple_extent_npoints(s) < 100) {
            H5Aclose(H5Acreate2(o, attribute, t, s, H5P_DEFAULT, H5P_DEFAULT));
        }
        H5Sclose(s);
        H5Tclose(t);
    }
    H5Oclose(o);
}

/* Another number at one place of a dataset. */
static void put_number(hid_t f, const char *name, const uint8_t *b)
{
    static const double value[] = {-1, 0, 1, 2, 63, 64, 65535, 1e9, 1e18, 1.7e19, 1e308, -1e308};
    hid_t d = H5Dopen2(f, name, H5P_DEFAULT), s = H5Dget_space(d), t = H5Dget_type(d);
    hssize_t n = H5Sget_simple_extent_npoints(s);
    if (n > 0 && n < 100000 && (H5Tget_class(t) == H5T_FLOAT || H5Tget_class(t) == H5T_INTEGER)) {
        double *x = calloc((size_t)n, sizeof *x);
        if (x && H5Dread(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0) {
            x[((unsigned)b[4] << 8 | b[5]) % (unsigned)n] = value[b[3] % (sizeof value / sizeof value[0])];
            H5Dwrite(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x);
        }
        free(x);
    }
    H5Tclose(t);
    H5Sclose(s);
    H5Dclose(d);
}

static void change(hid_t f, const uint8_t *b)
{
    const char *name = sound.object[((unsigned)b[1] << 8 | b[2]) % sound.n_object];
    const char *other = sound.object[((unsigned)b[3] << 8 | b[4]) % sound.n_object];
    switch (b[0] % 8) {
    case 0:
        H5Ldelete(f, name, H5P_DEFAULT);
        break;
    case 1:
    case 2:
        replace_dataset(f, name, b);
        break;
    case 3:
        replace_attribute(f, b[6] & 1 ? "/" : name, b, false);
        break;
    case 4:
        replace_attribute(f, b[6] & 1 ? "/" : name, b, true);
        break;
    case 5:
        H5Ldelete(f, name, H5P_DEFAULT);
        H5Gclose(H5Gcreate2(f, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        break;
    case 6:
        H5Ldelete(f, name, H5P_DEFAULT);
        H5Lcreate_hard(f, other, f, name, H5P_DEFAULT, H5P_DEFAULT);
        break;
    default:
        put_number(f, name, b);
    }
}

static void read_all(const char *path)
{
    struct result r;
    struct err e = {0};
    struct row_block *b = calloc(1, sizeof *b);
    int rc = result_read(&r, path, &e);
    if (!b || (rc < 0) != (e.text[0] != 0)) {
        abort(); /* an error without a word, or a word without an error */
    }
    for (uint32_t i = 0; rc == 0 && r.has_rows && i < r.n_policy * r.n_replication && i < 4; i++) {
        struct err rows = {0};
        result_read_rows(&r, i / r.n_replication, i % r.n_replication, 0, b, &rows);
    }
    result_free(&r);
    free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct h5_quiet q = h5_quiet_begin();
    if (!sound.bytes) {
        make_sound();
    }
    char path[] = "/tmp/tiersim-fuzz-XXXXXX"; /* libhdf5 wants to know a file's real path, and memory has none */
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, sound.bytes, sound.n) != (ssize_t)sound.n) {
        abort();
    }
    close(fd);
    hid_t f = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    for (size_t i = 0; i + 8 <= size; i += 8) {
        change(f, data + i);
    }
    H5Fclose(f);
    read_all(path);
    unlink(path);
    h5_quiet_end(q);
    return 0;
}
