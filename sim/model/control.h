/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * control.h - where a policy is asked and what it then knows: the controller of a policy, as a scenario says it
 * (SEMANTICS 5.1).
 *
 * A zeroed struct is the ideal controller: nowhere, never busy, deciding in no time by rows that are live.
 */
#ifndef SIM_MODEL_CONTROL_H
#define SIM_MODEL_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/dist.h"

struct policy_spec;

enum control_at { CONTROL_NOWHERE, CONTROL_ORIGIN, CONTROL_GROUP }; /* ORIGIN: at the device of each job */
enum view_kind { VIEW_EXACT, VIEW_PERIODIC, VIEW_LINKS };
enum ledger_kind { LEDGER_OWN, LEDGER_NONE, LEDGER_SHARED };
/* By default EXACT with VIEW_EXACT, else NOMINAL. */
enum know_kind { KNOW_DEFAULT, KNOW_NOMINAL, KNOW_EXACT, KNOW_LAST, KNOW_EWMA };
enum control_message { MESSAGE_REQUEST, MESSAGE_ANSWER, MESSAGE_REPORT, MESSAGE_NEWS, MESSAGE_REFUSAL, MESSAGE_SET, N_MESSAGE };

struct control {
    bool real;           /* a key was given: what follows is gone by; else the controller is ideal */
    enum control_at at;
    uint32_t group;      /* CONTROL_GROUP: one controller at each of its members */
    enum view_kind view;
    double period_s, delay_s; /* of reports, and how old a sample is when it can be read */
    bool sync;           /* all places sample at once; else evenly over the period */
    bool many;           /* reports over links from more than MANY_REPORTS places are meant */
    enum ledger_kind ledger;
    bool no_news;        /* it does not hear how its jobs end */
    enum know_kind know;
    double ewma;         /* KNOW_EWMA: weight of the newest transfer */
    struct dist think;   /* s */
    bool measure_think;  /* think is to be measured on this machine before the first replication, */
    bool measured_think; /* or was */
    double think_w;      /* above idle while it thinks; NAN: one unit of its node's first processor */
    uint32_t max_tries;  /* a job may be refused so often less one; 0: as 1 */
    double bits[N_MESSAGE];
    const struct policy_spec *over; /* a slow controller that sets this one, NULL: none; its control says where it is .. */
    double every_s;      /* .. and how often it is asked */
    const char *text;    /* the keys as they are stored with results: "at: edge, ..."; NULL: none */
};

enum { MANY_REPORTS = 10000 };

#endif
