/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_profile.h"

#include <math.h>
#include <string.h>

#include "sim/io/profile_file.h"
#include "sim/model/cost.h"

static const double bits_per_byte = 8;

/* --- the profile of a processor --- */

struct law_written {
    double once_s, flops, rate_bps, spread;
};

#define LAW(name) offsetof(struct law_written, name)

struct profile_written {
    const char *file;
    const struct yaml_node *scaled, *operators;
    double start_s;
};

#define PROFILE(name) offsetof(struct profile_written, name)

/* clang-format off */
static const struct key law_key[] = {
    {.name = "once", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = LAW(once_s), .otherwise = "0 s",
     .about = "time of each operator, whatever its size"},
    {.name = "speed", .type = VALUE_QUANTITY, .dimension = DIM_SPEED, .offset = LAW(flops), .above = true, .unlimited = true,
     .otherwise = "unlimited", .about = "at which it computes"},
    {.name = "bandwidth", .type = VALUE_QUANTITY, .dimension = DIM_RATE, .offset = LAW(rate_bps), .above = true,
     .unlimited = true, .otherwise = "unlimited", .about = "at which it reads and writes"},
    {.name = "spread", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = LAW(spread), .otherwise = "0",
     .about = "standard deviation of true times over those of the law, relative: what is known of how good it is"},
};
static const struct table law_table = {.title = "nodes.NAME.processors.NAME.profile.operators.KIND", TABLE(law_key)};

#define LAW_OF(number, kind) {.name = (kind), .type = VALUE_NODE, .table = &law_table, .offset = (number) * sizeof(void *), \
                              .wanted = "{once, speed, bandwidth}", .about = "time = once + flop / speed + bytes / bandwidth"}
static const struct key law_of_key[N_KERNEL] = {
    LAW_OF(KERNEL_GEMM, "gemm"), LAW_OF(KERNEL_CONV, "conv"), LAW_OF(KERNEL_POINTWISE, "pointwise"),
    LAW_OF(KERNEL_DEPTHWISE, "depthwise"), LAW_OF(KERNEL_ATTENTION, "attention"), LAW_OF(KERNEL_NORM, "norm"),
    LAW_OF(KERNEL_ELEMENTWISE, "elementwise"), LAW_OF(KERNEL_EMBEDDING, "embedding"), LAW_OF(KERNEL_POOL, "pool"),
    LAW_OF(KERNEL_GEMM_INT8, "gemm_int8"), LAW_OF(KERNEL_CONV_INT8, "conv_int8"),
};
static const struct table laws_table = {.title = "nodes.NAME.processors.NAME.profile.operators", TABLE(law_of_key)};

static const struct key scaled_key[] = {
    {.name = "once", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = COST_ONCE * sizeof(double), .required = true,
     .above = true, .about = "so many times the time per operator"},
    {.name = "flop", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = COST_FLOP * sizeof(double), .required = true,
     .above = true, .about = "so many times the time per flop: the ratio of the peaks"},
    {.name = "bytes", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = COST_BYTE * sizeof(double), .required = true,
     .above = true, .about = "so many times the time per byte: the ratio of the memory's bandwidths"},
};
static const struct table scaled_table = {.title = "nodes.NAME.processors.NAME.profile.scaled", TABLE(scaled_key)};

static const struct key profile_key[] = {
    {.name = "file", .type = VALUE_TEXT, .offset = PROFILE(file),
     .about = "what `tiersim calibrate` wrote; relative to the folder of the file it stands in"},
    {.name = "scaled", .type = VALUE_NODE, .table = &scaled_table, .offset = PROFILE(scaled), .wanted = "{once, flop, bytes}",
     .about = "the file is of another device: its times, so many times; results say that they are extrapolated"},
    {.name = "operators", .type = VALUE_NODE, .table = &laws_table, .offset = PROFILE(operators),
     .wanted = "a mapping of kinds of operators to laws", .about = "laws of kinds of operators, in the place of the file's"},
    {.name = "start", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = PROFILE(start_s),
     .derived = "that of the file, or 0 s",
     .about = "time of a task beyond its operators"},
};
const struct table profile_table = {.title = "nodes.NAME.processors.NAME.profile", TABLE(profile_key)};
/* clang-format on */

static int read_file(struct reader *r, const struct yaml_node *n, const char *file, struct cost_profile *out)
{
    const struct yaml_node *at = yaml_get(n, "file");
    struct profile_file f;
    struct err e = {0};
    size_t mark = read_enter(r, "file");
    const char *path = read_expand(r, at->at, file);
    int rc = path ? profile_file_read(&f, path, &r->s->arena, &e) : -ERR_INPUT;
    if (path && rc) {
        rc = read_fault_err(r, at->at, &e);
    } else if (path && !read_note_file(r->s, arena_copy(&r->s->arena, file), path)) {
        rc = read_out_of_memory(r);
    }
    if (rc == 0) {
        *out = f.profile;
    }
    read_leave(r, mark);
    return rc;
}

static int scale(struct reader *r, const struct yaml_node *n, struct cost_profile *p)
{
    double by[N_COST_TERM] = {0};
    size_t mark = read_enter(r, "scaled");
    int rc = read_table(r, &scaled_table, n, by);
    read_leave(r, mark);
    for (int k = 0; k < N_KERNEL; k++) {
        struct cost_law *l = &p->law[k];
        for (int i = 0; i < N_COST_TERM; i++) {
            l->term_s[i] *= by[i];
            for (int j = 0; j < N_COST_TERM; j++) {
                l->variance[i][j] *= by[i] * by[j];
            }
        }
    }
    p->run_s *= by[COST_ONCE];
    p->extrapolated = true;
    return rc;
}

static int read_laws(struct reader *r, const struct yaml_node *n, struct cost_profile *p)
{
    const struct yaml_node *of[N_KERNEL] = {0};
    size_t mark = read_enter(r, "operators");
    int rc = read_table(r, &laws_table, n, of);
    for (int k = 0; k < N_KERNEL; k++) {
        struct law_written w = {.flops = INFINITY, .rate_bps = INFINITY};
        if (of[k]) {
            size_t inner = read_enter(r, kernel_name[k]);
            int one = read_table(r, &law_table, of[k], &w);
            if (one == 0 && !(w.once_s > 0) && w.flops == INFINITY && w.rate_bps == INFINITY) {
                one = read_fault(r, of[k]->at, "found a law that takes no time, wanted once, speed or bandwidth");
            }
            p->law[k] = (struct cost_law){.known = true, .spread = w.spread, .held_error = NAN, .flop_max = INFINITY,
                                          .bytes_max = INFINITY,
                                          .term_s = {w.once_s, 1 / w.flops, bits_per_byte / w.rate_bps}};
            read_leave(r, inner);
            rc = rc ? rc : one;
        }
    }
    read_leave(r, mark);
    return rc;
}

int read_profile(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct profile_written w = {.start_s = NAN};
    struct cost_profile *p = ARENA_NEW(&r->s->arena, 1, struct cost_profile);
    (void)k;
    if (!p) {
        return read_out_of_memory(r);
    }
    int rc = read_table(r, &profile_table, n, &w);
    if (rc == 0 && !w.file && (w.scaled || !w.operators)) {
        rc = read_fault(r, n->at, "found %s, wanted {file: FILE} or {operators: {KIND: {once, speed, bandwidth}}}",
                        w.scaled ? "scaled without a file" : "neither a file nor operators");
    }
    rc = rc || !w.file ? rc : read_file(r, n, w.file, p);
    rc = rc || !w.scaled ? rc : scale(r, w.scaled, p);
    rc = rc || !w.operators ? rc : read_laws(r, w.operators, p);
    if (rc == 0) {
        p->run_s = isnan(w.start_s) ? p->run_s : w.start_s;
        *(const struct cost_profile **)field = p;
    }
    return rc;
}

/* --- the work of a task --- */

struct operator_written {
    uint32_t count;
    double flop, bits;
};

#define OPERATOR(name) offsetof(struct operator_written, name)

/* clang-format off */
static const struct key operator_key[] = {
    {.name = "count", .type = VALUE_WHOLE, .offset = OPERATOR(count), .min = 1, .max = 1000000, .otherwise = "1",
     .about = "how many of the kind"},
    {.name = "flop", .type = VALUE_QUANTITY, .dimension = DIM_WORK, .offset = OPERATOR(flop), .otherwise = "0 FLOP",
     .about = "of all of them together, a multiplication and an addition as two"},
    {.name = "bytes", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = OPERATOR(bits), .otherwise = "0 B",
     .about = "that all of them together read and write: inputs, weights, outputs"},
};
static const struct table operator_table = {.title = "Work: operators.KIND", TABLE(operator_key)};

#define WORK_OF(number, kind) {.name = (kind), .type = VALUE_NODE, .table = &operator_table, .offset = (number) * sizeof(void *), \
                               .wanted = "{count, flop, bytes}", .about = "the operators of this kind"}
static const struct key work_of_key[N_KERNEL] = {
    WORK_OF(KERNEL_GEMM, "gemm"), WORK_OF(KERNEL_CONV, "conv"), WORK_OF(KERNEL_POINTWISE, "pointwise"),
    WORK_OF(KERNEL_DEPTHWISE, "depthwise"), WORK_OF(KERNEL_ATTENTION, "attention"), WORK_OF(KERNEL_NORM, "norm"),
    WORK_OF(KERNEL_ELEMENTWISE, "elementwise"), WORK_OF(KERNEL_EMBEDDING, "embedding"), WORK_OF(KERNEL_POOL, "pool"),
    WORK_OF(KERNEL_GEMM_INT8, "gemm_int8"), WORK_OF(KERNEL_CONV_INT8, "conv_int8"),
};
const struct table operators_table = {.title = "Work: operators", TABLE(work_of_key)};
/* clang-format on */

/* What operators of a kind take on a pool; the law must be there. */
static int add_to_pool(struct reader *r, const struct yaml_node *at, uint32_t p, enum kernel k, const struct operator_written *w,
                       double *time_s)
{
    const struct pool *pool = &r->s->pool[p];
    if (!pool->profile) {
        *time_s += w->flop > 0 ? w->flop / pool->speed_flops : INFINITY;
        return 0;
    }
    const struct cost_law *l = &pool->profile->law[k];
    if (!l->known) {
        return read_fault(r, at->at, "found operators for which the profile of nodes.%s.processors.%s has no law, wanted kinds "
                                     "that it has", r->s->group[pool->group].name, pool->name);
    }
    *time_s += w->count * cost_law_s(l, w->flop / w->count, w->bits / bits_per_byte / w->count);
    return 0;
}

int read_operators(struct reader *r, const struct yaml_node *n, double *time_s, double *flop)
{
    const struct yaml_node *of[N_KERNEL] = {0};
    bool some = false;
    int rc = read_table(r, &operators_table, n, of);
    *flop = 0;
    for (uint32_t p = 0; p < r->s->n_pool; p++) {
        time_s[p] = r->s->pool[p].profile ? r->s->pool[p].profile->run_s : 0;
    }
    for (int k = 0; k < N_KERNEL; k++) {
        struct operator_written w = {0};
        if (of[k]) {
            size_t mark = read_enter(r, kernel_name[k]);
            int one = read_table(r, &operator_table, of[k], &w);
            if (one == 0 && !(w.flop > 0) && !(w.bits > 0)) {
                one = read_fault(r, of[k]->at, "found operators of no flop and no bytes, wanted some");
            }
            for (uint32_t p = 0; p < r->s->n_pool && one == 0; p++) {
                one = add_to_pool(r, of[k], p, (enum kernel)k, &w, &time_s[p]);
            }
            read_leave(r, mark);
            *flop += w.flop;
            some = true;
            rc = rc ? rc : one;
        }
    }
    return rc || some ? rc : read_fault(r, n->at, "found nothing, wanted a mapping of kinds of operators");
}
