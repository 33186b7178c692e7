/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/problem.h"

#include "policies/pick.h"

void planner_clear(struct planner *planner)
{
    scratch_clear(&planner->scratch);
    free(planner->row);
    planner->row = NULL;
    planner->n_row = 0;
}

static int make_rows(struct planner *planner, uint32_t n)
{
    if (n > planner->n_row) {
        uint32_t *row = calloc(n, sizeof *row);
        if (!row) {
            return -1;
        }
        free(planner->row);
        planner->row = row;
        planner->n_row = n;
    }
    return 0;
}

/* The places that are candidates of any task, in order of their first mention. */
static void find_places(struct problem *q, uint32_t *row)
{
    for (uint32_t k = 0; k < q->ask->n_cand; k++) {
        ts_id at = q->ask->cand[k];
        if (!row[at] && ts_up(q->view, at)) {
            q->place[q->n_place] = at;
            row[at] = ++q->n_place;
        }
    }
}

static uint32_t count_lanes(const struct problem *q, ts_id at)
{
    double units = ts_known(q->view, TS_UNITS, at);
    return units >= q->n_task ? q->n_task : units >= 1 ? (uint32_t)units : 1;
}

static void fill_lanes(const struct problem *q, uint32_t place)
{
    ts_id at = q->place[place];
    double units = ts_known(q->view, TS_UNITS, at), there = pick_queue(q->view, at);
    double work_s = ts_known(q->view, TS_WORK_S, at);
    uint32_t n = q->first_lane[place + 1] - q->first_lane[place];
    double *lane_s = q->lane_s + q->first_lane[place], idle = there < units ? units - there : 0;
    double busy_s = idle > 0 ? work_s * units / there : work_s;
    for (uint32_t i = 0; i < n; i++) {
        lane_s[i] = i < idle ? 0 : isnan(busy_s) ? PROBLEM_UNKNOWN_S : busy_s;
    }
}

static double or_unknown(double x)
{
    return isnan(x) ? PROBLEM_UNKNOWN_S : x;
}

static void fill_options(struct problem *q, const uint32_t *row)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < q->n_task; i++) {
        const struct ts_task *t = ts_task_at(q->ask, i);
        q->first[i] = n;
        for (uint32_t k = 0; k < t->n_cand; k++) {
            ts_id at = ts_candidate(q->ask, t, k);
            if (!row[at]) {
                continue; /* down */
            }
            struct option o = {.in_s = or_unknown(ts_estimate(q->ask, t, k, TS_IN_S)),
                               .run_s = or_unknown(ts_estimate(q->ask, t, k, TS_RUN_S)),
                               .out_s = or_unknown(ts_estimate(q->ask, t, k, TS_OUT_S)),
                               .place = row[at] - 1,
                               .at = at};
            if (o.in_s + o.run_s + o.out_s + q->lane_s[q->first_lane[o.place]] < INFINITY) {
                q->option[n++] = o;
            }
        }
    }
    q->first[q->n_task] = n;
}

int problem_state(struct problem *q, struct planner *planner, const struct ts_host *h, const struct ts_view *v,
                  const struct ts_ask *a)
{
    struct scratch *s = &planner->scratch;
    scratch_reset(s);
    *q = (struct problem){.host = h, .view = v, .ask = a, .scratch = s, .n_task = a->n_task};
    q->first = scratch_take(s, a->n_task + 1u, sizeof *q->first);
    q->option = scratch_take(s, a->n_cand, sizeof *q->option);
    q->place = scratch_take(s, a->n_cand, sizeof *q->place);
    q->first_lane = scratch_take(s, a->n_cand + 1u, sizeof *q->first_lane);
    if (s->failed || make_rows(planner, v->n_place) < 0) {
        return h->fail(h->ctx, "out of memory for a question about %u tasks with %u candidates", a->n_task, a->n_cand);
    }
    find_places(q, planner->row);
    uint64_t n_lane = 0;
    for (uint32_t place = 0; place < q->n_place; place++) {
        q->first_lane[place] = (uint32_t)n_lane;
        n_lane += count_lanes(q, q->place[place]);
    }
    q->first_lane[q->n_place] = (uint32_t)n_lane;
    q->lane_s = n_lane < UINT32_MAX ? scratch_take(s, n_lane, sizeof *q->lane_s) : NULL;
    if (q->lane_s) {
        for (uint32_t place = 0; place < q->n_place; place++) {
            fill_lanes(q, place);
        }
        fill_options(q, planner->row);
    }
    for (uint32_t place = 0; place < q->n_place; place++) {
        planner->row[q->place[place]] = 0;
    }
    return q->lane_s ? 0 : h->fail(h->ctx, "out of memory for the cores of %u places", q->n_place);
}
