/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/warm_up.h"

#include <math.h>
#include <stddef.h>

#include "sim/base/stats.h"
#include "sim/measure/summary.h"

enum { BATCH = 5 };

/* A series of segment means; segments without a value are left out, segment[i] is where value i is from. */
struct segments {
    double mean[N_SEGMENT];
    uint32_t segment[N_SEGMENT], n;
};

enum measured { SERIES_LATENCY, SERIES_IN_SYSTEM, N_SERIES };

static struct segments segments_of(const struct record *record, uint32_t n_replication, enum measured which)
{
    struct segments s = {.n = 0};
    for (uint32_t i = 0; i < N_SEGMENT; i++) {
        double sum = 0, n = 0;
        for (uint32_t k = 0; k < n_replication; k++) {
            const struct record *r = &record[k];
            if (r->status != RECORD_OK && r->status != RECORD_SATURATED) {
                continue;
            }
            for (uint32_t c = 0; c < r->n_class; c++) {
                const struct cohort *cell = &r->cohort[(size_t)i * r->n_class + c];
                sum += which == SERIES_LATENCY ? cell->latency_s : cell->in_system;
                n += (double)(which == SERIES_LATENCY ? cell->n_finished : cell->n_job);
            }
        }
        if (n > 0) {
            s.mean[s.n] = sum / n;
            s.segment[s.n++] = i;
        }
    }
    return s;
}

/* Segments to be cut off for one series; *unsteady if what is left drifts. */
static uint32_t cut_of(const struct segments *s, bool *unsteady)
{
    size_t half = s->n / 2, best = stats_mser(s->mean, s->n, BATCH, s->n);
    if (best > half) {
        *unsteady |= fabs(summary_trend_z(s->mean + half, s->n - (uint32_t)half)) > 3;
        best = stats_mser(s->mean, s->n, BATCH, half);
    }
    return best > 0 ? s->segment[best] : 0;
}

void warm_up_find(const struct record *record, uint32_t n_policy, uint32_t n_replication, struct warm_up *out)
{
    *out = (struct warm_up){.unsteady = UINT32_MAX};
    for (uint32_t p = 0; p < n_policy; p++) {
        bool unsteady = false;
        for (int which = 0; which < N_SERIES; which++) {
            struct segments s = segments_of(record + (size_t)p * n_replication, n_replication, (enum measured)which);
            uint32_t cut = cut_of(&s, &unsteady);
            out->n_segment = cut > out->n_segment ? cut : out->n_segment;
        }
        out->unsteady = unsteady && out->unsteady == UINT32_MAX ? p : out->unsteady;
    }
}
