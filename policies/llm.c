/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * llm - a language model guides the placement, in one of these ways (`use`):
 *
 *   score    the model rates the candidates of each job, and the job goes where the rating is highest.  The job waits for it.
 *   weights  two levels: a fast rule places each job where a weighted cost of time, load and energy is least and turns away
 *            what would be too late; every `period` the model sets its weights and its admission.  They hold from when the
 *            answer is there, jobs do not wait.
 *   settings two levels with any fast policy below (`over:` of its controller): every `period` the model is shown the sites and
 *            sets whom each is offered to, what share of the jobs each controller admits, and the parameters of the fast policy
 *            (settings.h).  While it thinks, its controller is busy; then the settings travel.
 *   watch    jobs follow a plan, fixed shares of the places; every `period` the model looks at what was seen and at what is
 *            usual, and if it calls for it a new plan is made when its answer is there.
 *
 * Where no answer is to be had (late, cut off, not what was asked for) the policy `fallback` decides: of that job, or until an
 * answer comes.  Of settings, two_level decides if it is named, by what it would have set until then; others leave them as they
 * are.  Models are a section of the scenario; the default answers by rules of the program.  Costs in `weights` are
 * relative to the least among the candidates, so the weights have no unit; a plan's share of a place is 1 / t^2 of the time t
 * in which the first job that meets the plan would be done there.
 *
 * Source: ours; for language models that schedule see Wu et al., NetLLM, ACM SIGCOMM 2024.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "policies/builtin.h"
#include "policies/delegate.h"
#include "policies/pick.h"
#include "policies/settings.h"

enum { USE_SCORE, USE_WEIGHTS, USE_WATCH, USE_SETTINGS };
enum { CANDIDATES = 16, OTHER_DOUBLES = 16, TIER_EDGE = 1 };

static const char *const use_word[] = {"score", "weights", "watch", "settings", NULL};

/* Who may stand in: rules that learn nothing. */
static const struct ts_policy *const fallback[] = {&policy_mct,          &policy_jsq,   &policy_least_work, &policy_local,
                                                   &policy_nearest_edge, &policy_cloud, &policy_two_level};
static const char *const fallback_word[] = {"mct", "jsq", "least_work", "local", "nearest_edge", "cloud", "two_level", NULL};

/* The templates, as scenarios/prompts has them. */
static const char score_form[] =
#include "scenarios/prompts/score.txt.inc"
    ;
static const char weights_form[] =
#include "scenarios/prompts/weights.txt.inc"
    ;
static const char watch_form[] =
#include "scenarios/prompts/watch.txt.inc"
    ;
static const char settings_form[] =
#include "scenarios/prompts/settings.txt.inc"
    ;

enum { W_TIME, W_LOAD, W_ENERGY, W_ADMIT, N_WEIGHT };

/* What was seen in a period. */
struct seen {
    double from_s, arrived, ended, late, latency_s;
};

/* The same as rates; what is usual is their moving average. */
struct rates {
    double arrivals_hz, latency_s, late, busy;
};

struct llm {
    double use, fallback, period_s, candidates; /* parameters */
    double other[OTHER_DOUBLES];                /* state of the fallback */
    double heed_from_s;                         /* when the last answer is there; INFINITY: none is under way */
    bool guided, guides_next;                   /* the model's word holds: now, and from then on */
    double weight[N_WEIGHT], next_weight[N_WEIGHT];
    bool replan;
    double *share; /* [n_place] of the plan, 0: not met yet */
    uint32_t n_place;
    struct seen seen;
    struct rates usual;
    bool knows_usual;
    struct settings set; /* of those below */
};

static const struct ts_param llm_param[] = {
    {.key = "use",
     .about = "what the model does: rate the candidates, set weights, watch, or set the controllers below",
     .max = USE_SETTINGS,
     .offset = offsetof(struct llm, use),
     .flags = TS_WHOLE | TS_FIXED,
     .word = use_word},
    {.key = "fallback",
     .about = "who decides where no answer is to be had",
     .max = sizeof fallback / sizeof fallback[0] - 1,
     .offset = offsetof(struct llm, fallback),
     .flags = TS_WHOLE | TS_FIXED,
     .word = fallback_word},
    {.key = "period",
     .unit = "s",
     .about = "weights, watch, settings: from one question to the next",
     .dflt = 10,
     .min = 1e-3,
     .max = 86400,
     .offset = offsetof(struct llm, period_s)},
    {.key = "candidates",
     .about = "score: the model is shown the so many that would finish first",
     .dflt = 8,
     .min = 2,
     .max = CANDIDATES,
     .offset = offsetof(struct llm, candidates),
     .flags = TS_WHOLE},
    {0},
};

#define WHOLE(name, low, high)                                                                                         \
    {                                                                                                                  \
        name, low, high, TS_WHOLE                                                                                      \
    }
static const struct ts_slot score_slot[CANDIDATES] = {
    WHOLE("p0", 0, 100),  WHOLE("p1", 0, 100),  WHOLE("p2", 0, 100),  WHOLE("p3", 0, 100),
    WHOLE("p4", 0, 100),  WHOLE("p5", 0, 100),  WHOLE("p6", 0, 100),  WHOLE("p7", 0, 100),
    WHOLE("p8", 0, 100),  WHOLE("p9", 0, 100),  WHOLE("p10", 0, 100), WHOLE("p11", 0, 100),
    WHOLE("p12", 0, 100), WHOLE("p13", 0, 100), WHOLE("p14", 0, 100), WHOLE("p15", 0, 100)};
static const struct ts_slot weights_slot[N_WEIGHT] = {[W_TIME] = WHOLE("time", 0, 100),
                                                      [W_LOAD] = WHOLE("load", 0, 100),
                                                      [W_ENERGY] = WHOLE("energy", 0, 100),
                                                      [W_ADMIT] = WHOLE("admit", 50, 1000)};
enum { O_ANOMALY, O_REPLAN, N_WATCH };
static const struct ts_slot watch_slot[N_WATCH] = {[O_ANOMALY] = WHOLE("anomaly", 0, 1),
                                                   [O_REPLAN] = WHOLE("replan", 0, 1)};

static const struct ts_prompt settings_prompt = {.size = sizeof settings_prompt, .use = "settings", .form = settings_form};

/* Places that are offered, best first by their finish. */
struct offer {
    uint32_t n;
    ts_id place[CANDIDATES];
    uint32_t k[CANDIDATES];
    double finish_s[CANDIDATES];
};

static struct offer make_offer(const struct llm *llm, const struct ts_view *v, const struct ts_ask *a,
                               const struct ts_task *t)
{
    struct offer o = {.n = 0};
    uint32_t most = (uint32_t)llm->candidates;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        double finish_s = pick_finish_s(v, a, t, k);
        if (!ts_up(v, place) || !(finish_s < INFINITY) || (o.n == most && !(finish_s < o.finish_s[most - 1]))) {
            continue;
        }
        uint32_t i = o.n < most ? o.n++ : most - 1;
        for (; i > 0 && finish_s < o.finish_s[i - 1]; i--) {
            o.place[i] = o.place[i - 1];
            o.k[i] = o.k[i - 1];
            o.finish_s[i] = o.finish_s[i - 1];
        }
        o.place[i] = place;
        o.k[i] = k;
        o.finish_s[i] = finish_s;
    }
    return o;
}

static double energy_j(const struct ts_ask *a, const struct ts_task *t, uint32_t k)
{
    return ts_estimate(a, t, k, TS_RUN_J) + ts_estimate(a, t, k, TS_NET_J);
}

/* Figures have three digits: the model needs no more, and like situations give the very same prompt. */
static size_t put(char *buf, size_t n, size_t at, const char *name, double x)
{
    int used = isfinite(x) ? snprintf(buf + at, n - at, " %s=%.3g", name, x) : 0;
    return at + (size_t)used < n ? at + (size_t)used : n - 1;
}

/* The prompt of the use with these blanks, and its numbers into value (NULL: only looked at). */
static int consult(const struct ts_host *h, const char *use, const char *form, const struct ts_blank *blank,
                   uint32_t n_blank, const struct ts_slot *slot, uint32_t n_slot, double *value, struct ts_said *said)
{
    const struct ts_prompt q = {.size = sizeof q, .n_blank = n_blank, .n_slot = n_slot, .use = use, .form = form,
                                .blank = blank, .slot = slot};
    return h->consult(h->ctx, &q, value, said);
}

/* Ask how good the offered places are. */
static int ask_score(const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t,
                     const struct offer *o, double *value, struct ts_said *said)
{
    static const char *const tier[] = {"end", "edge", "cloud"};
    char job[128] = "job:", places[CANDIDATES * 120] = "", example[CANDIDATES * 12] = "{";
    size_t n = 0, m = 1, j = put(job, sizeof job, 4, "deadline_s", v ? t->deadline_s - v->now_s : NAN);
    put(job, sizeof job, j, "input_mbit", t->in_bits * 1e-6);
    for (uint32_t i = 0; i < o->n; i++) {
        double level = ts_known(v, TS_TIER, o->place[i]);
        n += (size_t)snprintf(places + n, sizeof places - n, "%s%s:", i ? "\n" : "", score_slot[i].name);
        n += (size_t)snprintf(places + n, sizeof places - n, " tier=%s", level < 3 ? tier[(int)level] : "other");
        n = put(places, sizeof places, n, "finish_s", o->finish_s[i]);
        n = put(places, sizeof places, n, "waiting", ts_known(v, TS_QUEUED, o->place[i]));
        n = put(places, sizeof places, n, "energy_j", energy_j(a, t, o->k[i]));
        m += (size_t)snprintf(example + m, sizeof example - m, "%s\"%s\": %d", i ? ", " : "", score_slot[i].name,
                              i ? 40 : 70);
    }
    snprintf(example + m, sizeof example - m, "}");
    const struct ts_blank blank[] = {{"job", job}, {"places", places}, {"example", example}};
    return consult(h, use_word[USE_SCORE], score_form, blank, 3, score_slot, o->n, value, said);
}

static struct rates rates_of(const struct llm *llm, const struct ts_view *v)
{
    const struct seen *seen = &llm->seen;
    double busy = 0, units = 0;
    for (ts_id p = 0; p < v->n_place; p++) {
        bool server = ts_known(v, TS_TIER, p) >= TIER_EDGE;
        busy += server ? ts_known(v, TS_BUSY, p) : 0;
        units += server ? ts_known(v, TS_UNITS, p) : 0;
    }
    return (struct rates){.arrivals_hz = v->now_s > seen->from_s ? seen->arrived / (v->now_s - seen->from_s) : 0,
                          .latency_s = seen->ended > 0 ? seen->latency_s / seen->ended : NAN,
                          .late = seen->ended > 0 ? seen->late / seen->ended : NAN,
                          .busy = units > 0 ? busy / units : NAN};
}

/* "NAME: arrivals_per_s=12 ..." */
static void put_rates(char *buf, size_t n, const char *name, const struct rates *r)
{
    size_t at = (size_t)snprintf(buf, n, "%s:", name);
    at = put(buf, n, at, "arrivals_per_s", r->arrivals_hz);
    at = put(buf, n, at, "latency_s", r->latency_s);
    at = put(buf, n, at, "late", r->late);
    put(buf, n, at, "busy", r->busy);
}

static int ask_weights(const struct llm *llm, const struct ts_host *h, const struct rates *now, double *value,
                       struct ts_said *said)
{
    char system[200], weights[120] = "weights:", period[32];
    size_t at = 8;
    put_rates(system, sizeof system, "system", now);
    for (int i = 0; i < N_WEIGHT; i++) {
        at = put(weights, sizeof weights, at, weights_slot[i].name, llm->weight[i]);
    }
    snprintf(period, sizeof period, "%.3g", llm->period_s);
    const struct ts_blank blank[] = {{"system", system},
                                     {"weights", weights},
                                     {"period_s", period},
                                     {"example", "{\"time\": 100, \"load\": 20, \"energy\": 20, \"admit\": 1000}"}};
    return consult(h, use_word[USE_WEIGHTS], weights_form, blank, 4, weights_slot, N_WEIGHT, value, said);
}

static int ask_watch(const struct llm *llm, const struct ts_host *h, const struct rates *now, double *value,
                     struct ts_said *said)
{
    char line[200], metrics[420], period[32];
    put_rates(line, sizeof line, "now", now);
    int n = snprintf(metrics, sizeof metrics, "%s\n", line);
    put_rates(metrics + n, sizeof metrics - (size_t)n, "usual", llm->knows_usual ? &llm->usual : now);
    snprintf(period, sizeof period, "%.3g", llm->period_s);
    const struct ts_blank blank[] = {{"metrics", metrics}, {"period_s", period},
                                     {"example", "{\"anomaly\": 0, \"replan\": 0}"}};
    return consult(h, use_word[USE_WATCH], watch_form, blank, 3, watch_slot, N_WATCH, value, said);
}

/* Room for a plan of all places. */
static int make_room(struct llm *llm, const struct ts_host *h, const struct ts_view *v)
{
    llm->n_place = v->n_place;
    llm->share = calloc(v->n_place + 1u, sizeof *llm->share);
    return llm->share ? 0 : h->fail(h->ctx, "out of memory for a plan of %u places", v->n_place);
}

static const struct ts_policy *other(const struct llm *llm)
{
    return fallback[(int)llm->fallback];
}

/* Does the scenario's template fit? */
static int check_template(struct llm *llm, const struct ts_host *h, const struct ts_view *v)
{
    const struct offer nothing = {.n = 0};
    const struct ts_task task = {.deadline_s = INFINITY};
    const struct rates none = {NAN, NAN, NAN, NAN};
    switch ((int)llm->use) {
    case USE_SCORE:
        return ask_score(h, v, NULL, &task, &nothing, NULL, NULL);
    case USE_WEIGHTS:
        return ask_weights(llm, h, &none, NULL, NULL);
    case USE_WATCH:
        return ask_watch(llm, h, &none, NULL, NULL);
    default:
        return settings_ask(&llm->set, h, v, &settings_prompt, llm->period_s, NULL);
    }
}

/* Is the use one for where it stands, over others or not? */
static int check_use(const struct llm *llm, const struct ts_host *h)
{
    const char *use = use_word[(int)llm->use];
    if (llm->use == USE_SETTINGS && llm->set.n_ctl == 0) {
        return h->fail(h->ctx, "use is %s, and no controller is below: wanted it in `over:` of another policy", use);
    }
    if (llm->use != USE_SETTINGS && llm->set.n_ctl > 0) {
        return h->fail(h->ctx, "use is %s over other controllers, wanted use: %s", use, use_word[USE_SETTINGS]);
    }
    return 0;
}

static int llm_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    struct llm *llm = st;
    static const double start[N_WEIGHT] = {100, 20, 20, 1000};
    int rc = delegate_init(other(llm), llm->other, sizeof llm->other, h, v);
    memcpy(llm->weight, start, sizeof start);
    llm->heed_from_s = INFINITY;
    llm->guided = llm->use == USE_WATCH; /* the first plan needs no model */
    if (llm->use == USE_SCORE) {
        llm->period_s = 0; /* no clock */
    }
    rc = rc ? rc : settings_open(&llm->set, h, v);
    rc = rc ? rc : check_use(llm, h);
    return rc ? rc : check_template(llm, h, v);
}

static void llm_clear(void *st)
{
    struct llm *llm = st;
    if (other(llm)->clear) {
        other(llm)->clear(llm->other);
    }
    settings_clear(&llm->set);
    free(llm->share);
}

/* The moving average of what is usual; what is not known yet leaves it. */
static void get_used_to(struct llm *llm, const struct rates *now)
{
    const double share = llm->knows_usual ? 0.2 : 1;
    const double was[] = {llm->usual.arrivals_hz, llm->usual.latency_s, llm->usual.late, llm->usual.busy};
    const double is[] = {now->arrivals_hz, now->latency_s, now->late, now->busy};
    double *to[] = {&llm->usual.arrivals_hz, &llm->usual.latency_s, &llm->usual.late, &llm->usual.busy};
    for (int i = 0; i < 4; i++) {
        *to[i] = isnan(is[i]) ? was[i] : isnan(was[i]) ? is[i] : was[i] + share * (is[i] - was[i]);
    }
    llm->knows_usual = true;
}

/* The period is over: ask, unless the last answer is still under way. */
static int tick(struct llm *llm, const struct ts_host *h, const struct ts_view *v)
{
    struct ts_said said = {.size = sizeof said};
    double value[N_WEIGHT] = {0};
    const struct rates now = rates_of(llm, v);
    if (llm->heed_from_s > v->now_s && llm->heed_from_s < INFINITY) {
        return 0;
    }
    int rc = llm->use == USE_WEIGHTS ? ask_weights(llm, h, &now, value, &said) : ask_watch(llm, h, &now, value, &said);
    if (rc) {
        return rc;
    }
    llm->heed_from_s = v->now_s + said.think_s;
    llm->guides_next = said.status == TS_S_FINE;
    memcpy(llm->next_weight, llm->guides_next && llm->use == USE_WEIGHTS ? value : llm->weight, sizeof llm->next_weight);
    llm->replan = llm->guides_next && llm->use == USE_WATCH && value[O_REPLAN] > 0;
    get_used_to(llm, &now);
    llm->seen = (struct seen){.from_s = v->now_s};
    return 0;
}

/* The same for those below.  What two_level would set is noted at every tick, for it sends what changes only. */
static int tick_settings(struct llm *llm, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                         struct ts_plan *p)
{
    const bool goes_along = other(llm) == &policy_two_level;
    struct ts_said said = {.size = sizeof said};
    int rc = goes_along ? policy_two_level.decide(llm->other, h, v, a, p) : 0;
    settings_note(&llm->set, p);
    rc = rc ? rc : settings_ask(&llm->set, h, v, &settings_prompt, llm->period_s, &said);
    if (rc) {
        return rc;
    }
    if (said.status != TS_S_FINE && goes_along) {
        settings_wish_other(&llm->set);
    }
    p->think_s = said.think_s;
    p->tokens = said.tokens_in + said.tokens_out;
    return settings_send(&llm->set, h, p);
}

/* Heed the answer once it is there. */
static void heed(struct llm *llm, double now_s)
{
    if (now_s < llm->heed_from_s) {
        return;
    }
    llm->heed_from_s = INFINITY;
    llm->guided = llm->guides_next;
    memcpy(llm->weight, llm->next_weight, sizeof llm->weight);
    if (llm->replan && llm->share) {
        memset(llm->share, 0, llm->n_place * sizeof *llm->share);
        llm->replan = false;
    }
}

/* The fast rule of `weights`. */
static ts_id weigh(const struct llm *llm, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    double least[3] = {INFINITY, INFINITY, INFINITY}, best = INFINITY, best_s = INFINITY;
    ts_id place = TS_NONE;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t k = 0; k < t->n_cand; k++) {
            ts_id p = ts_candidate(a, t, k);
            const double cost[3] = {pick_finish_s(v, a, t, k), (pick_queue(v, p) + 1) / ts_known(v, TS_UNITS, p),
                                    energy_j(a, t, k)};
            double sum = 0;
            if (!ts_up(v, p) || !(cost[0] < INFINITY)) {
                continue;
            }
            for (int i = 0; i < 3; i++) {
                least[i] = pass == 0 && cost[i] < least[i] ? cost[i] : least[i];
                sum += pass == 1 && least[i] > 0 && isfinite(cost[i]) ? llm->weight[i] * cost[i] / least[i] : 0;
            }
            if (pass == 1 && sum < best) {
                best = sum;
                best_s = cost[0];
                place = p;
            }
        }
    }
    return best_s > (t->deadline_s - v->now_s) * llm->weight[W_ADMIT] / 100 ? TS_NONE : place;
}

/* By the shares of the plan; a place that it has not met yet gets its own now. */
static ts_id follow(const struct llm *llm, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                    const struct ts_task *t)
{
    double sum = 0, upto = 0;
    ts_id last = TS_NONE;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id p = ts_candidate(a, t, k);
        double finish_s = pick_finish_s(v, a, t, k);
        if (llm->share[p] == 0 && ts_up(v, p) && finish_s > 0 && finish_s < INFINITY) {
            llm->share[p] = 1 / (finish_s * finish_s);
        }
        sum += ts_up(v, p) ? llm->share[p] : 0;
    }
    double u = sum > 0 ? h->uniform(h->ctx) * sum : 0;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id p = ts_candidate(a, t, k);
        if (ts_up(v, p) && llm->share[p] > 0) {
            upto += llm->share[p];
            last = p;
            if (u < upto) {
                break;
            }
        }
    }
    return last;
}

/* The model rates the places for one task: *place, or *fine false. */
static int rate(const struct llm *llm, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                const struct ts_task *t, struct ts_plan *p, ts_id *place, bool *fine)
{
    const struct offer o = make_offer(llm, v, a, t);
    struct ts_said said = {.size = sizeof said};
    double value[CANDIDATES] = {0};
    uint32_t best = 0;
    *fine = true;
    *place = o.n ? o.place[0] : TS_NONE;
    if (o.n < 2) {
        return 0;
    }
    int rc = ask_score(h, v, a, t, &o, value, &said);
    for (uint32_t i = 1; i < o.n; i++) {
        best = value[i] > value[best] ? i : best;
    }
    *place = o.place[best];
    *fine = said.status == TS_S_FINE;
    p->think_s = (isnan(p->think_s) ? 0 : p->think_s) + said.think_s;
    p->tokens = (isnan(p->tokens) ? 0 : p->tokens) + said.tokens_in + said.tokens_out;
    return rc;
}

static int llm_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                      struct ts_plan *p)
{
    struct llm *llm = st;
    if (a->why == TS_TICK && a->n_task == 0) {
        return llm->use == USE_SETTINGS ? tick_settings(llm, h, v, a, p) : tick(llm, h, v);
    }
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return -1;
    }
    if (llm->use == USE_WATCH && !llm->share && make_room(llm, h, v)) {
        return -1;
    }
    heed(llm, v->now_s);
    llm->seen.arrived += a->why == TS_ARRIVED ? a->n_task : 0;
    bool guided = llm->use == USE_SCORE || llm->guided;
    for (uint32_t i = 0; i < a->n_task && guided; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        ts_id place = TS_NONE;
        int rc = llm->use == USE_SCORE ? rate(llm, h, v, a, t, p, &place, &guided) : 0;
        if (rc) {
            return rc;
        }
        place = llm->use == USE_WEIGHTS ? weigh(llm, v, a, t) : llm->use == USE_WATCH ? follow(llm, h, v, a, t) : place;
        p->step[i].verb = place == TS_NONE ? TS_REJECT : TS_PLACE;
        p->step[i].task = i;
        p->step[i].place = place;
        p->n = i + 1;
    }
    return guided ? 0 : other(llm)->decide(llm->other, h, v, a, p);
}

static int llm_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    struct seen *seen = &((struct llm *)st)->seen;
    (void)h, (void)v;
    if (o->task != TS_NONE) {
        return 0;
    }
    seen->ended++;
    seen->late += o->end != TS_DONE;
    seen->latency_s += o->ended_s - o->released_s;
    return 0;
}

const struct ts_policy policy_llm = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "llm",
    .about = "a language model rates places, sets weights, watches, or sets other controllers (cf. Wu et al. 2024)",
    .flags = TS_IMPURE,
    .needs = PICK_FINISH_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J,
    .cols = PICK_FINISH_COLS | 1u << TS_NODE | 1u << TS_TIER | 1u << TS_SPEED,
    .triggers = 1u << TS_TICK,
    .state_size = sizeof(struct llm),
    .param_size = sizeof(struct ts_param),
    .param = llm_param,
    .init = llm_init,
    .decide = llm_decide,
    .ended = llm_ended,
    .clear = llm_clear,
    .tick = "period",
};
