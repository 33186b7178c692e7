/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/export.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/policy.h>

#include "sim/io/result_rows.h"
#include "sim/measure/analysis.h"

const char *export_stem(const char *path, char *buf, size_t n)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    snprintf(buf, n, "%.*s", dot && dot > base ? (int)(dot - base) : (int)strlen(base), base);
    return buf;
}

/* One file of the export. */
struct sheet_out {
    FILE *f;
    char path[PATH_MAX];
};

static int open_out(struct sheet_out *o, const struct result *r, const char *folder, const char *what, struct err *e)
{
    char stem[NAME_MAX + 1];
    snprintf(o->path, sizeof o->path, "%s/%s_%s.csv", folder, export_stem(r->path, stem, sizeof stem), what);
    o->f = fopen(o->path, "we");
    return o->f ? 0 : ERR_SET(e, ERR_IO, "%s: cannot be written: %s", o->path, strerror(errno));
}

static int close_out(struct sheet_out *o, struct err *e)
{
    int failed = ferror(o->f);
    failed |= fclose(o->f) != 0;
    return failed ? ERR_SET(e, ERR_IO, "%s: cannot be written: %s", o->path, strerror(errno)) : 0;
}

/* A field of text, in quotes where it must be. */
static void put_text(FILE *f, const char *s)
{
    if (!s[strcspn(s, ",\"\r\n")]) {
        fputs(s, f);
        return;
    }
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '"') {
            fputc('"', f);
        }
        fputc(*s, f);
    }
    fputc('"', f);
}

static void put_number(FILE *f, double x)
{
    if (isinf(x)) {
        fputs(x > 0 ? ",inf" : ",-inf", f);
    } else if (isnan(x)) {
        fputc(',', f);
    } else {
        fprintf(f, ",%.17g", x);
    }
}

static void put_cell(FILE *f, const struct result *r, uint32_t p, uint32_t k)
{
    put_text(f, r->policy[p]);
    fprintf(f, ",%u", k);
}

static void put_metric_heads(FILE *f)
{
    for (int m = 0; m < N_METRIC; m++) {
        fprintf(f, ",%s [%s]", metric_info[m].name, metric_info[m].unit);
    }
    fputc('\n', f);
}

static void write_summary(FILE *f, const struct result *r)
{
    static const char *const status[] = {"not run", "ok", "saturated", "broken", "failed"};
    fputs("policy,replication,status,digest", f);
    put_metric_heads(f);
    for (uint32_t p = 0; p < r->n_policy; p++) {
        for (uint32_t k = 0; k < r->n_replication; k++) {
            const struct record *rec = &r->record[(size_t)p * r->n_replication + k];
            put_cell(f, r, p, k);
            fprintf(f, ",%s,%016" PRIx64, status[rec->status], rec->digest);
            for (int m = 0; m < N_METRIC; m++) {
                put_number(f, rec->metric[m]);
            }
            fputc('\n', f);
        }
    }
}

static void write_class(FILE *f, const struct result *r)
{
    fputs("policy,replication,class", f);
    put_metric_heads(f);
    for (uint32_t p = 0; p < r->n_policy; p++) {
        for (uint32_t k = 0; k < r->n_replication; k++) {
            const struct record *rec = &r->record[(size_t)p * r->n_replication + k];
            for (uint32_t c = 0; c < r->n_class; c++) {
                put_cell(f, r, p, k);
                fputc(',', f);
                put_text(f, r->class_name[c]);
                for (int m = 0; m < N_METRIC; m++) {
                    put_number(f, rec->class_metric[c][m]);
                }
                fputc('\n', f);
            }
        }
    }
}

/* Workload c, or "all" behind the last one. */
static void put_class(FILE *f, const struct result *r, uint32_t c)
{
    fputc(',', f);
    put_text(f, c < r->n_class ? r->class_name[c] : "all");
}

static void write_quantiles(FILE *f, const struct result *r)
{
    fputs("policy,replication,class,q,latency_quantile [s],excursions [1]\n", f);
    for (uint32_t p = 0; p < r->n_policy; p++) {
        for (uint32_t k = 0; k < r->n_replication; k++) {
            size_t cell = (size_t)p * r->n_replication + k;
            for (uint32_t c = 0; c <= r->n_class; c++) {
                for (uint32_t q = 0; r->quantile && q < r->n_q; q++) {
                    put_cell(f, r, p, k);
                    put_class(f, r, c);
                    fprintf(f, ",%g", r->q[q]);
                    put_number(f, c < r->n_class ? r->quantile[(cell * r->n_class + c) * r->n_q + q]
                                                 : r->quantile_all[cell * r->n_q + q]);
                    const struct record *rec = &r->record[cell];
                    const struct excursions *x = c < r->n_class ? &rec->excursions[c] : &rec->all_excursions;
                    fprintf(f, ",%" PRIu64, q < N_QUANTILE ? x->n[q] : 0);
                    fputc('\n', f);
                }
            }
        }
    }
}

/* SEMANTICS 7.10 */
static bool is_enough(const struct result *r, uint32_t p, uint32_t class, uint32_t q)
{
    const struct replications own = {.record = &r->record[(size_t)p * r->n_replication], .n = r->n_replication};
    return q < N_QUANTILE && analysis_is_enough(own, class, q);
}

static void write_pooled(FILE *f, const struct result *r)
{
    fputs("policy,class,q,latency_quantile [s],low [s],high [s],enough\n", f);
    for (uint32_t p = 0; p < r->n_policy; p++) {
        for (uint32_t c = 0; c <= r->n_class; c++) {
            for (uint32_t q = 0; r->pooled && q < r->n_q; q++) {
                bool all = c == r->n_class;
                size_t at = all ? (size_t)p * r->n_q + q : ((size_t)p * r->n_class + c) * r->n_q + q;
                put_text(f, r->policy[p]);
                put_class(f, r, c);
                fprintf(f, ",%g", r->q[q]);
                put_number(f, all ? r->pooled_all[at] : r->pooled[at]);
                put_number(f, all ? r->pooled_all_low[at] : r->pooled_low[at]);
                put_number(f, all ? r->pooled_all_high[at] : r->pooled_high[at]);
                fprintf(f, ",%d", is_enough(r, p, all ? ALL_CLASSES : c, q));
                fputc('\n', f);
            }
        }
    }
}

static void write_tier(FILE *f, const struct result *r)
{
    fputs("policy,replication,tier,energy_busy [J],energy_idle [J]\n", f);
    for (uint32_t p = 0; p < r->n_policy; p++) {
        for (uint32_t k = 0; k < r->n_replication; k++) {
            const struct record *rec = &r->record[(size_t)p * r->n_replication + k];
            for (uint32_t t = 0; t <= r->n_tier; t++) {
                put_cell(f, r, p, k);
                fputc(',', f);
                put_text(f, r->tier[t]);
                put_number(f, rec->tier_energy[t].dynamic_j);
                put_number(f, rec->tier_energy[t].idle_j);
                fputc('\n', f);
            }
        }
    }
}

/* A number of a column, of its own type. */
static void put_row_value(FILE *f, const struct row_block *b, unsigned column, size_t i)
{
    const char *at = (const char *)row_column(b, column) + i * row_info[column].size;
    uint64_t u64;
    uint32_t u32;
    uint16_t u16;
    float f32;
    double f64;
    switch (row_info[column].type) {
    case ROW_U8:
        fprintf(f, ",%u", *(const unsigned char *)at);
        return;
    case ROW_U16:
        memcpy(&u16, at, sizeof u16);
        fprintf(f, ",%u", u16);
        return;
    case ROW_U32:
        memcpy(&u32, at, sizeof u32);
        fprintf(f, ",%u", u32);
        return;
    case ROW_U64:
        memcpy(&u64, at, sizeof u64);
        fprintf(f, ",%" PRIu64, u64);
        return;
    case ROW_F32:
        memcpy(&f32, at, sizeof f32);
        if (isfinite(f32)) {
            fprintf(f, ",%.9g", (double)f32);
        } else {
            put_number(f, (double)f32);
        }
        return;
    case ROW_F64:
        memcpy(&f64, at, sizeof f64);
        put_number(f, f64);
        return;
    }
}

static int write_tasks(FILE *f, const struct result *r, struct err *e)
{
    struct row_block *b = calloc(1, sizeof *b);
    int rc = b ? 0 : ERR_SET(e, ERR_MEMORY, "no memory for rows");
    fputs("policy,replication", f);
    for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
        fprintf(f, ",%s [%s]", row_info[c].name, row_info[c].unit);
    }
    fputc('\n', f);
    for (uint32_t p = 0; p < r->n_policy && rc == 0; p++) {
        for (uint32_t k = 0; k < r->n_replication && rc == 0; k++) {
            uint64_t from = 0;
            do {
                rc = result_read_rows(r, p, k, from, b, e);
                for (uint32_t i = 0; rc == 0 && i < b->n; i++) {
                    put_cell(f, r, p, k);
                    for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
                        put_row_value(f, b, c, i);
                    }
                    fputc('\n', f);
                }
                from += ROW_BLOCK;
            } while (rc == 0 && b->n == ROW_BLOCK);
        }
    }
    free(b);
    return rc;
}

int export_csv(const struct result *r, const char *folder, unsigned *n_written, struct err *e)
{
    static const struct {
        const char *name;
        void (*write)(FILE *f, const struct result *r);
    } sheet[] = {{"summary", write_summary},
                 {"class", write_class},
                 {"quantiles", write_quantiles},
                 {"pooled", write_pooled},
                 {"tier", write_tier}};
    struct sheet_out o;
    int rc = 0;
    *n_written = 0;
    for (size_t i = 0; i < sizeof sheet / sizeof sheet[0] && rc == 0; i++) {
        rc = open_out(&o, r, folder, sheet[i].name, e);
        if (rc == 0) {
            sheet[i].write(o.f, r);
            rc = close_out(&o, e);
            *n_written += rc == 0;
        }
    }
    if (rc == 0 && r->has_rows && (rc = open_out(&o, r, folder, "tasks", e)) == 0) {
        rc = write_tasks(o.f, r, e);
        int closed = close_out(&o, e);
        rc = rc < 0 ? rc : closed;
        *n_written += rc == 0;
    }
    return rc;
}
