/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_dist.h"

#include <math.h>
#include <string.h>

#include "sim/base/fmath.h"
#include "sim/base/text.h"

enum { POINTS = 100000, COMPONENTS = 1000 };

#define FIELD(name) offsetof(struct dist_written, name)
#define OF_PLACE    .type = VALUE_QUANTITY, .dimension = DIM_PLACE
#define RATIO       .type = VALUE_QUANTITY, .dimension = DIM_NUMBER
#define MEAN_KEY                                                                                                       \
    {                                                                                                                  \
        .name = "mean", OF_PLACE, .offset = FIELD(mean), .above = true, .about = "its mean"                            \
    }
#define CV_KEY                                                                                                         \
    {                                                                                                                  \
        .name = "cv", RATIO, .offset = FIELD(cv), .about = "standard deviation over mean"                              \
    }

struct weighted {
    double weight, mean;
    struct dist dist;
};

/* clang-format off */
const struct key dist_scalar = {.name = "value", OF_PLACE};

static const struct key point_key[2] = {
    {.name = "probability", RATIO, .max = 1},
    {.name = "value", OF_PLACE},
};
static const struct key point_item = {.type = VALUE_NODE, .pair = point_key};

static const struct key branch_key[] = {
    {.name = "weight", RATIO, .offset = offsetof(struct weighted, weight), .required = true, .above = true,
     .about = "how likely, relative to the others"},
    {.name = "mean", OF_PLACE, .offset = offsetof(struct weighted, mean), .required = true, .above = true,
     .about = "mean of this exponential"},
};
static const struct table branch_table = {.title = "Distributions: a branch of hyperexponential", TABLE(branch_key)};
static const struct key component_key[] = {
    {.name = "weight", RATIO, .offset = offsetof(struct weighted, weight), .required = true, .above = true,
     .about = "how likely, relative to the others"},
    {.name = "of", .type = VALUE_READ, .dimension = DIM_PLACE, .offset = offsetof(struct weighted, dist),
     .required = true, .read = read_dist, .scalar = &dist_scalar, .table = &dist_kinds,
     .wanted = "a quantity or a distribution", .about = "the distribution"},
};
static const struct table component_table = {.title = "Distributions: a component of mixture", TABLE(component_key)};
static const struct key branch_item = {.type = VALUE_MAP, .table = &branch_table};
static const struct key component_item = {.type = VALUE_MAP, .table = &component_table};

static const struct key uniform_key[] = {
    {.name = "low", OF_PLACE, .offset = FIELD(low), .about = "least value"},
    {.name = "high", OF_PLACE, .offset = FIELD(high), .about = "largest value"},
    MEAN_KEY,
    CV_KEY,
};
static const struct key exponential_key[] = {
    {.name = "mean", OF_PLACE, .offset = FIELD(mean), .required = true, .above = true, .about = "its mean"},
};
static const struct key erlang_key[] = {
    {.name = "mean", OF_PLACE, .offset = FIELD(mean), .required = true, .above = true, .about = "its mean"},
    CV_KEY,
    {.name = "stages",
     .type = VALUE_WHOLE,
     .offset = FIELD(stages),
     .min = 1,
     .max = DIST_STAGES,
     .about = "how many exponentials are added"},
};
static const struct key gamma_key[] = {
    MEAN_KEY,
    CV_KEY,
    {.name = "shape", RATIO, .offset = FIELD(shape), .above = true, .about = "shape k"},
    {.name = "scale", OF_PLACE, .offset = FIELD(scale), .above = true, .about = "scale; the mean is shape * scale"},
};
static const struct key lognormal_key[] = {
    MEAN_KEY,
    CV_KEY,
    {.name = "median", OF_PLACE, .offset = FIELD(median), .above = true, .about = "its median"},
    {.name = "sigma", RATIO, .offset = FIELD(sigma), .above = true, .about = "standard deviation of its logarithm"},
};
static const struct key weibull_key[] = {
    MEAN_KEY,
    CV_KEY,
    {.name = "shape", RATIO, .offset = FIELD(shape), .above = true, .about = "shape; 1 is the exponential"},
    {.name = "scale", OF_PLACE, .offset = FIELD(scale), .above = true, .about = "its quantile at 0.632"},
};
static const struct key pareto_key[] = {
    MEAN_KEY,
    CV_KEY,
    {.name = "shape", RATIO, .offset = FIELD(shape), .above = true, .about = "tail exponent; mean from above 1 on"},
    {.name = "minimum", OF_PLACE, .offset = FIELD(minimum), .above = true, .about = "least value"},
};
static const struct key hyper_key[] = {
    MEAN_KEY,
    CV_KEY,
    {.name = "branches",
     .type = VALUE_NODE,
     .offset = FIELD(branches),
     .item = &branch_item,
     .least = 1,
     .most = DIST_BRANCHES,
     .wanted = "a list of {weight: NUMBER, mean: VALUE}",
     .about = "instead of mean and cv"},
};
static const struct key normal_key[] = {
    {.name = "mean", OF_PLACE, .offset = FIELD(mean), .required = true, .about = "mean before it is cut off"},
    {.name = "sd", OF_PLACE, .offset = FIELD(sd), .required = true, .above = true,
     .about = "standard deviation before it is cut off"},
    {.name = "low", OF_PLACE, .offset = FIELD(low), .derived = "0", .about = "least value"},
    {.name = "high", OF_PLACE, .offset = FIELD(high), .unlimited = true, .derived = "unlimited",
     .about = "largest value"},
};

static const struct table uniform_table = {.title = "Distributions: uniform", TABLE(uniform_key)};
static const struct table exponential_table = {.title = "Distributions: exponential", TABLE(exponential_key)};
static const struct table erlang_table = {.title = "Distributions: erlang", TABLE(erlang_key)};
static const struct table gamma_table = {.title = "Distributions: gamma", TABLE(gamma_key)};
static const struct table lognormal_table = {.title = "Distributions: lognormal", TABLE(lognormal_key)};
static const struct table weibull_table = {.title = "Distributions: weibull", TABLE(weibull_key)};
static const struct table pareto_table = {.title = "Distributions: pareto", TABLE(pareto_key)};
static const struct table hyper_table = {.title = "Distributions: hyperexponential", TABLE(hyper_key)};
static const struct table normal_table = {.title = "Distributions: normal", TABLE(normal_key)};

static const char points_wanted[] =
    "a list of points [probability, value] such as [[0, LOW], [0.5, MEDIAN], [1, HIGH]]";
static const char components_wanted[] = "a list of {weight: NUMBER, of: DISTRIBUTION}";

#define KIND(name_, kind) .name = name_, .choice = true, .tag = kind

static const struct key kind_key[] = {
    {KIND("uniform", DIST_UNIFORM), .type = VALUE_MAP, .table = &uniform_table,
     .about = "between two values, all equally likely"},
    {KIND("exponential", DIST_EXPONENTIAL), .type = VALUE_MAP, .table = &exponential_table, .about = "exponential"},
    {KIND("erlang", DIST_ERLANG), .type = VALUE_MAP, .table = &erlang_table, .about = "a sum of exponential stages"},
    {KIND("gamma", DIST_GAMMA), .type = VALUE_MAP, .table = &gamma_table, .about = "gamma"},
    {KIND("lognormal", DIST_LOGNORMAL), .type = VALUE_MAP, .table = &lognormal_table,
     .about = "its logarithm is normal"},
    {KIND("weibull", DIST_WEIBULL), .type = VALUE_MAP, .table = &weibull_table, .about = "Weibull"},
    {KIND("pareto", DIST_PARETO), .type = VALUE_MAP, .table = &pareto_table,
     .about = "Pareto of type I: P(X > x) = (minimum/x)^shape"},
    {KIND("hyperexponential", DIST_HYPEREXPONENTIAL), .type = VALUE_MAP, .table = &hyper_table,
     .about = "one of several exponentials; by mean and cv, of two of balanced means"},
    {KIND("normal", DIST_NORMAL), .type = VALUE_MAP, .table = &normal_table,
     .about = "normal, given that it lies between low and high"},
    {KIND("constant", DIST_CONSTANT), OF_PLACE, .offset = FIELD(value), .about = "always this value"},
    {KIND("quantiles", DIST_QUANTILES), .type = VALUE_NODE, .offset = FIELD(points), .item = &point_item, .least = 1,
     .wanted = points_wanted,
     .about = "straight lines through points [probability, value], from probability 0 to 1"},
    {KIND("mixture", DIST_MIXTURE), .type = VALUE_NODE, .offset = FIELD(components), .item = &component_item,
     .least = 1, .wanted = components_wanted,
     .about = "one of several distributions, by weight"},
};
const struct table dist_kinds = {.title = "Distributions", TABLE(kind_key)};

struct dist_place {
    int kind;
    struct dist_written written;
};

static const struct table dist_table = {
    .more = &dist_kinds,
    .more_offset = offsetof(struct dist_place, written),
    .tag_offset = offsetof(struct dist_place, kind),
    .choice = DIST_CHOICE,
};
/* clang-format on */

struct dist_written dist_written_none(void)
{
    return (struct dist_written){
        .value = NAN,
        .mean = NAN,
        .cv = NAN,
        .low = NAN,
        .high = NAN,
        .shape = NAN,
        .scale = NAN,
        .median = NAN,
        .sigma = NAN,
        .minimum = NAN,
        .sd = NAN,
    };
}

/* [probability, value] */
static int read_point(struct reader *r, const struct yaml_node *n, double *p, double *x)
{
    char shown[TEXT_SHOWN];
    if (n->kind != YAML_LIST || n->n != 2) {
        return read_fault(r, n->at, "found %s, wanted a point [probability, value]", read_found(n, shown));
    }
    int rc = read_quantity(r, &point_key[0], n->item[0], p), rc_x = read_quantity(r, &point_key[1], n->item[1], x);
    return rc ? rc : rc_x;
}

static int make_quantiles(struct reader *r, const struct yaml_node *n, struct dist *d, struct err *e)
{
    int rc = read_list(r, n, points_wanted, POINTS);
    if (rc) {
        return rc;
    }
    double *p = ARENA_NEW(&r->s->arena, n->n, double), *x = ARENA_NEW(&r->s->arena, n->n, double);
    if (!p || !x) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter_item(r, i);
        int one = read_point(r, n->item[i], &p[i], &x[i]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc ? rc : dist_quantiles(d, &r->s->arena, n->n, p, x, e);
}

static int make_hyper(struct reader *r, const struct yaml_node *n, struct dist *d, struct err *e)
{
    double weight[DIST_BRANCHES], mean[DIST_BRANCHES];
    int rc = read_list(r, n, "a list of at most 4 branches {weight: NUMBER, mean: VALUE}", DIST_BRANCHES);
    for (uint32_t i = 0; n->kind == YAML_LIST && i < n->n && i < DIST_BRANCHES; i++) {
        struct weighted branch = {0};
        size_t mark = read_enter_item(r, i);
        int one = read_table(r, &branch_table, n->item[i], &branch);
        read_leave(r, mark);
        weight[i] = branch.weight;
        mean[i] = branch.mean;
        rc = rc ? rc : one;
    }
    return rc ? rc : dist_hyperexponential_native(d, n->n, weight, mean, e);
}

static int make_mixture(struct reader *r, const struct yaml_node *n, struct dist *d, struct err *e)
{
    int rc = read_list(r, n, components_wanted, COMPONENTS);
    if (rc) {
        return rc;
    }
    double *weight = ARENA_NEW(&r->s->arena, n->n, double);
    struct dist *component = ARENA_NEW(&r->s->arena, n->n, struct dist);
    if (!weight || !component) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        struct weighted w = {0};
        size_t mark = read_enter_item(r, i);
        int one = read_table(r, &component_table, n->item[i], &w);
        read_leave(r, mark);
        weight[i] = w.weight;
        component[i] = w.dist;
        rc = rc ? rc : one;
    }
    return rc ? rc : dist_mixture(d, &r->s->arena, n->n, weight, component, e);
}

/* Neither, both or half of the ways to say it. */
static int fault_parameters(struct reader *r, const struct yaml_node *n, const char *ways)
{
    char list[128] = "";
    for (uint32_t i = 0; n->kind == YAML_MAP && i < n->n; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : i + 1 < n->n ? ", " : " and ", n->pair[i].key);
    }
    return read_fault(r, n->at, "found %s, wanted %s", *list ? list : "nothing", ways);
}

#define GIVEN(x) (!isnan(x))

/* Two ways to say a distribution: by a and b, or natively by p and q; exactly one of them must be complete. */
static bool first_way(double a, double b, double p, double q)
{
    return GIVEN(a) && GIVEN(b) && !GIVEN(p) && !GIVEN(q);
}

static int make_simple(struct reader *r, enum dist_kind kind, const struct dist_written *w, const struct yaml_node *n,
                       struct dist *d, struct err *e)
{
    switch (kind) {
    case DIST_CONSTANT:
        return dist_constant(d, w->value, e);
    case DIST_UNIFORM:
        return first_way(w->mean, w->cv, w->low, w->high)   ? dist_uniform(d, w->mean, w->cv, e)
               : first_way(w->low, w->high, w->mean, w->cv) ? dist_uniform_native(d, w->low, w->high, e)
                                                            : fault_parameters(r, n, "low and high, or mean and cv");
    case DIST_EXPONENTIAL:
        return dist_exponential(d, w->mean, e);
    case DIST_ERLANG:
        return GIVEN(w->cv) && !w->stages   ? dist_erlang(d, w->mean, w->cv, e)
               : !GIVEN(w->cv) && w->stages ? dist_erlang_native(d, w->mean, w->stages, e)
                                            : fault_parameters(r, n, "mean and stages, or mean and cv");
    case DIST_GAMMA:
        return first_way(w->mean, w->cv, w->shape, w->scale) ? dist_gamma(d, w->mean, w->cv, e)
               : first_way(w->shape, w->scale, w->mean, w->cv)
                   ? dist_gamma_native(d, w->shape, w->scale, e)
                   : fault_parameters(r, n, "mean and cv, or shape and scale");
    case DIST_LOGNORMAL:
        return first_way(w->mean, w->cv, w->median, w->sigma) ? dist_lognormal(d, w->mean, w->cv, e)
               : first_way(w->median, w->sigma, w->mean, w->cv)
                   ? dist_lognormal_native(d, ts_log(w->median), w->sigma, e)
                   : fault_parameters(r, n, "mean and cv, or median and sigma");
    case DIST_WEIBULL:
        return first_way(w->mean, w->cv, w->shape, w->scale) ? dist_weibull(d, w->mean, w->cv, e)
               : first_way(w->shape, w->scale, w->mean, w->cv)
                   ? dist_weibull_native(d, w->shape, w->scale, e)
                   : fault_parameters(r, n, "mean and cv, or shape and scale");
    case DIST_PARETO:
        return first_way(w->mean, w->cv, w->shape, w->minimum) ? dist_pareto(d, w->mean, w->cv, e)
               : first_way(w->shape, w->minimum, w->mean, w->cv)
                   ? dist_pareto_native(d, w->shape, w->minimum, e)
                   : fault_parameters(r, n, "mean and cv, or shape and minimum");
    default:
        return dist_normal(d, w->mean, w->sd, GIVEN(w->low) ? w->low : 0, GIVEN(w->high) ? w->high : INFINITY, e);
    }
}

/* "gamma: cv: found ...": at the value of its key, if it was written. */
static int fault_made(struct reader *r, enum dist_kind kind, const struct yaml_node *n, const struct err *e)
{
    const char *text = e->text, *name = dist_name(kind);
    struct yaml_place at = n->at;
    size_t length = strlen(name), mark = r->path_n;
    text += strncmp(text, name, length) == 0 && strncmp(text + length, ": ", 2) == 0 ? length + 2 : 0;
    for (uint32_t i = 0; n->kind == YAML_MAP && i < n->n; i++) {
        length = strlen(n->pair[i].key);
        if (strncmp(text, n->pair[i].key, length) == 0 && strncmp(text + length, ": ", 2) == 0) {
            text += length + 2;
            at = n->pair[i].value->at;
            read_enter(r, n->pair[i].key);
            break;
        }
    }
    int rc = read_fault(r, at, "%s", text);
    read_leave(r, mark);
    return rc;
}

int read_dist_make(struct reader *r, enum dist_kind kind, const struct dist_written *w, const struct yaml_node *n,
                   struct dist *d)
{
    struct err e = {0};
    const struct yaml_node *own = yaml_get(n, dist_name(kind)), *at = own ? own : n;
    size_t mark = own ? read_enter(r, dist_name(kind)) : r->path_n;
    int rc;
    if (kind == DIST_QUANTILES) {
        rc = make_quantiles(r, w->points, d, &e);
    } else if (kind == DIST_MIXTURE) {
        rc = make_mixture(r, w->components, d, &e);
    } else if (kind == DIST_HYPEREXPONENTIAL && w->branches && !GIVEN(w->mean) && !GIVEN(w->cv)) {
        rc = make_hyper(r, w->branches, d, &e);
    } else if (kind == DIST_HYPEREXPONENTIAL) {
        rc = GIVEN(w->mean) && GIVEN(w->cv) && !w->branches ? dist_hyperexponential(d, w->mean, w->cv, &e)
                                                            : fault_parameters(r, at, "mean and cv, or branches");
    } else {
        rc = make_simple(r, kind, w, at, d, &e);
    }
    if (e.code == ERR_MEMORY) {
        rc = read_out_of_memory(r);
    } else if (e.code != ERR_NONE) {
        rc = fault_made(r, kind, at, &e);
    }
    read_leave(r, mark);
    return rc;
}

int read_dist(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct dist *d = field;
    enum dimension outer = r->dimension;
    r->dimension = k->dimension == DIM_PLACE ? r->dimension : k->dimension;
    struct dist_place place = {.written = dist_written_none()};
    int rc;
    if (n->kind == YAML_SCALAR) {
        rc = read_quantity(r, &dist_scalar, n, &place.written.value);
        place.kind = DIST_CONSTANT;
    } else {
        rc = read_table(r, &dist_table, n, &place);
    }
    rc = rc ? rc : read_dist_make(r, (enum dist_kind)place.kind, &place.written, n, d);
    r->dimension = outer;
    return rc;
}
