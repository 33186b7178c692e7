/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text.h - who answers when a policy asks a language model (host->consult, host->text): what the driver of a run is
 * handed for it.  sim/io/text implements it.
 */
#ifndef SIM_POLICY_TEXT_H
#define SIM_POLICY_TEXT_H

#include <stdint.h>
#include <tiersim/policy.h>

struct err;

struct text_service {
    /*
     * Ask, or with value NULL only look whether the template fits the blanks.  0: *said is filled, and the numbers if its status
     * is TS_S_FINE.  < 0 with *e filled: the run cannot go on (ERR_INPUT: the template, a recording that lacks the prompt;
     * ERR_AUDIT: a run that is repeated lacks it; ERR_IO, ERR_MEMORY).
     */
    int (*consult)(void *ctx, const struct ts_prompt *q, double *value, struct ts_said *said, struct err *e);
    /* The same for a prompt in free words, whose answer is any text: at most cap - 1 bytes of it and a 0. */
    int (*text)(void *ctx, const char *prompt, char *answer, uint32_t cap, struct ts_said *said, struct err *e);
    void *ctx;
};

#endif
