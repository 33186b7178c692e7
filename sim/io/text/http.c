/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/text/http.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/base/err.h"
#include "sim/model/scenario.h"

struct http {
    const struct text_model *model;
    CURL *curl;
    struct curl_slist *header;
    char *reply;
    size_t n, room;
    bool too_long;
};

static size_t take(char *data, size_t size, size_t n_item, void *ctx)
{
    struct http *h = ctx;
    size_t n = size * n_item;
    if (n > h->room - h->n) {
        h->too_long = true;
        return 0; /* ends the transfer */
    }
    memcpy(h->reply + h->n, data, n);
    h->n += n;
    return n;
}

static bool add_header(struct http *h, const char *line)
{
    struct curl_slist *grown = curl_slist_append(h->header, line);
    h->header = grown ? grown : h->header;
    return grown != NULL;
}

/* "Authorization: Bearer KEY", which libcurl copies. */
static bool add_key(struct http *h, const char *key)
{
    char *line = NULL;
    if (!key || !key[0]) {
        return true;
    }
    bool fine = asprintf(&line, "Authorization: Bearer %s", key) >= 0 && add_header(h, line);
    if (line) {
        explicit_bzero(line, strlen(line));
    }
    free(line);
    return fine;
}

int http_open(struct http **out, const struct text_model *m, const char *key, struct err *e)
{
    struct http *h = calloc(1, sizeof *h);
    *out = h;
    if (!h || !(h->curl = curl_easy_init()) || !(h->reply = malloc(m->answer_bytes + 1)) ||
        !add_header(h, "Content-Type: application/json") || !add_header(h, "Expect:") || !add_key(h, key)) {
        http_close(h);
        *out = NULL;
        return ERR_SET(e, ERR_MEMORY, "out of memory to ask the language model %s", m->name);
    }
    h->model = m;
    h->room = m->answer_bytes;
    curl_easy_setopt(h->curl, CURLOPT_URL, m->url);
    curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->header);
    curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, h);
    curl_easy_setopt(h->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)m->answer_bytes);
    curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)(m->timeout_s * 1e3) + 1);
    curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h->curl, CURLOPT_NOPROXY, "127.0.0.1,localhost,::1");
    return 0;
}

void http_close(struct http *h)
{
    if (h) {
        curl_easy_cleanup(h->curl);
        curl_slist_free_all(h->header);
        free(h->reply);
        free(h);
    }
}

/* What came of one try; *again: it may be worth another. */
static enum ts_saying once(struct http *h, bool *again)
{
    long status = 0;
    h->n = 0;
    h->too_long = *again = false;
    CURLcode rc = curl_easy_perform(h->curl);
    if (h->too_long || rc == CURLE_FILESIZE_EXCEEDED) {
        return TS_S_LONG;
    }
    if (rc == CURLE_OPERATION_TIMEDOUT) {
        return TS_S_LATE;
    }
    if (rc != CURLE_OK) {
        *again = true;
        return TS_S_UNREACHED;
    }
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
    *again = status == 429 || status >= 500;
    return status == 200 ? TS_S_FINE : TS_S_REFUSED;
}

static void wait_s(double s)
{
    struct timespec t = {.tv_sec = (time_t)s, .tv_nsec = (long)((s - (double)(time_t)s) * 1e9)};
    nanosleep(&t, NULL);
}

enum ts_saying http_ask(struct http *h, const char *body, const char **reply, size_t *n)
{
    enum ts_saying said = TS_S_UNREACHED;
    bool again = true;
    curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
    for (uint32_t i = 0; again && i < h->model->tries; i++) {
        if (i > 0) {
            wait_s(h->model->back_off_s * (double)(UINT64_C(1) << (i - 1)));
        }
        said = once(h, &again);
    }
    h->n = said == TS_S_FINE ? h->n : 0;
    h->reply[h->n] = '\0';
    *reply = h->reply;
    *n = h->n;
    return said;
}
