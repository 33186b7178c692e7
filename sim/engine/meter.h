/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meter.h - time integrals of two counts, customers present and units busy, kept at each change in O(1).  Sums are
 * compensated (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974), so
 * that after 10^9 changes an audit can still compare them with the customers' own times.
 */
#ifndef SIM_ENGINE_METER_H
#define SIM_ENGINE_METER_H

#include <stdint.h>

struct integral {
    double last_s, sum, lost; /* of the last change; and what rounding took from the sum */
};

struct meter {
    struct integral present_s, busy_s;
    uint32_t present, busy;
};

/* Bring an integral whose count has been n up to now_s. */
static inline void integral_advance(struct integral *in, double now_s, uint32_t n)
{
    double x = n * (now_s - in->last_s), total = in->sum + x;
    in->lost += in->sum >= x ? (in->sum - total) + x : (x - total) + in->sum;
    in->sum = total;
    in->last_s = now_s;
}

static inline double integral_value(const struct integral *in)
{
    return in->sum + in->lost;
}

/* The counts change at now_s by these (modulo 2^32: -1 is UINT32_MAX). */
static inline void meter_change(struct meter *m, double now_s, uint32_t present, uint32_t busy)
{
    integral_advance(&m->present_s, now_s, m->present);
    m->present += present;
    if (busy) {
        integral_advance(&m->busy_s, now_s, m->busy);
        m->busy += busy;
    }
}

/* Bring both integrals up to now_s. */
static inline void meter_advance(struct meter *m, double now_s)
{
    integral_advance(&m->present_s, now_s, m->present);
    integral_advance(&m->busy_s, now_s, m->busy);
}

#endif
