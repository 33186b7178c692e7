/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/story.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/experiment/services.h"
#include "sim/io/scenario_sample.h"
#include "sim/run/drive.h"

static void keep_question(struct story *st, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t,
                          const struct ts_step *step)
{
    struct story_question *grown = realloc(st->question, (st->n_question + 1u) * sizeof *grown);
    if (!grown) {
        return;
    }
    st->question = grown;
    struct story_question *q = &grown[st->n_question++];
    *q = (struct story_question){.now_s = v->now_s, .task = *t, .why = a->why, .verb = step->verb, .place = step->place,
                                 .not_before_s = step->not_before_s, .ctl = v->ctl};
    q->candidate = calloc(t->n_cand + 1u, sizeof *q->candidate);
    q->n_candidate = q->candidate ? t->n_cand : 0;
    for (uint32_t k = 0; k < q->n_candidate; k++) {
        struct story_candidate *c = &q->candidate[k];
        c->place = ts_candidate(a, t, k);
        for (unsigned e = 0; e < TS_N_EST; e++) {
            c->est[e] = a->est[e] ? ts_estimate(a, t, k, e) : NAN;
        }
        c->busy = v->col[TS_BUSY] ? v->col[TS_BUSY][c->place] : NAN;
        c->queued = v->col[TS_QUEUED] ? v->col[TS_QUEUED][c->place] : NAN;
        c->work_s = v->col[TS_WORK_S] ? v->col[TS_WORK_S][c->place] : NAN;
    }
}

static void hear_question(void *ctx, const struct ts_view *v, const struct ts_ask *a, const struct ts_plan *p)
{
    struct story *st = ctx;
    for (uint32_t i = 0; i < a->n_task; i++) {
        if (a->task[i].job != st->job) {
            continue;
        }
        for (uint32_t k = 0; k < p->n; k++) {
            if (p->step[k].task == i) {
                keep_question(st, v, a, &a->task[i], &p->step[k]);
            }
        }
    }
}

static void keep_transition(struct transition **list, uint32_t *n, const struct transition *t)
{
    struct transition *grown = realloc(*list, (*n + 1u) * sizeof *grown);
    if (grown) {
        *list = grown;
        grown[(*n)++] = *t;
    }
}

static void hear_transitions(void *ctx, const struct transition *t, size_t n)
{
    struct story *st = ctx;
    for (size_t i = 0; i < n; i++, t++) {
        if (t->kind == TR_RELEASE && st->n_release++ == st->job) {
            st->found = true;
            st->source = t->source;
            st->number = t->number;
        } else if (t->kind == TR_SET && st->found && !st->ended) {
            keep_transition(&st->setting, &st->n_setting, t);
        }
        /* Numbers of these are other things'; the loop of a job is not its way. */
        const bool is_control = t->kind == TR_WINDOW || t->kind == TR_LOOP || t->kind == TR_EXPOSE || t->kind >= TR_SEND;
        if (st->found && !is_control && t->number == st->number && t->source == st->source) {
            st->ended |= t->part == 0 && (t->kind == TR_END || t->kind == TR_CLOSE);
            keep_transition(&st->step, &st->n_step, t);
        }
    }
}

int story_tell(struct story *st, const struct scenario *s, const struct policy_set *set, uint32_t policy,
               const struct run_options *o, struct err *e)
{
    const struct policy_spec *spec = &s->experiment.policy[policy];
    *st = (struct story){.job = o->explain_job, .label = spec->label};
    st->policy = policy_set_find(set, spec->policy, s->file, spec->line, spec->column, e);
    const struct ts_policy *over = NULL;
    if (!st->policy || policy_set_find_over(set, spec, s->file, &over, e) < 0) {
        return -(int)e->code;
    }
    struct services services;
    struct services_session session;
    struct scenario drawn = {0};
    struct run_spec run = {.spec = spec, .policy = st->policy, .over = over, .seed = s->experiment.seed,
                           .tie_seed = o->has_tie_seed ? o->tie_seed : 0, .full = hear_transitions, .ctx = st};
    int rc = services_open(&services, s, NULL, e);
    rc = rc ? rc : scenario_of_replication(&run.scenario, &drawn, s, run.seed, run.replication, e);
    run.spec = rc ? spec : &run.scenario->experiment.policy[policy];
    rc = rc || !policy_asks(st->policy, over) ? rc : text_prepare(services.text, spec, e);
    services_begin(&session, &services, &run);
    const struct drive_watch watch = {.asked = hear_question, .ctx = st};
    struct run_counts counts;
    rc = rc ? rc : drive(&run, s->file, &watch, &counts, e);
    services_end(&session, NULL, e);
    services_close(&services);
    scenario_free(&drawn);
    if (!rc && !st->found) {
        rc = ERR_SET(e, ERR_INPUT, "--explain-job %llu: found only %llu jobs, wanted a number below that",
                     (unsigned long long)st->job, (unsigned long long)st->n_release);
    }
    return rc;
}

void story_clear(struct story *st)
{
    for (uint32_t i = 0; i < st->n_question; i++) {
        free(st->question[i].candidate);
    }
    free(st->question);
    free(st->step);
    free(st->setting);
    *st = (struct story){0};
}
