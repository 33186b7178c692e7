/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_file.h - a whole JSON file, with bounds: what is nested or repeated too much, or too large, is refused. */
#ifndef SIM_IO_TRACE_JSON_FILE_H
#define SIM_IO_TRACE_JSON_FILE_H

#include <jansson.h>

struct err;
struct sha256;

/* A parsed value takes some ten times its text. */
#define JSON_FILE_BYTES ((size_t)32 << 20)
#define JSON_NUMBER_MAX 1e15

/* The value (json_decref it) and its text (free it; unless text is NULL); sha takes the bytes unless it is NULL. */
int json_file_read(const char *path, struct sha256 *sha, json_t **value, char **text, struct err *e);

#endif
