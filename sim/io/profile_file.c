/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/profile_file.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/tiersim.h>

#include "sim/io/h5.h"
#include "sim/io/h5_publish.h"
#include "sim/io/probe.h"

enum { VERSION = 1, MAX_SAMPLES = 1000000, MAX_LAWS = 64, LAW_LOAD = N_KERNEL, N_LAW = N_KERNEL + 1 };

static const char *const law_name_of_load = "load";
static const char *const term_name[N_COST_TERM] = {"once", "flop", "byte"};

static const char *law_name(unsigned i)
{
    return i == LAW_LOAD ? law_name_of_load : kernel_name[i];
}

static const struct cost_law *law_at(const struct cost_profile *p, unsigned i)
{
    return i == LAW_LOAD ? &p->load : &p->law[i];
}

/* --- writing --- */

/* Numbers of the laws that are one each. */
static const struct law_number {
    const char *name, *unit, *about;
    size_t offset;
} law_number[] = {
    {"spread", "1", "standard deviation of measured / law - 1", offsetof(struct cost_law, spread)},
    {"held_error", "1", "mean relative error on shapes that were held back", offsetof(struct cost_law, held_error)},
    {"flop_max", "1", "largest flop that it was fitted to", offsetof(struct cost_law, flop_max)},
    {"bytes_max", "byte", "largest bytes that it was fitted to", offsetof(struct cost_law, bytes_max)},
};
enum { N_LAW_NUMBER = sizeof law_number / sizeof law_number[0] };

static void write_laws(struct h5 *h, hid_t root, const struct cost_profile *p)
{
    struct h5_group g;
    const char *kernels[N_LAW];
    double term[N_LAW][N_COST_TERM], variance[N_LAW][N_COST_TERM][N_COST_TERM], number[N_LAW_NUMBER][N_LAW];
    double serial[N_LAW], fixed[N_LAW];
    uint32_t n[N_LAW];
    uint8_t known[N_LAW];
    for (unsigned i = 0; i < N_LAW; i++) {
        const struct cost_law *l = law_at(p, i);
        kernels[i] = law_name(i);
        known[i] = l->known;
        n[i] = l->n;
        memcpy(term[i], l->term_s, sizeof term[i]);
        memcpy(variance[i], l->variance, sizeof variance[i]);
        for (int k = 0; k < N_LAW_NUMBER; k++) {
            memcpy(&number[k][i], (const char *)l + law_number[k].offset, sizeof(double));
        }
        serial[i] = i == LAW_LOAD ? NAN : p->serial[i];
        fixed[i] = i == LAW_LOAD ? NAN : p->batch_fixed[i];
    }
    const struct h5_dim kernel = {"kernel", "", "kind of operator; load: making a model ready", H5_TEXT, N_LAW, kernels};
    const struct h5_dim of = {"term", "", "what the time goes with", H5_TEXT, N_COST_TERM, term_name};
    const struct h5_dim with = {"term_with", "", "the other one of a variance", H5_TEXT, N_COST_TERM, term_name};
    h5_begin_group(h, &g, root, "law");
    h5_write_array(h, &g, &(struct h5_array){"known", "1", "there is a law", H5_U8, 1, {&kernel}, known});
    h5_write_array(h, &g, &(struct h5_array){"n", "1", "shapes that it was fitted to", H5_U32, 1, {&kernel}, n});
    h5_write_array(h, &g, &(struct h5_array){"term_s", "s", "time per operator, flop and byte", H5_F64, 2, {&kernel, &of}, term});
    h5_write_array(h, &g, &(struct h5_array){"variance", "s2", "covariances of the terms", H5_F64, 3, {&kernel, &of, &with},
                                             variance});
    for (int k = 0; k < N_LAW_NUMBER; k++) {
        h5_write_array(h, &g, &(struct h5_array){law_number[k].name, law_number[k].unit, law_number[k].about, H5_F64, 1,
                                                 {&kernel}, number[k]});
    }
    h5_write_array(h, &g, &(struct h5_array){"serial", "1", "share that threads do not make faster", H5_F64, 1, {&kernel},
                                             serial});
    h5_write_array(h, &g, &(struct h5_array){"batch_fixed", "1", "share that does not grow with the batch", H5_F64, 1,
                                             {&kernel}, fixed});
    h5_end_group(h, &g);
}

static const struct column {
    const char *name, *unit, *about;
    enum h5_kind kind;
    size_t offset;
} sample_column[] = {
    {"kernel", "1", "kind of operator, by its number in /law", H5_U32, offsetof(struct profile_sample, kernel)},
    {"use", "1", "0: to fit the law, or held back from it; 1: of threads; 2: of batches", H5_U32,
     offsetof(struct profile_sample, use)},
    {"size_1", "1", "first size of the shape", H5_U32, offsetof(struct profile_sample, size[0])},
    {"size_2", "1", "second size", H5_U32, offsetof(struct profile_sample, size[1])},
    {"size_3", "1", "third size", H5_U32, offsetof(struct profile_sample, size[2])},
    {"batch", "1", "samples at once", H5_U32, offsetof(struct profile_sample, batch)},
    {"threads", "1", "threads", H5_U32, offsetof(struct profile_sample, threads)},
    {"flop", "1", "floating point operations of one operator", H5_F64, offsetof(struct profile_sample, flop)},
    {"bytes", "byte", "bytes read and written by it", H5_F64, offsetof(struct profile_sample, bytes)},
    {"measured_s", "s", "time of it, the least of all passes", H5_F64, offsetof(struct profile_sample, s)},
    {"law_s", "s", "the same by the law", H5_F64, offsetof(struct profile_sample, law_s)},
    {"sd_s", "s", "standard deviation about the law", H5_F64, offsetof(struct profile_sample, sd_s)},
    {"model_bytes", "byte", "bytes of the model that held it", H5_F64, offsetof(struct profile_sample, model_bytes)},
    {"load_s", "s", "time to make that model ready", H5_F64, offsetof(struct profile_sample, load_s)},
    {"resident_bytes", "byte", "memory that it took", H5_F64, offsetof(struct profile_sample, resident_bytes)},
    {"held", "1", "1: held back from the fit", H5_U8, offsetof(struct profile_sample, held)},
};
enum { N_COLUMN = sizeof sample_column / sizeof sample_column[0] };

static size_t width(enum h5_kind kind)
{
    return kind == H5_F64 ? sizeof(double) : kind == H5_U8 ? 1 : sizeof(uint32_t);
}

static void write_samples(struct h5 *h, hid_t root, const struct profile_file *f)
{
    struct h5_group g;
    char *value = malloc((f->n_sample + 1) * sizeof(double));
    if (f->n_sample == 0 || !value) {
        if (!value) {
            h5_no_memory(h, "no memory for %zu samples", f->n_sample);
        }
        free(value);
        return;
    }
    h5_begin_group(h, &g, root, "sample");
    for (int c = 0; c < N_COLUMN; c++) {
        const struct column *k = &sample_column[c];
        for (size_t i = 0; i < f->n_sample; i++) {
            memcpy(value + i * width(k->kind), (const char *)&f->sample[i] + k->offset, width(k->kind));
        }
        h5_write_table(h, &g, k->name, k->unit, k->about, k->kind, f->n_sample, value);
    }
    h5_end_group(h, &g);
    free(value);
}

static void write_models(struct h5 *h, hid_t root, const struct profile_file *f)
{
    static const struct column model_column[] = {
        {"measured_s", "s", "time of a run, the least of all passes", H5_F64, offsetof(struct profile_model, measured_s)},
        {"law_s", "s", "sum of the laws of its operators", H5_F64, offsetof(struct profile_model, law_s)},
        {"sd_s", "s", "standard deviation about that", H5_F64, offsetof(struct profile_model, sd_s)},
        {"nodes_s", "s", "sum of its nodes by the runtime's own profile", H5_F64, offsetof(struct profile_model, nodes_s)},
    };
    struct h5_group g;
    const char **name = malloc((f->n_model + 1) * sizeof *name);
    double *value = malloc((f->n_model + 1) * sizeof *value);
    if (!name || !value) {
        h5_no_memory(h, "no memory for %zu models", f->n_model);
    } else if (f->n_model > 0) {
        for (size_t i = 0; i < f->n_model; i++) {
            name[i] = f->model[i].name;
        }
        const struct h5_dim model = {"model", "", "whole models", H5_TEXT, f->n_model, name};
        h5_begin_group(h, &g, root, "model");
        for (size_t c = 0; c < sizeof model_column / sizeof model_column[0]; c++) {
            for (size_t i = 0; i < f->n_model; i++) {
                memcpy(&value[i], (const char *)&f->model[i] + model_column[c].offset, sizeof(double));
            }
            const struct column *k = &model_column[c];
            h5_write_array(h, &g, &(struct h5_array){k->name, k->unit, k->about, H5_F64, 1, {&model}, value});
        }
        h5_end_group(h, &g);
    }
    free(name);
    free(value);
}

static void write_all(struct h5 *h, const struct profile_file *f, const struct provenance *p)
{
    struct h5_group g, of;
    h5_begin_group(h, &g, h->file, ".");
    h5_write_text(h, g.id, "Conventions", "CF-1.10");
    h5_write_text(h, g.id, "title", f->profile.name);
    h5_write_text(h, g.id, "comment", f->profile.source);
    h5_write_text(h, g.id, "source", "tiersim " TS_VERSION);
    h5_write_whole(h, g.id, "tiersim_profile", VERSION);
    h5_write_text(h, g.id, "machine", f->machine);
    h5_write_text(h, g.id, "runtime", f->runtime);
    h5_write_number(h, g.id, "run_s", f->profile.run_s);
    h5_write_number(h, g.id, "memory_factor", f->profile.memory_factor);
    h5_write_whole(h, g.id, "extrapolated", f->profile.extrapolated);
    h5_write_number(h, g.id, "load_before", f->load_before);
    h5_write_number(h, g.id, "load_after", f->load_after);
    h5_write_number(h, g.id, "pinned", f->pinned);
    h5_write_whole(h, g.id, "passes", f->passes);
    write_laws(h, g.id, &f->profile);
    write_samples(h, g.id, f);
    write_models(h, g.id, f);
    h5_begin_group(h, &of, g.id, "provenance");
    provenance_write(h, of.id, p);
    h5_end_group(h, &of);
    h5_end_group(h, &g);
}

struct written {
    const struct profile_file *f;
    const struct provenance *p;
};

static void write_file(struct h5 *h, const void *what)
{
    const struct written *w = what;
    write_all(h, w->f, w->p);
}

int profile_file_write(const struct profile_file *f, const char *path, const struct provenance *p, struct err *e)
{
    return h5_publish(path, write_file, &(struct written){f, p}, e);
}

/* --- reading --- */

/* Number of the law of that name; N_LAW: one of a later program, which is passed over. */
static unsigned law_find(const char *name)
{
    unsigned i = 0;
    while (i < N_LAW && strcmp(law_name(i), name) != 0) {
        i++;
    }
    return i;
}

static void check_law(struct h5 *h, const char *name, const struct cost_law *l)
{
    bool sound = l->spread >= 0 && isfinite(l->spread);
    double sum = 0;
    for (int t = 0; t < N_COST_TERM; t++) {
        sound &= isfinite(l->term_s[t]) && l->term_s[t] >= 0 && isfinite(l->variance[t][t]) && l->variance[t][t] >= 0;
        sum += l->term_s[t];
    }
    if (!h->failed && l->known && (!sound || !(sum > 0))) {
        h5_wrong(h, "/law: found a law of %s that is no time, wanted terms >= 0, not all 0", name);
    }
    if (!h->failed && l->known && !(l->flop_max >= 0 && l->bytes_max >= 0)) {
        h5_wrong(h, "/law: found no range of %s, wanted flop_max and bytes_max >= 0", name);
    }
}

/* NAN: it is not known. */
static void check_share(struct h5 *h, const char *name, const char *of, double share)
{
    if (!h->failed && !isnan(share) && !(share >= 0 && share <= 1)) {
        h5_wrong(h, "/law/%s: found %g for %s, wanted a share from 0 to 1", name, share, of);
    }
}

static void read_laws(struct h5 *h, struct cost_profile *p, struct arena *a)
{
    hid_t g = h5_open_group(h, h->file, "law");
    const hsize_t n = g < 0 ? 0 : h5_read_length(h, g, "kernel", MAX_LAWS);
    const char *const *name = h->failed ? NULL : h5_read_texts(h, g, "kernel", n, a);
    double term[MAX_LAWS][N_COST_TERM], variance[MAX_LAWS][N_COST_TERM][N_COST_TERM], number[N_LAW_NUMBER][MAX_LAWS];
    double serial[MAX_LAWS], fixed[MAX_LAWS];
    uint32_t fitted[MAX_LAWS];
    uint8_t known[MAX_LAWS];
    if (name) {
        h5_read_array(h, g, "known", H5_U8, 1, &n, known);
        h5_read_array(h, g, "n", H5_U32, 1, &n, fitted);
        h5_read_array(h, g, "term_s", H5_F64, 2, (hsize_t[]){n, N_COST_TERM}, term);
        h5_read_array(h, g, "variance", H5_F64, 3, (hsize_t[]){n, N_COST_TERM, N_COST_TERM}, variance);
        for (int k = 0; k < N_LAW_NUMBER; k++) {
            h5_read_array(h, g, law_number[k].name, H5_F64, 1, &n, number[k]);
        }
        h5_read_array(h, g, "serial", H5_F64, 1, &n, serial);
        h5_read_array(h, g, "batch_fixed", H5_F64, 1, &n, fixed);
    }
    for (hsize_t i = 0; i < n && name && !h->failed; i++) {
        const unsigned at = law_find(name[i]);
        if (at < N_LAW) {
            struct cost_law *l = at == LAW_LOAD ? &p->load : &p->law[at];
            *l = (struct cost_law){.known = known[i] != 0, .n = fitted[i]};
            memcpy(l->term_s, term[i], sizeof l->term_s);
            memcpy(l->variance, variance[i], sizeof l->variance);
            for (int k = 0; k < N_LAW_NUMBER; k++) {
                memcpy((char *)l + law_number[k].offset, &number[k][i], sizeof(double));
            }
            check_law(h, name[i], l);
            if (at != LAW_LOAD) {
                check_share(h, "serial", name[i], serial[i]);
                check_share(h, "batch_fixed", name[i], fixed[i]);
                p->serial[at] = serial[i];
                p->batch_fixed[at] = fixed[i];
            }
        }
    }
    if (g >= 0) {
        H5Gclose(g);
    }
}

static void read_samples(struct h5 *h, struct profile_file *f, struct arena *a)
{
    if (h->failed || !h5_has(h, h->file, "sample")) {
        return;
    }
    hid_t g = h5_open_group(h, h->file, "sample");
    const hsize_t n = g < 0 ? 0 : h5_read_length(h, g, "kernel", MAX_SAMPLES);
    struct profile_sample *sample = h->failed ? NULL : ARENA_NEW(a, n + 1, struct profile_sample);
    char *value = malloc((n + 1) * sizeof(double));
    if (!h->failed && (!sample || !value)) {
        h5_no_memory(h, "no memory for %llu samples", (unsigned long long)n);
    }
    for (int c = 0; c < N_COLUMN && !h->failed; c++) {
        const struct column *k = &sample_column[c];
        h5_read_array(h, g, k->name, k->kind, 1, &n, value);
        for (hsize_t i = 0; i < n && !h->failed; i++) {
            memcpy((char *)&sample[i] + k->offset, value + i * width(k->kind), width(k->kind));
        }
    }
    for (hsize_t i = 0; i < n && !h->failed; i++) {
        if ((unsigned)sample[i].kernel >= N_KERNEL || (unsigned)sample[i].use >= N_PROFILE_USE) {
            h5_wrong(h, "/sample: found a row of kind %u and use %u, which there is none of", (unsigned)sample[i].kernel,
                     (unsigned)sample[i].use);
        }
    }
    f->profile.threads_max = 1;
    for (hsize_t i = 0; i < n && !h->failed; i++) {
        if (sample[i].use == PROFILE_THREADS && sample[i].threads > f->profile.threads_max) {
            f->profile.threads_max = sample[i].threads;
        }
    }
    f->sample = sample;
    f->n_sample = h->failed ? 0 : n;
    free(value);
    if (g >= 0) {
        H5Gclose(g);
    }
}

static void read_models(struct h5 *h, struct profile_file *f, struct arena *a)
{
    if (h->failed || !h5_has(h, h->file, "model")) {
        return;
    }
    hid_t g = h5_open_group(h, h->file, "model");
    const hsize_t n = g < 0 ? 0 : h5_read_length(h, g, "model", MAX_SAMPLES);
    const char *const *name = h->failed ? NULL : h5_read_texts(h, g, "model", n, a);
    struct profile_model *model = name ? ARENA_NEW(a, n + 1, struct profile_model) : NULL;
    double *value = model ? ARENA_NEW(a, 4 * n + 1, double) : NULL;
    if (value) {
        static const char *const column[] = {"measured_s", "law_s", "sd_s", "nodes_s"};
        for (int c = 0; c < 4; c++) {
            h5_read_array(h, g, column[c], H5_F64, 1, &n, value + (hsize_t)c * n);
        }
        for (hsize_t i = 0; i < n && !h->failed; i++) {
            model[i] = (struct profile_model){.name = name[i], .measured_s = value[i], .law_s = value[n + i],
                                              .sd_s = value[2 * n + i], .nodes_s = value[3 * n + i]};
        }
        f->model = model;
        f->n_model = h->failed ? 0 : n;
    } else if (!h->failed) {
        h5_no_memory(h, "no memory for the models");
    }
    if (g >= 0) {
        H5Gclose(g);
    }
}

static void read_head(struct h5 *h, struct profile_file *f, struct arena *a)
{
    uint64_t version = h5_read_whole(h, h->file, "tiersim_profile");
    if (!h->failed && version != VERSION) {
        h5_wrong(h, "found a profile of version %llu, wanted %d", (unsigned long long)version, VERSION);
    }
    f->profile.name = h5_read_text(h, h->file, "title", a);
    f->profile.source = h5_read_text(h, h->file, "comment", a);
    f->machine = h5_read_text(h, h->file, "machine", a);
    f->runtime = h5_read_text(h, h->file, "runtime", a);
    f->profile.run_s = h5_read_number(h, h->file, "run_s");
    f->profile.memory_factor = h5_read_number(h, h->file, "memory_factor");
    f->profile.extrapolated = h5_read_whole(h, h->file, "extrapolated") != 0;
    f->load_before = h5_read_number(h, h->file, "load_before");
    f->load_after = h5_read_number(h, h->file, "load_after");
    const double pinned = h5_read_number(h, h->file, "pinned");
    f->pinned = pinned >= 0 && pinned < INT32_MAX ? (int32_t)pinned : -1;
    f->passes = (uint32_t)h5_read_whole(h, h->file, "passes");
    if (!h->failed && !(f->profile.run_s >= 0 && isfinite(f->profile.run_s))) {
        h5_wrong(h, "found run_s %g, wanted a time from 0", f->profile.run_s);
    }
}

static int read_file(struct profile_file *f, const char *path, struct arena *a, struct err *e)
{
    struct h5 h = {.file = -1, .path = path, .e = e};
    *f = (struct profile_file){.profile.threads_max = 1};
    struct h5_quiet q = h5_quiet_begin();
    h5_open(&h, path);
    if (h5_status(&h) == 0 && H5Aexists(h.file, "tiersim_profile") <= 0) {
        h5_wrong(&h, "not a profile of a device, which `tiersim calibrate` writes");
    }
    if (h5_status(&h) == 0) {
        read_head(&h, f, a);
        read_laws(&h, &f->profile, a);
        read_samples(&h, f, a);
        read_models(&h, f, a);
    }
    h5_close(&h);
    h5_quiet_end(q);
    return h5_status(&h);
}

static int look(const char *path, struct err *e)
{
    struct arena a = {0};
    struct profile_file f;
    int rc = read_file(&f, path, &a, e);
    arena_clear(&a);
    return rc;
}

int profile_file_read(struct profile_file *f, const char *path, struct arena *a, struct err *e)
{
    int rc = probe_read(path, "a profile of a device", look, e);
    if (rc < 0) {
        *f = (struct profile_file){0};
        return rc;
    }
    return read_file(f, path, a, e);
}
