/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/read_control.h"
#include "sim/io/read_sections.h"
#include "sim/model/graph.h"

enum { POLICIES = 1000, PARAMS = 64, KEY_LENGTH = 127 };

static const char *const end_word[] = {"window", "when done", NULL};
static const char *const edges_word[] = {"all", "attached", NULL};
static const char *const state_word[] = {"run", "site", "device", NULL};
static const char *const uncertainty_word[] = {"ignored", "sampled", NULL};
static const char *const learning_word[] = {"counted", "frozen", NULL};

struct experiment_written {
    struct experiment experiment;
    struct control_written control;
    const struct yaml_node *policies;
    const char *compare_to;
    unsigned end, uncertainty;
    double drain_s;
};

#define EXPERIMENT(name) offsetof(struct experiment_written, experiment.name)
#define WRITTEN(name)    offsetof(struct experiment_written, name)

static int read_controller(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
static int read_policies(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

/* clang-format off */
struct policy_written {
    struct policy_spec policy;
    unsigned edges, learning, state;
    const struct yaml_node *run_in;
    struct control_written control;
};

static const struct key policy_key[] = {
    {.name = "edges", .type = VALUE_WORD, .offset = offsetof(struct policy_written, edges), .word = edges_word,
     .otherwise = "all", .about = "candidates of tier edge: all that are reached, or the one a device is attached to"},
    {.name = "run_in", .type = VALUE_NODE, .offset = offsetof(struct policy_written, run_in),
     .scalar = &read_name_key, .item = &read_name_key, .least = 1,
     .wanted = "the name of a tier, or a list of names", .derived = "all tiers", .about = "tiers of the candidates"},
    {.name = "language_model", .type = VALUE_ROW, .offset = offsetof(struct policy_written, policy.text_model),
     .names = offsetof(struct reader, model), .noun = "language model", .derived = "the first of language_models",
     .about = "whom the policy asks, or the one over it, if they ask"},
    {.name = "label", .type = VALUE_TEXT, .offset = offsetof(struct policy_written, policy.label),
     .derived = "the name, with the parameters where it would stand twice", .about = "what results call it"},
    {.name = "table", .type = VALUE_TEXT, .offset = offsetof(struct policy_written, policy.table),
     .about = "file with what it has learned, written by `tiersim train`; its parameters hold where none are given"},
    {.name = "network", .type = VALUE_TEXT, .offset = offsetof(struct policy_written, policy.network),
     .about = "ONNX file with the neural network that the policy runs, if it runs one; wants ONNX Runtime (`make deps-onnx`)"},
    {.name = "learning", .type = VALUE_WORD, .offset = offsetof(struct policy_written, learning), .word = learning_word,
     .otherwise = "counted", .about = "counted: it learns as it goes, from the table on; frozen: it neither learns nor explores"},
    {.name = "state", .type = VALUE_WORD, .offset = offsetof(struct policy_written, state), .word = state_word,
     .otherwise = "run", .about = "one state of the policy, or one for each site or device where jobs are released; not with a "
     "controller, each of which has its own"},
};
/* The policy's own parameters are other keys, which it checks itself. */
static const struct table policy_table = {.title = "experiment.policies, of one of them",
                                          TABLE(policy_key), .more = &control_table,
                                          .more_offset = offsetof(struct policy_written, control), .open = true};

static const struct key policy_params = {.type = VALUE_MAP, .table = &policy_table};
const struct key policy_bare_key = {.type = VALUE_ANY};
const struct key policy_name_key = {.name = "policy", .type = VALUE_NAME};
static const struct key policy_item = {
    .type = VALUE_NODE, .scalar = &policy_name_key, .each = &policy_params, .least = 1, .most = 1};

static const struct key experiment_key[] = {
    {.name = "controller", .type = VALUE_READ, .read = read_controller, .table = &control_table, .wanted = "a mapping",
     .derived = "ideal: it knows all and decides in no time", .about = "where policies are asked that do not say it themselves"},
    {.name = "policies", .type = VALUE_READ, .required = true, .read = read_policies,
     .item = &policy_item, .least = 1,
     .wanted = "a list of names, or of {NAME: {PARAMETER: VALUE}}",
     .about = "policies to compare"},
    {.name = "replications", .type = VALUE_WHOLE, .offset = EXPERIMENT(replications), .min = 1, .max = 1000000,
     .otherwise = "1", .about = "runs with other draws"},
    {.name = "seed", .type = VALUE_WHOLE64, .offset = EXPERIMENT(seed), .max = UINT32_MAX, .otherwise = "1",
     .about = "of all draws"},
    {.name = "warm_up", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = EXPERIMENT(warm_up_s),
     .max = HORIZON_S, .automatic = true, .otherwise = "0 s",
     .about = "jobs released before this are not measured; auto: found by a first round (MSER-5)"},
    {.name = "duration", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = EXPERIMENT(duration_s), .above = true,
     .max = HORIZON_S, .about = "of the window after the warm-up, whose jobs are measured"},
    {.name = "jobs", .type = VALUE_WHOLE64, .offset = EXPERIMENT(jobs), .min = 1, .max = 0x1p48,
     .about = "instead of duration: the window ends after so many releases"},
    {.name = "drain", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = WRITTEN(drain_s), .max = HORIZON_S,
     .derived = "half the duration; with jobs, as long as it takes",
     .about = "how long measured jobs may end after the window"},
    {.name = "compare_to", .type = VALUE_TEXT, .offset = WRITTEN(compare_to),
     .about = "label of the policy against which the others are paired"},
    {.name = "max_in_flight", .type = VALUE_WHOLE64, .offset = EXPERIMENT(max_in_flight), .min = 1, .max = 4e9,
     .otherwise = "4000000", .about = "a run with more jobs at a time ends as saturated"},
    {.name = "end", .type = VALUE_WORD, .offset = WRITTEN(end), .word = end_word, .otherwise = "window",
     .about = "when done: a finite workload, run to its last job, without warm-up and drain"},
    {.name = "uncertainty", .type = VALUE_WORD, .offset = WRITTEN(uncertainty), .word = uncertainty_word,
     .otherwise = "ignored",
     .about = "sampled: what is not known exactly ({value, cv}, laws with a spread) is drawn anew in each replication, the "
              "same for all policies, so that intervals hold it"},
    {.name = "bounds", .type = VALUE_FLAG, .offset = EXPERIMENT(bounds), .otherwise = "false",
     .about = "find what no policy can beat in each replication, and show what each is above it"},
};
const struct table experiment_table = {.title = "experiment", TABLE(experiment_key)};
/* clang-format on */

/* Parameters as they are gathered: nested mappings become dotted keys, such as weights.edge. */
struct params {
    struct policy_param param[PARAMS];
    uint32_t n;
    char key[KEY_LENGTH + 1];
    size_t key_n;
};

double read_param_value(const char *text)
{
    enum dimension d;
    double value = strcmp(text, "true") == 0 ? 1 : strcmp(text, "false") == 0 ? 0 : NAN;
    return isnan(value) && quantity_parse_any(text, strlen(text), &d, &value) != 0 ? NAN : value;
}

static int add_param(struct reader *r, struct params *p, const struct yaml_node *n)
{
    char shown[TEXT_SHOWN];
    if (n->kind != YAML_SCALAR || yaml_is_null(n)) {
        return read_fault(r, n->at, "found %s, wanted a number, a quantity or a word", read_found(n, shown));
    }
    if (p->n == PARAMS) {
        return read_fault(r, n->at, "found more than %d parameters, wanted fewer", PARAMS);
    }
    struct policy_param *param = &p->param[p->n++];
    *param = (struct policy_param){
        .key = arena_copy(&r->s->arena, p->key),
        .value = read_param_value(n->text),
        .text = arena_copy(&r->s->arena, n->text),
        .line = n->at.line,
        .column = n->at.column,
    };
    return param->key && param->text ? 0 : read_out_of_memory(r);
}

static int gather_params(struct reader *r, const struct yaml_node *n, const struct table *skip, struct params *p)
{
    int rc = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct yaml_pair *pair = &n->pair[i];
        bool own = !skip || !read_is_source(pair);
        for (size_t k = 0; skip && k < read_key_count(skip); k++) {
            size_t offset;
            int tag;
            own = own && strcmp(read_key_at(skip, k, &offset, &tag)->name, pair->key) != 0;
        }
        if (!own) {
            continue;
        }
        size_t mark = read_enter(r, pair->key), key_n = p->key_n;
        int one = read_name(r, pair->key, pair->at);
        int used = snprintf(p->key + key_n, sizeof p->key - key_n, "%s%s", key_n ? "." : "", pair->key);
        if (one == 0 && key_n + (size_t)used > KEY_LENGTH) {
            one = read_fault(r, pair->at, "found a parameter of more than %d letters, wanted fewer", KEY_LENGTH);
        } else if (one == 0) {
            p->key_n += (size_t)used;
            one = pair->value->kind == YAML_MAP ? gather_params(r, pair->value, NULL, p) : add_param(r, p, pair->value);
        }
        p->key_n = key_n;
        p->key[key_n] = '\0';
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}

/* Where the file under a key lies; it is read when all of the scenario is known.  NULL: it is not there, or a fault was told. */
static const char *find_file(struct reader *r, const struct yaml_node *n, const char *key, const char *written, int *rc)
{
    if (!written || *rc) {
        return NULL;
    }
    size_t mark = read_enter(r, key);
    const char *path = read_expand(r, yaml_get(n, key)->at, written);
    read_leave(r, mark);
    *rc = !path ? -ERR_INPUT : read_note_file(r->s, written, path) ? 0 : read_out_of_memory(r);
    return path;
}

static int read_parameters(struct reader *r, const struct yaml_node *n, const struct control_written *otherwise,
                           struct policy_spec *policy)
{
    static const struct control_written nothing = {{NULL}};
    struct policy_written w = {.policy = *policy};
    struct params p = {.n = 0};
    int rc = read_table(r, &policy_table, n, &w);
    if (n->kind != YAML_MAP) {
        return rc;
    }
    if (w.run_in) {
        size_t mark = read_enter(r, "run_in");
        int one = read_mask(r, &r->tier, "tier", w.run_in, &w.policy.run_in);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    w.policy.table_path = find_file(r, n, "table", w.policy.table, &rc);
    w.policy.network_path = find_file(r, n, "network", w.policy.network, &rc);
    if (rc == 0 && memcmp(&w.control, &nothing, sizeof nothing) != 0) {
        control_merge(&w.control, otherwise);
        rc = control_make(r, &w.control, &w.policy.control);
    }
    int params = gather_params(r, n, &policy_table, &p);
    struct policy_param *param = ARENA_NEW(&r->s->arena, p.n, struct policy_param);
    if (!param) {
        return read_out_of_memory(r);
    }
    memcpy(param, p.param, p.n * sizeof *param);
    *policy = w.policy;
    policy->edges = (enum edges_rule)w.edges;
    policy->frozen = w.learning == 1;
    policy->state = (enum state_scope)w.state;
    if (policy->state != STATE_RUN && policy->control.real) {
        size_t mark = read_enter(r, "state");
        int one = read_fault(r, yaml_get(n, "state")->at, "found %s with a controller, wanted one of them: each controller has a "
                             "state of its own (at: origin is one per device)", state_word[w.state]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    policy->n_param = p.n;
    policy->param = param;
    return rc ? rc : params;
}

/* That there is such a policy, and that it takes these parameters. */
static int check_policy(struct reader *r, struct yaml_place at, const struct policy_spec *policy)
{
    struct arena scratch = {0};
    struct names names = {.arena = &scratch};
    struct err e = {0};
    uint32_t row = 0;
    for (size_t i = 0; i < r->policies->n; i++) {
        names_add(&names, r->policies->policy[i]->name);
    }
    const struct yaml_node name = {.at = at, .plain = true, .text = policy->policy, .n = (uint32_t)strlen(policy->policy)};
    int rc = scratch.failed ? -ERR_MEMORY : read_row(r, &names, "policy", &name, &row);
    const struct ts_policy *table = rc == 0 ? r->policies->policy[row] : NULL;
    void *state = table ? arena_take(&scratch, table->state_size + 1, 1) : NULL;
    if (state && policy_set_params(table, "", policy, state, &e) != 0) {
        struct yaml_place where = {.source = at.source, .line = e.line, .column = e.column};
        rc = read_fault(r, where, "%s", e.text);
    }
    if (scratch.failed) {
        rc = read_out_of_memory(r);
    }
    arena_clear(&scratch);
    return rc;
}

/* What a policy is called, and the mapping of its parameters or NULL: NAME, or {NAME: {PARAMETER: VALUE}} */
static int read_policy_name(struct reader *r, const struct yaml_node *n, struct policy_spec *policy,
                            const struct yaml_node **params)
{
    char shown[TEXT_SHOWN];
    bool has_map = n->kind == YAML_MAP && n->n == 1;
    if (!has_map && (n->kind != YAML_SCALAR || yaml_is_null(n))) {
        return read_fault(r, n->at, "found %s, wanted the name of a policy, or {NAME: {PARAMETER: VALUE}}",
                          n->kind == YAML_MAP ? "a mapping of several keys" : read_found(n, shown));
    }
    const char *name = has_map ? n->pair[0].key : n->text;
    const struct yaml_place at = has_map ? n->pair[0].at : n->at;
    policy->policy = arena_copy(&r->s->arena, name);
    policy->line = at.line;
    policy->column = at.column;
    *params = has_map ? n->pair[0].value : NULL;
    return policy->policy ? read_name(r, name, at) : read_out_of_memory(r);
}

static const struct ts_policy *policy_called(const struct reader *r, const char *name)
{
    for (size_t i = 0; r->policies && i < r->policies->n; i++) {
        if (strcmp(r->policies->policy[i]->name, name) == 0) {
            return r->policies->policy[i];
        }
    }
    return NULL;
}

int read_bare_policy(struct reader *r, const struct yaml_node *n, const struct yaml_node *period, struct policy_spec *policy)
{
    const struct yaml_node *given;
    struct params p = {.n = 0};
    int rc = read_policy_name(r, n, policy, &given);
    const struct ts_policy *table = rc == 0 ? policy_called(r, policy->policy) : NULL;
    const struct ts_param *clock = table ? policy_clock(table) : NULL;
    size_t mark = read_enter(r, policy->policy ? policy->policy : "");
    if (rc == 0 && given && !yaml_is_null(given)) {
        char shown[TEXT_SHOWN];
        rc = given->kind == YAML_MAP
                 ? gather_params(r, given, NULL, &p)
                 : read_fault(r, given->at, "found %s, wanted a mapping of parameters", read_found(given, shown));
    }
    if (rc == 0 && clock) {
        snprintf(p.key, sizeof p.key, "%s", clock->key);
        rc = add_param(r, &p, period);
    }
    read_leave(r, mark);
    struct policy_param *param = ARENA_NEW(&r->s->arena, p.n + 1u, struct policy_param);
    if (!param) {
        return read_out_of_memory(r);
    }
    memcpy(param, p.param, p.n * sizeof *param);
    policy->label = policy->policy;
    policy->n_param = p.n;
    policy->param = param;
    if (table && !(table->triggers >> TS_TICK & 1)) {
        return read_fault(r, n->at, "found %s, which is asked about jobs only, wanted a policy that is asked at ticks",
                          policy->policy);
    }
    return rc == 0 && r->policies ? check_policy(r, n->at, policy) : rc;
}

/* One of the list. */
static int read_policy(struct reader *r, const struct yaml_node *n, const struct experiment_written *w,
                       struct policy_spec *policy)
{
    const struct yaml_node *given = NULL;
    *policy = (struct policy_spec){.run_in = UINT64_MAX, .control = w->experiment.control};
    int rc = read_policy_name(r, n, policy, &given);
    if (rc == 0 && given) {
        size_t mark = read_enter(r, policy->policy);
        rc = read_parameters(r, given, &w->control, policy);
        read_leave(r, mark);
    }
    return rc == 0 && r->policies ? check_policy(r, n->kind == YAML_MAP ? n->pair[0].at : n->at, policy) : rc;
}

/* "mct(margin=5 ms)" */
static const char *long_label(struct reader *r, const struct policy_spec *policy)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return NULL;
    }
    fprintf(out, "%s(", policy->policy);
    for (uint32_t i = 0; i < policy->n_param; i++) {
        fprintf(out, "%s%s=%s", i ? ", " : "", policy->param[i].key, policy->param[i].text);
    }
    fprintf(out, ")");
    char *label = fclose(out) == 0 ? arena_copy(&r->s->arena, text) : NULL;
    free(text);
    return label;
}

/* Labels that were not given: the name, or the name with its parameters where several policies have it. */
static int label_policies(struct reader *r, const struct yaml_node *n, struct experiment *x)
{
    struct names names = {.arena = &r->s->arena}, labels = {.arena = &r->s->arena};
    uint32_t *uses = ARENA_NEW(&r->s->arena, x->n_policy, uint32_t);
    int rc = uses ? 0 : read_out_of_memory(r);
    for (uint32_t i = 0; rc == 0 && i < x->n_policy; i++) {
        uint32_t row = x->policy[i].label ? 0 : names_add(&names, x->policy[i].policy);
        uses[row] += x->policy[i].label ? 0 : 1;
    }
    for (uint32_t i = 0; rc == 0 && i < x->n_policy; i++) {
        struct policy_spec *policy = &x->policy[i];
        if (!policy->label) {
            bool once = uses[names_find(&names, policy->policy)] == 1;
            policy->label = once || policy->n_param == 0 ? policy->policy : long_label(r, policy);
        }
        uint32_t n_before = labels.n;
        if (!policy->label || names_add(&labels, policy->label) == NAME_NONE) {
            rc = read_out_of_memory(r);
        } else if (labels.n == n_before) {
            size_t mark = read_enter_item(r, i);
            rc = read_fault(r, n->item[i]->at, "found the label %s a second time, wanted another `label`",
                            policy->label);
            read_leave(r, mark);
        }
    }
    return rc;
}

/* What is wrong with it is told here, and not once more for each policy that it would hold for. */
static int read_controller(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct experiment_written *w = field;
    int rc = read_table(r, k->table, n, &w->control);
    rc = rc ? rc : control_make(r, &w->control, &w->experiment.control);
    if (rc < 0) {
        w->control = (struct control_written){{NULL}};
    }
    return rc;
}

static int read_policies(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct experiment_written *w = field;
    struct experiment *x = &w->experiment;
    char shown[TEXT_SHOWN];
    int rc = 0;
    if (n->kind != YAML_LIST || n->n == 0 || n->n > POLICIES) {
        return read_fault(r, n->at, "found %s, wanted %s",
                          n->kind == YAML_LIST ? n->n ? "too many" : "an empty list" : read_found(n, shown), k->wanted);
    }
    x->n_policy = n->n;
    x->policy = ARENA_NEW(&r->s->arena, n->n, struct policy_spec);
    if (!x->policy) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter_item(r, i);
        int one = read_policy(r, n->item[i], w, &x->policy[i]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc ? rc : label_policies(r, n, x);
}

static int find_reference(struct reader *r, const struct yaml_node *n, const char *label, struct experiment *x)
{
    struct arena scratch = {0};
    struct names labels = {.arena = &scratch};
    for (uint32_t i = 0; i < x->n_policy; i++) {
        names_add(&labels, x->policy[i].label);
    }
    size_t mark = read_enter(r, "compare_to");
    const struct yaml_node *at = yaml_get(n, "compare_to");
    struct yaml_node written = *at;
    written.text = label;
    int rc = scratch.failed ? read_out_of_memory(r) : read_row(r, &labels, "policy", &written, &x->compare_to);
    read_leave(r, mark);
    arena_clear(&scratch);
    return rc;
}

/* The window: one of duration and jobs, and all of it before the horizon. */
static int settle_window(struct reader *r, const struct yaml_node *n, struct experiment_written *w)
{
    struct experiment *x = &w->experiment;
    const struct yaml_node *duration = yaml_get(n, "duration"), *jobs = yaml_get(n, "jobs");
    if (!duration == !jobs) {
        return read_fault(r, duration ? jobs->at : n->at, "found %s, wanted one of them",
                          duration ? "both duration and jobs" : "neither duration nor jobs");
    }
    x->end_when_done = w->end == 1;
    x->warm_up_auto = isnan(x->warm_up_s);
    if (x->warm_up_auto && (jobs || x->end_when_done)) {
        return read_fault(r, yaml_get(n, "warm_up")->at, "found auto with %s, wanted a duration to look for it in",
                          jobs ? "jobs" : "end: when done");
    }
    x->warm_up_s = x->warm_up_auto ? 0 : x->warm_up_s;
    if (x->end_when_done && (x->warm_up_s > 0 || !isnan(w->drain_s))) {
        return read_fault(r, yaml_get(n, "end")->at, "found a warm-up or drain with end: when done, wanted neither");
    }
    x->duration_s = duration ? x->duration_s : INFINITY;
    x->drain_s = !isnan(w->drain_s) ? w->drain_s : x->end_when_done || jobs ? INFINITY : x->duration_s / 2;
    double warm_up_s = x->warm_up_auto ? x->duration_s / 2 : x->warm_up_s; /* more is never found */
    double run_s = warm_up_s + x->duration_s + (isfinite(x->drain_s) ? x->drain_s : 0);
    if (duration && run_s > HORIZON_S) {
        return read_fault(r, duration->at, "found a run of %.10g s with warm-up and drain, wanted at most %.0f s", run_s,
                          HORIZON_S);
    }
    return 0;
}

/* docs/bounds.md has none for jobs whose tasks a policy chooses. */
static int check_bounds(struct reader *r, const struct yaml_node *n, const struct experiment *x)
{
    for (uint32_t w = 0; x->bounds && w < r->s->n_workload; w++) {
        if (r->s->workload[w].graph && r->s->workload[w].graph->exits) {
            size_t mark = read_enter(r, "bounds");
            int rc = read_fault(r, yaml_get(n, "bounds")->at,
                                "found true with exits in workload %s, wanted none: no bound is known", r->s->workload[w].name);
            read_leave(r, mark);
            return rc;
        }
    }
    return 0;
}

int read_experiment(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct experiment_written w = {
        .experiment = {.compare_to = ROW_NONE, .unsteady = ROW_NONE}, .drain_s = NAN};
    int rc = read_table(r, &experiment_table, n, &w);
    (void)k, (void)field;
    if (rc == 0) {
        int window = settle_window(r, n, &w);
        rc = w.compare_to ? find_reference(r, n, w.compare_to, &w.experiment) : 0;
        rc = rc ? rc : window;
        rc = rc ? rc : check_bounds(r, n, &w.experiment);
    }
    w.experiment.sampled = w.uncertainty == 1;
    r->s->experiment = w.experiment;
    return rc;
}
