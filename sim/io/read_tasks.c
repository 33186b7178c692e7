/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_tasks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/read_dist.h"
#include "sim/io/read_size.h"
#include "sim/io/read_work.h"
#include "sim/model/graph.h"

/* A task as it is written; after: where its predecessors stand. */
struct task_written {
    struct task_spec task;
    const struct yaml_node *after;
    uint32_t copies;
};

enum { GRADES = 64 };

/* Data between tasks as they are written: a size, or the same under `data`, and how often. */
enum { TAG_DATA = SIZE_TAGS };
struct edge_written {
    int kind; /* tag of a size, or TAG_DATA */
    struct size_written size;
    struct size_spec data;
    double chance;
    uint32_t every;
    const char *tensor;
    struct packing packing;
};

#define TASK(name) offsetof(struct task_written, task.name)

static int read_join(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int read_fits(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int check_edge(struct reader *r, const struct yaml_node *n, void *out);
static int read_grades(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int check_band(struct reader *r, const struct yaml_node *n, void *out);

/* clang-format off */
static const char *const join_word[] = {"all", "any", NULL};
static const struct key join_name = {.name = "join", .type = VALUE_WORD, .word = join_word};
static const struct key join_key[] = {
    {.name = "at_least", .type = VALUE_WHOLE, .required = true, .min = 1, .max = GRAPH_TASKS,
     .about = "so many of the tasks before it, or all of those that are part of the job if they are fewer"},
};
static const struct table join_table = {.title = "workloads.NAME.tasks.NAME.join", TABLE(join_key)};

static const char *const privacy_word[] = {"none", "soft", "hard", NULL};
const struct key privacy_name = {.name = "privacy", .type = VALUE_WORD, .word = privacy_word};

static const struct key when_key[] = {
    {.name = "above", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = offsetof(struct latent_band, above),
     .max = 1, .below = true, .otherwise = "0", .about = "part of jobs whose latent value, uniform from 0 to 1, is above this"},
    {.name = "below", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = offsetof(struct latent_band, below),
     .max = 1, .above = true, .otherwise = "1", .about = "and not above this"},
};
static const struct table when_table = {.title = "workloads.NAME.tasks.NAME.when", TABLE(when_key), .after = check_band};

#define PACKING(name) offsetof(struct packing, name)
static const struct key packing_key[] = {
    {.name = "ratio", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = PACKING(ratio), .required = true, .min = 1,
     .max = 1e6, .about = "how many times fewer bits are sent"},
    {.name = "pack", .type = VALUE_QUANTITY, .dimension = DIM_WORK, .offset = PACKING(pack_flop), .max = 1e24,
     .otherwise = "0 FLOP", .about = "work at the end of the task that makes them"},
    {.name = "unpack", .type = VALUE_QUANTITY, .dimension = DIM_WORK, .offset = PACKING(unpack_flop), .max = 1e24,
     .otherwise = "0 FLOP", .about = "work at the start of a task that reads them"},
    {.name = "loss", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = PACKING(loss), .max = 1, .otherwise = "0",
     .about = "by how much it lowers the accuracy of the job's result, which some task must tell"},
};
static const struct table packing_table = {.title = "workloads.NAME.tasks.NAME.after.TASK.compress", TABLE(packing_key)};

static const struct key edge_key[] = {
    {.name = "data", .choice = true, .tag = TAG_DATA, .type = VALUE_READ, .dimension = DIM_DATA,
     .offset = offsetof(struct edge_written, data), .read = read_size, .scalar = &dist_scalar, .table = &size_table,
     .wanted = "an amount of data such as 120 kB" SIZE_WANTED, .about = "how much of them"},
    {.name = "chance", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = offsetof(struct edge_written, chance), .max = 1,
     .above = true, .otherwise = "1", .about = "the probability that there are any, drawn for each job"},
    {.name = "every", .type = VALUE_WHOLE, .offset = offsetof(struct edge_written, every), .min = 1, .max = 1000000000,
     .otherwise = "1", .about = "or there are some in each so many-th job of a source"},
    {.name = "tensor", .type = VALUE_NAME, .offset = offsetof(struct edge_written, tensor), .derived = "data of their own",
     .about = "several tasks read the same data of one task if they give them the same name, and as much: then they go to each "
              "node once"},
    {.name = "compress", .type = VALUE_MAP, .offset = offsetof(struct edge_written, packing), .table = &packing_table,
     .derived = "they go as they are",
     .about = "how they may be packed for their way to another node; policies that plan whole jobs choose"},
};
static const struct table edge_table = {
    .title = "workloads.NAME.tasks.NAME.after.TASK",
    TABLE(edge_key),
    .more = &size_table,
    .more_offset = offsetof(struct edge_written, size),
    .tag_offset = offsetof(struct edge_written, kind),
    .choice = SIZE_CHOICE ", data",
    .after = check_edge,
};
static const struct key share_key = {.name = "accuracy", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .max = 1};
static const struct key grade_pair[2] = {
    {.name = "upto", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .max = 1, .above = true},
    {.name = "accuracy", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .max = 1},
};
static const struct key grade_item = {.type = VALUE_NODE, .pair = grade_pair};

static const struct key after_size = {
    .name = "after", .type = VALUE_READ, .dimension = DIM_DATA, .read = read_size, .scalar = &dist_scalar, .table = &edge_table,
    .wanted = "an amount of data such as 120 kB" SIZE_WANTED};

static const struct key task_key[] = {
    {.name = "work", .type = VALUE_READ, .dimension = DIM_WORK, .offset = TASK(work), .required = true, .read = read_work,
     .scalar = &dist_scalar, .table = &work_table, .wanted = WORK_WANTED,
     .about = "what is computed"},
    {.name = "after", .type = VALUE_NODE, .offset = offsetof(struct task_written, after), .scalar = &read_name_key,
     .item = &read_name_key, .each = &after_size, .least = 1, .wanted = "{TASK: DATA, ...}, or names of tasks",
     .derived = "none: it reads the job's input",
     .about = "the tasks whose results it reads, and how much of them; by a list of names, nothing that takes time to send"},
    {.name = "copies", .type = VALUE_WHOLE, .offset = offsetof(struct task_written, copies), .min = 1, .max = GRAPH_TASKS,
     .otherwise = "1",
     .about = "so many tasks NAME.1, NAME.2, .. between the same others, each drawn by itself; behind a task with copies, which "
              "must be as many, one reads one"},
    {.name = "join", .type = VALUE_READ, .offset = TASK(at_least), .read = read_join, .scalar = &join_name, .table = &join_table,
     .otherwise = "all", .wanted = "all, any, or {at_least: NUMBER}",
     .about = "how many of the tasks before it must be done"},
    {.name = "when", .type = VALUE_MAP, .offset = TASK(when), .table = &when_table, .derived = "always",
     .about = "the jobs that it is part of, by their latent value"},
    {.name = "runs_on", .type = VALUE_READ, .offset = TASK(runs_on), .read = read_fits, .scalar = &read_name_key,
     .item = &read_name_key, .least = 1, .wanted = "the name of a processor, or a list of names",
     .derived = "that of the workload", .about = "processors that fit, by their names"},
    {.name = "output", .type = VALUE_READ, .dimension = DIM_DATA, .offset = TASK(output), .read = read_size,
     .scalar = &dist_scalar, .table = &size_table, .wanted = "an amount of data such as 200 B" SIZE_WANTED,
     .derived = "that of the workload", .about = "what is sent back if no other task reads its results"},
    {.name = "privacy", .type = VALUE_READ, .offset = TASK(privacy), .read = read_privacy, .scalar = &privacy_name,
     .wanted = PRIVACY_WANTED, .derived = "that of the workload",
     .about = "of the data that it works on; hard: it runs on the job's own node; soft: elsewhere, too, which is counted as "
              "exposure"},
    {.name = "leaves", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = TASK(leaves), .max = 1, .derived = "no exit",
     .about = "it is an exit: jobs whose latent value is up to this end with its result, without what comes behind it; policies "
              "that plan whole jobs may choose another share, or leave it out"},
    {.name = "accuracy", .type = VALUE_READ, .offset = TASK(grade), .read = read_grades, .scalar = &share_key, .item = &grade_item,
     .least = 1, .most = GRADES, .derived = "nothing is said",
     .wanted = "a number from 0 to 1, or [[UPTO, ACCURACY], ...]",
     .about = "of its result, if that is the job's; or by the job's latent value, up to each value, the last of them 1"},
};
static const struct table task_table = {.title = "workloads.NAME.tasks.NAME", TABLE(task_key)};
const struct key task_item = {.type = VALUE_MAP, .table = &task_table};
/* clang-format on */

static int check_band(struct reader *r, const struct yaml_node *n, void *out)
{
    const struct latent_band *when = out;
    return when->above < when->below ? 0 : read_fault(r, n->at, "found above %g and below %g, wanted the first to be less",
                                                     when->above, when->below);
}

static int read_join(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    if (n->kind == YAML_MAP) {
        return read_table(r, k->table, n, field);
    }
    unsigned word = 0;
    int rc = read_value(r, k->scalar, n, &word);
    *(uint32_t *)field = word; /* 0: all, 1: any */
    return rc;
}

int read_privacy(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    unsigned word = 0;
    int rc = read_value(r, k->scalar, n, &word);
    *(unsigned *)field = PRIVACY_NONE + word;
    return rc;
}

/* A grade for all jobs, or points [upto, accuracy]. */
static int read_grades(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    char shown[TEXT_SHOWN];
    struct task_spec *t = (struct task_spec *)(void *)((char *)field - offsetof(struct task_spec, grade));
    const bool several = n->kind != YAML_SCALAR;
    int rc = several ? read_list(r, n, k->wanted, GRADES) : 0;
    if (rc) {
        return rc;
    }
    struct grade *grade = ARENA_NEW(&r->s->arena, several ? n->n : 1, struct grade);
    if (!grade) {
        return read_out_of_memory(r);
    }
    t->grade = grade;
    t->n_grade = several ? n->n : 1;
    grade->upto = 1;
    if (!several) {
        return read_quantity(r, k->scalar, n, &grade->accuracy);
    }
    for (uint32_t i = 0; rc == 0 && i < n->n; i++) {
        const struct yaml_node *point = n->item[i];
        size_t mark = read_enter_item(r, i);
        if (point->kind != YAML_LIST || point->n != 2) {
            rc = read_fault(r, point->at, "found %s, wanted a point [UPTO, ACCURACY]", read_found(point, shown));
        } else {
            rc = read_quantity(r, &grade_pair[0], point->item[0], &grade[i].upto);
            rc = rc ? rc : read_quantity(r, &grade_pair[1], point->item[1], &grade[i].accuracy);
        }
        if (rc == 0 && i > 0 && !(grade[i].upto > grade[i - 1].upto)) {
            rc = read_fault(r, point->at, "found up to %g behind up to %g, wanted them to ascend", grade[i].upto,
                            grade[i - 1].upto);
        }
        read_leave(r, mark);
    }
    const double last = grade[n->n - 1].upto;
    return rc || last == 1 ? rc : read_fault(r, n->at, "found the last up to %g, wanted up to 1", last);
}

static int read_fits(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    (void)k;
    return read_mask(r, &r->kind, "processor", n, field);
}

static int check_edge(struct reader *r, const struct yaml_node *n, void *out)
{
    const struct edge_written *w = out;
    return w->chance == 1 || w->every == 1 ? 0 : read_fault(r, n->at, "found both chance and every, wanted one of them");
}

/* A size, or a mapping of the edge's keys. */
static int read_edge_data(struct reader *r, const struct yaml_node *n, struct edge_spec *edge)
{
    struct edge_written w = {.size = size_written_none()};
    edge->chance = 1;
    if (n->kind == YAML_SCALAR) {
        return read_size(r, &after_size, n, &edge->data);
    }
    r->dimension = DIM_DATA;
    int rc = read_table(r, &edge_table, n, &w);
    if (rc) {
        return rc;
    }
    edge->chance = w.chance;
    edge->every = w.every;
    edge->tensor = w.tensor;
    edge->packing = w.packing;
    edge->data = w.data;
    w.size.kind = w.kind;
    return w.kind == TAG_DATA ? 0 : read_size_make(r, &w.size, n, &edge->data);
}

static bool near(double a, double b)
{
    return a == b || fabs(a - b) <= 1e-12 * fabs(b);
}

static bool are_alike(const struct edge_spec *a, const struct edge_spec *b)
{
    const struct size_spec *x = &a->data, *y = &b->data;
    const struct packing *p = &a->packing, *q = &b->packing;
    bool alike = p->ratio == q->ratio && p->pack_flop == q->pack_flop && p->unpack_flop == q->unpack_flop && p->loss == q->loss &&
                 a->chance == b->chance && a->every == b->every && x->kind == y->kind && x->n_term == y->n_term;
    if (x->kind == SIZE_DRAWN) {
        return alike && x->dist.kind == y->dist.kind && near(dist_mean(&x->dist), dist_mean(&y->dist)) &&
               near(dist_var(&x->dist), dist_var(&y->dist));
    }
    for (uint32_t i = 0; alike && i < x->n_term; i++) {
        alike = x->column[i] == y->column[i] && near(x->weight[i], y->weight[i]);
    }
    return alike && near(x->constant, y->constant);
}

/* Edges of one tensor carry the same. */
static int check_tensor(struct reader *r, const struct yaml_node *n, const struct names *names, const struct edge_spec *edge,
                        const struct graph *g)
{
    for (uint32_t e = 0; edge->tensor && e < g->n_edge; e++) {
        const struct edge_spec *other = &g->edge[e];
        if (other->tensor && other->from == edge->from && strcmp(other->tensor, edge->tensor) == 0 && !are_alike(edge, other)) {
            return read_fault(r, n->at,
                              "found other data, or other jobs that have them, than %s reads of tensor %s, wanted the same",
                              names->name[other->to], edge->tensor);
        }
    }
    return 0;
}

/* Data from one predecessor, found at pred of the node; size NULL: none to speak of. */
static int read_edge(struct reader *r, const struct names *names, const struct yaml_node *pred,
                     const struct yaml_node *size, uint32_t to, struct graph *g)
{
    struct edge_spec edge = {.to = to};
    int rc = read_row(r, names, "task", pred, &edge.from);
    if (rc == 0 && edge.from == to) {
        rc = read_fault(r, pred->at, "found the task itself, wanted another one");
    }
    for (uint32_t e = 0; rc == 0 && e < g->n_edge; e++) {
        if (g->edge[e].to == to && g->edge[e].from == edge.from) {
            rc = read_fault(r, pred->at, "found %s a second time, wanted it once", names->name[edge.from]);
        }
    }
    const struct yaml_node none = {.at = pred->at, .plain = true, .text = "0 B", .n = 3};
    int one = read_edge_data(r, size ? size : &none, &edge);
    one = rc || one ? one : check_tensor(r, size ? size : &none, names, &edge, g);
    if (rc == 0 && one == 0) {
        g->edge[g->n_edge++] = edge;
    }
    return rc ? rc : one;
}

static int read_after(struct reader *r, const struct names *names, const struct yaml_node *n, uint32_t to, struct graph *g)
{
    char shown[TEXT_SHOWN];
    int rc = 0;
    size_t mark = read_enter(r, "after");
    if (n->kind == YAML_SCALAR && !yaml_is_null(n)) {
        rc = read_edge(r, names, n, NULL, to, g);
    } else if (n->n == 0 || n->kind == YAML_SCALAR) {
        rc = read_fault(r, n->at, "found %s, wanted {TASK: DATA, ...}, or names of tasks",
                        n->kind == YAML_SCALAR ? read_found(n, shown) : "nothing");
    }
    for (uint32_t i = 0; n->kind != YAML_SCALAR && i < n->n; i++) {
        const struct yaml_pair *pair = n->kind == YAML_MAP ? &n->pair[i] : NULL;
        const struct yaml_node name = {.at = pair ? pair->at : n->at, .plain = true, .text = pair ? pair->key : "",
                                       .n = pair ? (uint32_t)strlen(pair->key) : 0};
        size_t inner = pair ? read_enter(r, pair->key) : read_enter_item(r, i);
        int one = pair ? read_edge(r, names, &name, pair->value, to, g) : read_edge(r, names, n->item[i], NULL, to, g);
        read_leave(r, inner);
        rc = rc ? rc : one;
    }
    read_leave(r, mark);
    return rc;
}

static uint32_t count_edges(const struct yaml_node *n)
{
    uint32_t n_edge = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct yaml_node *after = n->pair[i].value->kind == YAML_MAP ? yaml_get(n->pair[i].value, "after") : NULL;
        n_edge += after ? (after->kind == YAML_SCALAR ? 1 : after->n) : 0;
    }
    return n_edge;
}

static int fault_task(struct reader *r, const struct yaml_node *n, const char *name, const char *what)
{
    const struct yaml_pair *pair = NULL;
    const size_t len = strcspn(name, "."); /* of several copies the name that they have in common */
    for (uint32_t i = 0; i < n->n; i++) {
        pair = strlen(n->pair[i].key) == len && memcmp(n->pair[i].key, name, len) == 0 ? &n->pair[i] : pair;
    }
    size_t mark = read_enter(r, pair ? pair->key : name);
    int rc = read_fault(r, pair ? pair->at : n->at, "%s", what);
    read_leave(r, mark);
    return rc;
}

static int check_losses(struct reader *r, const struct yaml_node *n, const struct graph *g)
{
    for (uint32_t e = 0; !g->graded && e < g->n_edge; e++) {
        if (g->edge[e].packing.loss > 0) {
            return fault_task(r, n, g->task[g->edge[e].to].name,
                              "found a loss of accuracy by compression, wanted a task of the job with an `accuracy`");
        }
    }
    return 0;
}

/* Put copies in the place of their tasks, which are all right. */
static int make_copies(struct reader *r, const struct yaml_node *n, struct graph *g, const uint32_t *copies)
{
    char text[160];
    for (uint32_t k = 0; k < g->n_task; k++) {
        if (copies[k] > 1 && !isnan(g->task[k].leaves)) {
            return fault_task(r, n, g->task[k].name, "found copies of an exit, wanted one of it");
        }
    }
    for (uint32_t e = 0; e < g->n_edge; e++) {
        const uint32_t from = copies[g->edge[e].from], to = copies[g->edge[e].to];
        if (from > 1 && to > 1 && from != to) {
            snprintf(text, sizeof text, "found %u copies behind %u of %s, wanted as many, or a task between them", to, from,
                     g->task[g->edge[e].from].name);
            return fault_task(r, n, g->task[g->edge[e].to].name, text);
        }
    }
    const struct graph_extent x = graph_extent(g, copies);
    if (x.n_task > GRAPH_TASKS || x.n_edge > GRAPH_EDGES) {
        return read_fault(r, n->at, "found %u tasks and %u edges with all copies, wanted at most %d and %d", x.n_task, x.n_edge,
                          GRAPH_TASKS, GRAPH_EDGES);
    }
    if (x.n_task > g->n_task) {
        graph_make_copies(g, copies, &r->s->arena);
    }
    return r->s->arena.failed ? read_out_of_memory(r) : 0;
}

/* The graph as a whole, once all its tasks are right. */
static int check_graph(struct reader *r, const struct yaml_node *n, struct graph *g)
{
    double idle;
    for (uint32_t k = 0; k < g->n_task; k++) {
        uint32_t n_in = 0;
        for (uint32_t e = 0; e < g->n_edge; e++) {
            n_in += g->edge[e].to == k;
        }
        if (g->task[k].at_least > 1 && g->task[k].at_least > n_in) {
            char text[128];
            snprintf(text, sizeof text, "found a join of at least %u, wanted at most %u: the tasks before it",
                     g->task[k].at_least, n_in);
            return fault_task(r, n, g->task[k].name, text);
        }
    }
    uint32_t bad = graph_sort(g, &r->s->arena);
    if (bad != ROW_NONE) {
        return fault_task(r, n, g->task[bad].name, "found a task before it that waits for it, wanted no cycle");
    }
    int rc = check_losses(r, n, g);
    if (rc) {
        return rc;
    }
    if (g->n_selective > GRAPH_SELECTIVE) {
        return read_fault(r, n->at, "found %u edges with a chance or `every`, wanted at most %d", g->n_selective, GRAPH_SELECTIVE);
    }
    bad = graph_share(g, &r->s->arena, &idle);
    if (r->s->arena.failed) {
        return read_out_of_memory(r);
    }
    if (bad != ROW_NONE) {
        return fault_task(r, n, g->task[bad].name,
                          "found that it is part of no job, wanted a `when` that those of the tasks before it do not exclude");
    }
    return isnan(idle) ? 0 : read_fault(r, n->at, "found no task for a job of latent value %g, wanted one that reads the input "
                                        "whatever the value", idle);
}

static int read_task(struct reader *r, const struct names *names, const struct yaml_pair *pair, const struct workload *w,
                     uint32_t k, struct graph *g, uint32_t *copies)
{
    struct task_written written = {.task = {.runs_on = w->runs_on, .output = w->output, .when = {0, 1}, .leaves = NAN}};
    size_t mark = read_enter(r, pair->key);
    int rc = read_table(r, &task_table, pair->value, &written);
    written.task.name = names->name[k];
    copies[k] = written.copies;
    g->exits |= !isnan(written.task.leaves);
    g->graded |= written.task.n_grade > 0;
    g->task[k] = written.task;
    if (written.after) {
        int one = read_after(r, names, written.after, k, g);
        rc = rc ? rc : one;
    }
    read_leave(r, mark);
    return rc;
}

int read_tasks(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    const struct workload *w = (const struct workload *)(const void *)((char *)field - k->offset);
    struct arena *arena = &r->s->arena;
    int rc = read_named(r, n, "tasks", GRAPH_TASKS);
    if (n->kind != YAML_MAP || n->n == 0 || n->n > GRAPH_TASKS) {
        return rc;
    }
    uint32_t n_edge = count_edges(n);
    if (n_edge > GRAPH_EDGES) {
        return read_fault(r, n->at, "found %u edges between tasks, wanted at most %d", n_edge, GRAPH_EDGES);
    }
    struct names names = {.arena = arena};
    struct graph *g = ARENA_NEW(arena, 1, struct graph);
    uint32_t *copies = ARENA_NEW(arena, n->n, uint32_t);
    if (g) {
        g->n_task = n->n;
        g->task = ARENA_NEW(arena, n->n, struct task_spec);
        g->edge = ARENA_NEW(arena, n_edge + 1, struct edge_spec);
    }
    if (arena->failed) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        if (names_add(&names, arena_copy(arena, n->pair[i].key)) != i) {
            return read_out_of_memory(r);
        }
    }
    for (uint32_t i = 0; i < n->n; i++) {
        int one = read_task(r, &names, &n->pair[i], w, i, g, copies);
        rc = rc ? rc : one;
    }
    rc = rc ? rc : make_copies(r, n, g, copies);
    rc = rc ? rc : check_graph(r, n, g);
    *(const struct graph **)field = rc ? NULL : g;
    return rc;
}
