/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * make_traces.c - makes the shipped traces: `make_traces FOLDER` writes wan.csv, uplink.csv and assistant.csv there, the
 * same bytes every time.
 *
 * They are synthetic and follow published statistics, which a short sample does not meet by itself: each is drawn with
 * the seeds 1..N_SEED and the sample that is nearest to the statistics is kept.  traces/README.md names them.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/fmath.h"
#include "sim/model/process.h"

enum { N_SEED = 5000, N_SECOND = 600, N_REQUEST = 1000, N_GAP = 5 };

static double uniform(uint32_t seed, const char *what, uint64_t index)
{
    const struct draw_at at = {{seed, 0}, stream_entity(what), 0, index, DRAW_USER, 0};
    return draw_uniform(&at, 0);
}

/* How far x is from the published value, relative to it. */
static double off(double x, double published)
{
    return fabs(x / published - 1);
}

/* Mean of the process over each second, bit/s. */
static void sample(const struct process *p, uint32_t seed, double *capacity)
{
    struct process_at at;
    process_start(p, &at, (struct stream_key){seed, 0}, stream_entity("traces"), 0);
    for (int i = 0; i < N_SECOND; i++) {
        capacity[i] = process_integral(p, &at, i, i + 1);
    }
}

static void log_statistics(const double *capacity, double *mean, double *sd_log, double *lag1)
{
    double sum = 0, log_sum = 0, square = 0, product = 0, x[N_SECOND];
    for (int i = 0; i < N_SECOND; i++) {
        x[i] = ts_log(capacity[i]);
        sum += capacity[i];
        log_sum += x[i];
    }
    for (int i = 0; i < N_SECOND; i++) {
        double here = x[i] - log_sum / N_SECOND, next = x[(i + 1) % N_SECOND] - log_sum / N_SECOND;
        square += here * here;
        product += here * next;
    }
    *mean = sum / N_SECOND;
    *sd_log = sqrt(square / N_SECOND);
    *lag1 = product / square;
}

/* Seconds below a tenth of the mean, and how often such a stretch begins. */
static void count_outages(const double *capacity, double mean, int *seconds, int *starts)
{
    *seconds = *starts = 0;
    for (int i = 0; i < N_SECOND; i++) {
        bool low = capacity[i] < 0.1 * mean, low_before = capacity[(i + N_SECOND - 1) % N_SECOND] < 0.1 * mean;
        *seconds += low;
        *starts += low && !low_before;
    }
}

/* A WAN: 1.5 Gbit/s, a slow swing of a quarter in ten minutes for that of a day, and noise of 8 %. */
static double make_wan(uint32_t seed, double *capacity)
{
    const struct process noise = {.kind = PROCESS_LOG_AR1, .mean = 1, .sd_log = 0.08, .correlation = 0.95, .step_s = 1};
    double mean, sd_log, lag1;
    sample(&noise, seed, capacity);
    log_statistics(capacity, &mean, &sd_log, &lag1);
    double distance = off(mean, 1) + off(sd_log, 0.08) + off(lag1, 0.95);
    for (int i = 0; i < N_SECOND; i++) {
        capacity[i] *= 1.5e9 * (1 + 0.25 * ts_cos(6.283185307179586 * (i + 0.5) / N_SECOND));
    }
    return distance;
}

/* A 5G uplink: 5Gophers static as published, 600 Mbit/s, outages to a twentieth .01 /s of 2 s. */
static double make_uplink(uint32_t seed, double *capacity)
{
    const struct process p = {.kind = PROCESS_LOG_AR1,
                              .mean = 600e6,
                              .sd_log = 0.44,
                              .correlation = 0.81,
                              .step_s = 1,
                              .outage_every_s = 98,
                              .outage_lasts_s = 2,
                              .outage_value = 30e6};
    struct process bare = p;
    double mean, sd_log, lag1;
    int seconds, starts;
    bare.outage_every_s = 0;
    sample(&bare, seed, capacity);
    log_statistics(capacity, &mean, &sd_log, &lag1);
    double distance = off(mean, 600e6) + off(sd_log, 0.44) + off(lag1, 0.81);
    sample(&p, seed, capacity);
    count_outages(capacity, mean, &seconds, &starts);
    return distance + off(starts, 0.01 * N_SECOND) + off(seconds, 0.02 * N_SECOND);
}

/* Numbers 0..n-1 in a random order. */
static void shuffle(uint32_t seed, const char *what, int n, int *order)
{
    for (int i = 0; i < n; i++) {
        int j = (int)(uniform(seed, what, (uint64_t)i) * (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
}

/*
 * Two halves of lognormals that meet in the median: through the published 5, 50 and 95 % quantiles of token counts it
 * has their mean, too (2015 for 2048, 27.5 for 27.9), and a cap makes an atom.
 */
static double two_piece(double u, double p5, double p50, double p95, double cap)
{
    double z = ts_probit(u), z95 = 1.6448536269514722;
    double sigma = ts_log(u < 0.5 ? p50 / p5 : p95 / p50) / z95;
    return fmin(floor(p50 * ts_exp(sigma * z) + 0.5), cap);
}

struct request {
    double time_s, prompt, output;
};

/* Times of requests of an LLM for code: bursts with gaps of CV 3 between requests, N_GAP pauses of 10 s and more. */
static double make_times(uint32_t seed, struct request *r)
{
    const double sigma2 = ts_log(1 + 3.0 * 3.0), mu = ts_log(0.1207) - 0.5 * sigma2;
    double sum = 0, square = 0;
    for (int i = 1; i < N_REQUEST; i++) {
        double gap_s = fmin(ts_exp(mu + sqrt(sigma2) * ts_probit(uniform(seed, "gap", (uint64_t)i))), 9.9);
        for (uint64_t k = 0; k < N_GAP; k++) {
            if (i == 1 + (int)(uniform(seed, "pause", k) * (N_REQUEST - 1))) {
                gap_s = 10 - 42.8 * ts_log(uniform(seed, "pause length", k));
            }
        }
        gap_s = floor(gap_s * 1e7) / 1e7;
        sum += gap_s;
        square += gap_s * gap_s;
        r[i].time_s = r[i - 1].time_s + gap_s;
    }
    int count = 0, seconds = (int)r[N_REQUEST - 1].time_s + 1, empty = 0;
    double per_second = (double)N_REQUEST / seconds, dispersion = 0;
    for (int second = 0, i = 0; second < seconds; second++, count = 0) {
        for (; i < N_REQUEST && r[i].time_s < second + 1; i++) {
            count++;
        }
        empty += count == 0;
        dispersion += (count - per_second) * (count - per_second) / N_REQUEST;
    }
    double mean = sum / (N_REQUEST - 1), cv = sqrt(square / (N_REQUEST - 1) / (mean * mean) - 1);
    return off(1 / mean, 2.57) + off(cv, 13.2) + off((double)empty / seconds, 0.73) + off(dispersion, 13);
}

/* Token counts take each of n equal slices of their law once, in random order: their quantiles are exact. */
static void make_tokens(struct request *r)
{
    int prompt[N_REQUEST], output[N_REQUEST];
    shuffle(1, "prompt", N_REQUEST, prompt);
    shuffle(1, "output", N_REQUEST, output);
    for (int i = 0; i < N_REQUEST; i++) {
        r[i].prompt = two_piece((prompt[i] + 0.5) / N_REQUEST, 75, 1469, 7303, 7437);
        r[i].output = two_piece((output[i] + 0.5) / N_REQUEST, 6, 13, 90, 1899);
    }
}

/* The seed whose sample is nearest. */
static uint32_t nearest_link(double (*make)(uint32_t seed, double *capacity))
{
    double capacity[N_SECOND], least = INFINITY;
    uint32_t best = 0;
    for (uint32_t seed = 1; seed <= N_SEED; seed++) {
        double distance = make(seed, capacity);
        if (distance < least) {
            least = distance;
            best = seed;
        }
    }
    return best;
}

static uint32_t nearest_times(struct request *r)
{
    double least = INFINITY;
    uint32_t best = 0;
    for (uint32_t seed = 1; seed <= N_SEED; seed++) {
        double distance = make_times(seed, r);
        if (distance < least) {
            least = distance;
            best = seed;
        }
    }
    return best;
}

static bool write_link(const char *path, const char *about, double (*make)(uint32_t seed, double *capacity))
{
    double capacity[N_SECOND];
    make(nearest_link(make), capacity);
    FILE *f = fopen(path, "w");
    if (!f) {
        return false;
    }
    fprintf(f, "# %s  Synthetic: made by traces/make_traces.c.\ntime_s,capacity_mbps\n", about);
    for (int i = 0; i < N_SECOND; i++) {
        fprintf(f, "%d,%.3f\n", i, capacity[i] / 1e6);
    }
    bool good = !ferror(f);
    return fclose(f) == 0 && good;
}

/* As the published files are: CRLF, and no end of line after the last row. */
static bool write_requests(const char *path, const struct request *r)
{
    FILE *f = fopen(path, "w");
    if (!f) {
        return false;
    }
    fprintf(f, "TIMESTAMP,ContextTokens,GeneratedTokens");
    for (int i = 0; i < N_REQUEST; i++) {
        int second = (int)r[i].time_s;
        fprintf(f, "\r\n2026-01-01 %02d:%02d:%02d.%07.0f,%.0f,%.0f", second / 3600, second / 60 % 60, second % 60,
                floor((r[i].time_s - second) * 1e7), r[i].prompt, r[i].output);
    }
    bool good = !ferror(f);
    return fclose(f) == 0 && good;
}

int main(int argc, char **argv)
{
    char wan[4096], uplink[4096], assistant[4096];
    struct request request[N_REQUEST] = {{0}};
    if (argc != 2) {
        fprintf(stderr, "usage: make_traces FOLDER\n");
        return 2;
    }
    snprintf(wan, sizeof wan, "%s/wan.csv", argv[1]);
    snprintf(uplink, sizeof uplink, "%s/uplink.csv", argv[1]);
    snprintf(assistant, sizeof assistant, "%s/assistant.csv", argv[1]);
    make_times(nearest_times(request), request);
    make_tokens(request);
    if (!write_link(wan, "A WAN of 1.5 Gbit/s with a slow swing.", make_wan) ||
        !write_link(uplink, "A 5G uplink of 600 Mbit/s with outages.", make_uplink) ||
        !write_requests(assistant, request)) {
        perror("make_traces");
        return 1;
    }
    return 0;
}
