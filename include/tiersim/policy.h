/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * <tiersim/policy.h> - what a scheduling policy is, and all that it may know.  ABI 1.
 *
 * A policy is one constant table of functions and a block of state that the engine owns, zeroes, fills with the
 * parameters, and frees; there is one block per controller and replication, or one per site or device if the scenario says
 * so (`state`), so a policy needs no lock and may have no static variable.  It is asked a question (why, some tasks, for
 * each a slice of candidate places) together with a view of the system, and answers with a plan, a list of steps.  It never
 * reaches into the engine.
 *
 *     zero the state - set the parameters - init - [load] - { decide | ended } ... - [save] - clear
 *
 * Rules that keep old plug-ins working: structs grow at their end only and say their size, enums only append, arrays of
 * structs carry their stride, no pointer outlives the call.  Unknown = NAN, no row = TS_NONE, 0 in a step = as the
 * scenario says.  Units are SI: s, bit, flop, W, J.  The same tables serve built-in policies, shared objects, sockets and
 * learning environments: everything is numbers.
 */
#ifndef TIERSIM_POLICY_H
#define TIERSIM_POLICY_H

#include <math.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TS_ABI 1u
#define TS_NONE UINT32_MAX
typedef uint32_t ts_id; /* a row number; TS_NONE = none */

/* Why a question is asked. */
enum ts_why {
    TS_ARRIVED = 1, /* a job was released */
    TS_READY,       /* a task of a graph became ready: what it waits for is done */
    TS_BRANCH,      /* a result decides which way a graph goes on */
    TS_ROUND,       /* the next round of a loop */
    TS_REFUSED,     /* what was decided could not be done: task.tries counts */
    TS_LOST,        /* a failure lost the work */
    TS_FREED,       /* a place has become free, and tasks are deferred */
    TS_REPORT,      /* a report arrived */
    TS_TICK,        /* the policy's own clock (see tick below), or `not_before` of a deferred task has come */
    TS_CHANGED,     /* a link came, went or changed level: its capacity is 0 or is so no more, an outage begins or ends, or it
                       goes to another state of a Markov process; or the places of a node come or go for this controller, as
                       a slow one over it sets (TS_K_ALLOW).  By themselves places do neither in this version */
};
/*
 * Jobs of several tasks.  A policy is asked about each task when it becomes ready (TS_READY, without declaring it): the task's
 * edges say where its data lie.  With the flag TS_WHOLE_GRAPHS it is asked once, at the release (TS_ARRIVED), about all tasks
 * and edges of the graph; it places them all, and data then go on as soon as they are there.  A task that it defers is asked
 * about when it becomes ready.  Tasks are in an order in which data go from lower to higher ones; which branches a job takes
 * is not known.
 *
 * Exits of a network are tasks of such a graph.  A job that ends at an exit goes without all that comes behind it; by the
 * scenario these are the easiest jobs, a share of `leaves`.  A step that places an exit (alone) may say another share as its
 * value, and a step TS_CANCEL leaves out an exit with which something goes on; what comes behind an exit at which all jobs end
 * (value 1) may be cancelled, too.  Of an exit estimates are told as of jobs that end there.
 *
 * The last four, where the policy declares them among its triggers, are asked about all tasks that are deferred until
 * something changes, in one question: oldest deferral first.  TS_FREED only if there are such tasks; the others always,
 * if need be with n_task 0.  So a policy that decides by slots defers what arrives and places it all at its next tick.
 */

enum ts_verb { TS_PLACE = 1, TS_DEFER, TS_REJECT, TS_MIGRATE, TS_CANCEL, TS_SET };

/* How a job, or one attempt at a task, ended. */
enum ts_end {
    TS_DONE = 1,     /* result delivered by the deadline */
    TS_LATE,         /* result delivered after the deadline */
    TS_REJECTED,     /* by the policy */
    TS_DROP_FULL,    /* no room where it was sent */
    TS_DROP_EXPIRED, /* its deadline passed and the scenario drops late jobs */
    TS_DROP_REFUSED, /* refused more often than may be tried */
    TS_DROP_LINK,    /* stalled on a link for too long */
    TS_DROP_LOST,    /* lost by a failure */
    TS_CANCELLED,    /* no longer wanted */
    TS_OPEN,         /* still there when the run ended */
    TS_N_END
};

enum ts_flag {
    TS_CLAIRVOYANT = 1, /* is told the true demands: a reference, not a rival */
    TS_IMPURE = 2,      /* asks the world outside: language models (host->text, host->consult), whose answers are recorded and
                           told again by verify; its network (host->infer), which verify runs again: the same file and library on
                           the same kind of processor give the same numbers */
    TS_WANTS_LIVE = 4,  /* ticks and changes list the tasks that are at their places, too: task.at, as far as its controller
                           knows; may move and cancel them */
    TS_WHOLE_GRAPHS = 8, /* plans all tasks of a job at its release: see TS_READY */
    TS_TAKES_BACK = 16   /* its plans may take back what was sent: patience, replicas, hedges */
};

/* Columns of the view: what this controller knows of a place (a processor pool of a node). */
enum ts_col {
    TS_ASOF,     /* instant of the row, s */
    TS_UP,       /* 1 or 0 */
    TS_NODE,     /* node number */
    TS_TIER,     /* 0 end, 1 edge, 2 cloud, then the scenario's own */
    TS_KIND,     /* kind of processor */
    TS_TRUST,
    TS_UNITS,    /* cores */
    TS_BUSY,     /* cores in use */
    TS_QUEUED,   /* tasks waiting there or sent there and not yet arrived */
    TS_WORK_S,   /* estimated work assigned and not yet done, s of the whole pool */
    TS_SPEED,    /* of a core, flop/s */
    TS_LEVEL,    /* speed levels that a step may choose from; 0: none, all runs at TS_SPEED */
    TS_POWER_W,  /* of one busy core, above idle */
    TS_MEM_FREE, /* bytes */
    TS_KV_FREE,  /* blocks */
    TS_BATCH,    /* members of the round */
    TS_BATTERY_J,
    TS_PRICE,    /* money per s of a core */
    TS_CARBON,   /* g per J */
    TS_N_COL
};

/* Estimates for one task on one candidate as if it were alone there; only those in the policy's `needs` are filled. */
enum ts_est {
    TS_IN_S,     /* getting the input there, at the rate a further flow would have now, s */
    TS_RUN_S,    /* service, s */
    TS_OUT_S,    /* getting the result back, s */
    TS_RUN_J,    /* above idle, J */
    TS_NET_J,
    TS_COST,
    TS_QUALITY,
    TS_EXPOSURE, /* 1 if a sensitive input leaves its node */
    TS_LOAD_S,   /* loading a model, s */
    TS_N_EST
};

/*
 * What a step TS_SET of a slow controller sets at the fast ones that it is over: step.place is the number of one (host->below),
 * or TS_NONE: all of them.  The setting travels there and holds from its arrival on.
 */
enum ts_knob {
    TS_K_PARAM = 1, /* a parameter of their policy: task = its row (host->param), value within its range */
    TS_K_ALLOW,     /* whether the places of a node are candidates: task = the node, value 1 (as from the start) or 0 */
    TS_K_ADMIT,     /* share of the jobs that are put to the policy, from 0 to 1 (as from the start); others are rejected */
    TS_K_POWER, TS_K_LEVEL, TS_K_COPIES, TS_K_RESIDENT, TS_K_LINK
};

/* The system as this controller knows it.  For an exact view the columns are the engine's own arrays: nothing is copied. */
struct ts_view {
    uint32_t size, n_place, n_col;
    ts_id ctl; /* which controller, or block of state, is asked or told */
    double now_s;
    const double *const *col; /* col[c][place]; there for all c that the policy's cols name, else maybe NULL */
};

/* A task of the question.  Figures are estimates unless the policy is TS_CLAIRVOYANT or the workload says `known`. */
struct ts_task {
    uint64_t job;
    ts_id id, step, round, app, cls; /* step: in the application's graph; cls: workload */
    ts_id origin, site;              /* node of the job; core node that it is attached to */
    ts_id at;                        /* place where it is, for all that is known (TS_MIGRATE), else TS_NONE */
    uint32_t tries;
    uint32_t exit; /* 1: a job may end with its result (see TS_CANCEL) */
    double released_s, deadline_s; /* absolute; INFINITY = none */
    double priority, sensitivity;  /* sensitivity 0 = none */
    double flop; /* of work that is given in seconds the order of magnitude: what it takes where is told by TS_RUN_S alone */
    double bytes, in_bits, out_bits, mem_bytes, tokens_in, tokens_out;
    double score;            /* of a result (TS_BRANCH) */
    uint32_t cand, n_cand;   /* slice of ask.cand and of the columns of ask.est */
    uint32_t edge, n_edge;   /* slice of ask.edge */
    uint32_t grade, n_grade; /* slice of ask.grade: how good its result is, if that is the job's; none: nothing is known */
    double leaves;           /* of an exit: the share of the jobs, the easiest, that end there unless the plan says another */
};

/* The accuracy of a result for jobs that are among the easiest `upto` of all, and not of the row before. */
struct ts_grade {
    double upto, accuracy;
};

/* Data between tasks of the question. */
struct ts_edge {
    ts_id from, to, at; /* indices of tasks; at: place of the data */
    ts_id same;         /* not 0: edges of equal from and same carry the same data, which go to a node once; 0 where from is
                           TS_NONE */
    double bits;
};

/* The same data if a step asks for them packed (TS_PACK): that work comes on top of the tasks that make and read them. */
struct ts_packed {
    double bits; /* NAN: that is not offered */
    double pack_flop, unpack_flop;
    double loss; /* of the accuracy of the job's result */
};

struct ts_ask {
    uint32_t size, why;
    uint64_t id; /* comes back in outcomes */
    uint32_t n_task, task_size, n_cand, n_edge, n_est, pad;
    const struct ts_task *task; /* [n_task] with stride task_size */
    const ts_id *cand;          /* [n_cand] places, for each task in order of tier, then row */
    const double *const *est;   /* [n_est]; est[e][k] goes with cand[k]; NULL = not asked for */
    const struct ts_edge *edge;
    const struct ts_grade *grade; /* of tasks of graphs that are planned as a whole */
    uint32_t n_grade, pad2;
    const struct ts_packed *packed; /* [n_edge] of graphs that are planned as a whole; NULL: nothing can be packed */
};

enum ts_step_flag {
    TS_PACK = 1 /* TS_PLACE, in a plan for a whole graph: what these tasks read from other nodes comes packed where that is
                   offered */
};

/* One line of a plan. */
struct ts_step {
    uint32_t verb, flags;    /* flags: bits enum ts_step_flag */
    uint32_t task, upto;     /* tasks task .. upto of the question run as one service (a part of a split); 0: task alone;
                                TS_SET: see enum ts_knob */
    ts_id place;             /* TS_PLACE, TS_MIGRATE; the controller that TS_SET is for */
    uint16_t replica;        /* replicas 0, 1, .. of a task race */
    uint16_t level;          /* speed of the place that the task runs at, from 1; 0: the usual one */
    uint32_t width, knob;    /* cores, executors, batch cap; enum ts_knob */
    double not_before_s;     /* TS_DEFER: ask again then (0: when something changes); TS_PLACE: hedge, sent then if the task
                                has no result yet */
    double patience_s;       /* ask again (TS_REFUSED) if its service has not begun so long after the decision; 0: wait */
    double share, net_share, tx_w;
    double value;            /* TS_SET; TS_PLACE of an exit: of all jobs the share that ends there, 0: as the scenario says */
    uint64_t tag; /* the policy's own; comes back in the outcome */
};

struct ts_plan {
    uint32_t size, n, cap, pad;
    struct ts_step *step;   /* [cap], all zero when the policy is asked; host->more enlarges it, zeroed again */
    double think_s, tokens; /* NAN: as the scenario says */
};

/*
 * News of an end, when it has reached the controller.  Of a job of several tasks all decisions are rewarded when it ends: first
 * comes an outcome for each task that was decided about, in order, with its task, place, and the ask and tag of the last decision
 * about it (of a plan for the whole job, of its step); all else is of the whole job.  Then comes that of the job itself, task
 * TS_NONE, tag 0.
 */
struct ts_outcome {
    uint32_t size, end; /* enum ts_end */
    uint64_t job, ask, tag;
    ts_id task, place; /* task: of a graph, its ts_task.step; TS_NONE: the whole job */
    uint32_t replica, tries;
    double now_s, released_s, started_s, ended_s;
    double decide_s, in_s, wait_s, run_s, out_s; /* parts of the latency */
    /* Above idle, all of it but of replicas that are still to be cancelled; of that in vain: lost attempts and replicas, or all if
     * there is no result. */
    double energy_j, waste_j;
    double cost, bits;        /* price of the links; carried, over all hops */
    double quality;
    double reward;   /* the scenario's objective for this job, more is better; without one -latency, NAN without a result */
    double exposure; /* 1 if it was sensitive and left its node */
};

/* Questions to a language model of the scenario: what fills a place in the template of the prompt, .. */
struct ts_blank {
    const char *name, *text; /* for {{name}} */
};

/* .. and a number that the answer must hold. */
struct ts_slot {
    const char *name; /* [a-z0-9_]+ */
    double min, max;
    uint64_t flags; /* bits enum ts_param_flag */
};

struct ts_prompt {
    uint32_t size, n_blank, n_slot, pad;
    const char *use;  /* [a-z0-9_]+: by this name a scenario gives a template of its own */
    const char *form; /* the template otherwise */
    const struct ts_blank *blank; /* [n_blank] all that a template may name */
    const struct ts_slot *slot;   /* [n_slot] */
};

/* What came of a question. */
enum ts_saying {
    TS_S_FINE = 0,
    TS_S_LATE,      /* no answer within the time that the scenario gives */
    TS_S_UNREACHED, /* no connection, or cut off */
    TS_S_REFUSED,   /* the server said no, or had no answer */
    TS_S_LONG,      /* more than the scenario takes */
    TS_S_MALFORMED, /* not what such a server answers, or its answer is no JSON */
    TS_S_INVALID,   /* JSON, but not the numbers that were asked for */
    TS_N_SAYING
};

struct ts_said {
    uint32_t size, status;        /* enum ts_saying */
    double think_s;               /* simulated time that it takes, also in vain */
    double tokens_in, tokens_out;
};

struct ts_param;

/* Services of the engine.  All take ctx first and may be called during a call of the policy only. */
struct ts_host {
    uint32_t size, abi;
    void *ctx;
    double (*uniform)(void *ctx);                                                    /* (0,1), addressed by the question */
    int (*path)(void *ctx, ts_id from, ts_id to, double *rate_bps, double *delay_s); /* nodes; < 0: no way */
    int (*more)(void *ctx, struct ts_plan *p, uint32_t cap);                         /* room for cap steps */
    /*
     * What is kept from one run to the next, bytes under keys: of save with put 1, of load and merge with put 0, where buf
     * NULL asks for the size n, which buf must then have.  < 0: there is none, or it is of another size.  A file shows KEY.f64
     * as doubles and KEY.txt as lines of text.
     */
    int (*blob)(void *ctx, int put, const char *key, void *buf, uint64_t *n);
    /*
     * Run the neural network that the scenario gives the policy (`network: FILE.onnx`), which must be TS_IMPURE: the n numbers are
     * rows of its only input, and the m of its first output come into out.  model NULL: that network; other names are for later.
     * < 0: the run cannot go on, return < 0.  From init on.  Its time is that of deciding, which the scenario says (`think`).
     * Nothing of it is recorded; results have the file's SHA-256 and the library's version.
     */
    int (*infer)(void *ctx, const char *model, const float *in, uint32_t n, float *out, uint32_t m);
    /*
     * Ask a language model in free words, of a policy that is TS_IMPURE: an enum ts_saying, with TS_S_FINE the answer, a text of
     * at most cap - 1 bytes; < 0: the run cannot go on.  Its time is added to plan.think_s and its tokens to plan.tokens.
     */
    int (*text)(void *ctx, const char *prompt, char *answer, uint32_t cap);
    /* A number of the policy's own, finite, under a name [a-z0-9_]+ of at most 39 letters, not policy, replication or loop_..:
     * results show the mean of all that came since the window opened, for each replication.  Up to 256 names. */
    int (*metric)(void *ctx, const char *name, double value);
    int (*fail)(void *ctx, const char *fmt, ...); /* say why a call is about to return < 0; returns -1 */
    uint32_t frozen, pad; /* 1: what was learned is used as it is, neither changed nor put to the test by exploring */
    /* Speed of a core of a place at a level, flop/s, and its power above idle, W; level 0: the usual one.  < 0: there is none. */
    int (*level)(void *ctx, ts_id place, uint32_t level, double *speed_flops, double *power_w);
    /*
     * Ask a language model, of a policy that is TS_IMPURE.  0: *said is filled, and value[n_slot] if its status is TS_S_FINE;
     * < 0: the run cannot go on, return < 0.  value NULL: ask nobody, only see whether the template fits the blanks.
     * Time passes where the policy lets it: by plan.think_s, or by heeding the answer from now + think_s on.
     */
    int (*consult)(void *ctx, const struct ts_prompt *q, double *value, struct ts_said *said);
    /* Of a slow controller: the k-th that it is over, by its number and the node where it is (TS_NONE: nowhere); < 0: there are
     * no more. */
    int (*below)(void *ctx, uint32_t k, ts_id *ctl, ts_id *node);
    /* The parameter of that key of their policy: its row, and the range into *out (may be NULL); < 0: there is none that can be
     * set. */
    int (*param)(void *ctx, const char *key, struct ts_param *out);
    /* The k-th of their parameters that can be set: its row, itself into *out, and the value that they began with; < 0: there are
     * no more. */
    int (*param_at)(void *ctx, uint32_t k, struct ts_param *out, double *value);
};

enum ts_param_flag {
    TS_WHOLE = 1, /* whole numbers only */
    TS_FIXED = 2  /* says what the world is like, or is read at the start: no step TS_SET may change it */
};

/* One tunable number: parsed, range-checked, listed and archived by its row.  A dotted key is a nested mapping. */
struct ts_param {
    const char *key; /* [a-z0-9_.]+; NULL ends the table */
    const char *unit, *about; /* unit "" or NULL: a plain number */
    double dflt, min, max;
    uint64_t offset; /* of a double in the state */
    uint64_t flags;  /* bits enum ts_param_flag */
    const char *const *word; /* ends with NULL: one of these is written, and its number (from 0) is the value */
};

struct ts_policy {
    uint32_t abi, size;
    const char *name;  /* [a-z0-9_]+; labels results, so it never changes */
    const char *about; /* one line, with the source of the rule */
    uint64_t flags;    /* bits enum ts_flag */
    uint64_t needs;    /* bits 1 << enum ts_est */
    uint64_t cols;     /* bits 1 << enum ts_col: what it reads */
    uint64_t triggers; /* bits 1 << enum ts_why beyond TS_ARRIVED and TS_REFUSED */
    uint64_t state_size;
    uint64_t param_size;          /* sizeof(struct ts_param), the stride of the table; 0 if there is none */
    const struct ts_param *param; /* NULL if there are none */

    /* Optional.  0, or < 0 after host->fail: the run does not start. */
    int (*init)(void *st, const struct ts_host *h, const struct ts_view *v);
    /* Required.  Fills the plan: p->n steps, each task of the question answered.  < 0 after host->fail ends the run. */
    int (*decide)(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p);
    /* Optional. */
    int (*ended)(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o);
    int (*save)(void *st, const struct ts_host *h);
    int (*load)(void *st, const struct ts_host *h);
    void (*clear)(void *st);

    /*
     * Key of the parameter that holds the period of the policy's clock, s; NULL: it has none.  TS_TICK is asked at the
     * multiples of the period, after all else of the instant; 0 stops the clock.  The parameter is read after init and
     * after each tick; another period counts from there.
     */
    const char *tick;

    /*
     * Optional, for learning in parallel.  The state has loaded what n runs began with; host->blob gives what the k-th of
     * them saved: take in what it learned.  Called for k = 0 .. n-1 in order, then save.  Without it runs learn in turn.
     */
    int (*merge)(void *st, const struct ts_host *h, uint32_t k, uint32_t n);
};

/* Task i of the question. */
static inline const struct ts_task *ts_task_at(const struct ts_ask *a, uint32_t i)
{
    return (const struct ts_task *)(const void *)((const char *)a->task + (uint64_t)i * a->task_size);
}

/* Number the task's k-th candidate goes by in the view. */
static inline ts_id ts_candidate(const struct ts_ask *a, const struct ts_task *t, uint32_t k)
{
    return a->cand[t->cand + k];
}

/* Estimate e of task t on its k-th candidate. */
static inline double ts_estimate(const struct ts_ask *a, const struct ts_task *t, uint32_t k, unsigned e)
{
    return a->est[e][t->cand + k];
}

/* What is known of a place in column c, which the policy's cols must name; NAN if nothing is. */
static inline double ts_known(const struct ts_view *v, unsigned c, ts_id place)
{
    return v->col[c][place];
}

/* 0 if the place is known to be down, else 1.  The policy's cols must name TS_UP. */
static inline int ts_up(const struct ts_view *v, ts_id place)
{
    return v->col[TS_UP][place] != 0;
}

/* The plan with one step: place task 0 of the question. */
static inline int ts_answer_place(struct ts_plan *p, ts_id place)
{
    p->step[0].verb = TS_PLACE;
    p->step[0].place = place;
    p->n = 1;
    return 0;
}

/* The plan with one step: reject task 0 of the question. */
static inline int ts_answer_reject(struct ts_plan *p)
{
    p->step[0].verb = TS_REJECT;
    p->step[0].place = TS_NONE;
    p->n = 1;
    return 0;
}

/*
 * The policies of a shared object, named once at its end: TS_PLUGIN(&policy_a, &policy_b);
 *     cc -shared -fPIC -O2 -o mine.so mine.c      tiersim run FILE --plugin ./mine.so --policy mine
 */
#if defined(__GNUC__)
#define TS_VISIBLE __attribute__((visibility("default")))
#else
#define TS_VISIBLE
#endif
#define TS_PLUGIN(...)                                                                                                 \
    extern TS_VISIBLE const struct ts_policy *const ts_plugin[];                                                       \
    const struct ts_policy *const ts_plugin[] = {__VA_ARGS__, 0}

#ifdef __cplusplus
}
#endif
#endif
