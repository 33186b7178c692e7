/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * yaml.h - a YAML 1.2 file as a tree in which every node, also a mapping or a list, knows its place in the file.
 *
 * The tree is built from libfyaml's events.  An alias is a second way to the same node, so that nothing is ever copied
 * and a bomb of aliases stays small; what the file would stand for with all of them written out is counted as it is
 * built, and bounded.  Merge keys (<<) are carried out, duplicate keys refused, both in linear time.
 */
#ifndef SIM_IO_YAML_H
#define SIM_IO_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/io/errors.h"

enum {
    YAML_FILE_BYTES = 6 << 20, /* largest file, with all that it includes */
    YAML_DEPTH = 64,           /* deepest nesting, aliases followed */
    YAML_WEIGHT = 2000000,     /* largest content: nodes and 16-byte pieces of text, aliases followed */
};

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

/* Where something was written. */
struct yaml_place {
    uint32_t source;  /* row of yaml.source */
    int line, column; /* from 1; 0 in an argument of the command line */
};

struct yaml_node {
    struct yaml_place at;
    enum yaml_kind kind;
    bool plain; /* a scalar without quotes */
    uint8_t depth;
    uint32_t weight; /* nodes and text it stands for, at most */
    uint32_t n; /* bytes of text, items or pairs */
    union {
        const char *text;                    /* ends with a NUL and holds no other */
        const struct yaml_node *const *item; /* [n] */
        const struct yaml_pair *pair;        /* [n] in file order, merged ones last; keys are unique */
    };
};

struct yaml_pair {
    const char *key;
    struct yaml_place at; /* of the key */
    bool merged;          /* it came by a merge key */
    const struct yaml_node *value;
};

/* A file, or an argument of the command line. */
struct yaml_source {
    const char *name; /* as messages show it */
    uint32_t by;      /* row of the source that includes it; its own if none does */
};

/* Start with {0}. */
struct yaml {
    struct arena arena;
    uint32_t n_source;
    struct yaml_source *source; /* the file, those it includes, then arguments */
    const struct yaml_node *root;
    size_t n_byte;      /* read so far */
    const char *prefix; /* put before relative paths after the key `file`, or NULL: see yaml_include */
};

/*
 * Read a file whose root is a mapping.  0 or -code, with what is wrong added to errs.  With duplicate keys the tree is
 * there all the same (root is not NULL), so that what else is wrong can be told together.
 */
int yaml_read_file(struct yaml *y, const char *path, struct errors *errs);
/* The same of a text that is in memory, included by the source `by` (itself: none). */
int yaml_parse_map(struct yaml *y, const char *name, uint32_t by, const char *text, size_t n,
                   const struct yaml_node **root, struct errors *errs);
/*
 * Carry out `include: FILE` or `include: [FILE, ...]` at the top of the file that was read, and in turn in those files:
 * what is included is laid under the file's own keys, a later file over an earlier one.  Mappings are merged to any
 * depth, an own null takes away what is included, all else is replaced.  Paths of files, also those after the key `file`,
 * are relative to the file they stand in.  A file that includes itself is refused.
 */
int yaml_include(struct yaml *y, struct errors *errs);
/*
 * One value from memory, or NULL if the text is empty; name stands for it in messages, which say the line only if
 * `placed`.
 */
int yaml_parse(struct yaml *y, const char *name, bool placed, const char *text, size_t n,
               const struct yaml_node **value, struct errors *errs);
/*
 * Carry out PATH=VALUE, such as nodes.edge.count=16 or experiment.policies[0]=random: VALUE is YAML.  What is missing
 * on the way is made, unless it looks like a slip of the pen.  The rest of an anchored node's users do not see the
 * change.
 */
int yaml_set(struct yaml *y, const char *assignment, struct errors *errs);
/*
 * A mapping over another: mappings in both are merged to any depth, an own null takes away what is beneath, all else is
 * replaced.  0, or -code with *both NULL and what is wrong added to errs.
 */
int yaml_merge(struct yaml *y, const struct yaml_node *under, const struct yaml_node *over, const struct yaml_node **both,
               struct errors *errs);
/* A copy of a mapping, whose pairs, which are returned, may be changed; NULL: memory is out. */
struct yaml_pair *yaml_copy_map(struct yaml *y, const struct yaml_node *map, struct yaml_node **copy);
/* A copy of a mapping without a key; NULL: memory is out. */
const struct yaml_node *yaml_without(struct yaml *y, const struct yaml_node *map, const char *key);
/* Value of a key of a mapping, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/*
 * Where in the tree a path such as links.cell.per leads, as far as it does; it ends at a colon.  The place of a value, or
 * of the key of a mapping or list.
 */
struct yaml_place yaml_place_of(const struct yaml_node *root, const char *path);
/* Nothing, ~ or null. */
bool yaml_is_null(const struct yaml_node *n);
/* The tree in block style, aliases and merges written out, as a text that reads back to the same tree; in the arena. */
char *yaml_write(const struct yaml_node *n, struct arena *a);
/* The same in flow style, on one line. */
void yaml_write_flow(FILE *out, const struct yaml_node *n);
/* A text in quotes. */
void yaml_write_text(FILE *out, const char *text);
void yaml_clear(struct yaml *y);

#endif
