/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * infer.h - who runs a policy's neural network (host->infer): what the driver of a run is handed for it.  sim/io/ort
 * implements it.
 */
#ifndef SIM_POLICY_INFER_H
#define SIM_POLICY_INFER_H

#include <stdint.h>

struct err;

struct infer_service {
    /*
     * The n numbers through the network of that name, NULL: the policy's own, and the m of its first output into out.  < 0 with
     * *e filled: the run cannot go on (ERR_INPUT: there is none, or it does not take or give so many; ERR_IO: it cannot be run
     * here; ERR_MEMORY).
     */
    int (*infer)(void *ctx, const char *model, const float *in, uint32_t n, float *out, uint32_t m, struct err *e);
    void *ctx;
};

#endif
