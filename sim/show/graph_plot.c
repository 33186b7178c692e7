/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graph_plot.c - a panel for each workload of several tasks.  Within a level a task stands by the mean height of those before
 * it, so that few edges cross; area goes with the share of the largest work.
 */
#include "sim/show/graph_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/model/graph.h"
#include "sim/show/gnuplot.h"
#include "sim/show/plot_figures.h"

enum { PANELS = 12, BEND_STEPS = 16 };
#define BEND 0.45 /* of the distance between tasks of a level */

static const char *const script[] = {
#include "plots/graph.inc"
    NULL,
};

/* A task on its level, and where it would like to stand. */
struct spot {
    uint32_t task, level;
    double wish;
};

struct picture {
    const struct graph *g;
    uint32_t level[GRAPH_TASKS];
    double height[GRAPH_TASKS];
    struct spot spot[GRAPH_TASKS];
    uint32_t n_level, widest;
};

static int by_wish(const void *va, const void *vb)
{
    const struct spot *a = va, *b = vb;
    return a->wish != b->wish ? (a->wish < b->wish) - (a->wish > b->wish) : (a->task > b->task) - (a->task < b->task);
}

static double mean_height(const struct picture *p, uint32_t k)
{
    const struct task_spec *t = &p->g->task[k];
    double sum = 0;
    for (uint32_t e = t->first_in; e < t->first_in + t->n_in; e++) {
        sum += p->height[p->g->edge[e].from];
    }
    return t->n_in ? sum / t->n_in : 0;
}

/* Heights level by level, each level about the middle. */
static void lay_out(struct picture *p)
{
    p->n_level = graph_levels(p->g, p->level);
    p->widest = 0;
    for (uint32_t l = 0; l < p->n_level; l++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < p->g->n_task; k++) {
            if (p->level[k] == l) {
                p->spot[n++] = (struct spot){.task = k, .level = l, .wish = mean_height(p, k)};
            }
        }
        qsort(p->spot, n, sizeof *p->spot, by_wish);
        for (uint32_t i = 0; i < n; i++) {
            p->height[p->spot[i].task] = (n - 1) / 2. - i;
        }
        p->widest = n > p->widest ? n : p->widest;
    }
}

/* A straight line to the next level; one that goes over others is bent, away from the middle, so as not to lie on their tasks. */
static void put_edge(const struct picture *p, const struct edge_spec *edge, FILE *data)
{
    const double from = p->level[edge->from], over = p->level[edge->to] - from;
    const double low = p->height[edge->from], rise = p->height[edge->to] - low;
    const double bend = over > 1 ? low + rise / 2 < 0 ? -BEND : BEND : 0;
    const int n_step = over > 1 ? BEND_STEPS : 1;
    for (int i = 0; i <= n_step; i++) {
        const double t = (double)i / n_step;
        fprintf(data, "%g %g\n", from + t * over, low + t * rise + 4 * t * (1 - t) * bend);
    }
    fprintf(data, "\n");
}

static void put_panel(const struct picture *p, FILE *data)
{
    double most = 0;
    for (uint32_t k = 0; k < p->g->n_task; k++) {
        most = fmax(most, p->g->task[k].work.mean);
    }
    fprintf(data, "# level, height, size, share of jobs, name\n");
    for (uint32_t k = 0; k < p->g->n_task; k++) {
        const struct task_spec *t = &p->g->task[k];
        fprintf(data, "%u %g %.4g %.4g %s\n", p->level[k], p->height[k], most > 0 ? sqrt(t->work.mean / most) : 1, t->share,
                t->name);
    }
    fprintf(data, "\n\n# level, height along each edge\n");
    for (uint32_t e = 0; e < p->g->n_edge; e++) {
        put_edge(p, &p->g->edge[e], data);
    }
    fprintf(data, "%s\n\n", p->g->n_edge ? "" : "NaN NaN\n");
}

static size_t longest_name(const struct graph *g)
{
    size_t longest = 0;
    for (uint32_t k = 0; k < g->n_task; k++) {
        const size_t n = strlen(g->task[k].name);
        longest = n > longest ? n : longest;
    }
    return longest;
}

static void put_numbers_of(FILE *head, int n, const struct workload *w, const struct picture *p)
{
    char name[32], text[256];
    snprintf(name, sizeof name, "panel[%d]", n);
    snprintf(text, sizeof text, "%s: %u tasks, %u edges, %u levels", w->name, p->g->n_task, p->g->n_edge, p->n_level);
    plot_text(head, name, text);
    fprintf(head, "levels[%d] = %u\nwidest[%d] = %u\nlongest[%d] = %zu\n", n, p->n_level, n, p->widest, n, longest_name(p->g));
}

static int write_files(const struct scenario *s, const char *stem, const char *base, struct err *e)
{
    struct gnuplot_files to;
    struct picture *p = malloc(sizeof *p);
    int n = 0, rc = p ? gnuplot_open(&to, stem, e) : ERR_SET(e, ERR_MEMORY, "out of memory for a figure");
    if (rc) {
        free(p);
        return rc;
    }
    gnuplot_begin(to.script, base);
    plot_text(to.script, "heading", s->name);
    fprintf(to.script, "array panel[%d]\narray levels[%d]\narray widest[%d]\narray longest[%d]\n", PANELS, PANELS, PANELS, PANELS);
    for (uint32_t w = 0; w < s->n_workload && n < PANELS; w++) {
        if ((p->g = s->workload[w].graph)) {
            lay_out(p);
            put_panel(p, to.data);
            put_numbers_of(to.script, ++n, &s->workload[w], p);
        }
    }
    fprintf(to.script, "panels = %d\n", n);
    if (n == 0) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found no workload with `tasks` or a `shape`, wanted one to draw", s->name);
    }
    gnuplot_lines(to.script, script);
    free(p);
    return gnuplot_close(&to, rc, e);
}

int graph_plot(const struct scenario *s, const char *folder, char *stem, size_t n, struct err *e)
{
    char base[NAME_MAX + 1], script_name[NAME_MAX + 8];
    snprintf(base, sizeof base, "%s_graph", s->name);
    snprintf(script_name, sizeof script_name, "%s.gp", base);
    snprintf(stem, n, "%s/%s", folder, base);
    int rc = write_files(s, stem, base, e);
    return rc < 0 ? rc : gnuplot_run(folder, script_name, e);
}
