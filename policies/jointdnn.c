/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jointdnn - layers in order may go to and fro: the shortest path through two lanes, near and far, in which a step is the
 * run of a layer and a change of lanes sends what goes over that cut and waits for what is there already.
 *
 * Source: Eshratifar, Abrishami, Pedram, "JointDNN: An Efficient Training and Inference Engine for Intelligent Mobile Cloud
 * Computing Services", IEEE Trans. Mobile Computing 20 (2021), section 3.  Where a cut carries several tensors all of them
 * count, also those that have been sent before, so on graphs that are no chains its sums are from above.  Ties: near.
 */
#include "policies/builtin.h"
#include "policies/split.h"

struct jointdnn {
    struct split_config config;
    struct scratch scratch;
};

static double shortest_path(void *st, const struct split *x, uint8_t *near)
{
    (void)st;
    const uint32_t n = x->n;
    double *up_sum = scratch_take(x->scratch, n + 1u, sizeof *up_sum);
    double *down_sum = x->down_packed ? scratch_take(x->scratch, n + 1u, sizeof *down_sum) : up_sum;
    uint8_t *from_far = scratch_take(x->scratch, 2 * (size_t)n, 1); /* of task i near, far: was the one before it far? */
    if (x->scratch->failed) {
        return NAN;
    }
    split_cut_sums(x, x->up_packed, up_sum);
    if (x->down_packed) {
        split_cut_sums(x, x->down_packed, down_sum);
    }
    double here = x->near[0] + x->near_wait, there = x->far[0] + x->in[0] + x->out[0] + x->far_wait;
    for (uint32_t i = 1; i < n; i++) {
        double up = x->up_start + (x->up_packed ? up_sum[i] : x->up_bit * up_sum[i]) + x->far_wait;
        double down = x->down_start + (x->down_packed ? down_sum[i] : x->down_bit * down_sum[i]) + x->near_wait;
        double go = x->far[i] + x->in[i] + x->out[i], to_near = there + down, to_far = here + up;
        from_far[2 * i] = to_near < here;
        from_far[2 * i + 1] = !(to_far < there);
        double next_here = (to_near < here ? to_near : here) + x->near[i];
        there = (to_far < there ? to_far : there) + go;
        here = next_here;
    }
    uint8_t far = there < here;
    for (uint32_t i = n; i-- > 0;) {
        near[i] = !far;
        far = i ? from_far[2 * i + far] : far;
    }
    return there < here ? there : here;
}

static int jointdnn_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct jointdnn *s = st;
    return split_decide(shortest_path, st, &s->config, &s->scratch, h, v, a, p);
}

static void jointdnn_clear(void *st)
{
    scratch_clear(&((struct jointdnn *)st)->scratch);
}

static const struct ts_param jointdnn_param[] = {SPLIT_PARAMS(struct jointdnn, config), {0}};

const struct ts_policy policy_jointdnn = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "jointdnn",
    .about = "layers that may go to and fro: the shortest path through two lanes (Eshratifar et al. 2021)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = SPLIT_NEEDS,
    .cols = SPLIT_COLS,
    .state_size = sizeof(struct jointdnn),
    .param_size = sizeof(struct ts_param),
    .param = jointdnn_param,
    .decide = jointdnn_decide,
    .clear = jointdnn_clear,
};
