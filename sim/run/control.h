/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * control.h - controllers that are not ideal: decisions as work at a place (SEMANTICS 5.1).
 *
 * A question is a row of its own from the moment a job needs a decision until what was decided is done.  It travels to
 * the job's controller, waits until that is idle, is put to the policy with the view of that instant, is thought about,
 * and travels back; a job that ended meanwhile leaves it void.  What travels are messages: rows of run.job in
 * PHASE_MESSAGE, customers of the links like the jobs' data.
 *
 * What a controller knows of a place is a row of an instant in the past (view.c) plus what it has sent there since
 * (ledger.c); what it knows of a link comes from its own transfers (news.c).
 *
 * None of this exists in a run whose controller is ideal: run.control is NULL.
 */
#ifndef SIM_RUN_CONTROL_H
#define SIM_RUN_CONTROL_H

#include "sim/policy/check.h"
#include "sim/run/pairs.h"
#include "sim/run/race.h"
#include "sim/run/steps.h"

/* Where something stands: a core row and the access channel up to it, or ROW_NONE. */
struct stand {
    uint32_t node, core, access;
};

#define TURNED_AWAY UINT64_MAX

/* What is at a place, or was at an instant. */
struct sample {
    double since_s;      /* it has been so since; of a report: when it was taken */
    double work_s;
    uint32_t n;
    bool after;          /* since after the sampling of that instant */
};

/* What a message is about. */
struct message {
    enum control_message kind;
    uint32_t ctl, access_to;
    uint32_t about;       /* REQUEST, ANSWER, refusal: question; NEWS: row of news; SET: of settings */
    uint32_t place;       /* REPORT */
    struct sample sample; /* REPORT */
    uint32_t entity, member; /* of its draws: those of the job, or of the place; */
    uint64_t index;          /* n-th job, n-th sampling */
    uint8_t attempt;
};

/* A question under way, and later its answer. */
struct question {
    uint64_t ordinal;    /* of the job, which is gone if its row has another */
    uint64_t ask;        /* number that the policy knew it by; TURNED_AWAY: it was not put to it */
    uint32_t part;       /* of the job, likewise */
    uint32_t row, next;  /* ROW_NONE: about all that are deferred; next in a queue or on the free list */
    uint32_t why, ctl;
    struct ts_step step;
    double flop;         /* as announced to the policy */
    double decided_s;
    struct ts_step *plan; /* of a job of several tasks that is planned as a whole, [n_plan]; else NULL */
    uint32_t n_plan;
    uint32_t n_racer;     /* the task races, [n_racer], instead of step; else NULL */
    struct racer *racer;
    uint32_t entry, serial; /* in the ledger, or ROW_NONE */
    uint32_t sent;        /* row PHASE_SENT of the task, or ROW_NONE */
    uint32_t at;          /* an order about a task that is at this place, for all its controller knows; else ROW_NONE */
    struct message order; /* of an order */
};

struct queue {
    uint32_t first, last;
};

struct controller {
    struct stand at;
    struct queue waiting, thought, deferred;
    struct queue sent;   /* rows PHASE_SENT, by beside.next */
    uint32_t first_setting; /* of a slow one: what it is thinking about, ROW_NONE: nothing */
    double admits;       /* share of the jobs that it puts to its policy */
    uint8_t *barred;     /* [n_node] whose places are no candidates; NULL: none is */
    double think_s;      /* of the question that it is thinking about */
    uint64_t n_thought;
    bool busy, starting, waking; /* starting, waking: an event of this kind is pending */
    uint32_t pool_waiting; /* bits 1 << why of the questions about all deferred that wait */
    bool deferring;      /* it is in the list of those with deferred jobs */
};

/* What was sent to a place and may not be in its row yet. */
struct entry {
    double admitted_s, work_s; /* NAN: not yet admitted */
    uint32_t cell;             /* of pairs; ROW_NONE: free */
    uint32_t next, before;     /* in its cell; next on the free list */
    uint32_t serial;
    bool after;
};
struct ledger_cell {
    double asof_s;  /* entries admitted by then are gone */
    double work_s;
    uint32_t first, n;
};

/* What a controller knows of a link by its own transfers. */
struct known_link {
    double rate_bps; /* 0: nothing yet */
    uint32_t n_flow;
};

/* One thing that a slow controller sets at a fast one. */
struct setting {
    uint32_t ctl, next; /* the fast one; of those decided together, or on the free list */
    uint32_t knob, what; /* enum ts_knob, and of what: see there */
    double value, asked_s;
};

/*
 * How the controllers of one level come to know of places: the fast ones, which jobs ask, are level 0, the slow ones over them
 * level 1.
 */
struct outlook {
    const struct control *spec;
    uint32_t first_ctl, n_ctl;
    struct sample *past;         /* [n_place][depth], a ring each */
    uint32_t *newest;            /* [n_place] in the ring */
    uint32_t depth;
    double *phase_s;             /* [n_place] of the samples; NULL: 0 */
    double report_bits, report_j; /* VIEW_PERIODIC: of a period */
    uint64_t n_sample;           /* VIEW_LINKS: samplings so far */
    struct sample *heard;        /* [n_ctl][n_core_place], then [n_place] of devices to their own */
};
enum { LEVEL_FAST, LEVEL_SLOW, N_CONTROL_LEVEL };

struct news {
    uint32_t ctl, entry, serial, next, n_rate;
    uint32_t also;            /* what else this message brings, a row of news; or ROW_NONE */
    uint32_t sent, moved_to;  /* row PHASE_SENT of the task; moved_to a place: it is there, and has not ended; else ROW_NONE */
    uint64_t ordinal;
    uint32_t workload, block; /* of a job of several tasks: what was decided about them; else ROW_NONE */
    struct ts_outcome outcome;
};

/* Beside each row of run.job. */
struct beside {
    struct message message;   /* of a message */
    uint32_t entry, serial;   /* of a job: where it is in the ledger of who placed it */
    uint32_t n_rate;          /* links that it has used since */
    uint32_t also;            /* row of news that is told with its end, or ROW_NONE */
    uint32_t sent;            /* row PHASE_SENT of it at its controller, or ROW_NONE */
    uint32_t next, before;    /* of a row PHASE_SENT: at its controller; */
    uint32_t entry_at;        /* place of its entry */
    double joined_s;          /* the link that it is on */
    bool turned_away;         /* without a word to the policy */
};

struct rate {
    uint32_t channel;
    double bps;
};

struct run_control {
    const struct control *spec;
    struct controller *ctl;
    uint32_t n_ctl, n_fast;      /* those from n_fast on are slow */
    uint32_t n_level;            /* 2 if there are any */
    struct outlook outlook[N_CONTROL_LEVEL];
    uint32_t *deferring, n_deferring; /* controllers that may have deferred jobs */
    uint32_t *first_of_workload; /* CONTROL_ORIGIN: controller of member 0 */
    uint32_t *of_site;           /* CONTROL_GROUP: [n_core] */
    uint32_t asking;             /* controller of the question or news under way */
    bool answering;              /* a plan is being carried out: what changes now comes after the sampling of this instant */
    uint32_t max_tries;
    uint64_t n_message[N_MESSAGE];

    struct question *question;
    uint32_t n_question, free_question;
    struct queue asked;          /* the questions put to the policy */
    uint32_t *row, *task, room_row; /* of a question about several: rows of jobs, and of questions */

    struct beside *beside;       /* [n_beside] */
    uint32_t n_beside;

    /* view.c */
    double *known[TS_N_COL];     /* columns as the controller asked knows them; NULL: the live ones */
    double *col[TS_N_COL];       /* either */
    struct sample *now;          /* [n_place] */
    uint32_t n_core_place, *core_place, *core_index; /* places of core nodes; row of each place among them, or ROW_NONE */
    ts_id *shown;                /* places of devices whose rows are shown now */
    uint32_t n_shown, room_shown;

    /* upper.c */
    uint32_t *over_of;           /* [n_fast] the slow one over it; NULL: one level */
    struct plan_checker checker; /* of plans of the slow ones */
    struct plan_below below;
    uint64_t n_round, n_set;     /* so often were the slow ones asked; so many settings sent */
    struct setting *setting;     /* [n_setting] */
    uint32_t n_setting, free_setting;
    struct run_setting holds;    /* of a parameter, for the driver */

    /* ledger.c */
    struct pairs cells;          /* (ledger, place) */
    struct ledger_cell *cell;
    uint32_t room_cell;
    struct entry *entry;
    uint32_t n_entry, free_entry;

    /* news.c */
    enum know_kind knows;        /* of links */
    bool wants_news;
    struct news *news;
    uint32_t n_news, free_news;
    uint32_t max_rate;           /* links of a job's ways at most; 0: nobody learns from them */
    struct rate *rate, *news_rate; /* [n_beside][max_rate], [n_news][max_rate] */
    struct pairs links;          /* (controller, channel) */
    struct known_link *link;
    uint32_t room_link;
    struct err *fault;           /* an error that ends the run, or NULL */
};

/* control.c */
/* An error ends the run. */
void run_fault(struct run *r, const struct err *e);
int control_create(struct run *r, struct err *e);
void control_free(struct run *r);
/* Controllers with nothing to do, at the members of a group. */
void controllers_stand(struct run *r, uint32_t first, uint32_t n, const struct control *spec);
/* Mean latency of the way from a core node to where something stands; INFINITY if there is none. */
double control_distance_s(const struct scenario *s, uint32_t core, struct stand to);
/* What thinking takes: what is said, or one unit of its node's first processor. */
double control_think_w(const struct run *r, const struct control *spec);
/* Room beside n rows of run.job; false if memory is out. */
bool control_reserve(struct run *r, uint32_t n);
/* The row is another job's from now on. */
void control_reset(struct run *r, uint32_t row);
/* A decision about the job has come to where it is, and holds: it is in the ledger there. */
void control_holds(struct run *r, uint32_t row, uint32_t entry, uint32_t serial);
/* What changes from now on, or no more, does so by an answer. */
static inline void control_answers(struct run *r, bool answers)
{
    if (r->control) {
        r->control->answering = answers;
    }
}
uint32_t control_of_job(const struct run *r, const struct job *j);
struct stand stand_of_job(const struct run *r, const struct job *j);
struct stand stand_of_place(const struct run *r, uint32_t place);
/* Rows of any kind of slab: grown to twice as many, the new ones chained by `next` at offset; false if memory is out. */
bool slab_grow(void **slab, uint32_t *n, size_t size, size_t next_offset, uint32_t *free_row);

/* A job has come to its place; has been served there; a job or message has left a link, true: what follows is done. */
void control_arrived(struct run *r, uint32_t row);
void control_served(struct run *r, uint32_t row);
bool control_left(struct run *r, uint32_t row, uint32_t channel, double busy_s);

/* message.c */
/* A message about a job's n-th decision. */
struct message message_about(const struct run *r, const struct job *j, enum control_message kind, uint32_t ctl, uint32_t about);
/* Send; it is delivered at once where no way is between the two. */
void message_send(struct run *r, const struct message *m, struct stand from, struct stand to);
/* The latency of its next hop is over; it leaves a link after busy_s of service there. */
void message_joins(struct run *r, uint32_t row);
void message_leaves(struct run *r, uint32_t row, double busy_s);

/* controller.c */
/* A question about the job in a row, ROW_NONE: about all that are deferred; its row, ROW_NONE after run_fail.  Give it back. */
uint32_t question_take(struct run *r, uint32_t ctl, uint32_t job, enum ts_why why);
void question_give(struct run_control *c, uint32_t row);
void question_append(struct run_control *c, struct queue *q, uint32_t row);
/* About a task that is at a place: it goes there. */
static inline bool question_is_order(const struct question *q)
{
    return q->at != ROW_NONE;
}
/* What waits until something changes is looked at again when a place falls free, or at the next reports.  Errors: of run_answer. */
int controller_defers(struct run *r, uint32_t q, struct err *e);
void controller_request(struct run *r, uint32_t row, enum ts_why why);
bool controller_start(struct run *r, uint32_t ctl);
/* Ask about all that a controller deferred, if the policy wants that and it does not wait yet. */
void controller_ask(struct run *r, uint32_t ctl, enum ts_why why);
void controller_wake(struct run *r, uint32_t ctl);
void controller_wake_all(struct run *r, enum ts_why why);
void controller_tick(struct run *r);
void controller_thought(struct run *r, uint32_t ctl);
/* Room for n rows of a question about several; false if memory is out. */
bool controller_room(struct run *r, uint32_t n);
int controller_answer(struct run *r, const struct ts_plan *p, struct err *e);
/* A job that waits for a time is to be asked about again. */
void controller_again(struct run *r, uint32_t row);
/* A place had no room: true if the job comes back instead of ending; from, a, b: what it leaves. */
bool controller_refused(struct run *r, uint32_t row, uint32_t from, double a, double b, bool placed_now);
/* The patience with a job has run out where it is released: it comes back as one that was refused. */
void controller_recalls(struct run *r, uint32_t row);
void controller_reads(struct run *r, const struct message *m);

/*
 * answer_far.c: the plan answers the questions asked, and stays with them; the answer of one has come to where its job or task
 * is, and the question is given back.  Errors as of run_answer.
 */
int answer_keep(struct run *r, const struct ts_plan *p, struct err *e);
int answer_carry_out(struct run *r, uint32_t q, struct err *e);

/* upper.c: two levels.  The slow ones are made, when the fast ones are there. */
int upper_create(struct run *r, struct err *e);
void upper_free(struct run *r);
static inline bool is_slow(const struct run *r, uint32_t ctl)
{
    return ctl >= r->control->n_fast;
}
static inline const struct ts_policy *policy_of(const struct run *r, uint32_t ctl)
{
    return is_slow(r, ctl) ? r->spec.over : r->spec.policy;
}
static inline const struct outlook *outlook_of(const struct run *r, uint32_t ctl)
{
    return &r->control->outlook[is_slow(r, ctl) ? LEVEL_SLOW : LEVEL_FAST];
}
/* Of plans of the controller that is asked. */
static inline struct plan_checker *control_checker(struct run *r)
{
    return is_slow(r, r->control->asking) ? &r->control->checker : &r->checker;
}
/* The slow ones are asked; one of them has decided; it has thought. */
void upper_tick(struct run *r);
int upper_answer(struct run *r, const struct ts_plan *p, struct err *e);
void upper_thought(struct run *r, uint32_t ctl);
/* A setting has arrived; it holds, true: the policy has another parameter. */
void upper_set(struct run *r, const struct message *m);
bool upper_holds(struct run *r, uint32_t setting);
/* Of a list of places those that a controller may use into `to`, which may be the list; their number. */
uint32_t upper_allowed(const struct run *r, uint32_t ctl, const ts_id *from, uint32_t n, ts_id *to);
/* Does the controller put the job to its policy? */
bool upper_admits(const struct run *r, uint32_t ctl, const struct job *j);

/* view.c */
int view_create(struct run *r, struct err *e);
void view_free(struct run *r);
/* The estimates of the tasks at a place change by work_s, their number by n. */
void view_change(struct run *r, uint32_t place, int n, double work_s);
/* Show the view of a controller; cand: of the question, beside the places that all know. */
void view_show(struct run *r, uint32_t ctl, const ts_id *cand, uint32_t n_cand);
void view_sample(struct run *r, uint32_t level);
/* The reports of a window that were no messages. */
void view_account(struct run *r, double window_s);
void view_hear(struct run *r, const struct message *m);

/* ledger.c */
int ledger_create(struct run *r, struct err *e);
void ledger_free(struct run *r);
/* What controller ctl sends to a place is written down; ROW_NONE if nothing is kept, or memory is out. */
uint32_t ledger_add(struct run *r, uint32_t ctl, uint32_t place, double work_s, uint32_t *serial);
/* The job has come to its place: rows from now on have it. */
void ledger_admit(struct run *r, uint32_t row);
/* Take it out, unless that was done: rows are used again, with another serial. */
void ledger_remove(struct run *r, uint32_t entry, uint32_t serial);
/* What is known of a place beyond its row as of asof_s, which takes out what that row contains. */
struct ledger_sum {
    uint32_t n;
    double work_s;
};
struct ledger_sum ledger_sum(struct run *r, uint32_t ctl, uint32_t place, double asof_s);

/* news.c */
int news_create(struct run *r, struct err *e);
void news_free(struct run *r);
/* A job has ended: its controller will hear of it. */
void news_send(struct run *r, uint32_t row, const struct ts_outcome *o, uint32_t block);
void news_arrives(struct run *r, const struct message *m);
/* A task has moved: its controller will hear of it. */
void news_of_move(struct run *r, uint32_t row, uint32_t from_place);
/*
 * Replicas of a race: what becomes of the job is what became of the one in row `from`, so that its news are the job's; one is no
 * more, which is told by itself, or, where `with` is the row of its job, with the end of that; one in the ledger was never sent, as
 * another had won at once, which is told with the end of the job, too.
 */
void news_take_over(struct run *r, uint32_t row, uint32_t from);
void news_of_replica(struct run *r, uint32_t row, uint32_t with);
void news_of_unsent(struct run *r, uint32_t with, uint32_t entry, uint32_t serial);
/* A job has used a link. */
void news_used(struct run *r, uint32_t row, uint32_t channel, double bits, double busy_s);
/* Its way to or from its place is begun (1) or behind it (-1). */
void news_flow(struct run *r, const struct job *j, bool back, int change);
double news_rate_bps(struct run *r, uint32_t channel);

/*
 * sent.c: tasks that a controller has sent to places and that have not ended, for all it knows; kept where the policy wants live
 * tasks.  A question is answered by a place: the row PHASE_SENT of its job, whose entry in the ledger is that of the question;
 * ROW_NONE if none is kept, or after run_fail.
 */
uint32_t sent_add(struct run *r, const struct question *q);
/* It has ended, or came back; it is at another place: all that if the row is still that of the job. */
void sent_drop(struct run *r, uint32_t sent, uint64_t ordinal);
void sent_moved(struct run *r, uint32_t sent, uint64_t ordinal, uint32_t place);
/* Append them to the n rows of run_control.row: with exact rows, those that are at their places; else all of whose end nothing is
 * known; how many there are then, ROW_NONE if memory is out. */
uint32_t sent_list(struct run *r, uint32_t ctl, uint32_t n);
/* It is ordered to a place, where it is in the ledger from now on. */
void sent_order(struct run *r, uint32_t sent, uint32_t place, double work_s, uint32_t *entry, uint32_t *serial);
/* The job that a listed row is about. */
uint32_t sent_job(const struct run *r, uint32_t row);

#endif
