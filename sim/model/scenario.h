/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario.h - the immutable system that is simulated, in SI units, as the loader leaves it.
 *
 * Five numberings, all dense and in file order, so that live state is plain rows:
 *   node     group->first_node + member; a million idle devices are a number, not an object
 *   place    a processor pool of one node: pool->first_place + member
 *   channel  one direction of one instance of a link: link->first_channel + 2 * instance + direction
 *   site     what devices that see the same candidates share: the core node they are attached to (or are)
 *   task     of a workload: the workload's row for its first, workload->more_task + k - 1 for task k of its graph
 * A resource is a place (number p) or a channel (number n_place + c).
 *
 * Routes lead from a site to a node over core links; a device adds its access link in front.  The way back is the same
 * channels in the other direction and reverse order.
 */
#ifndef SIM_MODEL_SCENARIO_H
#define SIM_MODEL_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/dist.h"
#include "sim/base/names.h"
#include "sim/model/arrival.h"
#include "sim/model/objective.h"
#include "sim/model/control.h"
#include "sim/model/cost.h"
#include "sim/model/process.h"

#define ROW_NONE UINT32_MAX

enum { DIRECTION_UP, DIRECTION_DOWN, N_DIRECTION }; /* up: from `from` to `to` */

enum discipline { DISCIPLINE_FIFO, DISCIPLINE_PS, DISCIPLINE_PRIORITY, DISCIPLINE_EDF, DISCIPLINE_BATCH };

/* A speed that a decision may choose for a task. */
struct level {
    double speed_flops; /* per unit */
    double w_per_unit;  /* above idle, of one busy unit */
};
enum { MAX_LEVELS = 64 };

/* A kind of processor that every node of a group has. */
struct pool {
    const char *name; /* such as "gpu" */
    uint32_t kind;    /* row of scenario.kind_name: pools of equal name are of one kind */
    uint32_t group;
    uint32_t units;         /* cores */
    double speed_flops;     /* per unit, sustained, flop/s */
    double bandwidth_bps;   /* per unit, of its memory, bit/s; INFINITY: no limit */
    enum discipline discipline;
    bool preempt;           /* PRIORITY, EDF: resume later what is pushed aside */
    uint32_t limit;         /* customers held at most, waiting ones included; 0 = any number */
    uint32_t batch_max;     /* BATCH: members of a round at most */
    double batch_wait_s;    /* BATCH: for a fuller batch */
    double batch_overhead_s, batch_parallel; /* duration = overhead + max + (1 - parallel) (sum - max) */
    double busy_w_per_unit; /* power above idle of one busy unit, W */
    uint32_t first_place;
    uint32_t n_level;
    struct level *level;    /* [n_level] */
    const struct cost_profile *profile; /* what operators of neural networks cost it, on one unit; NULL: their flop at its speed */
    uint32_t beyond;        /* bit k: some work has operators of kernel k beyond those that the profile's law was fitted to */
};

struct node_group {
    const char *name;
    const char *device, *about; /* what kind of machine it is, or NULL */
    uint32_t entity; /* stream_entity("nodes.NAME") */
    uint32_t tier;   /* row of scenario.tier_name */
    uint32_t count;
    uint32_t first_node;
    uint32_t attach;  /* group, or ROW_NONE; member i to member i mod count there */
    uint32_t access;  /* link over which an attached member reaches its site, or ROW_NONE */
    bool core;        /* has routes of its own: not attached */
    uint32_t first_core; /* core groups: row of the first member among core nodes */
    uint32_t n_pool, first_pool;
    double idle_w, busy_w; /* of a node; busy: all units of all pools busy */
    double memory_bits; /* of a node; 0 or INFINITY: not said */
    double price_per_s;
};

/* One direction of a link. */
struct channel_spec {
    struct process capacity; /* bit/s */
    struct process latency;  /* s, one way, before the bits */
    double energy_j_per_bit, price_per_bit;
    double idle_w;
    bool alone; /* messages do not meet: SHARING_NONE */
};

/* How the messages of a channel share it: in turn; in equal parts; not at all, each has all of it as if it were alone. */
enum sharing { SHARING_FIFO, SHARING_FAIR, SHARING_NONE };

struct link {
    const char *name;
    uint32_t entity; /* stream_entity("links.NAME"); of a direction: + direction */
    uint32_t n_from;
    const uint32_t *from; /* groups */
    uint32_t to;          /* group */
    uint32_t per;         /* group whose members have one instance each */
    uint32_t n_instance;
    enum sharing sharing;
    struct channel_spec direction[N_DIRECTION];
    uint32_t first_channel;
};

enum size_kind { SIZE_DRAWN, SIZE_LINEAR };

/* Input, work or output of a job: a distribution, or a constant plus a weighted sum of the columns of its trace row. */
struct size_spec {
    enum size_kind kind;
    struct dist dist;                 /* DRAWN: bit or flop */
    double constant;                  /* LINEAR */
    uint32_t n_term;
    const uint32_t *column;           /* [n_term] of the trace */
    double *weight;                   /* [n_term] bit or flop per unit of the column */
    double mean;                      /* what a policy is told unless `known` */
    const double *stretch;            /* [n_pool] of work given in seconds: by how much more flop it takes there than it says,
                                         INFINITY: it cannot run there.  NULL: it takes as much everywhere. */
};

/* Is it the same for all jobs?  Then it is the mean of its distribution. */
static inline bool size_is_constant(const struct size_spec *z)
{
    return z->kind == SIZE_DRAWN && z->dist.kind == DIST_CONSTANT;
}

static inline double size_stretch(const struct size_spec *work, uint32_t pool)
{
    return work->stretch ? work->stretch[pool] : 1;
}

/* What policies are told of the work of a job or task: its own if `known`, else the mean; times 1 + bias and an error of
 * mean 1 that is drawn once for each, whoever asks. */
struct guess {
    bool given;
    double bias;
    struct dist error;
};

/*
 * A chain of tasks of a graph, and between which instants it is timed: see sim/measure/loops.h.  A task has received when the
 * last of the data that it waits for have come to its place, and has sent at the end of its service; its result is there then
 * or, if it is the job's output, when that has come to the job's node.
 */
enum loop_instant { LOOP_RELEASE, LOOP_RECEIVED, LOOP_SENT, LOOP_RESULT };
struct loop_spec {
    const char *name;     /* [a-z0-9_]+, of one loop of all workloads */
    uint32_t n_task;
    const uint32_t *task; /* [n_task] in their order */
    uint32_t first, last;
    unsigned from, upto;  /* enum loop_instant: of the first, of the last */
};

/* What may be done with the data that a task works on, which may tell of people or of plant. */
enum privacy {
    PRIVACY_UNSAID, /* as its workload says; there: soft if it has a label, else none */
    PRIVACY_NONE,
    PRIVACY_SOFT, /* it may run elsewhere, which is counted as exposure */
    PRIVACY_HARD  /* it runs on the node of the job */
};

enum workload_form { WORKLOAD_PLAIN, WORKLOAD_GRAPH, WORKLOAD_SHAPE, WORKLOAD_MODEL };
struct graph;

struct workload {
    const char *name;
    uint32_t entity; /* stream_entity("workloads.NAME") */
    uint32_t group;  /* at whose members jobs are released */
    struct arrivals arrivals;
    struct size_spec input, work, output; /* bit, flop, bit */
    uint64_t runs_on;    /* bit k: pools of kind k fit */
    double deadline_s;   /* after the release; INFINITY = none */
    bool drop_late;      /* taken out at the deadline, wherever it is */
    double priority;     /* higher is more urgent */
    const char *sensitivity; /* label, or NULL */
    unsigned privacy;        /* enum privacy */
    double state_bits;   /* moved with a task that runs, bit */
    bool in_order;       /* results are handed on in the order of release at their node */
    bool known;          /* policies are told the work and output of the job itself */
    struct guess estimate; /* with an error, if given */
    uint32_t first_source, n_source;
    int form;                  /* enum workload_form */
    const struct graph *graph; /* the tasks of a job (graph.h), or NULL: one, of the work above.  With a graph, work and
                                  output are what a job does of it in the mean, and runs_on what fits any of its tasks. */
    uint32_t n_loop;
    const struct loop_spec *loop; /* [n_loop] */
    uint32_t more_task;        /* row of its task 1 among the tasks of all workloads; that of task 0 is the workload's own */
};

struct blobs;

/* Who answers when a policy asks a language model, and what it costs; sim/io/text asks. */
enum text_backend { TEXT_RULES, TEXT_REPLAY, TEXT_HTTP, TEXT_RECORD };

/* How a server is sent the schema of the answer. */
enum text_constrain { TEXT_JSON_SCHEMA, TEXT_JSON_OBJECT, TEXT_FREE };

struct text_template {
    const char *use, *file, *text;
};

struct text_model {
    const char *name;
    enum text_backend backend;
    const char *url, *model; /* model: as the server calls it */
    const char *key_from;    /* name of the environment variable with the key, or NULL */
    const char *recording;   /* path, or NULL */
    double timeout_s, back_off_s; /* of a try; before the second */
    uint32_t tries, tokens;
    size_t answer_bytes;     /* the longest reply */
    double temperature;
    enum text_constrain constrain;
    bool measured;           /* what it took is charged, else: */
    double latency_s, read_hz, write_hz; /* of a question; tokens per second */
    bool keep_prompts;
    uint32_t n_template;
    const struct text_template *template; /* in the place of policies' own */
};

/* Which candidates a policy is given. */
enum edges_rule { EDGES_ALL, EDGES_ATTACHED };
/* How many blocks of state a policy has: one, or one for each site or device where jobs are released. */
enum state_scope { STATE_RUN, STATE_SITE, STATE_DEVICE };

struct policy_param {
    const char *key;
    double value;
    const char *text; /* as written */
    int line, column;
};

struct policy_spec {
    const char *policy;  /* name in the set */
    const char *label;   /* of results; unique: the name, or with parameters where needed */
    enum edges_rule edges;
    enum state_scope state;
    uint64_t run_in;     /* bit t: tier t allowed; all ones = any */
    uint32_t text_model; /* row of the language model that it may ask */
    uint32_t n_param;
    const struct policy_param *param;
    const char *network, *network_path; /* ONNX file that it may run, as written, as opened; NULL: none */
    const char *table, *table_path; /* file with what it has learned, as written, as opened; NULL: none */
    const struct blobs *learned; /* what stands there */
    bool frozen;         /* it does not learn */
    struct control control;
    int line, column;    /* in the scenario file, for messages; 0 if it came from the command line */
};

struct experiment {
    uint32_t n_policy;
    struct policy_spec *policy;
    struct control control; /* of policies that say nothing else */
    uint32_t replications;
    uint64_t seed;       /* < 2^32 */
    double warm_up_s;    /* w */
    bool warm_up_auto;   /* w is to be found, and 0 until it is */
    uint32_t unsteady;   /* row of a policy that was seen to have no steady state while w was found, or ROW_NONE */
    double duration_s;   /* h - w; INFINITY if jobs ends the window */
    uint64_t jobs;       /* window ends after this many measured releases; 0 = by duration */
    double drain_s;      /* after h at most */
    uint32_t compare_to; /* row of policy, or ROW_NONE */
    uint64_t max_in_flight;
    bool end_when_done;
    bool bounds;         /* what no policy can beat is found, too */
    bool sampled;        /* values that are not known exactly are drawn anew in each replication */
};

/* Ways between core nodes: hop[first .. first+n) of channel-and-direction in order of travel. */
struct route {
    uint32_t first_hop, n_hop; /* n_hop ROW_NONE: unreachable */
};

/* A file that the scenario refers to. */
struct scenario_file {
    const char *written, *path; /* as the scenario has it; as the program opened it */
};

/* What was read from files, each once, by what it was read as and its path. */
struct read_files {
    struct names key;
    const void **value; /* [key.n], NULL where it failed */
    uint32_t room;
};

struct scenario {
    struct arena arena; /* owns everything below */
    const char *file, *name, *about;
    const char *folder; /* in which its relative paths begin: "" or with a slash */
    const char *text;   /* the resolved scenario as it is stored with results */
    struct read_files files;
    bool unsure;        /* some of its values are not known exactly */
    uint32_t n_trace;
    const struct scenario_file *trace; /* each once, in the order of their use */
    uint32_t n_tier, n_kind, n_group, n_pool, n_link, n_workload;
    const char *const *tier_name; /* end, edge, cloud, then the user's in order */
    const char *const *kind_name;
    struct node_group *group;
    struct pool *pool;
    struct link *link;
    struct workload *workload;
    struct objective objective;
    uint32_t n_text_model;
    struct text_model *text_model;
    struct experiment experiment;
    uint32_t n_node, n_place, n_channel, n_source;
    uint32_t n_task; /* of all workloads: first one of each, then what more the graphs have */
    /* core nodes: members of unattached groups; end devices beyond them are reached by nobody */
    uint32_t n_core;
    uint32_t *core_group, *core_member; /* [n_core] */
    struct route *route;                /* [n_core][n_core], row = from */
    uint32_t *hop;                      /* channel numbers */
    uint32_t n_hop;
};

/* Fill numberings, access links, routes and derived figures after the loader filled the rest; errors are ERR_INPUT. */
struct err;
int scenario_finish(struct scenario *s, struct err *e);
void scenario_free(struct scenario *s);

/* Group of a node, pool of a place, link (and instance and direction) of a channel. */
uint32_t scenario_group_of_node(const struct scenario *s, uint32_t node);
uint32_t scenario_pool_of_place(const struct scenario *s, uint32_t place);
uint32_t scenario_node_of_place(const struct scenario *s, uint32_t place);
uint32_t scenario_link_of_channel(const struct scenario *s, uint32_t channel, uint32_t *instance, uint32_t *direction);
/* Core row that a node stands for: itself, or what it is attached to. */
uint32_t scenario_site_of_node(const struct scenario *s, uint32_t node);
/* Channel by which an attached node goes up to its site, or ROW_NONE (it is its own site). */
uint32_t scenario_access_channel(const struct scenario *s, uint32_t node);
/* "gpu of edge[3]" and the like, into buf[n]; returns buf. */
const char *scenario_place_name(const struct scenario *s, uint32_t place, char *buf, size_t n);
const char *scenario_channel_name(const struct scenario *s, uint32_t channel, char *buf, size_t n);

#endif
