/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_load.c - the tables of a scenario's policies: read, found to fit, and their parameters taken over. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/read.h"
#include "sim/io/table_file.h"

/* The first line in which two texts differ, into line[n]; false if none does. */
static bool first_difference(const char *found, const char *want, const char **what, int *n)
{
    while (*found || *want) {
        size_t a = strcspn(found, "\n"), b = strcspn(want, "\n");
        if (a != b || memcmp(found, want, a) != 0) {
            *what = a > 0 ? found : want;
            *n = (int)(a > 0 ? a : b);
            return true;
        }
        found += a + (found[a] != '\0');
        want += b + (want[b] != '\0');
    }
    return false;
}

static int check_fit(const struct table_file *t, struct scenario *s, const struct policy_spec *p, struct err *e)
{
    const char *here = table_scenario_text(s, &s->arena), *what = "";
    int n = 0;
    if (!here) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the table %s", p->table);
    }
    if (strcmp(t->policy, p->policy) != 0) {
        return ERR_SET(e, ERR_INPUT, "%s: found the table of %s in %s, wanted one of %s", p->label, t->policy,
                      p->table, p->policy);
    }
    if (first_difference(t->scenario, here, &what, &n)) {
        return ERR_SET(e, ERR_INPUT,
                       "%s: the table %s was learned on another scenario: they differ in \"%.*s\"", p->label, p->table, n, what);
    }
    return 0;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct policy_param *)a)->key, ((const struct policy_param *)b)->key);
}

/* Those lines "KEY: VALUE" whose key the policy is not given join its own, in order of the keys. */
static int take_parameters(const char *lines, struct scenario *s, struct policy_spec *p, struct err *e)
{
    char *rest = arena_copy(&s->arena, lines);
    uint32_t n_line = 0, n = 0;
    for (const char *at = lines; (at = strchr(at, '\n')); at++) {
        n_line++;
    }
    struct policy_param *all = ARENA_NEW(&s->arena, p->n_param + n_line + 1u, struct policy_param);
    if (!rest || !all) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the table %s", p->table);
    }
    for (char *line; (line = strsep(&rest, "\n")) && *line && n < n_line;) {
        char *value = strstr(line, ": ");
        bool own = value == NULL;
        if (value) {
            *value = '\0';
        }
        for (uint32_t i = 0; i < p->n_param && !own; i++) {
            own = strcmp(p->param[i].key, line) == 0;
        }
        if (!own) {
            all[n++] = (struct policy_param){.key = line, .value = read_param_value(value + 2), .text = value + 2,
                                             .line = p->line, .column = p->column};
        }
    }
    if (p->n_param > 0) {
        memcpy(all + n, p->param, p->n_param * sizeof *all);
    }
    qsort(all, n + p->n_param, sizeof *all, by_key);
    p->param = all;
    p->n_param += n;
    return 0;
}

int table_load(struct scenario *s, struct policy_spec *p, struct err *e)
{
    struct table_file t;
    struct err why = {0};
    struct blobs *state = ARENA_NEW(&s->arena, 1, struct blobs);
    if (!p->table || p->learned) {
        return 0;
    }
    if (!state) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the table %s", p->table);
    }
    if (table_file_read(&t, p->table_path, &s->arena, &why) < 0) {
        return ERR_SET(e, why.code, "%s: %s", p->label, why.text);
    }
    *state = t.state;
    p->learned = state;
    int rc = check_fit(&t, s, p, e);
    return rc ? rc : take_parameters(t.parameters, s, p, e);
}
