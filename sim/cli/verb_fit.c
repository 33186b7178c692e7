/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/quantity.h"
#include "sim/cli/cli.h"
#include "sim/io/trace/store.h"
#include "sim/io/trace/trace.h"
#include "sim/show/fit.h"

struct fit_arguments {
    struct fit_request request;
    const char *column;
    struct arena arena;
};

enum { KEY_AS = 256, KEY_COLUMN, KEY_STEP, KEY_UNDER, KEY_INPUT, KEY_WORK, KEY_OUTPUT };

static const struct argp_option option[] = {
    {"as", KEY_AS, "MODEL", 0,
     "write this model instead of the best: poisson, renewal, onoff or mmpp; lognormal, mixture2, mixture3 or quantiles; "
     "log_ar1, markov2, markov3 or markov4; may be given several times", 0},
    {"input", KEY_INPUT, "COLUMN=QUANTITY", 0, "fit the inputs of jobs too: what one of this column is, such as "
                                               "prompt_tokens=4B", 0},
    {"work", KEY_WORK, "COLUMN=QUANTITY", 0, "the same of their work, such as prompt_tokens=14GFLOP", 0},
    {"output", KEY_OUTPUT, "COLUMN=QUANTITY", 0, "the same of their outputs", 0},
    {"column", KEY_COLUMN, "NAME", 0, "which of several measurements in the file", 0},
    {"step", KEY_STEP, "TIME", 0, "step of a level (default: the median time between rows)", 0},
    {"under", KEY_UNDER, "PATH", 0, "put the fragment under these keys, such as workloads.chat, so that it can be included",
     0},
    {0},
};

static void parse_size(struct fit_arguments *a, const char *key, const char *arg, struct argp_state *state)
{
    struct fit_request *r = &a->request;
    const char *equals = strchr(arg, '=');
    struct err e = {0};
    if (!equals || equals == arg) {
        argp_error(state, "--%s: found %s, wanted COLUMN=QUANTITY such as prompt_tokens=4B", key, arg);
        return;
    }
    struct fit_size_wanted w = {.key = key, .column = arena_format(&a->arena, "%.*s", (int)(equals - arg), arg),
                                .text = equals + 1};
    enum dimension d = strcmp(key, "work") == 0 ? DIM_WORK : DIM_DATA;
    if (quantity_parse(w.text, strlen(w.text), d, &w.per, &e) < 0 || !(w.per > 0)) {
        argp_error(state, "--%s: %s", key, e.code ? e.text : "found 0, wanted more");
    }
    for (uint32_t i = 0; i < r->n_size; i++) {
        if (strcmp(r->size[i].key, key) == 0) {
            argp_error(state, "--%s: found it twice, wanted it once", key);
        }
    }
    r->size[r->n_size++] = w;
}

static error_t parse_model(int key, char *arg, struct argp_state *state)
{
    struct fit_arguments *a = state->input;
    struct fit_request *r = &a->request;
    struct err e = {0};
    switch (key) {
    case KEY_AS:
        if (r->n_choice == FIT_CHOICES) {
            argp_error(state, "--as: found more than %d, wanted fewer", FIT_CHOICES);
        }
        r->choice[r->n_choice++] = arg;
        return 0;
    case KEY_STEP:
        if (quantity_parse(arg, strlen(arg), DIM_TIME, &r->step_s, &e) < 0 || !(r->step_s > 0)) {
            argp_error(state, "--step: %s", e.code ? e.text : "found 0, wanted a time above 0");
        }
        return 0;
    case KEY_INPUT:
        parse_size(a, "input", arg, state);
        return 0;
    case KEY_WORK:
        parse_size(a, "work", arg, state);
        return 0;
    case KEY_OUTPUT:
        parse_size(a, "output", arg, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fit_arguments *a = state->input;
    struct fit_request *r = &a->request;
    switch (key) {
    case KEY_COLUMN:
        a->column = arg;
        return 0;
    case KEY_UNDER:
        r->under = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (r->path) {
            argp_error(state, "found a third argument %s, wanted KIND FILE", arg);
        }
        *(r->kind ? &r->path : &r->kind) = arg;
        return 0;
    case ARGP_KEY_END:
        if (!r->path) {
            argp_error(state, "wanted KIND FILE, such as azure_llm traces/assistant.csv");
        }
        return 0;
    default:
        return parse_model(key, arg, state);
    }
}

static int read_and_fit(struct fit_arguments *a, struct err *e)
{
    struct fit_request *r = &a->request;
    const struct trace_kind *kind = trace_kind_find(r->kind);
    const struct series *s = NULL;
    if (!kind) {
        return ERR_SET(e, ERR_INPUT, "found the kind %s, wanted one of those that `tiersim import --help` lists, or %s",
                       r->kind, trace_kind_stored);
    }
    bool stored = strcmp(kind->name, trace_kind_stored) == 0;
    int rc = stored ? store_map(&a->arena, r->path, &s, NULL, e)
                    : trace_read(&a->arena, r->path, kind->name, a->column, kind->points, &s, e);
    r->points = rc == 0 && s->points;
    if (rc == 0 && r->n_size > 0 && !r->points) {
        rc = ERR_SET(e, ERR_INPUT, "found a size of jobs and a trace of levels, wanted a trace of arrivals");
    }
    return rc ? rc : fit_print(stdout, s, r, e);
}

int verb_fit(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {.options = option,
                              .parser = parse,
                              .args_doc = "KIND FILE",
                              .doc = "Fits generators to the trace FILE of a KIND (docs/traces.md) and prints the best as a "
                                     "fragment of a scenario, with how well each model does as comments."};
    struct fit_arguments a = {.request.step_s = NAN};
    struct err e = {0};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int rc = read_and_fit(&a, &e);
    arena_clear(&a.arena);
    return rc < 0 ? cli_fail(&e) : 0;
}
