/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lint.h - what is right in a scenario and probably not meant: nodes that nobody reaches or uses, processors and links that
 * are too slow whatever is decided, deadlines that even an idle system misses, traces that are shorter than the run.
 */
#ifndef SIM_MODEL_LINT_H
#define SIM_MODEL_LINT_H

#include "sim/model/load.h"

struct lint {
    const char *path; /* of what it is about, such as nodes.edge */
    const char *text;
};

/* Start with {0}. */
struct lints {
    struct arena arena;
    uint32_t n, room;
    struct lint *lint; /* [n] in order of the scenario's sections */
};

/* 0, or ERR_MEMORY; lints_clear in both cases. */
int lints_find(struct lints *out, const struct scenario *s, struct err *e);
void lints_clear(struct lints *l);

#endif
