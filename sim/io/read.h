/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read.h - from a mapping of the scenario file to a struct, by a table of its keys.  A row says what a key is called,
 * what may stand there, what holds if it is left out, and where it goes: the one place from which values are parsed,
 * wrong and missing keys told, and the language is described to its users.
 *
 * Keys are read in the order of the table, whatever their order in the file, so that a later row can use what an
 * earlier one found.
 */
#ifndef SIM_IO_READ_H
#define SIM_IO_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/names.h"
#include "sim/base/quantity.h"
#include "sim/io/yaml.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"

enum value_type {
    VALUE_QUANTITY, /* double */
    VALUE_WHOLE,    /* uint32_t */
    VALUE_WHOLE64,  /* uint64_t */
    VALUE_FLAG,     /* bool */
    VALUE_WORD,     /* an enum: the number of the word in the list */
    VALUE_NAME,     /* const char *: letters, digits, _ and - */
    VALUE_TEXT,     /* const char * */
    VALUE_ROW,      /* uint32_t: row of a name among those declared */
    VALUE_MAP,      /* a struct, by a table of its own */
    VALUE_NODE,     /* const struct yaml_node *: read later */
    VALUE_READ,     /* what a function of its own makes of it */
    VALUE_ANY,      /* nothing is read */
};

/* The dimension that the place of a distribution or process has: reader.dimension. */
#define DIM_PLACE N_DIMENSION

struct reader;
struct table;

struct key {
    const char *name, *about;
    enum value_type type;
    size_t offset; /* of the field */
    bool required;
    bool choice;           /* one of several keys of which exactly one must be there */
    int tag;               /* choice: what to put into the table's tag field */
    const char *otherwise; /* what holds if the key is left out: a value as it would be written, which is then read */
    const char *derived;   /* the same in words, where it is worked out elsewhere */
    enum dimension dimension;
    bool of_numbers;           /* READ: the place that it makes is one of numbers, which dimension alone does not say */
    double min, max;           /* in SI; both 0: from 0 on */
    bool above, below;         /* min, max are not in the range */
    bool automatic;            /* QUANTITY: the word auto is allowed: NAN */
    bool unlimited;            /* the word is allowed: INFINITY, or 0 for whole numbers */
    const char *const *word;   /* WORD: ends with NULL */
    size_t names;              /* ROW: offset of the struct names in struct reader */
    const char *noun;          /* ROW: what they are names of */
    const struct table *table; /* a mapping by this table: of MAP the value, of READ and NODE one that may stand there;
                                  of QUANTITY unsure_table: it may be written with its uncertainty */
    const char *wanted;        /* READ: "a time such as 20 ms, or a distribution" */
    /* READ and NODE: what else may stand there; the reference, the schema and `explain` go by it. */
    const struct key *scalar;          /* a scalar of this kind */
    const struct key *item;            /* a list of these; of names, each once */
    const struct key *pair;            /* [2]: a list of two, of these kinds */
    const struct key *each;            /* a mapping of names to these */
    bool partial;                      /* each: required keys may be left out, and a null takes away what is there */
    bool sourced;                      /* and `source: TEXT` among them */
    uint32_t least, most;              /* how many of them; most 0: any number */
    const char *(*word_at)(size_t i);  /* one of these words; behind the last NULL */
    int (*read)(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
};

struct table {
    const char *title; /* heading in the reference, of tables that one can come to from the top */
    const struct key *key;
    size_t n;
    const struct table *more; /* further keys, as if they stood here too: their fields and tags start at these */
    size_t more_offset;
    int more_tag;
    bool open;          /* other keys are names of the user's and no concern of the table */
    const struct key *each; /* open: what stands there, NULL: anything */
    size_t tag_offset;  /* choice: of an int */
    const char *choice; /* "one of poisson, periodic, ...", where there are choices */
    /* What holds between the keys, and what follows from them; called if all of them were right. */
    int (*after)(struct reader *r, const struct yaml_node *n, void *out);
};

enum { PATH_ROOM = 1024, TABLE_KEYS = 32, STREAM_MEMBERS = 10000000 };

#define HORIZON_S 0x1p25 /* SEMANTICS 3.1 */

struct reader {
    struct scenario *s;
    struct yaml *y;
    struct errors *errs;
    const struct policy_set *policies; /* NULL: not checked */
    const char *folder; /* of the scenario file: "" or with a slash */
    bool without_tables; /* see scenario_source */
    struct names tier, group, kind, model;
    struct read_files *files;    /* what was read */
    const struct stream_key *sampled; /* values that are not known exactly are drawn for this replication; NULL: as written */
    enum dimension dimension;
    const struct yaml_node *workload;    /* that is being read */
    const struct series *workload_trace; /* its own */
    bool workload_trace_failed;
    uint32_t n_pool;      /* read so far */
    char path[PATH_ROOM]; /* of what is being read, such as nodes.edge.count */
    size_t path_n;
};

/* Tell what is wrong at a place, under the path where the reader stands; returns -ERR_INPUT. */
int read_fault(struct reader *r, struct yaml_place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same for an error another module reported about what stands there. */
int read_fault_err(struct reader *r, struct yaml_place at, const struct err *e);
int read_out_of_memory(struct reader *r);

/* Go to a key, or to item i, of what is being read; read_leave with what was returned goes back. */
size_t read_enter(struct reader *r, const char *key);
size_t read_enter_item(struct reader *r, uint32_t i);
void read_leave(struct reader *r, size_t mark);

/* Fill the struct at out from mapping n.  0, or -code with all that is wrong told. */
int read_table(struct reader *r, const struct table *t, const struct yaml_node *n, void *out);
/* Are all keys of a mapping, and of the mappings in it, keys of the table?  Values are not looked at, and none is missed. */
int read_check_keys(struct reader *r, const struct table *t, const struct yaml_node *n);
/* Keys of a table and of those it goes on with; key i of them, and what is added to its offset and tag. */
size_t read_key_count(const struct table *t);
const struct key *read_key_at(const struct table *t, size_t i, size_t *offset, int *tag);
/* The greatest value in the range of a key; INFINITY if there is none. */
double read_largest(const struct key *k);
/* Names that read_name refuses because some readers of YAML take them for something else, in small letters; ends with NULL. */
extern const char *const read_misread[];
enum { NAME_LENGTH = 63 };

int read_value(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
/* A mapping {value, cv} where a quantity may stand: the value, or drawn about it if reader.sampled. */
extern const struct table unsure_table;
int read_unsure(struct reader *r, const struct key *k, const struct yaml_node *n, double *si);
/* Factor of mean 1 by which what stands at a path differs in the replication; 1 unless reader.sampled. */
int read_factor(struct reader *r, const char *path, double cv, double *factor);
/* That it is a list of 1 to max items. */
int read_list(struct reader *r, const struct yaml_node *n, const char *wanted, uint32_t max);
/* Quantity in a scalar, checked against the range of the key. */
int read_quantity(struct reader *r, const struct key *k, const struct yaml_node *n, double *si);
/* `source: TEXT`, which says where figures come from, may stand in any mapping of a table: is it that; is it text. */
bool read_is_source(const struct yaml_pair *pair);
int read_source(struct reader *r, const struct yaml_pair *pair);
/* Row of a name among those declared, or an error that says which there are. */
int read_row(struct reader *r, const struct names *names, const char *noun, const struct yaml_node *n, uint32_t *row);
/* Names as bits of their rows: one name or a list of them. */
int read_mask(struct reader *r, const struct names *names, const char *noun, const struct yaml_node *n, uint64_t *mask);
/* A name that a user gives to something: is it one; or an error that says why not. */
bool read_is_name(const char *name);
int read_name(struct reader *r, const char *name, struct yaml_place at);
/* A mapping of names to things, one or more and at most max; n_thing of them. */
int read_named(struct reader *r, const struct yaml_node *n, const char *noun, uint32_t max);

/* Keys that others point to: a name; text.  The key `source`, which may stand in any mapping of a table. */
extern const struct key read_name_key, read_text_key, read_source_key;

/* A parameter of a policy in SI units: a number, a quantity of any dimension, true or false; NAN: something else. */
double read_param_value(const char *text);
/*
 * The path as the program opens it: ${TIERSIM_DATA} stands for the folder of the environment's variable of that name,
 * and what is relative starts at the scenario's folder.  NULL after telling what is wrong.
 */
const char *read_expand(struct reader *r, struct yaml_place at, const char *file);
/* Row in reader.files of what is read by a key such as format and path, *is_new if it was not there; NAME_NONE: no memory. */
uint32_t read_file_row(struct reader *r, const char *key, bool *is_new);
/* Note a file that the scenario refers to among those of which results keep a digest; false: no memory. */
bool read_note_file(struct scenario *s, const char *written, const char *path);

/* "-2", "a mapping", "nothing"; buf[TEXT_SHOWN]. */
const char *read_found(const struct yaml_node *n, char *buf);
/* "a whole number from 1 to 10", "one of fifo, fair"; buf[room]. */
const char *read_wanted(const struct reader *r, const struct key *k, char *buf, size_t room);

#define TABLE(keys) .key = (keys), .n = sizeof(keys) / sizeof((keys)[0])

#endif
