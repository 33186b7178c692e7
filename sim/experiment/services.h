/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * services.h - whom the policies of a scenario may ask while it is simulated: its language models (sim/io/text) and neural
 * networks (sim/io/ort).  They are opened once for all runs; each run has a session of its own.
 */
#ifndef SIM_EXPERIMENT_SERVICES_H
#define SIM_EXPERIMENT_SERVICES_H

#include "sim/io/ort/network.h"
#include "sim/io/text/text.h"
#include "sim/run/run.h"

/* All zero: nobody can be asked. */
struct services {
    struct text_models *text;
    struct networks *networks;
};

/* Of s, which must live as long.  told: as of text_open.  services_close in any case.  ERR_MEMORY. */
int services_open(struct services *x, const struct scenario *s, const struct text_replay *told, struct err *e);
void services_close(struct services *x);

struct services_session {
    struct text_session text;
    struct network_session network;
};

/* Let the policies of *run, which goes on at the session's place, ask. */
void services_begin(struct services_session *x, const struct services *of, struct run_spec *run);
/* As text_end, for both; again, it does nothing. */
int services_end(struct services_session *x, struct record *r, struct err *e);

#endif
