/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metric.h - the numbers of a replication: their names, units and kinds in one table that files, exports and tables share.
 *
 * Two kinds, never divided by each other (SEMANTICS 7): JOB metrics are over the cohort, the jobs released in the window,
 * wherever in time they end; RATE metrics are integrals or counts clipped to the window, of all jobs.  So the energy of
 * the window (total = idle + dynamic) and that of the cohort (useful + waste) are equal accounts of the dynamic part only
 * when the window holds the whole life of every job.
 *
 * Bits, their joules and their price count when they leave a channel, the rest is clipped exactly.  A metric that does not
 * apply is NAN: a mean over no job, the exposure where no job is sensitive.
 */
#ifndef SIM_MEASURE_METRIC_H
#define SIM_MEASURE_METRIC_H

enum metric_kind { METRIC_JOB, METRIC_RATE };

/* X(id, name, unit, kind, long name); order is the order of files and tables, append only. */
#define METRIC_LIST(X)                                                                                       \
    X(M_JOBS, "jobs", "1", METRIC_JOB, "jobs released in the window")                                        \
    X(M_FINISHED_RATIO, "finished_ratio", "1", METRIC_JOB, "share of the cohort whose result was delivered") \
    X(M_LATENCY_MEAN, "latency_mean", "s", METRIC_JOB, "mean latency of finished jobs")                      \
    X(M_LATENCY_DECIDE, "latency_decide", "s", METRIC_JOB, "mean time until the decision")                   \
    X(M_LATENCY_UPLOAD, "latency_upload", "s", METRIC_JOB, "mean time of getting the input there")           \
    X(M_LATENCY_QUEUE, "latency_queue", "s", METRIC_JOB, "mean wait for the processor")                      \
    X(M_LATENCY_COMPUTE, "latency_compute", "s", METRIC_JOB, "mean time in service")                         \
    X(M_LATENCY_DOWNLOAD, "latency_download", "s", METRIC_JOB, "mean time of getting the result back")       \
    X(M_LATENCY_OTHER, "latency_other", "s", METRIC_JOB, "mean of what is none of these")                    \
    X(M_MISS_RATIO, "miss_ratio", "1", METRIC_JOB, "late or not finished, open ones all counted")             \
    X(M_REJECT_RATIO, "reject_ratio", "1", METRIC_JOB, "rejected by the policy, share of the cohort")        \
    X(M_DROP_RATIO, "drop_ratio", "1", METRIC_JOB, "dropped for any cause, share of the cohort")             \
    X(M_DROP_FULL, "drop_ratio_full", "1", METRIC_JOB, "dropped where there was no room")                    \
    X(M_DROP_EXPIRED, "drop_ratio_expired", "1", METRIC_JOB, "dropped at the deadline")                      \
    X(M_DROP_REFUSED, "drop_ratio_refused", "1", METRIC_JOB, "dropped after too many refusals")              \
    X(M_OPEN_RATIO, "open_ratio", "1", METRIC_JOB, "not ended when the run was")                             \
    X(M_ENERGY_PER_JOB, "energy_per_job", "J", METRIC_JOB, "energy above idle of a job, nodes and links")    \
    X(M_EDP, "edp", "J s", METRIC_JOB, "energy per job times mean latency")                                  \
    X(M_BYTES_PER_JOB, "bytes_per_job", "B", METRIC_JOB, "bytes carried per job, over all hops")             \
    X(M_COST_PER_JOB, "cost_per_job", "USD", METRIC_JOB, "price of links used, per job")                     \
    X(M_EXPOSURE, "privacy_exposure", "1", METRIC_JOB, "share of sensitive jobs that left their node")       \
    X(M_FAIRNESS, "fairness_jain", "1", METRIC_JOB, "Jain index of mean latency over origins or sites")      \
    X(M_DECISIONS, "decision_count", "1", METRIC_JOB, "questions answered about the cohort")                 \
    X(M_THROUGHPUT, "throughput", "1/s", METRIC_RATE, "jobs finished per second of the window")              \
    X(M_GOODPUT, "goodput", "1/s", METRIC_RATE, "jobs finished in time per second of the window")            \
    X(M_IN_SYSTEM, "in_system", "1", METRIC_RATE, "mean number of jobs in the system")                       \
    X(M_UTILISATION, "utilisation", "1", METRIC_RATE, "busy share of all processor units")                   \
    X(M_BYTES, "bytes", "B", METRIC_RATE, "bytes carried by links in the window")                            \
    X(M_ENERGY_TOTAL, "energy_total", "J", METRIC_RATE, "energy of all nodes and links in the window")       \
    X(M_ENERGY_USEFUL, "energy_useful", "J", METRIC_JOB, "of services on the way to a delivered result")     \
    X(M_ENERGY_WASTE, "energy_waste", "J", METRIC_JOB, "of lost attempts and of jobs not finished")          \
    X(M_ENERGY_IDLE, "energy_idle", "J", METRIC_RATE, "baseline of nodes and links")                         \
    X(M_ENERGY_LINK, "energy_link", "J", METRIC_RATE, "of bits carried by links (part of dynamic)")          \
    X(M_ENERGY_SLEEP, "energy_sleep", "J", METRIC_RATE, "asleep or off")                                     \
    X(M_ENERGY_TRANSITION, "energy_transition", "J", METRIC_RATE, "boot, wake, change of level")             \
    X(M_ENERGY_LOAD, "energy_load", "J", METRIC_RATE, "model load, image pull")                              \
    X(M_ENERGY_CONTROL, "energy_control", "J", METRIC_RATE, "reports, decisions, cancels")                   \
    X(M_ENERGY_COOLING, "energy_cooling", "J", METRIC_RATE, "cooling and supply")                            \
    X(M_ENERGY_LOSS, "energy_loss", "J", METRIC_RATE, "batteries and chargers")                              \
    X(M_COST, "cost", "USD", METRIC_RATE, "price of nodes and links in the window")                          \
    X(M_SATURATED, "saturated", "1", METRIC_RATE, "1 if the run ended at max_in_flight")                     \
    X(M_UNSTABLE, "unstable", "1", METRIC_RATE, "1 if the backlog was still growing (SEMANTICS 7.8)")    \
    X(M_ENERGY_DYNAMIC, "energy_dynamic", "J", METRIC_RATE, "of services, above idle, nodes and links")      \
    X(M_MISS_LOW, "miss_ratio_low", "1", METRIC_JOB, "miss ratio if the open jobs not yet due end in time") \
    X(M_OBJECTIVE, "objective", "1", METRIC_JOB, "mean loss of a job as the scenario's objective weighs it: lower is better") \
    X(M_LATENCY_CHARGED, "latency_charged", "s", METRIC_JOB, "mean latency of the cohort, jobs without a result charged") \
    X(M_BOUND_LATENCY, "bound_latency", "s", METRIC_JOB, "no policy has a lower latency_charged: see docs/bounds.md")      \
    X(M_BOUND_MISS, "bound_miss", "1", METRIC_JOB, "no policy has a lower miss_ratio")                                   \
    X(M_BOUND_ENERGY, "bound_energy", "J", METRIC_JOB, "no policy that finishes as many jobs has a lower energy_per_job") \
    X(M_BOUND_OBJECTIVE, "bound_objective", "1", METRIC_JOB, "no policy has a lower objective") \
    X(M_OPTIMUM, "optimum", "1", METRIC_JOB, "least objective, or latency_charged in s, of all placements at release")      \
    X(M_CONTROL_BYTES, "control_bytes", "B", METRIC_RATE, "of questions, answers, reports, news and settings, over all hops")   \
    X(M_DECIDE_P50, "decide_p50", "s", METRIC_JOB, "median time until the decision, of finished jobs")        \
    X(M_DECIDE_P99, "decide_p99", "s", METRIC_JOB, "99 % quantile of the time until the decision, of finished jobs") \
    X(M_SETTINGS, "settings", "1", METRIC_RATE, "that slow controllers made and that came to hold in the window")     \
    X(M_SET_DELAY, "set_delay", "s", METRIC_RATE, "mean time from asking a slow controller to its setting holding")  \
    X(M_STALE_ORDERS, "stale_orders", "1", METRIC_RATE, "to move or cancel a task that was not there (any more), in the window") \
    X(M_ACCURACY, "accuracy", "1", METRIC_JOB, "mean accuracy of the results of finished jobs")

#define METRIC_ENUM(id, name, unit, kind, about) id,
enum metric { METRIC_LIST(METRIC_ENUM) N_METRIC };
#undef METRIC_ENUM

struct metric_info {
    const char *name, *unit, *about;
    enum metric_kind kind;
};

extern const struct metric_info metric_info[N_METRIC];

/* Row of a name, or -1. */
int metric_find(const char *name);

#endif
