/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * device_table.h - tables of what devices were measured to take, as others publish them, become devices of a scenario: times of
 * whole tasks as `functions` of a processor's profile, times of operators as its laws.
 *
 *   faas_sim   functions of an edge cluster (Raith et al., 2021; github.com/edgerun/faas-sim), CSV with device, function and the
 *              shifted log-normal of its times in s
 *   mobile     networks on telephones (github.com/qed-usc/mobile-ml-benchmark, tflite_cnn_e2e.csv): mean and std in us by device,
 *              cores and number format
 *   splitwise  language models on servers (Patel et al., ISCA 2024; github.com/Mutinifni/splitwise-sim, perf_model.csv): times of
 *              prompts and of tokens in ms
 *   vidur      layers of language models on a card (github.com/microsoft/vidur, mlp.csv): medians in ms by number of tokens
 */
#ifndef SIM_CALIBRATE_DEVICE_TABLE_H
#define SIM_CALIBRATE_DEVICE_TABLE_H

#include <stdio.h>

#include "sim/base/arena.h"
#include "sim/model/cost.h"

struct err;

struct device_function {
    const char *name;
    double s;
    double cv;      /* how far the mean may be off: its standard error over it; 0 if it is not known of how many runs it is */
    double scatter; /* standard deviation of single runs over their mean */
};

/* One processor of a device; those of a device follow each other. */
struct device_row {
    const char *device, *processor;
    double speed_flops; /* 0: the table does not say */
    struct cost_law law[N_KERNEL];
    uint32_t n_function, room;
    struct device_function *function;
};

struct device_table {
    struct arena arena;
    const char *path, *choice; /* choice: as the kind has it, or NULL */
    const char *about;         /* what was read, in words */
    uint32_t n, room;
    struct device_row *row;
};

struct device_kind {
    const char *name, *about, *choice; /* choice: what --column may say */
    int (*read)(struct device_table *t, struct err *e);
};

/* Ends with name NULL. */
const struct device_kind *device_kinds(void);

/* Read the table: 0, or ERR_INPUT at a line of the file, ERR_MEMORY; device_table_clear in any case. */
int device_table_read(struct device_table *t, const struct device_kind *kind, const char *path, const char *choice, struct err *e);
void device_table_clear(struct device_table *t);
/* As `devices` of a scenario, to be included.  -ERR_IO: the stream fails. */
int device_table_print(const struct device_table *t, FILE *out);

/* For readers: the row of a processor, made if it is not there; a function of it.  Names become those that a scenario takes.
 * NULL and -ERR_MEMORY: memory is out. */
struct device_row *device_table_row(struct device_table *t, const char *device, const char *processor, struct err *e);
int device_row_add(struct device_table *t, struct device_row *row, struct device_function f, struct err *e);
/* The choice as a whole number from 1, which it is unless it was given. */
int device_table_choice(const struct device_table *t, double *x, struct err *e);

int device_read_faas_sim(struct device_table *t, struct err *e);  /* device_faas_sim.c */
int device_read_mobile(struct device_table *t, struct err *e);    /* device_mobile.c */
int device_read_splitwise(struct device_table *t, struct err *e); /* device_splitwise.c */
int device_read_vidur(struct device_table *t, struct err *e);     /* device_vidur.c */

#endif
