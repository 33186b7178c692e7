/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/story.h"

#include <math.h>
#include <string.h>

#include "sim/model/graph.h"
#include "sim/policy/set.h"
#include "sim/policy/terms.h"

static const char *why_name(unsigned why)
{
    static const char *const name[] = {"",         "it arrived",      "it is ready",      "a branch",
                                       "a round",  "it was refused",  "its work was lost", "a place became free",
                                       "a report", "its time has come", "something changed"};
    return why < sizeof name / sizeof name[0] ? name[why] : "unknown";
}

/* A duration in a readable unit. */
static void print_s(FILE *out, double s)
{
    if (isnan(s)) {
        fprintf(out, "%12s", "-");
    } else if (isinf(s)) {
        fprintf(out, "%12s", "inf");
    } else if (fabs(s) < 1) {
        fprintf(out, "%9.3f ms", s * 1e3);
    } else {
        fprintf(out, "%10.3f s", s);
    }
}

static void print_count(FILE *out, double n)
{
    if (isnan(n)) {
        fprintf(out, "%8s", "-");
    } else {
        fprintf(out, "%8.0f", n);
    }
}

static void print_question(FILE *out, const struct scenario *s, const struct story *st, const struct story_question *q)
{
    static const unsigned shown[] = {TS_IN_S, TS_RUN_S, TS_OUT_S};
    char name[256];
    const struct graph *g = s->workload[q->task.app].graph;
    fprintf(out, "\n  At %.6f s %s was asked%s%s because %s; announced: input %.6g bit, work %.6g flop, output %.6g bit\n",
            q->now_s, st->label, g ? " about " : "", g ? g->task[q->task.step].name : "", why_name(q->why), q->task.in_bits,
            q->task.flop, q->task.out_bits);
    fprintf(out, "    %-24s %12s%12s%12s%12s%8s%8s\n", "candidate", "send", "run", "return", "backlog", "busy", "queued");
    for (uint32_t k = 0; k < q->n_candidate; k++) {
        const struct story_candidate *c = &q->candidate[k];
        bool chosen = q->verb == TS_PLACE && q->place == c->place;
        fprintf(out, "  %s %-24s ", chosen ? ">" : " ", scenario_place_name(s, c->place, name, sizeof name));
        for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
            print_s(out, c->est[shown[i]]);
        }
        print_s(out, c->work_s);
        print_count(out, c->busy);
        print_count(out, c->queued);
        fputc('\n', out);
    }
    if (q->verb == TS_REJECT) {
        fprintf(out, "    It rejected the job.\n");
    } else if (q->verb == TS_DEFER && q->not_before_s > q->now_s) {
        fprintf(out, "    It deferred the job until %.6f s.\n", q->not_before_s);
    } else if (q->verb == TS_DEFER) {
        fprintf(out, "    It deferred the job until something changes.\n");
    }
}

static bool was_asked(const struct story *st, uint32_t ctl)
{
    for (uint32_t i = 0; i < st->n_question; i++) {
        if (st->question[i].ctl == ctl) {
            return true;
        }
    }
    return false;
}

/* What slow controllers set meanwhile at those that were asked about the job. */
static void print_settings(FILE *out, const struct scenario *s, const struct story *st)
{
    const char *before = "\n";
    const struct node_group *group;
    for (uint32_t i = 0; i < st->n_setting; i++) {
        const struct transition *t = &st->setting[i];
        const uint32_t what = (uint32_t)t->number;
        if (!was_asked(st, t->source)) {
            continue;
        }
        fprintf(out, "%s  From %.6f s on, as was decided by the view of %.6f s, ", before, t->time_s, t->b);
        before = "";
        switch (t->number >> 32) {
        case TS_K_PARAM:
            fprintf(out, "%s of %s is %.6g.\n", policy_param_at(st->policy, what)->key, st->label, t->a);
            break;
        case TS_K_ALLOW:
            group = &s->group[scenario_group_of_node(s, what)];
            fprintf(out, "%s[%u] may %sbe used.\n", group->name, what - group->first_node, t->a == 0 ? "not " : "");
            break;
        default:
            fprintf(out, "%s is asked about %.6g %% of the jobs.\n", st->label, 100 * t->a);
        }
    }
}

static const char *resource(const struct scenario *s, uint32_t row, char *buf, size_t n)
{
    if (row == ROW_NONE) {
        return "on its way";
    }
    return row < s->n_place ? scenario_place_name(s, row, buf, n) : scenario_channel_name(s, row - s->n_place, buf, n);
}

/* Where the job, or a part of it, is from a transition on. */
static const char *where_then(const struct scenario *s, const struct workload *w, const struct transition *t, char *buf, size_t n)
{
    uint32_t at = t->kind == TR_PLACE ? t->from : t->to;
    bool is_task = w->graph && t->part <= w->graph->n_task;
    if (t->kind == TR_RELEASE || (t->kind == TR_PART && is_task)) {
        return "waits for a decision";
    }
    if (t->kind == TR_HOLD) {
        return "waits for results before it";
    }
    return is_task && at == ROW_NONE ? "waits for its data" : resource(s, at, buf, n);
}

/* Line by line; heading: what the part is called, NULL for a job of one task. */
static void print_way(FILE *out, const struct scenario *s, const struct story *st, const struct workload *w, uint32_t part,
                      const char *heading)
{
    char name[256];
    const char *where = NULL;
    double since_s = 0;
    for (uint32_t i = 0; i < st->n_step; i++) {
        const struct transition *t = &st->step[i];
        if (t->part != part) {
            continue;
        }
        if (where && (t->time_s > since_s || (t->kind != TR_PLACE && !heading))) {
            fprintf(out, "  %-*s%-32s%12.6f s", heading ? 28 : 0, heading ? heading : "", where, t->time_s);
            print_s(out, t->time_s - since_s);
            print_s(out, t->kind == TR_PLACE || t->from == ROW_NONE ? NAN : t->a);
            fputc('\n', out);
        }
        where = where_then(s, w, t, name, sizeof name);
        since_s = t->time_s;
    }
}

static void print_steps(FILE *out, const struct scenario *s, const struct story *st, const struct workload *w)
{
    char name[160];
    fprintf(out, "\n  %-*s%-32s%14s%12s%12s\n", w->graph ? 28 : 0, w->graph ? "part" : "", "where", "until", "stayed", "served");
    if (!w->graph) {
        print_way(out, s, st, w, 0, NULL);
    }
    for (uint32_t i = 0; i < st->n_step; i++) {
        if (st->step[i].kind == TR_PART) {
            print_way(out, s, st, w, st->step[i].part, graph_part_name(w, st->step[i].part, name, sizeof name));
        }
    }
    const struct transition *end = &st->step[st->n_step - 1];
    while (end > st->step && end->kind != TR_END && end->kind != TR_CLOSE) {
        end--; /* replicas that lost their race leave later */
    }
    fprintf(out, "\n  It ended %s at %.6f s, %.6g s after its release", name_of_end(end->end), end->time_s,
            end->time_s - st->step[0].time_s);
    if (isfinite(st->step[0].a)) {
        fprintf(out, "; its deadline was at %.6f s", st->step[0].a);
    }
    fprintf(out, ".\n");
}

void story_print(FILE *out, const struct scenario *s, const struct story *st)
{
    const struct transition *release = &st->step[0];
    uint32_t w = 0;
    while (w + 1 < s->n_workload && s->workload[w + 1].first_source <= release->source) {
        w++;
    }
    const struct node_group *group = &s->group[s->workload[w].group];
    fprintf(out, "Job %llu under %s: %s number %llu, released at %.6f s at %s[%u]\n", (unsigned long long)st->job, st->label,
            s->workload[w].name, (unsigned long long)release->number, release->time_s, group->name,
            release->to - group->first_node);
    for (uint32_t i = 0; i < st->n_question; i++) {
        print_question(out, s, st, &st->question[i]);
    }
    print_settings(out, s, st);
    print_steps(out, s, st, &s->workload[w]);
}
