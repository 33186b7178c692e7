/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/read_profile.h"
#include "sim/io/read_sections.h"

enum { GROUPS = 100000, POOLS_OF_GROUP = 64, KINDS = 64, TIERS = 64 };

static const char *const discipline_word[] = {"fifo", "ps", "priority", "edf", "batch", NULL};
static const char *const preempt_word[] = {"none", "resume", NULL};
static const char *const attach_word[] = {"even", NULL};

enum { PREEMPT_NONE, PREEMPT_RESUME, PREEMPT_UNSAID };

struct pool_written {
    struct pool pool;
    unsigned preempt;
    const struct yaml_node *batch;
};

#define POOL(name) offsetof(struct pool_written, pool.name)

/* clang-format off */
static const struct key batch_key[] = {
    {.name = "max", .type = VALUE_WHOLE, .offset = POOL(batch_max), .required = true, .min = 1, .max = 100000,
     .about = "tasks of one batch at most"},
    {.name = "wait", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = POOL(batch_wait_s), .max = HORIZON_S,
     .otherwise = "0 s", .about = "how long the first task waits for a fuller batch"},
    {.name = "overhead", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = POOL(batch_overhead_s),
     .max = HORIZON_S, .otherwise = "0 s", .about = "fixed time of each batch"},
    {.name = "parallel", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = POOL(batch_parallel), .max = 1,
     .otherwise = "1", .about = "1: a batch takes as long as its longest task; 0: as long as all one by one"},
};
static const struct table batch_table = {.title = "nodes.NAME.processors.NAME.batch", TABLE(batch_key)};

static const struct key level_key[] = {
    {.name = "speed", .type = VALUE_QUANTITY, .dimension = DIM_SPEED, .offset = offsetof(struct level, speed_flops),
     .table = &unsure_table, .required = true, .above = true, .about = "of one core at this level"},
    {.name = "power", .type = VALUE_QUANTITY, .dimension = DIM_POWER, .offset = offsetof(struct level, w_per_unit),
     .table = &unsure_table,
     .derived = "that of a busy core, times the cube of the ratio of the speeds", .about = "of one busy core, above idle"},
};
static const struct table level_table = {.title = "nodes.NAME.processors.NAME.levels", TABLE(level_key)};
static const struct key level_item = {.type = VALUE_MAP, .table = &level_table};

static int read_levels(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int check_pool(struct reader *r, const struct yaml_node *n, void *out);

static const struct key pool_key[] = {
    {.name = "cores", .type = VALUE_WHOLE, .offset = POOL(units), .min = 1, .max = 1000000, .otherwise = "1",
     .about = "how many tasks it works on at a time"},
    {.name = "speed", .type = VALUE_QUANTITY, .dimension = DIM_SPEED, .offset = POOL(speed_flops), .required = true,
     .table = &unsure_table, .above = true, .about = "of one core, sustained"},
    {.name = "bandwidth", .type = VALUE_QUANTITY, .dimension = DIM_RATE, .offset = POOL(bandwidth_bps), .table = &unsure_table,
     .above = true, .unlimited = true, .otherwise = "unlimited",
     .about = "at which one core reads and writes the bytes of work that is given as operators and has no law in its profile"},
    {.name = "levels", .type = VALUE_READ, .read = read_levels, .item = &level_item, .least = 1, .most = MAX_LEVELS,
     .wanted = "a list such as [{speed: 1 GFLOP/s, power: 2 W}]",
     .derived = "none", .about = "speeds that a decision may choose for a task: level 1 is the first; none chosen: `speed`"},
    {.name = "discipline", .type = VALUE_WORD, .offset = POOL(discipline), .word = discipline_word, .otherwise = "fifo",
     .about = "who is served: first come, all at once in equal shares, highest priority, earliest deadline, batches"},
    {.name = "preempt", .type = VALUE_WORD, .offset = offsetof(struct pool_written, preempt), .word = preempt_word,
     .derived = "resume, where the discipline allows it",
     .about = "priority and edf: a more urgent task pushes one aside, which resumes later"},
    {.name = "queue", .type = VALUE_WHOLE, .offset = POOL(limit), .min = 1, .max = 1e9, .unlimited = true,
     .otherwise = "unlimited", .about = "tasks held at most, those in service included; more are dropped"},
    {.name = "profile", .type = VALUE_READ, .offset = POOL(profile), .read = read_profile, .table = &profile_table,
     .wanted = "{file: FILE} or {operators: {KIND: LAW}}", .derived = "none: their flop at `speed`",
     .about = "what operators of neural networks take on one core, for work that is given as operators"},
    {.name = "batch", .type = VALUE_MAP, .table = &batch_table, .about = "how batches are made, for discipline batch"},
};
static const struct table pool_table = {.title = "nodes.NAME.processors.NAME", TABLE(pool_key), .after = check_pool};

struct attach_written {
    uint32_t to;
    unsigned by;
};

static const struct key attach_key[] = {
    {.name = "to", .type = VALUE_ROW, .offset = offsetof(struct attach_written, to), .required = true,
     .names = offsetof(struct reader, group), .noun = "group", .about = "the group whose members they hang on"},
    {.name = "by", .type = VALUE_WORD, .offset = offsetof(struct attach_written, by), .word = attach_word,
     .otherwise = "even", .about = "member i to member i mod count there"},
};
static const struct table attach_table = {.title = "nodes.NAME.attach", TABLE(attach_key)};

static const struct key power_key[] = {
    {.name = "idle", .type = VALUE_QUANTITY, .dimension = DIM_POWER, .offset = offsetof(struct node_group, idle_w),
     .table = &unsure_table,
     .otherwise = "0 W", .about = "of a node that does nothing"},
    {.name = "busy", .type = VALUE_QUANTITY, .dimension = DIM_POWER, .offset = offsetof(struct node_group, busy_w),
     .table = &unsure_table,
     .derived = "idle", .about = "of a node whose cores all work"},
};
static const struct table power_table = {.title = "nodes.NAME.power", TABLE(power_key)};

static const struct key pool_item = {.type = VALUE_MAP, .table = &pool_table};

static int read_attach(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int read_pools(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

static const struct key group_key[] = {
    {.name = "device", .type = VALUE_NAME, .offset = offsetof(struct node_group, device),
     .about = "one of `devices`, whose keys are laid under those of the group"},
    {.name = "about", .type = VALUE_TEXT, .offset = offsetof(struct node_group, about), .about = "a line that says what it is"},
    {.name = "tier", .type = VALUE_ROW, .offset = offsetof(struct node_group, tier), .required = true,
     .names = offsetof(struct reader, tier), .noun = "tier", .about = "end, edge, cloud, or one of `tiers`"},
    {.name = "count", .type = VALUE_WHOLE, .offset = offsetof(struct node_group, count), .min = 1,
     .max = STREAM_MEMBERS, .otherwise = "1", .about = "how many nodes"},
    {.name = "attach", .type = VALUE_READ, .offset = offsetof(struct node_group, attach), .read = read_attach,
     .scalar = &attach_key[0], .table = &attach_table,
     .wanted = "the name of a group, or {to: GROUP, by: even}",
     .about = "the group through whose members these nodes reach all others"},
    {.name = "processors", .type = VALUE_READ, .read = read_pools, .each = &pool_item, .least = 1,
     .wanted = "a mapping of names to processors",
     .derived = "none: the node only forwards", .about = "kinds of processors in each node, by name"},
    {.name = "power", .type = VALUE_MAP, .table = &power_table, .derived = "0 W", .about = "of one node"},
    {.name = "memory", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = offsetof(struct node_group, memory_bits),
     .table = &unsure_table, .above = true, .unlimited = true, .otherwise = "unlimited",
     .about = "of one node: nothing waits for it, but `check` warns of a job whose input and output do not fit"},
    {.name = "price", .type = VALUE_QUANTITY, .dimension = DIM_TIME_PRICE,
     .offset = offsetof(struct node_group, price_per_s), .table = &unsure_table, .otherwise = "0 USD/h", .about = "of one node"},
};
const struct table group_table = {.title = "nodes.NAME", TABLE(group_key)};
/* clang-format on */

static int read_levels(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct pool *pool = &((struct pool_written *)field)->pool;
    char shown[TEXT_SHOWN];
    int rc = 0;
    if (n->kind != YAML_LIST || n->n < 1 || n->n > MAX_LEVELS) {
        const char *found = n->kind != YAML_LIST ? read_found(n, shown) : n->n == 0 ? "an empty list" : "a longer list";
        return read_fault(r, n->at, "found %s, wanted 1 to %d levels: %s", found, MAX_LEVELS, k->wanted);
    }
    struct level *level = ARENA_NEW(&r->s->arena, n->n, struct level);
    if (!level) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter_item(r, i);
        level[i].w_per_unit = NAN;
        int one = read_table(r, &level_table, n->item[i], &level[i]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    pool->n_level = n->n;
    pool->level = level;
    return rc;
}

static int check_pool(struct reader *r, const struct yaml_node *n, void *out)
{
    struct pool_written *w = out;
    bool ordered = w->pool.discipline == DISCIPLINE_PRIORITY || w->pool.discipline == DISCIPLINE_EDF;
    const struct yaml_node *preempt = yaml_get(n, "preempt"), *batch = yaml_get(n, "batch");
    int rc = 0;
    if (preempt && !ordered) {
        rc = read_fault(r, preempt->at, "found preempt with discipline %s, wanted it with priority or edf alone",
                        discipline_word[w->pool.discipline]);
    }
    if (batch && w->pool.discipline != DISCIPLINE_BATCH) {
        rc = read_fault(r, batch->at, "found batch with discipline %s, wanted it with discipline batch alone",
                        discipline_word[w->pool.discipline]);
    }
    if (!batch && w->pool.discipline == DISCIPLINE_BATCH) {
        rc = read_fault(r, n->at, "found discipline batch and no batch, wanted one such as {max: 8, wait: 5 ms}");
    }
    w->pool.preempt = ordered && w->preempt != PREEMPT_NONE;
    return rc;
}

static int read_attach(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct attach_written w = {.by = 0};
    const struct yaml_node *to = n->kind == YAML_MAP ? yaml_get(n, "to") : n;
    int rc = n->kind == YAML_MAP ? read_table(r, &attach_table, n, &w) : read_row(r, &r->group, "group", n, &w.to);
    (void)k;
    if (rc == 0 && &r->s->group[w.to].attach == (uint32_t *)field) {
        rc = read_fault(r, to->at, "found the group itself, wanted another group");
    }
    if (rc == 0) {
        *(uint32_t *)field = w.to;
    }
    return rc;
}

static int read_pool(struct reader *r, const struct yaml_pair *pair, struct pool *pool)
{
    struct pool_written w = {.preempt = PREEMPT_UNSAID};
    int rc = read_table(r, &pool_table, pair->value, &w);
    char *name = arena_copy(&r->s->arena, pair->key);
    w.pool.kind = name ? names_add(&r->kind, name) : NAME_NONE;
    if (w.pool.kind == NAME_NONE) {
        return read_out_of_memory(r);
    }
    if (w.pool.kind >= KINDS) {
        return read_fault(r, pair->at, "found more than %d kinds of processors, wanted fewer names", KINDS);
    }
    w.pool.name = r->kind.name[w.pool.kind];
    w.pool.group = pool->group;
    *pool = w.pool;
    return rc;
}

static int read_pools(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct node_group *group = field;
    int rc = read_named(r, n, "processors", POOLS_OF_GROUP);
    (void)k;
    for (uint32_t i = 0; n->kind == YAML_MAP && n->n <= POOLS_OF_GROUP && i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        struct pool *pool = &r->s->pool[group->first_pool + i];
        pool->group = (uint32_t)(group - r->s->group);
        int one = read_pool(r, &n->pair[i], pool);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}

/*
 * Drawn apart from each other, busy may come to lie below idle though it is written above: then it is idle, and work takes no power
 * in this replication.  What is written below stays below.
 */
static int keep_busy_above_idle(struct reader *r, const struct yaml_node *power, struct node_group *group)
{
    const struct stream_key *sampled = r->sampled;
    struct node_group written = {.busy_w = NAN};
    r->sampled = NULL;
    const int rc = read_table(r, &power_table, power, &written);
    r->sampled = sampled;
    if (!(written.busy_w < written.idle_w)) {
        group->busy_w = group->idle_w;
    }
    return rc;
}

static int read_group(struct reader *r, const struct yaml_pair *pair, struct node_group *group)
{
    const struct yaml_node *pools = yaml_get(pair->value, "processors");
    *group = (struct node_group){
        .name = arena_copy(&r->s->arena, pair->key),
        .attach = ROW_NONE,
        .access = ROW_NONE,
        .first_pool = r->n_pool,
        .n_pool = pools && pools->kind == YAML_MAP && pools->n <= POOLS_OF_GROUP ? pools->n : 0,
        .busy_w = NAN,
    };
    r->n_pool += group->n_pool;
    int rc = read_table(r, &group_table, pair->value, group);
    if (rc == 0 && r->sampled && group->busy_w < group->idle_w) {
        rc = keep_busy_above_idle(r, yaml_get(pair->value, "power"), group);
    }
    group->busy_w = isnan(group->busy_w) ? group->idle_w : group->busy_w;
    return rc;
}

/* Pools of all groups: those of a group lie together. */
static uint32_t count_pools(const struct yaml_node *n)
{
    uint32_t n_pool = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct yaml_node *pools = yaml_get(n->pair[i].value, "processors");
        n_pool += pools && pools->kind == YAML_MAP && pools->n <= POOLS_OF_GROUP ? pools->n : 0;
    }
    return n_pool;
}

int read_nodes(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct scenario *s = r->s;
    int rc = read_named(r, n, "groups", GROUPS);
    (void)k, (void)field;
    if (n->kind != YAML_MAP || n->n == 0 || n->n > GROUPS) {
        return rc;
    }
    s->n_group = n->n;
    s->n_pool = count_pools(n);
    s->group = ARENA_NEW(&s->arena, s->n_group, struct node_group);
    s->pool = ARENA_NEW(&s->arena, s->n_pool, struct pool);
    if (!s->group || !s->pool) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        if (names_add(&r->group, n->pair[i].key) == NAME_NONE) {
            return read_out_of_memory(r);
        }
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        int one = read_group(r, &n->pair[i], &s->group[i]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    s->n_kind = r->kind.n;
    s->kind_name = r->kind.name;
    return rc;
}

int read_tiers(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    char shown[TEXT_SHOWN];
    int rc = 0;
    (void)k, (void)field;
    if (n->kind != YAML_LIST || n->n > TIERS - 3) {
        return read_fault(r, n->at, "found %s, wanted a list of at most %d names",
                          n->kind == YAML_LIST ? "a longer list" : read_found(n, shown), TIERS - 3);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter_item(r, i);
        const struct yaml_node *item = n->item[i];
        int one = item->kind == YAML_SCALAR
                      ? read_name(r, item->text, item->at)
                      : read_fault(r, item->at, "found %s, wanted a name", read_found(item, shown));
        char *name = one == 0 ? arena_copy(&r->s->arena, item->text) : NULL;
        uint32_t n_before = r->tier.n, row = name ? names_add(&r->tier, name) : 0;
        if (one == 0 && (!name || row == NAME_NONE)) {
            one = read_out_of_memory(r);
        } else if (one == 0 && row < n_before) {
            one = read_fault(r, item->at, "found the tier %s a second time, wanted it once", name);
        }
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}
