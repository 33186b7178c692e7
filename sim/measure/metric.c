/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/metric.h"

#include <string.h>

#define METRIC_ROW(id, name_, unit_, kind_, about_) \
    [id] = {.name = (name_), .unit = (unit_), .about = (about_), .kind = (kind_)},
const struct metric_info metric_info[N_METRIC] = {METRIC_LIST(METRIC_ROW)};

int metric_find(const char *name)
{
    for (int m = 0; m < N_METRIC; m++) {
        if (strcmp(metric_info[m].name, name) == 0) {
            return m;
        }
    }
    return -1;
}
