/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cost.h - what work costs a processor, by the kind of operator: a roofline with an overhead,
 *
 *     t = t0 + flop / F + bytes / B,
 *
 * where t0 is paid once per operator and bytes are what it reads and writes.  The laws of a device are its profile, measured by
 * `tiersim calibrate`, published, or scaled from another device's by the ratio of peaks.  Units: s, flop, bytes.
 */
#ifndef SIM_MODEL_COST_H
#define SIM_MODEL_COST_H

#include <stdbool.h>
#include <stdint.h>

enum kernel {
    KERNEL_GEMM,
    KERNEL_CONV,      /* windows larger than one pixel */
    KERNEL_POINTWISE, /* 1x1 */
    KERNEL_DEPTHWISE,
    KERNEL_ATTENTION, /* Q K', softmax, V */
    KERNEL_NORM,
    KERNEL_ELEMENTWISE,
    KERNEL_EMBEDDING,
    KERNEL_POOL,
    KERNEL_GEMM_INT8,
    KERNEL_CONV_INT8,
    N_KERNEL
};
extern const char *const kernel_name[N_KERNEL + 1]; /* as in files; ends with NULL */

/* The terms of a law. */
enum cost_term { COST_ONCE, COST_FLOP, COST_BYTE, N_COST_TERM };

struct cost_law {
    bool known;
    double term_s[N_COST_TERM];               /* s, s/flop, s/byte, all >= 0 */
    double variance[N_COST_TERM][N_COST_TERM]; /* of the terms */
    double spread;      /* standard deviation of measured / law - 1 */
    double held_error;  /* mean |law / measured - 1| on shapes that were held back; NAN: unknown */
    uint32_t n;         /* shapes that it was fitted to; 0: not fitted here */
    double flop_max, bytes_max; /* largest that it was fitted to; beyond it extrapolates.  INFINITY: no limit is known */
};

/* Time of one operator, s. */
static inline double cost_law_s(const struct cost_law *l, double flop, double bytes)
{
    return l->term_s[COST_ONCE] + flop * l->term_s[COST_FLOP] + bytes * l->term_s[COST_BYTE];
}

/* Standard deviation of one such operator about the law: what shapes do beyond it, and the uncertainty of its terms, s. */
double cost_law_sd_s(const struct cost_law *l, double flop, double bytes);

/* A task that was measured as a whole: a function of a service, a model, a layer. */
struct cost_function {
    const char *name;
    double s;
};

struct cost_profile {
    const char *name, *source;
    bool has_laws;     /* of some operators */
    bool extrapolated; /* scaled from another device */
    uint32_t threads, threads_max; /* that an operator uses; that scaling with threads was measured with */
    double run_s;      /* of starting a model, beyond its operators */
    struct cost_law law[N_KERNEL];
    double serial[N_KERNEL];      /* share that does not get faster with threads (Amdahl); NAN: unknown */
    double batch_fixed[N_KERNEL]; /* share of the time of a batch of 1 that does not grow with the batch; NAN: unknown */
    struct cost_law load;         /* of making a model ready: terms once and per byte of it */
    double memory_factor;         /* bytes resident per byte of parameters; NAN: unknown */
    uint32_t n_function;
    const struct cost_function *function; /* [n_function] */
};

/* Does the profile say what was not measured on the device itself, as it is used? */
bool cost_is_extrapolated(const struct cost_profile *p);

#endif
