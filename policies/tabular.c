/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tabular.c - parameters, definition, saving and merging of the tables of tabular.h. */
#include "policies/tabular.h"

#include <stdio.h>

#include "policies/keep.h"

#define PARAM(key_, unit_, about_, dflt_, min_, max_, field, flags_)                                                   \
    {                                                                                                                  \
        .key = (key_), .unit = (unit_), .about = (about_), .dflt = (dflt_), .min = (min_), .max = (max_),              \
        .offset = offsetof(struct tabular, field), .flags = (flags_)                                                   \
    }
#define BINS(name, kind, dflt, what) PARAM(name ".bins", NULL, what, dflt, 0, 64, bins[(kind)], TS_WHOLE | TS_FIXED)

const struct ts_param tabular_param[] = {
    PARAM("beta", "1/s", "discount rate: what comes after t counts exp(-beta t)", 0.1, 0, 1e6, beta, 0),
    PARAM("rate.first", NULL, "learning rate of an action's first update", 0.5, 0, 1, rate_first, 0),
    PARAM("rate.half", NULL, "updates after which it has halved", 50, 1, 1e15, rate_half, TS_WHOLE),
    PARAM("rate.least", NULL, "below which it does not fall; above 0 the table follows drift", 0.001, 0, 1, rate_least, 0),
    PARAM("explore.first", NULL, "share of decisions that explore, at first", 0.3, 0, 1, explore_first, 0),
    PARAM("explore.half", NULL, "decisions after which it has halved", 1e5, 1, 1e15, explore_half, TS_WHOLE),
    PARAM("explore.least", NULL, "below which it does not fall", 0.01, 0, 1, explore_least, 0),
    PARAM("start", NULL, "action value before it is learned; 0 is better than any loss, so all is tried", 0, -1e9, 1e9,
          start, TS_FIXED),
    PARAM("lost", NULL, "what a job without a result costs where the scenario has no objective", 10, 0, 1e9, lost, TS_FIXED),
    PARAM("places", NULL, "actions: 0: tiers, each by its best place; N: the first N candidates", 0, 0, TARGETS_MOST, places,
          TS_WHOLE | TS_FIXED),
    PARAM("reject", NULL, "1: rejecting a job is an action, too", 0, 0, 1, reject, TS_WHOLE | TS_FIXED),
    PARAM("tilings", NULL, "grids laid over each other, shifted", 1, 1, TABULAR_TILINGS, tilings, TS_WHOLE | TS_FIXED),
    BINS("queue", TABULAR_QUEUE, 5, "of tasks at a target, in steps of queue.step; 0: not looked at"),
    PARAM("queue.step", NULL, "tasks", 1, 1e-3, 1e6, scale[TABULAR_QUEUE], TS_FIXED),
    BINS("work", TABULAR_WORK, 0, "of the work assigned to a target, half of them below work.half"),
    PARAM("work.half", "s", "of the whole pool", 0.1, 1e-9, 1e6, scale[TABULAR_WORK], TS_FIXED),
    BINS("link", TABULAR_LINK, 0, "of the time to get the input to a target, half of them below link.half"),
    PARAM("link.half", "s", "for the input of the task", 0.05, 1e-9, 1e6, scale[TABULAR_LINK], TS_FIXED),
    BINS("slow", TABULAR_SLOW, 0, "of latency over its estimate, lately at a target, half of them below slow.half"),
    PARAM("slow.half", NULL, "times as long as estimated", 2, 1e-3, 1e6, scale[TABULAR_SLOW], TS_FIXED),
    PARAM("slow.memory", NULL, "weight of the newest job in that", 0.1, 1e-6, 1, slow_memory, 0),
    BINS("class", TABULAR_CLASS, 0, "one a workload, in the scenario's order; the last one holds the rest"),
    BINS("slack", TABULAR_SLACK, 0, "of the time left to the deadline, half of them below slack.half"),
    PARAM("slack.half", "s", "time left", 0.1, 1e-9, 1e6, scale[TABULAR_SLACK], TS_FIXED),
    {0},
};

/* A feature in use; false if there is no room for it, or none for its cells. */
static int add_feature(struct tabular *q, uint32_t kind, uint32_t target)
{
    double bins = q->bins[kind], cells = q->n_cell * bins;
    if (bins == 0) {
        return 0;
    }
    if (cells * q->n_action * q->n_tiling * q->n_table > TABULAR_CELLS || q->n_feature == TABULAR_FEATURES) {
        return -1;
    }
    double scale = kind == TABULAR_QUEUE ? 1 / q->scale[kind] : kind == TABULAR_CLASS ? 1 : q->scale[kind];
    q->feature[q->n_feature++] = (struct tabular_feature){kind, target, bins, scale};
    q->n_cell = (uint32_t)cells;
    return 0;
}

int tabular_init(struct tabular *q, const struct ts_host *h, uint32_t n_table)
{
    q->n_target = targets_count(q->places);
    q->n_action = q->n_target + (q->reject != 0);
    q->n_tiling = (uint32_t)q->tilings;
    q->n_table = n_table;
    q->n_cell = 1;
    int rc = 0;
    for (uint32_t kind = TABULAR_QUEUE; kind < TABULAR_CLASS; kind++) {
        for (uint32_t j = 0; j < q->n_target && rc == 0; j++) {
            rc = add_feature(q, kind, j);
        }
    }
    rc = rc ? rc : add_feature(q, TABULAR_CLASS, 0);
    rc = rc ? rc : add_feature(q, TABULAR_SLACK, 0);
    if (rc < 0) {
        return h->fail(h->ctx, "a table of more than %d cells: wanted fewer features or bins", TABULAR_CELLS);
    }
    size_t n_visit = (size_t)q->n_cell * q->n_action, n = n_visit * q->n_tiling * q->n_table;
    q->q = malloc(n * sizeof *q->q);
    q->visits = calloc(n_visit, sizeof *q->visits);
    if (!q->q || !q->visits) {
        return h->fail(h->ctx, "out of memory for a table of %zu cells", n);
    }
    for (size_t i = 0; i < n; i++) {
        q->q[i] = q->start / q->n_tiling;
    }
    return 0;
}

static const char *const kind_name[TABULAR_KINDS] = {"queue", "work", "link", "slow", "class", "slack"};

static void write_actions(const struct tabular *q, FILE *out)
{
    char name[16];
    for (uint32_t j = 0; j < q->n_target; j++) {
        fprintf(out, "%s\n", targets_name(q->places, j, name));
    }
    if (q->reject != 0) {
        fprintf(out, "reject\n");
    }
}

/* What the cells are, in their order: the first feature varies slowest. */
static void write_features(const struct tabular *q, FILE *out)
{
    char name[16];
    fprintf(out, "%u table%s, %u tiling%s\n", q->n_table, q->n_table > 1 ? "s" : "", q->n_tiling, q->n_tiling > 1 ? "s" : "");
    for (uint32_t i = 0; i < q->n_feature; i++) {
        const struct tabular_feature *f = &q->feature[i];
        int own = f->kind == TABULAR_CLASS || f->kind == TABULAR_SLACK;
        fprintf(out, "%s%s%s: %g bins", kind_name[f->kind], own ? "" : " of ", own ? "" : targets_name(q->places, f->target, name),
                f->bins);
        if (f->kind != TABULAR_CLASS) {
            fprintf(out, f->kind == TABULAR_QUEUE ? " of %.17g" : ", half below %.17g",
                    f->kind == TABULAR_QUEUE ? 1 / f->scale : f->scale);
        }
        fputc('\n', out);
    }
}

typedef void definition_part(const struct tabular *q, FILE *out);

/* The text that a function writes; NULL: no memory. */
static char *text_of(const struct tabular *q, definition_part *write)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) {
        return NULL;
    }
    write(q, out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Save the definition, or find it the same. */
static int keep_definition(const struct tabular *q, const struct ts_host *h, int put)
{
    char *action = text_of(q, write_actions), *state = text_of(q, write_features);
    int rc = action && state ? 0 : h->fail(h->ctx, "out of memory for the definition of the state");
    if (rc == 0) {
        rc = put ? keep_put_text(h, "action.txt", action) : keep_same_text(h, "action.txt", action);
    }
    if (rc == 0) {
        rc = put ? keep_put_text(h, "state.txt", state) : keep_same_text(h, "state.txt", state);
    }
    free(action);
    free(state);
    return rc;
}

int tabular_save(void *st, const struct ts_host *h)
{
    const struct tabular *q = st;
    const size_t n_visit = (size_t)q->n_cell * q->n_action;
    int rc = keep_definition(q, h, 1);
    rc = rc ? rc : keep_put(h, "q.f64", q->q, n_visit * q->n_tiling * q->n_table);
    rc = rc ? rc : keep_put(h, "visits.f64", q->visits, n_visit);
    return rc ? rc : keep_put(h, "decisions.f64", &q->n_decided, 1);
}

int tabular_load(void *st, const struct ts_host *h)
{
    struct tabular *q = st;
    const size_t n_visit = (size_t)q->n_cell * q->n_action;
    int rc = keep_definition(q, h, 0);
    rc = rc ? rc : keep_get(h, "q.f64", q->q, n_visit * q->n_tiling * q->n_table);
    rc = rc ? rc : keep_get(h, "visits.f64", q->visits, n_visit);
    rc = rc ? rc : keep_get(h, "decisions.f64", &q->n_decided, 1);
    for (size_t i = 0; i < n_visit && rc == 0; i++) {
        if (q->visits[i] < 0) {
            rc = h->fail(h->ctx, "what was learned has %g visits of a cell, wanted none below 0", q->visits[i]);
        }
    }
    return rc == 0 && q->n_decided < 0 ? h->fail(h->ctx, "what was learned has %g decisions", q->n_decided) : rc;
}

/*
 * A value is the mean of the learners' in proportion to the updates that each has made of it; of cells with several tilings by
 * the updates of the cell of the first.  Visits and decisions add up.
 */
int tabular_merge(void *st, const struct ts_host *h, uint32_t k, uint32_t n)
{
    struct tabular *q = st, other = *q;
    const size_t n_visit = (size_t)q->n_cell * q->n_action, n_layer = (size_t)q->n_tiling * q->n_table;
    if (k == 0) {
        free(q->before);
        q->before = malloc(n_visit * sizeof *q->before);
        q->before_decided = q->n_decided;
    }
    other.q = malloc(n_layer * n_visit * sizeof *other.q);
    other.visits = malloc(n_visit * sizeof *other.visits);
    int rc = q->before && other.q && other.visits ? tabular_load(&other, h) : h->fail(h->ctx, "out of memory for tables");
    if (rc == 0 && k == 0) {
        memcpy(q->before, q->visits, n_visit * sizeof *q->before);
    }
    for (size_t i = 0; i < n_visit && rc == 0; i++) {
        double updates = other.visits[i] - q->before[i], merged = q->visits[i] - q->before[i];
        for (size_t layer = 0; layer < n_layer && updates > 0; layer++) {
            double *x = &q->q[layer * n_visit + i];
            *x = merged > 0 ? *x + updates / (merged + updates) * (other.q[layer * n_visit + i] - *x)
                            : other.q[layer * n_visit + i];
        }
        q->visits[i] += updates;
    }
    q->n_decided += rc == 0 ? other.n_decided - q->before_decided : 0;
    free(other.q);
    free(other.visits);
    if (k + 1 == n) {
        free(q->before);
        q->before = NULL;
    }
    return rc;
}

void tabular_clear(void *st)
{
    struct tabular *q = st;
    free(q->q);
    free(q->visits);
    free(q->before);
    decisions_clear(&q->waiting);
}
