/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/ort/ort.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/base/fpmode.h"
#include "sim/io/ort/ort_api.h"

struct ort {
    void *library;
    const struct ort_api *api;
    const char *version;
    struct ort_env *env;
    struct ort_allocator *allocator;
    struct ort_memory_info *memory;
    char path[PATH_MAX];
};

struct ort_session {
    const struct ort *o;
    const char *model; /* the name, for messages */
    struct ort_session_object *object;
    uint32_t n_input, n_output;
    struct ort_tensor input[ORT_TENSORS], output[ORT_TENSORS];
    char *input_name[ORT_TENSORS], *output_name[ORT_TENSORS]; /* the library's */
    struct ort_value *value[ORT_TENSORS];                     /* of the inputs */
};

enum { MAX_ELEMENTS = 1 << 28 };

size_t ort_type_bytes(int type)
{
    switch (type) {
    case ORT_U8:
    case ORT_I8:
    case ORT_BOOL:
        return 1;
    case ORT_F32:
    case ORT_I32:
        return 4;
    case ORT_I64:
    case ORT_F64:
        return 8;
    default:
        return 0;
    }
}

/* What a call came to: 0, or the code after its message went into *e. */
static int took(const struct ort *o, ort_result result, const char *what, enum err_code code, struct err *e)
{
    if (!result) {
        return 0;
    }
    int rc = ERR_SET(e, code, "%s: ONNX Runtime refuses: %s", what, o->api->error_message(result));
    o->api->release_status(result);
    return rc;
}

/*
 * Some builds of the library print a thousand lines about themselves while they are loaded.  Between the two calls standard
 * error goes nowhere; -1: it could not be put aside.
 */
static int hush(void)
{
    fflush(stderr);
    int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept >= 0 && nowhere >= 0) {
        dup2(nowhere, STDERR_FILENO);
    }
    if (nowhere >= 0) {
        close(nowhere);
    }
    return kept;
}

static void unhush(int kept)
{
    if (kept >= 0) {
        fflush(stderr);
        dup2(kept, STDERR_FILENO);
        close(kept);
    }
}

/* Where a library may lie, the k-th place; false: there are no more. */
static bool place(unsigned k, char *path, size_t n)
{
    static const char *const system[] = {"libonnxruntime.so.1", "libonnxruntime.so", "libonnxruntime.so.1.21"};
    static const char *const beside[] = {"../onnx/libonnxruntime.so", "../lib/tiersim/libonnxruntime.so"};
    enum { N_SYSTEM = sizeof system / sizeof system[0], N_BESIDE = sizeof beside / sizeof beside[0] };
    char self[PATH_MAX];
    if (k < N_BESIDE) {
        ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
        self[length > 0 ? length : 0] = '\0';
        char *slash = strrchr(self, '/');
        snprintf(path, n, "%.*s/%s", slash ? (int)(slash - self) : 0, self, beside[k]);
        return true;
    }
    if (k < N_BESIDE + N_SYSTEM) {
        snprintf(path, n, "%s", system[k - N_BESIDE]);
        return true;
    }
    return false;
}

static int load(struct ort *o, struct err *e)
{
    const char *named = getenv("TIERSIM_ORT_LIB");
    if (named && named[0]) {
        snprintf(o->path, sizeof o->path, "%s", named);
        o->library = dlopen(o->path, RTLD_NOW | RTLD_LOCAL);
        return o->library ? 0 : ERR_SET(e, ERR_IO, "TIERSIM_ORT_LIB: found %s, which cannot be loaded (%s), wanted the "
                                                   "library of ONNX Runtime", named, dlerror());
    }
    for (unsigned k = 0; !o->library && place(k, o->path, sizeof o->path); k++) {
        o->library = dlopen(o->path, RTLD_NOW | RTLD_LOCAL);
    }
    return o->library ? 0 : ERR_SET(e, ERR_IO, "found no ONNX Runtime, which this needs: `make deps-onnx` installs one where "
                                               "the program was built; or set TIERSIM_ORT_LIB to a libonnxruntime.so, or "
                                               "install libonnxruntime (Debian 13)");
}

/* The functions of the library that is loaded. */
static int find_api(struct ort *o, struct err *e)
{
    const struct ort_api_base *(*get)(void);
    void *symbol = dlsym(o->library, "OrtGetApiBase");
    if (!symbol) {
        return ERR_SET(e, ERR_IO, "%s: found no OrtGetApiBase in it, wanted the library of ONNX Runtime", o->path);
    }
    memcpy(&get, &symbol, sizeof get);
    const struct ort_api_base *base = get();
    o->version = base->version();
    o->api = base->api(ORT_API);
    return o->api ? 0 : ERR_SET(e, ERR_IO, "%s: found ONNX Runtime %s, wanted 1.%d or later", o->path, o->version, ORT_API);
}

static int start(struct ort *o, struct err *e)
{
    int rc = find_api(o, e);
    rc = rc ? rc : took(o, o->api->create_env(ORT_LOG_FATAL, "tiersim", &o->env), o->path, ERR_IO, e);
    rc = rc ? rc : took(o, o->api->disable_telemetry(o->env), o->path, ERR_IO, e);
    rc = rc ? rc : took(o, o->api->default_allocator(&o->allocator), o->path, ERR_IO, e);
    return rc ? rc : took(o, o->api->cpu_memory(ORT_ARENA_ALLOCATOR, ORT_MEMORY_DEFAULT, &o->memory), o->path, ERR_IO, e);
}

int ort_open(struct ort **out, struct err *e)
{
    struct ort *o = calloc(1, sizeof *o);
    *out = NULL;
    if (!o) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for ONNX Runtime");
    }
    const uint32_t mode = fpmode_get();
    int kept = hush();
    int rc = load(o, e);
    rc = rc ? rc : start(o, e);
    unhush(kept);
    fpmode_set(mode);
    if (rc) {
        ort_close(o);
        return rc;
    }
    *out = o;
    return 0;
}

void ort_close(struct ort *o)
{
    if (o) {
        if (o->memory) {
            o->api->release_memory_info(o->memory);
        }
        if (o->env) {
            o->api->release_env(o->env);
        }
        /* The library stays loaded: its threads and those that it was called by may have handlers in it. */
        free(o);
    }
}

const char *ort_version(const struct ort *o)
{
    return o->version;
}

const char *ort_library(const struct ort *o)
{
    return o->path;
}

/* --- sessions --- */

static int options_make(const struct ort *o, const struct ort_options *wanted, const char *name,
                        struct ort_session_options **out, struct err *e)
{
    const struct ort_api *api = o->api;
    int rc = took(o, api->create_session_options(out), name, ERR_IO, e);
    rc = rc ? rc : took(o, api->set_intra_threads(*out, (int)wanted->threads), name, ERR_IO, e);
    rc = rc ? rc : took(o, api->set_inter_threads(*out, 1), name, ERR_IO, e);
    rc = rc ? rc : took(o, api->set_execution_mode(*out, ORT_IN_TURN), name, ERR_IO, e);
    rc = rc ? rc : took(o, api->set_optimisation(*out, wanted->as_written ? ORT_OPTIMISE_NOTHING : ORT_OPTIMISE_ALL), name,
                        ERR_IO, e);
    return rc || !wanted->profile ? rc : took(o, api->enable_profiling(*out, wanted->profile), name, ERR_IO, e);
}

/* Type and shape of a tensor from what the library says of it. */
static int shape_read(const struct ort_session *s, const struct ort_shape_info *info, struct ort_tensor *t, struct err *e)
{
    const struct ort *o = s->o;
    size_t n_dim = 0;
    int rc = took(o, o->api->element_type(info, &t->type), s->model, ERR_INPUT, e);
    rc = rc ? rc : took(o, o->api->n_dim(info, &n_dim), s->model, ERR_INPUT, e);
    if (!rc && (n_dim > ORT_DIMS || ort_type_bytes(t->type) == 0)) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found tensor %s of type %d with %zu dimensions, wanted numbers in at most %d", s->model,
                     t->name, t->type, n_dim, ORT_DIMS);
    }
    rc = rc ? rc : took(o, o->api->dims(info, t->dim, n_dim), s->model, ERR_INPUT, e);
    t->n_dim = (uint32_t)n_dim;
    t->n = 1;
    for (uint32_t k = 0; k < n_dim && !rc; k++) {
        t->dim[k] = t->dim[k] < 1 ? 1 : t->dim[k];
        if (t->dim[k] > MAX_ELEMENTS || (t->n *= (size_t)t->dim[k]) > MAX_ELEMENTS) {
            rc = ERR_SET(e, ERR_INPUT, "%s: found tensor %s of more than %d elements, wanted fewer", s->model, t->name,
                         MAX_ELEMENTS);
        }
    }
    return rc;
}

static int declared(struct ort_session *s, bool input, uint32_t i, struct err *e)
{
    const struct ort *o = s->o;
    struct ort_tensor *t = input ? &s->input[i] : &s->output[i];
    char **name = input ? &s->input_name[i] : &s->output_name[i];
    struct ort_type_info *info = NULL;
    const struct ort_shape_info *shape = NULL;
    int rc = took(o, input ? o->api->input_name(s->object, i, o->allocator, name)
                           : o->api->output_name(s->object, i, o->allocator, name), s->model, ERR_INPUT, e);
    t->name = rc ? "" : *name;
    rc = rc ? rc : took(o, input ? o->api->input_type(s->object, i, &info) : o->api->output_type(s->object, i, &info),
                        s->model, ERR_INPUT, e);
    rc = rc ? rc : took(o, o->api->shape_of_type(info, &shape), s->model, ERR_INPUT, e);
    if (!rc && !shape) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found %s, which is no tensor, wanted tensors", s->model, t->name);
    }
    if (!rc) {
        int64_t dim[ORT_DIMS] = {0};
        rc = shape_read(s, shape, t, e);
        rc = rc ? rc : took(o, o->api->dims(shape, dim, t->n_dim), s->model, ERR_INPUT, e);
        t->open = t->n_dim > 0 && dim[0] < 1;
    }
    if (info) {
        o->api->release_type_info(info);
    }
    return rc;
}

/* Numbers that keep every kernel busy: no zeros, no denormals, indices that exist. */
static void fill(struct ort_tensor *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const uint32_t mixed = (uint32_t)i * 2654435761u >> 8;
        const float x = (float)(mixed & 0xffff) / 65536.0f - 0.5f;
        switch (t->type) {
        case ORT_F32:
            ((float *)t->data)[i] = x;
            break;
        case ORT_F64:
            ((double *)t->data)[i] = x;
            break;
        case ORT_I32:
            ((int32_t *)t->data)[i] = 1;
            break;
        case ORT_I64:
            ((int64_t *)t->data)[i] = 1;
            break;
        default:
            ((uint8_t *)t->data)[i] = (uint8_t)(mixed & 1);
        }
    }
}

static int input_make(struct ort_session *s, uint32_t i, struct err *e)
{
    struct ort_tensor *t = &s->input[i];
    const size_t bytes = t->n * ort_type_bytes(t->type);
    t->data = aligned_alloc(64, (bytes / 64 + 1) * 64);
    if (!t->data) {
        return ERR_SET(e, ERR_MEMORY, "%s: out of memory for input %s", s->model, t->name);
    }
    fill(t);
    return took(s->o, s->o->api->create_tensor(s->o->memory, t->data, bytes, t->dim, t->n_dim, t->type, &s->value[i]), s->model,
                ERR_INPUT, e);
}

static int tensors_make(struct ort_session *s, struct err *e)
{
    size_t n_input = 0, n_output = 0;
    int rc = took(s->o, s->o->api->n_input(s->object, &n_input), s->model, ERR_INPUT, e);
    rc = rc ? rc : took(s->o, s->o->api->n_output(s->object, &n_output), s->model, ERR_INPUT, e);
    if (!rc && (n_input > ORT_TENSORS || n_output > ORT_TENSORS || n_output == 0)) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found %zu inputs and %zu outputs, wanted at most %d, and an output", s->model, n_input,
                     n_output, ORT_TENSORS);
    }
    for (uint32_t i = 0; i < n_input && !rc; i++) {
        s->n_input = i + 1;
        rc = declared(s, true, i, e);
        rc = rc ? rc : input_make(s, i, e);
    }
    for (uint32_t i = 0; i < n_output && !rc; i++) {
        s->n_output = i + 1;
        rc = declared(s, false, i, e);
    }
    return rc;
}

int ort_session_open(struct ort *o, const void *model, size_t n, const char *name, const struct ort_options *wanted,
                     struct ort_session **out, struct err *e)
{
    struct ort_session *s = calloc(1, sizeof *s);
    struct ort_session_options *options = NULL;
    *out = NULL;
    if (!s) {
        return ERR_SET(e, ERR_MEMORY, "%s: out of memory for a model", name);
    }
    *s = (struct ort_session){.o = o, .model = strdup(name)};
    const uint32_t mode = fpmode_get();
    int rc = s->model ? options_make(o, wanted, name, &options, e) : ERR_SET(e, ERR_MEMORY, "%s: out of memory", name);
    rc = rc ? rc : took(o, o->api->create_session(o->env, model, n, options, &s->object), name, ERR_INPUT, e);
    rc = rc ? rc : tensors_make(s, e);
    if (options) {
        o->api->release_session_options(options);
    }
    fpmode_set(mode);
    if (rc) {
        ort_session_close(s);
        return rc;
    }
    *out = s;
    return 0;
}

static void name_free(const struct ort *o, char *name)
{
    if (name) {
        ort_result result = o->api->allocator_free(o->allocator, name);
        if (result) {
            o->api->release_status(result);
        }
    }
}

void ort_session_close(struct ort_session *s)
{
    if (!s) {
        return;
    }
    const uint32_t mode = fpmode_get();
    const struct ort *o = s->o;
    for (uint32_t i = 0; i < ORT_TENSORS; i++) {
        if (s->value[i]) {
            o->api->release_value(s->value[i]);
        }
        free(s->input[i].data);
        name_free(o, s->input_name[i]);
        name_free(o, s->output_name[i]);
    }
    if (s->object) {
        o->api->release_session(s->object);
    }
    fpmode_set(mode);
    free((char *)(uintptr_t)s->model);
    free(s);
}

uint32_t ort_n_input(const struct ort_session *s)
{
    return s->n_input;
}

uint32_t ort_n_output(const struct ort_session *s)
{
    return s->n_output;
}

const struct ort_tensor *ort_input(const struct ort_session *s, uint32_t i)
{
    return &s->input[i];
}

const struct ort_tensor *ort_output(const struct ort_session *s, uint32_t i)
{
    return &s->output[i];
}

/* The first output as floats, if they are wanted. */
static int output_take(struct ort_session *s, struct ort_value *value, float *out, size_t m, struct err *e)
{
    const struct ort *o = s->o;
    struct ort_tensor *t = &s->output[0];
    struct ort_shape_info *info = NULL;
    void *data = NULL;
    int rc = took(o, o->api->shape_of_value(value, &info), s->model, ERR_INPUT, e);
    rc = rc ? rc : shape_read(s, info, t, e);
    if (info) {
        o->api->release_shape_info(info);
    }
    if (!rc && (t->type != ORT_F32 || t->n != m)) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found output %s of %zu elements of type %d, wanted %zu floats", s->model, t->name, t->n,
                     t->type, m);
    }
    rc = rc ? rc : took(o, o->api->tensor_data(value, &data), s->model, ERR_INPUT, e);
    if (!rc) {
        memcpy(out, data, m * sizeof *out);
    }
    return rc;
}

static int run(struct ort_session *s, float *out, size_t m, struct err *e)
{
    const struct ort *o = s->o;
    struct ort_value *value[ORT_TENSORS] = {0};
    const uint32_t mode = fpmode_get();
    int rc = took(o, o->api->run(s->object, NULL, (const char *const *)s->input_name,
                                 (const struct ort_value *const *)s->value, s->n_input, (const char *const *)s->output_name,
                                 s->n_output, value), s->model, ERR_INPUT, e);
    rc = rc || !out ? rc : output_take(s, value[0], out, m, e);
    for (uint32_t i = 0; i < s->n_output; i++) {
        if (value[i]) {
            o->api->release_value(value[i]);
        }
    }
    fpmode_set(mode);
    return rc;
}

int ort_run(struct ort_session *s, struct err *e)
{
    return run(s, NULL, 0, e);
}

/* Is there one input of floats, of which n are some whole number? */
static int input_fits(const struct ort_session *s, size_t n, struct err *e)
{
    const struct ort_tensor *t = &s->input[0];
    if (s->n_input != 1 || t->type != ORT_F32) {
        return ERR_SET(e, ERR_INPUT, "%s: found %u inputs, the first of type %d, wanted one of floats (type %d)", s->model,
                       s->n_input, s->n_input ? t->type : 0, ORT_F32);
    }
    const size_t row = t->open ? t->n / (size_t)t->dim[0] : t->n;
    return row > 0 && n > 0 && n % row == 0
               ? 0
               : ERR_SET(e, ERR_INPUT, "%s: found input %s of %zu numbers%s, wanted one that takes %zu", s->model, t->name, row,
                         t->open ? " a row" : "", n);
}

/* Another number of rows. */
static int input_resize(struct ort_session *s, size_t n, struct err *e)
{
    struct ort_tensor *t = &s->input[0];
    free(t->data);
    s->o->api->release_value(s->value[0]);
    s->value[0] = NULL;
    t->dim[0] = (int64_t)(n / (t->n / (size_t)t->dim[0]));
    t->n = n;
    return input_make(s, 0, e);
}

int ort_infer(struct ort_session *s, const float *in, size_t n, float *out, size_t m, struct err *e)
{
    int rc = input_fits(s, n, e);
    rc = rc || !s->input[0].open || n == s->input[0].n ? rc : input_resize(s, n, e);
    if (rc) {
        return rc;
    }
    const size_t turns = n / s->input[0].n, given = m / turns;
    if (m % turns != 0) {
        return ERR_SET(e, ERR_INPUT, "%s: found %zu runs for %zu numbers, wanted as many for each", s->model, turns, m);
    }
    for (size_t i = 0; i < turns && !rc; i++) {
        memcpy(s->input[0].data, in + i * s->input[0].n, s->input[0].n * sizeof *in);
        rc = run(s, out + i * given, given, e);
    }
    return rc;
}

int ort_profile_end(struct ort_session *s, char *path, size_t n, struct err *e)
{
    const uint32_t mode = fpmode_get();
    char *name = NULL;
    int rc = took(s->o, s->o->api->end_profiling(s->object, s->o->allocator, &name), s->model, ERR_IO, e);
    if (!rc) {
        snprintf(path, n, "%s", name);
    }
    name_free(s->o, name);
    fpmode_set(mode);
    return rc;
}
