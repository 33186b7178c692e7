/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/layout.h"

#include <stdio.h>
#include <stdlib.h>

#include <tiersim/policy.h>

#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

static void *record_rows(const struct record *r)
{
    return (void *)(uintptr_t)r;
}

static void *metric_rows(const struct record *r)
{
    return (void *)(uintptr_t)r->metric;
}

static void *class_rows(const struct record *r)
{
    return r->class_metric;
}

static void *excursions_rows(const struct record *r)
{
    return r->excursions;
}

static void *all_excursions_rows(const struct record *r)
{
    return (void *)(uintptr_t)&r->all_excursions;
}

static void *cohort_rows(const struct record *r)
{
    return r->cohort;
}

static void *pool_rows(const struct record *r)
{
    return r->pool;
}

static void *channel_rows(const struct record *r)
{
    return r->channel;
}

static void *group_rows(const struct record *r)
{
    return r->group_energy;
}

static void *place_rows(const struct record *r)
{
    return r->place_member;
}

static void *channel_member_rows(const struct record *r)
{
    return r->channel_member;
}

static void *tier_rows(const struct record *r)
{
    return r->tier_energy;
}

static void *text_rows(const struct record *r)
{
    return r->asked;
}

#define WHOLE(type, member, name, about)                                                                               \
    {                                                                                                                  \
        name, "1", about, offsetof(struct type, member), true                                                          \
    }
#define REAL(type, member, name, unit, about)                                                                          \
    {                                                                                                                  \
        name, unit, about, offsetof(struct type, member), false                                                        \
    }

static const struct layout_field digest_field[] = {
    WHOLE(record, digest, "digest", "digest of all that happened in the run"),
};

static const struct layout_field counter_field[] = {
    WHOLE(record, n_transition, "transitions", "things that happened to jobs"),
    WHOLE(record, n_event, "events", "entries of the event set that took effect"),
    WHOLE(record, n_event_dead, "events_dead", "entries overtaken before their time"),
    WHOLE(record, n_question, "questions", "questions that the policy answered"),
    WHOLE(record, n_tie, "ties", "users that joined a resource at the instant at which another did"),
};

static const struct layout_field window_field[] = {
    REAL(record, window_from_s, "from", "s", "start of the measured window"),
    REAL(record, window_to_s, "to", "s", "end of the measured window"),
    REAL(record, end_s, "end", "s", "end of the run"),
};

#define METRIC_FIELD(id, name, unit, kind, about) {name, unit, about, (id) * sizeof(double), false},
static const struct layout_field metric_field[] = {METRIC_LIST(METRIC_FIELD)};

#define EXCURSIONS(q, name, quantile)                                                                                  \
    {                                                                                                                  \
        name, "1", "separate excursions above the " quantile " of the replication", (q) * sizeof(uint64_t), true        \
    }
static const struct layout_field excursions_field[N_QUANTILE] = {
    EXCURSIONS(0, "p50", "median"),          EXCURSIONS(1, "p90", "90th percentile"),
    EXCURSIONS(2, "p95", "95th percentile"), EXCURSIONS(3, "p99", "99th percentile"),
    EXCURSIONS(4, "p999", "99.9th percentile"),
};

#define ENDED(end, name, about)                                                                                        \
    {                                                                                                                  \
        name, "1", about, offsetof(struct cohort, n_end) + (end) * sizeof(uint64_t), true                              \
    }
static const struct layout_field cohort_field[] = {
    WHOLE(cohort, n_job, "jobs", "jobs released"),
    WHOLE(cohort, n_finished, "finished", "jobs whose result was delivered"),
    WHOLE(cohort, n_late, "late", "of them after the deadline"),
    WHOLE(cohort, n_decision, "decisions", "questions answered about them"),
    ENDED(TS_DONE, "end_done", "delivered in time"),
    ENDED(TS_LATE, "end_late", "delivered late"),
    ENDED(TS_REJECTED, "end_rejected", "rejected by the policy"),
    ENDED(TS_DROP_FULL, "end_dropped_full", "dropped where there was no room"),
    ENDED(TS_DROP_EXPIRED, "end_dropped_expired", "dropped at the deadline"),
    ENDED(TS_DROP_REFUSED, "end_dropped_refused", "dropped after too many refusals"),
    ENDED(TS_DROP_LINK, "end_dropped_link", "dropped when stalled on a link"),
    ENDED(TS_DROP_LOST, "end_dropped_lost", "lost by a failure"),
    ENDED(TS_CANCELLED, "end_cancelled", "no longer wanted"),
    ENDED(TS_OPEN, "end_open", "still there when the run ended"),
    WHOLE(cohort, n_open_late, "open_late", "of them those whose deadline had passed"),
    WHOLE(cohort, n_sensitive, "sensitive", "jobs with sensitive input"),
    WHOLE(cohort, n_exposed, "exposed", "of them those that left their node"),
    REAL(cohort, latency_s, "latency_sum", "s", "sum of the latency of finished jobs"),
    REAL(cohort, decide_s, "decide_sum", "s", "of it until the decision"),
    REAL(cohort, upload_s, "upload_sum", "s", "of it getting the input there"),
    REAL(cohort, queue_s, "queue_sum", "s", "of it waiting for the processor"),
    REAL(cohort, compute_s, "compute_sum", "s", "of it in service"),
    REAL(cohort, download_s, "download_sum", "s", "of it getting the result back"),
    REAL(cohort, other_s, "other_sum", "s", "of it what is none of these"),
    REAL(cohort, latency2_s2, "latency_square_sum", "s2", "sum of squared latency of finished jobs"),
    REAL(cohort, useful_j, "energy_useful_sum", "J", "energy above idle of the attempts that were delivered"),
    REAL(cohort, waste_j, "energy_waste_sum", "J", "energy above idle of all else done for these jobs"),
    REAL(cohort, bits, "bits_sum", "bit", "bits carried, over all hops"),
    REAL(cohort, cost, "cost_sum", "USD", "price of links used"),
    REAL(cohort, in_system, "in_system_sum", "1", "sum of the jobs present when one is released"),
    WHOLE(cohort, n_graded, "graded", "jobs whose result has an accuracy"),
    REAL(cohort, accuracy, "accuracy_sum", "1", "sum of their accuracy"),
};

static const struct layout_field usage_field[] = {
    REAL(usage, busy_s, "busy_time", "s", "integral of busy units over the window"),
    REAL(usage, held_s, "held_time", "s", "integral of jobs present over the window"),
    REAL(usage, bits, "bits", "bit", "bits carried in the window"),
    REAL(usage, dynamic_j, "energy_busy", "J", "energy above idle in the window"),
    REAL(usage, idle_j, "energy_idle", "J", "baseline energy of links in the window; that of processors is in /group"),
    WHOLE(usage, n_served, "served", "jobs that left in the window"),
};

static const struct layout_field energy_field[] = {
    REAL(energy, dynamic_j, "energy_busy", "J", "energy above idle in the window"),
    REAL(energy, idle_j, "energy_idle", "J", "baseline energy in the window"),
};

static const struct layout_field text_field[] = {
    WHOLE(text_counts, n_asked, "asked", "questions to the language model"),
    WHOLE(text_counts, n_came[TS_S_FINE], "answered", "with what was asked for; the others were decided by the fallback"),
    WHOLE(text_counts, n_came[TS_S_LATE], "late", "no answer in time"),
    WHOLE(text_counts, n_came[TS_S_UNREACHED], "unreached", "no connection, or cut off"),
    WHOLE(text_counts, n_came[TS_S_REFUSED], "refused", "an error of the server"),
    WHOLE(text_counts, n_came[TS_S_LONG], "too_long", "a reply longer than is read"),
    WHOLE(text_counts, n_came[TS_S_MALFORMED], "malformed", "not what such a server answers, or no JSON"),
    WHOLE(text_counts, n_came[TS_S_INVALID], "invalid", "JSON, but not the numbers that were asked for"),
    REAL(text_counts, think_s, "think_time", "s", "simulated time of all questions"),
    REAL(text_counts, think_max_s, "think_time_max", "s", "simulated time of the longest"),
    REAL(text_counts, tokens_in, "tokens_in", "1", "tokens of all prompts"),
    REAL(text_counts, tokens_out, "tokens_out", "1", "tokens of all answers"),
};

const struct layout_part layout_part[N_PART] = {
    [PART_DIGEST] = {.group = ".",
                     .about = "",
                     .rows = record_rows,
                     .row_bytes = sizeof(struct record),
                     .field = digest_field,
                     .n_field = COUNT(digest_field)},
    [PART_COUNTERS] = {.group = "counters",
                       .about = "what a run counted of itself",
                       .rows = record_rows,
                       .row_bytes = sizeof(struct record),
                       .field = counter_field,
                       .n_field = COUNT(counter_field)},
    [PART_WINDOW] = {.group = "window",
                     .about = "what was measured: [from, to)",
                     .rows = record_rows,
                     .row_bytes = sizeof(struct record),
                     .field = window_field,
                     .n_field = COUNT(window_field)},
    [PART_SUMMARY] = {.group = "summary",
                      .about = "metrics over all workloads",
                      .rows = metric_rows,
                      .row_bytes = sizeof(double[N_METRIC]),
                      .field = metric_field,
                      .n_field = COUNT(metric_field)},
    [PART_CLASS] = {.group = "class",
                    .about = "metrics by workload",
                    .n_dim = 1,
                    .dim = {AXIS_CLASS},
                    .rows = class_rows,
                    .row_bytes = sizeof(double[N_METRIC]),
                    .field = metric_field,
                    .n_field = COUNT(metric_field)},
    [PART_EXCURSIONS] = {.group = "excursions",
                         .about = "what the latency quantiles of a workload rest on: 10 are enough",
                         .n_dim = 1,
                         .dim = {AXIS_CLASS},
                         .rows = excursions_rows,
                         .row_bytes = sizeof(struct excursions),
                         .field = excursions_field,
                         .n_field = COUNT(excursions_field)},
    [PART_ALL_EXCURSIONS] = {.group = "all_excursions",
                             .about = "what the latency quantiles over all workloads rest on: 10 are enough",
                             .rows = all_excursions_rows,
                             .row_bytes = sizeof(struct excursions),
                             .field = excursions_field,
                             .n_field = COUNT(excursions_field)},
    [PART_COHORT] = {.group = "cohort",
                     .about = "sums over the jobs released in a 64th of the window",
                     .n_dim = 2,
                     .dim = {AXIS_SEGMENT, AXIS_CLASS},
                     .rows = cohort_rows,
                     .row_bytes = sizeof(struct cohort),
                     .field = cohort_field,
                     .n_field = COUNT(cohort_field)},
    [PART_POOL] = {.group = "pool",
                   .about = "processors, all members of a group together",
                   .n_dim = 1,
                   .dim = {AXIS_POOL},
                   .rows = pool_rows,
                   .row_bytes = sizeof(struct usage),
                   .field = usage_field,
                   .n_field = COUNT(usage_field)},
    [PART_LINK] = {.group = "link",
                   .about = "links, all instances together",
                   .n_dim = 2,
                   .dim = {AXIS_LINK, AXIS_DIRECTION},
                   .rows = channel_rows,
                   .row_bytes = sizeof(struct usage),
                   .field = usage_field,
                   .n_field = COUNT(usage_field)},
    [PART_GROUP] = {.group = "group",
                    .about = "energy by group of nodes",
                    .n_dim = 1,
                    .dim = {AXIS_GROUP},
                    .rows = group_rows,
                    .row_bytes = sizeof(struct energy),
                    .field = energy_field,
                    .n_field = COUNT(energy_field)},
    [PART_TIER] = {.group = "tier",
                   .about = "energy by tier; the last row is the links",
                   .n_dim = 1,
                   .dim = {AXIS_TIER},
                   .rows = tier_rows,
                   .row_bytes = sizeof(struct energy),
                   .field = energy_field,
                   .n_field = COUNT(energy_field)},
    [PART_PLACE] = {.group = "node",
                    .about = "processors one by one, of groups with few members",
                    .n_dim = 1,
                    .dim = {AXIS_PLACE},
                    .rows = place_rows,
                    .row_bytes = sizeof(struct usage),
                    .field = usage_field,
                    .n_field = COUNT(usage_field)},
    [PART_CHANNEL] = {.group = "channel",
                      .about = "link instances one by one and by direction, where they are few",
                      .n_dim = 1,
                      .dim = {AXIS_CHANNEL},
                      .rows = channel_member_rows,
                      .row_bytes = sizeof(struct usage),
                      .field = usage_field,
                      .n_field = COUNT(usage_field)},
    [PART_TEXT] = {.group = "language_model",
                   .about = "what was asked of language models",
                   .rows = text_rows,
                   .row_bytes = sizeof(struct text_counts),
                   .field = text_field,
                   .n_field = COUNT(text_field)},
};

size_t layout_rows(const struct layout_part *part, const hsize_t length[N_AXIS])
{
    size_t n = 1;
    for (unsigned d = 0; d < part->n_dim; d++) {
        n *= (size_t)length[part->dim[d]];
    }
    return n;
}

int layout_make_record(struct record *r, const hsize_t length[N_AXIS], struct err *e)
{
    size_t n_class = (size_t)length[AXIS_CLASS], n_tier = (size_t)length[AXIS_TIER];
    r->n_class = (uint32_t)n_class;
    r->n_group = (uint32_t)length[AXIS_GROUP];
    r->n_pool = (uint32_t)length[AXIS_POOL];
    r->n_link = (uint32_t)length[AXIS_LINK];
    r->n_tier = (uint32_t)(n_tier ? n_tier - 1 : 0);
    r->n_place_member = (uint32_t)length[AXIS_PLACE];
    r->n_channel_member = (uint32_t)length[AXIS_CHANNEL];
    r->class_metric = calloc(n_class + 1, sizeof *r->class_metric);
    r->excursions = calloc(n_class + 1, sizeof *r->excursions);
    r->cohort = calloc(N_SEGMENT * n_class + 1, sizeof *r->cohort);
    r->latency = calloc(N_SEGMENT * n_class + 1, sizeof *r->latency);
    r->pool = calloc((size_t)r->n_pool + 1, sizeof *r->pool);
    r->channel = calloc(2 * (size_t)r->n_link + 1, sizeof *r->channel);
    r->group_energy = calloc((size_t)r->n_group + 1, sizeof *r->group_energy);
    r->tier_energy = calloc(n_tier + 1, sizeof *r->tier_energy);
    r->pool_first_member = calloc((size_t)r->n_pool + 1, sizeof *r->pool_first_member);
    r->link_first_member = calloc((size_t)r->n_link + 1, sizeof *r->link_first_member);
    r->place_member = calloc((size_t)r->n_place_member + 1, sizeof *r->place_member);
    r->asked = calloc(1, sizeof *r->asked);
    r->channel_member = calloc((size_t)r->n_channel_member + 1, sizeof *r->channel_member);
    if (!r->class_metric || !r->excursions || !r->cohort || !r->latency || !r->pool || !r->channel || !r->group_energy ||
        !r->tier_energy || !r->pool_first_member || !r->link_first_member || !r->place_member || !r->channel_member || !r->asked) {
        return ERR_SET(e, ERR_MEMORY, "no memory for a record of %u workloads", r->n_class);
    }
    return 0;
}

enum h5_kind layout_column_kind(enum row_type type)
{
    switch (type) {
    case ROW_U8:
        return H5_U8;
    case ROW_U16:
        return H5_U16;
    case ROW_U32:
        return H5_U32;
    case ROW_U64:
        return H5_U64;
    case ROW_F32:
        return H5_F32;
    case ROW_F64:
        break;
    }
    return H5_F64;
}

const char *layout_group_name(char *buf, size_t n, const char *label)
{
    snprintf(buf, n, "%s%s", label[0] == '.' ? "_" : "", label);
    for (char *c = buf; *c; c++) {
        *c = *c == '/' ? '_' : *c;
    }
    return buf;
}
