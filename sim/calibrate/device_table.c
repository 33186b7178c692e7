/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/device_table.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/read.h"
#include "sim/io/yaml.h"

enum { NAME_MOST = 63 };
static const double LEAST_SCATTER = 1e-3; /* of a distribution */

/* clang-format off */
const struct device_kind *device_kinds(void)
{
    static const struct device_kind kind[] = {
        {"faas_sim", "faas-sim: functions on 10 devices of an edge cluster", NULL, device_read_faas_sim},
        {"mobile", "mobile-ml-benchmark, tflite_cnn_e2e.csv: on telephones",
         "cores, such as 4small|quant (1large|float)", device_read_mobile},
        {"splitwise", "splitwise-sim, perf_model.csv: language models", "requests of a batch (default: 1)",
         device_read_splitwise},
        {"vidur", "vidur, mlp.csv unpacked: laws of operators of a card",
         "cards that share a layer (default: 1)", device_read_vidur},
        {NULL, NULL, NULL, NULL},
    };
    return kind;
}
/* clang-format on */

/* A name that a scenario takes: other letters become _, what begins with a digit or would be misread (no) gets a d. */
static const char *fit_name(struct arena *a, const char *name)
{
    char fit[NAME_MOST + 1] = "";
    size_t n = 0;
    for (const char *c = name; *c && n < NAME_MOST - 1; c++) {
        fit[n++] = (char)(isalnum((unsigned char)*c) || *c == '-' ? *c : '_');
    }
    if (!isalpha((unsigned char)fit[0]) || !read_is_name(fit)) {
        memmove(fit + 1, fit, n);
        fit[0] = 'd';
    }
    return arena_copy(a, fit);
}

/* Room for one more of an array that doubles. */
static void *grow(struct arena *a, void *array, uint32_t n, uint32_t *room, size_t size)
{
    if (n < *room) {
        return array;
    }
    void *grown = arena_take(a, 2u * *room + 16u, size);
    if (grown) {
        *room = 2 * *room + 16;
        if (n) {
            memcpy(grown, array, n * size);
        }
    }
    return grown;
}

struct device_row *device_table_row(struct device_table *t, const char *device, const char *processor, struct err *e)
{
    const char *name = fit_name(&t->arena, device);
    uint32_t at = t->n;
    for (uint32_t i = 0; name && i < t->n; i++) {
        if (strcmp(t->row[i].device, name) == 0) {
            if (strcmp(t->row[i].processor, processor) == 0) {
                return &t->row[i];
            }
            at = i + 1;
        }
    }
    struct device_row *row = name ? grow(&t->arena, t->row, t->n, &t->room, sizeof *t->row) : NULL;
    if (!row) {
        ERR_SET(e, ERR_MEMORY, "out of memory for the devices of %s", t->path);
        return NULL;
    }
    t->row = row;
    memmove(&row[at + 1], &row[at], (t->n - at) * sizeof *row);
    row[at] = (struct device_row){.device = name, .processor = arena_copy(&t->arena, processor)};
    t->n++;
    return &row[at];
}

int device_row_add(struct device_table *t, struct device_row *row, struct device_function added, struct err *e)
{
    const char *fit = fit_name(&t->arena, added.name);
    struct device_function *f = fit ? grow(&t->arena, row->function, row->n_function, &row->room, sizeof *f) : NULL;
    if (!f) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the functions of %s", t->path);
    }
    row->function = f;
    for (uint32_t i = 0; i < row->n_function; i++) {
        if (strcmp(f[i].name, fit) == 0) {
            return ERR_SET(e, ERR_INPUT, "%s: found %s of %s a second time, wanted it once", t->path, added.name, row->device);
        }
    }
    added.name = fit;
    f[row->n_function++] = added;
    return 0;
}

int device_table_choice(const struct device_table *t, double *x, struct err *e)
{
    char *end = NULL;
    *x = t->choice ? strtod(t->choice, &end) : 1;
    return !t->choice || (end > t->choice && !*end && *x >= 1 && floor(*x) == *x)
               ? 0
               : ERR_SET(e, ERR_INPUT, "--column: found %s, wanted a whole number from 1", t->choice);
}

int device_table_read(struct device_table *t, const struct device_kind *kind, const char *path, const char *choice, struct err *e)
{
    *t = (struct device_table){.path = path, .choice = choice, .about = kind->about};
    int rc = choice && !kind->choice ? ERR_SET(e, ERR_INPUT, "%s: found --column, wanted it not: a table of %s has no choice", path,
                                               kind->name)
                                     : kind->read(t, e);
    if (rc == 0 && t->n == 0) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found no device, wanted rows of %s%s%s", path, kind->name, choice ? " with " : "",
                     choice ? choice : "");
    }
    return rc;
}

void device_table_clear(struct device_table *t)
{
    arena_clear(&t->arena);
    *t = (struct device_table){0};
}

static void print_law(const struct cost_law *l, const char *name, FILE *out)
{
    const char *separator = "";
    fprintf(out, "            %s: {", name);
    if (l->term_s[COST_ONCE] > 0) {
        fprintf(out, "once: %.6g us", l->term_s[COST_ONCE] * 1e6);
        separator = ", ";
    }
    if (l->term_s[COST_FLOP] > 0) {
        fprintf(out, "%sspeed: %.6g GFLOP/s", separator, 1e-9 / l->term_s[COST_FLOP]);
        separator = ", ";
    }
    if (l->term_s[COST_BYTE] > 0) {
        fprintf(out, "%sbandwidth: %.6g GB/s", separator, 1e-9 / l->term_s[COST_BYTE]);
    }
    fprintf(out, ", spread: %.3g}\n", l->spread);
}

static void print_row(const struct device_table *t, const struct device_row *r, FILE *out)
{
    bool some = false;
    fprintf(out, "      %s:\n", r->processor);
    if (r->speed_flops > 0) {
        fprintf(out, "        speed: %.6g GFLOP/s\n", r->speed_flops * 1e-9);
    } else {
        fputs("        speed: {value: 1 GFLOP/s, source: not in the table; work in FLOP is not meant for it}\n", out);
    }
    fputs("        profile:\n          source: ", out);
    yaml_write_text(out, t->path);
    putc('\n', out);
    for (int k = 0; k < N_KERNEL; k++) {
        if (r->law[k].known) {
            fputs(some ? "" : "          operators:\n", out);
            print_law(&r->law[k], kernel_name[k], out);
            some = true;
        }
    }
    fputs(r->n_function ? "          functions:\n" : "", out);
    for (uint32_t i = 0; i < r->n_function; i++) {
        const struct device_function *f = &r->function[i];
        fprintf(out, "            %s: ", f->name);
        if (f->cv > 0) {
            fprintf(out, "{value: %.9g ms, cv: %.3g}", f->s * 1e3, f->cv);
        } else {
            fprintf(out, "%.9g ms", f->s * 1e3);
        }
        if (f->scatter >= LEAST_SCATTER) {
            fprintf(out, "  # single runs: times: {lognormal: {mean: 1, cv: %.3g}}", f->scatter);
        }
        putc('\n', out);
    }
}

int device_table_print(const struct device_table *t, FILE *out)
{
    fprintf(out, "# %s, by tiersim import\ndevices:\n", t->about);
    for (uint32_t i = 0; i < t->n; i++) {
        if (i == 0 || strcmp(t->row[i].device, t->row[i - 1].device) != 0) {
            fprintf(out, "  %s:\n    processors:\n", t->row[i].device);
        }
        print_row(t, &t->row[i], out);
    }
    return ferror(out) ? -ERR_IO : 0;
}
