/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/cost.h"

#include <math.h>
#include <stddef.h>

const char *const kernel_name[N_KERNEL + 1] = {
    [KERNEL_GEMM] = "gemm",
    [KERNEL_CONV] = "conv",
    [KERNEL_POINTWISE] = "pointwise",
    [KERNEL_DEPTHWISE] = "depthwise",
    [KERNEL_ATTENTION] = "attention",
    [KERNEL_NORM] = "norm",
    [KERNEL_ELEMENTWISE] = "elementwise",
    [KERNEL_EMBEDDING] = "embedding",
    [KERNEL_POOL] = "pool",
    [KERNEL_GEMM_INT8] = "gemm_int8",
    [KERNEL_CONV_INT8] = "conv_int8",
    [N_KERNEL] = NULL,
};

double cost_law_sd_s(const struct cost_law *l, double flop, double bytes)
{
    const double x[N_COST_TERM] = {1, flop, bytes};
    const double own = l->spread * cost_law_s(l, flop, bytes);
    double terms = 0;
    for (int i = 0; i < N_COST_TERM; i++) {
        for (int j = 0; j < N_COST_TERM; j++) {
            terms += x[i] * l->variance[i][j] * x[j];
        }
    }
    return sqrt(own * own + terms);
}

bool cost_is_extrapolated(const struct cost_profile *p)
{
    return p->extrapolated || p->threads > p->threads_max;
}
