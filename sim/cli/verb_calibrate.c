/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/calibrate/calibrate.h"
#include "sim/calibrate/stopwatch.h"
#include "sim/cli/cli.h"
#include "sim/io/durable.h"
#include "sim/io/ort/ort.h"
#include "sim/show/calibration.h"

struct calibrate_arguments {
    struct calibrate_plan plan;
    const char *output;
    bool quiet, some;
};

enum { KEY_NAME = 256, KEY_SHAPES, KEY_PASSES, KEY_EACH, KEY_THREADS, KEY_PIN, KEY_ONLY, KEY_QUICK };

static const struct argp_option option[] = {
    {"output", 'o', "FILE", 0, "the profile (default: results/NAME.h5)", 0},
    {"name", KEY_NAME, "NAME", 0, "what the device is called (default: this machine's name)", 0},
    {"only", KEY_ONLY, "KIND", 0, "measure this kind of operator: gemm, conv, pointwise, depthwise, attention, norm, elementwise, "
                                  "embedding, pool, gemm_int8 or conv_int8; may be given several times", 0},
    {"shapes", KEY_SHAPES, "N", 0, "shapes of each kind, of which a quarter is held back from the fit (default: 64)", 0},
    {"passes", KEY_PASSES, "N", 0, "visit them all so often and keep the least times (default: 3)", 0},
    {"each", KEY_EACH, "TIME", 0, "time spent on a shape in a pass (default: 20 ms)", 0},
    {"threads", KEY_THREADS, "N", 0, "the most threads to measure (default: the processors of the machine, at most 8)", 0},
    {"pin", KEY_PIN, "PROCESSOR", 0, "hold single threads to this processor", 0},
    {"quick", KEY_QUICK, NULL, 0, "12 shapes, one pass, 1 ms: to see that it works", 0},
    {"quiet", 'q', NULL, 0, "print no progress and no table", 0},
    {0},
};

static void only(struct calibrate_arguments *a, const char *kind, struct argp_state *state)
{
    for (int k = 0; k < N_KERNEL; k++) {
        if (strcmp(kernel_name[k], kind) == 0) {
            a->plan.only[k] = a->some = true;
            return;
        }
    }
    argp_error(state, "--only: found %s, wanted a kind of operator that --help lists", kind);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct calibrate_arguments *a = state->input;
    struct calibrate_plan *p = &a->plan;
    switch (key) {
    case 'o':
        a->output = arg;
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case KEY_NAME:
        p->name = arg;
        return 0;
    case KEY_ONLY:
        only(a, arg, state);
        return 0;
    case KEY_SHAPES:
        p->shapes = (uint32_t)cli_whole(state, "--shapes", arg, 12, 10000);
        return 0;
    case KEY_PASSES:
        p->passes = (uint32_t)cli_whole(state, "--passes", arg, 1, 1000);
        return 0;
    case KEY_EACH:
        p->each_s = cli_time(state, "--each", arg, true);
        return 0;
    case KEY_THREADS:
        p->threads = (uint32_t)cli_whole(state, "--threads", arg, 1, 256);
        return 0;
    case KEY_PIN:
        p->pinned = (int32_t)cli_whole(state, "--pin", arg, 0, 1023);
        return 0;
    case KEY_QUICK:
        p->shapes = 12;
        p->passes = 1;
        p->each_s = 1e-3;
        return 0;
    case ARGP_KEY_ARG:
        ((const char **)(uintptr_t)p->model)[p->n_model++] = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void show_progress(void *ctx, uint32_t done, uint32_t of, const char *what)
{
    (void)ctx;
    fprintf(stderr, "\r%3u %%  %-60.60s", (unsigned)(100ull * done / of), what);
    fputs(done == of ? "\r                                                                      \r" : "", stderr);
}

static int measure_and_write(const struct cli *c, struct calibrate_arguments *a, struct ort *o, struct arena *arena,
                             struct err *e)
{
    struct provenance provenance = {0};
    struct profile_file f;
    int rc = calibrate(&a->plan, o, arena, &f, e);
    if (rc) {
        return rc;
    }
    provenance_now(&provenance, c->line);
    provenance_add(&provenance, "onnx_runtime", "%s, %s", ort_version(o), ort_library(o));
    rc = profile_file_write(&f, a->output, &provenance, e);
    provenance_clear(&provenance);
    if (!rc && !a->quiet) {
        calibration_print(&f, stdout);
        printf("\n%s\n", a->output);
    }
    return rc;
}

int verb_calibrate(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .options = option,
        .parser = parse,
        .args_doc = "[MODEL.onnx...]",
        .doc = "Measures what operators of neural networks take on this machine, by ONNX Runtime, and fits to each kind a law "
               "t = once + flop / F + bytes / B.  Whole models are run, too, and compared with the sums of the laws.  The "
               "profile is for a scenario's processor: `profile: {file: FILE}`.\v"
               "`make deps-onnx` installs an ONNX Runtime; TIERSIM_ORT_LIB names another.  Measure on a quiet machine: its load "
               "is noted in the file.  `tiersim plot calibration FILE` draws measured times over those of the laws."};
    char host[64] = "machine", path[PATH_MAX];
    struct calibrate_arguments a = {.plan = {.shapes = 64, .passes = 3, .each_s = 20e-3, .pinned = -1}};
    struct err e = {0};
    struct ort *o = NULL;
    struct arena arena = {0};
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    a.plan.threads = processors < 1 ? 1 : processors > 8 ? 8 : (uint32_t)processors;
    a.plan.model = arena_take(&arena, (size_t)argc + 1, sizeof *a.plan.model);
    if (!a.plan.model) {
        ERR_SET(&e, ERR_MEMORY, "out of memory");
        return cli_fail(&e);
    }
    gethostname(host, sizeof host - 1);
    a.plan.name = host;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    for (int k = 0; k < N_KERNEL; k++) {
        a.plan.only[k] |= !a.some;
    }
    if (!a.output) {
        mkdir("results", 0777);
        snprintf(path, sizeof path, "results/%s.h5", a.plan.name);
        a.output = path;
    }
    a.plan.progress = !a.quiet && isatty(STDERR_FILENO) ? show_progress : NULL;
    int rc = durable_target(a.output, "a profile", &e);
    rc = rc || a.plan.pinned < 0 ? rc : stopwatch_pin(a.plan.pinned, &e);
    rc = rc || a.plan.pinned < 0 ? rc : stopwatch_pin(-1, &e);
    rc = rc ? rc : ort_open(&o, &e);
    rc = rc ? rc : measure_and_write(c, &a, o, &arena, &e);
    ort_close(o);
    arena_clear(&arena);
    return rc < 0 ? cli_fail(&e) : 0;
}
