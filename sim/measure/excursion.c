/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/excursion.h"

uint32_t excursion_count(const struct excursion *x, double latency_s)
{
    uint32_t n = 0, level = latency_s > x->least_s ? excursion_level(latency_s - x->least_s) : 0;
    for (uint32_t k = 0; k <= level; k++) {
        n += x->started[k];
    }
    return n;
}
