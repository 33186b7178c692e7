/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_process.h"

#include <math.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/read_dist.h"

enum { STATES = 1000, FIRST_DIST = 100 };

const char *const trace_start_word[] = {"random", "first", NULL};

struct process_place {
    int kind; /* of process_kind, or FIRST_DIST + dist_kind */
    struct process process;
    struct trace_written trace;
    const struct yaml_node *states;
    struct dist_written dist;
};

#define FIELD(name) offsetof(struct process_place, name)

/* clang-format off */
static const struct key trace_key[] = {
    {.name = "file", .type = VALUE_TEXT, .offset = FIELD(trace.file), .required = true,
     .about = "path, relative to the folder of the file it stands in; ${TIERSIM_DATA} is expanded"},
    {.name = "format", .type = VALUE_READ, .offset = FIELD(trace.format), .otherwise = "tiersim",
     .read = read_level_format, .word_at = level_format_at,
     .wanted = "the format of a trace of levels, such as throughput",
     .about = "how the file is written, such as throughput; one of `tiersim import` is known without"},
    {.name = "column", .type = VALUE_TEXT, .offset = FIELD(trace.column),
     .about = "which of several measurements, where the format has such"},
    {.name = "start", .type = VALUE_WORD, .offset = FIELD(trace.start), .word = trace_start_word,
     .otherwise = "random", .about = "at an instant drawn for each replication and instance, or at the first row"},
    {.name = "scale", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = FIELD(trace.scale), .above = true,
     .otherwise = "1", .about = "factor on every value"},
};
static const struct table trace_table = {.title = "Processes: trace", TABLE(trace_key)};

static const struct key log_ar1_key[] = {
    {.name = "mean", .type = VALUE_QUANTITY, .dimension = DIM_PLACE, .offset = FIELD(process.mean), .required = true,
     .above = true, .about = "mean over time"},
    {.name = "sd_log", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = FIELD(process.sd_log),
     .required = true, .max = 10, .about = "standard deviation of the logarithm"},
    {.name = "correlation", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = FIELD(process.correlation),
     .required = true, .max = 1, .below = true, .about = "of the logarithm from step to step"},
    {.name = "step", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = FIELD(process.step_s), .required = true,
     .min = 1e-6, .max = HORIZON_S, .about = "how long a value holds"},
};
static const struct table log_ar1_table = {.title = "Processes: log_ar1", TABLE(log_ar1_key)};

static const struct key outage_key[] = {
    {.name = "every", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = FIELD(process.outage_every_s),
     .required = true, .min = 1e-6, .max = HORIZON_S,
     .about = "mean time from the end of one to the start of the next"},
    {.name = "lasts", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = FIELD(process.outage_lasts_s),
     .required = true, .min = 1e-6, .max = HORIZON_S, .about = "mean duration, exponential as the time between them"},
    {.name = "capacity", .type = VALUE_QUANTITY, .dimension = DIM_PLACE, .offset = FIELD(process.outage_value),
     .otherwise = "0 bit/s", .about = "what is left meanwhile"},
};
static const struct table outage_table = {.title = "A capacity: outage", TABLE(outage_key)};

static const struct key markov_state_key[] = {
    {.name = "value", .type = VALUE_QUANTITY, .dimension = DIM_PLACE, .offset = offsetof(struct process_state, value),
     .required = true, .about = "what it is in this state"},
    {.name = "stays", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = offsetof(struct process_state, stay_s),
     .required = true, .min = 1e-6, .max = HORIZON_S, .about = "mean stay"},
};
const struct table markov_state_table = {.title = "Processes: markov.STATE", TABLE(markov_state_key)};

static const struct key markov_state = {.type = VALUE_MAP, .table = &markov_state_table};

static const struct key mmpp_state_key[] = {
    {.name = "rate", .type = VALUE_QUANTITY, .dimension = DIM_FREQUENCY,
     .offset = offsetof(struct process_state, value), .otherwise = "0 /s",
     .about = "arrivals of one member in this state"},
    {.name = "stays", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = offsetof(struct process_state, stay_s),
     .required = true, .min = 1e-6, .max = HORIZON_S, .about = "mean stay"},
};
const struct table mmpp_state_table = {.title = "A state of arrivals", TABLE(mmpp_state_key)};

static const struct key varying_key[] = {
    {.name = "trace", .choice = true, .tag = PROCESS_TRACE, .type = VALUE_MAP, .table = &trace_table,
     .about = "values from a file, for ever round"},
    {.name = "markov", .choice = true, .tag = PROCESS_MARKOV, .type = VALUE_NODE, .offset = FIELD(states),
     .each = &markov_state, .sourced = true, .least = 2,
     .wanted = "a mapping of states {value, stays}",
     .about = "states with exponential stays, the next one uniform over the others"},
    {.name = "log_ar1", .choice = true, .tag = PROCESS_LOG_AR1, .type = VALUE_MAP, .table = &log_ar1_table,
     .about = "the logarithm is autoregressive of order 1 in steps"},
};
static const struct table varying_table = {.title = "Processes", TABLE(varying_key)};
static const struct table varying_or_drawn_table = {
    .title = "Processes",
    TABLE(varying_key),
    .more = &dist_kinds,
    .more_offset = FIELD(dist),
    .more_tag = FIRST_DIST,
};

#define CONSTANT                                                                                                       \
    .name = "value", .choice = true, .tag = PROCESS_CONSTANT, .type = VALUE_QUANTITY, .dimension = DIM_PLACE,         \
    .offset = FIELD(process.value), .about = "always this value"
#define CAPACITY_CONSTANT {CONSTANT, .above = true, .unlimited = true}
#define LATENCY_CONSTANT  {CONSTANT, .max = HORIZON_S}

const struct key capacity_scalar = CAPACITY_CONSTANT, latency_scalar = LATENCY_CONSTANT;
static const struct key capacity_key[] = {
    CAPACITY_CONSTANT,
    {.name = "outage", .type = VALUE_MAP, .table = &outage_table, .about = "comes over it at random, on its own"},
};
const struct table capacity_table = {
    .title = "A capacity",
    TABLE(capacity_key),
    .more = &varying_table,
    .tag_offset = FIELD(kind),
    .choice = "one of value, trace, markov, log_ar1",
};
static const struct key latency_key[] = {
    LATENCY_CONSTANT,
};
const struct table latency_table = {
    .title = "A latency",
    TABLE(latency_key),
    .more = &varying_or_drawn_table,
    .tag_offset = FIELD(kind),
    .choice = "one of value, trace, markov, log_ar1 or a distribution such as lognormal",
};
/* clang-format on */

static bool is_key_of(const struct table *t, const char *name)
{
    for (size_t i = 0; t && i < t->n; i++) {
        if (strcmp(t->key[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

int read_states(struct reader *r, const struct yaml_node *n, const struct table *skip, const struct table *state_table,
                struct process *p)
{
    char shown[TEXT_SHOWN];
    if (n->kind != YAML_MAP || n->n < 2 || n->n > STATES) {
        return read_fault(r, n->at, "found %s, wanted a mapping of 2 to %d states",
                          n->kind != YAML_MAP ? read_found(n, shown)
                          : n->n < 2          ? "fewer"
                                              : "more",
                          STATES);
    }
    struct process_state *state = ARENA_NEW(&r->s->arena, n->n, struct process_state);
    if (!state) {
        return read_out_of_memory(r);
    }
    uint32_t n_state = 0;
    int rc = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct yaml_pair *pair = &n->pair[i];
        if (is_key_of(skip, pair->key)) {
            continue;
        }
        if (read_is_source(pair)) {
            int one = skip ? 0 : read_source(r, pair); /* a table has read its own */
            rc = rc ? rc : one;
            continue;
        }
        size_t mark = read_enter(r, pair->key);
        int one = read_name(r, pair->key, pair->at);
        int two = read_table(r, state_table, pair->value, &state[n_state]);
        state[n_state].name = arena_copy(&r->s->arena, pair->key);
        n_state++;
        read_leave(r, mark);
        rc = rc ? rc : one ? one : two;
    }
    if (n_state < 2) {
        return read_fault(r, n->at, "found %u state%s, wanted 2 or more", n_state, n_state == 1 ? "" : "s");
    }
    p->kind = PROCESS_MARKOV;
    p->n_state = n_state;
    p->state = state;
    return rc;
}

static int take_trace(struct reader *r, const struct yaml_node *n, const struct trace_written *t, struct process *p)
{
    const char *natural = r->dimension == DIM_RATE ? "capacity" : "latency";
    size_t mark = read_enter(r, "trace");
    n = yaml_get(n, "trace");
    int rc = read_trace(r, n, t, false, &p->series), column = rc == 0 ? series_column(p->series, natural) : 0;
    if (column < 0) {
        rc = read_fault(r, n->at, "found no %s in the file, wanted a trace that has it", natural);
    }
    read_leave(r, mark);
    p->column = (uint32_t)(column < 0 ? 0 : column);
    p->scale = t->scale;
    p->start_random = t->start == TRACE_START_RANDOM;
    return rc;
}

static int take_states(struct reader *r, const struct yaml_node *states, struct process *p)
{
    size_t mark = read_enter(r, "markov");
    int rc = read_states(r, states, NULL, &markov_state_table, p);
    read_leave(r, mark);
    return rc;
}

int read_process(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    r->dimension = k->dimension;
    struct process_place place = {.dist = dist_written_none()};
    if (n->kind == YAML_SCALAR) {
        int rc = read_quantity(r, k->scalar, n, &place.process.value);
        *(struct process *)field = place.process;
        return rc;
    }
    int rc = read_table(r, k->table, n, &place);
    if (rc == 0 && place.kind >= FIRST_DIST) {
        rc = read_dist_make(r, (enum dist_kind)(place.kind - FIRST_DIST), &place.dist, n, &place.process.dist);
        place.process.kind = PROCESS_DRAWN;
    } else if (rc == 0) {
        place.process.kind = (enum process_kind)place.kind;
        rc = place.kind == PROCESS_TRACE    ? take_trace(r, n, &place.trace, &place.process)
             : place.kind == PROCESS_MARKOV ? take_states(r, place.states, &place.process)
                                            : 0;
    }
    *(struct process *)field = place.process;
    return rc;
}
