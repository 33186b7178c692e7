/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http.h - a request to a server by libcurl: one handle for each who asks, never shared by threads.
 *
 * A reply is read up to a bound and waited for up to a time, redirections are not followed, only http and https are spoken,
 * and nothing that is compressed is asked for.  While the server is not reached, is busy (429) or broken (5xx) the request
 * is put again, after a wait that doubles.
 */
#ifndef SIM_IO_TEXT_HTTP_H
#define SIM_IO_TEXT_HTTP_H

#include <stddef.h>
#include <tiersim/policy.h>

struct err;
struct http;
struct text_model;

/* key: NULL or "" if none is sent; copied.  ERR_MEMORY. */
int http_open(struct http **h, const struct text_model *m, const char *key, struct err *e);
void http_close(struct http *h);

/* The reply to the last of at most m->tries requests, valid until the next call; "" unless it is TS_S_FINE. */
enum ts_saying http_ask(struct http *h, const char *body, const char **reply, size_t *n);

#endif
