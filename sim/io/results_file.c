/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in a result file: all that was staged, under the names of results.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/tiersim.h>

#include "sim/io/results_impl.h"
#include "sim/io/results_quantiles.h"

static const struct h5_dim dim_plan[N_AXIS] = {
    [AXIS_POLICY] = {.name = "policy", .about = "policy", .kind = H5_TEXT},
    [AXIS_REPLICATION] = {.name = "replication", .about = "number of the replication", .unit = "1", .kind = H5_U32},
    [AXIS_CLASS] = {.name = "class", .about = "workload", .kind = H5_TEXT},
    [AXIS_SEGMENT] = {.name = "segment", .about = "64th of the window", .unit = "1", .kind = H5_U32},
    [AXIS_POOL] = {.name = "pool", .about = "processors of a group of nodes", .kind = H5_TEXT},
    [AXIS_LINK] = {.name = "link", .about = "link", .kind = H5_TEXT},
    [AXIS_DIRECTION] = {.name = "direction", .about = "up: from `from` to `to`", .kind = H5_TEXT},
    [AXIS_GROUP] = {.name = "group", .about = "group of nodes", .kind = H5_TEXT},
    [AXIS_TIER] = {.name = "tier", .about = "tier; all links together", .kind = H5_TEXT},
    [AXIS_PLACE] = {.name = "place", .about = "processor of one node", .kind = H5_TEXT},
    [AXIS_CHANNEL] = {.name = "channel", .about = "one direction of one instance of a link", .kind = H5_TEXT},
    [AXIS_TRACE] = {.name = "trace", .about = "file, as the scenario has it", .kind = H5_TEXT},
    [AXIS_QUANTILE] = {.name = "q", .about = "share of the cohort", .unit = "1", .kind = H5_F64},
};

static const char *name_of(const struct scenario *s, enum layout_axis d, uint32_t i, struct arena *a)
{
    switch (d) {
    case AXIS_POLICY:
        return s->experiment.policy[i].label;
    case AXIS_CLASS:
        return s->workload[i].name;
    case AXIS_POOL:
        return arena_format(a, "%s.%s", s->group[s->pool[i].group].name, s->pool[i].name);
    case AXIS_LINK:
        return s->link[i].name;
    case AXIS_DIRECTION:
        return i == DIRECTION_UP ? "up" : "down";
    case AXIS_GROUP:
        return s->group[i].name;
    case AXIS_TIER:
        return i < s->n_tier ? s->tier_name[i] : "links";
    case AXIS_TRACE:
        return s->trace[i].written;
    default:
        return "";
    }
}

static void name_members(const struct results *r, const char **place, const char **channel, struct arena *a)
{
    const struct scenario *s = r->scenario;
    for (uint32_t k = 0; r->pool_first_member && k < s->n_pool; k++) {
        const struct node_group *g = &s->group[s->pool[k].group];
        for (uint32_t m = 0; r->pool_first_member[k] != UINT32_MAX && m < g->count; m++) {
            place[r->pool_first_member[k] + m] = arena_format(a, "%s[%u].%s", g->name, m, s->pool[k].name);
        }
    }
    for (uint32_t k = 0; r->link_first_member && k < s->n_link; k++) {
        for (uint32_t m = 0; r->link_first_member[k] != UINT32_MAX && m < 2 * s->link[k].n_instance; m++) {
            channel[r->link_first_member[k] + m] =
                arena_format(a, "%s[%u].%s", s->link[k].name, m / 2, m % 2 == DIRECTION_UP ? "up" : "down");
        }
    }
}

/* The dimensions with their coordinates; the arena keeps the texts. */
static int make_dims(const struct results *r, struct h5_dim dim[N_AXIS], struct arena *a, struct err *e)
{
    const char **text[N_AXIS];
    for (unsigned d = 0; d < N_AXIS; d++) {
        size_t n = (size_t)r->length[d];
        uint32_t *number = ARENA_NEW(a, n + 1, uint32_t);
        text[d] = ARENA_NEW(a, n + 1, const char *);
        if (!text[d] || !number) {
            return ERR_SET(e, ERR_MEMORY, "no memory for results");
        }
        for (uint32_t i = 0; i < n; i++) {
            number[i] = i;
            text[d][i] = name_of(r->scenario, d, i, a);
        }
        dim[d] = dim_plan[d];
        dim[d].n = n;
        dim[d].value = dim[d].kind == H5_TEXT ? (const void *)text[d] : number;
    }
    name_members(r, text[AXIS_PLACE], text[AXIS_CHANNEL], a);
    dim[AXIS_QUANTILE].value = record_quantile;
    return a->failed ? ERR_SET(e, ERR_MEMORY, "no memory for results") : 0;
}

static struct h5_group begin_group(struct results *r, const char *name, const char *about)
{
    struct h5_group g;
    h5_begin_group(r->h5, &g, r->h5->file, name);
    if (g.id >= 0 && about[0]) {
        h5_write_text(r->h5, g.id, "title", about);
    }
    return g;
}

static void write_fields(struct results *r, const struct h5_dim dim[N_AXIS], unsigned part, struct h5_group *g)
{
    const struct layout_part *p = &layout_part[part];
    for (unsigned f = 0; f < p->n_field; f++) {
        struct h5_array a = {.name = p->field[f].name,
                             .unit = p->field[f].unit,
                             .about = p->field[f].about,
                             .kind = p->field[f].whole ? H5_U64 : H5_F64,
                             .n_dim = 2 + p->n_dim,
                             .dim = {&dim[AXIS_POLICY], &dim[AXIS_REPLICATION]},
                             .value = r->stage[part][f]};
        for (unsigned d = 0; d < p->n_dim; d++) {
            a.dim[2 + d] = &dim[p->dim[d]];
        }
        h5_write_array(r->h5, g, &a);
    }
}

static double staged(const struct results *r, unsigned part, unsigned field, size_t at)
{
    double x;
    memcpy(&x, &r->stage[part][field][at], sizeof x);
    return x;
}

/* What is divided by the window and the number of units: of `busy_time`, field 0 of pools and links. */
static void write_utilisation(struct results *r, const struct h5_dim dim[N_AXIS], unsigned part, struct h5_group *g)
{
    const struct layout_part *p = &layout_part[part];
    const struct scenario *s = r->scenario;
    size_t n = layout_rows(p, r->length);
    double *share = r->stage[PART_WINDOW] ? calloc(r->n_cell * n + 1, sizeof *share) : NULL;
    if (!share) {
        h5_no_memory(r->h5, "no memory");
        return;
    }
    for (size_t i = 0; i < r->n_cell * n; i++) {
        size_t cell = i / n, row = i % n;
        double units = part == PART_POOL ? (double)s->pool[row].units * s->group[s->pool[row].group].count
                                         : s->link[row / N_DIRECTION].n_instance;
        share[i] = staged(r, part, 0, i) / (staged(r, PART_WINDOW, 1, cell) - staged(r, PART_WINDOW, 0, cell)) / units;
    }
    struct h5_array a = {.name = "utilisation",
                         .unit = "1",
                         .about = "busy share of the window",
                         .kind = H5_F64,
                         .n_dim = 2 + p->n_dim,
                         .dim = {&dim[AXIS_POLICY], &dim[AXIS_REPLICATION], &dim[p->dim[0]]},
                         .value = share};
    if (p->n_dim > 1) {
        a.dim[3] = &dim[p->dim[1]];
    }
    h5_write_array(r->h5, g, &a);
    free(share);
}

/* Which rows of /node and /channel belong to a pool or link. */
static void write_members(struct results *r, const struct h5_dim dim[N_AXIS], unsigned part, struct h5_group *g)
{
    struct h5_array a = {.name = "first_member", .unit = "1", .kind = H5_U32, .n_dim = 1};
    if (part == PART_POOL) {
        a.about = "row of its first member in /node; 4294967295: too many members";
        a.dim[0] = &dim[AXIS_POOL];
        a.value = r->pool_first_member;
    } else {
        a.about = "row of its first instance in /channel; 4294967295: too many of them";
        a.dim[0] = &dim[AXIS_LINK];
        a.value = r->link_first_member;
    }
    if (a.value) {
        h5_write_array(r->h5, g, &a);
    }
}

/* Which models answered. */
static void write_answerers(struct results *r, const struct h5_dim dim[N_AXIS], struct h5_group *g, struct arena *a)
{
    const struct h5_array array = {.name = "answered_by",
                                   .unit = "",
                                   .about = "models that answered, as they call themselves",
                                   .kind = H5_TEXT,
                                   .n_dim = 1,
                                   .dim = {&dim[AXIS_POLICY]},
                                   .value = results_answerers(r, a)};
    if (array.value) {
        h5_write_array(r->h5, g, &array);
    }
}

static void write_part(struct results *r, const struct h5_dim dim[N_AXIS], unsigned part, struct arena *a)
{
    const struct layout_part *p = &layout_part[part];
    if (!r->stage[part]) {
        return;
    }
    struct h5_group g = begin_group(r, p->group, p->about);
    write_fields(r, dim, part, &g);
    if (part == PART_POOL || part == PART_LINK) {
        write_utilisation(r, dim, part, &g);
        write_members(r, dim, part, &g);
    }
    if (part == PART_TEXT) {
        write_answerers(r, dim, &g, a);
    }
    h5_end_group(r->h5, &g);
}

static void write_status(struct results *r, const struct h5_dim dim[N_AXIS], struct h5_group *g, struct arena *a)
{
    struct h5_array array = {.name = "status",
                             .unit = "1",
                             .kind = H5_U8,
                             .n_dim = 2,
                             .about = "0 not run, 1 ok, 2 saturated, 3 broken, 4 failed",
                             .dim = {&dim[AXIS_POLICY], &dim[AXIS_REPLICATION]},
                             .value = r->status};
    h5_write_array(r->h5, g, &array);
    const char **text = ARENA_NEW(a, r->n_cell + 1, const char *);
    for (size_t c = 0; text && c < r->n_cell; c++) {
        text[c] = r->text[c];
    }
    array.name = "status_text";
    array.unit = "";
    array.about = "why a run is broken or failed";
    array.kind = H5_TEXT;
    array.value = text;
    if (text) {
        h5_write_array(r->h5, g, &array);
    }
}

/* Names of the workloads, and of the links, that replay one recording in every replication: "a, b". */
static const char *given_arrivals(const struct scenario *s, struct arena *a)
{
    const char *names = "";
    for (uint32_t w = 0; names && w < s->n_workload; w++) {
        const struct arrivals *arrivals = &s->workload[w].arrivals;
        if (arrivals->kind == ARRIVAL_TRACE && !arrivals->start_random) {
            names = arena_format(a, "%s%s%s", names, names[0] ? ", " : "", s->workload[w].name);
        }
    }
    return names ? names : "";
}

static const char *given_links(const struct scenario *s, struct arena *a)
{
    const char *names = "";
    for (uint32_t l = 0; names && l < s->n_link; l++) {
        bool given = false;
        for (int d = 0; d < N_DIRECTION; d++) {
            const struct process *of[] = {&s->link[l].direction[d].capacity, &s->link[l].direction[d].latency};
            for (int k = 0; k < 2; k++) {
                given |= of[k]->kind == PROCESS_TRACE && !of[k]->start_random;
            }
        }
        if (given) {
            names = arena_format(a, "%s%s%s", names, names[0] ? ", " : "", s->link[l].name);
        }
    }
    return names ? names : "";
}

/* Processors whose profile is another device's, or asked for more than was measured. */
static const char *extrapolated(const struct scenario *s, struct arena *a)
{
    const char *names = "";
    for (uint32_t p = 0; names && p < s->n_pool; p++) {
        const struct pool *pool = &s->pool[p];
        if (pool->profile && (cost_is_extrapolated(pool->profile) || pool->beyond)) {
            names = arena_format(a, "%s%s%s.%s", names, names[0] ? ", " : "", s->group[pool->group].name, pool->name);
        }
    }
    return names ? names : "";
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct tally *)a)->name, ((const struct tally *)b)->name);
}

/* What policies reported of themselves, by name; NAN where a replication said nothing of it. */
static void write_own(struct results *r, const struct h5_dim dim[N_AXIS])
{
    struct tallies all = {0};
    bool fine = true;
    for (size_t c = 0; c < r->n_cell; c++) {
        for (uint32_t i = 0; i < r->own[c].n && fine; i++) {
            fine = tallies_find(&all, r->own[c].row[i].name) || tallies_put(&all, &r->own[c].row[i]) == 0;
        }
    }
    double *mean = calloc(r->n_cell + 1, sizeof *mean);
    if (!mean || !fine) {
        h5_no_memory(r->h5, "no memory for what policies report of themselves");
    } else if (all.n > 0) {
        qsort(all.row, all.n, sizeof *all.row, by_name);
        struct h5_group g = begin_group(r, "policy_metric", "what policies report of themselves: means since the window opened");
        for (uint32_t i = 0; i < all.n; i++) {
            for (size_t c = 0; c < r->n_cell; c++) {
                const struct tally *t = tallies_find(&r->own[c], all.row[i].name);
                mean[c] = t ? t->sum / (double)t->n : NAN;
            }
            const struct h5_array a = {.name = all.row[i].name,
                                       .unit = "1",
                                       .about = "in the policy's own unit",
                                       .kind = H5_F64,
                                       .n_dim = 2,
                                       .dim = {&dim[AXIS_POLICY], &dim[AXIS_REPLICATION]},
                                       .value = mean};
            h5_write_array(r->h5, &g, &a);
        }
        h5_end_group(r->h5, &g);
    }
    free(mean);
    tallies_clear(&all);
}

/* What a reader needs of the scenario without parsing it. */
static void write_experiment(struct results *r, const struct h5_dim dim[N_AXIS], struct arena *a)
{
    const struct scenario *s = r->scenario;
    const struct experiment *x = &s->experiment;
    struct h5_group g = begin_group(r, "experiment", "the experiment as it was run");
    h5_write_whole(r->h5, g.id, "seed", x->seed);
    h5_write_whole(r->h5, g.id, "tie_seed", r->tie_seed);
    h5_write_number(r->h5, g.id, "warm_up", x->warm_up_s);
    h5_write_whole(r->h5, g.id, "warm_up_found", x->warm_up_auto);
    h5_write_text(r->h5, g.id, "unsteady", x->unsteady == ROW_NONE ? "" : x->policy[x->unsteady].label);
    h5_write_text(r->h5, g.id, "given_arrivals", given_arrivals(s, a));
    h5_write_text(r->h5, g.id, "given_links", given_links(s, a));
    if (extrapolated(s, a)[0]) {
        h5_write_text(r->h5, g.id, "extrapolated", extrapolated(s, a));
    }
    h5_write_text(r->h5, g.id, "objective", s->objective.given ? s->objective.text : "");
    h5_write_number(r->h5, g.id, "duration", x->duration_s);
    h5_write_whole(r->h5, g.id, "jobs", x->jobs);
    h5_write_number(r->h5, g.id, "drain", x->drain_s);
    h5_write_text(r->h5, g.id, "compare_to", x->compare_to == ROW_NONE ? "" : x->policy[x->compare_to].label);
    if (r->reference) {
        const struct h5_array reference = {.name = "reference",
                                           .unit = "1",
                                           .about = "1: the policy is clairvoyant, a reference and no rival",
                                           .kind = H5_U8,
                                           .n_dim = 1,
                                           .dim = {&dim[AXIS_POLICY]},
                                           .value = r->reference};
        h5_write_array(r->h5, &g, &reference);
    }
    double *deadline = calloc(s->n_workload + 1, sizeof *deadline);
    for (uint32_t i = 0; deadline && i < s->n_workload; i++) {
        deadline[i] = s->workload[i].deadline_s;
    }
    if (!deadline) {
        h5_no_memory(r->h5, "no memory for the deadlines");
    }
    if (deadline && s->n_workload > 0) {
        struct h5_array array = {.name = "deadline",
                             .unit = "s",
                             .about = "time after the release; inf = none",
                             .kind = H5_F64,
                             .n_dim = 1,
                             .dim = {&dim[AXIS_CLASS]},
                             .value = deadline};
        h5_write_array(r->h5, &g, &array);
    }
    free(deadline);
    h5_end_group(r->h5, &g);
}

static void write_traces(struct results *r, const struct h5_dim dim[N_AXIS])
{
    if (r->length[AXIS_TRACE] > 0) {
        struct h5_group g = begin_group(r, "traces", "files that the scenario refers to");
        const struct h5_array a = {.name = "digest",
                                   .unit = "1",
                                   .about = "of the bytes of the file",
                                   .kind = H5_U64,
                                   .n_dim = 1,
                                   .dim = {&dim[AXIS_TRACE]},
                                   .value = r->trace_digest};
        h5_write_array(r->h5, &g, &a);
        h5_end_group(r->h5, &g);
    }
}

static void write_root(struct results *r, const struct h5_dim dim[N_AXIS], bool index, struct arena *a)
{
    const struct scenario *s = r->scenario;
    struct h5 *h = r->h5;
    struct h5_group g = begin_group(r, ".", "");
    h5_write_text(h, g.id, "Conventions", "CF-1.10");
    h5_write_text(h, g.id, "title", s->name);
    h5_write_text(h, g.id, "comment", s->about ? s->about : "");
    h5_write_text(h, g.id, "source", "tiersim " TS_VERSION);
    h5_write_whole(h, g.id, "tiersim_schema", RESULTS_SCHEMA);
    if (index) {
        h5_write_whole(h, g.id, "unfinished", r->n_cell - r->n_done);
    }
    write_status(r, dim, &g, a);
    if (r->stage[PART_DIGEST]) {
        write_fields(r, dim, PART_DIGEST, &g);
    }
    h5_write_note(h, &g, "scenario", "the resolved scenario", s->text ? s->text : "");
    h5_end_group(h, &g);
}

/* A table of the packed sketches of all cells, and where the rows of a cell begin. */
static void write_sketches(struct results *r, const struct h5_dim dim[N_AXIS], struct arena *a)
{
    size_t n = 0;
    uint64_t *first = ARENA_NEW(a, r->n_cell + 1, uint64_t), *count = ARENA_NEW(a, r->n_cell + 1, uint64_t);
    for (size_t c = 0; first && count && c < r->n_cell; c++) {
        first[c] = n;
        count[c] = r->sketch[c].n;
        n += r->sketch[c].n;
    }
    uint64_t *wide = calloc(n + 1, sizeof *wide);
    uint32_t *bucket = calloc(n + 1, sizeof *bucket);
    uint16_t *class = calloc(n + 1, sizeof *class);
    uint8_t *segment = calloc(n + 1, sizeof *segment);
    if (!first || !count || !wide || !bucket || !class || !segment) {
        h5_no_memory(r->h5, "no memory for the sketches");
    } else {
        size_t at = 0;
        for (size_t c = 0; c < r->n_cell; c++) {
            for (size_t i = 0; i < r->sketch[c].n; i++, at++) {
                const struct packed_bucket *b = &r->sketch[c].bucket[i];
                wide[at] = b->count;
                bucket[at] = b->bucket;
                class[at] = b->class;
                segment[at] = b->segment;
            }
        }
        struct h5_group g = begin_group(r, "sketch", "latency: buckets that are not empty, by segment and workload");
        const struct h5_dim *cell[2] = {&dim[AXIS_POLICY], &dim[AXIS_REPLICATION]};
        const struct h5_array index[2] = {
            {"first", "1", "row of its first bucket", H5_U64, 2, {cell[0], cell[1]}, first},
            {"n", "1", "buckets of a replication", H5_U64, 2, {cell[0], cell[1]}, count},
        };
        for (int i = 0; i < 2; i++) {
            h5_write_array(r->h5, &g, &index[i]);
        }
        if (n > 0) {
            h5_write_number(r->h5, g.id, "accuracy", 0.5 / SKETCH_PER_OCTAVE);
            h5_write_whole(r->h5, g.id, "buckets_per_octave", SKETCH_PER_OCTAVE);
            h5_write_table(r->h5, &g, "segment", "1", "64th of the window", H5_U8, n, segment);
            h5_write_table(r->h5, &g, "class", "1", "row of the workload", H5_U16, n, class);
            h5_write_table(r->h5, &g, "bucket", "1", "number of the bucket: 0 is zero, 1 begins at 2^-30 s", H5_U32, n,
                           bucket);
            h5_write_table(r->h5, &g, "count", "1", "jobs in it", H5_U64, n, wide);
        }
        h5_end_group(r->h5, &g);
    }
    free(wide);
    free(bucket);
    free(class);
    free(segment);
}

static void write_provenance(struct results *r, const struct h5_dim dim[N_AXIS], const struct provenance *p)
{
    struct h5_group g = begin_group(r, "provenance", "all that may differ between two runs of the same");
    char run[RUN_DIGITS];
    snprintf(run, sizeof run, "%016" PRIx64, r->parts.identity);
    h5_write_text(r->h5, g.id, "run", run);
    provenance_write(r->h5, g.id, p);
    struct h5_array a = {.name = "wall_time",
                         .unit = "s",
                         .about = "time that a replication took",
                         .kind = H5_F64,
                         .n_dim = 2,
                         .dim = {&dim[AXIS_POLICY], &dim[AXIS_REPLICATION]},
                         .value = r->wall_s};
    h5_write_array(r->h5, &g, &a);
    h5_end_group(r->h5, &g);
}

void results_write_file(struct results *r, const struct provenance *p, bool index, struct arena *a)
{
    struct h5_dim dim[N_AXIS];
    struct h5 *h = r->h5;
    if (make_dims(r, dim, a, h->e) < 0) {
        h5_no_memory(h, "no memory");
        return;
    }
    write_root(r, dim, index, a);
    for (unsigned part = 0; part < N_PART; part++) {
        if (part != PART_DIGEST) {
            write_part(r, dim, part, a);
        }
    }
    results_write_quantiles(r, dim);
    write_sketches(r, dim, a);
    write_own(r, dim);
    write_experiment(r, dim, a);
    write_traces(r, dim);
    results_write_told(r, a);
    write_provenance(r, dim, p);
    if (index) {
        results_refer_to_rows(r);
    }
}
