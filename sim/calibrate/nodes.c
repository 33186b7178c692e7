/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/nodes.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/io/ort/ort.h"

static int type_of(const char *name)
{
    static const struct {
        const char *name;
        int type;
    } known[] = {{"float", ORT_F32}, {"double", ORT_F64}, {"int64", ORT_I64}, {"int32", ORT_I32},
                 {"uint8", ORT_U8},  {"int8", ORT_I8},    {"bool", ORT_BOOL}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return known[i].type;
        }
    }
    return ORT_F32;
}

/* One tensor of a list such as [{"float": [1, 3, 224, 224]}, ...]. */
static void take_shape(const json_t *entry, int *type, uint32_t *n_dim, double *dim)
{
    void *it = json_object_iter((json_t *)(uintptr_t)entry);
    const json_t *dims = it ? json_object_iter_value(it) : NULL;
    *type = it ? type_of(json_object_iter_key(it)) : ORT_F32;
    *n_dim = 0;
    for (size_t i = 0; i < json_array_size(dims) && i < 8; i++) {
        const double value = json_number_value(json_array_get(dims, i));
        dim[(*n_dim)++] = value >= 0 && value < 1e12 ? value : 0;
    }
}

static void take_shapes(const json_t *args, struct operator_shapes *s)
{
    const json_t *in = json_object_get(args, "input_type_shape"), *out = json_object_get(args, "output_type_shape");
    s->n_in = json_array_size(in) < 4 ? (uint32_t)json_array_size(in) : 4;
    for (uint32_t i = 0; i < s->n_in; i++) {
        take_shape(json_array_get(in, i), &s->in_type[i], &s->in_dims[i], s->in[i]);
    }
    s->n_out = json_array_size(out) > 0;
    if (s->n_out) {
        take_shape(json_array_get(out, 0), &s->out_type, &s->out_dims, s->out);
    }
}

struct reading {
    struct node_time *node;
    const char **name; /* of each, as in the file */
    uint32_t n, room;
};

static struct node_time *node_of(struct reading *r, const char *name)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (strcmp(r->name[i], name) == 0) {
            return &r->node[i];
        }
    }
    if (r->n == r->room) {
        const uint32_t room = 2 * r->room + 64;
        struct node_time *node = realloc(r->node, room * sizeof *node);
        r->node = node ? node : r->node;
        const char **names = node ? realloc(r->name, room * sizeof *names) : NULL;
        if (!names) {
            return NULL;
        }
        r->name = names;
        r->room = room;
    }
    r->name[r->n] = name;
    r->node[r->n] = (struct node_time){.s = INFINITY};
    return &r->node[r->n++];
}

static int take_event(struct reading *r, const json_t *event, struct err *e)
{
    static const char suffix[] = "_kernel_time";
    const char *name = json_string_value(json_object_get(event, "name"));
    const json_t *args = json_object_get(event, "args");
    const char *op = json_string_value(json_object_get(args, "op_name"));
    const double s = 1e-6 * json_number_value(json_object_get(event, "dur"));
    struct operator_shapes shapes = {0};
    if (!name || !op || strlen(name) < sizeof suffix || strcmp(name + strlen(name) + 1 - sizeof suffix, suffix) != 0) {
        return 0;
    }
    struct node_time *node = node_of(r, name);
    if (!node) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a profile");
    }
    take_shapes(args, &shapes);
    operator_count(op, &shapes, &node->counted);
    node->s = fmin(node->s, s);
    return 0;
}

int nodes_read(const char *path, struct node_time **node, uint32_t *n_node, struct err *e)
{
    json_error_t why;
    json_t *all = json_load_file(path, 0, &why);
    struct reading r = {0};
    int rc = json_is_array(all) ? 0 : ERR_SET(e, ERR_INPUT, "%s: found no list of events, wanted a profile of ONNX Runtime%s%s",
                                              path, all ? "" : ": ", all ? "" : why.text);
    for (size_t i = 0; !rc && i < json_array_size(all); i++) {
        rc = take_event(&r, json_array_get(all, i), e);
    }
    free(r.name);
    json_decref(all);
    if (rc) {
        free(r.node);
        r = (struct reading){0};
    }
    *node = r.node;
    *n_node = r.n;
    return rc;
}

int nodes_profile(struct ort *o, const void *model, size_t n, const char *name, uint32_t runs, struct node_time **node,
                  uint32_t *n_node, struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    char folder[PATH_MAX - 64], prefix[PATH_MAX], path[PATH_MAX];
    struct ort_session *s = NULL;
    *node = NULL;
    *n_node = 0;
    snprintf(folder, sizeof folder, "%s/tiersim-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        return ERR_SET(e, ERR_IO, "%s: cannot be made", folder);
    }
    snprintf(prefix, sizeof prefix, "%s/profile", folder);
    path[0] = '\0';
    int rc = ort_session_open(o, model, n, name, &(struct ort_options){.threads = 1, .profile = prefix}, &s, e);
    for (uint32_t i = 0; i < runs && !rc; i++) {
        rc = ort_run(s, e);
    }
    rc = rc ? rc : ort_profile_end(s, path, sizeof path, e);
    ort_session_close(s);
    rc = rc ? rc : nodes_read(path, node, n_node, e);
    if (path[0]) {
        unlink(path);
    }
    rmdir(folder);
    return rc;
}
