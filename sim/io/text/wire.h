/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire.h - what goes to a server and comes back, as the chat completions of the OpenAI interface have it: a request with
 * `messages` and, if it is to be constrained, a JSON Schema in `response_format`; a reply with `choices`, `usage`, `model`.
 * Everything that comes is taken for hostile: it is checked to be what was asked for, and nothing else of it is used.
 *
 * Source: OpenAI API reference, "Create chat completion"; llama.cpp's server and llama-cpp-python follow it.
 */
#ifndef SIM_IO_TEXT_WIRE_H
#define SIM_IO_TEXT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <tiersim/policy.h>

struct err;
struct text_model;

/* The request as it is sent, to be freed; n_slot 0: the answer is free text.  ERR_MEMORY. */
int wire_request(const struct text_model *m, const char *prompt, const struct ts_slot *slot, uint32_t n_slot, char **body,
                 struct err *e);

/* What a reply says; texts to be freed with wire_clear. */
struct wire_reply {
    char *content; /* of the first choice */
    char *by;      /* "model", at most 63 bytes of it; "" if there is none */
    double tokens_in, tokens_out; /* NAN if it does not say */
};
/* TS_S_FINE or TS_S_MALFORMED, then all is empty. */
enum ts_saying wire_reply(const char *body, size_t n, struct wire_reply *r);
void wire_clear(struct wire_reply *r);

/*
 * An answer that must be a JSON object of exactly these numbers: TS_S_FINE and value[n_slot], TS_S_MALFORMED (no JSON) or
 * TS_S_INVALID (other keys, no numbers, out of range).
 */
enum ts_saying wire_numbers(const char *content, const struct ts_slot *slot, uint32_t n_slot, double *value);
/* The same object with these numbers, to be freed; NULL: out of memory. */
char *wire_object(const struct ts_slot *slot, uint32_t n_slot, const double *value);

#endif
