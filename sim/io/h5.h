/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * h5.h - the little of HDF5 that result files need, so that they are valid netCDF-4 too: groups and datasets in order
 * of creation and without times, dimension scales, attributes as UTF-8 text of fixed length.
 *
 * Errors stick: the first one fills h->e, sets h->failed, and from then on every call does nothing, so that a long
 * list of writes needs one test at its end.  A group carries the scales of its own datasets, so that it opens alone
 * (xarray.open_dataset(file, group="summary")).
 */
#ifndef SIM_IO_H5_H
#define SIM_IO_H5_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"

/* What many datasets of a file are made with, made once: libhdf5 takes its time over each. */
struct h5_kit {
    hid_t one;          /* the space of a single value */
    hid_t name, text;   /* types: text of a length that is set before each use, of any length */
    hid_t users, owner; /* types of DIMENSION_LIST and REFERENCE_LIST, see h5_write.c */
    hid_t group;        /* property lists */
    hid_t plain, small; /* datasets in one piece, within their header */
    hid_t transfer;
};

struct h5 {
    hid_t file;       /* < 0: none */
    const char *path; /* as the user knows it, for messages */
    struct err *e;    /* of the call under way */
    bool failed;
    enum err_code code; /* of the first failure */
    struct h5_kit kit;  /* of a file that is written */
};

enum h5_kind { H5_F64, H5_U64, H5_U32, H5_U16, H5_U8, H5_F32, H5_I32, H5_TEXT }; /* TEXT: const char * in memory */

enum { H5_MAX_DIM = 5 };

/* A dimension and its coordinates. */
struct h5_dim {
    const char *name, *unit, *about;
    enum h5_kind kind;
    hsize_t n;
    const void *value; /* [n] */
};

struct h5_array {
    const char *name, *unit, *about; /* unit "" = none is written (text) */
    enum h5_kind kind;
    unsigned n_dim;
    const struct h5_dim *dim[H5_MAX_DIM];
    const void *value; /* row major */
};

/* A dimension of a group, and who has it. */
struct h5_scale {
    const char *name;
    hid_t data;
    hobj_ref_t ref;
    size_t n_user, room;
    struct h5_user {
        hobj_ref_t ref;
        int dim;
    } *user;
};

/* A group while it is written. */
enum { H5_MAX_SCALE = 8 };
struct h5_group {
    hid_t id; /* < 0: none */
    unsigned n_scale;
    struct h5_scale scale[H5_MAX_SCALE];
};

/* HDF5 prints no errors between the two; what the process had set before is put back. */
struct h5_quiet {
    H5E_auto2_t func;
    void *data;
};
struct h5_quiet h5_quiet_begin(void);
void h5_quiet_end(struct h5_quiet q);

/* A message for what HDF5 has just refused, with its innermost reason: ERR_IO.  Returns the code. */
int h5_fail(struct h5 *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The file is not what it should be: ERR_INPUT. */
int h5_wrong(struct h5 *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* ERR_MEMORY; say "no memory for ...". */
int h5_no_memory(struct h5 *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The type of texts of so many bytes, or of any length (H5T_VARIABLE), in UTF-8; < 0 if HDF5 refuses. */
hid_t h5_text_of(size_t length);

/* 0, or the code of the first failure. */
int h5_status(const struct h5 *h);

/* A new file that must not exist yet; an existing one to be read, which fails by ERR_INPUT where it is no whole HDF5 file.
 * h->path and h->e are set before. */
void h5_create(struct h5 *h, const char *file);
void h5_open(struct h5 *h, const char *file);
/* Close the file with all that is still open in it; after a failure what was not yet written is thrown away. */
void h5_close(struct h5 *h);

hid_t h5_memory_type(enum h5_kind kind);
hid_t h5_file_type(enum h5_kind kind);
/*
 * Group of that name below parent ("." = parent itself), made if it is not there.  It is written from begin to end once:
 * h5_end_group says in its dimensions who has them.
 */
void h5_begin_group(struct h5 *h, struct h5_group *g, hid_t parent, const char *name);
void h5_end_group(struct h5 *h, struct h5_group *g);
void h5_write_text(struct h5 *h, hid_t object, const char *name, const char *value);
void h5_write_number(struct h5 *h, hid_t object, const char *name, double value);
void h5_write_whole(struct h5 *h, hid_t object, const char *name, uint64_t value);
/* A dataset with its scales; big ones are compressed. */
void h5_write_array(struct h5 *h, struct h5_group *g, const struct h5_array *a);
/* A compressed column whose dimension `row` has no coordinates; all those of a group are of one length. */
void h5_write_table(struct h5 *h, struct h5_group *g, const char *name, const char *unit, const char *about,
                    enum h5_kind kind, hsize_t n, const void *value);
/* A single text as a dataset. */
void h5_write_note(struct h5 *h, struct h5_group *g, const char *name, const char *about, const char *text);

/*
 * A growing column: rows are appended in blocks of chunk rows; a whole chunk goes to the file without passing HDF5's
 * buffers.  The dimension has a name and no coordinates.
 */
hid_t h5_make_column(struct h5 *h, struct h5_group *g, const char *name, const char *unit, const char *about,
                     enum h5_kind kind, hsize_t chunk);
void h5_append(struct h5 *h, hid_t column, enum h5_kind kind, hsize_t at, hsize_t n, hsize_t chunk, const void *value);
/* Bind the columns of a group, all of n rows, to a dimension of that name, and close them. */
void h5_bind_columns(struct h5 *h, struct h5_group *g, const char *dim, hsize_t n, unsigned n_column,
                     const hid_t *column);

/* A column of n rows that stands in another file, in its root and under the same name; file: as seen from this one. */
void h5_write_virtual(struct h5 *h, struct h5_group *g, const char *name, const char *unit, const char *about,
                      enum h5_kind kind, hsize_t n, const char *file);

/* Reading.  A group or dataset that is not there is an error; h5_has says whether it is. */
bool h5_has(struct h5 *h, hid_t group, const char *name);
hid_t h5_open_group(struct h5 *h, hid_t parent, const char *name);
/* Length of a one-dimensional dataset, at most max. */
hsize_t h5_read_length(struct h5 *h, hid_t group, const char *name, hsize_t max);
/*
 * The whole of a dataset, whose shape must be this, into value; numbers are converted to kind (F64 or an unsigned
 * one).
 */
void h5_read_array(struct h5 *h, hid_t group, const char *name, enum h5_kind kind, unsigned n_dim, const hsize_t *shape,
                   void *value);
/* At most n rows from row `from` on of a column; returns how many there were. */
hsize_t h5_read_part(struct h5 *h, hid_t group, const char *name, enum h5_kind kind, hsize_t from, hsize_t n,
                     void *value);
/* All texts of a one-dimensional (or single) dataset, copied into the arena: [n].  The count must be n. */
const char *const *h5_read_texts(struct h5 *h, hid_t group, const char *name, hsize_t n, struct arena *a);
const char *h5_read_text(struct h5 *h, hid_t object, const char *name, struct arena *a);
double h5_read_number(struct h5 *h, hid_t object, const char *name);
uint64_t h5_read_whole(struct h5 *h, hid_t object, const char *name);

#endif
