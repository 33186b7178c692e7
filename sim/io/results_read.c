/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/policy.h>

#include "sim/io/layout.h"
#include "sim/io/results.h"
#include "sim/io/sketch_pack.h"
#include "sim/io/text/book.h"

/* Bounds of what is believed of a file, before anything of that size is allocated. */
enum { MAX_NAMES = 1 << 20, MAX_NUMBERS = 1 << 28, MAX_CELLS = 1 << 22 };

struct reader {
    struct h5 h5;
    struct result *r;
    uint64_t schema;
    hsize_t length[N_AXIS];
    size_t n_cell;
};

static const char *const *read_names(struct reader *rd, enum layout_axis d, const char *group, const char *name,
                                     hsize_t max)
{
    struct h5 *h = &rd->h5;
    const char *const *names = NULL;
    if (!h->failed && !h5_has(h, h->file, group) && strcmp(group, ".") != 0) {
        return NULL; /* nothing of the kind in this experiment: its length stays 0 */
    }
    hid_t g = h5_open_group(h, h->file, group);
    if (g >= 0) {
        rd->length[d] = h5_read_length(h, g, name, max);
        names = h5_read_texts(h, g, name, rd->length[d], &rd->r->arena);
        H5Gclose(g);
    }
    return names;
}

static hsize_t read_count(struct reader *rd, const char *group, const char *name, hsize_t max)
{
    struct h5 *h = &rd->h5;
    if (h->failed || !h5_has(h, h->file, group)) {
        return 0;
    }
    hid_t g = h5_open_group(h, h->file, group);
    hsize_t n = g >= 0 ? h5_read_length(h, g, name, max) : 0;
    if (g >= 0) {
        H5Gclose(g);
    }
    return n;
}

static void read_dims(struct reader *rd)
{
    struct result *r = rd->r;
    struct h5 *h = &rd->h5;
    r->policy = read_names(rd, AXIS_POLICY, ".", "policy", MAX_NAMES);
    rd->length[AXIS_REPLICATION] = h5_read_length(h, h->file, "replication", MAX_NAMES);
    r->class_name = read_names(rd, AXIS_CLASS, "experiment", "class", MAX_NAMES);
    r->pool = read_names(rd, AXIS_POOL, "pool", "pool", MAX_NAMES);
    r->link = read_names(rd, AXIS_LINK, "link", "link", MAX_NAMES);
    r->group = read_names(rd, AXIS_GROUP, "group", "group", MAX_NAMES);
    r->tier = read_names(rd, AXIS_TIER, "tier", "tier", MAX_NAMES);
    rd->length[AXIS_PLACE] = read_count(rd, "node", "place", MAX_NAMES);
    rd->length[AXIS_CHANNEL] = read_count(rd, "channel", "channel", MAX_NAMES);
    rd->length[AXIS_QUANTILE] = read_count(rd, "quantiles", "q", MAX_NAMES);
    rd->length[AXIS_SEGMENT] = N_SEGMENT;
    rd->length[AXIS_DIRECTION] = N_DIRECTION;
    r->n_policy = (uint32_t)rd->length[AXIS_POLICY];
    r->n_replication = (uint32_t)rd->length[AXIS_REPLICATION];
    r->n_class = (uint32_t)rd->length[AXIS_CLASS];
    r->n_pool = (uint32_t)rd->length[AXIS_POOL];
    r->n_link = (uint32_t)rd->length[AXIS_LINK];
    r->n_group = (uint32_t)rd->length[AXIS_GROUP];
    r->n_tier = (uint32_t)(rd->length[AXIS_TIER] ? rd->length[AXIS_TIER] - 1 : 0);
    r->n_q = (uint32_t)rd->length[AXIS_QUANTILE];
    rd->n_cell = (size_t)r->n_policy * r->n_replication;
    if (rd->n_cell > MAX_CELLS) {
        h5_wrong(h, "found %u policies and %u replications, which is too much to read", r->n_policy, r->n_replication);
    }
}

static void make_records(struct reader *rd)
{
    struct result *r = rd->r;
    for (unsigned part = 0; !rd->h5.failed && part < N_PART; part++) {
        double numbers = (double)rd->n_cell * (double)layout_rows(&layout_part[part], rd->length);
        if (numbers > MAX_NUMBERS) {
            h5_wrong(&rd->h5, "/%s: found %.0f numbers a dataset, which is too much to read", layout_part[part].group,
                     numbers);
        }
    }
    r->record = rd->h5.failed ? NULL : calloc(rd->n_cell + 1, sizeof *r->record);
    for (size_t c = 0; r->record && c < rd->n_cell && !rd->h5.failed; c++) {
        r->record[c].policy = (uint32_t)(c / r->n_replication);
        r->record[c].replication = (uint32_t)(c % r->n_replication);
        if (layout_make_record(&r->record[c], rd->length, rd->h5.e) < 0) {
            h5_no_memory(&rd->h5, "no memory for the records");
        }
    }
    if (!r->record) {
        h5_no_memory(&rd->h5, "no memory for the records");
    }
}

/* One dataset into its field of every record. */
static void read_field(struct reader *rd, hid_t group, const struct layout_part *p, const struct layout_field *f,
                       uint64_t *value)
{
    hsize_t shape[H5_MAX_DIM] = {rd->length[AXIS_POLICY], rd->length[AXIS_REPLICATION]};
    size_t n = layout_rows(p, rd->length);
    for (unsigned d = 0; d < p->n_dim; d++) {
        shape[2 + d] = rd->length[p->dim[d]];
    }
    h5_read_array(&rd->h5, group, f->name, f->whole ? H5_U64 : H5_F64, 2 + p->n_dim, shape, value);
    for (size_t c = 0; !rd->h5.failed && c < rd->n_cell; c++) {
        char *row = p->rows(&rd->r->record[c]);
        for (size_t i = 0; i < n; i++, row += p->row_bytes) {
            memcpy(row + f->offset, &value[c * n + i], sizeof *value);
        }
    }
}

static void read_part(struct reader *rd, unsigned part)
{
    const struct layout_part *p = &layout_part[part];
    struct h5 *h = &rd->h5;
    size_t n = layout_rows(p, rd->length);
    if (h->failed || n == 0 || (strcmp(p->group, ".") != 0 && !h5_has(h, h->file, p->group))) {
        return;
    }
    uint64_t *value = calloc(rd->n_cell * n + 1, sizeof *value);
    hid_t group = value ? h5_open_group(h, h->file, p->group) : -1;
    if (!value) {
        h5_no_memory(h, "no memory to read /%s", p->group);
    }
    for (unsigned f = 0; group >= 0 && f < p->n_field; f++) {
        if (h5_has(h, group, p->field[f].name)) {
            read_field(rd, group, p, &p->field[f], value);
        } else if (part != PART_SUMMARY && part != PART_CLASS) {
            h5_wrong(h, "/%s/%s: not there", p->group, p->field[f].name);
        } /* a metric that this file's program did not know yet stays 0 */
    }
    if (group >= 0) {
        H5Gclose(group);
    }
    free(value);
}

static void read_status(struct reader *rd)
{
    struct result *r = rd->r;
    const hsize_t shape[2] = {rd->length[AXIS_POLICY], rd->length[AXIS_REPLICATION]};
    uint8_t *status = ARENA_NEW(&r->arena, rd->n_cell + 1, uint8_t);
    const char *const *text = h5_read_texts(&rd->h5, rd->h5.file, "status_text", rd->n_cell, &r->arena);
    if (!status || !text) {
        h5_no_memory(&rd->h5, "no memory");
        return;
    }
    h5_read_array(&rd->h5, rd->h5.file, "status", H5_U8, 2, shape, status);
    for (size_t c = 0; !rd->h5.failed && c < rd->n_cell; c++) {
        if (status[c] > RECORD_FAILED) {
            h5_wrong(&rd->h5, "/status: found %u, wanted 0 to %d", status[c], RECORD_FAILED);
            return;
        }
        r->record[c].status = status[c];
        snprintf(r->record[c].text, sizeof r->record[c].text, "%s", text[c]);
    }
}

static const double *read_numbers(struct reader *rd, hid_t group, const char *name, unsigned n_dim,
                                  const hsize_t *shape)
{
    size_t n = 1;
    for (unsigned d = 0; d < n_dim; d++) {
        n *= (size_t)shape[d];
    }
    double *value = n <= MAX_NUMBERS ? ARENA_NEW(&rd->r->arena, n + 1, double) : NULL;
    if (!value) {
        h5_wrong(&rd->h5, "%s: too much to read", name);
        return NULL;
    }
    h5_read_array(&rd->h5, group, name, H5_F64, n_dim, shape, value);
    return value;
}

static void read_quantiles(struct reader *rd)
{
    struct h5 *h = &rd->h5;
    struct result *r = rd->r;
    if (h->failed || !h5_has(h, h->file, "quantiles")) {
        return;
    }
    hid_t g = h5_open_group(h, h->file, "quantiles");
    const hsize_t *l = rd->length;
    r->q = read_numbers(rd, g, "q", 1, &l[AXIS_QUANTILE]);
    r->quantile = read_numbers(rd, g, "latency", 4,
                               (hsize_t[]){l[AXIS_POLICY], l[AXIS_REPLICATION], l[AXIS_CLASS], l[AXIS_QUANTILE]});
    r->quantile_all =
        read_numbers(rd, g, "latency_all", 3, (hsize_t[]){l[AXIS_POLICY], l[AXIS_REPLICATION], l[AXIS_QUANTILE]});
    const hsize_t by_class[] = {l[AXIS_POLICY], l[AXIS_CLASS], l[AXIS_QUANTILE]},
                  all[] = {l[AXIS_POLICY], l[AXIS_QUANTILE]};
    r->pooled = read_numbers(rd, g, "pooled", 3, by_class);
    r->pooled_low = read_numbers(rd, g, "pooled_low", 3, by_class);
    r->pooled_high = read_numbers(rd, g, "pooled_high", 3, by_class);
    r->pooled_all = read_numbers(rd, g, "pooled_all", 2, all);
    r->pooled_all_low = read_numbers(rd, g, "pooled_all_low", 2, all);
    r->pooled_all_high = read_numbers(rd, g, "pooled_all_high", 2, all);
    if (g >= 0) {
        H5Gclose(g);
    }
}

static void read_members(struct reader *rd, const char *group, hsize_t n, size_t first)
{
    struct h5 *h = &rd->h5;
    if (h->failed || n == 0 || !h5_has(h, h->file, group)) {
        return;
    }
    hid_t g = h5_open_group(h, h->file, group);
    uint32_t *row = ARENA_NEW(&rd->r->arena, (size_t)n + 1, uint32_t);
    if (row && h5_has(h, g, "first_member")) {
        h5_read_array(h, g, "first_member", H5_U32, 1, &n, row);
        for (size_t c = 0; !h->failed && c < rd->n_cell; c++) {
            uint32_t *to;
            memcpy(&to, (const char *)&rd->r->record[c] + first, sizeof to);
            memcpy(to, row, (size_t)n * sizeof *row);
        }
    }
    if (g >= 0) {
        H5Gclose(g);
    }
}

static void read_experiment(struct reader *rd)
{
    struct h5 *h = &rd->h5;
    struct result *r = rd->r;
    r->name = h5_read_text(h, h->file, "title", &r->arena);
    r->about = h5_read_text(h, h->file, "comment", &r->arena);
    const char *const *text = h5_read_texts(h, h->file, "scenario", 1, &r->arena);
    r->text = text ? text[0] : "";
    hid_t g = h5_open_group(h, h->file, "experiment");
    r->seed = h5_read_whole(h, g, "seed");
    r->unsteady = r->given_arrivals = r->given_links = r->objective = r->extrapolated = "";
    if (g >= 0 && H5Aexists(g, "extrapolated") > 0) {
        r->extrapolated = h5_read_text(h, g, "extrapolated", &r->arena);
    }
    if (rd->schema >= 2) {
        r->tie_seed = h5_read_whole(h, g, "tie_seed");
        r->warm_up_found = h5_read_whole(h, g, "warm_up_found") != 0;
        r->unsteady = h5_read_text(h, g, "unsteady", &r->arena);
        r->given_arrivals = h5_read_text(h, g, "given_arrivals", &r->arena);
        r->given_links = h5_read_text(h, g, "given_links", &r->arena);
    }
    if (rd->schema >= 3) {
        r->objective = h5_read_text(h, g, "objective", &r->arena);
    }
    if (!h->failed && h5_has(h, g, "reference")) {
        uint8_t *reference = ARENA_NEW(&r->arena, (size_t)r->n_policy + 1, uint8_t);
        if (reference) {
            h5_read_array(h, g, "reference", H5_U8, 1, &rd->length[AXIS_POLICY], reference);
        } else {
            h5_no_memory(h, "no memory to read /experiment");
        }
        r->reference = reference;
    }
    r->jobs = h5_read_whole(h, g, "jobs");
    r->warm_up_s = h5_read_number(h, g, "warm_up");
    r->duration_s = h5_read_number(h, g, "duration");
    r->drain_s = h5_read_number(h, g, "drain");
    const char *against = h5_read_text(h, g, "compare_to", &r->arena);
    r->deadline_s = read_numbers(rd, g, "deadline", 1, &rd->length[AXIS_CLASS]);
    r->compare_to = ROW_NONE;
    for (uint32_t i = 0; !h->failed && i < r->n_policy; i++) {
        if (strcmp(r->policy[i], against) == 0) {
            r->compare_to = i;
        }
    }
    if (g >= 0) {
        H5Gclose(g);
    }
}

static void *read_column(struct reader *rd, hid_t group, const char *name, enum h5_kind kind, hsize_t n, size_t size)
{
    void *value = calloc((size_t)n + 1, size);
    if (!value) {
        h5_no_memory(&rd->h5, "no memory for the sketches");
        return NULL;
    }
    h5_read_array(&rd->h5, group, name, kind, 1, &n, value);
    return value;
}

static void unpack_cells(struct reader *rd, const struct packed_bucket *bucket, hsize_t n, const uint64_t *first,
                         const uint64_t *count)
{
    for (size_t c = 0; c < rd->n_cell && !rd->h5.failed; c++) {
        if (first[c] > n || count[c] > n - first[c]) {
            h5_wrong(&rd->h5, "/sketch: rows %llu to %llu of %llu", (unsigned long long)first[c],
                     (unsigned long long)(first[c] + count[c]), (unsigned long long)n);
        } else {
            struct err why = {0};
            if (sketch_pack_unpack(bucket + first[c], (size_t)count[c], &rd->r->record[c], &why) < 0) {
                (why.code == ERR_MEMORY ? h5_no_memory : h5_wrong)(&rd->h5, "/sketch: %s", why.text);
            }
        }
    }
}

static void read_sketches(struct reader *rd)
{
    struct h5 *h = &rd->h5;
    if (h->failed || !h5_has(h, h->file, "sketch")) {
        return;
    }
    hid_t g = h5_open_group(h, h->file, "sketch");
    const hsize_t shape[2] = {rd->length[AXIS_POLICY], rd->length[AXIS_REPLICATION]};
    uint64_t *first = ARENA_NEW(&rd->r->arena, rd->n_cell + 1, uint64_t);
    uint64_t *count = ARENA_NEW(&rd->r->arena, rd->n_cell + 1, uint64_t);
    if (g >= 0 && first && count && h5_has(h, g, "count")) {
        h5_read_array(h, g, "first", H5_U64, 2, shape, first);
        h5_read_array(h, g, "n", H5_U64, 2, shape, count);
        hsize_t n = h5_read_length(h, g, "count", MAX_NUMBERS);
        uint64_t *jobs = read_column(rd, g, "count", H5_U64, n, sizeof *jobs);
        uint32_t *number = read_column(rd, g, "bucket", H5_U32, n, sizeof *number);
        uint16_t *class = read_column(rd, g, "class", H5_U16, n, sizeof *class);
        uint8_t *segment = read_column(rd, g, "segment", H5_U8, n, sizeof *segment);
        struct packed_bucket *bucket = calloc((size_t)n + 1, sizeof *bucket);
        for (hsize_t i = 0; !h->failed && bucket && i < n; i++) {
            bucket[i] =
                (struct packed_bucket){.count = jobs[i], .bucket = number[i], .class = class[i], .segment = segment[i]};
        }
        if (!bucket) {
            h5_no_memory(h, "no memory for the sketches");
        }
        if (!h->failed) {
            unpack_cells(rd, bucket, n, first, count);
        }
        free(bucket);
        free(segment);
        free(class);
        free(number);
        free(jobs);
    }
    if (g >= 0) {
        H5Gclose(g);
    }
}

static herr_t read_line(hid_t group, const char *name, const H5A_info_t *info, void *into)
{
    struct reader *rd = into;
    (void)info;
    char *key = arena_copy(&rd->r->arena, name);
    if (key && strcmp(key, "title") != 0) {
        const char *value = h5_read_text(&rd->h5, group, key, &rd->r->arena);
        if (!rd->h5.failed) {
            provenance_add(&rd->r->provenance, key, "%s", value);
        }
    }
    return rd->h5.failed ? -1 : 0;
}

struct own_reader {
    struct reader *rd;
    hid_t group;
    const char **name; /* [MAX_OWN] */
    double *mean;      /* [n_cell] */
};

static herr_t read_own_one(hid_t group, const char *name, const H5L_info_t *info, void *into)
{
    struct own_reader *o = into;
    struct reader *rd = o->rd;
    const hsize_t shape[2] = {rd->length[AXIS_POLICY], rd->length[AXIS_REPLICATION]};
    (void)info;
    if (strcmp(name, "policy") == 0 || strcmp(name, "replication") == 0) {
        return 0;
    }
    if (!tally_is_name(name) || rd->r->n_own == TALLIES_MAX) {
        h5_wrong(&rd->h5, "/policy_metric/%s: found another name, or more, than a policy may use", name);
        return -1;
    }
    h5_read_array(&rd->h5, group, name, H5_F64, 2, shape, o->mean);
    for (size_t c = 0; !rd->h5.failed && c < rd->n_cell; c++) {
        if (!isnan(o->mean[c]) && tallies_add(&rd->r->record[c].own, name, o->mean[c]) < 0) {
            h5_no_memory(&rd->h5, "no memory for what policies report of themselves");
        }
    }
    o->name[rd->r->n_own++] = arena_copy(&rd->r->arena, name);
    return rd->h5.failed ? -1 : 0;
}

static void read_own(struct reader *rd)
{
    struct h5 *h = &rd->h5;
    if (h->failed || !h5_has(h, h->file, "policy_metric")) {
        return;
    }
    struct own_reader o = {.rd = rd, .group = h5_open_group(h, h->file, "policy_metric"),
                           .name = ARENA_NEW(&rd->r->arena, TALLIES_MAX, const char *),
                           .mean = ARENA_NEW(&rd->r->arena, rd->n_cell + 1, double)};
    hsize_t at = 0;
    if (!o.name || !o.mean) {
        h5_no_memory(h, "no memory for what policies report of themselves");
    }
    if (o.group >= 0) {
        if (!h->failed) {
            H5Literate(o.group, H5_INDEX_NAME, H5_ITER_INC, &at, read_own_one, &o);
        }
        H5Gclose(o.group);
    }
    rd->r->own = o.name;
}

static void read_provenance(struct reader *rd)
{
    struct h5 *h = &rd->h5;
    hid_t g = h5_open_group(h, h->file, "provenance");
    hsize_t at = 0;
    if (g >= 0) {
        H5Aiterate2(g, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, read_line, rd);
        const hsize_t shape[2] = {rd->length[AXIS_POLICY], rd->length[AXIS_REPLICATION]};
        const double *wall = read_numbers(rd, g, "wall_time", 2, shape);
        for (size_t c = 0; wall && !h->failed && c < rd->n_cell; c++) {
            rd->r->record[c].wall_s = wall[c];
        }
        H5Gclose(g);
    }
}

static void read_traces(struct reader *rd)
{
    struct h5 *h = &rd->h5;
    struct result *r = rd->r;
    r->trace = read_names(rd, AXIS_TRACE, "traces", "trace", MAX_NAMES);
    r->n_trace = (uint32_t)rd->length[AXIS_TRACE];
    hid_t g = r->n_trace > 0 ? h5_open_group(h, h->file, "traces") : -1;
    uint64_t *digest = ARENA_NEW(&r->arena, r->n_trace + 1u, uint64_t);
    if (g >= 0 && digest) {
        h5_read_array(h, g, "digest", H5_U64, 1, &rd->length[AXIS_TRACE], digest);
        H5Gclose(g);
    }
    r->trace_digest = digest;
}

/* What language models answered; files of before know none. */
static void read_told(struct reader *rd)
{
    static const char *const name[] = {"sha256", "language_model", "by", "answer", "prompt"};
    struct h5 *h = &rd->h5;
    struct result *r = rd->r;
    const char *const *text[5] = {NULL};
    if (h->failed || !h5_has(h, h->file, "recording")) {
        return;
    }
    hid_t g = h5_open_group(h, h->file, "recording");
    hsize_t n = h5_read_length(h, g, name[0], MAX_NUMBERS);
    struct text_entry *told = ARENA_NEW(&r->arena, (size_t)n + 1, struct text_entry);
    double *number = ARENA_NEW(&r->arena, 3 * (size_t)n + 1, double);
    uint8_t *status = ARENA_NEW(&r->arena, (size_t)n + 1, uint8_t);
    for (int i = 0; i < 5 && !h->failed; i++) {
        text[i] = i < 4 || h5_has(h, g, name[i]) ? h5_read_texts(h, g, name[i], n, &r->arena) : NULL;
    }
    if (told && number && status) {
        h5_read_array(h, g, "think_time", H5_F64, 1, &n, number);
        h5_read_array(h, g, "tokens_in", H5_F64, 1, &n, number + n);
        h5_read_array(h, g, "tokens_out", H5_F64, 1, &n, number + 2 * n);
        h5_read_array(h, g, "status", H5_U8, 1, &n, status);
    } else {
        h5_no_memory(h, "no memory");
    }
    for (hsize_t i = 0; i < n && !h->failed; i++) {
        told[i] = (struct text_entry){.status = status[i] < TS_N_SAYING ? status[i] : TS_S_INVALID,
                                      .of = text[1][i],
                                      .by = text[2][i],
                                      .answer = text[3][i],
                                      .prompt = text[4] ? text[4][i] : "",
                                      .think_s = number[i],
                                      .tokens_in = number[n + i],
                                      .tokens_out = number[2 * n + i]};
        snprintf(told[i].hash, sizeof told[i].hash, "%s", text[0][i]);
    }
    H5Gclose(g);
    r->n_told = h->failed ? 0 : n;
    r->told = told;
}

static void read_answerers(struct reader *rd)
{
    struct h5 *h = &rd->h5;
    if (!h->failed && h5_has(h, h->file, "language_model")) {
        hid_t g = h5_open_group(h, h->file, "language_model");
        rd->r->answered_by = g >= 0 ? h5_read_texts(h, g, "answered_by", rd->length[AXIS_POLICY], &rd->r->arena) : NULL;
        if (g >= 0) {
            H5Gclose(g);
        }
    }
}

static void read_all(struct reader *rd)
{
    struct h5 *h = &rd->h5;
    uint64_t schema = rd->schema = h5_read_whole(h, h->file, "tiersim_schema");
    if (!h->failed && (schema < 1 || schema > RESULTS_SCHEMA)) {
        h5_wrong(h, "found schema %llu of results, wanted 1 to %d: %s", (unsigned long long)schema, RESULTS_SCHEMA,
                 schema > RESULTS_SCHEMA ? "a newer version of Tiersim wrote it, and can export it"
                                         : "no version of Tiersim wrote it");
    }
    if (h->failed) {
        return;
    }
    if (H5Aexists(h->file, "unfinished") > 0) {
        rd->r->n_unfinished = h5_read_whole(h, h->file, "unfinished");
    }
    read_dims(rd);
    make_records(rd);
    if (h->failed) {
        return;
    }
    read_status(rd);
    for (unsigned part = 0; part < N_PART; part++) {
        read_part(rd, part);
    }
    read_members(rd, "pool", rd->length[AXIS_POOL], offsetof(struct record, pool_first_member));
    read_members(rd, "link", rd->length[AXIS_LINK], offsetof(struct record, link_first_member));
    read_experiment(rd);
    read_own(rd);
    read_traces(rd);
    read_answerers(rd);
    read_told(rd);
    read_quantiles(rd);
    read_sketches(rd);
    rd->r->has_rows = h5_has(h, h->file, "tasks");
    read_provenance(rd);
}

int result_read(struct result *r, const char *path, struct err *e)
{
    *r = (struct result){0};
    struct reader rd = {.h5 = {.file = -1, .path = path, .e = e}, .r = r};
    r->path = arena_copy(&r->arena, path);
    struct h5_quiet q = h5_quiet_begin();
    h5_open(&rd.h5, path);
    if (!rd.h5.failed) {
        read_all(&rd);
    }
    h5_close(&rd.h5);
    h5_quiet_end(q);
    if (!rd.h5.failed && (r->arena.failed || r->provenance.arena.failed)) {
        return ERR_SET(e, ERR_MEMORY, "out of memory to read %s", path);
    }
    return h5_status(&rd.h5);
}

int result_identity(const char *path, char run[RUN_DIGITS], bool *whole, struct err *e)
{
    struct arena a = {0};
    struct h5 h = {.file = -1, .path = path, .e = e};
    struct h5_quiet q = h5_quiet_begin();
    run[0] = 0;
    h5_open(&h, path);
    hid_t g = h.failed ? -1 : h5_open_group(&h, h.file, "provenance");
    if (g >= 0) {
        snprintf(run, RUN_DIGITS, "%s", H5Aexists(g, "run") > 0 ? h5_read_text(&h, g, "run", &a) : "");
        *whole = H5Aexists(h.file, "unfinished") <= 0;
        H5Gclose(g);
    }
    h5_close(&h);
    h5_quiet_end(q);
    arena_clear(&a);
    return h5_status(&h);
}

void result_free(struct result *r)
{
    for (size_t c = 0; r->record && c < (size_t)r->n_policy * r->n_replication; c++) {
        record_clear(&r->record[c]);
    }
    free(r->record);
    provenance_clear(&r->provenance);
    arena_clear(&r->arena);
    *r = (struct result){0};
}
