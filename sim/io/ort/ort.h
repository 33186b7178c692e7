/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ort.h - ONNX Runtime, loaded when it is first wanted, and models that run in it.
 *
 * The library is looked for under $TIERSIM_ORT_LIB; without that among the system's, and where `make deps-onnx` puts one:
 * build/onnx/libonnxruntime.so beside the folder of the program, or ../lib/tiersim where it is installed.  Nothing is loaded
 * before ort_open, so that whoever needs no model pays nothing.  How the processor rounds is put back after every call.
 *
 * A model's tensors are named, of one type and shape; dimensions that it leaves open are taken for 1.
 */
#ifndef SIM_IO_ORT_ORT_H
#define SIM_IO_ORT_ORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct ort;
struct ort_session;

/* Types of elements, as ONNX numbers them. */
enum ort_type { ORT_F32 = 1, ORT_U8 = 2, ORT_I8 = 3, ORT_I32 = 6, ORT_I64 = 7, ORT_BOOL = 9, ORT_F64 = 11 };
/* Bytes of one; 0: a type that is not handled. */
size_t ort_type_bytes(int type);

/* ERR_IO: there is none, with what to do; or it is too old. */
int ort_open(struct ort **o, struct err *e);
void ort_close(struct ort *o);
const char *ort_version(const struct ort *o);
/* The file that was loaded. */
const char *ort_library(const struct ort *o);

struct ort_options {
    uint32_t threads;    /* that work on one operator, from 1 */
    bool as_written;     /* leave the graph as it is: nothing is fused or folded */
    const char *profile; /* write a profile of each node to a file that begins so; NULL: none */
};

enum { ORT_DIMS = 8, ORT_TENSORS = 64 };
struct ort_tensor {
    const char *name;
    int type;
    uint32_t n_dim;
    int64_t dim[ORT_DIMS];
    bool open; /* the model leaves the first dimension of an input open: any number of rows */
    size_t n; /* elements */
    void *data; /* [n] of an input, the session's; filled with numbers from -0.5 to 0.5, or ones */
};

/*
 * A model, the n bytes of an ONNX file, made ready; the bytes may go.  `name` is for messages.  ERR_INPUT: the runtime refuses
 * it, or it has a type or a number of dimensions that is not handled; ERR_MEMORY.
 */
int ort_session_open(struct ort *o, const void *model, size_t n, const char *name, const struct ort_options *options,
                     struct ort_session **s, struct err *e);
void ort_session_close(struct ort_session *s);
uint32_t ort_n_input(const struct ort_session *s);
uint32_t ort_n_output(const struct ort_session *s);
/* Dimensions of outputs that the model leaves open are 1 until it has run. */
const struct ort_tensor *ort_input(const struct ort_session *s, uint32_t i);
const struct ort_tensor *ort_output(const struct ort_session *s, uint32_t i);

/* Run it on what its inputs hold.  ERR_INPUT: the runtime refuses. */
int ort_run(struct ort_session *s, struct err *e);
/*
 * A model of one input of floats on n of them, and the m floats of its first output into out.  They are rows, all run at once where
 * the model leaves their number open, else one shape of its input after the other.  ERR_INPUT: it takes or gives other numbers.
 */
int ort_infer(struct ort_session *s, const float *in, size_t n, float *out, size_t m, struct err *e);
/* End the profile: its file's name into path[n]. */
int ort_profile_end(struct ort_session *s, char *path, size_t n, struct err *e);

#endif
