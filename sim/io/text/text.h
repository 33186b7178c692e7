/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text.h - the language models of a scenario, ready to be asked, and what one replication asks them.
 *
 * What comes from outside is kept: a session notes which entries of the book (book.h) it was told, its record carries them
 * to the result file, and `tiersim verify` asks these entries in the place of any server.  The rules are computed anew
 * instead: they are part of the program.
 */
#ifndef SIM_IO_TEXT_TEXT_H
#define SIM_IO_TEXT_TEXT_H

#include "sim/io/text/book.h"
#include "sim/measure/record.h"
#include "sim/model/scenario.h"
#include "sim/policy/text.h"

struct err;
struct http;
struct text_models;

/* What is told again instead of asking. */
struct text_replay {
    const struct text_entry *entry; /* [n] */
    size_t n;
    const char *from; /* the file, for messages */
};

/*
 * The models of a scenario, which must live as long.  replay: NULL, or a run that is repeated: then nobody is asked and no
 * recording looked at.  ERR_MEMORY.
 */
int text_open(struct text_models **t, const struct scenario *s, const struct text_replay *replay, struct err *e);
void text_close(struct text_models *t);
/*
 * Before anybody asks: make ready the model that a policy may ask, by reading its recording, looking for its key, and so on;
 * again, it does nothing.  Any thread may.  ERR_INPUT: a recording is wrong, an environment variable holds no key; ERR_IO,
 * ERR_MEMORY.
 */
int text_prepare(struct text_models *t, const struct policy_spec *policy, struct err *e);
/* Take in what an earlier process of the same run was told. */
int text_remember(struct text_models *t, const struct text_entry *entry, size_t n, struct err *e);
/* Would the policy ask somebody who is not part of the program? */
bool text_is_outside(const struct scenario *s, const struct policy_spec *policy);

struct text_session {
    struct text_service service; /* for the driver of the run */
    struct text_models *models;
    const struct text_model *model;
    uint32_t row; /* of the model */
    struct http *http;
    struct text_counts counts;
    const struct text_entry **told; /* [n_told] */
    size_t n_told, room;
};

/* t NULL: nobody can be asked. */
void text_begin(struct text_session *s, struct text_models *t, const struct policy_spec *policy);
/* Give what was asked to the record (NULL: to nobody), whose entries live as long as the models.  ERR_MEMORY. */
int text_end(struct text_session *s, struct record *r, struct err *e);

#endif
