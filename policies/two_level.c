/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * two_level - the slow one of two levels: it offers sites to the fast controllers that it is over, and cuts what they admit
 * where there is nothing to offer.  Each fast controller stands at a site of its own, which it may always use.  At every tick
 *
 *     load of a site = (busy + waiting) / cores
 *     a site above `high` lacks (load - high) cores, one below `low` spares (low - load)
 *     of those above `high` who lacks most is offered the nearest spare site, and so on
 *
 * A site is offered to one controller at a time, as resources are in Mesos (Hindman et al., NSDI 2011), so what that one knows
 * of it beside its own jobs is no older than its last report, and no herd meets there.  An offer holds until who has it is below
 * `low`, or no more loaded than what he was offered.  Where something is lacking still, the share that is admitted there is
 * multiplied by `decrease`, else `increase` is added (Welsh, Culler, "Adaptive overload control for busy Internet servers",
 * USITS 2003).  Only what changes is sent.  The cloud is not offered: who reaches it may use it.
 *
 * Asked about a job itself, it sends it where the least work waits.
 */
#include <stdlib.h>

#include "policies/builtin.h"
#include "policies/pick.h"

enum { TIER_EDGE = 1 };

/* A node with processors that can be offered. */
struct site {
    ts_id node, to; /* to: row of who has it on offer, TS_NONE: nobody */
    double units, load, spare;
    uint32_t had;   /* `to` before this tick */
};

/* A controller below. */
struct below {
    ts_id ctl, node;
    uint32_t site; /* its own */
    double lacks, admits;
};

struct two_level {
    double low, high, decrease, increase; /* parameters */
    struct site *site;
    struct below *below;
    uint32_t n_site, n_below;
    int begun;
};

static const struct ts_param two_level_param[] = {
    {.key = "low",
     .about = "tasks per core below which a site has room for others",
     .dflt = 1,
     .max = 100,
     .offset = offsetof(struct two_level, low)},
    {.key = "high",
     .about = "tasks per core above which a site lacks room",
     .dflt = 1,
     .max = 100,
     .offset = offsetof(struct two_level, high)},
    {.key = "decrease",
     .about = "factor of the admitted share where room is lacking still; 1: all is admitted",
     .dflt = 1,
     .min = 0.1,
     .max = 1,
     .offset = offsetof(struct two_level, decrease)},
    {.key = "increase",
     .about = "added to the admitted share elsewhere",
     .dflt = 0.1,
     .min = 0.001,
     .max = 1,
     .offset = offsetof(struct two_level, increase)},
    {0},
};

/* Row of the site at a node. */
static uint32_t site_of(const struct two_level *two, ts_id node)
{
    uint32_t s = 0;
    while (s < two->n_site && two->site[s].node != node) {
        s++;
    }
    return s < two->n_site ? s : TS_NONE;
}

static void two_level_clear(void *st)
{
    struct two_level *two = st;
    free(two->site);
    free(two->below);
}

static int two_level_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    struct two_level *two = st;
    struct below b = {.admits = 1};
    if (two->low > two->high) {
        return h->fail(h->ctx, "low is %g and high %g, wanted low up to high", two->low, two->high);
    }
    while (h->below(h->ctx, two->n_below, &b.ctl, &b.node) == 0) {
        two->n_below++;
    }
    two->site = calloc(v->n_place + 1u, sizeof *two->site);
    two->below = calloc(two->n_below + 1u, sizeof *two->below);
    if (!two->site || !two->below) {
        return h->fail(h->ctx, "out of memory for %u sites", v->n_place);
    }
    for (ts_id p = 0; p < v->n_place; p++) {
        ts_id node = (ts_id)ts_known(v, TS_NODE, p);
        if (ts_known(v, TS_TIER, p) == TIER_EDGE && site_of(two, node) == TS_NONE) {
            two->site[two->n_site++] = (struct site){.node = node, .to = TS_NONE};
        }
        uint32_t s = site_of(two, node);
        if (s != TS_NONE) {
            two->site[s].units += ts_known(v, TS_UNITS, p);
        }
    }
    for (uint32_t k = 0; k < two->n_below; k++) {
        h->below(h->ctx, k, &b.ctl, &b.node);
        b.site = site_of(two, b.node);
        if (b.site == TS_NONE) {
            return h->fail(h->ctx, "controller %u below it is at no server of tier edge: wanted `at:` a group of such", b.ctl);
        }
        two->below[k] = b;
    }
    return 0;
}

/* What the sites have, spare and lack now. */
static void look(struct two_level *two, const struct ts_view *v)
{
    for (uint32_t s = 0; s < two->n_site; s++) {
        double tasks = 0;
        struct site *site = &two->site[s];
        for (ts_id p = 0; p < v->n_place; p++) {
            tasks += (ts_id)ts_known(v, TS_NODE, p) == site->node ? ts_known(v, TS_BUSY, p) + ts_known(v, TS_QUEUED, p) : 0;
        }
        site->load = tasks / site->units;
        site->spare = fmax(0, two->low - site->load) * site->units;
    }
    for (uint32_t k = 0; k < two->n_below; k++) {
        const struct site *own = &two->site[two->below[k].site];
        two->below[k].lacks = (own->load - two->high) * own->units;
    }
}

/* Offers that no longer make sense end; the others go on to help. */
static void keep_offers(struct two_level *two)
{
    for (uint32_t s = 0; s < two->n_site; s++) {
        struct site *site = &two->site[s];
        if (site->to == TS_NONE) {
            continue;
        }
        struct below *has = &two->below[site->to];
        const double load = two->site[has->site].load;
        if (load < two->low || load <= site->load) {
            site->to = TS_NONE;
        } else {
            has->lacks -= site->spare;
        }
    }
}

static uint32_t who_lacks_most(const struct two_level *two)
{
    uint32_t most = TS_NONE;
    for (uint32_t k = 0; k < two->n_below; k++) {
        if (two->site[two->below[k].site].load > two->high && (most == TS_NONE || two->below[k].lacks > two->below[most].lacks)) {
            most = k;
        }
    }
    return most;
}

/* The nearest site with something spare that nobody has. */
static uint32_t nearest_spare(const struct two_level *two, const struct ts_host *h, uint32_t k)
{
    uint32_t best = TS_NONE;
    double best_s = INFINITY, rate_bps, delay_s;
    for (uint32_t s = 0; s < two->n_site; s++) {
        const struct site *site = &two->site[s];
        if (site->to == TS_NONE && site->spare > 0 && s != two->below[k].site &&
            h->path(h->ctx, two->below[k].node, site->node, &rate_bps, &delay_s) == 0 && delay_s < best_s) {
            best = s;
            best_s = delay_s;
        }
    }
    return best;
}

static int set(const struct ts_host *h, struct ts_plan *p, ts_id ctl, uint32_t knob, uint32_t what, double value)
{
    if (p->n == p->cap && h->more(h->ctx, p, 2 * p->cap + 1) < 0) {
        return h->fail(h->ctx, "no room for %u steps", p->n + 1);
    }
    struct ts_step *s = &p->step[p->n++];
    s->verb = TS_SET;
    s->place = ctl;
    s->knob = knob;
    s->task = what;
    s->value = value;
    return 0;
}

/* Everybody may use his own site and no other. */
static int begin(struct two_level *two, const struct ts_host *h, struct ts_plan *p)
{
    int rc = 0;
    for (uint32_t s = 0; s < two->n_site && !rc; s++) {
        for (uint32_t k = 0; k < two->n_below && !rc; k++) {
            rc = two->below[k].site == s ? 0 : set(h, p, two->below[k].ctl, TS_K_ALLOW, two->site[s].node, 0);
        }
    }
    two->begun = 1;
    return rc;
}

static int admit(struct two_level *two, const struct ts_host *h, struct ts_plan *p)
{
    int rc = 0;
    for (uint32_t k = 0; k < two->n_below && !rc; k++) {
        struct below *b = &two->below[k];
        const double was = b->admits;
        b->admits = b->lacks > 0 ? b->admits * two->decrease : fmin(1, b->admits + two->increase);
        rc = b->admits != was ? set(h, p, b->ctl, TS_K_ADMIT, 0, b->admits) : 0;
    }
    return rc;
}

static int tick(struct two_level *two, const struct ts_host *h, const struct ts_view *v, struct ts_plan *p)
{
    look(two, v);
    int rc = two->begun ? 0 : begin(two, h, p);
    for (uint32_t s = 0; s < two->n_site; s++) {
        two->site[s].had = two->site[s].to;
    }
    keep_offers(two);
    for (uint32_t k, s; (k = who_lacks_most(two)) != TS_NONE;) {
        if ((s = nearest_spare(two, h, k)) == TS_NONE) {
            break;
        }
        two->site[s].to = k;
        two->below[k].lacks -= two->site[s].spare;
    }
    for (uint32_t s = 0; s < two->n_site && !rc; s++) {
        const struct site *site = &two->site[s];
        const uint32_t was = site->had;
        if (was != site->to && was != TS_NONE) {
            rc = set(h, p, two->below[was].ctl, TS_K_ALLOW, site->node, 0);
        }
        if (!rc && was != site->to && site->to != TS_NONE) {
            rc = set(h, p, two->below[site->to].ctl, TS_K_ALLOW, site->node, 1);
        }
    }
    return rc ? rc : admit(two, h, p);
}

PICK_INLINE double work_left_s(const void *st, const struct ts_view *v, ts_id place)
{
    (void)st;
    return ts_known(v, TS_WORK_S, place);
}

PICK_INLINE ts_id least_work(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             const struct ts_task *t)
{
    return pick_least(work_left_s, st, h, v, a, t);
}

static int two_level_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct two_level *two = st;
    return a->n_task ? pick_each(least_work, st, h, v, a, p) : two->n_below ? tick(two, h, v, p) : 0;
}

const struct ts_policy policy_two_level = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "two_level",
    .about = "sets fast controllers: offers each spare site to one that lacks room (cf. Mesos, Hindman et al. 2011)",
    .cols = 1u << TS_UP | 1u << TS_NODE | 1u << TS_TIER | 1u << TS_UNITS | 1u << TS_BUSY | 1u << TS_QUEUED | 1u << TS_WORK_S,
    .triggers = 1u << TS_TICK,
    .state_size = sizeof(struct two_level),
    .param_size = sizeof(struct ts_param),
    .param = two_level_param,
    .init = two_level_init,
    .decide = two_level_decide,
    .clear = two_level_clear,
};
