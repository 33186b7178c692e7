/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ort_api.h - the part of ONNX Runtime's C interface that is used here, declared so that the program builds without its
 * header.  The library hands out a table of functions that only ever grows at its end; a function is found by its place in it.
 * The places and types are those of API 11 (ONNX Runtime 1.11, 2022), which every later library answers;
 * tests/ci/onnx.sh compares them with the header of a newer one.
 *
 * Source: onnxruntime_c_api.h, struct OrtApi.  A call returns NULL, or a status that says why it failed.
 */
#ifndef SIM_IO_ORT_ORT_API_H
#define SIM_IO_ORT_ORT_API_H

#include <stddef.h>
#include <stdint.h>

enum { ORT_API = 11 };

/* What the library owns; only pointers to these are handled. */
struct ort_status;
struct ort_env;
struct ort_session_object;
struct ort_session_options;
struct ort_value;
struct ort_type_info;
struct ort_shape_info;
struct ort_memory_info;
struct ort_allocator;

enum { ORT_LOG_FATAL = 4, ORT_IN_TURN = 0, ORT_OPTIMISE_NOTHING = 0, ORT_OPTIMISE_ALL = 99 };
enum { ORT_ARENA_ALLOCATOR = 1, ORT_MEMORY_DEFAULT = 0 };

typedef struct ort_status *ort_result;

/* Places of the table that are not used. */
#define ORT_SKIP(from, upto) void (*skip_##from[(upto) - (from) + 1])(void)

struct ort_api {
    ORT_SKIP(0, 1);
    const char *(*error_message)(const struct ort_status *);                                               /* 2 */
    ort_result (*create_env)(int log_level, const char *log_name, struct ort_env **);                      /* 3 */
    ORT_SKIP(4, 5);
    ort_result (*disable_telemetry)(const struct ort_env *);                                               /* 6 */
    ORT_SKIP(7, 7);
    ort_result (*create_session)(const struct ort_env *, const void *model, size_t n,
                                 const struct ort_session_options *, struct ort_session_object **);        /* 8 */
    ort_result (*run)(struct ort_session_object *, const void *run_options, const char *const *input_name,
                      const struct ort_value *const *input, size_t n_input, const char *const *output_name,
                      size_t n_output, struct ort_value **output);                                         /* 9 */
    ort_result (*create_session_options)(struct ort_session_options **);                                   /* 10 */
    ORT_SKIP(11, 12);
    ort_result (*set_execution_mode)(struct ort_session_options *, int mode);                              /* 13 */
    ort_result (*enable_profiling)(struct ort_session_options *, const char *prefix);                      /* 14 */
    ORT_SKIP(15, 22);
    ort_result (*set_optimisation)(struct ort_session_options *, int level);                               /* 23 */
    ort_result (*set_intra_threads)(struct ort_session_options *, int n);                                  /* 24 */
    ort_result (*set_inter_threads)(struct ort_session_options *, int n);                                  /* 25 */
    ORT_SKIP(26, 29);
    ort_result (*n_input)(const struct ort_session_object *, size_t *);                                    /* 30 */
    ort_result (*n_output)(const struct ort_session_object *, size_t *);                                   /* 31 */
    ORT_SKIP(32, 32);
    ort_result (*input_type)(const struct ort_session_object *, size_t, struct ort_type_info **);          /* 33 */
    ort_result (*output_type)(const struct ort_session_object *, size_t, struct ort_type_info **);         /* 34 */
    ORT_SKIP(35, 35);
    ort_result (*input_name)(const struct ort_session_object *, size_t, struct ort_allocator *, char **);  /* 36 */
    ort_result (*output_name)(const struct ort_session_object *, size_t, struct ort_allocator *, char **); /* 37 */
    ORT_SKIP(38, 48);
    ort_result (*create_tensor)(const struct ort_memory_info *, void *data, size_t bytes, const int64_t *dim, size_t n_dim,
                                int type, struct ort_value **);                                            /* 49 */
    ORT_SKIP(50, 50);
    ort_result (*tensor_data)(struct ort_value *, void **);                                                /* 51 */
    ORT_SKIP(52, 54);
    ort_result (*shape_of_type)(const struct ort_type_info *, const struct ort_shape_info **);             /* 55 */
    ORT_SKIP(56, 59);
    ort_result (*element_type)(const struct ort_shape_info *, int *);                                      /* 60 */
    ort_result (*n_dim)(const struct ort_shape_info *, size_t *);                                          /* 61 */
    ort_result (*dims)(const struct ort_shape_info *, int64_t *, size_t);                                  /* 62 */
    ORT_SKIP(63, 63);
    ort_result (*n_element)(const struct ort_shape_info *, size_t *);                                      /* 64 */
    ort_result (*shape_of_value)(const struct ort_value *, struct ort_shape_info **);                      /* 65 */
    ORT_SKIP(66, 68);
    ort_result (*cpu_memory)(int allocator, int memory, struct ort_memory_info **);                        /* 69 */
    ORT_SKIP(70, 75);
    ort_result (*allocator_free)(struct ort_allocator *, void *);                                          /* 76 */
    ORT_SKIP(77, 77);
    ort_result (*default_allocator)(struct ort_allocator **);                                              /* 78 */
    ORT_SKIP(79, 91);
    void (*release_env)(struct ort_env *);                                                                 /* 92 */
    void (*release_status)(struct ort_status *);                                                           /* 93 */
    void (*release_memory_info)(struct ort_memory_info *);                                                 /* 94 */
    void (*release_session)(struct ort_session_object *);                                                  /* 95 */
    void (*release_value)(struct ort_value *);                                                             /* 96 */
    ORT_SKIP(97, 97);
    void (*release_type_info)(struct ort_type_info *);                                                     /* 98 */
    void (*release_shape_info)(struct ort_shape_info *);                                                   /* 99 */
    void (*release_session_options)(struct ort_session_options *);                                         /* 100 */
    ORT_SKIP(101, 109);
    ort_result (*end_profiling)(struct ort_session_object *, struct ort_allocator *, char **path);         /* 110 */
    ORT_SKIP(111, 129);
    ort_result (*set_option)(struct ort_session_options *, const char *key, const char *value);            /* 130 */
};

struct ort_api_base {
    const struct ort_api *(*api)(uint32_t version);
    const char *(*version)(void);
};

#endif
