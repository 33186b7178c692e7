/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/io/read_sections.h"

struct weighed {
    double weight, per;
};

struct objective_written {
    struct weighed latency, energy, cost;
    double miss, privacy, unfinished_s;
};

/* Of weights; and of scales in SI, whose least is its inverse: so quotients stay finite. */
#define MOST 1e9

#define WRITTEN(member) offsetof(struct objective_written, member)
#define WEIGHED(member) offsetof(struct weighed, member)

/* clang-format off */
#define WEIGHT {.name = "weight", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = WEIGHED(weight), .max = MOST, \
                .otherwise = "1", .about = "what one `per` of it counts"}
static const struct key latency_key[] = {
    WEIGHT,
    {.name = "per", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = WEIGHED(per), .required = true,
     .min = 1 / MOST, .max = MOST, .about = "the scale of latencies"},
};
static const struct key energy_key[] = {
    WEIGHT,
    {.name = "per", .type = VALUE_QUANTITY, .dimension = DIM_ENERGY, .offset = WEIGHED(per), .required = true,
     .min = 1 / MOST, .max = MOST, .about = "the scale of energies"},
};
static const struct key cost_key[] = {
    WEIGHT,
    {.name = "per", .type = VALUE_QUANTITY, .dimension = DIM_MONEY, .offset = WEIGHED(per), .required = true,
     .min = 1 / MOST, .max = MOST, .about = "the scale of prices"},
};
static const struct table latency_table = {.title = "objective.latency", TABLE(latency_key)};
static const struct table energy_table = {.title = "objective.energy", TABLE(energy_key)};
static const struct table cost_table = {.title = "objective.cost", TABLE(cost_key)};

static const struct key objective_key[] = {
    {.name = "latency", .type = VALUE_MAP, .offset = WRITTEN(latency), .table = &latency_table,
     .about = "from the release to the result"},
    {.name = "energy", .type = VALUE_MAP, .offset = WRITTEN(energy), .table = &energy_table,
     .about = "above idle, of nodes and links, with what was in vain"},
    {.name = "cost", .type = VALUE_MAP, .offset = WRITTEN(cost), .table = &cost_table, .about = "price of the links used"},
    {.name = "miss", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = WRITTEN(miss), .max = MOST, .otherwise = "0",
     .about = "what a job counts that ends late or without a result"},
    {.name = "privacy", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = WRITTEN(privacy), .max = MOST, .otherwise = "0",
     .about = "what a sensitive job counts that leaves its node"},
    {.name = "unfinished", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = WRITTEN(unfinished_s), .max = HORIZON_S,
     .derived = "its deadline; without one, ten times latency.per",
     .about = "latency that a job without a result is charged at least"},
};
const struct table objective_table = {.title = "objective", TABLE(objective_key)};
/* clang-format on */

/* What people may look for here, and a scenario has no figures for. */
static int refuse_unmodelled(struct reader *r, const struct yaml_node *n)
{
    static const char *const name[] = {"accuracy", "carbon"};
    int rc = 0;
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        const struct yaml_node *weight = n->kind == YAML_MAP ? yaml_get(n, name[i]) : NULL;
        if (weight) {
            size_t mark = read_enter(r, name[i]);
            rc = read_fault(r, weight->at, "found a weight of what nothing in a scenario gives, wanted weights of latency, "
                            "energy, cost, miss or privacy");
            read_leave(r, mark);
        }
    }
    return rc;
}

static void append(char *text, size_t room, double weight, const char *name, double per, enum dimension d)
{
    char number[32] = "", scale[32] = "";
    size_t n = strlen(text);
    if (weight > 0) {
        if (weight != 1) {
            snprintf(number, sizeof number, "%g ", weight);
        }
        snprintf(text + n, room - n, "%s%s%s%s%s", n ? " + " : "", number, name, d == DIM_NUMBER ? "" : "/",
                 d == DIM_NUMBER ? "" : quantity_text(per, d, scale, sizeof scale));
    }
}

/* What is added up, as people write it. */
static const char *formula(struct reader *r, const struct objective_written *w)
{
    char text[512] = "";
    append(text, sizeof text, w->latency.weight, "latency", w->latency.per, DIM_TIME);
    append(text, sizeof text, w->energy.weight, "energy", w->energy.per, DIM_ENERGY);
    append(text, sizeof text, w->cost.weight, "cost", w->cost.per, DIM_MONEY);
    append(text, sizeof text, w->miss, "miss", 0, DIM_NUMBER);
    append(text, sizeof text, w->privacy, "privacy", 0, DIM_NUMBER);
    return arena_copy(&r->s->arena, text);
}

static double over(struct weighed w)
{
    return w.per > 0 ? w.weight / w.per : 0;
}

int read_objective(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct objective_written w = {.unfinished_s = NAN};
    int rc = refuse_unmodelled(r, n);
    rc = rc ? rc : read_table(r, &objective_table, n, &w);
    (void)k, (void)field;
    if (rc) {
        return rc;
    }
    const struct objective o = {
        .given = true,
        .text = formula(r, &w),
        .per_s = over(w.latency),
        .per_j = over(w.energy),
        .per_usd = over(w.cost),
        .per_miss = w.miss,
        .per_exposure = w.privacy,
        .unfinished_s = w.unfinished_s,
        .no_deadline_s = 10 * w.latency.per,
    };
    if (!(o.per_s + o.per_j + o.per_usd + o.per_miss + o.per_exposure > 0)) {
        return read_fault(r, n->at, "found no weight above 0, wanted one of latency, energy, cost, miss or privacy");
    }
    r->s->objective = o;
    return o.text ? 0 : read_out_of_memory(r);
}
