/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/quantity.h"
#include "sim/base/text.h"
#include "sim/calibrate/device_table.h"
#include "sim/cli/cli.h"
#include "sim/io/provenance.h"
#include "sim/io/trace/store.h"
#include "sim/io/trace/trace.h"
#include "sim/io/workflow.h"
#include "sim/show/trace_plot.h"
#include "sim/show/trace_report.h"

struct import_options {
    const struct trace_kind *kind;
    const struct workflow_kind *workflow; /* instead: a graph of tasks */
    const struct device_kind *device;     /* or a table of devices */
    const char *file, *output, *column, *with, *on, *under;
    double from_s, to_s;
    uint32_t batch;
    bool plot, quiet;
    unsigned given; /* bit i: applies[i] */
};

enum { KEY_FROM = 256, KEY_TO, KEY_PLOT, KEY_WITH, KEY_ON, KEY_UNDER, KEY_BATCH };
enum file_sort { SORT_TRACE = 1, SORT_GRAPH = 2, SORT_DEVICES = 4 };

/* Options that are not for all sorts of files. */
static const struct {
    int key;
    const char *name;
    unsigned sorts;
    const char *wanted;
} applies[] = {
    {'c', "--column", SORT_TRACE | SORT_DEVICES, "traces and tables of devices"},
    {KEY_WITH, "--with", SORT_TRACE, "traces"},
    {KEY_FROM, "--from", SORT_TRACE, "traces"},
    {KEY_TO, "--to", SORT_TRACE, "traces"},
    {KEY_PLOT, "--plot", SORT_TRACE, "traces"},
    {KEY_ON, "--on", SORT_GRAPH, "graphs"},
    {KEY_UNDER, "--under", SORT_GRAPH, "graphs"},
    {KEY_BATCH, "--batch", SORT_GRAPH, "pipedream"},
};
enum { N_APPLIES = sizeof applies / sizeof applies[0] };

static const struct argp_option option[] = {
    {"output", 'o', "FILE", 0,
     "where it goes (default: of a trace the file's name with .tst, in this folder; else standard output)", 0},
    {"column", 'c', "TEXT", 0, "which of several measurements in the file", 0},
    {"with", KEY_WITH, "FILE", 0, "a second file that belongs to it", 0},
    {"from", KEY_FROM, "TIME", 0, "keep rows from this time on, counted from the first row, such as 2h", 0},
    {"to", KEY_TO, "TIME", 0, "keep rows before this time", 0},
    {"plot", KEY_PLOT, NULL, 0, "draw the trace: NAME.svg and .png beside the output", 0},
    {"on", KEY_ON, "NAME", 0, "graphs: the processor or group whose seconds they are (default: cpu)", 0},
    {"under", KEY_UNDER, "PATH", 0,
     "graphs: put the tasks under these keys, such as workloads.science, so that they can be included", 0},
    {"batch", KEY_BATCH, "N", 0, "pipedream: its minibatches were of N samples; write times and data by the sample", 0},
    {"quiet", 'q', NULL, 0, "nothing but errors", 0},
    {0},
};

/* Where the file goes if nobody says. */
static char *default_output(const char *file)
{
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
    char *path = NULL;
    return asprintf(&path, "%.*s.tst", dot && dot > base ? (int)(dot - base) : (int)strlen(base), base) < 0 ? NULL
                                                                                                            : path;
}

static double parse_time(struct argp_state *state, const char *option_name, const char *text)
{
    double s = 0;
    struct err e = {0};
    if (quantity_parse(text, strlen(text), DIM_TIME, &s, &e) < 0) {
        argp_error(state, "%s: %s", option_name, e.text);
    }
    if (!(s >= 0)) {
        argp_error(state, "%s: found %s, wanted a time from 0", option_name, text);
    }
    return s;
}

static const struct trace_kind *parse_kind(struct argp_state *state, const char *name)
{
    struct text_nearest best = {0};
    for (const struct trace_kind *k = trace_kinds(); k->name; k++) {
        if (strcmp(k->name, name) == 0) {
            return k;
        }
        text_nearest_offer(&best, name, k->name);
    }
    argp_error(state, "found the kind %s, wanted one of those below --help%s%s%s", name,
               best.word ? "; did you mean " : "", best.word ? best.word : "", best.word ? "?" : "");
    return NULL;
}

static const char file_wanted[] = "a kind and a file, such as: azure_llm AzureLLMInferenceTrace_code.csv";

static void refuse_others(const struct import_options *o, struct argp_state *state)
{
    const enum file_sort sort = o->workflow ? SORT_GRAPH : o->device ? SORT_DEVICES : SORT_TRACE;
    static const char *const noun[] = {[SORT_TRACE] = "a trace", [SORT_GRAPH] = "a graph", [SORT_DEVICES] = "a table of devices"};
    for (int i = 0; i < N_APPLIES; i++) {
        if ((o->given & 1u << i) && !(applies[i].sorts & sort)) {
            argp_error(state, "found %s for %s, wanted it for %s alone", applies[i].name, noun[sort], applies[i].wanted);
        }
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct import_options *o = state->input;
    for (int i = 0; i < N_APPLIES; i++) {
        o->given |= applies[i].key == key ? 1u << i : 0;
    }
    switch (key) {
    case 'o':
        o->output = arg;
        return 0;
    case 'c':
        o->column = arg;
        return 0;
    case KEY_WITH:
        o->with = arg;
        return 0;
    case KEY_FROM:
        o->from_s = parse_time(state, "--from", arg);
        return 0;
    case KEY_TO:
        o->to_s = parse_time(state, "--to", arg);
        return 0;
    case KEY_UNDER:
        o->under = arg;
        return 0;
    case KEY_ON:
        o->on = arg;
        return 0;
    case KEY_BATCH:
        o->batch = (uint32_t)cli_whole(state, "--batch", arg, 1, 1000000);
        return 0;
    case KEY_PLOT:
        o->plot = true;
        return 0;
    case 'q':
        o->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        for (const struct workflow_kind *k = workflow_kinds(); !o->kind && !o->workflow && k->name; k++) {
            if (strcmp(k->name, arg) == 0) {
                o->workflow = k;
                return 0;
            }
        }
        for (const struct device_kind *k = device_kinds(); !o->kind && !o->workflow && !o->device && k->name; k++) {
            if (strcmp(k->name, arg) == 0) {
                o->device = k;
                return 0;
            }
        }
        if (!o->kind && !o->workflow && !o->device) {
            o->kind = parse_kind(state, arg);
            return 0;
        }
        return cli_parse_file(key, arg, state, &o->file, file_wanted);
    case ARGP_KEY_END:
        cli_parse_file(key, arg, state, &o->file, file_wanted);
        refuse_others(o, state);
        if (o->to_s > 0 && o->to_s <= o->from_s) {
            argp_error(state, "found --to that is not after --from, wanted a time after it");
        }
        if (o->batch > 0 && !(o->workflow && o->workflow->minibatch)) {
            argp_error(state, "found --batch for a file that is not of minibatches, wanted it for pipedream alone");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The kinds, behind the options; argp frees what is not the text it was given. */
static char *list_kinds(int key, const char *text, void *input)
{
    (void)input;
    char *list = NULL;
    size_t size = 0;
    FILE *out = key == ARGP_KEY_HELP_POST_DOC ? open_memstream(&list, &size) : NULL;
    if (!out) {
        return (char *)(uintptr_t)text;
    }
    for (int points = 1; points >= 0; points--) {
        fprintf(out, points ? "Kinds of arrivals:\n" : "Kinds of levels over time:\n");
        for (const struct trace_kind *k = trace_kinds(); k->name; k++) {
            if (k->points == points) {
                fprintf(out, "  %-20s  %s\n", k->name, k->about);
            }
            if (k->points == points && k->choice) {
                fprintf(out, "  %-20s  --column: %s\n", "", k->choice);
            }
            if (k->points == points && k->with) {
                fprintf(out, "  %-20s  --with: %s\n", "", k->with);
            }
        }
    }
    fprintf(out, "Graphs of tasks, as a fragment of YAML for a workload:\n");
    for (const struct workflow_kind *k = workflow_kinds(); k->name; k++) {
        fprintf(out, "  %-20s  %s\n", k->name, k->about);
    }
    fprintf(out, "Tables of what devices take, as devices that nodes of a scenario may be:\n");
    for (const struct device_kind *k = device_kinds(); k->name; k++) {
        fprintf(out, "  %-20s  %s\n", k->name, k->about);
        if (k->choice) {
            fprintf(out, "  %-20s  --column: %s\n", "", k->choice);
        }
    }
    fprintf(out, "docs/traces.md says what is in them and where they are published.");
    fclose(out);
    return list;
}

static int report(const struct import_options *o, const struct flow *f, const char *output, struct err *e)
{
    struct arena arena = {0};
    const struct series *s = NULL;
    char stem[8192];
    int rc = store_map(&arena, output, &s, NULL, e);
    if (rc == 0 && !o->quiet) {
        rc = trace_report_print(f, s, stdout, paper_of(stdout), e);
        printf("wrote %s\n", output);
    }
    if (rc == 0 && o->plot) {
        rc = trace_plot(s, output, stem, sizeof stem, e);
    }
    if (rc == 0 && o->plot && !o->quiet) {
        printf("drew %s.svg and %s.png\n", stem, stem);
    }
    arena_clear(&arena);
    return rc;
}

static int print_workflow(const struct import_options *o, const void *what, FILE *out)
{
    return workflow_print(what, o->under, o->on ? o->on : "cpu", out);
}

static int print_devices(const struct import_options *o, const void *what, FILE *out)
{
    (void)o;
    return device_table_print(what, out);
}

/* What was read, as text, to the output or on the terminal. */
static int write_text(const struct import_options *o, const void *what,
                      int (*print)(const struct import_options *o, const void *what, FILE *out), struct err *e)
{
    FILE *out = o->output ? fopen(o->output, "w") : stdout;
    int rc = out ? print(o, what, out) : -ERR_IO;
    if (out && out != stdout && fclose(out) != 0) {
        rc = -ERR_IO;
    }
    if (rc) {
        return ERR_SET(e, ERR_IO, "%s: the file cannot be written", o->output ? o->output : "standard output");
    }
    if (o->output && !o->quiet) {
        printf("wrote %s\n", o->output);
    }
    return 0;
}

static int import_workflow(const struct import_options *o)
{
    struct workflow w = {0};
    struct err e = {0};
    int rc = workflow_read(&w, o->workflow, o->file, o->batch, &e);
    rc = rc ? rc : write_text(o, &w, print_workflow, &e);
    workflow_clear(&w);
    return rc < 0 ? cli_fail(&e) : 0;
}

static int import_devices(const struct import_options *o)
{
    struct device_table t = {0};
    struct err e = {0};
    int rc = device_table_read(&t, o->device, o->file, o->column, &e);
    rc = rc ? rc : write_text(o, &t, print_devices, &e);
    device_table_clear(&t);
    return rc < 0 ? cli_fail(&e) : 0;
}

int verb_import(const struct cli *c, int argc, char **argv)
{
    struct import_options o = {0};
    const struct argp argp = {
        .options = option,
        .parser = parse,
        .args_doc = "KIND FILE",
        .doc = "Reads a trace in a published format, says what is in it, and writes it in a form that runs "
               "map, however long it is; a scenario names it by `trace: {file: NAME.tst}`.  Or reads a graph of "
               "tasks, and prints it as `tasks` of a workload; or a table of devices, and prints it as `devices`.\v",
        .help_filter = list_kinds};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.workflow) {
        return import_workflow(&o);
    }
    if (o.device) {
        return import_devices(&o);
    }
    struct err e = {0};
    char *made = o.output ? NULL : default_output(o.file);
    const char *output = o.output ? o.output : made;
    struct flow f = {.path = o.file, .column = o.column, .with = o.with, .from_s = o.from_s, .to_s = o.to_s};
    int rc = output ? trace_import(&f, o.kind, output, provenance_program(), &e)
                    : ERR_SET(&e, ERR_MEMORY, "no memory for a path");
    if (rc == 0 && (o.plot || !o.quiet)) {
        rc = report(&o, &f, output, &e);
    }
    flow_clear(&f);
    free(made);
    return rc < 0 ? cli_fail(&e) : 0;
}
