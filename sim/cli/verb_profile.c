/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/quantity.h"
#include "sim/cli/cli.h"
#include "sim/io/onnx/onnx.h"
#include "sim/show/dnn.h"
#include "sim/io/onnx/dnn_tasks.h"

enum { KEY_JSON = 256, KEY_SHAPE, KEY_DIM, KEY_EXIT, KEY_TASKS, KEY_MOST, KEY_ON, KEY_OPERATORS, KEY_UNDER, KEY_FROM, KEY_UPTO };
enum { GIVEN = 32 };

static const struct argp_option option[] = {
    {"shape", KEY_SHAPE, "INPUT=1x3x224x224", 0, "shape of an input; may be given several times", 0},
    {"dim", KEY_DIM, "NAME=SIZE", 0, "size of the dimensions that the model calls NAME; may be given several times", 0},
    {"exit", KEY_EXIT, "TENSOR[=SHARE:ACCURACY]", 0,
     "a tensor that may be a result, too, for a share of the inputs that are easy, and how often it is right; may be given several "
     "times", 0},
    {"tasks", KEY_TASKS, "chain|graph", OPTION_ARG_OPTIONAL,
     "print the tasks of a job as a fragment of a scenario: a chain that is cut where a single tensor goes over (default), or "
     "the whole graph", 0},
    {"most", KEY_MOST, "N", 0, "at most N tasks of a chain: the cuts of the fewest bytes", 0},
    {"from", KEY_FROM, "TASK", 0, "leave out the tasks before this one", 0},
    {"upto", KEY_UPTO, "TASK", 0, "leave out the tasks behind this one", 0},
    {"on", KEY_ON, "NAME=SPEED,BANDWIDTH[,TIME]", 0,
     "say work in seconds on processors or nodes of this name, by their roofline, such as gpu=4TFLOP/s,200GB/s,0.05ms with "
     "an overhead for each layer; may be given several times", 0},
    {"operators", KEY_OPERATORS, NULL, 0,
     "say work by kinds of operators, for processors with a `profile`; with --tasks", 0},
    {"under", KEY_UNDER, "PATH", 0, "put the fragment under these keys, such as workloads.vision", 0},
    {"json", KEY_JSON, NULL, 0, "print JSON, with the tensors of all cuts", 0},
    {0},
};

struct profile_arguments {
    struct onnx_request request;
    struct onnx_given given[GIVEN];
    const char *exit[GIVEN];
    struct arena arena;
    bool json, is_fragment;
    struct dnn_tasks_request tasks;
    const char *from, *upto;
    struct dnn_device device[GIVEN];
};

/* "1x3x224x224" behind the last `=`: names of inputs may hold such, too. */
static void parse_given(struct profile_arguments *a, const char *option_name, char *arg, bool shape, struct argp_state *state)
{
    char *equals = strrchr(arg, '=');
    struct onnx_given *g = &a->given[a->request.n_given];
    if (!equals || equals == arg || a->request.n_given == GIVEN) {
        argp_error(state, "%s: found %s, wanted NAME=%s, at most %d times", option_name, arg,
                   shape ? "1x3x224x224" : "SIZE", GIVEN);
        return;
    }
    if (onnx_parse_given(equals + 1, shape, g)) {
        argp_error(state, "%s: found %s, wanted %s", option_name, equals + 1,
                   shape ? "1 to 8 whole numbers from 1 such as 1x3x224x224" : "a whole number from 1");
        return;
    }
    *equals = '\0';
    g->name = arg;
    a->request.n_given++;
}

/* "gpu=4TFLOP/s,200GB/s,0.05ms" */
static void parse_device(struct profile_arguments *a, char *arg, struct argp_state *state)
{
    struct dnn_device *d = &a->device[a->tasks.n_device];
    char *rest = NULL, *equals = strchr(arg, '=');
    double value[3] = {0, 0, 0};
    static const enum dimension dimension[] = {DIM_SPEED, DIM_RATE, DIM_TIME};
    int n = 0;
    if (!equals || equals == arg || a->tasks.n_device == GIVEN) {
        argp_error(state, "--on: found %s, wanted NAME=SPEED,BANDWIDTH[,TIME], at most %d times", arg, GIVEN);
        return;
    }
    for (char *at = strtok_r(equals + 1, ",", &rest); at; at = strtok_r(NULL, ",", &rest)) {
        struct err e = {0};
        if (n == 3 || quantity_parse(at, strlen(at), dimension[n], &value[n], &e) < 0 || value[n] < 0) {
            argp_error(state, "--on: %s", e.code ? e.text : "found more, or less than 0, wanted SPEED,BANDWIDTH[,TIME]");
        }
        n++;
    }
    if (!(value[0] > 0 && value[1] > 0)) {
        argp_error(state, "--on: found no speed and bandwidth above 0, wanted NAME=SPEED,BANDWIDTH[,TIME]");
    }
    *equals = '\0';
    *d = (struct dnn_device){.name = arg, .speed_flops = value[0], .bytes_per_s = value[1] / 8, .overhead_s = value[2]};
    a->tasks.n_device++;
}

static error_t parse_tasks(int key, char *arg, struct argp_state *state)
{
    struct profile_arguments *a = state->input;
    switch (key) {
    case KEY_TASKS:
        if (arg && strcmp(arg, "chain") != 0 && strcmp(arg, "graph") != 0) {
            argp_error(state, "--tasks: found %s, wanted chain or graph", arg);
        }
        a->is_fragment = true;
        a->tasks.form = arg && strcmp(arg, "graph") == 0 ? DNN_GRAPH : DNN_CHAIN;
        return 0;
    case KEY_MOST:
        a->tasks.most = (uint32_t)cli_whole(state, "--most", arg, 1, 1000);
        return 0;
    case KEY_ON:
        parse_device(a, arg, state);
        return 0;
    case KEY_OPERATORS:
        a->tasks.operators = true;
        return 0;
    case KEY_FROM:
        a->from = arg;
        return 0;
    case KEY_UPTO:
        a->upto = arg;
        return 0;
    case KEY_UNDER:
        a->tasks.under = arg;
        return 0;
    default:
        return cli_parse_file(key, arg, state, &a->request.path, "MODEL.onnx");
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct profile_arguments *a = state->input;
    switch (key) {
    case KEY_JSON:
        a->json = true;
        return 0;
    case KEY_SHAPE:
        parse_given(a, "--shape", arg, true, state);
        return 0;
    case KEY_DIM:
        parse_given(a, "--dim", arg, false, state);
        return 0;
    case KEY_EXIT:
        if (a->request.n_exit == GIVEN) {
            argp_error(state, "--exit: found more than %d, wanted fewer", GIVEN);
        }
        a->exit[a->request.n_exit++] = arg;
        return 0;
    default:
        return parse_tasks(key, arg, state);
    }
}

static int print_tasks(struct profile_arguments *a, const struct dnn *d, struct err *e)
{
    struct dnn_tasks t;
    int rc = dnn_tasks_name(&t, d, &a->tasks, &a->arena, e);
    rc = rc || !a->from ? rc : dnn_tasks_find(&t, &a->tasks, a->from, &t.first, e);
    rc = rc || !a->upto ? rc : dnn_tasks_find(&t, &a->tasks, a->upto, &t.last, e);
    if (rc == 0 && t.first > t.last) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found the task %s behind %s, wanted it before", a->tasks.path, t.names.name[t.first],
                     t.names.name[t.last]);
    }
    return rc ? rc : dnn_tasks_print(stdout, d, &t, &a->tasks, &a->arena, e);
}

int verb_profile(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {.options = option,
                              .parser = parse,
                              .args_doc = "MODEL.onnx",
                              .doc = "Prints the layers of a neural network: operator, shapes, arithmetic, bytes, parameters, and "
                                     "what goes over a cut behind each.\vA first dimension that is left open is a batch of 1."};
    struct profile_arguments a = {.tasks.most = UINT32_MAX};
    struct dnn *d = NULL;
    struct err e = {0};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.tasks.operators && (a.tasks.n_device > 0 || !a.is_fragment)) {
        fprintf(stderr, "tiersim: --operators: found %s, wanted it with --tasks alone\n", a.is_fragment ? "--on" : "no --tasks");
        return 2;
    }
    a.request.given = a.given;
    a.request.exit = a.exit;
    a.tasks.path = a.request.path;
    a.tasks.device = a.device;
    int rc = onnx_read(&a.request, &a.arena, &d, &e);
    if (rc == 0 && a.is_fragment) {
        rc = print_tasks(&a, d, &e);
    } else if (rc == 0 && a.json) {
        rc = dnn_json(stdout, d, &e);
    } else if (rc == 0) {
        dnn_print(stdout, d);
    }
    arena_clear(&a.arena);
    return rc < 0 ? cli_fail(&e) : cli_flush();
}
