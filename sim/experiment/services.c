/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/services.h"

int services_open(struct services *x, const struct scenario *s, const struct text_replay *told, struct err *e)
{
    *x = (struct services){0};
    int rc = text_open(&x->text, s, told, e);
    return rc ? rc : networks_open(&x->networks, s, e);
}

void services_close(struct services *x)
{
    text_close(x->text);
    networks_close(x->networks);
    *x = (struct services){0};
}

void services_begin(struct services_session *x, const struct services *of, struct run_spec *run)
{
    text_begin(&x->text, of->text, run->spec);
    network_begin(&x->network, of->networks, run->spec);
    run->text = &x->text.service;
    run->infer = &x->network.service;
}

int services_end(struct services_session *x, struct record *r, struct err *e)
{
    network_end(&x->network);
    return text_end(&x->text, r, e);
}
