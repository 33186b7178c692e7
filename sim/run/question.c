/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * question.c - what a policy is asked: candidates, listed once per (workload, site) and shared by all its devices, and the
 * estimates that the policy declared to need.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/run/question_impl.h"

/* Does the policy get this place as a candidate of task k of workload w at the site? */
static bool is_candidate(const struct run *r, uint32_t w, uint32_t k, uint32_t site, uint32_t pool, uint32_t core)
{
    const struct scenario *s = r->s;
    const struct node_group *group = &s->group[s->pool[pool].group];
    if (!workload_fits(s, &s->workload[w], k, pool) || !(r->spec.spec->run_in >> group->tier & 1)) {
        return false;
    }
    if (core == site) {
        return true;
    }
    if (workload_privacy(&s->workload[w], k) == PRIVACY_HARD) {
        return false; /* nor another node of its own group */
    }
    if (group->tier == 0 || (group->tier == 1 && r->spec.spec->edges == EDGES_ATTACHED)) {
        return false; /* other devices are no servers */
    }
    return route_between(s, site, core)->n_hop != ROW_NONE;
}

/* List the candidates of a task at a site into cand (or only count them); its own places come first. */
static uint32_t list_candidates(const struct run *r, uint32_t w, uint32_t k, uint32_t site, ts_id *cand)
{
    const struct scenario *s = r->s;
    const struct home *home = &r->home[workload_task_row(s, w, k)];
    uint32_t n = home->n_own;
    for (uint32_t i = 0; cand && i < n; i++) {
        cand[i] = home->own[i];
    }
    for (uint32_t tier = 0; site != ROW_NONE && tier < s->n_tier; tier++) {
        for (uint32_t p = 0; p < s->n_pool; p++) {
            const struct node_group *group = &s->group[s->pool[p].group];
            for (uint32_t i = 0; group->core && group->tier == tier && i < group->count; i++) {
                if (is_candidate(r, w, k, site, p, group->first_core + i)) {
                    if (cand) {
                        cand[n] = s->pool[p].first_place + i;
                    }
                    n++;
                }
            }
        }
    }
    return n;
}

/* Task k of workload w at all its sites; n candidates are listed so far.  How many are then. */
static size_t list_task(struct run *r, uint32_t w, uint32_t k, bool fill, size_t n)
{
    const struct scenario *s = r->s;
    const struct node_group *home = &s->group[s->workload[w].group];
    const struct node_group *at = home->attach == ROW_NONE ? home : &s->group[home->attach];
    uint32_t from = at->core ? at->first_core : s->n_core;
    uint32_t to = at->core ? from + at->count : from + 1, row = workload_task_row(s, w, k);
    for (uint32_t site = from; site < to; site++) {
        struct candidates *list = &r->list[(size_t)row * r->n_list_site + site];
        list->first = (uint32_t)n;
        list->n = list_candidates(r, w, k, site == s->n_core ? ROW_NONE : site, fill ? r->cand + n : NULL);
        n += list->n;
        r->n_cand_max = list->n > r->n_cand_max ? list->n : r->n_cand_max;
    }
    return n;
}

static int list_all(struct run *r, struct err *e)
{
    const struct scenario *s = r->s;
    r->n_list_site = s->n_core + 1;
    r->list = calloc((size_t)s->n_task * r->n_list_site, sizeof *r->list);
    if (!r->list) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the candidates of %u workloads", s->n_workload);
    }
    for (int fill = 0; fill < 2; fill++) {
        size_t total = 0;
        for (uint32_t w = 0; w < s->n_workload; w++) {
            for (uint32_t k = 0; k < workload_n_task(&s->workload[w]); k++) {
                total = list_task(r, w, k, fill, total);
            }
        }
        if (total > UINT32_MAX / 2) {
            return ERR_SET(e, ERR_INPUT, "more than 2^31 candidates in all: narrow them with edges: attached or run_in");
        }
        if (!fill && !(r->cand = calloc(total + 1, sizeof *r->cand))) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for %zu candidates", total);
        }
    }
    return 0;
}

static struct home home_of(const struct run *r, uint32_t w, uint32_t k)
{
    const struct scenario *s = r->s;
    const struct workload *load = &s->workload[w];
    const struct task_spec *task = load->graph ? &load->graph->task[k] : NULL;
    const struct node_group *group = &s->group[load->group];
    const struct node_group *at = group->attach == ROW_NONE ? group : &s->group[group->attach];
    const struct link *link = group->access == ROW_NONE ? NULL : &s->link[group->access];
    struct home home = {
        .first_node = group->first_node,
        .first_core = at->core ? at->first_core : ROW_NONE,
        .n_site = at->count,
        .closed = load->arrivals.kind == ARRIVAL_CLOSED,
        .access = link ? link->first_channel : ROW_NONE,
        .access_per_site = link && link->per == link->to,
        .told = load->known || (r->spec.policy->flags & TS_CLAIRVOYANT),
        .guessed = load->estimate.given && !(r->spec.policy->flags & TS_CLAIRVOYANT),
        .mean_flop = task ? task->work.mean : load->work.mean,
        .exit_share = !task || (load->graph->exits && (!isnan(task->leaves) || task->n_out == 0)) ? 1 : task->exit_share,
        .stretch = workload_work(load, k)->stretch,
        .is_private = workload_privacy(load, k) >= PRIVACY_SOFT,
        .task = {.step = k, .app = w, .cls = w, .at = TS_NONE, .priority = load->priority,
                 .sensitivity = workload_privacy(load, k) >= PRIVACY_SOFT, .flop = task ? task->work.mean : load->work.mean,
                 .bytes = NAN, .mem_bytes = NAN, .exit = task && !isnan(task->leaves),
                 .leaves = task && !isnan(task->leaves) ? task->leaves : 0,
                 .tokens_in = NAN, .tokens_out = NAN, .score = NAN},
    };
    home.task.out_bits = home.exit_share * (task ? task->output.mean : load->output.mean);
    for (uint32_t p = group->first_pool; !group->core && p < group->first_pool + group->n_pool; p++) {
        bool fits = workload_fits(s, load, k, p) && (r->spec.spec->run_in >> group->tier & 1);
        if (fits && home.n_own < MAX_OWN) {
            home.own[home.n_own++] = s->pool[p].first_place;
        }
    }
    return home;
}

static int find_homes(struct run *r, struct err *e)
{
    const struct scenario *s = r->s;
    if (!(r->home = calloc(s->n_task + 1u, sizeof *r->home))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u workloads", s->n_workload);
    }
    for (uint32_t w = 0; w < s->n_workload; w++) {
        for (uint32_t k = 0; k < workload_n_task(&s->workload[w]); k++) {
            r->home[workload_task_row(s, w, k)] = home_of(r, w, k);
            r->timed |= workload_work(&s->workload[w], k)->stretch != NULL;
        }
    }
    return 0;
}

int question_init(struct run *r, struct err *e)
{
    int rc;
    if ((rc = find_homes(r, e)) || (rc = list_all(r, e))) {
        return rc;
    }
    r->needs = r->spec.policy->needs;
    r->room_many = 1;
    if (r->needs && !(r->meets = malloc((r->s->n_channel + 1u) * sizeof *r->meets))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for what policies are told of %u channels", r->s->n_channel);
    }
    for (uint32_t c = 0; r->meets && c < r->s->n_channel; c++) {
        r->meets[c].question = UINT64_MAX;
    }
    r->asked = calloc(1, sizeof *r->asked);
    for (unsigned k = 0; k < TS_N_EST; k++) {
        if (r->needs >> k & 1) {
            r->est[k] = calloc(r->n_cand_max + 1u, sizeof *r->est[k]);
            if (!r->est[k]) {
                return ERR_SET(e, ERR_MEMORY, "out of memory for estimates");
            }
        }
    }
    if (!r->asked) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for questions");
    }
    r->ask = (struct ts_ask){.size = sizeof r->ask, .task_size = sizeof *r->many, .n_est = TS_N_EST,
                             .est = (const double *const *)r->est};
    return question_graph_init(r, e);
}

void question_clear(struct run *r)
{
    for (unsigned k = 0; k < TS_N_EST; k++) {
        free(r->est[k]);
    }
    free(r->home);
    free(r->meets);
    free(r->list);
    free(r->cand);
    free(r->many);
    free(r->asked);
    free(r->ask_cand);
    free(r->edge);
    question_graph_clear(r);
}

double channel_rate_now(struct run *r, uint32_t channel)
{
    const struct process *p = &run_channel_spec(r, channel)->capacity;
    double capacity_bps = p->value;
    if (r->control && r->control->knows != KNOW_EXACT) {
        return news_rate_bps(r, channel);
    }
    if (p->kind != PROCESS_CONSTANT || p->outage_every_s > 0) {
        process_seek(p, &r->channel[channel].look, r->now_s);
        capacity_bps = r->channel[channel].look.value;
    }
    return run_channel_spec(r, channel)->alone ? capacity_bps : capacity_bps / (r->flows[channel] + 1.0);
}

double channel_latency_now(struct run *r, uint32_t channel)
{
    double expected_s = r->expected_latency_s[channel];
    if (expected_s == expected_s) {
        return expected_s;
    }
    process_seek(&run_channel_spec(r, channel)->latency, &r->channel[channel].latency, r->now_s);
    return r->channel[channel].latency.value;
}

static __attribute__((noinline)) void look_up(struct run *r, uint32_t channel, struct channel_now *now)
{
    const double rate_bps = r->steady ? r->stations.station[r->s->n_place + channel].rate / (r->flows[channel] + 1.0)
                                      : channel_rate_now(r, channel);
    *now = (struct channel_now){r->n_question, channel_latency_now(r, channel), 1 / rate_bps};
}

static inline __attribute__((always_inline)) const struct channel_now *meets(struct run *r, uint32_t channel)
{
    struct channel_now *now = &r->meets[channel];
    if (now->question != r->n_question) {
        look_up(r, channel, now);
    }
    return now;
}

/* What data cost on their way. */
struct fare {
    double net_j, cost;
};

/* The fare there and back. */
static struct fare round_fare(const struct run *r, const struct ts_task *t, const struct job *j, const struct way *way)
{
    struct fare fare = {0, 0};
    for (uint32_t h = 0; h < way->n_hop; h++) {
        uint32_t up = hop_out(r, j->access, way->first_hop, h);
        const struct channel_spec *out = run_channel_spec(r, up), *back = run_channel_spec(r, up ^ 1u);
        fare.net_j += t->in_bits * out->energy_j_per_bit + t->out_bits * back->energy_j_per_bit;
        fare.cost += t->in_bits * out->price_per_bit + t->out_bits * back->price_per_bit;
    }
    return fare;
}

/* Energy, price and exposure: what few policies ask for, into est.  stretch: of the work there. */
static void estimate_rest(const struct run *r, double *const *est, const struct ts_task *t, struct fare fare, bool leaves,
                          uint32_t place, uint32_t k, double stretch)
{
    const struct pool *pool = &r->s->pool[r->place_pool[place]];
    const double rest[TS_N_EST] = {
        [TS_RUN_J] = t->flop / pool->speed_flops * pool->busy_w_per_unit * stretch,
        [TS_NET_J] = fare.net_j,
        [TS_COST] = fare.cost,
        [TS_QUALITY] = NAN,
        [TS_EXPOSURE] = t->sensitivity > 0 && leaves,
    };
    for (unsigned e = TS_RUN_J; e < TS_N_EST; e++) {
        if (est[e]) {
            est[e][k] = rest[e];
        }
    }
}

/* Estimates of task t, whose job is j, for candidate k at a place. */
static void estimate(struct run *r, const struct ts_task *t, const struct job *j, uint32_t place, uint32_t k)
{
    struct way way = {0, 0};
    bool reached = job_way(r, j, place, &way);
    const double stretch = run_stretch(r, j->step, place, 0);
    double in_s = reached ? 0 : INFINITY, out_s = in_s;
    for (uint32_t h = 0; reached && h < way.n_hop; h++) {
        uint32_t up = hop_out(r, j->access, way.first_hop, h);
        const struct channel_now *out = meets(r, up), *back = meets(r, up ^ 1u);
        in_s += out->latency_s + t->in_bits * out->s_per_bit;
        out_s += back->latency_s + t->out_bits * back->s_per_bit;
    }
    if (r->needs >> TS_IN_S & 1) {
        r->est[TS_IN_S][k] = in_s;
    }
    if (r->needs >> TS_RUN_S & 1) {
        r->est[TS_RUN_S][k] = t->flop * r->place[place].s_per_flop * stretch;
    }
    if (r->needs >> TS_OUT_S & 1) {
        r->est[TS_OUT_S][k] = out_s;
    }
    if (r->needs >> TS_RUN_J) {
        estimate_rest(r, r->est, t, round_fare(r, t, j, &way), way.n_hop > 0, place, k, stretch);
    }
}

/* Time of a transfer if it starts now; its fare is added. */
static double transfer_s(struct run *r, const struct leg *leg, double bits, struct fare *fare)
{
    double time_s = 0;
    for (uint32_t h = 0; h < leg->n_hop; h++) {
        uint32_t channel = leg_hop(r, leg, h);
        const struct channel_now *now = meets(r, channel);
        const struct channel_spec *spec = run_channel_spec(r, channel);
        time_s += now->latency_s + bits * now->s_per_bit;
        fare->net_j += bits * spec->energy_j_per_bit;
        fare->cost += bits * spec->price_per_bit;
    }
    return time_s;
}

/*
 * The same for a task of a graph in row: its data come from where they lie, all at once, and its result goes back if nothing
 * else follows (in the mean, unless the policy is told).  What is under way for another reader takes at most as long as if it
 * went now, and costs nothing more.  Of a whole graph only the data that the job brings are known.
 */
void question_estimate(struct run *r, double *const *est, const struct ts_task *t, uint32_t row, bool whole, uint32_t place,
                       uint32_t k)
{
    const struct job *j = &r->job[row];
    const uint32_t step = workload_task_row(r->s, j->workload, t->step);
    const struct home *home = &r->home[step];
    const double stretch = run_stretch(r, step, place, 0);
    const struct graph *g = r->s->workload[j->workload].graph;
    struct fare fare = {0, 0};
    struct leg leg;
    double in_s = 0;
    for (uint32_t i = 0; i < (whole ? g->task[t->step].n_in == 0 : graph_n_data(r, row)); i++) {
        const struct data_at data = whole ? (struct data_at){t->in_bits, ROW_NONE} : graph_data(r, row, i);
        const enum link_state state = whole || !g->shares ? LINK_GOES : graph_data_state(r, row, i, place);
        if (data.bits >= 0 && state != LINK_CAME) {
            struct fare paid = {0, 0};
            data_way(r, j, data.place, place, &leg);
            in_s = fmax(in_s, transfer_s(r, &leg, data.bits, state == LINK_GOES ? &fare : &paid));
        }
    }
    data_way(r, j, place, ROW_NONE, &leg);
    double sends = home->told && !whole ? j->output_bits > 0 : home->exit_share;
    double out_s = sends > 0 ? sends * transfer_s(r, &leg, t->out_bits / sends, &fare) : 0;
    if (r->needs >> TS_IN_S & 1) {
        est[TS_IN_S][k] = in_s;
    }
    if (r->needs >> TS_RUN_S & 1) {
        est[TS_RUN_S][k] = t->flop * r->place[place].s_per_flop * stretch;
    }
    if (r->needs >> TS_OUT_S & 1) {
        est[TS_OUT_S][k] = out_s;
    }
    if (r->needs >> TS_RUN_J) {
        estimate_rest(r, est, t, fare, r->place[place].node != j->node, place, k, stretch);
    }
}

static void estimate_all(struct run *r, const struct ts_task *t, uint32_t row, const ts_id *cand)
{
    const struct job *j = &r->job[row];
    for (uint32_t k = 0; r->needs && k < t->n_cand; k++) {
        if (__builtin_expect(j->part != 0, 0)) {
            question_estimate(r, r->est, t, row, false, cand[k], t->cand + k);
        } else {
            estimate(r, t, j, cand[k], t->cand + k);
        }
    }
}

/* Number of a core node by its row. */
static uint32_t core_node(const struct scenario *s, uint32_t core)
{
    return s->group[s->core_group[core]].first_node + s->core_member[core];
}

void question_describe(struct run *r, struct ts_task *t, const struct job *j, const struct candidates *list)
{
    const struct home *home = &r->home[j->step];
    t->job = j->ordinal;
    t->origin = j->node;
    t->site = j->site == ROW_NONE ? TS_NONE : core_node(r->s, j->site);
    t->at = j->phase == PHASE_SERVED || j->phase == PHASE_SENT ? j->place : TS_NONE;
    t->tries = j->tries;
    t->released_s = j->release_s;
    t->deadline_s = j->deadline_s;
    t->in_bits = j->input_bits;
    if (home->told) {
        t->flop = j->work_flop;
        t->out_bits = j->output_bits;
    }
    if (home->guessed) {
        t->flop = job_guess(r, j, j->part, home->told ? j->work_flop : home->mean_flop);
    }
    for (uint32_t k = 0; k < home->n_own; k++) {
        r->cand[list->first + k] = home->own[k] + (j->node - home->first_node);
    }
}

/* Another edge of the question; false if memory is out. */
static bool add_edge(struct run *r, uint32_t n, struct ts_edge edge)
{
    if (n == r->room_edge) {
        uint32_t room = n ? 2 * n : 16;
        struct ts_edge *grown = realloc(r->edge, room * sizeof *grown);
        if (!grown) {
            run_fail(r, "out of memory for a question");
            return false;
        }
        r->edge = grown;
        r->room_edge = room;
    }
    r->edge[n] = edge;
    return true;
}

/* The data that task i of the question reads, of which it has n edges so far; their number then. */
static uint32_t add_data(struct run *r, struct ts_task *t, uint32_t row, uint32_t i, uint32_t n)
{
    t->edge = n;
    for (uint32_t l = 0; l < graph_n_data(r, row); l++) {
        const struct data_at data = graph_data(r, row, l);
        if (data.bits >= 0 && add_edge(r, n, (struct ts_edge){.from = TS_NONE, .to = i, .at = data.place, .bits = data.bits})) {
            n++;
        }
    }
    t->n_edge = n - t->edge;
    return n;
}

void question_send(struct run *r, const struct ts_task *task, const ts_id *cand, uint32_t n_task, uint32_t n_cand,
                   uint32_t n_edge, enum ts_why why)
{
    r->ask.why = why;
    r->ask.id = r->n_question++;
    r->ask.task = task;
    r->ask.cand = cand;
    r->ask.n_task = n_task;
    r->ask.n_cand = n_cand;
    r->ask.n_edge = n_edge;
    r->ask.edge = r->edge;
    r->ask.n_grade = 0;
    r->ask.packed = NULL;
    r->asking = true;
    r->view.now_s = r->now_s;
}

/* The task's candidates, or a list of those that the controller may use. */
static const ts_id *allowed(struct run *r, struct ts_task *t, const ts_id *cand)
{
    if (!r->control->ctl[r->control->asking].barred) {
        return cand;
    }
    t->n_cand = upper_allowed(r, r->control->asking, cand, t->n_cand, r->ask_cand);
    return r->ask_cand;
}

uint32_t question_thin_out(const struct run *r, ts_id *cand, uint32_t n)
{
    return r->control ? upper_allowed(r, r->control->asking, cand, n, cand) : n;
}

void question_put(struct run *r, uint32_t row, enum ts_why why)
{
    const struct job *j = &r->job[row];
    struct ts_task *t = &r->home[j->step].task;
    const struct candidates *list = candidates_at(r, j);
    const ts_id *cand = r->cand + list->first;
    question_describe(r, t, j, list);
    t->n_cand = list->n;
    if (r->control) {
        view_show(r, r->control->asking, cand, list->n);
        cand = allowed(r, t, cand);
    }
    estimate_all(r, t, row, cand);
    r->asked[0] = row;
    question_send(r, t, cand, 1, t->n_cand, j->part ? add_data(r, t, row, 0, 0) : 0, why);
}

static bool room_for(struct run *r, uint32_t n)
{
    if (n == 0 || (r->many && n <= r->room_many)) {
        return true;
    }
    size_t room = 2 * ((size_t)n + 1), cells = room * (r->n_cand_max + 1u); /* a tick may be about nothing */
    struct ts_task *many = realloc(r->many, room * sizeof *many);
    r->many = many ? many : r->many;
    uint32_t *asked = realloc(r->asked, room * sizeof *asked);
    r->asked = asked ? asked : r->asked;
    ts_id *cand = realloc(r->ask_cand, cells * sizeof *cand);
    r->ask_cand = cand ? cand : r->ask_cand;
    bool fine = many && asked && cand;
    for (unsigned e = 0; e < TS_N_EST; e++) {
        if (r->est[e]) {
            double *grown = realloc(r->est[e], cells * sizeof *grown);
            r->est[e] = grown ? grown : r->est[e];
            fine &= grown != NULL;
        }
    }
    r->room_many = fine ? (uint32_t)room : r->room_many;
    return fine;
}

bool question_put_many(struct run *r, const uint32_t *row, uint32_t n, enum ts_why why)
{
    uint32_t n_cand = 0, n_edge = 0;
    if (n == 1) {
        question_put(r, row[0], why);
        return true;
    }
    if (!room_for(r, n)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct job *j = &r->job[row[i]];
        const struct candidates *list = candidates_at(r, j);
        struct ts_task *t = &r->many[i];
        *t = r->home[j->step].task;
        question_describe(r, t, j, list);
        t->id = i;
        t->cand = n_cand;
        memcpy(r->ask_cand + n_cand, r->cand + list->first, list->n * sizeof *r->cand);
        t->n_cand = question_thin_out(r, r->ask_cand + n_cand, list->n);
        estimate_all(r, t, row[i], r->ask_cand + n_cand);
        n_edge = j->part ? add_data(r, t, row[i], i, n_edge) : n_edge;
        n_cand += t->n_cand;
        r->asked[i] = row[i];
    }
    if (r->control) {
        view_show(r, r->control->asking, r->ask_cand, n_cand);
    }
    question_send(r, r->many, r->ask_cand, n, n_cand, n_edge, why);
    return true;
}
