/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/base/fpmode.h"
#include "sim/io/file.h"

int plugins_init(struct plugins *p, const struct policy_set *builtin, struct err *e)
{
    *p = (struct plugins){.policy = malloc((builtin->n + 1) * sizeof *p->policy)};
    if (!p->policy) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %zu policies", builtin->n);
    }
    memcpy(p->policy, builtin->policy, builtin->n * sizeof *p->policy);
    p->set = (struct policy_set){p->policy, builtin->n};
    return 0;
}

void plugins_clear(struct plugins *p)
{
    free(p->policy);
    *p = (struct plugins){0};
}

/* The table in the object at path, NULL-terminated; NULL with *e filled. */
static const struct ts_policy *const *open_table(const char *path, struct err *e)
{
    char here[PATH_MAX];
    int fd;
    if (file_open(path, &fd, NULL, e) != 0) {
        return NULL;
    }
    close(fd);
    /* A name without a slash would be looked for among the system's libraries. */
    snprintf(here, sizeof here, "%s%s", strchr(path, '/') ? "" : "./", path);
    const uint32_t mode = fpmode_get();
    void *object = dlopen(here, RTLD_NOW | RTLD_LOCAL);
    fpmode_set(mode);
    if (!object) {
        ERR_AT(e, path, 0, 0, "found a file that cannot be loaded (%s), wanted a shared object of policies", dlerror());
        return NULL;
    }
    const struct ts_policy *const *table = dlsym(object, "ts_plugin");
    if (!table || !table[0]) {
        ERR_AT(e, path, 0, 0, "found no policies, wanted a shared object in which TS_PLUGIN(&policy) stands");
        dlclose(object);
        return NULL;
    }
    return table;
}

int plugins_load(struct plugins *p, const char *path, struct err *e)
{
    struct err wrong = {0};
    const struct ts_policy *const *table = open_table(path, e);
    size_t n = 0;
    if (!table) {
        return -ERR_INPUT;
    }
    while (table[n]) {
        n++;
    }
    for (size_t i = 0; i < p->set.n; i++) {
        if (p->set.policy[i] == table[0]) { /* the object is loaded already */
            return 0;
        }
    }
    const struct ts_policy **grown = realloc(p->policy, (p->set.n + n + 1) * sizeof *grown);
    if (!grown) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %zu policies", p->set.n + n);
    }
    p->policy = grown;
    memcpy(grown + p->set.n, table, n * sizeof *grown);
    p->set.policy = grown;
    const struct policy_set all = {grown, p->set.n + n};
    if (policy_set_check(&all, &wrong) != 0) {
        return ERR_SET(e, ERR_POLICY, "%s: %s", path, wrong.text);
    }
    p->set = all;
    return 0;
}
