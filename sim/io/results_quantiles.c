/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/results_quantiles.h"

#include <math.h>
#include <stdlib.h>

#include "sim/measure/analysis.h"

/* One of the datasets, by workload or over all of them. */
struct quantiles {
    double *each;                /* [n_policy][n_replication][n_class][N_QUANTILE] */
    double *pooled, *low, *high; /* [n_policy][n_class][N_QUANTILE] */
};

static int pool(const struct sketch *part, size_t n, double *value, double *low, double *high)
{
    struct stats_interval interval[N_QUANTILE];
    int rc = analysis_quantiles(part, n, record_quantile, N_QUANTILE, 0.95, interval);
    for (unsigned i = 0; i < N_QUANTILE && rc == 0; i++) {
        value[i] = interval[i].estimate;
        low[i] = value[i] - interval[i].half_width;
        high[i] = value[i] + interval[i].half_width;
    }
    return rc;
}

/* The rows of one policy and one workload, or all workloads (UINT32_MAX), which stand at `row` of n_row. */
static int fill(const struct results *r, size_t policy, uint32_t class, size_t row, size_t n_row, struct quantiles *q)
{
    size_t n_rep = (size_t)r->length[AXIS_REPLICATION], n = 0, at = (policy * n_row + row) * N_QUANTILE;
    struct sketch *part = calloc(n_rep + 1, sizeof *part);
    int rc = part ? 0 : -ERR_MEMORY;
    for (size_t k = 0; k < n_rep && rc == 0; k++) {
        size_t cell = policy * n_rep + k;
        if (r->status[cell] != RECORD_OK && r->status[cell] != RECORD_SATURATED) {
            continue;
        }
        rc = sketch_pack_merge(&part[n], &r->sketch[cell], class);
        for (unsigned i = 0; i < N_QUANTILE; i++) {
            q->each[(cell * n_row + row) * N_QUANTILE + i] = sketch_quantile(&part[n], record_quantile[i]);
        }
        n++;
    }
    if (rc == 0 && n > 0) {
        rc = pool(part, n, q->pooled + at, q->low + at, q->high + at);
    }
    for (size_t k = 0; k < n; k++) {
        sketch_clear(&part[k]);
    }
    free(part);
    return rc;
}

static double *none(size_t n)
{
    double *x = malloc((n + 1) * sizeof *x);
    for (size_t i = 0; x && i < n; i++) {
        x[i] = NAN;
    }
    return x;
}

static void write_set(struct results *r, struct h5_group *g, const struct h5_dim axis[N_AXIS], const struct quantiles *q,
                      bool all)
{
    const struct h5_dim *p = &axis[AXIS_POLICY], *k = &axis[AXIS_REPLICATION], *c = &axis[AXIS_CLASS],
                        *s = &axis[AXIS_QUANTILE];
    const struct h5_array each = {
        all ? "latency_all" : "latency", "s",    "latency quantile, jobs without a result at inf", H5_F64, all ? 3 : 4,
        {p, k, all ? s : c, s},          q->each};
    h5_write_array(r->h5, g, &each);
    const struct h5_array pooled[3] = {
        {all ? "pooled_all" : "pooled",
         "s",
         "latency quantile of all replications together",
         H5_F64,
         all ? 2 : 3,
         {p, all ? s : c, s},
         q->pooled},
        {all ? "pooled_all_low" : "pooled_low",
         "s",
         "lower end of its 95 % interval",
         H5_F64,
         all ? 2 : 3,
         {p, all ? s : c, s},
         q->low},
        {all ? "pooled_all_high" : "pooled_high",
         "s",
         "upper end of its 95 % interval",
         H5_F64,
         all ? 2 : 3,
         {p, all ? s : c, s},
         q->high},
    };
    for (int i = 0; i < 3; i++) {
        h5_write_array(r->h5, g, &pooled[i]);
    }
}

static int fill_set(const struct results *r, bool all, struct quantiles *q)
{
    size_t n_class = all ? 1 : (size_t)r->length[AXIS_CLASS], n_policy = (size_t)r->length[AXIS_POLICY];
    q->each = none(r->n_cell * n_class * N_QUANTILE);
    q->pooled = none(n_policy * n_class * N_QUANTILE);
    q->low = none(n_policy * n_class * N_QUANTILE);
    q->high = none(n_policy * n_class * N_QUANTILE);
    int rc = q->each && q->pooled && q->low && q->high ? 0 : -ERR_MEMORY;
    for (size_t p = 0; p < n_policy; p++) {
        for (uint32_t c = 0; c < n_class && rc == 0; c++) {
            rc = fill(r, p, all ? UINT32_MAX : c, c, n_class, q);
        }
    }
    return rc;
}

void results_write_quantiles(struct results *r, const struct h5_dim axis[N_AXIS])
{
    struct h5_group g;
    h5_begin_group(r->h5, &g, r->h5->file, "quantiles");
    for (int all = 0; all <= 1 && g.id >= 0; all++) {
        struct quantiles q = {0};
        if (fill_set(r, all, &q) < 0) {
            h5_no_memory(r->h5, "no memory for the quantiles");
        } else {
            write_set(r, &g, axis, &q, all);
        }
        free(q.each);
        free(q.pooled);
        free(q.low);
        free(q.high);
    }
    h5_end_group(r->h5, &g);
}
