/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/bound_lp.h"

#include <glpk.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 48, MOST_COLUMNS = 20000, TIME_LIMIT_MS = 10000 };

/* Slots of equal length from first_s on; the last has no end and room for all. */
struct slots {
    double first_s, length_s;
};

/* From the first release to where all would be done one after the other. */
static struct slots slots_of(const struct lp_case *c)
{
    double first_s = INFINITY, last_s = 0, work_s = 0;
    for (uint32_t j = 0; j < c->n_job; j++) {
        double least_s = INFINITY, in_s = 0;
        for (uint32_t k = 0; k < c->job[j].n_choice; k++) {
            const struct lp_choice *choice = &c->choice[c->job[j].first + k];
            least_s = fmin(least_s, choice->work_s);
            in_s = fmax(in_s, choice->in_s);
        }
        first_s = fmin(first_s, c->job[j].released_s);
        last_s = fmax(last_s, c->job[j].released_s + in_s);
        work_s += isfinite(least_s) ? least_s : 0;
    }
    return (struct slots){first_s, (last_s + work_s - first_s) / (SLOTS - 1)};
}

static double slot_from_s(struct slots s, uint32_t t)
{
    return s.first_s + t * s.length_s;
}

/* What a job counts at a place if some of it is worked on in the slot: it is done no sooner than the slot begins. */
static double cost(const struct lp_case *c, const struct lp_job *j, const struct lp_choice *k, double from_s)
{
    double latency_s = fmax(k->latency_s, from_s - j->released_s + k->out_s);
    bool late = latency_s > j->allowed_s * (1 + 1e-9); /* the clock rounds */
    return c->per_s * latency_s + c->per_miss * late + c->per_rest * k->rest;
}

/* The slot ends before the job's input can be there. */
static bool is_too_early(const struct lp_job *j, const struct lp_choice *k, struct slots s, uint32_t t)
{
    return t + 1 < SLOTS && slot_from_s(s, t + 1) <= j->released_s + k->in_s;
}

static uint32_t count_columns(const struct lp_case *c, struct slots s)
{
    uint64_t n = c->n_job;
    for (uint32_t j = 0; j < c->n_job; j++) {
        for (uint32_t k = 0; k < c->job[j].n_choice; k++) {
            for (uint32_t t = 0; t < SLOTS; t++) {
                n += !is_too_early(&c->job[j], &c->choice[c->job[j].first + k], s, t);
            }
        }
    }
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* Rows: jobs, then (place, slot) but the last slot; a price for each of the latter. */
static int row_of(const struct lp_case *c, uint32_t place, uint32_t t)
{
    return (int)(c->n_job + place * (SLOTS - 1) + t + 1);
}

static void put_columns(glp_prob *lp, const struct lp_case *c, struct slots s)
{
    int column = 0;
    for (uint32_t j = 0; j < c->n_job; j++) {
        const int own[] = {0, (int)j + 1};
        column++;
        glp_set_col_bnds(lp, column, isfinite(c->job[j].without) ? GLP_LO : GLP_FX, 0, 0);
        glp_set_obj_coef(lp, column, isfinite(c->job[j].without) ? c->job[j].without : 0);
        glp_set_mat_col(lp, column, 1, own, (const double[]){0, 1});
        for (uint32_t k = 0; k < c->job[j].n_choice; k++) {
            const struct lp_choice *choice = &c->choice[c->job[j].first + k];
            for (uint32_t t = 0; t < SLOTS; t++) {
                if (is_too_early(&c->job[j], choice, s, t)) {
                    continue;
                }
                const int row[] = {0, (int)j + 1, t + 1 < SLOTS ? row_of(c, choice->place, t) : 0};
                const double value[] = {0, 1, choice->work_s};
                column++;
                glp_set_col_bnds(lp, column, GLP_LO, 0, 0);
                glp_set_obj_coef(lp, column, cost(c, &c->job[j], choice, slot_from_s(s, t)));
                glp_set_mat_col(lp, column, t + 1 < SLOTS ? 2 : 1, row, value);
            }
        }
    }
}

/* Prices of places in slots, >= 0, into price[n_place][SLOTS - 1]. */
static void find_prices(const struct lp_case *c, struct slots s, uint32_t n_column, double *price)
{
    glp_prob *lp = glp_create_prob();
    glp_smcp how;
    glp_term_out(GLP_OFF);
    glp_set_obj_dir(lp, GLP_MIN);
    glp_add_rows(lp, row_of(c, c->n_place, 0) - 1);
    glp_add_cols(lp, (int)n_column);
    for (uint32_t j = 0; j < c->n_job; j++) {
        glp_set_row_bnds(lp, (int)j + 1, GLP_FX, 1, 1);
    }
    for (uint32_t p = 0; p < c->n_place; p++) {
        for (uint32_t t = 0; t + 1 < SLOTS; t++) {
            glp_set_row_bnds(lp, row_of(c, p, t), GLP_UP, 0, c->units[p] * s.length_s);
        }
    }
    put_columns(lp, c, s);
    glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    how.tm_lim = TIME_LIMIT_MS;
    glp_simplex(lp, &how);
    for (uint32_t p = 0; p < c->n_place; p++) {
        for (uint32_t t = 0; t + 1 < SLOTS; t++) {
            double dual = glp_get_row_dual(lp, row_of(c, p, t));
            price[p * (SLOTS - 1) + t] = dual < 0 ? -dual : 0;
        }
    }
    glp_delete_prob(lp);
    glp_free_env();
}

/* Each job takes what is cheapest with the prices, less the price of all there is: Lagrange's bound. */
static double priced(const struct lp_case *c, struct slots s, const double *price)
{
    double sum = 0;
    for (uint32_t j = 0; j < c->n_job; j++) {
        double least = c->job[j].without;
        for (uint32_t k = 0; k < c->job[j].n_choice; k++) {
            const struct lp_choice *choice = &c->choice[c->job[j].first + k];
            for (uint32_t t = 0; t < SLOTS; t++) {
                double per_s = t + 1 < SLOTS ? price[choice->place * (SLOTS - 1) + t] : 0;
                if (!is_too_early(&c->job[j], choice, s, t)) {
                    least = fmin(least, cost(c, &c->job[j], choice, slot_from_s(s, t)) + per_s * choice->work_s);
                }
            }
        }
        sum += least;
    }
    for (uint32_t p = 0; p < c->n_place; p++) {
        for (uint32_t t = 0; t + 1 < SLOTS; t++) {
            sum -= price[p * (SLOTS - 1) + t] * c->units[p] * s.length_s;
        }
    }
    return sum;
}

/* GLPK has one environment for all threads. */
static pthread_mutex_t glpk = PTHREAD_MUTEX_INITIALIZER;

int bound_lp(const struct lp_case *c, double *bound, struct err *e)
{
    const struct slots s = slots_of(c);
    uint32_t n_column = count_columns(c, s);
    *bound = NAN;
    if (n_column > MOST_COLUMNS || !(s.length_s > 0)) {
        return 0;
    }
    double *price = calloc((size_t)c->n_place * SLOTS + 1, sizeof *price);
    if (!price) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a linear program of %u columns", n_column);
    }
    pthread_mutex_lock(&glpk);
    find_prices(c, s, n_column, price);
    pthread_mutex_unlock(&glpk);
    *bound = priced(c, s, price);
    free(price);
    return 0;
}
