/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/network.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/calibrate/onnx_make.h"
#include "sim/io/durable.h"
#include "sim/io/ort/ort.h"

enum { LAYERS = 16, NAME = 32, WIDTH = 1 << 16 };

static const char layers_key[] = "network.txt", weights_key[] = "weights.f64";

struct layer {
    unsigned n_in, n_out, at;
    char activation[NAME];
};

/* The weights of a layer, transposed, as a matrix that rows of features are multiplied by. */
static int put_weights(struct onnx_made *o, const struct layer *l, const struct blob *weights, const char *name, struct err *e)
{
    const size_t n = (size_t)l->n_in * l->n_out;
    const double *w = weights->bytes;
    if (n + l->at > weights->n / sizeof *w) {
        return ERR_SET(e, ERR_INPUT, "%s has %zu numbers, wanted %zu: it is not the network that %s says", weights_key,
                       weights->n / sizeof *w, n + l->at, layers_key);
    }
    float *turned = malloc(n * sizeof *turned);
    if (!turned) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a network");
    }
    for (size_t j = 0; j < l->n_out; j++) {
        for (size_t i = 0; i < l->n_in; i++) {
            turned[i * l->n_out + j] = (float)w[l->at + j * l->n_in + i];
        }
    }
    onnx_put_floats(o, name, ONNX_SHAPE(l->n_in, l->n_out), turned);
    free(turned);
    return 0;
}

static int put_layer(struct onnx_made *o, const struct layer *l, unsigned k, bool last, const struct blob *weights, struct err *e)
{
    char in[NAME] = "features", weight[NAME], inputs[2 * NAME + 1], sum[NAME], out[NAME];
    const bool plain = strcmp(l->activation, "none") == 0;
    snprintf(weight, sizeof weight, "weights%u", k);
    snprintf(sum, sizeof sum, "sum%u", k);
    snprintf(out, sizeof out, "layer%u", k);
    if (k > 0) {
        snprintf(in, sizeof in, "layer%u", k - 1);
    }
    snprintf(inputs, sizeof inputs, "%s %s", in, weight);
    int rc = put_weights(o, l, weights, weight, e);
    const char *made = last ? "score" : out;
    onnx_put_node(o, "MatMul", inputs, plain ? made : sum);
    if (!plain) {
        onnx_put_node(o, "Softsign", sum, made);
    }
    return rc;
}

/* The lines of the text: how many. */
static int read_layers(const struct blob *text, struct layer layer[LAYERS], unsigned *n, struct err *e)
{
    char *lines = strndup(text->bytes, text->n), *rest = lines;
    int rc = lines ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for a network");
    *n = 0;
    for (char *line; rc == 0 && (line = strsep(&rest, "\n")) && *line; (*n)++) {
        struct layer *l = &layer[*n];
        if (*n == LAYERS || sscanf(line, "%u %u %u %31s", &l->n_in, &l->n_out, &l->at, l->activation) != 4 || l->n_in < 1 ||
            l->n_in > WIDTH || l->n_out < 1 || l->n_out > WIDTH || (*n > 0 && l->n_in != layer[*n - 1].n_out) ||
            (strcmp(l->activation, "none") != 0 && strcmp(l->activation, "softsign") != 0)) {
            rc = ERR_SET(e, ERR_INPUT, "%s: found \"%.60s\", wanted INPUTS OUTPUTS AT none|softsign, each layer with the "
                         "inputs that the one before gives", layers_key, line);
            break;
        }
    }
    free(lines);
    return rc || *n > 0 ? rc : ERR_SET(e, ERR_INPUT, "%s: found no layer, wanted one at least", layers_key);
}

static void leave_rows_open(struct onnx_made *o, Onnx__ValueInfoProto *v)
{
    if (v && v->type->tensor_type->shape) {
        v->type->tensor_type->shape->dim[0]->has_dim_value = false;
        v->type->tensor_type->shape->dim[0]->dim_param = arena_copy(&o->a, "rows");
    }
}

static int write_file(const char *path, const void *bytes, size_t n, struct err *e)
{
    char *by = NULL, *copy = strdup(path);
    int rc = copy && asprintf(&by, "%s.part", path) >= 0 ? durable_target(path, "a network", e)
                                                         : ERR_SET(e, ERR_MEMORY, "out of memory for %s", path);
    rc = rc ? rc : durable_write(by, path, dirname(copy), path, bytes, n, e);
    free(by);
    free(copy);
    return rc;
}

/* The chain of layers and its weights. */
static int find_chain(const struct blobs *learned, const char *policy, struct layer layer[LAYERS], unsigned *n,
                      const struct blob **weights, struct err *e)
{
    const struct blob *text = blobs_find(learned, layers_key);
    *weights = blobs_find(learned, weights_key);
    return text && *weights ? read_layers(text, layer, n, e)
                            : ERR_SET(e, ERR_INPUT, "policy %s has learned no neural network, wanted one that has, such as "
                                      "actor_critic", policy);
}

int network_check(const struct blobs *learned, const char *policy, struct err *e)
{
    struct layer layer[LAYERS];
    const struct blob *weights;
    unsigned n = 0;
    return find_chain(learned, policy, layer, &n, &weights, e);
}

int network_write(const struct blobs *learned, const char *policy, const char *path, struct err *e)
{
    const struct blob *weights;
    struct layer layer[LAYERS];
    struct onnx_made o = {0};
    struct err unheard = {0};
    unsigned n = 0;
    void *bytes = NULL;
    size_t size = 0;
    int rc = find_chain(learned, policy, layer, &n, &weights, e);
    if (rc) {
        return rc;
    }
    leave_rows_open(&o, onnx_put_input(&o, "features", ORT_F32, ONNX_SHAPE(1, layer[0].n_in)));
    leave_rows_open(&o, onnx_put_output(&o, "score", ORT_F32, ONNX_SHAPE(1, layer[n - 1].n_out)));
    for (unsigned k = 0; k < n && rc == 0; k++) {
        rc = put_layer(&o, &layer[k], k, k + 1 == n, weights, e);
    }
    int made = onnx_made_end(&o, &bytes, &size, rc ? &unheard : e);
    rc = rc ? rc : made ? made : write_file(path, bytes, size, e);
    free(bytes);
    return rc;
}
