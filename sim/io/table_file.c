/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/table_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/tiersim.h>

#include "sim/io/h5.h"
#include "sim/io/h5_publish.h"
#include "sim/io/probe.h"

enum { MAX_KEYS = 10000, MAX_POINTS = 1000000, MAX_REPLICATIONS = 100000, MAX_VALUES = 1 << 27 };

const struct curve_info curve_info[N_CURVE] = {
    [CURVE_REWARD] = {"reward", "1", "mean reward of a job"},
    [CURVE_LATENCY] = {"latency_mean", "s", "mean latency of finished jobs"},
    [CURVE_MISS] = {"miss_ratio", "1", "late or not finished"},
    [CURVE_ENERGY] = {"energy_per_job", "J", "energy above idle of a job"},
};

const char *table_scenario_text(const struct scenario *s, struct arena *a)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) {
        return NULL;
    }
    for (uint32_t k = 0; k < s->n_workload; k++) {
        fprintf(out, "workload %s at %s\n", s->workload[k].name, s->group[s->workload[k].group].name);
    }
    for (uint32_t g = 0; g < s->n_group; g++) {
        fprintf(out, "nodes %s of tier %s\n", s->group[g].name, s->tier_name[s->group[g].tier]);
    }
    for (uint32_t p = 0; p < s->n_pool; p++) {
        fprintf(out, "processor %s of %s\n", s->pool[p].name, s->group[s->pool[p].group].name);
    }
    for (uint32_t l = 0; l < s->n_link; l++) {
        fprintf(out, "link %s\n", s->link[l].name);
    }
    const char *copy = fclose(out) == 0 ? arena_copy(a, text) : NULL;
    free(text);
    return copy;
}

static bool ends_with(const char *key, const char *suffix)
{
    size_t n = strlen(key), m = strlen(suffix);
    return n > m && strcmp(key + n - m, suffix) == 0;
}

static void write_blob(struct h5 *h, hid_t parent, const struct blob *b)
{
    struct h5_group g;
    h5_begin_group(h, &g, parent, b->key);
    if (ends_with(b->key, ".txt")) {
        char *text = strndup(b->bytes, b->n);
        if (text) {
            h5_write_note(h, &g, "value", "as the policy saved it", text);
        } else {
            h5_no_memory(h, "no memory for %s", b->key);
        }
        free(text);
    } else {
        bool numbers = ends_with(b->key, ".f64");
        h5_write_table(h, &g, "value", "1", "as the policy saved it", numbers ? H5_F64 : H5_U8,
                       numbers ? b->n / sizeof(double) : b->n, b->bytes);
    }
    h5_end_group(h, &g);
}

static void write_state(struct h5 *h, hid_t root, const struct blobs *state)
{
    struct h5_group g;
    char *keys = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&keys, &n);
    for (size_t i = 0; out && i < state->n; i++) {
        fprintf(out, "%s\n", state->blob[i].key);
    }
    bool failed = !out || fclose(out) != 0;
    h5_begin_group(h, &g, root, "state");
    if (state->n > MAX_KEYS) {
        h5_wrong(h, "the policy kept %zu pieces, in all its blocks of state, wanted at most %d", state->n, MAX_KEYS);
    } else if (failed) {
        h5_no_memory(h, "no memory for what was learned");
    } else {
        h5_write_text(h, g.id, "keys", keys);
    }
    for (size_t i = 0; i < state->n; i++) {
        write_blob(h, g.id, &state->blob[i]);
    }
    h5_end_group(h, &g);
    free(keys);
}

static void write_curve(struct h5 *h, hid_t root, const struct table_file *t)
{
    struct h5_group g;
    uint32_t *number = calloc((size_t)t->n_replication + 1, sizeof *number);
    if (t->n_point == 0 || !number) {
        free(number);
        return;
    }
    for (uint32_t i = 0; i < t->n_replication; i++) {
        number[i] = i;
    }
    const struct h5_dim point = {"point", "1", "episodes learned from", H5_F64, t->n_point, t->episode};
    const struct h5_dim replication = {"replication", "1", "number of the replication", H5_U32, t->n_replication, number};
    h5_begin_group(h, &g, root, "curve");
    for (int c = 0; c < N_CURVE; c++) {
        const struct curve_info *info = &curve_info[c];
        h5_write_array(h, &g, &(struct h5_array){.name = info->name, .unit = info->unit, .about = info->about, .kind = H5_F64,
                                                 .n_dim = 2, .dim = {&point, &replication}, .value = t->curve[c]});
    }
    h5_end_group(h, &g);
    free(number);
}

static void write_all(struct h5 *h, const struct table_file *t, const struct provenance *p)
{
    struct h5_group g, of;
    h5_begin_group(h, &g, h->file, ".");
    h5_write_text(h, g.id, "Conventions", "CF-1.10");
    h5_write_text(h, g.id, "title", t->policy);
    h5_write_text(h, g.id, "comment", "what a policy has learned: tiersim train");
    h5_write_text(h, g.id, "source", "tiersim " TS_VERSION);
    h5_write_whole(h, g.id, "tiersim_table", 1);
    h5_write_whole(h, g.id, "episodes", t->episodes);
    h5_write_whole(h, g.id, "wanted", t->wanted);
    h5_write_number(h, g.id, "decisions", t->decisions);
    h5_write_note(h, &g, "parameters", "of the policy, in SI units", t->parameters);
    h5_write_note(h, &g, "scenario", "what it was learned on, by name", t->scenario);
    h5_write_note(h, &g, "training", "what was trained and how", t->training);
    write_state(h, g.id, &t->state);
    write_curve(h, g.id, t);
    h5_begin_group(h, &of, g.id, "provenance");
    provenance_write(h, of.id, p);
    h5_end_group(h, &of);
    h5_end_group(h, &g);
}

struct written {
    const struct table_file *t;
    const struct provenance *p;
};

static void write_file(struct h5 *h, const void *what)
{
    const struct written *w = what;
    write_all(h, w->t, w->p);
}

int table_file_write(const struct table_file *t, const char *path, const struct provenance *p, struct err *e)
{
    return h5_publish(path, write_file, &(struct written){t, p}, e);
}

/* A single text of the root. */
static const char *read_note(struct h5 *h, hid_t group, const char *name, struct arena *a)
{
    const char *const *text = h5_read_texts(h, group, name, 1, a);
    return text && !h->failed ? text[0] : "";
}

static void read_blob(struct h5 *h, hid_t parent, const char *key, struct blob *b, struct arena *a)
{
    hid_t g = h5_open_group(h, parent, key);
    b->key = arena_copy(a, key);
    if (g >= 0 && ends_with(key, ".txt")) {
        const char *text = read_note(h, g, "value", a);
        b->n = strlen(text);
        b->bytes = arena_copy(a, text);
    } else if (g >= 0) {
        bool numbers = ends_with(key, ".f64");
        hsize_t n = h5_read_length(h, g, "value", MAX_VALUES);
        b->n = n * (numbers ? sizeof(double) : 1);
        b->bytes = h->failed ? NULL : arena_take(a, b->n + 1, 1);
        if (b->bytes) {
            h5_read_array(h, g, "value", numbers ? H5_F64 : H5_U8, 1, &n, b->bytes);
        }
    }
    if (!h->failed && (!b->key || !b->bytes)) {
        h5_no_memory(h, "no memory for %s", key);
    }
    if (g >= 0) {
        H5Gclose(g);
    }
}

static void read_state(struct h5 *h, struct table_file *t, struct arena *a)
{
    hid_t g = h5_open_group(h, h->file, "state");
    if (g < 0) {
        return;
    }
    char *keys = arena_copy(a, h5_read_text(h, g, "keys", a)), *rest = keys;
    t->state.blob = ARENA_NEW(a, MAX_KEYS, struct blob);
    if (!keys || !t->state.blob) {
        h5_no_memory(h, "no memory for what was learned");
    }
    for (char *key; !h->failed && rest && (key = strsep(&rest, "\n")) && *key;) {
        if (t->state.n == MAX_KEYS) {
            h5_wrong(h, "/state: found more than %d keys", MAX_KEYS);
            break;
        }
        read_blob(h, g, key, &t->state.blob[t->state.n++], a);
    }
    H5Gclose(g);
}

static void read_curve(struct h5 *h, struct table_file *t, struct arena *a)
{
    if (h->failed || !h5_has(h, h->file, "curve")) {
        return;
    }
    hid_t g = h5_open_group(h, h->file, "curve");
    if (g < 0) {
        return;
    }
    hsize_t shape[2] = {h5_read_length(h, g, "point", MAX_POINTS), h5_read_length(h, g, "replication", MAX_REPLICATIONS)};
    double *episode = h->failed ? NULL : ARENA_NEW(a, shape[0] + 1, double);
    if (episode) {
        h5_read_array(h, g, "point", H5_F64, 1, shape, episode);
    }
    t->episode = episode;
    t->n_point = (uint32_t)shape[0];
    t->n_replication = (uint32_t)shape[1];
    for (int c = 0; c < N_CURVE && !h->failed; c++) {
        double *value = shape[0] * shape[1] < MAX_VALUES ? ARENA_NEW(a, shape[0] * shape[1] + 1, double) : NULL;
        if (!value || !episode) {
            h5_no_memory(h, "no memory for the curve");
            break;
        }
        h5_read_array(h, g, curve_info[c].name, H5_F64, 2, shape, value);
        t->curve[c] = value;
    }
    H5Gclose(g);
}

static int read_file(struct table_file *t, const char *path, struct arena *a, struct err *e)
{
    struct h5 h = {.file = -1, .path = path, .e = e};
    *t = (struct table_file){0};
    struct h5_quiet q = h5_quiet_begin();
    h5_open(&h, path);
    if (h5_status(&h) == 0 && H5Aexists(h.file, "tiersim_table") <= 0) {
        h5_wrong(&h, "not a table of a policy, which `tiersim train` writes");
    }
    if (h5_status(&h) == 0) {
        uint64_t version = h5_read_whole(&h, h.file, "tiersim_table");
        if (!h.failed && version != 1) {
            h5_wrong(&h, "found a table of version %llu, wanted 1", (unsigned long long)version);
        }
        t->policy = h5_read_text(&h, h.file, "title", a);
        t->episodes = h5_read_whole(&h, h.file, "episodes");
        t->wanted = h5_read_whole(&h, h.file, "wanted");
        t->decisions = h5_read_number(&h, h.file, "decisions");
        t->parameters = read_note(&h, h.file, "parameters", a);
        t->scenario = read_note(&h, h.file, "scenario", a);
        t->training = read_note(&h, h.file, "training", a);
        read_state(&h, t, a);
        read_curve(&h, t, a);
    }
    h5_close(&h);
    h5_quiet_end(q);
    return h5_status(&h);
}

static int look(const char *path, struct err *e)
{
    struct arena a = {0};
    struct table_file t;
    int rc = read_file(&t, path, &a, e);
    arena_clear(&a);
    return rc;
}

int table_file_read(struct table_file *t, const char *path, struct arena *a, struct err *e)
{
    int rc = probe_read(path, "a table of a policy", look, e);
    if (rc < 0) {
        *t = (struct table_file){0};
        return rc;
    }
    return read_file(t, path, a, e);
}
