/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calibrate.h - the profile of the machine at hand: operators of many sizes and whole models are run by ONNX Runtime, and a law
 * is fitted to each kind.
 *
 * All shapes are visited in turn, pass after pass, and the least time of each is kept: what disturbs a machine lasts longer
 * than one shape takes, and seldom comes to the same one each time.  A time is that of a model less what a model costs beyond
 * its operators, divided by their number.
 */
#ifndef SIM_CALIBRATE_CALIBRATE_H
#define SIM_CALIBRATE_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/io/profile_file.h"

struct ort;

struct calibrate_plan {
    const char *name;
    uint32_t shapes; /* of each kind */
    uint32_t passes;
    double each_s;   /* time spent on a shape in a pass, at least */
    int32_t pinned;  /* processor to hold single threads to; -1: none */
    uint32_t threads; /* the most to measure the scaling with */
    bool only[N_KERNEL]; /* kinds to measure */
    uint32_t n_model;
    const char *const *model; /* files of whole models */
    /* Told after each measurement; may be NULL. */
    void (*progress)(void *ctx, uint32_t done, uint32_t of, const char *what);
    void *ctx;
};

/* A kind whose law cannot be fitted is left unknown.  What it holds lies in the arena. */
int calibrate(const struct calibrate_plan *plan, struct ort *o, struct arena *a, struct profile_file *out, struct err *e);

#endif
