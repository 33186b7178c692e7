/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graph.c - jobs of several tasks (sim/model/graph.h).  The job itself stays nowhere; what moves are its parts, each with a
 * row: a task from when it is asked about to the end of its service, and data on their way.  Between tasks on one node nothing
 * moves.
 *
 * A policy is asked about each task when its join holds, and the data then go to its place from where they lie; or, if it
 * plans whole graphs, once about all tasks at the release, and the data go on as soon as they are there, to tasks that come
 * earlier in the plan first.
 */
#include <math.h>

#include "sim/run/graph_impl.h"
#include "sim/run/race.h"

/* A new row for a part of the job, or ROW_NONE after run_fail. */
static uint32_t part_take(struct run *r, uint32_t whole, uint32_t part, uint32_t parent, double bits)
{
    uint32_t row = job_take(r);
    if (row == ROW_NONE) {
        return row;
    }
    struct job *j = &r->job[row];
    *j = r->job[whole];
    j->part = part;
    j->whole = whole;
    j->place = j->at = ROW_NONE;
    j->timer = j->wait = EV_NONE;
    j->placed_s = NAN;
    j->measured = 0;
    j->tries = 0;
    j->n_asked = 0;
    j->level = 0;
    j->hop = j->n_hop = 0;
    j->input_bits = j->output_bits = bits;
    j->phase = PHASE_UP;
    emit_part(r, row, whole, parent, bits);
    return row;
}

/* The part in the row is no more; what was charged to it is its job's. */
static void leave(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end)
{
    emit(r, TR_LEAVE, row, from, ROW_NONE, a, b, end);
    if (r->account) {
        struct account *whole = &r->account[r->job[row].whole];
        whole->energy_j += r->account[row].energy_j;
        whole->cost += r->account[row].cost;
        whole->bits += r->account[row].bits;
        whole->exposed |= r->account[row].exposed;
    }
}

static bool is_task(const struct whole *w, uint32_t part)
{
    return part <= w->g->n_task;
}

/* Is the job still there?  What starts at a full place ends it. */
static bool is_there(const struct run *r, const struct whole *w)
{
    return r->job[w->row].block != ROW_NONE && r->job[w->row].phase == PHASE_GRAPH;
}

static uint32_t node_of(const struct run *r, uint32_t whole, uint32_t place)
{
    return place == ROW_NONE ? r->job[whole].node : r->place[place].node;
}

bool data_way(const struct run *r, const struct job *j, uint32_t from_place, uint32_t to_place, struct leg *out)
{
    struct way way = {0, 0};
    uint32_t from = from_place == ROW_NONE ? j->node : r->place[from_place].node;
    uint32_t to = to_place == ROW_NONE ? j->node : r->place[to_place].node;
    *out = (struct leg){.access = ROW_NONE};
    if (from == to) {
        return true;
    }
    if (from == j->node || to == j->node) {
        bool reached = job_way(r, j, from == j->node ? to_place : from_place, &way);
        *out = (struct leg){.access = j->access, .first_hop = way.first_hop, .n_hop = way.n_hop, .back = to == j->node};
        return reached;
    }
    const struct route *route = route_between(r->s, r->place[from_place].core, r->place[to_place].core);
    out->first_hop = route->first_hop;
    out->n_hop = route->n_hop;
    return route->n_hop != ROW_NONE;
}

/* Send the data of a link to a place, or to the node of the job: ROW_NONE.  They may be there at once. */
static void send(struct run *r, struct whole *w, uint32_t link, uint32_t to_place, uint32_t parent)
{
    struct leg leg;
    uint32_t from_place = place_of_data(w, link);
    uint32_t row = part_take(r, w->row, graph_part_of_link(w->g, link), parent, w->link[link].bits);
    if (row == ROW_NONE) {
        return;
    }
    struct job *j = &r->job[row];
    const bool reached = data_way(r, &r->job[w->row], from_place, to_place, &leg);
    CHECK(reached);
    j->access = leg.access;
    j->first_hop = leg.first_hop;
    j->n_hop = (uint16_t)leg.n_hop;
    j->phase = leg.back ? PHASE_BACK : PHASE_UP;
    w->link[link].row = row;
    w->link[link].state = LINK_MOVES;
    job_go_on(r, row, ROW_NONE, 0, 0, false, TR_MOVE);
}

/* Bring the data of a link to the place of their reader; true if they are at its node. */
static bool bring(struct run *r, struct whole *w, uint32_t link, uint32_t place, uint32_t parent)
{
    const uint32_t node = r->place[place].node;
    if (node_of(r, w->row, place_of_data(w, link)) == node) {
        return true;
    }
    const uint32_t by = graph_brought(r, w, link, node);
    if (by == ROW_NONE) {
        send(r, w, link, place, parent);
        return false;
    }
    w->link[link].state = w->link[by].state == LINK_CAME ? LINK_CAME : LINK_RIDES;
    return w->link[link].state == LINK_CAME;
}

/* Work is announced to the place from now on. */
static void assign(struct run *r, struct task_live *t)
{
    struct place_live *live = &r->place[t->place];
    t->assigned = true;
    live->assigned++;
    live->backlog_s += t->estimate_s;
    place_show(r, t->place);
}

/* Loops of the job that start or end at this instant of task k. */
static void meet_loops(struct run *r, const struct whole *w, uint32_t k, enum loop_instant at)
{
    const struct job *j = &r->job[w->row];
    const struct workload *load = &r->s->workload[j->workload];
    double *start_s = w->live->loop_s ? &w->live->loop_s[(size_t)j->block * load->n_loop] : NULL;
    for (uint32_t i = 0; i < load->n_loop; i++) {
        const struct loop_spec *loop = &load->loop[i];
        const double from_s = loop->from == LOOP_RELEASE ? j->release_s : start_s[i];
        if (loop->last == k && loop->upto == at && !isnan(from_s)) {
            emit(r, TR_LOOP, w->row, ROW_NONE, ROW_NONE, r->now_s - from_s, i, 0);
            r->buffer[r->n_buffer - 1].part = graph_part_of_task(k);
        }
        if (loop->first == k && loop->from == at) {
            start_s[i] = r->now_s;
        }
    }
}

static inline void pass(struct run *r, const struct whole *w, uint32_t k, enum loop_instant at)
{
    if (__builtin_expect(w->g->task[k].loops >> at & 1, 0)) {
        meet_loops(r, w, k, at);
    }
}

/* The planned tasks of a leader, whose data have all come. */
static void start(struct run *r, struct whole *w, uint32_t leader, uint32_t parent)
{
    struct task_live *t = &w->task[leader];
    uint32_t row = part_take(r, w->row, graph_part_of_task(leader), parent, 0);
    if (row == ROW_NONE) {
        return;
    }
    struct job *j = &r->job[row];
    j->step = workload_task_row(r->s, j->workload, leader);
    j->work_flop = 0;
    j->estimate_s = t->estimate_s;
    j->place = t->place;
    j->level = t->level;
    j->placed_s = r->now_s;
    t->row = row;
    for (uint32_t k = leader; k <= t->last; k++) {
        if (w->task[k].state != TASK_OUT) {
            w->task[k].state = TASK_PLACED;
            pass(r, w, k, LOOP_RECEIVED);
            j->work_flop += w->task[k].work_flop * beside(r, w, k, leader, t->place);
            job_may_expose(r, row, workload_task_row(r->s, j->workload, k), t->place);
        }
    }
    j->work_flop += w->packed ? graph_packing_flop(r, w, leader) : 0;
    job_go_on(r, row, ROW_NONE, j->work_flop, 0, false, TR_PLACE);
}

/* A planned task has one more of its data at its place. */
static void get(struct run *r, struct whole *w, uint32_t k, uint32_t parent)
{
    struct task_live *t = &w->task[k];
    if (--t->wants == 0 && --w->task[t->leader].open == 0) {
        start(r, w, t->leader, parent);
    }
}

/* All that a task waits for is done: ask where it is to run. */
static void ask(struct run *r, struct whole *w, uint32_t k, uint32_t parent)
{
    const struct task_spec *spec = &w->g->task[k];
    struct task_live *t = &w->task[k];
    uint32_t row = part_take(r, w->row, graph_part_of_task(k), parent, 0);
    if (row == ROW_NONE) {
        return;
    }
    struct job *j = &r->job[row];
    j->step = workload_task_row(r->s, j->workload, k);
    j->work_flop = t->work_flop;
    j->output_bits = t->is_exit ? w->link[graph_output(w->g, k)].bits : 0;
    j->input_bits = spec->n_in ? 0 : w->link[graph_input(w->g, k)].bits;
    for (uint32_t i = 0; i < spec->n_in; i++) {
        const struct link_live *l = &w->link[spec->first_in + i];
        j->input_bits += l->state == LINK_THERE ? l->bits : 0;
    }
    t->row = row;
    t->state = TASK_ASKED;
    j->phase = PHASE_ASKED;
    j->why = TS_READY;
    j->wait = post(r, r->now_s, EV_DECIDE, EK_ASK, row);
}

/* Data for task k are at their last place before it. */
static void come(struct run *r, struct whole *w, uint32_t link, uint32_t k, uint32_t parent)
{
    struct task_live *t = &w->task[k];
    if (t->state != TASK_WAITS || t->wants == 0 || w->link[link].state == LINK_QUIET) {
        return; /* its join holds without */
    }
    w->link[link].state = LINK_THERE;
    if (t->place == ROW_NONE) {
        if (--t->wants == 0) {
            ask(r, w, k, parent);
        }
        return;
    }
    if (!w->task[t->leader].assigned) {
        assign(r, &w->task[t->leader]);
    }
    if (bring(r, w, link, t->place, parent)) {
        get(r, w, k, parent);
    }
}

/* The output of task k has come to the node of the job. */
static void deliver(struct run *r, struct whole *w, uint32_t k)
{
    pass(r, w, k, LOOP_RESULT);
    if (__builtin_expect(w->g->graded, 0)) {
        w->job->accuracy = fmin(w->job->accuracy, graph_accuracy(&w->g->task[k], job_draw_latent(r, &r->job[w->row])));
    }
    if (--w->job->n_output == 0) {
        w->job->accuracy -= w->job->loss > w->job->accuracy ? w->job->accuracy : w->job->loss;
        job_result(r, w->row, ROW_NONE, 0, 0);
    }
}

void graph_grade(struct run *r, uint32_t row)
{
    if (r->job[row].block < BLOCK_ENDING) {
        const double accuracy = whole_of(r, row).job->accuracy;
        if (!isnan(accuracy)) {
            emit(r, TR_GRADE, row, ROW_NONE, ROW_NONE, accuracy, 0, 0);
        }
    }
}

/* What a task has made goes to where it is read. */
static void hand_on(struct run *r, struct whole *w, uint32_t k, uint32_t row)
{
    const struct task_spec *spec = &w->g->task[k];
    const struct task_live *t = &w->task[k];
    pass(r, w, k, LOOP_SENT);
    if (t->is_exit && r->place[t->place].node == r->job[w->row].node) {
        deliver(r, w, k);
    } else if (t->is_exit) {
        send(r, w, graph_output(w->g, k), ROW_NONE, row);
    } else {
        pass(r, w, k, LOOP_RESULT);
    }
    for (uint32_t i = 0; i < spec->n_out && is_there(r, w); i++) {
        uint32_t link = w->out[spec->first_out + i];
        come(r, w, link, w->g->edge[link].to, row);
    }
}

/* The task in the row, and those that it leads, have been served. */
static void end_task(struct run *r, struct whole *w, uint32_t row, uint32_t from, double a, double b)
{
    const uint32_t leader = r->job[row].part - 1, last = w->task[leader].last;
    const bool here = r->place[w->task[leader].place].node == r->job[w->row].node;
    bool delivers = false;
    for (uint32_t k = leader; k <= last; k++) {
        if (w->task[k].state != TASK_OUT) {
            w->task[k].state = TASK_DONE;
            delivers |= here && w->task[k].is_exit;
        }
    }
    w->task[leader].row = ROW_NONE;
    leave(r, row, from, a, b, delivers ? TS_DONE : 0);
    for (uint32_t k = leader; k <= last && is_there(r, w); k++) {
        if (w->task[k].state != TASK_OUT && (w->task[k].reach > last || w->task[k].is_exit)) {
            hand_on(r, w, k, row);
        }
    }
    job_give(r, row);
}

static bool is_shared(const struct graph *g, uint32_t link)
{
    return link < g->n_edge && g->edge[link].same;
}

static uint32_t reader_of(const struct whole *w, uint32_t link)
{
    return link < w->g->n_edge ? w->g->edge[link].to : link - w->g->n_edge;
}

/* Data are at the node of a task. */
static void get_data(struct run *r, struct whole *w, uint32_t k, uint32_t parent)
{
    struct task_live *t = &w->task[k];
    if (t->wants == 0) {
        return; /* its join holds without */
    }
    if (t->row == ROW_NONE) {
        get(r, w, k, parent);
    } else if (--t->wants == 0) {
        pass(r, w, k, LOOP_RECEIVED);
        job_go_on(r, t->row, ROW_NONE, 0, 0, false, TR_MOVE);
    }
}

/* Does another reader at the same node wait for the data of a link? */
static bool rides_on(const struct run *r, const struct whole *w, uint32_t e, uint32_t link)
{
    const struct edge_spec *edge = &w->g->edge[e], *on = &w->g->edge[link];
    return w->link[e].state == LINK_RIDES && edge->same == on->same &&
           r->place[w->task[edge->to].place].node == r->place[w->task[on->to].place].node;
}

static bool is_wanted(const struct run *r, const struct whole *w, uint32_t link)
{
    bool wanted = w->task[reader_of(w, link)].wants > 0;
    const struct task_spec *from = is_shared(w->g, link) ? &w->g->task[w->g->edge[link].from] : NULL;
    for (uint32_t i = 0; from && i < from->n_out; i++) {
        const uint32_t e = w->out[from->first_out + i];
        wanted |= rides_on(r, w, e, link) && w->task[w->g->edge[e].to].wants > 0;
    }
    return wanted;
}

/* The data of a link are at a node: so have those who read the same there. */
static void get_shared(struct run *r, struct whole *w, uint32_t link, uint32_t parent)
{
    const struct task_spec *from = &w->g->task[w->g->edge[link].from];
    for (uint32_t i = 0; i < from->n_out && is_there(r, w); i++) {
        const uint32_t e = w->out[from->first_out + i];
        if (rides_on(r, w, e, link)) {
            w->link[e].state = LINK_CAME;
            get_data(r, w, w->g->edge[e].to, parent);
        }
    }
}

static void end_data(struct run *r, struct whole *w, uint32_t row, uint32_t from, double a, double b)
{
    const uint32_t link = r->job[row].part - graph_part_of_link(w->g, 0);
    bool output = link >= graph_output(w->g, 0);
    w->link[link].row = ROW_NONE;
    w->link[link].state = LINK_CAME;
    if (output) {
        leave(r, row, from, a, b, TS_DONE);
        deliver(r, w, link - graph_output(w->g, 0));
    } else {
        leave(r, row, from, a, b, is_wanted(r, w, link) ? 0 : TS_CANCELLED);
        get_data(r, w, reader_of(w, link), row);
        if (is_shared(w->g, link) && is_there(r, w)) {
            get_shared(r, w, link, row);
        }
    }
    job_give(r, row);
}

bool graph_step(struct run *r, uint32_t row, uint32_t from, double a, double b)
{
    const struct job *j = &r->job[row];
    if (j->block == BLOCK_RACE) {
        return race_step(r, row, from, a, b);
    }
    struct whole w = whole_of(r, j->whole);
    if (!is_task(&w, j->part)) {
        end_data(r, &w, row, from, a, b);
    } else if (j->phase == PHASE_BACK) {
        end_task(r, &w, row, from, a, b);
    } else {
        return false;
    }
    return true;
}

void graph_place(struct run *r, uint32_t row, uint32_t place, double flop)
{
    struct whole w = whole_of(r, r->job[row].whole);
    const uint32_t k = r->job[row].part - 1, n = graph_n_data(r, row);
    struct task_live *t = &w.task[k];
    struct job *j = &r->job[row];
    t->place = j->place = place;
    t->estimate_s = j->estimate_s = flop / r->place[place].work_per_s * run_stretch(r, j->step, place, j->level);
    t->state = TASK_PLACED;
    j->placed_s = r->now_s;
    j->phase = PHASE_UP;
    j->wait = EV_NONE;
    assign(r, t);
    job_may_expose(r, row, j->step, place);
    uint32_t first = w.g->task[k].n_in ? w.g->task[k].first_in : graph_input(w.g, k);
    t->wants = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct link_live *l = &w.link[first + i];
        if (l->state == LINK_THERE && node_of(r, w.row, place_of_data(&w, first + i)) != r->place[place].node) {
            const uint32_t by = graph_brought(r, &w, first + i, r->place[place].node);
            l->state = by == ROW_NONE ? LINK_GOES : w.link[by].state == LINK_MOVES ? LINK_RIDES : LINK_CAME;
        }
        t->wants += l->state == LINK_GOES || l->state == LINK_RIDES;
    }
    if (t->wants == 0) {
        pass(r, &w, k, LOOP_RECEIVED);
        job_go_on(r, row, ROW_NONE, j->work_flop, 0, false, TR_PLACE);
        return;
    }
    emit(r, TR_PLACE, row, ROW_NONE, place, j->work_flop, 0, j->level);
    for (uint32_t i = 0; i < n && is_there(r, &w); i++) {
        if (w.link[first + i].state == LINK_GOES) {
            send(r, &w, first + i, place, row);
        }
    }
}

/* The tasks that read the job's input, in some order (NULL: their own), at its release or when the plan for all has come. */
void graph_enter(struct run *r, struct whole *w, const uint32_t *order)
{
    r->job[w->row].phase = PHASE_GRAPH;
    for (uint32_t i = 0; i < w->g->n_task; i++) {
        uint32_t k = order ? order[i] : i;
        if (w->g->task[k].n_in == 0 && w->task[k].state == TASK_WAITS && is_there(r, w)) {
            come(r, w, graph_input(w->g, k), k, w->row);
        }
    }
}

bool graph_release(struct run *r, uint32_t row)
{
    if (r->spec.policy->flags & TS_WHOLE_GRAPHS) {
        return job_ask(r, row, TS_ARRIVED);
    }
    struct whole w = whole_of(r, row);
    graph_enter(r, &w, NULL);
    return false;
}

static void take_out(struct run *r, uint32_t row)
{
    struct pulled p = job_pull(r, row);
    leave(r, row, p.from, p.a, p.b, TS_CANCELLED);
    job_give(r, row);
}

void graph_settle(struct run *r, uint32_t row)
{
    const struct whole w = whole_of(r, row);
    const struct task_live *const task = w.task;
    const struct link_live *const link = w.link;
    const uint32_t n_task = w.g->n_task, n_link = graph_n_link(w.g);
    for (uint32_t k = 0; k < n_task; k++) {
        if (task[k].row != ROW_NONE) {
            take_out(r, task[k].row);
        } else if (task[k].assigned && task[k].state == TASK_WAITS) {
            place_unassign(r, task[k].place, task[k].estimate_s);
        }
    }
    for (uint32_t l = 0; l < n_link; l++) {
        if (link[l].row != ROW_NONE) {
            take_out(r, link[l].row);
        }
    }
}

bool graph_ends(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end)
{
    if (r->job[row].block >= BLOCK_ENDING) {
        return race_ends(r, row, from, a, b, end);
    }
    const uint32_t part = r->job[row].part;
    if (part) {
        struct whole w = whole_of(r, r->job[row].whole);
        *(is_task(&w, part) ? &w.task[part - 1].row : &w.link[part - graph_part_of_link(w.g, 0)].row) = ROW_NONE;
        leave(r, row, from, a, b, TS_CANCELLED);
        job_give(r, row);
        job_end(r, w.row, ROW_NONE, 0, 0, end);
        return true;
    }
    if (r->job[row].phase != PHASE_HELD) {
        graph_settle(r, row);
    }
    r->job[row].block = ROW_NONE;
    return false;
}
