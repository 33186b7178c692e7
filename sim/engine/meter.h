/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meter.h - time integrals of two counts, customers present and units busy, kept at each change in O(1).  Sums are
 * compensated (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974), so
 * that after 10^9 changes an audit can still compare them with the customers' own times.
 */
#ifndef SIM_ENGINE_METER_H
#define SIM_ENGINE_METER_H

#include <stdint.h>

struct meter {
    double last_s; /* of the last change */
    double present_s, present_lost_s, busy_s, busy_lost_s; /* sums and what rounding took from them */
    uint32_t present, busy;
};

/* Add x >= 0 to a sum that is >= 0. */
static inline void meter_add(double *sum, double *lost, double x)
{
    double total = *sum + x;
    *lost += *sum >= x ? (*sum - total) + x : (x - total) + *sum;
    *sum = total;
}

/* Bring both integrals up to now_s. */
static inline void meter_advance(struct meter *m, double now_s)
{
    double dt_s = now_s - m->last_s;
    if (dt_s > 0) {
        meter_add(&m->present_s, &m->present_lost_s, m->present * dt_s);
        meter_add(&m->busy_s, &m->busy_lost_s, m->busy * dt_s);
        m->last_s = now_s;
    }
}

/* The counts change at now_s by these (modulo 2^32: -1 is UINT32_MAX). */
static inline void meter_change(struct meter *m, double now_s, uint32_t present, uint32_t busy)
{
    meter_advance(m, now_s);
    m->present += present;
    m->busy += busy;
}

#endif
