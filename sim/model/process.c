/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/process.h"

#include <math.h>

#include "sim/base/err.h"
#include "sim/base/fmath.h"

enum { NOISE_BLOCK = 64 };
/* Added to k in the address of its noise; one below a multiple of the block, and room for 2^20 steps before time 0. */
#define NOISE_FIRST ((UINT64_C(1) << 20) - 1)

/* Draws with attempt 1 belong to the outage, with 0 to what lies below it. */
static double draw(const struct process_at *at, enum draw_purpose purpose, uint64_t index, uint8_t attempt)
{
    const struct draw_at address = {at->key, at->entity, at->member, index, (uint8_t)purpose, attempt};
    return draw_uniform(&address, 0);
}

static bool has_outage(const struct process *p)
{
    return p->outage_every_s > 0;
}

/* TRACE */

/* Where row `step`, counted over all cycles, begins. */
static double trace_border_s(const struct process *p, const struct process_at *at, uint64_t step)
{
    uint64_t n = p->series->n_row;
    return ((double)(step / n) * p->series->span_s - at->offset_s) + p->series->time_s[step % n];
}

/* The last row that begins at or before t_s. */
static uint64_t trace_step(const struct process *p, const struct process_at *at, double t_s)
{
    const struct series *s = p->series;
    double cycle = floor((t_s + at->offset_s) / s->span_s);
    double local_s = t_s - (cycle * s->span_s - at->offset_s);
    size_t low = 0, high = s->n_row;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->time_s[middle] <= local_s) {
            low = middle;
        } else {
            high = middle;
        }
    }
    /* The quotient may be one rounding off: what decides is the border itself. */
    uint64_t step = (uint64_t)cycle * s->n_row + low;
    while (step > 0 && trace_border_s(p, at, step) > t_s) {
        step--;
    }
    while (trace_border_s(p, at, step + 1) <= t_s) {
        step++;
    }
    return step;
}

static double trace_seek(const struct process *p, struct process_at *at, double t_s)
{
    uint64_t next = at->step + 1;
    at->step = trace_border_s(p, at, next + 1) > t_s ? next : trace_step(p, at, t_s);
    at->base_value = p->series->value[p->column][at->step % p->series->n_row] * p->scale;
    at->base_until_s = trace_border_s(p, at, at->step + 1);
    return trace_border_s(p, at, at->step);
}

static void trace_start(const struct process *p, struct process_at *at)
{
    at->offset_s = p->start_random ? draw(at, DRAW_OFFSET, 0, 0) * p->series->span_s : 0;
    at->step = trace_step(p, at, 0);
    at->base_value = p->series->value[p->column][at->step % p->series->n_row] * p->scale;
    at->base_until_s = trace_border_s(p, at, at->step + 1);
}

/* MARKOV */

static double markov_stay_s(const struct process *p, const struct process_at *at)
{
    return -ts_log(draw(at, DRAW_STAY, at->step, 0)) * p->state[at->state].stay_s;
}

static double markov_seek(const struct process *p, struct process_at *at, double t_s)
{
    double from_s;
    do {
        from_s = at->base_until_s;
        at->step++;
        uint32_t other = (uint32_t)(draw(at, DRAW_BRANCH, at->step, 0) * (p->n_state - 1));
        at->state = other < at->state ? other : other + 1;
        at->base_until_s = from_s + markov_stay_s(p, at);
    } while (at->base_until_s <= t_s);
    at->base_value = p->state[at->state].value;
    return from_s;
}

/* The jumps visit all states equally often, so the shares of time are as the stays; a stay under way has the law of a whole one. */
static void markov_start(const struct process *p, struct process_at *at)
{
    double total_s = 0;
    for (uint32_t i = 0; i < p->n_state; i++) {
        total_s += p->state[i].stay_s;
    }
    double left_s = draw(at, DRAW_BRANCH, 0, 0) * total_s;
    while (at->state + 1 < p->n_state && left_s >= p->state[at->state].stay_s) {
        left_s -= p->state[at->state++].stay_s;
    }
    at->base_value = p->state[at->state].value;
    at->base_until_s = markov_stay_s(p, at);
}

/* LOG_AR1 */

/* Steps after which the past has faded below one rounding, in whole blocks. */
static uint64_t ar1_memory(const struct process *p)
{
    enum { BITS = 53 };
    if (p->correlation <= 0) {
        return NOISE_BLOCK;
    }
    double m = -BITS * 0.6931471805599453 / ts_log(p->correlation);
    return ((uint64_t)m / NOISE_BLOCK + 1) * NOISE_BLOCK;
}

/* x of the step k, a multiple of m, from its last m innovations. */
static double ar1_anew(const struct process *p, const struct process_at *at, uint64_t k, uint64_t m)
{
    double x = 0, noise[NOISE_BLOCK], unused[NOISE_BLOCK];
    struct draw_at address = {at->key, at->entity, at->member, NOISE_FIRST + k + 1 - m, DRAW_NOISE, 0};
    for (uint64_t done = 0; done < m; done += NOISE_BLOCK, address.index += NOISE_BLOCK) {
        draw_fill_pair(&address, NOISE_BLOCK, noise, unused);
        ts_probit_fill(noise, noise, NOISE_BLOCK);
        for (int i = 0; i < NOISE_BLOCK; i++) {
            x = p->correlation * x + noise[i];
        }
    }
    return x;
}

static void ar1_stand(const struct process *p, struct process_at *at)
{
    double x = at->unit * sqrt(1 - p->correlation * p->correlation);
    at->base_value = p->mean * ts_exp(p->sd_log * x - 0.5 * p->sd_log * p->sd_log);
    at->base_until_s = (double)(at->step + 1) * p->step_s;
}

static double ar1_seek(const struct process *p, struct process_at *at, double t_s)
{
    uint64_t k = (uint64_t)(t_s / p->step_s);
    while ((double)k * p->step_s > t_s) {
        k--;
    }
    while ((double)(k + 1) * p->step_s <= t_s) {
        k++;
    }
    const uint64_t m = ar1_memory(p), anchor = k / m * m;
    if (at->step < anchor) {
        at->unit = ar1_anew(p, at, anchor, m);
        at->step = anchor;
    }
    while (at->step < k) {
        at->step++;
        at->unit = p->correlation * at->unit + ts_probit(draw(at, DRAW_NOISE, NOISE_FIRST + at->step, 0));
    }
    ar1_stand(p, at);
    return (double)k * p->step_s;
}

static void ar1_start(const struct process *p, struct process_at *at)
{
    at->unit = ar1_anew(p, at, 0, ar1_memory(p));
    ar1_stand(p, at);
}

/* Outage */

static double outage_stay_s(const struct process *p, const struct process_at *at)
{
    return -ts_log(draw(at, DRAW_STAY, at->cycle, 1)) * (at->down ? p->outage_lasts_s : p->outage_every_s);
}

static double outage_seek(const struct process *p, struct process_at *at, double t_s)
{
    double from_s;
    do {
        from_s = at->outage_until_s;
        at->cycle++;
        at->down = !at->down;
        at->outage_until_s = from_s + outage_stay_s(p, at);
    } while (at->outage_until_s <= t_s);
    return from_s;
}

static void outage_start(const struct process *p, struct process_at *at)
{
    double down = p->outage_lasts_s / (p->outage_every_s + p->outage_lasts_s);
    at->down = draw(at, DRAW_BRANCH, 0, 1) < down;
    at->outage_until_s = outage_stay_s(p, at);
}

/* Any kind */

/* Only called where the value ends, so a constant never comes here. */
static double base_seek(const struct process *p, struct process_at *at, double t_s)
{
    if (p->kind == PROCESS_TRACE) {
        return trace_seek(p, at, t_s);
    }
    if (p->kind == PROCESS_MARKOV) {
        return markov_seek(p, at, t_s);
    }
    CHECK(p->kind == PROCESS_LOG_AR1);
    return ar1_seek(p, at, t_s);
}

/* What both layers together show. */
static void show(const struct process *p, struct process_at *at)
{
    at->value = at->down ? p->outage_value : at->base_value;
    at->until_s = at->down ? at->outage_until_s : fmin(at->base_until_s, at->outage_until_s);
}

double process_mean(const struct process *p)
{
    double mean = p->value;
    switch (p->kind) {
    case PROCESS_CONSTANT:
        break;
    case PROCESS_DRAWN:
        return dist_mean(&p->dist);
    case PROCESS_TRACE:
        mean = p->series->mean[p->column] * p->scale;
        break;
    case PROCESS_MARKOV: {
        double stay_s = 0, sum = 0;
        for (uint32_t i = 0; i < p->n_state; i++) {
            stay_s += p->state[i].stay_s;
            sum += p->state[i].stay_s * p->state[i].value;
        }
        mean = sum / stay_s;
        break;
    }
    case PROCESS_LOG_AR1:
        mean = p->mean;
        break;
    }
    if (has_outage(p)) {
        double down = p->outage_lasts_s / (p->outage_every_s + p->outage_lasts_s);
        mean = mean * (1 - down) + p->outage_value * down;
    }
    return mean;
}

void process_start(const struct process *p, struct process_at *at, struct stream_key key, uint32_t entity,
                   uint32_t member)
{
    *at = (struct process_at){.base_until_s = INFINITY, .outage_until_s = INFINITY, .entity = entity, .member = member,
                              .key = key};
    switch (p->kind) {
    case PROCESS_CONSTANT:
        at->base_value = p->value;
        break;
    case PROCESS_DRAWN:
        at->base_value = dist_mean(&p->dist);
        break;
    case PROCESS_TRACE:
        trace_start(p, at);
        break;
    case PROCESS_MARKOV:
        CHECK(p->n_state >= 2);
        markov_start(p, at);
        break;
    case PROCESS_LOG_AR1:
        CHECK(p->correlation >= 0 && p->correlation <= PROCESS_CORRELATION_MAX && p->step_s > 0);
        ar1_start(p, at);
        break;
    }
    if (has_outage(p)) {
        outage_start(p, at);
    }
    show(p, at);
}

void process_seek(const struct process *p, struct process_at *at, double t_s)
{
    CHECK_SLOW(t_s >= at->from_s);
    if (t_s < at->until_s) {
        return;
    }
    CHECK(t_s < INFINITY);
    double outage_from_s = at->from_s, base_from_s = at->from_s;
    if (at->outage_until_s <= t_s) {
        outage_from_s = outage_seek(p, at, t_s);
    }
    if (at->base_until_s <= t_s) {
        base_from_s = base_seek(p, at, t_s);
    }
    at->from_s = at->down ? outage_from_s : fmax(outage_from_s, base_from_s);
    show(p, at);
}

/* Whole cycles of a trace that go into amount, jumped over; returns where that ends. */
static double jump_cycles(const struct process *p, struct process_at *at, double t_s, double *amount)
{
    double cycle_amount = p->series->mean[p->column] * p->scale * p->series->span_s;
    /* One less than fit, so that the rounding of the mean cannot carry beyond the end. */
    double n = floor(*amount / cycle_amount) - 1;
    if (!(n >= 1)) {
        return t_s;
    }
    double to_s = t_s + n * p->series->span_s;
    if (to_s < PROCESS_HORIZON_S) {
        *amount -= n * cycle_amount;
        process_seek(p, at, to_s);
        return to_s;
    }
    *amount = INFINITY;
    return PROCESS_HORIZON_S;
}

double process_finish(const struct process *p, struct process_at *at, double t_s, double amount)
{
    CHECK(amount >= 0);
    process_seek(p, at, t_s);
    if (amount == 0 || at->value == INFINITY) {
        return t_s;
    }
    if (p->kind == PROCESS_TRACE && !has_outage(p)) {
        t_s = jump_cycles(p, at, t_s, &amount);
    }
    while (t_s < PROCESS_HORIZON_S) {
        if (at->value > 0) {
            double end_s = t_s + amount / at->value;
            if (end_s < at->until_s) {
                return end_s;
            }
            amount -= at->value * (at->until_s - t_s);
        }
        if (at->until_s == INFINITY) {
            break;
        }
        t_s = at->until_s;
        process_seek(p, at, t_s);
        if (amount <= 0 || at->value == INFINITY) {
            return t_s;
        }
    }
    return INFINITY;
}

double process_integral(const struct process *p, struct process_at *at, double from_s, double to_s)
{
    CHECK(from_s <= to_s);
    double sum = 0;
    process_seek(p, at, from_s);
    while (at->until_s <= to_s) {
        if (at->value != 0) {
            sum += at->value * (at->until_s - from_s);
        }
        from_s = at->until_s;
        process_seek(p, at, from_s);
    }
    return from_s < to_s && at->value != 0 ? sum + at->value * (to_s - from_s) : sum;
}
