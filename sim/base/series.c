/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/series.h"

#include <string.h>

int series_column(const struct series *s, const char *name)
{
    for (size_t c = 0; c < s->n_column; c++) {
        if (strcmp(s->name[c], name) == 0) {
            return (int)c;
        }
    }
    return -1;
}
