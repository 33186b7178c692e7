/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/explain.h"

#include <math.h>
#include <string.h>

#include "sim/base/quantity.h"
#include "sim/io/scenario_keys.h"
#include "sim/model/graph.h"

enum { QUANTITY_ROOM = 48, GROUP_ROOM = 256, KEY_WIDTH = 34, VALUE_WIDTH = 40 };

struct lister {
    FILE *out;
    const struct yaml *tree;
    char group[GROUP_ROOM]; /* heading that the rows stand under */
};

/* How much of a path is the heading: nodes.edge of nodes.edge.count, experiment of experiment.seed; 0 at the top. */
static size_t heading_of(const char *path)
{
    size_t first = strcspn(path, ".["), n = first;
    bool is_named = strncmp(path, "nodes.", 6) == 0 || strncmp(path, "links.", 6) == 0 ||
                    strncmp(path, "workloads.", 10) == 0;
    if (path[first] == '\0') {
        return 0;
    }
    if (is_named) {
        n = first + 1 + strcspn(path + first + 1, ".[");
    }
    return n;
}

static int list_value(void *ctx, const struct scenario_value *v)
{
    struct lister *l = ctx;
    size_t n = heading_of(v->path);
    if (strncmp(l->group, v->path, n) != 0 || l->group[n] != '\0') {
        snprintf(l->group, sizeof l->group, "%.*s", (int)n, v->path);
        fprintf(l->out, "\n%s\n", l->group);
    }
    const char *key = v->path + n + (v->path[n] == '.');
    int room = KEY_WIDTH - (int)text_width(key), wide = VALUE_WIDTH - (int)text_width(v->text);
    fprintf(l->out, "  %s%*s  %s%*s  ", key, room > 0 ? room : 0, "", v->text, wide > 0 ? wide : 0, "");
    if (!v->given) {
        fputs("default\n", l->out);
    } else if (v->at.line > 0) {
        fprintf(l->out, "%s:%d\n", l->tree->source[v->at.source].name, v->at.line);
    } else {
        fprintf(l->out, "%s\n", l->tree->source[v->at.source].name);
    }
    return 0;
}

static void add_columns(struct table *t, const char *const *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        table_add_column(t, (struct table_column){.name = name[i], .text = true});
    }
}

static void add_quantity(struct table *t, double x, enum dimension d)
{
    char buf[QUANTITY_ROOM];
    table_add(t, "%s", quantity_text(x, d, buf, sizeof buf));
}

static void add_share(struct table *t, double x, double capacity)
{
    if (isinf(capacity)) {
        table_add(t, "–");
    } else {
        table_add(t, "%.3g %%", 100 * x / capacity);
    }
}

/* Some of its work is. */
static bool in_seconds(const struct workload *w)
{
    bool is = false;
    for (uint32_t k = 0; k < workload_n_task(w); k++) {
        is |= workload_work(w, k)->stretch != NULL;
    }
    return is;
}

/* Least mean service of a task, and the pool where it takes that; INFINITY: none. */
static double least_s(const struct scenario *s, const struct workload *load, uint32_t k, uint32_t *best, uint32_t *n_fit)
{
    const struct size_spec *work = workload_work(load, k);
    double least = INFINITY;
    *best = ROW_NONE;
    *n_fit = 0;
    for (uint32_t p = 0; p < s->n_pool; p++) {
        const double run_s = work->mean * size_stretch(work, p) / s->pool[p].speed_flops;
        if (workload_fits(s, load, k, p)) {
            ++*n_fit;
            *best = run_s < least ? p : *best;
            least = run_s < least ? run_s : least;
        }
    }
    return least;
}

/* Along the longest path, each task where it takes least. done_s[n_task] is scratch. */
static double critical_s(const struct scenario *s, const struct workload *load, double *done_s)
{
    double last_s = 0;
    for (uint32_t k = 0; k < load->graph->n_task; k++) {
        const struct task_spec *t = &load->graph->task[k];
        uint32_t best, n_fit;
        done_s[k] = 0;
        for (uint32_t e = t->first_in; e < t->first_in + t->n_in; e++) {
            done_s[k] = fmax(done_s[k], done_s[load->graph->edge[e].from]);
        }
        done_s[k] += least_s(s, load, k, &best, &n_fit);
        last_s = fmax(last_s, done_s[k]);
    }
    return last_s;
}

static uint32_t widest(const uint32_t *level, uint32_t n_task, uint32_t n_level)
{
    uint32_t most = 0;
    for (uint32_t l = 0; l < n_level; l++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < n_task; k++) {
            n += level[k] == l;
        }
        most = n > most ? n : most;
    }
    return most;
}

/* The graphs that jobs are: their measures. */
static void print_graphs(const struct scenario *s, FILE *out, struct paper paper)
{
    static const char *const name[] = {"workload", "tasks", "edges", "levels", "widest", "data", "longest path"};
    struct table t = {0};
    bool any = false;
    add_columns(&t, name, sizeof name / sizeof name[0]);
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct graph *g = s->workload[w].graph;
        uint32_t level[GRAPH_TASKS];
        double done_s[GRAPH_TASKS], bits = 0;
        if (!g) {
            continue;
        }
        any = true;
        const uint32_t n_level = graph_levels(g, level);
        for (uint32_t e = 0; e < g->n_edge; e++) {
            bits += g->edge[e].data.mean;
        }
        table_add(&t, "%s", s->workload[w].name);
        table_add(&t, "%u", g->n_task);
        table_add(&t, "%u", g->n_edge);
        table_add(&t, "%u", n_level);
        table_add(&t, "%u", widest(level, g->n_task, n_level));
        add_quantity(&t, bits, DIM_DATA);
        add_quantity(&t, critical_s(s, &s->workload[w], done_s), DIM_TIME);
    }
    if (any) {
        fprintf(out, "\nGraphs of jobs: data on all their edges, and the longest path of tasks, each where it takes least\n");
        table_print(&t, out, paper);
    }
    table_clear(&t);
}

/* The tasks of jobs of several: how many jobs have them, and where they take least. */
static void print_tasks(const struct scenario *s, FILE *out, struct paper paper)
{
    static const char *const name[] = {"task", "jobs", "waits for", "fits", "least", "on"};
    struct table t = {0};
    bool any = false;
    add_columns(&t, name, sizeof name / sizeof name[0]);
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct workload *load = &s->workload[w];
        for (uint32_t k = 0; load->graph && k < load->graph->n_task; k++) {
            const struct task_spec *task = &load->graph->task[k];
            uint32_t n_fit, best;
            const double least = least_s(s, load, k, &best, &n_fit);
            any = true;
            table_add(&t, "%s.%s", load->name, task->name);
            table_add(&t, "%.3g %%", 100 * task->share);
            if (task->at_least && task->at_least < task->n_in) {
                table_add(&t, "%u of %u", task->at_least, task->n_in);
            } else {
                table_add(&t, "%u", task->n_in);
            }
            table_add(&t, "%u", n_fit);
            add_quantity(&t, least, DIM_TIME);
            table_add(&t, "%s.%s", best == ROW_NONE ? "–" : s->group[s->pool[best].group].name,
                      best == ROW_NONE ? "–" : s->pool[best].name);
        }
    }
    if (any) {
        fprintf(out, "\nTasks of jobs: the share of jobs that have them, tasks before them, processors that fit, least mean "
                     "service\n");
        table_print(&t, out, paper);
    }
    table_clear(&t);
}

static void print_workloads(const struct scenario *s, const struct loads *loads, FILE *out, struct paper paper)
{
    static const char *const name[] = {"workload", "jobs", "input", "work", "output", "unloaded", "at best on"};
    struct table t = {0};
    add_columns(&t, name, sizeof name / sizeof name[0]);
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct workload *load = &s->workload[w];
        const struct load_workload *l = &loads->workload[w];
        char rate[QUANTITY_ROOM];
        table_add(&t, "%s", load->name);
        table_add(&t, "%s%s", l->closed ? "up to " : "", quantity_text(l->rate, DIM_FREQUENCY, rate, sizeof rate));
        add_quantity(&t, load->input.mean, DIM_DATA);
        if (in_seconds(load)) {
            table_add(&t, "in seconds");
        } else {
            add_quantity(&t, load->work.mean, DIM_WORK);
        }
        add_quantity(&t, load->output.mean, DIM_DATA);
        if (l->best_pool == ROW_NONE) {
            table_add(&t, "–");
            table_add(&t, "nothing");
        } else {
            add_quantity(&t, l->unloaded_s, DIM_TIME);
            table_add(&t, "%s.%s", s->group[s->pool[l->best_pool].group].name, s->pool[l->best_pool].name);
        }
    }
    fprintf(out, "\nMeans: what is released by all members of a group, each job's sizes, and its latency when nothing else "
                 "runs\n");
    table_print(&t, out, paper);
    table_clear(&t);
}

static void print_pools(const struct scenario *s, const struct loads *loads, FILE *out, struct paper paper)
{
    static const char *const name[] = {"processor", "places", "capacity", "must", "may"};
    struct table t = {0};
    add_columns(&t, name, sizeof name / sizeof name[0]);
    for (uint32_t p = 0; p < s->n_pool; p++) {
        const struct load_use *use = &loads->pool[p];
        table_add(&t, "%s.%s", s->group[s->pool[p].group].name, s->pool[p].name);
        table_add(&t, "%u", s->group[s->pool[p].group].count);
        add_quantity(&t, use->capacity, DIM_SPEED);
        add_share(&t, use->must, use->capacity);
        add_share(&t, use->may, use->capacity);
    }
    fprintf(out, "\nLoad of processors: by jobs that can run nowhere else, and by all that can run there\n");
    table_print(&t, out, paper);
    table_clear(&t);
}

static void print_links(const struct scenario *s, const struct loads *loads, FILE *out, struct paper paper)
{
    static const char *const name[] = {"link", "instances", "capacity", "latency", "must", "may"};
    static const char *const way[] = {"up", "down"};
    struct table t = {0};
    if (s->n_link == 0) {
        return;
    }
    add_columns(&t, name, sizeof name / sizeof name[0]);
    for (uint32_t c = 0; c < N_DIRECTION * s->n_link; c++) {
        const struct link *link = &s->link[c / N_DIRECTION];
        const struct load_use *use = &loads->channel[c];
        table_add(&t, "%s.%s", link->name, way[c % N_DIRECTION]);
        table_add(&t, "%u", link->n_instance);
        add_quantity(&t, use->capacity, DIM_RATE);
        add_quantity(&t, process_mean(&link->direction[c % N_DIRECTION].latency), DIM_TIME);
        add_share(&t, use->must, use->capacity);
        add_share(&t, use->may, use->capacity);
    }
    fprintf(out, "\nLoad of links: by jobs that have no other way, and by all that may take it\n");
    table_print(&t, out, paper);
    table_clear(&t);
}

static bool is_set(const struct policy_spec *spec, const char *key)
{
    for (uint32_t i = 0; i < spec->n_param; i++) {
        if (strcmp(spec->param[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

/* Parameters of the scenario's policies that it leaves as they are. */
static void list_params(struct lister *l, const struct scenario *s, const struct policy_set *policies)
{
    for (uint32_t p = 0; p < s->experiment.n_policy; p++) {
        const struct policy_spec *spec = &s->experiment.policy[p];
        const struct ts_policy *table = policy_set_find(policies, spec->policy, NULL, 0, 0, NULL);
        for (size_t i = 0; table && policy_param_at(table, i); i++) {
            const struct ts_param *param = policy_param_at(table, i);
            char path[GROUP_ROOM], value[QUANTITY_ROOM];
            if (!is_set(spec, param->key)) {
                snprintf(path, sizeof path, "experiment.policies[%u].%s.%s", p, spec->policy, param->key);
                snprintf(value, sizeof value, "%g%s%s", param->dflt, param->unit && *param->unit ? " " : "",
                         param->unit ? param->unit : "");
                list_value(l, &(struct scenario_value){.path = path, .text = value});
            }
        }
    }
}

int explain_print(const struct scenario *s, const struct yaml *tree, const struct loads *loads,
                  const struct policy_set *policies, FILE *out, struct paper paper)
{
    struct lister l = {.out = out, .tree = tree};
    int rc = scenario_values(tree, list_value, &l);
    if (rc == 0) {
        list_params(&l, s, policies);
        print_workloads(s, loads, out, paper);
        print_graphs(s, out, paper);
        print_tasks(s, out, paper);
        print_pools(s, loads, out, paper);
        print_links(s, loads, out, paper);
    }
    return rc;
}
