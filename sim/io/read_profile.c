/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_profile.h"

#include <math.h>
#include <string.h>

#include "sim/io/profile_file.h"
#include "sim/model/cost.h"

static const double bits_per_byte = 8;
enum { FUNCTIONS = 100000 };

/* --- the profile of a processor --- */

struct law_written {
    double once_s, flops, rate_bps, spread, serial;
};

#define LAW(name) offsetof(struct law_written, name)

struct profile_written {
    const char *file;
    const struct yaml_node *scaled, *operators, *functions;
    uint32_t threads;
    double start_s;
};

#define PROFILE(name) offsetof(struct profile_written, name)

/* clang-format off */
static const struct key law_key[] = {
    {.name = "once", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = LAW(once_s), .table = &unsure_table,
     .otherwise = "0 s",
     .about = "time of each operator, whatever its size"},
    {.name = "speed", .type = VALUE_QUANTITY, .dimension = DIM_SPEED, .offset = LAW(flops), .table = &unsure_table,
     .above = true, .unlimited = true,
     .otherwise = "unlimited", .about = "at which it computes"},
    {.name = "bandwidth", .type = VALUE_QUANTITY, .dimension = DIM_RATE, .offset = LAW(rate_bps), .table = &unsure_table,
     .above = true, .unlimited = true, .otherwise = "unlimited", .about = "at which it reads and writes"},
    {.name = "spread", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = LAW(spread), .otherwise = "0",
     .about = "standard deviation of true times over those of the law, relative: what is known of how good it is"},
    {.name = "serial", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = LAW(serial), .max = 1, .derived = "unknown",
     .about = "share of the time that more threads do not make shorter (Amdahl)"},
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

static const struct key function_key = {.name = "function", .type = VALUE_QUANTITY, .dimension = DIM_TIME,
                                        .table = &unsure_table, .above = true, .max = HORIZON_S};
static const struct key profile_key[] = {
    {.name = "file", .type = VALUE_TEXT, .offset = PROFILE(file),
     .about = "what `tiersim calibrate` wrote; relative to the folder of the file it stands in"},
    {.name = "scaled", .type = VALUE_NODE, .table = &scaled_table, .offset = PROFILE(scaled), .wanted = "{once, flop, bytes}",
     .about = "the file is of another device: its times, so many times; results say that they are extrapolated"},
    {.name = "operators", .type = VALUE_NODE, .table = &laws_table, .offset = PROFILE(operators),
     .wanted = "a mapping of kinds of operators to laws", .about = "laws of kinds of operators, in the place of the file's"},
    {.name = "functions", .type = VALUE_NODE, .each = &function_key, .least = 1, .offset = PROFILE(functions),
     .wanted = "a mapping of names to times",
     .about = "tasks that were measured as a whole, by names of yours: `work: {function: NAME}`"},
    {.name = "threads", .type = VALUE_WHOLE, .offset = PROFILE(threads), .min = 1, .max = 1024, .otherwise = "1",
     .about = "that each operator uses, by the law's serial share (Amdahl); `cores` is then how many such sets there are"},
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
    bool is_new = false;
    uint32_t row = path ? read_file_row(r, arena_format(&r->s->arena, "profile:%s", path), &is_new) : NAME_NONE;
    struct cost_profile *kept = row != NAME_NONE && is_new ? ARENA_NEW(&r->s->arena, 1, struct cost_profile) : NULL;
    int rc = path ? 0 : -ERR_INPUT;
    if (path && (row == NAME_NONE || (is_new && !kept) || !read_note_file(r->s, arena_copy(&r->s->arena, file), path))) {
        rc = read_out_of_memory(r);
    } else if (path && is_new && profile_file_read(&f, path, &r->s->arena, &e)) {
        rc = read_fault_err(r, at->at, &e);
    } else if (path && is_new) {
        *kept = f.profile;
        r->files->value[row] = kept;
    }
    if (rc == 0 && r->files->value[row]) {
        *out = *(const struct cost_profile *)r->files->value[row];
        out->has_laws = true;
    } else {
        rc = rc ? rc : -ERR_INPUT; /* told where the file was named first */
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
        struct law_written w = {.flops = INFINITY, .rate_bps = INFINITY, .serial = NAN};
        if (of[k]) {
            size_t inner = read_enter(r, kernel_name[k]);
            int one = read_table(r, &law_table, of[k], &w);
            if (one == 0 && !(w.once_s > 0) && w.flops == INFINITY && w.rate_bps == INFINITY) {
                one = read_fault(r, of[k]->at, "found a law that takes no time, wanted once, speed or bandwidth");
            }
            p->law[k] = (struct cost_law){.known = true, .spread = w.spread, .held_error = NAN, .flop_max = INFINITY,
                                          .bytes_max = INFINITY,
                                          .term_s = {w.once_s, 1 / w.flops, bits_per_byte / w.rate_bps}};
            p->serial[k] = w.serial;
            read_leave(r, inner);
            rc = rc ? rc : one;
        }
    }
    p->has_laws = true;
    read_leave(r, mark);
    return rc;
}

static int read_functions(struct reader *r, const struct yaml_node *n, struct cost_profile *p)
{
    size_t mark = read_enter(r, "functions");
    int rc = read_named(r, n, "times", FUNCTIONS);
    struct cost_function *f = rc == 0 ? ARENA_NEW(&r->s->arena, n->n, struct cost_function) : NULL;
    if (rc == 0 && !f) {
        rc = read_out_of_memory(r);
    }
    for (uint32_t i = 0; f && i < n->n; i++) {
        size_t inner = read_enter(r, n->pair[i].key);
        int one = read_value(r, &function_key, n->pair[i].value, &f[i].s);
        f[i].name = arena_copy(&r->s->arena, n->pair[i].key);
        one = one || f[i].name ? one : read_out_of_memory(r);
        read_leave(r, inner);
        rc = rc ? rc : one;
    }
    p->function = f;
    p->n_function = f ? n->n : 0;
    read_leave(r, mark);
    return rc;
}

/* All laws as they are with so many threads. */
static int use_threads(struct reader *r, const struct yaml_node *n, uint32_t threads, struct cost_profile *p)
{
    int rc = 0;
    p->threads = threads;
    for (int k = 0; k < N_KERNEL && threads > 1; k++) {
        struct cost_law *l = &p->law[k];
        const double by = p->serial[k] + (1 - p->serial[k]) / threads;
        if (!l->known) {
            continue;
        }
        if (isnan(by)) {
            rc = rc ? rc
                    : read_fault(r, yaml_get(n, "threads")->at,
                                 "found %u threads, wanted 1: how %s scales with threads is not in the profile", threads,
                                 kernel_name[k]);
        }
        for (int i = 0; i < N_COST_TERM; i++) {
            l->term_s[i] *= by;
            for (int j = 0; j < N_COST_TERM; j++) {
                l->variance[i][j] *= by * by;
            }
        }
    }
    return rc;
}

int read_profile(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct profile_written w = {.start_s = NAN, .threads = 1};
    struct cost_profile *p = ARENA_NEW(&r->s->arena, 1, struct cost_profile);
    (void)k;
    if (!p) {
        return read_out_of_memory(r);
    }
    p->threads_max = UINT32_MAX; /* of laws that are written down, none is known */
    int rc = read_table(r, &profile_table, n, &w);
    if (rc == 0 && !w.file && (w.scaled || (!w.operators && !w.functions))) {
        rc = read_fault(r, n->at, "found %s, wanted {file: FILE}, {operators: {KIND: {once, speed, bandwidth}}} or "
                                  "{functions: {NAME: TIME}}",
                        w.scaled ? "scaled without a file" : "neither a file nor operators nor functions");
    }
    rc = rc || !w.file ? rc : read_file(r, n, w.file, p);
    rc = rc || !w.scaled ? rc : scale(r, w.scaled, p);
    rc = rc || !w.operators ? rc : read_laws(r, w.operators, p);
    rc = rc || !w.functions ? rc : read_functions(r, w.functions, p);
    rc = rc ? rc : use_threads(r, n, w.threads, p);
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

/* How far the law of a processor is off in the replication: on all work alike, since it is one machine. */
static int factor_of_law(struct reader *r, const struct pool *pool, enum kernel k, double cv, double *factor)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "nodes.%s.processors.%s.profile.operators.%s", r->s->group[pool->group].name, pool->name,
             kernel_name[k]);
    return read_factor(r, path, cv, factor);
}

/* What operators of a kind take on a pool; the law must be there. */
static int add_to_pool(struct reader *r, const struct yaml_node *at, uint32_t p, enum kernel k, const struct operator_written *w,
                       double *time_s)
{
    struct pool *pool = &r->s->pool[p];
    if (!pool->profile || !pool->profile->has_laws) {
        const double s = w->flop / pool->speed_flops + w->bits / pool->bandwidth_bps;
        *time_s += s > 0 ? s : INFINITY;
        return 0;
    }
    const struct cost_law *l = &pool->profile->law[k];
    if (!l->known) {
        return read_fault(r, at->at, "found operators for which the profile of nodes.%s.processors.%s has no law, wanted kinds "
                                     "that it has", r->s->group[pool->group].name, pool->name);
    }
    const double flop = w->flop / w->count, bytes = w->bits / bits_per_byte / w->count, law_s = cost_law_s(l, flop, bytes);
    double factor = 1;
    if (flop > l->flop_max || bytes > l->bytes_max) {
        pool->beyond |= 1u << k;
    }
    int rc = factor_of_law(r, pool, k, cost_law_sd_s(l, flop, bytes) / law_s, &factor);
    *time_s += w->count * law_s * factor;
    return rc;
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
