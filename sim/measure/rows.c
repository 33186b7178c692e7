/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/rows.h"

#define ROW_INFO(field, ctype, type_, unit_, about_)                                                                   \
    [ROW_COLUMN_##field] = {.name = #field,                                                                            \
                            .unit = (unit_),                                                                           \
                            .about = (about_),                                                                         \
                            .type = (type_),                                                                           \
                            .size = sizeof(ctype),                                                                     \
                            .offset = offsetof(struct row_block, field)},
const struct row_info row_info[N_ROW_COLUMN] = {ROW_LIST(ROW_INFO)};
