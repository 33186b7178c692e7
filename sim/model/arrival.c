/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/arrival.h"

#include <math.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/base/fmath.h"

enum { BLOCK = 64, MEMBER_BITS = 24 };

/* Draws of the jobs 64k .. 64k+63 of a group that is one source. */
struct block {
    double even[BLOCK], odd[BLOCK]; /* minus the unit exponential, and whose it is; PERIODIC: odd is the jitter */
};

struct source {
    const struct arrivals *a;
    struct draw_at next; /* address of the next job's draws; member = number of the source */
    uint32_t n_members;  /* that it stands for */
    uint32_t member;     /* the first of them */
    bool one;            /* the group is this one source, with a block */
    double unit;         /* sum of the unit exponentials so far */
    double at_s;         /* MMPP, RENEWAL: the last arrival; TRACE: the offset; PERIODIC: the phase of a separate source */
    uint64_t first_row;  /* TRACE */
    /* What the kind needs: struct process_at (MMPP); struct block (one); phases in order (PERIODIC, one, PHASE_RANDOM). */
    uint64_t room[];
};

static bool has_block(const struct arrivals *a, uint32_t n_members)
{
    return a->kind != ARRIVAL_CLOSED && arrivals_n_source(a, n_members) == 1;
}

static bool has_ring(const struct arrivals *a, uint32_t n_members)
{
    return a->kind == ARRIVAL_PERIODIC && a->phase == PHASE_RANDOM && has_block(a, n_members);
}

static size_t modulation_size(const struct arrivals *a)
{
    return a->kind == ARRIVAL_MMPP ? sizeof(struct process_at) : 0;
}

static struct process_at *modulation(struct source *s)
{
    return (void *)s->room;
}

static struct block *block(struct source *s)
{
    return (void *)((char *)s->room + modulation_size(s->a));
}

/* Phase and member in one word, so that the order of the words is the order in the ring. */
static uint64_t *ring(struct source *s)
{
    return (void *)(block(s) + 1);
}

/* Its value is a uniform, cut to 40 bits. */
static double ring_phase(uint64_t word)
{
    return ((double)(word >> MEMBER_BITS) + 0.5) * 0x1p-40;
}

static uint64_t ring_word(const struct source *s, uint32_t member)
{
    struct draw_at at = s->next;
    at.member = member;
    at.index = 0;
    at.purpose = DRAW_OFFSET;
    return (uint64_t)(draw_uniform(&at, 0) * 0x1p40) << MEMBER_BITS | member;
}

static int compare_words(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static double draw(const struct source *s, enum draw_purpose purpose)
{
    struct draw_at at = s->next;
    at.purpose = (uint8_t)purpose;
    return draw_uniform(&at, 0);
}

/* The draws of the job that comes next, made here if it is the first of its block. */
static const struct block *block_of_next(struct source *s)
{
    struct block *b = block(s);
    if (s->next.index % BLOCK == 0) {
        draw_fill_pair(&s->next, BLOCK, b->even, b->odd);
        if (s->a->kind != ARRIVAL_PERIODIC) {
            ts_log_fill(b->even, b->even, BLOCK);
        }
    }
    return b;
}

/* The unit exponential before the next job, and whose job it is. */
static double draw_interval(struct source *s, uint32_t *member)
{
    if (s->one) {
        const struct block *b = block_of_next(s);
        size_t i = s->next.index % BLOCK;
        *member = (uint32_t)(b->odd[i] * s->n_members);
        return -b->even[i];
    }
    *member = s->member;
    return -ts_log(draw(s, DRAW_INTERVAL));
}

/* DIURNAL */

/*
 * The t at which t + depth (sin(w (t - peak)) + sin(w peak)) = mean_s, where depth = swing period / 2 pi: the cumulative
 * rate over the mean rate.  Over a period it grows by just the period, so the root is sought within one, where it is
 * bracketed and the function increases; Newton steps that leave the bracket are replaced by halving it.
 */
static double diurnal_invert(const struct arrivals *a, double mean_s)
{
    const double turn = 6.283185307179586, depth = a->swing / turn;
    const double cycle = floor(mean_s / a->period_s), want = mean_s / a->period_s - cycle;
    const double peak = a->peak_s / a->period_s, start = ts_sin(turn * peak);
    double low = 0, high = 1, x = want;
    for (int i = 0; i < 100 && low < high; i++) {
        double angle = turn * (x - peak), excess = x + depth * (ts_sin(angle) + start) - want;
        if (fabs(excess) <= 0x1p-52) {
            break;
        }
        low = excess < 0 ? x : low;
        high = excess > 0 ? x : high;
        double newton = x - excess / (1 + a->swing * ts_cos(angle));
        double next = newton > low && newton < high ? newton : 0.5 * (low + high);
        if (next == x) {
            break;
        }
        x = next;
    }
    return (cycle + x) * a->period_s;
}

/* TRACE: where row `step`, counted over all cycles, lies. */
static double row_s(const struct source *s, uint64_t step)
{
    const struct series *trace = s->a->trace;
    return ((double)(step / trace->n_row) * trace->span_s - s->at_s) + trace->time_s[step % trace->n_row];
}

static void trace_start(struct source *s)
{
    s->at_s = s->a->start_random ? draw(s, DRAW_OFFSET) * s->a->trace->span_s : 0;
    /* The first row at or after 0; row n_row, of the next cycle, is. */
    uint64_t low = 0, high = s->a->trace->n_row;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (row_s(s, middle) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    s->first_row = low;
}

static void trace_next(struct source *s, struct arrival *out)
{
    uint64_t step = s->first_row + s->next.index;
    out->member = s->one ? (uint32_t)(block_of_next(s)->odd[s->next.index % BLOCK] * s->n_members) : s->member;
    out->trace_row = (uint32_t)(step % s->a->trace->n_row);
    out->look_s = out->release_s = row_s(s, step);
}

/* PERIODIC */

static void periodic_start(struct source *s, uint32_t n_members)
{
    const struct arrivals *a = s->a;
    if (has_ring(a, n_members)) {
        for (uint32_t i = 0; i < n_members; i++) {
            ring(s)[i] = ring_word(s, i);
        }
        qsort(ring(s), n_members, sizeof *ring(s), compare_words);
    } else if (a->phase == PHASE_RANDOM) {
        s->at_s = ring_phase(ring_word(s, s->member)) * a->period_s;
    } else if (a->phase == PHASE_SPREAD) {
        s->at_s = (double)s->member / n_members * a->period_s;
    }
    s->next.purpose = DRAW_JITTER;
}

static void periodic_next(struct source *s, struct arrival *out)
{
    const struct arrivals *a = s->a;
    uint64_t cycle = s->next.index / s->n_members;
    uint32_t i = (uint32_t)(s->next.index % s->n_members);
    double phase_s = s->at_s;
    out->member = s->member;
    if (s->one) {
        out->member = i;
        if (a->phase == PHASE_RANDOM) {
            out->member = (uint32_t)(ring(s)[i] & ((1u << MEMBER_BITS) - 1));
            phase_s = ring_phase(ring(s)[i]) * a->period_s;
        } else if (a->phase == PHASE_SPREAD) {
            phase_s = (double)i / s->n_members * a->period_s;
        }
    }
    out->look_s = out->release_s = phase_s + (double)cycle * a->period_s;
    if (a->jitter_s > 0) {
        double u = s->one ? block_of_next(s)->odd[s->next.index % BLOCK] : draw(s, DRAW_JITTER);
        out->release_s += a->jitter_s * u;
    }
}

/* RENEWAL */

static void renewal_next(struct source *s, struct arrival *out)
{
    out->member = s->one ? (uint32_t)(block_of_next(s)->odd[s->next.index % BLOCK] * s->n_members) : s->member;
    s->at_s += dist_draw(&s->a->interval, &s->next) / s->n_members;
    out->look_s = out->release_s = s->at_s;
}

/* CLOSED */

static void closed_next(struct source *s, double from_s, struct arrival *out)
{
    struct draw_at at = s->next;
    at.purpose = DRAW_THINK;
    out->member = s->member;
    out->look_s = out->release_s = from_s + dist_draw(&s->a->think, &at);
}

/* Any kind */

uint32_t arrivals_n_source(const struct arrivals *a, uint32_t n_members)
{
    if (a->kind == ARRIVAL_CLOSED) {
        return n_members * a->users;
    }
    bool own = (a->kind == ARRIVAL_MMPP || a->kind == ARRIVAL_RENEWAL) && !a->shared;
    return a->separate || own ? n_members : 1;
}

double arrivals_rate(const struct arrivals *a, uint32_t n_members)
{
    switch (a->kind) {
    case ARRIVAL_POISSON:
    case ARRIVAL_DIURNAL:
        return n_members * a->rate;
    case ARRIVAL_MMPP:
        return n_members * process_mean(&a->modulation);
    case ARRIVAL_PERIODIC:
        return n_members / a->period_s;
    case ARRIVAL_CLOSED:
        return n_members * (a->users / dist_mean(&a->think));
    case ARRIVAL_RENEWAL:
        return n_members / dist_mean(&a->interval);
    case ARRIVAL_TRACE:
        break;
    }
    return (a->separate ? n_members : 1) * ((double)a->trace->n_row / a->trace->span_s);
}

size_t source_size(const struct arrivals *a, uint32_t n_members)
{
    size_t ring_size = has_ring(a, n_members) ? n_members * sizeof(uint64_t) : 0;
    return sizeof(struct source) + modulation_size(a) + (has_block(a, n_members) ? sizeof(struct block) : 0) + ring_size;
}

void source_start(struct source *s, const struct arrivals *a, uint32_t n_members, uint32_t number,
                  struct stream_key key, uint32_t entity)
{
    const bool one = has_block(a, n_members);
    CHECK(number < arrivals_n_source(a, n_members) && number < 1u << MEMBER_BITS && n_members <= 1u << MEMBER_BITS);
    *s = (struct source){.a = a, .next = {key, entity, number, 0, DRAW_INTERVAL, 0}, .n_members = one ? n_members : 1,
                         .member = a->kind == ARRIVAL_CLOSED ? number / a->users : number, .one = one};
    switch (a->kind) {
    case ARRIVAL_MMPP:
        process_start(&a->modulation, modulation(s), key, entity, a->shared ? 0 : number);
        break;
    case ARRIVAL_TRACE:
        trace_start(s);
        break;
    case ARRIVAL_PERIODIC:
        periodic_start(s, n_members);
        break;
    case ARRIVAL_POISSON:
    case ARRIVAL_DIURNAL:
    case ARRIVAL_CLOSED:
    case ARRIVAL_RENEWAL:
        break;
    }
}

void source_next(struct source *s, struct arrival *out)
{
    const struct arrivals *a = s->a;
    out->index = s->next.index;
    out->trace_row = 0;
    switch (a->kind) {
    case ARRIVAL_POISSON:
        s->unit += draw_interval(s, &out->member);
        out->look_s = out->release_s = s->unit / (s->n_members * a->rate);
        break;
    case ARRIVAL_DIURNAL:
        s->unit += draw_interval(s, &out->member);
        /* The inversion is exact to a rounding, which may not turn two arrivals round. */
        s->at_s = fmax(s->at_s, diurnal_invert(a, s->unit / (s->n_members * a->rate)));
        out->look_s = out->release_s = s->at_s;
        break;
    case ARRIVAL_MMPP: {
        double unit = draw_interval(s, &out->member);
        if (s->at_s < INFINITY) {
            s->at_s = process_finish(&a->modulation, modulation(s), s->at_s, unit / s->n_members);
        }
        out->look_s = out->release_s = s->at_s;
        break;
    }
    case ARRIVAL_RENEWAL:
        renewal_next(s, out);
        break;
    case ARRIVAL_PERIODIC:
        periodic_next(s, out);
        break;
    case ARRIVAL_TRACE:
        trace_next(s, out);
        break;
    case ARRIVAL_CLOSED:
        if (s->next.index == 0) {
            closed_next(s, 0, out);
        } else {
            out->member = s->member;
            out->look_s = out->release_s = INFINITY;
            return;
        }
        break;
    }
    s->next.index++;
}

void source_think(struct source *s, double t_s, struct arrival *out)
{
    CHECK(s->a->kind == ARRIVAL_CLOSED && s->next.index > 0);
    out->index = s->next.index;
    out->trace_row = 0;
    closed_next(s, t_s, out);
    s->next.index++;
}
