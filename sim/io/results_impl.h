/* SPDX-License-Identifier: GPL-3.0-or-later */
/* results_impl.h - a result file while it is being written; for results_write.c and results_commit.c alone. */
#ifndef SIM_IO_RESULTS_IMPL_H
#define SIM_IO_RESULTS_IMPL_H

#include "sim/io/layout.h"
#include "sim/io/results.h"
#include "sim/io/sketch_pack.h"

enum { TEXT_MAX = sizeof((struct record *)0)->text };

/* Rows of one replication while they come. */
struct table {
    struct h5_group group; /* id < 0: not begun */
    hsize_t n;
    hid_t column[N_ROW_COLUMN];
};

struct results {
    struct h5 h5;
    const struct scenario *scenario;
    char *path, *temporary;
    size_t n_cell; /* policies times replications */
    hsize_t length[N_AXIS];
    uint64_t **stage[N_PART]; /* [part][field][cell][row]: a double's bits, or a whole number; NULL until one is kept */
    uint8_t *status;          /* [n_cell] */
    char (*text)[TEXT_MAX];   /* [n_cell] */
    double *wall_s;           /* [n_cell] */
    struct sketch_pack *sketch; /* [n_cell] */
    struct table *table;        /* [n_cell] */
    uint32_t *pool_first_member, *link_first_member;
};

/* End the rows of a cell if it has any. */
void results_close_table(struct results *r, size_t cell);
/* Free the memory; the file is closed already. */
void results_free(struct results *r);

#endif
