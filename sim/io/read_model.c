/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_model.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/onnx/dnn_tasks.h"
#include "sim/io/onnx/onnx.h"
#include "sim/io/read_size.h"
#include "sim/io/read_tasks.h"
#include "sim/model/graph.h"

enum { GIVEN = 32, EXITS = 64 };
enum { WORK_FLOP, WORK_OPERATORS };

static const char *const form_word[] = {[DNN_CHAIN] = "chain", [DNN_GRAPH] = "graph", NULL};
static const char *const work_word[] = {[WORK_FLOP] = "flop", [WORK_OPERATORS] = "operators", NULL};

struct model_written {
    const char *file;
    const struct yaml_node *shape, *dim, *exits, *from, *upto, *layers;
    unsigned form, work;
    uint32_t most;
};

#define WRITTEN(name) offsetof(struct model_written, name)

/* clang-format off */
static const struct key size_key = {.name = "size", .type = VALUE_WHOLE, .min = 1, .max = 0x1p31};
static const struct key model_key[] = {
    {.name = "file", .type = VALUE_TEXT, .offset = WRITTEN(file), .required = true,
     .about = "path of an ONNX file, relative to the folder of the file it stands in; ${TIERSIM_DATA} is expanded"},
    {.name = "shape", .type = VALUE_NODE, .offset = WRITTEN(shape), .each = &read_text_key, .least = 1, .most = GIVEN,
     .wanted = "{INPUT: 1x3x224x224, ...}", .derived = "as the model has them", .about = "shapes of the model's inputs"},
    {.name = "dim", .type = VALUE_NODE, .offset = WRITTEN(dim), .each = &size_key, .least = 1, .most = GIVEN,
     .wanted = "{NAME: SIZE, ...}", .derived = "1 of a batch", .about = "sizes of dimensions that the model leaves open and names"},
    {.name = "exits", .type = VALUE_NODE, .offset = WRITTEN(exits), .item = &read_text_key, .least = 1, .most = EXITS,
     .wanted = "a list of tensors such as [easy, hard=0.8:0.97]", .derived = "those that the model declares",
     .about = "tensors at which jobs may end; TENSOR=SHARE:ACCURACY says how many of them, and how often they are right"},
    {.name = "form", .type = VALUE_WORD, .offset = WRITTEN(form), .word = form_word, .otherwise = "chain",
     .about = "tasks begin where a single tensor goes over; or all layers that somebody might part are tasks"},
    {.name = "most", .type = VALUE_WHOLE, .offset = WRITTEN(most), .min = 1, .max = GRAPH_TASKS, .unlimited = true,
     .otherwise = "unlimited", .about = "tasks of a chain: the cuts of the fewest bytes stay"},
    {.name = "work", .type = VALUE_WORD, .offset = WRITTEN(work), .word = work_word, .otherwise = "flop",
     .about = "work is in flop, or by kinds of operators, which take what each processor's profile says"},
    {.name = "from", .type = VALUE_NODE, .offset = WRITTEN(from), .scalar = &read_name_key, .wanted = "the name of a layer",
     .derived = "the first", .about = "layers before this one are left out: what it reads of theirs is the job's input"},
    {.name = "upto", .type = VALUE_NODE, .offset = WRITTEN(upto), .scalar = &read_name_key, .wanted = "the name of a layer",
     .derived = "the last", .about = "layers behind this one are left out: what they would read is output"},
    {.name = "layers", .type = VALUE_NODE, .offset = WRITTEN(layers), .each = &task_item, .partial = true, .least = 1,
     .wanted = "{LAYER: {KEY: VALUE, ...}, ...}", .derived = "as the model has them",
     .about = "further keys of tasks, such as runs_on or leaves, by the names that `tiersim profile --tasks` prints"},
};
const struct table model_table = {.title = "workloads.NAME.model", TABLE(model_key)};
static const struct key input_key = {.name = "input", .type = VALUE_READ, .dimension = DIM_DATA, .read = read_size};
/* clang-format on */

/* What is asked of the file, and the same as text: whoever asks the same gets the same network. */
struct asked {
    struct onnx_request q;
    struct onnx_given given[2 * GIVEN];
    const char *exit[EXITS];
    const char *key;
};

static int read_shapes(struct reader *r, const struct yaml_node *n, struct asked *x, bool shape)
{
    char shown[TEXT_SHOWN];
    if (n->kind != YAML_MAP || n->n == 0 || n->n > GIVEN) {
        return read_fault(r, n->at, "found %s, wanted 1 to %d of {%s, ...}", read_found(n, shown), GIVEN,
                          shape ? "INPUT: 1x3x224x224" : "NAME: SIZE");
    }
    int rc = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct yaml_node *value = n->pair[i].value;
        struct onnx_given *g = &x->given[x->q.n_given++];
        size_t mark = read_enter(r, n->pair[i].key);
        int one = value->kind == YAML_SCALAR && onnx_parse_given(value->text, shape, g) == 0
                      ? 0
                      : read_fault(r, value->at, "found %s, wanted %s", read_found(value, shown),
                                   shape ? "1 to 8 whole numbers from 1 such as 1x3x224x224" : "a whole number from 1");
        g->name = arena_copy(&r->s->arena, n->pair[i].key);
        if (one == 0) {
            x->key = arena_format(&r->s->arena, "%s %s=%s", x->key, g->name, value->text);
        }
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}

static int read_exits(struct reader *r, const struct yaml_node *n, struct asked *x)
{
    int rc = read_list(r, n, "a list of at most 64 tensors such as [easy, hard=0.8:0.97]", EXITS);
    for (uint32_t i = 0; rc == 0 && i < n->n; i++) {
        size_t mark = read_enter_item(r, i);
        rc = read_value(r, &read_text_key, n->item[i], &x->exit[i]);
        read_leave(r, mark);
        x->key = rc ? x->key : arena_format(&r->s->arena, "%s exit %s", x->key, x->exit[i]);
        x->q.n_exit++;
    }
    return rc;
}

static int read_asked(struct reader *r, const struct model_written *w, struct asked *x)
{
    int rc = 0;
    x->key = "model";
    if (w->shape) {
        size_t mark = read_enter(r, "shape");
        rc = read_shapes(r, w->shape, x, true);
        read_leave(r, mark);
    }
    if (w->dim) {
        size_t mark = read_enter(r, "dim");
        int one = read_shapes(r, w->dim, x, false);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    if (w->exits) {
        size_t mark = read_enter(r, "exits");
        int one = read_exits(r, w->exits, x);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    x->q.given = x->given;
    x->q.exit = x->exit;
    return rc;
}

/* The network of the file as it is asked for, each read once. */
static int read_network(struct reader *r, const struct yaml_node *n, const struct model_written *w, struct asked *x,
                        const struct dnn **network)
{
    const struct yaml_node *at = yaml_get(n, "file");
    struct err e = {0};
    size_t mark = read_enter(r, "file");
    bool is_new = false;
    x->q.path = read_expand(r, at->at, w->file);
    int rc = x->q.path ? 0 : -ERR_INPUT;
    uint32_t row = rc ? NAME_NONE : read_file_row(r, arena_format(&r->s->arena, "%s:%s", x->key, x->q.path), &is_new);
    struct dnn *d = NULL;
    if (rc == 0 && (row == NAME_NONE || !read_note_file(r->s, arena_copy(&r->s->arena, w->file), x->q.path))) {
        rc = read_out_of_memory(r);
    } else if (rc == 0 && is_new) {
        rc = onnx_read(&x->q, &r->s->arena, &d, &e) ? read_fault_err(r, at->at, &e) : 0;
        r->files->value[row] = rc ? NULL : d;
    }
    *network = rc ? NULL : r->files->value[row];
    read_leave(r, mark);
    return rc || *network ? rc : -ERR_INPUT; /* told where the file was named first */
}

/* The name of a layer, if there is one. */
static int read_layer(struct reader *r, const char *key, const struct yaml_node *n, const struct names *names, uint32_t *row)
{
    size_t mark = read_enter(r, key);
    int rc = n ? read_row(r, names, "layer", n, row) : 0;
    read_leave(r, mark);
    return rc;
}

static int read_range(struct reader *r, const struct model_written *w, struct dnn_tasks *t)
{
    uint32_t from = 0, upto = t->last;
    int rc = read_layer(r, "from", w->from, &t->names, &from);
    int one = read_layer(r, "upto", w->upto, &t->names, &upto);
    rc = rc ? rc : one;
    t->first = t->part[from];
    t->last = t->part[upto];
    if (rc == 0 && t->first > t->last) {
        size_t mark = read_enter(r, "upto");
        rc = read_fault(r, w->upto->at, "found %s, which comes before %s, wanted one behind it", w->upto->text, w->from->text);
        read_leave(r, mark);
    }
    return rc;
}

/* Its tasks and input, as they would be written. */
static int write_tasks(struct reader *r, const struct yaml_node *n, const struct model_written *w, const char *path,
                       const struct dnn *d, const struct yaml_node **written)
{
    const struct dnn_tasks_request q = {.form = w->form, .most = w->most ? w->most : UINT32_MAX, .path = path, .bare = true,
                                        .operators = w->work == WORK_OPERATORS};
    struct arena scratch = {0};
    struct dnn_tasks t;
    struct err e = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct yaml_place at = yaml_get(n, "file")->at;
    int rc = !out ? read_out_of_memory(r) : dnn_tasks_name(&t, d, &q, &scratch, &e) ? read_fault_err(r, at, &e) : 0;
    rc = rc ? rc : read_range(r, w, &t);
    if (rc == 0 && dnn_tasks_print(out, d, &t, &q, &scratch, &e)) {
        rc = read_fault_err(r, at, &e);
    }
    if (out && fclose(out) != 0 && rc == 0) {
        rc = read_out_of_memory(r);
    }
    rc = rc ? rc : yaml_parse(r->y, w->file, false, text, size, written, r->errs);
    free(text);
    arena_clear(&scratch);
    return rc;
}

/* Keys of a layer over those of the network; work in the place of its work, whatever they are said by. */
static int lay_layer(struct reader *r, const struct yaml_pair *over, struct yaml_pair *under)
{
    char shown[TEXT_SHOWN];
    if (over->value->kind != YAML_MAP) {
        return read_fault(r, over->value->at, "found %s, wanted keys of a task such as {runs_on: cpu}",
                          read_found(over->value, shown));
    }
    const struct yaml_node *rest = yaml_get(over->value, "work") ? yaml_without(r->y, under->value, "work") : under->value;
    return rest ? yaml_merge(r->y, rest, over->value, &under->value, r->errs) : read_out_of_memory(r);
}

static int lay_layers(struct reader *r, const struct yaml_node *layers, const struct yaml_node *tasks,
                      const struct yaml_node **both)
{
    char shown[TEXT_SHOWN];
    struct yaml_node *copy;
    struct arena scratch = {0};
    struct names names = {.arena = &scratch};
    struct yaml_pair *pair = yaml_copy_map(r->y, tasks, &copy);
    int rc = 0;
    for (uint32_t i = 0; pair && i < copy->n; i++) {
        names_add(&names, pair[i].key);
    }
    if (!pair || scratch.failed) {
        rc = read_out_of_memory(r);
    } else if (layers->kind != YAML_MAP || layers->n == 0) {
        rc = read_fault(r, layers->at, "found %s, wanted {LAYER: {KEY: VALUE, ...}, ...}",
                        layers->kind == YAML_MAP ? "nothing" : read_found(layers, shown));
    }
    for (uint32_t i = 0; rc != -ERR_MEMORY && layers->kind == YAML_MAP && i < layers->n; i++) {
        const struct yaml_pair *over = &layers->pair[i];
        const struct yaml_node name = {.at = over->at, .plain = true, .text = over->key, .n = (uint32_t)strlen(over->key)};
        uint32_t row;
        size_t mark = read_enter(r, over->key);
        int one = read_row(r, &names, "layer", &name, &row);
        one = one ? one : lay_layer(r, over, &pair[row]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    arena_clear(&scratch);
    *both = copy;
    return rc;
}

int read_model(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct workload *w = (struct workload *)(void *)((char *)field - k->offset);
    struct model_written written = {.file = NULL};
    struct asked x = {.q = {.path = NULL}};
    const struct dnn *d = NULL;
    const struct yaml_node *made = NULL, *tasks = NULL;
    int rc = read_table(r, &model_table, n, &written);
    int one = read_asked(r, &written, &x);
    rc = rc ? rc : one;
    rc = rc ? rc : read_network(r, n, &written, &x, &d);
    rc = rc ? rc : write_tasks(r, n, &written, x.q.path, d, &made);
    if (rc) {
        return rc;
    }
    if (!yaml_get(r->workload, "input")) {
        rc = read_value(r, &input_key, yaml_get(made, "input"), &w->input);
    }
    size_t mark = read_enter(r, "layers");
    tasks = yaml_get(made, "tasks");
    rc = rc || !written.layers ? rc : lay_layers(r, written.layers, tasks, &tasks);
    rc = rc ? rc : read_tasks(r, k, tasks, field);
    read_leave(r, mark);
    return rc;
}
