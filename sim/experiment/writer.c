/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/writer.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/base/err.h"
#include "sim/run/guard.h"

enum message_kind { MESSAGE_ROWS, MESSAGE_RECORD, MESSAGE_FINISH };

struct message {
    struct message *next;
    enum message_kind kind;
    uint32_t policy, replication;
    struct row_block *rows;
    struct record record;
    const struct provenance *provenance;
};

struct writer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct message *first, **last; /* waiting for the thread */
    struct message finish;         /* the last one: it takes no memory, so a writer can always be ended */
    struct row_block **spare;      /* [n_spare] blocks that nobody uses */
    uint32_t n_spare, room;
    uint32_t n_record, room_record; /* records that wait, and how many may */
    bool begun;
    const char *path;
    const struct scenario *scenario;
    struct results_options options;
    struct results *file;
    enum record_status *kept; /* [n_policy][n_replication] */
    const char **kept_text;
    const struct text_entry *told; /* [n_told] */
    size_t n_told;
    char final_path[4096];
    struct err err;            /* of the thread: its first error; later messages are dropped */
    uint64_t n_taken; /* records that the thread has taken from the line */
    struct guard_saved saved;
    atomic_bool out_of_memory; /* somebody had none for a message */
};

/* The next message; NULL if there is none within so many seconds. */
static struct message *next_message(struct writer *w, double wait_s)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    bool for_ever = wait_s > 1e6;
    int64_t ns = for_ever ? 0 : until.tv_nsec + (int64_t)(wait_s * 1e9);
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&w->lock);
    for (int late = 0; !w->first && !late;) {
        late = for_ever ? pthread_cond_wait(&w->changed, &w->lock)
                        : pthread_cond_timedwait(&w->changed, &w->lock, &until);
    }
    struct message *m = w->first;
    if (m) {
        w->first = m->next;
        if (!w->first) {
            w->last = &w->first;
        }
        w->n_record -= m->kind == MESSAGE_RECORD;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return m;
}

static void give_back(struct writer *w, struct row_block *rows)
{
    pthread_mutex_lock(&w->lock);
    w->spare[w->n_spare++] = rows;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

/* What was there already, for those who may not ask the file: it belongs to this thread. */
static void keep_list(struct writer *w)
{
    const struct experiment *x = &w->scenario->experiment;
    w->kept = calloc((size_t)x->n_policy * x->replications + 1, sizeof *w->kept);
    w->kept_text = calloc((size_t)x->n_policy * x->replications + 1, sizeof *w->kept_text);
    if (!w->kept || !w->kept_text) {
        ERR_SET(&w->err, ERR_MEMORY, "out of memory for results");
        return;
    }
    w->told = results_told(w->file, &w->n_told);
    for (uint32_t p = 0; p < x->n_policy; p++) {
        for (uint32_t r = 0; r < x->replications; r++) {
            size_t i = (size_t)p * x->replications + r;
            w->kept[i] = results_kept(w->file, p, r, &w->kept_text[i]);
        }
    }
}

enum record_status writer_kept(const struct writer *w, uint32_t policy, uint32_t replication, const char **text)
{
    size_t i = (size_t)policy * w->scenario->experiment.replications + replication;
    *text = w->kept_text[i];
    return w->kept[i];
}

const struct guard_saved *writer_saved(const struct writer *w)
{
    return &w->saved;
}

const struct text_entry *writer_told(const struct writer *w, size_t *n)
{
    *n = w->n_told;
    return w->told;
}

static void say_begun(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->begun = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

/* What is to be done about a message; false after the last one. */
static bool handle(struct writer *w, struct message *m)
{
    bool fine = w->err.code == ERR_NONE && !atomic_load(&w->out_of_memory);
    switch (m->kind) {
    case MESSAGE_ROWS:
        if (fine) {
            results_rows(w->file, m->policy, m->replication, m->rows, &w->err);
        }
        give_back(w, m->rows);
        break;
    case MESSAGE_RECORD:
        if (fine) {
            results_record(w->file, &m->record, &w->err);
        }
        w->n_taken++;
        record_clear(&m->record);
        break;
    case MESSAGE_FINISH: /* this one is the writer's own */
        if (fine && m->provenance) {
            results_commit(w->file, m->provenance, &w->err);
        } else {
            results_leave(w->file, &w->err);
        }
        w->file = NULL;
        return false;
    }
    free(m);
    return true;
}

static void *work(void *ctx)
{
    struct writer *w = ctx;
    results_begin(&w->file, w->path, w->scenario, &w->options, &w->err);
    if (w->file) {
        snprintf(w->final_path, sizeof w->final_path, "%s", results_path(w->file));
        keep_list(w);
    }
    say_begun(w);
    for (bool more = true; more;) {
        struct message *m = next_message(w, 0);
        if (w->file && w->err.code == ERR_NONE && (!m || results_overdue(w->file))) {
            const uint64_t n = w->n_taken;
            if (results_sync(w->file, &w->err) == 0) { /* all that has come, at once */
                atomic_store(&w->saved.n_durable, n);
            }
        }
        if (!m) {
            m = next_message(w, w->file && w->err.code == ERR_NONE ? results_wait_s(w->file) : INFINITY);
        }
        more = !m || handle(w, m);
    }
    return NULL;
}

static void send(struct writer *w, struct message *m)
{
    pthread_mutex_lock(&w->lock);
    *w->last = m;
    w->last = &m->next;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void release(struct writer *w)
{
    for (uint32_t i = 0; w->spare && i < w->n_spare; i++) {
        free(w->spare[i]);
    }
    free(w->spare);
    free(w->kept);
    free(w->kept_text);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

int writer_start(struct writer **out, const char *path, const struct scenario *s, const struct results_options *o,
                 uint32_t ahead, struct err *e)
{
    const uint32_t room = o->rows ? ahead : 0;
    struct writer *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for results");
    }
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    w->last = &w->first;
    w->path = path;
    w->scenario = s;
    w->options = *o;
    w->room_record = ahead;
    w->room = room;
    w->spare = calloc(room + 1u, sizeof *w->spare);
    for (; w->spare && w->n_spare < room; w->n_spare++) {
        if (!(w->spare[w->n_spare] = malloc(sizeof **w->spare))) {
            break;
        }
    }
    if (!w->spare || w->n_spare < room) {
        release(w);
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u blocks of rows", room);
    }
    if (pthread_create(&w->thread, NULL, work, w)) {
        release(w);
        return ERR_SET(e, ERR_MEMORY, "no thread could be started for writing results");
    }
    pthread_mutex_lock(&w->lock);
    while (!w->begun) {
        pthread_cond_wait(&w->changed, &w->lock);
    }
    bool fine = w->err.code == ERR_NONE;
    pthread_mutex_unlock(&w->lock);
    if (!fine) {
        return writer_finish(w, NULL, NULL, 0, e);
    }
    *out = w;
    return 0;
}

void writer_rows(struct writer *w, uint32_t policy, uint32_t replication, const struct row_block *b)
{
    struct message *m = calloc(1, sizeof *m);
    if (!m) {
        atomic_store(&w->out_of_memory, true);
        return;
    }
    pthread_mutex_lock(&w->lock);
    while (w->n_spare == 0) {
        pthread_cond_wait(&w->changed, &w->lock);
    }
    struct row_block *rows = w->spare[--w->n_spare];
    pthread_mutex_unlock(&w->lock);
    memcpy(rows, b, sizeof *rows);
    *m = (struct message){.kind = MESSAGE_ROWS, .policy = policy, .replication = replication, .rows = rows};
    send(w, m);
}

void writer_record(struct writer *w, struct record *rec)
{
    struct message *m = calloc(1, sizeof *m);
    if (!m) {
        atomic_store(&w->out_of_memory, true);
        record_clear(rec);
        return;
    }
    *m = (struct message){.kind = MESSAGE_RECORD, .record = *rec};
    *rec = (struct record){0};
    pthread_mutex_lock(&w->lock);
    while (w->n_record >= w->room_record) { /* a disk that is slower than the runs holds them up */
        pthread_cond_wait(&w->changed, &w->lock);
    }
    w->n_record++;
    atomic_fetch_add(&w->saved.n_handed, 1);
    pthread_mutex_unlock(&w->lock);
    send(w, m);
}

int writer_finish(struct writer *w, const struct provenance *p, char *path, size_t n, struct err *e)
{
    w->finish = (struct message){.kind = MESSAGE_FINISH, .provenance = p};
    send(w, &w->finish);
    pthread_join(w->thread, NULL);
    if (w->err.code == ERR_NONE && atomic_load(&w->out_of_memory)) {
        ERR_SET(&w->err, ERR_MEMORY, "out of memory for results");
    }
    int rc = -(int)w->err.code;
    if (rc && e && e->code == ERR_NONE) {
        *e = w->err;
    }
    if (path) {
        snprintf(path, n, "%s", w->final_path);
    }
    release(w);
    return rc;
}
