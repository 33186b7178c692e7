/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * live.h - the live state of a replication: rows of jobs, stations, cursors of processes and sources.  Rows are numbers;
 * freed rows are used again last in, first out.
 *
 * A station is a resource of the scenario: place p is station p, channel c is station n_place + c.
 */
#ifndef SIM_RUN_LIVE_H
#define SIM_RUN_LIVE_H

#include <stdatomic.h>

#include "sim/engine/evset.h"
#include "sim/engine/station.h"
#include "sim/model/arrival.h"
#include "sim/model/blocks.h"
#include "sim/model/graph.h"
#include "sim/model/process.h"
#include "sim/model/route.h"
#include "sim/model/scenario.h"
#include "sim/policy/check.h"
#include "sim/run/run.h"

enum event_kind {
    EK_SOURCE,   /* row = source: its next arrival comes up */
    EK_RELEASE,  /* row = job: jitter is over */
    EK_JOIN,     /* row = job: the latency of a hop is over */
    EK_LEFT,     /* row = job: it leaves a station whose departures are computed ahead */
    EK_STATION,  /* row = job, posted by the stations */
    EK_STATION2, /* row = station, posted by the stations */
    EK_DEADLINE, /* row = job */
    EK_ASK,      /* row = job: ask the policy about it */
    EK_POOL,     /* row = enum ts_why: ask about all that are deferred until something changes */
    EK_BLOCK,    /* row = block: the same of one of several */
    EK_TICK,     /* row = block: its clock */
    EK_CHANGE,   /* row = channel: it comes, goes or changes level */
    EK_PATIENCE, /* row = job: its patience has run out */
    EK_HEDGE,    /* row: race.h */
    EK_CANCEL,   /* the same */
    EK_THOUGHT,  /* row = thought: it is thought out */
    EK_BORDER,   /* of the window or the end of the run */
    EK_CONTROL,  /* row = controller: it starts on the next question */
    EK_DECIDED,  /* row = controller: it has thought */
    EK_WAKE,     /* row = controller: it looks again at what it deferred */
    EK_SAMPLE,   /* row = level: the next place samples what it will report */
    EK_SLOW,     /* the slow controllers are asked */
    EK_SET,      /* row = setting: it holds */
};

/*
 * Whether a station computes departures on arrival, and what then stands in the event set: all departures to come, or, of a
 * station with one unit, the next.  The latter is faster where it keeps the set to a handful (M/M/1: 15 %), the former
 * else (6 %): it has no branch on what the queue holds.
 */
enum ahead { AHEAD_NOT, AHEAD_ALL, AHEAD_NEXT };
enum { AHEAD_NEXT_STATIONS = 6 }; /* at most, for AHEAD_NEXT */

enum phase { PHASE_FREE, PHASE_COMING, PHASE_ASKED, PHASE_DEFERRED, PHASE_UP, PHASE_SERVED, PHASE_BACK, PHASE_GRAPH,
             PHASE_HELD, /* its result waits for others: in_order.c */
             PHASE_KEPT, PHASE_MESSAGE, PHASE_SENT /* no job, but what a controller knows of one: sent.c */ };

enum moved {
    MOVED = 1,       /* on its way to another place, or there, by another way than from its node */
    MOVED_CANCELLED, /* runs, though nobody wants it any more: its place does not let go of what it has begun */
};

/* What the news of a job's end says of its last decision, and of what it used; kept only where a policy takes such news. */
struct account {
    uint64_t ask, tag;
    double energy_j, cost, bits;
    double waste_j; /* of energy_j: attempts that were taken back, replicas that lost */
    bool exposed; /* it is private and was sent off its node */
    uint32_t replica; /* that won */
};

struct job {
    double release_s, deadline_s; /* absolute */
    double input_bits, work_flop, output_bits;
    double estimate_s;       /* work announced to the policy, s of the whole pool */
    double start_s, busy_s;  /* of the stint in a station computed ahead, */
    double leave_s;          /* and when it ends */
    double placed_s, arrived_s, served_s;
    double back_latency_s;   /* of the access link, if it is drawn */
    uint64_t number, ordinal;
    ev_handle timer;         /* deadline */
    ev_handle wait;          /* what it waits for: latency, jitter, being asked */
    ev_handle patience;      /* when it is taken back if its service has not begun */
    uint32_t source, workload, node, place;
    uint32_t first_hop;      /* of the route, in scenario.hop */
    uint32_t at;             /* station, or ROW_NONE */
    uint32_t site;           /* core row, or ROW_NONE */
    uint32_t access;         /* channel up to the site, or ROW_NONE */
    uint32_t next; /* free row, or who leaves its station next */
    uint16_t n_hop, hop;     /* hops of one way, access included; the one it is on */
    uint16_t phase, tries, measured, why; /* not bytes: see transition.h */
    uint32_t level;          /* speed of its place that it is to run at; 0: the usual one */
    uint32_t n_asked;
    /* Jobs of several tasks, and their parts, which have rows of their own (graph.c). */
    uint32_t step;           /* row of the task among those of all workloads; the workload's if it has one task */
    uint32_t part;           /* of the job (graph.h), 0: the job itself */
    uint32_t block;          /* of the job in run.graph, or ROW_NONE: it has one task */
    uint32_t whole;          /* of a part: row of the job; of a row PHASE_SENT: that which the job had */
    uint32_t moved;          /* enum moved, or 0 */
    uint32_t race;           /* of a job whose task has replicas, and of those (race.h) */
};

/* What jobs of several tasks have beside their rows, by workload; blocks are used again last in, first out. */
enum task_state {
    TASK_OUT, /* not part of this job */
    TASK_WAITS,
    TASK_ASKED, /* the policy is, or will be, or has deferred it */
    TASK_PLACED,
    TASK_DONE
};
struct task_live {
    double work_flop, estimate_s;
    uint64_t ask, tag; /* of the last decision about it: of its question, of its step */
    bool decided;
    uint32_t place; /* or ROW_NONE: not decided */
    uint32_t row;   /* or ROW_NONE: it is not there yet, or no more */
    uint32_t wants; /* predecessors until it is asked about; data until it starts */
    /* Planned tasks that run as one service: the first of them that is part of the job; of that one, the last, and how many of
     * them still want data from elsewhere. */
    uint32_t leader, last, open;
    uint32_t rank;    /* in the plan, from 1; 0: not planned */
    uint32_t reach;   /* the last task that reads what it makes; ROW_NONE: more than that is to be done with it */
    uint8_t state;  /* enum task_state */
    uint8_t is_exit;  /* the job waits for its output */
    uint8_t assigned; /* its work has been announced to its place */
    uint8_t level;    /* of its place; 0: the usual speed */
    uint8_t packs;    /* of a plan: what it reads comes packed where that is offered */
};
enum link_state {
    LINK_NONE,
    LINK_THERE, /* done, at the place where they were made */
    LINK_GOES,  /* to be sent */
    LINK_MOVES,
    LINK_RIDES, /* the same data are on their way to the same node for another reader */
    LINK_CAME,
    LINK_QUIET /* carries nothing in this job */
};
struct link_live {
    double bits;
    uint32_t row; /* while they move, else ROW_NONE */
    uint32_t state;
};
struct graph_job {
    uint32_t next;     /* free block */
    uint32_t n_output; /* the job waits for */
    uint32_t n_planned;
    double accuracy;   /* the least of the results that came so far; NAN: nothing is said of them */
    double loss;       /* of it, by what is packed */
};
struct graph_live {
    uint32_t n, free;
    struct graph_job *job;  /* [n] */
    struct task_live *task; /* [n][graph.n_task] */
    struct link_live *link; /* [n][graph_n_link] */
    double *loop_s;         /* [n][workload.n_loop] when they started, NAN: not yet; NULL: all do at the release */
    uint32_t *out;          /* [n][graph.n_edge] of jobs planned as a whole: graph.out in the order of the plan; else NULL */
    uint8_t *packed;        /* [n][graph.n_edge] which data go packed; NULL: none */
    double *leaves;         /* [graph.n_task] of the job that is being planned (graph_runs); NULL: there are no exits */
    /* A job that is not drawn yet: a copy of it is what a block begins with. */
    struct graph_job new_job;
    struct task_live *new_task; /* [graph.n_task] */
    struct link_live *new_link; /* [graph_n_link] */
    uint32_t n_varies;
    uint32_t *varies; /* [n_varies] tasks that differ from job to job in their work, in what they read, or in their output */
};

/* What is of a block of the policy's state (block.c); a controller that is not ideal has deferred jobs of its own. */
struct block {
    uint32_t *deferred; /* until something changes, oldest first */
    uint32_t n_deferred, room_deferred;
    uint32_t pending;   /* bits enum ts_why: asked about at the end of this instant */
    bool deferring;     /* it is in the list of those with deferred jobs */
    /* The policy's clock: tick k is at from_s + k * period_s. */
    struct {
        double from_s, period_s; /* 0: it stands still */
        uint64_t k;
        ev_handle next;
    } clock;
};

/* A decision that takes time. */
struct thought {
    struct ts_step step;
    double flop;           /* as the policy was told */
    uint64_t ask, ordinal; /* the question; of the job, which is gone if its row has another */
    uint32_t row;          /* of the job; free: the next free one */
    uint32_t part;         /* of the job's graph */
    uint32_t at;           /* an order about a task that was at this place; else ROW_NONE */
    bool graph;            /* the plan for all tasks of the job is entered upon */
    uint32_t n_race;       /* the task races, instead of step; else NULL */
    struct racer *race;
};

/* Where a capacity and a latency that vary stand. */
struct channel_live {
    struct process_at serve, look, latency; /* serve may be ahead of now (FIFO), look is what the policy sees */
};

/* A capacity whose changes a policy is asked at (change.c). */
struct watch {
    struct process_at at; /* at its next change */
    bool base;            /* it changes beside its outages, too */
};

/* What one more message would meet on a channel, looked up once a question. */
struct channel_now {
    uint64_t question;
    double latency_s, s_per_bit;
};

/* Draws of 64 consecutive jobs of a source. */
enum { DRAWS = 64 };
struct draws {
    uint64_t block; /* index / DRAWS of what is there; UINT64_MAX: none */
    double input[DRAWS], work[DRAWS], output[DRAWS];
    /* Drawn when a job is released; jitter mixes neighbours, so even and odd blocks have a place each. */
    struct {
        uint64_t block;
        double u[DRAWS];
    } policy[2];
    /* Latencies of the access link, out and back. */
    struct {
        const struct dist *dist;
        uint64_t block;
        double s[DRAWS];
    } latency[N_DIRECTION][2];
};

/* Candidates of a workload at a site: the device's own places first, filled in for each question. */
struct candidates {
    uint32_t first, n; /* in run.cand */
};

enum { MAX_OWN = 64 };

/* What all jobs of a workload share: where its members stand, and the task as a policy is told it. */
struct home {
    uint32_t first_node, first_core; /* first_core: ROW_NONE if the members are isolated */
    bool closed;                     /* its arrivals are a closed loop */
    uint32_t n_site;                 /* member i stands at site first_core + i mod n_site */
    uint32_t access;                 /* first channel up, or ROW_NONE */
    bool access_per_site;            /* the channel is the site's, else the member's own */
    bool is_private;                 /* off the job's node it is exposed */
    bool told;                       /* the policy is told the work and output of the job itself */
    bool guessed;                    /* the work with an error, which is that of mean_flop unless told */
    double mean_flop;
    double exit_share;               /* of the jobs, those whose result this task sends back */
    const double *stretch;           /* [n_pool] of work given in seconds: size_spec.stretch; or NULL */
    uint32_t n_own;                  /* its own places: pools that fit */
    uint32_t own[MAX_OWN];           /* [n_own] place of member 0 */
    struct ts_task task;             /* of the question about one job */
};

/* The last question about all tasks of a job, of a workload at a site (question_graph.c). */
struct kept_question {
    bool made;
    uint32_t site, node; /* where the job stood, in run.list, and its node */
    uint32_t n_cand, n_grade, room; /* room: of candidates */
    struct ts_task *task;  /* [graph.n_task] */
    ts_id *cand;           /* [room] */
    double *est[TS_N_EST]; /* [room] */
    struct ts_edge *edge;  /* [graph.n_edge] */
    struct ts_grade *grade;
    struct ts_packed *packed; /* [graph.n_edge]; NULL: nothing can be packed */
    /* What differs from job to job: tasks, edges, and which candidates are places of the job's node. */
    uint32_t n_own_task, n_own_edge, n_own_cand, *own_task, *own_edge, *own_cand;
};

struct place_live {
    uint32_t n, assigned; /* tasks there; those and the ones on their way */
    uint32_t units, node, core; /* core: row of its node, or ROW_NONE */
    double work_per_s;    /* flop/s of all units */
    double s_per_flop;    /* of one unit */
    double backlog_s;
};

struct run {
    struct run_spec spec;
    const struct scenario *s;
    struct run_control *control; /* NULL: the controller is ideal (control.h) */
    struct evset events;
    struct station_set stations;
    uint8_t *ahead; /* [n_station] enum ahead */
    uint32_t *last; /* [n_station] of those with one unit computed ahead: the customer that leaves last, or ROW_NONE */
    double now_s;
    double same_s; /* for counting events without progress */
    uint64_t n_same;

    struct job *job;
    struct account *account; /* [n_job], or NULL: nobody is told */
    uint32_t n_job, free_job, n_live;
    uint32_t *live; /* rows of a question that lists what runs, too */
    uint32_t room_live;
    struct race *race; /* [n_race] */
    uint32_t n_race, free_race;
    uint64_t max_in_flight;
    struct line *line;      /* results in order (in_order.c), a line for each node that wants them; NULL: none does */
    uint32_t *first_line;   /* [n_workload] that of member 0, or ROW_NONE */
    struct line_link *line_link; /* [n_job] */

    struct graph_live *graph; /* [n_workload], NULL: all jobs have one task */
    uint8_t *runs;            /* [most tasks of a graph] scratch: which tasks are part of a job */
    uint8_t *quiet; /* [most edges] scratch: which carry nothing in a job that is released */
    uint32_t *order, *filled; /* the same: tasks in the order of a plan; what is listed of each */

    /* sources */
    uint8_t *source_bytes;       /* structs source, packed */
    size_t *source_at;           /* [n_source] offset in it */
    struct arrival *arrival;     /* [n_source] the pending one */
    uint32_t *source_workload;   /* [n_source] */
    struct draws **draws;        /* [n_source], NULL: drawn singly */

    /* network */
    struct channel_live *channel; /* [n_channel], NULL if nothing varies */
    uint32_t *channel_link;       /* [n_channel] link * 2 + direction */
    double *fixed_latency_s;      /* [n_channel], NAN where it varies */
    double *expected_latency_s;   /* [n_channel], NAN where it varies over time */
    bool steady;                  /* all capacities are constant, shared, and known: a channel's is the rate of its station */
    uint32_t *flows;              /* [n_channel] messages there now */
    struct watch *watch;          /* [n_channel], NULL if nobody asks */
    struct channel_now *meets;    /* [n_channel], NULL if the policy needs no estimates */

    /* places and what the policy sees of them */
    struct place_live *place; /* [n_place] */
    uint32_t *place_pool;     /* [n_place] */
    double *column[TS_N_COL];
    struct ts_view view;
    struct home *home;       /* [n_task] */
    bool timed;              /* some work is given in seconds */
    struct candidates *list; /* [n_task][n_list_site] */
    uint32_t n_list_site;    /* n_core + 1: the last for isolated nodes */
    ts_id *cand;
    uint32_t n_cand_max;
    double *est[TS_N_EST];
    uint64_t needs;

    /* the question under way */
    struct ts_task *many; /* [room_many] tasks of a question about several */
    uint32_t room_many;
    uint32_t *asked; /* rows of its tasks */
    bool asked_graph;      /* it is about all tasks of the job in row asked[0] */
    struct ts_edge *edge;  /* [room_edge] */
    uint32_t room_edge;
    ts_id *ask_cand; /* of a question about many */
    struct kept_question *kept; /* [n_workload][n_kept_site] about whole jobs; NULL: there are none */
    uint32_t n_kept_site;       /* n_list_site, or 1 */
    struct ts_ask ask;
    uint64_t n_question;
    bool asking;
    struct plan_checker checker;
    uint8_t *n_level; /* [n_place] speed levels; NULL: no place has any */

    /* decisions that take time: thought.c */
    struct thought *thought; /* [n_thought] */
    uint32_t n_thought, free_thought, last_thought; /* the one taken last */

    /* blocks of the policy's state, and what is deferred until something changes */
    struct blocks blocks;
    struct block *block; /* [blocks.n] */
    uint32_t *deferring, n_deferring; /* blocks that may have deferred jobs; NULL: there is one */
    uint32_t n_deferred;   /* of all blocks or controllers */
    uint32_t n_alone;      /* events that come by themselves for ever: ticks and changes */
    uint32_t pool_pending; /* bits enum ts_why: asked about at the end of this instant */

    /* outcomes to be told */
    struct ts_outcome *outcome;
    uint32_t *told_ctl; /* [room_outcome] whose they are; NULL: there is one block of state */
    uint32_t n_outcome, room_outcome, told;

    /* window */
    bool open, closed;
    bool over; /* nothing more is to be done */
    double window_from_s, window_to_s, end_s;
    uint64_t n_measured, n_measured_live;
    enum run_verdict verdict;

    uint64_t n_released, n_event, n_transition;
    uint64_t n_shown; /* of n_released, added to the progress */
    uint32_t n_buffer;
    struct transition buffer[TRANSITION_BUFFER];
    const char *failure; /* why the run cannot go on, or NULL */
};

static inline struct source *run_source(struct run *r, uint32_t source)
{
    return (struct source *)(void *)(r->source_bytes + r->source_at[source]);
}

static inline const struct channel_spec *run_channel_spec(const struct run *r, uint32_t channel)
{
    uint32_t l = r->channel_link[channel];
    return &r->s->link[l / N_DIRECTION].direction[l % N_DIRECTION];
}

/* Hop k of the way out by core hops from first_hop on, after the access link if there is one. */
static inline uint32_t hop_out(const struct run *r, uint32_t access, uint32_t first_hop, uint32_t k)
{
    if (access != ROW_NONE) {
        return k == 0 ? access : r->s->hop[first_hop + k - 1];
    }
    return r->s->hop[first_hop + k];
}
static inline uint32_t job_hop_out(const struct run *r, const struct job *j, uint32_t k)
{
    return hop_out(r, j->access, j->first_hop, k);
}
static inline uint32_t job_hop_back(const struct run *r, const struct job *j, uint32_t k)
{
    return job_hop_out(r, j, (uint32_t)j->n_hop - 1 - k) ^ 1u; /* directions of an instance are neighbours */
}

/* The columns that change: what is there, and what is assigned. */
static inline void place_show(struct run *r, uint32_t place)
{
    const struct place_live *p = &r->place[place];
    uint32_t busy = p->n < p->units ? p->n : p->units;
    if (r->column[TS_BUSY]) {
        r->column[TS_BUSY][place] = busy;
    }
    if (r->column[TS_QUEUED]) {
        r->column[TS_QUEUED][place] = p->assigned - busy;
    }
    if (r->column[TS_WORK_S]) {
        r->column[TS_WORK_S][place] = p->backlog_s;
    }
}

/* block.c: the blocks of state; that of a job. */
int run_blocks_init(struct run *r, struct err *e);
void run_blocks_clear(struct run *r);
static inline uint32_t block_of_job(const struct run *r, const struct job *j)
{
    if (__builtin_expect(r->blocks.n == 1, 1)) {
        return 0;
    }
    if (r->spec.spec->state == STATE_SITE) {
        return r->blocks.first[j->site == ROW_NONE ? r->s->n_core : j->site];
    }
    return r->blocks.first[j->workload] + (j->node - r->home[j->workload].first_node);
}

/* level.c: which places have levels. */
int levels_init(struct run *r, struct err *e);
/* How much longer work takes at a level than at the usual speed of a place. */
static inline double level_stretch(const struct run *r, uint32_t place, uint32_t level)
{
    const struct pool *pool = &r->s->pool[r->place_pool[place]];
    return __builtin_expect(level != 0, 0) ? pool->speed_flops / pool->level[level - 1].speed_flops : 1;
}
/* How much longer a place works at a level on a task, by its row, than its flop at the usual speed would take. */
static inline double run_stretch(const struct run *r, uint32_t step, uint32_t place, uint32_t level)
{
    const double stretch = level_stretch(r, place, level);
    if (__builtin_expect(r->timed, 0) && r->home[step].stretch) {
        return stretch * r->home[step].stretch[r->place_pool[place]];
    }
    return stretch;
}
/* Power above idle of a unit of the place at a level, W. */
static inline double level_w(const struct run *r, uint32_t place, uint32_t level)
{
    const struct pool *pool = &r->s->pool[r->place_pool[place]];
    return __builtin_expect(level != 0, 0) ? pool->level[level - 1].w_per_unit : pool->busy_w_per_unit;
}

/* question.c */
int question_init(struct run *r, struct err *e);
void question_clear(struct run *r);
/* Ask about one job; about several: false if memory is out. */
void question_put(struct run *r, uint32_t row, enum ts_why why);
bool question_put_many(struct run *r, const uint32_t *row, uint32_t n, enum ts_why why);
/* Ask about all tasks of a job. */
bool question_put_graph(struct run *r, uint32_t row, enum ts_why why);
/* Where the job's node stands: fills site and access. */
static inline void job_stand(const struct run *r, struct job *j)
{
    const struct home *home = &r->home[j->workload];
    uint32_t member = j->node - home->first_node;
    if (home->first_core == ROW_NONE) {
        j->site = j->access = ROW_NONE;
        return;
    }
    uint32_t at = home->n_site == 1 ? 0 : member % home->n_site;
    j->site = home->first_core + at;
    j->access = home->access == ROW_NONE ? ROW_NONE : home->access + N_DIRECTION * (home->access_per_site ? at : member);
}

/* The hops from where a job stands to a place; false if no way leads there. */
struct way {
    uint32_t first_hop, n_hop; /* n_hop counts the access link */
};
static inline bool job_way(const struct run *r, const struct job *j, uint32_t place, struct way *out)
{
    const struct place_live *to = &r->place[place];
    if (to->node == j->node) {
        *out = (struct way){0, 0};
        return true;
    }
    if (j->site == ROW_NONE || to->core == ROW_NONE) {
        return false;
    }
    const struct route *route = route_between(r->s, j->site, to->core);
    *out = (struct way){route->first_hop, route->n_hop + (j->access != ROW_NONE)};
    return route->n_hop != ROW_NONE;
}
/*
 * The way of data of a job from one place to another, either of which may be ROW_NONE: the node of the job.  Its hops are as
 * those out from that node or, back, those of the way out in reverse; none on one node.  False: only end devices join them, which
 * do not forward.  Of jobs of several tasks there is a way between all of their places (scenario_finish).
 */
struct leg {
    uint32_t access, first_hop, n_hop;
    bool back;
};
bool data_way(const struct run *r, const struct job *j, uint32_t from_place, uint32_t to_place, struct leg *out);
static inline uint32_t leg_hop(const struct run *r, const struct leg *leg, uint32_t k)
{
    return leg->back ? hop_out(r, leg->access, leg->first_hop, leg->n_hop - 1 - k) ^ 1u
                     : hop_out(r, leg->access, leg->first_hop, k);
}
/* What the task in a row reads, i < graph_n_data: where they lie, ROW_NONE: with the job; bits < 0: they are not wanted. */
struct data_at {
    double bits;
    uint32_t place;
};
uint32_t graph_n_data(const struct run *r, uint32_t row);
struct data_at graph_data(struct run *r, uint32_t row, uint32_t i);
/* How they would come to a place: LINK_GOES: they are sent; for another reader at its node they are on their way (LINK_MOVES), or
 * have come. */
enum link_state graph_data_state(struct run *r, uint32_t row, uint32_t i, uint32_t place);
/* Of a job of several tasks: what is its own in task k of the question about all; data of edge e, or their mean if not told. */
void graph_tell(struct run *r, uint32_t row, uint32_t k, struct ts_task *t);
double graph_edge_bits(struct run *r, uint32_t row, uint32_t e, bool told);
/* Rate that one more flow would have on a channel now, and its latency now. */
double channel_rate_now(struct run *r, uint32_t channel);
double channel_latency_now(struct run *r, uint32_t channel);

#endif
