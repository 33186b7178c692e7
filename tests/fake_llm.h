/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_llm.h - a server on loopback that takes chat completions, well-behaved or hostile: on a port that the system chose, one
 * connection after the other, in a thread of its own.
 */
#ifndef TESTS_FAKE_LLM_H
#define TESTS_FAKE_LLM_H

#include "tests/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum fake {
    FAKE_GOOD,       /* rates p0 best; sets weights; sees no anomaly; lets controllers admit half: by what the prompt asks for */
    FAKE_SILENT,     /* takes the request and never answers */
    FAKE_SLOW,       /* a byte at a time, for ever */
    FAKE_CUT,        /* promises more than it sends */
    FAKE_NO_JSON,    /* a page of HTML with status 200 */
    FAKE_NO_CHAT,    /* JSON that is no completion */
    FAKE_NO_ANSWER,  /* a completion whose content is no JSON */
    FAKE_WRONG,      /* the content is JSON of other keys */
    FAKE_OUT_OF_RANGE,
    FAKE_HUGE,       /* 100 MB, of which it says nothing before */
    FAKE_HUGE_SAID,  /* the same, with its length */
    FAKE_DEEP,       /* a hundred thousand open brackets */
    FAKE_BUSY_TWICE, /* 429, 500, then good */
    FAKE_BROKEN,     /* always 500 */
    FAKE_REDIRECT,   /* to a file */
    FAKE_TELLS,      /* sends the key and the prompt back, in every field that is kept */
};

struct fake_llm {
    enum fake how;
    int listening;
    unsigned port;
    pthread_t thread;
    _Atomic int n_asked, n_authorized, stop;
    char last[1 << 16]; /* request */
};

static inline bool fake_send(int to, const char *text, size_t n)
{
    for (ssize_t sent; n > 0; text += sent, n -= (size_t)sent) {
        sent = send(to, text, n, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
    }
    return true;
}

static inline bool fake_say(int to, const char *text)
{
    return fake_send(to, text, strlen(text));
}

static inline void fake_reply(int to, int status, const char *body)
{
    char head[256];
    int n = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
                     strlen(body));
    (void)(fake_send(to, head, (size_t)n) && fake_say(to, body));
}

/* A completion with that content, which has no need of escapes but for its quotes. */
static inline void fake_complete(int to, const char *content, const char *by)
{
    char body[1 << 16], quoted[1 << 15];
    size_t n = 0;
    for (; *content && n + 2 < sizeof quoted; content++) {
        if (*content == '"') {
            quoted[n++] = '\\';
        }
        quoted[n++] = *content == '\n' ? ' ' : *content;
    }
    quoted[n] = '\0';
    snprintf(body, sizeof body,
             "{\"model\": \"%s\", \"choices\": [{\"message\": {\"role\": \"assistant\", \"content\": \"%s\"}}],"
             " \"usage\": {\"prompt_tokens\": 100, \"completion_tokens\": 20}}",
             by, quoted);
    fake_reply(to, 200, body);
}

/* The present settings, which stand in the prompt, but for what is admitted. */
static inline void fake_set(const char *present, int to)
{
    char content[1 << 12];
    size_t n = 0;
    for (bool ends = false; *present && !ends && n + 1 < sizeof content; present++) {
        ends = *present == '}';
        if (*present != '\\') { /* of an escape in the request */
            content[n++] = *present;
        }
    }
    content[n] = '\0';
    char *admit = strstr(content, ": 100");
    if (admit) {
        memcpy(admit, ": 50 ", 5);
    }
    fake_complete(to, content, "fake-1");
}

static inline void fake_good(const struct fake_llm *f, int to)
{
    char content[512] = "{";
    const char *present = strstr(f->last, "present settings: ");
    if (present) {
        fake_set(strchr(present, '{'), to);
        return;
    }
    if (strstr(f->last, "weighted cost")) {
        fake_complete(to, "{\"time\": 100, \"load\": 30, \"energy\": 0, \"admit\": 1000}", "fake-1");
        return;
    }
    if (strstr(f->last, "You watch")) {
        fake_complete(to, "{\"anomaly\": 0, \"replan\": 0}", "fake-1");
        return;
    }
    for (unsigned k = 0; k < 16; k++) {
        char name[16];
        snprintf(name, sizeof name, "np%u: tier", k); /* of the escaped "\np0: tier" */
        if (strstr(f->last, name)) {
            size_t n = strlen(content);
            snprintf(content + n, sizeof content - n, "%s\"p%u\": %u", k ? ", " : "", k, 90 - k);
        }
    }
    strcat(content, "}");
    fake_complete(to, content, "fake-1");
}

static inline void fake_flood(struct fake_llm *f, int to, bool said, size_t n_byte)
{
    static char block[1 << 16];
    char head[128];
    memset(block, ' ', sizeof block);
    int n = said ? snprintf(head, sizeof head, "HTTP/1.1 200 X\r\nContent-Length: %zu\r\n\r\n", n_byte)
                 : snprintf(head, sizeof head, "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n");
    bool more = fake_send(to, head, (size_t)n);
    for (size_t sent = 0; more && sent < n_byte && !f->stop; sent += sizeof block) {
        more = fake_send(to, block, sizeof block);
    }
}

/* Until the other side is tired of it. */
static inline void fake_hold(struct fake_llm *f, int to, bool drip)
{
    if (drip && !fake_say(to, "HTTP/1.1 200 X\r\nContent-Length: 10000\r\n\r\n")) {
        return;
    }
    for (struct pollfd p = {.fd = to, .events = POLLIN}; !f->stop && poll(&p, 1, 10) == 0;) {
        if (drip && !fake_say(to, " ")) {
            return;
        }
    }
}

static inline void fake_answer(struct fake_llm *f, int to)
{
    static char deep[100001];
    int n = f->n_asked++;
    switch (f->how) {
    case FAKE_GOOD:
        fake_good(f, to);
        break;
    case FAKE_SILENT:
    case FAKE_SLOW:
        fake_hold(f, to, f->how == FAKE_SLOW);
        break;
    case FAKE_CUT:
        fake_say(to, "HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n{\"choi");
        break;
    case FAKE_NO_JSON:
        fake_reply(to, 200, "<html>it works</html>");
        break;
    case FAKE_NO_CHAT:
        fake_reply(to, 200, "{\"choices\": [{\"message\": [1, 2]}], \"model\": 7}");
        break;
    case FAKE_NO_ANSWER:
        fake_complete(to, "I would send it to p0, because", "fake-1");
        break;
    case FAKE_WRONG:
        fake_complete(to, "{\"node\": \"edge\", \"reason\": \"energy\"}", "fake-1");
        break;
    case FAKE_OUT_OF_RANGE:
        fake_complete(to, "{\"p0\": 1e300, \"p1\": -5}", "fake-1");
        break;
    case FAKE_HUGE:
    case FAKE_HUGE_SAID:
        fake_flood(f, to, f->how == FAKE_HUGE_SAID, 100000000);
        break;
    case FAKE_DEEP:
        memset(deep, '[', sizeof deep - 1);
        fake_reply(to, 200, deep);
        break;
    case FAKE_BUSY_TWICE:
        if (n < 2) {
            fake_reply(to, n ? 500 : 429, "later");
        } else {
            fake_good(f, to);
        }
        break;
    case FAKE_BROKEN:
        fake_reply(to, 500, "oh");
        break;
    case FAKE_REDIRECT:
        fake_say(to, "HTTP/1.1 302 X\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
        break;
    case FAKE_TELLS: {
        const char *key = strstr(f->last, "Bearer ");
        char by[300];
        snprintf(by, sizeof by, "%.60s", key ? key + 7 : "");
        by[strcspn(by, "\r\n")] = '\0';
        fake_complete(to, by, by);
    }
    }
}

/* A request with its body, as its Content-Length says. */
static inline bool fake_take(struct fake_llm *f, int from)
{
    size_t n = 0;
    for (ssize_t got; n + 1 < sizeof f->last; n += (size_t)got) {
        const char *length = strcasestr(f->last, "Content-Length: "), *body = strstr(f->last, "\r\n\r\n");
        if (n > 0 && body && length && n >= (size_t)(body + 4 - f->last) + strtoul(length + 16, NULL, 10)) {
            return true;
        }
        got = recv(from, f->last + n, sizeof f->last - 1 - n, 0);
        if (got <= 0) {
            return false;
        }
        f->last[n + (size_t)got] = '\0';
    }
    return false;
}

static inline void *fake_work(void *ctx)
{
    struct fake_llm *f = ctx;
    for (struct pollfd p = {.fd = f->listening, .events = POLLIN}; !f->stop;) {
        int one = poll(&p, 1, 10) > 0 ? accept(f->listening, NULL, NULL) : -1;
        if (one < 0) {
            continue;
        }
        memset(f->last, 0, sizeof f->last);
        if (fake_take(f, one)) {
            f->n_authorized += strstr(f->last, "Authorization: Bearer ") != NULL;
            fake_answer(f, one);
        }
        close(one);
    }
    return NULL;
}

static inline void fake_start(struct fake_llm *f, enum fake how)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    memset(f, 0, sizeof *f);
    f->how = how;
    f->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(f->listening >= 0 && bind(f->listening, (const struct sockaddr *)&at, sizeof at) == 0 &&
                listen(f->listening, 16) == 0 && getsockname(f->listening, (struct sockaddr *)&at, &n) == 0);
    f->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&f->thread, NULL, fake_work, f), 0);
}

static inline void fake_end(struct fake_llm *f)
{
    f->stop = 1;
    pthread_join(f->thread, NULL);
    close(f->listening);
}

#endif
