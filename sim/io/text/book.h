/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * book.h - what was asked of a language model and what came back, by the SHA-256 of the request.  A request is put once: who
 * asks the same at the same time waits for the first, who asks it later is told the same answer and charged the same time.  So
 * asking is a function, and a run that asked can be repeated from its book alone.
 *
 * An entry never moves or changes once it is there.  Of a recording in a file each line is one entry as a JSON object; a last
 * line that was cut off is passed over.
 */
#ifndef SIM_IO_TEXT_BOOK_H
#define SIM_IO_TEXT_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/sha256.h"

struct err;

struct text_entry {
    char hash[SHA256_TEXT]; /* of the request, hexadecimal */
    uint32_t model;         /* row of the scenario's language models */
    uint32_t status;        /* enum ts_saying */
    double think_s, tokens_in, tokens_out;
    const char *answer; /* as it was used: JSON of numbers, or text; "" if there is none */
    const char *by;     /* the model's name, as who answered says it; "" if nobody did */
    const char *prompt; /* the prompt, or "" if it is not kept */
    const char *of;     /* name of the model's row, where it comes from a result file; else NULL */
};

struct book;

int book_open(struct book **b, struct err *e);
void book_close(struct book *b);

/* Take in an entry (copied) unless one of its model and hash is there.  NULL: out of memory. */
const struct text_entry *book_add(struct book *b, const struct text_entry *entry);
/*
 * Read a recording; all its entries are of that row, and charge is called for each before it is kept.  ERR_INPUT: it cannot be
 * read, or a line is none.  Of two lines for one request the later one holds; only_fine: what got no answer is left out, to
 * be asked again.
 */
int book_read(struct book *b, const char *path, uint32_t model, void (*charge)(const void *ctx, struct text_entry *entry),
              const void *ctx, bool only_fine, struct err *e);
/*
 * Append to this recording whatever is settled from now on of that row.  ERR_IO: it cannot be written, or another process
 * does.
 */
int book_record(struct book *b, const char *path, uint32_t model, struct err *e);

/*
 * Look up a request: its entry, or NULL after *mine is set; then the caller finds the answer and settles it, and who asks the
 * same waits until then.  claim false: NULL only says that it is not there.
 */
const struct text_entry *book_find(struct book *b, uint32_t model, const char *hash, bool claim, bool *mine);
/* The entry of a claimed request (copied), or with NULL that it is given up; the entry that is there then.  ERR_IO, ERR_MEMORY. */
int book_settle(struct book *b, uint32_t model, const char *hash, const struct text_entry *entry,
                const struct text_entry **there, struct err *e);

#endif
