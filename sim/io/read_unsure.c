/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read_unsure.c - quantities that are not known exactly: {value: 3 GFLOP/s, cv: 0.2}.  Replications of an experiment with
 * `uncertainty: sampled` each draw a factor of mean 1 (log-normal: what is above 0 stays there) by the path of the value, so that
 * all policies meet the same one.
 */
#include "sim/base/dist.h"
#include "sim/io/read_dist.h"

struct unsure_written {
    const struct yaml_node *value;
    double cv;
};

/* clang-format off */
static const struct key unsure_key[] = {
    {.name = "value", .type = VALUE_NODE, .dimension = DIM_PLACE, .offset = offsetof(struct unsure_written, value),
     .required = true, .scalar = &dist_scalar, .wanted = "a quantity of the place", .about = "what is thought most, as the mean"},
    {.name = "cv", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = offsetof(struct unsure_written, cv), .max = 10,
     .otherwise = "0", .about = "standard deviation of what it may truly be, over the value"},
};
const struct table unsure_table = {.title = "Quantities that are not known exactly", TABLE(unsure_key)};
/* clang-format on */

int read_factor(struct reader *r, const char *path, double cv, double *factor)
{
    struct dist d;
    struct err e = {0};
    *factor = 1;
    if (!(cv > 0)) {
        return 0;
    }
    r->s->unsure = true;
    if (!r->sampled) {
        return 0;
    }
    const struct draw_at at = {.key = *r->sampled, .entity = stream_entity(path), .purpose = DRAW_UNSURE};
    if (dist_lognormal(&d, 1, cv, &e)) {
        return read_fault(r, r->y->root->at, "%s", e.text);
    }
    *factor = dist_draw(&d, &at);
    return 0;
}

int read_unsure(struct reader *r, const struct key *k, const struct yaml_node *n, double *si)
{
    struct unsure_written w = {0};
    double value = 0, factor = 1;
    int rc = read_table(r, &unsure_table, n, &w);
    if (rc == 0) {
        size_t mark = read_enter(r, "value");
        rc = read_quantity(r, k, w.value, &value);
        read_leave(r, mark);
    }
    rc = rc ? rc : read_factor(r, r->path, w.cv, &factor);
    if (rc == 0) {
        *si = value * factor;
    }
    return rc;
}
