/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile_file.h - what a device was measured to take for its work, as a file (HDF5, valid netCDF-4): written by `tiersim
 * calibrate`, named by a scenario's processor with `profile:`.
 *
 *   /            title, name, source, run_s: of starting a model, memory_factor, machine, runtime, pinned, threads, passes,
 *                load averages before and after
 *   /law         (kernel, term): terms of the laws and their variances, spread, error on shapes that were held back, range,
 *                share that threads or batches do not change; the last kernel, `load`, is the making ready of a model
 *   /sample      a row for each measurement: kind, sizes, batch, threads, flop, bytes, measured and by the law, held back
 *   /model       a row for each whole model: measured, sum of its operators' laws
 *   /provenance  all that may differ between two measurements of the same
 *
 * A file is untrusted: names, types, shapes and ranges are looked at.
 */
#ifndef SIM_IO_PROFILE_FILE_H
#define SIM_IO_PROFILE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/io/provenance.h"
#include "sim/model/cost.h"

struct err;

/* What a sample was taken for. */
enum profile_use { PROFILE_LAW, PROFILE_THREADS, PROFILE_BATCH, N_PROFILE_USE };

struct profile_sample {
    enum kernel kernel;
    enum profile_use use;
    uint32_t size[3], batch, threads;
    double flop, bytes, s; /* of one operator; s: the least of all passes */
    double law_s, sd_s;    /* what the law says, and its standard deviation; NAN: there is no law */
    double model_bytes, load_s, resident_bytes; /* of the model that held it; resident NAN: not seen */
    uint8_t held;
};

struct profile_model {
    const char *name;
    double measured_s, law_s, sd_s; /* sd: if operators are off independently */
    double nodes_s; /* sum of its nodes as the runtime's own profile has them; NAN: none */
    uint32_t n_node;
};

struct profile_file {
    struct cost_profile profile;
    const char *machine, *runtime;
    double load_before, load_after; /* of the machine, 1 minute */
    int32_t pinned;                 /* processor that single threads were held to; -1: none */
    uint32_t passes;
    size_t n_sample, n_model;
    const struct profile_sample *sample;
    const struct profile_model *model;
};

/* Put the file in its place, whole and durable.  ERR_IO, ERR_MEMORY. */
int profile_file_write(const struct profile_file *f, const char *path, const struct provenance *p, struct err *e);
/* ERR_INPUT: it is no such file, or not a whole one.  All that is read lies in the arena. */
int profile_file_read(struct profile_file *f, const char *path, struct arena *a, struct err *e);

#endif
