/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_control.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/read_dist.h"
#include "sim/io/read_size.h"
#include "sim/io/read_work.h"

static const char *const exact_word[] = {"exact", NULL};
static const char *const phase_word[] = {"spread", "sync", NULL};
static const char *const via_word[] = {"links", NULL};
static const char *const ledger_word[] = {"own", "none", "shared", NULL};
static const char *const know_word[] = {"nominal", "exact", "last", NULL}; /* from KNOW_NOMINAL on */
static const char *const measured_word[] = {"measured", NULL};
static const char *const none_word[] = {"none", NULL};
static const char origin[] = "origin";

struct view_written {
    double period_s, delay_s;
    unsigned phase;
    const struct yaml_node *via;
    bool many;
};

struct think_written {
    double measured_s;
    struct size_spec work;
    const char *processor;
    struct dist_written dist;
    int kind;
};

struct over_written {
    const struct yaml_node *policy, *view, *think;
    uint32_t group;
    double every_s, think_w;
};
enum { OVER_THINK = 4 };

static const char *measured_word_at(size_t i)
{
    return measured_word[i];
}

/* clang-format off */
#define WRITTEN(key) .type = VALUE_NODE, .offset = offsetof(struct control_written, node[key])

static const struct key via_key = {.name = "via", .type = VALUE_WORD, .word = via_word};
static const struct key view_key[] = {
    {.name = "period", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = offsetof(struct view_written, period_s),
     .required = true, .min = 1e-6, .max = HORIZON_S, .about = "each place samples its state so often"},
    {.name = "delay", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = offsetof(struct view_written, delay_s),
     .otherwise = "0 s", .max = HORIZON_S, .about = "a sample can be read when it is so old; not with `via`"},
    {.name = "phase", .type = VALUE_WORD, .offset = offsetof(struct view_written, phase), .word = phase_word,
     .otherwise = "spread", .about = "the places sample evenly over a period, or all at once"},
    {.name = "via", .type = VALUE_NODE, .offset = offsetof(struct view_written, via), .scalar = &via_key,
     .wanted = "links", .derived = "samples are known without",
     .about = "each sample is a message over the links, read from its arrival on"},
    {.name = "many", .type = VALUE_FLAG, .offset = offsetof(struct view_written, many), .otherwise = "false",
     .about = "messages of more than 10000 places are meant"},
};
static const struct table view_table = {.title = "A controller: view", TABLE(view_key)};
static const struct key view_word_key = {.name = "view", .type = VALUE_WORD, .word = exact_word};

static const struct key think_key[] = {
    {.name = "measured", .choice = true, .tag = -1, .type = VALUE_QUANTITY, .dimension = DIM_TIME,
     .offset = offsetof(struct think_written, measured_s), .max = HORIZON_S,
     .about = "what `measured` found; a result file has it, so that it can be run again"},
    {.name = "work", .choice = true, .tag = -2, .type = VALUE_READ, .dimension = DIM_WORK,
     .offset = offsetof(struct think_written, work), .read = read_work, .scalar = &dist_scalar, .table = &work_table,
     .wanted = "an amount of work such as 3 MFLOP, a distribution, or operators of a network",
     .about = "what a question takes to answer, on one core of the controller's node; `tiersim profile --operators` prints a "
              "network's"},
    {.name = "processor", .type = VALUE_NAME, .offset = offsetof(struct think_written, processor),
     .derived = "the first of the node", .about = "work: which of the node's does it"},
};
static const struct table think_table = {
    .title = "A controller: think", TABLE(think_key), .more = &dist_kinds,
    .more_offset = offsetof(struct think_written, dist), .tag_offset = offsetof(struct think_written, kind),
    .choice = "measured, work, or " DIST_CHOICE};
static const struct table slow_think_table = { /* without `measured`: they are asked too seldom for it */
    .title = "A controller: over: think", .key = think_key + 1, .n = sizeof think_key / sizeof *think_key - 1, .more = &dist_kinds,
    .more_offset = offsetof(struct think_written, dist), .tag_offset = offsetof(struct think_written, kind),
    .choice = "work, or " DIST_CHOICE};

static const struct key know_word_key = {.name = "know", .type = VALUE_WORD, .word = know_word};
static const struct key know_key[] = {
    {.name = "ewma", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .above = true, .max = 1, .required = true,
     .about = "an average of the controller's transfers, in which the newest has this weight"},
};
static const struct table know_table = {.title = "A controller: know", TABLE(know_key)};

#define BITS(kind) sizeof(double) * (kind)
static const struct key bytes_key[] = {
    {.name = "request", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = BITS(MESSAGE_REQUEST),
     .otherwise = "256 B", .about = "a question, from the device to the controller"},
    {.name = "answer", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = BITS(MESSAGE_ANSWER),
     .otherwise = "64 B", .about = "a decision, from there to the device"},
    {.name = "report", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = BITS(MESSAGE_REPORT),
     .otherwise = "64 B", .about = "the state of one place, from there to a controller"},
    {.name = "news", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = BITS(MESSAGE_NEWS),
     .otherwise = "64 B", .about = "that a job has ended or was refused, from where it was to its controller"},
    {.name = "set", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = BITS(MESSAGE_SET),
     .otherwise = "64 B", .about = "one step of a slow rule, to a fast controller"},
};
static const struct table bytes_table = {.title = "A controller: bytes", TABLE(bytes_key)};

static const struct key at_key = {.name = "at", .type = VALUE_NAME};
static const struct key ledger_key = {.name = "ledger", .type = VALUE_WORD, .word = ledger_word};
static const struct key news_key = {.name = "news", .type = VALUE_FLAG};
static const struct key power_key = {.name = "power", .type = VALUE_QUANTITY, .dimension = DIM_POWER};
static const struct key tries_key = {.name = "max_tries", .type = VALUE_WHOLE, .min = 1, .max = 1000};

#define SLOW(name) .offset = offsetof(struct over_written, name)
static const struct key over_key[] = {
    {.name = "policy", .type = VALUE_NODE, SLOW(policy), .scalar = &policy_name_key, .each = &policy_bare_key,
     .required = true, .least = 1, .most = 1, .wanted = "the name of a policy, or {NAME: {PARAMETER: VALUE}}",
     .about = "what sets the controllers below"},
    {.name = "period", .type = VALUE_QUANTITY, .dimension = DIM_TIME, SLOW(every_s), .required = true, .min = 1e-6,
     .max = HORIZON_S,
     .about = "it is asked so often, from the start on; the period of its policy's clock, where that has one"},
    {.name = "at", .type = VALUE_ROW, SLOW(group), .names = offsetof(struct reader, group), .noun = "group",
     .derived = "nowhere: nothing travels", .about = "one at each member of the group, over the controllers nearest to it"},
    {.name = "view", .type = VALUE_NODE, SLOW(view), .scalar = &view_word_key, .table = &view_table,
     .wanted = "exact, or {period: TIME, ...}", .derived = "as that of the controllers below",
     .about = "what it knows of the places"},
    [OVER_THINK] = {
     .name = "think", .type = VALUE_NODE, .dimension = DIM_TIME, SLOW(think), .scalar = &dist_scalar, .table = &slow_think_table,
     .wanted = "a time such as 20 ms, or a distribution", .derived = "0 s",
     .about = "to decide, at each tick; or the time of work on a processor of its node"},
    {.name = "power", .type = VALUE_QUANTITY, .dimension = DIM_POWER, SLOW(think_w),
     .derived = "of one core of its node, above idle", .about = "while it thinks"},
};
static const struct table over_table = {.title = "A controller: over", TABLE(over_key)};
static const struct key over_word_key = {.name = "over", .type = VALUE_WORD, .word = none_word};

static const struct key control_key[] = {
    {.name = "at", WRITTEN(CK_AT), .scalar = &at_key,
     .wanted = "the name of a group of nodes, or origin", .derived = "nowhere: nothing travels",
     .about = "where decisions are made: at each member of the group for the devices nearest to it, or at the job's own "
              "device"},
    {.name = "view", WRITTEN(CK_VIEW), .scalar = &view_word_key, .table = &view_table,
     .wanted = "exact, or {period: TIME, ...}", .derived = "exact", .about = "what is known of the places"},
    {.name = "ledger", WRITTEN(CK_LEDGER), .scalar = &ledger_key,
     .wanted = "own, none or shared", .derived = "own",
     .about = "to a row is added what this controller, or those of its site, have sent there since, or it is not"},
    {.name = "news", WRITTEN(CK_NEWS), .scalar = &news_key, .wanted = "true or false", .derived = "true",
     .about = "that a job has ended comes back to its controller, and takes it from the ledger"},
    {.name = "think", WRITTEN(CK_THINK), .dimension = DIM_TIME, .scalar = &dist_scalar,
     .table = &think_table, .word_at = measured_word_at, .wanted = "a time such as 20 ms, a distribution, or measured",
     .derived = "0 s", .about = "to answer a question; measured: of this policy, on this machine, before the run; or the time of "
                                "work on the controller's processor"},
    {.name = "know", WRITTEN(CK_KNOW), .scalar = &know_word_key, .table = &know_table,
     .wanted = "nominal, exact, last or {ewma: WEIGHT}", .derived = "exact with `view: exact`, else nominal",
     .about = "capacities of links: their means, what they are now, or what the controller's transfers got"},
    {.name = "power", WRITTEN(CK_POWER), .dimension = DIM_POWER, .scalar = &power_key,
     .wanted = "a power (`5 W`)", .derived = "of one core of its node, above idle", .about = "while the controller thinks"},
    {.name = "max_tries", WRITTEN(CK_MAX_TRIES), .scalar = &tries_key,
     .wanted = "a whole number from 1 to 1000", .derived = "1: a job ends where it is refused",
     .about = "how often a job is placed; refused, it comes back to the controller, the last time it ends"},
    {.name = "bytes", WRITTEN(CK_BYTES), .table = &bytes_table,
     .wanted = "a mapping", .derived = "as below", .about = "sizes of messages"},
    {.name = "over", WRITTEN(CK_OVER), .scalar = &over_word_key, .table = &over_table,
     .wanted = "none, or {policy: NAME, period: TIME, ...}", .derived = "none",
     .about = "a slow controller over these, which sets their parameters, the sites that they may use and what they admit"},
};
const struct table control_table = {.title = "A controller", TABLE(control_key)};
/* clang-format on */

_Static_assert(N_CONTROL_KEY == sizeof control_key / sizeof *control_key, "a row for each");

void control_merge(struct control_written *w, const struct control_written *otherwise)
{
    for (int i = 0; i < N_CONTROL_KEY; i++) {
        w->node[i] = w->node[i] ? w->node[i] : otherwise->node[i];
    }
}

static int make_at(struct reader *r, const struct yaml_node *n, struct control *out)
{
    int rc = 0;
    if (n->kind == YAML_SCALAR && strcmp(n->text, origin) == 0) {
        out->at = CONTROL_ORIGIN;
    } else {
        rc = read_row(r, &r->group, "group", n, &out->group);
        out->at = CONTROL_GROUP;
    }
    return rc;
}

/* One of the words, or all that may stand there is told. */
static int read_word_of(struct reader *r, const struct key *k, const struct yaml_node *n, unsigned *word)
{
    char shown[TEXT_SHOWN];
    for (unsigned i = 0; n->kind == YAML_SCALAR && k->scalar->word[i]; i++) {
        if (strcmp(n->text, k->scalar->word[i]) == 0) {
            *word = i;
            return 0;
        }
    }
    return read_fault(r, n->at, "found %s, wanted %s", read_found(n, shown), k->wanted);
}

static int make_view(struct reader *r, const struct yaml_node *n, struct control *out)
{
    struct view_written w = {.period_s = 0};
    unsigned word;
    if (n->kind == YAML_SCALAR) {
        return read_word_of(r, &control_key[CK_VIEW], n, &word);
    }
    int rc = read_table(r, &view_table, n, &w);
    if (rc == 0 && w.via) {
        size_t mark = read_enter(r, "via");
        rc = read_value(r, &via_key, w.via, &word);
        read_leave(r, mark);
    }
    if (rc == 0 && w.via && yaml_get(n, "delay")) {
        rc = read_fault(r, yaml_get(n, "delay")->at, "found a delay with via: links, wanted one of them");
    }
    out->view = w.via ? VIEW_LINKS : VIEW_PERIODIC;
    out->period_s = w.period_s;
    out->delay_s = w.delay_s;
    out->sync = w.phase == 1;
    out->many = w.many;
    return rc;
}

static int make_ledger(struct reader *r, const struct yaml_node *n, struct control *out)
{
    unsigned word = LEDGER_OWN;
    int rc = read_value(r, &ledger_key, n, &word);
    out->ledger = (enum ledger_kind)word;
    return rc;
}

static int make_news(struct reader *r, const struct yaml_node *n, struct control *out)
{
    bool comes = true;
    int rc = read_value(r, &news_key, n, &comes);
    out->no_news = !comes;
    return rc;
}

/* Seconds that a unit of the work takes on one core of the processor that a group thinks on. */
static int think_scale(struct reader *r, struct yaml_place at, const struct think_written *w, uint32_t group, double *s_per_flop)
{
    const struct node_group *g = &r->s->group[group];
    const struct pool *pool = NULL;
    for (uint32_t p = g->first_pool; p < g->first_pool + g->n_pool && !pool; p++) {
        pool = !w->processor || strcmp(r->s->pool[p].name, w->processor) == 0 ? &r->s->pool[p] : NULL;
    }
    if (!pool) {
        return read_fault(r, at, "found work for %s, which has no processor%s%s, wanted one to think on", g->name,
                          w->processor ? " " : "", w->processor ? w->processor : "");
    }
    *s_per_flop = size_stretch(&w->work, (uint32_t)(pool - r->s->pool)) / pool->speed_flops;
    return *s_per_flop < INFINITY ? 0 : read_fault(r, at, "found work that processor %s of %s cannot do, wanted one that can",
                                                   pool->name, g->name);
}

/* Work to think as a time: at the group, or at the devices where jobs are released, which must all take as long. */
static int think_by_work(struct reader *r, const struct key *k, struct yaml_place at, struct think_written *w, struct control *out)
{
    double s_per_flop = 0, other = 0;
    int rc = 0;
    if (w->work.kind != SIZE_DRAWN) {
        return read_fault(r, at, "found work by columns of a trace, wanted an amount or a distribution");
    }
    if (out->at == CONTROL_NOWHERE) {
        return read_fault(r, at, "found work for a controller that is nowhere, wanted `at: GROUP`%s beside it",
                          k == &control_key[CK_THINK] ? " or `at: origin`" : "");
    }
    if (out->at == CONTROL_GROUP) {
        rc = think_scale(r, at, w, out->group, &s_per_flop);
    }
    for (uint32_t i = 0; out->at == CONTROL_ORIGIN && i < r->s->n_workload && !rc; i++) {
        rc = think_scale(r, at, w, r->s->workload[i].group, i ? &other : &s_per_flop);
        if (!rc && i > 0 && other != s_per_flop) {
            rc = read_fault(r, at, "found work for devices of %s and %s, which take unlike times, wanted a time",
                            r->s->group[r->s->workload[0].group].name, r->s->group[r->s->workload[i].group].name);
        }
    }
    if (!rc) {
        size_scale(&w->work, s_per_flop);
        out->think = w->work.dist;
    }
    return rc;
}

/* A time or a distribution of times; or a mapping by the key's table. */
static int think_make(struct reader *r, const struct key *k, const struct yaml_node *n, struct control *out)
{
    if (n->kind != YAML_MAP || !(yaml_get(n, think_key[0].name) || yaml_get(n, think_key[1].name))) {
        return read_dist(r, k, n, &out->think);
    }
    struct think_written w = {.measured_s = 0, .dist = dist_written_none()};
    struct err e = {0};
    int rc = read_table(r, k->table, n, &w);
    if (rc == 0 && w.kind == think_key[1].tag) {
        return think_by_work(r, k, n->at, &w, out);
    }
    out->measured_think = true;
    return rc ? rc : dist_constant(&out->think, w.measured_s, &e);
}

static int make_think(struct reader *r, const struct yaml_node *n, struct control *out)
{
    if (n->kind == YAML_SCALAR && strcmp(n->text, measured_word[0]) == 0) {
        out->measure_think = out->measured_think = true;
        return 0;
    }
    return think_make(r, &control_key[CK_THINK], n, out);
}

static int make_know(struct reader *r, const struct yaml_node *n, struct control *out)
{
    unsigned word = 0;
    if (n->kind == YAML_SCALAR) {
        int rc = read_word_of(r, &control_key[CK_KNOW], n, &word);
        out->know = (enum know_kind)(KNOW_NOMINAL + word);
        return rc;
    }
    out->know = KNOW_EWMA;
    return read_table(r, &know_table, n, &out->ewma);
}

static int make_power(struct reader *r, const struct yaml_node *n, struct control *out)
{
    return read_value(r, &power_key, n, &out->think_w);
}

static int make_tries(struct reader *r, const struct yaml_node *n, struct control *out)
{
    return read_value(r, &tries_key, n, &out->max_tries);
}

static int make_bytes(struct reader *r, const struct yaml_node *n, struct control *out)
{
    int rc = read_table(r, &bytes_table, n, out->bits);
    out->bits[MESSAGE_REFUSAL] = out->bits[MESSAGE_NEWS];
    return rc;
}

static int make_over(struct reader *r, const struct yaml_node *n, struct control *out)
{
    struct over_written w = {.group = ROW_NONE, .think_w = NAN};
    unsigned word;
    if (n->kind == YAML_SCALAR) {
        return read_word_of(r, &control_key[CK_OVER], n, &word);
    }
    struct policy_spec *over = ARENA_NEW(&r->s->arena, 1, struct policy_spec);
    if (!over) {
        return read_out_of_memory(r);
    }
    int rc = read_table(r, &over_table, n, &w);
    if (rc) {
        return rc;
    }
    *over = (struct policy_spec){
        .run_in = UINT64_MAX,
        .control = {.real = true, .group = w.group, .at = w.group == ROW_NONE ? CONTROL_NOWHERE : CONTROL_GROUP,
                    .view = out->view, .period_s = out->period_s, .delay_s = out->delay_s, .sync = out->sync,
                    .many = out->many, .ledger = LEDGER_NONE, .no_news = true, .think_w = w.think_w}};
    memcpy(over->control.bits, out->bits, sizeof out->bits);
    if (w.view) {
        over->control.view = VIEW_EXACT;
        size_t mark = read_enter(r, "view");
        rc = make_view(r, w.view, &over->control);
        read_leave(r, mark);
    }
    if (w.think) {
        size_t mark = read_enter(r, over_key[OVER_THINK].name);
        int one = think_make(r, &over_key[OVER_THINK], w.think, &over->control);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    size_t mark = read_enter(r, "policy");
    int one = read_bare_policy(r, w.policy, yaml_get(n, "period"), over);
    read_leave(r, mark);
    out->over = over;
    out->every_s = w.every_s;
    return rc ? rc : one;
}

static int (*const make[N_CONTROL_KEY])(struct reader *r, const struct yaml_node *n, struct control *out) = {
    [CK_AT] = make_at,       [CK_VIEW] = make_view,   [CK_LEDGER] = make_ledger,  [CK_NEWS] = make_news,
    [CK_THINK] = make_think,
    [CK_KNOW] = make_know,   [CK_POWER] = make_power, [CK_MAX_TRIES] = make_tries, [CK_BYTES] = make_bytes,
    [CK_OVER] = make_over,
};

/* "at: edge, think: 20 ms"; a time that was or is to be measured is left to who stores it. */
static int keep_text(struct reader *r, const struct control_written *w, struct control *out)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f) {
        return read_out_of_memory(r);
    }
    for (int i = 0; i < N_CONTROL_KEY; i++) {
        if (w->node[i] && !(i == CK_THINK && out->measured_think)) {
            fprintf(f, "%s%s: ", ftell(f) > 0 ? ", " : "", control_key[i].name);
            yaml_write_flow(f, w->node[i]);
        }
    }
    out->text = fclose(f) == 0 ? arena_copy(&r->s->arena, text) : NULL;
    free(text);
    return out->text ? 0 : read_out_of_memory(r);
}

int control_make(struct reader *r, const struct control_written *w, struct control *out)
{
    int rc = 0;
    *out = (struct control){.think_w = NAN};
    static const struct yaml_node no_bytes = {.kind = YAML_MAP};
    make_bytes(r, &no_bytes, out); /* none can be wrong */
    for (int i = 0; i < N_CONTROL_KEY; i++) {
        if (w->node[i]) {
            size_t mark = read_enter(r, control_key[i].name);
            int one = make[i](r, w->node[i], out);
            read_leave(r, mark);
            out->real = true;
            rc = rc ? rc : one;
        }
    }
    return rc ? rc : keep_text(r, w, out);
}
