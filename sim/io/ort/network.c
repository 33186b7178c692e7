/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/ort/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/sha256.h"
#include "sim/io/file.h"
#include "sim/io/ort/ort.h"
#include "sim/io/provenance.h"

enum { NETWORK_BYTES = 1 << 30 };

struct network {
    const char *path, *written;
    char *bytes;
    size_t n;
    char hash[SHA256_TEXT];
    struct err why; /* that it cannot be read */
};

struct networks {
    struct ort *ort;
    struct err why; /* that there is no runtime */
    struct network *row; /* [n] */
    uint32_t n;
};

static const struct network *find(const struct networks *n, const char *path)
{
    for (uint32_t i = 0; path && i < n->n; i++) {
        if (strcmp(n->row[i].path, path) == 0) {
            return &n->row[i];
        }
    }
    return NULL;
}

static void take(struct networks *n, const struct policy_spec *policy)
{
    if (!policy->network || find(n, policy->network_path)) {
        return;
    }
    struct network *x = &n->row[n->n++];
    *x = (struct network){.path = policy->network_path, .written = policy->network};
    if (file_read_bytes(x->path, NETWORK_BYTES, &x->bytes, &x->n, &x->why) == 0) {
        struct sha256 sum = sha256_start();
        sha256_add(&sum, x->bytes, x->n);
        sha256_text(&sum, x->hash);
    }
}

int networks_open(struct networks **out, const struct scenario *s, struct err *e)
{
    const struct experiment *x = &s->experiment;
    struct networks *n = calloc(1, sizeof *n);
    *out = n;
    if (!n || !(n->row = calloc(x->n_policy + 1u, sizeof *n->row))) {
        networks_close(n);
        *out = NULL;
        return ERR_SET(e, ERR_MEMORY, "out of memory for networks");
    }
    for (uint32_t i = 0; i < x->n_policy; i++) {
        take(n, &x->policy[i]);
    }
    if (n->n > 0) {
        ort_open(&n->ort, &n->why);
    }
    return 0;
}

void networks_close(struct networks *n)
{
    if (n) {
        for (uint32_t i = 0; i < n->n; i++) {
            free(n->row[i].bytes);
        }
        ort_close(n->ort);
        free(n->row);
        free(n);
    }
}

static int open_session(const struct networks *n, const struct policy_spec *policy, struct ort_session **out, struct err *e)
{
    static const struct ort_options options = {.threads = 1, .as_written = true};
    const struct network *x = n ? find(n, policy->network_path) : NULL;
    if (!x) {
        return ERR_SET(e, ERR_INPUT, "policy %s runs a neural network, and found none, wanted `network: FILE.onnx` among its keys",
                       policy->label);
    }
    const struct err *why = x->why.code != ERR_NONE ? &x->why : &n->why;
    if (why->code != ERR_NONE) {
        *e = *why;
        return -(int)e->code;
    }
    return ort_session_open(n->ort, x->bytes, x->n, x->written, &options, out, e);
}

int networks_try(const struct networks *n, const struct policy_spec *policy, struct err *e)
{
    struct ort_session *s = NULL;
    int rc = policy->network ? open_session(n, policy, &s, e) : 0;
    ort_session_close(s);
    return rc;
}

void networks_note(const struct networks *n, struct provenance *p)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = n->ort ? open_memstream(&text, &size) : NULL;
    if (!f) {
        return;
    }
    for (uint32_t i = 0; i < n->n; i++) {
        fprintf(f, "%s%s sha256 %s", i ? ", " : "", n->row[i].written, n->row[i].hash);
    }
    if (fclose(f) == 0) {
        provenance_add(p, "networks", "%s", text);
        provenance_add(p, "onnx_runtime", "%s, %s", ort_version(n->ort), ort_library(n->ort));
    }
    free(text);
}

static int infer(void *ctx, const char *model, const float *in, uint32_t n, float *out, uint32_t m, struct err *e)
{
    struct network_session *x = ctx;
    if (model && model[0]) {
        return ERR_SET(e, ERR_INPUT, "policy %s wants to run a network called %s, wanted NULL: the one that the scenario gives it",
                       x->policy->label, model);
    }
    int rc = x->open ? 0 : open_session(x->of, x->policy, &x->open, e);
    return rc ? rc : ort_infer(x->open, in, n, out, m, e);
}

void network_begin(struct network_session *x, const struct networks *n, const struct policy_spec *policy)
{
    *x = (struct network_session){.service = {.infer = infer, .ctx = x}, .of = n, .policy = policy};
}

void network_end(struct network_session *x)
{
    ort_session_close(x->open);
    x->open = NULL;
}
