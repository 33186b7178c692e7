/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/json_file.h"

#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/base/sha256.h"
#include "sim/io/file.h"

int json_file_read(const char *path, struct sha256 *sha, json_t **value, char **text, struct err *e)
{
    char *all = NULL;
    size_t size = 0;
    json_error_t wrong;
    int rc = file_read(path, JSON_FILE_BYTES, &all, &size, e);
    if (rc != 0) {
        return rc;
    }
    if (sha) {
        sha256_add(sha, all, size);
    }
    *value = json_loadb(all, size, JSON_REJECT_DUPLICATES, &wrong);
    if (!*value) {
        rc = ERR_AT(e, path, wrong.line, wrong.column > 0 ? wrong.column : 1, "found %.120s, wanted JSON", wrong.text);
    } else if (text) {
        *text = all;
        all = NULL;
    }
    free(all);
    return rc;
}
