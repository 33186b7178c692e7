/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/event_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/model/graph.h"
#include "sim/policy/terms.h"

struct event_log {
    FILE *file;
    const struct scenario *s;
    uint32_t *workload; /* [n_source] */
    char path[512];
};

static const char *kind_name(unsigned kind)
{
    static const char *const name[] = {[TR_RELEASE] = "release", [TR_PLACE] = "place", [TR_REFUSE] = "refuse",
                                       [TR_RECALL] = "recall", [TR_SHIFT] = "shift",   [TR_LOOP] = "loop",   [TR_EXPOSE] = "expose",
                                       [TR_MOVE] = "move",       [TR_END] = "end",     [TR_WINDOW] = "window",
                                       [TR_CLOSE] = "close",     [TR_PART] = "part",   [TR_LEAVE] = "leave",
                                       [TR_SEND] = "send",       [TR_PASS] = "pass",   [TR_ARRIVE] = "arrive",
                                       [TR_THINK] = "think",     [TR_REPORTS] = "reports",
                                       [TR_SET] = "set",         [TR_ORDER] = "order", [TR_STALE] = "stale",
                                       [TR_GRADE] = "grade",     [TR_HOLD] = "hold"};
    return kind < sizeof name / sizeof name[0] && name[kind] ? name[kind] : "unknown";
}

int event_log_open(struct event_log **out, const char *path, const struct scenario *s, struct err *e)
{
    struct event_log *log = calloc(1, sizeof *log);
    *out = NULL;
    if (!log || !(log->workload = calloc(s->n_source + 1u, sizeof *log->workload))) {
        free(log);
        return ERR_SET(e, ERR_MEMORY, "out of memory for the event log");
    }
    log->s = s;
    snprintf(log->path, sizeof log->path, "%s", path);
    for (uint32_t w = 0; w < s->n_workload; w++) {
        for (uint32_t k = 0; k < s->workload[w].n_source; k++) {
            log->workload[s->workload[w].first_source + k] = w;
        }
    }
    if (!(log->file = fopen(path, "w"))) {
        int rc = ERR_SET(e, ERR_IO, "the event log %s cannot be written: %s", path, strerror(errno));
        free(log->workload);
        free(log);
        return rc;
    }
    fputs("policy,replication,time_s,event,workload,source,number,part,from,to,end,service_s,amount\n", log->file);
    *out = log;
    return 0;
}

static const char *resource(const struct scenario *s, uint32_t row, char *buf, size_t n)
{
    if (row == ROW_NONE) {
        return "";
    }
    return row < s->n_place ? scenario_place_name(s, row, buf, n) : scenario_channel_name(s, row - s->n_place, buf, n);
}

static const char *node(const struct scenario *s, uint32_t row, char *buf, size_t n)
{
    const struct node_group *group = &s->group[scenario_group_of_node(s, row)];
    snprintf(buf, n, "%s[%u]", group->name, row - group->first_node);
    return buf;
}

/* What is no job's: the column of workloads says what it is. */
static void write_control(struct event_log *log, const char *label, uint32_t replication, const struct transition *t)
{
    static const char *const message[N_MESSAGE] = {
        [MESSAGE_REQUEST] = "request", [MESSAGE_ANSWER] = "answer",   [MESSAGE_REPORT] = "report",
        [MESSAGE_NEWS] = "news",       [MESSAGE_REFUSAL] = "refusal", [MESSAGE_SET] = "set"};
    const bool moves = t->kind == TR_SEND || t->kind == TR_PASS || t->kind == TR_ARRIVE;
    char from[256], to[256];
    fprintf(log->file, "%s,%u,%.17g,%s,%s,%u,%llu,%s,%s,,%.17g,%.17g\n", label, replication, t->time_s, kind_name(t->kind),
            moves ? message[t->source - MESSAGE_SOURCE] : "control", moves ? 0 : t->source, (unsigned long long)t->number,
            resource(log->s, t->from, from, sizeof from),
            moves                ? resource(log->s, t->to, to, sizeof to)
            : t->to != ROW_NONE ? node(log->s, t->to, to, sizeof to)
                                 : "",
            t->a, t->b);
}

void event_log_write(struct event_log *log, uint32_t policy, uint32_t replication, const struct transition *t, size_t n)
{
    const struct scenario *s = log->s;
    for (size_t i = 0; i < n; i++, t++) {
        char from[256], to[256], part[160];
        if (t->kind == TR_WINDOW) {
            fprintf(log->file, "%s,%u,%.17g,%s,,,,,,,,,\n", s->experiment.policy[policy].label, replication, t->time_s,
                    t->row ? "window closes" : "window opens");
            continue;
        }
        if (t->kind >= TR_SEND) {
            write_control(log, s->experiment.policy[policy].label, replication, t);
            continue;
        }
        uint32_t w = log->workload[t->source];
        fprintf(log->file, "%s,%u,%.17g,%s,%s,%u,%llu,%s,%s,%s,%s,%.17g,%.17g\n", s->experiment.policy[policy].label,
                replication, t->time_s, kind_name(t->kind), s->workload[w].name,
                t->source - s->workload[w].first_source, (unsigned long long)t->number,
                graph_part_name(&s->workload[w], t->part, part, sizeof part), resource(s, t->from, from, sizeof from),
                t->kind == TR_RELEASE ? node(s, t->to, to, sizeof to) : resource(s, t->to, to, sizeof to),
                t->end ? name_of_end(t->end) : "", t->kind == TR_PART ? 0 : t->a, t->b);
    }
}

int event_log_close(struct event_log *log, struct err *e)
{
    bool bad = ferror(log->file) != 0;
    bad |= fclose(log->file) != 0;
    int rc = bad ? ERR_SET(e, ERR_IO, "the event log %s could not be written whole", log->path) : 0;
    free(log->workload);
    free(log);
    return rc;
}
