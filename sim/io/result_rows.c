/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/result_rows.h"

#include <stdio.h>
#include <string.h>

#include "sim/io/h5.h"
#include "sim/io/layout.h"

static void read_block(struct h5 *h, hid_t group, uint64_t from, struct row_block *b)
{
    for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
        hsize_t n = h5_read_part(h, group, row_info[c].name, layout_column_kind(row_info[c].type), from, ROW_BLOCK,
                                 (char *)b + row_info[c].offset);
        if (c > 0 && n != b->n) {
            h5_wrong(h, "the column %s is not as long as the others", row_info[c].name);
        }
        b->n = (uint32_t)n;
    }
}

int result_read_rows(const struct result *r, uint32_t policy, uint32_t replication, uint64_t from, struct row_block *b,
                     struct err *e)
{
    struct h5 h = {.file = -1, .path = r->path, .e = e};
    char label[256], name[300];
    struct h5_quiet q = h5_quiet_begin();
    b->n = 0;
    h5_open(&h, r->path);
    snprintf(name, sizeof name, "%s/%u", layout_group_name(label, sizeof label, r->policy[policy]), replication);
    if (!h.failed && h5_has(&h, h.file, "tasks")) {
        hid_t tasks = h5_open_group(&h, h.file, "tasks");
        if (h5_has(&h, tasks, label) && h5_has(&h, tasks, name)) {
            hid_t group = h5_open_group(&h, tasks, name);
            if (group >= 0) {
                read_block(&h, group, from, b);
                H5Gclose(group);
            }
        }
        if (tasks >= 0) {
            H5Gclose(tasks);
        }
    }
    h5_close(&h);
    h5_quiet_end(q);
    return h5_status(&h);
}
