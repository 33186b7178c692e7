/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recall.c - a task that was sent is taken back, wherever it is on its way, and asked about again as one that was refused: its
 * patience has run out before its service began.
 */
#include "sim/base/err.h"
#include "sim/run/control.h"

/* Has its service begun?  A task that was pushed aside has. */
static bool has_begun(const struct run *r, const struct job *j, uint32_t row)
{
    if (j->phase != PHASE_SERVED) {
        return j->phase == PHASE_BACK;
    }
    const enum discipline d = r->s->pool[r->place_pool[j->at]].discipline;
    const struct item *item = &r->stations.item[row];
    return d == DISCIPLINE_PS || item->unit != ROW_NONE || item->busy_s > 0;
}

bool run_out_of_patience(struct run *r, uint32_t row)
{
    struct job *j = &r->job[row];
    j->patience = EV_NONE;
    if (has_begun(r, j, row)) {
        return false;
    }
    const struct pulled p = job_pull(r, row);
    if (r->account) {
        r->account[row].waste_j = r->account[row].energy_j;
    }
    if (j->moved) {
        job_stand(r, j);
        j->moved = 0;
    }
    j->at = j->place = ROW_NONE;
    j->wait = EV_NONE;
    j->hop = 0;
    emit(r, TR_RECALL, row, p.from, ROW_NONE, p.a, p.b, 0);
    j->tries++;
    if (r->control) {
        controller_recalls(r, row);
        return false;
    }
    return job_ask(r, row, TS_REFUSED);
}
