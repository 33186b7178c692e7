/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drive.h - the built-in driver: a run and a policy of this process, from start to end.  It owns the policy's state block
 * and is the policy's host.
 */
#ifndef SIM_RUN_DRIVE_H
#define SIM_RUN_DRIVE_H

#include "sim/run/run.h"

struct err;

/* Looks on, for telling a job's story; may be NULL. */
struct drive_watch {
    void (*asked)(void *ctx, const struct ts_view *v, const struct ts_ask *a, const struct ts_plan *p);
    void (*took)(void *ctx, double s); /* so long took decide, by clock_s */
    double (*clock_s)(void);
    void *ctx;
};

/*
 * Let spec->policy answer the run r, which was made of spec, to its end.  file: where the policy's parameters stand, for
 * messages.  It runs in the standard mode of sim/base/fpmode.h, whatever the caller's is, which is there again afterwards;
 * a policy that leaves another mode behind is an error.  Errors: ERR_POLICY, ERR_INPUT (parameters), ERR_MEMORY, ERR_NUMERIC.
 */
int drive_run(struct run *r, const struct run_spec *spec, const char *file, const struct drive_watch *watch,
              struct err *e);
/*
 * Whether what several runs of a policy learned can be taken together; and do so: learned[n] is what runs that began with
 * spec->state_in saved; the whole goes to spec->state_out.  Nothing is run.  Errors: those of drive_run.
 */
bool drive_can_merge(const struct ts_policy *policy);
int drive_merge(const struct run_spec *spec, const char *file, const struct blobs *learned, uint32_t n, struct err *e);
/* Create the run, drive it, and give what it counted. */
int drive(const struct run_spec *spec, const char *file, const struct drive_watch *watch, struct run_counts *out,
          struct err *e);

#endif
