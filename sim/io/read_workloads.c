/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/io/read_dist.h"
#include "sim/io/read_model.h"
#include "sim/io/read_process.h"
#include "sim/io/read_sections.h"
#include "sim/io/read_shape.h"
#include "sim/io/read_size.h"
#include "sim/io/read_tasks.h"
#include "sim/io/read_work.h"
#include "sim/model/graph.h"

enum { WORKLOADS = 10000, SOURCES = 100000000 };

static const char *const sources_word[] = {"superposed", "separate", NULL};
static const char *const phase_word[] = {"spread", "sync", "random", NULL};
static const char *const late_word[] = {"finish", "drop", NULL};

struct arrivals_written {
    struct arrivals arrivals;
    int kind; /* of arrival_kind, ARRIVAL_ONOFF */
    unsigned sources;
    const struct yaml_node *states, *burst, *silent;
    struct trace_written trace;
};

enum { ARRIVAL_ONOFF = ARRIVAL_RENEWAL + 1 };

#define ARRIVALS(name) offsetof(struct arrivals_written, arrivals.name)
#define WRITTEN(name)  offsetof(struct arrivals_written, name)

/* clang-format off */
static const struct key poisson_key[] = {
    {.name = "rate", .type = VALUE_QUANTITY, .dimension = DIM_FREQUENCY, .offset = ARRIVALS(rate), .required = true,
     .above = true, .about = "arrivals at one member"},
    {.name = "sources", .type = VALUE_WORD, .offset = WRITTEN(sources), .word = sources_word, .otherwise = "superposed",
     .about = "one source for the group, or one for each member, whose draws do not depend on count"},
};
static const struct table poisson_table = {.title = "Arrivals: poisson", TABLE(poisson_key)};

#define SHARED_KEY                                                                                                    \
    .name = "shared", .type = VALUE_FLAG, .offset = ARRIVALS(shared),                                                 \
    .about = "true: one state for the whole group; false: each member has its own"

static const struct key mmpp_key[] = {{SHARED_KEY, .required = true}};
static const struct key mmpp_state = {.type = VALUE_MAP, .table = &mmpp_state_table};
/* The states are keys of the user's. */
static const struct table mmpp_table = {.title = "Arrivals: mmpp", TABLE(mmpp_key), .open = true, .each = &mmpp_state};

static const struct key onoff_key[] = {
    {SHARED_KEY, .required = true},
    {.name = "burst", .type = VALUE_NODE, .offset = WRITTEN(burst), .required = true, .table = &mmpp_state_table,
     .wanted = "{rate, stays}",
     .about = "the state with arrivals"},
    {.name = "silent", .type = VALUE_NODE, .offset = WRITTEN(silent), .required = true, .table = &mmpp_state_table,
     .wanted = "{stays}",
     .about = "the state without; a rate may be said"},
};
static const struct table onoff_table = {.title = "Arrivals: onoff", TABLE(onoff_key)};

static int check_periodic(struct reader *r, const struct yaml_node *n, void *out);
static int check_renewal(struct reader *r, const struct yaml_node *n, void *out);

static const struct key periodic_key[] = {
    {.name = "period", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = ARRIVALS(period_s), .required = true,
     .min = 1e-6, .max = HORIZON_S, .about = "from one arrival at a member to the next"},
    {.name = "jitter", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = ARRIVALS(jitter_s), .otherwise = "0 s",
     .max = HORIZON_S, .about = "a uniform delay up to this is added to each; less than half the period"},
    {.name = "phase", .type = VALUE_WORD, .offset = ARRIVALS(phase), .word = phase_word, .otherwise = "spread",
     .about = "first arrivals: evenly over a period, all at 0, or drawn for each member"},
};
static const struct table periodic_table = {.title = "Arrivals: periodic",
                                          TABLE(periodic_key), .after = check_periodic};

static const struct key diurnal_key[] = {
    {.name = "rate", .type = VALUE_QUANTITY, .dimension = DIM_FREQUENCY, .offset = ARRIVALS(rate), .required = true,
     .above = true, .about = "arrivals at one member, mean over the period"},
    {.name = "swing", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = ARRIVALS(swing), .required = true,
     .max = 1, .about = "the rate is rate (1 + swing cos(2 pi (t - peak) / period))"},
    {.name = "period", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = ARRIVALS(period_s), .otherwise = "24 h",
     .min = 1e-3, .max = HORIZON_S, .about = "of the rate"},
    {.name = "peak", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = ARRIVALS(peak_s), .otherwise = "0 s",
     .max = HORIZON_S, .about = "when the rate is highest"},
    {SHARED_KEY, .otherwise = "true"},
};
static const struct table diurnal_table = {.title = "Arrivals: diurnal", TABLE(diurnal_key)};

static const struct key renewal_key[] = {
    {SHARED_KEY, .required = true},
    {.name = "interval", .type = VALUE_READ, .dimension = DIM_TIME, .offset = ARRIVALS(interval), .required = true,
     .read = read_dist, .scalar = &dist_scalar, .table = &dist_kinds,
     .wanted = "a time such as 20 ms, or a distribution",
     .about = "between the arrivals of one member; the first is counted from the start of the run"},
};
static const struct table renewal_table = {.title = "Arrivals: renewal", TABLE(renewal_key), .after = check_renewal};

static const struct key closed_key[] = {
    {.name = "users", .type = VALUE_WHOLE, .offset = ARRIVALS(users), .min = 1, .max = 1000000, .otherwise = "1",
     .about = "users at one member, each with at most one job at a time"},
    {.name = "think", .type = VALUE_READ, .dimension = DIM_TIME, .offset = ARRIVALS(think), .required = true,
     .read = read_dist, .scalar = &dist_scalar, .table = &dist_kinds, .wanted = "a time such as 20 ms, or a distribution",
     .about = "from the end of a user's job to the next"},
};
static const struct table closed_table = {.title = "Arrivals: closed", TABLE(closed_key)};

static const struct key trace_key[] = {
    {.name = "file", .type = VALUE_TEXT, .offset = WRITTEN(trace.file), .required = true,
     .about = "path, relative to the folder of the file it stands in; ${TIERSIM_DATA} is expanded"},
    {.name = "format", .type = VALUE_READ, .offset = WRITTEN(trace.format), .otherwise = "tiersim",
     .read = read_point_format, .word_at = point_format_at,
     .wanted = "the format of a trace of arrivals, such as azure_llm",
     .about = "how the file is written, such as azure_llm; one of `tiersim import` is known without"},
    {.name = "start", .type = VALUE_WORD, .offset = WRITTEN(trace.start), .word = trace_start_word,
     .otherwise = "random", .about = "at an instant drawn for each replication, or at the first row"},
};
static const struct table trace_table = {.title = "Arrivals: trace", TABLE(trace_key)};

static const struct key arrivals_key[] = {
    {.name = "poisson", .choice = true, .tag = ARRIVAL_POISSON, .type = VALUE_MAP, .table = &poisson_table,
     .about = "at random, one like any other"},
    {.name = "mmpp", .choice = true, .tag = ARRIVAL_MMPP, .type = VALUE_NODE, .offset = WRITTEN(states),
     .table = &mmpp_table,
     .wanted = "{shared, STATE: {rate, stays}, ...}", .about = "Poisson with a rate that changes by a Markov process"},
    {.name = "onoff", .choice = true, .tag = ARRIVAL_ONOFF, .type = VALUE_MAP, .table = &onoff_table,
     .about = "the MMPP of two states, one of them silent"},
    {.name = "periodic", .choice = true, .tag = ARRIVAL_PERIODIC, .type = VALUE_MAP, .table = &periodic_table,
     .about = "at phase + k period + jitter"},
    {.name = "diurnal", .choice = true, .tag = ARRIVAL_DIURNAL, .type = VALUE_MAP, .table = &diurnal_table,
     .about = "Poisson with a rate that swings over the day"},
    {.name = "renewal", .choice = true, .tag = ARRIVAL_RENEWAL, .type = VALUE_MAP, .table = &renewal_table,
     .about = "at independent intervals of any distribution"},
    {.name = "closed", .choice = true, .tag = ARRIVAL_CLOSED, .type = VALUE_MAP, .table = &closed_table,
     .about = "users who think, send a job and wait for its end"},
    {.name = "trace", .choice = true, .tag = ARRIVAL_TRACE, .type = VALUE_MAP, .table = &trace_table,
     .about = "the rows of a file, each at a member drawn for it"},
};
static const struct table arrivals_table = {
    .title = "Arrivals",
    TABLE(arrivals_key),
    .tag_offset = WRITTEN(kind),
    .choice = "one of poisson, mmpp, onoff, periodic, diurnal, renewal, closed, trace",
};

struct deadline_written {
    double after_s;
    unsigned late;
};

static const struct key deadline_key[] = {
    {.name = "after", .type = VALUE_QUANTITY, .dimension = DIM_TIME,
     .offset = offsetof(struct deadline_written, after_s), .required = true, .above = true, .max = HORIZON_S,
     .about = "from the release"},
    {.name = "late", .type = VALUE_WORD, .offset = offsetof(struct deadline_written, late), .word = late_word,
     .otherwise = "finish", .about = "a late job goes on, or is taken out at that instant wherever it is"},
};
static const struct table deadline_table = {.title = "workloads.NAME.deadline", TABLE(deadline_key)};

static int read_arrivals(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int read_runs_on(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int read_estimate(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int read_deadline(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

#define WORKLOAD(name) offsetof(struct workload, name)

struct estimate_written {
    double bias, cv;
};
static const struct key estimate_key[] = {
    {.name = "bias", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = offsetof(struct estimate_written, bias),
     .min = -1, .above = true, .max = 1e6, .otherwise = "0", .about = "estimates are 1 + bias of what they should be in the mean"},
    {.name = "cv", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = offsetof(struct estimate_written, cv),
     .max = 10, .otherwise = "0", .about = "coefficient of variation of a lognormal factor, drawn once for each job or task"},
};
static const struct table estimate_table = {.title = "workloads.NAME.estimate", TABLE(estimate_key)};

static const struct key workload_key[] = {
    {.name = "at", .type = VALUE_ROW, .offset = WORKLOAD(group), .required = true,
     .names = offsetof(struct reader, group), .noun = "group", .about = "the group at whose members jobs are released"},
    {.name = "arrivals", .type = VALUE_READ, .offset = WORKLOAD(arrivals), .required = true, .read = read_arrivals,
     .table = &arrivals_table,
     .wanted = "arrivals such as {poisson: {rate: 2 /s}}", .about = "when jobs are released"},
    {.name = "input", .type = VALUE_READ, .dimension = DIM_DATA, .offset = WORKLOAD(input), .read = read_size,
     .scalar = &dist_scalar, .table = &size_table,
     .derived = "0 B, or that of the model", .wanted = "an amount of data such as 120 kB" SIZE_WANTED,
     .about = "what is sent to where the job runs"},
    {.name = "work", .type = VALUE_READ, .dimension = DIM_WORK, .offset = WORKLOAD(work), .choice = true,
     .tag = WORKLOAD_PLAIN, .read = read_work,
     .scalar = &dist_scalar, .table = &work_table, .wanted = WORK_WANTED,
     .about = "what is computed"},
    {.name = "output", .type = VALUE_READ, .dimension = DIM_DATA, .offset = WORKLOAD(output), .read = read_size,
     .scalar = &dist_scalar, .table = &size_table,
     .otherwise = "0 B", .wanted = "an amount of data such as 200 B" SIZE_WANTED, .about = "what is sent back"},
    {.name = "runs_on", .type = VALUE_READ, .offset = WORKLOAD(runs_on), .read = read_runs_on,
     .scalar = &read_name_key, .item = &read_name_key, .least = 1,
     .wanted = "the name of a processor, or a list of names", .derived = "all processors",
     .about = "processors that fit, by their names"},
    {.name = "tasks", .type = VALUE_READ, .offset = WORKLOAD(graph), .choice = true, .tag = WORKLOAD_GRAPH, .read = read_tasks,
     .each = &task_item, .least = 1, .most = GRAPH_TASKS, .wanted = "a mapping of names to tasks",
     .about = "the tasks of each job, by name, where it has several"},
    {.name = "shape", .type = VALUE_READ, .offset = WORKLOAD(graph), .choice = true, .tag = WORKLOAD_SHAPE, .read = read_shape,
     .table = &shape_table, .wanted = "a shape such as {fork_join: {width: 8}, work: 2 GFLOP}",
     .about = "or a graph of tasks that is made by a rule"},
    {.name = "model", .type = VALUE_READ, .offset = WORKLOAD(graph), .choice = true, .tag = WORKLOAD_MODEL, .read = read_model,
     .table = &model_table, .wanted = "a mapping such as {file: net.onnx, most: 12}",
     .about = "or the layers of a neural network"},
    {.name = "loops", .type = VALUE_READ, .offset = WORKLOAD(loop), .read = read_loops, .each = &loop_item, .least = 1,
     .wanted = "{NAME: [TASK, TASK, ...], ...}", .derived = "none",
     .about = "chains of tasks, the first of which reads the input: results have the latency from the release to the result of "
              "the last; or mappings, which may start and end otherwise"},
    {.name = "deadline", .type = VALUE_READ, .offset = WORKLOAD(deadline_s), .read = read_deadline,
     .scalar = &deadline_key[0], .table = &deadline_table,
     .wanted = "a time such as 250 ms, or {after: TIME, late: drop}", .derived = "none",
     .about = "of a result"},
    {.name = "priority", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = WORKLOAD(priority), .min = -1e6,
     .max = 1e6, .otherwise = "0", .about = "higher is more urgent"},
    {.name = "sensitivity", .type = VALUE_NAME, .offset = WORKLOAD(sensitivity), .about = "label for rules of privacy"},
    {.name = "privacy", .type = VALUE_READ, .offset = WORKLOAD(privacy), .read = read_privacy, .scalar = &privacy_name,
     .wanted = PRIVACY_WANTED, .derived = "soft with a label of sensitivity, else none",
     .about = "of its data; hard: its tasks run on the job's own node; soft: elsewhere, too, which is counted as exposure"},
    {.name = "state", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = WORKLOAD(state_bits), .otherwise = "0 B",
     .about = "what moves with a task that has begun, when a policy moves it to another place"},
    {.name = "in_order", .type = VALUE_FLAG, .offset = WORKLOAD(in_order), .otherwise = "false",
     .about = "results are handed on in the order in which their jobs were released at a node; one that is there earlier waits"},
    {.name = "known", .type = VALUE_FLAG, .offset = WORKLOAD(known), .otherwise = "false",
     .about = "policies are told the work and output of the job itself, not the mean of its workload"},
    {.name = "estimate", .type = VALUE_READ, .offset = WORKLOAD(estimate), .read = read_estimate, .table = &estimate_table,
     .wanted = "a mapping", .derived = "without error", .about = "how wrong policies are told the work"},
};
const struct table workload_table = {.title = "workloads.NAME", TABLE(workload_key),
                                     .tag_offset = WORKLOAD(form), .choice = "one of work, tasks, shape, model"};
/* clang-format on */

static int read_estimate(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct guess *estimate = field;
    struct estimate_written w = {0, 0};
    struct err e = {0};
    int rc = read_table(r, k->table, n, &w);
    if (rc == 0) {
        rc = w.cv > 0 ? dist_lognormal(&estimate->error, 1, w.cv, &e) : dist_constant(&estimate->error, 1, &e);
        rc = rc ? read_fault_err(r, n->at, &e) : 0;
    }
    estimate->given = true;
    estimate->bias = w.bias;
    return rc;
}

static int check_periodic(struct reader *r, const struct yaml_node *n, void *out)
{
    const struct arrivals *a = &((struct arrivals_written *)out)->arrivals;
    const struct yaml_node *jitter = yaml_get(n, "jitter");
    if (a->jitter_s < a->period_s / 2) {
        return 0;
    }
    size_t mark = read_enter(r, "jitter");
    int rc = read_fault(r, jitter->at, "found %s, wanted less than half the period", jitter->text);
    read_leave(r, mark);
    return rc;
}

/* Intervals of no length would never let time go on. */
static int check_renewal(struct reader *r, const struct yaml_node *n, void *out)
{
    double mean_s = dist_mean(&((struct arrivals_written *)out)->arrivals.interval);
    if (mean_s > 0) {
        return 0;
    }
    size_t mark = read_enter(r, "interval");
    int rc = read_fault(r, yaml_get(n, "interval")->at, "found intervals of mean 0 s, wanted more");
    read_leave(r, mark);
    return rc;
}

static int read_mmpp(struct reader *r, const struct yaml_node *n, struct arrivals_written *w)
{
    size_t mark = read_enter(r, "mmpp");
    int rc = read_table(r, &mmpp_table, n, w);
    int states = n->kind == YAML_MAP ? read_states(r, n, &mmpp_table, &mmpp_state_table, &w->arrivals.modulation) : 0;
    read_leave(r, mark);
    return rc ? rc : states;
}

static int read_onoff(struct reader *r, struct arrivals_written *w)
{
    static const char *const name[] = {"burst", "silent"};
    const struct yaml_node *node[] = {w->burst, w->silent};
    struct process_state *state = ARENA_NEW(&r->s->arena, 2, struct process_state);
    int rc = state ? 0 : read_out_of_memory(r);
    size_t mark = read_enter(r, "onoff");
    for (int i = 0; state && i < 2; i++) {
        size_t mark_state = read_enter(r, name[i]);
        int one = read_table(r, &mmpp_state_table, node[i], &state[i]);
        state[i].name = name[i];
        read_leave(r, mark_state);
        rc = rc ? rc : one;
    }
    read_leave(r, mark);
    w->arrivals.modulation = (struct process){.kind = PROCESS_MARKOV, .n_state = 2, .state = state};
    return rc;
}

/* A process that never arrives is no process of arrivals. */
static int check_modulation(struct reader *r, const struct yaml_node *n, const struct process *p)
{
    for (uint32_t i = 0; i < p->n_state; i++) {
        if (p->state[i].value > 0) {
            return 0;
        }
    }
    return read_fault(r, n->at, "found a rate of 0 in every state, wanted arrivals in one of them");
}

static int read_arrivals(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct arrivals_written w = {.kind = ARRIVAL_POISSON};
    int rc = read_table(r, &arrivals_table, n, &w);
    (void)k;
    if (rc == 0 && w.kind == ARRIVAL_MMPP) {
        rc = read_mmpp(r, w.states, &w);
    } else if (rc == 0 && w.kind == ARRIVAL_ONOFF) {
        rc = read_onoff(r, &w);
    } else if (rc == 0 && w.kind == ARRIVAL_TRACE) {
        size_t mark = read_enter(r, "trace");
        rc = read_trace(r, yaml_get(n, "trace"), &w.trace, true, &w.arrivals.trace);
        read_leave(r, mark);
    }
    w.arrivals.kind = w.kind == ARRIVAL_ONOFF ? ARRIVAL_MMPP : (enum arrival_kind)w.kind;
    if (rc == 0 && w.arrivals.kind == ARRIVAL_MMPP) {
        rc = check_modulation(r, n, &w.arrivals.modulation);
    }
    w.arrivals.separate = w.sources == 1;
    w.arrivals.start_random = w.trace.start == TRACE_START_RANDOM;
    r->workload_trace = w.arrivals.trace;
    r->workload_trace_failed = rc != 0;
    *(struct arrivals *)field = w.arrivals;
    return rc;
}

static int read_runs_on(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    (void)k;
    return read_mask(r, &r->kind, "processor", n, field);
}

static int read_deadline(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct workload *w = (struct workload *)(void *)((char *)field - k->offset);
    struct deadline_written deadline = {0};
    int rc = n->kind == YAML_MAP ? read_table(r, &deadline_table, n, &deadline)
                                 : read_value(r, &deadline_key[0], n, &deadline.after_s);
    w->deadline_s = deadline.after_s;
    w->drop_late = deadline.late == 1;
    return rc;
}

/* Each user of a closed loop is a source with a state of its own. */
static int check_sources(struct reader *r, const struct yaml_node *n, const struct workload *w)
{
    uint64_t n_source = (uint64_t)w->arrivals.users * r->s->group[w->group].count;
    if (w->arrivals.kind != ARRIVAL_CLOSED || n_source <= SOURCES) {
        return 0;
    }
    size_t mark = read_enter(r, "arrivals");
    int rc = read_fault(r, yaml_get(n, "arrivals")->at, "found %llu users in all, wanted at most %d",
                        (unsigned long long)n_source, SOURCES);
    read_leave(r, mark);
    return rc;
}

int read_workloads(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct scenario *s = r->s;
    int rc = read_named(r, n, "workloads", WORKLOADS);
    (void)k, (void)field;
    if (n->kind != YAML_MAP || n->n > WORKLOADS) {
        return rc;
    }
    s->n_workload = n->n;
    s->workload = ARENA_NEW(&s->arena, s->n_workload, struct workload);
    if (!s->workload) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        struct workload *w = &s->workload[i];
        *w = (struct workload){
            .name = arena_copy(&s->arena, n->pair[i].key),
            .deadline_s = INFINITY,
            .runs_on = r->kind.n >= 64 ? UINT64_MAX : ((uint64_t)1 << r->kind.n) - 1,
        };
        r->workload = n->pair[i].value;
        r->workload_trace = NULL;
        r->workload_trace_failed = true; /* until the arrivals are read */
        dist_constant(&w->input.dist, 0, NULL);
        int one = read_table(r, &workload_table, n->pair[i].value, w);
        one = one ? one : check_sources(r, n->pair[i].value, w);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}
