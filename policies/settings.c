/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/settings.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIER_EDGE = 1 };
static const double UNBOUNDED = 1e9; /* what is asked for where a parameter has no bound */

static const char *const tier_word[] = {"end", "edge", "cloud"};

/* Where in the vectors a setting stands. */
static uint32_t at_use(const struct settings *s, uint32_t ctl, uint32_t site)
{
    return ctl * s->n_site + site;
}

static uint32_t at_admit(const struct settings *s, uint32_t ctl)
{
    return s->n_ctl * s->n_site + ctl;
}

static uint32_t at_param(const struct settings *s, uint32_t param)
{
    return s->n_ctl * (s->n_site + 1) + param;
}

void settings_clear(struct settings *s)
{
    free(s->site);
    free(s->ctl);
    free(s->param);
    free(s->row);
    free(s->slot);
    free(s->name);
    free(s->holds);
    free(s->wish);
    free(s->other);
}

static uint32_t site_at(const struct settings *s, ts_id node)
{
    uint32_t i = 0;
    while (i < s->n_site && s->site[i].node != node) {
        i++;
    }
    return i < s->n_site ? i : TS_NONE;
}

static void find_sites(struct settings *s, const struct ts_view *v)
{
    for (ts_id p = 0; p < v->n_place; p++) {
        const ts_id node = (ts_id)ts_known(v, TS_NODE, p);
        const double tier = ts_known(v, TS_TIER, p);
        if (tier >= TIER_EDGE && site_at(s, node) == TS_NONE) {
            s->site[s->n_site++] = (struct settings_site){.node = node, .own_of = TS_NONE, .tier = tier};
        }
        const uint32_t i = site_at(s, node);
        if (i != TS_NONE) {
            s->site[i].cores += ts_known(v, TS_UNITS, p);
        }
    }
}

static void add_slot(struct settings *s, const char *what, uint32_t number, struct ts_slot slot)
{
    char *name = s->name[s->n_slot];
    snprintf(name, SETTINGS_NAME, number ? "%s%u" : "%s", what, number);
    slot.name = name;
    s->slot[s->n_slot++] = slot;
}

static void add_param_slot(struct settings *s, const struct ts_param *q)
{
    char name[SETTINGS_NAME] = "param_";
    snprintf(name + 6, sizeof name - 6, "%s", q->key);
    for (char *c = name; *c; c++) {
        *c = *c == '.' ? '_' : *c;
    }
    add_slot(s, name, 0, (struct ts_slot){.min = fmax(q->min, -UNBOUNDED), .max = fmin(q->max, UNBOUNDED),
                                          .flags = q->flags & TS_WHOLE});
}

int settings_open(struct settings *s, const struct ts_host *h, const struct ts_view *v)
{
    struct ts_param q;
    ts_id node;
    double value;
    while (h->below(h->ctx, s->n_ctl, &(ts_id){0}, &node) == 0) {
        s->n_ctl++;
    }
    if (s->n_ctl == 0) {
        return 0;
    }
    while (h->param_at(h->ctx, s->n_param, &q, &value) >= 0) {
        s->n_param++;
    }
    s->site = calloc(v->n_place + 1u, sizeof *s->site);
    s->ctl = calloc(s->n_ctl, sizeof *s->ctl);
    s->param = calloc(s->n_param + 1u, sizeof *s->param);
    s->row = calloc(s->n_param + 1u, sizeof *s->row);
    if (!s->site || !s->ctl || !s->param || !s->row) {
        return h->fail(h->ctx, "out of memory for %u controllers", s->n_ctl);
    }
    find_sites(s, v);
    const uint32_t n_slot = s->n_site + s->n_ctl + s->n_param;
    if (n_slot > SETTINGS_MOST) {
        return h->fail(h->ctx, "%u sites, %u controllers and %u parameters would be set, wanted at most %d in all", s->n_site,
                       s->n_ctl, s->n_param, SETTINGS_MOST);
    }
    s->n = at_param(s, s->n_param);
    s->slot = calloc(n_slot, sizeof *s->slot);
    s->name = calloc(n_slot, sizeof *s->name);
    s->holds = calloc(s->n, sizeof *s->holds);
    s->wish = calloc(s->n, sizeof *s->wish);
    s->other = calloc(s->n, sizeof *s->other);
    if (!s->slot || !s->name || !s->holds || !s->wish || !s->other) {
        return h->fail(h->ctx, "out of memory for %u settings", s->n);
    }
    for (uint32_t i = 0; i < at_param(s, 0); i++) {
        s->holds[i] = 1; /* all may be used, all is admitted */
    }
    for (uint32_t k = 0; k < s->n_ctl; k++) {
        h->below(h->ctx, k, &s->ctl[k], &node);
        if (site_at(s, node) != TS_NONE) {
            s->site[site_at(s, node)].own_of = k;
        }
    }
    for (uint32_t i = 0; i < s->n_site; i++) {
        add_slot(s, "offer", i + 1, (struct ts_slot){.max = s->n_ctl + 1, .flags = TS_WHOLE});
    }
    for (uint32_t k = 0; k < s->n_ctl; k++) {
        add_slot(s, "admit", k + 1, (struct ts_slot){.max = 100, .flags = TS_WHOLE});
    }
    for (uint32_t i = 0; i < s->n_param; i++) {
        s->row[i] = (ts_id)h->param_at(h->ctx, i, &s->param[i], &s->holds[at_param(s, i)]);
        add_param_slot(s, &s->param[i]);
    }
    memcpy(s->wish, s->holds, s->n * sizeof *s->holds);
    memcpy(s->other, s->holds, s->n * sizeof *s->holds);
    return 0;
}

static void look(struct settings *s, const struct ts_view *v)
{
    for (uint32_t i = 0; i < s->n_site; i++) {
        s->site[i].busy = s->site[i].waiting = 0;
    }
    for (ts_id p = 0; p < v->n_place; p++) {
        const uint32_t i = site_at(s, (ts_id)ts_known(v, TS_NODE, p));
        if (i != TS_NONE) {
            s->site[i].busy += ts_known(v, TS_BUSY, p);
            s->site[i].waiting += ts_known(v, TS_QUEUED, p);
        }
    }
}

/* Whom a site is offered to, as it holds: the number that a slot has for it. */
static uint32_t offered_to(const struct settings *s, uint32_t site)
{
    uint32_t n = 0, of = 0, last = 0;
    for (uint32_t k = 0; k < s->n_ctl; k++) {
        const bool other = s->site[site].own_of != k, may = s->holds[at_use(s, k, site)] > 0;
        of += other ? 1 : 0;
        n += other && may ? 1 : 0;
        last = other && may ? k + 1 : last;
    }
    return n == of ? s->n_ctl + 1 : last;
}

/* What a slot would have to be for all to stay. */
static double present(const struct settings *s, uint32_t slot)
{
    return slot < s->n_site              ? offered_to(s, slot)
           : slot < s->n_site + s->n_ctl ? floor(100 * s->holds[at_admit(s, slot - s->n_site)] + 0.5)
                                         : s->holds[at_param(s, slot - s->n_site - s->n_ctl)];
}

static void wish(struct settings *s, const double *value)
{
    for (uint32_t k = 0; k < s->n_ctl; k++) {
        for (uint32_t i = 0; i < s->n_site; i++) {
            s->wish[at_use(s, k, i)] = s->site[i].own_of == k || value[i] == k + 1 || value[i] == s->n_ctl + 1;
        }
        s->wish[at_admit(s, k)] = value[s->n_site + k] / 100;
    }
    for (uint32_t i = 0; i < s->n_param; i++) {
        s->wish[at_param(s, i)] = value[s->n_site + s->n_ctl + i];
    }
}

/* Figures have three digits: the model needs no more, and like situations give the very same prompt. */
static void tell_sites(const struct settings *s, FILE *f)
{
    for (uint32_t i = 0; i < s->n_site; i++) {
        const struct settings_site *site = &s->site[i];
        fprintf(f, "%ss%u: tier=%s own_of=%u cores=%.3g busy=%.3g waiting=%.3g load=%.3g offered_to=%u", i ? "\n" : "", i + 1,
                site->tier < 3 ? tier_word[(int)site->tier] : "other", site->own_of == TS_NONE ? 0 : site->own_of + 1, site->cores,
                site->busy, site->waiting, (site->busy + site->waiting) / site->cores, offered_to(s, i));
    }
}

static void tell_controllers(const struct settings *s, FILE *f)
{
    for (uint32_t k = 0; k < s->n_ctl; k++) {
        fprintf(f, "%sc%u: admit=%.3g", k ? "\n" : "", k + 1, present(s, s->n_site + k));
    }
}

static void tell_params(const struct settings *s, FILE *f)
{
    for (uint32_t i = 0; i < s->n_param; i++) {
        const struct ts_param *q = &s->param[i];
        const uint32_t slot = s->n_site + s->n_ctl + i;
        fprintf(f, "%s%s: now=%.3g from=%.3g to=%.3g", i ? "\n" : "", s->slot[slot].name, present(s, slot), s->slot[slot].min,
                s->slot[slot].max);
        for (uint32_t w = 0; q->word && q->word[w]; w++) {
            fprintf(f, " %u=%s", w, q->word[w]);
        }
        fprintf(f, " (%s%s%s)", q->about ? q->about : "", q->unit && q->unit[0] ? ", " : "", q->unit ? q->unit : "");
    }
}

static void tell_present(const struct settings *s, FILE *f)
{
    for (uint32_t i = 0; i < s->n_slot; i++) {
        fprintf(f, "%s\"%s\": %.3g", i ? ", " : "{", s->slot[i].name, present(s, i));
    }
    fputs("}", f);
}

/* What a function tells, to be freed; NULL: out of memory. */
static char *told(const struct settings *s, void (*tell)(const struct settings *s, FILE *f))
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    if (!f) {
        return NULL;
    }
    tell(s, f);
    if (fclose(f)) {
        free(text);
        return NULL;
    }
    return text;
}

int settings_ask(struct settings *s, const struct ts_host *h, const struct ts_view *v, const struct ts_prompt *prompt,
                 double period_s, struct ts_said *said)
{
    char period[32], all[16];
    double *value = said ? calloc(s->n_slot, sizeof *value) : NULL;
    look(s, v);
    snprintf(period, sizeof period, "%.3g", period_s);
    snprintf(all, sizeof all, "%u", s->n_ctl + 1);
    char *const text[] = {told(s, tell_sites), told(s, tell_controllers), told(s, tell_params), told(s, tell_present)};
    const struct ts_blank blank[] = {{"sites", text[0]}, {"controllers", text[1]}, {"parameters", text[2]},
                                     {"example", text[3]}, {"period_s", period},   {"all", all}};
    struct ts_prompt q = *prompt;
    q.blank = blank;
    q.n_blank = sizeof blank / sizeof *blank;
    q.slot = s->slot;
    q.n_slot = s->n_slot;
    int rc = (value || !said) && text[0] && text[1] && text[2] && text[3]
                 ? h->consult(h->ctx, &q, value, said)
                 : h->fail(h->ctx, "out of memory to ask for %u settings", s->n_slot);
    if (rc == 0 && said && said->status == TS_S_FINE) {
        wish(s, value);
    }
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        free(text[i]);
    }
    free(value);
    return rc;
}

static uint32_t ctl_row(const struct settings *s, ts_id ctl)
{
    uint32_t k = 0;
    while (k < s->n_ctl && s->ctl[k] != ctl) {
        k++;
    }
    return k;
}

void settings_note(struct settings *s, struct ts_plan *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        const struct ts_step *step = &p->step[i];
        for (uint32_t k = 0; k < s->n_ctl; k++) {
            const uint32_t site = step->knob == TS_K_ALLOW ? site_at(s, step->task) : TS_NONE;
            if (step->place != TS_NONE && ctl_row(s, step->place) != k) {
                continue;
            }
            if (site != TS_NONE) {
                s->other[at_use(s, k, site)] = step->value;
            } else if (step->knob == TS_K_ADMIT) {
                s->other[at_admit(s, k)] = step->value;
            }
        }
    }
    memset(p->step, 0, p->n * sizeof *p->step);
    p->n = 0;
}

void settings_wish_other(struct settings *s)
{
    memcpy(s->wish, s->other, s->n * sizeof *s->wish);
}

static int send(struct settings *s, uint32_t at, const struct ts_host *h, struct ts_plan *p, ts_id ctl, uint32_t knob, ts_id what)
{
    if (s->wish[at] == s->holds[at]) {
        return 0;
    }
    if (p->n == p->cap && h->more(h->ctx, p, 2 * p->cap + 1) < 0) {
        return h->fail(h->ctx, "no room for %u steps", p->n + 1);
    }
    struct ts_step *step = &p->step[p->n++];
    step->verb = TS_SET;
    step->place = ctl;
    step->knob = knob;
    step->task = what;
    step->value = s->holds[at] = s->wish[at];
    return 0;
}

int settings_send(struct settings *s, const struct ts_host *h, struct ts_plan *p)
{
    int rc = 0;
    for (uint32_t k = 0; k < s->n_ctl && !rc; k++) {
        for (uint32_t i = 0; i < s->n_site && !rc; i++) {
            rc = send(s, at_use(s, k, i), h, p, s->ctl[k], TS_K_ALLOW, s->site[i].node);
        }
        rc = rc ? rc : send(s, at_admit(s, k), h, p, s->ctl[k], TS_K_ADMIT, 0);
    }
    for (uint32_t i = 0; i < s->n_param && !rc; i++) {
        rc = send(s, at_param(s, i), h, p, TS_NONE, TS_K_PARAM, s->row[i]);
    }
    return rc;
}
