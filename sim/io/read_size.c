/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_size.h"

#include <string.h>

#include "sim/base/text.h"

enum { FIRST_LINEAR = 100, TERMS = 64 }; /* tags below are of dist_kind */
_Static_assert((int)FIRST_LINEAR < (int)SIZE_TAGS, "its tags are below that");

/* clang-format off */
/* So much of the place's for each unit of a column. */
static const struct key term = {.name = "value", .type = VALUE_QUANTITY, .dimension = DIM_PLACE};

static const struct key size_key[] = {
    {.name = "linear", .choice = true, .tag = FIRST_LINEAR, .type = VALUE_NODE,
     .offset = offsetof(struct size_written, linear), .each = &term, .sourced = true,
     .least = 1, .most = TERMS, .wanted = "{COLUMN: VALUE, ..., constant: VALUE}",
     .about = "so much for each unit of a column of the job's row in the trace of the arrivals"},
};
const struct table size_table = {
    .title = "A size",
    TABLE(size_key),
    .more = &dist_kinds,
    .more_offset = offsetof(struct size_written, dist),
    .tag_offset = offsetof(struct size_written, kind),
    .choice = SIZE_CHOICE,
};
/* clang-format on */

static int fault_column(struct reader *r, const struct yaml_pair *pair, const struct series *trace)
{
    char shown[TEXT_SHOWN], list[512] = "";
    for (size_t c = 0; c < trace->n_column && strlen(list) + 64 < sizeof list; c++) {
        snprintf(list + strlen(list), sizeof list - strlen(list), "%.60s, ", trace->name[c]);
    }
    return read_fault(r, pair->at, "found the column %s, wanted one of %sconstant",
                      text_show(pair->key, strlen(pair->key), shown), list);
}

static int read_linear(struct reader *r, const struct yaml_node *n, struct size_spec *size)
{
    const struct series *trace = r->workload_trace;
    char shown[TEXT_SHOWN];
    if (r->workload_trace_failed) {
        return -ERR_INPUT; /* told where the arrivals are */
    }
    if (!trace) {
        return read_fault(r, n->at, "found linear with other arrivals than a trace, wanted a distribution");
    }
    if (n->kind != YAML_MAP || n->n == 0 || n->n > TERMS) {
        return read_fault(r, n->at, "found %s, wanted a mapping of columns to values",
                          n->kind == YAML_MAP ? n->n ? "too many columns" : "nothing" : read_found(n, shown));
    }
    uint32_t *column = ARENA_NEW(&r->s->arena, n->n, uint32_t);
    double *weight = ARENA_NEW(&r->s->arena, n->n, double);
    if (!column || !weight) {
        return read_out_of_memory(r);
    }
    int rc = 0;
    *size = (struct size_spec){.kind = SIZE_LINEAR, .column = column, .weight = weight};
    for (uint32_t i = 0; i < n->n; i++) {
        const struct yaml_pair *pair = &n->pair[i];
        if (read_is_source(pair) && series_column(trace, pair->key) < 0) {
            int told = read_source(r, pair);
            rc = rc ? rc : told;
            continue;
        }
        bool is_constant = strcmp(pair->key, "constant") == 0;
        int found = is_constant ? 0 : series_column(trace, pair->key);
        size_t mark = read_enter(r, pair->key);
        int one = read_quantity(r, &term, pair->value, is_constant ? &size->constant : &weight[size->n_term]);
        read_leave(r, mark);
        one = found < 0 ? fault_column(r, pair, trace) : one;
        if (!is_constant) {
            column[size->n_term++] = (uint32_t)found;
        }
        rc = rc ? rc : one;
    }
    return rc;
}

struct size_written size_written_none(void)
{
    return (struct size_written){.dist = dist_written_none()};
}

int read_size_make(struct reader *r, const struct size_written *w, const struct yaml_node *n, struct size_spec *size)
{
    *size = (struct size_spec){.kind = SIZE_DRAWN};
    if (w->kind != FIRST_LINEAR) {
        return read_dist_make(r, (enum dist_kind)w->kind, &w->dist, n, &size->dist);
    }
    size_t mark = read_enter(r, "linear");
    int rc = read_linear(r, w->linear, size);
    read_leave(r, mark);
    return rc;
}

int read_size(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct size_spec *size = field;
    if (n->kind == YAML_SCALAR) {
        *size = (struct size_spec){.kind = SIZE_DRAWN};
        return read_dist(r, k, n, &size->dist);
    }
    struct size_written w = size_written_none();
    r->dimension = k->dimension;
    int rc = read_table(r, &size_table, n, &w);
    return rc ? rc : read_size_make(r, &w, n, size);
}

void size_scale(struct size_spec *size, double factor)
{
    if (size->kind == SIZE_DRAWN) {
        dist_scale(&size->dist, factor);
        return;
    }
    size->constant *= factor;
    for (uint32_t k = 0; k < size->n_term; k++) {
        size->weight[k] *= factor;
    }
}
