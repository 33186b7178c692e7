/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * upper.c - two levels (SEMANTICS 5.1.10): a slow controller is asked at the multiples of its period, and what it sets at the
 * fast ones that it is over travels there as messages, one for each setting and controller, and holds from its arrival on, before
 * any decision of that instant.  Places that a fast one may use from then on, or no more, have come or gone for it (TS_CHANGED).
 *
 * What a controller may use and what it admits is gone by here, whatever its policy; a parameter lies in the policy's state,
 * which the driver owns (RUN_SETTING).  Admission compares a variate of the job with the share: who is admitted at some share
 * is so at any greater one.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/policy/check.h"
#include "sim/run/control.h"

#define SET_ENTITY 0x7EAC0002u /* of draws about a setting on its way; its member is the controller */
#define MAX_MEMBER (UINT32_C(1) << 24)

/* The slow one that is nearest to a fast one, the first of equals; ROW_NONE if no way leads there. */
static uint32_t nearest(const struct run *r, uint32_t ctl)
{
    const struct run_control *c = r->control;
    const struct stand at = c->ctl[ctl].at;
    uint32_t best = ROW_NONE;
    double best_s = INFINITY;
    for (uint32_t k = c->n_fast; k < c->n_ctl; k++) {
        const struct stand from = c->ctl[k].at;
        double s = from.node == ROW_NONE || at.node == ROW_NONE || from.node == at.node ? 0
                   : from.core == ROW_NONE || at.core == ROW_NONE                       ? INFINITY
                                                                                        : control_distance_s(r->s, from.core, at);
        if (s < best_s) {
            best_s = s;
            best = k;
        }
    }
    return best;
}

static int find_over(struct run *r, struct err *e)
{
    struct run_control *c = r->control;
    if (!(c->over_of = malloc((c->n_fast + 1u) * sizeof *c->over_of))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u controllers", c->n_ctl);
    }
    for (uint32_t k = 0; k < c->n_fast; k++) {
        c->over_of[k] = nearest(r, k);
        if (c->over_of[k] == ROW_NONE) {
            return ERR_SET(e, ERR_INPUT, "policy %s: no way leads from a member of %s to controller %u, which it is over",
                           r->spec.spec->label, r->s->group[c->spec->over->control.group].name, k);
        }
    }
    return 0;
}

static void beat(struct run *r)
{
    post(r, (double)r->control->n_round * r->control->spec->every_s, EV_TICK, EK_SLOW, 0);
    r->n_alone++;
}

int upper_create(struct run *r, struct err *e)
{
    struct run_control *c = r->control;
    const struct control *spec = &c->spec->over->control;
    if (!r->spec.over) {
        return ERR_SET(e, ERR_INPUT, "policy %s has %s over it, which nobody asks here: wanted one level", r->spec.spec->label,
                       c->spec->over->policy);
    }
    controllers_stand(r, c->n_fast, c->n_ctl - c->n_fast, spec);
    c->n_level = N_CONTROL_LEVEL;
    c->outlook[LEVEL_SLOW] = (struct outlook){.spec = spec, .first_ctl = c->n_fast, .n_ctl = c->n_ctl - c->n_fast};
    int rc = find_over(r, e);
    if (!rc && !r->ask_cand && !(r->ask_cand = calloc(r->n_cand_max + 1u, sizeof *r->ask_cand))) {
        rc = ERR_SET(e, ERR_MEMORY, "out of memory for candidates");
    }
    c->below = (struct plan_below){.policy = r->spec.policy, .n = c->n_fast, .over_of = c->over_of, .n_node = r->s->n_node};
    c->checker = (struct plan_checker){.policy = r->spec.over, .can = PLAN_CAN_SET | PLAN_CAN_THINK, .below = &c->below};
    beat(r);
    return rc;
}

void upper_free(struct run *r)
{
    struct run_control *c = r->control;
    for (uint32_t k = 0; c->ctl && k < c->n_ctl; k++) {
        free(c->ctl[k].barred);
    }
    plan_checker_clear(&c->checker);
    free(c->over_of);
    free(c->setting);
}

void upper_tick(struct run *r)
{
    struct run_control *c = r->control;
    r->n_alone--;
    c->n_round++;
    for (uint32_t ctl = c->n_fast; ctl < c->n_ctl; ctl++) {
        controller_ask(r, ctl, TS_TICK);
    }
    if (run_goes_on(r)) {
        beat(r);
    }
}

/* One step for one controller. */
static int decide(struct run *r, struct controller *k, uint32_t *last, const struct ts_step *step, uint32_t ctl, struct err *e)
{
    struct run_control *c = r->control;
    if (c->free_setting == ROW_NONE && !slab_grow((void **)&c->setting, &c->n_setting, sizeof *c->setting,
                                                  offsetof(struct setting, next), &c->free_setting)) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for settings");
    }
    const uint32_t row = c->free_setting;
    c->free_setting = c->setting[row].next;
    c->setting[row] = (struct setting){.ctl = ctl, .next = ROW_NONE, .knob = step->knob, .what = step->task,
                                       .value = step->value, .asked_s = r->now_s};
    if (*last == ROW_NONE) {
        k->first_setting = row;
    } else {
        c->setting[*last].next = row;
    }
    *last = row;
    return 0;
}

int upper_answer(struct run *r, const struct ts_plan *p, struct err *e)
{
    struct run_control *c = r->control;
    uint32_t last = ROW_NONE;
    int rc = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct ts_step *step = &p->step[i];
        for (uint32_t ctl = 0; ctl < c->n_fast && !rc; ctl++) {
            if (c->over_of[ctl] == c->asking && (step->place == TS_NONE || step->place == ctl)) {
                rc = decide(r, &c->ctl[c->asking], &last, step, ctl, e);
            }
        }
    }
    return rc;
}

void upper_thought(struct run *r, uint32_t ctl)
{
    struct run_control *c = r->control;
    uint32_t row = c->ctl[ctl].first_setting;
    c->ctl[ctl].first_setting = ROW_NONE;
    while (row != ROW_NONE) {
        const uint32_t to = c->setting[row].ctl, next = c->setting[row].next;
        const struct message m = {.kind = MESSAGE_SET, .ctl = to, .about = row, .entity = SET_ENTITY, .member = to % MAX_MEMBER,
                                  .index = c->n_set++};
        message_send(r, &m, c->ctl[ctl].at, c->ctl[to].at);
        row = next;
    }
}

void upper_set(struct run *r, const struct message *m)
{
    post(r, r->now_s, EV_NEWS, EK_SET, m->about);
}

static void emit_set(struct run *r, const struct setting *s)
{
    emit_raw(r, (struct transition){.time_s = r->now_s,
                                    .a = s->value,
                                    .b = s->asked_s,
                                    .number = (uint64_t)s->knob << 32 | s->what,
                                    .way = transition_way(ROW_NONE, r->control->ctl[s->ctl].at.node),
                                    .what = transition_what(TR_SET, 0, 0, s->ctl)});
}

static void bar(struct run *r, const struct setting *s)
{
    struct controller *k = &r->control->ctl[s->ctl];
    if (!k->barred && !(k->barred = calloc(r->s->n_node, 1))) {
        run_fail(r, "out of memory for the sites that a controller may use");
        return;
    }
    const bool was = k->barred[s->what];
    k->barred[s->what] = s->value == 0;
    if (was != k->barred[s->what]) {
        controller_ask(r, s->ctl, TS_CHANGED);
    }
}

bool upper_holds(struct run *r, uint32_t setting)
{
    struct run_control *c = r->control;
    const struct setting s = c->setting[setting];
    c->setting[setting].next = c->free_setting;
    c->free_setting = setting;
    emit_set(r, &s);
    if (s.knob == TS_K_ALLOW) {
        bar(r, &s);
    } else if (s.knob == TS_K_ADMIT) {
        c->ctl[s.ctl].admits = s.value;
    } else {
        c->holds = (struct run_setting){.ctl = s.ctl, .param = s.what, .value = s.value};
        return true;
    }
    return false;
}

uint32_t upper_allowed(const struct run *r, uint32_t ctl, const ts_id *from, uint32_t n, ts_id *to)
{
    const uint8_t *barred = r->control->ctl[ctl].barred;
    uint32_t left = 0;
    for (uint32_t k = 0; k < n; k++) {
        const ts_id place = from[k];
        to[left] = place;
        left += !barred || !barred[r->place[place].node];
    }
    return left;
}

bool upper_admits(const struct run *r, uint32_t ctl, const struct job *j)
{
    const double share = r->control->ctl[ctl].admits;
    const struct workload *load = &r->s->workload[j->workload];
    const struct draw_at at = {{(uint32_t)r->spec.seed, r->spec.replication}, load->entity,
                               load->n_source > 1 ? j->source - load->first_source : 0, j->number, DRAW_ADMIT, 0};
    return share >= 1 || draw_uniform(&at, 0) < share;
}
