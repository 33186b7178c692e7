/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gophers.c - CSV files with a second count `seq_num` and a throughput in Mbit/s, of the University of Minnesota:
 * 5Gophers (Narayanan et al., "A first look at commercial 5G performance on smartphones", WWW 2020) and Lumos5G (the same,
 * "Lumos5G: mapping and predicting commercial mmWave 5G throughput", IMC 2020).  Three shapes: one column of throughput;
 * one such column per carrier (Verizon_throughput_mbps); or many measurements below each other, told apart by other
 * columns: carrier, num_tcp_conn and server_location, or mobility_mode and trajectory_direction.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

enum { N_APART = 3, WORD_BYTES = 64 };

struct shape {
    const char *rate; /* heading, or its end */
    const char *told_apart[N_APART];
    const char *example; /* of words that choose a measurement */
};

static const struct shape gophers_shape = {
    "throughput_mbps", {"carrier", "num_tcp_conn", "server_location"}, "VERIZON 8 US-East"};
static const struct shape lumos5g_shape = {"Throughput", {"mobility_mode", "trajectory_direction", NULL}, "walking CW"};

struct gophers {
    struct sheet s;
    const struct shape *shape;
    int seq, run, rate;               /* fields; run -1 if there is none */
    int apart[N_APART];               /* fields of a file of many measurements, or -1 */
    const char *words;                /* which of them, or NULL */
    char chosen[N_APART][WORD_BYTES]; /* what the first chosen row has there */
    char last_run[WORD_BYTES];
    double last_seq, time_s;
};

/* How many letters stand before the _ of CARRIER_throughput_mbps; 0 if it is another heading. */
static size_t carrier_letters(const struct gophers *g, const char *heading)
{
    size_t n = strlen(heading), end = strlen(g->shape->rate) + 1;
    return n > end && heading[n - end] == '_' && strcmp(heading + n - end + 1, g->shape->rate) == 0 ? n - end : 0;
}

/* The column of the carrier that `column` names, whole or without the ending. */
static int find_carrier(struct gophers *g, const char *column, struct err *e)
{
    char known[256] = "";
    for (size_t i = 0; i < g->s.n_header; i++) {
        const char *heading = g->s.header[i];
        size_t n = carrier_letters(g, heading);
        if (n == 0) {
            continue;
        }
        if (column && (strcasecmp(column, heading) == 0 || (strncasecmp(column, heading, n) == 0 && column[n] == 0))) {
            g->rate = (int)i;
            return 0;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%.*s", used ? ", " : "", (int)n, heading);
    }
    if (!known[0]) {
        return ERR_AT(e, g->s.lines.path, g->s.lines.line, 1, "found no heading %s or CARRIER_%s, wanted one",
                      g->shape->rate, g->shape->rate);
    }
    return ERR_AT(e, g->s.lines.path, g->s.lines.line, 1, "found %s%.40s%s, wanted a column out of: %s",
                  column ? "column '" : "no column", column ? column : "", column ? "'" : "", known);
}

static int find_fields(struct gophers *g, const char *column, struct err *e)
{
    g->seq = sheet_field(&g->s, "seq_num", false);
    g->run = sheet_field(&g->s, "run_num", false);
    g->rate = sheet_field(&g->s, g->shape->rate, false);
    for (int k = 0; k < N_APART; k++) {
        const char *heading = g->shape->told_apart[k];
        g->apart[k] = heading ? sheet_field(&g->s, heading, false) : -1;
    }
    if (g->seq < 0) {
        return ERR_AT(e, g->s.lines.path, g->s.lines.line, 1, "found no heading seq_num, wanted one");
    }
    if (g->rate < 0) {
        return find_carrier(g, column, e);
    }
    if (g->apart[0] >= 0) {
        g->words = column;
    } else if (column && strcmp(column, g->shape->rate) != 0) {
        return ERR_AT(e, g->s.lines.path, g->s.lines.line, 1, "found column '%.40s', but the file has only %s", column,
                      g->shape->rate);
    }
    return 0;
}

static bool row_has(const struct gophers *g, const char *word, size_t n)
{
    for (int k = 0; k < N_APART; k++) {
        const char *field = g->apart[k] < 0 ? "" : g->s.field[g->apart[k]];
        if (strncasecmp(field, word, n) == 0 && field[n] == 0) {
            return true;
        }
    }
    return false;
}

static bool is_chosen(const struct gophers *g)
{
    const char *word = g->words ? g->words : "";
    for (word += strspn(word, " "); *word; word += strspn(word, " ")) {
        size_t n = strcspn(word, " ");
        if (!row_has(g, word, n)) {
            return false;
        }
        word += n;
    }
    return true;
}

/* What was chosen has to be one measurement. */
static int same_measurement(struct gophers *g, bool first, struct err *e)
{
    for (int k = 0; k < N_APART; k++) {
        if (g->apart[k] < 0) {
            continue;
        }
        const char *field = g->s.field[g->apart[k]];
        if (first) {
            snprintf(g->chosen[k], WORD_BYTES, "%s", field);
        } else if (strcmp(g->chosen[k], field) != 0) {
            return ERR_AT(e, g->s.lines.path, g->s.lines.line, sheet_column(&g->s, g->apart[k]),
                          "found rows of %s %.20s and of %.20s, wanted one of them by a column such as %s",
                          g->shape->told_apart[k], g->chosen[k], field, g->shape->example);
        }
    }
    return 0;
}

/* Seconds since the row before: the step of seq_num within a run, one second from run to run. */
static int go_on(struct gophers *g, bool first, struct err *e)
{
    double seq;
    int rc = sheet_number(&g->s, g->seq, "seq_num", &seq, e);
    if (rc != 0) {
        return rc;
    }
    if (seq != floor(seq)) {
        return ERR_AT(e, g->s.lines.path, g->s.lines.line, sheet_column(&g->s, g->seq),
                      "found '%.40s', wanted a whole seq_num", g->s.field[g->seq]);
    }
    bool new_run = g->run >= 0 && strncmp(g->last_run, g->s.field[g->run], WORD_BYTES - 1) != 0;
    if (!first && !new_run && seq <= g->last_seq) {
        return ERR_AT(e, g->s.lines.path, g->s.lines.line, sheet_column(&g->s, g->seq),
                      "found seq_num %.20s, wanted one after that of the row before", g->s.field[g->seq]);
    }
    g->time_s = first ? 0 : g->time_s + (new_run ? 1 : seq - g->last_seq);
    g->last_seq = seq;
    if (g->run >= 0) {
        snprintf(g->last_run, WORD_BYTES, "%s", g->s.field[g->run]);
    }
    return 0;
}

static int read_shape(const struct shape *shape, struct flow *f, struct err *e)
{
    struct gophers g = {.shape = shape, .run = -1};
    flow_column(f, "capacity", "bit/s");
    int rc = sheet_open(&g.s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : sheet_header(&g.s, e);
    rc = rc ? rc : find_fields(&g, f->column, e);
    while (rc == 0 && (rc = sheet_next(&g.s, e)) > 0) {
        double mbps = 0;
        rc = 0;
        if (is_chosen(&g)) {
            rc = same_measurement(&g, f->n_read == 0, e);
            rc = rc ? rc : go_on(&g, f->n_read == 0, e);
            rc = rc ? rc : sheet_number(&g.s, g.rate, shape->rate, &mbps, e);
            rc = rc ? rc : flow_row(f, g.time_s, &(double){mbps * 1e6}, e);
        }
    }
    if (rc == 0 && f->n_read == 0 && g.words) {
        rc = ERR_AT(e, f->path, 0, 0, "found no row of column '%.40s', wanted words such as %s", g.words,
                    shape->example);
    }
    f->end_s = g.time_s + 1;
    sheet_close(&g.s);
    return rc;
}

int trace_read_gophers(struct flow *f, struct err *e)
{
    return read_shape(&gophers_shape, f, e);
}

int trace_read_lumos5g(struct flow *f, struct err *e)
{
    return read_shape(&lumos5g_shape, f, e);
}
