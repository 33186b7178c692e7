/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings.h - what a slow controller sets at the fast ones below it, as numbers that a language model can be asked for: whom
 * each site is offered to (offer1, ..: 0 nobody, k the k-th controller, n + 1 all n), what each controller admits (admit1, ..,
 * percent), and each parameter of their policy that can be set (param_KEY).  Sites are the nodes with processors from tier edge
 * on; a controller may always use the one where it is.
 *
 * What holds below is remembered, and only what changes is sent.  So another slow policy may go along, whose plans are noted and
 * not sent: where the model has no answer, all is set as that policy would have it by then.
 */
#ifndef POLICIES_SETTINGS_H
#define POLICIES_SETTINGS_H

#include <stdint.h>
#include <tiersim/policy.h>

enum { SETTINGS_MOST = 256, SETTINGS_NAME = 48 };

/* A node with processors. */
struct settings_site {
    ts_id node;
    uint32_t own_of; /* row of the controller that is there, TS_NONE: none */
    double tier, cores, busy, waiting;
};

/* A row for each thing that can be set; zero it before. */
struct settings {
    struct settings_site *site;
    ts_id *ctl;
    struct ts_param *param;
    ts_id *row; /* [n_param] of each in their policy */
    uint32_t n_site, n_ctl, n_param;
    uint32_t n_slot; /* offers, admissions, parameters */
    struct ts_slot *slot;
    char (*name)[SETTINGS_NAME]; /* of each slot */
    /* [n_ctl][n_site] whether it may use it, [n_ctl] the share that it admits, [n_param]: */
    uint32_t n;
    double *holds, *wish, *other; /* .. as it is set, as it shall be, as the policy that goes along would have set it */
};

/* In init: who is below; n_ctl 0: nobody.  < 0 after host->fail; clear it in any case. */
int settings_open(struct settings *s, const struct ts_host *h, const struct ts_view *v);
void settings_clear(struct settings *s);

/* Ask: what is answered is wished from then on.  said NULL: nobody is asked, only whether the template fits. */
int settings_ask(struct settings *s, const struct ts_host *h, const struct ts_view *v, const struct ts_prompt *prompt,
                 double period_s, struct ts_said *said);
/* Note a plan of the policy that goes along, and take it back. */
void settings_note(struct settings *s, struct ts_plan *p);
/* All shall be as the policy that goes along would have set it. */
void settings_wish_other(struct settings *s);
/* Steps for what is wished and does not hold, and take it that they will. */
int settings_send(struct settings *s, const struct ts_host *h, struct ts_plan *p);

#endif
