/* SPDX-License-Identifier: GPL-3.0-or-later */
/* results_impl.h - a result file while it is being made; for results_*.c alone. */
#ifndef SIM_IO_RESULTS_IMPL_H
#define SIM_IO_RESULTS_IMPL_H

#include "sim/base/names.h"
#include "sim/io/layout.h"
#include "sim/io/parts.h"
#include "sim/io/results.h"
#include "sim/io/sketch_pack.h"

enum { TEXT_MAX = sizeof((struct record *)0)->text };

/* Rows of one replication while they come: in a file of their own, or straight into the whole one. */
struct table {
    bool open;
    struct h5 own; /* file < 0: straight */
    struct h5_group group;
    hsize_t n, chunk;
    hid_t column[N_ROW_COLUMN];
};

/* Words that wait to become a part. */
struct pending {
    uint64_t *word;
    size_t n, room;
    double since_s; /* when the first of them came */
};

/* Answers of language models, each request once. */
struct told {
    struct arena arena;
    struct names key; /* "MODEL HASH" */
    struct text_entry *entry; /* [n] as they came */
    size_t n, room;
};

struct results {
    struct parts parts;
    struct h5 *h5;   /* the file that is being written: the whole one, or an index */
    struct h5 whole; /* file < 0: not begun */
    const char *whole_file;
    const struct scenario *scenario;
    const struct provenance *provenance; /* for the index */
    const uint8_t *reference; /* [n_policy], or NULL */
    uint64_t tie_seed;
    uint64_t *trace_digest; /* [n_trace] */
    char *path;
    size_t n_cell, n_done; /* policies times replications; those with a record */
    bool fresh;            /* the folder of parts holds nothing of an earlier process */
    bool finished;         /* resumed: the file at path is this run's already */
    hsize_t length[N_AXIS];
    uint64_t **stage[N_PART]; /* [part][field][cell][row]: a double's bits, or a whole number; NULL until one is kept */
    uint8_t *status;          /* [n_cell] */
    char (*text)[TEXT_MAX];   /* [n_cell] */
    double *wall_s;           /* [n_cell] */
    struct sketch_pack *sketch; /* [n_cell] */
    struct tallies *own;        /* [n_cell] what policies reported of themselves */
    struct table *table;        /* [n_cell] */
    uint64_t *n_row;            /* [n_cell] in the file of rows; 0: none, or in the whole file already */
    size_t straight;            /* cell whose rows stand in the whole file alone: no part; SIZE_MAX: none */
    size_t next_rows;           /* cell whose rows are to be copied next */
    struct row_block *block;    /* for copying */
    uint32_t *pool_first_member, *link_first_member;
    struct pending pending;
    struct told told;             /* of all cells */
    const struct record *taking;  /* the record that is being taken, or NULL */
    bool index_there, index_old;      /* at path; something was kept since */
    double index_cost_s, index_end_s; /* of the last one */
};

/* Seconds of a clock that only goes forward. */
double results_now_s(void);
/* Room for one part of the layout, all cells not yet run. */
int results_stage_part(struct results *r, unsigned part, struct err *e);
/* The kept numbers of a cell as a block of pending words; and all blocks of a part file into cells that are empty. */
int results_pack(struct results *r, size_t cell, struct err *e);
int results_unpack(void *results, const uint64_t *word, size_t n, struct err *e);

/* Name of the file of rows of a cell, in the arena of the parts. */
const char *results_rows_file(struct results *r, size_t cell);
int results_append(struct results *r, size_t cell, const struct row_block *b, struct err *e);
/* End the rows of a cell if it has any; or forget them, after an error. */
int results_close_table(struct results *r, size_t cell, struct err *e);
void results_drop_table(struct results *r, size_t cell);
/* In an index, refer to the files of rows. */
void results_refer_to_rows(struct results *r);
/* Copy rows into the whole file, in the order of the run list, as far as they are there. */
int results_copy_rows(struct results *r, struct err *e);
/* Begin the whole file if it is not. */
int results_begin_whole(struct results *r, struct err *e);
/* Put all that is kept into r->h5; index: rows stay in their files. */
void results_write_file(struct results *r, const struct provenance *p, bool index, struct arena *a);

/* Answers of language models: add one (copied) unless it is there; as words of a part; into the file. */
int results_told_add(struct told *t, const struct text_entry *entry, struct err *e);
size_t results_told_words(const struct text_entry *const *told, size_t n);
uint64_t *results_told_pack(const struct text_entry *const *told, size_t n, uint64_t *w);
int results_told_unpack(struct told *t, const uint64_t *w, size_t n, struct err *e);
void results_write_told(struct results *r, struct arena *a);
void results_told_clear(struct told *t);
/* Who answered each policy: "a, b", or "" if nobody was asked; [n_policy], NULL without memory. */
const char *const *results_answerers(const struct results *r, struct arena *a);

/* Close what is open, free all; the parts are closed already. */
void results_free(struct results *r);

#endif
