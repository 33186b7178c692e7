/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transition.h - what happens in a run, as plain records.  The run appends them to a buffer; digest, audit, metrics, rows
 * and the event log are folds over full buffers, so that none of them can touch the run (SEMANTICS 2).
 *
 * A job occupies a row while it lives; rows are used again.  It moves from resource to resource: a resource is a place
 * (0 .. n_place-1) or a channel (n_place + channel); ROW_NONE is nowhere (not yet placed, or in the latency between two).
 * Records are in order of time.
 *
 * A job of several tasks has rows beside its own, of which each is a part: a task from when it is asked about, or its last
 * data have come, to the end of its service; data on their way from one place to another.  They move as jobs do, and are gone
 * before the job ends, which itself stays nowhere; replicas of a task that lost its race may outlive it, but not its row.
 * What makes the last condition true for a part to come into being is its parent: another part (which may have left at this
 * instant; its row is not used again before), or the job.  So the way back from parent to parent is the critical path.
 */
#ifndef SIM_RUN_TRANSITION_H
#define SIM_RUN_TRANSITION_H

#include <stdint.h>

enum transition_kind {
    TR_RELEASE = 1, /* a job comes into being: number, source, row, to = its node, a = deadline (absolute, s), b = input bits */
    TR_PLACE,       /* the decision holds: to = the place; from = the resource joined at the same instant, or ROW_NONE;
                       a = work (flop), b = output bits; end = speed level of the place, 0: the usual one */
    TR_REFUSE,      /* a decision did not hold: from = the place; the job is asked again */
    TR_MOVE,        /* leaves `from`, joins `to`; a = unit-seconds of service at `from`, b = bits carried there,
                       or of a place the seconds in service (more than a where a round is shared) */
    TR_END,         /* as TR_MOVE from `from` to nowhere, and the job ends as `end` */
    TR_WINDOW,      /* the measured window opens (row 0) or closes (row 1): half-open, before all else of the instant */
    TR_CLOSE,       /* at the end of the run: a job or part that is still there; as TR_END, TR_LEAVE with end = OPEN, not in
                       the digest */
    TR_PART,        /* a part of a job comes into being, nowhere: row, parents, b = bits it carries (data), 0 (a task) */
    TR_LEAVE,       /* as TR_MOVE from `from` to nowhere, and the part is no more; end = 0: it has done what it was for, DONE:
                       and so the output it is has come to the node of the job, CANCELLED: nobody wants it any more */
    TR_RECALL,      /* as TR_MOVE from `from` to nowhere, maybe before all was done there: the decision does not hold, the job is
                       asked again */
    TR_SHIFT,       /* a job that has left its place goes on to another, `to`; from = the resource joined at the same instant, or
                       ROW_NONE; a = bits that move, b = output bits; end = speed level there */
    TR_LOOP,        /* a loop of the job (scenario.h) is closed: row of the job, part of its last task, a = seconds since it
                       started, b = which of its workload's; not in the digest */
    TR_EXPOSE,      /* a task that is private is placed off the node of its job, by the record that follows; not in the digest */
    TR_HOLD,        /* as TR_MOVE from `from` to nowhere: the result is there, and waits for those of jobs before it */
    /* Control (control.h).  A message has a row as a job has, and MESSAGE_SOURCE + its kind as its source. */
    TR_SEND = 16,   /* a message comes into being and joins `to`: b = its bits */
    TR_PASS,        /* as TR_MOVE, of a message */
    TR_ARRIVE,      /* as TR_PASS from `from` to nowhere, and the message has arrived; end = OPEN: it was under way at
                       the end of the run, not in the digest */
    TR_THINK,       /* controller `source` at node `to` has thought for a seconds, at a cost of b joules: number = how often */
    TR_REPORTS,     /* reports that cost no event were b bits over all links in the window, at a joules; not in the digest */
    TR_SET,         /* a setting holds at controller `source`, which is at node `to`: number = knob << 32 | of what (enum ts_knob),
                       a = value, b = when its slow controller was asked */
    TR_ORDER,       /* an order about the job or part goes to node `to`: b = bits over all hops, a = joules */
    TR_STALE,       /* an order to move or cancel a task has come to node `to`, where it is not (any more) */
    TR_GRADE,       /* of a job whose result is there at this instant, before its end: a = the accuracy */
};

/* Sources of messages, by enum control_message. */
#define MESSAGE_SOURCE UINT32_C(0xFFFFFF00)


/* The unions are the words that the digest takes; to write the whole word is faster than to write its parts. */
struct transition {
    double time_s;
    union {
        double a;
        struct {
            uint32_t job, parent; /* TR_PART: their rows */
        };
    };
    double b;
    uint64_t number; /* n-th job of its source */
    union {
        struct {
            uint32_t from, to;
        };
        uint64_t way;
    };
    union {
        struct {
            uint8_t kind; /* enum transition_kind */
            uint8_t end;  /* enum ts_end */
            uint16_t attempt;
            uint32_t source; /* row of scenario sources: gives the workload */
        };
        uint64_t what;
    };
    uint32_t row; /* not in the digest */
    uint32_t part; /* of the job (graph.h), 0: the job itself */
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "digests take the words as they lie");

static inline uint64_t transition_way(uint32_t from, uint32_t to)
{
    return (uint64_t)to << 32 | from;
}
static inline uint64_t transition_what(unsigned kind, unsigned end, unsigned attempt, uint32_t source)
{
    return (uint64_t)source << 32 | attempt << 16 | end << 8 | kind;
}

/* Job of its source, and part of it: numbers of jobs are below 2^48 (stream.h). */
static inline uint64_t transition_whose(const struct transition *t)
{
    return (uint64_t)t->part << 48 | t->number;
}

_Static_assert(sizeof(struct transition) == 56, "seven words");

enum { TRANSITION_BUFFER = 512 };

#endif
